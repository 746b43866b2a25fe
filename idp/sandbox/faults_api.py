"""Faults armed, listed and disarmed by programs, and the catalogue."""

from collections.abc import Mapping, Sequence
from typing import Any

from idp.adapters.armed_faults import ArmedFault
from idp.journeys.families.document import ALWAYS, MOST_TIMES
from idp.people.identifiants import is_identifiant, normalise_identifiant
from idp.sandbox.fault_board import FaultBoard
from idp.sandbox.fault_rules import (
    MOST_ARMED,
    refuse_client,
    refuse_concern,
    refuse_endpoint,
    refuse_seconds,
    say_near,
)
from idp.sandbox.faults.catalogue import CATALOGUE
from idp.sandbox.faults.entry import ANONYMOUS, Fault
from idp.sandbox.faults.transport import DEFAULT_SECONDS
from idp.sandbox.operations import Asked, Operation
from idp.sandbox.problems import Problem
from idp.sandbox.values import ANYTHING, list_of, write_moment

_MEMBERS = ("fault", "times", "client_id", "identifiant", "endpoint", "seconds")
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
        _refuse(refuse_concern(fault, endpoint, "client_id"))
        # No text is a client with a NUL in it, and PostgreSQL takes none.
        is_text = isinstance(client_id, str) and client_id.isprintable()
        client = self._board.world.clients.load_client(client_id) if is_text else None
        _refuse(refuse_client(fault, client))
        return client.client_id if client else None

    def _read_person(self, fault: Fault, endpoint: str | None, identifiant: Any) -> str | None:
        if identifiant is None:
            return None
        _refuse(refuse_concern(fault, endpoint, "identifiant"))
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
        "armed_at": write_moment(armed.armed_at),
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
    near = say_near(name) if isinstance(name, str) else ""
    raise Problem(422, f"fault must be a name of GET /sandbox/v1/faults/catalogue.{near}")


def _read_endpoint(fault: Fault, endpoint: Any) -> str | None:
    if endpoint is None:
        return None
    _refuse(refuse_endpoint(fault, endpoint))
    return str(endpoint)


def _refuse(reason: str) -> None:
    """Refuse for a reason, if there is one.

    Raises:
        Problem: 422.
    """
    if reason:
        raise Problem(422, reason)


def _read_options(fault: Fault, body: Mapping[str, Any]) -> Mapping[str, Any]:
    if fault.name != "slow" and "seconds" not in body:
        return {}
    seconds = body.get("seconds", DEFAULT_SECONDS)
    _refuse(refuse_seconds(fault, seconds))
    return {"seconds": seconds}


def _read_times(times: Any) -> int | None:
    if times == ALWAYS:
        return None
    if not isinstance(times, int) or isinstance(times, bool) or not 1 <= times <= MOST_TIMES:
        raise Problem(422, f'times must be a whole number from 1 to {MOST_TIMES}, or "{ALWAYS}"')
    return times
