"""Forms of « Mon compte »: bound to the session and to the form, and done once however often they are sent.

A form's token is drawn when it is shown and costs no statement. The session remembers the latest form that was sent in it: one that
comes twice (a double click, a refresh) gets the first answer again, and of two at once one wins.
"""

import hmac
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from idp.journeys.account_answers import AtHome
from idp.journeys.ports import Secrets, UnitOfWork
from idp.journeys.rows import SessionRow
from idp.journeys.turns import LastAnswer, LostRace, Outcome, Turns, repeated


@dataclass(frozen=True, slots=True)
class SentForm:
    """A form as it was sent, at this turn of the session.

    Attributes:
        live: Whose session.
        turn: What the session has counted so far.
        digest: What two equal forms have in common, without what was typed.
        before: The answer that it got already, None for one that is new.
    """

    live: SessionRow
    turn: int
    digest: str
    before: Outcome | None


_ATTEMPTS = 3
_Answer = TypeVar("_Answer")


def answer_doubles(act: Callable[[], _Answer], *, otherwise: Callable[[], _Answer]) -> _Answer:
    """Do an act again where another form of this session was faster: it may be this one's double, whose answer is then there to read.

    Not for a form that changes the session's secret: of two windows, the slower one would take it from the other.

    Args:
        act: Reads the form and does what it asks for, or raises `LostRace`.
        otherwise: What is answered to one that loses time after time.
    """
    for _ in range(_ATTEMPTS):
        try:
            return act()
        except LostRace:
            continue
    return otherwise()


class AccountForms:
    """Makes and reads form tokens, and recognises a form that comes twice."""

    def __init__(self, secrets: Secrets) -> None:
        self._secrets = secrets
        self._turns = Turns(secrets)

    def make_token(self, live: SessionRow, form: str) -> str:
        """Return the token of a form that is shown in this session.

        Args:
            live: The session.
            form: A name for what the form does, the same where it is read.
        """
        drawn = self._secrets.identifier()
        return f"{drawn}-{self._seal(live, form, drawn)}"

    def is_ours(self, live: SessionRow, form: str, token: str) -> bool:
        """Tell whether a form with this token was shown in this session."""
        drawn, _, seal = token.partition("-")
        return hmac.compare_digest(self._seal(live, form, drawn).encode(), seal.encode())

    def read(
        self, desk: UnitOfWork, live: SessionRow, form: str, token: str, values: Sequence[str], now: datetime
    ) -> SentForm | None:
        """Return the form that was sent; None when it was not shown in this session.

        Args:
            desk: An open unit of work.
            live: The session.
            form: As in `make_token`.
            token: The form's `jeton`.
            values: What was typed and chosen.
            now: The present moment.
        """
        if not self.is_ours(live, form, token):
            return None
        digest = self._secrets.keyed_hash("form-digest", "\n".join([live.id, form, token, *values]))
        turn, answer = desk.sessions.load_form_answer(live.id)
        last = None
        if answer is not None:
            stored = answer.encode()
            last = repeated(stored, turn=LastAnswer.from_bytes(stored).turn, digest=digest, now=now)
        return SentForm(live, turn, digest, last.outcome if last else None)

    def keep(self, desk: UnitOfWork, sent: SentForm, outcome: Outcome, now: datetime) -> None:
        """Remember the answer, in the transaction of what was done.

        Raises:
            LostRace: Another form of this session was faster, or the session has ended; everything this one did is rolled back.
        """
        answer = LastAnswer(sent.turn, sent.digest, now, outcome).to_bytes().decode()
        if not desk.sessions.keep_form_answer(sent.live.id, answer, expected_turn=sent.turn):
            raise LostRace

    def load_secret(self, desk: UnitOfWork, home: AtHome, token: str) -> str:
        """Return the session's present secret, where a form that proved something comes again.

        Args:
            desk: An open unit of work.
            home: Who sent it, with the present secret (a refresh) or with the former one (a double click).
            token: The form's `jeton`.
        """
        renewed = self.next_secret(home.secret, token)
        found = desk.sessions.load_session(self._secrets.keyed_hash("session", renewed))
        return home.secret if found is None else renewed

    def next_secret(self, secret: str, token: str) -> str:
        """Return the secret of a session once this form has proved something (`Turns.next_secret`)."""
        return self._turns.next_secret(secret, token)

    def _seal(self, live: SessionRow, form: str, drawn: str) -> str:
        return self._secrets.keyed_hash("account-form", f"{live.id}:{form}:{drawn}")
