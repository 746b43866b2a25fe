"""For how long things are kept, as an operator writes it under [retention]."""

from collections.abc import Iterator
from itertools import pairwise
from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from idp.settings.faults import Fault
from idp.settings.values import Count, Group

if TYPE_CHECKING:
    from idp.settings.model import Settings

_SHORTEST_UNUSED = 30  # days before the first warning: « depuis 1 mois » is then true
_SHORTEST_KEPT = 30  # days: longer than any session lives whose lines `preau db check` looks for
_Days = Annotated[int, Field(ge=0, le=36_500)]


class RetentionSettings(Group):
    """What is forgotten, and when. `preau purge` does it, and the server by itself."""

    every_hours: int = Field(
        default=1,
        ge=0,
        le=168,
        description="How often the server purges, in hours. 0: only `preau purge` does. A test instance never does by itself: "
        "`POST /sandbox/v1/purge` does.",
    )
    unused_days: _Days = Field(
        default=365,
        description="An account is closed that many days after its last sign-in, its person being warned before. 0: never.",
    )
    warned_days_before: tuple[Annotated[int, Field(ge=1, le=365)], ...] = Field(
        default=(30, 7),
        min_length=1,
        max_length=5,
        description="How many days before its end each warning goes out, the longest first.",
    )
    warnings_per_hour: Count = Field(
        default=200, description="Persons warned in an hour, so that security codes do not wait behind warnings."
    )
    audit_days: _Days = Field(
        default=365, description="Life of a line of the audit trail, in days: 30 at least. 0: for ever."
    )
    messages_days: _Days = Field(
        default=90,
        description="Life of what is left of a text or mail that was sent or given up, in days: 30 at least. 0: for ever.",
    )


def retention_faults(settings: "Settings") -> Iterator[Fault]:
    """Yield what the settings of retention get wrong together."""
    given = settings.retention
    before = given.warned_days_before
    if any(former <= later for former, later in pairwise(before)):
        yield Fault("retention.warned_days_before", "must go down, for example [30, 7]")
    if given.unused_days and given.unused_days < before[0] + _SHORTEST_UNUSED:
        yield Fault(
            "retention.unused_days",
            f"must be 0, or {_SHORTEST_UNUSED} days more than the first of retention.warned_days_before at least",
        )
    for name in ("audit_days", "messages_days"):
        if 0 < getattr(given, name) < _SHORTEST_KEPT:
            yield Fault(f"retention.{name}", f"must be 0, or {_SHORTEST_KEPT} at least")
