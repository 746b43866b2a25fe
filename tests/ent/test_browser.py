"""T0 to T6 in a real Chromium, without JavaScript in our pages: accessible, narrow, light and dark, and forms that arrive."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.ent.conftest import World
from tests.support.chromium import assert_accessible, assert_keyboard_comes_by_everything, follow

pytestmark = pytest.mark.browser

LOOKS = [(width, scheme) for width in (390, 1280) for scheme in ("light", "dark")]
# Set ENT_TEST_PICTURES=/some/folder to keep a picture of every page looked at.
PICTURES = os.environ.get("ENT_TEST_PICTURES")
LONG = {
    "given_name": "Jean-Baptiste",
    "family_name": "DUPONT DE LA ROCHEFOUCAULD",
    "FrEduCtRefId": ["{AAF}10||999"],
}


class Eyes:
    """One browser of one size and colour scheme, which looks hard at every page."""

    def __init__(self, browser: Browser, world: World, width: int, scheme: Any, *, scripts: bool = True) -> None:
        self.world = world
        self.name = f"{width}-{scheme}"
        self.context = browser.new_context(
            viewport={"width": width, "height": 800}, color_scheme=scheme, java_script_enabled=scripts, locale="fr-FR"
        )
        self.page: Page = self.context.new_page()
        self.complaints: list[str] = []
        self.page.on("console", lambda message: self.complaints.append(message.text))

    def go(self, path: str) -> None:
        self.page.goto(self.world.ent + path)

    def click(self, role: Any, name: str) -> None:
        follow(self.page, self.page.get_by_role(role, name=name, exact=True))

    def look(self, name: str) -> None:
        assert_accessible(self.page)
        if self.name == "390-light":  # what is reached does not depend on colours
            assert_keyboard_comes_by_everything(self.page)
        for width in (320, None):
            size = self.page.viewport_size
            assert size
            if width:
                self.page.set_viewport_size({"width": width, "height": 800})
            assert self.page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"), (
                name
            )
            self.page.set_viewport_size(size)
        if PICTURES:
            self.page.screenshot(path=Path(PICTURES) / f"{name}-{self.name}.png", full_page=True)

    def title(self, text: str) -> None:
        expect(self.page.get_by_role("heading", level=1)).to_have_text(text)


@pytest.fixture(params=LOOKS, ids=lambda look: f"{look[0]}-{look[1]}")
def eyes(request: pytest.FixtureRequest, chromium: Browser, world: World) -> Iterator[Eyes]:
    eyes = Eyes(chromium, world, *request.param)
    yield eyes
    eyes.context.close()
    assert [text for text in eyes.complaints if "the server responded with a status" not in text] == []


def test_every_page_is_accessible_and_narrow(eyes: Eyes, world: World) -> None:
    world.provider.ask = True
    eyes.go("/")
    eyes.look("t0")
    eyes.click("link", "Se connecter")
    eyes.look("t1")
    eyes.click("button", "Continuer")
    expect(eyes.page.locator(".resume")).to_be_focused()
    eyes.look("t1-erreur")
    eyes.page.get_by_label("Personnel").check()
    eyes.click("button", "Continuer")
    eyes.look("t2")
    eyes.click("link", "Revenir")
    eyes.page.get_by_label("Élève ou parent").check()
    eyes.page.get_by_label("Se souvenir de mon choix").check()
    eyes.look("t1-choisi")
    eyes.click("button", "Continuer")  # 303 to the provider: blocked if form-action forgot its origin
    eyes.click("button", "Valider")
    eyes.title("Bonjour Joe DUPONT")
    eyes.look("t3")
    eyes.click("link", "Diagnostic")
    eyes.look("diagnostic")
    eyes.click("button", "Se déconnecter")
    eyes.title("Vous êtes déconnecté de l'ENT")
    eyes.look("t6")
    eyes.go("/")
    eyes.look("t0-retenu")
    world.provider.person |= LONG
    eyes.click("link", "Se connecter")
    eyes.click("button", "Valider")
    eyes.look("t3-long")
    eyes.click("button", "Se déconnecter")


def test_every_unhappy_page_is_accessible_and_narrow(eyes: Eyes, world: World) -> None:
    world.provider.person["FrEduCtRefId"] = ["{AAF}99||1"]
    eyes.go("/connexion")
    eyes.title("L'ENT ne vous connaît pas encore")
    eyes.look("t4")
    eyes.click("button", "Se déconnecter")
    world.provider.person |= {"given_name": "Angela", "family_name": "DUBOIS", "FrEduCtRefId": ["{AAF}10||888"]}
    eyes.go("/connexion")
    eyes.look("t3-sans-eleve")
    eyes.click("button", "Se déconnecter")
    world.provider.person["FrEduCtRefId"] = ["{AAF}10||888", "{AAF}08||123456", "{AAF}10||999"]
    eyes.go("/connexion")
    eyes.title("Choisissez le compte pour vous connecter")
    eyes.look("t3-comptes")
    follow(eyes.page, eyes.page.get_by_role("button", name="Collège des Tilleuls"))
    eyes.look("t3-compte-choisi")
    eyes.click("button", "Se déconnecter")
    world.provider.bend_claims = lambda it: {**it, "aud": "other"}
    eyes.go("/connexion")
    eyes.title("La connexion n'a pas abouti")
    eyes.look("t5")
    eyes.click("link", "Diagnostic")
    eyes.look("diagnostic-refus")
    eyes.click("link", "Besoin d'aide\u00a0?")
    eyes.look("informations")
    eyes.go("/nulle-part")
    eyes.look("introuvable")


def test_a_renewal_on_the_diagnostic_page_is_accessible_and_narrow(eyes: Eyes, world: World) -> None:
    world.rebuild(scope="openid offline_access")
    eyes.go("/connexion")
    eyes.go("/diagnostic")
    eyes.click("button", "Renouveler les jetons")
    expect(eyes.page.get_by_role("heading", name="Dernier renouvellement")).to_be_visible()
    eyes.look("diagnostic-renouvele")
    world.provider.refresh_tokens.clear()
    eyes.click("button", "Renouveler les jetons")
    expect(eyes.page.get_by_text("error = invalid_grant")).to_be_visible()
    eyes.look("diagnostic-renouvellement-refuse")


def test_the_whole_way_works_without_scripts_and_on_names_under_localhost(chromium: Browser, world: World) -> None:
    ent, idp = (
        url.replace("localhost", name)
        for url, name in ((world.ent, "ent.localhost"), (world.provider.origin, "idp.localhost"))
    )
    world.provider.origin, world.provider.ask = idp, True
    world.provider.redirect_uri, world.provider.after_logout_uri = ent + "/retour", ent + "/deconnecte"
    world.rebuild(issuer=idp, base_url=ent)
    eyes = Eyes(chromium, world, 390, "light", scripts=False)
    eyes.go("/choix")
    eyes.page.get_by_label("Élève ou parent").check()
    eyes.click("button", "Continuer")
    eyes.click("button", "Valider")
    eyes.title("Bonjour Joe DUPONT")
    eyes.page.reload()
    eyes.title("Bonjour Joe DUPONT")
    eyes.click("button", "Se déconnecter")
    eyes.title("Vous êtes déconnecté de l'ENT")
    eyes.page.go_back()
    eyes.title("Bienvenue sur l'ENT Marronnier")
    eyes.context.close()


def test_the_keyboard_reaches_everything_in_reading_order(chromium: Browser, world: World) -> None:
    eyes = Eyes(chromium, world, 390, "light")
    eyes.go("/choix")
    reached = []
    for _ in range(8):
        eyes.page.keyboard.press("Tab")
        reached.append(
            eyes.page.evaluate(
                "(document.activeElement.innerText || document.activeElement.id || '').slice(0, 13).trim()"
            )
        )
    assert reached == [
        "Aller au cont",
        "ENT Marronnie",
        "profil-famill",
        "souvenir",
        "Continuer",
        "Besoin d'aide",
        "Accessibilité",
        "Données perso",
    ]
    eyes.context.close()


def test_text_at_two_hundred_percent_is_not_cut(chromium: Browser, world: World) -> None:
    world.provider.person |= LONG
    eyes = Eyes(chromium, world, 640, "light")
    eyes.go("/connexion")
    eyes.page.evaluate("document.documentElement.style.setProperty('font-size', '200%')")
    assert eyes.page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    eyes.context.close()


def test_targets_are_large_enough_for_a_thumb(chromium: Browser, world: World) -> None:
    eyes = Eyes(chromium, world, 390, "light")
    for path in ("/", "/choix", "/connexion", "/diagnostic"):
        eyes.go(path)
        small = eyes.page.evaluate(
            """[...document.querySelectorAll('main .bouton, main label, header a, header button, footer a')]
            .filter(it => it.getBoundingClientRect().height < 47.9).map(it => it.innerText)"""
        )
        assert small == []
    eyes.context.close()
