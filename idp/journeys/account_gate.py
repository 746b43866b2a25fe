"""Who may see a page of « Mon compte », and who must sign in, or prove herself again, before (`docs/journeys/own_account.md`)."""

from datetime import datetime

from idp.journeys.account_answers import AtHome, ProveFirst
from idp.journeys.account_forms import AccountForms
from idp.journeys.answers import AskPerson, Notice, PersonStep
from idp.journeys.authorization import Authorization
from idp.journeys.policy import AccountPolicy
from idp.journeys.ports import Clock, Secrets, Stores
from idp.journeys.questions import Question
from idp.journeys.rows import SessionRow


class AccountGate:
    """The one way into a person's account: its session cookie.

    A page calls `enter` first and gets who is there, or what to answer in her place. A page that does something which could cost the
    account (e-mail, FranceConnect, closing, grouping, a copy of everything) calls `enter_proved` at its GET and at its POST: its holder
    has proved herself in the last 15 minutes, with the password or through FranceConnect, or does so now (decision 35).
    """

    def __init__(
        self,
        *,
        authorization: Authorization,
        stores: Stores,
        clock: Clock,
        secrets: Secrets,
        policy: AccountPolicy | None = None,
    ) -> None:
        self._forms = AccountForms(secrets)
        self._authorization = authorization
        self._stores = stores
        self._clock = clock
        self._policy = policy or AccountPolicy()

    def enter(self, session: str | None, browser: str | None, page: str) -> AtHome | AskPerson:
        """Return who is signed in, or the way to the sign-in page and back.

        Args:
            session: Value of the session cookie.
            browser: Value of the visit cookie.
            page: Path of the page asked for, one of our own: where to come back to.
        """
        with self._stores.reading() as desk:
            live = self._authorization.load_live_session(desk, session)
        return self._admit(live, session, browser, page)

    def enter_proved(self, session: str | None, browser: str | None, page: str) -> AtHome | AskPerson | ProveFirst:
        """Return who is signed in and has proved herself lately, or which page comes first; arguments as above."""
        return self._want_proof(self.enter(session, browser, page), page)

    def enter_with_form(
        self, session: str | None, browser: str | None, page: str, form: str, form_token: str
    ) -> AtHome | AskPerson:
        """Do as `enter`; who comes with a form that gave her session its present secret, and with the former one, is there too.

        So comes the second half of a double click: `AtHome.secret` is then the present one.

        Args:
            session: Value of the session cookie.
            browser: Value of the visit cookie.
            page: As above.
            form: What the form is for (`AccountForms.make_token`).
            form_token: Its `jeton`.
        """
        with self._stores.reading() as desk:
            live = self._authorization.load_live_session(desk, session)
            # In this order: from the moment on at which the former secret is worth nothing, the next one is there to be found.
            if live is None and session:
                secret = self._forms.next_secret(session, form_token)
                renewed = self._authorization.load_live_session(desk, secret)
                if renewed is not None and self._forms.is_ours(renewed, form, form_token):
                    return AtHome(renewed, secret)
        return self._admit(live, session, browser, page)

    def enter_proved_with_form(
        self, session: str | None, browser: str | None, page: str, form: str, form_token: str
    ) -> AtHome | AskPerson | ProveFirst:
        """Do as `enter_with_form`, for whoever has proved herself lately."""
        return self._want_proof(self.enter_with_form(session, browser, page, form, form_token), page)

    def ask_again(self, browser: str | None, page: str, notice: Notice) -> AskPerson:
        """Return the way to the sign-in page and back, with why whoever is signed in is sent there."""
        asked = self._authorization.ask_person(browser, page)
        return AskPerson(asked.handle, asked.browser_cookie, notice=notice)

    def _admit(
        self, live: SessionRow | None, session: str | None, browser: str | None, page: str
    ) -> AtHome | AskPerson:
        now = self._clock.now()
        if live is None or session is None:
            return self._authorization.ask_person(browser, page)
        if Question.IDENTITY in live.asks:
            asked = self._authorization.ask_person(browser, page)
            return AskPerson(asked.handle, asked.browser_cookie, PersonStep.IDENTITY)
        if now - live.touched_at >= self._policy.idle:
            return self.ask_again(browser, page, Notice.IDLE)
        if not self._touch(live, now):
            return self._authorization.ask_person(browser, page)
        return AtHome(live, session)

    def _want_proof(self, home: AtHome | AskPerson, page: str) -> AtHome | AskPerson | ProveFirst:
        if isinstance(home, AtHome) and self._clock.now() - _proved_at(home.live) >= self._policy.proof_lifetime:
            return ProveFirst(page)
        return home

    def _touch(self, live: SessionRow, now: datetime) -> bool:
        """Remember that the session is used, once a minute at most: pages are read more often than that."""
        if now - live.touched_at < self._policy.touch_after:
            return True
        with self._stores.writing() as desk:
            return desk.sessions.touch_session(live.id, now)


def _proved_at(live: SessionRow) -> datetime:
    """Return when the password or FranceConnect was last proved: the code of a text, a second proof, moves `auth_time` alone."""
    return live.signed_in_at or live.auth_time
