"""A child whom an import adds to an account: asked for at the next sign-in, proved, put off, contested, guessed at."""

import pytest

from tests.journeys.children import BORN, Household, card, reach, told
from tests.journeys.own import put, session_of
from tests.journeys.people import PASSWORD
from tests.journeys.visits import CONSENT, come_from, sign_in
from tests.support.browser import Browser
from tests.support.relying_party import RelyingParty, answer_in
from tests.support.sandbox import Sandbox
from tests.support.server import RunningServer

IDENTITY = "Confirmation de l'identité"
ONE = "Un enfant a été ajouté à votre compte"
SEVERAL = "Des enfants ont été ajoutés à votre compte"
S10, S11 = "L'école a ajouté un enfant", "Votre lien avec un élève a été retiré"
DIFFER = "Au moins une date n'est pas celle que l'école connaît."
WRONG = {"jour-1": "4"}
RECORDS = [{"academy": "8", "degree": 2}]


@pytest.fixture
def home(sandbox: Sandbox) -> Household:
    """Odile, with an account and one child, to whom an import has added another."""
    home = Household(sandbox)
    home.load(home.pupil("Ève"))
    home.load(home.pupil("Ève"), home.pupil("Noé"))
    return home


# --- the straight road ----------------------------------------------------------------------------------------------------------------


def test_an_added_child_is_asked_for_at_the_next_sign_in_and_released_once_proved(
    browser: Browser, sandbox: Sandbox, ent: RelyingParty, home: Household
) -> None:
    assert home.states() == {"Ève": "confirmed", "Noé": "declared"}
    page = reach(ent, browser, home.login)
    assert (page.status, page.h1) == (200, ONE)
    assert page.says("Noé PRÉAUX")
    assert not page.says("Ève PRÉAUX")
    assert not page.says("Tilleuls"), "no school before the date is right"
    browser.fill("lien-1", card(1, "Noé"), button="Continuer")
    told(ent, browser)
    assert home.states() == {"Ève": "confirmed", "Noé": "confirmed"}
    line = next(one for one in sandbox.audit() if one["event"] == "children.proved")
    assert line["client_id"] == "ent"
    assert len(line["details"]["links"]) == 1
    come_from(ent, browser, prompt="login")
    sign_in(browser, home.login)
    assert "code" in answer_in(browser.left_to), "nobody is asked twice"


def test_the_person_is_told_once_by_sms(browser: Browser, ent: RelyingParty, home: Household) -> None:
    text = home.await_texts(S10)[0]
    assert text.endswith("SIMULATEUR.")
    assert "Noé" not in text
    assert "Tilleuls" not in text
    home.load(home.pupil("Ève", class_name="5EME B"), home.pupil("Noé", class_name="5EME B"))
    assert reach(ent, browser, home.login).h1 == ONE
    home.load(home.pupil("Ève"), home.pupil("Noé"), home.pupil("Mia"))
    assert len(home.await_texts(S10, many=2)) == 2, "another child, another text; the same child, none"


def test_later_signs_in_without_the_child_who_is_asked_for_at_the_next_sign_in(
    browser: Browser, other_browser: Browser, sandbox: Sandbox, ent: RelyingParty, home: Household
) -> None:
    reach(ent, browser, home.login)
    browser.fill("Plus tard")
    told(ent, browser)
    assert home.states()["Noé"] == "declared"
    assert "children.later" in sandbox.events()
    browser.open(ent.authorization_uri())
    assert "code" in answer_in(browser.left_to), "the session is not asked again"
    assert reach(ent, other_browser, home.login).h1 == ONE


def test_a_client_that_wants_no_page_is_answered_without_the_child(
    browser: Browser, ent: RelyingParty, home: Household
) -> None:
    assert reach(ent, browser, home.login).h1 == ONE
    browser.open(ent.authorization_uri(prompt="none"))
    told(ent, browser)
    assert home.states()["Noé"] == "declared"
    assert browser.open(ent.authorization_uri()).h1 == ONE


def test_the_child_of_another_academy_brings_its_record_along(
    browser: Browser, ent: RelyingParty, sandbox: Sandbox
) -> None:
    home = Household(sandbox)
    home.load(home.pupil("Ève"))
    home.load(home.pupil("Ève"), home.pupil("Mia", "saules"), home.pupil("Noé", "petits"))
    page = reach(ent, browser, home.login)
    assert page.h1 == SEVERAL
    names = sorted(("Mia", "Noé"), key=page.text.index)
    browser.fill("lien-1", card(1, names[0]) | card(2, names[1]))
    claims = told(ent, browser)
    assert len(claims["FrEduCtRefId"]) == 3
    assert claims["FrEduCtPersonAffiliation"] == ["resp1d", "resp2d"]


def test_the_pages_before_and_after_keep_their_order(browser: Browser, server: RunningServer, home: Household) -> None:
    site = RelyingParty(server.base, "aulne", "secret-of-the-one-that-asks", "http://localhost:8407/retour")
    assert reach(site, browser, home.login).h1 == ONE
    assert browser.fill("lien-1", card(1, "Noé")).h1 == CONSENT, (
        "consent says what is released: the children come first"
    )


def test_a_second_proof_that_a_site_asks_for_comes_before_the_children(
    browser: Browser, sandbox: Sandbox, ent: RelyingParty, home: Household
) -> None:
    come_from(ent, browser, acr_values="https://level.example/two")
    assert sign_in(browser, home.login).h1 == "Confirmez que c'est vous"
    browser.fill("Recevoir un code par SMS")
    assert browser.fill("code", {"code": sandbox.code(home.e164)}).h1 == ONE
    browser.fill("lien-1", card(1, "Noé"))
    told(ent, browser)


def test_a_sign_in_by_hand_asks_nothing_until_an_ent_does(browser: Browser, ent: RelyingParty, home: Household) -> None:
    page = browser.open("/connexion")
    browser.open(page.link("Responsable d'élève"))
    page = browser.fill("j_username", {"j_username": home.login, "j_password": PASSWORD})
    assert page.h1 == "Vous êtes connecté"
    assert browser.open(ent.authorization_uri()).h1 == ONE


def test_a_double_click_does_it_once_and_a_refresh_goes_on(
    browser: Browser, sandbox: Sandbox, ent: RelyingParty, home: Household
) -> None:
    here = reach(ent, browser, home.login).url
    twice = browser.prepare("lien-1", card(1, "Noé"))
    browser.send(*twice)
    browser.send(*twice)
    assert "code" in answer_in(browser.left_to)
    browser.open(here)
    assert "code" in answer_in(browser.left_to)
    assert sandbox.events().count("children.proved") == 1


def test_the_secret_from_before_the_date_opens_nothing_any_more(
    browser: Browser, other_browser: Browser, ent: RelyingParty, home: Household
) -> None:
    reach(ent, browser, home.login)
    former = session_of(browser)
    browser.fill("lien-1", card(1, "Noé", **WRONG))
    assert session_of(browser) == former, "nothing was proved"
    browser.fill("lien-1", card(1, "Noé"))
    put(other_browser, former)
    other_browser.open(ent.authorization_uri(prompt="none"))
    assert answer_in(other_browser.left_to)["error"] == "login_required"
    browser.open(ent.authorization_uri(prompt="none"))
    told(ent, browser)


def test_the_second_half_of_a_double_click_comes_with_the_former_secret(
    browser: Browser, sandbox: Sandbox, ent: RelyingParty, home: Household
) -> None:
    reach(ent, browser, home.login)
    twice, former = browser.prepare("lien-1", card(1, "Noé")), session_of(browser)
    browser.send(*twice)
    first, held = browser.left_to, session_of(browser)
    put(browser, former)
    browser.send(*twice)
    assert (browser.left_to, session_of(browser)) == (first, held)
    put(browser, former)
    assert browser.send(twice[0], {**twice[1], **WRONG}).h1 == "Je sélectionne mon profil", "other dates are no repeat"
    assert sandbox.events().count("children.proved") == 1


def test_whoever_has_a_copy_of_the_former_secret_guesses_dates_as_anybody_does(
    browser: Browser, other_browser: Browser, sandbox: Sandbox, ent: RelyingParty, home: Household
) -> None:
    reach(ent, browser, home.login)
    former = session_of(browser)
    put(other_browser, former)
    assert other_browser.open(ent.authorization_uri()).h1 == ONE
    action, right = other_browser.prepare("lien-1", card(1, "Noé"))
    browser.fill("lien-1", card(1, "Noé"))
    for year in range(2000, 2010):
        put(other_browser, former)
        other_browser.send(action, {**right, "annee-1": str(year)})
    assert sandbox.events().count("children.dates-wrong") == 10
    put(other_browser, former)
    other_browser.send(action, right)
    assert session_of(other_browser) == former, "nor is the right one taken any more"


def test_the_secret_changes_with_the_dates_though_another_child_is_asked_about_still(
    browser: Browser, other_browser: Browser, ent: RelyingParty, home: Household
) -> None:
    home.load(home.pupil("Ève"), home.pupil("Noé"), home.pupil("Mia"))
    page = reach(ent, browser, home.login)
    names = sorted(("Mia", "Noé"), key=page.text.index)
    mine, not_mine = names.index("Noé") + 1, names.index("Mia") + 1
    twice = browser.prepare("lien-1", card(mine, "Noé", **{f"lien-{not_mine}": "non"}))
    former = session_of(browser)
    assert browser.send(*twice).h1.endswith("Mia PRÉAUX ?")
    held = session_of(browser)
    assert held != former
    put(browser, former)
    assert browser.send(*twice).h1.endswith("Mia PRÉAUX ?"), "the second half of a double click"
    assert session_of(browser) == held
    confirmed = browser.prepare("Oui, je confirme")
    put(other_browser, former)
    other_browser.open(ent.authorization_uri())
    other_browser.send(*confirmed)
    assert session_of(other_browser) == former, "a copy made before confirms nothing"
    assert home.states()["Noé"] == "declared"
    browser.send(*confirmed)
    put(other_browser, former)
    other_browser.send(*confirmed)
    assert session_of(other_browser) == former, "nor does it repeat what was confirmed"
    told(ent, browser)
    assert home.states() == {"Ève": "confirmed", "Noé": "confirmed", "Mia": "contested"}


def test_what_proves_nothing_leaves_the_secret_as_it_is(
    browser: Browser, other_browser: Browser, ent: RelyingParty, home: Household
) -> None:
    reach(ent, browser, home.login)
    former = session_of(browser)
    browser.fill("Plus tard")
    assert session_of(browser) == former
    reach(ent, other_browser, home.login)
    former = session_of(other_browser)
    other_browser.fill("lien-1", {"lien-1": "non"})
    other_browser.fill("Oui, je confirme")
    assert session_of(other_browser) == former


# --- what is typed wrong --------------------------------------------------------------------------------------------------------------


def test_wrong_dates_are_counted_on_the_sign_in_and_on_the_guardian(
    browser: Browser, other_browser: Browser, sandbox: Sandbox, ent: RelyingParty, home: Household
) -> None:
    reach(ent, browser, home.login)
    for left in (4, 3, 2):
        page = browser.fill("lien-1", card(1, "Noé", **WRONG))
        assert page.status == 422
        assert page.says(f"{DIFFER} Vérifiez toutes les dates. Il vous reste {left} essais.")
    assert browser.fill("lien-1", card(1, "Noé", **WRONG)).says("Il vous reste 1 essai.")
    page = browser.fill("lien-1", card(1, "Noé", **WRONG))
    assert page.status == 429
    assert page.says("Il y a eu trop d'essais.")
    browser.fill("Continuer sans cet enfant")
    told(ent, browser)
    sandbox.advance(minutes=16)
    reach(ent, other_browser, home.login)
    for _ in range(5):
        page = other_browser.fill("lien-1", card(1, "Noé", **WRONG))
    assert page.status == 429
    sandbox.advance(minutes=60)
    third = Browser(browser.base)
    page = reach(ent, third, home.login)
    assert page.status == 429, "ten in 24 hours, whatever the browser"
    assert home.states()["Noé"] == "declared"
    assert sandbox.events().count("children.dates-wrong") == 10


def test_what_is_missing_is_said_and_uses_no_try(browser: Browser, ent: RelyingParty, home: Household) -> None:
    reach(ent, browser, home.login)
    page = browser.fill("lien-1", {"lien-1": "", "jour-1": "", "mois-1": "", "annee-1": ""})
    assert page.status == 422
    assert page.says("Choisissez une réponse pour Noé PRÉAUX.")
    page = browser.fill("lien-1", card(1, "Noé", **{"annee-1": ""}))
    assert page.says("Il manque l'année de naissance de Noé.")
    assert page.form("lien-1").values["jour-1"] == "03"
    assert browser.fill("lien-1", card(1, "Noé", **WRONG)).says("Il vous reste 4 essais.")


def test_a_wrong_date_marks_every_date_alike(browser: Browser, ent: RelyingParty, home: Household) -> None:
    home.load(home.pupil("Ève"), home.pupil("Noé"), home.pupil("Mia"))
    page = reach(ent, browser, home.login)
    names = sorted(("Mia", "Noé"), key=page.text.index)
    page = browser.fill("lien-1", card(1, names[0]) | card(2, names[1], **{"jour-2": "28"}))
    assert page.status == 422
    assert page.says("Il vous reste 4 essais.")
    assert page.text.count("Vérifiez cette date.") >= 2, "nothing says which one it is"
    assert home.states() == {"Ève": "confirmed", "Noé": "declared", "Mia": "declared"}


def test_a_child_who_comes_while_the_page_is_open_is_asked_about_before_anything_is_done(
    browser: Browser, ent: RelyingParty, home: Household
) -> None:
    reach(ent, browser, home.login)
    home.load(home.pupil("Ève"), home.pupil("Noé"), home.pupil("Mia"))
    page = browser.fill("lien-1", card(1, "Noé"))
    assert (page.status, page.h1) == (200, SEVERAL)
    assert home.states() == {"Ève": "confirmed", "Noé": "declared", "Mia": "declared"}
    names = sorted(("Mia", "Noé"), key=page.text.index)
    browser.fill("lien-1", card(1, names[0]) | card(2, names[1]))
    told(ent, browser)
    assert home.states() == {"Ève": "confirmed", "Noé": "confirmed", "Mia": "confirmed"}


def test_the_right_date_is_not_looked_at_while_one_waits(
    browser: Browser, sandbox: Sandbox, ent: RelyingParty, home: Household
) -> None:
    reach(ent, browser, home.login)
    right = browser.prepare("lien-1", card(1, "Noé"))
    for _ in range(5):
        browser.fill("lien-1", card(1, "Noé", **WRONG))
    assert browser.send(*right).status == 429
    assert home.states()["Noé"] == "declared"
    sandbox.advance(minutes=16)
    browser.send(*right)
    told(ent, browser)


# --- whose it is not ------------------------------------------------------------------------------------------------------------------


def test_not_my_child_is_contested_at_once_and_no_import_brings_it_back(
    browser: Browser, other_browser: Browser, sandbox: Sandbox, ent: RelyingParty, home: Household
) -> None:
    reach(ent, browser, home.login)
    page = browser.fill("lien-1", {"lien-1": "non"})
    assert page.h1 == "Vous n'êtes pas le représentant légal de Noé PRÉAUX ?"
    assert home.states()["Noé"] == "declared", "not before it is confirmed"
    page = browser.fill("Non, revenir à la page précédente")
    assert page.h1 == ONE
    browser.fill("lien-1", {"lien-1": "non"})
    browser.fill("Oui, je confirme")
    told(ent, browser)
    assert home.states()["Noé"] == "contested"
    assert "children.contested" in sandbox.events()
    home.load(home.pupil("Ève"))
    home.load(home.pupil("Ève"), home.pupil("Noé", class_name="4EME C"))
    reach(ent, other_browser, home.login)
    assert "code" in answer_in(other_browser.left_to)
    assert home.states()["Noé"] == "contested"


def test_one_is_hers_and_the_other_is_not(browser: Browser, ent: RelyingParty, home: Household) -> None:
    home.load(home.pupil("Ève"), home.pupil("Noé"), home.pupil("Mia"))
    page = reach(ent, browser, home.login)
    names = sorted(("Mia", "Noé"), key=page.text.index)
    mine, not_mine = names.index("Noé") + 1, names.index("Mia") + 1
    page = browser.fill("lien-1", card(mine, "Noé", **{f"jour-{mine}": "4", f"lien-{not_mine}": "non"}))
    assert page.says(DIFFER), "the other dates come first"
    page = browser.fill("lien-1", card(mine, "Noé", **{f"lien-{not_mine}": "non"}))
    assert page.h1.endswith("Mia PRÉAUX ?")
    browser.fill("Oui, je confirme")
    told(ent, browser)
    assert home.states() == {"Ève": "confirmed", "Noé": "confirmed", "Mia": "contested"}


def test_a_child_whom_the_school_takes_away_before_the_answer_is_confirmed_holds_nobody_up(
    browser: Browser, ent: RelyingParty, home: Household
) -> None:
    home.load(home.pupil("Ève"), home.pupil("Noé"), home.pupil("Mia"))
    page = reach(ent, browser, home.login)
    names = sorted(("Mia", "Noé"), key=page.text.index)
    mine, not_mine = names.index("Noé") + 1, names.index("Mia") + 1
    browser.fill("lien-1", card(mine, "Noé", **{f"lien-{not_mine}": "non"}))
    home.load(home.pupil("Ève"), home.pupil("Noé", when="left"), home.pupil("Mia"))
    page = browser.fill("Oui, je confirme")
    assert page.h1 == ONE, "what is true now"
    assert home.states() == {"Ève": "confirmed", "Mia": "declared"}
    browser.fill("lien-1", {"lien-1": "non"})
    browser.fill("Oui, je confirme")
    told(ent, browser)
    assert home.states() == {"Ève": "confirmed", "Mia": "contested"}


def test_whoever_shares_the_phone_is_asked_nothing_and_told_nothing(
    browser: Browser, sandbox: Sandbox, ent: RelyingParty
) -> None:
    home = Household(sandbox)
    partner = home.guardian("paul", "Paul") | {"records": RECORDS}
    home.load(home.pupil("Ève"), guardians=(home.odile(), partner))
    home.load(home.pupil("Ève"), home.pupil("Noé", guardian="paul"), guardians=(home.odile(), partner))
    reach(ent, browser, home.login)
    told(ent, browser)
    assert home.states() == {"Ève": "confirmed"}
    assert not [one for one in sandbox.events() if one.startswith("children.")]


def test_a_stranger_without_a_session_or_a_form_gets_nothing(
    browser: Browser, other_browser: Browser, ent: RelyingParty, home: Household
) -> None:
    page = reach(ent, browser, home.login)
    assert other_browser.open(page.url).h1 == "Votre démarche s'est arrêtée"
    assert other_browser.open("/enfants").h1 == "Je sélectionne mon profil", "as every page of an account"
    form = page.form("lien-1")
    answer = browser.http.post(form.action, data={**card(1, "Noé"), "jeton": "0-x"}, timeout=20)
    assert answer.status_code == 403
    assert home.states()["Noé"] == "declared"


def test_who_must_confirm_who_she_is_does_so_before_any_answer_about_a_child(
    browser: Browser, sandbox: Sandbox, ent: RelyingParty, home: Household
) -> None:
    sandbox.do("POST", f"people/{home.login}/identity-check")
    page = reach(ent, browser, home.login)
    assert page.h1 == IDENTITY
    for address in ("/enfants", page.url.replace("/identite", "/enfants")):
        assert browser.open(address).h1 == IDENTITY
    browser.fill("Confirmer", {"jour": "11", "mois": "2", "annee": "2013"})
    assert browser.open(ent.authorization_uri()).h1 == ONE


# --- who leaves -----------------------------------------------------------------------------------------------------------------------


def test_a_link_that_the_school_takes_away_is_released_no_more_and_the_person_is_told_once(
    browser: Browser, sandbox: Sandbox, ent: RelyingParty
) -> None:
    home = Household(sandbox)
    records = [{"academy": "10", "degree": 2}]
    odile = home.odile(records=[*RECORDS, *records])
    rose = home.guardian("rose", "Rose") | {"phone": "06 39 98 62 99", "records": records}
    noe = home.pupil("Noé", "saules")
    home.load(home.pupil("Ève"), noe, guardians=(odile, rose))
    reach(ent, browser, home.login)
    assert len(told(ent, browser)["FrEduCtRefId"]) == 2
    gone = home.pupil("Noé", "saules", guardian="rose")
    home.load(home.pupil("Ève"), gone, guardians=(odile, rose))
    home.await_texts(S11)
    browser.open(ent.authorization_uri(prompt="none"))
    claims = told(ent, browser)
    assert len(claims["FrEduCtRefId"]) == 1
    home.load(home.pupil("Ève"), gone | {"class_name": "CM2"}, guardians=(odile, rose))
    assert "children.removed-told" in sandbox.events()
    home.await_texts(S11)
    home.load(home.pupil("Ève"), noe, guardians=(odile, rose))
    browser.open(ent.authorization_uri(prompt="none"))
    assert len(told(ent, browser)["FrEduCtRefId"]) == 2, "back without a second proof"


def test_a_child_who_leaves_the_school_is_released_no_more_and_needs_no_text(
    browser: Browser, sandbox: Sandbox, ent: RelyingParty
) -> None:
    home = Household(sandbox)
    home.load(home.pupil("Ève"), home.pupil("Noé", when="left"))
    reach(ent, browser, home.login)
    assert told(ent, browser)["FrEduCtPersonAffiliation"] == ["resp2d"]
    assert home.states() == {"Ève": "confirmed"}
    assert not [one for one in sandbox.messages(home.e164) if str(one["text"]).startswith(S11)]


def test_the_page_names_the_ent_nowhere_in_its_address(browser: Browser, ent: RelyingParty, home: Household) -> None:
    page = reach(ent, browser, home.login)
    assert "Noé" not in page.url
    assert BORN["Noé"] not in page.url
    assert come_from(ent, browser).h1 == ONE
