"""A form of « Mon compte » that is sent several times at the same moment does its act once, and each of them gets the same answer."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.journeys.children import Household
from tests.journeys.own import HOME, INFORMATION, put, reach, session_of
from tests.journeys.people import JOE, PASSWORD, activate
from tests.journeys.test_grouping import THEIRS, Elsewhere
from tests.journeys.test_my_children import contest, open_children
from tests.journeys.visits import sign_in
from tests.support.browser import Browser
from tests.support.page import Page
from tests.support.sandbox import Sandbox
from tests.support.server import RunningServer

NEW = "Trousse-Rouge-88"
MANY = 6


@pytest.fixture
def joe(sandbox: Sandbox, server: RunningServer) -> str:
    return activate(Browser(server.base), sandbox, JOE)


@pytest.fixture
def home(sandbox: Sandbox) -> Household:
    home = Household(sandbox)
    home.load(home.pupil("Ève"), home.pupil("Noé", "petits"))
    return home


def send_at_once(browser: Browser, form: tuple[str, dict[str, str]]) -> list[Page]:
    """Send a form from many windows of this browser, before any of them has an answer.

    Whichever answer the browser takes last leaves it in the same session.
    """
    windows = [Browser(browser.base) for _ in range(MANY)]
    for window in windows:
        put(window, session_of(browser))
        for cookie in browser.http.cookies:
            window.http.cookies.set_cookie(cookie)
        window.http.get(f"{browser.base}/healthz", timeout=20)  # the connection stands before the race begins
    with ThreadPoolExecutor(MANY) as pool:
        pages = list(pool.map(lambda window: window.send(*form), windows))
    assert len({session_of(window) for window in windows}) == 1
    return pages


@pytest.mark.parametrize(
    ("place", "control", "typed", "h1", "event"),
    [
        (
            "/mot-de-passe",
            "actuel",
            {"actuel": PASSWORD, "mot-de-passe": NEW, "confirmation": NEW},
            INFORMATION,
            "account.password-changed",
        ),
        ("/confirmation", "actuel", {"actuel": PASSWORD}, INFORMATION, "account.proof-accepted"),
        ("/confirmation", "actuel", {"actuel": "Pas-le-bon-1"}, "Confirmez que c'est vous", "account.proof-refused"),
        ("/fermeture", "compris", {"compris": "oui"}, "Votre compte sera fermé", "account.closing-asked"),
        ("/e-mail", "email", {"email": "joe@exemple.test"}, INFORMATION, "account.email-asked"),
    ],
)
def test_of_the_account(
    browser: Browser, sandbox: Sandbox, joe: str, place: str, control: str, typed: dict[str, str], h1: str, event: str
) -> None:
    reach(browser, joe)
    browser.open(f"{HOME}{place}")
    pages = send_at_once(browser, browser.prepare(control, typed))
    assert {page.h1 for page in pages} == {h1}
    assert len(sandbox.events(event=event)) == 1


def test_of_a_child_who_is_not_hers(browser: Browser, sandbox: Sandbox, home: Household) -> None:
    open_children(browser, home.login)
    contest(browser, "Noé PRÉAUX")
    pages = send_at_once(browser, browser.prepare("Oui, je confirme"))
    assert {(page.h1, page.says("Cet élève n'est plus dans votre compte.")) for page in pages} == {
        ("Mes enfants", True)
    }
    assert len(sandbox.events(event="children.contested")) == 1


def test_of_a_grouping_and_its_undoing(browser: Browser, sandbox: Sandbox, home: Household) -> None:
    other = Elsewhere(home)
    other.load()
    browser.open("/mon-compte/enfants/regroupement")
    browser.open(browser.page.link("Responsable d'élève"))

    sign_in(browser, home.login)
    form = browser.prepare("autre-identifiant", {"autre-identifiant": other.login, "autre-mot-de-passe": THEIRS})
    pages = send_at_once(browser, form)
    assert {(page.h1, page.says("Comptes regroupés.")) for page in pages} == {("Mes enfants", True)}
    assert len(sandbox.events(event="account.grouped")) == 2
    browser.open(pages[0].link("Annuler le regroupement"))
    pages = send_at_once(browser, browser.prepare("Annuler le regroupement"))
    assert {(page.h1, page.says("Les comptes sont de nouveau séparés.")) for page in pages} == {("Mes enfants", True)}
    assert len(sandbox.events(event="account.ungrouped")) == 2
