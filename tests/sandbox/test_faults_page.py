"""The page of faults in a real browser, and what other origins and made-up names can do with it: nothing."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests
from flask import Flask
from playwright.sync_api import Browser, Page, expect

from idp.sandbox.faults.catalogue import CATALOGUE
from tests.ent.servers import open_door
from tests.sandbox.conftest import BASE, Control
from tests.support.chromium import assert_accessible, assert_narrow
from tests.support.sandbox import Sandbox
from tests.support.server import RunningServer, running_server

TOKEN = "a-token-of-sixteen-signs-or-more"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    folder: Path = tmp_path_factory.mktemp("faults-page")
    with running_server(folder) as running:
        yield running


@pytest.fixture
def sandbox(server: RunningServer) -> Sandbox:
    control = Sandbox(server.base)
    control.disarm_all()
    return control


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    with chromium.new_context() as context:
        yield context.new_page()


@pytest.mark.browser
def test_a_fault_is_armed_seen_and_disarmed_by_hand(server: RunningServer, sandbox: Sandbox, page: Page) -> None:
    page.goto(f"{server.base}/sandbox/faults")
    expect(page.get_by_text("Aucune panne armée.")).to_be_visible()
    page.select_option("#fault", "slow")
    page.select_option("#times", "5")
    page.select_option("#endpoint", "token")
    page.fill("#client_id", "ent")
    page.fill("#seconds", "2.5")
    page.get_by_role("button", name="Armer", exact=True).click()
    card = page.get_by_role("article", name="slow")
    expect(card).to_contain_text("Reste 5 sur 5, a touché 0 fois, client ent, à token, 2.5 secondes")
    (armed,) = sandbox.faults()
    assert (armed["fault"], armed["times"], armed["client_id"], armed["seconds"]) == ("slow", 5, "ent", 2.5)
    assert_accessible(page)
    assert_narrow(page)
    card.get_by_role("button", name="Désarmer").click()
    expect(page.get_by_text("Aucune panne armée.")).to_be_visible()
    assert sandbox.faults() == []


@pytest.mark.browser
def test_all_are_disarmed_at_once(server: RunningServer, sandbox: Sandbox, page: Page) -> None:
    sandbox.arm("slow")
    sandbox.arm("http-503", times="always")
    page.goto(f"{server.base}/sandbox/faults")
    expect(page.get_by_role("article", name="http-503")).to_contain_text("À chaque réponse")
    page.get_by_role("button", name="Tout désarmer").click()
    expect(page.get_by_text("Aucune panne armée.")).to_be_visible()
    assert sandbox.faults() == []


@pytest.mark.browser
def test_what_cannot_strike_is_said_on_the_page(server: RunningServer, sandbox: Sandbox, page: Page) -> None:
    page.goto(f"{server.base}/sandbox/faults")
    page.fill("#client_id", "<b>nobody</b>")
    page.get_by_role("button", name="Armer", exact=True).click()
    expect(page.get_by_role("alert")).to_have_text(
        "No client has this client_id: a fault armed for it would strike nothing"
    )
    assert sandbox.faults() == []


def test_the_page_has_every_fault_and_is_as_closed_as_all_pages(control: Control) -> None:
    answer = control.client.get("/sandbox/faults", base_url=BASE)
    assert answer.status_code == 200
    for name in CATALOGUE:
        assert f"<summary>{name}</summary>" in answer.text
    for path in ("/sandbox/faults", "/sandbox/faults.js"):
        answer = control.client.get(path, base_url=BASE)
        assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"
        assert "Access-Control-Allow-Origin" not in answer.headers


@pytest.mark.parametrize("path", ["/sandbox", "/sandbox/messages", "/sandbox/faults"])
def test_the_french_words_of_testers_are_spoken_in_french_whatever_the_reader_speaks(
    control: Control, path: str
) -> None:
    html = control.client.get(f"{path}?langue=en", base_url=BASE).text
    assert '<html lang="en"' in html
    assert '<div class="feuille" lang="fr">' in html


# --- who cannot ------------------------------------------------------------------------------------------------------------------------

TRIES: dict[str, str] = {
    "a form": """<form id="f" method="post" action="IDP/sandbox/v1/faults" enctype="text/plain" target="away">
        <input name='{"fault": "slow", "x": "' value='"}'></form><iframe name="away"></iframe>
        <script>document.querySelector("#f").submit()</script>""",
    "a script": """<script>fetch("IDP/sandbox/v1/faults", {method: "POST", headers: {"X-Preau-Sandbox": "1"},
        body: '{"fault": "slow"}'}).catch(() => 0).then(() => document.title = "tried")</script>""",
    "a script that asks for no consent": """<script>fetch("IDP/sandbox/v1/faults", {method: "POST", mode: "no-cors",
        headers: {"X-Preau-Sandbox": "1"}, body: '{"fault": "slow"}'}).catch(() => 0).then(() => document.title = "tried")</script>""",
    "the page in a frame": """<iframe src="IDP/sandbox/faults"></iframe>""",
    "its script on a page of its own": """<form id="armer"><select name="fault"><option>slow</select>
        <input name="times" value="1"></form><p id="refus"></p>
        <script type="module" src="IDP/sandbox/faults.js"></script>""",
}


@contextmanager
def serving_page(body: str) -> Iterator[str]:
    """Serve a page of another origin, and give its address."""
    app = Flask("evil")
    app.add_url_rule("/", "page", lambda: f"<!doctype html><title>evil</title><body>{body}</body>")
    with open_door() as door:
        door.app = app
        yield door.url


@pytest.mark.browser
@pytest.mark.parametrize("way", TRIES)
@pytest.mark.parametrize("host", ["evil.localhost", "localhost"], ids=["another site", "another port"])
def test_a_page_of_another_origin_cannot_drive_it(
    server: RunningServer, sandbox: Sandbox, page: Page, way: str, host: str
) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    with serving_page(TRIES[way].replace("IDP", server.base)) as address:
        page.goto(address.replace("localhost", host))
        page.wait_for_load_state("networkidle")
        assert all("Pannes" not in frame.content() for frame in page.frames)
    assert any(url.startswith(f"{server.base}/sandbox/") for url in asked), "it was tried"
    assert sandbox.faults() == []


@pytest.mark.browser
def test_nor_can_a_name_that_somebody_points_here(server: RunningServer, sandbox: Sandbox, page: Page) -> None:
    """DNS rebinding: the page is of the same origin as what it asks, and the Host header tells."""
    rebound = server.base.replace("localhost", "rebound.localhost")
    answer = page.goto(f"{rebound}/sandbox/faults")
    assert answer is not None
    assert answer.status in {400, 421}
    status = page.evaluate(
        """() => fetch("/sandbox/v1/faults", {method: "POST", headers: {"X-Preau-Sandbox": "1"}, body: '{"fault": "slow"}'})
            .then(answer => answer.status)"""
    )
    assert status in {400, 421}
    assert sandbox.faults() == []


@pytest.mark.browser
def test_where_a_token_is_wanted_only_a_browser_that_has_it_can(
    tmp_path: Path, chromium: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PREAU_SANDBOX__TOKEN", TOKEN)
    with running_server(tmp_path) as server:
        sandbox = Sandbox(server.base, TOKEN)
        assert requests.get(f"{server.base}/sandbox/faults", timeout=20).status_code == 401
        with chromium.new_context(http_credentials={"username": "anybody", "password": TOKEN}) as tester:
            page = tester.new_page()
            page.goto(f"{server.base}/sandbox/faults")
            page.get_by_role("button", name="Armer", exact=True).click()
            expect(page.get_by_role("button", name="Tout désarmer")).to_be_visible()
            assert len(sandbox.faults()) == 1
