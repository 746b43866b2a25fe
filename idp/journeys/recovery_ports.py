"""Recoveries under way, what is known of an account that somebody wants back, and the port behind which both are kept."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from idp.journeys.email_ports import ConfirmedEmail
from idp.people.emails import EmailAddress
from idp.people.persons import Holders
from idp.people.phones import PhoneNumber

NOBODY = 0
"""No account and no record has this id."""


@dataclass(slots=True)
class RecoveryRow:
    """A recovery under way in one browser. `state` and `last_answer` are clear here and sealed by the store."""

    id: str
    browser_hash: str
    former_browser_hash: str | None
    turn: int
    step: str
    reference: str
    link_hash: str | None  # of the mailed link; None once it was used, or where none was asked for
    state: bytes
    last_answer: bytes | None
    created_at: datetime
    touched_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class KnownPhone:
    """A number that the school knows of somebody, and when an import last changed it without the office's word; None for never."""

    number: PhoneNumber
    changed_at: datetime | None


@dataclass(frozen=True, slots=True)
class WayBack:
    """What decides how an account may be recovered.

    `phones` are those of the present guardian records, in the order of these.
    """

    account_id: int
    identifiant: str
    password_hash: str | None
    has_franceconnect: bool
    phones: tuple[KnownPhone, ...]

    @property
    def is_franceconnects_alone(self) -> bool:
        """Whether FranceConnect is the only way in: neither phone nor dates give such an account a password (decision 15)."""
        return self.has_franceconnect and self.password_hash is None

    def sort_numbers(self, countries: tuple[str, ...], wait: timedelta, now: datetime) -> "Numbers":
        """Return the numbers that texts may go to.

        Args:
            countries: Codes of the countries that texts may go to.
            wait: For how long a number that an import changed recovers nothing.
            now: The present moment.
        """
        usable, waiting = [], []
        for phone in self.phones:
            until = None if phone.changed_at is None else phone.changed_at + wait
            if not phone.number.e164.startswith(countries):
                continue
            if until is None or until <= now:
                usable.append(phone.number)
            else:
                waiting.append((phone.number, until))
        return Numbers(tuple(usable), tuple(waiting))


@dataclass(frozen=True, slots=True)
class AskedAccount:
    """An account that somebody asks about who has proved nothing yet.

    Where there is none, or no confirmed address, the same members hold what stands for nothing: they were read, and are looked at, like
    anybody's, because that something is found takes time (decision 43).
    """

    way: WayBack
    email: ConfirmedEmail
    is_somebodys: bool
    """Whether there is such an account; else everything here is another's, or nobody's."""

    @property
    def account_id(self) -> int | None:
        """Its id, None where there is no such account."""
        return self.way.account_id if self.is_somebodys else None

    @property
    def has_email(self) -> bool:
        """Whether it has a confirmed address."""
        return self.email.account_id != NOBODY


@dataclass(frozen=True, slots=True)
class Numbers:
    """Which number a text may go to at this moment.

    Attributes:
        usable: Those that the school has known for long enough, or that the office confirmed.
        waiting: Those that an import brought a short time ago, with the moment from which they are usable.
    """

    usable: tuple[PhoneNumber, ...]
    waiting: tuple[tuple[PhoneNumber, datetime], ...]

    def find_wait(self, e164: str) -> datetime | None:
        """Return from when on this number is usable, None where it is already, or is not among them."""
        waits = [until for phone, until in self.waiting if phone.e164 == e164]
        return max(waits) if waits and e164 not in {phone.e164 for phone in self.usable} else None


class RecoveryStore(Protocol):
    """Recoveries under way."""

    def load_way_back(self, account_id: int, now: datetime) -> WayBack | None:
        """Return how an account may be recovered, None once it has closed: one statement, whether or not there is such an account."""

    def find_asked(self, identifiant: str, now: datetime) -> AskedAccount:
        """Return the account that signs in with this identifiant: one statement that finds a row for nobody too.

        Args:
            identifiant: As typed, normalised.
            now: The present moment: an account that has closed is nobody's, and so is one that was grouped into another.
        """

    def find_holders_of_email(self, email: EmailAddress) -> Holders:
        """Return the present records of the accounts whose confirmed address this is, in any case of its letters, in their order.

        Where it is nobody's, those of another address.
        """

    def find_asked_by_records(self, guardian_ids: Sequence[int], now: datetime) -> AskedAccount:
        """Return the oldest account that holds one of these records, as above.

        Args:
            guardian_ids: Of one person; the first four are looked at.
            now: As above.
        """

    def confirm_number(self, e164: str) -> list[int]:
        """Take it that a number which an import changed is right, and return the present records that have it."""

    def load_recovery(self, browser_hash: str) -> RecoveryRow | None:
        """Return the recovery whose present or former browser hash this is."""

    def load_recovery_by_link(self, link_hash: str) -> RecoveryRow | None:
        """Return the recovery whose mailed link this is, until it is used."""

    def consume_link(self, link_hash: str) -> bool:
        """Make a mailed link worth nothing; False when somebody else did: one winner of many."""

    def add_recovery(self, row: RecoveryRow) -> None:
        """Keep a new recovery."""

    def save_recovery(self, row: RecoveryRow, *, expected_turn: int) -> bool:
        """Write every column but `id` where the turn is still `expected_turn`; False when another POST won."""

    def erase_recovery(self, recovery_id: str) -> None:
        """Forget a recovery and all that was typed in it."""

    def load_recoveries(self, now: datetime) -> list[RecoveryRow]:
        """Return every recovery that has not run out, the oldest first. For testers: no journey looks into another browser's."""
