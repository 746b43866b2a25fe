"""Joe looks after his account on a telephone that he shares: another password, one device, and nothing left behind."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Demo
from tests.browser.story import press
from tests.journeys.own import NEW
from tests.journeys.people import JOE, PASSWORD
from tests.support.chromium import assert_accessible, assert_narrow, follow

pytestmark = pytest.mark.browser


def expect_page(page: Page, heading: str) -> None:
    """Wait for a page and look at it."""
    expect(page.get_by_role("heading", level=1)).to_have_text(heading)
    assert_accessible(page)
    assert_narrow(page)


def sign_in(page: Page, identifiant: str, password: str) -> None:
    follow(page, page.get_by_role("link", name="Responsable d'élève"))
    page.fill("#username", identifiant)
    page.fill("#password", password)
    press(page, "Se connecter")


def go(page: Page, words: str) -> None:
    follow(page, page.get_by_role("main").get_by_role("link", name=words, exact=True))


def test_joe_changes_his_password_and_leaves_nothing_to_the_next_one(
    demo: Demo, open_page: Callable[..., Page]
) -> None:
    demo.sandbox.reset()
    identifiant = str(demo.sandbox.activate(JOE.e164, PASSWORD)["identifiant"])
    computer, telephone = open_page(viewport={"width": 1280, "height": 900}), open_page()
    for page in (computer, telephone):
        page.goto(f"{demo.idp}/mon-compte")
        sign_in(page, identifiant, PASSWORD)
        expect_page(page, "Mes informations")

    go(telephone, "Changer mon mot de passe")
    expect_page(telephone, "Changer mon mot de passe")
    telephone.fill("#actuel", "Pas-le-bon-1")
    telephone.get_by_role("button", name="Afficher le mot de passe").first.click()
    expect(telephone.locator("#actuel")).to_have_attribute("type", "text")
    for field in ("#mot-de-passe", "#confirmation"):
        telephone.fill(field, NEW)
    press(telephone, "Enregistrer")
    expect(telephone).to_have_title("Erreur : Changer mon mot de passe - Préau")
    expect_page(telephone, "Changer mon mot de passe")
    for field, typed in (("#actuel", PASSWORD), ("#mot-de-passe", NEW), ("#confirmation", NEW)):
        telephone.fill(field, typed)
    press(telephone, "Enregistrer")
    expect(telephone.locator("main")).to_contain_text("Mot de passe modifié.")
    expect_page(telephone, "Mes informations")
    computer.reload()
    expect_page(computer, "Je sélectionne mon profil")

    for words, heading in (
        ("Mes appareils", "Mes appareils"),
        ("Historique des connexions", "Historique des connexions"),
        ("Sites autorisés", "Sites autorisés"),
        ("Mes données", "Mes données"),
        ("Fermer mon compte", "Fermer mon compte"),
    ):
        go(telephone, words)
        expect_page(telephone, heading)
        go(telephone, "Mes informations")

    follow(telephone, telephone.get_by_role("link", name="Se déconnecter"))
    press(telephone, "Me déconnecter")
    expect_page(telephone, "Vous êtes déconnecté")
    telephone.go_back()
    telephone.go_back()
    expect(telephone.locator("body")).not_to_contain_text(identifiant)


def test_a_page_says_that_it_will_close_and_shows_nothing_afterwards(
    demo: Demo, open_page: Callable[..., Page]
) -> None:
    demo.sandbox.reset()
    identifiant = str(demo.sandbox.activate(JOE.e164, PASSWORD)["identifiant"])
    page = open_page()
    page.clock.install()
    page.goto(f"{demo.idp}/mon-compte")
    sign_in(page, identifiant, PASSWORD)
    expect_page(page, "Mes informations")
    notice = page.get_by_text("Sans action de votre part, cette page se fermera dans 3 minutes.")
    expect(notice).to_be_hidden()
    page.clock.fast_forward("27:01")
    expect(notice).to_be_visible()
    assert_accessible(page)
    page.get_by_role("button", name="Continuer").click()
    expect(notice).to_be_hidden()
    demo.sandbox.advance(minutes=31)
    page.clock.fast_forward("30:02")
    expect(page.get_by_role("heading", level=1)).to_have_text("Je sélectionne mon profil")
    expect(page.locator("main")).to_contain_text("Par sécurité, connectez-vous de nouveau.")
    expect(page.locator("body")).not_to_contain_text(identifiant)
