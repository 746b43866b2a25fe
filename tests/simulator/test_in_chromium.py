"""The simulator's pages in a real browser: axe, 320 px, with and without script, in the light and in the dark."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from werkzeug.serving import make_server

from franceconnect_bridge.simulator.app import create_app
from franceconnect_bridge.simulator.settings import Client, Settings
from tests.simulator.service import REQUEST
from tests.support.chromium import PICTURES, assert_accessible, assert_keyboard_comes_by_everything, assert_narrow
from tests.support.server import free_port

pytestmark = pytest.mark.browser

BACK = "http://localhost:{port}/healthz"
LIGHT = "matchMedia('(prefers-color-scheme: light)').matches"


@pytest.fixture(scope="module")
def base() -> Iterator[str]:
    port = free_port()
    back = BACK.format(port=port)
    private = Client(
        "private",
        "Service des familles de la communauté de communes du Val-Préau",
        (back,),
        (back,),
        client_secret="x" * 16,
        private=True,
    )
    public = Client("public", "Education Nationale", (back,), (back,), client_secret="x" * 16)
    settings = Settings(base_url=f"http://localhost:{port}", listen=f"127.0.0.1:{port}", clients=(public, private))
    server = make_server("127.0.0.1", port, create_app(settings), threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield settings.base_url
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(params=["light", "dark"])
def page(chromium: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    context = chromium.new_context(viewport={"width": 390, "height": 844}, color_scheme=request.param)
    yield context.new_page()
    context.close()


def ask(page: Page, base: str, client: str) -> None:
    values = {**REQUEST, "client_id": client, "redirect_uri": f"{base}/healthz"}
    page.goto(
        f"{base}/api/v2/authorize?" + "&".join(f"{name}={value.replace(' ', '+')}" for name, value in values.items())
    )


def look(page: Page, name: str) -> None:
    if page.evaluate(LIGHT):  # what is reached does not depend on colours
        assert_keyboard_comes_by_everything(page)
    assert_accessible(page)
    assert_narrow(page)
    small = page.evaluate(
        "() => [...document.querySelectorAll('button, .retour a, summary, input:not([type=hidden], [type=checkbox])')]"
        ".filter(one => one.getBoundingClientRect().height < 47.5).map(one => one.outerHTML)"
    )
    assert small == []
    if PICTURES:
        shade = "light" if page.evaluate(LIGHT) else "dark"
        for width in (390, 1280):
            page.set_viewport_size({"width": width, "height": 844})
            page.screenshot(
                path=Path(PICTURES) / f"fc-{name}-{shade}-{width}.png", full_page=True, animations="disabled"
            )
        page.set_viewport_size({"width": 390, "height": 844})


def test_every_page_can_be_used_by_everybody(page: Page, base: str) -> None:
    ask(page, base, "private")
    look(page, "1-choix")
    page.get_by_role("button", name="Impôts fictifs").click()
    page.locator("#login").wait_for()
    page.locator("summary").click()
    look(page, "2-fournisseur")
    page.locator("#login").fill("nobody")
    page.locator("#bouton_valider").click()
    expect(page.locator("section.resume")).to_be_focused()
    look(page, "2-fournisseur-erreur")
    page.get_by_role("link", name="Annuler").click()
    expect(page.get_by_text("n'a pas abouti")).to_be_visible()
    look(page, "1-choix-annule")
    page.get_by_role("button", name="Poste fictive").click()
    page.locator("#login").fill("nom_50+_caractères")
    page.locator("#password").fill("123")
    page.locator("#bouton_valider").click()
    page.locator("#bouton_continuer").click()
    expect(page.locator("section.resume")).to_be_focused()
    look(page, "3-information-erreur")
    page.locator("summary").click()
    page.locator("#consent").check()
    look(page, "3-information")
    page.locator("#bouton_continuer").click()
    page.wait_for_url(f"{base}/healthz?code=*")
    page.goto(f"{base}/api/v2/authorize?foo=bar")
    page.locator("summary").click()
    look(page, "4-erreur")
    for path, name in (
        ("/", "accueil"),
        ("/informations", "informations"),
        ("/sandbox", "controle"),
        ("/nowhere", "introuvable"),
        ("/api/v2/session/end/success", "5-sorti"),
    ):
        page.goto(base + path)
        look(page, name)


@pytest.mark.parametrize("scripts", [True, False])
def test_one_signs_in_and_out_with_and_without_script(chromium: Browser, base: str, scripts: bool) -> None:
    context = chromium.new_context(viewport={"width": 390, "height": 844}, java_script_enabled=scripts)
    page = context.new_page()
    ask(page, base, "public")
    page.get_by_role("button", name="Impôts fictifs").click()
    page.locator("#login").fill("test")
    page.locator("#password").fill("123")
    page.locator("#bouton_valider").click()
    page.locator("#bouton_continuer").click()
    page.wait_for_url(f"{base}/healthz?code=*")
    code = page.url.partition("code=")[2].partition("&")[0]
    form = {
        "grant_type": "authorization_code", "code": code, "redirect_uri": f"{base}/healthz",
        "client_id": "public", "client_secret": "x" * 16,
    }  # fmt: skip
    told = context.request.post(f"{base}/api/v2/token", form=form).json()
    page.goto(
        f"{base}/api/v2/session/end?id_token_hint={told['id_token']}&post_logout_redirect_uri={base}/healthz&state=abc"
    )
    if not scripts:
        page.get_by_role("button", name="Continuer").click()
    page.wait_for_url(f"{base}/healthz?state=abc")
    context.close()
