"""The protocol's endpoints that clients' servers call. Each reads the request, asks a journey, and writes the answer down."""

from collections.abc import Callable

import structlog
from flask import Blueprint, Response, jsonify, request

from idp.journeys.exchange import Exchange
from idp.journeys.introspection import Introspection
from idp.journeys.revocation import Revocation
from idp.protocol import discovery
from idp.protocol.bearer_rfc6750 import BearerRefusedError
from idp.protocol.client_endpoint import ClientAnswer
from idp.web.cors import allow_scripts

_LOG = "preau.oidc"
Params = list[tuple[str, str]]


def tokens_blueprint(
    *,
    exchange: Exchange,
    revocation: Revocation,
    introspection: Introspection,
    is_public_origin: Callable[[str], bool],
) -> Blueprint:
    """Return token, userinfo, revocation and introspection.

    Args:
        exchange: Answers token and userinfo requests.
        revocation: Takes tokens back.
        introspection: Says what tokens are.
        is_public_origin: Tells whether a client without a secret may be at this origin.
    """
    blueprint = Blueprint("tokens", __name__)
    # Not introspection: a client without a secret may not ask there.
    allow_scripts(blueprint, frozenset({"tokens.token", "tokens.revoke", "tokens.userinfo"}), is_public_origin)

    @blueprint.post(discovery.TOKEN_PATH)
    def token() -> Response:
        """OpenID Connect Core 1.0 section 3.1.3."""
        return _answer("token request refused", exchange.redeem)

    @blueprint.post(discovery.REVOCATION_PATH)
    def revoke() -> Response:
        """RFC 7009 section 2."""
        return _answer("revocation request refused", revocation.answer)

    @blueprint.post(discovery.INTROSPECTION_PATH)
    def introspect() -> Response:
        """RFC 7662 section 2."""
        return _answer("introspection request refused", introspection.answer)

    @blueprint.route(discovery.USERINFO_PATH, methods=["GET", "POST"])
    def userinfo() -> Response:
        """OpenID Connect Core 1.0 section 5.3."""
        form = _body() if request.method == "POST" else []
        try:
            told = exchange.tell_userinfo(request.headers.get("Authorization"), form)
        except BearerRefusedError as refusal:
            body = {"error": refusal.error, "error_description": refusal.description} if refusal.error else {}
            response = jsonify(body)
            response.status_code = refusal.status
            response.headers["WWW-Authenticate"] = refusal.challenge
            return response
        return Response(told, content_type="application/jwt") if isinstance(told, str) else jsonify(told)

    return blueprint


def _answer(refused: str, journey: Callable[[str | None, Params], ClientAnswer]) -> Response:
    answer = journey(request.headers.get("Authorization"), _body())
    if answer.status >= 400 and answer.body is not None:
        structlog.get_logger(_LOG).info(refused, refused=answer.body["error"], why=answer.body["error_description"])
    response = _nothing() if answer.body is None else jsonify(answer.body)
    response.status_code = answer.status
    response.headers.update(answer.headers)
    return response


def _nothing() -> Response:
    response = Response()
    # Flask's is that of a page, and libraries read it before they see that there is none.
    del response.headers["Content-Type"]
    return response


def _body() -> Params:
    return list(request.form.items(multi=True))
