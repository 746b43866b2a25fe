"""Procedure 2: a parent who is known elsewhere. Stories through the door, on a real simulator."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.journeys.children import Household, card
from tests.journeys.franceconnect import (
    activate_through_franceconnect,
    give_phone,
    reach_children,
    reach_phone,
)
from tests.journeys.own import HOME, INFORMATION, NEW, put, reach, session_of
from tests.journeys.people import (
    ANGELA,
    JOE,
    KARIM,
    PASSWORD,
    Child,
    Parent,
    activate,
    identifiant_in,
    kinship_values,
    reach_password,
)
from tests.journeys.test_email_address import NEW as EMAIL
from tests.journeys.test_email_address import give, mails
from tests.journeys.visits import CONSENT, bring_back_code, come_from, sign_in
from tests.simulator.service import payload_of
from tests.support.databases import DIALECTS, fresh_postgresql_database
from tests.support.franceconnect import Simulator, TravellingBrowser, running_simulator
from tests.support.relying_party import RelyingParty, answer_in
from tests.support.sandbox import Sandbox
from tests.support.server import RunningServer, free_port, running_server


@pytest.fixture(scope="module", params=DIALECTS)
def pair(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[RunningServer, Simulator]]:
    """A provider and a simulator that know one another."""
    folder: Path = tmp_path_factory.mktemp("franceconnect")
    port = free_port()
    with running_simulator(folder, f"http://localhost:{port}") as simulator:
        more = f'log_level = "debug"\n{simulator.settings()}'
        if request.param == "sqlite":
            with running_server(folder, more=more, port=port) as server:
                yield server, simulator
            return
        with (
            fresh_postgresql_database(request.getfixturevalue("postgresql_server")) as url,
            running_server(folder, more=more, port=port, database_url=url) as server,
        ):
            yield server, simulator


@pytest.fixture
def server(pair: tuple[RunningServer, Simulator]) -> RunningServer:
    return pair[0]


@pytest.fixture
def simulator(pair: tuple[RunningServer, Simulator], sandbox: Sandbox) -> Simulator:
    del sandbox
    pair[1].reset()
    return pair[1]


@pytest.fixture
def browser(server: RunningServer, simulator: Simulator) -> TravellingBrowser:
    return TravellingBrowser(server.base, simulator)


@pytest.fixture
def other_browser(server: RunningServer, simulator: Simulator) -> TravellingBrowser:
    return TravellingBrowser(server.base, simulator)


def enter(ent: RelyingParty, browser: TravellingBrowser) -> dict[str, str]:
    """Go on to the ENT and return what userinfo says there."""
    browser.go_on()
    tokens = ent.exchange(answer_in(browser.left_to)["code"]).json()
    told = dict(ent.userinfo(tokens["access_token"]).json())
    assert told.pop("FrEduCtDateConnexion")
    return told


def test_a_parent_activates_with_franceconnect_phone_code_and_date_and_enters_the_ent(
    ent: RelyingParty, browser: TravellingBrowser, sandbox: Sandbox
) -> None:
    page = reach_phone(ent, browser)
    assert page.h1 == "Finissez d'activer votre compte"
    assert page.says("Étape 1 sur 4 : téléphone")
    assert page.says("Vous êtes reconnu par FranceConnect : Angela DUBOIS.")
    page = give_phone(browser, ANGELA)
    assert (page.h1, page.says("Étape 2 sur 4")) == ("Un code de sécurité a été envoyé", True)
    page = browser.fill("code", {"code": sandbox.code(ANGELA.e164)})
    assert page.says("Étape 3 sur 4")
    page = browser.fill("lien-1", kinship_values(page, ANGELA))
    assert page.h1 == "Votre compte a été activé avec succès"
    assert page.says("Vous n'avez pas de mot de passe à retenir ici.")
    assert page.says("Zoé DUBOIS")
    assert sandbox.messages(ANGELA.e164)[0]["text"].startswith("Votre compte parent est activé avec FranceConnect.")
    told = enter(ent, browser)
    assert (told["family_name"], told["given_name"]) == ("DUBOIS", "Angela")
    assert len(told["FrEduCtRefId"]) == 1
    events = sandbox.events()
    assert [event for event in events if event.startswith("franceconnect.")] == [
        "franceconnect.recognised",
        "franceconnect.linked",
        "franceconnect.signed-in",
    ]
    assert events.index("activation.kinship-proved") < events.index("franceconnect.linked"), "nothing before the proof"


def test_from_then_on_franceconnect_alone_signs_her_in(
    ent: RelyingParty, browser: TravellingBrowser, other_browser: TravellingBrowser, sandbox: Sandbox
) -> None:
    activate_through_franceconnect(ent, browser, sandbox, ANGELA)
    first = enter(ent, browser)
    page = reach_phone(ent, other_browser)
    assert page.h1 == "Vous êtes reconnu"
    assert page.says("Vous allez vers ENT Marronnier. Si rien ne se passe, choisissez « Continuer ».")
    assert 'http-equiv="refresh" content="0; url=/franceconnect/continuer?d=' in page.html
    assert page.status == 200, "a redirect to the ENT would be blocked"
    assert enter(ent, other_browser) == first
    assert len([event for event in sandbox.events() if event == "activation.account-made"]) == 1


def test_whoever_activated_by_sms_keeps_her_account_and_her_subject(
    ent: RelyingParty, browser: TravellingBrowser, other_browser: TravellingBrowser, sandbox: Sandbox
) -> None:
    identifiant = activate(other_browser, sandbox, JOE)
    before = ent.exchange(bring_back_code(ent, other_browser, identifiant)).json()
    page = reach_phone(ent, browser, "joe")
    assert page.h1 == "Finissez d'activer votre compte", "the same words, whoever has an account"
    give_phone(browser, JOE)
    page = browser.fill("code", {"code": sandbox.code(JOE.e164)})
    page = browser.fill("lien-1", kinship_values(page, JOE))
    assert page.h1 == "Votre compte a été activé avec succès"
    assert page.says("l'ancien mot de passe ne sert plus. Vos autres appareils ont été déconnectés.")
    assert sandbox.messages(JOE.e164)[0]["text"].startswith("Votre compte est relié à FranceConnect.")
    assert ent.userinfo(before["access_token"]).status_code == 401, "tokens of the former sessions are dead"
    told = enter(ent, browser)
    assert told["sub"] == payload_of(before["id_token"])["sub"]
    assert sandbox.events().count("activation.account-made") == 1
    come_from(ent, other_browser)
    page = sign_in(other_browser, identifiant)
    assert page.summary[0].startswith("Identifiant ou mot de passe incorrect.")
    assert page.says("D'habitude, vous passez par FranceConnect ?")


def test_the_sms_road_does_not_bring_back_a_password_that_was_taken_away(
    ent: RelyingParty, browser: TravellingBrowser, other_browser: TravellingBrowser, sandbox: Sandbox
) -> None:
    activate_through_franceconnect(ent, browser, sandbox, ANGELA)
    page = reach_password(other_browser, sandbox, ANGELA)
    assert page.h1 == "Votre compte passe par FranceConnect"
    assert page.says("Connectez-vous avec FranceConnect. Vous pourrez ensuite choisir un mot de passe.")


def test_a_parked_activation_brings_no_password_back(
    ent: RelyingParty, browser: TravellingBrowser, other_browser: TravellingBrowser, sandbox: Sandbox
) -> None:
    activate(TravellingBrowser(browser.base, _simulator_of(browser)), sandbox, JOE)
    page = reach_password(other_browser, sandbox, JOE)
    assert page.h1 == "Votre compte est déjà activé"
    other_browser.fill("Mot de passe oublié")
    activate_through_franceconnect(ent, browser, sandbox, JOE, "joe")
    page = other_browser.fill("mot-de-passe", {"mot-de-passe": PASSWORD, "confirmation": PASSWORD})
    assert page.h1 == "Votre compte passe par FranceConnect"


def _simulator_of(browser: TravellingBrowser) -> Simulator:
    [netloc] = browser.sites - {browser.base.removeprefix("http://")}
    return Simulator(f"http://{netloc}")


def test_a_password_is_added_while_signed_in_and_one_stays_so(
    ent: RelyingParty, browser: TravellingBrowser, other_browser: TravellingBrowser, sandbox: Sandbox
) -> None:
    activate_through_franceconnect(ent, browser, sandbox, ANGELA)
    browser.fill("Ajouter aussi un mot de passe")
    page = browser.fill("mot-de-passe", {"mot-de-passe": PASSWORD, "confirmation": PASSWORD})
    assert page.h1 == "Votre compte a été activé avec succès"
    identifiant = identifiant_in(str(sandbox.messages(ANGELA.e164)[0]["text"]))
    assert page.says(identifiant)
    assert enter(ent, browser)["family_name"] == "DUBOIS"
    assert bring_back_code(ent, other_browser, identifiant)
    assert reach_phone(ent, TravellingBrowser(browser.base, _simulator_of(browser))).h1 == "Vous êtes reconnu"


def test_a_password_chosen_elsewhere_meanwhile_is_not_replaced_from_the_page_that_adds_one(
    ent: RelyingParty, browser: TravellingBrowser, other_browser: TravellingBrowser, sandbox: Sandbox
) -> None:
    activate_through_franceconnect(ent, browser, sandbox, ANGELA)
    browser.fill("Ajouter aussi un mot de passe")
    parked = browser.prepare("mot-de-passe", {"mot-de-passe": PASSWORD, "confirmation": PASSWORD})
    browser.open(f"{HOME}/mot-de-passe/ajout")
    page = browser.fill("mot-de-passe", {"mot-de-passe": NEW, "confirmation": NEW})
    assert page.says("Mot de passe ajouté.")
    told = len(sandbox.messages(ANGELA.e164))
    page = browser.send(*parked)
    assert page.says("Cette étape est déjà faite."), page.text
    assert not page.says("Ajouter aussi un mot de passe")
    assert not page.says("Vous n'avez pas de mot de passe à retenir ici.")
    assert sandbox.events(event="account.password-added") == ["account.password-added"]
    assert len(sandbox.messages(ANGELA.e164)) == told
    identifiant = str(sandbox.people(ANGELA.e164)[0]["identifiant"])
    assert reach(other_browser, identifiant, password=PASSWORD).h1 != INFORMATION, "it opens nothing"
    assert reach(other_browser, identifiant, password=NEW).h1 == INFORMATION


def test_the_confirmed_address_is_told_of_the_first_link_and_of_the_password_that_is_added(
    ent: RelyingParty, browser: TravellingBrowser, other_browser: TravellingBrowser, sandbox: Sandbox
) -> None:
    reach(other_browser, str(sandbox.activate(JOE.e164, PASSWORD)["identifiant"]), "/e-mail")
    give(other_browser, sandbox, EMAIL)
    activate_through_franceconnect(ent, browser, sandbox, JOE, "joe")
    [mail, *_] = mails(sandbox, EMAIL)
    assert mail["subject"] == "[Simulateur] FranceConnect est relié à votre compte"
    linked = len(sandbox.messages(JOE.e164))
    browser.fill("Ajouter aussi un mot de passe")
    browser.fill("mot-de-passe", {"mot-de-passe": NEW, "confirmation": NEW})
    [mail, *_] = mails(sandbox, EMAIL)
    assert mail["subject"] == "[Simulateur] Votre compte a un mot de passe"
    assert len(sandbox.messages(JOE.e164)) == linked + 1, "the phone is told its identifiant, and nothing twice"


def test_the_last_page_is_for_whoever_is_signed_in_and_for_nobody_after_her(
    ent: RelyingParty, browser: TravellingBrowser, sandbox: Sandbox
) -> None:
    page = activate_through_franceconnect(ent, browser, sandbox, ANGELA)
    address = page.url
    action, values = browser.prepare("Ajouter aussi un mot de passe")
    kept = browser.http.cookies.copy()
    browser.http.cookies.pop("preau_idp_session")
    assert browser.open(address).h1 == "Je sélectionne mon profil", "no session, no page"
    browser.http.cookies = kept.copy()
    browser.http.cookies.pop("preau_idp_session")
    assert browser.send(action, values).h1 == "Je sélectionne mon profil"
    browser.http.cookies = kept.copy()
    browser.open("/idp/profile/Logout")
    browser.fill("Me déconnecter", button="Me déconnecter")
    assert "preau_idp_activation" not in browser.http.cookies
    browser.http.cookies = kept.copy()
    assert browser.open(address).h1 == "Je sélectionne mon profil", "an ended session is none"


def test_a_second_identity_of_franceconnect_never_takes_an_account(
    ent: RelyingParty,
    browser: TravellingBrowser,
    other_browser: TravellingBrowser,
    sandbox: Sandbox,
    simulator: Simulator,
) -> None:
    activate_through_franceconnect(ent, browser, sandbox, ANGELA)
    person = next(one for one in simulator.ask("GET", "persons")["persons"] if one["login"] == "test")
    twin = {**person, "birthdate": "1962-08-25"}
    simulator.ask("PUT", "persons/angela2", {name: value for name, value in twin.items() if name != "login"})
    page = reach_phone(ent, other_browser, "angela2")
    assert page.h1 == "Finissez d'activer votre compte"
    give_phone(other_browser, ANGELA)
    page = other_browser.fill("code", {"code": sandbox.code(ANGELA.e164)})
    page = other_browser.fill("lien-1", kinship_values(page, ANGELA))
    assert page.h1 == "Ce compte est déjà relié à FranceConnect"
    [line] = sandbox.audit(event="franceconnect.other-identity")
    assert page.says(f"Référence : {line['reference']}")
    assert reach_phone(ent, TravellingBrowser(browser.base, simulator)).h1 == "Vous êtes reconnu", "the first one stays"


def test_a_subject_that_changed_is_noticed_and_never_rebound(
    ent: RelyingParty,
    browser: TravellingBrowser,
    other_browser: TravellingBrowser,
    sandbox: Sandbox,
    simulator: Simulator,
) -> None:
    activate_through_franceconnect(ent, browser, sandbox, ANGELA)
    person = next(one for one in simulator.ask("GET", "persons")["persons"] if one["login"] == "test")
    moved = {**person, "birthplace": "75108"}  # another place of birth in the register: another sub
    simulator.ask("PUT", "persons/moved", {name: value for name, value in moved.items() if name != "login"})
    page = reach_phone(ent, other_browser, "moved")
    assert page.h1 == "FranceConnect ne vous reconnaît plus comme avant"
    give_phone(other_browser, ANGELA)
    page = other_browser.fill("code", {"code": sandbox.code(ANGELA.e164)})
    page = other_browser.fill("lien-1", kinship_values(page, ANGELA))
    assert page.h1 == "Ce compte est déjà relié à FranceConnect"


def test_whom_the_school_does_not_know_gets_the_text_that_says_what_to_do(
    ent: RelyingParty, browser: TravellingBrowser, sandbox: Sandbox
) -> None:
    reach_phone(ent, browser, "inconnu")
    page = give_phone(browser, ANGELA)
    assert page.h1 == "Un code de sécurité a été envoyé", "the same page as for everybody"
    assert "nous ne pouvons pas activer" in sandbox.messages(ANGELA.e164)[0]["text"].lower()
    page = browser.open(page.link("Le SMS me dit d'appeler le secrétariat"))
    assert page.h1 == "Nous ne pouvons pas activer votre compte ici"
    [line] = sandbox.audit(event="activation.identity")
    assert page.says(f"Donnez cette référence : {line['reference']}")
    assert line["details"]["outcome"] == "nobody"


def test_an_identity_that_contradicts_the_school_is_for_the_office(
    ent: RelyingParty, browser: TravellingBrowser, sandbox: Sandbox, simulator: Simulator
) -> None:
    person = next(one for one in simulator.ask("GET", "persons")["persons"] if one["login"] == "test")
    child = {**person, "birthdate": "2013-06-01"}
    simulator.ask("PUT", "persons/too-young", {name: value for name, value in child.items() if name != "login"})
    page = reach_children(ent, browser, sandbox, ANGELA, "too-young")
    page = browser.fill("lien-1", kinship_values(page, ANGELA))
    assert page.h1 == "Nous ne pouvons pas activer votre compte ici"
    assert sandbox.events().count("activation.account-made") == 0
    assert sandbox.audit(event="franceconnect.contradicted")[0]["details"]["reasons"]


def test_somebody_whom_the_school_calls_mme_is_no_man_of_the_same_names(
    ent: RelyingParty, browser: TravellingBrowser, sandbox: Sandbox, simulator: Simulator
) -> None:
    person = next(one for one in simulator.ask("GET", "persons")["persons"] if one["login"] == "test")
    brother = {**person, "gender": "male"}
    simulator.ask("PUT", "persons/brother", {name: value for name, value in brother.items() if name != "login"})
    reach_phone(ent, browser, "brother")
    give_phone(browser, ANGELA)
    [line] = sandbox.audit(event="activation.identity")
    assert (line["details"]["outcome"], line["details"]["reasons"]) == ("contradiction", "civility and gender differ")
    assert "nous ne pouvons pas activer" in sandbox.messages(ANGELA.e164)[0]["text"].lower()


def test_it_is_not_you_forgets_her_here_and_there_and_keeps_the_ents_request(
    ent: RelyingParty, browser: TravellingBrowser, sandbox: Sandbox
) -> None:
    reach_phone(ent, browser)
    page = browser.fill("Ce n'est pas vous ?")
    assert (page.status, page.h1) == (200, "Déconnexion en cours"), "a redirect to FranceConnect would be blocked"
    browser.go_on()
    page = browser.fill("cle")
    assert page.h1 == "Je me connecte"
    assert page.says("Vous allez vers ENT Marronnier.")
    assert browser.come_back("joe").says("Vous êtes reconnu par FranceConnect : Joe DUPONT.")
    assert "activation.account-made" not in sandbox.events()


def test_who_turns_back_at_franceconnect_is_told_so_kindly(ent: RelyingParty, browser: TravellingBrowser) -> None:
    come_from(ent, browser)
    page = browser.identify()
    page = browser.open(page.link("Ce n'est pas vous ?"))
    assert page.h1 == "Je me connecte"
    assert page.says("Vous n'avez pas terminé avec FranceConnect. Vous pouvez réessayer ou utiliser votre identifiant.")
    assert page.says("Vous allez vers ENT Marronnier.")


@pytest.mark.parametrize(
    ("fault", "status", "h1", "event"),
    [
        ("access_denied", 200, "Je me connecte", "franceconnect.cancelled"),
        ("refused", 403, "FranceConnect n'a pas pu confirmer votre identité", "franceconnect.refused"),
        ("server_error", 503, "FranceConnect ne répond pas", "franceconnect.unavailable"),
        ("temporarily_unavailable", 503, "FranceConnect ne répond pas", "franceconnect.unavailable"),
        ("invalid_request", 503, "FranceConnect ne répond pas", "franceconnect.misconfigured"),
        ("invalid_scope", 503, "FranceConnect ne répond pas", "franceconnect.misconfigured"),
        ("invalid_acr", 503, "FranceConnect ne répond pas", "franceconnect.misconfigured"),
        ("invalid_idp_hint", 503, "FranceConnect ne répond pas", "franceconnect.misconfigured"),
        ("unsupported_response_type", 503, "FranceConnect ne répond pas", "franceconnect.misconfigured"),
        ("callback-without-iss", 503, "FranceConnect ne répond pas", "franceconnect.untrusted"),
        ("callback-wrong-iss", 503, "FranceConnect ne répond pas", "franceconnect.untrusted"),
        ("callback-without-code", 503, "FranceConnect ne répond pas", "franceconnect.untrusted"),
        ("callback-wrong-state", 400, "Votre démarche s'est arrêtée", ""),
        ("callback-without-state", 400, "Votre démarche s'est arrêtée", ""),
        ("token-503", 503, "FranceConnect ne répond pas", "franceconnect.unavailable"),
        ("token-html", 503, "FranceConnect ne répond pas", "franceconnect.untrusted"),
        ("token-invalid-grant", 400, "Votre démarche s'est arrêtée", ""),
        ("token-invalid-client", 503, "FranceConnect ne répond pas", "franceconnect.misconfigured"),
        ("id-token-wrong-signature", 503, "FranceConnect ne répond pas", "franceconnect.untrusted"),
        ("id-token-wrong-nonce", 503, "FranceConnect ne répond pas", "franceconnect.untrusted"),
        ("id-token-low-acr", 503, "FranceConnect ne répond pas", "franceconnect.untrusted"),
        ("userinfo-json", 503, "FranceConnect ne répond pas", "franceconnect.untrusted"),
        ("userinfo-unsigned", 503, "FranceConnect ne répond pas", "franceconnect.untrusted"),
        ("userinfo-wrong-sub", 503, "FranceConnect ne répond pas", "franceconnect.untrusted"),
        ("userinfo-without-claim", 503, "FranceConnect ne répond pas", "franceconnect.untrusted"),
    ],
)
def test_whatever_goes_wrong_there_is_a_page_an_audit_line_and_no_link(
    ent: RelyingParty,
    browser: TravellingBrowser,
    sandbox: Sandbox,
    simulator: Simulator,
    fault: str,
    status: int,
    h1: str,
    event: str,
) -> None:
    come_from(ent, browser)
    simulator.arm(fault)
    page = browser.identify()
    if page.h1.startswith("Vous allez vous connecter"):
        page = browser.fill("Continuer sur Education Nationale")
    assert (page.status, page.h1) == (status, h1)
    franceconnect = [line for line in sandbox.audit() if line["event"].startswith("franceconnect.")]
    assert [line["event"] for line in franceconnect] == ([event] if event else [])
    if status in {403, 503}:
        assert page.says(f"Référence : {franceconnect[0]['reference']}")
        words = "Utiliser mon identifiant" if status == 503 else "Choisir un autre moyen"
        page = browser.open(page.link(words))
        assert page.says("Vous allez vers ENT Marronnier."), "the ENT's request is kept"
    assert "activation.account-made" not in sandbox.events()


def test_a_refusal_of_the_register_leads_back_with_a_way_on(ent: RelyingParty, browser: TravellingBrowser) -> None:
    come_from(ent, browser)
    page = browser.identify("E010008")
    page = browser.open(page.link("Revenir sur Education Nationale"))
    assert (page.status, page.h1) == (403, "FranceConnect n'a pas pu confirmer votre identité")


def test_a_callback_is_of_its_browser_and_good_once(
    ent: RelyingParty, browser: TravellingBrowser, other_browser: TravellingBrowser, sandbox: Sandbox
) -> None:
    come_from(ent, browser)
    browser.identify()
    action, values = browser.prepare("Continuer sur Education Nationale")
    answer = browser.http.post(action, data=values, allow_redirects=False, timeout=20)
    callback = answer.headers["Location"]
    come_from(ent, other_browser)
    other_browser.open(other_browser.page.link("Je me connecte avec FranceConnect"))
    assert other_browser.open(callback).h1 == "Votre démarche s'est arrêtée"
    assert TravellingBrowser(browser.base, _simulator_of(browser)).open(callback).status == 400
    assert browser.open(callback).h1 == "Finissez d'activer votre compte"
    assert browser.open(callback).h1 == "Votre démarche s'est arrêtée"
    assert browser.open("/activation/telephone").h1 == "Finissez d'activer votre compte", "what is under way stays"
    assert sandbox.events().count("franceconnect.recognised") == 1


def test_a_reloaded_callback_greets_whoever_is_signed_in(
    ent: RelyingParty, browser: TravellingBrowser, sandbox: Sandbox
) -> None:
    activate_through_franceconnect(ent, browser, sandbox, ANGELA)
    come_from(ent, browser, prompt="login")
    browser.identify()
    action, values = browser.prepare("Continuer sur Education Nationale")
    callback = browser.http.post(action, data=values, allow_redirects=False, timeout=20).headers["Location"]
    assert browser.open(callback).h1 == "Vous êtes reconnu"
    assert browser.open(callback).h1 == "Vous êtes connecté"


def test_who_must_prove_herself_again_is_asked_once_and_franceconnect_is_told(
    ent: RelyingParty, browser: TravellingBrowser, sandbox: Sandbox
) -> None:
    activate_through_franceconnect(ent, browser, sandbox, ANGELA)
    page = come_from(ent, browser, prompt="login")
    assert page.h1 == "Je me connecte"
    leaving = browser.http.get(
        page.link("Je me connecte avec FranceConnect"), allow_redirects=False, timeout=20
    ).headers["Location"]
    assert "prompt=login" in leaving
    assert browser.come_back().h1 == "Vous êtes reconnu"
    browser.go_on()
    assert "code" in answer_in(browser.left_to), "nobody is asked twice"


def test_a_reload_of_the_way_on_brings_the_same_code(
    ent: RelyingParty, browser: TravellingBrowser, sandbox: Sandbox
) -> None:
    activate_through_franceconnect(ent, browser, sandbox, ANGELA)
    onward = browser.page.link("Continuer vers ENT Marronnier")
    browser.open(onward)
    first = answer_in(browser.left_to)["code"]
    browser.open(onward)
    assert answer_in(browser.left_to)["code"] == first
    browser.http.cookies.pop("preau_idp_session")
    assert browser.open(onward).h1 in {"Je me connecte", "Je sélectionne mon profil"}
    assert browser.page.says("ENT Marronnier") or browser.page.h1 == "Je sélectionne mon profil"


def test_one_signs_out_of_the_ent_here_and_of_franceconnect(
    ent: RelyingParty, browser: TravellingBrowser, sandbox: Sandbox
) -> None:
    activate_through_franceconnect(ent, browser, sandbox, ANGELA)
    browser.go_on()
    tokens = ent.exchange(answer_in(browser.left_to)["code"]).json()
    back = "http://localhost:8402/deconnecte"
    page = browser.open(
        f"/idp/profile/Logout?id_token_hint={tokens['id_token']}&post_logout_redirect_uri={back}&state=s1"
    )
    assert (page.status, page.h1) == (200, "Déconnexion en cours")
    assert page.says("Vous êtes sorti de Préau. Il reste à sortir de FranceConnect.")
    assert sandbox.events()[-1] == "session.ended", "it is over before anybody comes back"
    browser.go_on()
    page = browser.fill("cle")
    assert (page.status, page.h1) == (200, "Vous êtes déconnecté"), "a redirect to the ENT would be blocked"
    assert page.link("Continuer") == f"{back}?state=s1"
    come_from(ent, browser)
    assert browser.open(browser.page.link("Je me connecte avec FranceConnect")).h1.startswith("Connexion en cours")


def test_the_way_out_is_this_browsers_alone(browser: TravellingBrowser) -> None:
    page = browser.open("/franceconnect/deconnecte?state=guessed")
    assert (page.status, page.h1) == (200, "Vous êtes déconnecté")
    assert browser.left_to == ""


def test_signing_out_works_while_franceconnect_is_silent(
    ent: RelyingParty, browser: TravellingBrowser, sandbox: Sandbox, simulator: Simulator
) -> None:
    activate_through_franceconnect(ent, browser, sandbox, ANGELA)
    browser.go_on()
    browser.open("/idp/profile/Logout")
    page = browser.fill("Me déconnecter", button="Me déconnecter")
    assert page.h1 == "Déconnexion en cours"
    simulator.arm("logout-stays")
    browser.go_on()
    assert browser.fill("cle").h1 == "Vous êtes déconnecté", "FranceConnect's own page"
    assert come_from(ent, browser).h1 == "Je me connecte"


def test_a_pupil_has_no_button_of_franceconnect(ent: RelyingParty, browser: TravellingBrowser) -> None:
    browser.open(ent.authorization_uri(acr_values="eleve"))
    assert browser.page.h1 == "Je me connecte"
    assert not browser.page.says("FranceConnect")


def test_a_wrong_number_is_said_and_kept(ent: RelyingParty, browser: TravellingBrowser) -> None:
    reach_phone(ent, browser)
    page = browser.fill("telephone", {"telephone": "06 39 98"})
    assert (page.status, page.form("telephone").values["telephone"]) == (422, "06 39 98")
    assert page.summary[0].startswith("Ce numéro a 6 chiffres.")
    assert page.says("Vous êtes reconnu par FranceConnect : Angela DUBOIS.")


def test_what_franceconnect_proved_is_worth_two_hours(
    ent: RelyingParty, browser: TravellingBrowser, sandbox: Sandbox
) -> None:
    reach_phone(ent, browser)
    sandbox.advance(minutes=121)
    assert give_phone(browser, ANGELA).h1 == "Votre démarche s'est arrêtée"


def test_all_children_contested_makes_no_account(
    ent: RelyingParty, browser: TravellingBrowser, sandbox: Sandbox
) -> None:
    reach_children(ent, browser, sandbox, ANGELA)
    browser.fill("lien-1", {"lien-1": "non"})
    page = browser.fill("Oui", button="Oui")
    assert page.h1 == "Aucun élève dans votre compte"
    assert not {"activation.account-made", "franceconnect.linked"} & set(sandbox.events())


def test_a_doubled_last_form_makes_one_account_and_signs_in_once(
    ent: RelyingParty, browser: TravellingBrowser, sandbox: Sandbox
) -> None:
    page = reach_children(ent, browser, sandbox, ANGELA)
    action, values = browser.prepare("lien-1", kinship_values(page, ANGELA))
    kept = browser.http.cookies.copy()
    first = browser.send(action, values)
    session = browser.http.cookies["preau_idp_session"]
    browser.http.cookies = kept
    second = browser.send(action, values)
    assert first.h1 == second.h1 == "Votre compte a été activé avec succès"
    assert browser.http.cookies["preau_idp_session"] == session
    events = sandbox.events()
    assert events.count("activation.account-made") == events.count("franceconnect.linked") == 1


def test_nothing_of_franceconnect_is_in_the_log_at_debug(
    ent: RelyingParty, browser: TravellingBrowser, sandbox: Sandbox, server: RunningServer, simulator: Simulator
) -> None:
    before = len(server.log.read_text(encoding="utf-8"))
    simulator.arm("userinfo-wrong-sub")
    come_from(ent, browser)
    browser.come_back()
    activate_through_franceconnect(ent, TravellingBrowser(server.base, simulator), sandbox, ANGELA)
    log = server.log.read_text(encoding="utf-8")[before:]
    assert '"route": "/franceconnect/retour"' in log
    # Four or five digits of a birth date or a place are in some microsecond once in fifty runs.
    timeless = re.sub(r'"timestamp": "[^"]+"', "", log)
    assert timeless.count('"route"') == log.count('"route"')
    for words in ("DUBOIS", "Angela", "1962-", "75107", "eyJ", "06 39 98 00 02", "39980002"):
        assert words not in timeless, words


def test_an_answer_is_posted_at_the_end_of_an_activation_and_after_being_recognised(
    ent: RelyingParty, browser: TravellingBrowser, other_browser: TravellingBrowser, sandbox: Sandbox
) -> None:
    activate_through_franceconnect(ent, browser, sandbox, ANGELA, response_mode="form_post")
    reach_phone(ent, other_browser, response_mode="form_post")
    for one in (browser, other_browser):
        form = one.go_on().form("Continuer")
        assert form.action == ent.redirect_uri
        assert ent.exchange(form.values["code"]).status_code == 200


def test_somebody_else_than_the_request_names_brings_no_code(
    ent: RelyingParty, browser: TravellingBrowser, sandbox: Sandbox
) -> None:
    activate_through_franceconnect(ent, browser, sandbox, ANGELA)
    browser.go_on()
    assert "code" in answer_in(browser.left_to)
    reach_phone(ent, browser, claims='{"id_token": {"sub": {"value": "somebody-else"}}}')
    browser.go_on()
    assert answer_in(browser.left_to)["error"] == "login_required"


def test_whoever_is_signed_in_does_not_go_on_for_a_request_that_names_somebody_else(
    ent: RelyingParty, browser: TravellingBrowser, sandbox: Sandbox
) -> None:
    activate_through_franceconnect(ent, browser, sandbox, ANGELA)
    browser.go_on()
    page = come_from(ent, browser, claims='{"id_token": {"sub": {"value": "somebody-else"}}}')
    handle = page.url.partition("d=")[2].partition("&")[0]
    page = browser.open(f"/franceconnect/continuer?d={handle}")
    assert (page.h1, browser.left_to) == ("Je me connecte", "")


def test_somebody_whom_franceconnect_knows_stands_beside_who_was_signed_in_where_the_ent_lets_people_choose(
    ent: RelyingParty, browser: TravellingBrowser, other_browser: TravellingBrowser, sandbox: Sandbox
) -> None:
    joe = activate(other_browser, sandbox, JOE)
    activate_through_franceconnect(ent, other_browser, sandbox, ANGELA)
    bring_back_code(ent, browser, joe)
    page = browser.open(ent.authorization_uri(prompt="select_account"))
    assert page.h1 == "Avec quel compte voulez-vous continuer ?"
    page = browser.open(page.link("Utiliser un autre compte"))
    browser.open(page.link("Responsable d'élève"))
    leaving = browser.http.get(
        browser.page.link("Je me connecte avec FranceConnect"), allow_redirects=False, timeout=20
    )
    assert "prompt=login" in leaving.headers["Location"], "who is known there is not taken for whom she wants to be"
    assert browser.come_back().h1 == "Vous êtes reconnu"
    assert enter(ent, browser)["family_name"] == "DUBOIS"
    page = browser.open(ent.authorization_uri(prompt="select_account"))
    assert page.says("Joe DUPONT")
    assert page.says("Angela DUBOIS")
    browser.fill("Joe DUPONT")
    page = browser.open("/idp/profile/Logout")
    page = browser.fill("Me déconnecter")
    assert page.h1 == "Déconnexion en cours", "one of those who leave came through FranceConnect"
    assert sandbox.events(event="session.ended") == ["session.ended"] * 2


def test_an_activation_that_franceconnect_began_ends_everything_that_the_browser_held(
    ent: RelyingParty, browser: TravellingBrowser, other_browser: TravellingBrowser, sandbox: Sandbox
) -> None:
    for parent in (JOE, KARIM):
        identifiant = activate(other_browser, sandbox, parent)
        page = browser.open(ent.authorization_uri(prompt="select_account"))
        if page.h1.startswith("Avec quel compte"):
            page = browser.open(page.link("Utiliser un autre compte"))
        browser.open(page.link("Responsable d'élève"))
        sign_in(browser, identifiant)
    held = [browser.http.cookies.get(name) for name in ("preau_idp_session", "preau_idp_comptes")]
    activate_through_franceconnect(ent, browser, sandbox, ANGELA, prompt="login")
    assert browser.http.cookies.get("preau_idp_comptes") is None
    for secret in held:
        other_browser.http.cookies.clear()
        other_browser.http.cookies.set("preau_idp_session", secret or "")
        other_browser.open(ent.authorization_uri(prompt="none"))
        assert answer_in(other_browser.left_to)["error"] == "login_required"


def test_whom_franceconnect_recognised_is_asked_too_whether_a_site_may_know_her(
    ent: RelyingParty,
    server: RunningServer,
    browser: TravellingBrowser,
    other_browser: TravellingBrowser,
    sandbox: Sandbox,
) -> None:
    activate_through_franceconnect(ent, other_browser, sandbox, ANGELA)
    site = RelyingParty(server.base, "aulne", "secret-of-the-one-that-asks", "http://localhost:8407/retour")
    assert reach_phone(site, browser).h1 == "Vous êtes reconnu"
    page = browser.go_on()
    assert page.h1 == CONSENT
    assert page.says("Vous êtes connecté : Angela DUBOIS")
    browser.fill("Autoriser")
    assert "code" in answer_in(browser.left_to)


def test_whom_franceconnect_recognised_proves_it_twice_by_a_text_of_ours(
    ent: RelyingParty, browser: TravellingBrowser, other_browser: TravellingBrowser, sandbox: Sandbox
) -> None:
    activate_through_franceconnect(ent, other_browser, sandbox, ANGELA)
    reach_phone(ent, browser, acr_values="https://level.example/two")
    assert browser.go_on().h1 == "Confirmez que c'est vous"
    browser.fill("Recevoir un code par SMS")
    browser.fill("code", {"code": sandbox.code(ANGELA.e164)})
    claims = payload_of(ent.exchange(answer_in(browser.left_to)["code"]).json()["id_token"])
    assert (claims["acr"], claims["amr"]) == ("https://level.example/two", ["fc", "sms", "mfa"])


def test_a_sign_in_that_goes_through_franceconnect_meets_the_fault_that_its_hint_names(
    ent: RelyingParty, browser: TravellingBrowser, sandbox: Sandbox
) -> None:
    activate_through_franceconnect(ent, browser, sandbox, ANGELA, login_hint="fault:http-503@userinfo")
    browser.go_on()
    tokens = ent.exchange(answer_in(browser.left_to)["code"]).json()
    assert [ent.userinfo(tokens["access_token"]).status_code for _ in range(2)] == [503, 503]
    browser.open(ent.authorization_uri())
    tokens = ent.exchange(answer_in(browser.left_to)["code"]).json()
    assert ent.userinfo(tokens["access_token"]).status_code == 200


# --- in another language ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", ["facile", "en"])
def test_what_went_wrong_there_is_said_again_in_another_language(
    ent: RelyingParty, browser: TravellingBrowser, sandbox: Sandbox, simulator: Simulator, code: str
) -> None:
    # FranceConnect's answer is good once: the switch does not send it a second time.
    name = {"facile": "Facile à lire", "en": "English"}[code]
    for fault, status in (("refused", 403), ("server_error", 503)):
        browser.open("/aide?langue=fr")
        come_from(ent, browser)
        simulator.arm(fault)
        page = browser.identify()
        if page.h1.startswith("Vous allez vous connecter"):
            page = browser.fill("Continuer sur Education Nationale")
        assert page.status == status
        lines = len(sandbox.audit())
        page = browser.open(page.link(name))
        assert (page.status, f'data-langue="{code}"' in page.html) == (status, True)
        assert len(sandbox.audit()) == lines, "nothing happened a second time"
        act = {
            ("en", 403): "Choose another way", ("en", 503): "Use my username",
            ("facile", 403): "Choisir un autre moyen", ("facile", 503): "Utiliser mon identifiant",
        }[code, status]  # fmt: skip
        assert "ENT Marronnier" in browser.open(page.link(act)).text, "the ENT's request is kept"


@pytest.mark.parametrize("code", ["facile", "en"])
def test_a_parent_comes_back_from_franceconnect_and_goes_on_in_her_language(
    ent: RelyingParty, browser: TravellingBrowser, sandbox: Sandbox, code: str
) -> None:
    name = {"facile": "Facile à lire", "en": "English"}[code]
    reach_phone(ent, browser)
    before = browser.page
    page = browser.open(before.link(name))
    assert [form.action for form in page.forms] == [form.action for form in before.forms]
    give_phone(browser, ANGELA)
    assert f'data-langue="{code}"' in browser.page.html
    browser.open(browser.page.link("Français"))
    page = browser.open(browser.page.link(name))
    assert len(sandbox.messages(ANGELA.e164)) == 1
    page = browser.fill("code", {"code": sandbox.code(ANGELA.e164)})
    page = browser.open(page.link(name))
    page = browser.fill("lien-1", kinship_values(page, ANGELA))
    page = browser.open(page.link(name))
    said = {
        "facile": "Votre compte marche avec FranceConnect.",
        "en": "Your parent account is active with FranceConnect.",
    }
    assert str(sandbox.messages(ANGELA.e164)[0]["text"]).startswith(said[code])
    browser.open(page.link({"facile": "Continuer vers", "en": "Continue to"}[code]))
    assert "code" in answer_in(browser.left_to)


def test_nobody_is_told_of_a_refusal_that_there_is_not(browser: TravellingBrowser) -> None:
    for asked in ("", "?refus=", "?refus=cancelled", "?refus=lost", "?refus=made-up&d=h"):
        assert browser.open(f"/franceconnect/refus{asked}").status == 400


def test_a_child_whom_an_import_added_is_asked_for_at_the_end_of_a_sign_in_through_franceconnect(
    ent: RelyingParty, browser: TravellingBrowser, other_browser: TravellingBrowser, sandbox: Sandbox
) -> None:
    home = Household(sandbox)
    mother = home.guardian("angela", "Angela") | {"family_name": "DUBOIS"}
    eve, noe = home.pupil("Ève", guardian="angela"), home.pupil("Noé", "petits", guardian="angela")
    home.load(eve, guardians=(mother,))
    angela = Parent("DUBOIS", "Angela", f"0{home.e164[3:]}", (Child("Ève PRÉAUX", ("11", "02", "2013")),))
    activate_through_franceconnect(ent, browser, sandbox, angela)
    assert enter(ent, browser)["FrEduCtPersonAffiliation"] == ["resp2d"]
    home.load(eve, noe, guardians=(mother,))
    assert reach_phone(ent, other_browser).h1 == "Vous êtes reconnu"
    page = other_browser.go_on()
    assert (page.status, page.h1) == (200, "Un enfant a été ajouté à votre compte")
    assert page.says("Noé PRÉAUX")
    assert not page.says("Ève PRÉAUX"), "proved by the activation"
    assert other_browser.fill("lien-1", card(1, "Noé", **{"jour-1": "4"})).status == 422
    former = session_of(other_browser)
    other_browser.fill("lien-1", card(1, "Noé"))
    tokens = ent.exchange(answer_in(other_browser.left_to)["code"]).json()
    told = ent.userinfo(tokens["access_token"]).json()
    assert told["FrEduCtPersonAffiliation"] == ["resp1d", "resp2d"]
    assert payload_of(tokens["id_token"])["amr"] == ["fc"]
    events = sandbox.events()
    assert events.index("franceconnect.signed-in") < events.index("children.proved")
    put(browser, former)
    browser.open(ent.authorization_uri(prompt="none"))
    assert answer_in(browser.left_to)["error"] == "login_required", "the secret from before the date"
