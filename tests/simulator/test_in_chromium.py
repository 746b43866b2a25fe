"""What only a browser shows: axe, narrow screens, dark, script or none, and where forms may lead."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
import requests
from playwright.sync_api import Browser, BrowserContext, Page, expect

from franceconnect_bridge.simulator.app import create_app
from franceconnect_bridge.simulator.persons import load_persons
from franceconnect_bridge.simulator.settings import DEFAULT_SECRET, Client, Settings, default_client
from tests.ent.servers import open_door
from tests.support.chromium import PICTURES, assert_accessible, assert_narrow

pytestmark = pytest.mark.browser

PHONE = {"width": 390, "height": 844}
DESK = {"width": 1280, "height": 900}
SMALL_TARGETS = """() => [...document.querySelectorAll('a, button, input, summary, label')]
    .filter((one) => !one.matches('.evitement, [type=hidden], .champ label'))
    .map((one) => {
        const inText = one.matches('p:not(.retour):not(.actes) a, li a, .choix input');
        return [one.outerHTML.slice(0, 80), one.getBoundingClientRect().height, inText ? 24 : 47.5];
    })
    .filter(([html, height, least]) => height > 0 && height < least)"""


@dataclass(frozen=True)
class Place:
    """A simulator on the air, and the services that use it."""

    base: str
    back: str
    after_logout: str

    def request(self, client_id: str = "preau", **changes: str) -> str:
        right = {
            "response_type": "code",
            "client_id": client_id,
            "redirect_uri": self.back,
            "scope": "openid identite_pivot preferred_username email",
            "acr_values": "eidas1",
            "nonce": "n" * 32,
            "state": "s" * 32,
        }
        return f"{self.base}/api/v2/authorize?{urlencode({**right, **changes})}"


@pytest.fixture(scope="module")
def place() -> Iterator[Place]:
    with open_door() as fc, open_door() as elsewhere:
        back = f"{elsewhere.url}/franceconnect/retour"
        private = Client(
            client_id="prive",
            client_secret="secret",
            name="Cantine privée",
            redirect_uris=(back,),
            post_logout_redirect_uris=(f"{elsewhere.url}/sorti",),
            private=True,
        )
        settings = Settings((default_client((elsewhere.url,)), private), base_url=fc.url, listen=f"127.0.0.1:{fc.port}")
        fc.app = create_app(settings, load_persons(None))

        def arrive(_environ: object, start: Callable[..., object]) -> list[bytes]:
            start("200 OK", [("Content-Type", "text/html; charset=utf-8")])
            return ["<!doctype html><html lang=fr><title>Arrivé</title><h1>Arrivé au service</h1>".encode()]

        elsewhere.app = arrive
        yield Place(fc.url, back, f"{elsewhere.url}/franceconnect/deconnecte")


def choose(page: Page, place: Place, client_id: str = "preau", **changes: str) -> None:
    page.goto(place.request(client_id, **changes))
    page.get_by_role("button", name="Impôts fictifs").click()


def prove(page: Page, login: str = "joe", typed: str = "123") -> None:
    page.get_by_label("Identifiant").fill(login)
    page.get_by_label("Mot de passe").fill(typed)
    page.get_by_role("button", name="Valider").click()


def reach(page: Page, place: Place, login: str = "joe", client_id: str = "preau", **changes: str) -> None:
    choose(page, place, client_id, **changes)
    prove(page, login)


def failed_choice(page: Page, place: Place) -> None:
    choose(page, place)
    page.get_by_role("link", name="Annuler").click()


def unticked(page: Page, place: Place) -> None:
    reach(page, place, "nom_long", "prive")
    page.get_by_role("button", name="Continuer sur Cantine privée").click()


def wrong_password(page: Page, place: Place) -> None:
    choose(page, place)
    prove(page, "joe", "1234")


def sign_out(page: Page, place: Place) -> None:
    """Go to the first step with a hint that the service got."""
    reach(page, place)
    page.get_by_role("button", name="Continuer sur").click()
    query = parse_qs(urlsplit(page.url).query)
    form = {
        "grant_type": "authorization_code",
        "code": query["code"][0],
        "redirect_uri": place.back,
        "client_id": "preau",
        "client_secret": DEFAULT_SECRET,
    }
    hint = requests.post(f"{place.base}/api/v2/token", data=form, timeout=10).json()["id_token"]
    way = {"id_token_hint": hint, "post_logout_redirect_uri": place.after_logout, "state": "xyz"}
    page.goto(f"{place.base}/api/v2/session/end?{urlencode(way)}")


def second_step(page: Page, place: Place) -> None:
    sign_out(page, place)
    page.get_by_role("button", name="Continuer").click()


STATES: dict[str, Callable[[Page, Place], object]] = {
    "F1-choice": lambda page, place: page.goto(place.request()),
    "F1-failed": failed_choice,
    "F1-anonymous": lambda page, place: page.goto(place.request(scope="openid")),
    "F2-provider": choose,
    "F2-wrong": wrong_password,
    "F3-joe": reach,
    "F3-long-name": lambda page, place: reach(page, place, "nom_long"),
    "F3-anonymous": lambda page, place: reach(page, place, scope="openid"),
    "F3-private": lambda page, place: reach(page, place, "jean-baptiste", "prive"),
    "F3-unticked": unticked,
    "F4-parameter": lambda page, place: page.goto(place.request(nonce="court", code_challenge="x")),
    "F4-register": lambda page, place: reach(page, place, "E010008"),
    "home": lambda page, place: page.goto(place.base),
    "persons": lambda page, place: page.goto(f"{place.base}/personnes"),
    "errors": lambda page, place: page.goto(f"{place.base}/erreurs?code=Y030007"),
    "about": lambda page, place: page.goto(f"{place.base}/informations"),
    "missing": lambda page, place: page.goto(f"{place.base}/nulle-part"),
    "F5-first-step": sign_out,
    "F5-second-step": second_step,
    "F5-out": lambda page, place: page.goto(f"{place.base}/api/v2/session/end/success"),
}
CALM = [name for name in STATES if name not in ("F1-failed", "F2-wrong", "F3-unticked")]


@pytest.fixture
def context(chromium: Browser) -> Iterator[BrowserContext]:
    context = chromium.new_context(viewport=PHONE)
    yield context
    context.close()


@pytest.fixture
def page(context: BrowserContext) -> Page:
    return context.new_page()


@pytest.fixture
def scriptless(chromium: Browser) -> Iterator[Page]:
    context = chromium.new_context(viewport=PHONE, java_script_enabled=False)
    yield context.new_page()
    context.close()


def open_details(page: Page) -> None:
    page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")


def take_pictures(page: Page, name: str) -> None:
    for width, size in (("390", PHONE), ("1280", DESK)):
        for scheme in ("light", "dark"):
            page.set_viewport_size(size)
            page.emulate_media(color_scheme=scheme)
            page.screenshot(path=Path(PICTURES) / f"{name}-{width}-{scheme}.png", full_page=True, animations="disabled")
    page.set_viewport_size(PHONE)
    page.emulate_media(color_scheme="light")


@pytest.mark.parametrize("name", STATES)
def test_a_page_is_accessible_narrow_and_keeps_its_measures(page: Page, place: Place, name: str) -> None:
    said: list[str] = []
    fetched: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("request", lambda request: fetched.append(request.url))
    STATES[name](page, place)
    assert [line for line in said if "the server responded with a status of" not in line] == []
    assert [url for url in fetched if not url.startswith((place.base, place.back))] == []
    expect(page.get_by_text("Simulateur, données fictives.")).to_be_visible()
    assert page.title().endswith(" - Simulateur de FranceConnect")
    if name in CALM:
        box = page.locator("h1").bounding_box()
        assert box is not None
        assert box["y"] < 300, "the heading starts too low on a phone"
    assert page.evaluate(SMALL_TARGETS) == [], "48 pixels high, 24 in text"
    if PICTURES:
        take_pictures(page, name)
    open_details(page)
    assert_accessible(page)
    assert_narrow(page)
    page.emulate_media(color_scheme="dark")
    assert_accessible(page)
    page.set_viewport_size({"width": 640, "height": 844})
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    width = page.evaluate("Math.max(document.documentElement.scrollWidth, document.body.scrollWidth)")
    assert width <= 640, "scrolls sideways when the text is twice as large"


@pytest.mark.parametrize("name", ["F2-wrong", "F3-unticked"])
def test_without_script_focus_is_on_the_summary_and_its_link_leads_to_the_field(
    scriptless: Page, place: Place, name: str
) -> None:
    STATES[name](scriptless, place)
    expect(scriptless.locator("section.resume")).to_be_focused()
    assert scriptless.title().startswith("Erreur\u00a0: ")
    scriptless.locator("section.resume a").click()
    expect(scriptless.locator("input:focus")).to_have_count(1)


@pytest.mark.parametrize("with_script", [True, False])
def test_the_way_in_and_out_works_and_no_redirect_is_blocked(
    page: Page, scriptless: Page, place: Place, with_script: bool
) -> None:
    used = page if with_script else scriptless
    reach(used, place)
    expect(used.get_by_role("heading", name="Vous allez vous connecter en tant que")).to_be_visible()
    used.get_by_role("button", name="Continuer sur Education Nationale").click()
    expect(used.get_by_role("heading", name="Arrivé au service")).to_be_visible()
    # Signed in: the choice is spared.
    used.goto(place.request())
    expect(used.get_by_text("Joe DUPONT")).to_be_visible()
    used.get_by_role("link", name="Ce n'est pas vous").click()
    expect(used.get_by_role("heading", name="Arrivé au service")).to_be_visible()
    assert "error=access_denied" in used.url
    second_step(used, place)
    used.get_by_role("button", name="Continuer").click()
    expect(used.get_by_role("heading", name="Arrivé au service")).to_be_visible()
    assert used.url == f"{place.after_logout}?state=xyz"


def test_every_stop_of_the_keyboard_shows_its_focus(page: Page, place: Place) -> None:
    reach(page, place, "joe", "prive")
    for _ in range(8):
        page.keyboard.press("Tab")
        told = page.evaluate(
            "[document.activeElement, document.activeElement.closest('.choix')]"
            ".some((one) => one && getComputedStyle(one).outlineStyle === 'solid')"
        )
        assert told
