"""« Confirmation de l'identité »: a child's birth date after the password, by a tester's demand and by policy."""

from pathlib import Path

import pytest

from tests.journeys.people import JOE, PASSWORD, activate
from tests.journeys.visits import bring_back_code, come_from, sign_in
from tests.support.browser import Browser
from tests.support.relying_party import RelyingParty, answer_in
from tests.support.sandbox import Sandbox
from tests.support.server import RunningServer, running_server

CHECK = "Confirmation de l'identité"
LEA = {"jour": "12", "mois": "avril", "annee": "2012"}
TOM = {"jour": "3", "mois": "9", "annee": "2014"}
WRONG = {"jour": "13", "mois": "4", "annee": "2012"}
TOO_MANY = "Il y a eu trop d'essais"


@pytest.fixture
def joe(sandbox: Sandbox, server: RunningServer) -> str:
    """Joe, of whom a tester wants it."""
    identifiant = activate(Browser(server.base), sandbox, JOE)
    sandbox.do("POST", f"people/{identifiant}/identity-check")
    return identifiant


def reach(ent: RelyingParty, browser: Browser, identifiant: str) -> None:
    come_from(ent, browser)
    page = sign_in(browser, identifiant)
    assert (page.status, page.h1) == (200, CHECK), page.text


@pytest.mark.parametrize("date", [LEA, TOM])
def test_the_date_of_any_child_will_do_and_it_is_asked_once(
    browser: Browser, other_browser: Browser, sandbox: Sandbox, ent: RelyingParty, joe: str, date: dict[str, str]
) -> None:
    reach(ent, browser, joe)
    assert browser.page.says("Pour votre sécurité, écrivez la date de naissance d'un de vos enfants.")
    assert not browser.page.says("Léa")
    assert not browser.page.says("Tom")
    browser.fill("Confirmer", date)
    assert ent.exchange(answer_in(browser.left_to)["code"]).status_code == 200
    assert [one for one in sandbox.events() if one.startswith("identity.")] == [
        "identity.demanded",
        "identity.confirmed",
    ]
    assert bring_back_code(ent, other_browser, joe), "not again at the next sign-in"


def test_until_it_is_given_no_client_gets_anything_and_no_page_of_the_account_opens(
    browser: Browser, other_browser: Browser, ent: RelyingParty, joe: str
) -> None:
    reach(ent, browser, joe)
    browser.open(ent.authorization_uri(prompt="none"))
    assert answer_in(browser.left_to)["error"] == "interaction_required"
    assert browser.open(ent.authorization_uri()).h1 == CHECK
    assert browser.open("/mon-compte").h1 == CHECK
    assert browser.open("/mon-compte/enfants").h1 == CHECK
    page = browser.fill("Confirmer", LEA)
    assert page.h1 == "Mes enfants", "back to the page that was asked for"
    reach_again = come_from(ent, other_browser)
    assert reach_again.h1 == "Je me connecte"


def test_leaving_the_page_and_signing_in_again_is_no_way_round(browser: Browser, ent: RelyingParty, joe: str) -> None:
    reach(ent, browser, joe)
    come_from(ent, browser, prompt="login")
    assert sign_in(browser, joe).h1 == CHECK


def test_five_wrong_dates_wait_and_count_on_the_guardian(
    browser: Browser, other_browser: Browser, sandbox: Sandbox, ent: RelyingParty, joe: str
) -> None:
    reach(ent, browser, joe)
    for left in (4, 3, 2):
        page = browser.fill("Confirmer", WRONG)
        assert page.status == 422
        assert page.says(f"Cette date ne correspond pas. Il vous reste {left} essais.")
    assert browser.fill("Confirmer", WRONG).says("Il vous reste 1 essai.")
    page = browser.fill("Confirmer", WRONG)
    assert (page.status, page.h1, page.headers["Retry-After"]) == (429, TOO_MANY, "900")
    assert browser.refresh().status == 429
    sandbox.advance(minutes=16)
    come_from(ent, other_browser)
    sign_in(other_browser, joe)
    for _ in range(5):
        page = other_browser.fill("Confirmer", WRONG)
    assert page.status == 429
    sandbox.advance(minutes=60)
    third = Browser(browser.base)
    come_from(ent, third)
    assert sign_in(third, joe).status == 429, "ten in 24 hours, whatever the browser"
    assert sandbox.events().count("identity.date-wrong") == 10
    assert sandbox.events().count("identity.locked") == 2


def test_what_is_missing_is_said_and_uses_no_try(browser: Browser, ent: RelyingParty, joe: str) -> None:
    reach(ent, browser, joe)
    for typed in ({"jour": "", "mois": "", "annee": ""}, {**LEA, "annee": ""}, {**LEA, "jour": "32"}):
        assert browser.fill("Confirmer", typed).status == 422
    assert browser.page.form("jour").values["jour"] == "32", "what was typed stays"
    assert browser.fill("Confirmer", WRONG).says("Il vous reste 4 essais.")


def test_a_doubled_form_counts_once_and_a_forged_one_nothing(browser: Browser, ent: RelyingParty, joe: str) -> None:
    reach(ent, browser, joe)
    twice = browser.prepare("Confirmer", WRONG)
    for _ in range(2):
        assert browser.send(*twice).says("Il vous reste 4 essais.")
    assert browser.send(twice[0], {**LEA, "jeton": "0-x"}).status == 403


def test_a_stranger_finds_nothing(browser: Browser, other_browser: Browser, ent: RelyingParty, joe: str) -> None:
    reach(ent, browser, joe)
    assert other_browser.open(browser.page.url).status == 400
    assert other_browser.open("/identite").status == 400


def test_a_policy_asks_in_a_browser_where_she_never_signed_in(tmp_path: Path) -> None:
    with running_server(tmp_path, more='[sign_in]\nidentity_check = "unknown-browser"') as server:
        sandbox, ent, browser = Sandbox(server.base), RelyingParty(server.base), Browser(server.base)
        joe = str(sandbox.activate(JOE.e164, PASSWORD)["identifiant"])
        reach(ent, browser, joe)
        come_from(ent, browser, prompt="login")
        assert sign_in(browser, joe).h1 == CHECK, "a password alone makes no browser known"
        browser.fill("Confirmer", LEA)
        assert "code" in answer_in(browser.left_to)
        come_from(ent, browser, prompt="login")
        sign_in(browser, joe)
        assert "code" in answer_in(browser.left_to), "known from then on"
