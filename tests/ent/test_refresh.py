"""RFC 6749, 6 and OpenID Connect Core 1.0, 11 and 12: the refresh token, what a refresh may not change, and what ends the session."""

import json
import re
import threading
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from flask import Response
from joserfc import jwt

from ent_client.refresh import REFRESH_CHECKS
from tests.ent.conftest import Person, World, csrf_of, words
from tests.ent.provider import EC_KEY, OTHER_RSA_KEY, RSA_KEY
from tests.ent.test_backchannel_logout import is_signed_in, tell
from tests.ent.test_checks import change
from tests.ent.test_private_key_jwt import P256, pem, use_key

BUTTON = "Renouveler les jetons"


@pytest.fixture
def world(world: World) -> World:
    world.rebuild(scope="openid profile ect.scope.cnx offline_access", session_seconds=7200)
    return world


def press(person: Person) -> requests.Response:
    """Press the button of the Diagnostic page."""
    return person.send("/renouvellement", csrf=csrf_of(person.open("/diagnostic")))


def renewal_of(page: requests.Response) -> dict[str, str]:
    """The checks of the last renewal on the Diagnostic page, by code."""
    part = page.text.split('id="renouvellement"')[1].split("</ol>")[0]
    return {code: state for state, code in re.findall(r'class="controle (\w+)" data-controle="([^"]+)"', part)}


def refused_check(page: requests.Response) -> str:
    """The check that refused a renewal, on the Diagnostic page of somebody who is no longer signed in."""
    assert "Se déconnecter" not in words(page)
    (found,) = re.findall(r'class="controle refuse" data-controle="([^"]+)"', page.text)
    return str(found)


def refreshes(world: World) -> int:
    return len(world.provider.spent_refresh_tokens)


# --- asking for it ------------------------------------------------------------------------------------------------------------------------


def test_offline_access_is_asked_with_consent_and_only_when_the_setting_says_so(world: World, joe: Person) -> None:
    sent = parse_qs(urlsplit(joe.start()).query)
    assert sent["scope"] == ["openid profile ect.scope.cnx offline_access"]
    assert sent["prompt"] == ["consent"]
    world.rebuild(scope="openid profile ect.scope.cnx")
    assert "prompt" not in parse_qs(urlsplit(joe.start()).query)


def test_without_a_refresh_token_there_is_no_button_and_nothing_happens(world: World, joe: Person) -> None:
    world.rebuild(scope="openid profile ect.scope.cnx")
    csrf = csrf_of(joe.sign_in())
    assert BUTTON not in words(joe.open("/diagnostic"))
    assert joe.send("/renouvellement", csrf=csrf).status_code == 400
    world.clock.advance(minutes=30)
    assert is_signed_in(joe)
    assert world.provider.seen.count("token") == 1


# --- the button ---------------------------------------------------------------------------------------------------------------------------


def test_the_button_renews_and_shows_every_check_and_the_new_token(world: World, joe: Person) -> None:
    joe.sign_in()
    world.clock.advance(minutes=2)
    page = press(joe)
    assert page.url == world.ent + "/diagnostic"
    assert renewal_of(page) == {check.code: "reussi" for check in REFRESH_CHECKS} | {
        "discovery_issuer": "reussi",
        "discovery_endpoints": "reussi",
    }
    moment = int(world.clock.now().timestamp())
    assert words(page).count(f'"iat": {moment}') == 1
    assert words(page).count(f'"iat": {moment - 120}') == 1
    assert is_signed_in(joe)


def test_each_renewal_uses_the_last_refresh_token(world: World, joe: Person) -> None:
    joe.sign_in()
    for _ in range(3):
        assert "refuse" not in renewal_of(press(joe)).values()
    assert len(set(world.provider.spent_refresh_tokens)) == 3
    assert len(world.provider.refresh_tokens) == 1


def test_a_refresh_token_that_is_not_rotated_is_kept(world: World, joe: Person) -> None:
    joe.sign_in()
    (token,) = world.provider.refresh_tokens
    world.provider.bend_token = change(refresh_token=None)
    press(joe)
    world.provider.refresh_tokens[token] = world.provider.refresh_tokens.popitem()[1]
    press(joe)
    assert world.provider.spent_refresh_tokens == [token, token]
    assert is_signed_in(joe)


def test_nobody_renews_by_another_page_or_without_being_signed_in(world: World, joe: Person) -> None:
    assert joe.send("/renouvellement", follow=False).headers["Location"] == "/"
    joe.sign_in()
    assert joe.send("/renouvellement", csrf="forged").status_code == 403
    assert joe.open("/renouvellement").status_code == 405
    assert refreshes(world) == 0


def test_the_hint_of_the_logout_is_the_last_id_token(world: World, joe: Person) -> None:
    joe.sign_in()
    joe.send("/deconnexion", csrf=csrf_of(press(joe)))
    assert world.provider.logout_requests[0]["id_token_hint"] == world.provider.id_tokens[1]


def test_a_renewed_session_is_still_ended_by_its_sid(world: World, joe: Person) -> None:
    joe.sign_in()
    press(joe)
    tell(world, world.provider.logout_token(sub=None))
    assert not is_signed_in(joe)


# --- an access token that has expired -----------------------------------------------------------------------------------------------------


def test_the_next_page_renews_when_the_access_token_has_expired_and_not_before(world: World, joe: Person) -> None:
    joe.sign_in()
    world.clock.advance(seconds=599)
    assert is_signed_in(joe)
    assert refreshes(world) == 0
    world.clock.advance(seconds=1)
    assert is_signed_in(joe)
    assert refreshes(world) == 1
    assert is_signed_in(joe)
    assert refreshes(world) == 1


@pytest.mark.parametrize("lifetime", [None, "600", 0, -1, 1e300])
def test_a_provider_that_does_not_say_when_is_not_asked_again(world: World, joe: Person, lifetime: Any) -> None:
    world.provider.bend_token = change(expires_in=lifetime)
    joe.sign_in()
    world.clock.advance(minutes=100)
    assert is_signed_in(joe)
    assert refreshes(world) == 0


def test_two_tabs_renew_once(world: World, joe: Person) -> None:
    joe.sign_in()
    world.clock.advance(minutes=10)
    with held(world, "token"):
        tabs = open_tabs(joe, 4)
        wait_for(world, "token", 2)
    assert all("Bonjour" in words(tab.result()) for tab in tabs)
    assert refreshes(world) == 1


def test_two_tabs_whose_renewal_is_refused_ask_once(world: World, joe: Person) -> None:
    joe.sign_in()
    world.provider.refresh_tokens.clear()
    world.clock.advance(minutes=10)
    with held(world, "token"):
        tabs = open_tabs(joe, 4)
        wait_for(world, "token", 2)
    assert all("Bienvenue" in words(tab.result()) for tab in tabs)
    assert world.provider.seen.count("token") == 2


def test_a_session_that_the_provider_ends_during_a_renewal_is_shown_no_more(world: World, joe: Person) -> None:
    joe.sign_in()
    world.clock.advance(minutes=10)
    with held(world, "token"):
        tabs = open_tabs(joe, 2)
        wait_for(world, "token", 2)
        tell(world, world.provider.logout_token())
    assert all("Bienvenue" in words(tab.result()) for tab in tabs)


def open_tabs(person: Person, count: int) -> list[Future[requests.Response]]:
    """Open the home page several times at once, in one browser."""
    cookies = person.http.cookies.get_dict()
    pool = ThreadPoolExecutor(count)
    tabs = [pool.submit(requests.get, person.ent, cookies=cookies, timeout=10) for _ in range(count)]
    pool.shutdown(wait=False)
    return tabs


@contextmanager
def held(world: World, endpoint: str) -> Iterator[None]:
    """Keep the provider's answers back meanwhile."""
    world.provider.released.clear()
    world.provider.hang_at = endpoint
    yield
    world.provider.hang_at = ""
    world.provider.released.set()


def wait_for(world: World, endpoint: str, count: int) -> None:
    tick = threading.Event()
    for _ in range(1000):
        if world.provider.seen.count(endpoint) >= count:
            return
        tick.wait(0.01)
    raise AssertionError(endpoint)


# --- what ends the session ----------------------------------------------------------------------------------------------------------------


def test_a_refresh_that_the_provider_refuses_ends_the_session(world: World, joe: Person) -> None:
    joe.sign_in()
    world.provider.refresh_tokens.clear()
    world.clock.advance(minutes=10)
    assert "Bienvenue" in words(joe.open("/"))
    page = joe.open("/diagnostic")
    assert refused_check(page) == "token"
    assert "token endpoint : error = invalid_grant." in words(page)
    world.clock.advance(seconds=1)
    assert "Bonjour" in words(joe.sign_in())


def test_a_stolen_refresh_token_ends_the_session_of_whoever_comes_second(world: World, joe: Person) -> None:
    joe.sign_in()
    world.provider.spent_refresh_tokens.append(next(iter(world.provider.refresh_tokens)))
    world.provider.refresh_tokens.clear()
    assert refused_check(press(joe)) == "token"
    assert not is_signed_in(joe)


@pytest.mark.parametrize(
    ("bent", "check"),
    [
        ({"iss": "https://evil.example"}, "iss"),
        ({"sub": "somebody-else"}, "sub"),
        ({"sub": None}, "sub"),
        ({"aud": "other"}, "aud"),
        ({"aud": ["ent-marronnier", "other"]}, "aud"),
        ({"aud": None}, "aud"),
        ({"azp": "ent-marronnier"}, "azp"),
        ({"auth_time": 1930385405}, "auth_time"),
        ({"auth_time": "then"}, "auth_time"),
        ({"nonce": "another"}, "nonce"),
        ({"nonce": ""}, "nonce"),
        ({"at_hash": "another"}, "at_hash"),
        ({"exp": 1}, "exp"),
        ({"exp": None}, "exp"),
        ({"iat": None}, "iat"),
    ],
)
def test_a_new_id_token_that_changes_what_it_may_not_ends_the_session(
    world: World, joe: Person, bent: dict[str, Any], check: str
) -> None:
    joe.sign_in()
    world.clock.advance(minutes=2)
    world.provider.bend_claims = change(**bent)
    assert refused_check(press(joe)) == check
    assert not is_signed_in(joe)


@pytest.mark.parametrize("offset", [-61, 61])
def test_iat_is_the_time_of_the_refresh(world: World, joe: Person, offset: int) -> None:
    joe.sign_in()
    world.clock.advance(minutes=2)
    world.provider.bend_claims = change(iat=int(world.clock.now().timestamp()) + offset)
    assert refused_check(press(joe)) == "iat"


def test_an_azp_that_was_there_must_stay(world: World, joe: Person) -> None:
    world.provider.bend_claims = change(azp="ent-marronnier")
    joe.sign_in()
    assert "refuse" not in renewal_of(press(joe)).values()
    world.provider.bend_claims = change()
    assert refused_check(press(joe)) == "azp"


def test_an_acr_that_is_required_is_required_again(world: World, joe: Person) -> None:
    world.rebuild(expected_acr=("eidas1",))
    joe.sign_in()
    world.provider.bend_claims = change(acr="weak")
    assert refused_check(press(joe)) == "acr"


def test_a_signature_by_another_key_ends_the_session(world: World, joe: Person) -> None:
    joe.sign_in()
    world.provider.sign = lambda header, claims: jwt.encode(header, claims, OTHER_RSA_KEY)
    assert refused_check(press(joe)) == "signature"


def test_an_algorithm_that_is_not_ours_ends_the_session(world: World, joe: Person) -> None:
    world.rebuild(algorithms=("RS256",))
    joe.sign_in()
    world.provider.signing_key = EC_KEY
    assert refused_check(press(joe)) == "alg"


def test_userinfo_of_somebody_else_ends_the_session(world: World, joe: Person) -> None:
    joe.sign_in()
    world.provider.bend_userinfo = change(sub="somebody-else")
    assert refused_check(press(joe)) == "userinfo_sub"
    assert not is_signed_in(joe)


@pytest.mark.parametrize("bent", [{"token_type": "mac"}, {"access_token": None}])
def test_an_incomplete_response_ends_the_session(world: World, joe: Person, bent: dict[str, Any]) -> None:
    joe.sign_in()
    world.provider.bend_token = change(**bent)
    assert refused_check(press(joe)) == "refresh_response"


# --- forms that are accepted --------------------------------------------------------------------------------------------------------------


def test_the_other_forms_that_the_text_allows_are_accepted(world: World, joe: Person) -> None:
    joe.sign_in()
    (grant,) = world.provider.refresh_tokens.values()
    for bent in ({"nonce": grant.nonce}, {"aud": ["ent-marronnier"]}, {"auth_time": None}, {"at_hash": None}):
        world.provider.bend_claims = change(**bent)
        assert "refuse" not in renewal_of(press(joe)).values(), bent


def test_a_response_without_an_id_token_is_accepted_and_userinfo_is_still_compared(world: World, joe: Person) -> None:
    joe.sign_in()
    world.provider.bend_token = change(id_token=None)
    checks = renewal_of(press(joe))
    assert (checks["refresh_response"], checks["sub"], checks["userinfo_sub"]) == ("reussi", "attente", "reussi")
    assert joe.send("/deconnexion", csrf=csrf_of(joe.open("/"))).status_code == 200
    assert world.provider.logout_requests[0]["id_token_hint"] == world.provider.id_tokens[0]


def test_a_key_that_was_rotated_meanwhile_is_found(world: World, joe: Person) -> None:
    joe.sign_in()
    world.provider.signing_key = OTHER_RSA_KEY
    world.provider.published_keys = [RSA_KEY, OTHER_RSA_KEY]
    assert renewal_of(press(joe))["signature"] == "reussi"


# --- a provider in trouble ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "answer",
    [
        Response("", 503),
        Response("oops", 200),
        Response('{"error": "invalid_client"}', 401, content_type="application/json"),
        Response('{"error": "temporarily_unavailable"}', 400, content_type="application/json"),
    ],
    ids=["503", "nonsense", "invalid_client", "temporarily_unavailable"],
)
def test_a_trouble_of_the_provider_ends_no_session_and_is_left_alone_for_a_minute(
    world: World, joe: Person, answer: Response
) -> None:
    joe.sign_in()
    world.clock.advance(minutes=10)
    world.provider.break_at = {"token": answer}
    assert is_signed_in(joe)
    assert is_signed_in(joe)
    assert world.provider.seen.count("token") == 2, "one sign-in and one attempt"
    assert renewal_of(joe.open("/diagnostic"))["token"] == "refuse"
    world.provider.break_at = {}
    world.clock.advance(minutes=1)
    assert is_signed_in(joe)
    assert refreshes(world) == 1


def test_a_new_id_token_that_could_not_be_verified_is_no_hint_for_the_logout(world: World, joe: Person) -> None:
    joe.sign_in()
    world.provider.signing_key = OTHER_RSA_KEY
    world.provider.break_at = {"jwks": Response("", 503)}
    joe.send("/deconnexion", csrf=csrf_of(press(joe)))
    assert world.provider.logout_requests[0]["id_token_hint"] == world.provider.id_tokens[0]


def test_a_refresh_token_that_was_rotated_before_the_trouble_is_not_lost(world: World, joe: Person) -> None:
    joe.sign_in()
    world.clock.advance(minutes=10)
    world.provider.break_at = {"userinfo": Response("", 503)}
    assert is_signed_in(joe)
    assert refreshes(world) == 1
    world.provider.break_at = {}
    world.clock.advance(minutes=1)
    assert is_signed_in(joe)
    assert refreshes(world) == 2


# --- giving the refresh token back (RFC 7009) ---------------------------------------------------------------------------------------------


def sign_out(person: Person) -> requests.Response:
    return person.send("/deconnexion", csrf=csrf_of(person.open("/")))


def test_signing_out_gives_the_refresh_token_back(world: World, joe: Person) -> None:
    joe.sign_in()
    press(joe)
    assert "Vous êtes déconnecté" in words(sign_out(joe))
    assert world.provider.refresh_tokens == {}
    assert world.provider.seen.count("revoke") == 1


def test_an_ent_that_signs_who_it_is_renews_and_gives_back_as_well(world: World, joe: Person, tmp_path: Path) -> None:
    use_key(world, tmp_path, pem(P256))
    joe.sign_in()
    assert "refuse" not in renewal_of(press(joe)).values()
    sign_out(joe)
    assert world.provider.refresh_tokens == {}


def test_without_a_refresh_token_nothing_is_given_back(world: World, joe: Person) -> None:
    world.rebuild(scope="openid")
    joe.sign_in()
    sign_out(joe)
    assert "revoke" not in world.provider.seen


def test_a_provider_that_takes_nothing_back_is_not_asked(world: World, joe: Person) -> None:
    world.provider.bend_metadata = change(revocation_endpoint=None)
    joe.sign_in()
    assert "Vous êtes déconnecté" in words(sign_out(joe))
    assert "revoke" not in world.provider.seen


@pytest.mark.parametrize("status", [307, 400, 503])
def test_a_provider_that_does_not_take_it_back_keeps_nobody_from_signing_out(
    world: World, joe: Person, status: int, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", "ent_client")
    joe.sign_in()
    world.provider.break_at = {"revoke": Response("", status, headers={"Location": world.provider.origin + "/x"})}
    assert "Vous êtes déconnecté" in words(sign_out(joe))
    assert "" not in world.provider.seen
    assert [it.__dict__["fields"] for it in caplog.records if it.getMessage() == "signed out"] == [
        {"refresh_token_revoked": False}
    ]


# --- what stays secret --------------------------------------------------------------------------------------------------------------------


def test_no_page_and_no_log_line_shows_a_token(world: World, joe: Person, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    pages = [joe.sign_in(), press(joe)]
    world.provider.refresh_tokens.clear()
    pages += [press(joe), joe.open("/diagnostic")]
    seen = " ".join(page.text for page in pages)
    seen += " ".join(f"{json.dumps(record.__dict__, default=str)} {record.getMessage()}" for record in caplog.records)
    assert "tokens renewed" in seen
    assert "renewal failed" in seen
    provider = world.provider
    for secret in [*provider.id_tokens, *provider.access_tokens, *provider.spent_refresh_tokens]:
        assert secret not in seen


def test_every_check_has_a_code_of_its_own_and_a_paragraph() -> None:
    assert len({check.code for check in REFRESH_CHECKS}) == len(REFRESH_CHECKS)
    assert all(check.paragraph and check.function.__doc__ for check in REFRESH_CHECKS)
