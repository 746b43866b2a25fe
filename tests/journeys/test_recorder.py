"""A whole flow on the tape: a parent activates and signs in, her ENT redeems the code. No secret of anybody's is on it."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.journeys.people import JOE, PASSWORD, activate
from tests.journeys.visits import bring_back_code
from tests.support.browser import Browser
from tests.support.relying_party import RelyingParty
from tests.support.sandbox import Sandbox
from tests.support.server import RunningServer, running_server


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    folder: Path = tmp_path_factory.mktemp("preau")
    with running_server(folder, sandbox="recorder = true") as running:
        yield running


def test_a_flow_can_be_followed_and_nothing_on_the_tape_opens_anything(
    browser: Browser, sandbox: Sandbox, ent: RelyingParty
) -> None:
    identifiant = activate(browser, sandbox, JOE)
    security_code = sandbox.messages(JOE.e164)[1]["text"][:6]
    code = bring_back_code(ent, browser, identifiant)
    tokens = ent.exchange(code).json()
    assert ent.userinfo(tokens["access_token"]).status_code == 200

    told = sandbox.do("GET", "recorder")["exchanges"]
    flow = [(one["request"]["method"], one["request"]["path"], one["answer"]["status"]) for one in told]
    assert ("POST", "/activation/code", 303) in flow
    assert flow[-2:] == [("POST", "/idp/profile/oidc/token", 200), ("GET", "/idp/profile/oidc/userinfo", 200)]
    assert {one["client_id"] for one in told[-2:]} == {"ent"}
    assert told[-2]["answer"]["body"]["id_token"]["jwt"]["claims"]["nonce"] == "nonce-0123456789"
    assert told[-1]["answer"]["body"]["given_name"] == "Joe"

    whole = str(told)
    cookies = [cookie.value for cookie in browser.http.cookies]
    signatures = [tokens[name].rpartition(".")[2] for name in ("id_token",)]
    secrets = [code, tokens["access_token"], "secret-of-the-ent", PASSWORD, *cookies, *signatures]
    for secret in filter(None, secrets):
        assert secret not in whole
    assert JOE.e164 not in whole
    assert JOE.number.replace(" ", "") not in whole
    assert JOE.number not in whole
    assert not re.search(rf"(?<!\d){security_code}(?!\d)", whole)
