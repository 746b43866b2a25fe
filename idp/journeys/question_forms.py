"""The forms of what a session is asked: whose they are, and the second half of a double click."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from idp.journeys.authorization import Authorization
from idp.journeys.ports import UnitOfWork
from idp.journeys.questions import Question
from idp.journeys.rows import SessionRow
from idp.journeys.turns import Turns, repeated


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


def find_proved(
    desk: UnitOfWork, authorization: Authorization, turns: Turns, sent: SentAnswer, now: datetime
) -> tuple[str, SessionRow] | None:
    """Return a session and its present secret where this POST, with the former one, repeats the one that proved something."""
    if not sent.session:
        return None
    secret = turns.next_secret(sent.session, sent.form_token)
    live = authorization.load_live_session(desk, secret)
    turn = None if live is None else turns.read_form_token(form_of(live, sent.question), sent.form_token)
    if live is None or turn is None:
        return None
    row = desk.children.load_question(live.id, sent.question)
    last = repeated(row.last_answer, turn=turn, digest=sent.digest(turns, live), now=now)
    return None if last is None else (secret, live)
