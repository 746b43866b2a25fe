"""What a fault may be armed with: one set of rules for calls and for families documents. Each returns why not, "" where it may."""

import difflib
from collections.abc import Callable, Collection, Iterator
from typing import Any

from idp.journeys.families.document import FaultToArm
from idp.journeys.families.reading import show
from idp.protocol.client import Client
from idp.sandbox.faults.catalogue import CATALOGUE
from idp.sandbox.faults.entry import ANONYMOUS, IMPERSONAL, Endpoint, Fault
from idp.sandbox.faults.transport import LONGEST_SECONDS

MOST_ARMED = 100
"""By testers at once, used up ones included: each answer of an instance reads those that wait."""
_SHORTEST_SECONDS = 0.1


def say_near(name: str) -> str:
    """Return a sentence of the names that are nearest to one that is none, "" where none is near."""
    near = difflib.get_close_matches(name[:100], CATALOGUE, 3)
    return f" Perhaps one of: {', '.join(near)}." if near else ""


def refuse_endpoint(fault: Fault, endpoint: Any) -> str:
    """Say where a fault bites, if not there."""
    return "" if endpoint in list(fault.endpoints) else f"{fault.name} bites at: {', '.join(fault.endpoints)}"


def refuse_concern(fault: Fault, endpoint: str | None, member: str) -> str:
    """Say where anybody knows who asks, if not where the fault bites.

    Args:
        fault: The fault.
        endpoint: The one that was asked for, None for all of its own.
        member: ``client_id`` or ``identifiant``.
    """
    unknown_at = ANONYMOUS if member == "client_id" else IMPERSONAL
    if not unknown_at.issuperset({endpoint} if endpoint else fault.endpoints):
        return ""
    known_at = ", ".join(one for one in Endpoint if one not in unknown_at)
    return f"{member} is known only at: {known_at}. Arm {fault.name} without it"


def refuse_client(fault: Fault, client: Client | None) -> str:
    """Say why a fault would strike nothing of a client."""
    if client is None:
        return "No client has this client_id: a fault armed for it would strike nothing"
    reason = fault.fits(client)
    return f"{fault.name} cannot apply to this client: {reason}" if reason else ""


def refuse_seconds(fault: Fault, seconds: Any) -> str:
    """Say how long an answer may be held back, and by which fault."""
    if fault.name != "slow":
        return "seconds is for slow alone"
    is_number = isinstance(seconds, int | float) and not isinstance(seconds, bool)
    if not is_number or not _SHORTEST_SECONDS <= seconds <= LONGEST_SECONDS:
        return f"seconds must be a number from {_SHORTEST_SECONDS} to {LONGEST_SECONDS:.0f}"
    return ""


class DocumentFaults:
    """Implements `journeys.families.armed.FaultJudge`.

    Args:
        load_client: Finds a client of the instance; None: no instance is asked, and any client may be there.
    """

    most = MOST_ARMED

    def __init__(self, load_client: Callable[[str], Client | None] | None) -> None:
        self._load_client = load_client

    def find_problems(self, asked: FaultToArm, brought: Collection[str]) -> Iterator[tuple[str, str]]:
        """Yield each member that is not right with its problem; nothing is said of the others where no such fault is."""
        fault = CATALOGUE.get(asked.fault)
        if fault is None:
            near = say_near(asked.fault).rstrip(".")
            yield (
                "fault",
                f"= {show(asked.fault)} is no fault's name: preau serves them at /sandbox/v1/faults/catalogue.{near}",
            )
            return
        for member, value, why in self._judge(fault, asked, brought):
            if why:
                yield member, f"= {show(value)} cannot be: {why}"

    def _judge(self, fault: Fault, asked: FaultToArm, brought: Collection[str]) -> Iterator[tuple[str, Any, str]]:
        endpoint = asked.endpoint or None
        if endpoint and (why := refuse_endpoint(fault, endpoint)):
            yield "endpoint", endpoint, why
            endpoint = None
        if asked.client_id:
            why = refuse_concern(fault, endpoint, "client_id") or self._refuse_client(fault, asked.client_id, brought)
            yield "client_id", asked.client_id, why
        if asked.identifiant:
            yield "identifiant", asked.identifiant, refuse_concern(fault, endpoint, "identifiant")
        if asked.seconds is not None:
            yield "seconds", asked.seconds, refuse_seconds(fault, asked.seconds)

    def _refuse_client(self, fault: Fault, client_id: str, brought: Collection[str]) -> str:
        client = self._load_client(client_id) if self._load_client else None
        if client is None and (self._load_client is None or client_id in brought):
            return ""
        return refuse_client(fault, client)
