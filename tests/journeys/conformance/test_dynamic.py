"""What the conformance suite asks of Dynamic and of third-party-initiated login: `docs/reference/conformance.md`."""

import json

import requests
from joserfc import jwt
from joserfc.jwk import RSAKey

from tests.journeys.conformance.suite import (
    KEY,
    NEXT_KEY,
    REDIRECT_URI,
    Suite,
)
from tests.support.client_site import Site

# --- Dynamic -----------------------------------------------------------------------------------------------------------------------------


def test_a_client_that_registered_a_key_signs_who_it_is_to_either_audience(suite: Suite) -> None:
    suite.registered_with_keys(id_token_signed_response_alg="RS256")
    suite.tokens()
    suite.checked(
        suite.ask_token(suite.base, grant_type="authorization_code", code=suite.code(), redirect_uri=REDIRECT_URI)
    )


def test_userinfo_is_signed_where_that_was_registered(suite: Suite) -> None:
    suite.registered_with_keys(userinfo_signed_response_alg="RS256")
    answer = suite.userinfo(suite.tokens()["access_token"])
    assert answer.headers["Content-Type"] == "application/jwt"
    token = jwt.decode(answer.text, suite.keys(), algorithms=["RS256"])
    assert (token.claims["iss"], token.claims["aud"]) == (suite.base, suite.client["client_id"])
    assert "nonce" not in token.claims


def test_without_a_redirect_uri_nobody_is_redirected(suite: Suite) -> None:
    suite.registered_with_keys(redirect_uris=[REDIRECT_URI, f"{REDIRECT_URI}/2"])
    page = suite.browser.open(suite.address(suite.request(redirect_uri=None)))
    assert (page.status, suite.browser.left_to) == (400, "")
    assert page.says("redirect_uri")


def test_a_query_that_was_registered_is_kept_and_no_other_is_taken(suite: Suite) -> None:
    suite.registered_with_keys()
    page = suite.browser.open(suite.address(suite.request(redirect_uri=f"{REDIRECT_URI}?foo=bar")))
    assert (page.status, suite.browser.left_to) == (400, "")
    suite.redirect_uri = f"{REDIRECT_URI}?foo=bar"
    suite.registered_with_keys()
    answer = suite.authorize()
    assert (answer["foo"], "code" in answer) == ("bar", True)
    page = suite.browser.open(suite.address(suite.request(redirect_uri=f"{REDIRECT_URI}?bar=foo")))
    assert (page.status, suite.browser.left_to) == (400, "")


def test_a_redirect_uri_with_a_fragment_is_not_registered(suite: Suite) -> None:
    answer = suite.try_to_register(redirect_uris=[f"{REDIRECT_URI}#foobar"])
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_redirect_uri")


def test_keys_at_a_jwks_uri_are_fetched_and_the_next_one_is_known_at_once(suite: Suite, site: Site) -> None:
    suite.registered_with_keys(jwks=None, jwks_uri=show(site, KEY), grant_types=["authorization_code", "refresh_token"])
    tokens = suite.tokens(scope="openid offline_access", prompt="consent")
    show(site, NEXT_KEY)
    suite.checked(suite.refresh(tokens["refresh_token"], key=NEXT_KEY))


def show(site: Site, key: RSAKey) -> str:
    return site.put("/jwks", json.dumps({"keys": [key.as_dict(private=False)]}))


def test_logo_policy_and_terms_are_shown_where_the_person_signs_in(suite: Suite) -> None:
    own = REDIRECT_URI.removesuffix("/callback")
    shown = {"logo_uri": f"{own}/logo.png", "policy_uri": f"{own}/policy", "tos_uri": f"{own}/terms"}
    registered = suite.registered_with_keys(**shown)
    assert {name: registered[name] for name in shown} == shown
    page = suite.browser.open(suite.address(suite.request(acr_values="responsable")))
    assert page.h1 == "Je me connecte"
    assert page.link("Ce que preau 1234 fait de vos données") == shown["policy_uri"]
    assert page.link("Les règles de preau 1234") == shown["tos_uri"]
    assert f'<img src="{shown["logo_uri"]}"' in page.html


def test_nothing_of_another_place_stands_beside_the_password_of_a_client_that_registered_itself(suite: Suite) -> None:
    there = "https://other.example"
    kept = {"logo_uri": f"{there}/logo.png", "policy_uri": f"{there}/policy", "tos_uri": f"{there}/terms"}
    registered = suite.registered_with_keys(**kept)
    assert {name: registered[name] for name in kept} == kept, "kept and told"
    page = suite.browser.open(suite.address(suite.request(acr_values="responsable")))
    assert page.h1 == "Je me connecte"
    assert there not in page.html, "a logo may be borrowed, and a link lead to a page that asks for a password too"


def test_a_sector_must_list_the_redirect_uris(suite: Suite, site: Site) -> None:
    address = site.put("/redirect_uris.json", json.dumps([REDIRECT_URI]))
    suite.registered_with_keys(subject_type="pairwise", sector_identifier_uri=address)
    site.put("/redirect_uris.json", json.dumps(["https://other.example/callback"]))
    answer = suite.try_to_register(subject_type="pairwise", sector_identifier_uri=address)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_client_metadata")


def test_a_signed_request_is_fetched_from_where_it_is_registered(suite: Suite, site: Site) -> None:
    uri = f"{site.uri('/request.jwt')}#{'a' * 43}"
    suite.registered_with_keys(request_uris=[uri], request_object_signing_alg="RS256")
    inside = suite.request() | {"iss": suite.client["client_id"], "aud": suite.base}
    site.put("/request.jwt", jwt.encode({"alg": "RS256"}, inside, KEY), "application/jwt")
    outside = {name: suite.request()[name] for name in ("client_id", "response_type", "scope", "redirect_uri")}
    answer = suite.walk(suite.browser.open(suite.address(outside | {"request_uri": uri})))
    assert (answer["state"], "code" in answer) == ("state-of-the-suite", True)


def test_another_key_signs_and_the_former_one_stays_published(suite: Suite) -> None:
    suite.register()
    suite.tokens()
    before = {key.kid for key in suite.keys().keys}
    suite.sandbox.advance(minutes=3)  # as long as every process needs to publish the next key
    [signs] = [one["active"] for one in suite.sandbox.do("POST", "keys/rotate") if one["algorithm"] == "RS256"]
    suite.sandbox.advance(seconds=61)
    after = {key.kid for key in suite.keys().keys}
    assert before < after, "a key that nobody knew, and every one that they knew"
    assert jwt.decode(suite.tokens()["id_token"], suite.keys(), algorithms=["RS256"]).header["kid"] == signs


# --- third-party-initiated login ---------------------------------------------------------------------------------------------------------


def test_initiate_login_uri_is_kept_and_told_and_is_https_alone(suite: Suite) -> None:
    uri = "https://ent.example/initiate-login"
    registered = suite.register(initiate_login_uri=uri)
    assert registered["initiate_login_uri"] == uri
    bearer = {"Authorization": f"Bearer {registered['registration_access_token']}"}
    read = requests.get(registered["registration_client_uri"], headers=bearer, timeout=20)
    assert (read.status_code, read.headers["Content-Type"]) == (200, "application/json")
    assert read.json()["initiate_login_uri"] == uri
    for plain in ("http://ent.example/initiate-login", "http://ent.localhost:8413/initiate-login"):
        refused = suite.try_to_register(initiate_login_uri=plain)
        assert (refused.status_code, refused.json()["error"]) == (400, "invalid_client_metadata")
