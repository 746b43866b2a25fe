"""What the conformance suite asks of Basic, Form Post and Config, asked as it does: `docs/reference/conformance.md`.

The suite itself is not run here.
"""

import json
import re

import pytest
import requests
from authlib.oidc.discovery import OpenIDProviderMetadata

from tests.journeys.conformance.suite import (
    REDIRECT_URI,
    Suite,
)
from tests.journeys.test_claims import ALL_MADE_UP, MADE_UP
from tests.support.relying_party import VERIFIER, challenge, unverified_claims
from tests.support.server import RunningServer

# --- Basic, and Form Post --------------------------------------------------------------------------------------------------------------


def test_the_code_flow_without_pkce(basic: Suite) -> None:
    code = basic.code()
    assert len(code) >= 22, "128 bits"
    tokens = basic.checked(basic.exchange(code), nonce="nonce-of-the-suite")
    assert basic.userinfo(tokens["access_token"]).status_code == 200


def test_client_secret_post(server: RunningServer) -> None:
    suite = Suite(server.base)
    suite.register(token_endpoint_auth_method="client_secret_post")
    suite.tokens()


def test_without_response_type_the_client_is_told(basic: Suite) -> None:
    answer = basic.authorize(response_type=None)
    assert answer["error"] in {"invalid_request", "unsupported_response_type"}
    assert set(answer) == {"error", "error_description", "state", "iss"}


@pytest.mark.parametrize("how", ["GET", "POST with the header", "POST with the body"])
def test_userinfo_answers_however_the_token_comes(basic: Suite, how: str) -> None:
    tokens = basic.tokens()
    answer = basic.userinfo(tokens["access_token"], how)
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "application/json")
    assert answer.json()["sub"] == unverified_claims(tokens["id_token"])["sub"]


@pytest.mark.parametrize("mode", ["query", "form_post"])
def test_a_request_with_neither_nonce_nor_pkce_succeeds_for_a_client_that_may(server: RunningServer, mode: str) -> None:
    suite = Suite(server.base, mode)
    suite.client = {
        "client_id": "neither",
        "client_secret": "secret-of-the-one-that-sends-neither",
        "token_endpoint_auth_method": "client_secret_basic",
    }
    tokens = suite.tokens(nonce=None)
    assert "nonce" not in unverified_claims(tokens["id_token"])


@pytest.mark.parametrize("scope", ["profile", "email", "address", "phone", "email phone address profile"])
def test_each_scope_releases_all_its_claims_at_userinfo(basic: Suite, scope: str) -> None:
    basic.sandbox.make_up(basic.identifiant, **ALL_MADE_UP)
    wanted: set[str] = set().union(*(MADE_UP[one] for one in scope.split()))
    wanted |= {"given_name", "family_name"} if "profile" in scope else set()
    told = basic.told(scope=f"openid {scope}")
    assert set(told) == wanted
    assert basic.told(scope=" ".join([*scope.split(), "openid"])) == told, "whatever the order"


def test_the_order_of_parameters_makes_no_difference(basic: Suite) -> None:
    backwards = dict(reversed(basic.request().items()))
    assert "code" in basic.walk(basic.browser.open(basic.address(backwards)))


@pytest.mark.parametrize(
    "hint",
    [
        {"display": "page"},
        {"display": "popup"},
        {"ui_locales": "se"},
        {"claims_locales": "se"},
        {"login_hint": "buffy@suite.example"},
        {"extra": "foobar"},
        {"code_challenge": challenge(), "code_challenge_method": "S256"},
    ],
    ids=lambda hint: next(iter(hint)),
)
def test_no_hint_and_no_unknown_parameter_fails(basic: Suite, hint: dict[str, str]) -> None:
    verifier = {"code_verifier": VERIFIER} if "code_challenge" in hint else {}
    basic.checked(basic.exchange(basic.code(**hint), **verifier))


def test_of_the_acr_values_that_are_asked_for_one_is_told(basic: Suite) -> None:
    published = basic.metadata()["acr_values_supported"]
    tokens = basic.tokens(acr_values=" ".join(published))
    assert unverified_claims(tokens["id_token"])["acr"] in published


def test_a_request_by_post_succeeds(basic: Suite) -> None:
    assert "code" in basic.walk(basic.browser.send(basic.endpoint("authorization_endpoint"), basic.request()))


def test_prompt_login_asks_again_and_auth_time_is_later(basic: Suite) -> None:
    first = unverified_claims(basic.tokens()["id_token"])
    basic.sandbox.advance(seconds=1)
    second = unverified_claims(basic.tokens(prompt="login")["id_token"])
    assert basic.asked_to_sign_in == 2
    assert second["auth_time"] > first["auth_time"]


def test_prompt_none_without_a_session_is_refused_and_state_comes_back_whole(basic: Suite) -> None:
    state = "s" * 128
    answer = basic.authorize(prompt="none", state=state)
    assert (answer["error"], answer["state"]) == ("login_required", state)


@pytest.mark.parametrize("hints", [False, True], ids=["alone", "with the hint of the first ID token"])
def test_prompt_none_after_a_sign_in_is_silent_and_the_same_person(basic: Suite, hints: bool) -> None:
    first = basic.tokens()["id_token"]
    basic.sandbox.advance(seconds=3)
    again = basic.tokens(prompt="none", **({"id_token_hint": first} if hints else {}))["id_token"]
    assert basic.asked_to_sign_in == 1
    one, other = unverified_claims(first), unverified_claims(again)
    assert (one["sub"], one["auth_time"]) == (other["sub"], other["auth_time"])


def test_max_age_1_asks_again_two_seconds_later(basic: Suite) -> None:
    first = unverified_claims(basic.tokens()["id_token"])
    basic.sandbox.advance(seconds=2)
    second = unverified_claims(basic.tokens(max_age="1")["id_token"])
    assert basic.asked_to_sign_in == 2
    assert second["auth_time"] > first["auth_time"]


def test_max_age_10000_does_not_and_auth_time_stays(basic: Suite) -> None:
    first = unverified_claims(basic.tokens(max_age="15000")["id_token"])
    basic.sandbox.advance(seconds=2)
    second = unverified_claims(basic.tokens(max_age="10000")["id_token"])
    assert basic.asked_to_sign_in == 1
    assert (first["sub"], first["auth_time"]) == (second["sub"], second["auth_time"])


@pytest.mark.parametrize("seconds", [0, 30])
def test_a_code_used_again_is_refused_and_its_token_ends(basic: Suite, seconds: int) -> None:
    code = basic.code()
    tokens = basic.checked(basic.exchange(code))
    basic.sandbox.advance(seconds=seconds)
    again = basic.exchange(code)
    assert (again.status_code, again.json()["error"]) == (400, "invalid_grant")
    assert basic.userinfo(tokens["access_token"]).status_code == 401


def test_a_redirect_uri_that_is_not_registered_is_shown_with_its_cause(basic: Suite) -> None:
    page = basic.browser.open(basic.address(basic.request(redirect_uri=f"{REDIRECT_URI}/x7Rq")))
    assert (page.status, basic.browser.left_to) == (400, "")
    assert page.says("redirect_uri")


def test_the_name_that_is_essential_is_told_at_userinfo(basic: Suite) -> None:
    basic.sandbox.make_up(basic.identifiant, **ALL_MADE_UP)
    asked = json.dumps({"userinfo": {"name": {"essential": True}}})
    assert basic.told(claims=asked) == {"name": ALL_MADE_UP["name"]}


def test_a_refresh_brings_other_tokens_of_the_same_sign_in_and_is_its_clients_alone(basic: Suite) -> None:
    grants = ["authorization_code", "refresh_token"]
    basic.register(grant_types=grants)
    asked = {"scope": "openid offline_access", "prompt": "consent"}
    first = basic.tokens(**asked)
    assert re.fullmatch(r"[\x20-\x7e]{22,}", first["refresh_token"])
    basic.sandbox.advance(seconds=2)
    second = basic.checked(basic.refresh(first["refresh_token"]))
    assert second["access_token"] != first["access_token"]
    one, other = unverified_claims(first["id_token"]), unverified_claims(second["id_token"])
    assert other["iat"] > one["iat"]
    assert all(one.get(name) == other.get(name) for name in ("iss", "sub", "aud", "auth_time", "azp"))
    assert basic.userinfo(second["access_token"]).status_code == 200
    basic.register(grant_types=grants)
    refused = basic.refresh(second["refresh_token"])
    assert (refused.status_code, refused.json()["error"]) == (400, "invalid_grant")


# --- Config, and what every plan looks at first ------------------------------------------------------------------------------------------


def test_discovery_has_what_the_plan_config_looks_for(suite: Suite) -> None:
    answer = requests.get(f"{suite.base}/.well-known/openid-configuration", timeout=20)
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "application/json")
    told = answer.json()
    OpenIDProviderMetadata(
        {**told, **{name: f"https{value[4:]}" for name, value in told.items() if named(name)}}
    ).validate()
    assert told["issuer"] == suite.base
    assert {"openid", "profile", "email", "address", "phone", "offline_access"} <= set(told["scopes_supported"])
    assert "RS256" in told["userinfo_signing_alg_values_supported"]
    assert "RS256" in told["request_object_signing_alg_values_supported"]
    assert "none" not in [
        *told["request_object_signing_alg_values_supported"],
        *told["id_token_signing_alg_values_supported"],
    ]
    assert {"authorization_code", "refresh_token"} <= set(told["grant_types_supported"])
    assert told["claims_supported"]
    for feature in ("backchannel_logout", "frontchannel_logout"):
        assert told[f"{feature}_supported"] is told[f"{feature}_session_supported"] is True


def named(member: str) -> bool:
    return member == "issuer" or member == "jwks_uri" or member.endswith("_endpoint")


def test_each_published_key_has_a_kid_of_its_own_and_nothing_private(suite: Suite) -> None:
    keys = requests.get(suite.endpoint("jwks_uri"), timeout=20).json()["keys"]
    assert len({key["kid"] for key in keys}) == len(keys)
    assert all({"d", "p", "q", "dp", "dq", "qi", "k"}.isdisjoint(key) for key in keys)
