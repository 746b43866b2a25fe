"""The e-mail addresses of accounts: what is kept of them, and the port behind which it is kept."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from idp.people.emails import EmailAddress


@dataclass(frozen=True, slots=True)
class ConfirmedEmail:
    """An address of which somebody opened a link that was mailed there.

    `token_hash` is that of the link, so that a POST that comes twice gets the same answer; None when no link did it.
    """

    account_id: int
    email: EmailAddress
    confirmed_at: datetime
    token_hash: str | None = None


@dataclass(frozen=True, slots=True)
class EmailChange:
    """An address that was asked for and is not confirmed: the account keeps its former one until the mailed link is opened."""

    account_id: int
    email: EmailAddress
    token_hash: str
    requested_at: datetime
    sent_at: datetime
    expires_at: datetime


class EmailStore(Protocol):
    """E-mail addresses of accounts, at most one confirmed and one asked for of each. The same address may be that of several accounts."""

    def load_confirmed(self, account_id: int) -> ConfirmedEmail | None:
        """Return the confirmed address of an account."""

    def load_accounts(self, email: EmailAddress) -> list[int]:
        """Return the accounts whose confirmed address this is, in any case of its letters, oldest first."""

    def load_confirmed_by(self, token_hash: str) -> ConfirmedEmail | None:
        """Return the address that this link confirmed, while it is still the account's."""

    def load_both(self, account_id: int) -> tuple[ConfirmedEmail | None, EmailChange | None]:
        """Return the confirmed address of an account and the change that it waits for, as `load_change` says, at once."""

    def load_change(self, account_id: int) -> EmailChange | None:
        """Return the change that an account waits for, expired ones included.

        One that was asked for before the account got another password counts for nothing, here and below: whoever knew the former
        password may have asked for it.
        """

    def load_change_by_token(self, token_hash: str) -> EmailChange | None:
        """Return the change that this link confirms, expired ones included."""

    def put_change(self, change: EmailChange) -> None:
        """Keep a change, in place of what the account waited for before: its link is worth nothing from now on."""

    def drop_change(self, account_id: int) -> bool:
        """Forget the change that an account waits for; False when there is none."""

    def consume_change(self, token_hash: str, now: datetime) -> EmailChange | None:
        """Take out the change that this link confirms: one winner of many, None when it is over."""

    def confirm(self, confirmed: ConfirmedEmail) -> None:
        """Keep an address as the account's, in place of its former one."""

    def forget_address(self, account_id: int) -> bool:
        """Forget the confirmed address of an account; False when there is none."""
