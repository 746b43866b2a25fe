"""Logout: the chain with its button, the state that comes back, and what is refused by a page."""

from urllib.parse import urlencode

import pytest

from tests.simulator.service import AFTER_LOGOUT, ISSUER, Visit


def signed_in(visit: Visit) -> str:
    _, told = visit.redeem(visit.sign_in()["code"])
    return str(told["id_token"])


def test_a_person_is_signed_out_and_sent_back_with_the_state(visit: Visit) -> None:
    hint = signed_in(visit)
    page = visit.open(
        f"{ISSUER}/session/end?"
        + urlencode({"id_token_hint": hint, "post_logout_redirect_uri": AFTER_LOGOUT, "state": "of-the-service"})
    )
    assert page.h1 == "Déconnexion"
    assert page.headers["Content-Security-Policy"].endswith("form-action 'self' http://localhost:8400")
    visit.submit(page, "cle")
    assert visit.answered == {"to": AFTER_LOGOUT, "state": "of-the-service"}
    assert visit.ask().h1 == "Connexion en cours sur Education Nationale", "nobody is signed in any more"


def test_a_hint_that_has_run_out_is_as_good_as_another(visit: Visit) -> None:
    hint = signed_in(visit)
    visit.control("PUT", "/clock", {"advance_seconds": 20 * 60})
    assert visit.open(f"{ISSUER}/session/end?id_token_hint={hint}").h1 == "Déconnexion"


def test_without_a_place_to_go_one_stays(visit: Visit) -> None:
    page = visit.open(f"{ISSUER}/session/end?id_token_hint={signed_in(visit)}")
    assert visit.submit(page, "cle").h1 == "Vous êtes déconnecté"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"id_token_hint": ""}, "Y030007"),
        ({"id_token_hint": "a.b.c"}, "Y030007"),
        ({"foo": "bar"}, "Y030007"),
        ({"client_id": "mairie"}, "Y030007"),
        ({"post_logout_redirect_uri": "https://elsewhere.example/"}, "Y04CFAEF"),
        ({"post_logout_redirect_uri": AFTER_LOGOUT + "/"}, "Y04CFAEF"),
    ],
)
def test_what_is_refused_is_a_page_and_nobody_is_signed_out(visit: Visit, changes: dict[str, str], code: str) -> None:
    hint = signed_in(visit)
    sent = {"id_token_hint": hint, "post_logout_redirect_uri": AFTER_LOGOUT, **changes}
    page = visit.open(f"{ISSUER}/session/end?{urlencode(sent)}")
    assert (page.status, page.says(f"Code {code}")) == (400, True)
    assert visit.ask().h1 == "Vous allez vous connecter en tant que :"


def test_without_a_live_session_there_is_a_page_and_no_way_back(visit: Visit) -> None:
    hint = signed_in(visit)
    page = Visit(visit.app).open(f"{ISSUER}/session/end?id_token_hint={hint}&state=x")
    assert page.says("Code Y100019")


def test_a_form_is_good_once(visit: Visit) -> None:
    page = visit.open(f"{ISSUER}/session/end?id_token_hint={signed_in(visit)}")
    visit.submit(page, "cle")
    assert visit.submit(page, "cle").says("Code Y190001")


@pytest.mark.parametrize(
    ("fault", "answered"),
    [
        ("logout-without-state", {"to": AFTER_LOGOUT}),
        ("logout-stays", {}),
    ],
)
def test_a_logout_can_be_made_to_lose_its_way(visit: Visit, fault: str, answered: dict[str, str]) -> None:
    hint = signed_in(visit)
    visit.answered = {}
    visit.arm(fault)
    sent = {"id_token_hint": hint, "post_logout_redirect_uri": AFTER_LOGOUT, "state": "s"}
    visit.submit(visit.open(f"{ISSUER}/session/end?{urlencode(sent)}"), "cle")
    assert visit.answered == answered


def test_a_logout_can_come_back_with_another_state_or_fail(visit: Visit) -> None:
    hint = signed_in(visit)
    visit.arm("logout-500")
    assert visit.open(f"{ISSUER}/session/end?id_token_hint={hint}").status == 500
    visit.arm("logout-wrong-state")
    sent = {"id_token_hint": hint, "post_logout_redirect_uri": AFTER_LOGOUT, "state": "s"}
    visit.submit(visit.open(f"{ISSUER}/session/end?{urlencode(sent)}"), "cle")
    assert visit.answered["state"] not in {"", "s"}
