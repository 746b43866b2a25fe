"""ENTs are signed out of where FranceConnect opened the session, and where its first link ends those that there were."""

from collections.abc import Iterator
from html import unescape
from pathlib import Path
from re import findall

import pytest

from tests.journeys.franceconnect import activate_through_franceconnect
from tests.journeys.people import ANGELA, JOE, activate
from tests.journeys.telling import clients, relying_party
from tests.journeys.visits import bring_back_code
from tests.support.databases import DIALECTS, fresh_postgresql_database
from tests.support.franceconnect import Simulator, TravellingBrowser, running_simulator
from tests.support.logout_receiver import LogoutReceiver, running_receiver, verify
from tests.support.page import Page
from tests.support.relying_party import RelyingParty, answer_in, unverified_claims
from tests.support.sandbox import Sandbox
from tests.support.server import RunningServer, free_port, running_server


@pytest.fixture(scope="module")
def receiver() -> Iterator[LogoutReceiver]:
    with running_receiver() as running:
        yield running


@pytest.fixture(scope="module", params=DIALECTS)
def pair(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, receiver: LogoutReceiver
) -> Iterator[tuple[RunningServer, Simulator]]:
    folder: Path = tmp_path_factory.mktemp("franceconnect")
    port = free_port()
    with running_simulator(folder, f"http://localhost:{port}") as simulator:
        more, ents = simulator.settings(), clients(receiver)
        if request.param == "sqlite":
            with running_server(folder, more=more, clients=ents, port=port) as server:
                yield server, simulator
            return
        with (
            fresh_postgresql_database(request.getfixturevalue("postgresql_server")) as url,
            running_server(folder, more=more, clients=ents, port=port, database_url=url) as server,
        ):
            yield server, simulator


@pytest.fixture
def server(pair: tuple[RunningServer, Simulator]) -> RunningServer:
    return pair[0]


@pytest.fixture
def browser(pair: tuple[RunningServer, Simulator], sandbox: Sandbox, receiver: LogoutReceiver) -> TravellingBrowser:
    del sandbox
    pair[1].reset()
    receiver.forget()
    return TravellingBrowser(pair[0].base, pair[1])


def enter(ent: RelyingParty, browser: TravellingBrowser) -> str:
    """Go on to the ENT and return its ID token."""
    browser.go_on()
    token: str = ent.exchange(answer_in(browser.left_to)["code"]).json()["id_token"]
    return token


def frames(page: Page) -> list[str]:
    return [unescape(uri) for uri in findall(r'<iframe [^>]*src="([^"]*)"', page.html)]


def test_the_page_that_leads_to_franceconnect_loads_the_frames_and_the_servers_are_told_before(
    browser: TravellingBrowser, sandbox: Sandbox, server: RunningServer, receiver: LogoutReceiver
) -> None:
    fir, oak = (relying_party(server.base, receiver, name) for name in ("fir", "oak"))
    activate_through_franceconnect(fir, browser, sandbox, ANGELA)
    token = enter(fir, browser)
    browser.open(oak.authorization_uri())
    oak.exchange(answer_in(browser.left_to)["code"])
    adieu = f"http://localhost:{receiver.port}/fir/adieu"
    page = browser.open(f"/idp/profile/Logout?id_token_hint={token}&post_logout_redirect_uri={adieu}")
    assert (page.status, page.h1) == (200, "Déconnexion en cours")
    assert page.says("Il reste à sortir de FranceConnect.")
    [frame] = frames(page)
    assert frame.startswith(receiver.uri("fir"))
    assert f"frame-src http://localhost:{receiver.port};" in page.headers["Content-Security-Policy"]
    assert not page.says("est peut-être encore ouvert")
    [told] = receiver.wait_for("oak")
    assert verify(told, server.base, "oak")["sid"] == unverified_claims(token)["sid"]
    browser.go_on()
    page = browser.fill("cle")
    assert (page.h1, page.link("Continuer")) == ("Vous êtes déconnecté", adieu)
    assert frames(page) == [], "once is enough"


def test_the_first_link_tells_the_ents_of_the_sessions_that_it_ends(
    browser: TravellingBrowser, sandbox: Sandbox, pair: tuple[RunningServer, Simulator], receiver: LogoutReceiver
) -> None:
    server, simulator = pair
    oak = relying_party(server.base, receiver, "oak")
    elsewhere = TravellingBrowser(server.base, simulator)
    former = oak.exchange(bring_back_code(oak, elsewhere, activate(elsewhere, sandbox, JOE))).json()["id_token"]
    activate_through_franceconnect(oak, browser, sandbox, JOE, "joe")
    [told] = receiver.wait_for("oak")
    claims = verify(told, server.base, "oak")
    assert (claims["sid"], claims["sub"]) == tuple(unverified_claims(former)[name] for name in ("sid", "sub"))
    assert unverified_claims(enter(oak, browser))["sid"] != claims["sid"]
