"""Client authentication at the token endpoint (RFC 6749 section 2.3; OpenID Connect Core 1.0 section 9)."""

import base64
import binascii
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import unquote_plus

from idp.protocol.client import Client
from idp.protocol.client_assertion_rfc7523 import (
    ASSERTION_TYPE,
    AssertionRefusedError,
    AssertionRules,
    check_assertion,
    read_claimed_client,
)

METHODS = ("client_secret_basic", "client_secret_post", "private_key_jwt", "none")
_BY_SECRET = frozenset({"client_secret_basic", "client_secret_post", "none"})  # what `any` stands for


class ClientRefusedError(Exception):
    """The client is not who it says (`invalid_client`). The message says what was wrong, for the client's developer."""


@dataclass(frozen=True, slots=True)
class _Credentials:
    method: str
    client_id: str
    client_secret: str = ""
    assertion: str = ""


def authenticate_client(
    authorization: str | None,
    form: Mapping[str, str],
    *,
    load_client: Callable[[str], Client | None],
    is_secret_right: Callable[[Client, str], bool],
    make_rules: Callable[[], AssertionRules],
) -> tuple[Client, str]:
    """Return the client that sends this request, and the method by which it proved so.

    Args:
        authorization: The Authorization header.
        form: The request's body.
        load_client: Returns a registered client, or None.
        is_secret_right: Compares in constant time.
        make_rules: Returns what a client assertion is checked against.

    Raises:
        ClientRefusedError: It is unknown, or the proof is missing, wrong, or not of the registered method.
    """
    given = _read_credentials(authorization, form)
    client = load_client(given.client_id)
    if client is None:
        raise ClientRefusedError("No client is registered with this client_id.")
    wanted = client.token_endpoint_auth_method
    if wanted != given.method and not (wanted == "any" and given.method in _BY_SECRET):
        raise ClientRefusedError(f"This client is registered for {wanted}, and {given.method} was used.")
    if given.method == "none":
        # RFC 6749 section 3.2.1: a client that was issued a secret must show it.
        if client.client_secret_hash is not None:
            raise ClientRefusedError("The client secret is missing.")
    elif given.method == "private_key_jwt":
        _check(given.assertion, client, make_rules())
    elif not is_secret_right(client, given.client_secret):
        raise ClientRefusedError("The client secret is wrong.")
    return client, given.method


def _read_credentials(authorization: str | None, form: Mapping[str, str]) -> _Credentials:
    """RFC 6749 section 2.3: one method in one request."""
    client_id, in_body = form.get("client_id", ""), form.get("client_secret")
    if "client_assertion" in form or "client_assertion_type" in form:
        if authorization or in_body is not None:
            raise ClientRefusedError("Two ways of authenticating in one request: client_assertion and a secret.")
        return _read_assertion(client_id, form)
    if authorization:
        by_header = _read_basic(authorization)
        if in_body is not None:
            raise ClientRefusedError("Two ways of authenticating in one request: Authorization and client_secret.")
        if client_id not in {"", by_header.client_id}:
            raise ClientRefusedError("The client_id of the body is not that of the Authorization header.")
        return by_header
    if not client_id:
        raise ClientRefusedError("No client authentication: neither Authorization nor client_id was sent.")
    if in_body is not None:
        return _Credentials("client_secret_post", client_id, in_body)
    return _Credentials("none", client_id)


def _read_assertion(client_id: str, form: Mapping[str, str]) -> _Credentials:
    """RFC 7521 section 4.2; RFC 7523 section 2.2."""
    if form.get("client_assertion_type") != ASSERTION_TYPE:
        raise ClientRefusedError(f"client_assertion_type must be {ASSERTION_TYPE}.")
    assertion = form.get("client_assertion", "")
    try:
        claimed = read_claimed_client(assertion)
    except AssertionRefusedError as refusal:
        raise ClientRefusedError(str(refusal)) from None
    if client_id not in {"", claimed}:
        raise ClientRefusedError("The client_id of the body is not that of the client assertion.")
    return _Credentials("private_key_jwt", claimed, assertion=assertion)


def _check(assertion: str, client: Client, rules: AssertionRules) -> None:
    try:
        check_assertion(assertion, client, rules)
    except AssertionRefusedError as refusal:
        raise ClientRefusedError(str(refusal)) from None


def _read_basic(authorization: str) -> _Credentials:
    """RFC 6749 section 2.3.1: id and secret are form-encoded before they are joined and written in base64."""
    scheme, _, encoded = authorization.partition(" ")
    if scheme.lower() != "basic":
        raise ClientRefusedError("The Authorization header must be of the Basic scheme.")
    try:
        joined = base64.b64decode(encoded.strip(), validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        raise ClientRefusedError(
            "The Authorization header is not the base64 form of client_id:client_secret."
        ) from None
    client_id, colon, secret = joined.partition(":")
    if not colon:
        raise ClientRefusedError("The Authorization header has no colon between client_id and client_secret.")
    return _Credentials("client_secret_basic", unquote_plus(client_id), unquote_plus(secret))
