"""Tokens that one client alone can read: signed first, then encrypted with its key (RFC 7516, OpenID Connect Core 1.0 section 10.2)."""

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
    if not alg:
        return signed
    key = find_encryption_key(client.encryption_keys, alg)
    if key is None:
        raise LookupError("no registered key of this client can be encrypted for")
    # RFC 7519 section 5.2: what is inside is a JWT itself.
    header = {"alg": alg, "enc": enc, "cty": "JWT", **({"kid": key.kid} if key.kid else {})}
    return jwe.encrypt_compact(header, signed, key, algorithms=[alg, enc])


def find_encryption_key(keys: tuple[RSAKey | ECKey, ...], alg: str) -> RSAKey | ECKey | None:
    """Return the first key that this algorithm can encrypt for, None where there is none."""
    kind = RSAKey if alg.startswith("RSA") else ECKey
    return next((key for key in keys if isinstance(key, kind)), None)
