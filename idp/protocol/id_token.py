"""The ID token (OpenID Connect Core 1.0 sections 2, 3.1.3.6 and 12.2)."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Protocol, cast

from authlib.oidc.core import OpenIDCode, OpenIDToken, UserInfo
from authlib.oidc.core.util import create_half_hash

from idp.protocol.client import Client
from idp.protocol.encryption_rfc7516 import encrypt_for
from idp.protocol.signing_keys import SigningKey, sign_jwt


class _Surroundings(Protocol):
    issuer: str

    def now(self) -> datetime:
        """Return the present moment."""

    def load_key(self, algorithm: str) -> SigningKey:
        """Return the key that signs with this algorithm now."""


class _IdToken(OpenIDToken):
    """What every ID token has in common.

    Merged in this order: the claims of `get_compatible_claims`, those of the code (nonce, auth_time, acr, amr), `at_hash`, the person's.
    """

    def __init__(self, surroundings: _Surroundings) -> None:
        self._surroundings = surroundings

    def process_token(self, grant: Any, response: Any) -> Any:
        """Add one where `openid` was granted, which the access token does not say where it is for another server (RFC 8707)."""
        _, token, _ = response
        if "openid" in grant.request.granted_scope.split():
            token["id_token"] = self.encode_id_token(token, grant.request)
        return token

    def get_compatible_claims(self, request: Any) -> dict[str, Any]:
        """Return the claims about the token itself, by the provider's clock; `aud` is one string."""
        now = int(self._surroundings.now().timestamp())
        return {
            "iss": self._surroundings.issuer,
            "aud": request.client.get_client_id(),
            "iat": now,
            "exp": now + request.client.client.id_token_lifetime,
        }

    def generate_user_info(self, user: Mapping[str, object], scope: Any) -> UserInfo:
        """Return what the journey made of the person."""
        del scope
        return UserInfo(user)

    def encode_id_token(self, token: Mapping[str, Any], request: Any) -> str:
        """Return the signed token.

        The key is asked for once: between two questions a rotation could give the `kid` of one key and the signature of another. Authlib
        itself would ask twice, and has no place for the registry that knows EdDSA.
        """
        key = self._surroundings.load_key(request.client.id_token_signed_response_alg)
        claims = {
            **self.get_compatible_claims(request),
            **self.get_sign_in_claims(request),
            "at_hash": _half_hash(token["access_token"], key.algorithm),
            **self.generate_user_info(request.user, token["scope"]),
        }
        client: Client = request.client.client
        return encrypt_for(
            client,
            sign_jwt(claims, key),
            alg=client.id_token_encrypted_response_alg,
            enc=client.id_token_encrypted_response_enc,
        )

    def get_sign_in_claims(self, request: Any) -> dict[str, Any]:
        """Return the claims about how and when the person signed in."""
        return self.get_authorization_code_claims(request.authorization_code)


class IdTokenOfCode(_IdToken, OpenIDCode):
    """Adds the ID token to the answer of an authorization code."""

    require_nonce = False  # `protocol.authorization_request` says when one is


class IdTokenOfRefresh(_IdToken):
    """Adds a new ID token to the answer of a refresh token.

    OpenID Connect Core 1.0 section 12.2: a new `iat`; the `auth_time` of the sign-in, and no nonce.
    """

    def get_sign_in_claims(self, request: Any) -> dict[str, Any]:
        """Return the claims about the sign-in of long ago."""
        issued = request.refresh_token
        return {"auth_time": int(issued.auth_time.timestamp()), "acr": issued.acr, "amr": list(issued.amr)}


def _half_hash(access_token: str, algorithm: str) -> str:
    """Return `at_hash` (OpenID Connect Core 1.0 section 3.1.3.6): SHA-256, and for Ed25519, which hashes with it, SHA-512."""
    half = cast("bytes", create_half_hash(access_token, algorithm))  # None is for algorithms that are not ours
    return half.decode()
