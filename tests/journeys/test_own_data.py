"""« Mes données »: everything that is held on somebody, for her alone."""

import json
from typing import Any

import pytest

from tests.journeys.own import DOORS, HOME, PROOF, prove, put, reach, session_of
from tests.journeys.people import (
    JOE,
    KARIM,
    MARIE_HELENE,
    PASSWORD,
    activate,
    identifiant_in,
    kinship_values,
    reach_kinship,
)
from tests.journeys.visits import bring_back_tokens, sign_in
from tests.support.browser import Browser
from tests.support.relying_party import RelyingParty
from tests.support.sandbox import Sandbox
from tests.support.server import RunningServer

PLACE = "/donnees"


@pytest.fixture
def joe(sandbox: Sandbox, server: RunningServer) -> str:
    return activate(Browser(server.base), sandbox, JOE)


def copy(browser: Browser) -> tuple[dict[str, Any], str]:
    """Return the copy and its text."""
    page = browser.open(browser.page.link("Télécharger mes données (JSON, "))
    assert page.status == 200
    assert page.headers["Content-Type"] == "application/json"
    assert page.headers["Cache-Control"] == "no-store"
    assert page.headers["Content-Disposition"].startswith('attachment; filename="preau-')
    return json.loads(page.html), page.html


def test_the_copy_holds_what_the_pages_show_and_more(
    browser: Browser, sandbox: Sandbox, server: RunningServer, ent: RelyingParty, joe: str
) -> None:
    site = RelyingParty(server.base, "aulne", "secret-of-the-one-that-asks", "http://localhost:8407/retour")
    bring_back_tokens(site, browser, joe)
    browser.http.headers["User-Agent"] = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0"
    bring_back_tokens(ent, browser, joe, prompt="login")
    page = browser.open(f"{HOME}{PLACE}")
    assert (page.status, page.h1) == (200, "Mes données")
    told, _ = copy(browser)
    assert told["format"] == "preau-account-copy/1"
    account = told["account"]
    assert (account["identifiant"], account["family_name"], account["given_name"]) == (joe, "DUPONT", "Joe")
    assert account["has_password"] is True
    assert account["created_at"] is not None
    assert account["closes_at"] is None
    assert {(one["title"], one["mobile"]) for one in told["school_records"]} == {("M.", JOE.e164)}
    children = {one["given_name"]: one for one in told["children"]}
    assert children["Léa"]["birth_date"] == "2012-04-12"
    assert children["Léa"]["link"] == "confirmed"
    assert told["sessions"][0] | {"opened_at": "", "last_used_at": ""} == {
        "opened_at": "",
        "last_used_at": "",
        "ended_at": None,
        "means": ["pwd"],
        "device": "firefox linux",
        "sites": ["ent"],
    }
    assert [one["site"] for one in told["consents"]] == ["aulne"]
    assert "sign-in.accepted" in {one["event"] for one in told["history"]}
    assert (told["emails"], told["franceconnect"]) == ([], None)
    assert sandbox.events(event="account.data-copied") == ["account.data-copied"]


def test_no_secret_and_nobody_else_is_in_it(browser: Browser, sandbox: Sandbox, server: RunningServer) -> None:
    karim = activate(Browser(server.base), sandbox, KARIM)
    marie = activate(Browser(server.base), sandbox, MARIE_HELENE)
    reach(browser, marie, PLACE)
    _, text = copy(browser)
    session = session_of(browser)
    assert session is not None
    for word in (PASSWORD, "argon2", "hash", "seed", "secret", session, karim, "Karim", KARIM.e164):
        assert word not in text, word
    assert "Inès" in text


def test_of_a_child_that_is_not_hers_the_name_alone_is_told(
    browser: Browser, sandbox: Sandbox, server: RunningServer
) -> None:
    first = Browser(server.base)
    page = reach_kinship(first, sandbox, JOE)
    number = 1 if page.text.index("Tom") < page.text.index("Léa") else 2
    first.fill("lien-1", kinship_values(page, JOE, **{f"lien-{number}": "non"}))
    first.fill("Oui, je confirme")
    first.fill("mot-de-passe", {"mot-de-passe": PASSWORD, "confirmation": PASSWORD})
    reach(browser, identifiant_in(str(sandbox.messages(JOE.e164)[0]["text"])), PLACE)
    told, text = copy(browser)
    children = {one["given_name"]: one for one in told["children"]}
    assert children["Tom"] == {"family_name": "DUPONT", "given_name": "Tom", "link": "contested"}
    assert children["Léa"]["school"]
    assert "2014-09-03" not in text


def test_a_stolen_session_gets_no_copy_without_a_proof_of_now(
    browser: Browser, other_browser: Browser, sandbox: Sandbox, joe: str
) -> None:
    reach(browser, joe, PLACE)
    address = browser.page.link("Télécharger mes données (JSON, ")
    put(other_browser, session_of(browser))
    sandbox.advance(minutes=15)
    for place in (f"{HOME}{PLACE}", address):
        page = other_browser.open(place)
        assert page.h1 == PROOF
        assert not page.says(joe)
    assert prove(other_browser).headers["Content-Type"] == "application/json"
    assert sandbox.events(event="account.data-copied") == ["account.data-copied"]


def test_nobody_is_led_to_the_sign_in_page_and_back(browser: Browser, joe: str) -> None:
    assert browser.open(f"{HOME}{PLACE}/copie").h1 == DOORS
    browser.open(browser.page.link("Responsable d'élève"))
    assert sign_in(browser, joe).headers["Content-Type"] == "application/json"
