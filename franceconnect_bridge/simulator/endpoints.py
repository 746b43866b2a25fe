"""What servers call: discovery, keys, token, userinfo. Faults of these endpoints are played here."""

import json
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from flask import Blueprint, Response, jsonify, request

from franceconnect_bridge.simulator import errors, tokens
from franceconnect_bridge.simulator.authorization import DATA_SCOPES, SCOPES
from franceconnect_bridge.simulator.errors import EndpointError
from franceconnect_bridge.simulator.faults import LONGEST_SLOW_SECONDS, Armed
from franceconnect_bridge.simulator.runtime import log, new_reference
from franceconnect_bridge.simulator.settings import PREFIX
from franceconnect_bridge.simulator.world import World

_HUGE = 2 * 1024 * 1024
_KEPT_SECONDS = 600  # FranceConnect's own Cache-Control


def endpoints_blueprint(world: World) -> Blueprint:
    """Return the endpoints of servers."""
    return _Endpoints(world).blueprint()


class _Endpoints:
    """The views."""

    def __init__(self, world: World) -> None:
        self._world = world

    def blueprint(self) -> Blueprint:
        """Return the views at their addresses."""
        endpoints = Blueprint("endpoints", __name__)
        for path, methods, view in (
            (f"{PREFIX}/.well-known/openid-configuration", ["GET"], self.discovery),
            (f"{PREFIX}/jwks", ["GET"], self.jwks),
            (f"{PREFIX}/token", ["POST"], self.token),
            (f"{PREFIX}/userinfo", ["GET"], self.userinfo),
            (f"{PREFIX}/token/revocation", ["POST"], self.revoke),
        ):
            endpoints.add_url_rule(path, view.__name__, view, methods=methods)
        return endpoints

    def discovery(self) -> Response:
        """OpenID Connect Discovery 1.0 section 4."""

        def answer(fault: Armed | None) -> Response:
            document = describe(self._world, _backchannel_origin(self._world))
            if fault and fault.name == "discovery-wrong-issuer":
                document["issuer"] = "https://franceconnect.example/api/v2"
            return _public(document)

        return _played(self._world.faults.meet("discovery"), answer)

    def jwks(self) -> Response:
        """RFC 7517 section 5."""

        def answer(fault: Armed | None) -> Response:
            return _public({"keys": []} if fault and fault.name == "jwks-empty" else self._world.keys.published())

        return _played(self._world.faults.meet("jwks"), answer)

    def token(self) -> Response:
        """RFC 6749 section 3.2."""
        try:
            form = _read_form()
        except EndpointError as refusal:
            return _refuse(refusal)
        path = f"{PREFIX}/token"
        audiences = tuple(
            {self._world.settings.issuer, self._world.settings.base_url + path, _backchannel_origin(self._world) + path}
        )

        def answer(fault: Armed | None) -> Response:
            try:
                if fault and fault.name == "token-invalid-grant":
                    raise errors.invalid_grant(*errors.CODE_UNKNOWN)
                if fault and fault.name == "token-invalid-client":
                    raise errors.invalid_client("invalid secret provided")
                return jsonify(tokens.redeem(self._world, form, audiences))
            except EndpointError as refusal:
                return _refuse(refusal)

        grant = self._world.codes.find(form.get("code", ""))
        of_person = grant.person.faults if grant else ()
        return _played(self._world.faults.meet("token", form.get("client_id", ""), of_person), answer)

    def userinfo(self) -> Response:
        """OpenID Connect Core 1.0 section 5.3."""
        return _tell_userinfo(self._world)

    def revoke(self) -> Response:
        """RFC 7009: an unknown token is as good as a revoked one."""
        try:
            form = _read_form()
            tokens.authenticate_client(self._world, form, (self._world.settings.issuer,))
        except EndpointError as refusal:
            return _refuse(refusal)
        self._world.tokens.take(form.get("token", ""))
        return Response(status=200)


def _read_form() -> dict[str, str]:
    """Return the parameters of the body.

    Raises:
        EndpointError: The client uses HTTP Basic, which FranceConnect does not take, alone or beside the body (RFC 6749 section 2.3); or a
            parameter is there twice (section 3.2).
    """
    if "Authorization" in request.headers:
        raise errors.invalid_client(
            "the provided authentication mechanism is not client_secret_post or private_key_jwt"
        )
    sent = request.form.to_dict(flat=False)
    if any(len(values) > 1 for values in sent.values()):
        raise errors.malformed_request("a parameter is there twice")
    return {name: values[0] for name, values in sent.items()}


def _tell_userinfo(world: World) -> Response:
    """OpenID Connect Core 1.0 section 5.3: GET alone, the token in the header alone."""
    sent = request.authorization
    if sent is None or sent.type != "bearer" or not sent.token:
        return _refuse(errors.TOKEN_MISSING)
    grant = world.tokens.find(sent.token)
    if grant is None:
        return _refuse(errors.TOKEN_UNKNOWN)
    client_id = grant.request.client.client_id

    def answer(fault: Armed | None) -> Response:
        if fault and fault.name == "userinfo-invalid-token":
            return _refuse(errors.TOKEN_UNKNOWN)
        claims = tokens.make_userinfo(world, grant, world.clock.now())
        if fault and fault.name == "userinfo-json":
            return jsonify(claims)
        of_claims = world.faults.meet("userinfo_jwt", client_id, grant.person.faults)
        signed = tokens.sign_userinfo(world, grant, claims, of_claims)
        return Response(signed, content_type="application/jwt; charset=utf-8")

    return _played(world.faults.meet("userinfo", client_id, grant.person.faults), answer)


def describe(world: World, backchannel: str) -> dict[str, Any]:
    """Return the discovery document of FranceConnect's low level.

    Args:
        world: The simulator.
        backchannel: Origin at which servers reach the endpoints that they call.
    """
    issuer = world.settings.issuer
    servers = backchannel + PREFIX
    return {
        "issuer": issuer,
        "authorization_endpoint": f"{issuer}/authorize",
        "token_endpoint": f"{servers}/token",
        "userinfo_endpoint": f"{servers}/userinfo",
        "end_session_endpoint": f"{issuer}/session/end",
        "jwks_uri": f"{servers}/jwks",
        "revocation_endpoint": f"{servers}/token/revocation",
        "acr_values_supported": ["eidas1"],
        "response_types_supported": ["code"],
        "response_modes_supported": ["form_post", "fragment", "query"],
        "grant_types_supported": ["authorization_code"],
        "subject_types_supported": ["pairwise"],
        "token_endpoint_auth_methods_supported": ["client_secret_post", "private_key_jwt"],
        "token_endpoint_auth_signing_alg_values_supported": ["ES256", "RS256"],
        # HS256 is announced and given to nobody: services register ES256 or RS256.
        "id_token_signing_alg_values_supported": ["HS256", "ES256", "RS256"],
        "userinfo_signing_alg_values_supported": ["HS256", "ES256", "RS256"],
        "code_challenge_methods_supported": ["S256"],
        "claims_parameter_supported": True,
        "request_parameter_supported": False,
        "request_uri_parameter_supported": True,
        "require_request_uri_registration": True,
        "authorization_response_iss_parameter_supported": True,
        "claim_types_supported": ["normal"],
        "scopes_supported": [*SCOPES, *DATA_SCOPES],
        "claims_supported": [
            "sub", "given_name", "given_name_array", "family_name", "birthdate", "gender", "preferred_username",
            "birthplace", "birthcountry", "email", "idp_birthdate", "amr", "idp_id", "acr", "auth_time", "iss",
        ],
    }  # fmt: skip


def _backchannel_origin(world: World) -> str:
    """Return where servers reach us: at the host that they asked, when it is one of those that containers use."""
    host = request.host.lower()
    if host in {one.lower() for one in world.settings.backchannel_hosts}:
        return f"{urlsplit(world.settings.base_url).scheme}://{host}"
    return world.settings.base_url


def _played(fault: Armed | None, answer: Callable[[Armed | None], Response]) -> Response:
    """Answer, or fail as a fault wants it. What is done is done whole: a slow or broken answer has used its code."""
    kind = fault.name.partition("-")[2] if fault else ""
    if fault and kind == "slow":
        time.sleep(min(fault.seconds, LONGEST_SLOW_SECONDS))
    if kind in {"500", "502", "503"}:
        return Response("Internal trouble, on purpose.", status=int(kind), content_type="text/plain")
    if kind == "html":
        return Response("<!doctype html><title>Not JSON</title><p>On purpose.", content_type="text/html")
    if kind == "redirect":
        return Response(status=302, headers={"Location": f"{PREFIX}/elsewhere"})
    if kind == "huge":
        return Response(json.dumps({"filler": "x" * _HUGE}), content_type="application/json")
    response = answer(fault)
    if kind in {"truncated", "cut"}:
        whole = response.get_data()
        response.set_data(whole[: len(whole) // 2])
        if kind == "cut":
            response.headers["Content-Length"] = str(len(whole))
    return response


def _public(document: dict[str, Any]) -> Response:
    response = jsonify(document)
    response.headers["Cache-Control"] = f"public, max-age={_KEPT_SECONDS}"
    return response


def _refuse(refusal: EndpointError) -> Response:
    reference = new_reference()
    log("refused", endpoint=request.path, error=refusal.error, code=refusal.code, reference=reference)
    response = jsonify(refusal.to_json(reference))
    response.status_code = refusal.status
    if refusal.status == 401 and refusal.error == "invalid_token":
        response.headers["WWW-Authenticate"] = f'Bearer error="{refusal.error}"'
    return response
