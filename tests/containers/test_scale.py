"""Two providers behind a proxy, over one database: `docker compose --profile scale`. Run by `make containers`."""

from collections.abc import Callable

import pytest
import requests
from playwright.sync_api import Page, expect

from tests.browser.conftest import Demo
from tests.browser.story import (
    choose_password,
    come_from_the_ent,
    fill_identity,
    fill_kinship,
    press,
    sign_in,
    sign_out_here,
    tell_story,
)
from tests.browser.test_franceconnect_story import heading, identify, prove
from tests.containers.stack import IDP, address_of, crash, inspect, only
from tests.journeys.people import ANGELA, JOE, activate
from tests.journeys.visits import bring_back_code
from tests.support.browser import Browser
from tests.support.relying_party import RelyingParty

ENT_SECRET = "preau-ent-secret-de-test-0123456789"
REPLICAS = ("idp-a", "idp-b")


def ent_that_asks(replica: str) -> RelyingParty:
    ent = RelyingParty(IDP, "ent", ENT_SECRET, "http://localhost:8402/retour")
    only(ent.http, replica)
    return ent


def test_both_procedures_pass_the_proxy(demo: Demo, open_page: Callable[..., Page]) -> None:
    tell_story(demo, open_page(), JOE)
    page = open_page()
    come_from_the_ent(demo, page)
    identify(page, "test", "Angela Claire Louise DUBOIS")
    prove(demo, page, ANGELA)
    page.get_by_role("link", name="Continuer vers ENT Marronnier").click()
    expect(heading(page)).to_have_text("Bonjour Angela DUBOIS")
    sign_out_here(demo, page)


def test_the_proxy_hands_requests_to_both_and_says_who_answered() -> None:
    answers = [requests.get(f"{IDP}/connexion", timeout=20, allow_redirects=False) for _ in range(9)]
    answered = {answer.headers["X-Provider"] for answer in answers}
    assert answered == {f"{address_of(one)}:8400" for one in REPLICAS}


@pytest.mark.parametrize(("here", "there"), [REPLICAS, REPLICAS[::-1]])
def test_signed_in_on_one_the_code_redeemed_on_the_other_signed_out_on_the_first(
    demo: Demo, here: str, there: str
) -> None:
    browser = Browser(IDP)
    only(browser.http, here)
    ent, other = ent_that_asks(here), ent_that_asks(there)
    identifiant = activate(browser, demo.sandbox, JOE)
    tokens = other.exchange(bring_back_code(ent, browser, identifiant)).json()
    told = other.userinfo(tokens["access_token"])
    assert told.json()["family_name"] == "DUPONT"
    assert ent.userinfo(tokens["access_token"]).json() == told.json()
    browser.open("/idp/profile/Logout")
    browser.fill("Me déconnecter")
    assert browser.page.h1 == "Vous êtes déconnecté"
    assert other.userinfo(tokens["access_token"]).status_code == 401
    assert other.refresh(tokens["refresh_token"]).json()["error"] == "invalid_grant"


def test_one_dies_in_the_middle_of_an_activation_and_the_other_goes_on_at_once(
    demo: Demo, open_page: Callable[..., Page]
) -> None:
    page = open_page()
    come_from_the_ent(demo, page)
    page.get_by_role("link", name="Je n'ai pas de compte").click()
    fill_identity(page, JOE)
    press(page, "Continuer")
    page.fill("#code", demo.sandbox.code(JOE.e164))
    crash("idp-a")
    press(page, "Continuer")
    expect(heading(page)).to_have_text("Je confirme mon lien avec les élèves")
    fill_kinship(page, JOE)
    press(page, "Continuer")
    identifiant = choose_password(page)
    come_from_the_ent(demo, page)
    sign_in(page, identifiant)
    expect(heading(page)).to_have_text("Bonjour Joe DUPONT")


def test_the_proxy_has_no_rights_either() -> None:
    described = inspect("proxy")
    host = described["HostConfig"]
    assert described["Config"]["User"] == "101:101"
    assert (host["ReadonlyRootfs"], host["CapDrop"]) == (True, ["ALL"])
    assert {one["HostIp"] for ports in host["PortBindings"].values() for one in ports} == {"127.0.0.1"}
    assert not any(inspect(one)["HostConfig"]["PortBindings"] for one in REPLICAS)
