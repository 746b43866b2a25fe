"""A parent who is not put off: an answer that does not come is asked for again, by reloading the page or by pressing the button again."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random

import requests

from tests.journeys.people import PASSWORD, Parent, identity_values, kinship_values
from tests.resilience.house import House
from tests.support.browser import Browser
from tests.support.page import Page
from tests.support.relying_party import RelyingParty, answer_in

PATIENCE = 60  # pages


@dataclass
class Person:
    """One parent before one house.

    Attributes:
        house: Where she goes.
        parent: Who she is.
        whim: Draws whether she reloads the page or presses again.
        told: Every identifiant that a page or a text told her was hers.
        tokens: Access tokens that her ENT was given.
    """

    house: House
    parent: Parent
    whim: Random
    told: list[str] = field(default_factory=list)
    tokens: list[str] = field(default_factory=list)
    lost: int = 0  # answers that did not come

    def __post_init__(self) -> None:
        self.take_another_browser()

    def take_another_browser(self) -> None:
        """Go on in a browser that nobody signed in with."""
        self.browser = Browser(self.house.base)

    # --- activation -------------------------------------------------------------------------------------------------------------

    def activate(self) -> str:
        """Go from « Je n'ai pas de compte » to an identifiant, whatever happens, and return it."""
        page = self._open("/activation")
        for _ in range(PATIENCE):
            if page.h1 in {"Votre compte a été activé avec succès", "Votre compte est déjà activé"}:
                identifiant = _identifiant_on(page)
                self.told.append(identifiant)
                return identifiant
            page = self._answer(page)
        raise AssertionError(f"no account after {PATIENCE} pages: {page.h1} {page.text[:300]}")

    def _answer(self, page: Page) -> Page:
        """Fill in the page of an activation as it stands."""
        controls = set().union(*(form.controls for form in page.forms)) if page.forms else set()
        if "nom" in controls:
            return self._fill("nom", identity_values(self.parent), button="Continuer")
        if "code" in controls:
            return self._fill("code", {"code": self._read_code()})
        if "lien-1" in controls:
            return self._fill("lien-1", kinship_values(page, self.parent))
        if "mot-de-passe" in controls:
            return self._fill("mot-de-passe", {"mot-de-passe": PASSWORD, "confirmation": PASSWORD})
        return self._open("/activation")  # the browser's activation was lost: from the beginning

    def _read_code(self) -> str:
        """Wait for the text; when its sender was killed, until another takes it up."""
        number = self.parent.e164
        for _ in range(10):
            texts = [text for text in self.house.gateway.taken(number) if "est votre code" in text]
            # Not before the newest one came: an older one opens nothing any more.
            if texts and texts[-1] == self._newest_code_text():
                return texts[-1][:6]
            if not self.house.gateway.wait_for_more(len(self.house.gateway.taken(number)), number, 2):
                self._try(lambda: self.house.sandbox.advance(minutes=5.1))
        raise AssertionError("no code came")

    def _newest_code_text(self) -> str:
        return next((text for text in self.house.kept_texts() if "est votre code" in text), "")

    # --- sign-in ----------------------------------------------------------------------------------------------------------------

    def sign_in(self, identifiant: str, ent: RelyingParty | None = None) -> str:
        """Come from the ENT, sign in, let the ENT exchange the code, and return the access token that it was given."""
        ent = ent or RelyingParty(self.house.base)
        for _ in range(PATIENCE):
            page = self._open(ent.authorization_uri())
            for _ in range(PATIENCE):
                if self.browser.left_to:
                    break
                page = self._answer_sign_in(page, identifiant)
            token = self._exchange(ent, answer_in(self.browser.left_to)["code"])
            if token:
                self.tokens.append(token)
                return token
        raise AssertionError("no token")

    def sign_out(self) -> None:
        """Leave by our own page, whatever happens."""
        page = self._open("/idp/profile/Logout")
        for _ in range(PATIENCE):
            if page.h1 == "Vous êtes déconnecté":
                return
            page = self._fill("jeton", {}, button="Me déconnecter")
        raise AssertionError("still signed in")

    def _answer_sign_in(self, page: Page, identifiant: str) -> Page:
        if page.h1 == "Je sélectionne mon profil":
            return self._open(page.link("Responsable d'élève"))
        if any("j_username" in form.controls for form in page.forms):
            return self._fill("j_username", {"j_username": identifiant, "j_password": PASSWORD})
        raise AssertionError(f"an unexpected page: {page.status} {page.h1} {page.text[:300]}")

    def _exchange(self, ent: RelyingParty, code: str) -> str:
        """Return the token, or "" when the answer was lost: an ENT then begins again, and never replays a code."""
        try:
            answer = ent.exchange(code)
        except requests.RequestException:
            self._wait()
            return ""
        assert answer.status_code in {200, 400, 503}, answer.text
        return str(answer.json()["access_token"]) if answer.status_code == 200 else ""

    # --- whatever happens ---------------------------------------------------------------------------------------------------------

    def _open(self, address: str) -> Page:
        return self._try(lambda: self.browser.open(address))

    def _fill(self, control: str, values: dict[str, str], *, button: str = "") -> Page:
        """Send a form. If no answer comes, press again or load the page again and go on from what it shows."""
        action, sent = self.browser.prepare(control, values, button=button)
        address = self.browser.page.url
        try:
            return _answered(self.browser.send(action, sent))
        except requests.RequestException:
            self._wait()
        if self.whim.random() < 0.5:
            return self._try(lambda: self.browser.send(action, sent))
        return self._open(address)

    def _try(self, act: Callable[[], object]) -> Page:
        """Do something until it is answered."""
        for _ in range(10):
            try:
                return _answered(act())
            except requests.RequestException:
                self._wait()
        raise AssertionError("never answered")

    def _wait(self) -> None:
        self.lost += 1
        self.house.wait_until_answering()


def _answered(page: object) -> Page:
    """A page of a service that is down for a moment counts as no answer."""
    if isinstance(page, Page):
        assert page.status != 500, page.text
        if page.status == 503:
            raise requests.ConnectionError
    return page  # type: ignore[return-value]  # a call of the control API answers nothing


def _identifiant_on(page: Page) -> str:
    found = re.search(r"\b[a-z]\.[a-z]+[0-9]{4}\b", page.text)
    assert found, page.text
    return found[0]
