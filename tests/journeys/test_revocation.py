"""A client gives a token back, and asks what a token is."""

from typing import Any

import pytest
import requests

from tests.journeys.people import JOE, activate
from tests.journeys.visits import bring_back_code
from tests.support.browser import Browser
from tests.support.relying_party import RelyingParty, unverified_claims
from tests.support.sandbox import Sandbox


@pytest.fixture
def stays(ent: RelyingParty) -> RelyingParty:
    return RelyingParty(ent.base, "stays", "secret-of-the-one-that-stays", "http://localhost:8405/retour")


@pytest.fixture
def tokens(stays: RelyingParty, browser: Browser, sandbox: Sandbox) -> dict[str, Any]:
    code = bring_back_code(stays, browser, activate(browser, sandbox, JOE))
    made: dict[str, Any] = stays.exchange(code).json()
    return made


def ask(party: RelyingParty, endpoint: str, token: str, **more: str) -> requests.Response:
    told = requests.get(f"{party.base}/.well-known/openid-configuration", timeout=20).json()
    auth = (party.client_id, party.client_secret)
    return requests.post(told[f"{endpoint}_endpoint"], data={"token": token, **more}, auth=auth, timeout=20)


def test_an_access_token_given_back_opens_nothing_and_the_refresh_token_stays(
    stays: RelyingParty, tokens: dict[str, Any], sandbox: Sandbox
) -> None:
    answer = ask(stays, "revocation", tokens["access_token"])
    assert (answer.status_code, answer.content) == (200, b"")
    assert "Content-Type" not in answer.headers, "oidc-client-ts takes an empty page for an error"
    assert stays.userinfo(tokens["access_token"]).status_code == 401
    assert sandbox.events()[-1] == "token.revoked"
    assert stays.refresh(tokens["refresh_token"]).status_code == 200


@pytest.mark.parametrize("hint", ["refresh_token", "access_token", "", "something else"])
def test_a_refresh_token_given_back_takes_the_access_tokens_with_it_whatever_the_hint(
    stays: RelyingParty, tokens: dict[str, Any], hint: str
) -> None:
    again = stays.refresh(tokens["refresh_token"]).json()
    assert ask(stays, "revocation", again["refresh_token"], token_type_hint=hint).status_code == 200
    assert [stays.userinfo(one["access_token"]).status_code for one in (tokens, again)] == [401, 401]
    assert stays.refresh(again["refresh_token"]).json()["error"] == "invalid_grant"


def test_another_clients_token_stays_good(stays: RelyingParty, tokens: dict[str, Any], ent: RelyingParty) -> None:
    answer = ask(ent, "revocation", tokens["access_token"])
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")
    assert ask(RelyingParty(ent.base, "stays", "guessed"), "revocation", tokens["access_token"]).status_code == 401
    assert ask(ent, "revocation", "made up").status_code == 200
    assert stays.userinfo(tokens["access_token"]).status_code == 200


def test_what_a_token_is_good_for_is_told_to_its_own_client(
    stays: RelyingParty, tokens: dict[str, Any], ent: RelyingParty, sandbox: Sandbox
) -> None:
    claims = unverified_claims(tokens["id_token"])
    for name, token_type in (("access_token", "Bearer"), ("refresh_token", None)):
        told = ask(stays, "introspection", tokens[name]).json()
        assert (told["active"], told["client_id"], told["sub"]) == (True, "stays", claims["sub"])
        assert (told["iss"], told["auth_time"], told.get("token_type")) == (ent.base, claims["auth_time"], token_type)
    assert ask(ent, "introspection", tokens["access_token"]).json() == {"active": False}
    sandbox.advance(minutes=11)
    assert ask(stays, "introspection", tokens["access_token"]).json() == {"active": False}
    stays.refresh(tokens["refresh_token"])
    assert ask(stays, "introspection", tokens["refresh_token"]).json() == {"active": False}, "it was exchanged"
