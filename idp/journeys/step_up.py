"""Ask somebody who is signed in for a second proof, where a request wants a level that her session has not (`docs/journeys/step_up.md`)."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from idp.journeys import messages
from idp.journeys.activation_identity import code_fault, normalise_code
from idp.journeys.activation_pages import seconds_until
from idp.journeys.answers import (
    AskPerson,
    Fault,
    Forged,
    Lost,
    Notice,
    PersonStep,
    Respond,
    SignedInHere,
    StepUpAnswer,
    StepUpPage,
)
from idp.journeys.authorization import Authorization
from idp.journeys.policy import ActivationPolicy
from idp.journeys.ports import Alarm, Clock, Language, Secrets, Stores, UnitOfWork, speak_french
from idp.journeys.rows import AuditEvent, Message, SessionRow
from idp.journeys.second_phone import phone_of
from idp.journeys.sms_ceilings import SmsCeilings
from idp.journeys.step_up_state import StepUpState
from idp.journeys.turns import LastAnswer, LostRace, Outcome, Turns, repeated
from idp.journeys.waiting import Waiting
from idp.people.phones import PhoneNumber
from idp.protocol.authentication_levels import MULTIPLE_FACTORS, SMS

_ASKED = "second-proof-asked"
_OVER = "second-proof-over"


@dataclass(slots=True)
class _Visit:
    """One POST: what waits, for whom, how far she is, and where her texts go."""

    desk: UnitOfWork
    waiting: Waiting
    live: SessionRow
    phone: PhoneNumber
    state: StepUpState
    now: datetime
    new_session: str  # the session's secret once more is proved
    is_proved: bool = False

    def record(self, event: str, **details: str | int) -> None:
        """Add a line to the audit trail."""
        self.desk.ledger.record(
            AuditEvent(
                event, account_id=self.live.account_id, client_id=self.waiting.row.client_id, details={**details}
            ),
            self.now,
        )


class StepUp:
    """The page « Confirmez que c'est vous » and what is done there."""

    def __init__(
        self,
        *,
        authorization: Authorization,
        stores: Stores,
        clock: Clock,
        secrets: Secrets,
        policy: ActivationPolicy,
        sound_alarm: Alarm,
        language: Language = speak_french,
    ) -> None:
        self._authorization = authorization
        self._stores = stores
        self._clock = clock
        self._secrets = secrets
        self._policy = policy
        self._sound_alarm = sound_alarm
        self._language = language
        self._ceilings = SmsCeilings(secrets, policy)
        self._turns = Turns(secrets)

    def show(self, browser: str | None, session: str | None, handle: str) -> StepUpAnswer:
        """Return the page; where the request waits for something else, or for nothing any more, what the dispatcher says.

        Args:
            browser: Value of the visit cookie.
            session: Value of the session cookie.
            handle: The `d` parameter.
        """
        return self._show(browser, session, handle, Outcome(_ASKED))

    def send(
        self, browser: str | None, session: str | None, handle: str, form_token: str, address: str
    ) -> StepUpAnswer:
        """Send a code; the ceilings of texts are those of activations.

        Args:
            browser: Value of the visit cookie.
            session: Value of the session cookie.
            handle: The `d` parameter.
            form_token: The form's `jeton`.
            address: The peer's network address, for the ceilings.
        """
        return self._take(browser, session, handle, form_token, ("send",), lambda visit: self._send(visit, address))

    def submit(
        self, browser: str | None, session: str | None, handle: str, form_token: str, typed: str
    ) -> StepUpAnswer:
        """Check a code: five tries, thirty minutes, once. Arguments as above, and the code as typed."""
        code = normalise_code(typed)
        return self._take(
            browser, session, handle, form_token, ("code", code), lambda visit: self._check_code(visit, code)
        )

    def decline(self, browser: str | None, session: str | None, handle: str, form_token: str) -> StepUpAnswer:
        """« Je ne peux pas recevoir ce SMS »: go on without, where the request allows that; arguments as above."""
        return self._take(browser, session, handle, form_token, ("decline",), _decline)

    # --- the acts -----------------------------------------------------------------------------------------------------------------

    def _send(self, visit: _Visit, address: str) -> Outcome:
        state = visit.state
        if state.code_sent_at is not None:
            wait = seconds_until(state.code_sent_at + self._policy.resend_after, visit.now)
            if wait:
                return Outcome(_ASKED, notice=Notice.CODE_ON_ITS_WAY, notice_values={"n": wait}, consumed=False)
        is_first = state.code_sent_at is None
        reached = self._ceilings.count(visit.desk, visit.phone.e164, address, visit.now)
        if reached is not None:
            visit.record("step-up.sms-ceiling", ceiling=reached.name)
            if reached.spent:
                self._sound_alarm(reached.name)
            # Of no field: nothing that she typed is wrong, and before the first text there is none.
            return Outcome(_ASKED, (Fault("", "slowed", {"minutes": _minutes(reached.wait)}),))
        code = self._secrets.digits(6)
        state.code_hash = self._hash_code(visit, code)
        state.code_sent_at = visit.now
        state.code_expires_at = visit.now + self._policy.code_lifetime
        state.code_tries = 0
        body = messages.sms_second_proof(code, bound_host=self._policy.bound_host, language=self._language())
        text = messages.marked(body, test_instance=self._policy.fiction)
        visit.desk.outbox.put(Message("sms", visit.phone.e164, text), at=visit.now)
        visit.record("step-up.sms-sent")
        return Outcome(_ASKED, notice=None if is_first else Notice.NEW_CODE_SENT)

    def _check_code(self, visit: _Visit, code: str) -> Outcome:
        state = visit.state
        if state.code_sent_at is None:
            return Outcome(_ASKED, consumed=False)
        fault = code_fault(code)
        if fault is not None:
            return Outcome(_ASKED, (fault,), consumed=False)
        if not state.code_hash or state.code_expires_at is None or visit.now >= state.code_expires_at:
            return Outcome(_ASKED, (Fault("code", "expired"),), consumed=False)
        if self._hash_code(visit, code) != state.code_hash:
            return self._refuse_code(visit)
        state.code_hash = ""
        amr = tuple(dict.fromkeys((*visit.live.amr, SMS, MULTIPLE_FACTORS)))
        # RFC 8176 section 2. A second proof is an authentication of its own (OpenID Connect Core 1.0 section 2, `auth_time`).
        secret_hash = self._secrets.keyed_hash("session", visit.new_session)
        live = visit.live
        if not visit.desk.sessions.prove_more(
            live.id, amr, visit.now, former=live.secret_hash, secret_hash=secret_hash
        ):
            raise LostRace
        visit.is_proved = True
        visit.record("step-up.accepted")
        return Outcome(_OVER)

    def _refuse_code(self, visit: _Visit) -> Outcome:
        visit.state.code_tries += 1
        left = self._policy.code_tries - visit.state.code_tries
        visit.record("step-up.code-wrong", left=left)
        if left > 0:
            return Outcome(_ASKED, (Fault("code", "wrong", {"n": left}),))
        visit.state.code_hash = ""
        return Outcome(_ASKED, (Fault("code", "used-up"),))

    def _hash_code(self, visit: _Visit, code: str) -> str:
        return self._secrets.keyed_hash("security-code", f"{visit.waiting.row.id}:{visit.live.id}:{code}")

    # --- one POST, one act ----------------------------------------------------------------------------------------------------------

    def _take(
        self,
        browser: str | None,
        session: str | None,
        handle: str,
        form_token: str,
        body: tuple[str, ...],
        act: Callable[[_Visit], Outcome],
    ) -> StepUpAnswer:
        now = self._clock.now()
        with self._stores.reading() as desk:
            found = self._find(desk, browser, session, handle)
        if isinstance(found, AskPerson):
            return self._answer_double(browser, session, handle, form_token, body) or found
        if not isinstance(found, tuple):
            return self._authorization.resume(browser, handle, session) if found is None else found
        waiting, live, phone = found
        turn = self._turns.read_form_token(_form_of(waiting, live), form_token)
        if turn is None:
            return Forged()
        digest = self._digest(waiting, live, body)
        last = repeated(waiting.row.last_answer, turn=turn, digest=digest, now=now)
        if last is not None:
            return self._show(browser, session, handle, last.outcome)
        try:
            with self._stores.writing() as desk:
                new_session = self._turns.session_secret(waiting.row.id, waiting.row.turn, session or "")
                state = waiting.step_up(live).of_number(phone.e164)
                visit = _Visit(desk, waiting, live, phone, state, now, new_session)
                outcome = act(visit)
                if outcome.consumed:
                    _keep(visit, turn, digest, outcome)
        except LostRace:
            double = self._answer_double(browser, session, handle, form_token, body)
            return double or self._show(browser, session, handle, Outcome(_ASKED))
        if visit.is_proved:
            return self._go_on(browser, handle, new_session)
        return self._show(browser, session, handle, outcome)

    def _go_on(self, browser: str | None, handle: str, session: str) -> StepUpAnswer:
        """Go on with the request, and give the browser the new secret of its session (guarantee 13)."""
        answer = self._authorization.resume(browser, handle, session)
        if isinstance(answer, AskPerson | Respond | SignedInHere):
            return replace(answer, session_cookie=session)
        return answer

    def _answer_double(
        self, browser: str | None, session: str | None, handle: str, form_token: str, body: tuple[str, ...]
    ) -> StepUpAnswer | None:
        """Go on where this POST, with the former secret, repeats the one that proved more; a double click comes so.

        Whoever has a copy of that secret may send code after code: after one that is no repeat, nothing is taken with it any more.
        """
        with self._stores.reading() as desk:
            waiting = self._authorization.find(desk, browser, handle)
            if waiting is None or not session:
                return None
            row = waiting.row
            secret = self._turns.session_secret(row.id, row.turn - 1, session)
            live = self._authorization.load_live_session(desk, secret)
        turn = None if live is None else self._turns.read_form_token(_form_of(waiting, live), form_token)
        if live is None or turn is None:
            return None
        digest = self._digest(waiting, live, body)
        if repeated(row.last_answer, turn=turn, digest=digest, now=self._clock.now()) is not None:
            return self._go_on(browser, handle, secret)
        row.last_answer = None
        with self._stores.writing() as desk:
            desk.interactions.save_interaction(row, expected_turn=row.turn)
        return None

    def _digest(self, waiting: Waiting, live: SessionRow, body: tuple[str, ...]) -> str:
        return self._turns.digest(waiting.row.id, f"step-up-{body[0]}", (live.id, *body[1:]))

    def _find(
        self, desk: UnitOfWork, browser: str | None, session: str | None, handle: str
    ) -> tuple[Waiting, SessionRow, PhoneNumber] | Lost | AskPerson | None:
        """Return what waits for a second proof, and of whom; None where the dispatcher has something else to say."""
        waiting = self._authorization.find(desk, browser, handle)
        if waiting is None or waiting.request is None:
            return Lost()
        live = self._authorization.load_live_session(desk, session)
        if live is None:
            return AskPerson(handle)
        if self._authorization.find_due(desk, waiting, live) is not PersonStep.LEVEL:
            return None
        phone = phone_of(desk, live.account_id, self._policy.sms_countries)
        return None if phone is None else (waiting, live, phone)

    def _show(self, browser: str | None, session: str | None, handle: str, outcome: Outcome) -> StepUpAnswer:
        with self._stores.reading() as desk:
            found = self._find(desk, browser, session, handle)
            if isinstance(found, tuple):
                return self._page(*found, outcome)
        return self._authorization.resume(browser, handle, session) if found is None else found

    def _page(self, waiting: Waiting, live: SessionRow, phone: PhoneNumber, outcome: Outcome) -> StepUpPage:
        at = waiting.standing(live)
        state = waiting.step_up(live).of_number(phone.e164)
        now = self._clock.now()
        page = StepUpPage(
            handle=waiting.handle,
            form_token=self._turns.form_token(_form_of(waiting, live), waiting.row.turn),
            ent_name=at.client.client_name,
            masked_phone=phone.masked,
            phone_ending=phone.ending,
            is_sent=state.code_sent_at is not None,
            resend_in=seconds_until(state.code_sent_at + self._policy.resend_after, now) if state.code_sent_at else 0,
            is_needed=self._authorization.needs_second_proof(at.request, live),
            faults=outcome.faults,
            notice=outcome.notice,
            form_action_uri=at.request.redirect_uri,
        )
        slowed = next((one for one in outcome.faults if one.code == "slowed"), None)
        return page if slowed is None else replace(page, retry_after=int(slowed.values["minutes"]) * 60)


def _decline(visit: _Visit) -> Outcome:
    visit.state.declined = True
    visit.record("step-up.declined")
    return Outcome(_OVER)


def _keep(visit: _Visit, turn: int, digest: str, outcome: Outcome) -> None:
    """Write the turn.

    Raises:
        LostRace: Another POST won it; everything this one did is rolled back.
    """
    row = visit.waiting.row
    won = row.turn
    row.turn += 1
    row.step_up = visit.state.to_bytes()
    row.last_answer = LastAnswer(turn, digest, visit.now, outcome).to_bytes()
    if not visit.desk.interactions.save_interaction(row, expected_turn=won):
        raise LostRace


def _minutes(wait: timedelta) -> int:
    return max(1, -(-int(wait.total_seconds()) // 60))


def _form_of(waiting: Waiting, live: SessionRow) -> str:
    return f"{waiting.row.id}:{live.id}:step-up"
