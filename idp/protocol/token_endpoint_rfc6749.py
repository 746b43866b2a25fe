"""The token endpoint: an authorization code, or a refresh token, becomes tokens (RFC 6749 sections 4.1.3 and 6).

Authlib's core carries the grant; what it leaves to the provider is here: who the client is, what reuse leads to, whose clock counts.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, cast

from authlib.oauth2 import OAuth2Error
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

from idp.protocol.access_token_rfc9068 import AccessTokenFacts, make_jwt_access_token
from idp.protocol.client import GRANT_TYPES, Client
from idp.protocol.client_authentication_rfc6749 import ClientRefusedError
from idp.protocol.client_endpoint import (
    AUTHENTICATION_PARAMETERS,
    ClientAnswer,
    RequestRefusedError,
    plain,
    read_client_form,
    respond,
    respond_refused,
    status_of_refused_client,
)
from idp.protocol.dpop_rfc9449 import ProofRefusedError
from idp.protocol.id_token import IdTokenOfCode, IdTokenOfRefresh
from idp.protocol.token_redemption import IssuedCode, IssuedRefreshToken, Minted, Redemption, Standing

_PARAMETERS = AUTHENTICATION_PARAMETERS | {
    "grant_type",
    "code",
    "redirect_uri",
    "code_verifier",
    "refresh_token",
    "scope",
}


def answer_token_request(
    authorization: str | None, params: Sequence[tuple[str, str]], redemption: Redemption, proof: str | None = None
) -> ClientAnswer:
    """Answer a token request. Never raises for what a client sends.

    Args:
        authorization: The Authorization header.
        params: Names and values of the body; the query is not looked at (RFC 6749 section 3.2).
        redemption: This request's surroundings.
        proof: The DPoP header (RFC 9449 section 5).
    """
    try:
        form = _read(params)
    except RequestRefusedError as refusal:
        return respond_refused(refusal)
    # The stubs know a framework's tuple here; it is what `handle_response` makes.
    request = _TokenRequest(authorization, form, proof)
    answer: Any = _TokenServer(redemption, request).create_token_response(request)
    return cast("ClientAnswer", answer)


def _read(params: Sequence[tuple[str, str]]) -> dict[str, str]:
    form = read_client_form(params, _PARAMETERS)
    if "grant_type" not in form:
        raise RequestRefusedError("invalid_request", "grant_type is missing.")
    if form["grant_type"] not in GRANT_TYPES:
        raise RequestRefusedError("unsupported_grant_type", f"grant_type must be {' or '.join(GRANT_TYPES)}.")
    return form


class _TokenRequest(OAuth2Request):
    """A request whose parameters come from the body alone."""

    def __init__(self, authorization: str | None, form: dict[str, str], proof: str | None) -> None:
        # Whether plain http is allowed is decided once, by the settings; Authlib would ask an environment variable each time.
        super().__init__("POST", "https://localhost/")
        self.payload = BasicOAuth2Payload(form)
        self.sent = form
        self.authorization = authorization
        self.proof = proof
        self.jkt: str | None = None  # once the proof is checked

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

    def __init__(self, redemption: Redemption, request: _TokenRequest) -> None:
        super().__init__()
        self.redemption = redemption
        self.request = request
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
            status = status_of_refused_client(request.authorization)
            raise InvalidClientError(plain(str(refusal)), status_code=status) from None
        if request.proof is None and client.dpop_bound_access_tokens:
            raise OAuth2Error("This client must send a DPoP proof.", error="invalid_dpop_proof")
        return _OAuthClient(client)

    def check_key(self, issued: IssuedCode | IssuedRefreshToken, name: str) -> None:
        """RFC 9449 sections 5 and 10: what is bound to a key is good with that key alone.

        Before anything is used up, and after what the client shows is known to be good: each proof is noted, in a row, and anybody may
        come in the name of a client without a secret.
        """
        proof = self.request.proof
        try:
            self.request.jkt = None if proof is None else self.redemption.check_proof(proof)
        except ProofRefusedError as refusal:
            raise OAuth2Error(plain(str(refusal)), error=refusal.error) from None
        if issued.jkt is not None and issued.jkt != self.request.jkt:
            raise InvalidGrantError(f"This {name} is bound to another DPoP key.")

    def save_token(self, token: dict[str, Any], request: Any) -> None:
        """Spend the code, or rotate the refresh token: the one place where of fifty concurrent requests one wins."""
        jkt = request.jkt
        # RFC 9449 section 5: a confidential client proves who it is at each refresh, and may have another key then.
        refresh_jkt = jkt if request.auth_method == "none" else None
        client: Client = request.client.client
        if self.redemption.spend(
            Minted(client, token["access_token"], token["scope"], token.get("refresh_token"), jkt, refresh_jkt)
        ):
            return
        if request.refresh_token is not None:
            raise InvalidGrantError("This refresh token has been revoked.")
        self.redemption.revoke()
        raise InvalidGrantError("This code has been used already.")

    def send_signal(self, name: str, *args: object, **more: object) -> None:
        """Authlib announces; nobody here listens."""

    def handle_response(self, status: int, body: Any, headers: Any) -> ClientAnswer:
        del headers
        answer = (
            respond(body)
            if status < 400
            else respond_refused(RequestRefusedError(body["error"], body.get("error_description", ""), status))
        )
        if self.request.proof is None and body.get("error") != "invalid_dpop_proof":
            return answer
        return replace(answer, headers={**answer.headers, "DPoP-Nonce": self.redemption.make_proof_nonce()})

    def _make_bearer_token(
        self, *, client: Any, user: Any, scope: Any, include_refresh_token: bool = False, **more: Any
    ) -> dict[str, Any]:
        del more
        as_jwt = client.client.access_token_format == "jwt"  # noqa: S105  the name of a format
        token = {
            "access_token": self._make_jwt(client, user, scope) if as_jwt else self.redemption.make_token(),
            "token_type": "DPoP" if self.request.jkt else "Bearer",
            "expires_in": client.client.access_token_lifetime,
            "scope": scope,
        }
        return {**token, "refresh_token": self.redemption.make_token()} if include_refresh_token else token

    def _make_jwt(self, client: _OAuthClient, user: Mapping[str, Any], scope: str) -> str:
        redemption = self.redemption
        issued: Any = self.request.authorization_code or self.request.refresh_token
        facts = AccessTokenFacts(
            issuer=redemption.issuer,
            client_id=client.get_client_id(),
            sub=user["sub"],
            scope=scope,
            acr=issued.acr,
            amr=issued.amr,
            auth_time=issued.auth_time,
            issued_at=redemption.now(),
            lifetime=client.client.access_token_lifetime,
            jkt=self.request.jkt,
        )
        key = redemption.load_key(client.id_token_signed_response_alg)
        return make_jwt_access_token(facts, jti=redemption.make_token(), key=key)


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
        if authorization_code.revoked:
            raise InvalidGrantError("This code has been revoked.")
        if redemption.now() >= authorization_code.expires_at:
            raise InvalidGrantError("This code has expired.")
        self.server.check_key(authorization_code, "code")
        client = cast("_OAuthClient", self.request.client)
        person = redemption.load_person(client.client, authorization_code.scope)
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
        self.server.check_key(refresh_token, "refresh token")
        client = cast("_OAuthClient", self.request.client)
        person = redemption.load_person(client.client, self.request.form.get("scope") or refresh_token.scope)
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
