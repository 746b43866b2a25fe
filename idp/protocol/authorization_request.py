"""The authorization request: its checks, in the order in which they refuse (OpenID Connect Core 1.0 section 3.1.2.2).

The order is data. The first slice is shown to the person and never redirected, because the client or the place to answer is not known yet
(RFC 6749 section 4.1.2.1); the second goes back to the client, with `iss` (RFC 9207) and `state`.
"""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode, urlsplit

from idp.protocol.client import Client

Params = Mapping[str, Sequence[str]]
"""Every value sent, by parameter name."""

_CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")  # base64url of a SHA-256 (RFC 7636 section 4.2)
_NOT_ALLOWED_IN_DESCRIPTION = re.compile(r"[^\x20-\x21\x23-\x5b\x5d-\x7e]")  # RFC 6749 section 4.1.2.1
_PROMPTS = frozenset({"none", "login", "consent", "select_account"})


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

    def to_json(self) -> str:
        """Return what `from_json` reads."""
        return json.dumps({name: getattr(self, name) for name in self.__slots__})

    @classmethod
    def from_json(cls, text: str) -> "AuthorizationRequest":
        """Read what `to_json` made."""
        data = json.loads(text)
        for name in ("scope", "prompt", "acr_values", "ui_locales"):
            data[name] = tuple(data[name])
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


@dataclass(slots=True)
class _Draft:
    """A request under examination; each check fills in what it has found right."""

    params: Params
    load_client: Callable[[str], Client | None]
    client: Client | None = None
    found: dict[str, Any] = field(default_factory=lambda: {"client_id": "", "redirect_uri": ""})

    @property
    def request(self) -> AuthorizationRequest:
        """What was found right so far."""
        return AuthorizationRequest(**self.found)

    def one(self, name: str) -> str:
        """Return a parameter's one value; an empty one counts as absent (RFC 6749 section 3.1)."""
        values = self.params.get(name, ())
        return values[0] if len(values) == 1 else ""

    def words(self, name: str) -> tuple[str, ...]:
        """Return a parameter's space-separated words."""
        return tuple(self.one(name).split())

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


def _check_client(draft: _Draft) -> Problem:
    client_id = draft.one("client_id")
    if not client_id:
        return "client-id-missing"
    draft.client = draft.load_client(client_id)
    if draft.client is None:
        return "client-unknown"
    draft.found["client_id"] = client_id
    return None


def _check_redirect_uri(draft: _Draft) -> Problem:
    """Compare character for character (RFC 9700 section 2.1; OpenID Connect Core 1.0 section 3.1.2.1)."""
    redirect_uri = draft.one("redirect_uri")
    if not redirect_uri:
        return "redirect-uri-missing"
    if redirect_uri not in draft.known_client().redirect_uris:
        return "redirect-uri-unregistered"
    draft.found |= {"redirect_uri": redirect_uri, "state": draft.one("state") or None}
    return None


def _check_repeated(draft: _Draft) -> Problem:
    """RFC 6749 section 3.1: parameters must not be included more than once."""
    repeated = sorted(name for name, values in draft.params.items() if len(values) > 1)
    return ("invalid_request", f"Sent more than once: {', '.join(repeated)}.") if repeated else None


def _check_request_objects(draft: _Draft) -> Problem:
    """OpenID Connect Core 1.0 section 6: not supported, and said so."""
    if draft.one("request"):
        return "request_not_supported", "Request objects are not supported."
    if draft.one("request_uri"):
        return "request_uri_not_supported", "Request objects by reference are not supported."
    return (
        ("registration_not_supported", "Registration by parameter is not supported.")
        if draft.one("registration")
        else None
    )


def _check_response_type(draft: _Draft) -> Problem:
    response_type = draft.one("response_type")
    if not response_type:
        return "invalid_request", "response_type is missing."
    return None if response_type == "code" else ("unsupported_response_type", "Only response_type=code is supported.")


def _check_response_mode(draft: _Draft) -> Problem:
    return (
        None
        if draft.one("response_mode") in {"", "query"}
        else ("invalid_request", "Only response_mode=query is supported.")
    )


def _check_scope(draft: _Draft) -> Problem:
    """Keep what the client may ask for, drop the rest (OpenID Connect Core 1.0 section 3.1.2.1: unknown scopes are ignored)."""
    asked = draft.words("scope")
    if "openid" not in asked:
        return "invalid_scope", "scope must hold openid."
    allowed = draft.known_client().scope
    draft.found["scope"] = tuple(dict.fromkeys(one for one in asked if one in allowed))
    return None


def _check_pkce(draft: _Draft) -> Problem:
    """RFC 7636 section 4.4.1; S256 alone, as RFC 9700 section 2.1.1 wants. `plain` is what no method means, hence refused too."""
    challenge, method = draft.one("code_challenge"), draft.one("code_challenge_method")
    if not challenge:
        if method:
            return "invalid_request", "code_challenge is missing."
        if draft.known_client().pkce == "required":
            return "invalid_request", "code_challenge is missing: this client must use PKCE."
        return None
    if method != "S256":
        return "invalid_request", "code_challenge_method must be S256."
    if not _CHALLENGE.fullmatch(challenge):
        return "invalid_request", "code_challenge must be the base64url form of a SHA-256, without padding."
    draft.found["code_challenge"] = challenge
    return None


def _check_nonce(draft: _Draft) -> Problem:
    """A client that leaves PKCE out must send a nonce (RFC 9700 section 2.1.1)."""
    nonce = draft.one("nonce")
    if not nonce and "code_challenge" not in draft.found:
        return "invalid_request", "nonce is missing: it is required where PKCE is left out."
    draft.found["nonce"] = nonce or None
    return None


def _check_prompt(draft: _Draft) -> Problem:
    prompt = draft.words("prompt")
    if "none" in prompt and len(set(prompt)) > 1:
        return "invalid_request", "prompt=none stands alone."
    draft.found["prompt"] = tuple(one for one in prompt if one in _PROMPTS)
    return None


def _check_max_age(draft: _Draft) -> Problem:
    text = draft.one("max_age")
    if not text:
        # OpenID Connect Dynamic Client Registration 1.0 section 2, default_max_age.
        draft.found["max_age"] = draft.known_client().default_max_age
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        return "invalid_request", "max_age must be a whole number of seconds."
    draft.found["max_age"] = int(text)
    return None


def _keep_hints(draft: _Draft) -> Problem:
    """Hints never fail (OpenID Connect Core 1.0 section 15.1)."""
    draft.found |= {
        "acr_values": draft.words("acr_values"),
        "login_hint": draft.one("login_hint") or None,
        "ui_locales": draft.words("ui_locales"),
    }
    return None


Check = Callable[[_Draft], Problem]

SHOWN_TO_THE_PERSON: tuple[Check, ...] = (_check_client, _check_redirect_uri)
REDIRECTED_TO_THE_CLIENT: tuple[Check, ...] = (
    _check_repeated,
    _check_request_objects,
    _check_response_type,
    _check_response_mode,
    _check_scope,
    _check_pkce,
    _check_nonce,
    _check_prompt,
    _check_max_age,
    _keep_hints,
)
CHECKS = SHOWN_TO_THE_PERSON + REDIRECTED_TO_THE_CLIENT


def check_authorization_request(
    params: Sequence[tuple[str, str]], load_client: Callable[[str], Client | None]
) -> AuthorizationRequest:
    """Return the request, checked in the order of `CHECKS`. Unknown parameters are ignored.

    Args:
        params: Names and values as sent, in the query or in the form body.
        load_client: Returns a registered client, or None.

    Raises:
        ShownError: The client or the redirect URI is not right.
        RedirectedError: Anything else is not.
    """
    collected: dict[str, list[str]] = {}
    for name, value in params:
        collected.setdefault(name, []).append(value)
    draft = _Draft(collected, load_client)
    for check in CHECKS:
        problem = check(draft)
        if isinstance(problem, str):
            raise _shown(problem, draft)
        if problem is not None:
            raise RedirectedError(*problem, draft.request)
    return draft.request


def respond_with_code(request: AuthorizationRequest, code: str, *, issuer: str) -> str:
    """Return the redirect URI with the code (RFC 6749 section 4.1.2, RFC 9207 section 2)."""
    return _redirect(request, {"code": code}, issuer)


def respond_with_error(request: AuthorizationRequest, error: str, description: str, *, issuer: str) -> str:
    """Return the redirect URI with an error (RFC 6749 section 4.1.2.1, RFC 9207 section 2)."""
    plain = _NOT_ALLOWED_IN_DESCRIPTION.sub(" ", description)
    return _redirect(request, {"error": error, "error_description": plain}, issuer)


def _redirect(request: AuthorizationRequest, answer: Mapping[str, str], issuer: str) -> str:
    """Append the answer; the query that the client registered stays as it is (RFC 6749 section 3.1.2)."""
    told = {**answer, **({"state": request.state} if request.state is not None else {}), "iss": issuer}
    joint = "&" if urlsplit(request.redirect_uri).query else "?"
    return f"{request.redirect_uri}{joint}{urlencode(told)}"


def _shown(key: str, draft: _Draft) -> ShownError:
    names = ("client_id", "redirect_uri")
    sent = {name: ", ".join(draft.params.get(name, ())) for name in names}
    registered = {"redirect_uri": "\n".join(draft.client.redirect_uris)} if draft.client else {}
    return ShownError(key, sent=sent, registered=registered)
