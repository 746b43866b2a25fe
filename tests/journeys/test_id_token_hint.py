"""An ENT that says for whom it asks: `id_token_hint` and `login_hint` (OpenID Connect Core 1.0 section 3.1.2.1)."""

import pytest

from tests.journeys.people import ANGELA, JOE, activate
from tests.journeys.visits import bring_back_code, come_from, sign_in
from tests.support.browser import Browser
from tests.support.relying_party import RelyingParty, answer_in
from tests.support.sandbox import Sandbox
from tests.support.server import RunningServer


def id_token(ent: RelyingParty, browser: Browser, identifiant: str) -> str:
    return str(ent.exchange(bring_back_code(ent, browser, identifiant)).json()["id_token"])


def test_with_a_hint_of_who_is_signed_in_the_answer_comes_at_once_in_any_browser_of_hers(
    browser: Browser, other_browser: Browser, sandbox: Sandbox, ent: RelyingParty
) -> None:
    joe = activate(browser, sandbox, JOE)
    hint = id_token(ent, browser, joe)
    bring_back_code(ent, other_browser, joe)
    for one in (browser, other_browser):
        for prompt in ("none", None):
            one.open(ent.authorization_uri(id_token_hint=hint, prompt=prompt))
            assert "code" in answer_in(one.left_to)


def test_with_a_hint_of_somebody_else_nothing_is_silent_and_the_sign_in_page_asks(
    browser: Browser, other_browser: Browser, sandbox: Sandbox, ent: RelyingParty
) -> None:
    joe, angela = activate(browser, sandbox, JOE), activate(other_browser, sandbox, ANGELA)
    hint = id_token(ent, other_browser, angela)
    bring_back_code(ent, browser, joe)
    browser.open(ent.authorization_uri(id_token_hint=hint, prompt="none"))
    answer = answer_in(browser.left_to)
    assert (answer["error"], answer["state"], answer["iss"]) == ("login_required", "state-0123456789", ent.base)
    assert come_from(ent, browser, id_token_hint=hint).h1 == "Je me connecte"
    sign_in(browser, joe)
    assert answer_in(browser.left_to)["error"] == "login_required"
    come_from(ent, browser, id_token_hint=hint)
    sign_in(browser, angela)
    assert "code" in answer_in(browser.left_to)


def test_a_hint_that_another_client_was_given_is_refused(
    browser: Browser, sandbox: Sandbox, ent: RelyingParty, server: RunningServer
) -> None:
    hint = id_token(ent, browser, activate(browser, sandbox, JOE))
    rich = RelyingParty(server.base, "rich", "secret-of-the-rich", "http://localhost:8404/")
    browser.open(rich.authorization_uri(id_token_hint=hint))
    assert answer_in(browser.left_to)["error"] == "invalid_request"


@pytest.mark.parametrize(
    ("hint", "shown"),
    [("j.dupont4271", "j.dupont4271"), ("joe@example.org", ""), ("<b>j.dupont4271", ""), ("j.dupont4271" * 9, "")],
)
def test_an_identifiant_that_the_ent_knows_is_written_in_the_form(
    browser: Browser, ent: RelyingParty, hint: str, shown: str
) -> None:
    page = come_from(ent, browser, login_hint=hint)
    assert page.form("j_username").values["j_username"] == shown
