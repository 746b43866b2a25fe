"""What FranceConnect answers when it does not sign anybody in, and what each answer means for the parent.

Two lists: errors that come back on the callback, and errors of the token endpoint. `docs/errors.md` of FranceConnect's partners and
FranceConnect's own tests are where they come from (docs/fidelity.md).
"""

from franceconnect_bridge.ports import Refusal

AUTHORIZATION_ERRORS = {
    "access_denied": Refusal.CANCELLED,
    "invalid_request": Refusal.MISCONFIGURED,
    "invalid_scope": Refusal.MISCONFIGURED,
    "invalid_acr": Refusal.MISCONFIGURED,
    "invalid_idp_hint": Refusal.MISCONFIGURED,
    "unsupported_response_type": Refusal.MISCONFIGURED,
    "unauthorized_client": Refusal.MISCONFIGURED,
    "server_error": Refusal.UNAVAILABLE,
    "temporarily_unavailable": Refusal.UNAVAILABLE,
}
"""By `error` of the callback; one that is not here is a refusal."""

_REFUSED_DESCRIPTION = "user authentication aborted"
"""With access_denied: said after the civil register or the person's own account refused, not when she only turned back."""

TOKEN_ERRORS = {
    "invalid_grant": Refusal.LOST,  # the code lives 30 s and is used once
    "invalid_client": Refusal.MISCONFIGURED,
    "invalid_request": Refusal.MISCONFIGURED,
    "unauthorized_client": Refusal.MISCONFIGURED,
    "unsupported_grant_type": Refusal.MISCONFIGURED,
    "server_error": Refusal.UNAVAILABLE,
    "temporarily_unavailable": Refusal.UNAVAILABLE,
}
"""By `error` of the token endpoint."""


class UpstreamError(Exception):
    """FranceConnect gave no identity.

    Attributes:
        refusal: What it means.
        detail: Which call or check, for the log and the tester: no personal data, no token.
    """

    def __init__(self, refusal: Refusal, detail: str) -> None:
        super().__init__(detail)
        self.refusal = refusal
        self.detail = detail


def read_authorization_error(error: str, description: str) -> UpstreamError:
    """Return what an error on the callback means.

    Args:
        error: The callback's `error`.
        description: The callback's `error_description`.
    """
    refusal = AUTHORIZATION_ERRORS.get(error, Refusal.REFUSED)
    if error == "access_denied" and description == _REFUSED_DESCRIPTION:
        refusal = Refusal.REFUSED
    return UpstreamError(
        refusal, f"callback: {error if error in AUTHORIZATION_ERRORS else 'an error that is not known'}"
    )


def read_token_error(error: str) -> UpstreamError:
    """Return what an error of the token endpoint means."""
    refusal = TOKEN_ERRORS.get(error, Refusal.MISCONFIGURED)
    return UpstreamError(refusal, f"token: {error if error in TOKEN_ERRORS else 'an error that is not known'}")
