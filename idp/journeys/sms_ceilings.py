"""Texts cost money and wake people: ceilings for each number, range of numbers, network address and for the whole service (guarantee 8).

Counted before anybody is looked for, so that a page says the same of a number that the school knows and of one that it does not.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from idp.journeys.policy import ActivationPolicy
from idp.journeys.ports import Secrets, UnitOfWork
from idp.journeys.rows import Ceiling, QuotaState

_HOUR = timedelta(hours=1)
_DAY = timedelta(days=1)
_OF_THE_SERVICE = "sms-service"
# Numbers are given to operators in blocks of ten thousand, in France and overseas: a block's owner who is paid for each text can ask
# for texts to all of it, one for each number, and no ceiling for a number would notice.
_DIGITS_OF_A_BLOCK = 4


@dataclass(frozen=True, slots=True)
class CeilingReached:
    """No text leaves.

    Attributes:
        name: Which ceiling, for the audit trail: no number and no address.
        wait: Until it opens again.
        spent: Whether it is the budget of the whole service.
    """

    name: str
    wait: timedelta
    spent: bool


class SmsCeilings:
    """Counts texts, in rows that all processes share."""

    def __init__(self, secrets: Secrets, policy: ActivationPolicy) -> None:
        self._secrets = secrets
        self._policy = policy

    def count(self, desk: UnitOfWork, phone: str, address: str, now: datetime) -> CeilingReached | None:
        """Count one text, or return the ceiling that keeps it from leaving; what is refused counts nowhere.

        Args:
            desk: An open unit of work.
            phone: E.164 number.
            address: The peer's network address; "" behind a proxy that is not trusted: it would be everybody's.
            now: The present moment.
        """
        ceilings = self._list_ceilings(phone, address)
        seen = desk.quotas.load_quotas({one.key: one.limit for one in ceilings}, now=now)
        reached = _find_reached(ceilings, seen, now)
        if reached is None:
            # Others may have counted between the two statements: the second one decides.
            reached = _find_reached(ceilings, desk.quotas.take_all(ceilings, now=now), now)
            if reached is not None:
                desk.quotas.give_back([one.key for one in ceilings])
        return reached

    def _list_ceilings(self, phone: str, address: str) -> list[Ceiling]:
        """Return what one text counts against, the tightest first."""
        policy = self._policy
        number = self._secrets.keyed_hash("quota", phone)
        block = self._secrets.keyed_hash("quota", phone[:-_DIGITS_OF_A_BLOCK])
        ceilings = [
            Ceiling(f"sms-number-hour:{number}", policy.sms_per_number_hour, _HOUR),
            Ceiling(f"sms-number-day:{number}", policy.sms_per_number_day, _DAY),
            Ceiling(f"sms-prefix-hour:{block}", policy.sms_per_prefix_hour, _HOUR),
            Ceiling(f"sms-prefix-day:{block}", policy.sms_per_prefix_day, _DAY),
        ]
        if address:
            place = self._secrets.keyed_hash("quota", address)
            ceilings.append(Ceiling(f"sms-address-hour:{place}", policy.sms_per_address_hour, _HOUR))
            ceilings.append(Ceiling(f"sms-address-day:{place}", policy.sms_per_address_day, _DAY))
        if phone.startswith(policy.sms_countries):
            # Elsewhere no text leaves: asking for one must not spend what families need.
            ceilings.append(Ceiling(f"{_OF_THE_SERVICE}-hour", policy.sms_per_hour, _HOUR))
            ceilings.append(Ceiling(f"{_OF_THE_SERVICE}-day", policy.sms_per_day, _DAY))
        return ceilings


def _find_reached(
    ceilings: Sequence[Ceiling], states: Mapping[str, QuotaState], now: datetime
) -> CeilingReached | None:
    for one in ceilings:
        state = states[one.key]
        if not state.allowed:
            name = one.key.partition(":")[0]
            return CeilingReached(name, state.resets_at - now, spent=name.startswith(_OF_THE_SERVICE))
    return None
