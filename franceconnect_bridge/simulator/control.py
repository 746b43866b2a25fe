"""What a test may ask and do: faults, persons, clock, keys, reset. In JSON, behind the guard."""

from collections.abc import Callable, Mapping
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Any

from flask import Blueprint, Response, json, request

from franceconnect_bridge.simulator.faults import FAULTS, LONGEST_SECONDS, Plan, Strike
from franceconnect_bridge.simulator.guard import Problem, build_guard
from franceconnect_bridge.simulator.persons import PERSON_FIELDS, Person, read_person
from franceconnect_bridge.simulator.records import RecordError
from franceconnect_bridge.simulator.state import Simulator

_MOST_PLANS = 1000
_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
_ROUTES = (
    "GET, POST and DELETE /sandbox/v1/faults, GET /sandbox/v1/faults/catalogue, GET /sandbox/v1/persons, PUT and DELETE "
    "/sandbox/v1/persons/LOGIN, GET and PUT /sandbox/v1/clock, POST /sandbox/v1/keys/rotate, POST /sandbox/v1/reset"
)
_FAULT_FIELDS = {"fault": str, "client_id": str, "login": str, "count": int, "seconds": int, "claim": str}
_WITHOUT_CLIENT = ("discovery", "jwks")


def control_blueprint(simulator: Simulator) -> Blueprint:
    """Give the control API."""
    control = Blueprint("control", __name__, url_prefix="/sandbox")
    control.before_request(build_guard(simulator.settings))
    control.register_error_handler(Problem, _respond_problem)
    _add_faults(control, simulator)
    _add_persons(control, simulator)
    _add_clock(control, simulator)

    @control.post("/v1/keys/rotate")
    def rotate_keys() -> Response:
        body = _read_body(optional=True)
        _check_members(body, {"retire": bool})
        simulator.keys.rotate(retire=body.get("retire", False))
        return _respond({"kids": [key["kid"] for key in simulator.keys.published()]})

    @control.post("/v1/reset")
    def reset() -> Response:
        simulator.reset()
        return Response(status=204)

    @control.route("/v1/", defaults={"rest": ""}, methods=_METHODS)
    @control.route("/v1/<path:rest>", methods=_METHODS)
    def refuse(rest: str) -> Response:
        del rest
        raise Problem(404, f"There is no such operation. There are: {_ROUTES}")

    return control


def _add_faults(control: Blueprint, simulator: Simulator) -> None:
    @control.get("/v1/faults")
    def load_faults() -> Response:
        return _respond([_describe_plan(plan) for plan in simulator.faults.load()])

    @control.get("/v1/faults/catalogue")
    def load_catalogue() -> Response:
        return _respond([asdict(fault) for fault in FAULTS.values()])

    @control.post("/v1/faults")
    def plan_fault() -> Response:
        body = _read_body()
        _check_members(body, _FAULT_FIELDS)
        _check_fault(simulator, body)
        login = body.get("login", "")
        person = simulator.persons.find(login) if login else None
        plan = simulator.faults.plan(
            Strike(body["fault"], body.get("seconds", 10), body.get("claim", "birthdate")),
            client_id=body.get("client_id", ""),
            login=person.login if person is not None else "",
            count=body.get("count", 1),
        )
        return _respond(_describe_plan(plan), 201)

    @control.delete("/v1/faults")
    def clear_faults() -> Response:
        simulator.faults.clear()
        return Response(status=204)


def _check_fault(simulator: Simulator, body: Mapping[str, Any]) -> None:
    """Refuse a fault that would never strike: a test that waits for it would prove nothing."""
    fault = FAULTS.get(body.get("fault", ""))
    rules = (
        (fault is not None, "fault must be one of those of GET /sandbox/v1/faults/catalogue"),
        (0 <= body.get("count", 1) <= 1_000_000, "count must be from 0 (until it is taken back) to 1000000"),
        (0 <= body.get("seconds", 10) <= LONGEST_SECONDS, f"seconds must be from 0 to {LONGEST_SECONDS}"),
        (not body.get("client_id") or simulator.find_client(body["client_id"]) is not None, "client_id is unknown"),
        (not body.get("login") or simulator.persons.find(body["login"]) is not None, "login is unknown"),
        (len(simulator.faults.load()) < _MOST_PLANS, f"at most {_MOST_PLANS} faults can be planned"),
    )
    _refuse_first(rules)
    stage = fault.stage if fault is not None else ""
    aimed = bool(body.get("client_id"))
    _refuse_first(
        (
            (
                not (stage in _WITHOUT_CLIENT and aimed),
                f"{stage} does not tell whose request it is: leave client_id out",
            ),
            (
                not (stage in (*_WITHOUT_CLIENT, "authorize") and body.get("login")),
                f"nobody is known at {stage}: leave login out",
            ),
        )
    )


def _refuse_first(rules: tuple[tuple[bool, str], ...]) -> None:
    broken = next((sentence for is_right, sentence in rules if not is_right), None)
    if broken is not None:
        raise Problem(422, broken)


def _add_persons(control: Blueprint, simulator: Simulator) -> None:
    @control.get("/v1/persons")
    def load_persons() -> Response:
        return _respond([asdict(person) for person in simulator.persons.load()])

    @control.put("/v1/persons/<login>")
    def put_person(login: str) -> Response:
        body = _read_body()
        if body.get("login", login) != login:
            raise Problem(422, "login must be the one of the address, or be left out")
        known = simulator.persons.find(login)
        former = {} if known is None else _as_json(known)
        try:
            person = read_person({**former, **body, "login": login}, "person")
        except RecordError as error:
            raise Problem(422, str(error)) from None
        is_new = simulator.persons.put(person)
        return _respond(asdict(person), 201 if is_new else 200)

    @control.delete("/v1/persons/<login>")
    def drop_person(login: str) -> Response:
        if not simulator.persons.drop(login):
            raise Problem(404, "Nobody has this login")
        return Response(status=204)


def _as_json(person: Person) -> dict[str, Any]:
    """Return a person as a body of the API would describe her."""
    values = {name: getattr(person, name) for name in PERSON_FIELDS}
    return {name: list(value) if isinstance(value, tuple) else value for name, value in values.items()}


def _add_clock(control: Blueprint, simulator: Simulator) -> None:
    clock = simulator.clock

    def state() -> Response:
        now = clock.now().astimezone(UTC).isoformat().replace("+00:00", "Z")
        return _respond({"now": now, "frozen": clock.is_frozen()})

    @control.get("/v1/clock")
    def load_clock() -> Response:
        return state()

    @control.put("/v1/clock")
    def move_clock() -> Response:
        move = _read_move(simulator, _read_body())
        try:
            move()
        except (ValueError, OverflowError) as error:
            raise Problem(422, str(error)) from None
        return state()


def _read_move(simulator: Simulator, body: Mapping[str, Any]) -> Callable[[], None]:
    """Return what the body asks of the clock.

    Raises:
        Problem: 422; it asks for nothing that the clock can do.
    """
    clock = simulator.clock
    [(member, value)] = body.items() if len(body) == 1 else [("", None)]
    if member == "now" and isinstance(value, str):
        return lambda: clock.set(datetime.fromisoformat(value))
    if member == "advance_seconds" and isinstance(value, int | float) and not isinstance(value, bool):
        return lambda: clock.advance(timedelta(seconds=value))
    if member == "freeze" and value is True:
        return clock.freeze
    if member == "resume" and value is True:
        return clock.resume
    raise Problem(
        422,
        'The body must be {"now": "2031-03-14T09:00:00Z"}, {"advance_seconds": 60}, {"freeze": true} or {"resume": true}',
    )


def _read_body(*, optional: bool = False) -> dict[str, Any]:
    if request.args:
        raise Problem(400, "No parameter is known here: everything goes into the body")
    if optional and not request.get_data():
        return {}
    body = request.get_json(force=True, silent=True)
    if not isinstance(body, dict):
        raise Problem(422, "The body must be a JSON object")
    return body


def _check_members(body: Mapping[str, Any], known: Mapping[str, type]) -> None:
    for name, value in body.items():
        if name not in known:
            raise Problem(422, f"{name[:60]} is unknown; known are {', '.join(known)}")
        if not isinstance(value, known[name]) or (isinstance(value, bool) and known[name] is int):
            raise Problem(422, f"{name} must be of type {known[name].__name__}")


def _describe_plan(plan: Plan) -> dict[str, Any]:
    return {
        "id": plan.id,
        "fault": plan.strike.name,
        "stage": FAULTS[plan.strike.name].stage,
        "client_id": plan.client_id,
        "login": plan.login,
        "remaining": plan.remaining,
        "seconds": plan.strike.seconds,
        "claim": plan.strike.claim,
    }


def _respond(document: Any, status: int = 200) -> Response:
    return Response(json.dumps(document, ensure_ascii=False), status, mimetype="application/json")


def _respond_problem(problem: Problem) -> Response:
    """Return a refusal as `application/problem+json` (RFC 9457 section 3)."""
    document = {
        "type": "about:blank",
        "title": HTTPStatus(problem.status).phrase,
        "status": problem.status,
        "detail": problem.detail,
    }
    response = Response(json.dumps(document, ensure_ascii=False), problem.status, mimetype="application/problem+json")
    response.headers.update(problem.headers)
    return response
