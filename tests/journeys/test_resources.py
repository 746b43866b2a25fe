"""An ENT asks for tokens for other servers than ours (RFC 8707), and those servers ask what they were shown."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import urlencode

import pytest
import requests
from joserfc import jwt
from joserfc.jwk import KeySet

from tests.journeys.people import JOE, activate
from tests.journeys.visits import CONSENT, bring_back_code, sign_in
from tests.support.browser import Browser
from tests.support.relying_party import RelyingParty, answer_in, unverified_claims
from tests.support.resources import CANTEEN, LIBRARY
from tests.support.sandbox import Sandbox

SCOPE = "openid profile canteen.read library.read"


@pytest.fixture
def verger(ent: RelyingParty) -> RelyingParty:
    return RelyingParty(ent.base, "verger", "secret-of-the-orchard", "http://localhost:8410/retour")


@pytest.fixture
def canteen(ent: RelyingParty) -> RelyingParty:
    return RelyingParty(ent.base, "canteen", "secret-of-the-canteen")


def introspect(party: RelyingParty, token: str) -> dict[str, Any]:
    auth = (party.client_id, party.client_secret)
    told = requests.post(f"{party.base}/idp/profile/oidc/introspect", data={"token": token}, auth=auth, timeout=20)
    body: dict[str, Any] = told.json()
    return body


def ask_for(party: RelyingParty, *resources: str, scope: str = SCOPE) -> str:
    """Return an authorization request for several resources."""
    return "&".join([party.authorization_uri(scope=scope), *(urlencode({"resource": one}) for one in resources)])


def bring_back(party: RelyingParty, browser: Browser, sandbox: Sandbox, *resources: str) -> str:
    """Sign in on the way of a request for these resources, and return the code."""
    identifiant = activate(browser, sandbox, JOE)
    page = browser.open(ask_for(party, *resources))
    browser.open(page.link("Responsable d'élève"))
    sign_in(browser, identifiant)
    return answer_in(browser.left_to)["code"]


def test_a_token_for_another_server_is_good_there_and_nowhere_else(
    browser: Browser, sandbox: Sandbox, verger: RelyingParty, canteen: RelyingParty, ent: RelyingParty
) -> None:
    tokens = verger.exchange(bring_back(verger, browser, sandbox, CANTEEN)).json()
    assert (tokens["token_type"], tokens["scope"]) == ("Bearer", "canteen.read")
    claims = unverified_claims(tokens["id_token"])
    for asks in (canteen, verger):
        told = introspect(asks, tokens["access_token"])
        assert (told["active"], told["aud"], told["scope"]) == (True, CANTEEN, "canteen.read")
        assert (told["sub"], told["client_id"], told["auth_time"]) == (claims["sub"], "verger", claims["auth_time"])
    assert introspect(ent, tokens["access_token"]) == {"active": False}
    refused = verger.userinfo(tokens["access_token"])
    assert (refused.status_code, refused.json()["error"]) == (401, "invalid_token")
    assert refused.json()["error_description"] == "The token is for another server, not for userinfo."
    assert 'error="invalid_token"' in refused.headers["WWW-Authenticate"]


def test_a_grant_for_several_servers_brings_a_token_for_each_in_its_own_form(
    browser: Browser, sandbox: Sandbox, verger: RelyingParty, canteen: RelyingParty
) -> None:
    code = bring_back(verger, browser, sandbox, CANTEEN, LIBRARY)
    several = verger.exchange(code)
    assert (several.status_code, several.json()["error"]) == (400, "invalid_target")
    first = verger.exchange(code, resource=CANTEEN).json()
    second = verger.refresh(first["refresh_token"], resource=LIBRARY).json()
    keys = KeySet.import_key_set(requests.get(f"{verger.base}/idp/profile/oidc/jwks", timeout=20).json())
    read = jwt.decode(second["access_token"], keys, algorithms=["RS256"])
    assert read.header["typ"] == "at+jwt"
    assert (read.claims["aud"], read.claims["scope"], second["expires_in"]) == (LIBRARY, "library.read", 120)
    assert read.claims["sub"] == unverified_claims(first["id_token"])["sub"]
    assert introspect(canteen, second["access_token"]) == {"active": False}, "it is for another server"
    third = verger.refresh(second["refresh_token"], resource=verger.base).json()
    assert verger.userinfo(third["access_token"]).json()["family_name"] == "DUPONT"
    assert "aud" not in introspect(verger, third["access_token"])
    assert introspect(canteen, third["access_token"]) == {"active": False}
    for token in (first, second):
        assert verger.userinfo(token["access_token"]).status_code == 401


def test_at_a_refresh_only_what_was_granted_can_be_asked_for_and_nothing_is_used_up(
    browser: Browser, sandbox: Sandbox, verger: RelyingParty
) -> None:
    first = verger.exchange(bring_back(verger, browser, sandbox, CANTEEN)).json()
    for resource in (LIBRARY, "https://nobody.example/", CANTEEN + "#part", "canteen"):
        refused = verger.refresh(first["refresh_token"], resource=resource)
        assert (refused.status_code, refused.json()["error"]) == (400, "invalid_target")
    assert verger.refresh(first["refresh_token"]).json()["scope"] == "canteen.read", (
        "granted alone, it need not be named"
    )
    assert sandbox.events().count("tokens.refreshed") == 1


def test_what_a_client_may_not_ask_for_is_told_to_it_and_shown_to_nobody(
    browser: Browser, verger: RelyingParty, ent: RelyingParty
) -> None:
    for party, resources in (
        (verger, ("https://nobody.example/",)),
        (verger, (CANTEEN, CANTEEN + "#part")),
        (verger, ("/api",)),
        (ent, (CANTEEN,)),
    ):
        browser.open(ask_for(party, *resources, scope="openid"))
        told = answer_in(browser.left_to)
        assert (told["error"], told["state"], told["iss"]) == ("invalid_target", "state-0123456789", verger.base)
        assert "code" not in told


def test_a_pushed_request_keeps_its_resources(
    browser: Browser, sandbox: Sandbox, verger: RelyingParty, canteen: RelyingParty
) -> None:
    assert verger.push(resource="https://nobody.example/").json()["error"] == "invalid_target"
    identifiant = activate(browser, sandbox, JOE)
    page = browser.open(verger.pushed_uri(scope=SCOPE, resource=CANTEEN))
    browser.open(page.link("Responsable d'élève"))
    sign_in(browser, identifiant)
    tokens = verger.exchange(answer_in(browser.left_to)["code"]).json()
    assert introspect(canteen, tokens["access_token"])["aud"] == CANTEEN


def test_without_resource_nothing_of_another_server_is_granted(
    browser: Browser, sandbox: Sandbox, verger: RelyingParty, canteen: RelyingParty
) -> None:
    code = bring_back_code(verger, browser, activate(browser, sandbox, JOE), scope=SCOPE)
    assert verger.exchange(code, resource=CANTEEN).json()["error"] == "invalid_target"
    tokens = verger.exchange(code).json()
    assert tokens["scope"] == "openid profile"
    assert verger.userinfo(tokens["access_token"]).json()["given_name"] == "Joe"
    assert introspect(canteen, tokens["access_token"]) == {"active": False}


def test_a_person_who_is_asked_reads_for_which_servers_and_is_asked_again_for_another_one(
    browser: Browser, sandbox: Sandbox, ent: RelyingParty
) -> None:
    orme = RelyingParty(ent.base, "orme", "secret-of-the-elm", "http://localhost:8411/retour")
    identifiant = activate(browser, sandbox, JOE)
    page = browser.open(ask_for(orme, CANTEEN))
    browser.open(page.link("Responsable d'élève"))
    page = sign_in(browser, identifiant)
    assert page.h1 == CONSENT
    assert page.says("Agir pour vous dans ce service : Cantine")
    assert not page.says("CDI")
    browser.fill("Autoriser")
    assert orme.exchange(answer_in(browser.left_to)["code"]).json()["scope"] == "canteen.read"
    browser.open(ask_for(orme, CANTEEN))
    assert "code" in answer_in(browser.left_to), "the same is not asked twice"
    page = browser.open(ask_for(orme, CANTEEN, LIBRARY))
    assert page.h1 == CONSENT
    assert page.says("Agir pour vous dans ce service : CDI")
    assert sandbox.audit(event="consent.given")[-1]["details"]["resources"] == CANTEEN


def test_fifty_exchanges_of_one_code_make_one_token_for_one_of_the_servers(
    browser: Browser, sandbox: Sandbox, verger: RelyingParty
) -> None:
    code = bring_back(verger, browser, sandbox, CANTEEN, LIBRARY)
    parties = [
        RelyingParty(verger.base, verger.client_id, verger.client_secret, verger.redirect_uri) for _ in range(50)
    ]
    asked = [CANTEEN, LIBRARY, verger.base] * 17
    with ThreadPoolExecutor(50) as pool:
        answers = list(pool.map(lambda one, resource: one.exchange(code, resource=resource), parties, asked))
    won = [answer.json() for answer in answers if answer.status_code == 200]
    assert [answer.json()["error"] for answer in answers if answer.status_code != 200] == ["invalid_grant"] * 49
    assert len(won) == 1
    assert introspect(verger, won[0]["access_token"]) == {"active": False}, "the replays killed it"
    assert verger.refresh(won[0]["refresh_token"], resource=CANTEEN).json()["error"] == "invalid_grant"


def test_signing_out_and_time_end_it_like_any_other(
    browser: Browser, other_browser: Browser, sandbox: Sandbox, verger: RelyingParty, canteen: RelyingParty
) -> None:
    identifiant = activate(browser, sandbox, JOE)
    ended, old = (
        verger.exchange(bring_back_code(verger, one, identifiant, scope=SCOPE, resource=CANTEEN)).json()
        for one in (browser, other_browser)
    )
    browser.open(f"{verger.base}/idp/profile/Logout?id_token_hint={ended['id_token']}")
    assert introspect(canteen, ended["access_token"]) == {"active": False}
    sandbox.advance(seconds=590)
    assert introspect(canteen, old["access_token"])["active"]
    sandbox.advance(seconds=10)
    assert introspect(canteen, old["access_token"]) == {"active": False}
