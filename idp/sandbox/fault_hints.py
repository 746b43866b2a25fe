"""`login_hint=fault:NAME`: one sign-in, its tokens and its logout meet a fault, and nobody else does.

The hint is seen when the request comes in, tied to what the request leads to (a pushed request's reference, the handle of the sign-in
page), and from there to the code's family and the session, which every later answer of that sign-in names.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

from flask import Response, json, request

from idp.sandbox.fault_board import FaultBoard
from idp.sandbox.fault_requests import claimed_client, pushed_reference, read_params, unverified_payload
from idp.sandbox.faults.catalogue import CATALOGUE
from idp.sandbox.faults.entry import ANONYMOUS, Fault
from idp.sandbox.problems import Problem, respond_problem

HEADER, REFUSED = "X-Preau-Fault", "refused"
"""In every answer that is not as without faults: the name of the one that struck it, or that a hint was refused."""
PREFIX = "fault:"
LIFETIME = timedelta(hours=1)
"""How long a sign-in may meet its fault: to its logout, as a test does it."""
_BEGINS, _PUSHES = "oidc.authorize", "oidc.push"
_ACCEPTED = frozenset({200, 302, 303})
_ASKS = {"login_hint", "request", "request_uri"}
_HOW = "Write login_hint=fault:NAME or fault:NAME@ENDPOINT; GET /sandbox/v1/faults/catalogue names them"


@dataclass(frozen=True, slots=True)
class Hint:
    """A fault that a request asks for, and where alone it should bite; None: wherever it does."""

    fault: Fault
    endpoint: str | None


def read_hint(text: str) -> Hint:
    """Return what a hint asks for.

    Args:
        text: What follows ``fault:``.

    Raises:
        ValueError: There is no such fault, or none that one sign-in could meet there; the text is one sentence.
    """
    name, _, endpoint = text.partition("@")
    fault = CATALOGUE.get(name)
    if fault is None:
        raise ValueError(f"login_hint asks for a fault that does not exist. {_HOW}")
    places = [one for one in fault.endpoints if one not in ANONYMOUS]
    if not places or (endpoint and endpoint not in places):
        where = ", ".join(places) or "nowhere: arm it with POST /sandbox/v1/faults"
        raise ValueError(f"One sign-in meets {name} only at: {where}. {_HOW}")
    return Hint(fault, endpoint or None)


class FaultHints:
    """Ties sign-ins to the faults that they ask for."""

    def __init__(self, board: FaultBoard) -> None:
        self._board = board

    def arm(self, response: Response) -> Response:
        """Arm what an accepted request asks for, and tie what it leads to.

        Returns:
            The response; a refusal where the request asks for what does not exist.
        """
        params = _request_params(response)
        text = _hint_in(params) if params else None
        if text is None:
            return response
        try:
            hint = self._check(read_hint(text), params.get("client_id", "") or claimed_client(request))
        except ValueError as refusal:
            return _refuse(str(refusal))
        now = self._board.world.clock.now()
        armed = self._board.armed.arm_flow(hint.fault.name, hint.endpoint, at=now, until=now + LIFETIME)
        if request.endpoint == _PUSHES:
            self._board.armed.bind(armed, [self._board.flow("request-uri", pushed_reference(response.get_data()))])
        else:
            self._tie(frozenset({armed}), response)
        return response

    def follow(self, response: Response) -> None:
        """Tie what a response leads to, where the request goes on with a sign-in that is tied."""
        known = (("handle", request.args.get("d")), ("request-uri", request.args.get("request_uri")))
        keys = [self._board.flow(kind, value) for kind, value in known if value]
        if keys:
            self._tie(self._board.armed.follow(keys), response)

    def _check(self, hint: Hint, client_id: str) -> Hint:
        client = self._board.world.clients.load_client(client_id)
        reason = hint.fault.fits(client) if client else ""
        if reason:
            raise ValueError(f"{hint.fault.name} cannot apply to this client: {reason}.")
        return hint

    def _tie(self, tied: frozenset[int], response: Response) -> None:
        """Tie the sign-in page that a response leads to, or the code that it holds with all that comes of it."""
        board = self._board
        handle, code = _handle_in(response), dict(read_params(response)).get("code", "")
        if not tied or not (handle or code):
            return
        keys = [board.flow("handle", handle)] if handle else []
        hashed = board.world.secrets.keyed_hash("authorization-code", code)
        owner = board.armed.find_owner("authorization-code", hashed) if code else None
        if owner is not None:
            keys.append(board.flow("family", owner.family))
            keys.append(board.flow_of_session(owner.session_id, owner.client_id))
        for one in tied:
            board.armed.bind(one, keys)


def leads_on(response: Response) -> bool:
    """Tell whether an authorization request was accepted, whose sign-in may be tied to a fault."""
    return request.endpoint == _BEGINS and response.status_code in _ACCEPTED and bool(_ASKS & request.args.keys())


def _request_params(response: Response) -> Mapping[str, str]:
    """Return the authorization request, where this is the answer to one that was accepted."""
    if request.endpoint == _BEGINS:  # `leads_on` looked, or it is an authorization response
        return request.args
    return request.form if request.endpoint == _PUSHES and response.status_code == 201 else {}


def _hint_in(params: Mapping[str, str]) -> str | None:
    """Return what follows ``fault:`` in a request, or in the signed one that it holds; None without."""
    hint = params.get("login_hint") or unverified_payload(params.get("request", "")).get("login_hint")
    return hint.removeprefix(PREFIX) if isinstance(hint, str) and hint.startswith(PREFIX) else None


def _handle_in(response: Response) -> str:
    """Return the handle of the sign-in page that a redirect leads to."""
    query = parse_qs(urlsplit(response.headers.get("Location", "")).query)
    return "" if "iss" in query else query.get("d", [""])[0]


def _refuse(sentence: str) -> Response:
    if request.endpoint != _PUSHES:
        return respond_problem(Problem(400, sentence, {HEADER: REFUSED}))
    told = {"error": "invalid_request", "error_description": sentence}
    return Response(json.dumps(told), 400, {HEADER: REFUSED}, mimetype="application/json")
