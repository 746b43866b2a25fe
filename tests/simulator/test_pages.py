"""What a person meets between the service and the service: refusals, turning back, single sign-on, consent, the back button."""

import pytest

from franceconnect_bridge.simulator.settings import Client
from tests.simulator.service import ISSUER, REDIRECT_URI, STATE, Visit, make_visit

PRIVATE = Client(
    "shop", "Boutique fictive", ("https://shop.example/cb",), client_secret="secret-of-a-shop", private=True
)
OF_SHOP = {"client_id": "shop", "redirect_uri": "https://shop.example/cb"}
DENIED = {"to": REDIRECT_URI, "error": "access_denied", "state": STATE, "iss": ISSUER}


def test_a_wrong_password_is_said_and_the_login_kept(visit: Visit) -> None:
    page = visit.submit(visit.ask(), "uid", "Poste fictive")
    page = visit.submit(page, "login", login="test", password="wrong")
    assert (page.status, page.summary) == (422, ["Identifiant ou mot de passe incorrect."])
    assert page.title.startswith("Erreur : ")
    assert page.form("login").values["login"] == "test"
    assert page.form("login").values["password"] == ""


def test_leaving_a_provider_leads_back_to_the_choice_and_says_so(visit: Visit) -> None:
    page = visit.submit(visit.ask(), "uid", "Poste fictive")
    page = visit.open(page.link("Annuler"))
    assert page.h1 == "Connexion en cours sur Education Nationale"
    assert page.says("La connexion avec Poste fictive n'a pas abouti. Réessayez ou choisissez un autre compte.")
    assert visit.answered == {}


def test_a_provider_that_is_away_cannot_be_chosen(visit: Visit) -> None:
    page = visit.ask()
    assert page.says("Mutuelle agricole fictive (indisponible)")
    form = page.form("uid")
    sent = {**form.values, "providerUid": "44444444-4444-4444-8444-444444444444"}
    assert visit.open(form.action, sent, "POST").says("Code Y020017")
    assert visit.open(form.action, {**sent, "providerUid": "x"}, "POST").says("Code Y020019")


@pytest.mark.parametrize("words", ["Revenir sur Education Nationale"])
def test_turning_back_at_the_choice_is_told_to_the_service(visit: Visit, words: str) -> None:
    visit.open(visit.ask().link(words))
    assert visit.answered == {**DENIED, "error_description": "User auth aborted"}


def test_it_is_not_you_leads_back_and_the_strict_skin_has_no_such_link(visit: Visit) -> None:
    words = "Ce n'est pas vous ? Retournez à la page d'accueil"
    page = visit.reach_information()
    visit.open(page.link(words))
    assert visit.answered == {**DENIED, "error_description": "User auth aborted"}
    assert not make_visit(shows_way_back=False).reach_information().says(words)


@pytest.mark.parametrize(
    ("login", "code", "status", "error"),
    [
        ("sans_mail", "Y600006", 400, "server_error"),
        ("sans_genre", "Y600006", 400, "server_error"),
        ("sans_birthplace", "Y600006", 400, "server_error"),
        ("mois_00", "Y600006", 400, "server_error"),
        ("sans_prenom", "Y600006", 400, "server_error"),
        ("sans_nom_naissance", "Y600006", 400, "server_error"),
        ("E010004", "Y010004", 403, "access_denied"),
        ("E010006", "Y010006", 403, "access_denied"),
        ("E010007", "Y010007", 403, "access_denied"),
        ("E010008", "Y010008", 403, "access_denied"),
        ("E010009", "Y010009", 400, "server_error"),
        ("E010011", "Y010011", 502, "server_error"),
        ("E010012", "Y010012", 502, "server_error"),
        ("E010013", "Y010013", 502, "server_error"),
        ("E010015", "Y010015", 403, "access_denied"),
        ("Désactivé", "Y180001", 403, "access_denied"),
        ("fi_bloque", "Y100011", 403, "access_denied"),
        ("fi_acr_trop_bas", "Y100001", 400, "server_error"),
    ],
)
def test_a_refusal_is_a_page_with_its_code_and_a_way_back(
    visit: Visit, login: str, code: str, status: int, error: str
) -> None:
    page = visit.reach_information(login)
    assert (page.status, page.h1, page.says(f"Code {code}")) == (status, "Une erreur s'est produite", True)
    visit.open(page.link("Revenir sur Education Nationale"))
    assert (visit.answered["error"], visit.answered["state"]) == (error, STATE)
    if error == "access_denied":
        assert visit.answered["error_description"] == "user authentication aborted"


def test_a_private_service_needs_consent(visit: Visit) -> None:
    visit = make_visit(clients=(PRIVATE,))
    page = visit.reach_information(**OF_SHOP)
    assert page.says("J'accepte que mes données soient transmises à Boutique fictive pour me connecter.")
    page = visit.submit(page, "uid")
    assert (page.status, page.summary) == (
        422,
        ["Cochez la case pour continuer, ou revenez sur Boutique fictive."],
    )
    visit.submit(page, "uid", consent="1")
    assert visit.answered["to"] == "https://shop.example/cb"


def test_a_private_service_has_its_way_back_in_every_skin() -> None:
    visit = make_visit(clients=(PRIVATE,), shows_way_back=False)
    visit.open(visit.reach_information(**OF_SHOP).link("Revenir sur Boutique fictive"))
    assert visit.answered["error"] == "access_denied"


def test_whoever_is_signed_in_chooses_no_account_for_the_next_service(visit: Visit) -> None:
    visit.sign_in()
    page = visit.ask(client_id="mairie", redirect_uri="https://mairie.example/retour")
    assert page.h1 == "Vous allez vous connecter en tant que :"
    assert page.says("Continuer sur Mairie de Val-Préau")
    apart = make_visit(single_sign_on=False)
    apart.sign_in()
    assert apart.ask().h1 == "Connexion en cours sur Education Nationale"


def test_a_hint_leads_to_its_provider_and_is_ignored_when_one_is_signed_in(visit: Visit) -> None:
    hint = "33333333-3333-4333-8333-333333333333"
    assert visit.ask(idp_hint=hint).h1 == "Poste fictive"
    visit.sign_in()
    assert visit.ask(idp_hint=hint).h1 == "Vous allez vous connecter en tant que :"


def test_a_service_may_leave_the_information_page_out() -> None:
    fast = Client(
        "fast", "Rapide", ("https://fast.example/cb",), client_secret="secret-of-the-fast", skips_information=True
    )
    visit = make_visit(clients=(fast,))
    of_fast = {"client_id": "fast", "redirect_uri": "https://fast.example/cb"}
    page = visit.submit(visit.ask(**of_fast, prompt="login"), "uid", "Impôts fictifs")
    visit.submit(page, "login", login="test", password="123")
    assert visit.answered["to"] == "https://fast.example/cb"
    assert visit.ask(**of_fast).h1 == "Vous allez vous connecter en tant que :", (
        "without prompt=login the page is shown"
    )


def test_only_the_service_is_told_when_nothing_but_openid_is_asked(visit: Visit) -> None:
    page = visit.reach_information(scope="openid")
    assert page.h1 == "Vous allez vous connecter de façon anonyme"
    assert not page.says("DUBOIS")


def test_a_step_that_is_done_cannot_be_done_again(visit: Visit) -> None:
    page = visit.reach_information()
    choice = visit.open(page.url.removesuffix("/consent"))
    assert (choice.status, choice.says("Code Y420001")) == (400, True), "the back button, to the choice"
    visit.submit(page, "uid")
    assert visit.open(page.url).says("Code Y420001"), "the back button, from the service"
    fresh = visit.ask(client_id="mairie", redirect_uri="https://mairie.example/retour")
    uid = fresh.form("uid").values["uid"]
    other = Visit(visit.app)
    other.ask()
    assert other.open(f"{ISSUER}/interaction/{uid}").says("Code Y190001"), "another browser"
    assert Visit(visit.app).open(f"{ISSUER}/interaction/{uid}/consent").says("Code Y190001")


def test_a_double_click_is_sent_where_the_first_click_was(visit: Visit) -> None:
    page = visit.reach_information()
    visit.submit(page, "uid")
    first = dict(visit.answered)
    visit.submit(page, "uid")
    assert visit.answered == first
    form = page.form("uid")
    forged = visit.open(form.action, {**form.values, "csrfToken": "x"}, "POST")
    assert forged.says("Code Y470001"), "nor does the answer go to whoever knows the address alone"
    assert visit.redeem(first["code"])[0] == 200


def test_whoever_says_that_it_is_not_her_chooses_again(visit: Visit) -> None:
    visit.open(visit.reach_information("joe").link("Ce n'est pas vous"))
    page = visit.ask()
    assert page.h1 == "Connexion en cours sur Education Nationale"
    assert not page.says("DUPONT")


def test_a_form_of_another_session_is_refused(visit: Visit) -> None:
    form = visit.ask().form("uid")
    for csrf, code in (("", "Y470002"), ("x", "Y470001")):
        assert visit.open(form.action, {**form.values, "csrfToken": csrf}, "POST").says(f"Code {code}")


def test_a_session_lives_half_an_hour(visit: Visit) -> None:
    page = visit.ask()
    visit.control("PUT", "/clock", {"advance_seconds": 31 * 60})
    assert visit.submit(page, "uid", "Impôts fictifs").says("Code Y190001")


def test_the_sessions_name_changes_at_the_proof(visit: Visit) -> None:
    page = visit.submit(visit.ask(), "uid", "Impôts fictifs")
    before = visit.client.get_cookie("preau_fc_session")
    visit.submit(page, "login", login="test", password="123")
    after = visit.client.get_cookie("preau_fc_session")
    assert before is not None
    assert after is not None
    assert before.value != after.value


@pytest.mark.parametrize("path", ["/", "/informations", "/nowhere"])
def test_every_page_says_that_it_is_a_simulator(visit: Visit, path: str) -> None:
    page = visit.open(path)
    assert page.says("Simulateur, données fictives. Service de test, sans lien avec l'État.")
    assert page.title.endswith(" - Simulateur de FranceConnect")
    assert "script-src 'self'" in page.headers["Content-Security-Policy"]
    assert page.headers["Cache-Control"] == "no-store"


def test_forms_may_end_at_the_service_and_nowhere_else(visit: Visit) -> None:
    assert (
        visit.reach_information()
        .headers["Content-Security-Policy"]
        .endswith("form-action 'self' http://localhost:8400")
    )
