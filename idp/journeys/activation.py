"""Activate an account: identity and phone, security code, link with each pupil, password, identifiant.

One dispatcher answers every request: it finds the browser's activation, refuses forged and repeated forms, runs the step's act in one
transaction, and shows the step where the person stands. Steps never route to one another.
"""

from collections.abc import Callable, Sequence

from idp.journeys.activation_account import AccountParts
from idp.journeys.activation_identity import IdentitySteps
from idp.journeys.activation_kinship import KinshipSteps
from idp.journeys.activation_linked import LinkingSteps
from idp.journeys.activation_pages import ActivationPages, Visit
from idp.journeys.activation_password import PasswordSteps
from idp.journeys.activation_state import ActivationState
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
from idp.journeys.policy import ActivationPolicy
from idp.journeys.ports import Alarm, ClientRegistry, Clock, PasswordHasher, PasswordJudge, Secrets, Stores, UnitOfWork
from idp.journeys.rows import ActivationRow
from idp.journeys.turns import LastAnswer, LostRace, Outcome, Turns, repeated

_ORDER = (
    Step.IDENTITY,
    Step.PHONE,
    Step.CODE,
    Step.KINSHIP,
    Step.NOT_MINE,
    Step.NOBODY_LEFT,
    Step.ALREADY_ACTIVE,
    Step.LINKED,
    Step.PASSWORD,
    Step.DONE,
)
_OVER = frozenset(
    {Step.DONE, Step.NOBODY_LEFT, Step.LINKED, Step.OTHER_IDENTITY, Step.CONTRADICTED, Step.FRANCECONNECT_ONLY}
)
_FIRST = frozenset({Step.IDENTITY, Step.PHONE})
_ATTEMPTS = 3  # at a turn that another POST of the same browser keeps winning

Act = Callable[[Visit], Outcome]


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
    ) -> None:
        self._stores = stores
        self._clock = clock
        self._secrets = secrets
        self._hasher = hasher
        self._policy = policy
        self._turns = Turns(secrets)
        self._pages = ActivationPages(self._turns, clients, policy)
        self._identity = IdentitySteps(secrets, policy, sound_alarm)
        parts = AccountParts(secrets, policy)
        self._kinship = KinshipSteps(parts, LinkingSteps(secrets, parts, policy.session_lifetime), policy)
        self._password = PasswordSteps(judge, self._kinship, parts)

    # --- what a browser asks ------------------------------------------------------------------------------------------------

    def open(self, browser: str | None, interaction_handle: str) -> ActivationAnswer:
        """Join the activation under way in this browser, or begin one.

        Args:
            browser: Value of the activation cookie.
            interaction_handle: The `d` of the sign-in page that the person comes from, "" when there is none.
        """
        with self._stores.reading() as desk:
            visit = self._find(desk, browser)
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
            browser_hash=self._hash_browser(secret),
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
            visit = self._find(desk, browser)
            if visit is None:
                return Lost()
            if visit.is_of_session and not self._is_signed_in(visit, session):
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
        return self._take_turn(
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

        return self._take_turn(browser, form_token, (Step.PHONE, Step.CODE), ("phone", country, number), act)

    def submit_code(self, browser: str | None, form_token: str, code: str) -> ActivationAnswer:
        """Take the security code."""
        return self._take_turn(
            browser, form_token, (Step.CODE,), ("code", code), lambda visit: self._identity.submit_code(visit, code)
        )

    def resend_code(self, browser: str | None, form_token: str, address: str) -> ActivationAnswer:
        """Send another code."""
        return self._take_turn(
            browser, form_token, (Step.CODE,), ("resend",), lambda visit: self._identity.resend_code(visit, address)
        )

    def submit_kinship(
        self, browser: str | None, form_token: str, answers: Sequence[PupilAnswer], session: str | None = None
    ) -> ActivationAnswer:
        """Take one answer for each pupil of the page, in its order.

        Args:
            browser: Value of the activation cookie.
            form_token: The form's `jeton`.
            answers: Of the page's pupils.
            session: Value of the session cookie: that session ends where this opens another.
        """
        typed = [(str(one.mine), one.date.day, one.date.month, one.date.year) for one in answers]
        return self._take_turn(
            browser,
            form_token,
            (Step.KINSHIP,),
            ("kinship", *(part for parts in typed for part in parts)),
            lambda visit: self._kinship.submit_kinship(visit, answers),
            session,
        )

    def submit_not_mine(
        self, browser: str | None, form_token: str, confirmed: bool, session: str | None = None
    ) -> ActivationAnswer:
        """Take « Oui, je confirme » or « Non, revenir à la page précédente »."""
        return self._take_turn(
            browser,
            form_token,
            (Step.NOT_MINE,),
            ("not-mine", str(confirmed)),
            lambda visit: self._kinship.submit_not_mine(visit, confirmed=confirmed),
            session,
        )

    def choose_new_password(self, browser: str | None, form_token: str, session: str | None = None) -> ActivationAnswer:
        """Go on to a new password for the account that exists already, or to one beside FranceConnect."""
        return self._take_turn(
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
            visit = self._find(desk, browser)
            if visit is None or visit.step is not Step.PASSWORD or not self._is_new(visit, form_token, body):
                return self._take_turn(browser, form_token, (), body, _stay, session)
            if visit.is_of_session and not self._is_signed_in(visit, session):
                return Left(visit.state.handle)
            faults = self._password.read_password(visit, password, confirmation)
            if faults:
                refusal = Outcome(Step.PASSWORD, faults, consumed=False)
                return Shown(self._pages.compose(visit, Step.PASSWORD, refusal, password))
            strength = visit.state.strength
        password_hash = self._hasher.hash(password)

        def act(visit: Visit) -> Outcome:
            visit.state.strength = strength
            return self._password.set_password(visit, password_hash)

        return self._take_turn(browser, form_token, (Step.PASSWORD,), body, act, session)

    def leave_franceconnect(self, browser: str | None, form_token: str) -> ActivationAnswer:
        """« Ce n'est pas vous ? »: erase everything, and say what ends the person's session at FranceConnect."""
        with self._stores.writing() as desk:
            visit = self._find(desk, browser)
            if visit is None or visit.state.proof is None:
                return Lost()
            if self._turns.read_form_token(visit.row.id, form_token) is None:
                return Forged()
            desk.activations.erase_activation(visit.row.id)
            return NotMe(visit.state.handle, visit.state.proof.id_token)

    def cancel(self, browser: str | None, form_token: str) -> ActivationAnswer:
        """Erase what was typed and leave."""
        with self._stores.writing() as desk:
            visit = self._find(desk, browser)
            if visit is None:
                return Left()
            if self._turns.read_form_token(visit.row.id, form_token) is None:
                return Forged()
            desk.activations.erase_activation(visit.row.id)
            return Left(visit.state.handle)

    # --- one dispatcher for every POST ----------------------------------------------------------------------------------------

    def _take_turn(
        self,
        browser: str | None,
        form_token: str,
        steps: tuple[Step, ...],
        body: tuple[str, ...],
        act: Act,
        session: str | None = None,
    ) -> ActivationAnswer:
        for _ in range(_ATTEMPTS):
            try:
                with self._stores.writing() as desk:
                    return self._answer_post(desk, browser, form_token, steps, body, act, session)
            except LostRace:
                continue
        return Lost()

    def _answer_post(  # the checks in their order; each one ends the request
        self,
        desk: UnitOfWork,
        browser: str | None,
        form_token: str,
        steps: tuple[Step, ...],
        body: tuple[str, ...],
        act: Act,
        session: str | None,
    ) -> ActivationAnswer:
        visit = self._find(desk, browser, former_too=True)
        if visit is None or browser is None:
            return Lost()
        turn = self._turns.read_form_token(visit.row.id, form_token)
        if turn is None:
            return Forged()
        digest = self._turns.digest(visit.row.id, body[0], body[1:])
        last = repeated(visit.row.last_answer, turn=turn, digest=digest, now=visit.now)
        if last is not None:
            return self._respond(visit, last.outcome, browser, turn)
        if self._hash_browser(browser) != visit.row.browser_hash:
            return Lost()  # the secret before the last proof answers repeats only
        if visit.step not in steps:
            return GoTo(visit.step, notice=Notice.ALREADY_DONE if visit.step in _ORDER else None)
        if visit.is_of_session and not self._is_signed_in(visit, session):
            return Left(visit.state.handle)
        visit.session = session or ""
        visit.new_session = self._turns.session_secret(visit.row.id, turn, browser)
        outcome = act(visit)
        if outcome.consumed:
            self._keep(visit, outcome, browser, turn, digest)
        return self._respond(visit, outcome, browser, turn)

    def _keep(self, visit: Visit, outcome: Outcome, browser: str, turn: int, digest: str) -> None:
        """Write the turn.

        Raises:
            LostRace: Another POST won it; everything this one did is rolled back.
        """
        row = visit.row
        won = row.turn
        row.turn += 1
        row.step = outcome.step
        row.last_answer = LastAnswer(turn, digest, visit.now, outcome).to_bytes()
        row.state = visit.state.to_bytes()
        row.touched_at = visit.now
        row.expires_at = visit.now + self._policy.idle
        if outcome.proved:
            row.former_browser_hash = row.browser_hash
            row.browser_hash = self._hash_browser(self._turns.rotated_secret(browser, turn))
        if not visit.desk.activations.save_activation(row, expected_turn=won):
            raise LostRace

    def _respond(self, visit: Visit, outcome: Outcome, browser: str, turn: int) -> ActivationAnswer:
        # A repeat comes with the old secret (a double click) or already with the new one (a refresh).
        is_behind = outcome.proved and self._hash_browser(browser) != visit.row.browser_hash
        cookie = self._turns.rotated_secret(browser, turn) if is_behind else None
        if outcome.faults:
            return Shown(self._pages.compose(visit, Step(outcome.step), outcome), cookie)
        signed_in = self._turns.session_secret(visit.row.id, turn, browser) if is_behind and outcome.signs_in else None
        return GoTo(Step(outcome.step), cookie, outcome.notice, outcome.notice_values, signed_in)

    # --- finding the browser's activation --------------------------------------------------------------------------------------

    def _find(self, desk: UnitOfWork, browser: str | None, *, former_too: bool = False) -> Visit | None:
        if not browser:
            return None
        key = self._hash_browser(browser)
        row = desk.activations.load_activation(key)
        now = self._clock.now()
        if row is None or now >= row.expires_at or (row.browser_hash != key and not former_too):
            return None
        visit = Visit(desk, row, ActivationState.from_bytes(row.state), now)
        proof = visit.state.proof
        if proof is not None and now >= proof.proved_at + self._policy.proof_lifetime:
            return None
        if visit.step is Step.LOCKED and visit.state.locked_until is not None and now >= visit.state.locked_until:
            # The wait is over: begin again with what was typed.
            row.step = visit.first_step
        return visit

    def _is_signed_in(self, visit: Visit, session: str | None) -> bool:
        """Tell whether this browser's live session is of the account that the activation led to."""
        if not session:
            return False
        live = visit.desk.sessions.load_session(self._secrets.keyed_hash("session", session))
        return (
            live is not None
            and live.account_id == visit.state.account_id
            and live.ended_at is None
            and visit.now < live.expires_at
        )

    def _is_new(self, visit: Visit, form_token: str, body: tuple[str, ...]) -> bool:
        """Tell whether a POST of this browser is neither forged nor the repeat of the last one."""
        turn = self._turns.read_form_token(visit.row.id, form_token)
        digest = self._turns.digest(visit.row.id, body[0], body[1:])
        return turn is not None and repeated(visit.row.last_answer, turn=turn, digest=digest, now=visit.now) is None

    def _is_long_done(self, visit: Visit) -> bool:
        done_at = visit.state.done_at
        return done_at is not None and visit.now >= done_at + self._policy.done_shown

    def _hash_browser(self, secret: str) -> str:
        return self._secrets.keyed_hash("activation-browser", secret)


def _stay(visit: Visit) -> Outcome:
    """Change nothing: the dispatcher refuses before it comes to this."""
    return Outcome(visit.step, consumed=False)


def _notice_for(asked: Step, current: Step) -> Notice | None:
    """Say that a step is done when the person asks for one that lies behind her."""
    if asked in _FIRST and current in _FIRST:
        return None
    if asked in _ORDER and current in _ORDER and _ORDER.index(asked) < _ORDER.index(current):
        return Notice.ALREADY_DONE
    return None
