"""The token endpoint: a code, a refresh token, or a client's own proof becomes tokens (RFC 6749 sections 4.1.3, 6 and 4.4.2).

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
from idp.protocol.client_credentials_rfc6749 import ClientCredentialsGrant
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
from idp.protocol.resource import Resource
from idp.protocol.resource_indicators_rfc8707 import choose_granted
from idp.protocol.token_redemption import IssuedCode, IssuedRefreshToken, Minted, Redemption, Standing, lifetime_at

PARAMETERS = AUTHENTICATION_PARAMETERS | {
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
    # RFC 8707 section 2: it alone may be repeated.
    resources = tuple(value for name, value in params if name == "resource")
    try:
        form = _read([(name, value) for name, value in params if name != "resource"])
    except RequestRefusedError as refusal:
        return respond_refused(refusal)
    # The stubs know a framework's tuple here; it is what `handle_response` makes.
    request = _TokenRequest(authorization, form, proof, resources)
    answer: Any = _TokenServer(redemption, request).create_token_response(request)
    return cast("ClientAnswer", answer)


def _read(params: Sequence[tuple[str, str]]) -> dict[str, str]:
    form = read_client_form(params, PARAMETERS)
    if "grant_type" not in form:
        raise RequestRefusedError("invalid_request", "grant_type is missing.")
    if form["grant_type"] not in GRANT_TYPES:
        raise RequestRefusedError("unsupported_grant_type", f"grant_type must be {' or '.join(GRANT_TYPES)}.")
    return form


class _TokenRequest(OAuth2Request):
    """A request whose parameters come from the body alone."""

    def __init__(
        self, authorization: str | None, form: dict[str, str], proof: str | None, resources: Sequence[str]
    ) -> None:
        # Whether plain http is allowed is decided once, by the settings; Authlib would ask an environment variable each time.
        super().__init__("POST", "https://localhost/")
        self.payload = BasicOAuth2Payload(form)
        self.sent = form
        self.authorization = authorization
        self.proof = proof
        self.resources = resources
        self.jkt: str | None = None  # once the proof is checked
        self.target: Resource | None = None  # once it is chosen; None: our own userinfo
        self.granted_scope = ""  # of which the access token says what is meant for its server

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
        self.resources = redemption.resources
        self.request = request
        make: Any = self._make_bearer_token
        self.register_token_generator("default", make)
        self.register_grant(_CodeGrant, [_S256Only(required=True), IdTokenOfCode(redemption)])
        self.register_grant(_RefreshGrant, [IdTokenOfRefresh(redemption)])
        self.register_grant(ClientCredentialsGrant)

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

    def choose_target(self, issued: IssuedCode | IssuedRefreshToken) -> None:
        """RFC 8707 section 2.2: which server the access token is for. Before anything is used up: who named a wrong one may try again."""
        client = cast("_OAuthClient", self.request.client).client
        try:
            self.request.target = choose_granted(self.request.resources, issued.resources, client, self.resources)
        except RequestRefusedError as refusal:
            raise OAuth2Error(plain(refusal.description), error=refusal.error) from None

    def check_proof(self) -> None:
        """RFC 9449 section 5: what is issued is bound to the key that signed the request, where one did."""
        proof = self.request.proof
        try:
            self.request.jkt = None if proof is None else self.redemption.check_proof(proof)
        except ProofRefusedError as refusal:
            raise OAuth2Error(plain(str(refusal)), error=refusal.error) from None

    def check_key(self, issued: IssuedCode | IssuedRefreshToken, name: str) -> None:
        """RFC 9449 sections 5 and 10: what is bound to a key is good with that key alone.

        Before anything is used up, and after what the client shows is known to be good: each proof is noted, in a row, and anybody may
        come in the name of a client without a secret.
        """
        self.check_proof()
        if issued.jkt is not None and issued.jkt != self.request.jkt:
            raise InvalidGrantError(f"This {name} is bound to another DPoP key.")

    def save_token(self, token: dict[str, Any], request: Any) -> None:
        """Spend the code, or rotate the refresh token: the one place where of fifty concurrent requests one wins.

        A client's own proof is not used up: each request of it brings a token.
        """
        jkt = request.jkt
        # RFC 9449 section 5: a confidential client proves who it is at each refresh, and may have another key then.
        refresh_jkt = jkt if request.auth_method == "none" else None
        minted = Minted(
            client=request.client.client,
            access_token=token["access_token"],
            scope=token["scope"],
            refresh_token=token.get("refresh_token"),
            jkt=jkt,
            refresh_jkt=refresh_jkt,
            target=request.target,
        )
        if request.authorization_code is None and request.refresh_token is None:
            self.redemption.keep_for_client(minted)
            return
        if self.redemption.spend(minted):
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
        request, target = self.request, self.request.target
        request.granted_scope = scope
        narrowed = " ".join(self.resources.narrow(scope.split(), target))
        as_jwt = (target or client.client).access_token_format == "jwt"  # noqa: S105  the name of a format
        lifetime = lifetime_at(target, client.client)
        token = {
            "access_token": (
                self._make_jwt(client, user, narrowed, lifetime) if as_jwt else self.redemption.make_token()
            ),
            "token_type": "DPoP" if request.jkt else "Bearer",
            "expires_in": lifetime,
            "scope": narrowed,
        }
        return {**token, "refresh_token": self.redemption.make_token()} if include_refresh_token else token

    def _make_jwt(self, client: _OAuthClient, user: Mapping[str, Any], scope: str, lifetime: int) -> str:
        redemption, target = self.redemption, self.request.target
        issued: Any = self.request.authorization_code or self.request.refresh_token
        sign_in = {"acr": issued.acr, "amr": issued.amr, "auth_time": issued.auth_time} if issued else {}
        facts = AccessTokenFacts(
            issuer=redemption.issuer,
            client_id=client.get_client_id(),
            sub=user["sub"],
            scope=scope,
            issued_at=redemption.now(),
            lifetime=lifetime,
            audience=target.resource if target else None,
            jkt=self.request.jkt,
            **sign_in,
        )
        # RFC 9068 section 2.1: every server of a resource knows RS256, whatever algorithm the client chose for its own ID tokens.
        key = redemption.load_key("RS256" if target else client.id_token_signed_response_alg)
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
        self.server.choose_target(authorization_code)
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
        self.server.choose_target(refresh_token)
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
