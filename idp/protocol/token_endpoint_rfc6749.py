"""The token endpoint: an authorization code, or a refresh token, becomes tokens (RFC 6749 sections 4.1.3 and 6).

Authlib's core carries the grant; what it leaves to the provider is here: who the client is, what reuse leads to, whose clock counts.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol, cast

from authlib.oauth2.rfc6749 import (
    AuthorizationServer,
    ClientMixin,
    InvalidClientError,
    InvalidGrantError,
    OAuth2Request,
)
from authlib.oauth2.rfc6749.grants import AuthorizationCodeGrant, RefreshTokenGrant
from authlib.oauth2.rfc6749.requests import BasicOAuth2Payload
from authlib.oauth2.rfc7636 import CodeChallenge

from idp.protocol.client import Client
from idp.protocol.client_authentication_rfc6749 import ClientRefusedError
from idp.protocol.client_endpoint import (
    AUTHENTICATION_PARAMETERS,
    Authentication,
    ClientAnswer,
    RequestRefusedError,
    plain,
    read_client_form,
    respond,
    respond_refused,
)
from idp.protocol.id_token import IdTokenOfCode, IdTokenOfRefresh
from idp.protocol.signing_keys import SigningKey

_PARAMETERS = AUTHENTICATION_PARAMETERS | {
    "grant_type",
    "code",
    "redirect_uri",
    "code_verifier",
    "refresh_token",
    "scope",
}
_GRANT_TYPES = ("authorization_code", "refresh_token")


@dataclass(frozen=True, slots=True)
class IssuedCode:
    """An authorization code as it was issued, and what became of it."""

    client_id: str
    redirect_uri: str
    scope: str
    nonce: str | None
    code_challenge: str | None
    acr: str
    amr: tuple[str, ...]
    auth_time: datetime
    expires_at: datetime
    spent: bool  # used before, or revoked

    # Names that Authlib asks for. The method of every challenge that we accept is S256.
    code_challenge_method = "S256"

    def get_redirect_uri(self) -> str:
        """Return the redirect URI of the authorization request."""
        return self.redirect_uri

    def get_scope(self) -> str:
        """Return the granted scope."""
        return self.scope

    def get_nonce(self) -> str | None:
        """Return the nonce of the authorization request."""
        return self.nonce

    def get_auth_time(self) -> int:
        """Return when the person signed in, in seconds since 1970."""
        return int(self.auth_time.timestamp())

    def get_acr(self) -> str:
        """Return how the person signed in."""
        return self.acr

    def get_amr(self) -> list[str]:
        """Return by which means the person signed in (RFC 8176)."""
        return list(self.amr)


class Standing(StrEnum):
    """What became of a refresh token since it was issued."""

    FRESH = "fresh"
    REPEATED = "repeated"
    """Exchanged a moment ago: the answer may have been lost on its way."""
    REPLAYED = "replayed"
    """Exchanged long ago: somebody has a copy (RFC 9700 section 4.14.2)."""
    REVOKED = "revoked"


@dataclass(frozen=True, slots=True)
class IssuedRefreshToken:
    """A refresh token as it was issued, and what became of it."""

    client_id: str
    scope: str
    acr: str
    amr: tuple[str, ...]
    auth_time: datetime
    expires_at: datetime
    standing: Standing

    # Names that Authlib asks for.

    def check_client(self, client: Any) -> bool:
        """Tell whether it was issued to this client."""
        return bool(client.get_client_id() == self.client_id)

    def get_scope(self) -> str:
        """Return the granted scope."""
        return self.scope


@dataclass(frozen=True, slots=True)
class Minted:
    """Tokens about to be issued. Until they are kept, they open nothing."""

    access_token: str = field(repr=False)
    scope: str
    refresh_token: str | None = field(default=None, repr=False)


class Redemption(Authentication, Protocol):
    """What the token endpoint asks of its surroundings for one request."""

    issuer: str
    access_token_lifetime: int  # seconds
    id_token_lifetime: int  # seconds

    def now(self) -> datetime:
        """Return the present moment."""

    def make_token(self) -> str:
        """Return 256 random bits, url-safe."""

    def load_key(self, algorithm: str) -> SigningKey:
        """Return the key that signs with this algorithm now."""

    def load_code(self, code: str) -> IssuedCode | None:
        """Return the code, spent and expired ones included."""

    def load_person(self, client: Client) -> Mapping[str, object] | None:
        """Return `sub`, `sid` and the claims that this client gets in its ID token; None when there is no such person any more."""

    def load_refresh_token(self, refresh_token: str) -> IssuedRefreshToken | None:
        """Return the refresh token, used, expired and revoked ones included."""

    def derive_successor(self, refresh_token: str) -> str:
        """Return the refresh token that comes after this one, always the same."""

    def revoke(self) -> None:
        """Revoke the loaded code or refresh token and all that was minted with it."""

    def spend(self, minted: Minted) -> bool:
        """Mark what was loaded used and keep what is minted, in one transaction; False when a code was used, or either was revoked."""


def answer_token_request(
    authorization: str | None, params: Sequence[tuple[str, str]], redemption: Redemption
) -> ClientAnswer:
    """Answer a token request. Never raises for what a client sends.

    Args:
        authorization: The Authorization header.
        params: Names and values of the body; the query is not looked at (RFC 6749 section 3.2).
        redemption: This request's surroundings.
    """
    try:
        form = _read(params)
    except RequestRefusedError as refusal:
        return respond_refused(refusal)
    # The stubs know a framework's tuple here; it is what `handle_response` makes.
    answer: Any = _TokenServer(redemption).create_token_response(_TokenRequest(authorization, form))
    return cast("ClientAnswer", answer)


def _read(params: Sequence[tuple[str, str]]) -> dict[str, str]:
    form = read_client_form(params, _PARAMETERS)
    if "grant_type" not in form:
        raise RequestRefusedError("invalid_request", "grant_type is missing.")
    if form["grant_type"] not in _GRANT_TYPES:
        raise RequestRefusedError("unsupported_grant_type", f"grant_type must be {' or '.join(_GRANT_TYPES)}.")
    return form


class _TokenRequest(OAuth2Request):
    """A request whose parameters come from the body alone."""

    def __init__(self, authorization: str | None, form: dict[str, str]) -> None:
        # Whether plain http is allowed is decided once, by the settings; Authlib would ask an environment variable each time.
        super().__init__("POST", "https://localhost/")
        self.payload = BasicOAuth2Payload(form)
        self.sent = form
        self.authorization = authorization

    @property
    def form(self) -> dict[str, str]:
        """The body."""
        return self.sent


class _OAuthClient(ClientMixin):
    """A client in the words that Authlib uses."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self.id_token_signed_response_alg = client.id_token_signed_response_alg

    def get_client_id(self) -> str:
        return self.client.client_id

    def check_grant_type(self, grant_type: str) -> bool:
        return grant_type in self.client.grant_types


class _TokenServer(AuthorizationServer):
    """Authlib's server, for one request."""

    def __init__(self, redemption: Redemption) -> None:
        super().__init__()
        self.redemption = redemption
        make: Any = self._make_bearer_token
        self.register_token_generator("default", make)
        self.register_grant(_CodeGrant, [_S256Only(required=True), IdTokenOfCode(redemption)])
        self.register_grant(_RefreshGrant, [IdTokenOfRefresh(redemption)])

    # What Authlib hands back is what we handed in; its stubs know only its own classes, hence Any.

    def create_oauth2_request(self, request: Any) -> _TokenRequest:
        return cast("_TokenRequest", request)

    def authenticate_client(self, request: Any, methods: Any, endpoint: str = "token") -> _OAuthClient:
        del methods, endpoint
        try:
            client, request.auth_method = self.redemption.authenticate(request.authorization, request.form)
        except ClientRefusedError as refusal:
            raise InvalidClientError(plain(str(refusal)), status_code=401) from None
        return _OAuthClient(client)

    def save_token(self, token: dict[str, Any], request: Any) -> None:
        """Spend the code, or rotate the refresh token: the one place where of fifty concurrent requests one wins."""
        if self.redemption.spend(Minted(token["access_token"], token["scope"], token.get("refresh_token"))):
            return
        if request.refresh_token is not None:
            raise InvalidGrantError("This refresh token has been revoked.")
        self.redemption.revoke()
        raise InvalidGrantError("This code has been used already.")

    def send_signal(self, name: str, *args: object, **more: object) -> None:
        """Authlib announces; nobody here listens."""

    def handle_response(self, status: int, body: Any, headers: Any) -> ClientAnswer:
        del headers
        if status < 400:
            return respond(body)
        return respond_refused(RequestRefusedError(body["error"], body.get("error_description", ""), status))

    def _make_bearer_token(self, *, scope: Any, include_refresh_token: bool = False, **more: Any) -> dict[str, Any]:
        del more
        token = {
            "access_token": self.redemption.make_token(),
            "token_type": "Bearer",
            "expires_in": self.redemption.access_token_lifetime,
            "scope": scope,
        }
        return {**token, "refresh_token": self.redemption.make_token()} if include_refresh_token else token


class _S256Only(CodeChallenge):
    """RFC 7636 with S256 alone (RFC 9700 section 2.1.1)."""

    DEFAULT_CODE_CHALLENGE_METHOD = "S256"
    SUPPORTED_CODE_CHALLENGE_METHOD = ["S256"]  # noqa: RUF012  Authlib's own shape
    CODE_CHALLENGE_METHODS = {"S256": CodeChallenge.CODE_CHALLENGE_METHODS["S256"]}  # noqa: RUF012


class _CodeGrant(AuthorizationCodeGrant):
    """RFC 6749 section 4.1.3. Authlib calls these in order, the PKCE check between the first and the second."""

    server: _TokenServer

    def query_authorization_code(self, code: str, client: Any) -> IssuedCode | None:
        """A code of another client is nobody's: a foreign try kills nothing."""
        issued = self.server.redemption.load_code(code)
        return issued if issued is not None and issued.client_id == client.client.client_id else None

    def authenticate_user(self, authorization_code: Any) -> Mapping[str, object]:
        """Refuse what is spent or too old. Here the client is known, and so are redirect_uri and verifier: reuse is the owner's."""
        redemption = self.server.redemption
        if authorization_code.spent:
            redemption.revoke()
            raise InvalidGrantError("This code has been used already.")
        if redemption.now() >= authorization_code.expires_at:
            raise InvalidGrantError("This code has expired.")
        client = cast("_OAuthClient", self.request.client)
        person = redemption.load_person(client.client)
        if person is None:
            raise InvalidGrantError("The account of this code is gone.")
        return person

    def delete_authorization_code(self, authorization_code: Any) -> None:
        """Spent codes are kept: without them reuse could not be told from a made-up code."""


class _RefreshGrant(RefreshTokenGrant):
    """RFC 6749 section 6, with rotation (RFC 9700 section 4.14.2). Authlib calls these in order, the check of the scope after the first."""

    server: _TokenServer

    def authenticate_refresh_token(self, refresh_token: str) -> Any:
        """Return the token. One of another client is nobody's: a foreign try kills nothing."""
        issued = self.server.redemption.load_refresh_token(refresh_token)
        client = cast("_OAuthClient", self.request.client)
        if issued is None or not issued.check_client(client):
            raise InvalidGrantError("This refresh token is unknown.")
        return issued

    def authenticate_user(self, refresh_token: Any) -> Mapping[str, object]:
        """Refuse what is revoked, replayed or too old. Here the client is known: whoever replays has the client's own token."""
        redemption = self.server.redemption
        if refresh_token.standing is Standing.REPLAYED:
            redemption.revoke()
            raise InvalidGrantError("This refresh token has been used already: all that came from it is revoked.")
        if refresh_token.standing is Standing.REVOKED:
            raise InvalidGrantError("This refresh token has been revoked.")
        if redemption.now() >= refresh_token.expires_at:
            raise InvalidGrantError("This refresh token has expired.")
        client = cast("_OAuthClient", self.request.client)
        person = redemption.load_person(client.client)
        if person is None:
            raise InvalidGrantError("The account of this refresh token is gone.")
        return person

    def issue_token(self, user: Any, refresh_token: Any) -> dict[str, Any]:
        """Return the answer, with the successor: a client that lost an answer and asks again gets the same one."""
        token: dict[str, Any] = super().issue_token(user, refresh_token)
        successor = self.server.redemption.derive_successor(self.request.form["refresh_token"])
        return {**token, "refresh_token": successor}

    def revoke_old_credential(self, refresh_token: Any) -> None:
        """It was rotated when the new one was kept."""
