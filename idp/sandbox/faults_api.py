"""Faults armed, listed and disarmed by programs, and the catalogue."""

import difflib
from collections.abc import Mapping, Sequence
from datetime import UTC
from typing import Any

from idp.adapters.armed_faults import ArmedFault
from idp.people.identifiants import is_identifiant, normalise_identifiant
from idp.sandbox.fault_board import FaultBoard
from idp.sandbox.faults.catalogue import CATALOGUE
from idp.sandbox.faults.entry import ANONYMOUS, IMPERSONAL, Endpoint, Fault
from idp.sandbox.faults.transport import DEFAULT_SECONDS, LONGEST_SECONDS
from idp.sandbox.operations import Asked, Operation
from idp.sandbox.problems import Problem
from idp.sandbox.values import ANYTHING, list_of

MOST_ARMED = 100
"""By testers at once, used up ones included: each answer of an instance reads those that wait."""
ALWAYS = "always"
_MOST_TIMES = 1_000_000
_MEMBERS = ("fault", "times", "client_id", "identifiant", "endpoint", "seconds")
_SHORTEST_SECONDS = 0.1
_ARMED = {
    "type": "object",
    "properties": {"id": {"type": "integer"}, "fault": {"type": "string"}},
    "required": ["id", "fault"],
}
_WANTED = {
    "type": "object",
    "properties": {"fault": {"type": "string"}, "client_id": {"type": "string"}, "identifiant": {"type": "string"}},
    "required": ["fault"],
}


class FaultDesk:
    """What the control API says and does about faults."""

    def __init__(self, board: FaultBoard) -> None:
        self._board = board

    def arm(self, asked: Any) -> Mapping[str, Any]:
        """Arm what a body asks for, and return it as it is listed.

        Raises:
            Problem: 422; it asks for nothing that could strike. 409; too many are armed.
        """
        body = _read_object(asked)
        fault = _read_fault(body.get("fault"))
        endpoint = _read_endpoint(fault, body.get("endpoint"))
        armed = self._board.armed.arm(
            fault.name,
            at=self._board.world.clock.now(),
            client_id=self._read_client(fault, endpoint, body.get("client_id")),
            identifiant=self._read_person(fault, endpoint, body.get("identifiant")),
            endpoint=endpoint,
            options=_read_options(fault, body),
            times=_read_times(body.get("times", 1)),
            most=MOST_ARMED,
        )
        if armed is None:
            raise Problem(409, f"{MOST_ARMED} faults are armed, used up ones included: DELETE /sandbox/v1/faults first")
        return _write(armed)

    def load(self) -> Sequence[Mapping[str, Any]]:
        """Return what testers armed."""
        return [_write(one) for one in self._board.armed.load_of_testers()]

    def disarm(self, armed_id: int) -> None:
        """Disarm one.

        Raises:
            Problem: 404.
        """
        if not self._board.armed.disarm(armed_id):
            raise Problem(404, "No fault has this id: GET /sandbox/v1/faults lists those that are armed")

    def disarm_all(self) -> None:
        """Disarm every one, those of sign-ins under way included."""
        self._board.armed.disarm_all()

    def _read_client(self, fault: Fault, endpoint: str | None, client_id: Any) -> str | None:
        if client_id is None:
            return None
        _check_concern(fault, endpoint, "client_id", ANONYMOUS)
        # No text is a client with a NUL in it, and PostgreSQL takes none.
        is_text = isinstance(client_id, str) and client_id.isprintable()
        client = self._board.world.clients.load_client(client_id) if is_text else None
        if client is None:
            raise Problem(422, "No client has this client_id: a fault armed for it would strike nothing")
        reason = fault.fits(client)
        if reason:
            raise Problem(422, f"{fault.name} cannot apply to this client: {reason}")
        return client.client_id

    def _read_person(self, fault: Fault, endpoint: str | None, identifiant: Any) -> str | None:
        if identifiant is None:
            return None
        _check_concern(fault, endpoint, "identifiant", IMPERSONAL)
        kept_as = normalise_identifiant(identifiant) if isinstance(identifiant, str) else ""
        if not is_identifiant(kept_as) or not self._board.armed.knows_person(kept_as):
            raise Problem(422, "No account has this identifiant: activate it first")
        return kept_as


def fault_operations(desk: FaultDesk) -> Sequence[Operation]:
    """Return the calls."""

    def load(_asked: Asked) -> Sequence[Mapping[str, Any]]:
        return desk.load()

    def arm(asked: Asked) -> Mapping[str, Any]:
        return desk.arm(asked.body)

    def disarm_all(_asked: Asked) -> None:
        desk.disarm_all()

    def disarm(asked: Asked) -> None:
        armed_id = asked.path["armed_id"]
        desk.disarm(min(int(armed_id), _LARGEST_ID) if armed_id.isascii() and armed_id.isdecimal() else 0)

    def load_catalogue(_asked: Asked) -> Sequence[Mapping[str, Any]]:
        return list_catalogue()

    return (
        Operation("GET", "/faults", load, "List the faults that are armed.", list_of(_ARMED)),
        Operation(
            "POST",
            "/faults",
            arm,
            "Let the next answers go wrong.",
            _ARMED,
            body=_WANTED,
            status=201,
            refusals={409: "As many are armed as may be.", 422: "It would strike nothing."},
        ),
        Operation("DELETE", "/faults", disarm_all, "Disarm every fault, those of sign-ins under way included."),
        Operation(
            "DELETE",
            "/faults/{armed_id}",
            disarm,
            "Disarm one fault.",
            refusals={404: "No fault has this id."},
        ),
        Operation("GET", "/faults/catalogue", load_catalogue, "List every fault that there is.", list_of(ANYTHING)),
    )


_LARGEST_ID = 2**63 - 1


def list_catalogue() -> Sequence[Mapping[str, Any]]:
    """Return every fault as the control API describes it."""
    return [
        {
            "fault": fault.name,
            "endpoints": [str(one) for one in fault.endpoints],
            "about": fault.about,
            "sound_client": fault.sound,
            "text": fault.text,
            "login_hint": not ANONYMOUS.issuperset(fault.endpoints),
        }
        for fault in CATALOGUE.values()
    ]


def _write(armed: ArmedFault) -> Mapping[str, Any]:
    return {
        "id": armed.id,
        "fault": armed.fault,
        "client_id": armed.client_id,
        "identifiant": armed.identifiant,
        "endpoint": armed.endpoint,
        **armed.options,
        "times": ALWAYS if armed.times is None else armed.times,
        "left": ALWAYS if armed.times is None else armed.times - armed.struck,
        "struck": armed.struck,
        "armed_at": armed.armed_at.astimezone(UTC).isoformat().replace("+00:00", "Z"),
    }


def _read_object(asked: Any) -> Mapping[str, Any]:
    if not isinstance(asked, dict):
        raise Problem(422, f"The body must be a JSON object with fault and perhaps: {', '.join(_MEMBERS[1:])}")
    if not asked.keys() <= set(_MEMBERS):
        raise Problem(422, f"Unknown member. Known here: {', '.join(_MEMBERS)}")
    return dict(asked)


def _read_fault(name: Any) -> Fault:
    if isinstance(name, str) and name in CATALOGUE:
        return CATALOGUE[name]
    near = difflib.get_close_matches(name[:100], CATALOGUE, 3) if isinstance(name, str) else []
    meant = f" Perhaps one of: {', '.join(near)}." if near else ""
    raise Problem(422, f"fault must be a name of GET /sandbox/v1/faults/catalogue.{meant}")


def _read_endpoint(fault: Fault, endpoint: Any) -> str | None:
    if endpoint is None:
        return None
    if endpoint not in list(fault.endpoints):
        raise Problem(422, f"{fault.name} bites at: {', '.join(fault.endpoints)}")
    return str(endpoint)


def _check_concern(fault: Fault, endpoint: str | None, member: str, unknown_at: frozenset[Endpoint]) -> None:
    """Refuse a fault of somebody's at places where nobody knows who asks.

    Raises:
        Problem: 422.
    """
    if unknown_at.issuperset({endpoint} if endpoint else fault.endpoints):
        known_at = ", ".join(one for one in Endpoint if one not in unknown_at)
        raise Problem(422, f"{member} is known only at: {known_at}. Arm {fault.name} without it")


def _read_options(fault: Fault, body: Mapping[str, Any]) -> Mapping[str, Any]:
    if fault.name != "slow":
        if "seconds" in body:
            raise Problem(422, "seconds is for slow alone")
        return {}
    seconds = body.get("seconds", DEFAULT_SECONDS)
    is_number = isinstance(seconds, int | float) and not isinstance(seconds, bool)
    if not is_number or not _SHORTEST_SECONDS <= seconds <= LONGEST_SECONDS:
        raise Problem(422, f"seconds must be a number from {_SHORTEST_SECONDS} to {LONGEST_SECONDS:.0f}")
    return {"seconds": seconds}


def _read_times(times: Any) -> int | None:
    if times == ALWAYS:
        return None
    if not isinstance(times, int) or isinstance(times, bool) or not 1 <= times <= _MOST_TIMES:
        raise Problem(422, f'times must be a whole number from 1 to {_MOST_TIMES}, or "{ALWAYS}"')
    return times
