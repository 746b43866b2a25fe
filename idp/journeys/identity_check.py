"""« Confirmation de l'identité »: one child's birth date after the password, now and then (`docs/journeys/identity_check.md`).

Part of the sign-in: until it is given, the session answers no ENT and opens no page of the account.
"""

import json
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from idp.journeys.activation_pages import seconds_until
from idp.journeys.answers import (
    AskPerson,
    Fault,
    Forged,
    IdentityCheckAnswer,
    IdentityCheckPage,
    Lost,
    Respond,
    SignedInHere,
    TypedDate,
)
from idp.journeys.authorization import Authorization
from idp.journeys.children_ports import QuestionRow
from idp.journeys.dates_ceilings import DatesCeilings
from idp.journeys.login_ceilings import SignInCeilings
from idp.journeys.policy import ActivationPolicy
from idp.journeys.ports import Clock, Secrets, Stores, UnitOfWork
from idp.journeys.question_forms import Doubles, SentAnswer, form_of
from idp.journeys.questions import Question
from idp.journeys.rows import AuditEvent, SessionRow
from idp.journeys.turns import LastAnswer, LostRace, Outcome, Turns, repeated
from idp.journeys.waiting import Waiting
from idp.people.birth_dates import BirthDateFault, parse_birth_date
from idp.people.records import AccountHolder

_ASKED = "identity-asked"
_OVER = "identity-over"
_DATE_CONTROLS = {"missing-month": "mois", "missing-year": "annee"}


@dataclass(frozen=True, slots=True)
class _Found:
    """Who is asked, and what waits behind it."""

    waiting: Waiting
    live: SessionRow
    holder: AccountHolder
    row: QuestionRow

    @property
    def form(self) -> str:
        return form_of(self.live, Question.IDENTITY)

    @property
    def guardian_ids(self) -> list[int]:
        return [one.id for one in self.holder.guardians]

    @property
    def tries(self) -> int:
        return int(json.loads(self.row.state)["tries"]) if self.row.state else 0

    @property
    def locked_until(self) -> datetime | None:
        until = json.loads(self.row.state)["locked_until"] if self.row.state else None
        return None if until is None else datetime.fromisoformat(until)


class IdentityCheck:
    """The page and what is done there."""

    def __init__(
        self,
        *,
        authorization: Authorization,
        stores: Stores,
        clock: Clock,
        secrets: Secrets,
        policy: ActivationPolicy,
        ceilings: SignInCeilings,
    ) -> None:
        self._authorization = authorization
        self._stores = stores
        self._clock = clock
        self._secrets = secrets
        self._turns = Turns(secrets)
        self._dates = DatesCeilings(policy)
        self._doubles = Doubles(authorization=authorization, stores=stores, clock=clock, secrets=secrets, policy=policy)
        self._ceilings = ceilings

    def show(self, browser: str | None, session: str | None, handle: str) -> IdentityCheckAnswer:
        """Return the page; where nothing is asked any more, what comes next.

        Args:
            browser: Value of the visit cookie.
            session: Value of the session cookie.
            handle: The `d` parameter.
        """
        return self._show(browser, session, handle, Outcome(_ASKED), TypedDate())

    def submit(
        self,
        browser: str | None,
        session: str | None,
        handle: str,
        form_token: str,
        typed: TypedDate,
        known: str | None = None,
    ) -> IdentityCheckAnswer:
        """Compare a date with those of all children whose link is confirmed: any one of them will do.

        Args:
            browser: Value of the visit cookie.
            session: Value of the session cookie.
            handle: The `d` parameter.
            form_token: The form's `jeton`.
            typed: As typed.
            known: Value of the cookie of a browser in which somebody signed in before.
        """
        now = self._clock.now()
        sent = SentAnswer(Question.IDENTITY, session, form_token, "identity", (typed.day, typed.month, typed.year))
        with self._stores.reading() as desk:
            found = self._find(desk, browser, session, handle)
        if isinstance(found, AskPerson):
            return self._answer_double(browser, handle, sent, known) or found
        if not isinstance(found, _Found):
            return self._authorization.resume(browser, handle, session) if found is None else found
        turn = self._turns.read_form_token(found.form, form_token)
        if turn is None:
            return Forged()
        digest = sent.digest(self._turns, found.live)
        last = repeated(found.row.last_answer, turn=turn, digest=digest, now=now)
        if last is not None:
            return self._show(browser, session, handle, last.outcome, typed)
        new_secret = self._turns.next_secret(session or "", form_token)
        try:
            with self._stores.writing() as desk:
                outcome = self._check(desk, found, typed, LastAnswer(turn, digest, now, Outcome(_ASKED)), new_secret)
        except LostRace:
            return self._answer_double(browser, handle, sent, known) or self.show(browser, session, handle)
        if outcome.step != _OVER:
            return self._show(browser, session, handle, outcome, typed)
        return self._go_on(browser, handle, new_secret, found.holder, known)

    def _answer_double(
        self, browser: str | None, handle: str, sent: SentAnswer, known: str | None
    ) -> IdentityCheckAnswer | None:
        """Go on where this POST, with the former secret, repeats the one with the right date."""
        proved = self._doubles.find_proved(sent)
        return None if proved is None else self._go_on(browser, handle, proved.secret, proved.holder, known)

    def _go_on(
        self, browser: str | None, handle: str, secret: str, holder: AccountHolder, known: str | None
    ) -> IdentityCheckAnswer:
        """Go on with what waits; the browser is known from now on, and gets the new secret of its session (guarantee 13)."""
        answer = self._authorization.resume(browser, handle, secret)
        if not isinstance(answer, AskPerson | Respond | SignedInHere):
            return answer
        mark = self._ceilings.mark_browser(holder.account.identifiant, known)
        return replace(answer, session_cookie=secret, known_cookie=mark)

    def _check(self, desk: UnitOfWork, found: _Found, typed: TypedDate, last: LastAnswer, new_secret: str) -> Outcome:
        """Check the date.

        Raises:
            LostRace: Another POST was faster, or the session has ended; everything this one did is rolled back.
        """
        now = last.at
        if self._load_wait(desk, found, now):
            return Outcome(_ASKED)
        try:
            date = parse_birth_date(typed.day, typed.month, typed.year, today=now.date())
        except BirthDateFault as fault:
            control = _DATE_CONTROLS.get(fault.code, "jour")
            return Outcome(_ASKED, (Fault(control, f"one-{fault.code}"),))
        live = found.live
        if sum(link.pupil.birth_date == date for link in found.holder.kinships):  # all are compared
            desk.accounts.confirm_identity(live.account_id, now)
            left_to_ask = [one for one in live.asks if one != Question.IDENTITY]
            secret_hash = self._secrets.keyed_hash("session", new_secret)
            if not desk.sessions.answer_question(
                live.id, left_to_ask, former=live.secret_hash, secret_hash=secret_hash
            ):
                raise LostRace
            _record(desk, found, "identity.confirmed", now)
            _keep(desk, found, last, 0, None)
            return Outcome(_OVER)
        left = self._dates.count_wrong(desk, found.guardian_ids, found.tries + 1, now)
        _record(desk, found, "identity.date-wrong", now, left=left.count)
        if left.count:
            outcome = Outcome(_ASKED, (Fault("jour", "one-differs", {"n": left.count}),))
            _keep(desk, found, replace(last, outcome=outcome), found.tries + 1, None)
            return outcome
        _record(desk, found, "identity.locked", now)
        _keep(desk, found, last, 0, now + left.wait)
        return Outcome(_ASKED)

    def _find(
        self, desk: UnitOfWork, browser: str | None, session: str | None, handle: str
    ) -> _Found | Lost | AskPerson | None:
        """Return who is asked; None where nobody is asked anything any more."""
        waiting = self._authorization.find(desk, browser, handle)
        if waiting is None:
            return Lost()
        live = self._authorization.load_live_session(desk, session)
        if live is None:
            return AskPerson(handle)
        if Question.IDENTITY not in live.asks:
            return None
        holder = desk.accounts.load_holder(live.account_id)
        if holder is None:
            return Lost()
        return _Found(waiting, live, holder, desk.children.load_question(live.id, Question.IDENTITY))

    def _show(
        self, browser: str | None, session: str | None, handle: str, outcome: Outcome, typed: TypedDate
    ) -> IdentityCheckAnswer:
        with self._stores.reading() as desk:
            found = self._find(desk, browser, session, handle)
            if isinstance(found, _Found):
                wait = self._load_wait(desk, found, self._clock.now())
                client, request = found.waiting.client, found.waiting.request
                return IdentityCheckPage(
                    handle=handle,
                    form_token=self._turns.form_token(found.form, found.row.turn),
                    date=typed,
                    faults=() if wait else outcome.faults,
                    ent_name=client.client_name if client else "",
                    retry_after=wait,
                    form_action_uri=request.redirect_uri if request else "",
                )
        return self._authorization.resume(browser, handle, session) if found is None else found

    def _load_wait(self, desk: UnitOfWork, found: _Found, now: datetime) -> int:
        """Return the seconds before a date may be tried again, 0 where it may."""
        quota = self._dates.load_wait(desk, found.guardian_ids, now) or timedelta(0)
        return seconds_until(max(now + quota, found.locked_until or now), now)


def _keep(desk: UnitOfWork, found: _Found, last: LastAnswer, tries: int, locked_until: datetime | None) -> None:
    """Write the turn.

    Raises:
        LostRace: Another POST won it.
    """
    row = found.row
    won = row.turn
    row.turn += 1
    until = None if locked_until is None else locked_until.isoformat()
    row.state = json.dumps({"tries": tries, "locked_until": until}).encode()
    row.last_answer = last.to_bytes()
    if not desk.children.save_question(row, expected_turn=won):
        raise LostRace


def _record(desk: UnitOfWork, found: _Found, event: str, now: datetime, **details: int) -> None:
    client_id = found.waiting.row.client_id
    desk.ledger.record(
        AuditEvent(event, account_id=found.live.account_id, client_id=client_id, details={**details}), now
    )
