"""Several ceilings counted at once: what is refused counts nowhere."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from idp.journeys.ports import UnitOfWork
from idp.journeys.rows import Ceiling, QuotaState


@dataclass(frozen=True, slots=True)
class Reached:
    """A ceiling that is reached.

    Attributes:
        name: Its purpose, for the audit trail: no person and no address.
        wait: Until it opens again.
    """

    name: str
    wait: timedelta


def count_all(desk: UnitOfWork, ceilings: Sequence[Ceiling], now: datetime) -> Reached | None:
    """Count one use against each ceiling, or return the first one that is reached.

    Args:
        desk: An open unit of work.
        ceilings: The tightest first.
        now: The present moment.
    """
    seen = desk.quotas.load_quotas({one.key: one.limit for one in ceilings}, now=now)
    reached = find_reached(ceilings, seen, now)
    if reached is None:
        # Others may have counted between the two statements: the second one decides.
        reached = find_reached(ceilings, desk.quotas.take_all(ceilings, now=now), now)
        if reached is not None:
            desk.quotas.give_back([one.key for one in ceilings])
    return reached


def find_reached(ceilings: Sequence[Ceiling], states: Mapping[str, QuotaState], now: datetime) -> Reached | None:
    """Return the first ceiling that is reached, None for none.

    Args:
        ceilings: The tightest first.
        states: What the counters say, by key.
        now: The present moment.
    """
    for one in ceilings:
        state = states[one.key]
        if not state.allowed:
            return Reached(one.key.partition(":")[0], state.resets_at - now)
    return None
