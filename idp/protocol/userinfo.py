"""The userinfo response as a signed JWT (OpenID Connect Core 1.0 section 5.3.2)."""

from collections.abc import Mapping
from typing import Any

from idp.protocol.signing_keys import SigningKey, sign_jwt


def sign_userinfo(claims: Mapping[str, Any], *, issuer: str, client_id: str, key: SigningKey) -> str:
    """Return the claims as a JWT for one client.

    It has no `exp`: it tells what is true now, and can be taken neither for an ID token nor for an access token.
    """
    told = {**claims, "iss": issuer, "aud": client_id}
    return sign_jwt(told, key)
