"""The dispatcher of an activation: it finds the browser's, refuses forged and repeated forms, runs the step's act in one transaction.

Every POST comes through `take`, whatever its step (guarantee 9: one act for one turn, the same answer for a repeat).
"""

from collections.abc import Callable

from idp.journeys.activation_pages import ActivationPages, Visit
from idp.journeys.activation_state import ActivationState
from idp.journeys.answers import ActivationAnswer, Forged, GoTo, Left, Lost, Notice, Shown, Step
from idp.journeys.policy import ActivationPolicy
from idp.journeys.ports import Clock, Language, Secrets, Stores, UnitOfWork
from idp.journeys.turns import LastAnswer, LostRace, Outcome, Turns, repeated

ORDER = (
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
"""Steps in the order in which a person meets them; the others lie beside the road."""
_ATTEMPTS = 3  # at a turn that another POST of the same browser keeps winning

Act = Callable[[Visit], Outcome]


class ActivationTurns:
    """Answers every POST of an activation."""

    def __init__(
        self,
        *,
        stores: Stores,
        clock: Clock,
        secrets: Secrets,
        turns: Turns,
        pages: ActivationPages,
        policy: ActivationPolicy,
        language: Language,
    ) -> None:
        self._stores = stores
        self._clock = clock
        self._secrets = secrets
        self._turns = turns
        self._pages = pages
        self._policy = policy
        self._language = language

    def take(
        self,
        browser: str | None,
        form_token: str,
        steps: tuple[Step, ...],
        body: tuple[str, ...],
        act: Act,
        session: str | None = None,
        accounts: str | None = None,
    ) -> ActivationAnswer:
        """Answer one POST.

        Args:
            browser: Value of the activation cookie.
            form_token: The form's `jeton`.
            steps: Where the form may be sent from.
            body: Name of the form, then what was typed, to know a repeat by.
            act: What the step does, inside the transaction.
            session: Value of the session cookie.
            accounts: Value of the cookie of the accounts beside.
        """
        for _ in range(_ATTEMPTS):
            try:
                with self._stores.writing() as desk:
                    return self._answer_post(desk, browser, form_token, steps, body, act, session, accounts)
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
        accounts: str | None,
    ) -> ActivationAnswer:
        visit = self.find(desk, browser, former_too=True)
        if visit is None or browser is None:
            return Lost()
        visit.accounts = accounts or ""
        turn = self._turns.read_form_token(visit.row.id, form_token)
        if turn is None:
            return Forged()
        digest = self._turns.digest(visit.row.id, body[0], body[1:])
        last = repeated(visit.row.last_answer, turn=turn, digest=digest, now=visit.now)
        if last is not None:
            return self._respond(visit, last.outcome, browser, turn)
        if self.hash_browser(browser) != visit.row.browser_hash:
            # The secret before the last proof answers repeats only, and nothing once something else was tried with it.
            visit.row.former_browser_hash = None
            visit.desk.activations.save_activation(visit.row, expected_turn=visit.row.turn)
            return Lost()
        if visit.step not in steps:
            return GoTo(visit.step, notice=Notice.ALREADY_DONE if visit.step in ORDER else None)
        if visit.is_of_session and not self.is_signed_in(visit, session):
            return Left(visit.state.handle)
        visit.session = session or ""
        visit.new_session = self._turns.session_secret(visit.row.id, turn, browser)
        visit.state.language = self._language()
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
            row.browser_hash = self.hash_browser(self._turns.rotated_secret(browser, turn))
        if not visit.desk.activations.save_activation(row, expected_turn=won):
            raise LostRace

    def _respond(self, visit: Visit, outcome: Outcome, browser: str, turn: int) -> ActivationAnswer:
        # A repeat comes with the old secret (a double click) or already with the new one (a refresh).
        is_behind = outcome.proved and self.hash_browser(browser) != visit.row.browser_hash
        cookie = self._turns.rotated_secret(browser, turn) if is_behind else None
        if outcome.faults:
            return Shown(self._pages.compose(visit, Step(outcome.step), outcome), cookie)
        signed_in = self._turns.session_secret(visit.row.id, turn, browser) if is_behind and outcome.signs_in else None
        beside = "" if signed_in and visit.accounts else None
        return GoTo(Step(outcome.step), cookie, outcome.notice, outcome.notice_values, signed_in, beside)

    # --- finding the browser's activation --------------------------------------------------------------------------------------

    def find(self, desk: UnitOfWork, browser: str | None, *, former_too: bool = False) -> Visit | None:
        """Return the activation of this browser that is not too old; `former_too`, by the secret before the last proof as well."""
        if not browser:
            return None
        key = self.hash_browser(browser)
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

    def is_signed_in(self, visit: Visit, session: str | None) -> bool:
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

    def is_new(self, visit: Visit, form_token: str, body: tuple[str, ...]) -> bool:
        """Tell whether a POST of this browser is neither forged nor the repeat of the last one."""
        turn = self._turns.read_form_token(visit.row.id, form_token)
        digest = self._turns.digest(visit.row.id, body[0], body[1:])
        return turn is not None and repeated(visit.row.last_answer, turn=turn, digest=digest, now=visit.now) is None

    def hash_browser(self, secret: str) -> str:
        """Return what the table knows a browser by."""
        return self._secrets.keyed_hash("activation-browser", secret)
