"""Token revocation (RFC 7009)."""

from collections.abc import Sequence
from typing import Protocol

from idp.protocol.client_endpoint import (
    AUTHENTICATION_PARAMETERS,
    Authentication,
    ClientAnswer,
    RequestRefusedError,
    authenticate,
    read_client_form,
    respond,
    respond_refused,
)

PARAMETERS = AUTHENTICATION_PARAMETERS | {"token", "token_type_hint"}


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
    form = read_client_form(params, PARAMETERS)
    client, _ = authenticate(revocation, authorization, form)
    if "token" not in form:
        raise RequestRefusedError("invalid_request", "token is missing.")
    owner = revocation.load_owner(form["token"], form.get("token_type_hint", ""))
    if owner not in {None, client.client_id}:
        raise RequestRefusedError("invalid_grant", "This token was issued to another client.")  # section 2.1
    return owner is not None
