"""A token that is shown at an endpoint which tells what became of it, or ends it."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class IssuedToken:
    """An access token or a refresh token as it was issued, and whether it is good for anything now."""

    client_id: str
    scope: str
    sub: str
    issued_at: datetime
    expires_at: datetime
    auth_time: datetime | None  # None: no person signed in for it
    active: bool
    token_type: str = ""  # of an access token: Bearer or DPoP
    audience: str | None = None  # identifier of the resource that it is for; None: our own userinfo
    jkt: str | None = None  # thumbprint of the key that it is good with (RFC 9449 section 6.2)
