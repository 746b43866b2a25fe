"""Pictures of a parent's second day: what was forgotten comes back, then « Mon compte » and « Mes enfants », in three languages."""

from playwright.sync_api import Page

from tests.browser.conftest import Demo
from tests.browser.story import See, press
from tests.journeys.people import JOE, PASSWORD
from tests.support.chromium import follow

_OTHER = "Autre-Secret-77"
_ADDRESS = "joe.dupont@famille.example"


def show_second_day(demo: Demo, page: Page, see: See) -> None:
    """Walk it from a fresh seed, and show each page."""
    demo.sandbox.reset()
    page.context.clear_cookies()
    identifiant = str(demo.sandbox.activate(JOE.e164, PASSWORD)["identifiant"])
    _recover(demo, page, identifiant, see)
    _sign_in(demo, page, identifiant)
    page.goto(f"{demo.idp}/mon-compte/e-mail")
    page.fill("#email", _ADDRESS)
    press(page, "Envoyer le lien")
    see("mes-informations", page)
    for path in ("appareils", "historique", "mot-de-passe", "franceconnect", "fermeture", "enfants"):
        page.goto(f"{demo.idp}/mon-compte/{path}")
        see(f"mon-compte-{path}", page)
    page.goto(f"{demo.idp}/mon-compte/enfants/regroupement")
    see("mon-compte-regroupement", page)
    for language in ("facile", "en"):
        page.goto(f"{demo.idp}/mon-compte/enfants?langue={language}")
        see(f"mon-compte-enfants-{language}", page)
    page.goto(f"{demo.idp}/sandbox/messages?langue=fr")
    see("messagerie-simulee", page)


def _recover(demo: Demo, page: Page, identifiant: str, see: See) -> None:
    _open(demo, page, "Identifiant oublié")
    see("identifiant-oublie", page)
    _open(demo, page, "Mot de passe oublié")
    see("mot-de-passe-oublie-1-identifiant", page)
    page.fill("#identifiant", identifiant)
    press(page, "Continuer")
    see("mot-de-passe-oublie-2-code", page)
    page.fill("#code", demo.sandbox.code(JOE.e164))
    press(page, "Continuer")
    see("mot-de-passe-oublie-3-date", page)
    for part, value in zip(("jour", "mois", "annee"), JOE.children[0].born, strict=True):
        page.fill(f"#{part}", value)
    press(page, "Continuer")
    see("mot-de-passe-oublie-4-mot-de-passe", page)
    page.fill("#mot-de-passe", _OTHER)
    page.fill("#confirmation", _OTHER)
    press(page, "Enregistrer")
    see("mot-de-passe-oublie-fini", page)


def _open(demo: Demo, page: Page, words: str) -> None:
    page.goto(f"{demo.idp}/connexion?profil=responsable")
    follow(page, page.get_by_role("link", name=words, exact=True))


def _sign_in(demo: Demo, page: Page, identifiant: str) -> None:
    page.goto(f"{demo.idp}/mon-compte")
    follow(page, page.locator("#bouton_responsable"))
    page.fill("#username", identifiant)
    page.fill("#password", _OTHER)
    press(page, "Se connecter")
