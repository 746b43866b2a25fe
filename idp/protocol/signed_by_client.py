"""JWTs that a client signs with its registered keys (RFC 7515, RFC 7519): assertions (RFC 7523) and request objects (RFC 9101)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, TypeGuard

from joserfc.errors import JoseError
from joserfc.jwk import ECKey, RSAKey

from idp.protocol.client import Client
from idp.protocol.client_keys import ClientKeys, ClientKeySet, KeysUnavailableError
from idp.protocol.signing_keys import decode_signed, read_header

ALGORITHMS = ("RS256", "ES256", "PS256")
SKEW = timedelta(seconds=60)
LONGEST_JTI = 255  # characters


class SignatureRefusedError(Exception):
    """The client did not sign this. The message says what was wrong, for the client's developer; nothing of it is quoted."""


@dataclass(frozen=True, slots=True)
class SignedByClient:
    """A JWT whose signature is right. Its claims have not been looked at."""

    header: Mapping[str, Any]
    claims: Mapping[str, Any]


def verify_signature(token: str, client: Client, keys: ClientKeys, algorithm: str, what: str) -> SignedByClient:
    """Return a JWT that one of the client's keys signed.

    Args:
        token: As sent.
        client: Whose keys.
        keys: What finds them. A `kid` that is not among those known has them fetched again (OpenID Connect Core 1.0 section 10.1.1).
        algorithm: The one that the client registered for this; "" = any of `ALGORITHMS`.
        what: Its name in messages.

    Raises:
        SignatureRefusedError: It did not, or its keys are not to be had.
    """
    try:
        header = read_header(token)
    except (JoseError, ValueError):
        raise SignatureRefusedError(f"The {what} is no signed JWT.") from None
    used, wanted = header.get("alg"), (algorithm,) if algorithm else ALGORITHMS
    if not isinstance(used, str) or used not in wanted:
        raise SignatureRefusedError(f"The {what} must be signed with {' or '.join(wanted)}.")
    try:
        key = _find_key(keys.load_keys(client), used, header.get("kid")) or _find_key(
            keys.renew_keys(client), used, header.get("kid")
        )
    except KeysUnavailableError as failure:
        raise SignatureRefusedError(str(failure)) from None
    if key is None:
        raise SignatureRefusedError(f"No registered key of this client fits the kid and alg of its {what}.")
    try:
        return SignedByClient(header, decode_signed(token, key, used).claims)
    except (JoseError, ValueError):
        raise SignatureRefusedError(f"The signature of the {what} is wrong.") from None


def read_moment(value: object) -> datetime | None:
    """Return a NumericDate (RFC 7519 section 2) of our era, None for anything else."""
    return datetime.fromtimestamp(value, UTC) if _is_moment(value) else None


def is_jti(value: object) -> TypeGuard[str]:
    """Tell whether a `jti` (RFC 7519 section 4.1.7) can be noted: JSON can hold halves of characters, which nothing can be made of."""
    if not isinstance(value, str) or not 0 < len(value) <= LONGEST_JTI:
        return False
    return not any("\ud800" <= sign <= "\udfff" for sign in value)


def _find_key(keys: ClientKeySet, algorithm: str, kid: object) -> RSAKey | ECKey | None:
    """Return the key that the header names; without a name, the only one that can sign with this algorithm."""
    kind = ECKey if algorithm == "ES256" else RSAKey
    fitting = [key for key in keys.signing if isinstance(key, kind) and (kid is None or key.kid == kid)]
    return fitting[0] if len(fitting) == 1 else None


def _is_moment(value: object) -> TypeGuard[float]:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < 2**33
