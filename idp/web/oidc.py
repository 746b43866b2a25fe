"""The protocol's endpoints. Each reads the request, asks the protocol or a journey, and writes the answer down."""

from collections.abc import Callable, Collection, Mapping, Sequence
from functools import partial

import structlog
from flask import Blueprint, Response, json, jsonify, make_response, redirect, request

from idp.journeys.answers import AskPerson, Profile
from idp.journeys.authorization import Authorization
from idp.journeys.claims import CLAIM_NAMES, RELEASED_BY_SCOPE
from idp.journeys.exchange import Exchange
from idp.journeys.logout import Logout
from idp.journeys.ports import ClientRegistry, SigningKeys
from idp.protocol import discovery
from idp.protocol.authorization_request import (
    RedirectedError,
    ShownError,
    check_authorization_request,
    respond_with_error,
)
from idp.protocol.bearer_rfc6750 import BearerRefusedError
from idp.protocol.jwks_rfc7517 import to_jwks
from idp.protocol.signing_keys import SigningKey
from idp.web.cookies import Cookies
from idp.web.error_pages import render_error
from idp.web.logout import SignOutUpstream, add_logout
from idp.web.requests import as_get, pairs
from idp.web.sign_in import respond_ask_person, respond_to_client

_PUBLIC = {
    "Cache-Control": "public, max-age=300",  # a new key is published long before it signs
    "Access-Control-Allow-Origin": "*",  # Fetch, CORS protocol: public documents, which a client in a browser may read too
}
_LOG = "preau.oidc"


def oidc_blueprint(
    *,
    issuer: str,
    base: str,
    authorization: Authorization,
    exchange: Exchange,
    logout: Logout,
    clients: ClientRegistry,
    keys: SigningKeys,
    cookies: Cookies,
    backchannel_hosts: Collection[str] = (),
    sign_out_upstream: SignOutUpstream | None = None,
) -> Blueprint:
    """Return authorization, token, userinfo, logout, keys and discovery.

    Args:
        issuer: As tokens name it.
        base: Scheme, host and port that every endpoint begins with.
        authorization: Answers authorization requests.
        exchange: Answers token and userinfo requests.
        logout: Answers logout requests.
        clients: Who may ask.
        keys: What is published.
        cookies: Whose `visit` and `session` cookies are read and set.
        backchannel_hosts: Asked there, discovery gives the endpoints that servers call at that host. Browsers stay at `base`.
        sign_out_upstream: Leads through the logout of FranceConnect; None without it.
    """
    blueprint = Blueprint("oidc", __name__)
    _add_authorization(blueprint, issuer, authorization, clients, cookies)
    _add_tokens(blueprint, exchange)
    add_logout(blueprint, logout, cookies, sign_out_upstream)
    _add_documents(blueprint, issuer, base, backchannel_hosts, keys)
    return blueprint


def _add_authorization(
    blueprint: Blueprint, issuer: str, authorization: Authorization, clients: ClientRegistry, cookies: Cookies
) -> None:
    @blueprint.get(discovery.AUTHORIZE_PATH)
    def authorize() -> Response:
        """OpenID Connect Core 1.0 section 3.1.2."""
        try:
            asked = check_authorization_request(pairs(request.args), clients.load_client)
        except ShownError as refusal:
            structlog.get_logger(_LOG).info("authorization request refused", refused=refusal.key)
            return render_error(refusal.key, details=refusal.sent, registered=refusal.registered)
        except RedirectedError as refusal:
            structlog.get_logger(_LOG).info(
                "authorization request refused", refused=refusal.error, client_id=refusal.request.client_id
            )
            uri = respond_with_error(refusal.request, refusal.error, refusal.description, issuer=issuer)
            return make_response(redirect(uri, code=303))
        answer = authorization.begin(asked, browser=cookies.visit.read(request), session=cookies.session.read(request))
        if isinstance(answer, AskPerson):
            return respond_ask_person(answer, cookies)
        return respond_to_client(answer, cookies)

    @blueprint.post(discovery.AUTHORIZE_PATH)
    def authorize_by_post() -> Response:
        """Go on as a GET: a POST from another site comes without our Lax cookies, and would find nobody signed in."""
        return make_response(redirect(as_get("oidc.authorize"), code=303))


def _add_tokens(blueprint: Blueprint, exchange: Exchange) -> None:
    @blueprint.post(discovery.TOKEN_PATH)
    def token() -> Response:
        """OpenID Connect Core 1.0 section 3.1.3."""
        answer = exchange.redeem(request.headers.get("Authorization"), pairs(request.form))
        if answer.status >= 400:
            structlog.get_logger(_LOG).info(
                "token request refused", refused=answer.body.get("error"), why=answer.body.get("error_description")
            )
        response = jsonify(answer.body)
        response.status_code = answer.status
        response.headers.update(answer.headers)
        return response

    @blueprint.route(discovery.USERINFO_PATH, methods=["GET", "POST"])
    def userinfo() -> Response:
        """OpenID Connect Core 1.0 section 5.3."""
        form = pairs(request.form) if request.method == "POST" else []
        try:
            return jsonify(exchange.tell_userinfo(request.headers.get("Authorization"), form))
        except BearerRefusedError as refusal:
            body = {"error": refusal.error, "error_description": refusal.description} if refusal.error else {}
            response = jsonify(body)
            response.status_code = refusal.status
            response.headers["WWW-Authenticate"] = refusal.challenge
            return response


def _add_documents(
    blueprint: Blueprint, issuer: str, base: str, backchannel_hosts: Collection[str], keys: SigningKeys
) -> None:
    def compose(backchannel: str, published: Sequence[SigningKey]) -> discovery.Metadata:
        return discovery.compose_metadata(
            discovery.Deployment(
                issuer=issuer,
                base=base,
                backchannel=backchannel,
                scopes=["openid", *RELEASED_BY_SCOPE],
                claims=[*_TOKEN_CLAIMS, *CLAIM_NAMES],
                acr_values=[str(one) for one in Profile],
                signing_algorithms=sorted({key.algorithm for key in published}, reverse=True),
            )
        )

    metadata_written, jwks_written = _Written(partial(compose, base)), _Written(to_jwks)
    written_elsewhere = {host: _Written(partial(compose, f"http://{host}")) for host in backchannel_hosts}

    @blueprint.get(discovery.DISCOVERY_PATH)
    def metadata() -> Response:
        """OpenID Connect Discovery 1.0 section 4."""
        written = (
            written_elsewhere.get(request.host.lower(), metadata_written) if written_elsewhere else metadata_written
        )
        return _publish(written.for_keys(keys.load_published_keys()))

    @blueprint.get(discovery.JWKS_PATH)
    def jwks() -> Response:
        """RFC 7517 section 5."""
        return _publish(jwks_written.for_keys(keys.load_published_keys()))


class _Written:
    """A document that changes with the keys alone, written once for each set of them."""

    def __init__(self, compose: Callable[[Sequence[SigningKey]], Mapping[str, object]]) -> None:
        self._compose = compose
        self._kept: tuple[tuple[str, ...], bytes] = ((), b"")

    def for_keys(self, published: Sequence[SigningKey]) -> bytes:
        """Return the document of these keys."""
        kids = tuple(key.kid for key in published)
        kept_kids, document = self._kept
        if kids != kept_kids or not document:
            document = json.dumps(self._compose(published)).encode()
            self._kept = kids, document
        return document


_TOKEN_CLAIMS = ("sub", "iss", "aud", "exp", "iat", "auth_time", "nonce", "acr", "amr", "sid")


def _publish(document: bytes) -> Response:
    return Response(document, headers=_PUBLIC, content_type="application/json")
