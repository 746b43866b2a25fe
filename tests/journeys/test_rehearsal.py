"""What a tester does to a person in one call leaves what the pages would have left; and how a person stands is told at every step."""

from typing import Any

import pytest

from tests.journeys.people import (
    ANGELA,
    JOE,
    KARIM,
    MARIE_HELENE,
    PASSWORD,
    STRANGER,
    activate,
    reach_code,
    reach_kinship,
)
from tests.journeys.visits import bring_back_code, come_from, sign_in
from tests.support.browser import Browser
from tests.support.relying_party import RelyingParty, answer_in, unverified_claims
from tests.support.sandbox import Sandbox

CHOSEN = "j.dupont2031"


def told_of(ent: RelyingParty, browser: Browser, identifiant: str) -> dict[str, Any]:
    """Sign in and return what the ENT learns, but for what differs each time."""
    tokens = ent.exchange(bring_back_code(ent, browser, identifiant)).json()
    claims: dict[str, Any] = ent.userinfo(tokens["access_token"]).json()
    return {name: value for name, value in claims.items() if name not in {"sub", "FrEduCtDateConnexion"}}


def settled(person: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in person.items() if name not in {"identifiant", "sessions"}}


# --- activating ------------------------------------------------------------------------------------------------------------------------


def test_an_account_made_in_one_call_is_the_one_that_the_pages_make(
    browser: Browser, other_browser: Browser, sandbox: Sandbox, ent: RelyingParty
) -> None:
    by_hand = activate(browser, sandbox, JOE)
    told, stands = told_of(ent, browser, by_hand), sandbox.person(by_hand)
    [made] = sandbox.audit(event="activation.account-made")
    text = sandbox.messages(JOE.e164)[0]["text"]

    sandbox.reset()
    answer = sandbox.activate(JOE.e164, PASSWORD, identifiant=CHOSEN)
    assert answer["identifiant"] == CHOSEN
    assert settled(answer) == settled(stands)
    assert told_of(ent, other_browser, CHOSEN) == told
    [again] = sandbox.audit(event="activation.account-made")
    assert again["details"] == made["details"]
    assert sandbox.events()[:2] == ["activation.kinship-proved", "activation.account-made"]
    [sms] = sandbox.messages(JOE.e164)
    assert sms["text"] == text.replace(by_hand, CHOSEN)


def test_without_an_identifiant_one_is_drawn(sandbox: Sandbox, browser: Browser) -> None:
    drawn = sandbox.activate(ANGELA.e164, PASSWORD)["identifiant"]
    assert drawn.startswith("a.dubois")
    sign_in_here(browser, drawn)
    assert "sign-in.accepted" in sandbox.events()


def sign_in_here(browser: Browser, identifiant: str) -> None:
    page = browser.open("/connexion")
    browser.open(page.link("Responsable d'élève"))
    sign_in(browser, identifiant)


@pytest.mark.parametrize(
    ("body", "status", "words"),
    [
        ({"phone": STRANGER.e164, "password": PASSWORD}, 404, "knows nobody"),
        ({"phone": JOE.e164, "password": PASSWORD, "family_name": "DURAND", "given_name": "Joe"}, 404, "knows nobody"),
        ({"phone": JOE.e164, "password": PASSWORD, "family_name": "DUPONT"}, 422, "go together"),
        ({"phone": JOE.e164, "password": "short"}, 422, "refused: rules"),
        ({"phone": JOE.e164, "password": "Dupont-2031!"}, 422, "refused: own-name"),
        ({"phone": JOE.e164, "password": "L\u00e9a-Cartable-1!"}, 422, "refused: own-name"),
        ({"phone": JOE.e164, "password": "Cartable-Bleu-42\ud800"}, 422, "a sign that no text has"),
        ({"phone": JOE.e164, "password": PASSWORD, "identifiant": "joe"}, 422, "j.dupont0001"),
        ({"phone": JOE.e164, "password": PASSWORD, "identifiant": "j.dupont0001\x00"}, 422, "a sign that no text has"),
        ({"phone": "06 39 98 00 01", "password": PASSWORD}, 422, "E.164"),
        ({"phone": JOE.e164}, 422, "password is missing"),
        ({"phone": JOE.e164, "password": PASSWORD, "name": "Joe"}, 422, "Unknown member"),
        ([], 422, "must be a JSON object"),
    ],
)
def test_who_cannot_be_activated_is_refused_and_nothing_is_left(
    sandbox: Sandbox, body: Any, status: int, words: str
) -> None:
    refused, sentence = sandbox.refusal("POST", "people/activate", body)
    assert refused == status, sentence
    assert words in sentence
    assert sandbox.events() == []
    assert sandbox.messages(JOE.e164) == []
    assert sandbox.people(JOE.e164)[0]["identifiant"] is None


def test_nobody_is_activated_twice_and_no_identifiant_is_given_twice(sandbox: Sandbox) -> None:
    sandbox.activate(JOE.e164, PASSWORD, identifiant=CHOSEN)
    again = {"phone": JOE.e164, "password": PASSWORD}
    assert sandbox.refusal("POST", "people/activate", again) == (
        409,
        f"This person has an account already: {CHOSEN}. Remove it first",
    )
    other = {"phone": ANGELA.e164, "password": PASSWORD, "identifiant": CHOSEN}
    assert sandbox.refusal("POST", "people/activate", other)[0] == 409
    assert sandbox.people(ANGELA.e164)[0]["identifiant"] is None


def test_two_parents_of_one_pupil_have_an_account_each(sandbox: Sandbox) -> None:
    names = {sandbox.activate(one.e164, PASSWORD)["identifiant"] for one in (MARIE_HELENE, KARIM)}
    assert len(names) == 2


# --- how a person stands ---------------------------------------------------------------------------------------------------------------


def test_a_person_is_told_before_and_after_her_activation(
    browser: Browser, sandbox: Sandbox, ent: RelyingParty
) -> None:
    [before] = sandbox.people(JOE.e164)
    assert (before["identifiant"], before["has_password"], before["sessions"]) == (None, False, [])
    assert {(child["given_name"], child["birth_date"], child["link"]) for child in before["children"]} == {
        ("Léa", "2012-04-12", "declared"),
        ("Tom", "2014-09-03", "declared"),
    }
    assert {record["phone"] for record in before["records"]} == {JOE.e164}
    sandbox.activate(JOE.e164, PASSWORD, identifiant=CHOSEN)
    bring_back_code(ent, browser, CHOSEN)
    [after] = sandbox.people(JOE.e164)
    assert after == sandbox.person("J.Dupont2031")
    assert (after["has_password"], after["franceconnect"]) == (True, False)
    assert {child["link"] for child in after["children"]} == {"confirmed"}
    [session] = after["sessions"]
    assert (session["acr"], session["amr"], session["ended_at"], session["clients"]) == (
        "responsable",
        ["pwd"],
        None,
        [],
    )


def test_a_link_that_was_contested_is_told_and_cannot_be_proved_in_one_call(browser: Browser, sandbox: Sandbox) -> None:
    reach_kinship(browser, sandbox, ANGELA)
    browser.fill("lien-1", {"lien-1": "non"})
    browser.fill("Oui, je confirme", {}, button="Oui, je confirme")
    assert [child["link"] for child in sandbox.people(ANGELA.e164)[0]["children"]] == ["contested"]
    status, sentence = sandbox.refusal("POST", "people/activate", {"phone": ANGELA.e164, "password": PASSWORD})
    assert (status, "contested every link" in sentence) == (409, True)


@pytest.mark.parametrize("path", ["people/x.nobody0000", "people/nobody", "people/%00", "people/j.dupont2031%00"])
def test_nobody_is_found_by_an_identifiant_that_nobody_has(sandbox: Sandbox, path: str) -> None:
    for method, more in (("GET", ""), ("DELETE", ""), ("POST", "/lock"), ("POST", "/unlock")):
        assert sandbox.refusal(method, path + more)[0] == 404


def test_a_number_is_wanted(sandbox: Sandbox) -> None:
    assert sandbox.refusal("GET", "people") == (400, "phone is missing: phone=%2B33639980001")
    assert sandbox.refusal("GET", "people?phone=0639980001")[0] == 400
    assert sandbox.people(STRANGER.e164) == []


# --- codes, locks, removal -------------------------------------------------------------------------------------------------------------


def test_a_code_runs_out_at_once(browser: Browser, sandbox: Sandbox) -> None:
    reach_code(browser, JOE)
    assert sandbox.do("POST", "people/expire-code", phone=ANGELA.e164) == {"expired": 0}
    assert sandbox.do("POST", "people/expire-code", phone=JOE.e164) == {"expired": 1}
    page = browser.fill("code", {"code": sandbox.code(JOE.e164)})
    assert page.says("Ce code n'est plus valable"), page.text
    assert "activation.code-accepted" not in sandbox.events()
    assert sandbox.do("POST", "people/expire-code", phone=JOE.e164) == {"expired": 0}, "it ran out already"
    assert sandbox.refusal("POST", "people/expire-code", {"phone": "x"})[0] == 422


def test_a_locked_account_refuses_the_right_password_until_it_is_unlocked(browser: Browser, sandbox: Sandbox) -> None:
    sandbox.activate(JOE.e164, PASSWORD, identifiant=CHOSEN)
    locked = sandbox.do("POST", f"people/{CHOSEN}/lock")
    [counter] = locked["wrong"]
    assert (counter["what"], counter["used"], counter["limit"], counter["locks"]) == ("passwords", 50, 50, True)
    sign_in_here(browser, CHOSEN)
    assert "sign-in.accepted" not in sandbox.events()
    assert sandbox.do("POST", f"people/{CHOSEN}/unlock")["wrong"] == []
    sign_in(browser, CHOSEN)
    assert "sign-in.accepted" in sandbox.events()


def test_a_lock_opens_by_itself(browser: Browser, sandbox: Sandbox) -> None:
    sandbox.activate(JOE.e164, PASSWORD, identifiant=CHOSEN)
    sandbox.do("POST", f"people/{CHOSEN}/lock")
    sandbox.advance(minutes=15, seconds=1)
    sign_in_here(browser, CHOSEN)
    assert "sign-in.accepted" in sandbox.events()


def test_unlocking_forgets_wrong_passwords_of_the_tester_s_own_machine(browser: Browser, sandbox: Sandbox) -> None:
    sandbox.activate(JOE.e164, PASSWORD, identifiant=CHOSEN)
    page = browser.open("/connexion")
    browser.open(page.link("Responsable d'élève"))
    for _ in range(5):
        sign_in(browser, CHOSEN, "Wrong-Password-1")
    sign_in(browser, CHOSEN)
    assert "sign-in.accepted" not in sandbox.events()
    sandbox.do("POST", f"people/{CHOSEN}/unlock")
    sign_in(browser, CHOSEN)
    assert "sign-in.accepted" in sandbox.events()


def test_unlocking_lets_an_activation_go_on_that_wrong_dates_had_locked(browser: Browser, sandbox: Sandbox) -> None:
    reach_kinship(browser, sandbox, JOE)
    wrong = {"lien-1": "oui", "jour-1": "1", "mois-1": "1", "annee-1": "2010"}
    wrong |= {"lien-2": "oui", "jour-2": "1", "mois-2": "1", "annee-2": "2010"}
    for _ in range(5):
        page = browser.fill("lien-1", wrong)
    assert page.says("15"), page.text
    [before] = sandbox.people(JOE.e164)
    assert {one["what"] for one in before["wrong"]} == {"birth-dates"}
    sandbox.activate(JOE.e164, PASSWORD, identifiant=CHOSEN)
    assert sandbox.do("POST", f"people/{CHOSEN}/unlock")["wrong"] == []
    assert browser.open("/activation/identite").h1 != page.h1


def test_a_removed_account_is_gone_its_ent_refuses_its_tokens_and_the_person_can_begin_again(
    browser: Browser, other_browser: Browser, sandbox: Sandbox, ent: RelyingParty
) -> None:
    sandbox.activate(JOE.e164, PASSWORD, identifiant=CHOSEN)
    tokens = ent.exchange(bring_back_code(ent, browser, CHOSEN)).json()
    sandbox.make_up(CHOSEN, nickname="Jo")
    sandbox.do("DELETE", f"people/{CHOSEN}")
    assert ent.userinfo(tokens["access_token"]).status_code == 401
    assert come_from(ent, browser).h1 == "Je me connecte"
    [stands] = sandbox.people(JOE.e164)
    assert stands["identifiant"] is None
    assert {child["link"] for child in stands["children"]} == {"declared"}
    assert sandbox.events()[-1] == "account.removed"

    again = activate(other_browser, sandbox, JOE)
    assert again != CHOSEN, "no identifiant is given twice"
    assert sandbox.refusal("GET", f"people/{CHOSEN}")[0] == 404


def test_removing_leaves_a_contest_and_other_people_alone(
    browser: Browser, sandbox: Sandbox, ent: RelyingParty
) -> None:
    sandbox.activate(KARIM.e164, PASSWORD)
    kept = sandbox.activate(MARIE_HELENE.e164, PASSWORD)["identifiant"]
    code = bring_back_code(ent, browser, kept)
    gone = sandbox.people(KARIM.e164)[0]["identifiant"]
    sandbox.do("DELETE", f"people/{gone}")
    claims = unverified_claims(ent.exchange(code).json()["id_token"])
    assert claims["sid"] == sandbox.person(kept)["sessions"][0]["sid"]
    assert {child["link"] for child in sandbox.person(kept)["children"]} == {"confirmed"}
    assert answer_in(browser.left_to)["code"] == code
