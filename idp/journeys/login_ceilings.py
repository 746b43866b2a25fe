"""Guessing is slowed, by identifiant and by address, without letting a stranger lock a parent out for good (guarantee 6).

Counted whether the identifiant is known or not. The tightest ceiling is for one identifiant from one address: a stranger who guesses from
elsewhere does not shut the parent out before the much wider ceiling for the identifiant alone, and all of them open again by themselves.
A browser in which this person has signed in before is counted by itself: a stranger with many addresses, or one behind the same address,
never reaches its ceiling. What tells that browser opens nothing.
"""

from datetime import datetime
from hmac import compare_digest

from idp.journeys.activation_pages import seconds_until
from idp.journeys.answers import Fault
from idp.journeys.policy import SignInPolicy
from idp.journeys.ports import Secrets, UnitOfWork
from idp.journeys.rows import Ceiling


class SignInCeilings:
    """Counts refused sign-ins."""

    def __init__(self, secrets: Secrets, policy: SignInPolicy) -> None:
        self._secrets = secrets
        self._policy = policy

    def load_wait(
        self, desk: UnitOfWork, identifiant: str, address: str, known: str | None, now: datetime
    ) -> Fault | None:
        """Return how long to wait when there were too many tries, or None.

        Args:
            desk: An open unit of work.
            identifiant: As typed, normalised.
            address: The peer's network address; "" behind a proxy that is not trusted.
            known: What `mark_browser` gave this browser, if it did.
            now: The present moment.
        """
        limits = {one.key: one.limit for one in self._list_ceilings(identifiant, address, known)}
        quotas = desk.quotas.load_quotas(limits, now=now).values()
        waits = [seconds_until(quota.resets_at, now) for quota in quotas if not quota.allowed]
        return Fault("username", "slowed", {"minutes": -(-max(waits) // 60)}) if waits else None

    def count_refusal(self, desk: UnitOfWork, identifiant: str, address: str, known: str | None, now: datetime) -> None:
        """Count one refused sign-in against every ceiling."""
        desk.quotas.take_all(self._list_ceilings(identifiant, address, known), now=now)

    def mark_browser(self, identifiant: str, known: str | None) -> str | None:
        """Return what tells later that this person has signed in in this browser; None when it can tell already."""
        if self.is_known(identifiant, known):
            return None
        drawn = self._secrets.token()
        return f"{drawn}.{self._seal_mark(identifiant, drawn)}"

    def shared_ceiling(self, identifiant: str) -> Ceiling:
        """Return the ceiling that wrong passwords from every address count against."""
        who = self._secrets.keyed_hash("quota", identifiant)
        return Ceiling(f"sign-in-who:{who}", self._policy.tries_per_identifiant, self._policy.tries_window)

    def forget_refusals(self, desk: UnitOfWork, identifiant: str, address: str) -> None:
        """Forget the wrong passwords for this identifiant, those from everywhere and those from one address."""
        for ceiling in self._list_ceilings(identifiant, address, None)[:2]:
            desk.quotas.forget(ceiling.key)

    def is_known(self, identifiant: str, known: str | None) -> bool:
        """Tell whether this person has signed in before in the browser that holds this mark."""
        drawn, _, mark = (known or "").partition(".")
        return compare_digest(mark.encode(), self._seal_mark(identifiant, drawn).encode())

    def _seal_mark(self, identifiant: str, drawn: str) -> str:
        return self._secrets.keyed_hash("known-browser", f"{identifiant}\n{drawn}")

    def _list_ceilings(self, identifiant: str, address: str, known: str | None) -> list[Ceiling]:
        policy = self._policy
        if known and self.is_known(identifiant, known):
            browser = self._secrets.keyed_hash("quota", known)
            return [Ceiling(f"sign-in-known:{browser}", policy.tries_per_identifiant_and_address, policy.tries_window)]
        ceilings = [self.shared_ceiling(identifiant)]
        if not address:  # it would be everybody's
            return ceilings
        both = self._secrets.keyed_hash("quota", f"{identifiant}\n{address}")
        place = self._secrets.keyed_hash("quota", address)
        return [
            Ceiling(f"sign-in-both:{both}", policy.tries_per_identifiant_and_address, policy.tries_window),
            *ceilings,
            Ceiling(f"sign-in-place:{place}", policy.tries_per_address, policy.tries_window),
        ]
