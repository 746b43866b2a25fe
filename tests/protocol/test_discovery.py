"""OpenID Connect Discovery 1.0 section 3, RFC 8414 sections 2 and 3, RFC 9207 section 3, RP-Initiated Logout 1.0 section 2.1."""

from dataclasses import replace

import pytest
from authlib.oidc.discovery import OpenIDProviderMetadata

from idp.protocol.discovery import TEXTS, Deployment, compose_metadata, oauth_metadata_path

HERE = Deployment(
    issuer="https://idp.example",
    base="https://idp.example",
    backchannel="https://idp.example",
    scopes=["openid", "profile"],
    claims=["sub", "given_name"],
    acr_values=["responsable", "eleve"],
    signing_algorithms=["RS256", "ES256"],
)


def test_a_library_that_knows_the_text_finds_nothing_to_say() -> None:
    OpenIDProviderMetadata(compose_metadata(HERE)).validate()


def test_each_text_adds_lines_of_its_own() -> None:
    names = [name for text in TEXTS for name in text(HERE)]
    assert len(names) == len(set(names))


def test_what_strict_clients_look_for_is_there() -> None:
    told = compose_metadata(HERE)
    assert told["issuer"] == "https://idp.example"
    assert "RS256" in told["id_token_signing_alg_values_supported"]  # type: ignore[operator]  # a list
    assert told["response_types_supported"] == ["code"]
    assert told["subject_types_supported"] == ["pairwise", "public"]
    assert told["code_challenge_methods_supported"] == ["S256"]
    assert told["authorization_response_iss_parameter_supported"] is True
    assert told["request_uri_parameter_supported"] is True
    assert told["require_request_uri_registration"] is True
    assert told["end_session_endpoint"] == "https://idp.example/idp/profile/Logout"
    endpoints = {name: value for name, value in told.items() if name == "jwks_uri" or name.endswith("_endpoint")}
    assert len(endpoints) > 5
    assert all(str(value).startswith("https://idp.example/") for value in endpoints.values())


def test_what_servers_call_may_be_elsewhere_and_what_browsers_open_stays() -> None:
    usual, told = compose_metadata(HERE), compose_metadata(replace(HERE, backchannel="http://idp:8400"))
    moved = {name for name, value in told.items() if value != usual[name]}
    assert moved == {
        "token_endpoint",
        "userinfo_endpoint",
        "jwks_uri",
        "pushed_authorization_request_endpoint",
        "revocation_endpoint",
        "introspection_endpoint",
    }
    assert all(str(told[name]).startswith("http://idp:8400/") for name in moved)


def test_the_registration_endpoint_is_there_where_clients_may_register() -> None:
    assert "registration_endpoint" not in compose_metadata(HERE)
    told = compose_metadata(replace(HERE, backchannel="http://idp:8400", registers_clients=True))
    assert told["registration_endpoint"] == "http://idp:8400/idp/profile/oidc/register"


@pytest.mark.parametrize(
    ("issuer", "path"),
    [
        ("https://idp.example", "/.well-known/oauth-authorization-server"),
        ("https://idp.example/", "/.well-known/oauth-authorization-server"),
        ("https://idp.example/idp", "/.well-known/oauth-authorization-server/idp"),
    ],
)
def test_oauth_clients_find_it_between_host_and_path_of_the_issuer(issuer: str, path: str) -> None:
    assert oauth_metadata_path(issuer) == path


def test_the_endpoints_stay_at_the_host_when_the_issuer_has_the_known_quirk() -> None:
    told = compose_metadata(replace(HERE, issuer="https://idp.example/idp"))
    assert told["issuer"] == "https://idp.example/idp"
    assert told["authorization_endpoint"] == "https://idp.example/idp/profile/oidc/authorize"
