"""What journeys keep, row by row, and what passes through the ports of `idp.journeys.ports`."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from idp.protocol.consent import Consent


@dataclass(slots=True)
class ActivationRow:
    """An activation under way in one browser. `state` and `last_answer` are clear here and sealed by the store."""

    id: str
    browser_hash: str
    former_browser_hash: str | None
    turn: int
    step: str
    reference: str
    interaction_id: str | None
    state: bytes
    last_answer: bytes | None
    created_at: datetime
    touched_at: datetime
    expires_at: datetime


@dataclass(slots=True)
class InteractionRow:
    """One request of an ENT (or a sign-in page opened by hand) waiting for a person. Bytes are clear here and sealed by the store."""

    id: str
    handle_hash: str
    browser_hash: str
    client_id: str | None
    request: bytes | None
    profile: str | None
    turn: int
    last_answer: bytes | None
    session_id: str | None
    created_at: datetime
    expires_at: datetime
    step_up: bytes | None = None  # of journeys.step_up_state
    page: str | None = None  # one of our own, to go to once somebody has signed in


@dataclass(frozen=True, slots=True)
class SessionRow:
    """A signed-in browser. `id` is the `sid` of tokens."""

    id: str
    secret_hash: str
    account_id: int
    auth_time: datetime
    acr: str
    amr: tuple[str, ...]
    touched_at: datetime
    expires_at: datetime
    ended_at: datetime | None = None
    device: str = ""  # of journeys.devices
    # When the password or FranceConnect was last proved. None: at auth_time, which a second proof moves.
    signed_in_at: datetime | None = None
    asks: tuple[str, ...] = ()  # of journeys.questions: what its person is asked before it goes on


@dataclass(frozen=True, slots=True)
class FranceConnectLink:
    """An account that FranceConnect signs in: (issuer, sub) on one side, one account on the other, for good."""

    issuer: str
    sub: str
    account_id: int
    identity_hash: str
    linked_at: datetime
    closes_at: datetime | None = field(default=None, compare=False)  # of the account, as it was loaded
    has_news: bool = field(default=False, compare=False)  # as an `Account` says; not kept with the link


@dataclass(frozen=True, slots=True)
class CodeRow:
    """An authorization code (RFC 6749 section 4.1.2). `family` names everything that is minted from it."""

    code_hash: str
    family: str
    client_id: str
    session_id: str
    account_id: int
    redirect_uri: str
    scope: str
    nonce: str | None
    code_challenge: str | None
    acr: str
    amr: tuple[str, ...]
    auth_time: datetime
    issued_at: datetime
    expires_at: datetime
    used_at: datetime | None = None
    revoked_at: datetime | None = None
    claims: str | None = None  # of protocol.claims_parameter
    jkt: str | None = None  # thumbprint of the key that the request bound it to (RFC 9449 section 10)
    resources: tuple[str, ...] = ()  # of the request (RFC 8707)
    session_ends_at: datetime | None = field(default=None, compare=False)  # as it was loaded; not kept with the code


@dataclass(frozen=True, slots=True)
class AccessTokenRow:
    """An access token (RFC 6750). One that stands for its client alone has neither session nor account nor sign-in."""

    token_hash: str
    family: str
    client_id: str
    session_id: str | None
    account_id: int | None
    scope: str
    auth_time: datetime | None
    issued_at: datetime
    expires_at: datetime
    revoked_at: datetime | None = None
    claims: str | None = None  # of its code
    jkt: str | None = None  # thumbprint of the key that it is good with (RFC 9449 section 6)
    audience: str | None = None  # identifier of the resource that it is for (RFC 8707); None: our own userinfo


@dataclass(frozen=True, slots=True)
class RefreshTokenRow:
    """A refresh token (RFC 6749 section 1.5). An offline one outlives the session that it was issued in."""

    token_hash: str
    family: str
    client_id: str
    session_id: str
    account_id: int
    scope: str
    offline: bool
    acr: str
    amr: tuple[str, ...]
    auth_time: datetime
    issued_at: datetime
    expires_at: datetime
    used_at: datetime | None = None
    revoked_at: datetime | None = None
    claims: str | None = None  # of its code
    jkt: str | None = None  # of a public client: thumbprint of the key that it must show
    resources: tuple[str, ...] = ()  # of its code


@dataclass(frozen=True, slots=True)
class RegisteredClientRow:
    """A client that no settings file names. `metadata` has the names of RFC 7591 section 2."""

    client_id: str
    client_secret_hash: str | None
    registration_token_hash: str | None  # None: an operator registered it, and it cannot change itself
    metadata: Mapping[str, Any]
    issued_at: datetime
    revision: int = 0  # one up at each change


@dataclass(frozen=True, slots=True)
class AuditEvent:
    """One line of the ledger. `details` holds record ids and reasons, never a name, number, code, password or date of birth."""

    event: str
    reference: str = ""
    account_id: int | None = None
    client_id: str | None = None
    details: dict[str, str | int | list[int]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class LoggedEvent:
    """One line of the ledger, as its person may see it."""

    at: datetime
    event: str
    client_id: str | None


@dataclass(frozen=True, slots=True)
class GivenConsent:
    """What a person allowed a client."""

    client_id: str
    consent: Consent
    given_at: datetime


@dataclass(frozen=True, slots=True)
class QuotaState:
    """What a counter says after `QuotaStore.take`."""

    allowed: bool
    used: int
    resets_at: datetime


@dataclass(frozen=True, slots=True)
class Ceiling:
    """What `QuotaStore.take_all` counts against: at most `limit` uses of `key` in one window."""

    key: str
    limit: int
    window: timedelta


@dataclass(frozen=True, slots=True)
class KinshipCount:
    """Present, legal links of some guardians, and how many of these are contested."""

    present: int
    contested: int


@dataclass(frozen=True, slots=True)
class Message:
    """A text to be sent. `recipient` is E.164 for SMS."""

    channel: str
    recipient: str
    body: str
