"""Guessing is slowed, by identifiant and by address, without letting a stranger lock a parent out for good (guarantee 6).

Counted whether the identifiant is known or not. The tightest ceiling is for one identifiant from one address: a stranger who guesses from
elsewhere does not shut the parent out before the much wider ceiling for the identifiant alone, and all of them open again by themselves.
"""

from datetime import datetime

from idp.journeys.activation_pages import seconds_until
from idp.journeys.answers import Fault
from idp.journeys.policy import SignInPolicy
from idp.journeys.ports import Secrets, UnitOfWork


class SignInCeilings:
    """Counts refused sign-ins."""

    def __init__(self, secrets: Secrets, policy: SignInPolicy) -> None:
        self._secrets = secrets
        self._policy = policy

    def load_wait(self, desk: UnitOfWork, identifiant: str, address: str, now: datetime) -> Fault | None:
        """Return how long to wait when there were too many tries, or None."""
        quotas = desk.quotas.load_quotas(dict(self._keys(identifiant, address)), now=now).values()
        waits = [seconds_until(quota.resets_at, now) for quota in quotas if not quota.allowed]
        return Fault("username", "slowed", {"minutes": -(-max(waits) // 60)}) if waits else None

    def count_refusal(self, desk: UnitOfWork, identifiant: str, address: str, now: datetime) -> None:
        """Count one refused sign-in against every ceiling."""
        for key, limit in self._keys(identifiant, address):
            desk.quotas.take(key, limit=limit, window=self._policy.tries_window, now=now)

    def _keys(self, identifiant: str, address: str) -> tuple[tuple[str, int], ...]:
        policy = self._policy
        who = self._secrets.keyed_hash("quota", identifiant)
        keys = ((f"sign-in-who:{who}", policy.tries_per_identifiant),)
        if not address:  # behind a proxy that is not trusted: it would be everybody's
            return keys
        both = self._secrets.keyed_hash("quota", f"{identifiant}\n{address}")
        place = self._secrets.keyed_hash("quota", address)
        return (
            (f"sign-in-both:{both}", policy.tries_per_identifiant_and_address),
            *keys,
            (f"sign-in-place:{place}", policy.tries_per_address),
        )
