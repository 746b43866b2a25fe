"""What FranceConnect takes at /authorize, rule by rule: a closed list, and everything in it in its form."""

import json
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.simulator.world import ISSUER, OTHER_CALLBACK, Browser, Hand, Service, callback, error_code, simulator, words

AMR = json.dumps({"id_token": {"amr": {"essential": True}}})


@pytest.mark.parametrize(
    "name", ["response_type", "client_id", "redirect_uri", "scope", "acr_values", "nonce", "state"]
)
@pytest.mark.parametrize("value", [None, ""])
def test_a_required_parameter_that_is_missing_or_empty_is_a_page(
    service: Service, browser: Browser, name: str, value: str | None
) -> None:
    page = browser.authorize(service.request(**{name: value}))
    assert (page.status_code, error_code(page)) == (400, "Y030007")
    assert f"{name}\u00a0: manque ou vide" in words(page)


@pytest.mark.parametrize(
    "name",
    [
        *("code_challenge", "code_challenge_method", "response_mode", "login_hint", "max_age", "display"),
        *("request", "request_uri", "resource", "registration", "n_importe_quoi"),
    ],
)
def test_a_parameter_outside_the_list_is_refused_by_its_name(service: Service, browser: Browser, name: str) -> None:
    page = browser.authorize(service.request(**{name: "x"}))
    assert (page.status_code, error_code(page)) == (400, "Y030007")
    assert f"{name}\u00a0: paramètre refusé" in words(page)


def test_a_lenient_simulator_passes_over_such_parameters() -> None:
    app = simulator(lenient=True)
    page = Browser(app).authorize(Service(app).request(code_challenge="x", code_challenge_method="S256"))
    assert "Choisissez un compte" in words(page)


def test_a_parameter_that_is_given_twice_is_refused(service: Service, browser: Browser) -> None:
    page = browser.post("/api/v2/authorize?state=autre", **service.request())
    assert error_code(page) == "Y030007"
    assert "state\u00a0: donné 2 fois" in words(page)


@pytest.mark.parametrize(("length", "status"), [(21, 400), (22, 200)])
def test_a_nonce_has_22_characters_or_more(service: Service, browser: Browser, length: int, status: int) -> None:
    assert browser.authorize(service.request(nonce="n" * length)).status_code == status


@pytest.mark.parametrize("prompt", ["", "none", "select_account", "login none", "login login"])
def test_a_prompt_of_another_kind_is_refused(service: Service, browser: Browser, prompt: str) -> None:
    assert error_code(browser.authorize(service.request(prompt=prompt))) == "Y030007"


@pytest.mark.parametrize("prompt", ["login", "consent", "login consent"])
def test_a_prompt_for_what_happens_anyway_is_taken(service: Service, browser: Browser, prompt: str) -> None:
    assert browser.authorize(service.request(prompt=prompt)).status_code == 200


@pytest.mark.parametrize("claims", ["", "amr", "[]", "{"])
def test_claims_that_are_no_json_object_are_refused(service: Service, browser: Browser, claims: str) -> None:
    assert error_code(browser.authorize(service.request(claims=claims))) == "Y030007"


def test_ui_locales_are_taken_and_change_nothing(service: Service, browser: Browser) -> None:
    assert "Choisissez un compte" in words(browser.authorize(service.request(ui_locales="en")))


def test_an_unknown_client_is_a_page(service: Service, browser: Browser) -> None:
    page = browser.authorize(service.request(client_id="inconnu"))
    assert (page.status_code, error_code(page)) == (400, "Y04EA6EF")


@pytest.mark.parametrize("change", ["/", "?a=1", "#a"])
def test_a_redirect_uri_is_compared_letter_for_letter(service: Service, browser: Browser, change: str) -> None:
    page = browser.authorize(service.request(redirect_uri=f"{service.callback}{change}"))
    assert page.status_code == 400
    assert error_code(page) == ("Y030007" if change == "#a" else "Y04C013C")


def test_a_redirect_uri_that_is_no_address_is_an_ill_formed_parameter(service: Service, browser: Browser) -> None:
    assert error_code(browser.authorize(service.request(redirect_uri="retour"))) == "Y030007"


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"response_type": "none"}, "unsupported_response_type"),
        ({"scope": "given_name"}, "invalid_request"),
        ({"scope": "openid dgfip_rfr"}, "invalid_scope"),
        ({"acr_values": "eidas2"}, "invalid_acr"),
        ({"acr_values": "eidas3 eidas2"}, "invalid_acr"),
        ({"idp_hint": "inconnu"}, "invalid_idp_hint"),
    ],
)
def test_other_faults_go_back_to_the_service_with_state_and_issuer(
    service: Service, browser: Browser, changes: dict[str, str], error: str
) -> None:
    answer = browser.authorize(service.request(**changes))
    assert answer.status_code == 303
    back = callback(answer)
    assert (back["error"], back["state"], back["iss"]) == (error, "s" * 32, ISSUER)
    assert back["error_description"]


@pytest.mark.parametrize("kind", ["token", "id_token", "code id_token"])
def test_a_response_type_for_the_fragment_is_refused_in_the_fragment(
    service: Service, browser: Browser, kind: str
) -> None:
    answer = browser.authorize(service.request(response_type=kind))
    parts = urlsplit(answer.headers["Location"])
    assert (parts.query, parse_qs(parts.fragment)["error"]) == ("", ["unsupported_response_type"])


def test_the_level_that_is_too_high_is_named(service: Service, browser: Browser) -> None:
    back = callback(browser.authorize(service.request(acr_values="eidas2")))
    assert back["error_description"].endswith("expected eidas1, got eidas2")


@pytest.mark.parametrize("levels", ["eidas1 eidas2", "eidas3 eidas1", "inconnu", "inconnu eidas1"])
def test_the_lowest_level_counts_and_unknown_ones_mean_the_platform_s(
    service: Service, browser: Browser, levels: str
) -> None:
    code = browser.come_back(service.request(acr_values=levels))["code"]
    assert service.verify(service.redeem(code).get_json()["id_token"])["acr"] == "eidas1"


def test_unknown_scopes_are_passed_over(service: Service, browser: Browser) -> None:
    code = browser.come_back(service.request(scope="openid gender address offline_access"))["code"]
    assert service.redeem(code).get_json()["scope"] == "openid gender"


def test_a_scope_that_this_client_was_not_granted_is_refused(private: Service, browser: Browser) -> None:
    answer = browser.authorize(private.request(scope="openid birthdate"))
    assert callback(answer, OTHER_CALLBACK)["error"] == "invalid_scope"


@pytest.mark.parametrize(
    ("scope", "claims"),
    [
        ("profile", {"given_name", "given_name_array", "family_name", "birthdate", "gender", "preferred_username"}),
        ("birth", {"birthplace", "birthcountry"}),
        ("identite_pivot", {"given_name", "given_name_array", "family_name", "birthdate", "gender", "birthplace", "birthcountry"}),
        ("given_name", {"given_name", "given_name_array"}),
        ("family_name", {"family_name"}),
        ("preferred_username", {"preferred_username"}),
        ("email", {"email"}),
        ("idp_birthdate", {"idp_birthdate"}),
        ("idp_id", {"idp_id"}),
    ],
)  # fmt: skip
def test_each_scope_gives_its_claims(service: Service, browser: Browser, scope: str, claims: set[str]) -> None:
    code = browser.come_back(service.request(scope=f"openid {scope}"), "eve")["code"]
    told = service.verify(service.userinfo(service.redeem(code).get_json()["access_token"]).text)
    assert told.keys() - {"sub", "aud", "exp", "iat", "iss"} == claims


def test_amr_is_told_in_the_id_token_when_it_is_asked_for(service: Service, browser: Browser) -> None:
    tokens = service.redeem(browser.come_back(service.request(claims=AMR))["code"]).get_json()
    assert service.verify(tokens["id_token"])["amr"] == ["fc", "pwd"]
    assert "amr" not in service.verify(service.userinfo(tokens["access_token"]).text)


def test_amr_is_a_page_for_a_client_that_may_not_have_it(private: Service, browser: Browser) -> None:
    assert error_code(browser.authorize(private.request(claims=AMR))) == "Y100009"


def test_a_hint_leads_past_the_choice(service: Service, browser: Browser) -> None:
    uid = "1f0b0e7a-5d1c-4a57-9a57-000000000003"
    page = browser.authorize(service.request(idp_hint=uid, scope="openid idp_id"))
    assert "Poste fictive" in words(page)
    code = callback(browser.submit(browser.prove(page)))["code"]
    told = service.verify(service.userinfo(service.redeem(code).get_json()["access_token"]).text)
    assert told["idp_id"] == uid


def test_openid_alone_is_an_anonymous_journey(service: Service, browser: Browser) -> None:
    choice = browser.authorize(service.request(scope="openid"))
    assert "de façon anonyme" in words(choice)
    consent = browser.prove(browser.choose(choice))
    assert "Aucune donnée personnelle ne sera transmise." in words(consent)
    assert "DUBOIS" not in consent.text
    assert callback(browser.submit(consent))["code"]


def test_who_is_signed_in_is_spared_the_choice(service: Service, private: Service, browser: Browser) -> None:
    browser.come_back(service.request())
    assert "Angela Claire Louise DUBOIS" in words(browser.authorize(private.request()))


def test_without_single_sign_on_the_choice_is_asked_each_time() -> None:
    app = simulator(sso=False)
    browser = Browser(app)
    browser.come_back(Service(app).request())
    assert "Choisissez un compte" in words(browser.authorize(Service(app).request()))


def test_a_session_ends_after_30_minutes_without_a_page(service: Service, browser: Browser, hand: Hand) -> None:
    browser.come_back(service.request())
    hand.advance(1790)
    assert "en tant que" in words(browser.authorize(service.request()))
    hand.advance(1801)
    assert "Choisissez un compte" in words(browser.authorize(service.request()))


def test_a_page_that_waited_too_long_says_so(service: Service, browser: Browser, hand: Hand) -> None:
    page = browser.authorize(service.request())
    hand.advance(1801)
    late = browser.choose(page)
    assert (late.status_code, error_code(late)) == (401, "Y190001")


def test_a_private_service_needs_the_tick(private: Service, browser: Browser) -> None:
    page = browser.reach_consent(private.request())
    assert "J'accepte que mes données soient transmises à Cantine privée pour me connecter." in words(page)
    refused = browser.submit(page)
    assert refused.status_code == 422
    assert "Cochez la case pour continuer, ou revenez sur Cantine privée." in words(refused)
    back = callback(browser.submit(refused, accord="1"), OTHER_CALLBACK)
    assert (back["d"], bool(back["code"])) == ("1", True)


def test_the_strict_skin_hides_the_link_that_the_real_pages_do_not_have() -> None:
    app = simulator(strict_skin=True)
    page = Browser(app).reach_consent(Service(app).request())
    assert "Ce n'est pas vous" not in words(page)


@pytest.mark.parametrize(
    ("sent", "code", "status"),
    [({}, "Y470002", 400), ({"csrfToken": ""}, "Y470002", 400), ({"csrfToken": "autre"}, "Y470001", 401)],
)
def test_a_form_without_the_session_s_token_is_refused(
    service: Service, browser: Browser, sent: dict[str, str], code: str, status: int
) -> None:
    uid = browser.authorize(service.request()).request.path.rsplit("/", 1)[1]
    page = browser.post("/api/v2/redirect-to-idp", uid=uid, providerUid="x", **sent)
    assert (page.status_code, error_code(page)) == (status, code)


@pytest.mark.parametrize(
    ("uid", "code"),
    [("inconnu", "Y020019"), ("1f0b0e7a-5d1c-4a57-9a57-000000000006", "Y020017")],
)
def test_a_provider_that_cannot_be_chosen_is_a_page(service: Service, browser: Browser, uid: str, code: str) -> None:
    page = browser.authorize(service.request())
    assert error_code(browser.submit(page, providerUid=uid)) == code


@pytest.mark.parametrize(("query", "code"), [({}, "Y020021"), ({"state": "autre", "code": "x"}, "Y020022")])
def test_a_provider_s_answer_without_this_browser_s_state_is_a_page(
    service: Service, browser: Browser, query: dict[str, str], code: str
) -> None:
    browser.choose(browser.authorize(service.request()))
    assert error_code(browser.open("/api/v2/oidc-callback", **query)) == code


def test_going_back_after_the_information_page_is_an_abnormal_navigation(service: Service, browser: Browser) -> None:
    choice = browser.authorize(service.request())
    browser.prove(browser.choose(choice))
    page = browser.open(choice.request.path)
    assert (page.status_code, error_code(page)) == (400, "Y420001")
    assert "Revenir sur Education Nationale" in words(page)


def test_turning_back_at_the_choice_is_access_denied(service: Service, browser: Browser) -> None:
    uid = browser.authorize(service.request()).request.path.rsplit("/", 1)[1]
    answer = browser.open("/api/v2/redirect-to-sp-with-error", uid=uid)
    assert answer.status_code == 302
    assert (callback(answer)["error"], callback(answer)["error_description"]) == ("access_denied", "User auth aborted")


@pytest.mark.parametrize(
    ("login", "code", "error"),
    [
        ("E010004", "Y010004", "access_denied"),
        ("E010008", "Y010008", "access_denied"),
        ("E010011", "Y010011", "server_error"),
        ("decede", "Y010015", "access_denied"),
        ("desactive", "Y180001", "access_denied"),
        ("bloque", "Y100011", "access_denied"),
        *((login, "Y600006", "server_error") for login in (
            "sans_mail", "sans_genre", "sans_prenom", "sans_nom_naissance", "sans_birthdate", "sans_birthplace",
            "sans_birthcountry", "mois_00",
        )),
    ],
)  # fmt: skip
def test_a_refused_person_sees_a_page_whose_link_brings_the_error_to_the_service(
    service: Service, browser: Browser, login: str, code: str, error: str
) -> None:
    page = browser.reach_consent(service.request(), login)
    assert error_code(page) == code
    uid = page.request.path.split("/")[4]
    back = callback(browser.open("/api/v2/redirect-to-sp-with-error", uid=uid))
    assert (back["error"], back["state"], back["iss"]) == (error, "s" * 32, ISSUER)


@pytest.mark.parametrize(
    ("login", "registered", "told"),
    [
        ("presume_ne_jour", "1992-11-01", "1992-11-00"),
        ("presume_ne_jour_et_mois", "1992-01-01", "1992-00-00"),
        ("test", "1962-08-24", "1962-08-24"),
    ],
)
def test_a_day_that_nobody_knows_is_the_first_in_the_register(
    service: Service, browser: Browser, login: str, registered: str, told: str
) -> None:
    code = browser.come_back(service.request(scope="openid birthdate idp_birthdate"), login)["code"]
    claims = service.verify(service.userinfo(service.redeem(code).get_json()["access_token"]).text)
    assert (claims["birthdate"], claims["idp_birthdate"]) == (registered, told)


def test_who_was_born_abroad_has_an_empty_birthplace(service: Service, browser: Browser) -> None:
    code = browser.come_back(service.request(scope="openid birth"), "naissance_maroc")["code"]
    claims = service.verify(service.userinfo(service.redeem(code).get_json()["access_token"]).text)
    assert (claims["birthplace"], claims["birthcountry"]) == ("", "99350")
