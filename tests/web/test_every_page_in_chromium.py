"""Every page in every state, in three languages, with a script and without: axe, the keyboard alone, 320 px, forms that lead on.

One visit for all that one page can be asked. What words cannot change is looked at in French: in the other languages the keyboard has
the same stops, and axe looks for what words can break alone.
"""

from collections.abc import Iterator
from urllib.parse import parse_qsl

import pytest
from playwright.sync_api import Browser, Page, expect

from idp.web.languages import CODES
from tests.support.chromium import assert_keyboard_comes_by_everything, follow, list_stops
from tests.web.conftest import Site
from tests.web.ledger import FORMS, ShownForm, find_forms
from tests.web.looking import (
    FAULTY,
    LEVELS,
    OF_NO_FIELD,
    PHONE,
    assert_axe_finds_nothing,
    assert_begins_calmly,
    assert_fits,
    assert_targets_are_large,
    listening,
    names,
    open_details,
    visit,
)
from tests.web.world import STATES, State

pytestmark = pytest.mark.browser

OF_WORDS = [
    "aria-command-name", "aria-input-field-name", "button-name", "document-title", "empty-heading", "frame-title",
    "html-has-lang", "html-lang-valid", "label", "label-content-name-mismatch", "landmark-unique", "link-name",
    "page-has-heading-one", "region", "select-name", "summary-name", "valid-lang",
]  # fmt: skip
WITHOUT_SCRIPT = """() => {
    const shown = (one) => one.checkVisibility({ visibilityProperty: true });
    const buttons = [...document.querySelectorAll('button')].filter(shown);
    document.querySelectorAll('details').forEach((one) => { one.open = true; });
    return {
        dead: [
            ...buttons.filter((one) => one.type !== 'submit' || one.form?.method !== 'post'),
            ...buttons.filter((one) => /\\d/.test(one.textContent) && one.closest('.second')),
            ...[...document.querySelectorAll('[data-veille], [data-adresse]:not([data-niveau])')].filter(shown),
            ...[...document.querySelectorAll('a')].filter((one) => !one.getAttribute('href')),
        ].map((one) => one.outerHTML.slice(0, 120)),
        places: document.querySelector('main').innerText.match(/[{}]/g) ?? [],
        width: Math.max(document.documentElement.scrollWidth, document.body.scrollWidth),
    };
}"""


@pytest.fixture(scope="module")
def page(chromium: Browser) -> Iterator[Page]:
    context = chromium.new_context(viewport=PHONE)
    yield context.new_page()
    context.close()


@pytest.fixture(scope="module")
def scriptless(chromium: Browser) -> Iterator[Page]:
    context = chromium.new_context(viewport={"width": 320, "height": 640}, java_script_enabled=False)
    yield context.new_page()
    context.close()


@pytest.fixture(scope="module")
def shown() -> dict[str, list[ShownForm]]:
    return find_forms()


@pytest.mark.parametrize("state", STATES, ids=names)
def test_a_page_can_be_used_by_everybody_in_every_language(page: Page, site: Site, state: State) -> None:
    stops: list[str] = []
    for language in CODES:
        with listening(page) as (said, fetched):
            visit(page, site, state, language)
        # Chromium says in the console that a page was answered with 4xx or 5xx; nothing else may be said.
        assert [line for line in said if "the server responded with a status of" not in line] == []
        assert [url for url in fetched if not url.startswith(site.base)] == []
        assert_begins_calmly(page, state)
        assert_targets_are_large(page)
        if language == "fr":
            stops = list_stops(page)
            assert_keyboard_comes_by_everything(page)
            open_details(page)
            assert_axe_finds_nothing(page, "tag", LEVELS)
        else:
            assert list_stops(page) == stops, f"{language}: the keyboard goes another way"
            open_details(page)
            assert_axe_finds_nothing(page, "rule", OF_WORDS)
        assert_fits(page)


@pytest.mark.parametrize("state", STATES, ids=names)
def test_without_script_a_page_is_whole_in_every_language(scriptless: Page, site: Site, state: State) -> None:
    for language in CODES:
        visit(scriptless, site, state, language)
        seen = scriptless.evaluate(WITHOUT_SCRIPT)
        assert seen["dead"] == [], f"{language}: shown, and of no use without a script"
        assert seen["places"] == [], f"{language}: a place that a script would fill"
        assert seen["width"] <= 320, f"{language}: scrolls sideways on the narrowest phone"


@pytest.mark.parametrize("state", FAULTY, ids=names)
def test_without_script_focus_is_on_the_summary_and_its_links_lead_to_fields(
    scriptless: Page, site: Site, state: State
) -> None:
    visit(scriptless, site, state, "fr")
    expect(scriptless.locator("section.resume")).to_be_focused()
    assert scriptless.title().startswith("Erreur\u00a0: ")
    if state.name in OF_NO_FIELD:
        expect(scriptless.locator("section.resume a")).to_have_count(0)
        return
    scriptless.locator("section.resume a").first.click()
    expect(scriptless.locator("input:focus")).to_have_count(1)


@pytest.mark.parametrize("path", sorted(FORMS))
def test_without_script_every_form_is_sent_and_answered_with_a_page(
    scriptless: Page, site: Site, shown: dict[str, list[ShownForm]], path: str
) -> None:
    one = shown[path][0]
    visit(scriptless, site, one.state)
    action = one.form.action.removeprefix("http://localhost")
    with scriptless.expect_request(lambda asked: asked.method == "POST") as sent:
        follow(scriptless, scriptless.locator(f'form[action="{action}"] button').first)
    assert sent.value.url == site.base + action
    told = {name for name, _ in parse_qsl(sent.value.post_data or "", keep_blank_values=True)}
    assert {*one.form.values} <= told, "what a form holds is sent"
    expect(scriptless.locator("h1")).to_be_visible()
    assert scriptless.title().endswith("Préau")
