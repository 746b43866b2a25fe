"""Texts and mails that a tester lets go wrong on their way."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from idp.adapters.delivery_faults import DeliveryFault, DeliveryFaults, Kind
from idp.sandbox.operations import Asked, Operation
from idp.sandbox.problems import Problem
from idp.sandbox.values import NUMBER, TEXT, document_of, list_of, one_of, read_members, read_recipient

_PATH = "/messages/faults"
_MOST_TIMES = 1000
_LONGEST_SECONDS = 366 * 86_400
_KIND = one_of(*Kind)
_FAULT = document_of({"id": NUMBER, "to": TEXT, "kind": _KIND, "delay_seconds": NUMBER, "times_left": NUMBER})
_ARMED = document_of({"to": TEXT, "kind": _KIND}, {"times": NUMBER, "delay_seconds": NUMBER})


def delivery_operations(faults: DeliveryFaults) -> Sequence[Operation]:
    """Return the calls about texts and mails that are lost, late or doubled."""

    def arm(asked: Asked) -> dict[str, Any]:
        sent = read_members(asked, {"to": str, "kind": str}, {"times": int, "delay_seconds": int})
        if sent["kind"] not in list(Kind):
            raise Problem(422, f"kind must be one of: {', '.join(Kind)}")
        kind, times, late = Kind(sent["kind"]), sent.get("times", 1), sent.get("delay_seconds")
        if not 1 <= times <= _MOST_TIMES:
            raise Problem(422, f"times must be from 1 to {_MOST_TIMES}")
        if (kind is Kind.DELAY) != (late is not None) or not 0 <= (late or 0) <= _LONGEST_SECONDS:
            raise Problem(422, f"delay_seconds, from 0 to {_LONGEST_SECONDS}, goes with delay, and with nothing else")
        to = read_recipient(sent["to"], status=422)
        return _write(faults.arm(to, kind, times=times, delay_seconds=late or 0))

    def load(_asked: Asked) -> list[dict[str, Any]]:
        return [_write(one) for one in faults.load_armed()]

    def disarm(_asked: Asked) -> None:
        faults.disarm()

    return (
        Operation(
            "POST",
            _PATH,
            arm,
            "Let the next texts to a number, or mails to an address, be lost, late (by the instance's clock) or doubled.",
            _FAULT,
            body=_ARMED,
            status=201,
            refusals={422: "The body is not right."},
        ),
        Operation("GET", _PATH, load, "List what the next texts meet, the oldest first.", list_of(_FAULT)),
        Operation("DELETE", _PATH, disarm, "Let nothing more go wrong. What was lost or late already stays so."),
    )


def _write(fault: DeliveryFault) -> dict[str, Any]:
    return asdict(fault)
