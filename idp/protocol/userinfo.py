"""The userinfo response as a JWT: signed, encrypted, or both (OpenID Connect Core 1.0 section 5.3.2)."""

from collections.abc import Mapping
from typing import Any

from idp.protocol.client import Client
from idp.protocol.encryption_rfc7516 import encrypt_claims_for, encrypt_for
from idp.protocol.signing_keys import SigningKey, sign_jwt


def sign_userinfo(claims: Mapping[str, Any], *, issuer: str, client: Client, key: SigningKey) -> str:
    """Return the claims as a JWT for one client.

    It has no `exp`: it tells what is true now, and can be taken neither for an ID token nor for an access token.
    """
    told = {**claims, "iss": issuer, "aud": client.client_id}
    return encrypt_for(
        client,
        sign_jwt(told, key),
        alg=client.userinfo_encrypted_response_alg,
        enc=client.userinfo_encrypted_response_enc,
    )


def encrypt_userinfo(claims: Mapping[str, Any], *, client: Client) -> str:
    """Return the claims as a JWT that one client alone can read and that nobody signed (section 16.14 would have both)."""
    return encrypt_claims_for(
        client, claims, alg=client.userinfo_encrypted_response_alg, enc=client.userinfo_encrypted_response_enc
    )
