"""An ENT that wants its answers posted (OAuth 2.0 Form Post Response Mode 1.0)."""

from tests.journeys.people import JOE, activate
from tests.journeys.visits import come_from, sign_in
from tests.support.browser import Browser
from tests.support.page import Page
from tests.support.relying_party import RelyingParty
from tests.support.sandbox import Sandbox


def posted(page: Page, ent: RelyingParty) -> dict[str, str]:
    """Return what the form of this page would bring to the ENT."""
    form = page.form("Continuer")
    assert (page.status, form.method, form.action) == (200, "post", ent.redirect_uri)
    assert page.headers["Cache-Control"] == "no-store"
    return form.values


def test_the_code_is_posted_after_a_sign_in_and_again_while_somebody_is_signed_in(
    browser: Browser, sandbox: Sandbox, ent: RelyingParty
) -> None:
    identifiant = activate(browser, sandbox, JOE)
    come_from(ent, browser, response_mode="form_post")
    for page in (sign_in(browser, identifiant), browser.open(ent.authorization_uri(response_mode="form_post"))):
        answer = posted(page, ent)
        assert set(answer) == {"code", "state", "iss"}
        assert (answer["state"], answer["iss"]) == ("state-0123456789", ent.base)
        assert ent.exchange(answer["code"]).status_code == 200


def test_the_password_sent_twice_posts_the_same_code(browser: Browser, sandbox: Sandbox, ent: RelyingParty) -> None:
    identifiant = activate(browser, sandbox, JOE)
    come_from(ent, browser, response_mode="form_post")
    sent = browser.prepare("j_username", {"j_username": identifiant, "j_password": "Cartable-Bleu-42"})
    assert posted(browser.send(*sent), ent) == posted(browser.send(*sent), ent)


def test_errors_are_posted_with_state_and_iss(browser: Browser, ent: RelyingParty) -> None:
    for changes, error in (({"prompt": "none"}, "login_required"), ({"scope": "profile"}, "invalid_scope")):
        answer = posted(browser.open(ent.authorization_uri(response_mode="form_post", **changes)), ent)
        assert set(answer) == {"error", "error_description", "state", "iss"}
        assert answer["error"] == error


def test_a_place_that_is_not_registered_is_shown_and_gets_no_form(browser: Browser, ent: RelyingParty) -> None:
    uri = ent.authorization_uri(response_mode="form_post", redirect_uri="http://localhost:8402/ailleurs")
    page = browser.open(uri)
    assert page.status == 400
    assert page.forms == []
