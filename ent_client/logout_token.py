"""A logout token, and what must hold before a session ends because of it (OpenID Connect Back-Channel Logout 1.0, 2.4 and 2.6).

It comes from the network, not from a browser, and anybody may send one: only the signature says that it is the provider's. It looks
much like an ID token, hence the checks that tell the two apart. The sentences are for the provider's developers, who read them in
`error_description`; they quote nothing of what came.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from joserfc import jws, jwt
from joserfc.errors import JoseError

from ent_client.keys import Key
from ent_client.settings import Settings

LOGOUT_EVENT = "http://schemas.openid.net/event/backchannel-logout"
SKEW = timedelta(seconds=60)
# From its `iat` on; a provider that tries again later signs anew.
LONGEST_LIFE = timedelta(minutes=5)
# A `jti` is remembered for as long as its token could be taken.
JTI_LIFETIME = LONGEST_LIFE + 2 * SKEW


class LogoutTokenError(Exception):
    """A logout token is refused.

    Attributes:
        code: which check, for the log.
        sentence: what should hold, for `error_description` (ASCII).
    """

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(code)
        self.code = code
        self.sentence = sentence


@dataclass
class LogoutToken:
    """A logout token under examination.

    Attributes:
        text: as it came.
        find_key: gives the provider's key of a `kid`.
        is_new: notes a `jti`; False when it was noted before.
        header, claims: what was read of it; the claims are empty until the signature is verified.
    """

    text: str = field(repr=False)
    settings: Settings
    now: datetime
    find_key: Callable[[str | None], Key | None]
    is_new: Callable[[str], bool]
    header: dict[str, Any] = field(default_factory=dict)
    claims: dict[str, Any] = field(default_factory=dict)

    @property
    def sid(self) -> str:
        """The provider's session that ended, empty when all of this person's did."""
        return self.claims.get("sid") or ""

    @property
    def sub(self) -> str:
        """The person, empty when only the session is named."""
        return self.claims.get("sub") or ""


def is_jws(token: LogoutToken) -> bool:
    """Read the header, which nobody has vouched for yet."""
    try:
        token.header = dict(jws.extract_compact(token.text.encode()).headers())
    except (JoseError, ValueError, UnicodeError):
        return False
    return True


def has_type(token: LogoutToken) -> bool:
    """Older providers write `JWT` or nothing: section 4.1 explains why typing is not required."""
    return str(token.header.get("typ", "JWT")).lower().removeprefix("application/") in ("logout+jwt", "jwt")


def has_algorithm(token: LogoutToken) -> bool:
    """Our own list, as for ID tokens: never `none`, never a shared secret."""
    return token.header.get("alg") in token.settings.algorithms


def has_signature(token: LogoutToken) -> bool:
    """By a key that the provider publishes, found by `kid`: never by a key or an address that the token brings along."""
    kid = token.header.get("kid")
    key = token.find_key(kid if isinstance(kid, str) else None)
    try:
        if key:
            token.claims = dict(jwt.decode(token.text, key, algorithms=list(token.settings.algorithms)).claims)
    except (JoseError, ValueError, UnicodeError, TypeError):  # the last: `crit` that is no list
        return False
    return key is not None


def has_issuer(token: LogoutToken) -> bool:
    """Letter for letter."""
    return token.claims.get("iss") == token.settings.issuer


def has_audience(token: LogoutToken) -> bool:
    """For us and for nobody else: another client's logout token must not be of use here."""
    return token.claims.get("aud") in (token.settings.client_id, [token.settings.client_id])


def has_date(token: LogoutToken) -> bool:
    """Not from the future, and not older than five minutes: an old one may have been lying about. A minute for clocks that differ."""
    age = _age(token, "iat")
    return age is not None and -SKEW <= age <= LONGEST_LIFE + SKEW


def is_not_over(token: LogoutToken) -> bool:
    """Drafts of the text knew no `exp`: one that is there counts."""
    if "exp" not in token.claims:
        return True
    age = _age(token, "exp")
    return age is not None and age < SKEW


def names_somebody(token: LogoutToken) -> bool:
    """`sub`, `sid` or both, each a text that is not empty."""
    named = [token.claims[name] for name in ("sub", "sid") if name in token.claims]
    return bool(named) and all(isinstance(name, str) and name for name in named)


def tells_a_logout(token: LogoutToken) -> bool:
    """The one member that makes a signed text of the provider a logout token; no ID token has it."""
    return token.claims.get("events") == {LOGOUT_EVENT: {}}


def has_no_nonce(token: LogoutToken) -> bool:
    """So that nobody can pass it off as an ID token, nor an ID token as this."""
    return "nonce" not in token.claims


def comes_once(token: LogoutToken) -> bool:
    """Last, so that a token that is refused for something else does not use up its `jti`."""
    jti = token.claims.get("jti")
    return isinstance(jti, str) and jti != "" and token.is_new(jti)


class LogoutCheck(NamedTuple):
    """One check: its code in the log, the paragraph obeyed, what should hold, and the function that says whether it does."""

    code: str
    paragraph: str
    sentence: str
    holds: Callable[[LogoutToken], bool]


LOGOUT_CHECKS: tuple[LogoutCheck, ...] = (
    LogoutCheck("jws", "2.4", "The logout token must be a signed JWT in compact form.", is_jws),
    LogoutCheck("typ", "2.4", "typ must be logout+jwt, or JWT, or absent.", has_type),
    LogoutCheck("alg", "2.6 (3)", "alg must be one that was agreed with this client.", has_algorithm),
    LogoutCheck("signature", "2.6 (2)", "The signature must be by a key of the jwks_uri.", has_signature),
    LogoutCheck("iss", "2.6 (4)", "iss must be the issuer of this client.", has_issuer),
    LogoutCheck("aud", "2.6 (4)", "aud must be this client alone.", has_audience),
    LogoutCheck("iat", "2.6 (4)", "iat must be a time at most five minutes ago and not to come.", has_date),
    LogoutCheck("exp", "2.6 (4)", "exp must be a time to come.", is_not_over),
    LogoutCheck("subject", "2.6 (5)", "sub, sid or both must be there, as texts.", names_somebody),
    LogoutCheck("events", "2.6 (6)", f"events must hold {LOGOUT_EVENT} alone, as an empty object.", tells_a_logout),
    LogoutCheck("nonce", "2.6 (7)", "nonce must not be there.", has_no_nonce),
    LogoutCheck("jti", "2.6 (8)", "jti must be there, and new.", comes_once),
)


def check_logout_token(token: LogoutToken) -> None:
    """Run every check in order.

    Raises:
        LogoutTokenError: at the first that does not hold.
        SignInError: when the provider's keys cannot be read.
    """
    for check in LOGOUT_CHECKS:
        if not check.holds(token):
            where = f"(OpenID Connect Back-Channel Logout 1.0, {check.paragraph})"
            raise LogoutTokenError(check.code, f"{check.sentence} {where}")


def _age(token: LogoutToken, name: str) -> timedelta | None:
    """How long ago a claim's moment was; None when it is no moment."""
    value = token.claims.get(name)
    if not isinstance(value, int | float) or not math.isfinite(value):
        return None
    try:
        return timedelta(seconds=token.now.timestamp() - value)
    except OverflowError:
        return None
