"""What a refreshed ID token must still say: one list, in the order in which it is run (OpenID Connect Core 1.0, 12).

A refresh happens without the person: nothing may have changed but the dates. What is not here is as at the sign-in, `checks.py`.
"""

from datetime import datetime
from typing import Any, NamedTuple

from ent_client.checks import (
    USERINFO_CHECK,
    Check,
    check_access_token_hash,
    check_algorithm,
    check_bearer,
    check_context,
    check_expiry,
    check_issued_at,
    check_issuer,
    check_signature,
)
from ent_client.exchange import Exchange, RefusedError, Stage

CORE = "OpenID Connect Core 1.0, 12.2"


class Refreshing(NamedTuple):
    """What stands for a sign-in that was begun, while the checks of dates run; a refresh sends no nonce."""

    nonce: str
    started_at: datetime


def check_response(exchange: Exchange) -> str:
    """The token endpoint gave a bearer access token; an ID token may come with it."""
    check_bearer(exchange)
    rotated = "un nouveau refresh token" if exchange.token.get("refresh_token") else "le même refresh token"
    return f"access_token, {'un nouvel' if exchange.id_token else 'pas de nouvel'} ID token, {rotated}."


def check_same_subject(exchange: Exchange) -> str:
    """The person is the one who signed in."""
    return _unchanged(exchange, "sub")


def check_same_audience(exchange: Exchange) -> str:
    """The token is for whom the first one was for: us; a text and a list of one say the same."""
    former, present = (_listed(claims.get("aud")) for claims in (exchange.former, exchange.claims))
    if former != present:
        raise RefusedError("aud n'est plus celui de la connexion.")
    return "Comme à la connexion."


def check_same_party(exchange: Exchange) -> str:
    """`azp` is the former one, and absent if it was absent."""
    return _unchanged(exchange, "azp")


def check_same_auth_time(exchange: Exchange) -> str:
    """`auth_time`, when there, is still the moment at which the person proved who she is, not that of the refresh."""
    return "Absent." if "auth_time" not in exchange.claims else _unchanged(exchange, "auth_time")


def check_same_nonce(exchange: Exchange) -> str:
    """A nonce should not be there; one that is there is the former one."""
    return "Absent." if "nonce" not in exchange.claims else _unchanged(exchange, "nonce")


REFRESH_CHECKS: tuple[Check, ...] = (
    Check("refresh_response", "réponse du token endpoint", "RFC 6749, 5.1 et 6", Stage.REFRESH, check_response),
    Check("alg", "algorithme de signature", "OpenID Connect Core 1.0, 3.1.3.7 (7)", Stage.ID_TOKEN, check_algorithm),
    Check("signature", "clé et signature", "OpenID Connect Core 1.0, 3.1.3.7 (6)", Stage.ID_TOKEN, check_signature),
    Check("iss", "iss, le même", CORE, Stage.ID_TOKEN, check_issuer),
    Check("sub", "sub, le même", CORE, Stage.ID_TOKEN, check_same_subject),
    Check("aud", "aud, le même", CORE, Stage.ID_TOKEN, check_same_audience),
    Check("azp", "azp, le même", CORE, Stage.ID_TOKEN, check_same_party),
    Check("exp", "exp du nouvel ID token", "OpenID Connect Core 1.0, 3.1.3.7 (9)", Stage.ID_TOKEN, check_expiry),
    Check("iat", "iat, celui du renouvellement", CORE, Stage.ID_TOKEN, check_issued_at),
    Check("auth_time", "auth_time, celui de la connexion", CORE, Stage.ID_TOKEN, check_same_auth_time),
    Check("nonce", "nonce absent, ou le même", CORE, Stage.ID_TOKEN, check_same_nonce),
    Check(
        "at_hash",
        "at_hash du nouvel ID token",
        "OpenID Connect Core 1.0, 3.1.3.8",
        Stage.ID_TOKEN,
        check_access_token_hash,
    ),
    Check("acr", "acr du nouvel ID token", "OpenID Connect Core 1.0, 3.1.3.7 (12)", Stage.ID_TOKEN, check_context),
    USERINFO_CHECK,
)


def _unchanged(exchange: Exchange, name: str) -> str:
    if exchange.claims.get(name) != exchange.former.get(name):
        raise RefusedError(f"{name} n'est plus celui de la connexion.")
    return "Comme à la connexion."


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
