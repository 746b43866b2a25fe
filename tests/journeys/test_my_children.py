"""« Mes enfants »: what it shows, the way to a child who waits, and « Je ne suis pas le représentant légal »."""

import pytest

from tests.journeys.children import Household, card, told
from tests.journeys.own import put, session_of
from tests.journeys.people import PASSWORD
from tests.journeys.visits import sign_in
from tests.support.browser import Browser
from tests.support.page import Page
from tests.support.relying_party import RelyingParty
from tests.support.sandbox import Sandbox

CHILDREN = "/mon-compte/enfants"
NOT_MINE = "Je ne suis pas le représentant légal"
PROOF = "Confirmez que c'est vous"


@pytest.fixture
def home(sandbox: Sandbox) -> Household:
    """Odile, with a child in each of two academies."""
    home = Household(sandbox)
    home.load(home.pupil("Ève"), home.pupil("Noé", "petits", class_name="CM1"))
    return home


def open_children(browser: Browser, login: str) -> Page:
    """Ask for the page, sign in, and be there."""
    page = browser.open(CHILDREN)
    if page.h1 != "Mes enfants":
        browser.open(page.link("Responsable d'élève"))
        page = sign_in(browser, login)
    assert page.h1 == "Mes enfants", page.text
    return page


def contest(browser: Browser, name: str) -> Page:
    """Take the link in the card of a child."""
    return browser.open(browser.page.link(f"{NOT_MINE} de {name}"))


def test_each_child_has_a_card_with_school_class_and_date(browser: Browser, sandbox: Sandbox, home: Household) -> None:
    sandbox.set_clock("2031-03-14T09:00:00Z")
    page = open_children(browser, home.login)
    for words in ("Ève PRÉAUX", "Collège des Tilleuls", "Classe : 6EME A", "Académie : Grenoble"):
        assert page.says(words), words
    for words in ("Noé PRÉAUX", "École des Petits", "Classe : CM1", "Académie : Lyon", "Lien confirmé le"):
        assert page.says(words), words
    assert 'aria-current="page">Mes enfants</a>' in page.html
    assert page.headers["Cache-Control"] == "no-store"
    assert not page.says("À confirmer")


def test_a_child_who_waits_is_named_without_a_school_and_proved_from_here(browser: Browser, home: Household) -> None:
    home.load(home.pupil("Ève"), home.pupil("Noé", "petits"), home.pupil("Mia", "saules"))
    page = open_children(browser, home.login)
    assert page.says("À confirmer")
    assert page.says("Mia PRÉAUX")
    assert not page.says("Lycée des Saules")
    page = browser.open(page.link("Confirmer le lien"))
    assert page.h1 == "Un enfant a été ajouté à votre compte"
    page = browser.fill("lien-1", card(1, "Mia"))
    assert page.h1 == "Mes enfants"
    assert page.says("Lycée des Saules")
    assert browser.open("/enfants").h1 == "Mes enfants", "nothing is asked any more"


def test_a_date_given_from_here_changes_the_secret_of_the_session_once(browser: Browser, home: Household) -> None:
    home.load(home.pupil("Ève"), home.pupil("Noé", "petits"), home.pupil("Mia"))
    browser.open(open_children(browser, home.login).link("Confirmer le lien"))
    twice, former = browser.prepare("lien-1", card(1, "Mia")), session_of(browser)
    browser.send(*twice)
    held = session_of(browser)
    assert held != former
    put(browser, former)
    assert browser.send(*twice).h1 == "Mes enfants", "the second half of a double click"
    assert session_of(browser) == held
    put(browser, former)
    assert browser.open(CHILDREN).h1 == "Je sélectionne mon profil"


def test_the_page_of_a_child_who_waits_is_left_after_half_an_hour_as_this_one_is(
    browser: Browser, sandbox: Sandbox, home: Household
) -> None:
    home.load(home.pupil("Ève"), home.pupil("Noé", "petits"), home.pupil("Mia"))
    page = browser.open(open_children(browser, home.login).link("Confirmer le lien"))
    form = browser.prepare("lien-1", card(1, "Mia"))
    sandbox.advance(minutes=29)
    assert browser.open(page.url).h1 == page.h1, "it was used"
    sandbox.advance(minutes=29)
    assert browser.open(page.url).h1 == page.h1
    sandbox.advance(minutes=31)
    assert browser.open(page.url).says("« Mon compte » se ferme après 30 minutes sans action.")
    assert browser.send(*form).h1 == "Je sélectionne mon profil"
    assert home.states()["Mia"] == "declared", "nothing was done"
    browser.open(browser.page.link("Responsable d'élève"))
    assert sign_in(browser, home.login).h1 == "Mes enfants"


def test_later_leads_back_and_the_child_goes_on_waiting(browser: Browser, home: Household) -> None:
    home.load(home.pupil("Ève"), home.pupil("Noé", "petits"), home.pupil("Mia"))
    browser.open(open_children(browser, home.login).link("Confirmer le lien"))
    assert browser.fill("Plus tard").says("À confirmer")


def test_whose_child_it_is_not_says_so_and_it_is_released_no_more(
    browser: Browser, sandbox: Sandbox, ent: RelyingParty, home: Household
) -> None:
    open_children(browser, home.login)
    page = contest(browser, "Noé PRÉAUX")
    assert page.h1 == "Vous n'êtes pas le représentant légal de Noé PRÉAUX ?"
    assert "Noé" not in page.title
    assert home.states()["Noé"] == "confirmed", "not before it is confirmed"
    twice = browser.prepare("Oui, je confirme")
    page = browser.send(*twice)
    assert page.says("Cet élève n'est plus dans votre compte.")
    assert not page.says("Noé PRÉAUX")
    assert browser.send(*twice).h1 == "Mes enfants"
    assert home.states()["Noé"] == "contested"
    assert sandbox.events().count("children.contested") == 1
    home.await_texts("Votre lien avec un élève a été retiré de votre compte.")
    browser.open(ent.authorization_uri(prompt="none"))
    assert told(ent, browser)["FrEduCtPersonAffiliation"] == ["resp2d"]
    home.load(home.pupil("Ève"), home.pupil("Noé", "petits", class_name="CM2"))
    assert home.states()["Noé"] == "contested", "no import revives it"
    assert not open_children(browser, home.login).says("Noé PRÉAUX")


def test_nobody_left_keeps_the_account_without_affiliation(
    browser: Browser, ent: RelyingParty, home: Household
) -> None:
    open_children(browser, home.login)
    for name in ("Ève PRÉAUX", "Noé PRÉAUX"):
        contest(browser, name)
        page = browser.fill("Oui, je confirme")
    assert page.says("Aucun élève n'est rattaché à votre compte en ce moment.")
    browser.open(ent.authorization_uri(prompt="none"))
    claims = told(ent, browser)
    assert claims["family_name"] == "PRÉAUX"
    assert "FrEduCtPersonAffiliation" not in claims


def test_an_old_session_proves_itself_before_it_contests(browser: Browser, sandbox: Sandbox, home: Household) -> None:
    open_children(browser, home.login)
    sandbox.advance(minutes=16)
    page = contest(browser, "Noé PRÉAUX")
    assert page.h1 == PROOF, "whoever finds the phone lying there may not"
    page = browser.fill("actuel", {"actuel": PASSWORD})
    assert page.h1.startswith("Vous n'êtes pas le représentant légal de Noé")


def test_nobody_contests_the_child_of_another_account(
    browser: Browser, other_browser: Browser, sandbox: Sandbox, home: Household
) -> None:
    open_children(browser, home.login)
    theirs = browser.page.link(f"{NOT_MINE} de Noé PRÉAUX")
    contest(browser, "Noé PRÉAUX")
    form = browser.prepare("Oui, je confirme")
    other = Household(sandbox)
    other.load(other.pupil("Mia"))
    open_children(other_browser, other.login)
    assert other_browser.open(theirs).h1 == "Mes enfants"
    assert other_browser.send(*form).status == 403
    assert home.states()["Noé"] == "confirmed"
