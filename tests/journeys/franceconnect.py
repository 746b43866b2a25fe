"""How a parent activates through FranceConnect."""

from tests.journeys.people import Parent, kinship_values
from tests.journeys.visits import come_from
from tests.support.browser import Browser
from tests.support.franceconnect import TravellingBrowser
from tests.support.page import Page
from tests.support.relying_party import RelyingParty
from tests.support.sandbox import Sandbox


def reach_phone(ent: RelyingParty, browser: TravellingBrowser, login: str = "test", **changes: str | None) -> Page:
    """Come from the ENT and be recognised."""
    come_from(ent, browser, **changes)
    return browser.come_back(login)


def give_phone(browser: Browser, parent: Parent) -> Page:
    """Fill in the phone's page."""
    return browser.fill("telephone", {"indicatif": "+33", "telephone": parent.number})


def reach_children(
    ent: RelyingParty,
    browser: TravellingBrowser,
    sandbox: Sandbox,
    parent: Parent,
    login: str = "test",
    **changes: str | None,
) -> Page:
    """Go as far as the children."""
    reach_phone(ent, browser, login, **changes)
    give_phone(browser, parent)
    return browser.fill("code", {"code": sandbox.code(parent.e164)})


def activate_through_franceconnect(
    ent: RelyingParty,
    browser: TravellingBrowser,
    sandbox: Sandbox,
    parent: Parent,
    login: str = "test",
    **changes: str | None,
) -> Page:
    """Go to the end of procedure 2."""
    page = reach_children(ent, browser, sandbox, parent, login, **changes)
    return browser.fill("lien-1", kinship_values(page, parent))
