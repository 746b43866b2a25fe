"""A client proves who it is with a JWT that it signed (RFC 7523; `private_key_jwt` of OpenID Connect Core 1.0 section 9)."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from joserfc.errors import JoseError

from idp.protocol.client import Client
from idp.protocol.client_keys import ClientKeys, RegisteredKeys
from idp.protocol.signed_by_client import (
    LONGEST_JTI,
    SKEW,
    SignatureRefusedError,
    is_jti,
    read_moment,
    verify_signature,
)
from idp.protocol.signing_keys import read_unverified_claims

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
LONGEST_LIFE = timedelta(hours=1)  # what Authlib writes unless told otherwise; most libraries write a minute
_LONGEST = 8192  # characters; an RSA-4096 signature and a page of claims fit


class AssertionRefusedError(Exception):
    """The assertion does not prove anything. The message says what was wrong, for the client's developer; nothing of it is quoted."""


@dataclass(frozen=True, slots=True)
class AssertionRules:
    """What an assertion is checked against.

    Attributes:
        audiences: Values of `aud` that mean us: the issuer, and every address of the endpoints that authenticate clients.
        now: The present moment, aware.
        note_jti: Notes that a client used this `jti`, which is worth nothing until then; False when it did so before.
        keys: What finds the keys of clients.
    """

    audiences: Collection[str]
    now: datetime
    note_jti: Callable[[str, str, datetime], bool]
    keys: ClientKeys = field(default_factory=RegisteredKeys)


def read_claimed_client(assertion: str) -> str:
    """Return who an assertion says that it is from, before anything of it is believed.

    Raises:
        AssertionRefusedError: It is no JWT, or `iss` and `sub` are not one client.
    """
    if len(assertion) > _LONGEST:
        raise AssertionRefusedError("The client assertion is too long.")
    try:
        claims = read_unverified_claims(assertion)
    except (JoseError, ValueError):
        raise AssertionRefusedError("The client assertion is no signed JWT.") from None
    issuer, subject = (claims.get("iss"), claims.get("sub")) if isinstance(claims, dict) else (None, None)
    if not isinstance(issuer, str) or not issuer or issuer != subject:
        raise AssertionRefusedError("iss and sub of the client assertion must both be the client_id.")
    return issuer


def check_assertion(assertion: str, client: Client, rules: AssertionRules) -> None:
    """Check the signature and every claim, in the order of RFC 7523 section 3.

    Args:
        assertion: As sent; `read_claimed_client` named this client.
        client: Whose keys must have signed it.
        rules: What it is checked against.

    Raises:
        AssertionRefusedError: It is worth nothing.
    """
    try:
        claims = verify_signature(
            assertion, client, rules.keys, client.token_endpoint_auth_signing_alg, "client assertion"
        ).claims
    except SignatureRefusedError as refusal:
        raise AssertionRefusedError(str(refusal)) from None
    audience = claims.get("aud")
    named = audience if isinstance(audience, list) else [audience]
    if not any(isinstance(one, str) and one in rules.audiences for one in named):
        raise AssertionRefusedError("aud of the client assertion must be the issuer or the token endpoint.")
    expires_at = _check_times(claims, rules.now)
    jti = claims.get("jti")
    if not is_jti(jti):
        raise AssertionRefusedError(f"jti of the client assertion must be a text of 1 to {LONGEST_JTI} characters.")
    # Last, so that nobody but the client can use one of its names up.
    if not rules.note_jti(client.client_id, jti, expires_at + SKEW):
        raise AssertionRefusedError("This client assertion was used before: jti must be new each time.")


def _check_times(claims: Mapping[str, Any], now: datetime) -> datetime:
    expires_at = read_moment(claims.get("exp"))
    if expires_at is None:
        raise AssertionRefusedError("exp of the client assertion must be a number of seconds.")
    if now >= expires_at + SKEW:
        raise AssertionRefusedError("The client assertion has expired.")
    if expires_at > now + LONGEST_LIFE + SKEW:
        raise AssertionRefusedError("exp of the client assertion is more than an hour away.")
    for name in ("nbf", "iat"):
        moment = read_moment(claims.get(name))
        if claims.get(name) is not None and (moment is None or moment > now + SKEW):
            raise AssertionRefusedError(f"{name} of the client assertion is in the future, or no number.")
    return expires_at
