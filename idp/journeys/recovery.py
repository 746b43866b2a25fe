"""Get an account back: the identifiant by SMS or by mail, or a new password by code and one child's birth date.

One dispatcher (`recovery_turns`) answers every POST; a GET shows the step where the person stands. Steps never route to one another.
"""

from idp.journeys.answers import Forged, Left, Lost, Notice, TypedDate, TypedIdentity
from idp.journeys.login_ceilings import SignInCeilings
from idp.journeys.new_password import NewPassword
from idp.journeys.policy import ActivationPolicy
from idp.journeys.ports import Alarm, Clock, Language, Secrets, Stores, speak_french
from idp.journeys.recovery_answers import Channel, LinkGone, RecoveryAnswer, RecoveryGoTo, RecoveryShown, RecoveryStep
from idp.journeys.recovery_end import EndSteps
from idp.journeys.recovery_link import MailedLinks
from idp.journeys.recovery_names import NamesSteps
from idp.journeys.recovery_pages import RecoveryPages, RecoveryVisit
from idp.journeys.recovery_ports import RecoveryRow
from idp.journeys.recovery_proof import ProofSteps
from idp.journeys.recovery_state import RecoveryState
from idp.journeys.recovery_turns import ORDER, RecoveryTurns
from idp.journeys.turns import Outcome, Turns

_OVER = frozenset({RecoveryStep.SENT, RecoveryStep.DONE, RecoveryStep.OFFICE, RecoveryStep.GONE})
_FIRST_PAGES = {
    RecoveryStep.NAMES: (RecoveryStep.NAMES, RecoveryStep.ADDRESS),
    RecoveryStep.IDENTIFIANT: (RecoveryStep.IDENTIFIANT,),
}
"""The pages that a door begins with, one beside the other."""
_MAY_BE_CORRECTED = frozenset({RecoveryStep.NAMES, RecoveryStep.SENT, RecoveryStep.CODE, RecoveryStep.MAILED})
"""Steps from which the first pages of the door may be gone to."""
_ASKED = (RecoveryStep.CODE, RecoveryStep.MAILED)
_STAY = Outcome("", consumed=False)


class Recovery:
    """The journey of somebody who lost her identifiant or her password (`docs/journeys/recovery.md`)."""

    def __init__(
        self,
        *,
        stores: Stores,
        clock: Clock,
        secrets: Secrets,
        new_password: NewPassword,
        sign_in_ceilings: SignInCeilings,
        policy: ActivationPolicy,
        sound_alarm: Alarm,
        language: Language = speak_french,
    ) -> None:
        self._stores = stores
        self._clock = clock
        self._secrets = secrets
        self._new_password = new_password
        self._policy = policy
        self._turns = Turns(secrets)
        self._pages = RecoveryPages(self._turns, policy)
        self._dispatcher = RecoveryTurns(
            stores=stores,
            clock=clock,
            secrets=secrets,
            turns=self._turns,
            pages=self._pages,
            policy=policy,
            language=language,
        )
        self._names = NamesSteps(secrets, policy, sound_alarm)
        self._links = MailedLinks(secrets, policy)
        self._proof = ProofSteps(secrets, policy, self._links, sound_alarm)
        self._end = EndSteps(self._proof, new_password, sign_in_ceilings, policy)

    def open(self, browser: str | None, door: RecoveryStep, interaction_handle: str) -> RecoveryAnswer:
        """Join the recovery under way in this browser by the same door, or begin one.

        Args:
            browser: Value of the recovery cookie.
            door: NAMES for « Identifiant oublié », IDENTIFIANT for « Mot de passe oublié ».
            interaction_handle: The `d` of the sign-in page that the person comes from, "" when there is none.
        """
        with self._stores.reading() as desk:
            visit = self._dispatcher.find(desk, browser)
        if visit is not None and visit.step not in _OVER and visit.state.door is door:
            return RecoveryGoTo(visit.step)
        return self._begin(RecoveryState(door, handle=interaction_handle), door)

    def show(self, browser: str | None, step: RecoveryStep) -> RecoveryAnswer:
        """Show the page of `step` where the person stands there or may still change it; else go where she stands."""
        with self._stores.reading() as desk:
            visit = self._dispatcher.find(desk, browser)
            if visit is None:
                return Lost()
            if visit.step is RecoveryStep.DONE and self._is_long_done(visit):
                return Left(visit.state.handle, Notice.FINISHED)
            if step is visit.step or (step in _FIRST_PAGES[visit.state.door] and visit.step in _MAY_BE_CORRECTED):
                return RecoveryShown(self._pages.compose(visit, step))
            return RecoveryGoTo(visit.step, notice=_notice_for(step, visit.step))

    def submit_names(
        self, browser: str | None, form_token: str, identity: TypedIdentity, address: str
    ) -> RecoveryAnswer:
        """Take the names and the number.

        Args:
            browser: Value of the recovery cookie.
            form_token: The form's `jeton`.
            identity: What was typed.
            address: The peer's network address, for the ceilings.
        """
        body = ("names", identity.family_name, identity.given_name, identity.country, identity.number)
        return self._dispatcher.take(
            browser,
            form_token,
            (RecoveryStep.NAMES, RecoveryStep.SENT),
            body,
            lambda visit: self._names.submit(visit, identity, address),
        )

    def submit_address(
        self, browser: str | None, form_token: str, identity: TypedIdentity, email: str, address: str
    ) -> RecoveryAnswer:
        """Take the names and the e-mail address of whoever prefers a mail; other arguments as above."""
        return self._dispatcher.take(
            browser,
            form_token,
            (RecoveryStep.NAMES, RecoveryStep.SENT),
            ("address", identity.family_name, identity.given_name, email),
            lambda visit: self._names.submit_by_mail(visit, identity, email, address),
        )

    def submit_identifiant(
        self, browser: str | None, form_token: str, identifiant: str, channel: Channel, address: str
    ) -> RecoveryAnswer:
        """Take the identifiant, and whether a code or a link is sent; arguments as above."""
        return self._dispatcher.take(
            browser,
            form_token,
            (RecoveryStep.IDENTIFIANT, *_ASKED),
            ("identifiant", identifiant, channel),
            lambda visit: self._proof.submit_identifiant(visit, identifiant, channel, address),
        )

    def open_link(self, browser: str | None, token: str) -> RecoveryAnswer:
        """Open a mailed link in this browser: nothing is consumed before the person goes on.

        Args:
            browser: Value of the recovery cookie.
            token: What the link ends with.
        """
        link_hash = self._links.hash_link(token)
        with self._stores.reading() as desk:
            visit = self._dispatcher.find(desk, browser)
            if visit is not None and visit.state.link_hash == link_hash:
                return RecoveryGoTo(visit.step)
            if self._links.load_sent(desk, link_hash, self._clock.now()) is None:
                return LinkGone()
        return self._begin(RecoveryState(RecoveryStep.IDENTIFIANT, link_hash=link_hash), RecoveryStep.LINK)

    def submit_link(self, browser: str | None, form_token: str) -> RecoveryAnswer:
        """Go on in this browser with the mailed link, which is worth nothing any more."""
        return self._dispatcher.take(browser, form_token, (RecoveryStep.LINK,), ("link",), self._proof.submit_link)

    def submit_code(self, browser: str | None, form_token: str, code: str) -> RecoveryAnswer:
        """Take the security code."""
        return self._dispatcher.take(
            browser,
            form_token,
            (RecoveryStep.CODE,),
            ("code", code),
            lambda visit: self._proof.submit_code(visit, code),
        )

    def resend(self, browser: str | None, form_token: str, address: str) -> RecoveryAnswer:
        """Send another code or link."""
        return self._dispatcher.take(
            browser,
            form_token,
            _ASKED,
            ("resend",),
            lambda visit: self._proof.resend(visit, address),
        )

    def submit_date(self, browser: str | None, form_token: str, date: TypedDate) -> RecoveryAnswer:
        """Take the birth date of one child."""
        return self._dispatcher.take(
            browser,
            form_token,
            (RecoveryStep.DATE,),
            ("date", date.day, date.month, date.year),
            lambda visit: self._end.submit_date(visit, date),
        )

    def submit_password(
        self, browser: str | None, form_token: str, password: str, confirmation: str, address: str
    ) -> RecoveryAnswer:
        """Take the new password: judged first, then hashed outside any transaction, then kept."""
        body = ("password", password, confirmation)
        with self._stores.reading() as desk:
            visit = self._dispatcher.find(desk, browser)
            if (
                visit is None
                or visit.step is not RecoveryStep.PASSWORD
                or not self._dispatcher.is_new(visit, form_token, body)
            ):
                return self._dispatcher.take(browser, form_token, (), body, lambda _: _STAY)
            judged = self._end.judge(visit, password, confirmation)
            if judged.faults:
                refusal = Outcome(RecoveryStep.PASSWORD, judged.faults, consumed=False)
                return RecoveryShown(self._pages.compose(visit, RecoveryStep.PASSWORD, refusal, password))
        password_hash = self._new_password.hash(password)
        return self._dispatcher.take(
            browser,
            form_token,
            (RecoveryStep.PASSWORD,),
            body,
            lambda visit: self._end.set_password(visit, password_hash, address),
        )

    def cancel(self, browser: str | None, form_token: str) -> RecoveryAnswer:
        """Erase what was typed and leave."""
        with self._stores.writing() as desk:
            visit = self._dispatcher.find(desk, browser)
            if visit is None:
                return Left()
            if self._turns.read_form_token(visit.row.id, form_token) is None:
                return Forged()
            desk.recoveries.erase_recovery(visit.row.id)
            return Left(visit.state.handle)

    def _begin(self, state: RecoveryState, step: RecoveryStep) -> RecoveryAnswer:
        now = self._clock.now()
        secret = self._secrets.token()
        row = RecoveryRow(
            id=self._secrets.identifier(),
            browser_hash=self._dispatcher.hash_browser(secret),
            former_browser_hash=None,
            turn=0,
            step=step,
            reference=self._secrets.reference(),
            link_hash=None,
            state=state.to_bytes(),
            last_answer=None,
            created_at=now,
            touched_at=now,
            expires_at=now + self._policy.idle,
        )
        with self._stores.writing() as desk:
            desk.recoveries.add_recovery(row)
        return RecoveryGoTo(step, cookie=secret)

    def _is_long_done(self, visit: RecoveryVisit) -> bool:
        done_at = visit.state.done_at
        return done_at is not None and visit.now >= done_at + self._policy.done_shown


def _notice_for(asked: RecoveryStep, current: RecoveryStep) -> Notice | None:
    """Say that a step is done when the person asks for one that lies behind her."""
    if asked in ORDER and current in ORDER and ORDER.index(asked) < ORDER.index(current):
        return Notice.ALREADY_DONE
    return None
