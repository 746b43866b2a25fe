"""Joe DUPONT, his two children, a phone and an ENT: the story of the README."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Demo
from tests.browser.guide_words import assert_pictures_are_fresh
from tests.browser.story import activate, come_from_the_ent, press, sign_in, sign_out_here, tell_story
from tests.journeys.people import ANGELA, JOE
from tests.support.chromium import assert_accessible, assert_narrow, follow

pytestmark = pytest.mark.browser


def see_accessible(name: str, page: Page) -> None:
    del name
    assert_accessible(page)


def test_joe_activates_signs_in_and_the_ent_names_him_and_both_children(
    demo: Demo, open_page: Callable[..., Page]
) -> None:
    demo.sandbox.reset()
    seen = []

    def see(name: str, page: Page) -> None:
        seen.append(name)
        assert "Simulateur, données fictives" in page.inner_text("body").replace("\u00a0", " ")
        assert_pictures_are_fresh(name, page)
        assert_accessible(page)
        assert_narrow(page)

    tell_story(demo, open_page(), JOE, see)
    assert len(seen) == 10


def test_the_same_story_without_javascript(demo: Demo, open_page: Callable[..., Page]) -> None:
    demo.sandbox.reset()
    tell_story(demo, open_page(java_script_enabled=False), JOE)


def test_the_same_story_on_names_of_their_own(demo_on_names: Demo, open_page: Callable[..., Page]) -> None:
    demo_on_names.sandbox.reset()
    tell_story(demo_on_names, open_page(), JOE)


def test_the_same_story_in_the_dark_at_320_pixels(demo: Demo, open_page: Callable[..., Page]) -> None:
    demo.sandbox.reset()
    page = open_page(color_scheme="dark", viewport={"width": 320, "height": 640})
    tell_story(demo, page, JOE, see_accessible)


def test_signing_out_at_the_provider_signs_out_of_the_ent_too(
    demo_on_names: Demo, open_page: Callable[..., Page]
) -> None:
    demo_on_names.sandbox.reset()
    page = open_page()
    tell_story(demo_on_names, page, JOE)
    sign_out_here(demo_on_names, page)


def test_signing_out_at_the_ent_signs_out_of_the_provider_too(demo: Demo, open_page: Callable[..., Page]) -> None:
    demo.sandbox.reset()
    page = open_page()
    come_from_the_ent(demo, page)
    identifiant = activate(demo, page, ANGELA)
    come_from_the_ent(demo, page)
    sign_in(page, identifiant)
    expect(page.get_by_role("heading", level=1)).to_have_text("Bonjour Angela DUBOIS")
    press(page, "Se déconnecter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Vous êtes déconnecté de l'ENT")
    assert_accessible(page)
    come_from_the_ent(demo, page)
    expect(page.locator("#username")).to_be_visible()


def test_the_diagnostic_page_shows_every_check(demo: Demo, open_page: Callable[..., Page]) -> None:
    demo.sandbox.reset()
    page = open_page(viewport={"width": 1280, "height": 900})
    tell_story(demo, page, JOE)
    follow(page, page.get_by_role("link", name="Diagnostic"))
    expect(page.get_by_role("heading", level=1)).to_contain_text("Diagnostic")
    for word in ("state", "nonce", "iss", "aud", "exp", "FrEduCtRefId"):
        expect(page.locator("main")).to_contain_text(word)
    assert_accessible(page)
    assert_narrow(page)


def test_the_simulated_phone_shows_the_code(demo: Demo, open_page: Callable[..., Page]) -> None:
    demo.sandbox.reset()
    page = open_page()
    come_from_the_ent(demo, page)
    activate(demo, page, ANGELA)
    page.goto(f"{demo.idp}/sandbox/messages")
    expect(page.locator("main")).to_contain_text("est votre code de sécurité pour activer votre compte parent")
    assert_accessible(page)
    assert_narrow(page)
