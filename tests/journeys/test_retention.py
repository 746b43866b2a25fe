"""An account that nobody uses is announced to be closed, and closed; its person keeps it by signing in, or activates anew."""

import pytest

from tests.journeys.own import reach
from tests.journeys.people import ANGELA, JOE, PASSWORD, STRANGER, activate
from tests.journeys.test_email_address import NEW, OTHER, ask, confirm, link, mails
from tests.journeys.visits import bring_back_code, come_from, sign_in
from tests.support.browser import Browser
from tests.support.relying_party import RelyingParty, unverified_claims
from tests.support.sandbox import Sandbox
from tests.support.server import RunningServer

YEAR = 365
FIRST, SECOND = 30, 7  # days before the end


def texts(sandbox: Sandbox, phone: str) -> list[str]:
    """Return the texts about an end, oldest first."""
    return [one["text"] for one in reversed(sandbox.messages(phone)) if "fermé" in one["text"]]


def test_after_a_year_without_a_sign_in_and_two_warnings_the_account_is_closed(
    browser: Browser, sandbox: Sandbox, ent: RelyingParty
) -> None:
    sandbox.set_clock("2031-03-14T09:00:00Z")
    identifiant = activate(browser, sandbox, JOE)
    assert "warned" not in sandbox.pass_days(YEAR - FIRST - 1)
    assert texts(sandbox, JOE.e164) == []
    assert sandbox.pass_days(1) == {"warned": 1}
    [text] = texts(sandbox, JOE.e164)
    assert text == (
        "Votre compte parent sera fermé le 13/03/2032. Pour le garder, connectez-vous avant cette date. SIMULATEUR."
    )
    assert identifiant not in text, "whoever holds the phone learns nothing to sign in with"
    assert sandbox.pass_days(FIRST - SECOND) == {"warned": 1}
    assert texts(sandbox, JOE.e164) == [text, text]
    assert sandbox.pass_days(SECOND - 0.5) == {}
    assert sandbox.person(identifiant)["has_password"]

    assert sandbox.purge(dry_run="true") == {}
    sandbox.advance(minutes=720)
    assert sandbox.purge(dry_run="true").get("closed") == 1
    told = sandbox.purge()
    assert told["closed"] == 1
    assert sandbox.refusal("GET", f"people/{identifiant}")[0] == 404
    [removed] = sandbox.audit(event="account.removed")
    assert removed["details"] == {"why": "unused"}
    announced = sandbox.audit(event="account.closing-announced")
    assert [line["details"] for line in announced] == [
        {"warning": number, "closes": "2032-03-13", "messages": 1} for number in (1, 2)
    ]
    assert {line["account_id"] for line in announced} == {removed["account_id"]}

    come_from(ent, browser)
    page = sign_in(browser, identifiant)
    assert "Identifiant ou mot de passe incorrect" in page.text, "the same words as for anybody unknown"


def test_the_person_of_a_closed_account_activates_anew_under_another_identifiant(
    browser: Browser, other_browser: Browser, sandbox: Sandbox, ent: RelyingParty
) -> None:
    identifiant = activate(browser, sandbox, JOE)
    before = unverified_claims(ent.exchange(bring_back_code(ent, browser, identifiant)).json()["id_token"])
    for days in (YEAR - FIRST, FIRST - SECOND, SECOND):
        sandbox.pass_days(days)
    [person] = sandbox.people(JOE.e164)
    assert person["identifiant"] is None
    assert {child["link"] for child in person["children"]} == {"declared"}, "what was proved is to be proved again"
    again = activate(other_browser, sandbox, JOE)
    assert again != identifiant
    after = unverified_claims(ent.exchange(bring_back_code(ent, other_browser, again)).json()["id_token"])
    assert after["sub"] != before["sub"]
    assert sandbox.refusal("POST", "people/activate", {"phone": ANGELA.e164, "password": PASSWORD, "identifiant": identifiant}) == (
        409, "This identifiant was given before, and none is given twice",
    )  # fmt: skip


@pytest.mark.parametrize("warnings", [1, 2])
def test_signing_in_after_a_warning_keeps_the_account_for_another_year(
    browser: Browser, sandbox: Sandbox, ent: RelyingParty, warnings: int
) -> None:
    identifiant = activate(browser, sandbox, JOE)
    for days in (YEAR - FIRST, FIRST - SECOND)[:warnings]:
        sandbox.pass_days(days)
    assert len(texts(sandbox, JOE.e164)) == warnings
    bring_back_code(ent, browser, identifiant)
    told = [sandbox.pass_days(days) for days in (YEAR - FIRST - 1, 1)]
    assert [one.get("warned", 0) for one in told] == [0, 1]
    assert [one.get("closed", 0) for one in told] == [0, 0]
    assert sandbox.person(identifiant)["has_password"]


def test_who_asked_for_the_end_of_her_account_has_it_at_the_first_purge_after_the_day_and_may_come_anew(
    browser: Browser, other_browser: Browser, sandbox: Sandbox
) -> None:
    identifiant = activate(browser, sandbox, JOE)
    reach(browser, identifiant, "/fermeture")
    assert browser.fill("compris", {"compris": "oui"}).h1 == "Votre compte sera fermé"
    [told] = texts(sandbox, JOE.e164)
    assert sandbox.pass_days(29.9) == {}
    assert sandbox.person(identifiant)["has_password"]
    assert sandbox.pass_days(0.2) == {"ended": 1}
    assert sandbox.purge() == {}
    assert sandbox.refusal("GET", f"people/{identifiant}")[0] == 404
    [removed] = sandbox.audit(event="account.removed")
    assert removed["details"] == {"why": "asked"}
    assert texts(sandbox, JOE.e164) == [told], "she knows"
    assert activate(other_browser, sandbox, JOE) != identifiant


def test_who_came_back_in_time_keeps_what_she_asked_to_be_closed(browser: Browser, sandbox: Sandbox) -> None:
    identifiant = activate(browser, sandbox, JOE)
    reach(browser, identifiant, "/fermeture")
    browser.fill("compris", {"compris": "oui"})
    sandbox.advance(minutes=29 * 24 * 60)
    reach(browser, identifiant)
    assert sandbox.pass_days(2) == {}
    assert sandbox.person(identifiant)["has_password"]


def test_the_confirmed_address_is_told_too_and_one_that_was_only_asked_for_is_not(
    browser: Browser, other_browser: Browser, sandbox: Sandbox, server: RunningServer
) -> None:
    identifiant = activate(browser, sandbox, JOE)
    reach(browser, identifiant)
    ask(browser, NEW)
    confirm(other_browser, link(sandbox, NEW))
    ask(browser, OTHER)
    sandbox.set_clock("2031-03-14T09:00:00Z")
    reach(Browser(server.base), identifiant)
    assert sandbox.pass_days(YEAR - FIRST).get("warned") == 1
    [announced] = sandbox.audit(event="account.closing-announced")
    assert announced["details"]["messages"] == 2
    mail = mails(sandbox, NEW)[0]
    assert mail["subject"] == "[Simulateur] Votre compte sera fermé le 13\u00a0mars 2032"
    assert "Vous ne l'avez pas utilisé depuis 11\u00a0mois." in mail["text"]
    assert identifiant not in mail["text"]
    assert not [one for one in mails(sandbox, OTHER) if "fermé" in one["subject"]]


def test_who_is_not_the_person_hears_nothing_and_is_not_concerned(browser: Browser, sandbox: Sandbox) -> None:
    activate(browser, sandbox, JOE)
    sandbox.pass_days(100)
    other = sandbox.activate(ANGELA.e164, PASSWORD)["identifiant"]
    assert sandbox.pass_days(YEAR - FIRST - 100).get("warned") == 1
    assert texts(sandbox, ANGELA.e164) == texts(sandbox, STRANGER.e164) == []
    sandbox.pass_days(FIRST - SECOND)
    assert sandbox.pass_days(SECOND)["closed"] == 1
    assert sandbox.person(other)["has_password"]


def test_a_purge_takes_no_word_that_it_does_not_know(sandbox: Sandbox) -> None:
    assert sandbox.refusal("POST", "purge?dry_run=perhaps") == (400, "dry_run must be true or false")
    assert sandbox.refusal("POST", "purge?dry=true")[0] == 400
