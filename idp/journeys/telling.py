"""Tells a person what happened to her account: a text to each number that the school knows, a mail to her confirmed address."""

from datetime import datetime

from idp.journeys import messages
from idp.journeys.mails import Mail
from idp.journeys.policy import ActivationPolicy
from idp.journeys.ports import UnitOfWork
from idp.journeys.rows import Message
from idp.people.records import AccountHolder


class Telling:
    """Puts messages into the outbox, in the transaction of what they announce."""

    def __init__(self, policy: ActivationPolicy) -> None:
        self._policy = policy

    def text(self, desk: UnitOfWork, holder: AccountHolder, body: str, now: datetime) -> None:
        """Text every number that texts may go to.

        Args:
            desk: The transaction.
            holder: Whom.
            body: Of `journeys.messages`.
            now: The present moment.
        """
        marked = messages.marked(body, test_instance=self._policy.fiction)
        for number in numbers_of(holder, self._policy.sms_countries):
            desk.outbox.put(Message("sms", number, marked), at=now)

    def mail(self, desk: UnitOfWork, account_id: int, mail: Mail, now: datetime) -> None:
        """Mail the confirmed address, where there is one; arguments as above."""
        confirmed = desk.emails.load_confirmed(account_id)
        if confirmed is not None:
            desk.outbox.put(mail.to_message(confirmed.email, at=now, test_instance=self._policy.fiction), at=now)


def numbers_of(holder: AccountHolder, countries: tuple[str, ...]) -> list[str]:
    """Return each number that the school knows of a person now and that texts may go to, once."""
    numbers = dict.fromkeys(one.mobile.e164 for one in holder.guardians if one.mobile is not None)
    return [number for number in numbers if number.startswith(countries)]
