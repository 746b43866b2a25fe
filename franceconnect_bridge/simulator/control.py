"""The control API: faults, persons, clock, keys, reset. It answers to our own hosts, with a header that no web page can send.

A page with a made-up DNS name is stopped by the Host header, a form or an image by the header `X-Preau-Sandbox`, a script by the same
header, which it may not send without a CORS consent that is never given.
"""

import hmac
from collections.abc import Callable, Mapping
from dataclasses import asdict, fields
from datetime import UTC, datetime, timedelta
from typing import Any

from flask import Blueprint, Response, jsonify, render_template, request

from franceconnect_bridge.simulator.described import (
    ANYTHING,
    FLAG,
    NUMBER,
    TEXT,
    TEXTS,
    WHOLE,
    Call,
    describe,
    document_of,
)
from franceconnect_bridge.simulator.faults import FAULTS, LONGEST_SLOW_SECONDS, Armed
from franceconnect_bridge.simulator.persons import Person, PersonError, read_person
from franceconnect_bridge.simulator.runtime import Clock, log
from franceconnect_bridge.simulator.world import World

PAGE = "/sandbox"
PATH = f"{PAGE}/v1"
HEADER = "X-Preau-Sandbox"
_METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
_MOST_REQUESTS = 1_000_000
_FARTHEST = 7_100 * 366 * 86_400  # seconds: as far as the calendar below goes
_EARLIEST = datetime(1970, 1, 2, tzinfo=UTC)
_LATEST = datetime(9000, 1, 1, tzinfo=UTC)


def _is_seconds(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= _FARTHEST


_SECONDS = (_is_seconds, "a number of seconds")
_MOVES: Mapping[str, tuple[Callable[[Any], bool], str]] = {
    "now": (lambda value: isinstance(value, str), "a moment, for example 2031-03-14T09:00:00Z"),
    "advance_seconds": _SECONDS,
    "offset_seconds": _SECONDS,
    "freeze": (lambda value: value is True, "true"),
    "resume": (lambda value: value is True, "true"),
    "frozen": (lambda value: isinstance(value, bool), "true or false"),
}


_ARMED_MEMBERS = {"name": TEXT, "count": WHOLE, "client_id": TEXT, "seconds": NUMBER, "claim": TEXT}
_ARMED = document_of(_ARMED_MEMBERS)
_WANTED = {**document_of(_ARMED_MEMBERS, optional=True), "required": ["name"]}
_FAULTS = document_of({"waiting": {"type": "array", "items": _ARMED}, "known": ANYTHING})
_PERSON_MEMBERS = {one.name: TEXTS if one.name in {"given_names", "faults"} else TEXT for one in fields(Person)}
_PERSON = document_of(_PERSON_MEMBERS)
_CHANGES = document_of(_PERSON_MEMBERS, optional=True)
_TIME = document_of({"now": TEXT, "offset_seconds": NUMBER, "frozen": FLAG})
_MOVED = {
    "now": TEXT, "advance_seconds": NUMBER, "offset_seconds": NUMBER, "freeze": FLAG, "resume": FLAG, "frozen": FLAG,
}  # fmt: skip
_NO_OBJECT = {400: "The body is no JSON object."}
CALLS = (
    Call("GET", "/faults", "list_faults", "Tell what waits to go wrong, and all that can.", _FAULTS),
    Call(
        "POST",
        "/faults",
        "arm",
        "Let the next requests meet a fault.",
        _ARMED,
        _WANTED,
        201,
        {**_NO_OBJECT, 422: "There is no such fault, or a member is not right."},
    ),
    Call("DELETE", "/faults", "clear_faults", "Let nothing go wrong any more."),
    Call(
        "GET",
        "/persons",
        "list_persons",
        "Tell who can sign in.",
        document_of({"persons": {"type": "array", "items": _PERSON}}),
    ),
    Call(
        "PUT",
        "/persons/{login}",
        "put_person",
        "Add a person, or change what is given of her.",
        _PERSON,
        _CHANGES,
        refusals={**_NO_OBJECT, 422: "A member is missing or not right."},
    ),
    Call("DELETE", "/persons/{login}", "remove_person", "Forget a person.", refusals={404: "Nobody has this login."}),
    Call("GET", "/clock", "tell_time", "Tell the time here.", _TIME),
    Call(
        "PUT",
        "/clock",
        "move_clock",
        "Move the time, or stop it.",
        _TIME,
        document_of(_MOVED, optional=True),
        refusals={**_NO_OBJECT, 422: "The clock cannot do that; it stays where it was."},
    ),
    Call(
        "POST",
        "/keys/rotate",
        "rotate",
        "Sign with new keys, and tell what is published then.",
        document_of({"keys": {"type": "array", "items": ANYTHING}}),
        document_of({"same_kid": FLAG}, optional=True),
        refusals={**_NO_OBJECT, 422: "A member is not right."},
    ),
    Call("POST", "/reset", "reset", "Begin again: persons of the file, no session, no fault, the machine's time."),
    Call("GET", "/openapi.json", "tell_calls", "Describe every call, as OpenAPI 3.1.", ANYTHING),
)


class Problem(Exception):  # noqa: N818  RFC 9457's own word
    """What was wrong with a call; the message says it to a developer."""

    def __init__(self, status: int, detail: str) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail


def control_blueprint(world: World) -> Blueprint:
    """Return the control API."""
    return _Control(world).blueprint()


class _Control:
    """The calls."""

    def __init__(self, world: World) -> None:
        self._world = world

    def blueprint(self) -> Blueprint:
        """Return the views at their addresses."""
        api = Blueprint("control", __name__, url_prefix=PAGE)
        for call in CALLS:
            rule = "/v1" + call.path.replace("{", "<").replace("}", ">")
            api.add_url_rule(rule, call.view, getattr(self, call.view), methods=[call.method])
        api.add_url_rule("", "show_calls", self.show_calls)
        api.add_url_rule("/v1/<path:rest>", "refuse_the_rest", self.refuse_the_rest, methods=_METHODS)
        api.before_request(lambda: _check_caller(self._world))
        api.after_request(_keep_to_ourselves)
        api.register_error_handler(Problem, _problem)
        return api

    def list_faults(self) -> Response:
        """What waits to go wrong, and all that can."""
        known = {fault.name: {"stage": fault.stage, "about": fault.about} for fault in FAULTS.values()}
        return jsonify(waiting=[asdict(one) for one in self._world.faults.waiting()], known=known)

    def arm(self) -> Response:
        """Let the next requests meet a fault."""
        fault = _read_fault(_body())
        self._world.faults.arm(fault)
        log("fault armed", fault=fault.name, count=fault.count)
        response = jsonify(asdict(fault))
        response.status_code = 201
        return response

    def clear_faults(self) -> Response:
        """Let nothing go wrong any more."""
        self._world.faults.clear()
        return Response(status=204)

    def list_persons(self) -> Response:
        """Who can sign in."""
        return jsonify(persons=[person.to_json() for person in self._world.persons.all()])

    def put_person(self, login: str) -> Response:
        """Add a person, or change what is given of her."""
        known = self._world.persons.find(login)
        try:
            person = read_person({**(known.to_json() if known else {}), **_body(), "login": login})
        except PersonError as error:
            raise Problem(422, str(error)) from None
        unknown = [name for name in person.faults if name not in FAULTS]
        if unknown:
            raise Problem(422, f"no such fault: {', '.join(unknown)}")
        self._world.persons.put(person)
        return jsonify(person.to_json())

    def remove_person(self, login: str) -> Response:
        """Forget a person."""
        if not self._world.persons.remove(login):
            raise Problem(404, "nobody has this login")
        return Response(status=204)

    def tell_time(self) -> Response:
        """The time here."""
        return _tell_time(self._world)

    def move_clock(self) -> Response:
        """Move the time, or stop it."""
        _move_clock(self._world, _body())
        log("clock moved")
        return _tell_time(self._world)

    def rotate(self) -> Response:
        """Sign with new keys."""
        body = _body() if request.get_data() else {}
        if not set(body) <= {"same_kid"} or not isinstance(body.get("same_kid", False), bool):
            raise Problem(422, "nothing, or same_kid, true or false")
        self._world.keys.rotate(same_kid=body.get("same_kid", False))
        return jsonify(self._world.keys.published())

    def reset(self) -> Response:
        """Begin again."""
        self._world.reset()
        log("reset")
        return Response(status=204)

    def tell_calls(self) -> Response:
        """What can be asked, for programs."""
        return jsonify(describe(CALLS, request.host_url.rstrip("/"), PATH))

    def show_calls(self) -> str:
        """The same for people."""
        return render_template("controle.html", calls=CALLS, prefix=PATH)

    def refuse_the_rest(self, rest: str) -> Response:
        """Say in JSON that there is no such call."""
        raise Problem(404, f"there is no {rest[:60]} here: faults, persons, clock, keys/rotate and reset")


def _keep_to_ourselves(response: Response) -> Response:
    """Let no page of another origin load an answer, not even as a script or an image."""
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    return response


def _check_caller(world: World) -> None:
    """Refuse whoever may not call: the checks in refusing order."""
    if request.host.lower() not in world.settings.hosts:
        raise Problem(421, f"Host must be one of: {', '.join(sorted(world.settings.hosts))}")
    if request.method != "GET" and request.headers.get(HEADER) != "1":
        raise Problem(403, f"The header {HEADER}: 1 is missing")
    token = world.settings.sandbox_token
    sent = request.authorization
    presented = (sent.token or "") if sent is not None and sent.type == "bearer" else ""
    if token and not hmac.compare_digest(presented.encode(), token.encode()):
        raise Problem(401, "The token of the control API is missing or wrong: Authorization: Bearer …")


def _body() -> Mapping[str, Any]:
    body = request.get_json(silent=True)
    if not isinstance(body, dict):
        raise Problem(400, "The body must be a JSON object, sent as application/json")
    return body


def _read_fault(body: Mapping[str, Any]) -> Armed:
    """Return the fault that a call asks for.

    Raises:
        Problem: 422, with what is wrong.
    """
    wanted: dict[str, tuple[type | tuple[type, ...], Callable[[Any], bool], str]] = {
        "name": (str, FAULTS.__contains__, f"one of: {', '.join(FAULTS)}"),
        "count": (int, lambda count: 0 < count <= _MOST_REQUESTS, f"1 to {_MOST_REQUESTS}"),
        "client_id": (str, lambda _: True, "a text"),
        "seconds": ((int, float), lambda it: 0 <= it <= LONGEST_SLOW_SECONDS, f"0 to {LONGEST_SLOW_SECONDS:.0f}"),
        "claim": (str, bool, "the name of a claim"),
    }
    if "name" not in body:
        raise Problem(422, "name is missing")
    for name, value in body.items():
        if name not in wanted:
            raise Problem(422, f"{name} is not known: {', '.join(wanted)}")
        kind, fits, words = wanted[name]
        if not isinstance(value, kind) or isinstance(value, bool) or not fits(value):
            raise Problem(422, f"{name} must be {words}")
    return Armed(**body)


def _move_clock(world: World, body: Mapping[str, Any]) -> None:
    """Move the clock: by what the IdP's control API takes (`now`, `advance_seconds`, `freeze`, `resume`), by `offset_seconds` or `frozen`.

    Raises:
        Problem: 422, with what is wrong; the clock stays where it was.
    """
    if not body or not set(body) <= set(_MOVES):
        raise Problem(422, f"give {', '.join(_MOVES)}")
    for name, value in body.items():
        holds, words = _MOVES[name]
        if not holds(value):
            raise Problem(422, f"{name} must be {words}")
    moment = _check_target(world.clock, body)
    if "now" in body:
        world.clock.set(moment)
    if "offset_seconds" in body:
        world.clock.set_offset(timedelta(seconds=body["offset_seconds"]))
    if "advance_seconds" in body:
        world.clock.advance(timedelta(seconds=body["advance_seconds"]))
    if body.get("freeze") or body.get("frozen") is True:
        world.clock.stop()
    elif body.get("resume") or body.get("frozen") is False:
        world.clock.set_offset(world.clock.offset)


def _check_target(clock: Clock, body: Mapping[str, Any]) -> datetime:
    """Return the moment that `now` names, or the present one, when the clock can go where all of the body leads.

    Raises:
        Problem: 422; it cannot.
    """
    try:
        moment = datetime.fromisoformat(body["now"]) if "now" in body else clock.now()
        start = (
            moment + timedelta(seconds=body["offset_seconds"]) - clock.offset if "offset_seconds" in body else moment
        )
        fits = _EARLIEST <= start + timedelta(seconds=body.get("advance_seconds", 0)) < _LATEST
    except (OverflowError, ValueError, TypeError):
        fits = False
    if not fits:
        raise Problem(422, "the clock cannot go there: a moment from 1970 to 8999, with its offset from UTC")
    return moment


def _tell_time(world: World) -> Response:
    clock = world.clock
    return jsonify(now=clock.now().isoformat(), offset_seconds=clock.offset.total_seconds(), frozen=clock.stopped)


def _problem(problem: Problem) -> Response:
    """RFC 9457."""
    response = jsonify(status=problem.status, detail=problem.detail)
    response.status_code = problem.status
    response.content_type = "application/problem+json"
    if problem.status == 401:
        response.headers["WWW-Authenticate"] = 'Bearer realm="sandbox"'
    return response
