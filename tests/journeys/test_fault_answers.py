"""What an answer looks like that goes wrong on purpose, and what goes on meanwhile."""

import json
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from tests.journeys.people import JOE, activate
from tests.journeys.visits import bring_back_tokens, introspect
from tests.support.browser import Browser
from tests.support.relying_party import RelyingParty, unverified_claims
from tests.support.sandbox import Sandbox
from tests.support.server import RunningServer

STATUSES = (400, 401, 403, 404, 429, 500, 502, 503, 504)


@pytest.fixture
def joe(browser: Browser, sandbox: Sandbox) -> str:
    return activate(browser, sandbox, JOE)


@pytest.mark.parametrize("status", STATUSES)
@pytest.mark.parametrize("endpoint", ["par", "token", "userinfo", "introspection", "revocation", "jwks", "discovery"])
def test_each_status_at_each_endpoint(
    server: RunningServer, sandbox: Sandbox, ent: RelyingParty, endpoint: str, status: int
) -> None:
    sandbox.arm(f"http-{status}", endpoint=endpoint)
    struck, after = (call(server, ent, endpoint) for _ in range(2))
    assert struck.status_code == status
    assert (struck.headers["X-Preau-Fault"], struck.headers["Cache-Control"]) == (f"http-{status}", "no-store")
    assert ("Retry-After" in struck.headers) == (status in {429, 503})
    if status in {502, 504}:
        assert struck.headers["Content-Type"].startswith("text/html")
    else:
        assert set(struck.json()) == {"error", "error_description"}
    if status == 401:
        assert struck.headers["WWW-Authenticate"].split()[0] == (
            "Bearer" if endpoint in {"userinfo", "jwks", "discovery"} else "Basic"
        )
    assert "X-Preau-Fault" not in after.headers


def call(server: RunningServer, ent: RelyingParty, endpoint: str) -> requests.Response:
    """Ask an endpoint something that it answers."""
    oidc, who = f"{server.base}/idp/profile/oidc", (ent.client_id, ent.client_secret)
    match endpoint:
        case "par":
            return ent.push()
        case "token":
            return ent.exchange("no-such-code")
        case "userinfo":
            return ent.userinfo("no-such-token")
        case "introspection":
            return introspect(ent, "none")
        case "revocation":
            return ent.http.post(f"{oidc}/revoke", data={"token": "none"}, auth=who, timeout=20)
        case "jwks":
            return ent.http.get(f"{oidc}/jwks", timeout=20)
        case _:
            return ent.http.get(f"{server.base}/.well-known/openid-configuration", timeout=20)


def test_an_answer_that_is_held_back_holds_nobody_else_up(server: RunningServer, sandbox: Sandbox) -> None:
    sandbox.arm("slow", endpoint="jwks", seconds=2)
    address = f"{server.base}/idp/profile/oidc/jwks"
    with ThreadPoolExecutor(1) as threads:
        began = time.monotonic()
        slow = threads.submit(lambda: (requests.get(address, timeout=20).json(), time.monotonic() - began))
        while not sandbox.faults()[0]["struck"]:
            pass
        asked = time.monotonic()
        assert asked - began < 1.5, "the control API answers meanwhile, too"
        for _ in range(30):  # of several processes, the one that waits answers some
            fast = requests.get(address, timeout=20).json()
        assert time.monotonic() - asked < 1.5
        told, took = slow.result()
    assert told == fast
    assert took >= 2


def test_an_answer_may_be_cut_halved_huge_or_of_another_type(server: RunningServer, sandbox: Sandbox) -> None:
    address = f"{server.base}/idp/profile/oidc/jwks"
    whole = requests.get(address, timeout=20)
    sandbox.arm("truncated", endpoint="jwks")
    half = requests.get(address, timeout=20)
    assert half.content == whole.content[: len(whole.content) // 2]
    assert half.headers["Content-Length"] == str(len(half.content))
    sandbox.arm("cut", endpoint="jwks")
    with pytest.raises(requests.exceptions.ChunkedEncodingError, match="IncompleteRead"):
        requests.get(address, timeout=20)
    sandbox.arm("oversize", endpoint="jwks")
    huge = requests.get(address, timeout=20)
    assert len(huge.content) > 2_000_000
    assert huge.json() == whole.json()
    sandbox.arm("wrong-content-type", endpoint="jwks")
    other = requests.get(address, timeout=20)
    assert (other.headers["Content-Type"], other.content) == ("text/html; charset=utf-8", whole.content)
    assert requests.get(address, timeout=20).content == whole.content


def test_a_stale_jwks_lacks_the_keys_that_sign_and_no_other(
    server: RunningServer, sandbox: Sandbox, ent: RelyingParty, joe: str
) -> None:
    address = f"{server.base}/idp/profile/oidc/jwks"
    whole = {key["kid"] for key in requests.get(address, timeout=20).json()["keys"]}
    sandbox.arm("jwks-stale")
    stale = {key["kid"] for key in requests.get(address, timeout=20).json()["keys"]}
    assert stale < whole
    assert stale, "those that sign next are there"
    header = bring_back_tokens(ent, Browser(server.base), joe)["id_token"].split(".")[0]
    assert kid_in(header) in whole - stale


def kid_in(header: str) -> str:
    return str(unverified_claims(f".{header}.")["kid"])


def test_the_log_says_what_struck_and_holds_nothing_of_the_answer(
    server: RunningServer, sandbox: Sandbox, ent: RelyingParty, joe: str
) -> None:
    sandbox.arm("userinfo-wrong-sub")
    told = bring_back_tokens(ent, Browser(server.base), joe)
    before = server.log.stat().st_size
    ent.userinfo(told["access_token"])
    with server.log.open("rb") as log:
        log.seek(before)
        lines = [json.loads(line) for line in log.read().decode().splitlines()]
    (line,) = (one for one in lines if one["event"] == "a fault struck")
    assert (line["fault"], line["endpoint"]) == ("userinfo-wrong-sub", "userinfo")
    assert set(line) == {"fault", "endpoint", "event", "level", "timestamp"}
