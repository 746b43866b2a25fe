"""What goes wrong on purpose, told through the door: who meets a fault, how often, and that nobody else does."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import requests

from tests.journeys.people import ANGELA, JOE, activate
from tests.journeys.visits import bring_back_code, bring_back_tokens, come_from, introspect, sign_in
from tests.support.browser import Browser
from tests.support.relying_party import RelyingParty, answer_in, unverified_claims
from tests.support.sandbox import Sandbox
from tests.support.server import RunningServer

FOREIGN = "https://another-issuer.example"


@pytest.fixture
def tablet(server: RunningServer) -> RelyingParty:
    return RelyingParty(server.base, "tablet", "", "http://127.0.0.1:8403/retour")


@pytest.fixture
def joe(browser: Browser, sandbox: Sandbox) -> str:
    return activate(browser, sandbox, JOE)


def issuer_in(told: dict[str, Any]) -> str:
    return str(unverified_claims(told["id_token"])["iss"])


# --- armed by the control API ----------------------------------------------------------------------------------------------------------


def test_a_fault_strikes_as_often_as_it_was_armed_for_and_is_listed_with_it(
    server: RunningServer, sandbox: Sandbox, ent: RelyingParty, joe: str
) -> None:
    sandbox.arm("id-token-wrong-iss", times=2)
    told = [issuer_in(bring_back_tokens(ent, Browser(server.base), joe)) for _ in range(3)]
    assert told == [FOREIGN, FOREIGN, server.base]
    (listed,) = sandbox.faults()
    assert (listed["times"], listed["left"], listed["struck"]) == (2, 0, 2)


def test_a_fault_that_is_always_there_is_there_until_it_is_disarmed(server: RunningServer, sandbox: Sandbox) -> None:
    one = sandbox.arm("http-503", times="always", endpoint="discovery")
    address = f"{server.base}/.well-known/openid-configuration"
    assert [requests.get(address, timeout=20).status_code for _ in range(3)] == [503] * 3
    (listed,) = sandbox.faults()
    assert (listed["id"], listed["left"], listed["struck"]) == (one, "always", 3)
    sandbox.disarm(one)
    assert requests.get(address, timeout=20).json()["issuer"] == server.base
    assert sandbox.faults() == []


def test_a_fault_of_one_client_strikes_no_other(
    server: RunningServer, sandbox: Sandbox, ent: RelyingParty, joe: str
) -> None:
    sandbox.arm("id-token-wrong-iss", client_id="rich")
    rich = RelyingParty(server.base, "rich", "secret-of-the-rich", "http://localhost:8404/")
    assert issuer_in(bring_back_tokens(ent, Browser(server.base), joe)) == server.base
    assert issuer_in(bring_back_tokens(rich, Browser(server.base), joe)) == FOREIGN


def test_a_fault_of_one_person_strikes_nobody_else(
    server: RunningServer, sandbox: Sandbox, ent: RelyingParty, joe: str
) -> None:
    angela = activate(Browser(server.base), sandbox, ANGELA)
    sandbox.arm("id-token-wrong-iss", identifiant=angela.upper())
    sandbox.arm("userinfo-wrong-sub", identifiant=angela)
    sandbox.arm("redirect-without-state", identifiant=angela)
    told = bring_back_tokens(ent, Browser(server.base), joe)
    assert issuer_in(told) == server.base
    assert ent.userinfo(told["access_token"]).json()["sub"] == unverified_claims(told["id_token"])["sub"]
    browser = Browser(server.base)
    come_from(ent, browser)
    sign_in(browser, angela)
    assert "state" not in answer_in(browser.left_to)
    told = ent.exchange(answer_in(browser.left_to)["code"]).json()
    assert issuer_in(told) == FOREIGN
    assert ent.userinfo(told["access_token"]).json()["sub"] == "somebody-else"


def test_a_fault_of_one_endpoint_strikes_at_no_other(
    server: RunningServer, sandbox: Sandbox, ent: RelyingParty, joe: str
) -> None:
    sandbox.arm("http-500", endpoint="userinfo")
    told = bring_back_tokens(ent, Browser(server.base), joe)
    assert ent.userinfo(told["access_token"]).status_code == 500
    assert ent.userinfo(told["access_token"]).status_code == 200


def test_where_one_client_asks_about_the_token_of_another_it_is_the_fault_of_who_asks(
    server: RunningServer, sandbox: Sandbox, ent: RelyingParty, joe: str
) -> None:
    token = bring_back_tokens(ent, Browser(server.base), joe)["access_token"]
    rich = RelyingParty(server.base, "rich", "secret-of-the-rich", "http://localhost:8404/")
    sandbox.arm("http-503", client_id="rich", identifiant=joe, endpoint="introspection")
    assert introspect(ent, token).status_code == 200
    assert introspect(rich, "another-token").status_code == 200
    assert introspect(rich, token).status_code == 503


def test_a_fault_that_cannot_apply_is_not_used_up(
    server: RunningServer, sandbox: Sandbox, ent: RelyingParty, joe: str
) -> None:
    sandbox.arm("id-token-wrong-nonce")
    told = bring_back_tokens(ent, Browser(server.base), joe, nonce=None)
    assert "nonce" not in unverified_claims(told["id_token"])
    assert ent.exchange("no-such-code").status_code == 400
    assert [one["left"] for one in sandbox.faults()] == [1]
    assert (
        unverified_claims(bring_back_tokens(ent, Browser(server.base), joe)["id_token"])["nonce"] != "nonce-0123456789"
    )


def test_of_many_answers_at_the_same_moment_one_meets_a_fault_that_is_armed_once(
    server: RunningServer, sandbox: Sandbox
) -> None:
    sandbox.arm("http-503", endpoint="jwks")
    with ThreadPoolExecutor(16) as threads:
        statuses = list(
            threads.map(
                lambda _: requests.get(f"{server.base}/idp/profile/oidc/jwks", timeout=20).status_code, range(50)
            )
        )
    assert sorted(statuses) == [200] * 49 + [503]


def test_going_back_to_the_seed_disarms_all(server: RunningServer, sandbox: Sandbox) -> None:
    sandbox.arm("http-503", times="always")
    sandbox.reset()
    assert sandbox.faults() == []
    assert requests.get(f"{server.base}/idp/profile/oidc/jwks", timeout=20).status_code == 200


def test_refreshed_tokens_meet_faults_too(server: RunningServer, sandbox: Sandbox, joe: str) -> None:
    stays = RelyingParty(server.base, "stays", "secret-of-the-one-that-stays", "http://localhost:8405/retour")
    told = bring_back_tokens(stays, Browser(server.base), joe)
    sandbox.arm("id-token-wrong-iss", identifiant=joe, client_id="stays")
    assert issuer_in(stays.refresh(told["refresh_token"]).json()) == FOREIGN


# --- armed by the sign-in itself -------------------------------------------------------------------------------------------------------

HINT = {"login_hint": "fault:id-token-wrong-iss"}


def assert_tied(server: RunningServer, sandbox: Sandbox, ent: RelyingParty, code: str, joe: str) -> None:
    """Assert that this code's tokens meet their fault, and another sign-in's do not."""
    assert issuer_in(ent.exchange(code).json()) == FOREIGN
    assert issuer_in(bring_back_tokens(ent, Browser(server.base), joe)) == server.base
    assert sandbox.faults() == [], "no tester armed it"


def test_a_sign_in_meets_the_fault_that_its_hint_names_and_nobody_else_does(
    server: RunningServer, sandbox: Sandbox, ent: RelyingParty, joe: str
) -> None:
    code = bring_back_code(ent, Browser(server.base), joe, **HINT)
    assert_tied(server, sandbox, ent, code, joe)


def test_so_does_one_of_somebody_who_is_signed_in_already(
    server: RunningServer, sandbox: Sandbox, ent: RelyingParty, joe: str
) -> None:
    browser = Browser(server.base)
    bring_back_code(ent, browser, joe)
    browser.open(ent.authorization_uri(**HINT))
    assert_tied(server, sandbox, ent, answer_in(browser.left_to)["code"], joe)


def test_so_does_one_whose_request_was_pushed(
    server: RunningServer, sandbox: Sandbox, ent: RelyingParty, joe: str
) -> None:
    browser = Browser(server.base)
    page = browser.open(ent.pushed_uri(**HINT))
    browser.open(page.link("Responsable d'élève"))
    sign_in(browser, joe)
    assert_tied(server, sandbox, ent, answer_in(browser.left_to)["code"], joe)


def test_so_does_a_pushed_one_of_somebody_who_is_signed_in_already(
    server: RunningServer, sandbox: Sandbox, ent: RelyingParty, joe: str
) -> None:
    browser = Browser(server.base)
    bring_back_code(ent, browser, joe)
    browser.open(ent.pushed_uri(**HINT))
    assert_tied(server, sandbox, ent, answer_in(browser.left_to)["code"], joe)


def test_so_does_one_that_was_sent_by_post(
    server: RunningServer, sandbox: Sandbox, ent: RelyingParty, joe: str
) -> None:
    browser = Browser(server.base)
    page = browser.send(f"{server.base}/idp/profile/oidc/authorize", ent.authorization_request(**HINT))
    browser.open(page.link("Responsable d'élève"))
    sign_in(browser, joe)
    assert_tied(server, sandbox, ent, answer_in(browser.left_to)["code"], joe)


def test_so_does_one_that_asks_for_the_person_s_consent(
    server: RunningServer, sandbox: Sandbox, ent: RelyingParty, joe: str
) -> None:
    browser = Browser(server.base)
    come_from(ent, browser, prompt="consent", **HINT)
    sign_in(browser, joe)
    browser.fill("Autoriser")
    assert_tied(server, sandbox, ent, answer_in(browser.left_to)["code"], joe)


def test_a_sign_in_of_long_ago_meets_its_fault_no_more(server: RunningServer, sandbox: Sandbox, joe: str) -> None:
    stays = RelyingParty(server.base, "stays", "secret-of-the-one-that-stays", "http://localhost:8405/retour")
    told = bring_back_tokens(stays, Browser(server.base), joe, **HINT)
    sandbox.advance(minutes=59)
    told = stays.refresh(told["refresh_token"]).json()
    assert issuer_in(told) == FOREIGN
    sandbox.advance(minutes=2)
    assert issuer_in(stays.refresh(told["refresh_token"]).json()) == server.base


def test_a_hint_may_name_the_endpoint_and_strikes_there_each_time(
    server: RunningServer, ent: RelyingParty, joe: str
) -> None:
    told = bring_back_tokens(ent, Browser(server.base), joe, login_hint="fault:http-502@userinfo")
    assert [ent.userinfo(told["access_token"]).status_code for _ in range(3)] == [502] * 3
    other = bring_back_tokens(ent, Browser(server.base), joe)
    assert ent.userinfo(other["access_token"]).status_code == 200


@pytest.mark.parametrize(
    ("hint", "about"),
    [
        ("fault:redirect-without-state", lambda told: "state" not in told and "code" in told),
        ("fault:redirect-wrong-iss", lambda told: told["iss"] == FOREIGN),
        ("fault:redirect-error-access-denied", lambda told: told["error"] == "access_denied" and "code" not in told),
    ],
)
@pytest.mark.parametrize("mode", ["query", "form_post"])
def test_the_way_back_itself_may_be_wrong_as_a_redirect_and_as_a_form(
    server: RunningServer, ent: RelyingParty, joe: str, hint: str, about: Callable[[dict[str, str]], bool], mode: str
) -> None:
    browser = Browser(server.base)
    come_from(ent, browser, login_hint=hint, response_mode=mode)
    sign_in(browser, joe)
    if mode == "query":
        told = answer_in(browser.left_to)
    else:
        (form,) = browser.page.forms
        assert form.action == ent.redirect_uri
        told = form.values
    assert about(told), told


def test_so_may_that_of_somebody_who_is_signed_in_already(server: RunningServer, ent: RelyingParty, joe: str) -> None:
    browser = Browser(server.base)
    bring_back_code(ent, browser, joe)
    browser.open(ent.authorization_uri(login_hint="fault:redirect-without-state"))
    assert set(answer_in(browser.left_to)) == {"code", "iss"}
    browser.open(ent.authorization_uri())
    assert set(answer_in(browser.left_to)) == {"code", "state", "iss"}


@pytest.mark.parametrize(
    ("hint", "words"),
    [
        ("fault:no-such-fault", "does not exist"),
        ("fault:", "does not exist"),
        ("fault:jwks-stale", "nowhere: arm it with POST"),
        ("fault:http-503@jwks", "only at: par, token, userinfo, introspection, revocation"),
        ("fault:id-token-wrong-iss@userinfo", "only at: token"),
        ("fault:userinfo-unsigned", "its userinfo is plain JSON"),
        ("fault:logout-token-expired", "no backchannel_logout_uri"),
    ],
)
def test_a_hint_that_would_strike_nothing_is_refused_with_a_sentence(
    server: RunningServer, sandbox: Sandbox, ent: RelyingParty, hint: str, words: str
) -> None:
    answer = requests.get(ent.authorization_uri(login_hint=hint), allow_redirects=False, timeout=20)
    assert (answer.status_code, answer.headers["Content-Type"]) == (400, "application/problem+json")
    assert words in answer.json()["detail"]
    assert answer.headers["X-Preau-Fault"] == "refused"
    answer = ent.push(login_hint=hint)
    assert answer.headers["X-Preau-Fault"] == "refused"
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")
    assert words in answer.json()["error_description"]
    assert requests.get(f"{server.base}/idp/profile/oidc/jwks", timeout=20).status_code == 200
    assert sandbox.faults() == []


def test_a_request_that_is_refused_arms_nothing(ent: RelyingParty) -> None:
    asked = ent.authorization_uri(redirect_uri="https://evil.example/", login_hint="fault:nonsense")
    answer = requests.get(asked, allow_redirects=False, timeout=20)
    assert answer.status_code == 400
    assert "problem" not in answer.headers["Content-Type"]
