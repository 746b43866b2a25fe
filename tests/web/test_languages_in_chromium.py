"""Easy French and English in a browser: what a language can change, on every page in every state, and the switch with its script.

axe looks for what words and languages can break alone: the rest is the same page, which tests/web/test_in_chromium.py looks at in French.
"""

from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from idp.journeys.answers import Profile, Step
from tests.web.conftest import Site
from tests.web.test_in_chromium import CALM, PHONE, WIDTH, names, open_details
from tests.web.test_languages import PASSING
from tests.web.world import STATES, State

pytestmark = pytest.mark.browser

OTHERS = ("facile", "en")
RULES = [
    "aria-command-name", "aria-input-field-name", "button-name", "document-title", "empty-heading", "frame-title",
    "html-has-lang", "html-lang-valid", "label", "label-content-name-mismatch", "landmark-unique", "link-name",
    "page-has-heading-one", "region", "select-name", "summary-name", "valid-lang",
]  # fmt: skip
STOPS = """() => {
    const seen = [...document.querySelectorAll('a[href], button, input, select, textarea, summary, [tabindex="0"]')]
        .filter((one) => one.tabIndex >= 0 && !one.disabled && one.checkVisibility({ visibilityProperty: true }) && one.type !== 'hidden');
    const stands = (one) => seen.find((other) => other.name === one.name && other.checked) ?? seen.find((other) => other.name === one.name);
    return seen.filter((one) => one.type !== 'radio' || stands(one) === one).length;
}"""
HERE = """() => {
    const one = document.activeElement;
    const all = [...document.querySelectorAll('*')];
    return [all.indexOf(one), getComputedStyle(one).outlineStyle, one.outerHTML.slice(0, 90)];
}"""


@pytest.fixture(scope="module")
def shared_page(chromium: Browser) -> Iterator[Page]:
    context = chromium.new_context(viewport=PHONE)
    yield context.new_page()
    context.close()


@pytest.fixture(params=[True, False], ids=["script", "no script"])
def scripted(request: pytest.FixtureRequest) -> bool:
    return bool(request.param)


@pytest.fixture
def page(chromium: Browser, scripted: bool) -> Iterator[Page]:
    context = chromium.new_context(viewport=PHONE, java_script_enabled=scripted)
    yield context.new_page()
    context.close()


def address(site: Site, state: State, code: str) -> str:
    return f"{site.base}{state.path}{'&' if '?' in state.path else '?'}langue={code}"


@pytest.mark.parametrize("state", STATES, ids=names)
def test_every_page_stands_in_easy_french_and_in_english(shared_page: Page, site: Site, state: State) -> None:
    state.prepare(site.world)
    for code in OTHERS:
        shared_page.set_viewport_size(PHONE)
        shared_page.goto(address(site, state, code))
        if state in CALM:
            box = shared_page.locator("h1").bounding_box()
            assert box is not None
            assert box["y"] < 300, "the heading starts too low on a phone"
        open_details(shared_page)
        results = Axe().run(shared_page, options={"runOnly": {"type": "rule", "values": RULES}})
        assert results.violations_count == 0, f"{code}: {results.generate_report()}"
        shared_page.set_viewport_size({"width": 320, "height": 640})
        assert shared_page.evaluate(WIDTH) <= 320, f"{code} scrolls sideways on the narrowest phone"
        shared_page.evaluate("document.documentElement.style.fontSize = '200%'")
        shared_page.set_viewport_size({"width": 640, "height": 844})
        assert shared_page.evaluate(WIDTH) <= 640, f"{code} scrolls sideways when the text is twice as large"


@pytest.mark.parametrize("state", STATES, ids=names)
def test_the_keyboard_alone_comes_by_everything_in_the_order_of_reading(
    shared_page: Page, site: Site, state: State
) -> None:
    state.prepare(site.world)
    shared_page.set_viewport_size(PHONE)
    shared_page.goto(address(site, state, "en"))
    places = []
    for _ in range(shared_page.evaluate(STOPS)):
        shared_page.keyboard.press("Tab")
        place, outline, html = shared_page.evaluate(HERE)
        if html.startswith("<body"):  # past the end of the page, to its beginning
            shared_page.keyboard.press("Tab")
            place, outline, html = shared_page.evaluate(HERE)
        assert outline == "solid", f"no focus to be seen on {html}"
        places.append(place)
    in_order = sorted(set(places))
    start = in_order.index(places[0])
    # After a refusal the summary comes first; the rest follows, and then what stands above it.
    assert places == in_order[start:] + in_order[:start]


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
