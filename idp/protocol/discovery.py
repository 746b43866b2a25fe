"""The provider's metadata (OpenID Connect Discovery 1.0 section 3), composed from the lines that each text adds."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from idp.protocol.authorization_request import RESPONSE_MODES
from idp.protocol.client import GRANT_TYPES
from idp.protocol.client_authentication_rfc6749 import METHODS
from idp.protocol.dpop_rfc9449 import ALGORITHMS as PROOF_ALGORITHMS
from idp.protocol.encryption_rfc7516 import CONTENT_ALGORITHMS, KEY_ALGORITHMS
from idp.protocol.signed_by_client import ALGORITHMS
from idp.protocol.subject import SUBJECT_TYPES
from idp.protocol.ui_locales import UI_LOCALES

Metadata = dict[str, object]

AUTHORIZE_PATH = "/idp/profile/oidc/authorize"
TOKEN_PATH = "/idp/profile/oidc/token"  # noqa: S105  a path
USERINFO_PATH = "/idp/profile/oidc/userinfo"
PAR_PATH = "/idp/profile/oidc/par"
JWKS_PATH = "/idp/profile/oidc/jwks"
REVOCATION_PATH = "/idp/profile/oidc/revoke"
INTROSPECTION_PATH = "/idp/profile/oidc/introspect"
REGISTRATION_PATH = "/idp/profile/oidc/register"
LOGOUT_PATH = "/idp/profile/Logout"
DISCOVERY_PATH = "/.well-known/openid-configuration"
_OAUTH_METADATA_PATH = "/.well-known/oauth-authorization-server"


@dataclass(frozen=True, slots=True)
class Deployment:
    """What the texts' lines depend on."""

    issuer: str
    base: str  # scheme, host and port that every endpoint begins with
    backchannel: str  # the same for the endpoints that servers call: usually `base`
    scopes: Sequence[str]
    claims: Sequence[str]
    acr_values: Sequence[str]
    signing_algorithms: Sequence[str]
    registers_clients: bool = False


def _discovery_1_0(here: Deployment) -> Metadata:
    """OpenID Connect Discovery 1.0 section 3."""
    return {
        "issuer": here.issuer,
        "authorization_endpoint": here.base + AUTHORIZE_PATH,
        "token_endpoint": here.backchannel + TOKEN_PATH,
        "userinfo_endpoint": here.backchannel + USERINFO_PATH,
        "jwks_uri": here.backchannel + JWKS_PATH,
        "scopes_supported": list(here.scopes),
        "response_types_supported": ["code"],
        "response_modes_supported": list(RESPONSE_MODES),
        "grant_types_supported": list(GRANT_TYPES),
        "acr_values_supported": list(here.acr_values),
        "subject_types_supported": list(SUBJECT_TYPES),
        "id_token_signing_alg_values_supported": list(here.signing_algorithms),
        "userinfo_signing_alg_values_supported": list(here.signing_algorithms),
        "token_endpoint_auth_methods_supported": list(METHODS),
        "claim_types_supported": ["normal"],
        "claims_supported": list(here.claims),
        "ui_locales_supported": list(UI_LOCALES),
        "claims_parameter_supported": True,
    }


def _core_9(here: Deployment) -> Metadata:
    """OpenID Connect Discovery 1.0 section 3, for `private_key_jwt` of OpenID Connect Core 1.0 section 9."""
    del here
    return {"token_endpoint_auth_signing_alg_values_supported": list(ALGORITHMS)}


def _core_10_2(here: Deployment) -> Metadata:
    """OpenID Connect Discovery 1.0 section 3, for OpenID Connect Core 1.0 section 10.2."""
    del here
    return {
        f"{what}_encryption_{part}_values_supported": list(values)
        for what in ("id_token", "userinfo")
        for part, values in (("alg", KEY_ALGORITHMS), ("enc", CONTENT_ALGORITHMS))
    }


def _rfc7009(here: Deployment) -> Metadata:
    """RFC 8414 section 2, for RFC 7009."""
    return {
        "revocation_endpoint": here.backchannel + REVOCATION_PATH,
        "revocation_endpoint_auth_methods_supported": list(METHODS),
        "revocation_endpoint_auth_signing_alg_values_supported": list(ALGORITHMS),
    }


def _rfc7662(here: Deployment) -> Metadata:
    """RFC 8414 section 2, for RFC 7662."""
    return {
        "introspection_endpoint": here.backchannel + INTROSPECTION_PATH,
        "introspection_endpoint_auth_methods_supported": [one for one in METHODS if one != "none"],
        "introspection_endpoint_auth_signing_alg_values_supported": list(ALGORITHMS),
    }


def _rfc7591(here: Deployment) -> Metadata:
    """RFC 8414 section 2 and OpenID Connect Discovery 1.0 section 3, for RFC 7591: only where clients may register."""
    return {"registration_endpoint": here.backchannel + REGISTRATION_PATH} if here.registers_clients else {}


def _rfc7636(here: Deployment) -> Metadata:
    """RFC 8414 section 2, for RFC 7636."""
    del here
    return {"code_challenge_methods_supported": ["S256"]}


def _rfc9101(here: Deployment) -> Metadata:
    """RFC 9101 section 10.5; OpenID Connect Discovery 1.0 section 3."""
    del here
    return {
        "request_parameter_supported": True,
        "request_uri_parameter_supported": True,
        "require_request_uri_registration": True,  # nothing is fetched that nobody registered
        "request_object_signing_alg_values_supported": list(ALGORITHMS),
        "require_signed_request_object": False,
    }


def _rfc9126(here: Deployment) -> Metadata:
    """RFC 9126 section 5."""
    return {
        "pushed_authorization_request_endpoint": here.backchannel + PAR_PATH,
        "require_pushed_authorization_requests": False,
    }


def _rfc9449(here: Deployment) -> Metadata:
    """RFC 9449 section 5.1."""
    del here
    return {"dpop_signing_alg_values_supported": list(PROOF_ALGORITHMS)}


def _rfc9207(here: Deployment) -> Metadata:
    """RFC 9207 section 3."""
    del here
    return {"authorization_response_iss_parameter_supported": True}


def _rp_initiated_logout(here: Deployment) -> Metadata:
    """OpenID Connect RP-Initiated Logout 1.0 section 2.1."""
    return {"end_session_endpoint": here.base + LOGOUT_PATH}


def _back_channel_logout(here: Deployment) -> Metadata:
    """OpenID Connect Back-Channel Logout 1.0 section 2.1."""
    del here
    return {"backchannel_logout_supported": True, "backchannel_logout_session_supported": True}


def _front_channel_logout(here: Deployment) -> Metadata:
    """OpenID Connect Front-Channel Logout 1.0 section 3."""
    del here
    return {"frontchannel_logout_supported": True, "frontchannel_logout_session_supported": True}


TEXTS: tuple[Callable[[Deployment], Metadata], ...] = (
    _discovery_1_0,
    _core_9,
    _core_10_2,
    _rfc7009,
    _rfc7662,
    _rfc7591,
    _rfc7636,
    _rfc9101,
    _rfc9126,
    _rfc9207,
    _rfc9449,
    _rp_initiated_logout,
    _back_channel_logout,
    _front_channel_logout,
)


def compose_metadata(here: Deployment) -> Metadata:
    """Return the document of `/.well-known/openid-configuration`."""
    document: Metadata = {}
    for text in TEXTS:
        document |= text(here)
    return document


def oauth_metadata_path(issuer: str) -> str:
    """Return where OAuth clients look for the same document (RFC 8414 section 3): the issuer's own path stands at the end."""
    return _OAUTH_METADATA_PATH + urlsplit(issuer).path.rstrip("/")
