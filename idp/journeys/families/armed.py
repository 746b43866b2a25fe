"""The faults of documents: whether each could strike, and how they are armed."""

from collections.abc import Collection, Iterator, Sequence
from typing import Protocol

from idp.journeys.families.document import ALWAYS, DocumentFault, FamiliesDocument, FaultToArm
from idp.journeys.families.reading import show
from idp.journeys.families.seed import SeedState
from idp.journeys.fault_ports import StandingFault
from idp.journeys.ports import Clock, Stores


class FaultJudge(Protocol):
    """Whoever knows the catalogue and the clients. The control API implements it: no journey knows what can be made to go wrong."""

    @property
    def most(self) -> int:
        """How many may be armed at once."""

    def find_problems(self, asked: FaultToArm, brought: Collection[str]) -> Iterator[tuple[str, str]]:
        """Yield each member that is not right with its problem.

        Args:
            asked: The fault.
            brought: Clients that documents bring, and that nobody else may know yet.
        """


def find_unarmable(documents: Sequence[FamiliesDocument], judge: FaultJudge) -> Iterator[DocumentFault]:
    """Yield what keeps faults of documents that are loaded together from striking anything."""
    identifiants = [one for document in documents for one in document.identifiants()]
    brought = {one for document in documents for one in document.client_ids()}
    count = 0
    for document in documents:
        for one in document.faults:
            count += 1
            if count > judge.most:
                yield document.fault(one.at, f"is one too many: {judge.most} may be armed at once")
            for member, problem in judge.find_problems(one, brought):
                yield document.fault((*one.at, member), problem)
            if one.identifiant and one.identifiant not in identifiants:
                yield document.fault(
                    (*one.at, "identifiant"),
                    f"= {show(one.identifiant)} is no account's of these documents: {_listed(identifiants)}",
                )


def arm_faults(documents: Sequence[FamiliesDocument], stores: Stores, clock: Clock) -> list[str]:
    """Arm the faults of documents and keep them for resets; one that was armed before is left as it is.

    Returns:
        The keys of those that were armed now.
    """
    armed = []
    for one in (fault for document in documents for fault in document.faults):
        fault = _standing(one)
        state = SeedState(seed_key(one.key), fault=fault)
        with stores.writing() as desk:
            kept = desk.seed.load(state.key)
            if kept and SeedState.from_json(kept) == state:
                continue
            # First: of two replicas that start, the other waits here, and finds the row that it takes the place of.
            desk.seed.keep(state.key, state.to_json())
            desk.standing_faults.arm(fault, clock.now())
        armed.append(one.key)
    return armed


def seed_key(key: str) -> str:
    """Return under which key of the seed a fault is kept: no guardian's has a colon."""
    return f"fault:{key}"


def _standing(one: FaultToArm) -> StandingFault:
    return StandingFault(
        key=one.key,
        fault=one.fault,
        client_id=one.client_id or None,
        identifiant=one.identifiant or None,
        endpoint=one.endpoint or None,
        times=None if one.times == ALWAYS else int(one.times),
        seconds=one.seconds,
    )


def _listed(known: Sequence[str]) -> str:
    return f"there are {', '.join(map(show, known))}" if known else "there is none"
