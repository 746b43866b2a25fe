"""The switch of languages in a browser, with its script and without."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from idp.journeys.answers import Profile, Step
from tests.web.conftest import Site
from tests.web.looking import PHONE
from tests.web.test_languages import PASSING
from tests.web.world import STATES

pytestmark = pytest.mark.browser

OTHERS = ("facile", "en")


@pytest.fixture(params=[True, False], ids=["script", "no script"])
def scripted(request: pytest.FixtureRequest) -> bool:
    return bool(request.param)


@pytest.fixture
def page(chromium: Browser, scripted: bool) -> Iterator[Page]:
    context = chromium.new_context(viewport=PHONE, java_script_enabled=scripted)
    yield context.new_page()
    context.close()


@pytest.mark.parametrize("code", OTHERS)
def test_what_was_typed_comes_along_with_a_script_and_the_step_stays_without(
    page: Page, site: Site, scripted: bool, code: str
) -> None:
    site.world.activation.show_page(Step.IDENTITY)
    page.goto(f"{site.base}/activation/identite")
    page.locator("#nom").fill("DUPONT")
    page.locator("#indicatif").select_option("+590")
    with page.expect_navigation():
        page.get_by_role("link", name={"facile": "Facile à lire", "en": "English"}[code]).click()
    expect(page.locator("html")).to_have_attribute("data-langue", code)
    expect(page.locator("html")).to_have_attribute("lang", "en" if code == "en" else "fr")
    expect(page.locator("#nom")).to_have_value("DUPONT" if scripted else "")
    expect(page.locator("#indicatif")).to_have_value("+590" if scripted else "+33")
    assert page.locator("body :focus").count() == 0, "the focus is at the top, as on any new page"
    assert page.url == f"{site.base}/activation/identite?langue={code}"
    # The form is the step's own: what it sends is what was typed.
    site.world.activation.calls.clear()
    with page.expect_navigation():
        page.locator("button.bouton").click()
    assert site.world.activation.calls[0][0] == "identity"


def test_a_password_never_comes_along_even_where_it_is_shown(page: Page, site: Site, scripted: bool) -> None:
    site.world.sign_in.show_page(Profile.RESPONSABLE)
    page.goto(f"{site.base}/connexion?d=h4ndle&profil=responsable")
    page.locator("#username").fill("j.dupont4271")
    page.locator("#password").fill("Zebre-7-lune")
    if scripted:
        page.get_by_role("button", name="Afficher le mot de passe").click()
    posted: list[str] = []
    page.on("request", lambda asked: posted.append(asked.post_data or ""))
    with page.expect_navigation():
        page.get_by_role("link", name="English").click()
    expect(page.locator("#username")).to_have_value("j.dupont4271" if scripted else "")
    expect(page.locator("#password")).to_have_value("")
    assert not any("Zebre" in body or "jeton" in body for body in posted)


def test_a_code_never_comes_along(page: Page, site: Site) -> None:
    site.world.activation.show_page(Step.CODE, masked_phone="+33 6 •• •• •• 01", phone_ending="01")
    page.goto(f"{site.base}/activation/code")
    page.locator("#code").fill("482913")
    with page.expect_navigation():
        page.get_by_role("link", name="English").click()
    expect(page.locator("#code")).to_have_value("")


def test_pages_that_go_on_by_themselves_are_known() -> None:
    assert {state.name for state in STATES} >= PASSING
