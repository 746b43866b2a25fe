"""What the token endpoint knows of a code or a refresh token, and what it asks of its surroundings (RFC 6749 sections 4.1.3 and 6)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol

from idp.protocol.client import Client
from idp.protocol.client_endpoint import Authentication
from idp.protocol.resource import Resource, Resources
from idp.protocol.signing_keys import SigningKey


@dataclass(frozen=True, slots=True)
class IssuedCode:
    """An authorization code as it was issued, and what became of it."""

    client_id: str
    redirect_uri: str
    scope: str
    nonce: str | None
    code_challenge: str | None
    acr: str
    amr: tuple[str, ...]
    auth_time: datetime
    expires_at: datetime
    spent: bool  # used before
    revoked: bool = False  # with its session, say: nobody needs to have shown it before
    jkt: str | None = None  # of the key that the authorization request bound it to (RFC 9449 section 10)
    resources: tuple[str, ...] = ()  # of the authorization request (RFC 8707 section 2.1)

    # Names that Authlib asks for. The method of every challenge that we accept is S256.
    code_challenge_method = "S256"

    def get_redirect_uri(self) -> str:
        """Return the redirect URI of the authorization request."""
        return self.redirect_uri

    def get_scope(self) -> str:
        """Return the granted scope."""
        return self.scope

    def get_nonce(self) -> str | None:
        """Return the nonce of the authorization request."""
        return self.nonce

    def get_auth_time(self) -> int:
        """Return when the person signed in, in seconds since 1970."""
        return int(self.auth_time.timestamp())

    def get_acr(self) -> str:
        """Return how the person signed in."""
        return self.acr

    def get_amr(self) -> list[str]:
        """Return by which means the person signed in (RFC 8176)."""
        return list(self.amr)


class Standing(StrEnum):
    """What became of a refresh token since it was issued."""

    FRESH = "fresh"
    REPEATED = "repeated"
    """Exchanged a moment ago: the answer may have been lost on its way."""
    REPLAYED = "replayed"
    """Exchanged long ago: somebody has a copy (RFC 9700 section 4.14.2)."""
    REVOKED = "revoked"


@dataclass(frozen=True, slots=True)
class IssuedRefreshToken:
    """A refresh token as it was issued, and what became of it."""

    client_id: str
    scope: str
    acr: str
    amr: tuple[str, ...]
    auth_time: datetime
    expires_at: datetime
    standing: Standing
    jkt: str | None = None  # of the key that a public client must show (RFC 9449 section 5)
    resources: tuple[str, ...] = ()  # of the authorization request (RFC 8707 section 2.1)

    # Names that Authlib asks for.

    def check_client(self, client: Any) -> bool:
        """Tell whether it was issued to this client."""
        return bool(client.get_client_id() == self.client_id)

    def get_scope(self) -> str:
        """Return the granted scope."""
        return self.scope


@dataclass(frozen=True, slots=True)
class Minted:
    """Tokens about to be issued. Until they are kept, they open nothing."""

    client: Client
    access_token: str = field(repr=False)
    scope: str
    refresh_token: str | None = field(default=None, repr=False)
    jkt: str | None = None  # of the key that the access token is good with (RFC 9449 section 6)
    refresh_jkt: str | None = None  # and the refresh token
    target: Resource | None = None  # that the access token is for; None: our own userinfo

    @property
    def audience(self) -> str | None:
        """The identifier of that resource."""
        return self.target.resource if self.target else None

    @property
    def lifetime(self) -> int:
        """How long the access token lives, in seconds: a resource may have its say."""
        return lifetime_at(self.target, self.client)


def lifetime_at(target: Resource | None, client: Client) -> int:
    """Return how long access tokens of a client live at one server, in seconds."""
    return (target.access_token_lifetime if target else None) or client.access_token_lifetime


class Redemption(Authentication, Protocol):
    """What the token endpoint asks of its surroundings for one request."""

    issuer: str
    resources: Resources

    def now(self) -> datetime:
        """Return the present moment."""

    def make_token(self) -> str:
        """Return 256 random bits, url-safe."""

    def check_proof(self, proof: str) -> str:
        """Return the thumbprint of the key that signed this request (RFC 9449 section 4.3).

        Raises:
            ProofRefusedError: The proof proves nothing.
        """

    def make_proof_nonce(self) -> str:
        """Return the nonce of the present moment (RFC 9449 section 8)."""

    def load_key(self, algorithm: str) -> SigningKey:
        """Return the key that signs with this algorithm now."""

    def load_code(self, code: str) -> IssuedCode | None:
        """Return the code, spent and expired ones included."""

    def load_person(self, client: Client, scope: str) -> Mapping[str, object] | None:
        """Return `sub`, `sid` and the claims that this client gets in its ID token for a scope; None when the person is gone."""

    def load_refresh_token(self, refresh_token: str) -> IssuedRefreshToken | None:
        """Return the refresh token, used, expired and revoked ones included."""

    def derive_successor(self, refresh_token: str) -> str:
        """Return the refresh token that comes after this one, always the same."""

    def revoke(self) -> None:
        """Revoke the loaded code or refresh token and all that was minted with it."""

    def spend(self, minted: Minted) -> bool:
        """Mark what was loaded used and keep what is minted, in one transaction; False when a code was used, or either was revoked."""

    def keep_for_client(self, minted: Minted) -> None:
        """Keep an access token that stands for the client itself, in one transaction (RFC 6749 section 4.4)."""
