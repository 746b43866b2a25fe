"""FranceConnect under attack and out of reach, on the real server with two web processes: one account, and everybody else goes on."""

import statistics
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from time import perf_counter

import pytest
import requests

from idp.adapters.accounts import SqlAccounts
from idp.adapters.franceconnect import SqlFranceConnect
from tests.journeys.franceconnect import activate_through_franceconnect, give_phone, reach_children, reach_phone
from tests.journeys.people import ANGELA, JOE, activate, kinship_values
from tests.journeys.visits import bring_back_code, come_from
from tests.resilience.gateway import running_gateway
from tests.resilience.house import House, standing_house
from tests.resilience.late import late
from tests.support.browser import Browser
from tests.support.databases import DIALECTS, fresh_postgresql_database
from tests.support.franceconnect import Simulator, TravellingBrowser, running_simulator
from tests.support.page import Page
from tests.support.relying_party import RelyingParty
from tests.support.server import free_port

SILENT_SECONDS = 60
SIGN_INS = 60
PLAIN = 12


@pytest.fixture(scope="module", params=DIALECTS)
def standing_pair(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[House, Simulator]]:
    folder = tmp_path_factory.mktemp("house")
    port = free_port()
    with ExitStack() as stack:
        gateway = stack.enter_context(running_gateway())
        simulator = stack.enter_context(running_simulator(folder, f"http://localhost:{port}"))
        url = f"sqlite:///{folder}/preau.db"
        if request.param == "postgresql":
            url = stack.enter_context(fresh_postgresql_database(request.getfixturevalue("postgresql_server")))
        house = standing_house(folder, url, gateway, port=port, more=simulator.settings())
        yield stack.enter_context(house), simulator


@pytest.fixture
def house(standing_pair: tuple[House, Simulator]) -> House:
    standing_pair[0].sandbox.reset()
    standing_pair[1].reset()
    return standing_pair[0]


@pytest.fixture
def simulator(standing_pair: tuple[House, Simulator], house: House) -> Simulator:
    del house
    return standing_pair[1]


@pytest.fixture
def ent(house: House) -> RelyingParty:
    return RelyingParty(house.base)


def at_once(acts: list[Callable[[], Page]]) -> list[Page]:
    with ThreadPoolExecutor(len(acts)) as pool:
        return [one.result() for one in [pool.submit(act) for act in acts]]


def test_of_eight_browsers_of_one_identity_one_makes_the_account_and_all_end_in_it(
    house: House, simulator: Simulator, ent: RelyingParty
) -> None:
    ready: list[tuple[TravellingBrowser, dict[str, str]]] = []
    for _ in range(8):
        browser = TravellingBrowser(house.base, simulator)
        page = reach_children(ent, browser, house.sandbox, ANGELA)
        ready.append((browser, kinship_values(page, ANGELA)))
    pages = at_once([lambda one=one, values=values: one.fill("lien-1", values) for one, values in ready])
    assert {page.h1 for page in pages} == {"Votre compte a été activé avec succès"}
    events = house.sandbox.events()
    assert events.count("activation.account-made") == events.count("franceconnect.linked") == 1
    assert house.violations() == []
    assert "Traceback" not in house.log.read_text(encoding="utf-8")


@pytest.mark.parametrize("standing_pair", ["postgresql"], indirect=True)
@pytest.mark.parametrize(("where", "look"), [(SqlAccounts, "load_by_guardians"), (SqlFranceConnect, "load_link")])
def test_what_a_faster_browser_commits_between_two_looks_is_seen_whole(
    house: House, simulator: Simulator, ent: RelyingParty, monkeypatch: pytest.MonkeyPatch, where: type, look: str
) -> None:
    ready = []
    for _ in range(2):
        browser = TravellingBrowser(house.base, simulator)
        page = reach_children(ent, browser, house.sandbox, ANGELA)
        ready.append((browser, kinship_values(page, ANGELA)))
    (slow, slow_values), (fast, fast_values) = ready
    usual = getattr(where, look)
    moments = [lambda: fast.fill("lien-1", fast_values)]

    def looking(*words: object, **named: object) -> object:
        if moments:
            moments.pop()()
        return usual(*words, **named)

    process = late(house, slow, lambda _: None)
    monkeypatch.setattr(where, look, looking)
    action, values = slow.prepare("lien-1", slow_values)
    assert process.ask(action, values).endswith("/activation/relie")
    assert not moments
    assert house.sandbox.events().count("activation.account-made") == 1
    assert house.violations() == []


def test_two_identities_that_race_for_one_account_never_share_it(
    house: House, simulator: Simulator, ent: RelyingParty
) -> None:
    person = next(one for one in simulator.ask("GET", "persons")["persons"] if one["login"] == "test")
    twin = {name: value for name, value in {**person, "birthplace": "75108"}.items() if name != "login"}
    simulator.ask("PUT", "persons/twin", twin)
    ready: list[tuple[TravellingBrowser, dict[str, str]]] = []
    for login in ("test", "twin"):
        browser = TravellingBrowser(house.base, simulator)
        page = reach_children(ent, browser, house.sandbox, ANGELA, login)
        ready.append((browser, kinship_values(page, ANGELA)))
    pages = at_once([lambda one=one, values=values: one.fill("lien-1", values) for one, values in ready])
    assert sorted(page.h1 for page in pages) == [
        "Ce compte est déjà relié à FranceConnect",
        "Votre compte a été activé avec succès",
    ]
    assert house.violations() == []


def test_a_callback_sent_twenty_times_is_one_proof(house: House, simulator: Simulator, ent: RelyingParty) -> None:
    browser = TravellingBrowser(house.base, simulator)
    come_from(ent, browser)
    browser.identify()
    action, values = browser.prepare("Continuer sur Education Nationale")
    callback = browser.http.post(action, data=values, allow_redirects=False, timeout=20).headers["Location"]
    cookies = browser.http.cookies.copy()

    def come_back() -> Page:
        one = TravellingBrowser(house.base, simulator)
        one.http.cookies = cookies.copy()
        return one.open(callback)

    pages = at_once([come_back] * 20)
    assert [page.h1 for page in pages].count("Finissez d'activer votre compte") == 1
    assert {page.status for page in pages} <= {200, 400}
    assert house.sandbox.events().count("franceconnect.recognised") == 1


def test_whoever_holds_an_account_before_gains_nothing_when_its_owner_comes_through_franceconnect(
    house: House, simulator: Simulator, ent: RelyingParty
) -> None:
    """Pre-hijacking (guarantee 4): an account made by somebody else with the family's phone, then linked by its owner."""
    thief = Browser(house.base)
    identifiant = activate(thief, house.sandbox, JOE)
    tokens = ent.exchange(bring_back_code(ent, thief, identifiant)).json()
    owner = TravellingBrowser(house.base, simulator)
    activate_through_franceconnect(ent, owner, house.sandbox, JOE, "joe")
    assert ent.userinfo(tokens["access_token"]).status_code == 401
    assert come_from(ent, thief).h1 == "Je me connecte", "the session is over"
    thief.fill("j_username", {"j_username": identifiant, "j_password": "Cartable-Bleu-42"})
    assert thief.page.status == 422, "the password is worth nothing"
    assert house.violations() == []


def test_a_proof_is_of_its_browser_alone(house: House, simulator: Simulator, ent: RelyingParty) -> None:
    owner, other = TravellingBrowser(house.base, simulator), TravellingBrowser(house.base, simulator)
    reach_phone(ent, owner)
    reach_phone(ent, other, "joe")
    give_phone(other, JOE)
    page = owner.open("/activation/code")
    assert page.h1 == "Finissez d'activer votre compte", "nothing of the other's is hers"
    stolen = owner.prepare("telephone", {"telephone": ANGELA.number})
    assert other.send(*stolen).status == 403, "a form is of the browser that it was made for"


def test_while_franceconnect_is_silent_password_sign_ins_keep_their_pace(
    house: House, simulator: Simulator, ent: RelyingParty
) -> None:
    parent = Browser(house.base)
    identifiant = activate(parent, house.sandbox, JOE)

    def pace() -> float:
        took = []
        for _ in range(PLAIN):
            browser = Browser(house.base)
            began = perf_counter()
            assert bring_back_code(ent, browser, identifiant)
            took.append(perf_counter() - began)
        return statistics.median(took)

    callbacks = []
    for _ in range(SIGN_INS):
        browser = TravellingBrowser(house.base, simulator)
        come_from(ent, browser)
        browser.identify()
        action, values = browser.prepare("Continuer sur Education Nationale")
        answer = browser.http.post(action, data=values, allow_redirects=False, timeout=20)
        callbacks.append((answer.headers["Location"], browser))
    usual = pace()
    simulator.arm("token-slow", count=SIGN_INS, seconds=SILENT_SECONDS)

    def come_back(callback: str, browser: TravellingBrowser) -> requests.Response:
        return browser.http.get(callback, allow_redirects=False, timeout=40)

    with ThreadPoolExecutor(SIGN_INS) as pool:
        waiting = [pool.submit(come_back, callback, browser) for callback, browser in callbacks]
        during = pace()
        answers = [one.result() for one in waiting]
    assert {answer.status_code for answer in answers} == {503}
    assert all("FranceConnect ne répond pas" in answer.text.replace("\u00a0", " ") for answer in answers)
    assert {answer.headers["Retry-After"] for answer in answers} == {"60"}
    assert during < 5 * usual + 0.5, f"{usual:.3f} s usually, {during:.3f} s meanwhile"
    assert house.violations() == []
