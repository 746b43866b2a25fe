"""How a page of the gallery is looked at in a browser: what is opened, measured, listened to and pressed."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import ConsoleMessage, Error, Page, Request, ViewportSize

from tests.support.chromium import FAULTS_ALONE
from tests.web.conftest import Site
from tests.web.world import STATES, State

PHONE: ViewportSize = {"width": 390, "height": 844}
LEVELS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
FAULTY = [state for state in STATES if state.name.endswith(("-faults", "-wrong", "-empty", "-slowed", "-mismatch"))]
OF_NO_FIELD = {"step-up-slowed"}
"""Faulty states in which nothing that was typed is wrong: their summary leads nowhere."""
CALM = [state for state in STATES if state not in FAULTY]

_WIDTH = "Math.max(document.documentElement.scrollWidth, document.body.scrollWidth)"
_SMALL_TARGETS = """() => [...document.querySelectorAll('a, button, input, select, summary, label.choix')]
    .filter((one) => !one.matches('.evitement, .gestionnaire, [type=hidden]'))
    .map((one) => {
        const inText = one.matches('p a, li a, a.marque, .choix input');
        return [one.outerHTML.slice(0, 80), one.getBoundingClientRect().height, inText ? 24 : 47.5];
    })
    .filter(([html, height, least]) => height > 0 && height < least)"""


def names(state: State) -> str:
    return state.name


def address(site: Site, state: State, language: str = "") -> str:
    """Return where a state is, in a language that is asked for."""
    asked = f"{'&' if '?' in state.path else '?'}langue={language}" if language else ""
    return f"{site.base}{state.path}{asked}"


def visit(page: Page, site: Site, state: State, language: str = "") -> None:
    state.prepare(site.world)
    page.goto(address(site, state, language))


def show(page: Page, site: Site, name: str) -> None:
    visit(page, site, next(state for state in STATES if state.name == name))


def open_details(page: Page) -> None:
    page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")


@contextmanager
def listening(page: Page) -> Iterator[tuple[list[str], list[str]]]:
    """Collect what the browser says in its console and what it fetches."""
    said: list[str] = []
    fetched: list[str] = []

    def note_message(message: ConsoleMessage) -> None:
        said.append(message.text)

    def note_error(error: Error) -> None:
        said.append(str(error))

    def note_request(request: Request) -> None:
        fetched.append(request.url)

    page.on("console", note_message)
    page.on("pageerror", note_error)
    page.on("request", note_request)
    yield said, fetched
    page.remove_listener("console", note_message)
    page.remove_listener("pageerror", note_error)
    page.remove_listener("request", note_request)


def assert_axe_finds_nothing(page: Page, kind: str, values: list[str]) -> None:
    """Assert it of a page with all its details open.

    Args:
        page: The page.
        kind: What `values` are: "tag" or "rule".
        values: What axe is asked for.
    """
    options: dict[str, Any] = {"runOnly": {"type": kind, "values": values}, **FAULTS_ALONE}
    results = Axe().run(page, options=options)
    assert results.violations_count == 0, f"{page.url} {results.generate_report()}"


def assert_fits(page: Page) -> None:
    """Assert that nothing scrolls sideways on the narrowest phone, nor where the text is twice as large."""
    page.set_viewport_size({"width": 320, "height": 640})
    assert page.evaluate(_WIDTH) <= 320, f"{page.url} scrolls sideways on the narrowest phone"
    page.set_viewport_size({"width": 640, "height": 844})
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    assert page.evaluate(_WIDTH) <= 640, f"{page.url} scrolls sideways when the text is twice as large"
    page.set_viewport_size(PHONE)


def assert_targets_are_large(page: Page) -> None:
    """Assert that what is pressed is 48 pixels high, 24 within text."""
    assert page.evaluate(_SMALL_TARGETS) == [], page.url


def assert_begins_calmly(page: Page, state: State) -> None:
    """Assert that a page without an error begins with its heading, and takes the focus nowhere."""
    if state in FAULTY:
        return
    box = page.locator("h1").bounding_box()
    assert box is not None
    assert box["y"] < 300, f"{page.url}: the heading starts too low on a phone"
    assert page.locator("body :focus").count() == 0, f"{page.url} puts the focus somewhere by itself"
