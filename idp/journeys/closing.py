"""« Fermer mon compte »: asked for now, done in thirty days, and undone by whoever signs in before (`docs/journeys/own_account.md`).

What is recorded is one moment, `Account.closes_at`. Until then a sign-in takes it back (`AccountStore.note_sign_in`, `keep_open`); from
then on nobody signs in. Whatever purges removes each account whose moment has come, by `AccountStore.remove_account`, with the audit line
`account.removed` in the same transaction.
"""

from datetime import datetime, timedelta

from idp.journeys import messages
from idp.journeys.account_answers import AtHome, ClosingAsked, ClosingPage
from idp.journeys.account_forms import AccountForms, answer_doubles
from idp.journeys.answers import Fault, Forged
from idp.journeys.local_time import paris_time
from idp.journeys.mails import mail_account_closing
from idp.journeys.policy import AccountPolicy
from idp.journeys.ports import Clock, Secrets, Stores
from idp.journeys.rows import AuditEvent
from idp.journeys.session_end import SessionEnd
from idp.journeys.telling import Telling
from idp.journeys.turns import REPLAY_WINDOW, Outcome
from idp.people.records import AccountHolder

_FORM = "closing"


class Closing:
    """The page and its form."""

    def __init__(
        self,
        *,
        stores: Stores,
        clock: Clock,
        secrets: Secrets,
        session_end: SessionEnd,
        telling: Telling,
        policy: AccountPolicy,
    ) -> None:
        self._stores = stores
        self._clock = clock
        self._secrets = secrets
        self._session_end = session_end
        self._telling = telling
        self._policy = policy
        self._forms = AccountForms(secrets)

    def show(self, home: AtHome, faults: tuple[Fault, ...] = ()) -> ClosingPage:
        """Return the page, for somebody who proved herself lately."""
        delay = self._policy.closing_delay
        closes_on = paris_time(self._clock.now() + delay)
        return ClosingPage(self._forms.make_token(home.live, _FORM), closes_on, delay // timedelta(days=1), faults)

    def submit(self, home: AtHome, form_token: str, *, understood: bool) -> ClosingPage | ClosingAsked | Forged | None:
        """Record when the account closes, end every session, and tell the person. None: the account was removed a moment ago.

        Nothing issued is good any more, and new tokens want a sign-in, which takes the closing back: an account that is about to close
        has none.

        Args:
            home: Who is there, with a proof of now.
            form_token: The form's `jeton`.
            understood: « J'ai compris ».
        """
        return answer_doubles(
            lambda: self._submit(home, form_token, understood=understood), otherwise=lambda: self.show(home)
        )

    def _submit(self, home: AtHome, form_token: str, *, understood: bool) -> ClosingPage | ClosingAsked | Forged | None:
        """Do what `submit` says.

        Raises:
            LostRace: Another form was faster, or another window ended the session.
        """
        now = self._clock.now()
        with self._stores.reading() as desk:
            sent = self._forms.read(desk, home.live, _FORM, form_token, (str(understood),), now)
            holder = desk.accounts.load_holder(home.live.account_id)
        if sent is None:
            return Forged()
        if not understood:
            return self.show(home, (Fault("compris", "unticked"),))
        if holder is None:
            return None
        if sent.before is not None and holder.account.closes_at is not None:
            return self._repeat(holder, holder.account.closes_at)
        closes_at = now + self._policy.closing_delay
        local = paris_time(closes_at)
        account_id = holder.account.id
        language = holder.account.language
        with self._stores.writing() as desk:
            # The account's row first: who signs in at this moment either is seen below, or takes the closing back.
            desk.accounts.plan_closing(account_id, closes_at)
            self._forms.keep(desk, sent, Outcome("asked"), now)
            self._session_end.end_all(desk, account_id, now)
            texted = self._telling.text(desk, holder, messages.sms_account_closing(local, language=language), now)
            mailed = self._telling.mail(desk, account_id, mail_account_closing(local, language=language), now)
            desk.ledger.record(AuditEvent("account.closing-asked", account_id=account_id), now)
        return ClosingAsked(local, is_told=texted or mailed)

    def find_asked(self, session: str | None, form_token: str) -> ClosingAsked | None:
        """Return what this form was answered before, when it ended the session that it comes with: so comes a double click.

        Args:
            session: Value of the session cookie.
            form_token: The form's `jeton`.
        """
        if not session:
            return None
        now = self._clock.now()
        with self._stores.reading() as desk:
            live = desk.sessions.load_session(self._secrets.keyed_hash("session", session))
            if live is None or live.ended_at is None or now - live.ended_at > REPLAY_WINDOW:
                return None
            holder = desk.accounts.load_holder(live.account_id)
        if holder is None or holder.account.closes_at is None or not self._forms.is_ours(live, _FORM, form_token):
            return None
        return self._repeat(holder, holder.account.closes_at)

    def _repeat(self, holder: AccountHolder, closes_at: datetime) -> ClosingAsked:
        with self._stores.reading() as desk:
            return ClosingAsked(paris_time(closes_at), is_told=self._telling.reaches(desk, holder))
