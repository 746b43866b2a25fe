"""A parent who goes to and fro between a service that others wrote and the provider."""

from pathlib import Path
from urllib.parse import urlsplit

from tests.journeys.people import PASSWORD, Parent, activate
from tests.journeys.visits import CONSENT
from tests.support.browser import Browser
from tests.support.page import Page
from tests.support.sandbox import Sandbox

HERE = Path(__file__).parent
WRITTEN_ISSUER, WRITTEN_ORIGIN = "http://localhost:8400", "http://localhost:3000"
"""Where the provider and the services of the how-to pages are; tests put them on free ports."""


def registration(name: str, origin: str) -> str:
    """Return the `[[clients]]` of a how-to page, with its service at `origin`."""
    return (HERE / name / "client.toml").read_text(encoding="utf-8").replace(WRITTEN_ORIGIN, origin)


class Visitor(Browser):
    """Follows redirects between the provider and one service."""

    def __init__(self, base: str, origin: str) -> None:
        super().__init__(base)
        self.origin = origin
        self.sites.add(urlsplit(origin).netloc)

    def visit(self, path: str) -> Page:
        """Go to an address of the service."""
        return self.open(self.origin + path)

    def sign_in_at(self, path: str, identifiant: str) -> Page:
        """Go to an address of the service that wants to know who one is, sign in, and come back."""
        page = self.visit(path)
        assert page.h1 == "Je sélectionne mon profil", page.text
        self.open(page.link("Responsable d'élève"))
        page = self.fill("j_username", {"j_username": identifiant, "j_password": PASSWORD})
        # A service that registered by itself is allowed by the person.
        return self.fill("Autoriser") if page.h1 == CONSENT else page


def activate_from_the_seed(base: str, parent: Parent) -> str:
    """Go back to the seed, activate an account in a browser of its own, and return its identifiant."""
    sandbox = Sandbox(base)
    sandbox.reset()
    return activate(Browser(base), sandbox, parent)
