"""« Confirmation de l'identité »: a child's birth date after the password, by a tester's demand and by policy."""

from pathlib import Path

import pytest

from tests.journeys.own import put, session_of
from tests.journeys.people import JOE, PASSWORD, activate
from tests.journeys.visits import bring_back_code, come_from, sign_in
from tests.support.browser import Browser
from tests.support.relying_party import RelyingParty, answer_in
from tests.support.sandbox import Sandbox
from tests.support.server import RunningServer, running_server

CHECK = "Confirmation de l'identité"
LEA = {"jour": "12", "mois": "avril", "annee": "2012"}
TOM = {"jour": "3", "mois": "9", "annee": "2014"}
WRONG = {"jour": "13", "mois": "4", "annee": "2012"}
TOO_MANY = "Il y a eu trop d'essais"


@pytest.fixture
def joe(sandbox: Sandbox, server: RunningServer) -> str:
    """Joe, of whom a tester wants it."""
    identifiant = activate(Browser(server.base), sandbox, JOE)
    sandbox.do("POST", f"people/{identifiant}/identity-check")
    return identifiant


def reach(ent: RelyingParty, browser: Browser, identifiant: str) -> None:
    come_from(ent, browser)
    page = sign_in(browser, identifiant)
    assert (page.status, page.h1) == (200, CHECK), page.text


@pytest.mark.parametrize("date", [LEA, TOM])
def test_the_date_of_any_child_will_do_and_it_is_asked_once(
    browser: Browser, other_browser: Browser, sandbox: Sandbox, ent: RelyingParty, joe: str, date: dict[str, str]
) -> None:
    reach(ent, browser, joe)
    assert browser.page.says("Pour votre sécurité, écrivez la date de naissance d'un de vos enfants.")
    assert not browser.page.says("Léa")
    assert not browser.page.says("Tom")
    browser.fill("Confirmer", date)
    assert ent.exchange(answer_in(browser.left_to)["code"]).status_code == 200
    assert [one for one in sandbox.events() if one.startswith("identity.")] == [
        "identity.demanded",
        "identity.confirmed",
    ]
    assert bring_back_code(ent, other_browser, joe), "not again at the next sign-in"


def test_until_it_is_given_no_client_gets_anything_and_no_page_of_the_account_opens(
    browser: Browser, other_browser: Browser, ent: RelyingParty, joe: str
) -> None:
    reach(ent, browser, joe)
    browser.open(ent.authorization_uri(prompt="none"))
    assert answer_in(browser.left_to)["error"] == "interaction_required"
    assert browser.open(ent.authorization_uri()).h1 == CHECK
    assert browser.open("/mon-compte").h1 == CHECK
    assert browser.open("/mon-compte/enfants").h1 == CHECK
    page = browser.fill("Confirmer", LEA)
    assert page.h1 == "Mes enfants", "back to the page that was asked for"
    reach_again = come_from(ent, other_browser)
    assert reach_again.h1 == "Je me connecte"


def test_leaving_the_page_and_signing_in_again_is_no_way_round(browser: Browser, ent: RelyingParty, joe: str) -> None:
    reach(ent, browser, joe)
    come_from(ent, browser, prompt="login")
    assert sign_in(browser, joe).h1 == CHECK


def test_five_wrong_dates_wait_and_count_on_the_guardian(
    browser: Browser, other_browser: Browser, sandbox: Sandbox, ent: RelyingParty, joe: str
) -> None:
    reach(ent, browser, joe)
    for left in (4, 3, 2):
        page = browser.fill("Confirmer", WRONG)
        assert page.status == 422
        assert page.says(f"Cette date ne correspond pas. Il vous reste {left} essais.")
    assert browser.fill("Confirmer", WRONG).says("Il vous reste 1 essai.")
    page = browser.fill("Confirmer", WRONG)
    assert (page.status, page.h1, page.headers["Retry-After"]) == (429, TOO_MANY, "900")
    assert browser.refresh().status == 429
    sandbox.advance(minutes=16)
    come_from(ent, other_browser)
    sign_in(other_browser, joe)
    for _ in range(5):
        page = other_browser.fill("Confirmer", WRONG)
    assert page.status == 429
    sandbox.advance(minutes=60)
    third = Browser(browser.base)
    come_from(ent, third)
    assert sign_in(third, joe).status == 429, "ten in 24 hours, whatever the browser"
    assert sandbox.events().count("identity.date-wrong") == 10
    assert sandbox.events().count("identity.locked") == 2


def test_who_has_waited_has_five_dates_again_in_the_same_browser(
    browser: Browser, sandbox: Sandbox, ent: RelyingParty, joe: str
) -> None:
    reach(ent, browser, joe)
    for _ in range(5):
        browser.fill("Confirmer", WRONG)
    sandbox.advance(minutes=16)
    browser.refresh()
    assert browser.fill("Confirmer", WRONG).says("Il vous reste 4 essais.")


def test_what_is_missing_is_said_and_uses_no_try(browser: Browser, ent: RelyingParty, joe: str) -> None:
    reach(ent, browser, joe)
    for typed in ({"jour": "", "mois": "", "annee": ""}, {**LEA, "annee": ""}, {**LEA, "jour": "32"}):
        assert browser.fill("Confirmer", typed).status == 422
    assert browser.page.form("jour").values["jour"] == "32", "what was typed stays"
    assert browser.fill("Confirmer", WRONG).says("Il vous reste 4 essais.")


def test_a_doubled_form_counts_once_and_a_forged_one_nothing(browser: Browser, ent: RelyingParty, joe: str) -> None:
    reach(ent, browser, joe)
    twice = browser.prepare("Confirmer", WRONG)
    for _ in range(2):
        assert browser.send(*twice).says("Il vous reste 4 essais.")
    assert browser.send(twice[0], {**LEA, "jeton": "0-x"}).status == 403


def test_the_secret_from_before_the_date_opens_nothing_any_more(
    browser: Browser, other_browser: Browser, ent: RelyingParty, joe: str
) -> None:
    reach(ent, browser, joe)
    former = session_of(browser)
    assert browser.fill("Confirmer", WRONG).status == 422
    assert session_of(browser) == former, "nothing was proved"
    browser.fill("Confirmer", LEA)
    put(other_browser, former)
    other_browser.open(ent.authorization_uri(prompt="none"))
    assert answer_in(other_browser.left_to)["error"] == "login_required"
    browser.open(ent.authorization_uri(prompt="none"))
    assert "code" in answer_in(browser.left_to)


def test_a_double_click_on_the_right_date_leads_on_once_with_one_secret(
    browser: Browser, sandbox: Sandbox, ent: RelyingParty, joe: str
) -> None:
    reach(ent, browser, joe)
    twice, former = browser.prepare("Confirmer", LEA), session_of(browser)
    browser.send(*twice)
    first, held, known = browser.left_to, session_of(browser), browser.http.cookies.get("preau_idp_known")
    assert known
    browser.http.cookies.pop("preau_idp_known")
    put(browser, former)
    browser.send(*twice)
    assert (browser.left_to, session_of(browser)) == (first, held), "the second half comes with the former secret"
    assert browser.http.cookies.get("preau_idp_known"), "where the first answer was lost, the browser is known too"
    put(browser, former)
    assert browser.send(twice[0], {**twice[1], **TOM}).h1 == "Je sélectionne mon profil", "another date is no repeat"
    sandbox.advance(minutes=6)
    put(browser, former)
    assert browser.send(*twice).h1 == "Je sélectionne mon profil", "nor is one that comes minutes later"
    assert sandbox.events().count("identity.confirmed") == 1


def test_whoever_has_a_copy_of_the_former_secret_guesses_dates_as_anybody_does(
    browser: Browser, other_browser: Browser, sandbox: Sandbox, ent: RelyingParty, joe: str
) -> None:
    reach(ent, browser, joe)
    former = session_of(browser)
    put(other_browser, former)
    assert other_browser.open(ent.authorization_uri()).h1 == CHECK
    action, right = other_browser.prepare("Confirmer", LEA)
    browser.fill("Confirmer", LEA)
    for day in range(13, 23):
        put(other_browser, former)
        assert other_browser.send(action, {**right, "jour": str(day)}).h1 == "Je sélectionne mon profil"
    assert sandbox.events().count("identity.date-wrong") == 10
    put(other_browser, former)
    other_browser.send(action, right)
    assert session_of(other_browser) == former, "nor is the right one taken any more"


def test_two_tabs_that_answer_at_once_both_lead_on(browser: Browser, ent: RelyingParty, joe: str) -> None:
    reach(ent, browser, joe)
    first, former = browser.prepare("Confirmer", LEA), session_of(browser)
    assert browser.open(ent.authorization_uri(state="of-the-second-tab")).h1 == CHECK
    second = browser.prepare("Confirmer", LEA)
    browser.send(*first)
    put(browser, former)
    browser.send(*second)
    assert answer_in(browser.left_to)["state"] == "of-the-second-tab"
    browser.open(ent.authorization_uri(prompt="none"))
    assert "code" in answer_in(browser.left_to), "and the browser holds the session"


def test_a_sign_in_that_is_posted_again_after_the_date_leaves_the_browser_its_session(
    browser: Browser, ent: RelyingParty, joe: str
) -> None:
    come_from(ent, browser)
    twice = browser.prepare("j_username", {"j_username": joe, "j_password": PASSWORD})
    assert browser.send(*twice).h1 == CHECK
    browser.fill("Confirmer", LEA)
    first, held = browser.left_to, session_of(browser)
    browser.send(*twice)
    assert (browser.left_to, session_of(browser)) == (first, held)


def test_a_stranger_finds_nothing(browser: Browser, other_browser: Browser, ent: RelyingParty, joe: str) -> None:
    reach(ent, browser, joe)
    assert other_browser.open(browser.page.url).status == 400
    assert other_browser.open("/identite").status == 400


def test_a_policy_asks_in_a_browser_where_she_never_signed_in(tmp_path: Path) -> None:
    with running_server(tmp_path, more='[sign_in]\nidentity_check = "unknown-browser"') as server:
        sandbox, ent, browser = Sandbox(server.base), RelyingParty(server.base), Browser(server.base)
        joe = str(sandbox.activate(JOE.e164, PASSWORD)["identifiant"])
        reach(ent, browser, joe)
        come_from(ent, browser, prompt="login")
        assert sign_in(browser, joe).h1 == CHECK, "a password alone makes no browser known"
        browser.fill("Confirmer", LEA)
        assert "code" in answer_in(browser.left_to)
        come_from(ent, browser, prompt="login")
        sign_in(browser, joe)
        assert "code" in answer_in(browser.left_to), "known from then on"
        at_home = Browser(server.base)
        at_home.open(at_home.open("/mon-compte").link("Responsable d'élève"))
        assert sign_in(at_home, joe).h1 == CHECK
        former = session_of(at_home)
        assert at_home.fill("Confirmer", LEA).h1 == "Mes informations"
        assert session_of(at_home) != former
        come_from(ent, at_home, prompt="login")
        sign_in(at_home, joe)
        assert "code" in answer_in(at_home.left_to), "by the page of the account too"


def test_a_policy_asks_again_after_so_many_days(tmp_path: Path) -> None:
    more = '[sign_in]\nidentity_check = "interval"\nidentity_check_days = 30'
    with running_server(tmp_path, more=more) as server:
        sandbox, ent, browser = Sandbox(server.base), RelyingParty(server.base), Browser(server.base)
        joe = str(sandbox.activate(JOE.e164, PASSWORD)["identifiant"])
        sandbox.advance(minutes=29 * 24 * 60)
        assert bring_back_code(ent, browser, joe), "the activation asked for the dates"
        for _ in range(2):
            sandbox.advance(minutes=2 * 24 * 60)
            reach(ent, browser, joe)
            browser.fill("Confirmer", LEA)
            assert "code" in answer_in(browser.left_to)
            sandbox.advance(minutes=28 * 24 * 60)
            assert bring_back_code(ent, browser, joe), "not yet"
