"""What a relying party owes before it believes anybody: one list, in the order in which it is run.

`CHECKS` is the page to read. Each check has the paragraph that asks for it and a function that either says in a few words what it
saw or refuses. The Diagnostic page shows the same list with its results. The French here is read by developers on that page.
"""

import hashlib
import hmac
import math
from base64 import urlsafe_b64encode
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from joserfc import jws, jwt
from joserfc.errors import JoseError

from ent_client.exchange import CheckResult, Exchange, RefusedError, SignInError, Stage
from ent_client.settings import origin

SKEW_SECONDS = 60
OPTIONAL_CALLS = ("userinfo_endpoint", "revocation_endpoint")


# --- the way back: state, discovery, callback ----------------------------------------------------------------------------------------


def check_state(exchange: Exchange) -> str:
    """The answer belongs to a sign-in that this browser began, less than 15 minutes ago, and that was not used yet."""
    if exchange.started is None:
        raise RefusedError("Ce state n'est pas celui d'une connexion en cours dans ce navigateur.")
    return "Connu de ce navigateur, utilisé une seule fois."


def check_discovery_issuer(exchange: Exchange) -> str:
    """The metadata speaks for the issuer that we were configured for; Authlib does not compare (CVE-2026-104056)."""
    return _same(exchange.metadata.get("issuer"), exchange.settings.issuer)


def check_discovery_endpoints(exchange: Exchange) -> str:
    """Every endpoint is at the issuer's own origin, or where we were told to call: poisoned metadata must not send our secret elsewhere."""
    settings = exchange.settings
    wanted = {
        **dict.fromkeys(("authorization_endpoint", "end_session_endpoint"), settings.issuer_origin),
        **dict.fromkeys(("token_endpoint", "jwks_uri", *OPTIONAL_CALLS), settings.server_origin),
    }
    for name, place in wanted.items():
        url = exchange.metadata.get(name)
        if url is None and name in ("end_session_endpoint", *OPTIONAL_CALLS):
            continue
        if not isinstance(url, str) or origin(url) != place:
            raise RefusedError(f"{name} = {_short(url)}, attendu à l'origine {place}.")
    return f"Toutes les adresses sont à {' et '.join(dict.fromkeys(wanted.values()))}."


def check_callback_issuer(exchange: Exchange) -> str:
    """The answer says that it comes from the provider that we asked, so that two providers cannot be mixed up."""
    sent = exchange.returned("iss")
    if sent is None and exchange.metadata.get("authorization_response_iss_parameter_supported") is not True:
        return "Absent, et le fournisseur ne l'annonce pas."
    return _same(sent, exchange.settings.issuer)


def check_provider_error(exchange: Exchange) -> str:
    """The provider did not answer with an error such as `access_denied`."""
    error = exchange.returned("error")
    if error is not None:
        raise RefusedError(
            f"error = {_short(error)} ; error_description = {_short(exchange.returned('error_description'))}."
        )
    return "Aucune erreur."


def check_code(exchange: Exchange) -> str:
    """There is one code to redeem."""
    if not exchange.returned("code"):
        raise RefusedError("Le paramètre « code » manque.")
    return "Présent."


# --- the ID token --------------------------------------------------------------------------------------------------------------------


def check_bearer(exchange: Exchange) -> str:
    """The token endpoint gave a bearer access token."""
    if str(exchange.token.get("token_type")).lower() != "bearer":
        raise RefusedError(f"token_type = {_short(exchange.token.get('token_type'))}, attendu Bearer.")
    if not isinstance(exchange.token.get("access_token"), str):
        raise RefusedError("access_token manque.")
    return "Bearer."


def check_token_response(exchange: Exchange) -> str:
    """The token endpoint gave a bearer access token and an ID token."""
    check_bearer(exchange)
    if not exchange.id_token:
        raise RefusedError("id_token manque.")
    return "Bearer, access_token et id_token présents."


def check_algorithm(exchange: Exchange) -> str:
    """The signature algorithm is on our own list: never `none`, never a shared secret, whatever the metadata says."""
    try:
        exchange.header = dict(jws.extract_compact(exchange.id_token.encode()).headers())
    except (JoseError, ValueError, UnicodeError) as error:
        raise RefusedError("L'ID token n'est pas un JWS compact.") from error
    if exchange.header.get("alg") not in exchange.settings.algorithms:
        raise RefusedError(
            f"alg = {_short(exchange.header.get('alg'))}, acceptés : {', '.join(exchange.settings.algorithms)}."
        )
    if str(exchange.header.get("typ", "JWT")).upper() != "JWT":
        raise RefusedError(f"typ = {_short(exchange.header.get('typ'))} : ce jeton n'est pas un ID token.")
    return f"alg = {exchange.header['alg']}."


def check_signature(exchange: Exchange) -> str:
    """The token is signed by a key that the provider publishes; an unknown `kid` makes us read its keys again, once."""
    kid = exchange.header.get("kid")
    key = exchange.find_key(kid if isinstance(kid, str) else None)
    if key is None:
        raise RefusedError(f"Aucune clé publiée pour kid = {_short(kid)}.")
    try:
        exchange.claims = dict(jwt.decode(exchange.id_token, key, algorithms=list(exchange.settings.algorithms)).claims)
    except (JoseError, ValueError, UnicodeError) as error:
        raise RefusedError("La signature n'est pas celle de cette clé.") from error
    return f"Signé par la clé kid = {_short(kid)}."


def check_issuer(exchange: Exchange) -> str:
    """The token's issuer is the configured one, letter for letter."""
    return _same(exchange.claims.get("iss"), exchange.settings.issuer)


def check_subject(exchange: Exchange) -> str:
    """There is a subject, a non-empty text of at most 255 characters."""
    subject = exchange.claims.get("sub")
    if not isinstance(subject, str) or not 0 < len(subject) <= 255:
        raise RefusedError("sub manque ou n'est pas un texte de 1 à 255 caractères.")
    return "Présent."


def check_audience(exchange: Exchange) -> str:
    """The token is for us; several audiences are accepted only with an `azp`, checked next."""
    audience = exchange.claims.get("aud")
    members = audience if isinstance(audience, list) else [audience]
    if exchange.settings.client_id not in members:
        raise RefusedError(f"aud = {_short(audience)}, attendu {exchange.settings.client_id}.")
    return f"aud = {_short(audience)}."


def check_authorized_party(exchange: Exchange) -> str:
    """`azp`, when there or when there are several audiences, is our client_id."""
    audience, party = exchange.claims.get("aud"), exchange.claims.get("azp")
    if party is None and not (isinstance(audience, list) and len(audience) > 1):
        return "Absent, une seule audience."
    return _same(party, exchange.settings.client_id)


def check_expiry(exchange: Exchange) -> str:
    """The token is still valid, with 60 seconds for clocks that differ."""
    left = _seconds(exchange.claims, "exp") - exchange.now.timestamp()
    if left <= -SKEW_SECONDS:
        raise RefusedError(f"exp est passé depuis {-left:.0f} secondes.")
    return f"Valable encore {left:.0f} secondes."


def check_issued_at(exchange: Exchange) -> str:
    """The token was made after we asked for it and not in the future, with 60 seconds for clocks that differ."""
    issued = _seconds(exchange.claims, "iat")
    if issued > exchange.now.timestamp() + SKEW_SECONDS:
        raise RefusedError(f"iat est dans le futur de {issued - exchange.now.timestamp():.0f} secondes.")
    if exchange.started and issued < exchange.started.started_at.timestamp() - SKEW_SECONDS:
        raise RefusedError("iat est antérieur au début de cette connexion.")
    return f"Émis il y a {exchange.now.timestamp() - issued:.0f} secondes."


def check_nonce(exchange: Exchange) -> str:
    """The nonce is the one of this sign-in, so that a stolen token cannot be played again here."""
    nonce = exchange.claims.get("nonce")
    expected = exchange.started.nonce if exchange.started else ""
    if not isinstance(nonce, str) or not hmac.compare_digest(nonce.encode("utf-8", "surrogatepass"), expected.encode()):
        raise RefusedError("nonce manque ou n'est pas celui de cette connexion.")
    return "Celui de cette connexion."


def check_access_token_hash(exchange: Exchange) -> str:
    """`at_hash`, when there, is the left half of the SHA-256 of the access token (RS256 and ES256 both mean SHA-256)."""
    sent = exchange.claims.get("at_hash")
    if sent is None:
        return "Absent, facultatif avec un code."
    digest = hashlib.sha256(str(exchange.token["access_token"]).encode()).digest()
    expected = urlsafe_b64encode(digest[: len(digest) // 2]).rstrip(b"=")
    if not isinstance(sent, str) or not hmac.compare_digest(sent.encode("utf-8", "surrogatepass"), expected):
        raise RefusedError("at_hash n'est pas celui de l'access token reçu.")
    return "Celui de l'access token reçu."


def check_context(exchange: Exchange) -> str:
    """`acr` is one that this ENT was told to require; Authlib never compares it."""
    if not exchange.settings.expected_acr:
        return f"Non exigé (reçu : {_short(exchange.claims.get('acr'))})."
    if exchange.claims.get("acr") not in exchange.settings.expected_acr:
        expected = ", ".join(exchange.settings.expected_acr)
        raise RefusedError(f"acr = {_short(exchange.claims.get('acr'))}, attendu {expected}.")
    return f"acr = {_short(exchange.claims.get('acr'))}."


# --- userinfo ------------------------------------------------------------------------------------------------------------------------


def check_userinfo_subject(exchange: Exchange) -> str:
    """Userinfo speaks of the same person as the ID token; otherwise none of it may be used."""
    if "userinfo_endpoint" not in exchange.metadata:
        return "Le fournisseur n'a pas d'adresse userinfo."
    if exchange.userinfo.get("sub") != exchange.claims.get("sub"):
        raise RefusedError("Le sub de userinfo n'est pas celui de l'ID token.")
    return "Le même sub que l'ID token."


class Check(NamedTuple):
    """One check: its code in logs and tests, its name on the Diagnostic page, the paragraph obeyed, when and how it runs."""

    code: str
    name: str
    paragraph: str
    stage: Stage
    function: Callable[[Exchange], str]


USERINFO_CHECK = Check(
    "userinfo_sub", "sub de userinfo", "OpenID Connect Core 1.0, 5.3.2", Stage.USERINFO, check_userinfo_subject
)
CHECKS: tuple[Check, ...] = (
    Check("state", "state de ce navigateur", "RFC 6749, 10.12", Stage.STATE, check_state),
    Check(
        "discovery_issuer",
        "issuer de la découverte",
        "OpenID Connect Discovery 1.0, 4.3",
        Stage.DISCOVERY,
        check_discovery_issuer,
    ),
    Check(
        "discovery_endpoints", "adresses du fournisseur", "RFC 9700, 4.4", Stage.DISCOVERY, check_discovery_endpoints
    ),
    Check("callback_iss", "iss du retour", "RFC 9207, 2.4", Stage.CALLBACK, check_callback_issuer),
    Check(
        "provider_error",
        "réponse sans erreur",
        "OpenID Connect Core 1.0, 3.1.2.6",
        Stage.CALLBACK,
        check_provider_error,
    ),
    Check("code", "code présent", "RFC 6749, 4.1.2", Stage.CALLBACK, check_code),
    Check(
        "token_response",
        "réponse du token endpoint",
        "OpenID Connect Core 1.0, 3.1.3.3",
        Stage.ID_TOKEN,
        check_token_response,
    ),
    Check("alg", "algorithme de signature", "OpenID Connect Core 1.0, 3.1.3.7 (7)", Stage.ID_TOKEN, check_algorithm),
    Check(
        "signature", "clé et signature", "OpenID Connect Core 1.0, 3.1.3.7 (6), 10.1.1", Stage.ID_TOKEN, check_signature
    ),
    Check("iss", "iss de l'ID token", "OpenID Connect Core 1.0, 3.1.3.7 (2)", Stage.ID_TOKEN, check_issuer),
    Check("sub", "sub de l'ID token", "OpenID Connect Core 1.0, 2", Stage.ID_TOKEN, check_subject),
    Check("aud", "aud de l'ID token", "OpenID Connect Core 1.0, 3.1.3.7 (3)", Stage.ID_TOKEN, check_audience),
    Check(
        "azp", "azp de l'ID token", "OpenID Connect Core 1.0, 3.1.3.7 (4, 5)", Stage.ID_TOKEN, check_authorized_party
    ),
    Check("exp", "exp de l'ID token", "OpenID Connect Core 1.0, 3.1.3.7 (9)", Stage.ID_TOKEN, check_expiry),
    Check("iat", "iat de l'ID token", "OpenID Connect Core 1.0, 3.1.3.7 (10)", Stage.ID_TOKEN, check_issued_at),
    Check("nonce", "nonce de l'ID token", "OpenID Connect Core 1.0, 3.1.3.7 (11)", Stage.ID_TOKEN, check_nonce),
    Check(
        "at_hash", "at_hash de l'ID token", "OpenID Connect Core 1.0, 3.1.3.8", Stage.ID_TOKEN, check_access_token_hash
    ),
    Check("acr", "acr de l'ID token", "OpenID Connect Core 1.0, 3.1.3.7 (12)", Stage.ID_TOKEN, check_context),
    USERINFO_CHECK,
)


def run_checks(stage: Stage, exchange: Exchange, checks: tuple[Check, ...] = CHECKS) -> None:
    """Run the checks of one stage in order and note each result in the exchange.

    Raises:
        SignInError: at the first refusal.
    """
    for check in checks:
        if check.stage is stage:
            try:
                detail = check.function(exchange)
            except RefusedError as refusal:
                exchange.results.append(CheckResult(check.code, check.name, check.paragraph, False, str(refusal)))
                raise SignInError(check.code, str(refusal)) from refusal
            exchange.results.append(CheckResult(check.code, check.name, check.paragraph, True, detail))


def all_results(
    exchange: Exchange, failure: SignInError | None = None, checks: tuple[Check, ...] = CHECKS
) -> tuple[CheckResult, ...]:
    """Give the whole list for the Diagnostic page: what ran, the call that failed if it was a call, what was not reached."""
    results = list(exchange.results)
    if failure and not any(result.passed is False for result in results):
        results.append(CheckResult(failure.code, "échange avec le fournisseur", "", False, failure.detail))
    reached = {result.code for result in results}
    left = (
        CheckResult(check.code, check.name, check.paragraph, None, "") for check in checks if check.code not in reached
    )
    return (*results, *left)


def _same(value: object, expected: str) -> str:
    if value != expected:
        raise RefusedError(f"Reçu {_short(value)}, attendu {expected}.")
    return expected


def _short(value: object) -> str:
    """Quote what came from outside, at a bounded length (the template escapes it)."""
    text = "(absent)" if value is None else str(value)
    return text if len(text) <= 200 else text[:200] + "…"


def _seconds(claims: Mapping[str, Any], name: str) -> float:
    value = claims.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise RefusedError(f"{name} manque ou n'est pas un nombre.")
    return float(value)
