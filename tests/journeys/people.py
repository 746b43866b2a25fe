"""The fictional people of the demo school, and what each step asks of them."""

import re
from dataclasses import dataclass

from tests.support.browser import Browser
from tests.support.page import Page
from tests.support.sandbox import Sandbox

PASSWORD = "Cartable-Bleu-42"


@dataclass(frozen=True)
class Child:
    """A child, as the parent knows her or him."""

    name: str
    born: tuple[str, str, str]


@dataclass(frozen=True)
class Parent:
    """A parent, as she would fill the pages in."""

    family_name: str
    given_name: str
    number: str
    children: tuple[Child, ...]

    @property
    def e164(self) -> str:
        """Return the number as the simulated phone lists it."""
        return f"+33{self.number.replace(' ', '')[1:]}"


JOE = Parent(
    "DUPONT",
    "Joe",
    "06 39 98 00 01",
    (Child("Léa DUPONT", ("12", "04", "2012")), Child("Tom DUPONT", ("03", "09", "2014"))),
)
ANGELA = Parent("DUBOIS", "Angela", "06 39 98 00 02", (Child("Zoé DUBOIS", ("30", "01", "2013")),))
MARIE_HELENE = Parent("MARTIN", "Marie-Hélène", "06 39 98 00 03", (Child("Inès BENALI", ("01", "12", "2011")),))
KARIM = Parent("BENALI", "Karim", "06 39 98 00 04", (Child("Inès BENALI", ("01", "12", "2011")),))
STRANGER = Parent("INCONNU", "Paul", "06 39 98 77 77", ())


def identity_values(parent: Parent, **changes: str) -> dict[str, str]:
    """Return the first page's fields."""
    return {
        "nom": parent.family_name,
        "prenom": parent.given_name,
        "indicatif": "+33",
        "telephone": parent.number,
        **changes,
    }


def kinship_values(page: Page, parent: Parent, **changes: str) -> dict[str, str]:
    """Return the kinship page's fields with the right dates, in the order in which the page shows the children."""
    by_place = sorted(parent.children, key=lambda child: page.text.index(child.name))
    values: dict[str, str] = {}
    for number, child in enumerate(by_place, start=1):
        values |= {f"lien-{number}": "oui", f"jour-{number}": child.born[0]}
        values |= {f"mois-{number}": child.born[1], f"annee-{number}": child.born[2]}
    return values | changes


def reach_identity(browser: Browser) -> Page:
    """Open the sign-in page and take « Je n'ai pas de compte »."""
    page = browser.open("/connexion")
    page = browser.open(page.link("Responsable d'élève"))
    return browser.open(page.link("Je n'ai pas de compte"))


def reach_code(browser: Browser, parent: Parent, **changes: str) -> Page:
    """Go as far as the page of the security code."""
    reach_identity(browser)
    return browser.fill("nom", identity_values(parent, **changes), button="Continuer")


def reach_kinship(browser: Browser, sandbox: Sandbox, parent: Parent) -> Page:
    """Go as far as the children."""
    reach_code(browser, parent)
    return browser.fill("code", {"code": sandbox.code(parent.e164)})


def reach_password(browser: Browser, sandbox: Sandbox, parent: Parent) -> Page:
    """Go as far as the password."""
    page = reach_kinship(browser, sandbox, parent)
    return browser.fill("lien-1", kinship_values(page, parent))


def activate(browser: Browser, sandbox: Sandbox, parent: Parent, password: str = PASSWORD) -> str:
    """Activate an account and return its identifiant, as the last SMS gives it."""
    reach_password(browser, sandbox, parent)
    page = browser.fill("mot-de-passe", {"mot-de-passe": password, "confirmation": password})
    assert page.h1 == "Votre compte a été activé avec succès", page.text
    return identifiant_in(str(sandbox.messages(parent.e164)[0]["text"]))


def identifiant_in(text: str) -> str:
    """Return the identifiant that an SMS gives."""
    found = re.search(r"Identifiant : ([a-z]\.[a-z]+[0-9]{4})\b", text)
    assert found, text
    return found[1]
