"""The logout token, and what a relying party answers to it (OpenID Connect Back-Channel Logout 1.0)."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum

from idp.protocol.client import Client
from idp.protocol.signing_keys import SigningKey, sign_jwt

EVENT = "http://schemas.openid.net/event/backchannel-logout"
LOGOUT_TOKEN_LIFETIME = timedelta(minutes=2)
"""Section 4: so short that one which was caught on its way is of no use. Each try therefore sends a new one."""
_DONE = frozenset({200, 204})
_REFUSED = 400


class RpAnswer(StrEnum):
    """What the status of a relying party's answer says (section 2.8)."""

    DONE = "done"
    REFUSED = "refused"
    UNCLEAR = "unclear"


def mint_logout_token(
    client: Client, *, issuer: str, subject: str | None, session_id: str, jti: str, now: datetime, key: SigningKey
) -> str:
    """Return a logout token (section 2.4), signed as the client's ID tokens are, without a nonce.

    Args:
        client: Who is told; the one audience.
        issuer: Ours.
        subject: `sub` under which the client knows the person; None when nobody can tell any more.
        session_id: The `sid` of the client's ID tokens. Always there, whether or not the client requires it: without one, every
            session of the person at the client would end (section 2.4), those on her other devices too.
        jti: Told to nobody before. A receiver may refuse a `jti` that it has seen (section 2.6), and the answer to an earlier try may
            have been lost on its way: another try is another token, and ending what has ended is a success (section 2.7).
        now: The present moment.
        key: Signs with the client's `id_token_signed_response_alg`.
    """
    issued_at = int(now.timestamp())
    claims: Mapping[str, object] = {
        "iss": issuer,
        "aud": client.client_id,
        "iat": issued_at,
        "exp": issued_at + int(LOGOUT_TOKEN_LIFETIME.total_seconds()),
        "jti": jti,
        **({} if subject is None else {"sub": subject}),
        "sid": session_id,
        "events": {EVENT: {}},
    }
    return sign_jwt(claims, key, typ="logout+jwt")


def read_answer(status: int) -> RpAnswer:
    """Return what a status says (section 2.8): 200 and 204 are done, 400 is a refusal, and no other is foreseen."""
    if status in _DONE:
        return RpAnswer.DONE
    return RpAnswer.REFUSED if status == _REFUSED else RpAnswer.UNCLEAR
