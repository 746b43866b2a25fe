"""An ENT that asks for single claims, for one person, or for one way of signing in (OpenID Connect Core 1.0 section 5.5)."""

import json
from typing import Any

import pytest

from tests.journeys.people import ANGELA, JOE, activate
from tests.journeys.visits import bring_back_code, come_from, sign_in
from tests.support.browser import Browser
from tests.support.relying_party import RelyingParty, answer_in, unverified_claims
from tests.support.sandbox import Sandbox
from tests.support.server import RunningServer


def claims(**members: dict[str, Any]) -> str:
    return json.dumps(members)


def tokens(ent: RelyingParty, browser: Browser, identifiant: str, **changes: str) -> dict[str, Any]:
    answer: dict[str, Any] = ent.exchange(bring_back_code(ent, browser, identifiant, **changes)).json()
    return answer


def subject(ent: RelyingParty, browser: Browser, identifiant: str) -> str:
    return str(unverified_claims(tokens(ent, browser, identifiant)["id_token"])["sub"])


def test_single_claims_are_told_where_they_were_asked_for(
    browser: Browser, sandbox: Sandbox, ent: RelyingParty
) -> None:
    asked = claims(userinfo={"given_name": {"essential": True}, "shoe_size": None}, id_token={"family_name": None})
    answer = tokens(ent, browser, activate(browser, sandbox, JOE), scope="openid", claims=asked)
    told = ent.userinfo(answer["access_token"]).json()
    assert set(told) == {"sub", "given_name"}
    id_token = unverified_claims(answer["id_token"])
    assert id_token["family_name"] == "DUPONT"
    assert "given_name" not in id_token


def test_nobody_is_told_what_its_scopes_do_not_hold_or_its_policy_omits(
    browser: Browser, sandbox: Sandbox, ent: RelyingParty, server: RunningServer
) -> None:
    identifiant = activate(browser, sandbox, JOE)
    asked = claims(userinfo={"FrEduCtEleveINE": None, "FrEduOrigAuth": None, "given_name": None})
    answer = tokens(ent, browser, identifiant, scope="openid", claims=asked)
    assert set(ent.userinfo(answer["access_token"]).json()) == {"sub", "FrEduOrigAuth", "given_name"}
    rich = RelyingParty(server.base, "rich", "secret-of-the-rich", "http://localhost:8404/")
    browser.open(rich.authorization_uri(scope="openid", claims=asked))
    answer = rich.exchange(answer_in(browser.left_to)["code"]).json()
    assert set(rich.userinfo(answer["access_token"]).json()) == {"sub", "FrEduOrigAuth"}


def test_what_is_malformed_is_told_to_the_client(browser: Browser, ent: RelyingParty) -> None:
    browser.open(ent.authorization_uri(claims="{userinfo"))
    assert answer_in(browser.left_to)["error"] == "invalid_request"


# --- for one person -------------------------------------------------------------------------------------------------------------------


def test_a_request_for_who_is_signed_in_is_answered_and_one_for_another_person_is_not(
    browser: Browser, sandbox: Sandbox, ent: RelyingParty
) -> None:
    joe = subject(ent, browser, activate(browser, sandbox, JOE))
    for sub, error in ((joe, None), ("somebody-else", "login_required")):
        browser.open(ent.authorization_uri(prompt="none", claims=claims(id_token={"sub": {"value": sub}})))
        assert answer_in(browser.left_to).get("error") == error


def test_the_person_that_is_asked_for_signs_in_over_another_one_and_nobody_else_brings_a_code(
    browser: Browser, other_browser: Browser, sandbox: Sandbox, ent: RelyingParty
) -> None:
    joe, angela = activate(browser, sandbox, JOE), activate(other_browser, sandbox, ANGELA)
    wanted = claims(id_token={"sub": {"value": subject(ent, other_browser, angela)}})
    bring_back_code(ent, browser, joe)
    come_from(ent, browser, claims=wanted)
    form = browser.prepare("j_username", {"j_username": joe, "j_password": "Cartable-Bleu-42"})
    for _ in range(2):  # a doubled press is answered alike
        browser.send(*form)
        answer = answer_in(browser.left_to)
        assert set(answer) == {"error", "error_description", "state", "iss"}
        assert answer["error"] == "login_required"
    come_from(ent, browser, claims=wanted)
    sign_in(browser, angela)
    assert ent.exchange(answer_in(browser.left_to)["code"]).status_code == 200


# --- for one way of signing in --------------------------------------------------------------------------------------------------------


def test_an_essential_acr_is_asked_for_at_its_door(browser: Browser, sandbox: Sandbox, ent: RelyingParty) -> None:
    identifiant = activate(browser, sandbox, JOE)
    wanted = claims(id_token={"acr": {"essential": True, "values": ["responsable"]}})
    page = browser.open(ent.authorization_uri(claims=wanted))
    assert page.h1 == "Je me connecte", "the door is chosen"
    sign_in(browser, identifiant)
    answer = ent.exchange(answer_in(browser.left_to)["code"]).json()
    assert unverified_claims(answer["id_token"])["acr"] == "responsable"
    browser.open(ent.authorization_uri(claims=wanted, prompt="none"))
    assert "code" in answer_in(browser.left_to)


@pytest.mark.parametrize(("prompt", "error"), [("none", "login_required"), (None, "unmet_authentication_requirements")])
def test_whoever_signed_in_by_another_door_brings_no_code(
    browser: Browser, sandbox: Sandbox, ent: RelyingParty, prompt: str | None, error: str
) -> None:
    identifiant = activate(browser, sandbox, JOE)
    bring_back_code(ent, browser, identifiant)
    wanted = claims(id_token={"acr": {"essential": True, "value": "eleve"}})
    page = browser.open(ent.authorization_uri(claims=wanted, prompt=prompt))
    if prompt is None:
        browser.open(f"{page.url}&profil=responsable")
        sign_in(browser, identifiant)
    assert answer_in(browser.left_to)["error"] == error


def test_an_acr_that_nobody_can_meet_is_refused_at_once(browser: Browser, ent: RelyingParty) -> None:
    browser.open(ent.authorization_uri(claims=claims(id_token={"acr": {"essential": True, "value": "eidas3"}})))
    assert answer_in(browser.left_to)["error"] == "unmet_authentication_requirements"
