"""The authorization endpoint: the closed list, then each check, in refusing order."""

import pytest

from franceconnect_bridge.simulator.settings import Client
from tests.simulator.service import AFTER_LOGOUT, BASE, ISSUER, NONCE, REDIRECT_URI, REQUEST, STATE, Visit, make_visit


def test_a_person_is_led_from_the_service_to_the_service(visit: Visit) -> None:
    page = visit.ask()
    assert page.h1 == "Connexion en cours sur Education Nationale"
    assert page.title == "Connexion en cours sur Education Nationale - Simulateur de FranceConnect"
    page = visit.submit(page, "uid", "Impôts fictifs")
    assert page.h1 == "Impôts fictifs"
    page = visit.submit(page, "login", login="test", password="123")
    assert page.h1 == "Vous allez vous connecter en tant que :"
    assert page.says("Angela Claire Louise DUBOIS")
    assert [words for _, _, words in page.form("uid").buttons] == ["Continuer sur Education Nationale"]
    visit.submit(page, "uid")
    assert visit.answered.pop("code")
    assert visit.answered == {"to": REDIRECT_URI, "state": STATE, "iss": ISSUER}


def test_a_request_may_come_by_post(visit: Visit) -> None:
    assert visit.open(f"{ISSUER}/authorize", REQUEST, "POST").h1 == "Connexion en cours sur Education Nationale"


@pytest.mark.parametrize(
    "extra",
    ["code_challenge", "code_challenge_method", "response_mode", "login_hint", "max_age", "display", "request", "foo"],
)
def test_a_parameter_that_is_not_on_the_closed_list_is_y030007(visit: Visit, extra: str) -> None:
    page = visit.ask(**{extra: "S256"})
    assert (page.status, page.h1) == (400, "Une erreur s'est produite")
    assert page.says("Code Y030007")
    assert page.says(f"not on the closed list: {extra};")
    assert visit.answered == {}


def test_the_list_can_be_opened_for_services_that_are_not_ready() -> None:
    visit = make_visit(refuses_unknown_parameters=False)
    assert visit.ask(code_challenge="x", code_challenge_method="S256").status == 200


@pytest.mark.parametrize("missing", sorted(REQUEST))
def test_every_parameter_is_wanted(visit: Visit, missing: str) -> None:
    for value in (None, ""):
        page = visit.ask(**{missing: value})
        assert (page.status, page.says("Code Y030007")) == (400, True)
        assert page.says(missing)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"nonce": NONCE[:21]}, "nonce has 21 characters; at least 22 are wanted"),
        ({"redirect_uri": "retour"}, "redirect_uri is not a URL"),
        ({"prompt": "none"}, "prompt may be login, consent or both"),
        ({"prompt": ""}, "prompt may be login, consent or both"),
        ({"prompt": "login select_account"}, "prompt may be login, consent or both"),
        ({"claims": "{"}, "claims is not a JSON object"),
        ({"claims": "[]"}, "claims is not a JSON object"),
    ],
)
def test_a_malformed_parameter_is_y030007_and_a_developer_reads_which(
    visit: Visit, changes: dict[str, str], says: str
) -> None:
    page = visit.ask(**changes)
    assert (page.status, page.says("Code Y030007"), page.says(says)) == (400, True, True)


def test_a_parameter_sent_twice_is_y030007(visit: Visit) -> None:
    page = visit.ask()
    page = visit.open(page.url)  # a sign-in is under way
    twice = f"{ISSUER}/authorize?client_id=preau&client_id=preau"
    assert visit.open(twice).says("a parameter is there twice")


def test_the_shortest_nonce_and_every_prompt_are_taken(visit: Visit) -> None:
    for changes in ({"nonce": NONCE[:22]}, {"prompt": "login"}, {"prompt": "consent login"}, {"ui_locales": "fr"}):
        assert visit.ask(**changes).status == 200


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"client_id": "nobody"}, "Y04EA6EF"),
        ({"redirect_uri": REDIRECT_URI + "/"}, "Y04C013C"),
        ({"redirect_uri": REDIRECT_URI.replace("http:", "HTTP:")}, "Y04C013C"),
        ({"redirect_uri": AFTER_LOGOUT}, "Y04C013C"),
    ],
)
def test_an_unknown_client_or_address_is_a_page_and_nobody_is_sent_there(
    visit: Visit, changes: dict[str, str], code: str
) -> None:
    page = visit.ask(**changes)
    assert (page.status, page.says(f"Code {code}")) == (400, True)
    assert visit.answered == {}
    assert all(address.startswith(BASE) for _, address in page.links)


@pytest.mark.parametrize(
    ("changes", "error", "description"),
    [
        ({"response_type": "none"}, "unsupported_response_type", "unsupported response_type requested"),
        (
            {"scope": "profile"},
            "invalid_request",
            "openid scope must be requested when using the acr_values parameter",
        ),
        (
            {"acr_values": "eidas2"},
            "invalid_acr",
            "acr_value is not valid, should be equal one of these values, expected eidas1, got eidas2",
        ),
        ({"idp_hint": "none"}, "invalid_idp_hint", "An idp_hint was provided but is not allowed"),
    ],
)
def test_what_the_service_can_mend_goes_back_to_it(
    visit: Visit, changes: dict[str, str], error: str, description: str
) -> None:
    visit.ask(**changes)
    assert visit.answered == {
        "to": REDIRECT_URI,
        "error": error,
        "error_description": description,
        "state": STATE,
        "iss": ISSUER,
    }


def test_a_hybrid_response_type_is_answered_in_the_fragment(visit: Visit) -> None:
    page = visit.ask(response_type="code id_token")
    assert page.url.startswith(f"{REDIRECT_URI}#error=unsupported_response_type")


@pytest.mark.parametrize("acr", ["eidas1", "eidas2 eidas1", "anything", "eidas3 eidas1"])
def test_the_lowest_known_level_counts_and_unknown_ones_are_none(visit: Visit, acr: str) -> None:
    assert visit.ask(acr_values=acr).status == 200


def test_a_known_scope_that_the_client_may_not_have_goes_back_and_an_unknown_one_is_ignored() -> None:
    few = Client("few", "Peu", ("https://few.example/cb",), client_secret="secret-of-the-few", scopes=("family_name",))
    visit = make_visit(clients=(few,))
    of_few = {"client_id": "few", "redirect_uri": "https://few.example/cb"}
    assert visit.ask(**of_few, scope="openid family_name address").status == 200
    for known in ("email", "dgfip_rfr"):
        visit.answered = {}
        visit.ask(**of_few, scope=f"openid family_name {known}")
        assert visit.answered["error"] == "invalid_scope"
    visit.ask(scope="openid dgfip_rfr")
    assert visit.answered["error"] == "invalid_scope", "data of other administrations are granted to nobody"


def test_claims_nested_without_end_are_as_malformed_as_others(visit: Visit) -> None:
    page = visit.ask(claims="[" * 100_000)
    assert (page.status, page.says("Code Y030007")) == (400, True)


def test_amr_is_for_those_who_may_ask() -> None:
    shy = Client("shy", "Timide", ("https://shy.example/cb",), client_secret="secret-of-the-shy", may_ask_amr=False)
    visit = make_visit(clients=(shy,))
    claims = '{"id_token":{"amr":{"essential":true}}}'
    page = visit.ask(client_id="shy", redirect_uri="https://shy.example/cb", claims=claims)
    assert (page.status, page.says("Code Y100009")) == (400, True)
