"""A second proof: a site asks for a level, the person gets a text at the number that the school knows, and tokens say what was proved."""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.journeys.people import JOE, KARIM, PASSWORD, activate
from tests.journeys.visits import CONSENT, bring_back_code, come_from, sign_in
from tests.support.browser import Browser
from tests.support.command import run_preau
from tests.support.page import Page
from tests.support.relying_party import RelyingParty, answer_in, unverified_claims
from tests.support.sandbox import Sandbox
from tests.support.server import RunningServer

PROOF = "Confirmez que c'est vous"
LOST = "Votre démarche s'est arrêtée"
TWO, ONE = "https://level.example/two", "https://level.example/one"
SEND, CANNOT = "Recevoir un code par SMS", "Je ne peux pas recevoir ce SMS"


def essential(*values: str) -> str:
    return json.dumps({"id_token": {"acr": {"essential": True, "values": list(values)}}})


@pytest.fixture
def joe(sandbox: Sandbox, server: RunningServer) -> str:
    return activate(Browser(server.base), sandbox, JOE)


def told(ent: RelyingParty, browser: Browser) -> dict[str, object]:
    """Return the claims of the ID token that the browser brings back."""
    assert "code" in answer_in(browser.left_to), browser.left_to or browser.page.text[:400]
    return unverified_claims(ent.exchange(answer_in(browser.left_to)["code"]).json()["id_token"])


def reach(ent: RelyingParty, browser: Browser, identifiant: str, **changes: str | None) -> Page:
    """Sign in for a request that wants more, and stand before the page that asks for it."""
    changes = changes or {"acr_values": TWO}
    come_from(ent, browser, **changes)
    page = sign_in(browser, identifiant)
    assert page.h1 == PROOF, page.text
    return page


def prove(browser: Browser, sandbox: Sandbox) -> Page:
    """Ask for a text, and type its code."""
    browser.fill(SEND)
    return browser.fill("code", {"code": sandbox.code(JOE.e164)})


def put(browser: Browser, session: str | None) -> None:
    """Give the browser this session in place of its own."""
    browser.http.cookies.pop("preau_idp_session", None)
    browser.http.cookies.set("preau_idp_session", session or "", domain="localhost.local", path="/")


def wrong(code: str) -> str:
    return f"{(int(code) + 1) % 1_000_000:06}"


# --- the straight road ----------------------------------------------------------------------------------------------------------------


def test_discovery_names_the_levels_beside_the_profiles(browser: Browser) -> None:
    document = browser.http.get(f"{browser.base}/.well-known/openid-configuration", timeout=20).json()
    assert document["acr_values_supported"] == ["responsable", "eleve", TWO, ONE]


def test_joe_proves_himself_twice_and_the_site_is_told(
    browser: Browser, sandbox: Sandbox, ent: RelyingParty, joe: str
) -> None:
    before = told_at(ent, browser, joe)
    assert (before["acr"], before["amr"]) == ("responsable", ["pwd"])
    sandbox.advance(minutes=5)
    page = come_from(ent, browser, acr_values=TWO)
    assert (page.status, page.h1) == (200, PROOF)
    assert page.says("ENT Marronnier demande une deuxième preuve, en plus de votre connexion.")
    assert page.says("numéro qui se termine par 01")
    assert "98 00 01" not in page.html.replace("&nbsp;", " "), "nobody who finds the page learns the number"
    assert sandbox.messages(JOE.e164)[0]["text"].endswith("SIMULATEUR.")
    page = browser.fill(SEND)
    text = str(sandbox.messages(JOE.e164)[0]["text"])
    assert re.fullmatch(r"\d{6} est votre code de sécurité pour confirmer que c'est vous\. .* SIMULATEUR\.", text)
    browser.fill("code", {"code": f" {text[:3]}-{text[3:6]} "})
    after = told(ent, browser)
    assert (after["acr"], after["amr"], after["sid"]) == (TWO, ["pwd", "sms", "mfa"], before["sid"])
    assert int(str(after["auth_time"])) >= int(str(before["auth_time"])) + 300
    assert [event for event in sandbox.events() if event.startswith("step-up.")] == [
        "step-up.sms-sent",
        "step-up.accepted",
    ]


def told_at(ent: RelyingParty, browser: Browser, identifiant: str, **changes: str | None) -> dict[str, object]:
    return unverified_claims(ent.exchange(bring_back_code(ent, browser, identifiant, **changes)).json()["id_token"])


def test_what_was_proved_once_is_not_asked_again_and_others_are_told_what_they_ask(
    browser: Browser, sandbox: Sandbox, ent: RelyingParty, joe: str
) -> None:
    reach(ent, browser, joe)
    prove(browser, sandbox)
    assert told(ent, browser)["acr"] == TWO
    for changes, acr in (
        ({"acr_values": TWO, "prompt": "none"}, TWO),
        ({"claims": essential(TWO), "prompt": "none"}, TWO),
        ({}, "responsable"),
        ({"acr_values": f"{ONE} {TWO}"}, ONE),
        ({"acr_values": f"unheard-of {TWO}"}, TWO),
        ({"acr_values": "eleve"}, "responsable"),
    ):
        browser.open(ent.authorization_uri(**changes))
        assert told(ent, browser)["acr"] == acr, changes


def test_the_first_value_that_is_met_or_can_be_is_the_one(
    browser: Browser, sandbox: Sandbox, ent: RelyingParty, joe: str
) -> None:
    del sandbox
    assert told_at(ent, browser, joe, acr_values=f"responsable {TWO}")["acr"] == "responsable"
    browser.open(ent.authorization_uri(acr_values=f"{ONE} {TWO}"))
    assert told(ent, browser)["acr"] == ONE, "any sign-in has it"
    assert come_from(ent, browser, acr_values=f"{TWO} {ONE}").h1 == PROOF


def test_whoever_signs_in_again_proves_herself_twice_again(
    browser: Browser, sandbox: Sandbox, ent: RelyingParty, joe: str
) -> None:
    reach(ent, browser, joe)
    prove(browser, sandbox)
    sandbox.advance(minutes=2)
    assert come_from(ent, browser, acr_values=TWO, prompt="login").h1 == "Je me connecte"
    assert sign_in(browser, joe).h1 == PROOF
    prove(browser, sandbox)
    assert told(ent, browser)["acr"] == TWO


def test_a_request_that_waits_for_a_new_sign_in_is_not_answered_by_a_second_proof_in_another_tab(
    browser: Browser, sandbox: Sandbox, ent: RelyingParty, joe: str
) -> None:
    told_at(ent, browser, joe)
    sandbox.advance(minutes=2)
    waiting = come_from(ent, browser, prompt="select_account login").url
    sandbox.advance(minutes=2)
    come_from(ent, browser, acr_values=TWO)
    prove(browser, sandbox)
    assert told(ent, browser)["acr"] == TWO
    assert browser.open(waiting).h1 == "Avec quel compte voulez-vous continuer ?"
    assert browser.fill("Joe DUPONT").h1 == "Je sélectionne mon profil"
    assert browser.left_to == "", "a second proof is no sign-in"


def test_a_refresh_says_the_level_of_its_code(
    browser: Browser, sandbox: Sandbox, server: RunningServer, joe: str
) -> None:
    stays = RelyingParty(server.base, "stays", "secret-of-the-one-that-stays", "http://localhost:8405/retour")
    reach(stays, browser, joe)
    prove(browser, sandbox)
    tokens = stays.exchange(answer_in(browser.left_to)["code"]).json()
    assert unverified_claims(tokens["id_token"])["acr"] == TWO
    assert unverified_claims(stays.refresh(tokens["refresh_token"]).json()["id_token"])["acr"] == TWO


def test_a_proof_late_in_a_session_makes_no_token_outlive_it(
    browser: Browser, sandbox: Sandbox, server: RunningServer, joe: str
) -> None:
    stays = RelyingParty(server.base, "stays", "secret-of-the-one-that-stays", "http://localhost:8405/retour")
    bring_back_code(stays, browser, joe)
    for _ in range(9):
        sandbox.advance(minutes=50)
        browser.open(stays.authorization_uri(prompt="none"))
        assert "code" in answer_in(browser.left_to)
    assert come_from(stays, browser, acr_values=TWO).h1 == PROOF
    prove(browser, sandbox)
    tokens = stays.exchange(answer_in(browser.left_to)["code"]).json()
    sandbox.advance(minutes=29)
    tokens = stays.refresh(tokens["refresh_token"]).json()
    assert "access_token" in tokens
    sandbox.advance(minutes=2)  # eight hours after Joe signed in
    browser.open(stays.authorization_uri(prompt="none"))
    assert answer_in(browser.left_to)["error"] == "login_required"
    assert stays.refresh(tokens["refresh_token"]).json()["error"] == "invalid_grant"


def test_the_secret_from_before_the_proof_opens_nothing_any_more(
    browser: Browser, other_browser: Browser, sandbox: Sandbox, ent: RelyingParty, joe: str
) -> None:
    reach(ent, browser, joe)
    former = browser.http.cookies.get("preau_idp_session")
    prove(browser, sandbox)
    put(other_browser, former)
    other_browser.open(ent.authorization_uri(prompt="none"))
    assert answer_in(other_browser.left_to)["error"] == "login_required"
    browser.open(ent.authorization_uri(prompt="none"))
    assert "code" in answer_in(browser.left_to)


def test_consent_is_asked_after_the_proof(browser: Browser, sandbox: Sandbox, server: RunningServer, joe: str) -> None:
    site = RelyingParty(server.base, "aulne", "secret-of-the-one-that-asks", "http://localhost:8407/retour")
    reach(site, browser, joe)
    assert prove(browser, sandbox).h1 == CONSENT
    browser.fill("Autoriser")
    assert told(site, browser)["acr"] == TWO


# --- where it is not given ------------------------------------------------------------------------------------------------------------


def test_who_cannot_get_the_text_goes_on_without_where_the_site_only_wishes_it(
    browser: Browser, sandbox: Sandbox, ent: RelyingParty, joe: str
) -> None:
    page = reach(ent, browser, joe)
    assert page.says("Sans ce code, ENT Marronnier peut vous montrer moins de choses.")
    browser.fill(CANNOT)
    claims = told(ent, browser)
    assert (claims["acr"], claims["amr"]) == ("responsable", ["pwd"])
    assert sandbox.events(event="step-up.declined") == ["step-up.declined"]
    assert come_from(ent, browser, acr_values=TWO).h1 == PROOF, "another request asks again"


def test_and_brings_an_error_where_the_site_insists(browser: Browser, ent: RelyingParty, joe: str) -> None:
    page = reach(ent, browser, joe, claims=essential(TWO))
    assert page.says("Sans ce code, vous ne pouvez pas continuer vers ENT Marronnier.")
    browser.fill(CANNOT)
    assert answer_in(browser.left_to)["error"] == "unmet_authentication_requirements"


def test_one_of_several_essential_values_will_do(browser: Browser, ent: RelyingParty, joe: str) -> None:
    page = reach(ent, browser, joe, claims=essential(TWO, "responsable"))
    assert not page.says("vous ne pouvez pas continuer")
    browser.fill(CANNOT)
    assert told(ent, browser)["acr"] == "responsable"


@pytest.mark.parametrize(
    ("changes", "answer"), [({"claims": essential(TWO)}, "login_required"), ({"acr_values": TWO}, "responsable")]
)
def test_nobody_is_asked_silently(
    browser: Browser, ent: RelyingParty, joe: str, changes: dict[str, str], answer: str
) -> None:
    bring_back_code(ent, browser, joe)
    browser.open(ent.authorization_uri(prompt="none", **changes))
    given = answer_in(browser.left_to)
    assert given.get("error") == answer if "error" in given else told(ent, browser)["acr"] == answer


# --- the code -------------------------------------------------------------------------------------------------------------------------


def test_a_wrong_code_is_said_and_the_fifth_one_ends_it(
    browser: Browser, sandbox: Sandbox, ent: RelyingParty, joe: str
) -> None:
    reach(ent, browser, joe)
    browser.fill(SEND)
    right = sandbox.code(JOE.e164)
    for left in (4, 3, 2, 1):
        page = browser.fill("code", {"code": wrong(right)})
        assert page.status == 422
        assert page.says(f"Il vous reste {left} essai")
    page = browser.fill("code", {"code": wrong(right)})
    assert page.says("ce code n'est plus valable. Demandez un nouveau code.")
    page = browser.fill("code", {"code": right})
    assert page.status == 422, "it has ended, right or not"
    sandbox.advance(seconds=61)
    assert browser.fill("Envoyer un nouveau code").says("Un nouveau SMS est parti.")
    assert sandbox.code(JOE.e164) != right
    browser.fill("code", {"code": sandbox.code(JOE.e164)})
    assert told(ent, browser)["acr"] == TWO
    assert sandbox.events(event="step-up.code-wrong") == ["step-up.code-wrong"] * 5


@pytest.mark.parametrize(
    ("typed", "said"), [("", "Écrivez le code"), ("12a456", "seulement des chiffres"), ("123", "Vous en avez écrit 3")]
)
def test_what_is_no_code_uses_no_try(
    browser: Browser, sandbox: Sandbox, ent: RelyingParty, joe: str, typed: str, said: str
) -> None:
    reach(ent, browser, joe)
    browser.fill(SEND)
    page = browser.fill("code", {"code": typed})
    assert page.status == 422
    assert page.says(said)
    assert sandbox.events(event="step-up.code-wrong") == []


def test_a_code_before_any_text_is_no_code_and_the_ceilings_count_before_the_first_text_too(
    browser: Browser, ent: RelyingParty, joe: str
) -> None:
    page = reach(ent, browser, joe)
    action, values = browser.prepare(SEND)
    assert browser.send(action.replace("/envoi", ""), {**values, "code": "123456"}).status == 200
    for _ in range(5):
        page = reach_again(ent, browser)
        page = browser.fill(SEND)
    assert page.status == 429
    assert page.says("Trop de SMS ont été demandés.")
    assert page.form(SEND)


def test_too_many_texts_are_no_mistake_of_the_code_field(
    browser: Browser, sandbox: Sandbox, ent: RelyingParty, joe: str
) -> None:
    reach(ent, browser, joe)
    page = browser.fill(SEND)
    while page.status == 200:
        sandbox.advance(minutes=2)
        page = browser.fill("Envoyer un nouveau code")
    assert page.status == 429
    assert page.text.count("Trop de SMS ont été demandés.") == 1, "in the summary alone"
    assert page.form("code")
    assert "aria-invalid" not in page.html


def reach_again(ent: RelyingParty, browser: Browser) -> Page:
    """Come with another request, for which no text was sent yet."""
    page = come_from(ent, browser, acr_values=TWO)
    assert page.h1 == PROOF
    return page


def test_a_code_is_good_for_thirty_minutes(browser: Browser, sandbox: Sandbox, ent: RelyingParty, joe: str) -> None:
    reach(ent, browser, joe)
    browser.fill(SEND)
    sandbox.advance(minutes=31)
    assert browser.fill("code", {"code": sandbox.code(JOE.e164)}).says("les 30 minutes sont passées")


def test_a_code_that_went_to_a_number_that_the_school_has_corrected_proves_nothing(
    browser: Browser, sandbox: Sandbox, server: RunningServer, ent: RelyingParty, joe: str
) -> None:
    reach(ent, browser, joe)
    browser.fill(SEND)
    former = sandbox.code(JOE.e164)
    with corrected(server, "06 39 98 00 01", "06 39 98 00 91"):
        page = browser.fill("code", {"code": former})
        assert (page.h1, browser.left_to) == (PROOF, ""), "the code was accepted"
        assert page.says("numéro qui se termine par 91")
        assert not page.says("Un SMS a été envoyé"), "none was, to that number"
        browser.fill(SEND)
        browser.fill("code", {"code": sandbox.code("+33639980091")})
        assert told(ent, browser)["acr"] == TWO


@contextmanager
def corrected(server: RunningServer, former: str, number: str) -> Iterator[None]:
    """Give every record with this telephone another one, as the schools' next files would, and take it back at the end."""
    change_number(server, former, number)
    try:
        yield
    finally:
        change_number(server, number, former)


def change_number(server: RunningServer, former: str, number: str) -> None:
    files = sorted((server.directory / "school").glob("*.xml"))
    for one in files:
        one.write_text(one.read_text(encoding="utf-8").replace(former, number), encoding="utf-8")
    run_preau(server.directory / "preau.toml", "directory", "import", "--confirm-changes", *map(str, files))


def test_a_code_is_good_in_its_own_browser_and_for_its_own_request(
    browser: Browser, other_browser: Browser, sandbox: Sandbox, ent: RelyingParty, joe: str
) -> None:
    reach(ent, browser, joe)
    browser.fill(SEND)
    first = sandbox.code(JOE.e164)
    reach(ent, other_browser, joe)
    other_browser.fill(SEND)
    assert other_browser.fill("code", {"code": first}).status == 422
    assert other_browser.page.says("Il vous reste 4 essais")


def test_one_waits_a_minute_for_another_text_and_texts_have_their_ceilings(
    browser: Browser, sandbox: Sandbox, ent: RelyingParty, joe: str
) -> None:
    reach(ent, browser, joe)
    browser.fill(SEND)
    assert browser.fill("Envoyer un nouveau code").says("Un SMS est déjà parti.")
    page = browser.page
    for _ in range(6):
        sandbox.advance(seconds=61)
        page = browser.fill("Envoyer un nouveau code")
    assert page.status == 429
    assert page.says("Trop de SMS ont été demandés. Réessayez dans")
    assert int(page.headers["Retry-After"]) > 0
    assert "step-up.sms-ceiling" in sandbox.events()
    browser.fill("code", {"code": sandbox.code(JOE.e164)})
    assert told(ent, browser)["acr"] == TWO, "the last code that came is good"


# --- back, again, elsewhere -----------------------------------------------------------------------------------------------------------


def test_a_double_click_sends_one_text_and_takes_one_code(
    browser: Browser, sandbox: Sandbox, ent: RelyingParty, joe: str
) -> None:
    reach(ent, browser, joe)
    before = len(sandbox.messages(JOE.e164))
    sending = browser.prepare(SEND)
    browser.send(*sending)
    assert browser.send(*sending).h1 == PROOF
    assert len(sandbox.messages(JOE.e164)) == before + 1
    proving = browser.prepare("code", {"code": sandbox.code(JOE.e164)})
    former = browser.http.cookies.get("preau_idp_session")
    browser.send(*proving)
    first, held = browser.left_to, browser.http.cookies.get("preau_idp_session")
    assert held != former, "the session's secret changes at every proof"
    browser.send(*proving)
    assert (browser.left_to, browser.http.cookies.get("preau_idp_session")) == (first, held), "as a refresh comes"
    put(browser, former)
    browser.send(*proving)
    assert (browser.left_to, browser.http.cookies.get("preau_idp_session")) == (first, held), "as a double click comes"
    put(browser, former)
    action, values = proving
    assert browser.send(action, {**values, "code": wrong(values["code"])}).h1 == "Je sélectionne mon profil"
    put(browser, former)
    assert browser.send(*proving).h1 == "Je sélectionne mon profil", "whoever has a copy of it guesses once"
    assert sandbox.events(event="step-up.accepted") == ["step-up.accepted"]


def test_a_wrong_code_that_is_posted_twice_uses_one_try(
    browser: Browser, sandbox: Sandbox, ent: RelyingParty, joe: str
) -> None:
    reach(ent, browser, joe)
    browser.fill(SEND)
    twice = browser.prepare("code", {"code": wrong(sandbox.code(JOE.e164))})
    for _ in range(2):
        assert browser.send(*twice).says("Il vous reste 4 essais")
    assert sandbox.events(event="step-up.code-wrong") == ["step-up.code-wrong"]


def test_reload_and_back_show_the_same_and_lead_on_once_it_is_proved(
    browser: Browser, sandbox: Sandbox, ent: RelyingParty, joe: str
) -> None:
    address = reach(ent, browser, joe).url
    browser.fill(SEND)
    assert browser.refresh().says("Un SMS a été envoyé")
    browser.fill("code", {"code": sandbox.code(JOE.e164)})
    browser.open(address)
    assert told(ent, browser)["acr"] == TWO


def test_a_sign_in_that_is_posted_again_comes_to_the_same_page(browser: Browser, ent: RelyingParty, joe: str) -> None:
    come_from(ent, browser, acr_values=TWO)
    twice = browser.prepare("j_username", {"j_username": joe, "j_password": PASSWORD})
    for _ in range(2):
        assert browser.send(*twice).h1 == PROOF


def test_without_the_session_or_the_visit_nothing_is_sent(
    browser: Browser, other_browser: Browser, sandbox: Sandbox, ent: RelyingParty, joe: str
) -> None:
    address = reach(ent, browser, joe).url
    sending = browser.prepare(SEND)
    before = len(sandbox.messages(JOE.e164))
    assert other_browser.open(address).h1 == LOST
    assert other_browser.send(*sending).h1 == LOST
    browser.http.cookies.pop("preau_idp_session")
    assert browser.open(address).h1 == "Je sélectionne mon profil"
    assert browser.send(*sending).h1 == "Je sélectionne mon profil"
    assert len(sandbox.messages(JOE.e164)) == before


def test_a_forged_form_and_one_that_was_shown_to_somebody_else_do_nothing(
    browser: Browser, sandbox: Sandbox, server: RunningServer, ent: RelyingParty, joe: str
) -> None:
    karim = activate(Browser(server.base), sandbox, KARIM)
    address = reach(ent, browser, joe).url
    action, values = browser.prepare(SEND)
    before = len(sandbox.messages(JOE.e164))
    assert browser.send(action, {**values, "jeton": "0-abc"}).status == 403
    browser.open(address.replace("/confirmation", "/connexion") + "&profil=responsable")
    assert sign_in(browser, karim).says("numéro qui se termine par 04")
    page = browser.send(action, values)
    assert page.status == 403
    assert browser.open(page.link("Recharger la page")).h1 == PROOF
    assert len(sandbox.messages(JOE.e164)) == before


def test_the_page_cannot_be_used_in_place_of_signing_in(
    browser: Browser, sandbox: Sandbox, ent: RelyingParty, joe: str
) -> None:
    bring_back_code(ent, browser, joe)
    sandbox.advance(minutes=1)
    page = come_from(ent, browser, prompt="login", acr_values=TWO)
    address = page.url.replace("/connexion", "/confirmation")
    assert browser.open(address).h1 in {"Je me connecte", "Je sélectionne mon profil"}
    before = len(sandbox.messages(JOE.e164))
    browser.send(address.replace("/confirmation", "/confirmation/envoi"), {"jeton": "0-abc"})
    assert len(sandbox.messages(JOE.e164)) == before


def test_a_request_that_wants_nothing_more_and_a_page_opened_by_hand_ask_nothing(
    browser: Browser, ent: RelyingParty, joe: str
) -> None:
    assert browser.open("/confirmation").h1 == LOST
    page = browser.open("/connexion")
    assert browser.open(page.url.replace("/connexion", "/confirmation")).h1 == LOST
    address = come_from(ent, browser).url.replace("/connexion", "/confirmation")
    sign_in(browser, joe)
    browser.open(address)
    assert "code" in answer_in(browser.left_to)


def test_a_pushed_request_that_is_loaded_again_comes_to_its_page(browser: Browser, ent: RelyingParty, joe: str) -> None:
    bring_back_code(ent, browser, joe)
    pushed = ent.pushed_uri(acr_values=TWO)
    for _ in range(2):
        assert browser.open(pushed).h1 == PROOF


def test_the_code_of_a_text_is_no_proof_of_now_for_the_account(
    browser: Browser, sandbox: Sandbox, ent: RelyingParty, joe: str
) -> None:
    """Whoever holds the family's telephone has both: the open session, and the texts."""
    told_at(ent, browser, joe)
    sandbox.advance(minutes=20)
    assert come_from(ent, browser, acr_values=TWO).h1 == PROOF
    prove(browser, sandbox)
    told(ent, browser)
    for page in ("e-mail", "fermeture", "enfants/regroupement", "donnees"):
        browser.open(f"/mon-compte/{page}")
        assert browser.page.html.count('id="actuel"') == 1, page
    browser.fill("actuel", {"actuel": PASSWORD})
    assert browser.open("/mon-compte/e-mail").html.count('id="actuel"') == 0, "the password is one"
