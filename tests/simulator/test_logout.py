"""What FranceConnect takes at /session/end, and what its steps refuse."""

import pytest

from tests.simulator.world import AFTER_LOGOUT, Browser, Hand, Service, error_code, words


@pytest.fixture
def hint(service: Service, browser: Browser) -> str:
    token = service.redeem(browser.come_back(service.request())["code"]).get_json()["id_token"]
    return str(token)


def test_every_parameter_of_the_list_is_taken(browser: Browser, hint: str) -> None:
    page = browser.open(
        "/api/v2/session/end",
        id_token_hint=hint,
        post_logout_redirect_uri=AFTER_LOGOUT,
        state="xyz",
        client_id="preau",
        logout_hint="x",
        ui_locales="fr",
    )
    assert "Étape 1 sur 2" in words(page)


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"autre": "x"}, 400, "Y030007"),
        ({"id_token_hint": ""}, 400, "Y030007"),
        ({"id_token_hint": "pas.un.jeton"}, 400, "Y040001"),
        ({"client_id": "prive"}, 400, "Y040001"),
        ({"post_logout_redirect_uri": f"{AFTER_LOGOUT}/"}, 400, "Y04CFAEF"),
    ],
)
def test_what_is_not_taken_is_a_page(
    browser: Browser, hint: str, changes: dict[str, str], status: int, code: str
) -> None:
    right = {"id_token_hint": hint, "post_logout_redirect_uri": AFTER_LOGOUT}
    page = browser.open("/api/v2/session/end", **{**right, **changes})
    assert (page.status_code, error_code(page)) == (status, code)


def test_a_browser_that_is_not_signed_in_cannot_sign_out(service: Service, hint: str) -> None:
    page = Browser(service.app).open("/api/v2/session/end", id_token_hint=hint)
    assert error_code(page) == "Y100019"


def test_an_expired_session_cannot_sign_out(browser: Browser, hint: str, hand: Hand) -> None:
    hand.advance(1801)
    assert error_code(browser.open("/api/v2/session/end", id_token_hint=hint)) == "Y100019"


@pytest.mark.parametrize("path", ["/api/v2/client/disconnect-from-idp", "/api/v2/session/end/confirm"])
def test_a_step_needs_the_session_s_token(browser: Browser, hint: str, path: str) -> None:
    browser.open("/api/v2/session/end", id_token_hint=hint)
    assert error_code(browser.post(path)) == "Y470002"
    assert error_code(browser.post(path, csrfToken="autre")) == "Y470001"


def test_a_step_out_of_order_is_an_abnormal_navigation(browser: Browser, hint: str) -> None:
    assert hint
    assert error_code(browser.open("/api/v2/client/logout-callback")) == "Y420001"


def test_a_step_in_another_browser_finds_no_session(service: Service) -> None:
    assert error_code(Browser(service.app).open("/api/v2/client/logout-callback")) == "Y190001"


def test_without_a_state_one_goes_back_without_one(browser: Browser, hint: str) -> None:
    first = browser.open("/api/v2/session/end", id_token_hint=hint, post_logout_redirect_uri=AFTER_LOGOUT)
    assert browser.submit(browser.submit(first)).headers["Location"] == AFTER_LOGOUT
