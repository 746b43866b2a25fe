"""The protocol's endpoints that clients' servers call. Each reads the request, asks a journey, and writes the answer down."""

from collections.abc import Callable

from flask import Blueprint, Response, jsonify, request

from idp.journeys.exchange import Exchange
from idp.journeys.introspection import Introspection
from idp.journeys.revocation import Revocation
from idp.protocol import discovery
from idp.protocol.bearer_rfc6750 import DPOP, BearerRefusedError
from idp.web.client_answers import answer_client, read_body
from idp.web.cors import allow_scripts


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
        proof = request.headers.get("DPoP")
        return answer_client("token request refused", lambda header, body: exchange.redeem(header, body, proof))

    @blueprint.post(discovery.REVOCATION_PATH)
    def revoke() -> Response:
        """RFC 7009 section 2."""
        return answer_client("revocation request refused", revocation.answer)

    @blueprint.post(discovery.INTROSPECTION_PATH)
    def introspect() -> Response:
        """RFC 7662 section 2."""
        return answer_client("introspection request refused", introspection.answer)

    @blueprint.route(discovery.USERINFO_PATH, methods=["GET", "POST"])
    def userinfo() -> Response:
        """OpenID Connect Core 1.0 section 5.3."""
        form = read_body() if request.method == "POST" else []
        try:
            told = exchange.tell_userinfo(
                request.headers.get("Authorization"), form, proof=request.headers.get("DPoP"), method=request.method
            )
        except BearerRefusedError as refusal:
            body = {"error": refusal.error, "error_description": refusal.description} if refusal.error else {}
            response = jsonify(body)
            response.status_code = refusal.status
            if refusal.retry_after:
                response.headers["Retry-After"] = str(refusal.retry_after)
            else:
                response.headers["WWW-Authenticate"] = refusal.challenge
            if refusal.scheme == DPOP:
                response.headers["DPoP-Nonce"] = exchange.make_proof_nonce()
            return response
        return Response(told, content_type="application/jwt") if isinstance(told, str) else jsonify(told)

    return blueprint
