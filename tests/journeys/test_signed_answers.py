"""A client that is registered for signed answers: its access token and userinfo are JWTs, and everything else stays as it is."""

from typing import Any

import pytest
import requests
from joserfc import jwt
from joserfc.jwk import KeySet

from tests.journeys.people import JOE, activate
from tests.journeys.visits import bring_back_code
from tests.support.browser import Browser
from tests.support.relying_party import RelyingParty, unverified_claims
from tests.support.sandbox import Sandbox


@pytest.fixture
def signs(ent: RelyingParty) -> RelyingParty:
    return RelyingParty(ent.base, "sorbier", "secret-of-the-one-that-signs", "http://localhost:8406/retour")


@pytest.fixture
def tokens(signs: RelyingParty, browser: Browser, sandbox: Sandbox) -> dict[str, Any]:
    made: dict[str, Any] = signs.exchange(bring_back_code(signs, browser, activate(browser, sandbox, JOE))).json()
    return made


def published(base: str) -> KeySet:
    return KeySet.import_key_set(requests.get(f"{base}/idp/profile/oidc/jwks", timeout=20).json())


def test_the_access_token_can_be_read_by_whoever_knows_the_keys(signs: RelyingParty, tokens: dict[str, Any]) -> None:
    token = jwt.decode(tokens["access_token"], published(signs.base), algorithms=["RS256"])
    assert (token.header["typ"], token.claims["client_id"], token.claims["iss"]) == ("at+jwt", "sorbier", signs.base)
    assert token.claims["sub"] == unverified_claims(tokens["id_token"])["sub"]


def test_userinfo_is_signed_for_this_client(signs: RelyingParty, tokens: dict[str, Any]) -> None:
    answer = signs.userinfo(tokens["access_token"])
    assert answer.headers["Content-Type"] == "application/jwt"
    claims = jwt.decode(answer.text, published(signs.base), algorithms=["ES256"]).claims
    assert (claims["iss"], claims["aud"], claims["family_name"]) == (signs.base, "sorbier", "DUPONT")
    assert claims["sub"] == unverified_claims(tokens["id_token"])["sub"]


def test_it_dies_when_the_session_ends_though_its_signature_is_good(
    signs: RelyingParty, tokens: dict[str, Any], browser: Browser
) -> None:
    browser.open(f"{signs.base}/idp/profile/Logout?id_token_hint={tokens['id_token']}")
    assert signs.userinfo(tokens["access_token"]).status_code == 401


def test_neither_token_signs_anybody_out(signs: RelyingParty, tokens: dict[str, Any], browser: Browser) -> None:
    for token in (tokens["access_token"], signs.userinfo(tokens["access_token"]).text):
        page = browser.open(f"{signs.base}/idp/profile/Logout?id_token_hint={token}")
        assert page.status == 400
    assert signs.userinfo(tokens["access_token"]).status_code == 200
