"""How a parent comes to the pages of her account."""

from tests.journeys.people import PASSWORD
from tests.journeys.visits import sign_in
from tests.support.browser import Browser
from tests.support.page import Page

HOME = "/mon-compte"
INFORMATION = "Mes informations"
PROOF = "Confirmez que c'est vous"
DOORS = "Je sélectionne mon profil"
NEW = "Ardoise-Verte-77"


def reach(browser: Browser, identifiant: str, page: str = "", password: str = PASSWORD) -> Page:
    """Ask for a page of the account, sign in, and be there."""
    browser.open(f"{HOME}{page}")
    browser.open(browser.page.link("Responsable d'élève"))
    return sign_in(browser, identifiant, password)


def prove(browser: Browser, password: str = PASSWORD) -> Page:
    """Type the password again."""
    return browser.fill("actuel", {"actuel": password})


def put(browser: Browser, session: str | None) -> None:
    """Give the browser this session in place of its own."""
    browser.http.cookies.pop("preau_idp_session", None)
    if session is not None:
        browser.http.cookies.set("preau_idp_session", session, domain="localhost.local", path="/")


def session_of(browser: Browser) -> str | None:
    """Return the session that the browser holds."""
    return browser.http.cookies.get("preau_idp_session")
