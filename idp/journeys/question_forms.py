"""The forms of what a session is asked: whose they are, and the second half of a double click."""

from collections.abc import Sequence
from dataclasses import dataclass

from idp.journeys.authorization import Authorization
from idp.journeys.dates_ceilings import DatesCeilings
from idp.journeys.policy import ActivationPolicy
from idp.journeys.ports import Clock, Secrets, Stores
from idp.journeys.questions import Question
from idp.journeys.rows import AuditEvent, SessionRow
from idp.journeys.turns import REPLAY_WINDOW, LastAnswer, Outcome, Turns
from idp.people.records import AccountHolder

_WRONG = {Question.IDENTITY: "identity.date-wrong", Question.CHILDREN: "children.dates-wrong"}


@dataclass(frozen=True, slots=True)
class SentAnswer:
    """A POST of the form of a question.

    Attributes:
        question: Which one.
        session: Value of the session cookie.
        form_token: The form's `jeton`.
        act: What it does.
        values: What was typed.
    """

    question: Question
    session: str | None
    form_token: str
    act: str
    values: Sequence[str]

    def digest(self, turns: Turns, live: SessionRow) -> str:
        """Return what two equal POSTs have in common, without what was typed."""
        return turns.digest(form_of(live, self.question), self.act, self.values)


def form_of(live: SessionRow, question: Question) -> str:
    """Return the row that the form's token is bound to."""
    return f"{live.id}:{question}"


@dataclass(frozen=True, slots=True)
class ProvedBefore:
    """What a repeated POST proved when it came first.

    Attributes:
        secret: The session's present secret.
        holder: Whose session it is.
        outcome: What the first one led to.
    """

    secret: str
    holder: AccountHolder
    outcome: Outcome


class Doubles:
    """Recognises the second half of a double click where the first one gave the session another secret."""

    def __init__(
        self, *, authorization: Authorization, stores: Stores, clock: Clock, secrets: Secrets, policy: ActivationPolicy
    ) -> None:
        self._authorization = authorization
        self._stores = stores
        self._clock = clock
        self._turns = Turns(secrets)
        self._dates = DatesCeilings(policy)

    def find_proved(self, sent: SentAnswer) -> ProvedBefore | None:
        """Return what this POST, which comes with the former secret, proved when it came first.

        Whoever has a copy of that secret can open the page before, and then send date after date: another one than that which proved
        something is a wrong date, and counts as one.
        """
        if not sent.session:
            return None
        now = self._clock.now()
        secret = self._turns.next_secret(sent.session, sent.form_token)
        with self._stores.reading() as desk:
            live = self._authorization.load_live_session(desk, secret)
            turn = None if live is None else self._turns.read_form_token(form_of(live, sent.question), sent.form_token)
            if live is None or turn is None:
                return None
            stored = desk.children.load_question(live.id, sent.question).last_answer
            holder = desk.accounts.load_holder(live.account_id)
            records = [one.id for one in holder.guardians] if holder else []
            wait = self._dates.load_wait(desk, records, now)
        last = LastAnswer.from_bytes(stored) if stored else None
        if holder is None or wait is not None or last is None or last.turn != turn or now - last.at > REPLAY_WINDOW:
            return None
        if last.digest == sent.digest(self._turns, live):
            return ProvedBefore(secret, holder, last.outcome)
        with self._stores.writing() as desk:
            left = self._dates.count_wrong(desk, records, 1, now)
            event = AuditEvent(_WRONG[sent.question], account_id=live.account_id, details={"left": left.count})
            desk.ledger.record(event, now)
        return None
