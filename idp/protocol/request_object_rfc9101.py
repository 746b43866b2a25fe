"""Request objects by value (RFC 9101, OpenID Connect Core 1.0 section 6.1): an authorization request that its client signed.

What stands inside takes the place of all that stands outside (RFC 9101 section 6.3).
"""

import json
from collections.abc import Mapping
from typing import Any

from idp.protocol.authorization_request import Draft, Params, Problem
from idp.protocol.client import Client
from idp.protocol.signed_by_client import SKEW, SignatureRefusedError, read_moment, verify_signature

_LONGEST = 16_384  # characters
_TYPES = frozenset(
    {"jwt", "oauth-authz-req+jwt", "application/oauth-authz-req+jwt"}
)  # section 10.8; RFC 7515 section 4.1.9
_PARAMETERS = (
    *("response_type", "response_mode", "client_id", "redirect_uri", "scope", "state", "nonce", "prompt", "max_age", "acr_values"),
    *("code_challenge", "code_challenge_method", "claims", "registration", "login_hint", "id_token_hint", "ui_locales", "resource"),
    "dpop_jkt",
)  # fmt: skip
_OBJECTS = frozenset(
    {"claims", "registration"}
)  # OpenID Connect Core 1.0 section 6.1: JSON objects, not texts that hold some


class _RefusedError(Exception):
    """It is worth nothing. The message says why, for the client's developer; nothing of it is quoted."""


def take_request_object(draft: Draft) -> Problem:
    """Let the object take the place of what stands outside. One that is worth nothing is refused once it is known where to answer."""
    text = draft.one("request")
    if not text:
        return None
    try:
        draft.params = _read(text, draft)
    except _RefusedError as refusal:
        draft.object_fault = str(refusal)
    return None


def check_request_object(draft: Draft) -> Problem:
    """Section 7; section 10.5: a client may be held to signing its requests."""
    if draft.object_fault:
        return "invalid_request_object", draft.object_fault
    if draft.known_client().require_signed_request_object and not draft.has_sent("request"):
        return "invalid_request", "This client must send its requests as signed request objects (RFC 9101)."
    return None


def _read(text: str, draft: Draft) -> Params:
    if len(text) > _LONGEST:
        raise _RefusedError("The request object is too long.")
    client = draft.known_client()
    try:
        signed = verify_signature(text, client, client.request_object_signing_alg, "request object")
    except SignatureRefusedError as refusal:
        raise _RefusedError(str(refusal)) from None
    _check_kind(signed.header, signed.claims)
    _check_parties(signed.claims, client, draft)
    _check_times(signed.claims, draft)
    told = {name: signed.claims[name] for name in _PARAMETERS if signed.claims.get(name) is not None}
    return {name: [_as_text(name, one) for one in _values_of(name, value)] for name, value in told.items()}


def _check_kind(header: Mapping[str, Any], claims: Mapping[str, Any]) -> None:
    """Section 10.8: a JWT that was signed for something else is no request."""
    if str(header.get("typ", "JWT")).lower() not in _TYPES:
        raise _RefusedError("typ of the request object must be oauth-authz-req+jwt.")
    if claims.get("sub") is not None and claims.get("sub") == claims.get("iss"):
        raise _RefusedError("A client assertion is no request object: its sub must not be the client_id.")
    if "request" in claims or "request_uri" in claims:  # section 4
        raise _RefusedError("A request object must hold neither request nor request_uri.")


def _check_parties(claims: Mapping[str, Any], client: Client, draft: Draft) -> None:
    """Sections 4 and 5.2: from whom, for whom; what is repeated outside is the same (OpenID Connect Core 1.0 section 6.1)."""
    for name in ("client_id", "iss"):
        if claims.get(name) != client.client_id:
            raise _RefusedError(f"{name} of the request object must be the client_id of the request.")
    audience = claims.get("aud")
    if draft.rules.issuer not in (audience if isinstance(audience, list) else [audience]):
        raise _RefusedError("aud of the request object must be the issuer.")
    outside = draft.one("response_type")
    if outside and outside != claims.get("response_type"):
        raise _RefusedError("response_type of the request object is not the one beside it.")


def _check_times(claims: Mapping[str, Any], draft: Draft) -> None:
    told = {name: claims[name] for name in ("exp", "nbf", "iat") if claims.get(name) is not None}
    if not told:
        return
    now = draft.rules.now()
    for name, value in told.items():
        moment = read_moment(value)
        if moment is None:
            raise _RefusedError(f"{name} of the request object must be a number of seconds.")
        if name == "exp" and now >= moment + SKEW:
            raise _RefusedError("The request object has expired.")
        if name != "exp" and moment > now + SKEW:
            raise _RefusedError(f"{name} of the request object is in the future.")


def _values_of(name: str, value: Any) -> list[Any]:
    """Return the values of a parameter: several in a list where the text allows them (RFC 8707 section 2)."""
    return value if name == "resource" and isinstance(value, list) else [value]


def _as_text(name: str, value: Any) -> str:
    """Return a value as the parameter of the same name would have brought it."""
    if isinstance(value, dict) and name in _OBJECTS:
        return json.dumps(value)
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if not isinstance(value, str):
        raise _RefusedError(f"{name} of the request object must be a text.")
    # Neither can come in a query: no database keeps the one, nothing can be encoded that holds the other.
    if "\x00" in value or any("\ud800" <= sign <= "\udfff" for sign in value):
        raise _RefusedError("A value of the request object holds what is no character.")
    return value
