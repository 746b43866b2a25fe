"""The provider's published keys (RFC 7517): which of them we use, and which one a token names."""

from base64 import urlsafe_b64decode
from collections.abc import Mapping
from typing import Any

from joserfc.errors import JoseError
from joserfc.jwk import ECKey, JWKRegistry, RSAKey

SMALLEST_RSA_BITS = 2048

Key = RSAKey | ECKey
Keys = dict[str | None, Key]


def usable_keys(document: Mapping[str, Any]) -> Keys:
    """Keep the signing keys that our two algorithms can use: P-256, and RSA from 2048 bits (RFC 7518, 3.3). Leave the others."""
    keys: Keys = {}
    members = document.get("keys")
    for member in members if isinstance(members, list) else []:
        try:
            key = JWKRegistry.import_key(member) if _fits(member) else None
        except (JoseError, ValueError, KeyError, TypeError):
            continue
        if isinstance(key, RSAKey | ECKey):
            keys[key.kid] = key
    return keys


def pick(keys: Keys, kid: str | None) -> Key | None:
    """The key of this `kid`; a token without `kid` is accepted only from a provider that publishes one key (Core 10.1)."""
    if kid is None:
        return next(iter(keys.values())) if len(keys) == 1 else None
    return keys.get(kid)


def _fits(member: object) -> bool:
    if not isinstance(member, Mapping) or member.get("use", "sig") != "sig":
        return False
    if member.get("kty") == "RSA":
        return int.from_bytes(urlsafe_b64decode(f"{member['n']}==")).bit_length() >= SMALLEST_RSA_BITS
    return (member.get("kty"), member.get("crv")) == ("EC", "P-256")
