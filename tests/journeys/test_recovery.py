"""Getting an account back: the identifiant by SMS, a new password by code and one child's birth date; and who is kept out of it."""

import pytest

from tests.journeys.people import (
    ANGELA,
    JOE,
    KARIM,
    MARIE_HELENE,
    PASSWORD,
    STRANGER,
    Parent,
    activate,
    identity_values,
)
from tests.journeys.visits import come_from, sign_in
from tests.support.browser import Browser
from tests.support.page import Page
from tests.support.relying_party import RelyingParty, answer_in
from tests.support.sandbox import Sandbox

OTHER = "Autre-Secret-77"
LEA, TOM = JOE.children


def date_values(born: tuple[str, str, str]) -> dict[str, str]:
    return dict(zip(("jour", "mois", "annee"), born, strict=True))


def forget_password(browser: Browser, identifiant: str) -> Page:
    """Go as far as the page of the code, from the sign-in page."""
    page = browser.open("/connexion?profil=responsable")
    page = browser.open(page.link("Mot de passe oublié"))
    assert page.h1 == "Mot de passe oublié", page.text
    return browser.fill("identifiant", {"identifiant": identifiant}, button="Continuer")


def reach_date(browser: Browser, sandbox: Sandbox, identifiant: str, parent: Parent = JOE) -> Page:
    """Go as far as the birth date."""
    page = forget_password(browser, identifiant)
    assert page.h1 == "Écrivez le code reçu", page.text
    return browser.fill("code", {"code": sandbox.code(parent.e164)})


def reach_new_password(browser: Browser, sandbox: Sandbox, identifiant: str, parent: Parent = JOE) -> Page:
    """Go as far as the new password."""
    reach_date(browser, sandbox, identifiant, parent)
    return browser.fill("jour", date_values(parent.children[0].born))


def recover(browser: Browser, sandbox: Sandbox, identifiant: str, password: str = OTHER) -> Page:
    """Choose a new password."""
    reach_new_password(browser, sandbox, identifiant)
    return browser.fill("mot-de-passe", {"mot-de-passe": password, "confirmation": password})


def test_joe_chooses_a_new_password_by_sms_and_one_birth_date(
    browser: Browser, other_browser: Browser, sandbox: Sandbox, ent: RelyingParty
) -> None:
    identifiant = activate(browser, sandbox, JOE)
    come_from(ent, other_browser)
    sign_in(other_browser, identifiant)
    tokens = ent.exchange(answer_in(other_browser.left_to)["code"]).json()

    page = reach_date(browser, sandbox, identifiant)
    assert "est votre code pour choisir un nouveau mot de passe." in sandbox.messages(JOE.e164)[0]["text"]
    assert page.h1 == "Date de naissance d'un enfant"
    page = browser.fill("jour", date_values(TOM.born))
    assert page.h1 == "Je choisis un nouveau mot de passe"
    page = browser.fill("mot-de-passe", {"mot-de-passe": OTHER, "confirmation": OTHER})
    assert (page.status, page.h1) == (200, "Votre nouveau mot de passe est enregistré")
    assert page.says("Par sécurité, vos autres appareils ont été déconnectés.")

    assert ent.userinfo(tokens["access_token"]).status_code == 401
    assert come_from(ent, other_browser).h1 == "Je me connecte", "her former session has ended"
    assert sign_in(other_browser, identifiant, PASSWORD).says("Identifiant ou mot de passe incorrect.")
    page = browser.open(page.link("Se connecter"))
    assert sign_in(browser, identifiant, OTHER).h1 == "Vous êtes connecté"
    assert "Votre mot de passe a été changé le " in sandbox.messages(JOE.e164)[0]["text"]
    told = [line["event"] for line in sandbox.audit() if line["event"].startswith(("recovery.", "account."))]
    assert told == ["recovery.asked", "recovery.code-accepted", "recovery.date-accepted", "account.password-changed"]


def forget_identifiant(browser: Browser, parent: Parent, **changes: str) -> Page:
    """Ask for the identifiant."""
    page = browser.open("/connexion?profil=responsable")
    page = browser.open(page.link("Identifiant oublié"))
    assert page.h1 == "Identifiant oublié", page.text
    return browser.fill("nom", identity_values(parent, **changes), button="Recevoir mon identifiant")


def test_joe_gets_his_identifiant_by_sms(browser: Browser, sandbox: Sandbox) -> None:
    identifiant = activate(browser, sandbox, JOE)
    page = forget_identifiant(browser, JOE)
    assert (page.status, page.h1) == (200, "Regardez vos messages")
    assert page.says("Si un compte existe avec ce nom et ce numéro, le message contient votre identifiant.")
    assert identifiant not in page.html
    assert sandbox.messages(JOE.e164)[0]["text"] == (
        f"Votre identifiant pour le compte de l'école : {identifiant}. Vous n'avez rien demandé ? Ignorez ce message. SIMULATEUR."
    )
    [line] = sandbox.audit(event="recovery.identifiant-asked")
    assert line["details"]["outcome"] == "told"
    assert browser.open(page.link("Revenir à la connexion")).h1 in {"Je me connecte", "Je sélectionne mon profil"}


@pytest.mark.parametrize("parent", [STRANGER, ANGELA], ids=["unknown", "known to the school, without an account"])
def test_whoever_has_no_account_reads_so_in_the_text_alone(browser: Browser, sandbox: Sandbox, parent: Parent) -> None:
    page = forget_identifiant(browser, parent)
    assert page.h1 == "Regardez vos messages"
    assert sandbox.messages(parent.e164)[0]["text"].startswith(
        "Nous ne trouvons pas de compte avec ce nom et ce numéro."
    )
    browser.open("/identifiant-oublie")
    browser.fill("nom", identity_values(parent), button="Recevoir mon identifiant")
    assert len(sandbox.messages(parent.e164)) == 1, "once a day"


@pytest.mark.parametrize("changes", [{"nom": "DURAND"}, {"prenom": "Ada"}, {"telephone": "06 39 98 77 01"}])
def test_an_identifiant_is_told_to_its_own_number_and_names_alone(
    browser: Browser, sandbox: Sandbox, changes: dict[str, str]
) -> None:
    identifiant = activate(browser, sandbox, JOE)
    before = len(sandbox.messages(JOE.e164))
    forget_identifiant(browser, JOE, **changes)
    number = "+33639987701" if "telephone" in changes else JOE.e164
    texts = [str(one["text"]) for one in sandbox.messages(number)]
    assert texts[0].startswith("Nous ne trouvons pas de compte avec ce nom et ce numéro.")
    assert len(sandbox.messages(JOE.e164)) == before + (number == JOE.e164)
    assert identifiant not in texts[0]
    [line] = sandbox.audit(event="recovery.identifiant-asked")
    assert (line["details"]["outcome"], line.get("account_id")) == ("nobody", None)


def test_what_was_typed_may_be_corrected(browser: Browser, sandbox: Sandbox) -> None:
    activate(browser, sandbox, JOE)
    page = forget_identifiant(browser, JOE, telephone="06 39 98 77 01")
    page = browser.open(page.link("Corriger mes informations"))
    assert page.form("nom").values["telephone"] == "06 39 98 77 01"
    browser.fill("nom", identity_values(JOE), button="Recevoir mon identifiant")
    assert sandbox.messages(JOE.e164)[0]["text"].startswith("Votre identifiant pour le compte de l'école")


def test_a_name_that_is_none_is_told_beside_its_field(browser: Browser, sandbox: Sandbox) -> None:
    page = forget_identifiant(browser, JOE, nom="", telephone="06 39")
    assert (page.status, page.h1) == (422, "Identifiant oublié")
    assert page.says("Écrivez votre nom.")
    assert sandbox.events() == []


# --- who is kept out -------------------------------------------------------------------------------------------------------------


def test_a_stranger_with_the_phone_list_gets_the_same_pages_and_opens_nothing(
    browser: Browser, sandbox: Sandbox
) -> None:
    """He knows an identifiant and the birth dates, and has no phone: the code page is as far as he comes, known or not."""
    identifiant = activate(browser, sandbox, JOE)
    for asked in (identifiant, "p.inconnu1234"):
        thief = Browser(browser.base)
        forget_password(thief, asked)
        for left in range(4, 0, -1):
            page = thief.fill("code", {"code": "000000"})
            assert (page.status, page.h1) == (422, "Écrivez le code reçu")
            assert page.says(f"Il vous reste {left} essai")
        page = thief.fill("code", {"code": "000000"})
        assert (page.status, page.h1) == (429, "Il y a eu trop d'essais")
        assert thief.open("/mot-de-passe-oublie/date-de-naissance").h1 == "Il y a eu trop d'essais"
        assert thief.open("/mot-de-passe-oublie/nouveau").h1 == "Il y a eu trop d'essais"
    assert sandbox.events(event="recovery.code-accepted") == []
    assert sandbox.events(event="account.password-changed") == []


def test_an_ex_partner_with_the_birth_dates_and_her_own_account_gets_no_further(
    browser: Browser, other_browser: Browser, sandbox: Sandbox
) -> None:
    """Her code is for her account: it opens no other one, whatever she knows."""
    theirs, hers = activate(browser, sandbox, KARIM), activate(other_browser, sandbox, MARIE_HELENE)
    forget_password(other_browser, hers)
    code = sandbox.code(MARIE_HELENE.e164)
    forget_password(browser, theirs)
    page = browser.fill("code", {"code": code})
    assert page.says("Ce code n'est pas le bon.")


def test_whoever_holds_the_phone_without_a_birth_date_is_stopped_after_five_tries_and_ten_a_day(
    browser: Browser, sandbox: Sandbox
) -> None:
    identifiant = activate(browser, sandbox, JOE)
    reach_date(browser, sandbox, identifiant)
    for left in range(4, 0, -1):
        page = browser.fill("jour", date_values(("01", "01", "2010")))
        assert (page.status, page.h1) == (422, "Date de naissance d'un enfant")
        assert page.says(f"Cette date ne correspond pas. Il vous reste {left} essai")
        assert not {"Léa", "Tom"} & set(page.text.split()), "no child is named"
        assert page.form("jour").values["annee"] == "2010"
    page = browser.fill("jour", date_values(("01", "01", "2010")))
    assert (page.status, page.h1) == (429, "Il y a eu trop d'essais")
    assert page.says("L'école peut vérifier la date de naissance enregistrée.")

    sandbox.advance(minutes=16)
    browser.open("/mot-de-passe-oublie")
    browser.fill("identifiant", {"identifiant": identifiant}, button="Continuer")
    browser.fill("code", {"code": sandbox.code(JOE.e164)})
    for _ in range(4):
        assert browser.fill("jour", date_values(("02", "01", "2010"))).status == 422
    assert browser.fill("jour", date_values(("02", "01", "2010"))).status == 429
    sandbox.advance(minutes=16)
    page = reach_date(Browser(browser.base), sandbox, identifiant)
    assert page.status == 429, "the day's ten are of the account, whatever the browser and the code"
    sandbox.advance(minutes=24 * 60)
    page = reach_date(Browser(browser.base), sandbox, identifiant)
    assert page.h1 == "Date de naissance d'un enfant"


def test_wrong_dates_of_an_activation_and_of_a_recovery_are_counted_together(
    browser: Browser, sandbox: Sandbox
) -> None:
    identifiant = activate(browser, sandbox, ANGELA)
    reach_date(browser, sandbox, identifiant, ANGELA)
    for _ in range(4):
        browser.fill("jour", date_values(("01", "01", "2010")))
    [counter] = sandbox.person(identifiant)["wrong"]
    assert (counter["what"], counter["used"]) == ("birth-dates", 4)


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        (("", "", ""), "Écrivez la date de naissance."),
        (("12", "", "2012"), "Il manque le mois de naissance."),
        (("31", "02", "2012"), "Cette date n'existe pas."),
        (("12", "04", "2090"), "Cette date est dans le futur."),
    ],
)
def test_a_date_that_is_none_costs_no_try(
    browser: Browser, sandbox: Sandbox, typed: tuple[str, str, str], says: str
) -> None:
    identifiant = activate(browser, sandbox, JOE)
    reach_date(browser, sandbox, identifiant)
    page = browser.fill("jour", date_values(typed))
    assert page.status == 422
    assert page.says(says)
    assert sandbox.events(event="recovery.date-wrong") == []
    assert browser.fill("jour", date_values(LEA.born)).h1 == "Je choisis un nouveau mot de passe"


def test_the_birth_date_of_a_child_of_another_account_is_worth_nothing(browser: Browser, sandbox: Sandbox) -> None:
    identifiant = activate(browser, sandbox, JOE)
    reach_date(browser, sandbox, identifiant)
    page = browser.fill("jour", date_values(ANGELA.children[0].born))
    assert page.says("Cette date ne correspond pas.")


def test_a_step_cannot_be_skipped(browser: Browser, sandbox: Sandbox) -> None:
    identifiant = activate(browser, sandbox, JOE)
    forget_password(browser, identifiant)
    for page in ("date-de-naissance", "nouveau", "termine", "continuer"):
        assert browser.open(f"/mot-de-passe-oublie/{page}").h1 == "Écrivez le code reçu"


def test_a_code_is_good_for_thirty_minutes_once_and_the_last_one_alone(browser: Browser, sandbox: Sandbox) -> None:
    identifiant = activate(browser, sandbox, JOE)
    forget_password(browser, identifiant)
    first = sandbox.code(JOE.e164)
    page = browser.fill("Envoyer un nouveau code")
    assert page.says("Un SMS est déjà parti.")
    sandbox.advance(minutes=2)
    browser.refresh()
    assert browser.fill("Envoyer un nouveau code").says("Un nouveau SMS est parti.")
    second = sandbox.code(JOE.e164)
    assert browser.fill("code", {"code": first}).says("Ce code n'est pas le bon.")
    sandbox.advance(minutes=31)
    assert browser.fill("code", {"code": second}).says("Ce code n'est plus valable")


def test_a_form_made_for_another_browser_is_refused(browser: Browser, other_browser: Browser, sandbox: Sandbox) -> None:
    identifiant = activate(browser, sandbox, JOE)
    forget_password(browser, identifiant)
    action, values = browser.prepare("code", {"code": sandbox.code(JOE.e164)})
    other_browser.open("/mot-de-passe-oublie")
    page = other_browser.send(action, values)
    assert (page.status, page.h1) == (403, "Cette page était ouverte depuis trop longtemps")
    assert sandbox.events(event="recovery.code-accepted") == []


def test_a_lost_cookie_says_how_to_begin_again(browser: Browser, sandbox: Sandbox) -> None:
    identifiant = activate(browser, sandbox, JOE)
    forget_password(browser, identifiant)
    browser.http.cookies.clear()
    page = browser.refresh()
    assert (page.status, page.h1) == (400, "Votre démarche s'est arrêtée")
    assert browser.open(page.link("Recommencer")).h1 == "Mot de passe oublié"


def test_a_cookie_planted_in_a_browser_is_worth_nothing_after_the_code(browser: Browser, sandbox: Sandbox) -> None:
    identifiant = activate(browser, sandbox, JOE)
    forget_password(browser, identifiant)
    planted = browser.http.cookies.get_dict()
    browser.fill("code", {"code": sandbox.code(JOE.e164)})
    thief = Browser(browser.base)
    thief.http.cookies.update(planted)
    assert thief.open("/mot-de-passe-oublie/date-de-naissance").status == 400


def test_whoever_has_a_copy_of_the_cookie_from_before_the_date_guesses_once(browser: Browser, sandbox: Sandbox) -> None:
    reach_date(browser, sandbox, activate(browser, sandbox, JOE))
    action, right = browser.prepare("jour", date_values(LEA.born))
    thief = Browser(browser.base)
    former = browser.http.cookies.copy()
    browser.send(action, right)
    thief.http.cookies = former.copy()
    assert thief.send(action, {**right, "annee": "1999"}).status == 400
    thief.http.cookies = former.copy()
    assert thief.send(action, right).status == 400, "nor is the right one taken any more"
    assert browser.fill("mot-de-passe", {"mot-de-passe": OTHER, "confirmation": OTHER}).status == 200


def test_a_doubled_form_does_its_act_once_and_gets_the_same_answer(browser: Browser, sandbox: Sandbox) -> None:
    identifiant = activate(browser, sandbox, JOE)
    before = len(sandbox.messages(JOE.e164))
    browser.open("/mot-de-passe-oublie")
    action, values = browser.prepare("identifiant", {"identifiant": identifiant}, button="Continuer")
    for _ in range(2):
        assert browser.send(action, values).h1 == "Écrivez le code reçu"
    assert len(sandbox.messages(JOE.e164)) == before + 1
    action, values = browser.prepare("code", {"code": "000000"})
    for _ in range(2):
        assert browser.send(action, values).says("Il vous reste 4 essais.")
    browser.fill("code", {"code": sandbox.code(JOE.e164)})
    browser.fill("jour", date_values(LEA.born))
    action, values = browser.prepare("mot-de-passe", {"mot-de-passe": OTHER, "confirmation": OTHER})
    for _ in range(2):
        assert browser.send(action, values).h1 == "Votre nouveau mot de passe est enregistré"
    assert sandbox.events(event="account.password-changed") == ["account.password-changed"]


def test_a_second_tab_joins_and_a_step_that_is_done_says_so(browser: Browser, sandbox: Sandbox) -> None:
    identifiant = activate(browser, sandbox, JOE)
    reach_date(browser, sandbox, identifiant)
    assert browser.open("/mot-de-passe-oublie").h1 == "Date de naissance d'un enfant"
    page = browser.open("/mot-de-passe-oublie/code")
    assert page.h1 == "Date de naissance d'un enfant"
    assert page.says("Cette étape est déjà faite.")


def test_cancel_erases_what_was_typed(browser: Browser, sandbox: Sandbox) -> None:
    identifiant = activate(browser, sandbox, JOE)
    forget_password(browser, identifiant)
    assert browser.fill("Annuler").h1 == "Je sélectionne mon profil"
    assert browser.open("/mot-de-passe-oublie").form("identifiant").values["identifiant"] == ""


def test_a_password_that_does_not_do_is_refused_and_never_shown_again(browser: Browser, sandbox: Sandbox) -> None:
    identifiant = activate(browser, sandbox, JOE)
    reach_new_password(browser, sandbox, identifiant)
    page = browser.fill("mot-de-passe", {"mot-de-passe": "Dupont-Bleu-42", "confirmation": "Dupont-Bleu-43"})
    assert page.status == 422
    assert page.says("Votre mot de passe contient votre nom, votre prénom ou celui d'un enfant.")
    assert page.says("Les deux mots de passe sont différents.")
    assert "Dupont-Bleu" not in page.html
    page = browser.fill("mot-de-passe", {"mot-de-passe": OTHER, "confirmation": OTHER})
    assert page.h1 == "Votre nouveau mot de passe est enregistré"


def test_whoever_tried_wrong_passwords_need_not_wait_with_the_new_one(browser: Browser, sandbox: Sandbox) -> None:
    identifiant = activate(browser, sandbox, JOE)
    browser.open("/connexion?profil=responsable")
    for number in range(6):
        page = sign_in(browser, identifiant, f"Pas-le-Bon-{number}")
    assert page.says("ou choisissez un nouveau mot de passe avec")
    recover(browser, sandbox, identifiant)
    browser.open("/connexion?profil=responsable")
    assert sign_in(browser, identifiant, OTHER).h1 == "Vous êtes connecté"


def test_of_two_recoveries_the_second_ends_where_the_first_chose_a_password(
    browser: Browser, other_browser: Browser, sandbox: Sandbox
) -> None:
    """A thief with the phone for a minute, and its owner: whoever comes second proves everything again."""
    identifiant = activate(browser, sandbox, JOE)
    reach_new_password(other_browser, sandbox, identifiant)
    recover(browser, sandbox, identifiant)
    page = other_browser.fill(
        "mot-de-passe", {"mot-de-passe": "Encore-Un-Autre-9", "confirmation": "Encore-Un-Autre-9"}
    )
    assert page.h1 == "Mot de passe oublié"
    assert sandbox.events(event="account.password-changed") == ["account.password-changed"]
    browser.open("/connexion?profil=responsable")
    assert sign_in(browser, identifiant, OTHER).h1 == "Vous êtes connecté"


def test_an_identifiant_has_five_messages_an_hour_known_or_not(browser: Browser, sandbox: Sandbox) -> None:
    identifiant = activate(browser, sandbox, JOE)
    for asked in (identifiant, "p.inconnu1234"):
        pages = [forget_password(Browser(browser.base), asked) for _ in range(6)]
        assert [page.status for page in pages] == [200] * 5 + [429]
        assert pages[-1].h1 == "Il y a eu trop d'essais"
    sent = [one for one in sandbox.messages(JOE.e164) if "pour choisir un nouveau mot de passe" in one["text"]]
    assert len(sent) == 5


def test_a_tester_lets_a_code_run_out_and_whoever_is_locked_go_on(browser: Browser, sandbox: Sandbox) -> None:
    identifiant = activate(browser, sandbox, JOE)
    forget_password(browser, identifiant)
    assert sandbox.do("POST", "people/expire-code", phone=ANGELA.e164) == {"expired": 0}
    assert sandbox.do("POST", "people/expire-code", phone=JOE.e164) == {"expired": 1}
    assert sandbox.do("POST", "people/expire-code", phone=JOE.e164) == {"expired": 0}
    assert browser.fill("code", {"code": sandbox.code(JOE.e164)}).says("Ce code n'est plus valable")
    sandbox.advance(minutes=2)
    browser.refresh()
    browser.fill("Envoyer un nouveau code")
    for _ in range(5):
        page = browser.fill("code", {"code": "000000"})
    assert page.status == 429
    sandbox.do("POST", f"people/{identifiant}/unlock")
    assert browser.open("/mot-de-passe-oublie").h1 == "Mot de passe oublié"
