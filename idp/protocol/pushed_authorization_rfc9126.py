"""Pushed authorization requests (RFC 9126): a client sends us its request first, and then the browser with a reference to it."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from idp.errors import load_error
from idp.protocol.authorization_checks import check_authorization_request, check_client
from idp.protocol.authorization_request import AuthorizationRequest, RedirectedError, RequestRules, ShownError, collect
from idp.protocol.client import Client
from idp.protocol.client_authentication_rfc6749 import ClientRefusedError

LIFETIME = timedelta(seconds=60)  # section 2.2: a relatively short one
_SCHEME = "urn:ietf:params:oauth:request_uri:"
_NOT_ALLOWED_IN_DESCRIPTION = re.compile(r"[^\x20-\x21\x23-\x5b\x5d-\x7e]")  # RFC 6749 section 5.2


@dataclass(frozen=True, slots=True)
class PushedAnswer:
    """An answer of the endpoint: members of section 2.2, or of section 2.3."""

    status: int
    body: Mapping[str, Any]
    headers: Mapping[str, str]


def answer_pushed_request(
    params: Sequence[tuple[str, str]],
    rules: RequestRules,
    *,
    authenticate: Callable[[Mapping[str, str]], Client],
    keep: Callable[[AuthorizationRequest], str],
) -> PushedAnswer:
    """Answer a pushed request. Never raises for what a client sends.

    Args:
        params: Names and values of the body.
        rules: What the request is checked against: as at the authorization endpoint (section 2.1).
        authenticate: Returns the client that sends this body, as at the token endpoint; raises `ClientRefusedError`.
        keep: Keeps a request for `LIFETIME`, and returns its reference: 256 random bits, url-safe.
    """
    try:
        client = authenticate(dict(params))
        # Whoever authenticates by header has said who it is.
        named = params if any(name == "client_id" for name, _ in params) else [*params, ("client_id", client.client_id)]
        request = check_authorization_request(named, rules, is_pushed=True)
    except ClientRefusedError as refusal:
        challenge = {"WWW-Authenticate": 'Basic realm="preau", charset="UTF-8"'}  # RFC 7617
        return _refuse(401, "invalid_client", str(refusal), challenge)
    except ShownError as refusal:
        told = load_error(refusal.key)
        return _refuse(400, told.oauth, refusal.sent.get("request") or told.note)
    except RedirectedError as refusal:
        return _refuse(400, refusal.error, refusal.description)
    return PushedAnswer(201, {"request_uri": _SCHEME + keep(request), "expires_in": int(LIFETIME.total_seconds())}, {})


def read_reference(params: Sequence[tuple[str, str]], rules: RequestRules) -> tuple[Client, str] | None:
    """Return the client and the reference of a request that stands for a pushed one (section 4); None for any other.

    Args:
        params: Names and values as sent to the authorization endpoint; beside these two they count for nothing.
        rules: What the client is checked against.

    Raises:
        ShownError: The client is not right.
    """
    request_uris = collect(params).get("request_uri", ())
    if len(request_uris) != 1 or not request_uris[0].startswith(_SCHEME):
        return None
    return check_client(params, rules), request_uris[0].removeprefix(_SCHEME)


def refuse_reference(client: Client) -> ShownError:
    """Return the refusal of a reference that is unknown, expired, used, or another client's."""
    return ShownError("request-uri-unknown", sent={"client_id": client.client_id, "request_uri": "…"}, registered={})


def _refuse(status: int, error: str, description: str, headers: Mapping[str, str] | None = None) -> PushedAnswer:
    plain = _NOT_ALLOWED_IN_DESCRIPTION.sub(" ", description)
    return PushedAnswer(status, {"error": error, "error_description": plain}, headers or {})
