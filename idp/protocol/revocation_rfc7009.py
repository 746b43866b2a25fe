"""Token revocation (RFC 7009)."""

from collections.abc import Sequence
from typing import Protocol

from idp.protocol.client_endpoint import (
    Authentication,
    ClientAnswer,
    RequestRefusedError,
    read_about_token,
    respond,
    respond_refused,
)


class Revocation(Authentication, Protocol):
    """What the revocation endpoint asks of its surroundings for one request."""

    def load_owner(self, token: str, hint: str) -> str | None:
        """Return the client_id that this token was issued to; None for a token that was never issued, or is forgotten."""

    def revoke(self) -> None:
        """Revoke the loaded token; with a refresh token, all that was minted with it (section 2.1)."""


def answer_revocation_request(
    authorization: str | None, params: Sequence[tuple[str, str]], revocation: Revocation
) -> ClientAnswer:
    """Answer a revocation request. Never raises for what a client sends.

    Args:
        authorization: The Authorization header.
        params: Names and values of the body.
        revocation: This request's surroundings.
    """
    try:
        is_there = _find(authorization, params, revocation)
    except RequestRefusedError as refusal:
        return respond_refused(refusal)
    if is_there:
        revocation.revoke()
    return respond(None)  # section 2.2: a token that is worth nothing is what the client wanted


def _find(authorization: str | None, params: Sequence[tuple[str, str]], revocation: Revocation) -> bool:
    asked = read_about_token(authorization, params, revocation, from_public_clients=True)
    owner = revocation.load_owner(asked.token, asked.hint)
    if owner not in {None, asked.client.client_id}:
        raise RequestRefusedError("invalid_grant", "This token was issued to another client.")  # section 2.1
    return owner is not None
