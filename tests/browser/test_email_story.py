"""Joe gives his account an e-mail address: asked for on one device, read in the simulated mailbox, confirmed on another without scripts."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Demo, readable
from tests.browser.story import press
from tests.journeys.people import JOE, PASSWORD
from tests.support.chromium import assert_accessible, assert_narrow, follow

pytestmark = pytest.mark.browser

ADDRESS = "joe.dupont@famille.example"


def expect_page(page: Page, heading: str, *, runs_scripts: bool = True) -> None:
    """Wait for a page and look at it. axe is a script."""
    expect(page.get_by_role("heading", level=1)).to_have_text(heading)
    if runs_scripts:
        assert_accessible(page)
    assert_narrow(page)


def test_joe_gives_an_address_and_opens_its_link_on_his_telephone(demo: Demo, open_page: Callable[..., Page]) -> None:
    demo.sandbox.reset()
    identifiant = str(demo.sandbox.activate(JOE.e164, PASSWORD)["identifiant"])
    computer, telephone = open_page(viewport={"width": 1280, "height": 900}), open_page(java_script_enabled=False)
    computer.goto(f"{demo.idp}/mon-compte/e-mail")
    follow(computer, computer.get_by_role("link", name="Responsable d'élève"))
    computer.fill("#username", identifiant)
    computer.fill("#password", PASSWORD)
    press(computer, "Se connecter")
    expect_page(computer, "Mon adresse e-mail")
    computer.fill("#email", "joe.dupont@famille")
    press(computer, "Envoyer le lien")
    expect(computer).to_have_title("Erreur : Mon adresse e-mail - Préau")
    expect_page(computer, "Mon adresse e-mail")
    computer.fill("#email", ADDRESS)
    press(computer, "Envoyer le lien")
    expect_page(computer, "Mes informations")
    assert f"{ADDRESS}, à confirmer" in readable(computer.inner_text("main"))

    telephone.goto(f"{demo.idp}/sandbox/messages")
    expect_page(telephone, "Téléphone et messagerie simulés", runs_scripts=False)
    follow(telephone, telephone.get_by_role("link", name="/e-mail/confirmer"))
    expect_page(telephone, "Confirmez votre adresse e-mail", runs_scripts=False)
    press(telephone, "Confirmer mon adresse")
    expect_page(telephone, "Votre adresse e-mail est confirmée", runs_scripts=False)

    follow(computer, computer.get_by_role("link", name="Mes informations"))
    expect(computer.locator("main")).to_contain_text(f"{ADDRESS}, confirmée")
