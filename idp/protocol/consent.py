"""The person's consent to what a client is told, and when it is asked for (OpenID Connect Core 1.0 sections 3.1.2.4 and 11)."""

from collections.abc import Callable
from dataclasses import dataclass

from idp.protocol.authorization_request import AuthorizationRequest
from idp.protocol.client import Client

POLICIES = ("none", "remembered", "always")
"""What a client may be registered for: its operator answers for it, the person is asked once for each thing, or each time."""


@dataclass(frozen=True, slots=True)
class Consent:
    """What a person allowed, or is asked to allow.

    Attributes:
        scope: Scopes.
        claims: Claims that were asked for one by one (section 5.5).
        resources: Other servers that tokens are asked for (RFC 8707): one scope may mean one thing here and another there.
    """

    scope: frozenset[str]
    claims: frozenset[str] = frozenset()
    resources: frozenset[str] = frozenset()

    def covers(self, other: "Consent") -> bool:
        """Tell whether nothing of `other` is new."""
        return other.scope <= self.scope and other.claims <= self.claims and other.resources <= self.resources

    def joined_with(self, other: "Consent") -> "Consent":
        """Return both together: who allows more takes nothing back."""
        return Consent(self.scope | other.scope, self.claims | other.claims, self.resources | other.resources)


def consent_asked_by(request: AuthorizationRequest) -> Consent:
    """Return what a request wants to be told, `offline_access` included (section 11)."""
    claims = frozenset((*request.userinfo_claims, *request.id_token_claims))
    return Consent(frozenset(request.scope), claims, frozenset(request.resources))


def may_ask_consent(client: Client, request: AuthorizationRequest) -> bool:
    """Tell whether the person may have to be asked, whatever she allowed before."""
    return client.consent != "none" or "consent" in request.prompt


def is_consent_needed(client: Client, request: AuthorizationRequest, load_given: Callable[[], Consent | None]) -> bool:
    """Tell whether the person must be asked before a request is answered.

    Args:
        client: Who asks.
        request: What it asks.
        load_given: Returns what the person allowed this client before; called only where that counts.
    """
    if "consent" in request.prompt:
        # Section 3.1.2.1: the client wants the person to be asked, and what she allowed before is no answer to that.
        return True
    if client.consent != "remembered":
        return client.consent == "always"
    given = load_given()
    return given is None or not given.covers(consent_asked_by(request))
