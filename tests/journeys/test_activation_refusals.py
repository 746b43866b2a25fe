"""Activation by SMS when the wrong thing is tried at each step."""

import pytest

from tests.journeys.people import (
    ANGELA,
    JOE,
    PASSWORD,
    STRANGER,
    activate,
    identity_values,
    kinship_values,
    reach_code,
    reach_identity,
    reach_kinship,
    reach_password,
)
from tests.support.browser import Browser
from tests.support.page import Page
from tests.support.sandbox import Sandbox


def without_what_varies(page: Page) -> str:
    """Return a page's words without the form's token and the reference, which are drawn for each browser."""
    html = page.html
    for form in page.forms:
        html = html.replace(form.values.get("jeton", "\0"), "JETON")
    return html


def headers_but_date(page: Page) -> list[tuple[str, str]]:
    """Return a page's headers in the order in which the server sent them."""
    return [(name, value) for name, value in page.headers.items() if name.lower() != "date"]


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"nom": ""}, "Écrivez votre nom."),
        ({"prenom": ""}, "Écrivez votre prénom."),
        ({"nom": "DUP0NT"}, "Votre nom contient un chiffre ou un signe. Vérifiez-le."),
        ({"nom": "D" * 101}, "Votre nom est trop long : 100 caractères au maximum."),
        ({"telephone": ""}, "Écrivez votre numéro de téléphone portable."),
        ({"telephone": "06 39 98 00"}, "Ce numéro a 8 chiffres."),
        ({"telephone": "06 39 98 00 0O"}, "Le numéro contient une lettre. Écrivez seulement des chiffres."),
        ({"telephone": "01 99 00 12 34"}, "Ce numéro est celui d'un téléphone fixe."),
        ({"indicatif": "other"}, "Écrivez le numéro avec + et l'indicatif du pays, par exemple +32."),
    ],
)
def test_a_form_that_is_wrong_keeps_what_was_typed_and_says_what_to_do(
    browser: Browser, typed: dict[str, str], sentence: str
) -> None:
    reach_identity(browser)
    values = identity_values(JOE, **typed)
    page = browser.fill("nom", values, button="Continuer")
    assert page.status == 422
    assert page.title.startswith("Erreur :")
    assert any(sentence in line for line in page.summary), page.summary
    assert page.text.count(sentence) == 2, "once in the summary, once beside the field"
    kept = page.form("nom").values
    assert {name: kept[name] for name in values} == values


def test_a_wrong_name_or_number_leads_to_the_same_page_as_a_right_one(
    browser: Browser, other_browser: Browser, sandbox: Sandbox
) -> None:
    known = reach_code(browser, JOE)
    unknown = reach_code(other_browser, JOE, nom="DURAND")
    assert without_what_varies(unknown).replace("\n", "") == without_what_varies(known).replace("\n", "")
    assert headers_but_date(unknown) == headers_but_date(known)
    assert other_browser.history == browser.history
    newest = sandbox.messages(JOE.e164)[0]["text"]
    assert newest.startswith("Nous ne pouvons pas activer votre compte : l'école n'a pas ce numéro avec ce nom.")


def test_the_text_for_an_unknown_person_goes_out_once_a_day(browser: Browser, sandbox: Sandbox) -> None:
    for _ in range(3):
        reach_code(browser, STRANGER)
        browser.fill("Annuler")
    assert len(sandbox.messages(STRANGER.e164)) == 1


def test_the_code_of_somebody_unknown_has_five_tries_too(browser: Browser) -> None:
    reach_code(browser, STRANGER)
    for left in (4, 3, 2):
        assert browser.fill("code", {"code": "123456"}).says(f"Il vous reste {left} essais.")
    assert browser.fill("code", {"code": "123456"}).says("Il vous reste 1 essai.")
    page = browser.fill("code", {"code": "123456"})
    assert (page.status, page.h1) == (429, "Il y a eu trop d'essais")


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("", "Écrivez le code de sécurité reçu par SMS."),
        ("12345", "Le code a 6 chiffres. Vous en avez écrit 5."),
        ("12E456", "Le code contient seulement des chiffres."),
    ],
)
def test_a_code_that_has_not_the_form_of_one_uses_no_try(browser: Browser, typed: str, sentence: str) -> None:
    reach_code(browser, JOE)
    page = browser.fill("code", {"code": typed})
    assert page.status == 422
    assert page.says(sentence)
    assert browser.fill("code", {"code": "000000"}).says("Il vous reste 4 essais.")


def test_a_code_may_be_pasted_with_spaces(browser: Browser, sandbox: Sandbox) -> None:
    reach_code(browser, JOE)
    code = sandbox.code(JOE.e164)
    page = browser.fill("code", {"code": f" {code[:3]} {code[3:]}"})
    assert page.h1 == "Je confirme mon lien avec les élèves"


def test_a_code_is_good_for_thirty_minutes(browser: Browser, sandbox: Sandbox) -> None:
    reach_code(browser, JOE)
    code = sandbox.code(JOE.e164)
    sandbox.advance(minutes=31)
    page = browser.fill("code", {"code": code})
    assert page.status == 422
    assert page.says("Ce code n'est plus valable : les 30 minutes sont passées. Demandez un nouveau code.")
    browser.fill("Envoyer un nouveau code")
    page = browser.fill("code", {"code": sandbox.code(JOE.e164)})
    assert page.h1 == "Je confirme mon lien avec les élèves"


def test_the_sixth_try_is_refused_even_with_the_right_code(browser: Browser, sandbox: Sandbox) -> None:
    reach_code(browser, JOE)
    code = sandbox.code(JOE.e164)
    wrong = "000000" if code != "000000" else "111111"
    right = browser.prepare("code", {"code": code})
    for _ in range(5):
        page = browser.send(*browser.prepare("code", {"code": wrong}))
    assert (page.status, page.h1) == (429, "Il y a eu trop d'essais")
    assert int(page.headers["Retry-After"]) <= 15 * 60
    assert browser.send(*right).status == 429
    assert sandbox.events(event="activation.code-accepted") == []


def test_a_used_code_opens_nothing_a_second_time(browser: Browser, other_browser: Browser, sandbox: Sandbox) -> None:
    reach_code(browser, JOE)
    code = sandbox.code(JOE.e164)
    browser.fill("code", {"code": code})
    reach_code(other_browser, JOE)
    page = other_browser.fill("code", {"code": code})
    assert page.says("Ce code n'est pas le bon."), "a code belongs to the browser that asked for it"


def test_a_new_code_may_be_asked_for_after_sixty_seconds(browser: Browser, sandbox: Sandbox) -> None:
    reach_code(browser, JOE)
    first = sandbox.code(JOE.e164)
    page = browser.fill("Envoyer un nouveau code")
    assert page.says("Un SMS est déjà parti. Vous pourrez en demander un autre dans")
    assert len(sandbox.messages(JOE.e164)) == 1
    sandbox.advance(seconds=61)
    page = browser.fill("Envoyer un nouveau code")
    assert page.says("Un nouveau SMS est parti. Utilisez le code du dernier SMS.")
    assert len(sandbox.messages(JOE.e164)) == 2
    second = sandbox.code(JOE.e164)
    if first != second:
        assert browser.fill("code", {"code": first}).status == 422


def test_one_number_gets_at_most_five_texts_an_hour(browser: Browser, sandbox: Sandbox) -> None:
    for _ in range(5):
        reach_code(browser, JOE)
        browser.fill("Annuler")
    page = reach_code(browser, JOE)
    assert (page.status, page.h1) == (429, "Il y a eu trop d'essais")
    assert len(sandbox.messages(JOE.e164)) == 5


def test_a_wrong_birth_date_marks_every_date_alike(browser: Browser, sandbox: Sandbox) -> None:
    page = reach_kinship(browser, sandbox, JOE)
    page = browser.fill("lien-1", kinship_values(page, JOE, **{"jour-2": "28"}))
    assert page.status == 422
    assert page.says("Au moins une date n'est pas celle que l'école connaît. Vérifiez toutes les dates.")
    assert page.says("Il vous reste 4 essais.")
    assert page.text.count("Vérifiez cette date.") >= 2
    assert page.form("lien-1").values["jour-2"] == "28"


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"lien-1": ""}, "Choisissez une réponse pour"),
        ({"jour-1": "", "mois-1": "", "annee-1": ""}, "Écrivez la date de naissance de"),
        ({"mois-1": ""}, "Il manque le mois de naissance de"),
        ({"jour-1": "31", "mois-1": "02"}, "Cette date n'existe pas pour"),
        ({"annee-1": "2090"}, "est dans le futur. Vérifiez l'année."),
    ],
)
def test_a_birth_date_that_has_not_the_form_of_one_uses_no_try(
    browser: Browser, sandbox: Sandbox, typed: dict[str, str], sentence: str
) -> None:
    page = reach_kinship(browser, sandbox, JOE)
    page = browser.fill("lien-1", kinship_values(page, JOE, **typed))
    assert page.status == 422
    assert any(sentence in line for line in page.summary), page.summary
    assert sandbox.events(event="activation.dates-wrong") == []


def test_five_wrong_dates_lock_the_activation_and_name_the_school(browser: Browser, sandbox: Sandbox) -> None:
    page = reach_kinship(browser, sandbox, JOE)
    for day in ("21", "22", "23", "24", "25"):
        page = browser.fill("lien-1", kinship_values(page, JOE, **{"jour-1": day})) if page.status != 429 else page
    assert (page.status, page.h1) == (429, "Il y a eu trop d'essais")
    assert page.says("L'école peut vérifier la date de naissance enregistrée.")


def test_ten_wrong_dates_in_a_day_are_all_that_a_guardian_has(browser: Browser, sandbox: Sandbox) -> None:
    for _ in range(2):
        page = reach_kinship(browser, sandbox, JOE)
        for day in ("21", "22", "23", "24", "25"):
            page = browser.fill("lien-1", kinship_values(page, JOE, **{"jour-1": day}))
        sandbox.advance(minutes=16)
    reach_code(browser, JOE)
    page = browser.fill("code", {"code": sandbox.code(JOE.e164)})
    assert (page.status, page.h1) == (429, "Il y a eu trop d'essais")


def test_not_the_legal_guardian_is_confirmed_then_contested_and_told_to_nobody_else(
    browser: Browser, sandbox: Sandbox
) -> None:
    page = reach_kinship(browser, sandbox, JOE)
    tom = 1 if page.text.index("Tom DUPONT") < page.text.index("Léa DUPONT") else 2
    page = browser.fill("lien-1", kinship_values(page, JOE, **{f"lien-{tom}": "non"}))
    assert page.h1 == "Vous n'êtes pas le représentant légal de Tom DUPONT ?"
    page = browser.fill("Oui, je confirme", button="Oui, je confirme")
    assert page.h1 == "Je choisis mon mot de passe"
    page = browser.fill("mot-de-passe", {"mot-de-passe": PASSWORD, "confirmation": PASSWORD})
    assert page.says("Léa DUPONT")
    assert not page.says("Tom DUPONT")
    assert "activation.kinship-contested" in sandbox.events()


def test_no_going_back_to_the_children_keeps_the_answers(browser: Browser, sandbox: Sandbox) -> None:
    page = reach_kinship(browser, sandbox, JOE)
    browser.fill("lien-1", kinship_values(page, JOE, **{"lien-2": "non"}))
    page = browser.fill("Non, revenir", button="Non, revenir")
    assert page.h1 == "Je confirme mon lien avec les élèves"
    assert page.form("lien-1").values["lien-2"] == "non"
    assert sandbox.events(event="activation.kinship-contested") == []


def test_nobody_left_makes_no_account(browser: Browser, other_browser: Browser, sandbox: Sandbox) -> None:
    page = reach_kinship(browser, sandbox, JOE)
    page = browser.fill("lien-1", kinship_values(page, JOE, **{"lien-1": "non", "lien-2": "non"}))
    page = browser.fill("Oui, je confirme", button="Oui, je confirme")
    assert page.h1 == "Aucun élève dans votre compte"
    reference = sandbox.audit(event="activation.kinship-contested")[0]["reference"]
    assert page.says(f"Référence : {reference}")
    assert sandbox.events(event="activation.account-made") == []
    reach_code(other_browser, JOE)
    assert sandbox.messages(JOE.e164)[0]["text"].startswith("Nous ne pouvons pas activer votre compte")


@pytest.mark.parametrize(
    ("password", "confirmation", "sentence"),
    [
        ("", "", "Choisissez un mot de passe."),
        ("cartable", "cartable", "Il manque dans votre mot de passe : 1 majuscule, 1 chiffre, 1 caractère spécial."),
        ("Cle-1", "Cle-1", "Il manque dans votre mot de passe : 3 caractères."),
        ("P@ssw0rd", "P@ssw0rd", "Ce mot de passe est très utilisé : il est facile à deviner."),
        ("Dupont-2026", "Dupont-2026", "Votre mot de passe contient votre nom, votre prénom ou celui d'un enfant."),
        ("Lea!lea!42X", "Lea!lea!42X", "Votre mot de passe contient votre nom, votre prénom ou celui d'un enfant."),
        ("Aa1!" * 33, "Aa1!" * 33, "Votre mot de passe est trop long : 128 caractères au maximum."),
        (PASSWORD, "", "Écrivez le mot de passe une deuxième fois."),
        (PASSWORD, "Cartable-Vert-42", "Les deux mots de passe sont différents. Écrivez deux fois le même."),
    ],
)
def test_a_password_that_does_not_do_is_refused_and_never_shown_again(
    browser: Browser, sandbox: Sandbox, password: str, confirmation: str, sentence: str
) -> None:
    reach_password(browser, sandbox, JOE)
    page = browser.fill("mot-de-passe", {"mot-de-passe": password, "confirmation": confirmation})
    assert page.status == 422
    assert any(sentence in line for line in page.summary), page.summary
    kept = page.form("mot-de-passe").values
    assert (kept["mot-de-passe"], kept["confirmation"]) == ("", "")
    assert not password or password not in page.html
    page = browser.fill("mot-de-passe", {"mot-de-passe": PASSWORD, "confirmation": PASSWORD})
    assert page.h1 == "Votre compte a été activé avec succès"


def test_a_lost_cookie_stops_the_journey_kindly(browser: Browser, sandbox: Sandbox) -> None:
    reach_kinship(browser, sandbox, JOE)
    form = browser.prepare("lien-1")
    browser.http.cookies.clear()
    page = browser.send(*form)
    assert (page.status, page.h1) == (400, "Votre démarche s'est arrêtée")


def test_a_form_without_its_token_is_refused(browser: Browser) -> None:
    reach_identity(browser)
    action, values = browser.prepare("nom", identity_values(JOE), button="Continuer")
    for token in ("", "0-forged", values["jeton"][:-1] + ("0" if values["jeton"][-1] != "0" else "1"), "é"):
        page = browser.send(action, values | {"jeton": token})
        assert (page.status, page.h1) == (403, "Cette page était ouverte depuis trop longtemps")


def test_a_form_made_for_another_browser_is_refused(browser: Browser, other_browser: Browser, sandbox: Sandbox) -> None:
    reach_kinship(browser, sandbox, JOE)
    reach_kinship(other_browser, sandbox, ANGELA)
    action, values = browser.prepare("lien-1")
    assert other_browser.send(action, values).status == 403


def test_a_cookie_planted_in_a_browser_is_worth_nothing_after_the_code(
    browser: Browser, other_browser: Browser, sandbox: Sandbox
) -> None:
    reach_code(browser, JOE)
    other_browser.http.cookies = browser.http.cookies.copy()  # what an attacker planted
    browser.fill("code", {"code": sandbox.code(JOE.e164)})
    page = other_browser.open("/activation/enfants")
    assert page.status == 400
    assert not page.says("DUPONT")


def test_a_step_cannot_be_skipped(browser: Browser, sandbox: Sandbox) -> None:
    del sandbox
    reach_code(browser, JOE)
    for later in ("enfants", "enfants/confirmation", "mot-de-passe", "termine", "deja-active", "aucun-eleve"):
        assert browser.open(f"/activation/{later}").h1 == "Un code de sécurité a été envoyé"


def test_a_post_to_a_later_step_does_nothing(browser: Browser, sandbox: Sandbox) -> None:
    page = reach_code(browser, JOE)
    token = page.form("code").values["jeton"]
    page = browser.send(
        f"{browser.base}/activation/mot-de-passe",
        {"jeton": token, "mot-de-passe": PASSWORD, "confirmation": PASSWORD},
    )
    assert page.h1 == "Un code de sécurité a été envoyé"
    assert sandbox.events(event="activation.account-made") == []


def test_a_contested_child_comes_back_by_no_other_road(
    browser: Browser, other_browser: Browser, sandbox: Sandbox
) -> None:
    page = reach_kinship(browser, sandbox, JOE)
    browser.fill("lien-1", kinship_values(page, JOE, **{"lien-2": "non"}))
    browser.fill("Oui, je confirme", button="Oui, je confirme")
    page = reach_kinship(other_browser, sandbox, JOE)
    assert page.says("L'école a indiqué que vous êtes responsable de cet élève.")


def test_activating_twice_from_one_browser_gives_one_account(browser: Browser, sandbox: Sandbox) -> None:
    first = activate(browser, sandbox, ANGELA)
    page = reach_kinship(browser, sandbox, ANGELA)
    page = browser.fill("lien-1", kinship_values(page, ANGELA))
    assert page.says(first)
