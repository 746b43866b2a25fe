"""« Confirmation de l'identité », with the keyboard alone: by the policy where Joe never signed in, and where a tester asks for it."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.story import press
from tests.journeys.people import JOE, PASSWORD
from tests.support.chromium import assert_accessible, assert_narrow, follow
from tests.support.sandbox import Sandbox
from tests.support.server import RunningServer, running_server

pytestmark = pytest.mark.browser
CHECK = "Confirmation de l'identité"
LEA, WRONG = ("12", "avril", "2012"), ("13", "avril", "2012")


def come_and_sign_in(page: Page, server: RunningServer, identifiant: str) -> None:
    """Sign in for a page of the account, in a browser that holds no session."""
    page.context.clear_cookies(name="preau_idp_session")
    page.goto(f"{server.base}/mon-compte")
    follow(page, page.get_by_role("link", name="Responsable d'élève"))
    page.fill("#username", identifiant)
    page.fill("#password", PASSWORD)
    press(page, "Se connecter")


def expect_check(page: Page) -> None:
    expect(page.get_by_role("heading", level=1)).to_have_text(CHECK)
    assert_accessible(page)
    assert_narrow(page)


def expect_home(page: Page) -> None:
    expect(page.get_by_role("heading", level=1)).to_have_text("Mes informations")


def walk_to(page: Page, field: str) -> None:
    """Press Tab until the field has the focus."""
    for _ in range(12):
        page.keyboard.press("Tab")
        if page.locator(field).evaluate("one => one === document.activeElement"):
            return
    raise AssertionError(f"no stop at {field}")


def type_date_and_enter(page: Page, date: tuple[str, str, str]) -> None:
    """Write over the three fields, the first of which has the focus, and press Enter."""
    for place, part in enumerate(date):
        if place:
            page.keyboard.press("Tab")
        page.keyboard.press("Control+A")
        page.keyboard.type(part)
    with page.expect_navigation():
        page.keyboard.press("Enter")


def test_a_wrong_date_then_a_right_one_by_the_policy_and_by_a_testers_demand(
    open_page: Callable[..., Page], tmp_path: Path
) -> None:
    with running_server(tmp_path, more='[sign_in]\nidentity_check = "unknown-browser"') as server:
        sandbox = Sandbox(server.base)
        joe = str(sandbox.activate(JOE.e164, PASSWORD)["identifiant"])
        page = open_page(viewport={"width": 320, "height": 640})

        come_and_sign_in(page, server, joe)
        expect_check(page)
        walk_to(page, "#jour")
        type_date_and_enter(page, WRONG)
        expect(page).to_have_title(f"Erreur : {CHECK} - Préau")
        expect(page.locator(".resume")).to_be_focused()
        expect(page.locator(".resume")).to_contain_text("Il vous reste 4 essais.")
        expect_check(page)
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        expect(page.locator("#jour")).to_be_focused()
        expect(page.locator("#jour")).to_have_value("13")
        type_date_and_enter(page, LEA)
        expect_home(page)

        come_and_sign_in(page, server, joe)
        expect_home(page)

        sandbox.do("POST", f"people/{joe}/identity-check")
        come_and_sign_in(page, server, joe)
        expect_check(page)
        walk_to(page, "#jour")
        type_date_and_enter(page, LEA)
        expect_home(page)
        assert sandbox.events().count("identity.confirmed") == 2
