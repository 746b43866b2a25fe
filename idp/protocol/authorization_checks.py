"""The checks of an authorization request, in the order in which they refuse (OpenID Connect Core 1.0 section 3.1.2.2).

The order is data. The first slice is shown to the person and never redirected, because the client or the place to answer is not known yet
(RFC 6749 section 4.1.2.1); the second goes back to the client, with `iss` (RFC 9207) and `state`.
"""

import re
from collections.abc import Sequence

from idp.protocol.authorization_request import (
    RESPONSE_MODES,
    AuthorizationRequest,
    Check,
    Draft,
    Problem,
    RedirectedError,
    RequestRules,
    ShownError,
    collect,
)
from idp.protocol.claims_parameter import check_claims
from idp.protocol.client import Client
from idp.protocol.id_token_hint import check_id_token_hint
from idp.protocol.request_object_rfc9101 import check_request_object, take_request_object
from idp.protocol.resource_indicators_rfc8707 import check_resource

CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")  # base64url of a SHA-256 (RFC 7636 section 4.2)
_MAY_BE_REPEATED = frozenset({"resource"})  # RFC 8707 section 2
PROMPTS = frozenset({"none", "login", "consent", "select_account"})


def _check_client(draft: Draft) -> Problem:
    client_id = draft.one("client_id")
    if not client_id:
        return "client-id-missing"
    draft.client = draft.rules.load_client(client_id)
    if draft.client is None:
        return "client-unknown"
    draft.found["client_id"] = client_id
    return None


def _check_redirect_uri(draft: Draft) -> Problem:
    """Compare character for character (RFC 9700 section 2.1; OpenID Connect Core 1.0 section 3.1.2.1)."""
    redirect_uri = draft.one("redirect_uri")
    if not redirect_uri:
        return "request-object-invalid" if draft.object_fault else "redirect-uri-missing"
    if redirect_uri not in draft.known_client().redirect_uris:
        return "request-object-invalid" if draft.object_fault else "redirect-uri-unregistered"
    draft.found |= {"redirect_uri": redirect_uri, "state": draft.one("state") or None}
    return None


def _check_response_mode(draft: Draft) -> Problem:
    """First of all that is redirected: every later refusal goes back as the client asked (Form Post Response Mode 1.0 section 2)."""
    response_mode = draft.one("response_mode") or "query"
    if response_mode not in RESPONSE_MODES:
        return "invalid_request", f"response_mode must be {' or '.join(RESPONSE_MODES)}."
    draft.found["response_mode"] = response_mode
    return None


def _check_repeated(draft: Draft) -> Problem:
    """RFC 6749 section 3.1: parameters must not be included more than once."""
    repeated = sorted(name for name, values in draft.sent.items() if len(values) > 1 and name not in _MAY_BE_REPEATED)
    return ("invalid_request", f"Sent more than once: {', '.join(repeated)}.") if repeated else None


def _check_registration(draft: Draft) -> Problem:
    """OpenID Connect Core 1.0 section 7.2.1: not supported, and said so."""
    if draft.one("registration"):
        return "registration_not_supported", "Registration by parameter is not supported."
    return None


def _check_was_pushed(draft: Draft) -> Problem:
    """RFC 9126 section 6: a client may be held to pushing its requests."""
    if draft.known_client().require_pushed_authorization_requests and not draft.is_pushed:
        return "invalid_request", "This client must push its authorization requests (RFC 9126)."
    return None


def _check_response_type(draft: Draft) -> Problem:
    response_type = draft.one("response_type")
    if not response_type:
        return "invalid_request", "response_type is missing."
    return None if response_type == "code" else ("unsupported_response_type", "Only response_type=code is supported.")


def _check_scope(draft: Draft) -> Problem:
    """Keep what the client may ask for, drop the rest (OpenID Connect Core 1.0 section 3.1.2.1: unknown scopes are ignored)."""
    asked = draft.words("scope")
    if "openid" not in asked:
        return "invalid_scope", "scope must hold openid."
    allowed = draft.known_client().scope
    draft.found["scope"] = tuple(dict.fromkeys(one for one in asked if one in allowed))
    return None


def _check_pkce(draft: Draft) -> Problem:
    """RFC 7636 section 4.4.1; S256 alone, as RFC 9700 section 2.1.1 wants. `plain` is what no method means, hence refused too."""
    challenge, method = draft.one("code_challenge"), draft.one("code_challenge_method")
    if not challenge:
        if method:
            return "invalid_request", "code_challenge is missing."
        if draft.known_client().pkce == "required":
            return "invalid_request", "code_challenge is missing: this client must use PKCE."
        return None
    if method != "S256":
        return "invalid_request", "code_challenge_method must be S256."
    if not CHALLENGE.fullmatch(challenge):
        return "invalid_request", "code_challenge must be the base64url form of a SHA-256, without padding."
    draft.found["code_challenge"] = challenge
    return None


def _check_dpop_jkt(draft: Draft) -> Problem:
    """RFC 9449 section 10: the thumbprint of the key that must come with the code."""
    asked = draft.one("dpop_jkt")
    if not asked:
        return None
    if not CHALLENGE.fullmatch(asked):
        return "invalid_request", "dpop_jkt must be the base64url form of a SHA-256 thumbprint, without padding."
    draft.found["dpop_jkt"] = asked
    return None


def _check_nonce(draft: Draft) -> Problem:
    """A client that leaves PKCE out must send a nonce (RFC 9700 section 2.1.1), though OpenID Connect Core 1.0 asks for neither."""
    nonce = draft.one("nonce")
    if not nonce and "code_challenge" not in draft.found and draft.known_client().pkce != "unsafe_optional":
        return "invalid_request", "nonce is missing: it is required where PKCE is left out."
    draft.found["nonce"] = nonce or None
    return None


def _check_prompt(draft: Draft) -> Problem:
    prompt = draft.words("prompt")
    if "none" in prompt and len(set(prompt)) > 1:
        return "invalid_request", "prompt=none stands alone."
    draft.found["prompt"] = tuple(one for one in prompt if one in PROMPTS)
    return None


def _check_max_age(draft: Draft) -> Problem:
    text = draft.one("max_age")
    if not text:
        # OpenID Connect Dynamic Client Registration 1.0 section 2, default_max_age.
        draft.found["max_age"] = draft.known_client().default_max_age
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        return "invalid_request", "max_age must be a whole number of seconds."
    draft.found["max_age"] = int(text)
    return None


def _keep_hints(draft: Draft) -> Problem:
    """Hints never fail (OpenID Connect Core 1.0 section 15.1)."""
    draft.found |= {
        "acr_values": draft.words("acr_values"),
        "login_hint": draft.one("login_hint") or None,
        "ui_locales": draft.words("ui_locales"),
    }
    return None


def _take_default_acr(draft: Draft) -> Problem:
    """OpenID Connect Dynamic Client Registration 1.0 section 2, default_acr_values: `acr_values` and a single `acr` override it."""
    if not draft.request.acr_values:
        draft.found["acr_values"] = draft.known_client().default_acr_values
    return None


SHOWN_TO_THE_PERSON: tuple[Check, ...] = (_check_client, take_request_object, _check_redirect_uri)
REDIRECTED_TO_THE_CLIENT: tuple[Check, ...] = (
    _check_response_mode,
    _check_repeated,
    _check_was_pushed,
    check_request_object,
    _check_registration,
    _check_response_type,
    _check_scope,
    check_resource,
    _check_pkce,
    _check_nonce,
    _check_dpop_jkt,
    _check_prompt,
    _check_max_age,
    _keep_hints,
    check_id_token_hint,
    check_claims,
    _take_default_acr,
)
CHECKS = SHOWN_TO_THE_PERSON + REDIRECTED_TO_THE_CLIENT


def check_authorization_request(
    params: Sequence[tuple[str, str]], rules: RequestRules, *, is_pushed: bool = False
) -> AuthorizationRequest:
    """Return the request, checked in the order of `CHECKS`. Unknown parameters are ignored.

    Args:
        params: Names and values as sent, in the query or in the form body.
        rules: What it is checked against.
        is_pushed: Whether the client sent it to us itself (RFC 9126), and has proved who it is.

    Raises:
        ShownError: The client or the redirect URI is not right.
        RedirectedError: Anything else is not.
    """
    return _run(CHECKS, Draft(collect(params), rules, is_pushed)).request


def check_request_and_client(
    params: Sequence[tuple[str, str]], rules: RequestRules
) -> tuple[AuthorizationRequest, Client]:
    """Return the request, checked as above, and whose it is.

    Raises:
        ShownError: The client or the redirect URI is not right.
        RedirectedError: Anything else is not.
    """
    draft = _run(CHECKS, Draft(collect(params), rules))
    return draft.request, draft.known_client()


def check_client(params: Sequence[tuple[str, str]], rules: RequestRules) -> Client:
    """Return the client that a request names, checked as in `CHECKS`.

    Raises:
        ShownError: The client is not right.
    """
    return _run((_check_client,), Draft(collect(params), rules)).known_client()


def _run(checks: Sequence[Check], draft: Draft) -> Draft:
    for check in checks:
        problem = check(draft)
        if isinstance(problem, str):
            raise _shown(problem, draft)
        if problem is not None:
            raise RedirectedError(*problem, draft.request)
    return draft


def _shown(key: str, draft: Draft) -> ShownError:
    names = ("client_id", "redirect_uri")
    sent = {name: ", ".join(draft.params.get(name, ())) for name in names}
    if draft.object_fault:
        sent["request" if draft.has_sent("request") else "request_uri"] = draft.object_fault
    registered = {"redirect_uri": "\n".join(draft.client.redirect_uris)} if draft.client else {}
    return ShownError(key, sent=sent, registered=registered)
