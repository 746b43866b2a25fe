"""A real Chromium for tests, and what is asked of every page that it shows."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Locator, Page, sync_playwright

PICTURES = os.environ.get("PREAU_PICTURES", "")
"""A folder to write pictures of every page to, "" for none."""

FAULTS_ALONE = {"resultTypes": ["violations"]}
"""For axe: what is in order is looked at all the same, and not told in full, which costs as much as looking."""

_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-sync",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
    # Names under localhost are loopback whatever the machine's resolver says (RFC 6761 section 6.3).
    "--host-resolver-rules=MAP *.localhost 127.0.0.1",
]


def chromium_path() -> str:
    """Return where Debian's Chromium is.

    Raises:
        AssertionError: It is not installed; `make test` installs it, or says how.
    """
    path = os.environ.get("PREAU_CHROMIUM") or shutil.which("chromium")
    assert path, "Chromium is missing: apt-get install chromium"
    return path


@contextmanager
def running_chromium() -> Iterator[Browser]:
    """Start a Chromium without a window."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path(), args=_FLAGS)
        try:
            yield browser
        finally:
            browser.close()


def follow(page: Page, control: Locator) -> None:
    """Click what leads to another page, and wait until that page is there.

    A click alone returns while the old page is still shown, and what looks at it then looks at a page on its way out.
    """
    with page.expect_navigation():
        control.click()


# A page whose colours are still on their way (a style that has just come, a transition of 120 ms) has contrasts that nobody will see.
_SETTLED = """() => document.fonts.ready
  .then(() => new Promise(frame => requestAnimationFrame(() => requestAnimationFrame(frame))))
  .then(() => Promise.all(document.getAnimations().map(one => one.finished)))
  .then(() => true)"""


def assert_accessible(page: Page) -> None:
    """Assert that axe finds nothing (A, AA, best practices) on the page once it is painted."""
    page.wait_for_load_state("load")
    page.evaluate(_SETTLED)
    found = Axe().run(page, options=FAULTS_ALONE).response["violations"]
    told = [f"{one['id']}: {node['html']} {node['failureSummary']}" for one in found for node in one["nodes"]]
    assert not told, f"{page.url}\n" + "\n".join(told)


def assert_narrow(page: Page) -> None:
    """Assert that the page needs no sideways scroll at 320 CSS pixels."""
    before = page.viewport_size
    page.set_viewport_size({"width": 320, "height": 640})
    width = page.evaluate("document.documentElement.scrollWidth")
    if before is not None:
        page.set_viewport_size(before)
    assert width <= 320, f"{page.url} is {width} px wide at 320"


_STOPS = """() => {
    const seen = [...document.querySelectorAll('a[href], button, input, select, textarea, summary, [tabindex="0"]')]
        .filter((one) => one.tabIndex >= 0 && !one.disabled && one.checkVisibility({ visibilityProperty: true }) && one.type !== 'hidden');
    const stands = (one) => seen.find((other) => other.name === one.name && other.checked) ?? seen.find((other) => other.name === one.name);
    return seen.filter((one) => one.type !== 'radio' || stands(one) === one)
        .map((one) => [one.localName, one.id, one.className, one.tabIndex].join(' '));
}"""


_NOTE_STOPS = """() => {
    if (!window.stops) document.addEventListener('focusin', ({ target }) => {
        const place = [...document.querySelectorAll('*')].indexOf(target);
        // A row that is all label may have the ring in place of its radio.
        const rings = [target, target.parentElement].map((one) => getComputedStyle(one).outlineStyle);
        window.stops.push([place, rings.find((one) => one === 'solid'), target.outerHTML.slice(0, 90)]);
    });
    window.stops = [];
}"""


def list_stops(page: Page) -> list[str]:
    """Return what the keyboard can stop at on the page, in the order of reading: element, id, class, tab index."""
    stops: list[str] = page.evaluate(_STOPS)
    return stops


def assert_keyboard_comes_by_everything(page: Page) -> None:
    """Assert that Tab alone comes by all there is to use, once each, in the order of reading, and shows where it is."""
    count = len(list_stops(page))
    page.evaluate(_NOTE_STOPS)
    for _ in range(count):
        page.keyboard.press("Tab")
    stops = page.evaluate("window.stops")
    for _ in range(3):  # the way may go round the end of the page, where a browser has its own controls
        if len(stops) >= count:
            break
        page.keyboard.press("Tab")
        stops = page.evaluate("window.stops")
    assert [html for _, outline, html in stops if outline != "solid"] == [], f"{page.url}: no focus to be seen"
    places = [place for place, _, _ in stops]
    in_order = sorted(set(places))
    assert len(in_order) == count, f"{page.url}: {len(in_order)} of {count} stops: {[html for _, _, html in stops]}"
    start = in_order.index(places[0])
    # After a refusal the summary comes first; the rest follows, and then what stands above it.
    assert places == in_order[start:] + in_order[:start], page.url
