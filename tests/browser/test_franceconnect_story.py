"""Angela DUBOIS comes through FranceConnect; Joe DUPONT had activated by SMS before. On ports and on names, with and without script."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Demo
from tests.browser.guide_words import assert_pictures_are_fresh
from tests.browser.story import See, activate, come_from_the_ent, fill_kinship, look_away, press
from tests.journeys.people import ANGELA, JOE, Parent
from tests.support.chromium import assert_accessible, assert_narrow, follow

pytestmark = pytest.mark.browser


def heading(page: Page) -> Any:
    return page.get_by_role("heading", level=1)


def identify(page: Page, login: str, name: str, see: See = look_away) -> None:
    """From the sign-in page through the fictional provider."""
    follow(page, page.get_by_role("link", name="Je me connecte avec FranceConnect"))
    see("franceconnect-choix", page)
    follow(page, page.get_by_role("button", name="Impôts fictifs"))
    page.fill("#login", login)
    page.fill("#password", "123")
    follow(page, page.locator("#bouton_valider"))
    expect(heading(page)).to_have_text("Vous allez vous connecter en tant que :")
    expect(page.locator("main")).to_contain_text(name)
    see("franceconnect-information", page)
    follow(page, page.locator("#bouton_continuer"))
    see("franceconnect-telephone", page)


def prove(demo: Demo, page: Page, parent: Parent, see: See = look_away) -> None:
    """Phone, code, birth dates."""
    expect(heading(page)).to_have_text("Finissez d'activer votre compte")
    page.fill("#telephone", parent.number)
    press(page, "Continuer")
    expect(heading(page)).to_have_text("Un code de sécurité a été envoyé")
    page.fill("#code", demo.sandbox.code(parent.e164))
    press(page, "Continuer")
    expect(heading(page)).to_have_text("Je confirme mon lien avec les élèves")
    see("franceconnect-enfants", page)
    fill_kinship(page, parent)
    press(page, "Continuer")
    expect(heading(page)).to_have_text("Votre compte a été activé avec succès")
    see("franceconnect-relie", page)


def sign_out(page: Page, *, scripts: bool) -> None:
    """Out of the ENT, of Préau and of FranceConnect."""
    press(page, "Se déconnecter")
    if (
        not scripts
    ):  # with one, the logout of FranceConnect goes on by itself, and its button may be gone before it is pressed
        follow(page, page.get_by_role("button", name="Continuer", exact=True))
    expect(page.get_by_role("heading", name="Vous êtes déconnecté de l'ENT")).to_be_visible(timeout=15_000)


@pytest.mark.parametrize(
    ("place", "scripts"), [("demo", True), ("demo", False), ("demo_on_names", True), ("demo_on_names", False)]
)
def test_angela_activates_through_franceconnect_leaves_and_comes_back_with_it_alone(
    request: pytest.FixtureRequest, open_page: Callable[..., Page], place: str, scripts: bool
) -> None:
    demo: Demo = request.getfixturevalue(place)
    demo.sandbox.reset()
    page = open_page(java_script_enabled=scripts)
    see = assert_pictures_are_fresh if scripts else look_away  # the pictures are of pages with their scripts
    come_from_the_ent(demo, page)
    identify(page, "test", "Angela Claire Louise DUBOIS", see)
    prove(demo, page, ANGELA, see)
    assert_accessible(page) if scripts else None
    follow(page, page.get_by_role("link", name="Continuer vers ENT Marronnier"))
    expect(heading(page)).to_have_text("Bonjour Angela DUBOIS")
    expect(page.locator("main")).to_contain_text("Zoé DUBOIS")
    sign_out(page, scripts=scripts)
    come_from_the_ent(demo, page)
    identify(page, "test", "Angela Claire Louise DUBOIS")
    expect(heading(page)).to_have_text("Bonjour Angela DUBOIS")
    assert demo.sandbox.events().count("activation.account-made") == 1


@pytest.mark.parametrize("place", ["demo", "demo_on_names"])
def test_joe_who_activated_by_sms_gets_the_same_account(
    request: pytest.FixtureRequest, open_page: Callable[..., Page], place: str
) -> None:
    demo: Demo = request.getfixturevalue(place)
    demo.sandbox.reset()
    page = open_page()
    come_from_the_ent(demo, page)
    activate(demo, page, JOE)
    page = open_page()
    come_from_the_ent(demo, page)
    identify(page, "joe", "Joe DUPONT")
    prove(demo, page, JOE)
    follow(page, page.get_by_role("link", name="Continuer vers ENT Marronnier"))
    expect(heading(page)).to_have_text("Bonjour Joe DUPONT")
    for child in JOE.children:
        expect(page.locator("main")).to_contain_text(child.name)
    accounts = {line["account_id"] for line in demo.sandbox.audit() if line["account_id"] is not None}
    assert len(accounts) == 1


def test_it_is_not_you_leads_out_of_franceconnect_and_back_to_the_sign_in_page(
    demo: Demo, open_page: Callable[..., Page]
) -> None:
    demo.sandbox.reset()
    page = open_page()
    come_from_the_ent(demo, page)
    identify(page, "test", "Angela Claire Louise DUBOIS")
    assert_accessible(page)
    assert_narrow(page)
    press(page, "Ce n'est pas vous ?")
    expect(heading(page)).to_have_text("Je me connecte")
    follow(page, page.get_by_role("link", name="Je me connecte avec FranceConnect"))
    expect(heading(page)).to_have_text("Connexion en cours sur Education Nationale")
