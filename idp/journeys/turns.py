"""One POST, one act: single-use form tokens and the answer to a POST that comes twice.

Every row of a journey counts its turns. A form carries the turn at which it was shown, bound to the row by a keyed hash, so the token is
also what protects the form against cross-site request forgery. A POST that repeats the last one (a double click, a refresh) gets the last
answer again and counts no second try.
"""

import hmac
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from idp.journeys.answers import Fault, Notice
from idp.journeys.ports import Secrets

REPLAY_WINDOW = timedelta(minutes=5)
"""How long a repeated POST is answered like the first one."""


class LostRace(Exception):  # noqa: N818  it is no error: the unit of work is rolled back and tried again
    """Another POST won the turn while this one was at work."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a POST led to: the step to show, and what to say there."""

    step: str
    faults: tuple[Fault, ...] = ()
    notice: Notice | None = None
    notice_values: dict[str, str | int] = field(default_factory=dict)
    proved: bool = False  # something was proved: the browser's secret changes
    signs_in: bool = False  # a session was opened: the browser gets its secret
    consumed: bool = True  # False: only the form was wrong; nothing is written and the form's token stays good


@dataclass(frozen=True, slots=True)
class LastAnswer:
    """The latest POST of a row and what was answered."""

    turn: int
    digest: str
    at: datetime
    outcome: Outcome

    def to_bytes(self) -> bytes:
        """Return the JSON that `from_bytes` reads."""
        outcome = self.outcome
        return json.dumps(
            {
                "turn": self.turn,
                "digest": self.digest,
                "at": self.at.isoformat(),
                "step": outcome.step,
                "faults": [[fault.control, fault.code, fault.values] for fault in outcome.faults],
                "notice": outcome.notice,
                "notice_values": outcome.notice_values,
                "proved": outcome.proved,
                "signs_in": outcome.signs_in,
            }
        ).encode()

    @classmethod
    def from_bytes(cls, stored: bytes) -> "LastAnswer":
        """Read what `to_bytes` made."""
        data: dict[str, Any] = json.loads(stored)
        return cls(
            turn=data["turn"],
            digest=data["digest"],
            at=datetime.fromisoformat(data["at"]),
            outcome=Outcome(
                step=data["step"],
                faults=tuple(Fault(control, code, values) for control, code, values in data["faults"]),
                notice=None if data["notice"] is None else Notice(data["notice"]),
                notice_values=data["notice_values"],
                proved=data["proved"],
                signs_in=data.get("signs_in", False),
            ),
        )


class Turns:
    """Makes and reads form tokens, and recognises a repeated POST."""

    def __init__(self, secrets: Secrets) -> None:
        self._secrets = secrets

    def form_token(self, row_id: str, turn: int) -> str:
        """Return the token of a form shown at this turn of this row."""
        return f"{turn}-{self._secrets.keyed_hash('form-token', f'{row_id}:{turn}')}"

    def read_form_token(self, row_id: str, token: str) -> int | None:
        """Return the turn at which the form was shown, or None when the token was not made for this row."""
        turn, _, _ = token.partition("-")
        if not (turn.isascii() and turn.isdigit() and len(turn) < 10):
            return None
        return int(turn) if hmac.compare_digest(self.form_token(row_id, int(turn)).encode(), token.encode()) else None

    def digest(self, row_id: str, form: str, values: Sequence[str]) -> str:
        """Return what two equal POSTs of one form have in common, without what was typed."""
        return self._secrets.keyed_hash("form-digest", json.dumps([row_id, form, *values]))

    def session_secret(self, row_id: str, turn: int, secret: str) -> str:
        """Return the session's secret when somebody is signed in at `turn`: derived, so that the repeat of a POST gets the same."""
        return self._secrets.keyed_hash("session-secret", f"{row_id}:{turn}:{secret}")

    def next_secret(self, secret: str, form_token: str) -> str:
        """Return the secret of a session once the form with this token has proved something (guarantee 13).

        Derived from the former one, which no table holds, so that a form that comes twice gets the same.

        Args:
            secret: Value of the session cookie.
            form_token: The form's `jeton`.
        """
        return self._secrets.keyed_hash("session-secret", f"{form_token}:{secret}")

    def rotated_secret(self, secret: str, turn: int) -> str:
        """Return the browser secret that follows `secret` when something is proved at `turn`.

        Derived, so that the repeat of a POST whose answer was lost gets the same cookie as the first.
        """
        return self._secrets.keyed_hash("rotated-secret", f"{secret}:{turn}")


def repeated(last_answer: bytes | None, *, turn: int, digest: str, now: datetime) -> LastAnswer | None:
    """Return the last answer when this POST repeats the one that got it."""
    if last_answer is None:
        return None
    last = LastAnswer.from_bytes(last_answer)
    if last.turn == turn and last.digest == digest and now - last.at <= REPLAY_WINDOW:
        return last
    return None
