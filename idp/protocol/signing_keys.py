"""Keys that sign what the provider issues, and what they sign (RFC 7515, RFC 7517, OpenID Connect Core 1.0 section 10.1)."""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from joserfc import jwt
from joserfc.jwa import EdDSAAlgorithm
from joserfc.jwk import Key
from joserfc.jws import JWSRegistry, extract_compact

ALGORITHMS = ("RS256", "ES256", "PS256", "EdDSA")
"""What we sign with (RFC 7518 section 3.1, RFC 8037 section 3.1): each by keys of its own."""


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A parsed key with its `kid` and its one algorithm. One that no longer signs has its public half alone."""

    kid: str
    algorithm: str  # one of ALGORITHMS
    key: Key


class _Ed25519ByItsKnownName(EdDSAAlgorithm):
    """RFC 9864 names the curve and deprecates `EdDSA`, with a warning at each use; clients know the name of RFC 8037 alone."""

    security_warning = ""


class _Registry(JWSRegistry):
    """Checks headers and sizes as joserfc does, with our algorithms and no other."""

    max_header_length = 2048  # characters; the public key in the header of a DPoP proof is up to 800 of them
    algorithms = {**JWSRegistry.algorithms, "EdDSA": _Ed25519ByItsKnownName()}  # noqa: RUF012  joserfc's own shape


def sign_jwt(claims: Mapping[str, Any], key: SigningKey, *, typ: str = "JWT") -> str:
    """Return a signed JWT that names its key (RFC 7515 section 4.1.4): verifiers choose it by `kid`.

    Args:
        claims: JSON values.
        key: An active key.
        typ: What kind of JWT it is (RFC 8725 section 3.11).
    """
    header = {"alg": key.algorithm, "kid": key.kid}
    return jwt.encode(header, dict(claims), key.key, registry=_Registry(algorithms=[key.algorithm]), default_type=typ)


def verify_jwt(token: str, keys: Sequence[SigningKey]) -> jwt.Token:
    """Return header and claims of a JWT that one of these keys signed, by the one algorithm of that key. Claims are not looked at.

    Raises:
        joserfc.errors.JoseError: It is no JWT, or the key that it names did not sign it.
        ValueError: It is no JWT, or names no key of these.
    """
    kid = read_header(token).get("kid")
    named = next((one for one in keys if one.kid == kid), None)
    if named is None:
        raise ValueError("the kid is none of ours")
    return decode_signed(token, named.key, named.algorithm)


def read_header(token: str) -> Mapping[str, Any]:
    """Return the header of a JWT, of which nothing is checked yet.

    Raises:
        joserfc.errors.JoseError: It is no JWT.
        ValueError: It is no JWT.
    """
    with _odd_json():
        return dict(extract_compact(token.encode(), registry=_Registry()).headers())


def read_unverified_claims(token: str) -> Any:
    """Return what a JWT holds, of which nothing is checked yet: the JSON may be of any kind.

    Raises:
        joserfc.errors.JoseError: It is no JWT.
        ValueError: It is no JWT.
    """
    with _odd_json():
        return json.loads(extract_compact(token.encode(), registry=_Registry()).payload or b"")


def decode_signed(token: str, key: Key, algorithm: str) -> jwt.Token:
    """Return header and claims of a JWT that this key signed by this algorithm, one of ALGORITHMS. Claims are not looked at.

    Raises:
        joserfc.errors.JoseError: It is no JWT, or was not signed so.
        ValueError: It is no JWT.
    """
    # RFC 8725 section 3.1: never what the header says, always what the key is for.
    with _odd_json():
        return jwt.decode(token, key, registry=_Registry(algorithms=[algorithm]))


@contextmanager
def _odd_json() -> Iterator[None]:
    """Make a ValueError of what joserfc lets through: JSON nested without end, and header members of another kind than they must be."""
    try:
        yield
    except (RecursionError, TypeError):
        raise ValueError("the JSON of the JWT is not that of one") from None
