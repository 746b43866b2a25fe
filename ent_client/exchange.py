"""One sign-in seen from the relying party: what was asked, what came back, what was checked so far, and how it stops."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple, Protocol

from ent_client.keys import Key
from ent_client.settings import Settings


class Stage(StrEnum):
    """When a check can run: as soon as what it looks at is there."""

    STATE = "state"
    DISCOVERY = "discovery"
    CALLBACK = "callback"
    REFRESH = "refresh"
    ID_TOKEN = "id_token"  # noqa: S105 - the name of a stage, not a secret
    USERINFO = "userinfo"


class SignInError(Exception):
    """A sign-in stops here.

    Attributes:
        code: which check or which call, for logs (no personal data).
        detail: what was seen, for this browser's Diagnostic page only.
        unreachable: True when the provider did not answer, which is nobody's forgery.
        error: the OAuth error of the token endpoint, empty when it gave none.
    """

    def __init__(self, code: str, detail: str, *, unreachable: bool = False, error: str = "") -> None:
        super().__init__(code)
        self.code = code
        self.detail = detail
        self.unreachable = unreachable
        self.error = error


class RefusedError(Exception):
    """A check refuses; the message says what was seen and what was expected."""


class Started(Protocol):
    """What a check reads of the sign-in that this browser began."""

    @property
    def nonce(self) -> str:
        """The nonce that was sent."""

    @property
    def started_at(self) -> datetime:
        """When the browser was sent to the provider."""


class CheckResult(NamedTuple):
    """One line of the Diagnostic page; `passed` is None when the check was not reached."""

    code: str
    name: str
    paragraph: str
    passed: bool | None
    detail: str


@dataclass
class Exchange:
    """One sign-in or refresh seen from the relying party: what we asked, what came back, what was checked so far.

    `former` is for a refresh: the claims of the ID token of the sign-in.
    """

    settings: Settings
    now: datetime
    started: Started | None = None
    former: Mapping[str, Any] = field(default_factory=dict)
    find_key: Callable[[str | None], Key | None] = lambda _kid: None
    callback: Mapping[str, list[str]] = field(default_factory=dict)
    metadata: Mapping[str, Any] = field(default_factory=dict)
    token: Mapping[str, Any] = field(default_factory=dict, repr=False)
    header: dict[str, Any] = field(default_factory=dict)
    claims: dict[str, Any] = field(default_factory=dict)
    userinfo: dict[str, Any] = field(default_factory=dict)
    results: list[CheckResult] = field(default_factory=list)

    @property
    def id_token(self) -> str:
        """The raw ID token, empty when there is none."""
        value = self.token.get("id_token")
        return value if isinstance(value, str) else ""

    def returned(self, name: str) -> str | None:
        """A parameter of the callback.

        Raises:
            RefusedError: when it came more than once (RFC 6749, 3.1).
        """
        values = self.callback.get(name, [])
        if len(values) > 1:
            raise RefusedError(f"« {name} » est venu {len(values)} fois.")
        return values[0] if values else None
