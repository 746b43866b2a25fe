"""The authorization request (RFC 6749 section 4.1.1, OpenID Connect Core 1.0 section 3.1.2.1): as it is kept, and as it is examined."""

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from idp.protocol.client import Client
from idp.protocol.client_documents import Fetch, fetch_nothing
from idp.protocol.client_keys import ClientKeys, RegisteredKeys
from idp.protocol.resource import Resources
from idp.protocol.signing_keys import SigningKey

Params = Mapping[str, Sequence[str]]
"""Every value sent, by parameter name."""

RESPONSE_MODES = ("query", "form_post")


@dataclass(frozen=True, slots=True)
class AuthorizationRequest:
    """A request that passed every check."""

    client_id: str
    redirect_uri: str
    scope: tuple[str, ...] = ()
    state: str | None = None
    nonce: str | None = None
    code_challenge: str | None = None
    prompt: tuple[str, ...] = ()
    max_age: int | None = None  # seconds
    acr_values: tuple[str, ...] = ()
    login_hint: str | None = None
    ui_locales: tuple[str, ...] = ()
    response_mode: str = "query"  # one of RESPONSE_MODES
    userinfo_claims: tuple[str, ...] = ()  # asked for one by one (OpenID Connect Core 1.0 section 5.5)
    id_token_claims: tuple[str, ...] = ()
    essential_acr: tuple[str, ...] = ()  # () = any
    dpop_jkt: str | None = None  # thumbprint of the key that the code is bound to (RFC 9449 section 10)
    subjects: tuple[str, ...] | None = None  # the person must be one of these; None = anybody
    resources: tuple[str, ...] = ()  # identifiers of the servers that tokens are asked for (RFC 8707)

    def to_json(self) -> str:
        """Return what `from_json` reads."""
        return json.dumps({name: getattr(self, name) for name in self.__slots__})

    @classmethod
    def from_json(cls, text: str) -> "AuthorizationRequest":
        """Read what `to_json` made."""
        data: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value for name, value in json.loads(text).items()
        }
        return cls(**data)


class ShownError(Exception):
    """A refusal that is shown to the person and never redirected. `key` names an entry of `idp.errors`."""

    def __init__(self, key: str, *, sent: Mapping[str, str], registered: Mapping[str, str]) -> None:
        super().__init__(key)
        self.key = key
        self.sent = sent
        self.registered = registered


class RedirectedError(Exception):
    """A refusal that the client is told (RFC 6749 section 4.1.2.1, OpenID Connect Core 1.0 section 3.1.2.6)."""

    def __init__(self, error: str, description: str, request: AuthorizationRequest) -> None:
        super().__init__(error)
        self.error = error
        self.description = description
        self.request = request


@dataclass(frozen=True, slots=True)
class RequestRules:
    """What a request is checked against.

    Attributes:
        issuer: Ours, as tokens name it.
        now: Returns the present moment, aware.
        load_client: Returns a registered client, or None.
        load_keys: Returns every key of ours whose signatures may still be alive.
        claim_names: Claims that can be asked for one by one.
        acr_values: Ways of signing in that there are.
        resources: Servers that tokens may be for.
        client_keys: What finds the keys of clients.
        fetch: Returns what stands at an address of a client. Checks ask it, so that they must be run with no transaction open.
    """

    issuer: str
    now: Callable[[], datetime]
    load_client: Callable[[str], Client | None]
    load_keys: Callable[[], Sequence[SigningKey]]
    resources: Resources
    claim_names: Collection[str] = ()
    acr_values: Collection[str] = ()
    client_keys: ClientKeys = field(default_factory=RegisteredKeys)
    fetch: Fetch = fetch_nothing


@dataclass(slots=True)
class Draft:
    """A request under examination; each check fills in what it has found right.

    Attributes:
        sent: As sent.
        rules: What it is checked against.
        is_pushed: Whether the client sent it to us itself (RFC 9126).
        params: What counts: `sent`, until a request object takes its place (RFC 9101).
        object_fault: Why its request object is worth nothing.
        object_error: The error that says so to the client.
    """

    sent: Params
    rules: RequestRules
    is_pushed: bool = False
    params: Params = field(init=False)
    object_fault: str = ""
    object_error: str = "invalid_request_object"
    client: Client | None = None
    found: dict[str, Any] = field(default_factory=lambda: {"client_id": "", "redirect_uri": ""})

    def __post_init__(self) -> None:
        """Begin with what was sent."""
        self.params = self.sent

    @property
    def request(self) -> AuthorizationRequest:
        """What was found right so far."""
        return AuthorizationRequest(**self.found)

    def one(self, name: str) -> str:
        """Return a parameter's one value; an empty one counts as absent (RFC 6749 section 3.1)."""
        values = self.params.get(name, ())
        return values[0] if len(values) == 1 else ""

    def has_sent(self, name: str) -> bool:
        """Tell whether a parameter stands outside any request object; an empty one counts as absent."""
        return any(self.sent.get(name, ()))

    def words(self, name: str) -> tuple[str, ...]:
        """Return a parameter's space-separated words."""
        return tuple(self.one(name).split())

    def narrow_subjects(self, subjects: Sequence[str]) -> bool:
        """Let the person be one of these alone; False when an earlier condition leaves nobody."""
        before = self.found.get("subjects")
        left = tuple(one for one in subjects if before is None or one in before)
        self.found["subjects"] = left
        return bool(left)

    def known_client(self) -> Client:
        """Return the client that an earlier check found.

        Raises:
            LookupError: No check has found it yet; the order of the checks is wrong.
        """
        if self.client is None:
            raise LookupError("the client is not known yet")
        return self.client


Problem = str | tuple[str, str] | None
"""A key of the catalogue (shown), an (error, description) pair (redirected), or None."""
Check = Callable[[Draft], Problem]


def collect(params: Sequence[tuple[str, str]]) -> Params:
    """Return every value sent, by parameter name."""
    collected: dict[str, list[str]] = {}
    for name, value in params:
        collected.setdefault(name, []).append(value)
    return collected
