"""« Fermer mon compte »: thirty days to come back, and then nobody signs in any more."""

import pytest

from tests.journeys.own import DOORS, HOME, INFORMATION, PROOF, prove, put, reach, session_of
from tests.journeys.people import JOE, activate
from tests.journeys.test_step_up import corrected
from tests.journeys.visits import bring_back_tokens, come_from, introspect, sign_in
from tests.support.browser import Browser
from tests.support.page import Page
from tests.support.relying_party import RelyingParty, answer_in
from tests.support.sandbox import Sandbox
from tests.support.server import RunningServer

PLACE = "/fermeture"
CLOSE = "Fermer mon compte"
KEPT = "Votre compte reste ouvert"
DAY = 24 * 60


@pytest.fixture
def joe(sandbox: Sandbox, server: RunningServer) -> str:
    return activate(Browser(server.base), sandbox, JOE)


def close(browser: Browser, **typed: str) -> Page:
    return browser.fill("compris", typed or {"compris": "oui"})


def test_whoever_asks_is_out_everywhere_and_told(
    browser: Browser, other_browser: Browser, sandbox: Sandbox, ent: RelyingParty, joe: str
) -> None:
    tokens = bring_back_tokens(ent, other_browser, joe)
    page = reach(browser, joe, PLACE)
    assert (page.status, page.h1) == (200, CLOSE)
    assert page.says("dans 30 jours. D'ici là, connectez-vous pour annuler.")
    page = close(browser)
    assert (page.status, page.h1) == (200, "Votre compte sera fermé")
    assert page.says("Nous vous avons envoyé un message.")
    text = str(sandbox.messages(JOE.e164)[0]["text"])
    assert text.startswith("Votre compte parent sera fermé le ")
    assert text.endswith("Pour le garder, connectez-vous avant cette date. SIMULATEUR.")
    assert session_of(browser) is None
    for one in (browser, other_browser):
        assert one.open(HOME).h1 == DOORS
    assert not introspect(ent, tokens["access_token"]).json()["active"]
    assert sandbox.events(event="account.closing-asked") == ["account.closing-asked"]


def test_who_can_be_told_nowhere_is_told_to_write_the_day_down(
    browser: Browser, sandbox: Sandbox, server: RunningServer, joe: str
) -> None:
    reach(browser, joe, PLACE)
    session, twice = session_of(browser), browser.prepare("compris", {"compris": "oui"})
    with corrected(server, JOE.number, "inconnu"):
        before = len(sandbox.messages(""))
        page = browser.send(*twice)
        assert page.says("Notez cette date : nous n'avons ni numéro ni adresse pour vous l'envoyer.")
        assert not page.says("Nous vous avons envoyé un message.")
        assert len(sandbox.messages("")) == before
        put(browser, session)
        assert browser.send(*twice).says("Notez cette date"), "a double click is told the same"


def test_unticked_is_said_and_closes_nothing(browser: Browser, sandbox: Sandbox, joe: str) -> None:
    reach(browser, joe, PLACE)
    page = close(browser, compris="")
    assert (page.status, page.summary) == (422, ["Cochez « J'ai compris » pour fermer votre compte."])
    assert browser.open(HOME).h1 == INFORMATION
    assert sandbox.events(event="account.closing-asked") == []


def test_signing_in_before_the_day_keeps_it_and_says_so(browser: Browser, sandbox: Sandbox, joe: str) -> None:
    reach(browser, joe, PLACE)
    close(browser)
    sandbox.advance(minutes=30 * DAY - 1)
    page = reach(browser, joe)
    assert page.h1 == KEPT
    assert browser.open(page.link("Continuer")).h1 == INFORMATION
    assert sandbox.events(event="account.closing-cancelled") == ["account.closing-cancelled"]
    sandbox.advance(minutes=2 * DAY)
    assert reach(browser, joe).h1 == INFORMATION, "said once, and it stays"


def test_and_goes_on_to_the_ent_that_waits_once_however_often_the_form_is_sent(
    browser: Browser, sandbox: Sandbox, ent: RelyingParty, joe: str
) -> None:
    reach(browser, joe, PLACE)
    close(browser)
    come_from(ent, browser)
    page = browser.page
    twice = browser.prepare("j_username", {"j_username": joe, "j_password": "Cartable-Bleu-42"})
    for _ in range(2):
        page = browser.send(*twice)
        assert page.h1 == KEPT
    browser.open(page.link("Continuer"))
    assert "code" in answer_in(browser.left_to)
    assert sandbox.events(event="account.closing-cancelled") == ["account.closing-cancelled"]


def test_from_the_day_on_nobody_signs_in_and_the_words_are_those_for_strangers(
    browser: Browser, sandbox: Sandbox, joe: str
) -> None:
    reach(browser, joe, PLACE)
    close(browser)
    sandbox.advance(minutes=30 * DAY)
    browser.open("/connexion?profil=responsable")
    page = sign_in(browser, joe)
    known = page.status, page.summary
    assert page.status == 422
    browser.open("/connexion?profil=responsable")
    page = sign_in(browser, "x.inconnu0000")
    assert (page.status, page.summary) == known


def test_a_wrong_password_keeps_nothing(browser: Browser, sandbox: Sandbox, joe: str) -> None:
    reach(browser, joe, PLACE)
    close(browser)
    browser.open("/connexion?profil=responsable")
    assert sign_in(browser, joe, "Pas-le-bon-1").status == 422
    assert sandbox.events(event="account.closing-cancelled") == []


def test_a_stolen_session_closes_nothing_without_a_proof_of_now(
    browser: Browser, other_browser: Browser, sandbox: Sandbox, joe: str
) -> None:
    reach(browser, joe, PLACE)
    form = browser.prepare("compris", {"compris": "oui"})
    put(other_browser, session_of(browser))
    sandbox.advance(minutes=15)
    assert other_browser.open(f"{HOME}{PLACE}").h1 == PROOF
    assert other_browser.send(*form).h1 == PROOF, "nor with a form that was shown when the proof was new"
    assert sandbox.events(event="account.closing-asked") == []
    prove(other_browser)
    assert other_browser.page.h1 == CLOSE


def test_a_double_click_closes_once_and_gets_the_same_answer(browser: Browser, sandbox: Sandbox, joe: str) -> None:
    reach(browser, joe, PLACE)
    session = session_of(browser)
    twice = browser.prepare("compris", {"compris": "oui"})
    browser.send(*twice)
    texts = len(sandbox.messages(JOE.e164))
    put(browser, session)
    assert browser.send(*twice).h1 == "Votre compte sera fermé"
    assert len(sandbox.messages(JOE.e164)) == texts
    sandbox.advance(minutes=6)
    put(browser, session)
    assert browser.send(*twice).h1 == DOORS


def test_the_form_of_another_session_closes_nothing(
    browser: Browser, other_browser: Browser, sandbox: Sandbox, joe: str
) -> None:
    reach(browser, joe, PLACE)
    form = browser.prepare("compris", {"compris": "oui"})
    reach(other_browser, joe)
    assert other_browser.send(*form).status == 403
    assert sandbox.events(event="account.closing-asked") == []
