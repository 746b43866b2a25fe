"""The password of somebody who is signed in, asked for again: at the ceilings of the sign-in page, which count it too."""

from dataclasses import replace
from datetime import datetime

from idp.journeys.answers import Fault
from idp.journeys.login_ceilings import SignInCeilings
from idp.journeys.ports import PasswordHasher, Stores, UnitOfWork
from idp.people.passwords import MAXIMUM_LENGTH, normalise_password
from idp.people.records import Account

CONTROL = "actuel"
"""Id of the field, on every page that has it."""


class CurrentPassword:
    """Checks it."""

    def __init__(self, stores: Stores, hasher: PasswordHasher, ceilings: SignInCeilings) -> None:
        self._stores = stores
        self._hasher = hasher
        self._ceilings = ceilings

    def find_fault(self, account: Account, typed: str, address: str, known: str | None, now: datetime) -> Fault | None:
        """Return what is wrong with what was typed, None when it is the password. Never with a transaction open: argon2 takes its time.

        Args:
            account: Whose.
            typed: As typed.
            address: The peer's network address, for the ceilings.
            known: Value of the cookie of a browser in which somebody signed in before.
            now: The present moment.
        """
        if not typed:
            return Fault(CONTROL, "empty")
        if len(typed) > MAXIMUM_LENGTH:
            return Fault(CONTROL, "wrong")
        slowed = self._find_slowed(account, address, known, now)
        if slowed is not None:
            return slowed
        right = self._hasher.verify(account.password_hash, normalise_password(typed))
        # Again: of many guesses sent at once, those that were refused meanwhile count.
        return self._find_slowed(account, address, known, now) if right else Fault(CONTROL, "wrong")

    def count_refusal(self, desk: UnitOfWork, account: Account, address: str, known: str | None, now: datetime) -> None:
        """Count a wrong one against every ceiling."""
        self._ceilings.count_refusal(desk, account.identifiant, address, known, now)

    def _find_slowed(self, account: Account, address: str, known: str | None, now: datetime) -> Fault | None:
        with self._stores.reading() as desk:
            slowed = self._ceilings.load_wait(desk, account.identifiant, address, known, now)
        return None if slowed is None else replace(slowed, control=CONTROL)
