"""ENTs are told in the background that somebody signed out: by whom, how often, and what becomes of those that do not answer."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.house.serving import eventually
from tests.journeys.people import ANGELA, JOE, KARIM, PASSWORD, activate, reach_code, reach_password
from tests.journeys.telling import relying_party, telling_server
from tests.journeys.visits import bring_back_code, come_from, sign_in
from tests.support.browser import Browser
from tests.support.databases import DIALECTS, fresh_postgresql_database
from tests.support.logout_receiver import HANG, LogoutReceiver, running_receiver, verify
from tests.support.relying_party import RelyingParty, answer_in, unverified_claims
from tests.support.sandbox import Sandbox
from tests.support.server import RunningServer

Tokens = dict[str, Any]


@pytest.fixture(scope="module")
def running_endpoints() -> Iterator[LogoutReceiver]:
    with running_receiver() as receiver:
        yield receiver


@pytest.fixture(scope="module", params=DIALECTS)
def server(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, running_endpoints: LogoutReceiver
) -> Iterator[RunningServer]:
    folder: Path = tmp_path_factory.mktemp("preau")
    if request.param == "sqlite":
        with telling_server(folder, running_endpoints) as running:
            yield running
        return
    with (
        fresh_postgresql_database(request.getfixturevalue("postgresql_server")) as url,
        telling_server(folder, running_endpoints, url) as running,
    ):
        yield running


@pytest.fixture
def receiver(running_endpoints: LogoutReceiver, sandbox: Sandbox) -> LogoutReceiver:
    del sandbox  # after the reset: nothing of an earlier story is on its way
    running_endpoints.forget()
    return running_endpoints


@pytest.fixture
def oak(server: RunningServer, receiver: LogoutReceiver) -> RelyingParty:
    return relying_party(server.base, receiver, "oak")


@pytest.fixture
def elm(server: RunningServer, receiver: LogoutReceiver) -> RelyingParty:
    return relying_party(server.base, receiver, "elm")


def go_on(ent: RelyingParty, browser: Browser) -> Tokens:
    """Get tokens for another ENT in the session that there is, and return the claims of the ID token."""
    browser.open(ent.authorization_uri())
    return claims_of(ent, answer_in(browser.left_to)["code"])


def claims_of(ent: RelyingParty, code: str) -> Tokens:
    tokens = ent.exchange(code).json()
    return unverified_claims(tokens["id_token"]) | {"": tokens["id_token"]}


def leave(browser: Browser) -> None:
    browser.open("/idp/profile/Logout")
    browser.fill("Me déconnecter", button="Me déconnecter")


def wait_for_line(sandbox: Sandbox, event: str, count: int = 1) -> list[dict[str, Any]]:
    def found() -> list[dict[str, Any]]:
        lines = sandbox.audit(event=event)
        return lines if len(lines) >= count else []

    return eventually(found, f"{count} lines of {event}")


def test_the_ent_that_asked_for_the_logout_is_told_of_the_session_and_the_person_of_its_id_token(
    browser: Browser, sandbox: Sandbox, server: RunningServer, receiver: LogoutReceiver, oak: RelyingParty
) -> None:
    given = claims_of(oak, bring_back_code(oak, browser, activate(browser, sandbox, JOE)))
    adieu = f"http://localhost:{receiver.port}/oak/adieu"
    browser.open(f"/idp/profile/Logout?id_token_hint={given['']}&post_logout_redirect_uri={adieu}")
    assert browser.left_to == adieu
    [told] = receiver.wait_for("oak")
    claims = verify(told, server.base, "oak")
    assert (claims["sub"], claims["sid"]) == (given["sub"], given["sid"])
    [line] = wait_for_line(sandbox, "logout.told")
    assert (line["client_id"], line["details"]) == ("oak", {"session": given["sid"]})
    [ended] = sandbox.audit(event="session.ended")
    assert line["account_id"] == ended["account_id"]


def test_every_ent_of_the_session_is_told_in_its_own_words_and_no_other_is(
    browser: Browser, sandbox: Sandbox, server: RunningServer, receiver: LogoutReceiver, oak: RelyingParty,
    elm: RelyingParty,
) -> None:  # fmt: skip
    first = claims_of(oak, bring_back_code(oak, browser, activate(browser, sandbox, JOE)))
    second = go_on(elm, browser)
    leave(browser)
    for name, given, algorithm in (("oak", first, "RS256"), ("elm", second, "ES256")):
        claims = verify(receiver.wait_for(name)[0], server.base, name, algorithm=algorithm)
        assert (claims["sub"], claims["sid"]) == (given["sub"], given["sid"])
    assert first["sub"] != second["sub"]
    assert len(wait_for_line(sandbox, "logout.told", 2)) == 2
    assert receiver.told("fir") == []


def test_an_ent_whose_code_was_never_exchanged_is_not_told(
    browser: Browser, sandbox: Sandbox, receiver: LogoutReceiver, oak: RelyingParty, elm: RelyingParty
) -> None:
    claims_of(oak, bring_back_code(oak, browser, activate(browser, sandbox, JOE)))
    browser.open(elm.authorization_uri())
    assert "code" in answer_in(browser.left_to)
    leave(browser)
    receiver.wait_for("oak")
    wait_for_line(sandbox, "logout.told")
    assert receiver.told("elm") == []


def test_another_browsers_session_goes_on(
    browser: Browser, other_browser: Browser, sandbox: Sandbox, server: RunningServer, receiver: LogoutReceiver,
    oak: RelyingParty,
) -> None:  # fmt: skip
    identifiant = activate(browser, sandbox, JOE)
    here = claims_of(oak, bring_back_code(oak, browser, identifiant))
    elsewhere = claims_of(oak, bring_back_code(oak, other_browser, identifiant))
    leave(browser)
    [told] = receiver.wait_for("oak")
    claims = verify(told, server.base, "oak")
    assert claims["sub"] == elsewhere["sub"]
    assert (claims["sid"] == here["sid"], claims["sid"] == elsewhere["sid"]) == (True, False)
    other_browser.open(oak.authorization_uri())
    assert "code" in answer_in(other_browser.left_to)


def test_an_ent_that_fails_is_asked_again_with_a_new_token(
    browser: Browser, sandbox: Sandbox, server: RunningServer, receiver: LogoutReceiver, oak: RelyingParty
) -> None:
    claims_of(oak, bring_back_code(oak, browser, activate(browser, sandbox, JOE)))
    receiver.answer("oak", 500)
    leave(browser)
    first, second = (verify(told, server.base, "oak") for told in receiver.wait_for("oak", 2))
    assert first["jti"] != second["jti"], "a receiver that remembers it must not refuse the second"
    assert (first["sid"], first["sub"]) == (second["sid"], second["sub"])
    wait_for_line(sandbox, "logout.told")
    assert sandbox.audit(event="logout.not-told") == []
    assert len(receiver.told("oak")) == 2


def test_204_is_a_success_too(browser: Browser, sandbox: Sandbox, receiver: LogoutReceiver, oak: RelyingParty) -> None:
    claims_of(oak, bring_back_code(oak, browser, activate(browser, sandbox, JOE)))
    receiver.answer("oak", 204)
    leave(browser)
    wait_for_line(sandbox, "logout.told")


def test_an_ent_that_refuses_is_reported_and_not_asked_again(
    browser: Browser, sandbox: Sandbox, receiver: LogoutReceiver, oak: RelyingParty
) -> None:
    claims_of(oak, bring_back_code(oak, browser, activate(browser, sandbox, JOE)))
    receiver.answer("oak", 400)
    leave(browser)
    [line] = wait_for_line(sandbox, "logout.not-told")
    assert line["client_id"] == "oak"
    assert line["details"]["reason"] == "the client refused with status 400"
    sandbox.advance(minutes=30)
    assert len(receiver.told("oak")) == 1


def test_an_ent_that_never_says_yes_is_given_up_after_five_tries_and_reported(
    browser: Browser, sandbox: Sandbox, server: RunningServer, receiver: LogoutReceiver, oak: RelyingParty
) -> None:
    claims_of(oak, bring_back_code(oak, browser, activate(browser, sandbox, JOE)))
    receiver.answer("oak", 503, 302, 404, 503, 503)
    put_off = words_of(server)
    leave(browser)
    for count in range(1, 5):
        receiver.wait_for("oak", count)
        # When it is to be tried again is counted from the moment at which that is written down.
        times = put_off + count
        eventually(lambda times=times: words_of(server) >= times, "it is put off")
        sandbox.advance(minutes=3)
    receiver.wait_for("oak", 5)
    [line] = wait_for_line(sandbox, "logout.not-told")
    assert line["details"]["reason"] == "the client answered with status 503"
    sandbox.advance(minutes=30)
    assert len(receiver.told("oak")) == 5
    assert receiver.told("elsewhere") == [], "a redirect is not followed: the token is for one place"


def words_of(server: RunningServer) -> int:
    """Return how often the log says that a message was put off."""
    return server.log.read_text(encoding="utf-8").count("message not sent yet")


def texts_sent(server: RunningServer) -> list[str]:
    path = server.directory / "sms.jsonl"
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    return [json.loads(line)["text"] for line in lines]


def test_an_ent_that_hangs_holds_up_no_security_code(
    browser: Browser, other_browser: Browser, sandbox: Sandbox, server: RunningServer, receiver: LogoutReceiver,
    oak: RelyingParty,
) -> None:  # fmt: skip
    claims_of(oak, bring_back_code(oak, browser, activate(browser, sandbox, JOE)))
    receiver.answer("oak", HANG, HANG, HANG)
    failed = words_of(server)
    leave(browser)
    receiver.wait_for("oak")
    reach_code(other_browser, ANGELA)
    code = sandbox.code(ANGELA.e164)
    eventually(lambda: any(text.startswith(code) for text in texts_sent(server)), "the code is sent")
    assert words_of(server) == failed, "the ENT still hangs"


def test_an_ent_that_hangs_holds_up_no_other_ent(
    browser: Browser, sandbox: Sandbox, server: RunningServer, receiver: LogoutReceiver, oak: RelyingParty,
    elm: RelyingParty,
) -> None:  # fmt: skip
    claims_of(oak, bring_back_code(oak, browser, activate(browser, sandbox, JOE)))
    go_on(elm, browser)
    receiver.answer("oak", HANG, HANG, HANG)
    failed = words_of(server)
    leave(browser)
    receiver.wait_for("oak")
    wait_for_line(sandbox, "logout.told")
    assert server.log.read_text(encoding="utf-8").count("message not sent yet") == failed, "the first still hangs"


def test_a_new_password_tells_the_ents_of_every_session(
    browser: Browser, other_browser: Browser, sandbox: Sandbox, server: RunningServer, receiver: LogoutReceiver,
    oak: RelyingParty,
) -> None:  # fmt: skip
    identifiant = activate(browser, sandbox, JOE)
    given = [claims_of(oak, bring_back_code(oak, one, identifiant))["sid"] for one in (browser, other_browser)]
    owner = Browser(server.base)
    reach_password(owner, sandbox, JOE)
    owner.fill("Mot de passe oublié")
    owner.fill("mot-de-passe", {"mot-de-passe": f"{PASSWORD}+", "confirmation": f"{PASSWORD}+"})
    told = [verify(one, server.base, "oak")["sid"] for one in receiver.wait_for("oak", 2)]
    assert sorted(told) == sorted(given)


def test_whoever_signs_in_over_somebody_else_ends_that_session_everywhere(
    browser: Browser, other_browser: Browser, sandbox: Sandbox, server: RunningServer, receiver: LogoutReceiver,
    oak: RelyingParty,
) -> None:  # fmt: skip
    karim = activate(other_browser, sandbox, KARIM)
    joe = claims_of(oak, bring_back_code(oak, browser, activate(browser, sandbox, JOE)))
    come_from(oak, browser, prompt="login")
    sign_in(browser, karim)
    claims_of(oak, answer_in(browser.left_to)["code"])
    [told] = receiver.wait_for("oak")
    claims = verify(told, server.base, "oak")
    assert (claims["sub"], claims["sid"]) == (joe["sub"], joe["sid"])


def test_the_same_person_who_proves_herself_again_for_an_ent_is_not_signed_out_of_it(
    browser: Browser, sandbox: Sandbox, server: RunningServer, receiver: LogoutReceiver, oak: RelyingParty,
    elm: RelyingParty,
) -> None:  # fmt: skip
    identifiant = activate(browser, sandbox, JOE)
    claims_of(oak, bring_back_code(oak, browser, identifiant))
    before = go_on(elm, browser)
    come_from(oak, browser, prompt="login")
    sign_in(browser, identifiant)
    assert claims_of(oak, answer_in(browser.left_to)["code"])["sid"] != before["sid"]
    claims = verify(receiver.wait_for("elm")[0], server.base, "elm", algorithm="ES256")
    assert claims["sid"] == before["sid"]
    wait_for_line(sandbox, "logout.told")
    assert receiver.told("oak") == []


def test_no_token_subject_or_session_is_in_the_log_at_debug(
    browser: Browser, sandbox: Sandbox, server: RunningServer, receiver: LogoutReceiver, oak: RelyingParty
) -> None:
    given = claims_of(oak, bring_back_code(oak, browser, activate(browser, sandbox, JOE)))
    receiver.answer("oak", 500)
    leave(browser)
    tokens = [told.token for told in receiver.wait_for("oak", 2)]
    wait_for_line(sandbox, "logout.told")
    log = server.log.read_text(encoding="utf-8")
    for word in (*tokens, given["sub"], given["sid"]):
        assert word not in log
    assert "message sent" in log


def test_the_simulated_phone_shows_nothing_of_it(
    browser: Browser, sandbox: Sandbox, receiver: LogoutReceiver, oak: RelyingParty
) -> None:
    claims_of(oak, bring_back_code(oak, browser, activate(browser, sandbox, JOE)))
    receiver.answer("oak", 503)
    leave(browser)
    receiver.wait_for("oak")
    assert {message["channel"] for message in sandbox.messages("")} == {"sms"}


def test_only_an_ent_that_nothing_reaches_is_named_on_the_page(
    browser: Browser, sandbox: Sandbox, receiver: LogoutReceiver, oak: RelyingParty, elm: RelyingParty,
    ent: RelyingParty,
) -> None:  # fmt: skip
    claims_of(oak, bring_back_code(oak, browser, activate(browser, sandbox, JOE)))
    go_on(elm, browser)
    go_on(ent, browser)
    leave(browser)
    assert browser.page.says("ENT Marronnier est peut-être encore ouvert")
    assert not browser.page.says("ENT Chêne")
    assert not browser.page.says("ENT Orme")
    receiver.wait_for("oak")
    receiver.wait_for("elm")
    wait_for_line(sandbox, "logout.told", 2)
    assert sandbox.audit(event="logout.not-told") == [], "nothing is sent where nobody wants to be told"


@pytest.mark.parametrize("how", ["one session", "every session", "the account"])
def test_an_ent_is_told_when_a_tester_ends_the_session_or_removes_the_account(
    browser: Browser, sandbox: Sandbox, server: RunningServer, receiver: LogoutReceiver, oak: RelyingParty, how: str
) -> None:
    identifiant = activate(browser, sandbox, JOE)
    given = claims_of(oak, bring_back_code(oak, browser, identifiant))
    call = {
        "one session": f"sessions/{given['sid']}",
        "every session": f"sessions?identifiant={identifiant}",
        "the account": f"people/{identifiant}",
    }[how]
    sandbox.do("DELETE", call)
    claims = verify(receiver.wait_for("oak")[0], server.base, "oak")
    assert (claims["sub"], claims["sid"]) == (given["sub"], given["sid"])
    wait_for_line(sandbox, "logout.told")
    assert come_from(oak, browser).h1 == "Je me connecte"
