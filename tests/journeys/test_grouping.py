"""« Ajouter des élèves depuis un autre compte »: two accounts of one person become one, and two again."""

from dataclasses import dataclass
from typing import Any

import pytest

from tests.journeys.children import SCHOOLS, Household, told
from tests.journeys.own import reach
from tests.journeys.people import PASSWORD
from tests.journeys.test_email_address import NEW, OTHER, ask, confirm, link, mails
from tests.journeys.visits import come_from, sign_in
from tests.support.browser import Browser
from tests.support.page import Page
from tests.support.relying_party import RelyingParty, answer_in
from tests.support.sandbox import Sandbox

GROUP = "/mon-compte/enfants/regroupement"
REFUSED = (
    "Nous ne pouvons pas regrouper ces comptes. Vérifiez l'identifiant et le mot de passe. "
    "Le nom et le prénom doivent être les mêmes sur les deux comptes."
)
TEXT = "Deux comptes parents à votre nom sont regroupés en un seul."
THEIRS = "Cahier-Vert-57"


@dataclass
class Elsewhere:
    """A second household: an account of Odile's at a school of another academy, which knows another number of hers."""

    home: Household
    given_name: str = "Odile"
    academy: str = "saules"

    @property
    def login(self) -> str:
        return f"{self.given_name[0].lower()}.preaux{self.home.number + 4000:04}"

    @property
    def e164(self) -> str:
        return self.home.elsewhere_e164

    def load(self, *, names: tuple[str, ...] = ("Mia", "Noé"), is_grouped: bool = False, **link: Any) -> None:
        odile: dict[str, Any] = self.home.guardian("odile2", self.given_name) | {"phone": self.e164}
        if not is_grouped:
            odile["account"] = {"identifiant": self.login, "password": THEIRS}
        mia = self.home.pupil("Mia", self.academy)
        mia["guardians"] = [{"guardian": "odile2", "relation": "mother"}]
        noe = self.home.pupil("Noé", self.academy)
        noe["guardians"] = [{"guardian": "odile2", "relation": "mother", **link}]
        family: dict[str, Any] = {"key": f"ailleurs-{self.home.number}", "guardians": [odile]}
        family["pupils"] = [one for one in (mia, noe) if one["key"] in names]
        self.home.sandbox.do("POST", "families", title="Ailleurs", schools=SCHOOLS, families=[family])


@pytest.fixture
def home(sandbox: Sandbox) -> Household:
    home = Household(sandbox)
    home.load(home.pupil("Ève"))
    return home


@pytest.fixture
def other(home: Household) -> Elsewhere:
    other = Elsewhere(home)
    other.load()
    return other


def open_form(browser: Browser, login: str) -> Page:
    page = browser.open(GROUP)
    if page.h1 != "Ajouter des élèves depuis un autre compte":
        browser.open(page.link("Responsable d'élève"))
        page = sign_in(browser, login)
    assert page.h1 == "Ajouter des élèves depuis un autre compte", page.text
    return page


def group(browser: Browser, login: str, other: str, password: str = THEIRS) -> Page:
    open_form(browser, login)
    return browser.fill("autre-identifiant", {"autre-identifiant": other, "autre-mot-de-passe": password})


def subject(ent: RelyingParty, login: str, password: str = PASSWORD) -> str:
    browser = Browser(ent.base)
    come_from(ent, browser)
    sign_in(browser, login, password)
    return str(told(ent, browser)["sub"])


def test_the_children_of_both_are_under_one_account_and_the_other_opens_no_more(
    browser: Browser, other_browser: Browser, sandbox: Sandbox, ent: RelyingParty, home: Household, other: Elsewhere
) -> None:
    kept = subject(ent, home.login)
    come_from(ent, other_browser)
    sign_in(other_browser, other.login, THEIRS)
    token = ent.exchange(answer_in(other_browser.left_to)["code"]).json()["access_token"]
    page = group(browser, home.login, other.login)
    assert page.h1 == "Mes enfants"
    assert page.says("Comptes regroupés.")
    for words in ("Ève PRÉAUX", "Mia PRÉAUX", "Noé PRÉAUX", "Académie : Grenoble", "Académie : Lyon"):
        assert page.says(words), words
    assert page.says("Vous pouvez annuler jusqu'au")
    browser.open(ent.authorization_uri(prompt="none"))
    claims = told(ent, browser)
    assert len(claims["FrEduCtRefId"]) == 2
    assert claims["sub"] == kept, "the account that goes on is the one that ENTs know"
    assert ent.userinfo(token).status_code == 401, "tokens of the other have died"
    other_browser.open(ent.authorization_uri(prompt="none"))
    assert answer_in(other_browser.left_to)["error"] == "login_required", "its sessions too"
    come_from(ent, other_browser)
    page = sign_in(other_browser, other.login, THEIRS)
    assert page.status == 422
    assert page.says("Identifiant ou mot de passe incorrect."), "like one that nobody has"
    assert sandbox.events().count("account.grouped") == 2
    for number in (home.e164, other.e164):
        home.await_texts(TEXT, to=number)


def test_it_is_undone_within_thirty_days(
    browser: Browser, ent: RelyingParty, home: Household, other: Elsewhere
) -> None:
    before = subject(ent, other.login, THEIRS)
    page = group(browser, home.login, other.login)
    page = browser.open(page.link("Annuler le regroupement"))
    assert page.h1 == "Voulez-vous annuler le regroupement ?"
    assert page.says(other.login)
    assert browser.open(f"{GROUP}/999/annuler").h1 == "Mes enfants", "there is none of that number"
    browser.open(page.url)
    twice = browser.prepare("Annuler le regroupement")
    page = browser.send(*twice)
    assert page.says("Les comptes sont de nouveau séparés.")
    assert browser.send(*twice).h1 == "Mes enfants"
    assert not page.says("Mia PRÉAUX")
    assert subject(ent, other.login, THEIRS) == before
    third = Browser(browser.base)
    come_from(ent, third)
    sign_in(third, other.login, THEIRS)
    assert len(told(ent, third)["FrEduCtRefId"]) == 1
    home.await_texts("Le regroupement de vos deux comptes parents est annulé.", to=other.e164)


def test_a_child_whom_an_import_added_to_the_other_is_asked_for_here_at_the_next_sign_in(
    browser: Browser, other_browser: Browser, ent: RelyingParty, home: Household
) -> None:
    other = Elsewhere(home)
    other.load(names=("Mia",))
    other.load()
    page = group(browser, home.login, other.login)
    assert page.says("À confirmer")
    assert page.says("Noé PRÉAUX")
    come_from(ent, other_browser)
    page = sign_in(other_browser, home.login)
    assert page.h1 == "Un enfant a été ajouté à votre compte"
    assert page.says("Noé PRÉAUX")


def test_one_whom_an_import_adds_meanwhile_is_asked_for_where_it_belongs_once_it_is_undone(
    browser: Browser, other_browser: Browser, ent: RelyingParty, home: Household
) -> None:
    other = Elsewhere(home)
    other.load(names=("Mia",))
    group(browser, home.login, other.login)
    other.load(is_grouped=True)
    browser.open(browser.open("/mon-compte/enfants").link("Annuler le regroupement"))
    browser.fill("Annuler le regroupement")
    come_from(ent, other_browser)
    page = sign_in(other_browser, other.login, THEIRS)
    assert page.h1 == "Un enfant a été ajouté à votre compte"
    assert page.says("Noé PRÉAUX")


def test_both_are_told_by_mail_and_the_other_once_it_is_undone(
    browser: Browser, other_browser: Browser, sandbox: Sandbox, home: Household, other: Elsewhere
) -> None:
    for login, password, address in ((home.login, PASSWORD, NEW), (other.login, THEIRS, OTHER)):
        visitor = Browser(browser.base)
        reach(visitor, login, password=password)
        ask(visitor, address)
        confirm(other_browser, link(sandbox, address))
    group(browser, home.login, other.login)
    for address in (NEW, OTHER):
        assert mails(sandbox, address)[0]["subject"] == "[Simulateur] Vos deux comptes sont regroupés"
    browser.open(browser.page.link("Annuler le regroupement"))
    browser.fill("Annuler le regroupement")
    assert mails(sandbox, OTHER)[0]["subject"] == "[Simulateur] Vos deux comptes sont de nouveau séparés"


def test_nobody_takes_apart_what_somebody_else_grouped(
    browser: Browser, other_browser: Browser, sandbox: Sandbox, home: Household, other: Elsewhere
) -> None:
    undo = group(browser, home.login, other.login).link("Annuler le regroupement")
    stranger = Household(sandbox)
    stranger.load(stranger.pupil("Ève"))
    open_form(other_browser, stranger.login)
    page = other_browser.open(undo)
    assert page.h1 == "Mes enfants"
    assert not page.says(other.login)
    assert browser.open("/mon-compte/enfants").says("Mia PRÉAUX")


def test_one_that_has_closed_is_grouped_no_more_though_no_purge_came_yet(
    browser: Browser, other_browser: Browser, sandbox: Sandbox, home: Household, other: Elsewhere
) -> None:
    ask_to_close(other_browser, other.login)
    sandbox.advance(minutes=31 * 24 * 60)
    assert group(browser, home.login, other.login).says(REFUSED)
    assert "account.grouped" not in sandbox.events()


def ask_to_close(browser: Browser, login: str) -> None:
    browser.open(browser.open("/mon-compte/fermeture").link("Responsable d'élève"))
    sign_in(browser, login, THEIRS)
    assert browser.fill("compris", {"compris": "oui"}).h1 == "Votre compte sera fermé"


def test_an_end_that_had_been_asked_for_stands_again_once_it_is_undone(
    browser: Browser, other_browser: Browser, sandbox: Sandbox, home: Household, other: Elsewhere
) -> None:
    sandbox.set_clock("2031-03-01T09:00:00Z")
    ask_to_close(other_browser, other.login)
    sandbox.advance(minutes=10 * 24 * 60)
    page = group(browser, home.login, other.login)
    page = browser.open(page.link("Annuler le regroupement"))
    assert page.says("Il sera fermé le 31 mars 2031, sauf si vous l'ouvrez avant.")
    browser.fill("Annuler le regroupement")
    other_browser.open(other_browser.open("/mon-compte").link("Responsable d'élève"))
    assert sign_in(other_browser, other.login, THEIRS).h1 == "Votre compte reste ouvert", "as before it was grouped"
    ask_to_close(Browser(browser.base), other.login)
    sandbox.advance(minutes=31 * 24 * 60)
    assert sandbox.do("POST", "purge")["ended"] == 1


def test_one_whose_end_came_meanwhile_opens_no_more_and_the_page_says_so_before(
    browser: Browser, other_browser: Browser, sandbox: Sandbox, ent: RelyingParty, home: Household, other: Elsewhere
) -> None:
    sandbox.set_clock("2031-03-01T09:00:00Z")
    ask_to_close(other_browser, other.login)
    sandbox.advance(minutes=10 * 24 * 60)
    group(browser, home.login, other.login)
    sandbox.advance(minutes=25 * 24 * 60)
    come_from(ent, browser)
    sign_in(browser, home.login)
    browser.open(browser.open("/mon-compte/enfants").link("Annuler le regroupement"))
    assert browser.page.says("Vous aviez demandé de fermer l'autre compte le 31 mars 2031 : il ne s'ouvrira plus.")
    assert not browser.page.says("s'ouvrira de nouveau")
    browser.fill("Annuler le regroupement")
    come_from(ent, other_browser)
    page = sign_in(other_browser, other.login, THEIRS)
    assert page.says("Identifiant ou mot de passe incorrect.")
    assert sandbox.do("POST", "purge")["ended"] == 1


def test_after_thirty_days_it_stays_and_the_purge_removes_the_other(
    browser: Browser, sandbox: Sandbox, home: Household, other: Elsewhere
) -> None:
    page = group(browser, home.login, other.login)
    undo = page.link("Annuler le regroupement")
    sandbox.advance(minutes=31 * 24 * 60)
    assert sandbox.do("POST", "purge")["ended"] == 1
    page = browser.open("/mon-compte/enfants")
    browser.open(page.link("Responsable d'élève"))
    page = sign_in(browser, home.login)
    assert page.says("Mia PRÉAUX")
    assert not page.says("Annuler le regroupement")
    assert browser.open(undo).h1 == "Mes enfants"


@pytest.mark.parametrize("case", ["wrong password", "nobody", "itself"])
def test_every_other_reason_is_told_in_one_sentence(
    browser: Browser, sandbox: Sandbox, home: Household, other: Elsewhere, case: str
) -> None:
    login, password = {
        "wrong password": (other.login, "Autre-Chose-12"),
        "nobody": ("n.personne0000", THEIRS),
        "itself": (home.login, PASSWORD),
    }[case]
    page = group(browser, home.login, login, password)
    assert page.status == 422
    assert page.says(REFUSED)
    assert page.form("autre-identifiant").values["autre-identifiant"] == login
    assert not page.form("autre-identifiant").values.get("autre-mot-de-passe")
    assert sandbox.events().count("account.group-refused") == 1
    assert "account.grouped" not in sandbox.events()


def test_an_ex_partner_who_knows_the_password_groups_nothing_under_another_name(
    browser: Browser, sandbox: Sandbox, home: Household
) -> None:
    partner = Elsewhere(home, given_name="Paul")
    partner.load()
    assert group(browser, home.login, partner.login).says(REFUSED)
    assert sandbox.person(partner.login)["children"], "everything is as it was"


def test_two_records_of_one_directory_are_in_doubt_and_stay_apart(browser: Browser, home: Household) -> None:
    namesake = Elsewhere(home, academy="tilleuls")
    namesake.load()
    assert group(browser, home.login, namesake.login).says(REFUSED), "a father and a son share their names"


def test_wrong_passwords_count_on_the_other_account(browser: Browser, home: Household, other: Elsewhere) -> None:
    open_form(browser, home.login)
    for _ in range(5):
        page = browser.fill("autre-identifiant", {"autre-identifiant": other.login, "autre-mot-de-passe": "Faux-12-Ab"})
        assert page.says(REFUSED)
    page = browser.fill("autre-identifiant", {"autre-identifiant": other.login, "autre-mot-de-passe": THEIRS})
    assert page.status == 429
    assert page.says("Il y a eu trop d'essais. Attendez 15 minutes avant de recommencer.")


def test_a_contested_child_is_not_revived_by_grouping(
    browser: Browser, sandbox: Sandbox, ent: RelyingParty, home: Household
) -> None:
    other = Elsewhere(home)
    other.load(contested=True)
    page = group(browser, home.login, other.login)
    assert page.says("Mia PRÉAUX")
    assert not page.says("Noé PRÉAUX")
    assert home.states()["Noé"] == "contested"
    browser.open(ent.authorization_uri(prompt="none"))
    assert len(told(ent, browser)["FrEduCtRefId"]) == 2
    assert [one for one in sandbox.events() if one.startswith("children.")] == []


def test_an_old_session_proves_itself_first(browser: Browser, sandbox: Sandbox, home: Household) -> None:
    open_form(browser, home.login)
    sandbox.advance(minutes=16)
    assert browser.open(GROUP).h1 == "Confirmez que c'est vous"


def test_what_is_missing_is_said(browser: Browser, home: Household) -> None:
    page = group(browser, home.login, "", "")
    assert page.status == 422
    assert page.says("Écrivez l'identifiant de l'autre compte.")
    assert page.says("Écrivez le mot de passe de l'autre compte.")
