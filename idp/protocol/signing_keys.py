"""Keys that sign what the provider issues (RFC 7517, OpenID Connect Core 1.0 section 10.1)."""

from dataclasses import dataclass

from joserfc.jwk import Key


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A parsed private key with its `kid` and its one algorithm."""

    kid: str
    algorithm: str  # RS256 or ES256
    key: Key
