"""The ID token (OpenID Connect Core 1.0 sections 2, 3.1.3.6 and 12.2)."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Protocol

from authlib.oidc.core import OpenIDCode, OpenIDToken, UserInfo
from joserfc.jwk import Key

from idp.protocol.signing_keys import SigningKey


class _Surroundings(Protocol):
    issuer: str
    id_token_lifetime: int  # seconds

    def now(self) -> datetime:
        """Return the present moment."""

    def load_key(self, algorithm: str) -> SigningKey:
        """Return the key that signs with this algorithm now."""


class _IdToken(OpenIDToken):
    """What every ID token has in common.

    Authlib merges, in this order: the claims of `get_compatible_claims`, those of the code (nonce, auth_time, acr, amr), `at_hash`, and
    the person's.
    """

    def __init__(self, surroundings: _Surroundings) -> None:
        self._surroundings = surroundings

    def get_compatible_claims(self, request: Any) -> dict[str, Any]:
        """Return the claims about the token itself, by the provider's clock; `aud` is one string."""
        now = int(self._surroundings.now().timestamp())
        return {
            "iss": self._surroundings.issuer,
            "aud": request.client.get_client_id(),
            "iat": now,
            "exp": now + self._surroundings.id_token_lifetime,
        }

    def generate_user_info(self, user: Mapping[str, object], scope: Any) -> UserInfo:
        """Return what the journey made of the person."""
        del scope
        return UserInfo(user)

    def get_encode_header(self, client: Any) -> dict[str, str]:
        """Name the key (RFC 7515 section 4.1.4): verifiers choose it by `kid`."""
        algorithm = client.id_token_signed_response_alg
        return {"alg": algorithm, "kid": self._surroundings.load_key(algorithm).kid}

    def resolve_client_private_key(self, client: Any) -> Key:
        """Return the one active key of the client's algorithm."""
        return self._surroundings.load_key(client.id_token_signed_response_alg).key


class IdTokenOfCode(_IdToken, OpenIDCode):
    """Adds the ID token to the answer of an authorization code."""

    require_nonce = False  # `protocol.authorization_request` says when one is


class IdTokenOfRefresh(_IdToken):
    """Adds a new ID token to the answer of a refresh token.

    OpenID Connect Core 1.0 section 12.2: a new `iat`; the `auth_time` of the sign-in, and no nonce.
    """

    def get_compatible_claims(self, request: Any) -> dict[str, Any]:
        """Return the claims about the token itself, and those of the sign-in long ago."""
        issued = request.refresh_token
        told = {"auth_time": int(issued.auth_time.timestamp()), "acr": issued.acr, "amr": list(issued.amr)}
        return super().get_compatible_claims(request) | told
