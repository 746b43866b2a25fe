"""« Un enfant a été ajouté à votre compte »: a child whom an import added is proved as any other, at the next sign-in.

Nothing is released of the child before (`docs/journeys/new_children.md`). The page is one stop of `next_step` where an ENT's request
waits, and is opened from « Mes enfants » where none does.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from idp.journeys.account_gate import AccountGate
from idp.journeys.activation_kinship import read_answers
from idp.journeys.activation_pages import seconds_until
from idp.journeys.added_children import AddedChildren, find_added_children
from idp.journeys.answers import (
    AskPerson,
    Fault,
    Forged,
    Lost,
    NewChildrenAnswer,
    NewChildrenPage,
    PupilAnswer,
    PupilLine,
    Respond,
    SignedInHere,
    ToMyChildren,
)
from idp.journeys.authorization import Authorization
from idp.journeys.children_ports import QuestionRow
from idp.journeys.dates_ceilings import DatesCeilings
from idp.journeys.new_children_state import NewChildrenState
from idp.journeys.policy import ActivationPolicy
from idp.journeys.ports import Clock, Secrets, Stores, UnitOfWork
from idp.journeys.question_forms import Doubles, SentAnswer, form_of
from idp.journeys.questions import Question
from idp.journeys.rows import AuditEvent, SessionRow
from idp.journeys.turns import LastAnswer, LostRace, Outcome, Turns, repeated
from idp.journeys.waiting import Waiting
from idp.people.kinship import dates_agree
from idp.people.records import Kinship

MY_CHILDREN = "/mon-compte/enfants"
"""Where whoever signs in for the page without a request comes to."""
_ASKED = "children-asked"
_NOT_MINE = "children-not-mine"
_OVER = "children-over"


@dataclass(frozen=True, slots=True)
class _Found:
    """Who is asked, about whom, and what waits behind it: nothing where « Mes enfants » led here."""

    waiting: Waiting | None
    live: SessionRow
    added: AddedChildren
    row: QuestionRow

    @property
    def state(self) -> NewChildrenState:
        return NewChildrenState.of(self.row.state)

    @property
    def form(self) -> str:
        return form_of(self.live, Question.CHILDREN)


@dataclass(slots=True)
class _Visit:
    """One POST."""

    desk: UnitOfWork
    found: _Found
    state: NewChildrenState
    now: datetime
    new_secret: str  # the session's secret once a date is proved
    is_proved: bool = False

    def record(self, event: str, **details: str | int | list[int]) -> None:
        """Add a line to the audit trail."""
        waiting = self.found.waiting
        self.desk.ledger.record(
            AuditEvent(
                event,
                account_id=self.found.live.account_id,
                client_id=waiting.row.client_id if waiting else None,
                details={"guardians": self.found.added.guardian_ids, **details},
            ),
            self.now,
        )


class NewChildren:
    """The page and what is done there."""

    def __init__(
        self,
        *,
        authorization: Authorization,
        gate: AccountGate,
        stores: Stores,
        clock: Clock,
        secrets: Secrets,
        policy: ActivationPolicy,
    ) -> None:
        self._authorization = authorization
        self._gate = gate
        self._secrets = secrets
        self._stores = stores
        self._clock = clock
        self._dates = DatesCeilings(policy)
        self._doubles = Doubles(authorization=authorization, stores=stores, clock=clock, secrets=secrets, policy=policy)
        self._turns = Turns(secrets)

    def show(self, browser: str | None, session: str | None, handle: str) -> NewChildrenAnswer:
        """Return the page; where nothing is asked any more, what comes next.

        Args:
            browser: Value of the visit cookie.
            session: Value of the session cookie.
            handle: The `d` parameter; "" from « Mes enfants ».
        """
        return self._enter(browser, session, handle) or self._show(browser, session, handle, None)

    def submit(
        self, browser: str | None, session: str | None, handle: str, form_token: str, answers: Sequence[PupilAnswer]
    ) -> NewChildrenAnswer:
        """Take one answer for each child of the page, in its order; other arguments as above, and the form's `jeton`."""
        typed = [(str(one.mine), one.date.day, one.date.month, one.date.year) for one in answers]
        body = ("answers", *(part for parts in typed for part in parts))
        return self._take(
            browser, session, handle, form_token, body, lambda visit: self._submit(visit, answers), answers
        )

    def confirm(
        self, browser: str | None, session: str | None, handle: str, form_token: str, *, confirmed: bool
    ) -> NewChildrenAnswer:
        """Take « Oui, je confirme » or « Non, revenir à la page précédente »; arguments as above."""

        def act(visit: _Visit) -> Outcome:
            if not visit.state.contested_ids:
                return Outcome(_ASKED, consumed=False)
            asked = {link.id for link in visit.found.added.links}
            # The directory changed under the page: show what is true now.
            if not confirmed or not asked.issuperset(visit.state.proved_ids + visit.state.contested_ids):
                visit.state.contested_ids = visit.state.proved_ids = []
                return Outcome(_ASKED)
            return self._settle(visit)

        return self._take(browser, session, handle, form_token, ("confirm", str(confirmed)), act)

    def leave_for_later(
        self, browser: str | None, session: str | None, handle: str, form_token: str
    ) -> NewChildrenAnswer:
        """« Plus tard »: go on without these children; they are asked about at the next sign-in. Arguments as above."""

        def act(visit: _Visit) -> Outcome:
            visit.record("children.later")
            return self._end(visit)

        return self._take(browser, session, handle, form_token, ("later",), act)

    # --- the acts -----------------------------------------------------------------------------------------------------------------

    def _submit(self, visit: _Visit, answers: Sequence[PupilAnswer]) -> Outcome:
        """Check every answer together: wrong dates never say which one is wrong (guarantee 2)."""
        links = visit.found.added.links
        if self._load_wait(visit.desk, visit.found, visit.now):
            return Outcome(_ASKED, consumed=False)
        if len(answers) != len(links):
            visit.state.answers = []
            return Outcome(_ASKED)  # the directory changed under the page: show what is true now
        faults, dates = read_answers(links, answers, visit.now.date())
        if faults:
            return Outcome(_ASKED, faults, consumed=False)
        visit.state.answers = list(answers)
        if dates and not dates_agree([link for link in links if link.id in dates], dates):
            return self._refuse_dates(visit, [number for number, link in enumerate(links, 1) if link.id in dates])
        visit.state.proved_ids = list(dates)
        visit.state.contested_ids = [link.id for link in links if link.id not in dates]
        visit.is_proved = bool(dates)
        if not visit.state.contested_ids:
            return self._settle(visit)
        if visit.is_proved:
            self._keep_asking(visit, visit.found.live.asks)
        return Outcome(_NOT_MINE)

    def _refuse_dates(self, visit: _Visit, numbers: Sequence[int]) -> Outcome:
        """Count one try on the sign-in and on each guardian record; mark every date alike."""
        visit.state.tries += 1
        left = self._dates.count_wrong(visit.desk, visit.found.added.guardian_ids, visit.state.tries, visit.now)
        visit.record("children.dates-wrong", left=left.count)
        if not left.count:
            visit.state.tries = 0
            visit.state.locked_until = visit.now + left.wait
            visit.record("children.locked")
            return Outcome(_ASKED)
        marks = (Fault(f"jour-{number}", "mismatch") for number in numbers)
        return Outcome(_ASKED, (Fault("", "dates-differ", {"n": left.count}), *marks))

    def _settle(self, visit: _Visit) -> Outcome:
        """Give the account what was proved, contest the rest.

        Raises:
            LostRace: Another browser gave one of the records to an account, or contested one of the links, at the same moment; or the
                session has ended.
        """
        desk, found, now = visit.desk, visit.found, visit.now
        state = visit.state
        proved = [link for link in found.added.links if link.id in state.proved_ids]
        if len(proved) != len(state.proved_ids):
            raise LostRace
        for guardian_id in sorted({link.guardian_id for link in proved} - found.added.held):
            if not desk.accounts.attach_guardian(found.live.account_id, guardian_id, now):
                raise LostRace
        if proved:
            if desk.people.confirm_kinships(state.proved_ids, now) != len(proved):
                raise LostRace
            visit.record("children.proved", links=state.proved_ids)
        if state.contested_ids:
            desk.people.contest_kinships(state.contested_ids, now)
            visit.record("children.contested", links=state.contested_ids)
        left = find_added_children(desk, found.live.account_id)
        desk.children.forget_news(found.live.account_id, but=[link.id for link in left.links])
        return self._end(visit)

    def _end(self, visit: _Visit) -> Outcome:
        self._keep_asking(visit, [one for one in visit.found.live.asks if one != Question.CHILDREN])
        return Outcome(_OVER)

    def _keep_asking(self, visit: _Visit, left_to_ask: Sequence[str]) -> None:
        """Leave the session what it is asked still, with another secret from the moment on at which dates are right (guarantee 13).

        Raises:
            LostRace: It has ended.
        """
        live = visit.found.live
        if not visit.is_proved:
            visit.desk.sessions.ask_session(live.id, left_to_ask)
            return
        secret_hash = self._secrets.keyed_hash("session", visit.new_secret)
        if not visit.desk.sessions.answer_question(
            live.id, left_to_ask, former=live.secret_hash, secret_hash=secret_hash
        ):
            raise LostRace

    # --- one POST, one act ----------------------------------------------------------------------------------------------------------

    def _take(
        self,
        browser: str | None,
        session: str | None,
        handle: str,
        form_token: str,
        body: tuple[str, ...],
        act: Callable[[_Visit], Outcome],
        typed: Sequence[PupilAnswer] = (),
    ) -> NewChildrenAnswer:
        now = self._clock.now()
        sent = SentAnswer(Question.CHILDREN, session, form_token, body[0], body[1:])
        with self._stores.reading() as desk:
            found = self._find(desk, browser, session, handle)
        double = self._answer_double(browser, handle, sent) if isinstance(found, AskPerson) else None
        instead = double or self._enter(browser, session, handle)
        if instead is not None:
            return instead
        if not isinstance(found, _Found):
            return self._go_on(browser, session, handle) if found is None else found
        turn = self._turns.read_form_token(found.form, form_token)
        if turn is None:
            return Forged()
        digest = sent.digest(self._turns, found.live)
        last = repeated(found.row.last_answer, turn=turn, digest=digest, now=now)
        if last is not None:
            over = last.outcome.step == _OVER
            return (
                self._go_on(browser, session, handle)
                if over
                else self._show(browser, session, handle, last.outcome, typed)
            )
        try:
            with self._stores.writing() as desk:
                visit = _Visit(desk, found, found.state, now, self._turns.next_secret(session or "", form_token))
                outcome = act(visit)
                if outcome.consumed:
                    _keep(visit, turn, digest, outcome)
        except LostRace:
            return self._answer_double(browser, handle, sent) or self._show(browser, session, handle, None)
        if visit.is_proved:
            return self._lead_on(browser, visit.new_secret, handle, outcome)
        if outcome.step == _OVER:
            return self._go_on(browser, session, handle)
        return self._show(browser, session, handle, outcome, typed)

    def _enter(self, browser: str | None, session: str | None, handle: str) -> AskPerson | None:
        """Return who may not see the page that « Mes enfants » leads to, which is a page of the account as that one is."""
        if handle:
            return None
        home = self._gate.enter(session, browser, MY_CHILDREN)
        return home if isinstance(home, AskPerson) else None

    def _answer_double(self, browser: str | None, handle: str, sent: SentAnswer) -> NewChildrenAnswer | None:
        """Answer a POST that repeats, with the former secret, the one whose dates were right."""
        proved = self._doubles.find_proved(sent)
        return None if proved is None else self._lead_on(browser, proved.secret, handle, proved.outcome)

    def _lead_on(self, browser: str | None, secret: str, handle: str, outcome: Outcome) -> NewChildrenAnswer:
        """Answer the POST that proved something, with the new secret: what comes next may be another question about these children."""
        if outcome.step == _OVER:
            return self._go_on(browser, secret, handle, is_new=True)
        answer = self._show(browser, secret, handle, outcome)
        return replace(answer, session_cookie=secret) if isinstance(answer, NewChildrenPage) else answer

    def _go_on(
        self, browser: str | None, session: str | None, handle: str, *, is_new: bool = False
    ) -> NewChildrenAnswer:
        """Go on with what waits; the browser gets its session's secret where that is a new one (guarantee 13)."""
        new = session if is_new else None
        if not handle:
            return ToMyChildren(new)
        answer = self._authorization.resume(browser, handle, session)
        return replace(answer, session_cookie=new) if isinstance(answer, AskPerson | Respond | SignedInHere) else answer

    def _find(
        self, desk: UnitOfWork, browser: str | None, session: str | None, handle: str
    ) -> _Found | Lost | AskPerson | None:
        """Return who is asked about whom; None where nobody is asked anything any more."""
        waiting = self._authorization.find(desk, browser, handle) if handle else None
        live = self._authorization.load_live_session(desk, session)
        if handle and waiting is None:
            return Lost()
        if live is None:
            return AskPerson(handle)
        # A password alone contests nobody where a birth date comes first.
        if Question.IDENTITY in live.asks or (handle and Question.CHILDREN not in live.asks):
            return None
        added = find_added_children(desk, live.account_id)
        if not added.links:
            return None
        return _Found(waiting, live, added, desk.children.load_question(live.id, Question.CHILDREN))

    def _show(
        self,
        browser: str | None,
        session: str | None,
        handle: str,
        outcome: Outcome | None,
        typed: Sequence[PupilAnswer] = (),
    ) -> NewChildrenAnswer:
        with self._stores.reading() as desk:
            found = self._find(desk, browser, session, handle)
            if isinstance(found, _Found):
                return self._page(desk, found, handle, outcome or Outcome(_ASKED), typed)
        return self._go_on(browser, session, handle) if found is None else found

    def _page(
        self, desk: UnitOfWork, found: _Found, handle: str, outcome: Outcome, typed: Sequence[PupilAnswer]
    ) -> NewChildrenPage:
        waiting, state = found.waiting, found.state
        page = NewChildrenPage(
            handle=handle,
            form_token=self._turns.form_token(found.form, found.row.turn),
            faults=outcome.faults,
            ent_name=waiting.client.client_name if waiting and waiting.client else "",
            form_action_uri=waiting.request.redirect_uri if waiting and waiting.request else "",
        )
        wait = self._load_wait(desk, found, self._clock.now())
        if wait:
            return replace(page, faults=(), retry_after=wait)
        if state.contested_ids:
            contested = [link for link in found.added.links if link.id in state.contested_ids]
            return replace(page, is_contesting=True, pupils=tuple(_lines(contested, ())))
        return replace(page, pupils=tuple(_lines(found.added.links, typed or state.answers)))

    def _load_wait(self, desk: UnitOfWork, found: _Found, now: datetime) -> int:
        """Return the seconds before dates may be tried again, 0 where they may."""
        quota = self._dates.load_wait(desk, found.added.guardian_ids, now) or timedelta(0)
        return seconds_until(max(now + quota, found.state.locked_until or now), now)


def _keep(visit: _Visit, turn: int, digest: str, outcome: Outcome) -> None:
    """Write the turn.

    Raises:
        LostRace: Another POST won it; everything this one did is rolled back.
    """
    row = visit.found.row
    won = row.turn
    row.turn += 1
    row.state = visit.state.to_bytes()
    row.last_answer = LastAnswer(turn, digest, visit.now, outcome).to_bytes()
    if not visit.desk.children.save_question(row, expected_turn=won):
        raise LostRace


def _lines(links: Sequence[Kinship], typed: Sequence[PupilAnswer]) -> list[PupilLine]:
    answers = typed if len(typed) == len(links) else [PupilAnswer()] * len(links)
    return [
        PupilLine(number, link.pupil.given_name, link.pupil.family_name, answer)
        for number, (link, answer) in enumerate(zip(links, answers, strict=True), start=1)
    ]
