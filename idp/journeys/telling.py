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

    def reaches(self, desk: UnitOfWork, holder: AccountHolder) -> bool:
        """Tell whether there is a number, or a confirmed address, that a person can be told at."""
        if numbers_of(holder, self._policy.sms_countries):
            return True
        return desk.emails.load_confirmed(holder.account.id) is not None

    def text(self, desk: UnitOfWork, holder: AccountHolder, body: str, now: datetime) -> bool:
        """Text every number that texts may go to; False where there is none.

        Args:
            desk: The transaction.
            holder: Whom.
            body: Of `journeys.messages`.
            now: The present moment.
        """
        marked = messages.marked(body, test_instance=self._policy.fiction)
        numbers = numbers_of(holder, self._policy.sms_countries)
        for number in numbers:
            desk.outbox.put(Message("sms", number, marked), at=now)
        return bool(numbers)

    def mail(self, desk: UnitOfWork, account_id: int, mail: Mail, now: datetime) -> bool:
        """Mail the confirmed address; False where there is none. Arguments as above."""
        confirmed = desk.emails.load_confirmed(account_id)
        if confirmed is None:
            return False
        desk.outbox.put(mail.to_message(confirmed.email, at=now, test_instance=self._policy.fiction), at=now)
        return True


def numbers_of(holder: AccountHolder, countries: tuple[str, ...]) -> list[str]:
    """Return each number that the school knows of a person now and that texts may go to, once."""
    numbers = dict.fromkeys(one.mobile.e164 for one in holder.guardians if one.mobile is not None)
    return [number for number in numbers if number.startswith(countries)]
