"""Mails that confirm an address go wherever somebody types: ceilings keep them from being pumped at a stranger."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from idp.journeys.ceilings import Reached, count_all
from idp.journeys.ports import Secrets, UnitOfWork
from idp.journeys.rows import Ceiling
from idp.people.emails import EmailAddress

_DAY = timedelta(days=1)
OF_THE_SERVICE = "mail-service-day"


@dataclass(frozen=True, slots=True)
class EmailPolicy:
    """Delays and ceilings of changing an address.

    Attributes:
        link: What a mailed link begins with; its secret comes after.
        fiction: Whether mails say that they are a simulator's.
    """

    link: str = ""
    fiction: bool = False
    link_lifetime: timedelta = timedelta(hours=24)
    resend_after: timedelta = timedelta(seconds=60)
    mails_per_account_day: int = 10
    mails_per_address_day: int = 5  # to one mailbox, whoever asks
    mails_per_caller_day: int = 300  # asked for from one network address
    mails_per_day: int = 20_000  # of the whole service


class EmailCeilings:
    """Counts mails, in rows that all processes share."""

    def __init__(self, secrets: Secrets, policy: EmailPolicy) -> None:
        self._secrets = secrets
        self._policy = policy

    def count(
        self, desk: UnitOfWork, account_id: int, email: EmailAddress, caller: str, now: datetime
    ) -> Reached | None:
        """Count one mail, or return the ceiling that keeps it from leaving.

        Args:
            desk: An open unit of work.
            account_id: Who asks.
            email: Where it goes.
            caller: The peer's network address; "" behind a proxy that is not trusted: it would be everybody's.
            now: The present moment.
        """
        policy = self._policy
        mailbox = self._secrets.keyed_hash("quota", email.compared)
        ceilings = [
            Ceiling(f"mail-account-day:{account_id}", policy.mails_per_account_day, _DAY),
            Ceiling(f"mail-address-day:{mailbox}", policy.mails_per_address_day, _DAY),
        ]
        if caller:
            place = self._secrets.keyed_hash("quota", caller)
            ceilings.append(Ceiling(f"mail-caller-day:{place}", policy.mails_per_caller_day, _DAY))
        ceilings.append(Ceiling(OF_THE_SERVICE, policy.mails_per_day, _DAY))
        return count_all(desk, ceilings, now)
