"""The published keys (RFC 7517 section 5)."""

from collections.abc import Sequence

from idp.protocol.signing_keys import SigningKey


def to_jwks(keys: Sequence[SigningKey]) -> dict[str, list[dict[str, object]]]:
    """Return the key set: public members alone, each key with its `kid`, `use` and one `alg`."""
    return {
        "keys": [{**one.key.as_dict(private=False), "kid": one.kid, "use": "sig", "alg": one.algorithm} for one in keys]
    }
