"""What testers may do to this ENT: move its clock, as a test instance of the provider may move its own, and begin again.

Mounted only when the sandbox is asked for. It listens beside a tester's browser, where any web page can make requests: a page with a
made-up DNS name is stopped by the Host header; a form, an image or a script of another origin by the header `X-Preau-Sandbox`, which it may
not send without a CORS consent that is never given.
"""

import hmac
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from flask import Blueprint, Response, jsonify, render_template, request

from ent_client.described import ANYTHING, FLAG, NUMBER, TEXT, Call, describe, document_of
from ent_client.runtime import MovableClock, log
from ent_client.settings import Settings

PAGE = "/sandbox"
PATH = f"{PAGE}/v1"
HEADER = "X-Preau-Sandbox"
_EARLIEST = datetime(1970, 1, 2, tzinfo=UTC)
_LATEST = datetime(9000, 1, 1, tzinfo=UTC)
_METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]

Moves = Mapping[str, tuple[Callable[[Any], bool], str]]


def _is_seconds(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


_MOVES: Moves = {
    "now": (lambda value: isinstance(value, str), "a moment, for example 2031-03-14T09:00:00Z"),
    "advance_seconds": (_is_seconds, "a number of seconds"),
    "offset_seconds": (_is_seconds, "a number of seconds, counted from the machine's clock"),
    "freeze": (lambda value: value is True, "true"),
    "resume": (lambda value: value is True, "true"),
    "frozen": (lambda value: isinstance(value, bool), "true or false"),
}


_TIME = document_of({"now": TEXT, "offset_seconds": NUMBER, "frozen": FLAG})
_MOVED = {
    "now": TEXT, "advance_seconds": NUMBER, "offset_seconds": NUMBER, "freeze": FLAG, "resume": FLAG, "frozen": FLAG,
}  # fmt: skip
CALLS = (
    Call("GET", "/clock", "tell_time", "Tell the time here.", _TIME),
    Call(
        "PUT",
        "/clock",
        "move_clock",
        "Move the time, or stop it.",
        _TIME,
        document_of(_MOVED, optional=True),
        refusals={422: "The clock cannot do that; it stays where it was."},
    ),
    Call("POST", "/reset", "reset", "Sign everybody out, and go back to the machine's time."),
    Call("GET", "/openapi.json", "tell_calls", "Describe every call, as OpenAPI 3.1.", ANYTHING),
)


class Problem(Exception):  # noqa: N818  RFC 9457's own word
    """What was wrong with a call; the message says it to a developer."""

    def __init__(self, status: int, detail: str) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail


def sandbox_blueprint(settings: Settings, clock: MovableClock, begin_again: Callable[[], None]) -> Blueprint:
    """The control API: what `CALLS` lists, and a page that shows it.

    Args:
        settings: who may call.
        clock: what is moved.
        begin_again: forgets who is signed in, and all that is under way.
    """
    api = Blueprint("sandbox", __name__, url_prefix=PAGE)
    api.before_request(lambda: _check_caller(settings))
    api.register_error_handler(Problem, _respond_problem)

    @api.after_request
    def keep_to_ourselves(response: Response) -> Response:
        response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
        return response

    @api.get("")
    def show_calls() -> str:
        return render_template("controle.html", calls=CALLS, prefix=PATH)

    @api.get("/v1/openapi.json")
    def tell_calls() -> Response:
        return jsonify(describe(CALLS, request.host_url.rstrip("/"), PATH))

    @api.get("/v1/clock")
    def tell_time() -> Response:
        return _tell_time(clock)

    @api.put("/v1/clock")
    def move_clock() -> Response:
        _move(clock, request.get_json(force=True, silent=True))
        log("clock moved")
        return _tell_time(clock)

    @api.post("/v1/reset")
    def reset() -> Response:
        begin_again()
        clock.set_offset(timedelta())
        log("reset")
        return Response(status=204)

    @api.route("/v1/", defaults={"rest": ""}, methods=_METHODS)
    @api.route("/v1/<path:rest>", methods=_METHODS)
    def refuse(rest: str) -> Response:
        del rest
        raise Problem(404, f"There is no such call. There are: GET and PUT {PATH}/clock, POST {PATH}/reset")

    return api


def _check_caller(settings: Settings) -> None:
    """Refuse whoever may not call: the checks in refusing order."""
    if request.host.lower() not in settings.sandbox_hosts_answered:
        raise Problem(421, f"Host must be one of: {', '.join(sorted(settings.sandbox_hosts_answered))}")
    if request.method != "GET" and request.headers.get(HEADER) != "1":
        raise Problem(403, f"The header {HEADER}: 1 is missing")
    sent = request.authorization
    presented = (sent.token or "") if sent is not None and sent.type == "bearer" else ""
    if settings.sandbox_token and not hmac.compare_digest(presented.encode(), settings.sandbox_token.encode()):
        raise Problem(401, "The token of the control API is missing or wrong: Authorization: Bearer …")


def _move(clock: MovableClock, body: Any) -> None:
    """Move the clock as a body says, or leave it where it is.

    Raises:
        Problem: 422; it asks for nothing that the clock can do.
    """
    if not isinstance(body, dict) or not body or not set(body) <= set(_MOVES):
        raise Problem(422, f"The body must be a JSON object with: {', '.join(_MOVES)}")
    for name, value in body.items():
        fits, words = _MOVES[name]
        if not fits(value):
            raise Problem(422, f"{name} must be {words}")
    moved = clock.copy()
    try:
        _take_steps(moved, body)
        fits_calendar = _EARLIEST <= moved.now() < _LATEST
    except (OverflowError, ValueError, TypeError):  # TypeError: a moment without its offset from UTC
        fits_calendar = False
    if not fits_calendar:
        raise Problem(422, "The clock cannot go there: a moment from 1970 to 8999, with its offset from UTC")
    clock.follow(moved)


def _take_steps(clock: MovableClock, body: Mapping[str, Any]) -> None:
    if "now" in body:
        clock.set(datetime.fromisoformat(body["now"]))
    if "offset_seconds" in body:
        clock.set_offset(timedelta(seconds=body["offset_seconds"]))
    if "advance_seconds" in body:
        clock.advance(timedelta(seconds=body["advance_seconds"]))
    if body.get("freeze") or body.get("frozen") is True:
        clock.stop()
    elif body.get("resume") or body.get("frozen") is False:
        clock.set_offset(clock.offset)


def _tell_time(clock: MovableClock) -> Response:
    return jsonify(now=clock.now().isoformat(), offset_seconds=clock.offset.total_seconds(), frozen=clock.stopped)


def _respond_problem(problem: Problem) -> Response:
    """RFC 9457."""
    response = jsonify(status=problem.status, detail=problem.detail)
    response.status_code = problem.status
    response.content_type = "application/problem+json"
    if problem.status == 401:
        response.headers["WWW-Authenticate"] = 'Bearer realm="sandbox"'
    return response
