"""Discovery and keys, as FranceConnect publishes them."""

from typing import Any

from flask import Blueprint, Response, json, request

from franceconnect_bridge.simulator.authorize import LEVEL
from franceconnect_bridge.simulator.broken import spoil
from franceconnect_bridge.simulator.keys import ALGORITHMS
from franceconnect_bridge.simulator.scopes import DATA_SCOPES, IDENTITY_SCOPES, LABELS
from franceconnect_bridge.simulator.state import Simulator

_CACHE = "public, max-age=600"


def metadata_blueprint(simulator: Simulator) -> Blueprint:
    """Give discovery and the key set."""
    metadata = Blueprint("metadata", __name__)

    @metadata.get("/.well-known/openid-configuration")
    def show_discovery() -> Response:
        strike = simulator.faults.take("discovery")
        document = _discovery(simulator)
        if strike is not None and strike.name == "discovery-wrong-issuer":
            document["issuer"] = "https://autre-emetteur.example/api/v2"
        return spoil(simulator, strike, _publish(document))

    @metadata.get("/jwks")
    def show_keys() -> Response:
        strike = simulator.faults.take("jwks")
        keys = [] if strike is not None and strike.name == "jwks-empty" else simulator.keys.published()
        return spoil(simulator, strike, _publish({"keys": keys}))

    return metadata


def backchannel_bases(simulator: Simulator) -> list[str]:
    """Return the addresses below which programs may call: the issuer, and the same at each other host."""
    settings = simulator.settings
    return [settings.issuer, *(f"http://{host}/api/v2" for host in settings.backchannel_hosts)]


def _discovery(simulator: Simulator) -> dict[str, Any]:
    settings = simulator.settings
    issuer = settings.issuer
    # In containers, a program reaches us by another name than browsers do: what it calls itself is given at that name.
    inside = f"http://{request.host}/api/v2" if request.host.lower() in settings.backchannel_hosts else issuer
    signing = ["HS256", *ALGORITHMS]
    return {
        "issuer": issuer,
        "authorization_endpoint": f"{issuer}/authorize",
        "end_session_endpoint": f"{issuer}/session/end",
        "token_endpoint": f"{inside}/token",
        "userinfo_endpoint": f"{inside}/userinfo",
        "jwks_uri": f"{inside}/jwks",
        "revocation_endpoint": f"{inside}/token/revocation",
        "acr_values_supported": [LEVEL],
        "authorization_response_iss_parameter_supported": True,
        "claim_types_supported": ["normal"],
        "claims_parameter_supported": True,
        "claims_supported": ["sub", *LABELS, "given_name_array", "amr", "acr", "auth_time", "iss"],
        "code_challenge_methods_supported": ["S256"],
        "grant_types_supported": ["authorization_code"],
        "id_token_signing_alg_values_supported": signing,
        "request_parameter_supported": False,
        "request_uri_parameter_supported": True,
        "require_request_uri_registration": True,
        "response_modes_supported": ["form_post", "fragment", "query"],
        "response_types_supported": ["code"],
        "scopes_supported": [*IDENTITY_SCOPES, *DATA_SCOPES],
        "subject_types_supported": ["pairwise"],
        "token_endpoint_auth_methods_supported": ["client_secret_post", "private_key_jwt"],
        "token_endpoint_auth_signing_alg_values_supported": list(ALGORITHMS),
        "userinfo_signing_alg_values_supported": signing,
    }


def _publish(document: dict[str, Any]) -> Response:
    response = Response(json.dumps(document), mimetype="application/json")
    response.headers["Cache-Control"] = _CACHE
    return response
