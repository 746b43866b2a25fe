"""Texts cost money and wake people: ceilings for each number, range of numbers, network address and for the whole service (guarantee 8).

Counted before anybody is looked for, so that a page says the same of a number that the school knows and of one that it does not.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from idp.journeys.ceilings import Reached, count_all, find_reached
from idp.journeys.policy import ActivationPolicy
from idp.journeys.ports import Secrets, UnitOfWork
from idp.journeys.rows import Ceiling

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
        ceilings = [*self._of_number("sms", phone), *self._of_address(address)]
        if phone.startswith(self._policy.sms_countries):
            # Elsewhere no text leaves: asking for one must not spend what families need.
            ceilings += self._of_service()
        return _told(count_all(desk, ceilings, now))

    def count_asked(
        self, desk: UnitOfWork, identifiant: str, address: str, now: datetime, *, by_sms: bool = True
    ) -> CeilingReached | None:
        """Count one message asked for by an identifiant, whose number nobody typed; or return the ceiling that is reached.

        What the page says comes from what was typed and from clocks: the budget of the service is looked at and not counted, and the
        number's own ceilings are `count_unseen`'s.

        Args:
            desk: An open unit of work.
            identifiant: As typed, normalised.
            address: As above.
            now: The present moment.
            by_sms: Whether it is a text, which the budget of the service pays.
        """
        service = self._of_service() if by_sms else []
        # What stands for nobody's texts is read as well: a row of one or of the other is found, whoever was asked about before.
        read = [*service, *self._of_service("nobody")] if by_sms else []
        spent = find_reached(service, desk.quotas.load_quotas({one.key: one.limit for one in read}, now=now), now)
        if spent is not None:
            return _told(spent)
        who = self._secrets.keyed_hash("quota", identifiant)
        asked = [
            Ceiling(f"recovery-who-hour:{who}", self._policy.sms_per_number_hour, _HOUR),
            Ceiling(f"recovery-who-day:{who}", self._policy.sms_per_number_day, _DAY),
        ]
        return _told(count_all(desk, [*asked, *self._of_address(address)], now))

    def count_unseen(
        self, desk: UnitOfWork, phone: str | None, identifiant: str, now: datetime
    ) -> CeilingReached | None:
        """Count one text to a number that nobody typed, and tell whether it may leave: the page says the same in either case.

        One statement, for nobody's identifiant too. The counters are not those of numbers that are typed: whoever types a number would
        read from its ceiling whose identifiants lead there.

        Args:
            desk: The transaction.
            phone: E.164 number, None where no text leaves.
            identifiant: As typed, normalised: what is counted in its place.
            now: The present moment.
        """
        if phone is not None:
            ceilings = [*self._of_number("recovery", phone), *self._of_service()]
        else:
            ceilings = [*self._of_number("recovery", f"nobody {identifiant}"), *self._of_service("nobody")]
        return _told(find_reached(ceilings, desk.quotas.take_all(ceilings, now=now), now))

    def _of_number(self, kind: str, phone: str) -> list[Ceiling]:
        """Return what one text counts against for its number, the tightest first."""
        policy = self._policy
        number = self._secrets.keyed_hash("quota", phone)
        block = self._secrets.keyed_hash("quota", phone[:-_DIGITS_OF_A_BLOCK])
        return [
            Ceiling(f"{kind}-number-hour:{number}", policy.sms_per_number_hour, _HOUR),
            Ceiling(f"{kind}-number-day:{number}", policy.sms_per_number_day, _DAY),
            Ceiling(f"{kind}-prefix-hour:{block}", policy.sms_per_prefix_hour, _HOUR),
            Ceiling(f"{kind}-prefix-day:{block}", policy.sms_per_prefix_day, _DAY),
        ]

    def _of_address(self, address: str) -> list[Ceiling]:
        if not address:
            return []
        place = self._secrets.keyed_hash("quota", address)
        return [
            Ceiling(f"sms-address-hour:{place}", self._policy.sms_per_address_hour, _HOUR),
            Ceiling(f"sms-address-day:{place}", self._policy.sms_per_address_day, _DAY),
        ]

    def _of_service(self, name: str = _OF_THE_SERVICE) -> list[Ceiling]:
        return [
            Ceiling(f"{name}-hour", self._policy.sms_per_hour, _HOUR),
            Ceiling(f"{name}-day", self._policy.sms_per_day, _DAY),
        ]


def _told(reached: Reached | None) -> CeilingReached | None:
    if reached is None:
        return None
    return CeilingReached(reached.name, reached.wait, spent=reached.name.startswith(_OF_THE_SERVICE))
