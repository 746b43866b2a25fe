"""How a parent comes from an ENT, and signs in."""

from typing import Any

import requests

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


def bring_back_tokens(ent: RelyingParty, browser: Browser, identifiant: str, **changes: str | None) -> dict[str, Any]:
    """Sign in, and return the token response."""
    answer = ent.exchange(bring_back_code(ent, browser, identifiant, **changes))
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()
    return told


def introspect(asks: RelyingParty, token: str) -> requests.Response:
    """Ask what a token is good for."""
    who = (asks.client_id, asks.client_secret)
    return asks.http.post(f"{asks.base}/idp/profile/oidc/introspect", data={"token": token}, auth=who, timeout=20)
