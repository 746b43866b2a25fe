"""ENTs that the person's own browser signs out of: what the page loads, what it may load, and where it goes on."""

from collections.abc import Iterator
from html import unescape
from pathlib import Path
from re import findall
from urllib.parse import parse_qsl, urlsplit

import pytest

from tests.journeys.people import JOE, KARIM, activate
from tests.journeys.telling import relying_party, telling_server
from tests.journeys.visits import bring_back_code, sign_in
from tests.support.browser import Browser
from tests.support.logout_receiver import LogoutReceiver, running_receiver, verify
from tests.support.page import Page
from tests.support.relying_party import RelyingParty, answer_in, unverified_claims
from tests.support.sandbox import Sandbox
from tests.support.server import RunningServer


@pytest.fixture(scope="module")
def receiver() -> Iterator[LogoutReceiver]:
    with running_receiver() as running:
        yield running


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, receiver: LogoutReceiver) -> Iterator[RunningServer]:
    folder: Path = tmp_path_factory.mktemp("preau")
    with telling_server(folder, receiver) as running:
        yield running


@pytest.fixture
def fir(server: RunningServer, receiver: LogoutReceiver) -> RelyingParty:
    return relying_party(server.base, receiver, "fir")


def frames(page: Page) -> list[str]:
    return [unescape(uri) for uri in findall(r'<iframe [^>]*src="([^"]*)"', page.html)]


def refresh(page: Page) -> list[str]:
    return [unescape(uri) for uri in findall(r'<meta http-equiv="refresh" content="0; url=([^"]*)">', page.html)]


def frame_sources(page: Page) -> list[str]:
    directives = [part.split() for part in page.headers["Content-Security-Policy"].split(";")]
    return [source for name, *sources in filter(None, directives) if name == "frame-src" for source in sources]


def enter(fir: RelyingParty, browser: Browser, sandbox: Sandbox) -> str:
    """Sign in from the ENT and return its ID token."""
    token: str = fir.exchange(bring_back_code(fir, browser, activate(browser, sandbox, JOE))).json()["id_token"]
    return token


def leave(browser: Browser) -> Page:
    browser.open("/idp/profile/Logout")
    return browser.fill("Me déconnecter", button="Me déconnecter")


def test_the_last_page_loads_the_ent_s_own_logout_with_issuer_and_session(
    browser: Browser, sandbox: Sandbox, server: RunningServer, receiver: LogoutReceiver, fir: RelyingParty
) -> None:
    sid = unverified_claims(enter(fir, browser, sandbox))["sid"]
    page = leave(browser)
    assert page.h1 == "Vous êtes déconnecté"
    [address] = frames(page)
    assert address.startswith(receiver.uri("fir"))
    assert parse_qsl(urlsplit(address).query) == [("kept", "1"), ("iss", server.base), ("sid", sid)]
    assert refresh(page) == []
    assert not page.says("ENT Sapin"), "it is signed out of: nobody has to open it"


def test_only_the_places_of_these_frames_may_be_loaded(
    browser: Browser, sandbox: Sandbox, receiver: LogoutReceiver, fir: RelyingParty
) -> None:
    enter(fir, browser, sandbox)
    asked = browser.open("/idp/profile/Logout")
    assert frame_sources(asked) == []
    page = browser.fill("Me déconnecter", button="Me déconnecter")
    assert frame_sources(page) == [f"http://localhost:{receiver.port}"]
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]


def test_the_frames_come_first_and_then_the_ent_s_own_place(
    browser: Browser, sandbox: Sandbox, receiver: LogoutReceiver, fir: RelyingParty
) -> None:
    token = enter(fir, browser, sandbox)
    adieu = f"http://localhost:{receiver.port}/fir/adieu"
    page = browser.open(f"/idp/profile/Logout?id_token_hint={token}&post_logout_redirect_uri={adieu}&state=a%26b")
    assert (page.status, page.h1, browser.left_to) == (200, "Déconnexion en cours", "")
    assert len(frames(page)) == 1
    assert refresh(page) == [f"{adieu}?state=a%26b"]
    assert page.link("Continuer") == f"{adieu}?state=a%26b", "for whoever turned refreshes off"


def test_a_session_that_is_over_has_no_frames(browser: Browser, sandbox: Sandbox, fir: RelyingParty) -> None:
    enter(fir, browser, sandbox)
    leave(browser)
    page = browser.open("/idp/profile/Logout")
    assert (page.h1, frames(page), frame_sources(page)) == ("Vous êtes déconnecté", [], [])


def test_an_ent_that_is_told_in_the_background_has_no_frame(
    browser: Browser, sandbox: Sandbox, server: RunningServer, receiver: LogoutReceiver, fir: RelyingParty
) -> None:
    enter(fir, browser, sandbox)
    oak = relying_party(server.base, receiver, "oak")
    browser.open(oak.authorization_uri())
    oak.exchange(answer_in(browser.left_to)["code"])
    page = leave(browser)
    assert [urlsplit(uri).path for uri in frames(page)] == ["/fir"]


def test_of_two_persons_who_share_a_browser_each_is_signed_out_of_the_ent(
    browser: Browser, sandbox: Sandbox, server: RunningServer, receiver: LogoutReceiver, fir: RelyingParty
) -> None:
    oak = relying_party(server.base, receiver, "oak")
    receiver.forget()
    sids = set()
    for parent in (JOE, KARIM):
        identifiant = activate(Browser(server.base), sandbox, parent)
        page = browser.open(fir.authorization_uri(prompt="select_account"))
        if page.h1.startswith("Avec quel compte"):
            page = browser.open(page.link("Utiliser un autre compte"))
        browser.open(page.link("Responsable d'élève"))
        sign_in(browser, identifiant)
        token = fir.exchange(answer_in(browser.left_to)["code"]).json()["id_token"]
        sids.add(unverified_claims(token)["sid"])
        browser.open(oak.authorization_uri())
        oak.exchange(answer_in(browser.left_to)["code"])
    page = leave(browser)
    assert {dict(parse_qsl(urlsplit(address).query))["sid"] for address in frames(page)} == sids
    receiver.wait_for("oak", count=2)
    assert {verify(one, server.base, "oak")["sid"] for one in receiver.told("oak")} == sids
