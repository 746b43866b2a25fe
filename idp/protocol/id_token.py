"""The ID token (OpenID Connect Core 1.0 sections 2 and 3.1.3.6)."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Protocol

from authlib.oidc.core import OpenIDCode, UserInfo
from joserfc.jwk import Key

from idp.protocol.signing_keys import SigningKey


class _Surroundings(Protocol):
    issuer: str
    id_token_lifetime: int  # seconds

    def now(self) -> datetime:
        """Return the present moment."""

    def load_key(self, algorithm: str) -> SigningKey:
        """Return the key that signs with this algorithm now."""


class IdTokenOfCode(OpenIDCode):
    """Adds the ID token to the answer of an authorization code.

    Authlib merges, in this order: the claims of `get_compatible_claims`, those of the code (nonce, auth_time, acr, amr), `at_hash`, and
    the person's.
    """

    def __init__(self, surroundings: _Surroundings) -> None:
        super().__init__(require_nonce=False)
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
