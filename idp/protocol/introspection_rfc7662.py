"""Token introspection (RFC 7662)."""

from collections.abc import Sequence
from typing import Any, Protocol

from idp.protocol.client import Client
from idp.protocol.client_endpoint import (
    Authentication,
    ClientAnswer,
    RequestRefusedError,
    read_about_token,
    respond,
    respond_refused,
)
from idp.protocol.issued_token import IssuedToken
from idp.protocol.resource import Resources


class Introspection(Authentication, Protocol):
    """What the introspection endpoint asks of its surroundings for one request."""

    issuer: str
    resources: Resources

    def load_token(self, token: str, hint: str) -> IssuedToken | None:
        """Return what is known of a token; None for one that was never issued, or is forgotten."""


def answer_introspection_request(
    authorization: str | None, params: Sequence[tuple[str, str]], introspection: Introspection
) -> ClientAnswer:
    """Answer an introspection request. Never raises for what a client sends.

    Args:
        authorization: The Authorization header.
        params: Names and values of the body.
        introspection: This request's surroundings.
    """
    try:
        # Section 2.1: whoever asks must be authorized to, or tokens could be tried out.
        asked = read_about_token(authorization, params, introspection, from_public_clients=False)
    except RequestRefusedError as refusal:
        return respond_refused(refusal)
    issued = introspection.load_token(asked.token, asked.hint)
    if issued is None or not issued.active or not _may_ask(asked.client, issued, introspection.resources):
        return respond({"active": False})  # section 2.2: nothing else is told, not even why
    return respond(_describe(issued, introspection.issuer))


def _may_ask(client: Client, issued: IssuedToken, resources: Resources) -> bool:
    """Section 4: who may ask about everything, whom the token was issued to, and the server that it is meant for."""
    if client.introspection == "any" or issued.client_id == client.client_id:
        return True
    target = resources.load(issued.audience) if issued.audience else None
    return target is not None and target.client_id == client.client_id


def _describe(issued: IssuedToken, issuer: str) -> dict[str, Any]:
    """Section 2.2."""
    told: dict[str, Any] = {
        "active": True,
        "iss": issuer,
        "sub": issued.sub,
        "client_id": issued.client_id,
        "iat": int(issued.issued_at.timestamp()),
        "exp": int(issued.expires_at.timestamp()),
    }
    if issued.scope:
        told["scope"] = issued.scope
    if issued.auth_time is not None:
        told["auth_time"] = int(issued.auth_time.timestamp())
    if issued.audience:
        told["aud"] = issued.audience
    if issued.token_type:
        told["token_type"] = issued.token_type
    if issued.jkt:
        told["cnf"] = {"jkt": issued.jkt}
    return told
