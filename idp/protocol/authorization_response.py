"""The authorization response (RFC 6749 section 4.1.2), with `iss` (RFC 9207), as a redirect or as a form that the browser posts.

The form is that of OAuth 2.0 Form Post Response Mode 1.0; the modes' names are those of OAuth 2.0 Multiple Response Type Encoding
Practices 1.0 section 2.1.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlencode, urlsplit

from idp.protocol.authorization_request import AuthorizationRequest
from idp.protocol.client_endpoint import plain


@dataclass(frozen=True, slots=True)
class AuthorizationResponse:
    """What goes back to the client, and how."""

    redirect_uri: str
    params: tuple[tuple[str, str], ...] = field(repr=False)  # a code is among them
    response_mode: str = "query"  # or form_post

    @property
    def location(self) -> str:
        """The redirect URI with the answer appended; the query that the client registered stays as it is (RFC 6749 section 3.1.2)."""
        joint = "&" if urlsplit(self.redirect_uri).query else "?"
        return f"{self.redirect_uri}{joint}{urlencode(self.params)}"


def respond_with_code(request: AuthorizationRequest, code: str, *, issuer: str) -> AuthorizationResponse:
    """Return the answer with the code (RFC 6749 section 4.1.2, RFC 9207 section 2)."""
    return _answer(request, {"code": code}, issuer)


def respond_with_error(
    request: AuthorizationRequest, error: str, description: str, *, issuer: str
) -> AuthorizationResponse:
    """Return the answer with an error (RFC 6749 section 4.1.2.1, RFC 9207 section 2)."""
    return _answer(request, {"error": error, "error_description": plain(description)}, issuer)


def _answer(request: AuthorizationRequest, answer: Mapping[str, str], issuer: str) -> AuthorizationResponse:
    told = {**answer, **({"state": request.state} if request.state is not None else {}), "iss": issuer}
    return AuthorizationResponse(request.redirect_uri, tuple(told.items()), request.response_mode)
