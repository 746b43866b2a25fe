"""How a parent comes from an ENT, and signs in."""

from tests.journeys.people import PASSWORD
from tests.support.browser import Browser
from tests.support.page import Page
from tests.support.relying_party import RelyingParty, answer_in

CONSENT = "Donnez-vous votre accord ?"


def come_from(ent: RelyingParty, browser: Browser, **changes: str | None) -> Page:
    """Arrive from the ENT and choose the parents' door."""
    page = browser.open(ent.authorization_uri(**changes))
    if page.h1 == "Je sélectionne mon profil":
        page = browser.open(page.link("Responsable d'élève"))
    return page


def sign_in(browser: Browser, identifiant: str, password: str = PASSWORD) -> Page:
    """Fill in the sign-in page."""
    return browser.fill("j_username", {"j_username": identifiant, "j_password": password})


def bring_back_code(ent: RelyingParty, browser: Browser, identifiant: str, **changes: str | None) -> str:
    """Sign in from the ENT and return the authorization code that the browser brings back."""
    come_from(ent, browser, **changes)
    page = sign_in(browser, identifiant)
    if page.h1 == CONSENT:
        browser.fill("Autoriser")
    return answer_in(browser.left_to)["code"]
