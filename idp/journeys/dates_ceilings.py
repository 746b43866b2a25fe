"""Wrong birth dates are counted by guardian record, wherever they are typed: five for each code, ten a day, then the office."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from idp.journeys.policy import ActivationPolicy
from idp.journeys.ports import UnitOfWork


@dataclass(frozen=True, slots=True)
class TriesLeft:
    """How many more dates may be wrong, and how long the page waits where none may."""

    count: int
    wait: timedelta


class DatesCeilings:
    """Counts in rows that all processes share."""

    def __init__(self, policy: ActivationPolicy) -> None:
        self._policy = policy

    def load_wait(self, desk: UnitOfWork, guardian_ids: Sequence[int], now: datetime) -> timedelta | None:
        """Return how long the birth dates of these records may not be tried, or None."""
        limits = {dates_quota_key(one): self._policy.guardian_dates_tries for one in guardian_ids}
        quotas = desk.quotas.load_quotas(limits, now=now).values() if limits else ()
        return max((quota.resets_at - now for quota in quotas if not quota.allowed), default=None)

    def count_wrong(self, desk: UnitOfWork, guardian_ids: Sequence[int], tries: int, now: datetime) -> TriesLeft:
        """Count one wrong answer against each record, and return what is left.

        Args:
            desk: The transaction.
            guardian_ids: The person's records.
            tries: Wrong answers with this code, this one included.
            now: The present moment.
        """
        left = self._policy.dates_tries - tries
        resets_at = now + self._policy.lock_after_code
        limit = self._policy.guardian_dates_tries
        for guardian_id in guardian_ids:
            quota = desk.quotas.take(
                dates_quota_key(guardian_id), limit=limit, window=self._policy.guardian_dates_window, now=now
            )
            if limit - quota.used < left:
                left = limit - quota.used
                resets_at = quota.resets_at
        return TriesLeft(max(0, left), resets_at - now)


def dates_quota_key(guardian_id: int) -> str:
    """Return the counter of wrong birth dates for one guardian record."""
    return f"dates-guardian:{guardian_id}"
