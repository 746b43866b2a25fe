"""« Changer mon mot de passe »: what it asks, what it does, and whom it puts out."""

import pytest

from tests.journeys.own import DOORS, HOME, INFORMATION, NEW, put, reach, session_of
from tests.journeys.people import JOE, PASSWORD, activate
from tests.journeys.visits import bring_back_tokens, introspect, sign_in
from tests.support.browser import Browser
from tests.support.page import Page
from tests.support.relying_party import RelyingParty, answer_in
from tests.support.sandbox import Sandbox
from tests.support.server import RunningServer

PLACE = "/mot-de-passe"


@pytest.fixture
def joe(sandbox: Sandbox, server: RunningServer) -> str:
    return activate(Browser(server.base), sandbox, JOE)


def change(browser: Browser, current: str = PASSWORD, new: str = NEW, again: str | None = None) -> Page:
    values = {"actuel": current, "mot-de-passe": new, "confirmation": new if again is None else again}
    return browser.fill("actuel", values)


def test_a_new_password_is_the_only_one_and_she_stays_where_she_is(
    browser: Browser, other_browser: Browser, sandbox: Sandbox, joe: str
) -> None:
    page = reach(browser, joe, PLACE)
    assert (page.status, page.h1) == (200, "Changer mon mot de passe")
    sandbox.advance(minutes=20)
    page = change(browser)
    assert (page.h1, page.url) == (INFORMATION, f"{browser.base}{HOME}?avis=password-changed")
    assert page.says("Mot de passe modifié. Vos autres appareils ont été déconnectés.")
    assert str(sandbox.messages(JOE.e164)[0]["text"]).startswith("Votre mot de passe a été changé le ")
    assert sandbox.events(event="account.password-changed") == ["account.password-changed"]
    other_browser.open("/connexion?profil=responsable")
    assert sign_in(other_browser, joe).status == 422
    assert sign_in(other_browser, joe, NEW).h1 == "Vous êtes connecté"


def test_whoever_was_signed_in_elsewhere_is_out_with_everything_that_was_issued(
    browser: Browser, other_browser: Browser, ent: RelyingParty, joe: str
) -> None:
    tokens = bring_back_tokens(ent, other_browser, joe)
    assert introspect(ent, tokens["access_token"]).json()["active"]
    reach(browser, joe, PLACE)
    change(browser)
    assert other_browser.open(HOME).h1 == DOORS
    other_browser.open(ent.authorization_uri(prompt="none"))
    assert answer_in(other_browser.left_to)["error"] == "login_required"
    assert not introspect(ent, tokens["access_token"]).json()["active"]
    browser.open(ent.authorization_uri(prompt="none"))
    assert "code" in answer_in(browser.left_to), "this one goes on"


def test_a_stolen_copy_of_the_very_session_is_out_too(browser: Browser, other_browser: Browser, joe: str) -> None:
    reach(browser, joe, PLACE)
    put(other_browser, session_of(browser))
    assert other_browser.open(HOME).h1 == INFORMATION
    change(browser)
    assert other_browser.open(HOME).h1 == DOORS
    assert browser.open(HOME).h1 == INFORMATION


def test_a_stolen_session_alone_changes_no_password(
    browser: Browser, other_browser: Browser, sandbox: Sandbox, joe: str
) -> None:
    reach(browser, joe)
    put(other_browser, session_of(browser))
    other_browser.open(f"{HOME}{PLACE}")
    for number in range(5):
        page = change(other_browser, f"Pas-le-bon-{number}")
        assert (page.status, page.summary) == (422, ["Le mot de passe actuel n'est pas le bon."])
    page = change(other_browser)
    assert page.status == 429, "right or not"
    assert int(page.headers["Retry-After"]) > 0
    assert other_browser.open(f"{HOME}{PLACE}/ajout").h1 == "Changer mon mot de passe", "none is added to one"
    assert sandbox.events(event="account.password-changed") == []
    assert len(sandbox.events(event="account.proof-refused")) == 5


@pytest.mark.parametrize(
    ("current", "new", "again", "said"),
    [
        ("", NEW, NEW, ["Écrivez votre mot de passe actuel."]),
        (PASSWORD, PASSWORD, PASSWORD, ["Le nouveau mot de passe doit être différent de l'actuel."]),
        (PASSWORD, NEW, NEW + "x", ["Les deux mots de passe sont différents. Écrivez deux fois le même."]),
        (PASSWORD, "", "", ["Choisissez un mot de passe.", "Écrivez le mot de passe une deuxième fois."]),
        (PASSWORD, "Dupont-Bleu-42", "Dupont-Bleu-42", None),
        ("", "court", "autre", None),
    ],
)
def test_what_is_wrong_is_said_without_a_try(
    browser: Browser, sandbox: Sandbox, joe: str, current: str, new: str, again: str, said: list[str] | None
) -> None:
    reach(browser, joe, PLACE)
    page = change(browser, current, new, again)
    assert page.status == 422
    assert page.summary == said if said is not None else page.summary
    assert not any(value and value in page.html for value in (current, new))
    assert sandbox.events(event="account.proof-refused") == []
    assert change(browser).h1 == INFORMATION


@pytest.mark.parametrize("keeps_cookie", [True, False], ids=["a refresh", "a double click"])
def test_a_form_that_is_sent_twice_changes_it_once(
    browser: Browser, sandbox: Sandbox, joe: str, keeps_cookie: bool
) -> None:
    reach(browser, joe, PLACE)
    former = session_of(browser)
    twice = browser.prepare("actuel", {"actuel": PASSWORD, "mot-de-passe": NEW, "confirmation": NEW})
    browser.send(*twice)
    held = session_of(browser)
    assert held != former
    if not keeps_cookie:
        put(browser, former)
    assert browser.send(*twice).says("Mot de passe modifié.")
    assert session_of(browser) == held
    assert sandbox.events(event="account.password-changed") == ["account.password-changed"]
    assert sandbox.events(event="account.proof-refused") == []


def test_of_two_tabs_the_second_one_needs_the_new_password(browser: Browser, joe: str) -> None:
    reach(browser, joe, PLACE)
    action, values = browser.prepare("actuel", {"actuel": PASSWORD, "mot-de-passe": NEW, "confirmation": NEW})
    change(browser, new="Gomme-Rouge-88")
    page = browser.send(action, values)
    assert (page.status, page.summary) == (422, ["Le mot de passe actuel n'est pas le bon."])


def test_the_form_of_another_session_changes_nothing(
    browser: Browser, other_browser: Browser, sandbox: Sandbox, joe: str
) -> None:
    reach(browser, joe, PLACE)
    action, values = browser.prepare("actuel", {"actuel": PASSWORD, "mot-de-passe": NEW, "confirmation": NEW})
    reach(other_browser, joe)
    assert other_browser.send(action, values).status == 403
    assert other_browser.open(other_browser.page.link("Recharger la page")).h1 == "Changer mon mot de passe"
    browser.http.cookies.pop("preau_idp_session")
    assert browser.send(action, values).h1 == DOORS
    assert sandbox.events(event="account.password-changed") == []


def test_after_half_an_hour_nothing_is_changed_and_she_comes_back_to_the_form(
    browser: Browser, sandbox: Sandbox, joe: str
) -> None:
    reach(browser, joe, PLACE)
    sandbox.advance(minutes=31)
    page = change(browser)
    assert page.h1 == DOORS
    assert page.says("Par sécurité, connectez-vous de nouveau.")
    browser.open(page.link("Responsable d'élève"))
    assert sign_in(browser, joe).h1 == "Changer mon mot de passe"
