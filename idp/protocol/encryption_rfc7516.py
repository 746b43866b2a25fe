"""What one client alone can read: encrypted with its key, signed first or not (RFC 7516, OpenID Connect Core 1.0 section 10.2)."""

import json
from collections.abc import Mapping
from typing import Any

from joserfc import jwe
from joserfc.jwk import ECKey, RSAKey

from idp.protocol.client import Client

KEY_ALGORITHMS = ("RSA-OAEP-256", "ECDH-ES", "ECDH-ES+A256KW")
"""How the content's key reaches the client (RFC 7518 section 4.1). RSA1_5 is not among them: its padding tells too much."""
CONTENT_ALGORITHMS = ("A128CBC-HS256", "A256CBC-HS512", "A128GCM", "A256GCM")
"""How the content is encrypted (RFC 7518 section 5.1)."""


def encrypt_for(client: Client, signed: str, *, alg: str, enc: str) -> str:
    """Return a signed JWT, encrypted where the client asked for it.

    Args:
        client: Who will read it, with its keys of `use` enc.
        signed: The JWT.
        alg: One of `KEY_ALGORITHMS`; "" returns the JWT as it is.
        enc: One of `CONTENT_ALGORITHMS`.

    Raises:
        LookupError: The client has no key for this; its settings were not checked.
    """
    # RFC 7519 section 5.2: what is inside is a JWT itself.
    return _encrypt(client, signed, {"alg": alg, "enc": enc, "cty": "JWT"}) if alg else signed


def encrypt_claims_for(client: Client, claims: Mapping[str, Any], *, alg: str, enc: str) -> str:
    """Return claims, encrypted and not signed: the client knows who told them by where it asked (RFC 7519 section 7.1).

    Args:
        client: Who will read it, with its keys of `use` enc.
        claims: JSON values.
        alg: One of `KEY_ALGORITHMS`.
        enc: One of `CONTENT_ALGORITHMS`.

    Raises:
        LookupError: The client has no key for this; its settings were not checked.
    """
    # No cty: what is inside is no JWT of its own (RFC 7519 section 5.2).
    return _encrypt(client, json.dumps(claims), {"alg": alg, "enc": enc})


def _encrypt(client: Client, text: str, header: Mapping[str, str]) -> str:
    key = find_encryption_key(client.encryption_keys, header["alg"])
    if key is None:
        raise LookupError("no registered key of this client can be encrypted for")
    named = {**header, **({"kid": key.kid} if key.kid else {})}
    return jwe.encrypt_compact(named, text, key, algorithms=[header["alg"], header["enc"]])


def find_encryption_key(keys: tuple[RSAKey | ECKey, ...], alg: str) -> RSAKey | ECKey | None:
    """Return the first key that this algorithm can encrypt for, None where there is none."""
    kind = RSAKey if alg.startswith("RSA") else ECKey
    return next((key for key in keys if isinstance(key, kind)), None)
