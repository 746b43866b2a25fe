"""Stores of people: what the school says of them, and the accounts that they hold. Contract suites as for `ports`."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from idp.journeys.rows import (
    AccessTokenRow,
    KinshipCount,
)
from idp.people.persons import Holders
from idp.people.records import Account, AccountHolder, Guardian, Kinship


class PeopleStore(Protocol):
    """The directory and its links."""

    def load_guardians_by_mobile(self, e164: str) -> list[Guardian]:
        """Return the present records with this mobile number."""

    def find_holders(self, e164: str) -> Holders:
        """Return the same records for somebody who has proved nothing, and where there is none those of another number."""

    def load_guardians(self, ids: Sequence[int]) -> list[Guardian]:
        """Return these records, in the order of their ids."""

    def load_kinships(self, guardian_ids: Sequence[int]) -> list[Kinship]:
        """Return the present, legal links of these guardians whose pupil is present, contested ones included, ordered by id."""

    def count_kinships(self, guardian_ids: Sequence[int]) -> KinshipCount:
        """Count these links, without reading them."""

    def confirm_kinships(self, ids: Sequence[int], at: datetime) -> int:
        """Mark these links confirmed, contested ones excepted, and return how many were marked."""

    def contest_kinships(self, ids: Sequence[int], at: datetime) -> None:
        """Mark these links contested."""

    def unconfirm_kinships(self, account_id: int) -> None:
        """Mark the confirmed links of an account's guardian records as only declared again."""


class AccountStore(Protocol):
    """Activated accounts."""

    def load_by_identifiant(self, identifiant: str) -> Account | None:
        """Return the account that signs in with this identifiant; none where it was grouped into another one."""

    def load_by_guardians(self, guardian_ids: Sequence[int]) -> list[Account]:
        """Return the accounts that hold any of these guardian records, oldest first."""

    def load_holder(self, account_id: int) -> AccountHolder | None:
        """Return the account with its guardian records and their confirmed, present links."""

    def load_dates(self, account_id: int) -> dict[str, datetime | None] | None:
        """Return when an account was made, got its password, was signed in to and closes, by the names of the copy for its holder."""

    def load_token_holder(self, token_hash: str) -> tuple[AccessTokenRow, AccountHolder | None] | None:
        """Return an access token, revoked and expired ones included, with its account as `load_holder` does."""

    def reserve_identifiant(self, value: str, at: datetime) -> bool:
        """Reserve `value` for ever; False when it was given before."""

    def add_account(
        self,
        *,
        identifiant: str,
        subject_seed: str,
        password_hash: str | None,
        family_name: str,
        given_name: str,
        at: datetime,
        language: str = "fr",
    ) -> int | None:
        """Add an account, with no password when FranceConnect signs it in; return its id, None when an account has this identifiant."""

    def attach_guardian(self, account_id: int, guardian_id: int, at: datetime) -> bool:
        """Give a guardian record to an account; False when an account already holds it."""

    def set_password(self, account_id: int, password_hash: str | None, at: datetime) -> None:
        """Replace the password, or take it away."""

    def note_sign_in(
        self, account_id: int, at: datetime, *, password_hash: str | None, language: str | None = None
    ) -> bool:
        """Remember the latest sign-in and the language chosen for it, if any; a closing that was asked for is taken back.

        False when the password is no longer the one that was verified, or when the account has closed.
        """

    def plan_closing(self, account_id: int, closes_at: datetime) -> None:
        """Remember when an account closes. From then on it signs nobody in, and may be removed; `note_sign_in` and `keep_open` undo it."""

    def keep_open(self, account_id: int, at: datetime) -> bool:
        """Take back a closing that was asked for; False when the account has closed."""

    def confirm_identity(self, account_id: int, at: datetime) -> None:
        """Remember that a child's birth date was given."""

    def ask_identity(self, account_id: int) -> None:
        """Have a child's birth date asked for at the next sign-in."""

    def remove_account(self, account_id: int) -> None:
        """Forget an account with sessions, grants, e-mail addresses and link with FranceConnect; its identifiant is never given again."""
