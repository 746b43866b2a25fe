"""What the journey that groups two accounts of one person asks of the world, beside `idp.journeys.ports`."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class AccountGroup:
    """An account that was grouped into another one.

    Attributes:
        account_id: The one that was set aside. It signs in no more, and closes at `until`: a purge removes it then
            (`journeys.retention`), as any account whose end was asked for, and the row of its grouping with it.
        identifiant: Of that account.
        into_id: The one that goes on.
        until: It may be undone before.
        guardian_ids: Records that moved.
        is_linked: Whether a link with FranceConnect was set aside.
        closes_at: The end that its holder had asked for before, None where there was none.
    """

    account_id: int
    identifiant: str
    into_id: int
    until: datetime
    guardian_ids: tuple[int, ...]
    is_linked: bool = False
    closes_at: datetime | None = None


class GroupingStore(Protocol):
    """Accounts that were grouped into another one."""

    def load_groups(self, into_id: int, now: datetime) -> list[AccountGroup]:
        """Return those that were grouped into an account and may be taken apart still, the oldest first."""

    def group(
        self, account_id: int, into_id: int, at: datetime, until: datetime, *, closes_at: datetime | None = None
    ) -> AccountGroup | None:
        """Move an account's records to another one and set it aside with its link; None when that was done already.

        Args:
            account_id: The one that is set aside.
            into_id: The one that goes on.
            at: The present moment.
            until: When it can be undone no more.
            closes_at: The end that its holder had asked for, to be remembered.
        """

    def ungroup(self, group: AccountGroup) -> bool:
        """Give back what still is where the grouping brought it; False when somebody else did so.

        Its link with FranceConnect comes back where neither side was linked anew meanwhile.
        """
