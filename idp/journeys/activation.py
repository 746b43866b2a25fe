"""Activate an account: identity and phone, security code, link with each pupil, password, identifiant.

One dispatcher (`activation_turns`) answers every POST; a GET shows the step where the person stands. Steps never route to one another.
"""

from collections.abc import Sequence

from idp.journeys.activation_account import AccountParts
from idp.journeys.activation_identity import IdentitySteps
from idp.journeys.activation_kinship import KinshipSteps
from idp.journeys.activation_linked import LinkingSteps
from idp.journeys.activation_pages import ActivationPages, Visit
from idp.journeys.activation_password import PasswordSteps
from idp.journeys.activation_state import ActivationState
from idp.journeys.activation_turns import ORDER, ActivationTurns
from idp.journeys.answers import (
    ActivationAnswer,
    Forged,
    GoTo,
    Left,
    Lost,
    Notice,
    NotMe,
    PupilAnswer,
    Shown,
    Step,
    TypedIdentity,
)
from idp.journeys.new_password import NewPassword
from idp.journeys.policy import ActivationPolicy
from idp.journeys.ports import (
    Alarm,
    ClientRegistry,
    Clock,
    Language,
    PasswordHasher,
    PasswordJudge,
    Secrets,
    Stores,
    speak_french,
)
from idp.journeys.rows import ActivationRow
from idp.journeys.session_end import SessionEnd
from idp.journeys.turns import Outcome, Turns

_OVER = frozenset(
    {Step.DONE, Step.NOBODY_LEFT, Step.LINKED, Step.OTHER_IDENTITY, Step.CONTRADICTED, Step.FRANCECONNECT_ONLY}
)
_FIRST = frozenset({Step.IDENTITY, Step.PHONE})


class Activation:
    """The journey of a parent who has no account yet (`docs/journeys/activation.md`)."""

    def __init__(
        self,
        *,
        stores: Stores,
        clock: Clock,
        secrets: Secrets,
        hasher: PasswordHasher,
        judge: PasswordJudge,
        clients: ClientRegistry,
        policy: ActivationPolicy,
        sound_alarm: Alarm,
        language: Language = speak_french,
    ) -> None:
        self._stores = stores
        self._clock = clock
        self._secrets = secrets
        self._policy = policy
        self._turns = Turns(secrets)
        self._pages = ActivationPages(self._turns, clients, policy)
        self._dispatcher = ActivationTurns(
            stores=stores,
            clock=clock,
            secrets=secrets,
            turns=self._turns,
            pages=self._pages,
            policy=policy,
            language=language,
        )
        self._identity = IdentitySteps(secrets, policy, sound_alarm)
        parts = AccountParts(secrets, policy)
        ends = SessionEnd(clients, secrets)
        self._kinship = KinshipSteps(parts, LinkingSteps(secrets, parts, ends, policy.session_lifetime), policy)
        self._new_password = NewPassword(judge=judge, hasher=hasher, session_end=ends, policy=policy)
        self._password = PasswordSteps(self._new_password, self._kinship, parts)

    # --- what a browser asks ------------------------------------------------------------------------------------------------

    def open(self, browser: str | None, interaction_handle: str) -> ActivationAnswer:
        """Join the activation under way in this browser, or begin one.

        Args:
            browser: Value of the activation cookie.
            interaction_handle: The `d` of the sign-in page that the person comes from, "" when there is none.
        """
        with self._stores.reading() as desk:
            visit = self._dispatcher.find(desk, browser)
            interaction = (
                desk.interactions.load_interaction(self._secrets.keyed_hash("interaction", interaction_handle))
                if interaction_handle
                else None
            )
        if visit is not None and visit.step not in _OVER:
            return GoTo(visit.step)
        now = self._clock.now()
        secret = self._secrets.token()
        row = ActivationRow(
            id=self._secrets.identifier(),
            browser_hash=self._dispatcher.hash_browser(secret),
            former_browser_hash=None,
            turn=0,
            step=Step.IDENTITY,
            reference=self._secrets.reference(),
            interaction_id=interaction.id if interaction else None,
            state=ActivationState(handle=interaction_handle if interaction else "").to_bytes(),
            last_answer=None,
            created_at=now,
            touched_at=now,
            expires_at=now + self._policy.idle,
        )
        with self._stores.writing() as desk:
            desk.activations.add_activation(row)
        return GoTo(Step.IDENTITY, cookie=secret)

    def show(self, browser: str | None, step: Step, session: str | None = None) -> ActivationAnswer:
        """Show the page of `step` where the person stands there or may still change it; else go where she stands.

        Args:
            browser: Value of the activation cookie.
            step: The page that was asked for.
            session: Value of the session cookie: what FranceConnect opened is shown to whoever is signed in, and to nobody after her.
        """
        with self._stores.reading() as desk:
            visit = self._dispatcher.find(desk, browser)
            if visit is None:
                return Lost()
            if visit.is_of_session and not self._dispatcher.is_signed_in(visit, session):
                return Left(visit.state.handle)
            if visit.step is Step.DONE and self._is_long_done(visit):
                return Left(visit.state.handle, Notice.FINISHED)
            if step is visit.step or (step is visit.first_step and visit.step is Step.CODE):
                return Shown(self._pages.compose(visit, step))
            return GoTo(visit.step, notice=_notice_for(step, visit.step))

    def submit_identity(
        self, browser: str | None, form_token: str, identity: TypedIdentity, address: str
    ) -> ActivationAnswer:
        """Take the names and the number.

        Args:
            browser: Value of the activation cookie.
            form_token: The form's `jeton`.
            identity: What was typed.
            address: The peer's network address, for the ceilings.
        """
        body = ("identity", identity.family_name, identity.given_name, identity.country, identity.number)
        return self._dispatcher.take(
            browser,
            form_token,
            (Step.IDENTITY, Step.CODE),
            body,
            lambda visit: self._identity.submit_identity(visit, identity, address),
        )

    def submit_phone(
        self, browser: str | None, form_token: str, country: str, number: str, address: str
    ) -> ActivationAnswer:
        """Take the number of somebody whom FranceConnect recognised.

        Args:
            browser: Value of the activation cookie.
            form_token: The form's `jeton`.
            country: Of the list.
            number: As typed.
            address: The peer's network address, for the ceilings.
        """

        def act(visit: Visit) -> Outcome:
            if visit.state.proof is None:
                return _stay(visit)
            return self._identity.submit_phone(visit, visit.state.proof, country, number, address)

        return self._dispatcher.take(browser, form_token, (Step.PHONE, Step.CODE), ("phone", country, number), act)

    def submit_code(self, browser: str | None, form_token: str, code: str) -> ActivationAnswer:
        """Take the security code."""
        return self._dispatcher.take(
            browser, form_token, (Step.CODE,), ("code", code), lambda visit: self._identity.submit_code(visit, code)
        )

    def resend_code(self, browser: str | None, form_token: str, address: str) -> ActivationAnswer:
        """Send another code."""
        return self._dispatcher.take(
            browser, form_token, (Step.CODE,), ("resend",), lambda visit: self._identity.resend_code(visit, address)
        )

    def submit_kinship(
        self,
        browser: str | None,
        form_token: str,
        answers: Sequence[PupilAnswer],
        session: str | None = None,
        accounts: str | None = None,
        device: str = "",
    ) -> ActivationAnswer:
        """Take one answer for each pupil of the page, in its order.

        Args:
            browser: Value of the activation cookie.
            form_token: The form's `jeton`.
            answers: Of the page's pupils.
            session: Value of the session cookie: that session ends where this opens another.
            accounts: Value of the cookie of the accounts beside: theirs end too.
            device: Of `journeys.devices`: the session that FranceConnect opens here is known by it, as one of a sign-in is.
        """
        typed = [(str(one.mine), one.date.day, one.date.month, one.date.year) for one in answers]
        body = ("kinship", *(part for parts in typed for part in parts))

        def act(visit: Visit) -> Outcome:
            visit.device = device
            return self._kinship.submit_kinship(visit, answers)

        return self._dispatcher.take(browser, form_token, (Step.KINSHIP,), body, act, session, accounts)

    def submit_not_mine(
        self,
        browser: str | None,
        form_token: str,
        confirmed: bool,
        session: str | None = None,
        accounts: str | None = None,
        device: str = "",
    ) -> ActivationAnswer:
        """Take « Oui, je confirme » or « Non, revenir à la page précédente »."""

        def act(visit: Visit) -> Outcome:
            visit.device = device
            return self._kinship.submit_not_mine(visit, confirmed=confirmed)

        body = ("not-mine", str(confirmed))
        return self._dispatcher.take(browser, form_token, (Step.NOT_MINE,), body, act, session, accounts)

    def choose_new_password(self, browser: str | None, form_token: str, session: str | None = None) -> ActivationAnswer:
        """Go on to a new password for the account that exists already, or to one beside FranceConnect."""
        return self._dispatcher.take(
            browser,
            form_token,
            (Step.ALREADY_ACTIVE, Step.LINKED),
            ("new-password",),
            self._password.choose_new_password,
            session,
        )

    def submit_password(
        self, browser: str | None, form_token: str, password: str, confirmation: str, session: str | None = None
    ) -> ActivationAnswer:
        """Take the password: judged first, then hashed outside any transaction, then the account is made."""
        body = ("password", password, confirmation)
        with self._stores.reading() as desk:
            visit = self._dispatcher.find(desk, browser)
            if visit is None or visit.step is not Step.PASSWORD or not self._dispatcher.is_new(visit, form_token, body):
                return self._dispatcher.take(browser, form_token, (), body, _stay, session)
            if visit.is_of_session and not self._dispatcher.is_signed_in(visit, session):
                return Left(visit.state.handle)
            faults = self._password.read_password(visit, password, confirmation)
            if faults:
                refusal = Outcome(Step.PASSWORD, faults, consumed=False)
                return Shown(self._pages.compose(visit, Step.PASSWORD, refusal, password))
            strength = visit.state.strength
        password_hash = self._new_password.hash(password)

        def act(visit: Visit) -> Outcome:
            visit.state.strength = strength
            return self._password.set_password(visit, password_hash)

        return self._dispatcher.take(browser, form_token, (Step.PASSWORD,), body, act, session)

    def leave_franceconnect(self, browser: str | None, form_token: str) -> ActivationAnswer:
        """« Ce n'est pas vous ? »: erase everything, and say what ends the person's session at FranceConnect."""
        with self._stores.writing() as desk:
            visit = self._dispatcher.find(desk, browser)
            if visit is None or visit.state.proof is None:
                return Lost()
            if self._turns.read_form_token(visit.row.id, form_token) is None:
                return Forged()
            desk.activations.erase_activation(visit.row.id)
            return NotMe(visit.state.handle, visit.state.proof.id_token)

    def cancel(self, browser: str | None, form_token: str) -> ActivationAnswer:
        """Erase what was typed and leave."""
        with self._stores.writing() as desk:
            visit = self._dispatcher.find(desk, browser)
            if visit is None:
                return Left()
            if self._turns.read_form_token(visit.row.id, form_token) is None:
                return Forged()
            desk.activations.erase_activation(visit.row.id)
            return Left(visit.state.handle)

    def _is_long_done(self, visit: Visit) -> bool:
        done_at = visit.state.done_at
        return done_at is not None and visit.now >= done_at + self._policy.done_shown


def _stay(visit: Visit) -> Outcome:
    """Change nothing: the dispatcher refuses before it comes to this."""
    return Outcome(visit.step, consumed=False)


def _notice_for(asked: Step, current: Step) -> Notice | None:
    """Say that a step is done when the person asks for one that lies behind her."""
    if asked in _FIRST and current in _FIRST:
        return None
    if asked in ORDER and current in ORDER and ORDER.index(asked) < ORDER.index(current):
        return Notice.ALREADY_DONE
    return None
