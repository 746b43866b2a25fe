"""The main job, walked on the real pages: activation, sign-in from the ENT, the ENT names the parent and the children."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.conftest import Demo
from tests.journeys.people import PASSWORD, Parent, identifiant_in
from tests.support.chromium import follow

See = Callable[[str, Page], None]
"""Called with a name at every page of the walk."""


def look_away(name: str, page: Page) -> None:
    """See nothing."""
    del name, page


def fill_identity(page: Page, parent: Parent) -> None:
    """Fill in the first page of an activation."""
    page.fill("#nom", parent.family_name)
    page.fill("#prenom", parent.given_name)
    page.fill("#telephone", parent.number)


def fill_kinship(page: Page, parent: Parent) -> None:
    """Answer for every child, in the order in which the page shows them."""
    text = page.inner_text("main")
    for number, child in enumerate(sorted(parent.children, key=lambda one: text.index(one.name)), start=1):
        page.check(f"#mine-{number}")
        for part, value in zip(("jour", "mois", "annee"), child.born, strict=True):
            page.fill(f"#{part}-{number}", value)


def press(page: Page, words: str) -> None:
    """Press the button with these words."""
    follow(page, page.get_by_role("button", name=words, exact=True))


def choose_password(page: Page) -> str:
    """Choose the password, which ends an activation, and return the identifiant that the last page shows."""
    page.fill("#mot-de-passe", PASSWORD)
    page.fill("#confirmation", PASSWORD)
    press(page, "Activer mon compte")
    expect(page.get_by_role("heading", level=1)).to_have_text("Votre compte a été activé avec succès")
    return page.locator("dd[translate=no]").inner_text().split()[0]


def activate(demo: Demo, page: Page, parent: Parent, see: See = look_away) -> str:
    """Walk the activation from the sign-in page and return the identifiant that the last page shows."""
    see("connexion", page)
    follow(page, page.get_by_role("link", name="Je n'ai pas de compte"))
    see("activation-1-identite", page)
    fill_identity(page, parent)
    press(page, "Continuer")
    expect(page.get_by_role("heading", level=1)).to_have_text("Un code de sécurité a été envoyé")
    see("activation-2-code", page)
    page.fill("#code", demo.sandbox.code(parent.e164))
    press(page, "Continuer")
    expect(page.get_by_role("heading", level=1)).to_have_text("Je confirme mon lien avec les élèves")
    see("activation-3-enfants", page)
    fill_kinship(page, parent)
    press(page, "Continuer")
    expect(page.get_by_role("heading", level=1)).to_have_text("Je choisis mon mot de passe")
    see("activation-4-mot-de-passe", page)
    identifiant = choose_password(page)
    see("activation-5-identifiant", page)
    assert identifiant == identifiant_in(demo.sandbox.messages(parent.e164)[0]["text"])
    return identifiant


def come_from_the_ent(demo: Demo, page: Page, see: See = look_away) -> None:
    """Go from the ENT's home to the sign-in page of parents."""
    page.goto(demo.ent)
    see("ent-accueil", page)
    links, buttons = (page.get_by_role(role, name="Se connecter") for role in ("link", "button"))
    follow(page, links.or_(buttons).first)
    see("ent-choix", page)
    page.get_by_label("Élève ou parent").check()
    press(page, "Continuer")
    see("profil", page)
    follow(page, page.locator("#bouton_responsable"))


def sign_in(page: Page, identifiant: str) -> None:
    """Fill in the sign-in page."""
    page.fill("#username", identifiant)
    page.fill("#password", PASSWORD)
    follow(page, page.locator("#bouton_valider"))


def tell_story(demo: Demo, page: Page, parent: Parent, see: See = look_away) -> None:
    """Walk the whole of it."""
    come_from_the_ent(demo, page, see)
    identifiant = activate(demo, page, parent, see)
    come_from_the_ent(demo, page)
    sign_in(page, identifiant)
    expect(page.get_by_role("heading", level=1)).to_have_text(f"Bonjour {parent.given_name} {parent.family_name}")
    see("ent-connecte", page)
    for child in parent.children:
        expect(page.locator("main")).to_contain_text(child.name)


def sign_out_here(demo: Demo, page: Page) -> None:
    """Sign out at the provider, and see the ENT, which its server is told, let go a moment later."""
    page.goto(f"{demo.idp}/idp/profile/Logout")
    press(page, "Me déconnecter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Vous êtes déconnecté")
    expect(page.locator("main")).not_to_contain_text("ENT Marronnier")
    for _ in range(40):
        page.goto(demo.ent)
        if not page.get_by_role("heading", level=1).inner_text().startswith("Bonjour"):
            return
        page.wait_for_timeout(250)
    raise AssertionError("the ENT was not told")
