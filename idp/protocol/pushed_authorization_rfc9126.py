"""Pushed authorization requests (RFC 9126): a client sends us its request first, and then the browser with a reference to it."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta

from idp.errors import load_error
from idp.protocol.authorization_checks import check_authorization_request, check_client
from idp.protocol.authorization_request import AuthorizationRequest, RedirectedError, RequestRules, ShownError, collect
from idp.protocol.client import Client
from idp.protocol.client_endpoint import (
    Authentication,
    ClientAnswer,
    RequestRefusedError,
    authenticate,
    respond,
    respond_refused,
)
from idp.protocol.dpop_rfc9449 import ProofRefusedError

LIFETIME = timedelta(seconds=60)  # section 2.2: a relatively short one
_SCHEME = "urn:ietf:params:oauth:request_uri:"


def answer_pushed_request(
    authorization: str | None,
    params: Sequence[tuple[str, str]],
    rules: RequestRules,
    *,
    desk: Authentication,
    check_proof: Callable[[], str | None] = lambda: None,
    keep: Callable[[AuthorizationRequest], str],
) -> ClientAnswer:
    """Answer a pushed request. Never raises for what a client sends.

    Args:
        authorization: The Authorization header.
        params: Names and values of the body.
        rules: What the request is checked against: as at the authorization endpoint (section 2.1).
        desk: What knows clients, as at the token endpoint.
        check_proof: Returns the thumbprint of the key that signed this request, None without a proof (RFC 9449 section 10.1); raises
            `ProofRefusedError`.
        keep: Keeps a request for `LIFETIME`, and returns its reference: 256 random bits, url-safe.
    """
    try:
        client, _ = authenticate(desk, authorization, dict(params))
        # Whoever authenticates by header has said who it is.
        named = params if any(name == "client_id" for name, _ in params) else [*params, ("client_id", client.client_id)]
        known = replace(rules, load_client=lambda name: client if name == client.client_id else rules.load_client(name))
        request = _bind(check_authorization_request(named, known, is_pushed=True), check_proof())
    except RequestRefusedError as refusal:
        return respond_refused(refusal)
    except ProofRefusedError as refusal:
        return respond_refused(RequestRefusedError(refusal.error, str(refusal)))
    except ShownError as refusal:
        told = load_error(refusal.key)
        return respond_refused(RequestRefusedError(told.oauth, refusal.sent.get("request") or told.note))
    except RedirectedError as refusal:
        return respond_refused(RequestRefusedError(refusal.error, refusal.description))
    return respond({"request_uri": _SCHEME + keep(request), "expires_in": int(LIFETIME.total_seconds())}, 201)


def _bind(request: AuthorizationRequest, jkt: str | None) -> AuthorizationRequest:
    """RFC 9449 section 10.1: a proof says the same as `dpop_jkt`, and may not say something else."""
    if jkt is None:
        return request
    if request.dpop_jkt not in {None, jkt}:
        raise ProofRefusedError("dpop_jkt must be the thumbprint of the key of the DPoP proof.")
    return replace(request, dpop_jkt=jkt)


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
