"""The mailed link that stands in for a code: sent to the confirmed address, good for half an hour and once, on whatever device.

A GET consumes nothing: programs that look at mails before people do open every link.
"""

from datetime import datetime

from idp.journeys import mails
from idp.journeys.local_time import paris_time
from idp.journeys.policy import ActivationPolicy
from idp.journeys.ports import Secrets, UnitOfWork
from idp.journeys.recovery_answers import Channel
from idp.journeys.recovery_pages import RecoveryVisit
from idp.journeys.recovery_ports import AskedAccount
from idp.journeys.recovery_state import RecoveryState
from idp.people.emails import EmailAddress

ANSWERED = frozenset({"told", "address-too-new"})
"""Outcomes of which the address is told."""


class MailedLinks:
    """Sends links, and takes them."""

    def __init__(self, secrets: Secrets, policy: ActivationPolicy) -> None:
        self._secrets = secrets
        self._policy = policy

    def send(self, visit: RecoveryVisit, asked: AskedAccount) -> None:
        """Draw a link in every case, and write one mail down, to be sent or not.

        Args:
            visit: The request.
            asked: The account that the identifiant is of, or nobody's.
        """
        state = visit.state
        token = self._secrets.token()
        visit.row.link_hash = self.hash_link(token)
        # Whoever found a session open may have planted it: it waits as a number does that an import changed (guarantee 7).
        usable_at = asked.email.confirmed_at + self._policy.phone_change_wait
        outcome = find_mail_outcome(asked, usable_at, visit.now)
        state.account_id = asked.account_id if outcome == "told" else None
        state.address_mark = self.mark_address(asked.email.email)
        # Both are written, whichever is sent.
        link = mails.mail_choose_password(self._policy.recovery_link + token, language=state.language)
        too_new = mails.mail_address_too_new(paris_time(usable_at), language=state.language)
        mail = too_new if outcome == "address-too-new" else link
        message = mail.to_message(asked.email.email, at=visit.now, test_instance=self._policy.fiction)
        visit.record("recovery.asked", asked.account_id, outcome=outcome, by=Channel.MAIL)
        keep = visit.desk.outbox.put if outcome in ANSWERED else visit.desk.outbox.withhold
        keep(message, at=visit.now)

    def load_sent(self, desk: UnitOfWork, link_hash: str, now: datetime) -> RecoveryState | None:
        """Return what was remembered when a link was sent; None once it was used, replaced, or has run out.

        Args:
            desk: An open unit of work.
            link_hash: Of `hash_link`.
            now: The present moment.
        """
        row = desk.recoveries.load_recovery_by_link(link_hash)
        if row is None:
            return None
        state = RecoveryState.from_bytes(row.state)
        return state if state.expires_at is not None and now < state.expires_at else None

    def take(self, visit: RecoveryVisit) -> bool:
        """Consume the link that was opened in this browser, and go on here with what it proves; False when it is over."""
        state = visit.state
        sent = self.load_sent(visit.desk, state.link_hash, visit.now)
        if sent is None or not visit.desk.recoveries.consume_link(state.link_hash):
            return False
        state.channel = Channel.MAIL
        state.identifiant = sent.identifiant
        state.account_id = sent.account_id
        state.address_mark = sent.address_mark
        state.password_mark = sent.password_mark
        return True

    def is_still_hers(self, visit: RecoveryVisit) -> bool:
        """Tell whether the address that the link went to is still the confirmed one of the account."""
        account_id = visit.state.account_id
        confirmed = None if account_id is None else visit.desk.emails.load_confirmed(account_id)
        return confirmed is not None and self.mark_address(confirmed.email) == visit.state.address_mark

    def hash_link(self, token: str) -> str:
        """Return what the table knows a link by."""
        return self._secrets.keyed_hash("recovery-link", token)

    def mark_address(self, email: EmailAddress) -> str:
        """Return what a recovery remembers of an address."""
        return self._secrets.keyed_hash("recovery-address", email.address)


def find_mail_outcome(asked: AskedAccount, usable_at: datetime, now: datetime) -> str:
    """Return what the audit trail says of a mail that was asked for.

    Args:
        asked: About whom.
        usable_at: When the confirmed address, if there is one, may bring something back.
        now: The present moment.
    """
    if not asked.is_somebodys:
        return "nobody"
    if asked.way.is_franceconnects_alone:
        return "franceconnect-only"
    if not asked.has_email:
        return "no-address"
    return "told" if usable_at <= now else "address-too-new"
