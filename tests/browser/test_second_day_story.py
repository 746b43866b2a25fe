"""What else a parent does with her account: two become one and two again, FranceConnect comes and goes, and she leaves and stays."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Demo
from tests.browser.story import press, sign_in
from tests.journeys.children import Household
from tests.journeys.people import ANGELA, JOE, PASSWORD
from tests.journeys.test_grouping import THEIRS, Elsewhere
from tests.support.chromium import assert_accessible, assert_narrow, follow

pytestmark = pytest.mark.browser


def arrive(page: Page, heading: str, *says: str) -> None:
    """Wait for a page, read it and look at it."""
    expect(page.get_by_role("heading", level=1)).to_have_text(heading)
    for words in says:
        expect(page.locator("main")).to_contain_text(words)
    assert_accessible(page)
    assert_narrow(page)


def enter(demo: Demo, page: Page, identifiant: str, path: str) -> None:
    """Ask for a page of the account, sign in, and be there."""
    page.goto(f"{demo.idp}/mon-compte{path}")
    follow(page, page.locator("#bouton_responsable"))
    sign_in(page, identifiant)


def test_two_accounts_become_one_and_two_again(demo: Demo, open_page: Callable[..., Page]) -> None:
    home = Household(demo.sandbox)
    home.load(home.pupil("Ève"))
    other = Elsewhere(home)
    other.load()
    page = open_page()
    enter(demo, page, home.login, "/enfants/regroupement")
    arrive(page, "Ajouter des élèves depuis un autre compte")
    page.fill("#autre-identifiant", other.login)
    page.fill("#autre-mot-de-passe", THEIRS)
    press(page, "Regrouper les comptes")
    arrive(page, "Mes enfants", "Comptes regroupés.")
    expect(page.get_by_role("heading", level=2)).to_have_text(["Ève PRÉAUX", "Mia PRÉAUX", "Noé PRÉAUX"])
    home.await_texts("Deux comptes parents à votre nom sont regroupés en un seul.", to=other.e164)
    follow(page, page.get_by_role("link", name="Annuler le regroupement"))
    arrive(page, "Voulez-vous annuler le regroupement ?", other.login)
    press(page, "Annuler le regroupement")
    arrive(page, "Mes enfants", "Les comptes sont de nouveau séparés.")
    expect(page.get_by_role("heading", level=2)).to_have_text(["Ève PRÉAUX"])
    assert {"account.grouped", "account.ungrouped"} <= set(demo.sandbox.events())


def test_franceconnect_is_added_and_removed_again(demo: Demo, open_page: Callable[..., Page]) -> None:
    demo.sandbox.reset()
    identifiant = str(demo.sandbox.activate(ANGELA.e164, PASSWORD)["identifiant"])
    page = open_page()
    enter(demo, page, identifiant, "/franceconnect")
    arrive(page, "FranceConnect", "FranceConnect n'est pas relié à votre compte.")
    follow(page, page.get_by_role("link", name="Relier FranceConnect"))
    follow(page, page.get_by_role("button", name="Impôts fictifs"))
    page.fill("#login", "test")
    page.fill("#password", "123")
    follow(page, page.locator("#bouton_valider"))
    follow(page, page.locator("#bouton_continuer"))
    arrive(page, "Mes informations", "FranceConnect est relié à votre compte.")
    page.goto(f"{demo.idp}/mon-compte/franceconnect")
    follow(page, page.get_by_role("button", name="Retirer"))
    arrive(page, "Mes informations", "FranceConnect n'est plus relié à votre compte.")
    assert {"franceconnect.linked", "account.franceconnect-removed"} <= set(demo.sandbox.events())


def test_she_takes_a_copy_asks_for_the_end_and_stays_by_signing_in(
    demo: Demo, open_page: Callable[..., Page], tmp_path: Path
) -> None:
    demo.sandbox.reset()
    identifiant = str(demo.sandbox.activate(JOE.e164, PASSWORD)["identifiant"])
    page = open_page(accept_downloads=True)
    enter(demo, page, identifiant, "/donnees")
    arrive(page, "Mes données")
    with page.expect_download() as download:
        page.get_by_role("link", name="Télécharger mes données").click()
    download.value.save_as(tmp_path / "copy.json")
    assert identifiant in json.dumps(json.loads((tmp_path / "copy.json").read_text(encoding="utf-8")))
    page.goto(f"{demo.idp}/mon-compte/fermeture")
    press(page, "Fermer mon compte")
    expect(page.locator(".resume")).to_be_focused()
    page.check("#compris")
    press(page, "Fermer mon compte")
    arrive(page, "Votre compte sera fermé")
    assert demo.sandbox.messages(JOE.e164)[0]["text"].startswith("Votre compte parent sera fermé le ")
    enter(demo, page, identifiant, "")
    arrive(page, "Votre compte reste ouvert")
    assert {"account.closing-asked", "account.closing-cancelled"} <= set(demo.sandbox.events())
