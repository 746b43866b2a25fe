"""Signing out of ENTs in hidden frames, in a real browser, with and without script: they load first, and then it goes on."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.people import JOE, activate
from tests.journeys.telling import relying_party, telling_server
from tests.journeys.visits import bring_back_code
from tests.support.browser import Browser
from tests.support.chromium import assert_accessible, assert_narrow
from tests.support.logout_receiver import HANG, LogoutReceiver, running_receiver
from tests.support.sandbox import Sandbox
from tests.support.server import RunningServer

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def running_endpoints() -> Iterator[LogoutReceiver]:
    with running_receiver() as running:
        yield running


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, running_endpoints: LogoutReceiver) -> Iterator[RunningServer]:
    folder: Path = tmp_path_factory.mktemp("preau")
    with telling_server(folder, running_endpoints) as running:
        yield running


@pytest.fixture
def receiver(running_endpoints: LogoutReceiver, server: RunningServer) -> LogoutReceiver:
    Sandbox(server.base).reset()
    running_endpoints.forget()
    return running_endpoints


@pytest.fixture(params=[True, False], ids=["script", "no script"])
def page(request: pytest.FixtureRequest, open_page: Callable[..., Page]) -> Page:
    return open_page(java_script_enabled=request.param)


def sign_in(page: Page, server: RunningServer, receiver: LogoutReceiver) -> str:
    """Sign Joe in at the ENT, give his session to this browser, and return the ENT's ID token."""
    walker = Browser(server.base)
    fir = relying_party(server.base, receiver, "fir")
    code = bring_back_code(fir, walker, activate(walker, Sandbox(server.base), JOE))
    page.context.add_cookies(
        [{"name": one.name, "value": one.value or "", "url": server.base} for one in walker.http.cookies]
    )
    token: str = fir.exchange(code).json()["id_token"]
    return token


def heading(page: Page) -> Any:
    return page.get_by_role("heading", level=1)


def test_the_frame_is_loaded_before_the_browser_goes_on(
    page: Page, server: RunningServer, receiver: LogoutReceiver
) -> None:
    token = sign_in(page, server, receiver)
    refused: list[str] = []
    page.on("console", lambda message: refused.append(message.text))
    adieu = f"http://localhost:{receiver.port}/fir/adieu"
    page.goto(f"{server.base}/idp/profile/Logout?id_token_hint={token}&post_logout_redirect_uri={adieu}&state=s")
    page.wait_for_url(f"{adieu}?state=s")
    [frame] = receiver.told("fir")
    assert [name for name, _ in frame.query] == ["kept", "iss", "sid"]
    assert len(receiver.told("fir/adieu")) == 1
    assert not [text for text in refused if "Content Security Policy" in text]


def test_a_frame_that_hangs_strands_nobody(page: Page, server: RunningServer, receiver: LogoutReceiver) -> None:
    token = sign_in(page, server, receiver)
    receiver.answer("fir", HANG)
    adieu = f"http://localhost:{receiver.port}/fir/adieu"
    page.goto(
        f"{server.base}/idp/profile/Logout?id_token_hint={token}&post_logout_redirect_uri={adieu}", wait_until="commit"
    )
    receiver.wait_for("fir")
    expect(heading(page)).to_have_text("Déconnexion en cours")
    page.get_by_role("link", name="Continuer").click(no_wait_after=True)
    receiver.wait_for("fir/adieu")


def test_nobody_sees_the_frames_and_the_last_page_is_accessible(
    open_page: Callable[..., Page], server: RunningServer, receiver: LogoutReceiver
) -> None:
    page = open_page()
    sign_in(page, server, receiver)
    page.goto(f"{server.base}/idp/profile/Logout")
    page.get_by_role("button", name="Me déconnecter").click()
    expect(heading(page)).to_have_text("Vous êtes déconnecté")
    receiver.wait_for("fir")
    [frame] = page.locator("iframe").all()
    assert not frame.is_visible()
    assert frame.get_attribute("title") == "Déconnexion de ENT Sapin"
    assert_accessible(page)
    assert_narrow(page)


def test_an_ent_s_page_runs_and_does_not_carry_the_browser_away(
    open_page: Callable[..., Page], server: RunningServer, receiver: LogoutReceiver
) -> None:
    page = open_page()
    receiver.show("fir", "<script>fetch('/ran').then(() => { top.location = '/carried-away' })</script>")
    sign_in(page, server, receiver)
    page.goto(f"{server.base}/idp/profile/Logout")
    with page.expect_event("console", lambda message: "navigat" in message.text):
        page.get_by_role("button", name="Me déconnecter").click()
    # Chromium refuses it to any frame that nobody touched; the attribute tells every browser.
    assert page.locator("iframe").get_attribute("sandbox") == "allow-scripts allow-same-origin allow-forms"
    receiver.wait_for("ran")
    expect(heading(page)).to_have_text("Vous êtes déconnecté")
    assert receiver.told("carried-away") == []
