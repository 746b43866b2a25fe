"""What follows when the school's files change the number of somebody who has an account (guarantee 7).

The new number and the old one are texted and the confirmed address gets a mail, in the transaction that changes the number: whoever typed a
wrong digit, or got a recycled number, is not the only one who hears of it. Codes that went to the old number are worth nothing any more,
because each journey looks at the number again at each of its steps (`activation_pages`, `recovery_proof`, `step_up_state`).
For 72 hours the new number recovers nothing, unless the office confirms it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from idp.journeys import messages
from idp.journeys.local_time import paris_time
from idp.journeys.mails import mail_number_changed
from idp.journeys.policy import ActivationPolicy
from idp.journeys.ports import UnitOfWork
from idp.journeys.rows import AuditEvent, Message
from idp.journeys.telling import Telling


@dataclass(frozen=True, slots=True)
class PhoneMove:
    """One guardian's record whose number an import changed. "" stands for no number."""

    guardian_id: int
    old: str
    new: str


class PhoneChanges:
    """Tells of changes, and takes the office's word for one."""

    def __init__(self, policy: ActivationPolicy) -> None:
        self._policy = policy
        self._telling = Telling(policy)

    def tell(self, desk: UnitOfWork, moves: Sequence[PhoneMove], now: datetime) -> int:
        """Tell whoever has an account, and return how many persons were told. Nobody who is not active hears anything.

        Args:
            desk: The transaction in which the numbers were changed.
            moves: Which.
            now: The present moment.
        """
        told = 0
        for account in desk.accounts.load_by_guardians([one.guardian_id for one in moves]):
            holder = desk.accounts.load_holder(account.id)
            if holder is None or account.is_closed(now):
                continue
            told += 1
            language = account.language
            held = {one.id for one in holder.guardians}
            known = {one.mobile.e164 for one in holder.guardians if one.mobile is not None}
            mine = [one for one in moves if one.guardian_id in held]
            for number in dict.fromkeys(one.new for one in mine if one.new):
                self._text(desk, number, messages.sms_number_recorded(language=language), now)
            # Another record of hers may still have it.
            for number in dict.fromkeys(one.old for one in mine if one.old and one.old not in known):
                self._text(desk, number, messages.sms_number_left(language=language), now)
            self._telling.mail(desk, account.id, mail_number_changed(paris_time(now), language=language), now)
        return told

    def confirm(self, desk: UnitOfWork, number: str, now: datetime) -> int:
        """Let a number recover accounts at once, on the word of the office, and return how many records have it.

        Args:
            desk: The transaction.
            number: E.164.
            now: The present moment.
        """
        confirmed = desk.recoveries.confirm_number(number)
        if confirmed:
            event = AuditEvent("directory.phone-confirmed", details={"guardians": confirmed})
            desk.ledger.record(event, now)
        return len(confirmed)

    def _text(self, desk: UnitOfWork, number: str, body: str, now: datetime) -> None:
        if number.startswith(self._policy.sms_countries):
            text = messages.marked(body, test_instance=self._policy.fiction)
            desk.outbox.put(Message("sms", number, text), at=now)
