"""What an answer and its request tell about a fault's concerns: the endpoint, whose answer it is, and how it is read and written."""

import base64
import binascii
import json
import re
from collections.abc import Mapping
from html import escape, unescape
from typing import Any
from urllib.parse import parse_qsl, unquote_plus, urlencode, urlsplit, urlunsplit

from flask import Request, Response

from idp.sandbox.fault_board import FaultBoard, Whose
from idp.sandbox.faults.entry import Answer, Endpoint, Params

_SERVED: Mapping[str, Endpoint] = {
    "oidc.push": Endpoint.PAR,
    "tokens.token": Endpoint.TOKEN,
    "tokens.userinfo": Endpoint.USERINFO,
    "tokens.introspect": Endpoint.INTROSPECTION,
    "tokens.revoke": Endpoint.REVOCATION,
    "oidc.jwks": Endpoint.JWKS,
    "oidc.metadata": Endpoint.DISCOVERY,
}
_HIDDEN = re.compile(r'<input type="hidden" name="([^"]*)" value="([^"]*)">')
_FORM_POST = b'<input type="hidden" name="iss" value="'
_REDIRECTS = frozenset({302, 303})
_LONGEST = 8192  # characters of what a request names: nothing of ours is longer


def find_endpoint(request: Request, response: Response) -> Endpoint | None:
    """Return whose answer this is; None for pages and all that no fault knows."""
    if request.method == "OPTIONS" or request.endpoint is None:
        return None
    served = _SERVED.get(request.endpoint)
    if served is not None:
        return served
    return Endpoint.AUTHORIZATION if read_params(response) else None


def read_params(response: Response) -> Params:
    """Return what an authorization response holds, as a redirect or as a form (RFC 9207: ours always has `iss`); () for any other."""
    if response.status_code in _REDIRECTS:
        location = response.headers.get("Location", "")
        if "iss=" not in location:
            return ()
        params = tuple(parse_qsl(urlsplit(location).query, keep_blank_values=True))
    elif response.status_code == 200 and response.mimetype == "text/html" and not response.direct_passthrough:
        page = response.get_data()
        if _FORM_POST not in page:
            return ()
        params = tuple((unescape(name), unescape(value)) for name, value in _HIDDEN.findall(page.decode()))
    else:
        return ()
    names = {name for name, _ in params}
    return params if "iss" in names and names & {"code", "error"} else ()


def write_params(response: Response, params: Params) -> None:
    """Put other names and values into an authorization response."""
    if response.status_code in _REDIRECTS:
        parts = urlsplit(response.headers["Location"])
        response.headers["Location"] = urlunsplit(parts._replace(query=urlencode(params)))
        return
    inputs = "".join(f'<input type="hidden" name="{escape(name)}" value="{escape(value)}">' for name, value in params)
    page = response.get_data().decode()
    first = _HIDDEN.search(page)
    bare = _HIDDEN.sub("", page)
    place = first.start() if first else len(bare)
    response.set_data(bare[:place] + inputs + bare[place:])


def read_answer(response: Response, endpoint: Endpoint) -> Answer:
    """Return the answer as faults see it."""
    params = read_params(response) if endpoint is Endpoint.AUTHORIZATION else ()
    return Answer(response.status_code, response.content_type or "", response.get_data(), params)


def write_answer(response: Response, answer: Answer, before: Answer) -> None:
    """Write what a fault changed; nothing else of the answer is touched."""
    if answer.params != before.params:
        write_params(response, answer.params)
    if answer.body != before.body:
        response.set_data(answer.body)
    if answer.content_type != before.content_type:
        response.content_type = answer.content_type
    response.status_code = answer.status
    response.headers.update(answer.headers)
    if answer.announced is not None:
        response.automatically_set_content_length = False
        response.headers["Content-Length"] = str(answer.announced)
        response.headers["Connection"] = "close"


def find_whose(board: FaultBoard, request: Request, endpoint: Endpoint, answer: Answer) -> Whose:
    """Say whose an answer is."""
    if endpoint is Endpoint.AUTHORIZATION:
        return _whose_way_back(board, request, dict(answer.params))
    if endpoint is Endpoint.PAR:
        reference = pushed_reference(answer.body) if answer.status == 201 else ""
        return Whose(claimed_client(request), flows=(board.flow("request-uri", reference),) if reference else ())
    # Who asks what a token is may be another client than the token's.
    asks = claimed_client(request) if endpoint in {Endpoint.INTROSPECTION, Endpoint.REVOCATION} else ""
    token, purposes = _shown(request, endpoint)
    for purpose in purposes if token else ():
        owner = board.armed.find_owner(purpose, board.world.secrets.keyed_hash(purpose, token))
        if owner is not None:
            return Whose(asks or owner.client_id, owner.identifiant, (board.flow("family", owner.family),))
    return Whose(claimed_client(request))


def _whose_way_back(board: FaultBoard, request: Request, params: Mapping[str, str]) -> Whose:
    flows = [board.flow("handle", request.args["d"])] if request.args.get("d") else []
    if "request_uri" in request.args:
        flows.append(board.flow("request-uri", request.args["request_uri"]))
    code = params.get("code", "")
    owner = board.armed.find_owner("authorization-code", board.world.secrets.keyed_hash("authorization-code", code))
    if owner is None:
        return Whose(request.args.get("client_id", ""), flows=tuple(flows))
    return Whose(owner.client_id, owner.identifiant, (*flows, board.flow("family", owner.family)))


def _shown(request: Request, endpoint: Endpoint) -> tuple[str, tuple[str, ...]]:
    """Return the code or token that a request shows, and what it may be."""
    form = request.form
    purposes: tuple[str, ...] = ("access-token", "refresh-token")
    if endpoint is Endpoint.TOKEN:
        named = "code" if form.get("code") else "refresh_token"
        shown, purposes = form.get(named, ""), ("authorization-code",) if named == "code" else ("refresh-token",)
    elif endpoint is Endpoint.USERINFO:
        header = request.headers.get("Authorization", "").partition(" ")[2].strip()
        shown, purposes = header or form.get("access_token", ""), ("access-token",)
    else:
        shown = form.get("token", "")
    return (shown if len(shown) <= _LONGEST else ""), purposes


def pushed_reference(body: bytes) -> str:
    """Return the `request_uri` of a pushed request's answer (RFC 9126 section 2.2)."""
    return str(json.loads(body)["request_uri"])


def claimed_client(request: Request) -> str:
    """Return the client that a request says to be from; nothing is proved of it."""
    basic = request.authorization
    if basic is not None and basic.type == "basic":
        return unquote_plus(basic.username or "")
    named = request.form.get("client_id", "")
    return named or str(unverified_payload(request.form.get("client_assertion", "")).get("iss", ""))


def unverified_payload(token: str) -> Mapping[str, Any]:
    """Return the claims that a JWT says to hold; {} for what is none."""
    part = token[:_LONGEST].split(".")[1:2]
    try:
        claims = json.loads(base64.urlsafe_b64decode(part[0] + "=" * (-len(part[0]) % 4))) if part else {}
    except (binascii.Error, ValueError, RecursionError):
        return {}
    return claims if isinstance(claims, dict) else {}
