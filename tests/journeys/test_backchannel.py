"""Servers that reach the provider under another name than browsers do, as containers do (`backchannel_dynamic`)."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from tests.journeys.people import JOE, activate
from tests.journeys.visits import bring_back_code
from tests.support.browser import Browser
from tests.support.relying_party import RelyingParty, unverified_claims
from tests.support.sandbox import Sandbox
from tests.support.server import running_server

HOST = "idp:8400"
FOR_SERVERS = {"token_endpoint", "userinfo_endpoint", "jwks_uri", "pushed_authorization_request_endpoint"}


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    directory: Path = tmp_path_factory.mktemp("preau")
    with running_server(directory, more=f'backchannel_dynamic = true\npublic_hosts = ["{HOST}"]') as running:
        yield running.base


def discover(base: str, host: str) -> requests.Response:
    return requests.get(f"{base}/.well-known/openid-configuration", headers={"Host": host}, timeout=20)


def test_discovery_asked_at_the_other_host_moves_what_servers_call_and_nothing_else(base: str) -> None:
    usual, told = discover(base, base.removeprefix("http://")).json(), discover(base, HOST.upper()).json()
    assert {name for name in told if told[name] != usual[name]} == FOR_SERVERS
    assert all(told[name].startswith(f"http://{HOST}/idp/profile/oidc/") for name in FOR_SERVERS)
    assert all(usual[name].startswith(f"{base}/") for name in FOR_SERVERS), "one answer does not change the other"


def test_a_host_that_nobody_listed_is_refused(base: str) -> None:
    assert discover(base, "idp.evil.example:8400").status_code == 421


def test_code_and_userinfo_are_taken_there_and_the_issuer_is_the_one_that_browsers_know(base: str) -> None:
    ent, browser, sandbox = RelyingParty(base), Browser(base), Sandbox(base)
    code = bring_back_code(ent, browser, activate(browser, sandbox, JOE))
    ent.http.headers["Host"] = HOST
    tokens = ent.exchange(code).json()
    assert unverified_claims(tokens["id_token"])["iss"] == base
    assert ent.userinfo(tokens["access_token"]).json()["family_name"] == "DUPONT"
    assert ent.userinfo("wrong").status_code == 401
