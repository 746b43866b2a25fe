"""The sessions that one browser holds: the current one, and up to four beside it (`docs/journeys/accounts.md`)."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import TypeVar

from idp.journeys.answers import AskPerson, Respond, SignedInHere

MOST_BESIDE = 4
_JOINT = "."  # in no secret: they are hexadecimal or base64url

Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True)
class HeldSecrets:
    """What the browser's two cookies hold. That a session is still live is for the store to say."""

    current: str | None = None
    beside: tuple[str, ...] = ()

    @classmethod
    def of(cls, session: str | None, accounts: str | None) -> "HeldSecrets":
        """Read the session cookie and the one of the accounts beside."""
        found = dict.fromkeys(one for one in (accounts or "").split(_JOINT) if one and one != session)
        return cls(session or None, tuple(found)[:MOST_BESIDE])

    @property
    def secrets(self) -> tuple[str, ...]:
        """All of them, the current one first."""
        return (*((self.current,) if self.current else ()), *self.beside)

    def cookie_beside(self, secret: str) -> str:
        """Return what the second cookie holds once `secret` is the current one."""
        return join(one for one in self.secrets if one != secret)


def join(secrets: Iterable[str]) -> str:
    """Return the value of the second cookie, "" for none."""
    return _JOINT.join(secrets)


def with_session(answer: Answer, secret: str, held: HeldSecrets) -> Answer:
    """Return the answer to a browser whose current session is that of `secret` from now on."""
    if secret == held.current or not isinstance(answer, AskPerson | Respond | SignedInHere):
        return answer
    return replace(answer, session_cookie=secret, accounts_cookie=held.cookie_beside(secret))
