"""Activation by SMS, as parents live it: the straight road, and the ways back."""

from tests.journeys.people import (
    ANGELA,
    JOE,
    KARIM,
    MARIE_HELENE,
    PASSWORD,
    activate,
    identifiant_in,
    identity_values,
    kinship_values,
    reach_code,
    reach_identity,
    reach_kinship,
    reach_password,
)
from tests.support.browser import Browser
from tests.support.sandbox import Sandbox


def test_joe_activates_his_account_with_two_pupils(browser: Browser, sandbox: Sandbox) -> None:
    page = reach_identity(browser)
    assert (page.status, page.h1) == (200, "Je confirme mon identité")

    page = browser.fill("nom", identity_values(JOE), button="Continuer")
    assert page.h1 == "Un code de sécurité a été envoyé"
    assert page.says("+33 6 •• •• •• 01")
    [sms] = sandbox.messages(JOE.e164)
    assert "est votre code de sécurité pour activer votre compte parent. Valable 30 min." in sms["text"]

    page = browser.fill("code", {"code": sandbox.code(JOE.e164)})
    assert page.h1 == "Je confirme mon lien avec les élèves"
    assert page.says("L'école a indiqué que vous êtes responsable de 2 élèves.")

    page = browser.fill("lien-1", kinship_values(page, JOE))
    assert page.h1 == "Je choisis mon mot de passe"

    page = browser.fill("mot-de-passe", {"mot-de-passe": PASSWORD, "confirmation": PASSWORD})
    assert page.h1 == "Votre compte a été activé avec succès"
    assert page.says("Léa DUPONT")
    assert page.says("Tom DUPONT")
    identifiant = identifiant_in(sandbox.messages(JOE.e164)[0]["text"])
    assert page.says(identifiant)
    assert identifiant.startswith("j.dupont")
    assert sandbox.events() == [
        "activation.identity",
        "activation.code-accepted",
        "activation.kinship-proved",
        "activation.account-made",
    ]


def test_angela_may_write_all_her_first_names(browser: Browser, sandbox: Sandbox) -> None:
    reach_code(browser, ANGELA, prenom="Angela Claire Louise")
    page = browser.fill("code", {"code": sandbox.code(ANGELA.e164)})
    assert page.says("Zoé DUBOIS")


def test_marie_helene_may_write_her_birth_name_or_her_usage_name(
    browser: Browser, other_browser: Browser, sandbox: Sandbox
) -> None:
    for one, name in ((browser, "Le Goff"), (other_browser, "martin")):
        reach_code(one, MARIE_HELENE, nom=name, prenom="marie helene")
        page = one.fill("code", {"code": sandbox.code(MARIE_HELENE.e164)})
        assert page.h1 == "Je confirme mon lien avec les élèves"


def test_separated_parents_each_have_their_own_account(
    browser: Browser, other_browser: Browser, sandbox: Sandbox
) -> None:
    first = activate(browser, sandbox, MARIE_HELENE)
    second = activate(other_browser, sandbox, KARIM)
    assert first.startswith("m.martin")
    assert second.startswith("k.benali")


def test_no_school_is_shown_before_the_dates_are_right(browser: Browser, sandbox: Sandbox) -> None:
    page = reach_kinship(browser, sandbox, JOE)
    assert "Collège" not in page.html
    assert "Lycée" not in page.html
    page = browser.fill("lien-1", kinship_values(page, JOE))
    page = browser.fill("mot-de-passe", {"mot-de-passe": PASSWORD, "confirmation": PASSWORD})
    assert "Collège" in page.html


def test_back_to_the_identity_keeps_what_was_typed_and_a_new_number_gets_a_new_code(
    browser: Browser, sandbox: Sandbox
) -> None:
    reach_code(browser, JOE, telephone=ANGELA.number)
    page = browser.open("/activation/identite")
    assert page.form("nom").values["nom"] == "DUPONT"
    browser.fill("nom", identity_values(JOE), button="Continuer")
    page = browser.fill("code", {"code": sandbox.code(JOE.e164)})
    assert page.h1 == "Je confirme mon lien avec les élèves"


def test_going_back_to_a_step_that_is_done_says_so_and_goes_on(browser: Browser, sandbox: Sandbox) -> None:
    reach_kinship(browser, sandbox, JOE)
    for done in ("/activation/identite", "/activation/code"):
        page = browser.open(done)
        assert page.h1 == "Je confirme mon lien avec les élèves"
        assert page.says("Cette étape est déjà faite. Continuez ici.")


def test_refreshing_a_page_changes_nothing_and_sends_nothing(browser: Browser, sandbox: Sandbox) -> None:
    reach_code(browser, JOE)
    for _ in range(3):
        assert browser.refresh().h1 == "Un code de sécurité a été envoyé"
    assert len(sandbox.messages(JOE.e164)) == 1


def test_a_second_tab_joins_the_same_step(browser: Browser, sandbox: Sandbox) -> None:
    reach_kinship(browser, sandbox, JOE)
    assert browser.open("/activation").h1 == "Je confirme mon lien avec les élèves"


def test_a_step_taken_in_one_tab_is_done_in_the_other(browser: Browser, sandbox: Sandbox) -> None:
    page = reach_kinship(browser, sandbox, JOE)
    first_tab = browser.prepare("lien-1", kinship_values(page, JOE))
    second_tab = browser.prepare("lien-1", kinship_values(page, JOE, **{"jour-1": " 12"}))
    browser.send(*first_tab)
    page = browser.send(*second_tab)
    assert page.h1 == "Je choisis mon mot de passe"
    assert page.says("Cette étape est déjà faite. Continuez ici.")


def test_a_double_click_sends_one_sms(browser: Browser, sandbox: Sandbox) -> None:
    reach_identity(browser)
    twice = browser.prepare("nom", identity_values(JOE), button="Continuer")
    for _ in range(2):
        assert browser.send(*twice).h1 == "Un code de sécurité a été envoyé"
    assert len(sandbox.messages(JOE.e164)) == 1


def test_a_double_click_on_the_code_counts_one_try(browser: Browser, sandbox: Sandbox) -> None:
    reach_code(browser, JOE)
    wrong = "000000" if sandbox.code(JOE.e164) != "000000" else "111111"
    twice = browser.prepare("code", {"code": wrong})
    for _ in range(2):
        page = browser.send(*twice)
        assert page.status == 422
        assert page.says("Il vous reste 4 essais.")


def test_a_double_click_on_the_last_button_makes_one_account(browser: Browser, sandbox: Sandbox) -> None:
    reach_password(browser, sandbox, JOE)
    twice = browser.prepare("mot-de-passe", {"mot-de-passe": PASSWORD, "confirmation": PASSWORD})
    for _ in range(2):
        assert browser.send(*twice).h1 == "Votre compte a été activé avec succès"
    assert sandbox.events(event="activation.account-made") == ["activation.account-made"]


def test_the_repeat_of_a_post_whose_answer_was_lost_gets_the_same_answer(browser: Browser, sandbox: Sandbox) -> None:
    reach_code(browser, JOE)
    twice = browser.prepare("code", {"code": sandbox.code(JOE.e164)})
    before = browser.http.cookies.copy()
    browser.send(*twice)
    browser.http.cookies = before  # the answer, and the new cookie in it, never arrived
    assert browser.send(*twice).h1 == "Je confirme mon lien avec les élèves"


def test_whoever_has_a_copy_of_the_cookie_from_before_the_code_guesses_once(browser: Browser, sandbox: Sandbox) -> None:
    reach_code(browser, JOE)
    action, right = browser.prepare("code", {"code": sandbox.code(JOE.e164)})
    thief = Browser(browser.base)
    former = browser.http.cookies.copy()
    browser.send(action, right)
    thief.http.cookies = former.copy()
    wrong = "000000" if right["code"] != "000000" else "000001"
    assert thief.send(action, {**right, "code": wrong}).status == 400
    thief.http.cookies = former.copy()
    assert thief.send(action, right).status == 400, "nor is the right one taken any more"
    assert browser.refresh().h1 == "Je confirme mon lien avec les élèves"


def test_two_browsers_on_one_activation_make_one_account(
    browser: Browser, other_browser: Browser, sandbox: Sandbox
) -> None:
    reach_password(browser, sandbox, JOE)
    reach_password(other_browser, sandbox, JOE)
    page = browser.fill("mot-de-passe", {"mot-de-passe": PASSWORD, "confirmation": PASSWORD})
    identifiant = identifiant_in(sandbox.messages(JOE.e164)[0]["text"])
    page = other_browser.fill("mot-de-passe", {"mot-de-passe": PASSWORD, "confirmation": PASSWORD})
    assert page.h1 == "Votre compte est déjà activé"
    assert page.says(identifiant)
    assert sandbox.events(event="activation.account-made") == ["activation.account-made"]


def test_somebody_already_active_reads_so_after_code_and_dates_and_nothing_is_duplicated(
    browser: Browser, other_browser: Browser, sandbox: Sandbox
) -> None:
    identifiant = activate(browser, sandbox, JOE)
    page = reach_kinship(other_browser, sandbox, JOE)
    assert identifiant not in page.html
    page = other_browser.fill("lien-1", kinship_values(page, JOE))
    assert page.h1 == "Votre compte est déjà activé"
    assert page.says(identifiant)
    assert sandbox.events(event="activation.account-made") == ["activation.account-made"]


def test_somebody_already_active_may_set_a_new_password(
    browser: Browser, other_browser: Browser, sandbox: Sandbox
) -> None:
    identifiant = activate(browser, sandbox, JOE)
    page = reach_kinship(other_browser, sandbox, JOE)
    other_browser.fill("lien-1", kinship_values(page, JOE))
    page = other_browser.fill("Mot de passe oublié")
    assert page.h1 == "Je choisis un nouveau mot de passe"
    page = other_browser.fill("mot-de-passe", {"mot-de-passe": "Autre-Secret-77", "confirmation": "Autre-Secret-77"})
    assert page.h1 == "Votre nouveau mot de passe est enregistré"
    assert page.says(identifiant)
    assert "Votre mot de passe a été changé le " in sandbox.messages(JOE.e164)[0]["text"]
    assert sandbox.events(event="account.password-changed") == ["account.password-changed"]


def test_the_last_page_stays_for_fifteen_minutes(browser: Browser, sandbox: Sandbox) -> None:
    activate(browser, sandbox, ANGELA)
    sandbox.advance(minutes=14)
    assert browser.refresh().h1 == "Votre compte a été activé avec succès"
    sandbox.advance(minutes=2)
    page = browser.refresh()
    assert page.says("Votre démarche est terminée. Vous pouvez vous connecter.")


def test_cancel_erases_what_was_typed(browser: Browser, sandbox: Sandbox) -> None:
    del sandbox
    reach_code(browser, JOE)
    page = browser.fill("Annuler")
    assert page.h1 == "Je sélectionne mon profil"
    assert reach_identity(browser).form("nom").values["nom"] == ""


def test_a_journey_interrupted_for_too_long_says_how_to_begin_again(browser: Browser, sandbox: Sandbox) -> None:
    reach_kinship(browser, sandbox, JOE)
    sandbox.advance(minutes=121)
    page = browser.refresh()
    assert (page.status, page.h1) == (400, "Votre démarche s'est arrêtée")
    assert browser.open(page.link("Recommencer")).status == 200


def test_a_password_with_an_accent_is_the_same_from_whatever_keyboard(
    browser: Browser, other_browser: Browser, sandbox: Sandbox
) -> None:
    """Chosen where the accent is a sign of its own, typed later where it is not (Unicode NFD and NFC)."""
    identifiant = activate(browser, sandbox, JOE, "E\u0301cole-Bleue-42")
    page = other_browser.open("/connexion")
    other_browser.open(page.link("Responsable d'élève"))
    other_browser.fill("j_username", {"j_username": identifiant, "j_password": "\u00c9cole-Bleue-42"})
    assert "sign-in.accepted" in sandbox.events()
