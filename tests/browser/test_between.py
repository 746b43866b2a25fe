"""Pages between the sign-in and the site, in a real browser, with and without script: their forms end at the site."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.people import JOE, KARIM, PASSWORD, activate
from tests.support.browser import Browser
from tests.support.chromium import assert_accessible, assert_narrow, follow
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

[[clients]]
client_id = "pin"
client_name = "ENT Pin"
client_secret = "secret-of-the-ent-of-two-persons"
redirect_uris = ["http://127.0.0.1:{receiver.port}/oak/retour"]
"""
    with running_server(folder, clients=client) as running:
        yield running


@pytest.fixture
def site(server: RunningServer, receiver: LogoutReceiver) -> RelyingParty:
    uri = f"http://127.0.0.1:{receiver.port}/fir/retour"
    return RelyingParty(server.base, "orme", "secret-of-the-site-that-asks", uri)


@pytest.fixture
def ent(server: RunningServer, receiver: LogoutReceiver) -> RelyingParty:
    uri = f"http://127.0.0.1:{receiver.port}/oak/retour"
    return RelyingParty(server.base, "pin", "secret-of-the-ent-of-two-persons", uri)


@pytest.fixture
def joe(server: RunningServer) -> str:
    sandbox = Sandbox(server.base)
    sandbox.reset()
    return activate(Browser(server.base), sandbox, JOE)


@pytest.fixture(params=[True, False], ids=["script", "no script"])
def script(request: pytest.FixtureRequest) -> bool:
    return bool(request.param)


@pytest.fixture
def page(open_page: Callable[..., Page], script: bool) -> Page:
    return open_page(java_script_enabled=script)


def sign_in(page: Page, identifiant: str) -> None:
    """Fill in the sign-in page, the parents' door open already."""
    page.get_by_label("Identifiant", exact=True).fill(identifiant)
    page.get_by_label("Mot de passe", exact=True).fill(PASSWORD)
    follow(page, page.get_by_role("button", name="Se connecter"))


def read_heading(page: Page, *, script: bool) -> str:
    if script:  # what looks at a page is a script itself
        assert_accessible(page)
        assert_narrow(page)
    return page.get_by_role("heading", level=1).inner_text().replace("\u00a0", " ")


def listen(page: Page) -> list[str]:
    """Collect what the browser says: a form that may not end where it ends is refused there alone."""
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    return said


def arrive(page: Page, site: RelyingParty, said: list[str]) -> dict[str, str]:
    page.wait_for_url(f"{site.redirect_uri}**")
    assert not [text for text in said if "Content Security Policy" in text]
    return answer_in(page.url)


@pytest.mark.parametrize(("button", "told"), [("Autoriser", "code"), ("Refuser", "error")])
def test_allowed_or_refused_the_browser_comes_back_to_the_site(
    page: Page, site: RelyingParty, joe: str, button: str, told: str, *, script: bool
) -> None:
    said = listen(page)
    page.goto(site.authorization_uri(acr_values="responsable"))
    sign_in(page, joe)
    assert read_heading(page, script=script) == "Donnez-vous votre accord ?"
    follow(page, page.get_by_role("button", name=button))
    assert told in arrive(page, site, said)


def test_one_account_or_the_other_goes_on_to_the_site(page: Page, ent: RelyingParty, joe: str, *, script: bool) -> None:
    said = listen(page)
    karim = activate(Browser(ent.base), Sandbox(ent.base), KARIM)
    asked = ent.authorization_uri(acr_values="responsable", prompt="select_account")
    page.goto(asked)
    sign_in(page, joe)
    arrive(page, ent, said)
    page.goto(asked)
    assert read_heading(page, script=script) == "Avec quel compte voulez-vous continuer ?"
    follow(page, page.get_by_role("link", name="Utiliser un autre compte"))
    sign_in(page, karim)
    arrive(page, ent, said)
    page.goto(asked)
    assert page.get_by_role("button").all_inner_texts() == ["Karim BENALI", "Joe DUPONT"]
    follow(page, page.get_by_role("button", name="Joe DUPONT"))
    assert "code" in arrive(page, ent, said)


def test_a_code_by_text_leads_on_to_the_site(page: Page, ent: RelyingParty, joe: str, *, script: bool) -> None:
    said = listen(page)
    page.goto(ent.authorization_uri(acr_values="responsable https://level.example/two"))
    sign_in(page, joe)
    arrive(page, ent, said)
    page.goto(ent.authorization_uri(acr_values="https://level.example/two"))
    assert read_heading(page, script=script) == "Confirmez que c'est vous"
    follow(page, page.get_by_role("button", name="Recevoir un code par SMS"))
    page.get_by_label("Code de sécurité").fill("1")
    follow(page, page.get_by_role("button", name="Continuer"))
    expect(page.get_by_text("Vous en avez écrit 1").first).to_be_visible()
    read_heading(page, script=script)
    page.get_by_label("Code de sécurité").fill(Sandbox(ent.base).code(JOE.e164))
    follow(page, page.get_by_role("button", name="Continuer"))
    assert "code" in arrive(page, ent, said)
