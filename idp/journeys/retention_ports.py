"""What retention asks of the world: when accounts were last used, the warnings that went out, and lines that grow old."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Protocol


class Trail(StrEnum):
    """Rows that are written once, in the order of time, and kept for as long as a policy says."""

    AUDIT = "audit"
    MESSAGES = "messages"


@dataclass(frozen=True, slots=True)
class ClosingWarning:
    """What the person of an unused account was told.

    Attributes:
        stage: How many warnings went out.
        warned_at: When the latest did.
        closes_at: The end, as the latest said it.
    """

    stage: int
    warned_at: datetime
    closes_at: datetime


@dataclass(frozen=True, slots=True)
class Standing:
    """An account as retention sees it.

    Attributes:
        account_id: Which.
        used_at: The latest sign-in, choice of a password, or the making of the account.
        warning: What its person was told; None: nothing.
        asked_end: When she asked for it to be closed; None: she did not.
    """

    account_id: int
    used_at: datetime
    warning: ClosingWarning | None = None
    asked_end: datetime | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """Where a walk through accounts is: they come in the order of a moment, then of their ids."""

    moment: datetime
    account_id: int


BEGINNING = Place(datetime(1970, 1, 1, tzinfo=UTC), 0)
"""Before every account."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """Rows of a trail that stand next to one another: the last one's id, and how many of them are due."""

    last_id: int
    due: int


class RetentionStore(Protocol):
    """Looks for what is due and reads nothing else: of a million accounts, the few."""

    def load_unused(self, before: datetime, after: Place, limit: int) -> Sequence[Place]:
        """Return accounts of which no use after `before` was known to the latest purge, and of which nobody was warned."""

    def load_warned(self, now: datetime, after: Place, limit: int) -> Sequence[Place]:
        """Return accounts whose person was warned and of which something may be due."""

    def load_asked(self, now: datetime, after: Place, limit: int) -> Sequence[Place]:
        """Return accounts whose person asked for an end that has come."""

    def load_standing(self, account_id: int) -> Standing | None:
        """Return an account as it is at this moment, None when it is gone."""

    def hold_standing(self, account_id: int) -> Standing | None:
        """Do the same, and let nobody sign in, warn or close it before this transaction ends."""

    def note_use(self, account_id: int, used_at: datetime) -> None:
        """Remember when an account was last used, and forget that its person was warned."""

    def note_warning(self, account_id: int, warning: ClosingWarning, look_at: datetime) -> None:
        """Remember a warning, in place of the former one, and when to look again."""

    def survey(self, trail: Trail, before: datetime, after_id: int, limit: int) -> Stretch:
        """Return the next rows of a trail, and how many of them are over and as old as `before`."""

    def forget(self, trail: Trail, before: datetime, after_id: int, last_id: int) -> int:
        """Forget the rows of a stretch that are due, and return how many went."""
