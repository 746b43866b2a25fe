"""A site that must be allowed, in a real browser, with and without script: the form ends at the site, whichever button."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.people import JOE, PASSWORD, activate
from tests.support.browser import Browser
from tests.support.chromium import assert_accessible, assert_narrow
from tests.support.logout_receiver import LogoutReceiver, running_receiver
from tests.support.relying_party import RelyingParty, answer_in
from tests.support.sandbox import Sandbox
from tests.support.server import RunningServer, running_server

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def receiver() -> Iterator[LogoutReceiver]:
    """Run something that answers where the browser comes back to."""
    with running_receiver() as running:
        yield running


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, receiver: LogoutReceiver) -> Iterator[RunningServer]:
    folder: Path = tmp_path_factory.mktemp("preau")
    client = f"""
[[clients]]
client_id = "orme"
client_name = "Site Orme"
client_secret = "secret-of-the-site-that-asks"
redirect_uris = ["http://127.0.0.1:{receiver.port}/fir/retour"]
consent = "remembered"
"""
    with running_server(folder, clients=client) as running:
        yield running


@pytest.fixture
def site(server: RunningServer, receiver: LogoutReceiver) -> RelyingParty:
    uri = f"http://127.0.0.1:{receiver.port}/fir/retour"
    return RelyingParty(server.base, "orme", "secret-of-the-site-that-asks", uri)


@pytest.fixture
def joe(server: RunningServer) -> str:
    sandbox = Sandbox(server.base)
    sandbox.reset()
    return activate(Browser(server.base), sandbox, JOE)


@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
@pytest.mark.parametrize(("button", "told"), [("Autoriser", "code"), ("Refuser", "error")])
def test_either_button_leads_back_to_the_site(
    open_page: Callable[..., Page], site: RelyingParty, joe: str, button: str, told: str, *, script: bool
) -> None:
    page = open_page(java_script_enabled=script)
    refused: list[str] = []
    page.on("console", lambda message: refused.append(message.text))
    page.goto(site.authorization_uri(acr_values="responsable"))
    page.get_by_label("Identifiant", exact=True).fill(joe)
    page.get_by_label("Mot de passe", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Se connecter").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Donnez-vous votre accord ?".replace(" ?", "\u00a0?"))
    if script:
        assert_accessible(page)
        assert_narrow(page)
    page.get_by_role("button", name=button).click()
    page.wait_for_url(f"{site.redirect_uri}**")
    assert told in answer_in(page.url)
    assert not [text for text in refused if "Content Security Policy" in text]
    page.go_back()
    expect(page.locator("body")).to_be_visible()
