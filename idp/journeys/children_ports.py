"""What the journeys about children ask of the world, beside `idp.journeys.ports`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol


class NewsKind(StrEnum):
    """What the directory did to a link of somebody who has an account."""

    ADDED = "added"
    """It states a link that nobody has proved yet, perhaps for this person."""
    REMOVED = "removed"
    """It states a proved link no longer, though the pupil is still there."""


@dataclass(frozen=True, slots=True)
class News:
    """Something to tell somebody who has an account."""

    account_id: int
    kind: NewsKind


@dataclass(slots=True)
class QuestionRow:
    """How far a session is with a question. Bytes are clear here and sealed by the store."""

    session_id: str
    question: str  # of journeys.questions
    turn: int = 0
    state: bytes = b""
    last_answer: bytes | None = None


class ChildrenStore(Protocol):
    """What imports brought for accounts, and what sessions are asked."""

    def load_untold(self, after: News | None, limit: int) -> list[News]:
        """Return what nobody has been told yet, once for each account and kind, in the order of accounts.

        Args:
            after: The last one of the list before.
            limit: How many at most.
        """

    def load_untold_links(self, news: News) -> list[int]:
        """Return the links that nobody has been told of."""

    def mark_told(self, news: News, links: Sequence[int], at: datetime) -> bool:
        """Note that a person was told of these links; False when somebody else did so meanwhile."""

    def forget_news(self, account_id: int, *, but: Sequence[int] = ()) -> None:
        """Forget which links were added for an account, except these."""

    def renew_news(self, account_id: int, at: datetime) -> None:
        """Look anew for links added for an account, as known to its person since `at`."""

    def load_since(self, links: Sequence[int]) -> Mapping[int, datetime]:
        """Return when these links were proved, by link."""

    def load_question(self, session_id: str, question: str) -> QuestionRow:
        """Return how far a session is with a question; at its beginning where nothing was answered yet."""

    def save_question(self, row: QuestionRow, *, expected_turn: int) -> bool:
        """Keep how far it is where the turn is still `expected_turn`; False when another POST won."""
