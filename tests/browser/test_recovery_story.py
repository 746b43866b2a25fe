"""Joe lost his password, then his identifiant: both « oublié » links walked in a browser, at 320 pixels, each page accessible."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Demo
from tests.browser.story import press
from tests.journeys.people import JOE, PASSWORD
from tests.support.chromium import assert_accessible, assert_narrow, follow

pytestmark = pytest.mark.browser

OTHER = "Autre-Secret-77"
ADDRESS = "joe.dupont@famille.example"


def arrive(page: Page, title: str) -> None:
    expect(page.get_by_role("heading", level=1)).to_have_text(title)
    assert_accessible(page)
    assert_narrow(page)


def open_link(demo: Demo, page: Page, words: str) -> None:
    page.goto(f"{demo.idp}/connexion?profil=responsable")
    follow(page, page.get_by_role("link", name=words, exact=True))
    arrive(page, words)


def confirm_address(demo: Demo, page: Page) -> None:
    page.goto(f"{demo.idp}/mon-compte/e-mail")
    page.fill("#email", ADDRESS)
    press(page, "Envoyer le lien")
    [link] = demo.sandbox.messages(ADDRESS)[0]["links"]
    page.goto(link)
    press(page, "Confirmer mon adresse")
    expect(page.get_by_role("heading", level=1)).to_have_text("Votre adresse e-mail est confirmée")


def test_a_password_and_an_identifiant_come_back(demo: Demo, open_page: Callable[..., Page]) -> None:
    demo.sandbox.reset()
    identifiant = demo.sandbox.activate(JOE.e164, PASSWORD)["identifiant"]
    page = open_page(viewport={"width": 320, "height": 640})

    open_link(demo, page, "Mot de passe oublié")
    page.fill("#identifiant", identifiant)
    press(page, "Continuer")
    arrive(page, "Écrivez le code reçu")
    page.fill("#code", demo.sandbox.code(JOE.e164))
    press(page, "Continuer")
    arrive(page, "Date de naissance d'un enfant")
    for part, value in zip(("jour", "mois", "annee"), ("13", "04", "2012"), strict=True):
        page.fill(f"#{part}", value)
    press(page, "Continuer")
    expect(page.locator(".resume")).to_be_focused()
    arrive(page, "Date de naissance d'un enfant")
    page.fill("#jour", JOE.children[0].born[0])
    press(page, "Continuer")
    arrive(page, "Je choisis un nouveau mot de passe")
    page.fill("#mot-de-passe", OTHER)
    page.fill("#confirmation", OTHER)
    press(page, "Enregistrer")
    arrive(page, "Votre nouveau mot de passe est enregistré")
    follow(page, page.get_by_role("link", name="Se connecter"))
    page.fill("#username", identifiant)
    page.fill("#password", OTHER)
    press(page, "Se connecter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Vous êtes connecté")
    confirm_address(demo, page)
    page.context.clear_cookies()

    open_link(demo, page, "Identifiant oublié")
    page.fill("#nom", JOE.family_name)
    page.fill("#prenom", JOE.given_name)
    page.fill("#telephone", JOE.number)
    press(page, "Recevoir mon identifiant")
    arrive(page, "Regardez vos messages")
    assert identifiant in demo.sandbox.messages(JOE.e164)[0]["text"]

    demo.sandbox.advance(minutes=3 * 24 * 60 + 1)
    open_link(demo, page, "Identifiant oublié")
    follow(page, page.get_by_role("link", name="Je préfère recevoir un e-mail"))
    arrive(page, "Identifiant oublié")
    page.fill("#nom", JOE.family_name)
    page.fill("#prenom", JOE.given_name)
    page.fill("#email", "joe.dupont@famille")
    press(page, "Recevoir mon identifiant")
    expect(page.locator(".resume")).to_be_focused()
    arrive(page, "Identifiant oublié")
    page.fill("#email", ADDRESS)
    press(page, "Recevoir mon identifiant")
    arrive(page, "Regardez vos messages")
    assert identifiant in demo.sandbox.messages(ADDRESS)[0]["text"]
