"""What a test may ask and do, in JSON."""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from flask import Blueprint, Request, Response, json, request

from idp.adapters.clock import TestClock
from idp.adapters.extra_claims import ExtraClaims
from idp.adapters.key_rotation import KeyRotation, Rotated, TooEarly
from idp.adapters.ledger import LedgerReader
from idp.adapters.message_reader import MessageReader
from idp.people.identifiants import is_identifiant, normalise_identifiant
from idp.protocol.signing_keys import ALGORITHMS
from idp.protocol.standard_claims import ClaimRefusedError, check_standard_claims
from idp.sandbox.problems import Problem

_E164 = re.compile(r"\+[0-9]{4,20}")
_CLOCK_MEMBERS = "now, advance_seconds, freeze, resume"
_ROUTES = (
    "GET and DELETE /sandbox/v1/messages, GET and PUT /sandbox/v1/clock, GET /sandbox/v1/audit, "
    "GET, PUT and DELETE /sandbox/v1/persons/{identifiant}/claims, POST /sandbox/v1/keys/rotate, "
    "GET, POST and DELETE /sandbox/v1/faults, DELETE /sandbox/v1/faults/{id}, GET /sandbox/v1/faults/catalogue, POST /sandbox/v1/reset"
)


def add_messages(blueprint: Blueprint, messages: MessageReader) -> None:
    """Add what the simulated phone received."""

    @blueprint.get("/v1/messages")
    def load_messages() -> Response:
        asked = _query(request, "to")
        return _respond(
            [
                {
                    "id": message.id,
                    "channel": message.channel,
                    "to": message.to,
                    "text": message.text,
                    "created_at": _iso(message.created_at),
                }
                for message in messages.load_messages(_number(asked.get("to", "")))
            ]
        )

    @blueprint.delete("/v1/messages")
    def purge_messages() -> Response:
        _query(request)
        messages.purge()
        return Response(status=204)


def add_clock(blueprint: Blueprint, clock: TestClock) -> None:
    """Add the clock."""

    def state() -> Response:
        return _respond({"now": _iso(clock.now()), "frozen": clock.is_frozen()})

    @blueprint.get("/v1/clock")
    def load_clock() -> Response:
        _query(request)
        return state()

    @blueprint.put("/v1/clock")
    def move_clock() -> Response:
        _query(request)
        move = _read_move(request.get_json(force=True, silent=True), clock)
        try:
            move()
        except ValueError as fault:
            raise Problem(422, str(fault)) from None
        return state()


def _read_move(body: Any, clock: TestClock) -> Callable[[], None]:
    """Return what the body asks of the clock.

    Raises:
        Problem: 422; it asks for nothing that the clock can do.
    """
    if not isinstance(body, dict) or len(body) != 1:
        raise Problem(422, f"The body must be a JSON object with exactly one of: {_CLOCK_MEMBERS}")
    [(member, value)] = body.items()
    if member == "now" and isinstance(value, str):
        moment = _moment(value)
        return lambda: clock.set(moment)
    if member == "advance_seconds" and isinstance(value, int | float) and not isinstance(value, bool):
        by = _duration(value)
        return lambda: clock.advance(by)
    if member == "freeze" and value is True:
        return clock.freeze
    if member == "resume" and value is True:
        return clock.resume
    raise Problem(
        422,
        'The body must be {"now": "2031-03-14T09:00:00Z"}, {"advance_seconds": 60}, {"freeze": true} or {"resume": true}',
    )


def _moment(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        raise Problem(422, "now must be a moment of ISO 8601, for example 2031-03-14T09:00:00Z") from None


def _duration(seconds: float) -> timedelta:
    try:
        return timedelta(seconds=seconds)
    except (OverflowError, ValueError):  # not a number, or longer than Python counts
        raise Problem(422, "advance_seconds must be a number of seconds that a clock can move by") from None


def add_persons(blueprint: Blueprint, kept: ExtraClaims, clock: TestClock) -> None:
    """Add what is made up of a person: standard claims that no directory holds."""

    def load(identifiant: str) -> Mapping[str, Any]:
        kept_as = normalise_identifiant(identifiant)
        claims = kept.load(kept_as) if is_identifiant(kept_as) else None
        if claims is None:
            raise Problem(404, "No account has this identifiant: activate it first")
        return claims

    @blueprint.get("/v1/persons/<identifiant>/claims")
    def load_claims(identifiant: str) -> Response:
        _query(request)
        return _respond(load(identifiant))

    @blueprint.put("/v1/persons/<identifiant>/claims")
    def replace_claims(identifiant: str) -> Response:
        _query(request)
        try:
            claims = check_standard_claims(request.get_json(force=True, silent=True), clock.now().date())
        except ClaimRefusedError as refusal:
            raise Problem(422, str(refusal)) from None
        load(identifiant)
        kept.replace(normalise_identifiant(identifiant), claims)
        return _respond(claims)

    @blueprint.delete("/v1/persons/<identifiant>/claims")
    def forget_claims(identifiant: str) -> Response:
        _query(request)
        load(identifiant)
        kept.forget(normalise_identifiant(identifiant))
        return Response(status=204)


def add_audit(blueprint: Blueprint, ledger: LedgerReader) -> None:
    """Add the ledger."""

    @blueprint.get("/v1/audit")
    def load_audit() -> Response:
        asked = _query(request, "reference", "event", "after")
        after = asked.get("after", "0")
        if not after.isascii() or not after.isdecimal() or len(after) > 18:
            raise Problem(400, "after must be the id of a line")
        lines = ledger.load_lines(reference=asked.get("reference", ""), event=asked.get("event", ""), after=int(after))
        return _respond(
            [
                {
                    "id": line.id,
                    "at": _iso(line.at),
                    "event": line.event,
                    "reference": line.reference,
                    "account_id": line.account_id,
                    "client_id": line.client_id,
                    "details": line.details,
                }
                for line in lines
            ]
        )


def add_keys(blueprint: Blueprint, rotation: KeyRotation) -> None:
    """Add the rotation of keys: at once, as soon as every process publishes the next one."""

    @blueprint.post("/v1/keys/rotate")
    def rotate_keys() -> Response:
        asked = _query(request, "algorithm")
        algorithm = asked.get("algorithm", "")
        if algorithm and algorithm not in ALGORITHMS:
            raise Problem(400, f"algorithm must be one of: {', '.join(ALGORITHMS)}")
        rotated = [
            rotation.rotate(one, in_a_hurry=True) for one in ([algorithm] if algorithm else rotation.load_algorithms())
        ]
        early = [one for one in rotated if isinstance(one, TooEarly)]
        if early:
            told = ", ".join(f"{one.next.algorithm} from {_iso(one.signs_from)}" for one in early)
            raise Problem(
                409,
                f"A next key may not sign before every process publishes it: {told}. Others were rotated. Move the clock and ask again",
            )
        return _respond(
            [
                {
                    "algorithm": one.active.algorithm,
                    "active": one.active.kid,
                    "next": one.next.kid,
                    "retiring": one.retiring.kid,
                }
                for one in rotated
                if isinstance(one, Rotated)
            ]
        )


def add_reset(blueprint: Blueprint, reset: Callable[[], None]) -> None:
    """Add the way back to the seed."""

    @blueprint.post("/v1/reset")
    def go_back_to_seed() -> Response:
        _query(request)
        reset()
        return Response(status=204)


def add_the_rest(blueprint: Blueprint) -> None:
    """Add an answer for what does not exist, so that a program reads JSON there too."""

    @blueprint.route("/v1/", defaults={"rest": ""}, methods=_METHODS)
    @blueprint.route("/v1/<path:rest>", methods=_METHODS)
    def refuse(rest: str) -> Response:
        del rest
        raise Problem(404, f"There is no such operation. There are: {_ROUTES}")


_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")


def _query(asked: Request, *known: str) -> dict[str, str]:
    """Return the query's parameters.

    Raises:
        Problem: 400; one is unknown or repeated: a filter with a misspelt name would find everything and prove nothing.
    """
    found = asked.args.to_dict(flat=False)
    for name, values in found.items():
        if name not in known:
            raise Problem(400, f"Unknown parameter. Known here: {', '.join(known) or 'none'}")
        if len(values) > 1:
            raise Problem(400, f"{name} is given more than once")
    return {name: values[0] for name, values in found.items()}


def _number(text: str) -> str:
    """Return an E.164 number, or "" for any.

    Raises:
        Problem: 400.
    """
    # In a query, + means a space; whoever forgot to write %2B meant the sign.
    number = f"+{text[1:]}" if text.startswith(" ") else text
    if number and not _E164.fullmatch(number):
        raise Problem(400, "to must be a number in E.164 form with its sign written %2B, for example %2B33639980001")
    return number


def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _respond(document: Any) -> Response:
    return Response(json.dumps(document, ensure_ascii=False), mimetype="application/json")
