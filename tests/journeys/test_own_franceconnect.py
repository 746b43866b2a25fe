"""FranceConnect in an account: added with a proof of now, bound to that account, and never removed as the last way in."""

from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

import pytest

from tests.journeys.franceconnect import activate_through_franceconnect, reach_children
from tests.journeys.own import DOORS, HOME, INFORMATION, NEW, PROOF, prove, put, reach, session_of
from tests.journeys.people import ANGELA, JOE, activate, kinship_values
from tests.journeys.test_email_address import NEW as EMAIL
from tests.journeys.test_email_address import give, mails
from tests.journeys.test_franceconnect import browser, other_browser, pair, server, simulator
from tests.journeys.test_own_uses import ANDROID
from tests.journeys.visits import sign_in
from tests.support.browser import Browser
from tests.support.franceconnect import Simulator, TravellingBrowser
from tests.support.page import Page
from tests.support.relying_party import RelyingParty
from tests.support.sandbox import Sandbox
from tests.support.server import RunningServer

__all__ = ["browser", "other_browser", "pair", "server", "simulator"]
PLACE = "/franceconnect"
ADD = "Relier FranceConnect"
THERE = "Connexion en cours"


@pytest.fixture
def angela(sandbox: Sandbox, server: RunningServer) -> str:
    return activate(Browser(server.base), sandbox, ANGELA)


def travel(browser: TravellingBrowser, login: str = "test") -> Page:
    """Go from the account to FranceConnect and come back."""
    page = browser.open(browser.page.link(ADD))
    if page.h1.startswith(THERE):
        browser.fill("uid", button="Impôts fictifs")
        browser.fill("login", {"login": login, "password": "123"})
    return browser.fill("Continuer sur Education Nationale")


def test_who_has_a_password_adds_franceconnect_and_keeps_it(
    browser: TravellingBrowser,
    other_browser: TravellingBrowser,
    sandbox: Sandbox,
    angela: str,
) -> None:
    reach(other_browser, angela)
    page = reach(browser, angela, PLACE)
    assert page.says("FranceConnect n'est pas relié à votre compte.")
    page = travel(browser)
    assert page.h1 == INFORMATION
    assert page.says("FranceConnect est relié à votre compte. Votre mot de passe ne change pas.")
    assert page.says("Relié le ")
    text = str(sandbox.messages(ANGELA.e164)[0]["text"])
    assert text.startswith("FranceConnect peut maintenant ouvrir votre compte parent.")
    assert sandbox.audit(event="franceconnect.linked")[0]["details"] == {"by": "account"}
    assert other_browser.open(HOME).h1 == DOORS, "everybody else is out"
    other_browser.open(other_browser.page.link("Responsable d'élève"))
    other_browser.come_back()
    assert other_browser.go_on().h1 == INFORMATION, "through FranceConnect, and back to the page asked for"
    assert other_browser.page.says(angela)
    other_browser.http.cookies.clear()
    assert reach(other_browser, angela).h1 == INFORMATION, "and with the password"


def test_it_is_removed_and_opens_nothing_any_more(
    browser: TravellingBrowser,
    other_browser: TravellingBrowser,
    sandbox: Sandbox,
    angela: str,
) -> None:
    reach(browser, angela, PLACE)
    travel(browser)
    reach(other_browser, angela)
    page = browser.open(f"{HOME}{PLACE}")
    assert page.says("Vous vous connecterez avec votre identifiant et votre mot de passe.")
    twice = browser.prepare("Retirer")
    for _ in range(2):
        page = browser.send(*twice)
        assert page.says("FranceConnect n'est plus relié à votre compte.")
    assert sandbox.events(event="account.franceconnect-removed") == ["account.franceconnect-removed"]
    assert other_browser.open(HOME).h1 == DOORS, "everybody else is out: one of them may have come by it"
    other_browser.open(other_browser.page.link("Responsable d'élève"))
    assert other_browser.come_back().h1 == "Finissez d'activer votre compte"


def test_both_are_told_by_mail_to_the_confirmed_address(
    browser: TravellingBrowser, sandbox: Sandbox, angela: str
) -> None:
    reach(browser, angela)
    give(browser, sandbox, EMAIL)
    browser.open(f"{HOME}{PLACE}")
    travel(browser)
    assert mails(sandbox, EMAIL)[0]["subject"] == "[Simulateur] FranceConnect est relié à votre compte"
    browser.open(f"{HOME}{PLACE}")
    browser.fill("Retirer")
    assert mails(sandbox, EMAIL)[0]["subject"] == "[Simulateur] FranceConnect n'est plus relié à votre compte"


def test_the_last_way_in_is_never_removed_and_a_password_is_added_first(
    browser: TravellingBrowser,
    sandbox: Sandbox,
    ent: RelyingParty,
) -> None:
    activate_through_franceconnect(ent, browser, sandbox, ANGELA)
    page = browser.open(f"{HOME}{PLACE}")
    assert page.says("Choisissez d'abord un mot de passe : sinon vous ne pourriez plus entrer.")
    assert not any("Retirer" in words for form in page.forms for _, _, words in form.buttons)
    page = browser.open(page.link("Ajouter un mot de passe"))
    assert page.h1 == "Ajouter un mot de passe"
    page = browser.fill("mot-de-passe", {"mot-de-passe": NEW, "confirmation": NEW})
    assert page.says("Mot de passe ajouté.")
    browser.open(f"{HOME}{PLACE}")
    assert browser.fill("Retirer").says("FranceConnect n'est plus relié à votre compte.")
    assert sandbox.events(event="account.franceconnect-removed") == ["account.franceconnect-removed"]


@pytest.mark.parametrize("keeps_cookie", [True, False], ids=["a refresh", "a double click"])
def test_a_first_password_that_is_sent_twice_is_added_once(
    browser: TravellingBrowser, sandbox: Sandbox, ent: RelyingParty, keeps_cookie: bool
) -> None:
    activate_through_franceconnect(ent, browser, sandbox, ANGELA)
    browser.open(f"{HOME}/mot-de-passe/ajout")
    former = session_of(browser)
    twice = browser.prepare("mot-de-passe", {"mot-de-passe": NEW, "confirmation": NEW})
    browser.send(*twice)
    held = session_of(browser)
    assert held != former
    if not keeps_cookie:
        put(browser, former)
    assert browser.send(*twice).says("Mot de passe ajouté.")
    assert session_of(browser) == held
    assert sandbox.events(event="account.password-added") == ["account.password-added"]
    assert sandbox.events(event="account.password-changed") == []


def test_a_removal_that_is_sent_by_hand_without_a_password_removes_nothing(
    browser: TravellingBrowser,
    sandbox: Sandbox,
    ent: RelyingParty,
    angela: str,
) -> None:
    reach(browser, angela, PLACE)
    travel(browser)
    browser.open(f"{HOME}{PLACE}")
    action, values = browser.prepare("Retirer")
    sandbox.do("POST", "reset")
    activate_through_franceconnect(ent, browser, sandbox, ANGELA)
    assert browser.send(action, values).status == 403
    assert sandbox.events(event="account.franceconnect-removed") == []


def test_another_identity_than_the_school_knows_is_not_linked(
    browser: TravellingBrowser,
    sandbox: Sandbox,
    server: RunningServer,
) -> None:
    joe = activate(Browser(server.base), sandbox, JOE)
    reach(browser, joe, PLACE)
    page = travel(browser)
    assert page.h1 == INFORMATION
    assert page.says("FranceConnect ne donne pas la même identité que l'école. Rien n'a été relié.")
    assert page.says("Pas relié")
    assert sandbox.events(event="franceconnect.linked") == []
    assert sandbox.audit(event="franceconnect.contradicted")[0]["details"] == {"why": "nobody"}


def test_an_identity_that_was_not_born_before_her_child_is_not_linked(
    browser: TravellingBrowser, sandbox: Sandbox, simulator: Simulator, angela: str
) -> None:
    person = next(one for one in simulator.ask("GET", "persons")["persons"] if one["login"] == "test")
    child = {**person, "birthdate": "2013-06-01"}
    simulator.ask("PUT", "persons/too-young", {name: value for name, value in child.items() if name != "login"})
    reach(browser, angela, PLACE)
    page = travel(browser, "too-young")
    assert page.says("FranceConnect ne donne pas la même identité que l'école. Rien n'a été relié.")
    assert sandbox.events(event="franceconnect.linked") == []
    assert sandbox.audit(event="franceconnect.contradicted")[0]["details"] == {"why": "not born before a pupil"}


def test_an_identity_that_opens_another_account_is_not_rebound(
    browser: TravellingBrowser,
    other_browser: TravellingBrowser,
    sandbox: Sandbox,
    server: RunningServer,
    angela: str,
) -> None:
    reach(browser, angela, PLACE)
    travel(browser)
    joe = activate(Browser(server.base), sandbox, JOE)
    reach(other_browser, joe, PLACE)
    page = travel(other_browser)
    assert page.says("Ce compte et cette identité FranceConnect ne peuvent pas être reliés.")
    assert page.says("Pas relié")
    assert sandbox.events(event="franceconnect.other-identity") == ["franceconnect.other-identity"]


def test_a_stolen_session_links_nothing_and_removes_nothing_without_a_proof_of_now(
    browser: TravellingBrowser,
    other_browser: TravellingBrowser,
    sandbox: Sandbox,
    simulator: Simulator,
    angela: str,
) -> None:
    reach(browser, angela)
    put(other_browser, session_of(browser))
    sandbox.advance(minutes=15)
    simulator.advance(minutes=15)
    page = other_browser.open(f"{HOME}{PLACE}")
    assert other_browser.open(page.link(ADD)).h1 == PROOF
    browser.open(f"{HOME}/confirmation")
    prove(browser)
    browser.open(f"{HOME}{PLACE}")
    travel(browser)
    put(other_browser, session_of(browser))
    sandbox.advance(minutes=15)
    other_browser.open(f"{HOME}{PLACE}")
    assert other_browser.fill("Retirer").h1 == PROOF
    assert sandbox.events(event="account.franceconnect-removed") == []


def test_who_comes_back_in_another_session_or_after_half_an_hour_links_nothing(
    browser: TravellingBrowser,
    sandbox: Sandbox,
    angela: str,
) -> None:
    leave(browser, angela)
    last = browser.prepare("Continuer sur Education Nationale")
    browser.http.cookies.pop("preau_idp_session")
    reach(browser, angela)
    browser.send(*last)
    assert browser.open(HOME).says("Pas relié")
    leave(browser, angela)
    sandbox.advance(minutes=30)
    browser.fill("Continuer sur Education Nationale")
    assert sandbox.events(event="franceconnect.linked") == []


def leave(browser: TravellingBrowser, identifiant: str) -> None:
    """Leave for FranceConnect, and stand before the page that sends her back."""
    if browser.open(f"{HOME}{PLACE}").h1 == DOORS:
        reach(browser, identifiant, PLACE)
    page = browser.open(browser.page.link(ADD))
    if page.h1.startswith(THERE):
        browser.fill("uid", button="Impôts fictifs")
        browser.fill("login", {"login": "test", "password": "123"})


def test_of_several_windows_that_come_back_at_once_one_links_and_each_is_told_so(
    browser: TravellingBrowser,
    sandbox: Sandbox,
    simulator: Simulator,
    angela: str,
) -> None:
    reach(browser, angela)
    windows = [TravellingBrowser(browser.base, simulator) for _ in range(4)]
    for window in windows:
        put(window, session_of(browser))
        leave(window, angela)
        home = urlsplit(browser.base).netloc
        window.sites.remove(home)
        window.fill("Continuer sur Education Nationale")
        window.sites.add(home)
    with ThreadPoolExecutor(len(windows)) as pool:
        pages = list(pool.map(lambda window: window.open(window.left_to), windows))
    assert {(page.h1, page.says("FranceConnect est relié à votre compte.")) for page in pages} == {(INFORMATION, True)}
    assert sandbox.events(event="franceconnect.linked") == ["franceconnect.linked"]
    assert sandbox.events(event="franceconnect.other-identity") == []
    texts = [str(one["text"]) for one in sandbox.messages(ANGELA.e164)]
    assert len([one for one in texts if one.startswith("FranceConnect peut maintenant")]) == 1


def test_a_link_of_another_session_leads_nowhere(
    browser: TravellingBrowser,
    other_browser: TravellingBrowser,
    angela: str,
) -> None:
    address = reach(browser, angela, PLACE).link(ADD)
    reach(other_browser, angela)
    assert other_browser.open(address).h1 == "FranceConnect"
    assert other_browser.open(f"{HOME}{PLACE}/ajout").h1 == "FranceConnect"


def test_who_gives_up_there_is_told_that_nothing_changed(
    browser: TravellingBrowser,
    sandbox: Sandbox,
    angela: str,
) -> None:
    leave(browser, angela)
    page = browser.open(browser.page.link("Ce n'est pas vous ?"))
    assert page.h1 == INFORMATION
    assert page.says("Vous n'avez pas terminé avec FranceConnect. Rien n'a changé.")
    assert sandbox.events(event="franceconnect.linked") == []


@pytest.mark.parametrize(("fault", "status"), [("refused", 403), ("token-503", 503), ("userinfo-wrong-sub", 503)])
def test_whatever_goes_wrong_there_leads_back_to_the_account(
    browser: TravellingBrowser, sandbox: Sandbox, simulator: Simulator, angela: str, fault: str, status: int
) -> None:
    leave(browser, angela)
    simulator.arm(fault)
    page = browser.fill("Continuer sur Education Nationale")
    assert page.status == status
    assert browser.open(page.link("Revenir à mes informations")).says("Pas relié")
    assert sandbox.events(event="franceconnect.linked") == []


def test_signing_in_through_franceconnect_keeps_an_account_that_was_about_to_close_and_not_one_that_has(
    browser: TravellingBrowser,
    sandbox: Sandbox,
    simulator: Simulator,
    angela: str,
) -> None:
    reach(browser, angela, PLACE)
    travel(browser)
    for days, words in ((29, "Votre compte reste ouvert."), (31, "Ce compte a été fermé.")):
        browser.open(f"{HOME}/fermeture")
        if browser.page.h1 == PROOF:
            prove(browser)
        browser.fill("compris", {"compris": "oui"})
        sandbox.advance(minutes=days * 24 * 60)
        simulator.advance(minutes=days * 24 * 60)
        browser.open("/connexion?profil=responsable")
        page = browser.come_back()
        assert page.says(words), page.text
        if days == 29:
            browser.go_on()
    assert sandbox.events(event="account.closing-cancelled") == ["account.closing-cancelled"]
    assert sign_in(browser, angela).status == 422


def test_the_device_of_an_activation_that_franceconnect_began_is_known_as_one_of_a_sign_in_is(
    browser: TravellingBrowser, sandbox: Sandbox, ent: RelyingParty
) -> None:
    browser.http.headers["User-Agent"] = ANDROID
    activate_through_franceconnect(ent, browser, sandbox, ANGELA)
    page = browser.open(f"{HOME}/appareils")
    assert page.says("Firefox sur Android (cet appareil)")
    assert not page.says("Appareil inconnu")


def test_and_so_is_one_on_which_a_child_was_said_to_be_somebody_elses(
    browser: TravellingBrowser, sandbox: Sandbox, ent: RelyingParty
) -> None:
    browser.http.headers["User-Agent"] = ANDROID
    page = reach_children(ent, browser, sandbox, JOE, "joe")
    answers = kinship_values(page, JOE) | {"lien-2": "non"}
    assert browser.fill("lien-1", answers).h1.startswith("Vous n'êtes pas le représentant légal de")
    browser.fill("Oui, je confirme")
    assert browser.open(f"{HOME}/appareils").says("Firefox sur Android (cet appareil)")


def test_the_history_of_whoever_has_no_password_speaks_of_the_one_that_she_has_elsewhere(
    browser: TravellingBrowser, sandbox: Sandbox, ent: RelyingParty
) -> None:
    activate_through_franceconnect(ent, browser, sandbox, ANGELA)
    page = browser.open(f"{HOME}/historique")
    assert page.says("Changez le mot de passe du compte choisi dans FranceConnect et appelez le secrétariat.")
    assert not page.says("Changez votre mot de passe")
    browser.open(f"{HOME}/mot-de-passe/ajout")
    browser.fill("mot-de-passe", {"mot-de-passe": NEW, "confirmation": NEW})
    assert browser.open(f"{HOME}/historique").says("Changez votre mot de passe et appelez le secrétariat.")
