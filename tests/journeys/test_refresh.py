"""A refresh token becomes tokens, again and again; and what is tried against it."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.journeys.people import JOE, activate
from tests.journeys.visits import bring_back_code
from tests.support.browser import Browser
from tests.support.relying_party import RelyingParty, unverified_claims
from tests.support.sandbox import Sandbox

OFFLINE = "openid profile offline_access"
DAY = 24 * 60  # minutes


@pytest.fixture
def stays(ent: RelyingParty) -> RelyingParty:
    return RelyingParty(ent.base, "stays", "secret-of-the-one-that-stays", "http://localhost:8405/retour")


def begin(stays: RelyingParty, browser: Browser, sandbox: Sandbox, scope: str = "openid profile") -> dict[str, Any]:
    code = bring_back_code(stays, browser, activate(browser, sandbox, JOE), scope=scope)
    tokens: dict[str, Any] = stays.exchange(code).json()
    return tokens


def error_of(stays: RelyingParty, refresh_token: str) -> str:
    answer = stays.refresh(refresh_token)
    assert answer.status_code == 400, answer.text
    error: str = answer.json()["error"]
    return error


def test_each_refresh_brings_new_tokens_and_tells_the_same_person(
    browser: Browser, sandbox: Sandbox, stays: RelyingParty
) -> None:
    first = begin(stays, browser, sandbox)
    sandbox.advance(minutes=11)
    assert stays.userinfo(first["access_token"]).status_code == 401
    second = stays.refresh(first["refresh_token"]).json()
    sandbox.advance(minutes=11)
    third = stays.refresh(second["refresh_token"]).json()
    assert stays.userinfo(third["access_token"]).json()["family_name"] == "DUPONT"
    assert len({one["refresh_token"] for one in (first, second, third)}) == 3
    old, new = unverified_claims(first["id_token"]), unverified_claims(third["id_token"])
    same = ("iss", "sub", "aud", "auth_time", "acr", "amr", "sid")
    assert [old[name] for name in same] == [new[name] for name in same]
    assert new["iat"] >= old["iat"] + 22 * 60
    assert sandbox.events()[-2:] == ["tokens.refreshed", "tokens.refreshed"]


def test_fifty_refreshes_at_once_bring_one_successor(browser: Browser, sandbox: Sandbox, stays: RelyingParty) -> None:
    first = begin(stays, browser, sandbox)
    parties = [RelyingParty(stays.base, stays.client_id, stays.client_secret) for _ in range(50)]
    with ThreadPoolExecutor(50) as pool:
        answers = list(pool.map(lambda one: one.refresh(first["refresh_token"]), parties))
    assert [answer.status_code for answer in answers] == [200] * 50
    assert len({answer.json()["refresh_token"] for answer in answers}) == 1
    assert len({answer.json()["access_token"] for answer in answers}) == 50
    assert stays.refresh(answers[0].json()["refresh_token"]).status_code == 200


def test_a_lost_answer_can_be_asked_for_again_for_thirty_seconds(
    browser: Browser, sandbox: Sandbox, stays: RelyingParty
) -> None:
    first = begin(stays, browser, sandbox)
    lost = stays.refresh(first["refresh_token"]).json()
    sandbox.advance(seconds=29)
    assert stays.refresh(first["refresh_token"]).json()["refresh_token"] == lost["refresh_token"]


def test_a_copy_used_later_ends_everything_that_came_from_the_code(
    browser: Browser, sandbox: Sandbox, stays: RelyingParty
) -> None:
    first = begin(stays, browser, sandbox, OFFLINE)
    second = stays.refresh(first["refresh_token"]).json()
    sandbox.advance(seconds=31)
    assert error_of(stays, first["refresh_token"]) == "invalid_grant"
    assert error_of(stays, second["refresh_token"]) == "invalid_grant"
    assert stays.userinfo(second["access_token"]).status_code == 401
    assert "refresh-token.replayed" in sandbox.events()


def test_another_client_gets_nothing_and_kills_nothing(browser: Browser, sandbox: Sandbox, stays: RelyingParty) -> None:
    first = begin(stays, browser, sandbox)
    assert RelyingParty(stays.base).refresh(first["refresh_token"]).json()["error"] == "unauthorized_client"
    assert RelyingParty(stays.base, "stays", "guessed").refresh(first["refresh_token"]).status_code == 401
    assert stays.refresh(first["refresh_token"]).status_code == 200


def test_a_code_shown_again_takes_its_refresh_token_away(
    browser: Browser, sandbox: Sandbox, stays: RelyingParty
) -> None:
    code = bring_back_code(stays, browser, activate(browser, sandbox, JOE), scope=OFFLINE)
    first = stays.exchange(code).json()
    assert stays.exchange(code).status_code == 400
    assert error_of(stays, first["refresh_token"]) == "invalid_grant"


def sign_out(stays: RelyingParty, browser: Browser, tokens: dict[str, Any]) -> None:
    browser.open(f"{stays.base}/idp/profile/Logout?id_token_hint={tokens['id_token']}")


def test_signing_out_ends_a_refresh_token_unless_it_is_offline(
    browser: Browser, other_browser: Browser, sandbox: Sandbox, stays: RelyingParty
) -> None:
    identifiant = activate(browser, sandbox, JOE)
    bound = stays.exchange(bring_back_code(stays, browser, identifiant)).json()
    offline = stays.exchange(bring_back_code(stays, other_browser, identifiant, scope=OFFLINE)).json()
    sign_out(stays, browser, bound)
    sign_out(stays, other_browser, offline)
    assert error_of(stays, bound["refresh_token"]) == "invalid_grant"
    assert stays.userinfo(offline["access_token"]).status_code == 401
    again = stays.refresh(offline["refresh_token"]).json()
    assert stays.userinfo(again["access_token"]).json()["family_name"] == "DUPONT"


def test_an_offline_token_lives_thirty_days_and_its_successors_no_longer(
    browser: Browser, sandbox: Sandbox, stays: RelyingParty
) -> None:
    first = begin(stays, browser, sandbox, OFFLINE)
    sandbox.advance(minutes=29 * DAY)
    second = stays.refresh(first["refresh_token"]).json()
    sandbox.advance(minutes=DAY + 1)
    assert error_of(stays, second["refresh_token"]) == "invalid_grant"


def test_a_client_may_have_lives_of_its_own_for_what_it_gets(
    browser: Browser, sandbox: Sandbox, ent: RelyingParty
) -> None:
    hurried = RelyingParty(ent.base, "frene", "secret-of-the-hurried-one", "http://localhost:8407/retour")
    first = begin(hurried, browser, sandbox, OFFLINE)
    told = unverified_claims(first["id_token"])
    assert (first["expires_in"], told["exp"] - told["iat"]) == (90, 60)
    assert hurried.userinfo(first["access_token"]).status_code == 200
    sandbox.advance(seconds=91)
    assert hurried.userinfo(first["access_token"]).status_code == 401
    second = hurried.refresh(first["refresh_token"]).json()
    sandbox.advance(minutes=2 * DAY)
    assert error_of(hurried, second["refresh_token"]) == "invalid_grant"


def test_without_offline_access_it_dies_with_the_eight_hours_of_the_session(
    browser: Browser, sandbox: Sandbox, stays: RelyingParty
) -> None:
    first = begin(stays, browser, sandbox)
    sandbox.advance(minutes=8 * 60 + 1)
    assert error_of(stays, first["refresh_token"]) == "invalid_grant"


def test_a_client_that_may_not_ask_for_offline_access_gets_its_code_without(
    browser: Browser, sandbox: Sandbox, ent: RelyingParty
) -> None:
    tokens = ent.exchange(bring_back_code(ent, browser, activate(browser, sandbox, JOE), scope=OFFLINE)).json()
    assert (tokens["scope"], "refresh_token" in tokens) == ("openid profile", False)
