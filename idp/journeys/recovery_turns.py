"""The dispatcher of a recovery: it finds the browser's, refuses forged and repeated forms, runs the step's act in one transaction.

Every POST comes through `take`, whatever its step, as in an activation (`activation_turns`).
"""

from collections.abc import Callable
from datetime import timedelta

from idp.journeys.answers import Forged, Lost, Notice
from idp.journeys.policy import ActivationPolicy
from idp.journeys.ports import Alarm, Clock, Language, Secrets, Stores, UnitOfWork
from idp.journeys.recovery_answers import RecoveryAnswer, RecoveryGoTo, RecoveryShown, RecoveryStep
from idp.journeys.recovery_pages import RecoveryPages, RecoveryVisit
from idp.journeys.recovery_state import RecoveryState
from idp.journeys.sms_ceilings import CeilingReached
from idp.journeys.turns import LastAnswer, LostRace, Outcome, Turns, repeated

ORDER = (
    RecoveryStep.NAMES,
    RecoveryStep.SENT,
    RecoveryStep.IDENTIFIANT,
    RecoveryStep.CODE,
    RecoveryStep.MAILED,
    RecoveryStep.LINK,
    RecoveryStep.DATE,
    RecoveryStep.PASSWORD,
    RecoveryStep.DONE,
)
"""Steps in the order in which a person meets them; the others lie beside the road."""
_ATTEMPTS = 3  # at a turn that another POST of the same browser keeps winning

Act = Callable[[RecoveryVisit], Outcome]


class RecoveryTurns:
    """Answers every POST of a recovery."""

    def __init__(
        self,
        *,
        stores: Stores,
        clock: Clock,
        secrets: Secrets,
        turns: Turns,
        pages: RecoveryPages,
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
        steps: tuple[RecoveryStep, ...],
        body: tuple[str, ...],
        act: Act,
    ) -> RecoveryAnswer:
        """Answer one POST.

        Args:
            browser: Value of the recovery cookie.
            form_token: The form's `jeton`.
            steps: Where the form may be sent from.
            body: Name of the form, then what was typed, to know a repeat by.
            act: What the step does, inside the transaction.
        """
        for _ in range(_ATTEMPTS):
            try:
                with self._stores.writing() as desk:
                    return self._answer_post(desk, browser, form_token, steps, body, act)
            except LostRace:
                continue
        return Lost()

    def _answer_post(  # the checks in their order; each one ends the request
        self,
        desk: UnitOfWork,
        browser: str | None,
        form_token: str,
        steps: tuple[RecoveryStep, ...],
        body: tuple[str, ...],
        act: Act,
    ) -> RecoveryAnswer:
        visit = self.find(desk, browser, former_too=True)
        if visit is None or browser is None:
            return Lost()
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
            visit.desk.recoveries.save_recovery(visit.row, expected_turn=visit.row.turn)
            return Lost()
        if visit.step not in steps:
            return RecoveryGoTo(visit.step, notice=Notice.ALREADY_DONE if visit.step in ORDER else None)
        visit.state.language = self._language()
        outcome = act(visit)
        if outcome.consumed:
            self._keep(visit, outcome, browser, turn, digest)
        return self._respond(visit, outcome, browser, turn)

    def _keep(self, visit: RecoveryVisit, outcome: Outcome, browser: str, turn: int, digest: str) -> None:
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
        if not visit.desk.recoveries.save_recovery(row, expected_turn=won):
            raise LostRace

    def _respond(self, visit: RecoveryVisit, outcome: Outcome, browser: str, turn: int) -> RecoveryAnswer:
        # A repeat comes with the old secret (a double click) or already with the new one (a refresh).
        is_behind = outcome.proved and self.hash_browser(browser) != visit.row.browser_hash
        cookie = self._turns.rotated_secret(browser, turn) if is_behind else None
        step = RecoveryStep(outcome.step)
        if outcome.faults:
            return RecoveryShown(self._pages.compose(visit, step, outcome), cookie)
        return RecoveryGoTo(step, cookie, outcome.notice, outcome.notice_values)

    def find(self, desk: UnitOfWork, browser: str | None, *, former_too: bool = False) -> RecoveryVisit | None:
        """Return the recovery of this browser that is not too old; `former_too`, by the secret before the last proof as well."""
        if not browser:
            return None
        key = self.hash_browser(browser)
        row = desk.recoveries.load_recovery(key)
        now = self._clock.now()
        if row is None or now >= row.expires_at or (row.browser_hash != key and not former_too):
            return None
        visit = RecoveryVisit(desk, row, RecoveryState.from_bytes(row.state), now)
        locked_until = visit.state.locked_until
        if visit.step is RecoveryStep.LOCKED and locked_until is not None and now >= locked_until:
            row.step = visit.state.door  # the wait is over: begin again with what was typed
        return visit

    def is_new(self, visit: RecoveryVisit, form_token: str, body: tuple[str, ...]) -> bool:
        """Tell whether a POST of this browser is neither forged nor the repeat of the last one."""
        turn = self._turns.read_form_token(visit.row.id, form_token)
        digest = self._turns.digest(visit.row.id, body[0], body[1:])
        return turn is not None and repeated(visit.row.last_answer, turn=turn, digest=digest, now=visit.now) is None

    def hash_browser(self, secret: str) -> str:
        """Return what the table knows a browser by."""
        return self._secrets.keyed_hash("recovery-browser", secret)


def lock_recovery(visit: RecoveryVisit, wait: timedelta, *, by_dates: bool = False) -> Outcome:
    """Close the recovery for a while."""
    visit.state.locked_until = visit.now + wait
    visit.state.locked_by_dates = by_dates
    visit.record("recovery.locked", cause="dates" if by_dates else "tries", seconds=int(wait.total_seconds()))
    return Outcome(RecoveryStep.LOCKED)


def lock_by_ceiling(
    visit: RecoveryVisit, reached: CeilingReached, policy: ActivationPolicy, sound_alarm: Alarm
) -> Outcome:
    """Close the recovery until more may be asked for."""
    visit.record("recovery.sms-ceiling", ceiling=reached.name)
    if reached.spent:
        sound_alarm(reached.name)
        # Not until the budget comes back: whoever is on duty may raise it before.
        return lock_recovery(visit, min(reached.wait, policy.lock_after_code))
    return lock_recovery(visit, reached.wait)
