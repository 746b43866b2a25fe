"""Access tokens that the server of a resource can read by itself (RFC 9068)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from idp.protocol.signing_keys import SigningKey, sign_jwt


@dataclass(frozen=True, slots=True)
class AccessTokenFacts:
    """What a JWT access token says (sections 2.2 and 2.2.1)."""

    issuer: str
    client_id: str
    sub: str
    scope: str
    issued_at: datetime
    lifetime: int  # seconds
    audience: str | None = None  # identifier of the resource that it is for; None: our own userinfo
    # Of the sign-in, where a person takes part.
    acr: str = ""
    amr: Sequence[str] = ()
    auth_time: datetime | None = None
    jkt: str | None = None  # thumbprint of the key that it is good with (RFC 9449 section 6.1)


def make_jwt_access_token(facts: AccessTokenFacts, *, jti: str, key: SigningKey) -> str:
    """Return a signed access token.

    Args:
        facts: What it says. Nothing of a person but `sub`: the server of a resource asks userinfo for more (section 6).
        jti: 128 random bits at least: the token is also looked up by its hash, and must not be guessed.
        key: What signs.
    """
    issued_at = int(facts.issued_at.timestamp())
    claims: dict[str, object] = {
        "iss": facts.issuer,
        # Section 3: without `resource` (RFC 8707), the default resource, which is our own userinfo endpoint.
        "aud": facts.audience or facts.issuer,
        "sub": facts.sub,
        "client_id": facts.client_id,
        "iat": issued_at,
        "exp": issued_at + facts.lifetime,
        "jti": jti,
    }
    if facts.scope:  # section 2.2.3; without one there is nothing to say
        claims["scope"] = facts.scope
    if facts.auth_time is not None:
        claims |= {"auth_time": int(facts.auth_time.timestamp()), "acr": facts.acr, "amr": list(facts.amr)}
    if facts.jkt:
        claims["cnf"] = {"jkt": facts.jkt}
    return sign_jwt(claims, key, typ="at+jwt")  # section 2.1
