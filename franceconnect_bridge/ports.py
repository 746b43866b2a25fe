"""What the bridge asks of whoever mounts it, and what it hands back."""

from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from flask import Response

from franceconnect_bridge.identity import PivotIdentity


class Clock(Protocol):
    """The time, which a test instance may move."""

    def now(self) -> datetime:
        """Return the present moment, aware, in UTC."""


class Store(Protocol):
    """Where sign-ins under way are kept, shared by all processes. What is kept is sealed by the mounter."""

    def put(self, key: str, value: bytes, *, expires_at: datetime) -> None:
        """Keep `value` under `key`, which was never used before."""

    def take(self, key: str) -> bytes | None:
        """Return what is kept under `key` and forget it, by one winner of many; None when there is nothing, or it is too old."""


class OutboundBusy(Exception):  # noqa: N818  the name says what happened
    """As many calls as one process may make are under way: this one is refused at once."""


class Outbound(Protocol):
    """What is put around every call to FranceConnect: a ceiling for the process, and others may run meanwhile."""

    def __call__(self, name: str) -> AbstractContextManager[None]:
        """Enter one call.

        Args:
            name: Of the call, for metrics: ``token``, ``userinfo``, ``jwks``, ``discovery``.

        Raises:
            OutboundBusy: Too many are under way.
        """


@dataclass(frozen=True, slots=True)
class Proof:
    """One verified identity, handed over once. It is bound to the browser and the request that began the sign-in.

    Attributes:
        issuer: Of FranceConnect.
        sub: FranceConnect's pairwise subject of this person for this service.
        identity: What FranceConnect says of her.
        acr: The level reached.
        amr: How she proved herself there, () when it was not told.
        id_token: To be given back as `id_token_hint` at logout; a secret of the session.
        context: What `begin` was given: which request this answers.
        proved_at: When it was verified.
    """

    issuer: str
    sub: str
    identity: PivotIdentity
    acr: str
    amr: tuple[str, ...]
    id_token: str
    context: str
    proved_at: datetime


class Refusal(StrEnum):
    """Why there is no identity. The mounter has a page for each."""

    CANCELLED = "cancelled"
    """The person came back without finishing (access_denied)."""
    REFUSED = "refused"
    """FranceConnect could not confirm the identity, or says so by an error that trying again will not change."""
    UNAVAILABLE = "unavailable"
    """FranceConnect does not answer, answers too late, or is being spared after failures."""
    UNTRUSTED = "untrusted"
    """What came back failed a check: a signature, an issuer, a nonce, a level, a claim."""
    MISCONFIGURED = "misconfigured"
    """FranceConnect refuses our client or our request: the operator has to act."""
    LOST = "lost"
    """No sign-in of this browser waits for this answer: replayed, too old, or begun elsewhere."""


class Mounter(Protocol):
    """What the identity provider does with the bridge's answers."""

    def on_identity(self, proof: Proof) -> Response:
        """Answer the browser whose identity was verified."""

    def on_refusal(self, refusal: Refusal, context: str, detail: str) -> Response:
        """Answer the browser when there is no identity.

        Args:
            refusal: Why.
            context: What `begin` was given, "" when it is lost.
            detail: For the log, the audit trail and the tester: check, error code, claim name. No personal data, no token.
        """
