"""An e-mail address is asked for, its link is mailed, and whoever opens the link makes it the account's (`docs/journeys/email_address.md`).

Nothing here says whether an address is another account's: it may be. Nothing changes before the link is opened, and opening it changes
nothing either: programs that look at mails before people do open every link. The button on its page does.
"""

from collections.abc import Callable
from datetime import datetime

from idp.journeys.account_answers import AccountNotice, AtHome, EmailState
from idp.journeys.account_forms import AccountForms, SentForm, answer_doubles
from idp.journeys.answers import Fault, Forged
from idp.journeys.email_answers import EmailAnswer, EmailDone, EmailPage
from idp.journeys.email_ceilings import OF_THE_SERVICE, EmailCeilings, EmailPolicy
from idp.journeys.email_ports import ConfirmedEmail, EmailChange
from idp.journeys.local_time import paris_time
from idp.journeys.mails import mail_address_changing, mail_confirm_address
from idp.journeys.messages import sms_email_confirmed
from idp.journeys.ports import Alarm, Clock, Secrets, Stores, UnitOfWork
from idp.journeys.rows import AuditEvent
from idp.journeys.telling import Telling
from idp.journeys.turns import REPLAY_WINDOW, Outcome
from idp.people.emails import EmailAddress, EmailFault, parse_email

CONTROL = "email"
"""Id of the field."""

_ASK = "email-ask"
_PENDING = "email-pending"  # « Renvoyer le mail » and « Annuler »
_Act = Callable[[UnitOfWork, SentForm, datetime], Outcome]


class EmailAddresses:
    """The page « Mon adresse e-mail », the two buttons of an address that waits, and the page of the mailed link."""

    def __init__(
        self,
        *,
        stores: Stores,
        clock: Clock,
        secrets: Secrets,
        policy: EmailPolicy,
        telling: Telling,
        sound_alarm: Alarm,
    ) -> None:
        self._stores = stores
        self._clock = clock
        self._secrets = secrets
        self._policy = policy
        self._telling = telling
        self._sound_alarm = sound_alarm
        self._ceilings = EmailCeilings(secrets, policy)
        self._forms = AccountForms(secrets)

    # --- who is signed in ------------------------------------------------------------------------------------------------------------

    def load_state(self, home: AtHome) -> EmailState:
        """Return the addresses of whoever is there. An address whose link has run out is no more shown."""
        now = self._clock.now()
        with self._stores.reading() as desk:
            confirmed, change = desk.emails.load_both(home.live.account_id)
        waits = change is not None and now < change.expires_at
        return EmailState(
            confirmed=confirmed.email.address if confirmed else "",
            pending=change.email.address if change and waits else "",
            form_token=self._forms.make_token(home.live, _PENDING) if waits else "",
        )

    def show(self, home: AtHome, typed: str = "", faults: tuple[Fault, ...] = ()) -> EmailPage:
        """Return the page."""
        return EmailPage(self.load_state(home), self._forms.make_token(home.live, _ASK), typed, faults)

    def ask(self, home: AtHome, form_token: str, typed: str, caller: str, *, language: str = "fr") -> EmailAnswer:
        """Take a new address down and mail its link there; the confirmed one is told, and stays until the link is opened.

        Args:
            home: Who is there, proved lately.
            form_token: The form's `jeton`.
            typed: As typed.
            caller: The peer's network address, for the ceilings.
            language: Of the mails.
        """
        try:
            email = parse_email(typed)
        except EmailFault as fault:
            ours = self._forms.is_ours(home.live, _ASK, form_token)
            return self.show(home, typed, (Fault(CONTROL, fault.code),)) if ours else Forged()

        def take_down(desk: UnitOfWork, sent: SentForm, now: datetime) -> Outcome:
            return self._take_down(desk, home, sent, email, caller, language, now)

        return self._submit(home, _ASK, form_token, typed, take_down)

    def resend(self, home: AtHome, form_token: str, caller: str, *, language: str = "fr") -> EmailAnswer:
        """Mail another link to the address that waits; the former link is then worth nothing. Arguments as above."""

        def send_again(desk: UnitOfWork, sent: SentForm, now: datetime) -> Outcome:
            return self._send_again(desk, home, sent, caller, language, now)

        return self._submit(home, _PENDING, form_token, "resend", send_again)

    def cancel(self, home: AtHome, form_token: str) -> EmailAnswer:
        """Forget the address that waits; arguments as above."""

        def forget(desk: UnitOfWork, sent: SentForm, now: datetime) -> Outcome:
            outcome = Outcome(AccountNotice.EMAIL_CANCELLED)
            self._forms.keep(desk, sent, outcome, now)
            if desk.emails.drop_change(home.live.account_id):
                self._record(desk, "account.email-cancelled", home, now)
            return outcome

        return self._submit(home, _PENDING, form_token, "cancel", forget)

    # --- the mailed link -------------------------------------------------------------------------------------------------------------

    def is_open(self, secret: str) -> bool:
        """Tell whether a link may be confirmed; nothing is consumed.

        Args:
            secret: What the link ends with.
        """
        now = self._clock.now()
        with self._stores.reading() as desk:
            change = desk.emails.load_change_by_token(self._hash(secret))
        return change is not None and now < change.expires_at

    def confirm(self, secret: str) -> bool:
        """Make the address the account's, once; a button that is pressed twice is told so twice. False: the link is over.

        Args:
            secret: What the link ends with.
        """
        now, token_hash = self._clock.now(), self._hash(secret)
        with self._stores.writing() as desk:
            change = desk.emails.consume_change(token_hash, now)
            if change is None:
                done = desk.emails.load_confirmed_by(token_hash)
                return done is not None and now - done.confirmed_at < REPLAY_WINDOW
            desk.emails.confirm(ConfirmedEmail(change.account_id, change.email, now, token_hash))
            holder = desk.accounts.load_holder(change.account_id)
            if holder is not None:
                self._telling.text(desk, holder, sms_email_confirmed(language=holder.account.language), now)
            desk.ledger.record(AuditEvent("account.email-confirmed", account_id=change.account_id), now)
        return True

    # --- inside ----------------------------------------------------------------------------------------------------------------------

    def _submit(self, home: AtHome, form: str, form_token: str, value: str, act: _Act) -> EmailAnswer:
        """Do what a form asks for, once however often it is sent."""

        def submit() -> EmailAnswer:
            now = self._clock.now()
            with self._stores.writing() as desk:
                sent = self._forms.read(desk, home.live, form, form_token, (value,), now)
                if sent is None:
                    return Forged()
                outcome = sent.before or act(desk, sent, now)
            if outcome.faults:
                return self.show(home, value, outcome.faults)
            return EmailDone(AccountNotice(outcome.step))

        return answer_doubles(submit, otherwise=Forged)  # the session has ended

    def _take_down(
        self,
        desk: UnitOfWork,
        home: AtHome,
        sent: SentForm,
        email: EmailAddress,
        caller: str,
        language: str,
        now: datetime,
    ) -> Outcome:
        confirmed, change = desk.emails.load_both(home.live.account_id)
        if confirmed is not None and confirmed.email.compared == email.compared:
            return _refused("same")
        if (
            change is not None
            and change.email.compared == email.compared
            and now - change.sent_at < self._policy.resend_after
        ):
            return Outcome(AccountNotice.EMAIL_TOO_SOON)
        if self._is_spent(desk, home, email, caller, now):
            return _refused("too-many")
        outcome = Outcome(AccountNotice.EMAIL_ASKED)
        self._forms.keep(desk, sent, outcome, now)
        self._send(desk, home, email, now, now, language)
        if confirmed is not None:
            notice = mail_address_changing(paris_time(now), language=language)
            desk.outbox.put(notice.to_message(confirmed.email, at=now, test_instance=self._policy.fiction), at=now)
        self._record(desk, "account.email-asked", home, now)
        return outcome

    def _send_again(
        self, desk: UnitOfWork, home: AtHome, sent: SentForm, caller: str, language: str, now: datetime
    ) -> Outcome:
        change = desk.emails.load_change(home.live.account_id)
        if change is None or now >= change.expires_at:
            return Outcome(AccountNotice.EMAIL_GONE)
        if now - change.sent_at < self._policy.resend_after:
            return Outcome(AccountNotice.EMAIL_TOO_SOON)
        if self._is_spent(desk, home, change.email, caller, now):
            return Outcome(AccountNotice.EMAIL_TOO_MANY)
        outcome = Outcome(AccountNotice.EMAIL_ASKED)
        self._forms.keep(desk, sent, outcome, now)
        self._send(desk, home, change.email, change.requested_at, now, language)
        self._record(desk, "account.email-sent-again", home, now)
        return outcome

    def _send(
        self, desk: UnitOfWork, home: AtHome, email: EmailAddress, requested_at: datetime, now: datetime, language: str
    ) -> None:
        """Draw a link, keep its hash, and mail it."""
        secret = self._secrets.token()
        until = now + self._policy.link_lifetime
        desk.emails.put_change(EmailChange(home.live.account_id, email, self._hash(secret), requested_at, now, until))
        mail = mail_confirm_address(self._policy.link + secret, paris_time(until), language=language)
        desk.outbox.put(mail.to_message(email, at=now, test_instance=self._policy.fiction), at=now)

    def _is_spent(self, desk: UnitOfWork, home: AtHome, email: EmailAddress, caller: str, now: datetime) -> bool:
        reached = self._ceilings.count(desk, home.live.account_id, email, caller, now)
        if reached is None:
            return False
        self._record(desk, "account.email-ceiling", home, now, ceiling=reached.name)
        if reached.name == OF_THE_SERVICE:
            self._sound_alarm(reached.name)
        return True

    def _record(self, desk: UnitOfWork, event: str, home: AtHome, now: datetime, **details: str) -> None:
        desk.ledger.record(AuditEvent(event, account_id=home.live.account_id, details=dict(details)), now)

    def _hash(self, secret: str) -> str:
        return self._secrets.keyed_hash("email-link", secret)


def _refused(code: str) -> Outcome:
    return Outcome("refused", (Fault(CONTROL, code),))
