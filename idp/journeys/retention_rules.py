"""How long things are kept, and what becomes of an account that nobody uses: one table of rules, read from the top."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from idp.journeys.retention_ports import ClosingWarning, Standing

_SMS_COUNTRIES = ("+33", "+262", "+508", "+590", "+594", "+596", "+681", "+687", "+689")


@dataclass(frozen=True, slots=True)
class RetentionPolicy:
    """The delays.

    Attributes:
        closes_unused: Whether accounts that nobody uses are closed at all.
        unused_after: How long after its last use.
        warned_before: How long before its end each warning goes out, the longest first.
        warnings_per_hour: No more persons are warned in an hour: codes wait behind warnings in the outbox.
        audit_kept: Life of a line of the audit trail; None: for ever.
        messages_kept: Life of what is left of a message that was sent or given up; None: for ever.
        fiction: Whether messages are marked as a simulator's.
        sms_countries: Where texts may go.
    """

    closes_unused: bool = True
    unused_after: timedelta = timedelta(days=365)
    warned_before: tuple[timedelta, ...] = (timedelta(days=30), timedelta(days=7))
    warnings_per_hour: int = 200
    audit_kept: timedelta | None = timedelta(days=365)
    messages_kept: timedelta | None = timedelta(days=90)
    fiction: bool = False
    sms_countries: tuple[str, ...] = _SMS_COUNTRIES


class Act(StrEnum):
    """What is to be done about an account."""

    KEEP = "keep"
    WARN = "warn"
    CLOSE = "close"
    WAIT = "wait"


@dataclass(frozen=True, slots=True)
class Case:
    """An account at a moment, under a policy that closes unused ones."""

    standing: Standing
    unused_after: timedelta
    warned_before: tuple[timedelta, ...]
    now: datetime

    @property
    def end(self) -> datetime:
        """When the account closes, at the earliest: never before what was announced, nor before the delay, should it be longer by now."""
        by_use = self.standing.used_at + self.unused_after
        warning = self.standing.warning
        return by_use if warning is None else max(by_use, warning.closes_at)

    @property
    def stage(self) -> int:
        """How many warnings went out."""
        return 0 if self.standing.warning is None else self.standing.warning.stage


def _ends_already(case: Case) -> bool:
    return case.standing.asked_end is not None


def _was_used_since(case: Case) -> bool:
    warning = case.standing.warning
    return warning is not None and case.standing.used_at >= warning.warned_at


def _is_in_use(case: Case) -> bool:
    return case.now < case.standing.used_at + case.unused_after - case.warned_before[0]


def _is_to_be_warned(case: Case) -> bool:
    return case.stage < len(case.warned_before) and case.now >= case.end - case.warned_before[case.stage]


def _is_over(case: Case) -> bool:
    return case.now >= case.end


def _in_any_case(_case: Case) -> bool:
    return True


# The first that holds: who is still to be warned is never closed.
RULES: tuple[tuple[Callable[[Case], bool], Act], ...] = (
    (_ends_already, Act.WAIT),
    (_was_used_since, Act.KEEP),
    (_is_in_use, Act.KEEP),
    (_is_to_be_warned, Act.WARN),
    (_is_over, Act.CLOSE),
    (_in_any_case, Act.WAIT),
)


def judge(case: Case) -> Act:
    """Return what is to be done about an account."""
    return next(act for holds, act in RULES if holds(case))


def announce(case: Case) -> ClosingWarning:
    """Return the warning that goes out now. A late one puts the end off, so that each person has the days that it promises."""
    return ClosingWarning(case.stage + 1, case.now, max(case.end, case.now + case.warned_before[case.stage]))


def next_look(warning: ClosingWarning, warned_before: tuple[timedelta, ...]) -> datetime:
    """Return when something is to be done about an account whose person was warned."""
    if warning.stage < len(warned_before):
        return warning.closes_at - warned_before[warning.stage]
    return warning.closes_at
