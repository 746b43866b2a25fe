"""« Mon compte »: who may see it, for how long, and what it says."""

import re
from urllib.parse import urlsplit

import pytest

from tests.journeys.own import DOORS, HOME, INFORMATION, PROOF, prove, put, reach
from tests.journeys.people import JOE, KARIM, PASSWORD, activate
from tests.journeys.visits import bring_back_code, sign_in
from tests.support.browser import Browser
from tests.support.relying_party import RelyingParty, answer_in
from tests.support.sandbox import Sandbox
from tests.support.server import RunningServer


@pytest.fixture
def joe(sandbox: Sandbox, server: RunningServer) -> str:
    return activate(Browser(server.base), sandbox, JOE)


# --- who may see it -------------------------------------------------------------------------------------------------------------------


def test_whoever_is_not_signed_in_signs_in_and_comes_back_to_the_page_asked_for(browser: Browser, joe: str) -> None:
    assert browser.open(HOME).h1 == DOORS
    page = browser.open(browser.page.link("Responsable d'élève"))
    page = sign_in(browser, joe)
    assert (page.status, page.h1, page.url) == (200, INFORMATION, f"{browser.base}{HOME}")
    assert browser.refresh().h1 == INFORMATION


def test_what_the_page_says(browser: Browser, joe: str) -> None:
    page = reach(browser, joe)
    assert page.title == "Mes informations - Préau"
    for words in ("Joe DUPONT", joe, "numéro qui se termine par 01", "Vous avez un mot de passe."):
        assert page.says(words), words
    assert page.says("Il a changé ? Appelez le secrétariat : lui seul peut le corriger.")
    assert "98 00 01" not in page.html.replace("&nbsp;", " "), "not the whole number: somebody may look over a shoulder"
    assert 'aria-current="page">Mes informations</a>' in page.html
    assert page.link("Se déconnecter").endswith("/idp/profile/Logout")
    assert page.headers["Cache-Control"] == "no-store"


def test_a_wrong_password_on_the_way_keeps_the_page_asked_for(browser: Browser, joe: str) -> None:
    browser.open(HOME)
    browser.open(browser.page.link("Responsable d'élève"))
    assert sign_in(browser, joe, "Pas-le-bon-1").status == 422
    assert sign_in(browser, joe).h1 == INFORMATION


def test_a_sign_in_that_is_posted_twice_comes_to_the_page_twice(browser: Browser, joe: str) -> None:
    browser.open(HOME)
    browser.open(browser.page.link("Responsable d'élève"))
    twice = browser.prepare("j_username", {"j_username": joe, "j_password": PASSWORD})
    for _ in range(2):
        assert browser.send(*twice).h1 == INFORMATION


def test_a_bare_sign_in_leads_there(browser: Browser, joe: str) -> None:
    browser.open("/connexion?profil=responsable")
    page = sign_in(browser, joe)
    assert page.h1 == "Vous êtes connecté"
    assert browser.open(page.link("Mon compte")).h1 == INFORMATION


def test_whoever_came_from_an_ent_is_in_already(browser: Browser, ent: RelyingParty, joe: str) -> None:
    bring_back_code(ent, browser, joe)
    assert browser.open(HOME).h1 == INFORMATION


def test_each_parent_sees_her_own(browser: Browser, sandbox: Sandbox, server: RunningServer, joe: str) -> None:
    karim = activate(Browser(server.base), sandbox, KARIM)
    page = reach(browser, karim)
    assert page.says(karim)
    assert not page.says(joe)


@pytest.mark.parametrize("session", [None, "", "x" * 43, "' OR 1=1"])
def test_a_session_that_is_none_opens_nothing(browser: Browser, joe: str, session: str | None) -> None:
    reach(browser, joe)
    put(browser, session)
    assert browser.open(HOME).h1 == DOORS


# --- for how long ---------------------------------------------------------------------------------------------------------------------


def test_after_half_an_hour_without_use_one_signs_in_again_and_it_says_why(
    browser: Browser, sandbox: Sandbox, joe: str
) -> None:
    reach(browser, joe)
    sandbox.advance(minutes=29)
    assert browser.open(HOME).h1 == INFORMATION
    sandbox.advance(minutes=29)
    assert browser.open(HOME).h1 == INFORMATION, "each use begins the half hour again"
    sandbox.advance(minutes=30)
    page = browser.open(HOME)
    assert page.h1 == DOORS
    assert page.says("Par sécurité, connectez-vous de nouveau.")
    assert page.says("« Mon compte » se ferme après 30 minutes sans action.")
    assert not page.says(joe)


def test_an_ent_does_not_wait_for_half_an_hour_only(
    browser: Browser, sandbox: Sandbox, ent: RelyingParty, joe: str
) -> None:
    bring_back_code(ent, browser, joe)
    sandbox.advance(minutes=40)
    assert browser.open(HOME).h1 == DOORS
    browser.open(ent.authorization_uri(prompt="none"))
    assert "code" in answer_in(browser.left_to)


def test_after_signing_out_the_page_shows_nothing_to_the_next_at_this_telephone(browser: Browser, joe: str) -> None:
    page = reach(browser, joe)
    browser.open(page.link("Se déconnecter"))
    browser.fill("Me déconnecter")
    page = browser.open(HOME)
    assert page.h1 == DOORS
    assert not page.says(joe)


# --- a proof of now -------------------------------------------------------------------------------------------------------------------


def test_a_right_password_leads_on_and_changes_the_secret_of_the_session(
    browser: Browser, other_browser: Browser, sandbox: Sandbox, ent: RelyingParty, joe: str
) -> None:
    reach(browser, joe)
    former = browser.http.cookies.get("preau_idp_session")
    page = browser.open(f"{HOME}/confirmation?vers={HOME}")
    assert (page.status, page.h1) == (200, PROOF)
    assert prove(browser).h1 == INFORMATION
    assert browser.http.cookies.get("preau_idp_session") != former
    put(other_browser, former)
    assert other_browser.open(HOME).h1 == DOORS, "the former secret opens nothing any more"
    browser.open(ent.authorization_uri(prompt="none"))
    assert "code" in answer_in(browser.left_to), "the session goes on"
    assert sandbox.events(event="account.proof-accepted") == ["account.proof-accepted"]


@pytest.mark.parametrize(
    ("typed", "said", "counted"),
    [
        ("", "Écrivez votre mot de passe actuel.", 0),
        ("Pas-le-bon-1", "Le mot de passe actuel n'est pas le bon.", 1),
        ("x" * 200, "Le mot de passe actuel n'est pas le bon.", 1),
    ],
)
def test_a_wrong_one_is_said_and_counted_once_however_often_it_is_sent(
    browser: Browser, sandbox: Sandbox, joe: str, typed: str, said: str, counted: int
) -> None:
    reach(browser, joe)
    browser.open(f"{HOME}/confirmation")
    twice = browser.prepare("actuel", {"actuel": typed})
    for _ in range(2):
        page = browser.send(*twice)
        assert (page.status, page.h1) == (422, PROOF)
        assert page.summary == [said]
        assert "x" * 20 not in page.html
    assert len(sandbox.events(event="account.proof-refused")) == counted
    assert prove(browser).h1 == INFORMATION


def test_guessing_is_slowed_with_the_sign_in_page(browser: Browser, sandbox: Sandbox, joe: str) -> None:
    reach(browser, joe)
    browser.open(f"{HOME}/confirmation")
    for number in range(5):
        assert prove(browser, f"Pas-le-bon-{number}").status == 422
    page = prove(browser)
    assert page.status == 429, "right or not"
    assert page.says("Il y a eu trop d'essais. Attendez 15 minutes")
    assert int(page.headers["Retry-After"]) > 0
    sandbox.advance(minutes=16)
    assert prove(browser).h1 == INFORMATION


@pytest.mark.parametrize("keeps_cookie", [True, False], ids=["a refresh", "a double click"])
def test_a_proof_that_is_posted_twice_is_one_proof(
    browser: Browser, sandbox: Sandbox, joe: str, keeps_cookie: bool
) -> None:
    reach(browser, joe)
    browser.open(f"{HOME}/confirmation")
    former = browser.http.cookies.get("preau_idp_session")
    twice = browser.prepare("actuel", {"actuel": PASSWORD})
    browser.send(*twice)
    held = browser.http.cookies.get("preau_idp_session")
    if not keeps_cookie:
        put(browser, former)
    assert browser.send(*twice).h1 == INFORMATION
    assert browser.http.cookies.get("preau_idp_session") == held
    assert sandbox.events(event="account.proof-accepted") == ["account.proof-accepted"]


@pytest.mark.parametrize(
    "there",
    [
        "https://evil.example/",
        "//evil.example",
        "/mon-compte//evil.example",
        "/mon-compte/../x",
        "/connexion",
        "",
        "x" * 99,
    ],
)
def test_it_leads_to_our_own_pages_alone(browser: Browser, joe: str, there: str) -> None:
    reach(browser, joe)
    page = browser.open(f"{HOME}/confirmation?vers={there}")
    places = [address for _, address in page.links] + [form.action for form in page.forms]
    assert {urlsplit(one).netloc for one in places} == {urlsplit(browser.base).netloc}
    assert "evil" not in page.form("actuel").action
    assert prove(browser).url == f"{browser.base}{HOME}"


def test_a_page_with_the_end_of_a_line_in_its_address_leads_to_the_first_one(browser: Browser, joe: str) -> None:
    page = reach(browser, joe, "/enfants/regroupement/%0AX-Planted:yes/annuler")
    assert (page.status, page.h1) == (200, INFORMATION)


def test_the_form_of_another_session_is_refused_and_does_nothing(
    browser: Browser, other_browser: Browser, sandbox: Sandbox, joe: str
) -> None:
    reach(browser, joe)
    browser.open(f"{HOME}/confirmation")
    action, values = browser.prepare("actuel", {"actuel": PASSWORD})
    reach(other_browser, joe)
    former = other_browser.http.cookies.get("preau_idp_session")
    for token in (values["jeton"], "", "abc", "abc-def", values["jeton"].replace("-", "0-")):
        page = other_browser.send(action, {**values, "jeton": token})
        assert page.status == 403, token
    assert other_browser.open(page.link("Recharger la page")).h1 == PROOF
    assert other_browser.http.cookies.get("preau_idp_session") == former
    assert sandbox.events(event="account.proof-accepted") == []


def test_without_a_session_the_form_leads_to_the_sign_in_page_and_to_the_page_that_wanted_it(
    browser: Browser, sandbox: Sandbox, joe: str
) -> None:
    reach(browser, joe)
    browser.open(f"{HOME}/confirmation")
    action, values = browser.prepare("actuel", {"actuel": PASSWORD})
    browser.http.cookies.pop("preau_idp_session")
    assert browser.send(action, values).h1 == DOORS
    browser.open(browser.page.link("Responsable d'élève"))
    assert sign_in(browser, joe).h1 == INFORMATION
    assert sandbox.events(event="account.proof-accepted") == []


def test_nothing_of_it_is_in_an_address(browser: Browser, joe: str) -> None:
    page = reach(browser, joe)
    assert not any(joe in address for _, address in page.links)
    assert not re.search(r"jeton=", page.html)
