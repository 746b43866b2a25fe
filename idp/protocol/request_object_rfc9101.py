"""Request objects (RFC 9101, OpenID Connect Core 1.0 section 6): an authorization request that its client signed.

They come by value, or by reference: then they are fetched from an address that the client registered. What stands inside takes the place
of all that stands outside (RFC 9101 section 6.3).
"""

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urldefrag

from idp.protocol.authorization_request import Draft, Params, Problem
from idp.protocol.client import Client
from idp.protocol.client_documents import DocumentUnavailableError
from idp.protocol.signed_by_client import SKEW, SignatureRefusedError, read_moment, verify_signature

_LONGEST = 16_384  # characters
_TYPES = frozenset(
    {"jwt", "oauth-authz-req+jwt", "application/oauth-authz-req+jwt"}
)  # section 10.8; RFC 7515 section 4.1.9
# RFC 9101 sections 5.2.1 and 10.8; the first is what certification and older clients send.
_MEDIA_TYPES = ("application/jwt", "application/oauth-authz-req+jwt")
PARAMETERS = (
    *("response_type", "response_mode", "client_id", "redirect_uri", "scope", "state", "nonce", "prompt", "max_age", "acr_values"),
    *("code_challenge", "code_challenge_method", "claims", "registration", "login_hint", "id_token_hint", "ui_locales", "resource"),
    "dpop_jkt",
)  # fmt: skip
_INVALID_REFERENCE = "invalid_request_uri"  # section 7
_OBJECTS = frozenset(
    {"claims", "registration"}
)  # OpenID Connect Core 1.0 section 6.1: JSON objects, not texts that hold some


class _RefusedError(Exception):
    """It is worth nothing. The message says why, for the client's developer; nothing of it is quoted."""

    def __init__(self, description: str, error: str = "invalid_request_object") -> None:
        super().__init__(description)
        self.error = error


def take_request_object(draft: Draft) -> Problem:
    """Let the object take the place of what stands outside. One that is worth nothing is refused once it is known where to answer."""
    text, reference = draft.one("request"), draft.one("request_uri")
    # Neither of two counts (section 5), and no reference does where it may not be: `check_request_object` says so.
    if bool(text) == bool(reference) or (reference and draft.is_pushed):
        return None
    try:
        draft.params = _read(text or _fetch(reference, draft), draft)
    except _RefusedError as refusal:
        draft.object_error, draft.object_fault = refusal.error, str(refusal)
    return None


def check_request_object(draft: Draft) -> Problem:
    """Sections 5 and 7; section 10.5: a client may be held to signing its requests."""
    if draft.has_sent("request_uri") and draft.is_pushed:
        return "invalid_request", "request_uri must not be pushed (RFC 9126 section 2.1)."
    if draft.has_sent("request") and draft.has_sent("request_uri"):
        return "invalid_request", "request and request_uri exclude one another (RFC 9101 section 5)."
    if draft.object_fault:
        return draft.object_error, draft.object_fault
    has_one = draft.has_sent("request") or draft.has_sent("request_uri")
    if draft.known_client().require_signed_request_object and not has_one:
        return "invalid_request", "This client must send its requests as signed request objects (RFC 9101)."
    return None


def _fetch(reference: str, draft: Draft) -> str:
    """Return the object that stands at an address.

    OpenID Connect Core 1.0 section 6.2: the address is compared whole. Its fragment tells versions apart, is not part of what is asked for
    (RFC 3986 section 3.5), and is not taken for a hash: clients write what they like there, and the signature is what counts.
    """
    if reference not in draft.known_client().request_uris:
        raise _RefusedError("request_uri is none that this client registered.", _INVALID_REFERENCE)
    try:
        document = draft.rules.fetch(urldefrag(reference).url)
    except DocumentUnavailableError as failure:
        raise _RefusedError(f"The request_uri of this client was not read: it {failure}.", _INVALID_REFERENCE) from None
    if document.media_type not in _MEDIA_TYPES:
        raise _RefusedError(f"What stands at request_uri must be {' or '.join(_MEDIA_TYPES)}.", _INVALID_REFERENCE)
    try:
        text = document.body.decode("ascii").strip()
    except UnicodeDecodeError:
        text = ""
    if not text:
        raise _RefusedError("What stands at request_uri is no JWT.", _INVALID_REFERENCE)
    return text


def _read(text: str, draft: Draft) -> Params:
    if len(text) > _LONGEST:
        raise _RefusedError("The request object is too long.")
    client = draft.known_client()
    try:
        signed = verify_signature(
            text, client, draft.rules.client_keys, client.request_object_signing_alg, "request object"
        )
    except SignatureRefusedError as refusal:
        raise _RefusedError(str(refusal)) from None
    _check_kind(signed.header, signed.claims)
    _check_parties(signed.claims, client, draft)
    _check_times(signed.claims, draft)
    told = {name: signed.claims[name] for name in PARAMETERS if signed.claims.get(name) is not None}
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
