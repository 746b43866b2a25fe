"""A child is added, proved on the way to the ENT, found in « Mes enfants », and one is contested: at 320 pixels, each page accessible."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Demo
from tests.browser.story import come_from_the_ent, press
from tests.journeys.children import BORN, Household
from tests.journeys.people import PASSWORD
from tests.support.chromium import assert_accessible, assert_narrow, follow

pytestmark = pytest.mark.browser


def arrive(page: Page, title: str) -> None:
    expect(page.get_by_role("heading", level=1)).to_have_text(title)
    assert_accessible(page)
    assert_narrow(page)


def type_date(page: Page, name: str) -> None:
    for part, value in zip(("annee", "mois", "jour"), BORN[name].split("-"), strict=True):
        page.fill(f"#{part}-1", value)


def test_a_child_is_added_and_another_one_is_not_hers(demo: Demo, open_page: Callable[..., Page]) -> None:
    home = Household(demo.sandbox)
    home.load(home.pupil("Ève"))
    home.load(home.pupil("Ève"), home.pupil("Noé", "petits"))
    page = open_page(viewport={"width": 320, "height": 640})

    come_from_the_ent(demo, page)
    page.fill("#username", home.login)
    page.fill("#password", PASSWORD)
    press(page, "Se connecter")
    arrive(page, "Un enfant a été ajouté à votre compte")
    page.check("#mine-1")
    type_date(page, "Ève")
    press(page, "Continuer")
    expect(page.locator(".resume")).to_be_focused()
    arrive(page, "Un enfant a été ajouté à votre compte")
    type_date(page, "Noé")
    press(page, "Continuer")
    assert page.url.startswith(demo.ent)

    page.goto(f"{demo.idp}/mon-compte/enfants")
    arrive(page, "Mes enfants")
    expect(page.get_by_role("heading", level=2)).to_have_text(["Ève PRÉAUX", "Noé PRÉAUX"])
    follow(page, page.get_by_role("link", name="Je ne suis pas le représentant légal de Noé PRÉAUX"))
    arrive(page, "Vous n'êtes pas le représentant légal de Noé PRÉAUX ?")
    press(page, "Oui, je confirme")
    arrive(page, "Mes enfants")
    expect(page.get_by_role("heading", level=2)).to_have_text(["Ève PRÉAUX"])
    page.get_by_text("Il manque un enfant ?").click()
    follow(page, page.get_by_role("link", name="Ajouter des élèves depuis un autre compte"))
    arrive(page, "Ajouter des élèves depuis un autre compte")
    page.fill("#autre-identifiant", home.login)
    page.fill("#autre-mot-de-passe", PASSWORD)
    press(page, "Regrouper les comptes")
    expect(page.locator(".resume")).to_be_focused()
    arrive(page, "Ajouter des élèves depuis un autre compte")
