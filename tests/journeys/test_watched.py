"""A whole story, seen from outside: what the numbers, the traces and the log say of it, and what they keep to themselves."""

import json
import os
import signal
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
import requests

from tests.house.serving import children_of, eventually
from tests.journeys.people import JOE, PASSWORD, activate
from tests.journeys.visits import bring_back_code, come_from, sign_in
from tests.support.browser import Browser
from tests.support.relying_party import VERIFIER, RelyingParty
from tests.support.sandbox import Sandbox
from tests.support.server import RunningServer, free_port, running_server


@dataclass
class Collector:
    """Takes spans as an OpenTelemetry collector would, and keeps the bytes: texts stand in them as they are."""

    posts: list[bytes] = field(default_factory=list)

    def received(self) -> bytes:
        return b"".join(self.posts)


@pytest.fixture(scope="module")
def collector() -> Iterator[tuple[Collector, int]]:
    kept = Collector()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            kept.posts.append(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *words: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield kept, server.server_port
    server.shutdown()
    thread.join(30)
    server.server_close()


@dataclass(frozen=True)
class Watched:
    server: RunningServer
    metrics_port: int

    def metrics(self) -> str:
        with requests.Session() as ask:
            ask.trust_env = False
            answer = ask.get(f"http://127.0.0.1:{self.metrics_port}/metrics", timeout=20)
        assert answer.headers["Content-Type"].startswith("text/plain; version=0.0.4")
        return answer.text

    def number(self, sample: str) -> float:
        lines = [line for line in self.metrics().splitlines() if line.startswith(f"{sample} ")]
        return float(lines[0].rpartition(" ")[2]) if lines else 0.0


@pytest.fixture(scope="module")
def watched(collector: tuple[Collector, int], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watched]:
    port = free_port()
    more = f"""
workers = 2
log_level = "debug"
[metrics]
listen = "127.0.0.1:{port}"
[tracing]
otlp_endpoint = "http://127.0.0.1:{collector[1]}/v1/traces"
"""
    with running_server(tmp_path_factory.mktemp("watched"), more=more) as running:
        yield Watched(running, port)


ACCEPTED = 'preau_journey_events_total{journey="sign-in",outcome="accepted",step="password"}'
TOKENS = 'preau_request_seconds_count{method="POST",route="/idp/profile/oidc/token",status="2xx"}'


def _holds(kept: Collector, words: bytes) -> bool:
    return words in kept.received()


def test_a_story_is_told_in_numbers_traces_and_lines_and_nobody_is_named(
    watched: Watched, collector: tuple[Collector, int]
) -> None:
    base = watched.server.base
    browser, sandbox, ent = Browser(base), Sandbox(base), RelyingParty(base)
    identifiant = activate(browser, sandbox, JOE)
    come_from(ent, browser)
    sign_in(browser, identifiant, "Un-Mauvais-Mot-9")
    code = bring_back_code(ent, browser, identifiant)
    tokens = ent.exchange(code).json()
    told = ent.userinfo(tokens["access_token"]).json()
    ent.exchange(code)
    browser.open(f"/idp/profile/Logout?id_token_hint={tokens['id_token']}")

    numbers = watched.metrics()
    for sample in (
        f"{ACCEPTED} 1.0",
        'preau_journey_events_total{journey="sign-in",outcome="refused",step="password"} 1.0',
        'preau_journey_events_total{journey="activation",outcome="accepted",step="password"} 1.0',
        'preau_journey_events_total{journey="exchange",outcome="replayed",step="token"} 1.0',
        'preau_journey_events_total{journey="logout",outcome="accepted",step="session"} 1.0',
        f"{TOKENS} 1.0",
        'preau_processes{role="web"} 2.0',
        'preau_processes{role="outbox"} 1.0',
        "preau_outbox_readable 1.0",
    ):
        assert sample in numbers.splitlines(), sample
    assert watched.number("preau_password_hash_seconds_count") >= 3
    eventually(lambda: watched.number('preau_messages_total{channel="sms",outcome="sent"}') >= 2, "texts are counted")
    assert watched.number('preau_upstream_seconds_count{outcome="answered",upstream="sms"}') >= 2

    kept = collector[0]
    eventually(lambda: b"GET /idp/profile/Logout" in kept.received(), "the last request's span arrives")
    for words in (b"POST /idp/profile/oidc/token", b"INSERT INTO audit", b"call sms", b"http.response.status_code"):
        # Each process sends its own spans, a moment later.
        eventually(partial(_holds, kept, words), f"{words!r} arrives")
    spans = kept.received()

    log = watched.server.log.read_text(encoding="utf-8")
    lines = [json.loads(line) for line in log.splitlines()]
    traced = {line["trace"] for line in lines if line.get("route") == "/idp/profile/oidc/token"}
    assert traced
    assert all(bytes.fromhex(trace) in spans for trace in traced), "the log's trace is the collector's"

    sms = sandbox.messages(JOE.e164)
    secrets = {
        "phone": JOE.e164[3:],
        "phone as typed": JOE.number,
        "family name": JOE.family_name,
        "child": "Léa",
        "birth date": "2012-04-12",
        "identifiant": identifiant,
        "security code": sms[-1]["text"][:6],
        "text": "est votre code",
        "password": PASSWORD,
        "wrong password": "Un-Mauvais-Mot-9",
        "code": code,
        "verifier": VERIFIER,
        "client secret": ent.client_secret,
        "access token": tokens["access_token"],
        "ID token": tokens["id_token"].split(".")[1],
        "sub": told["sub"],
        "reference in the directory": told["FrEduCtRefId"][0],
    }
    for place, said in {"numbers": numbers.encode(), "traces": spans, "log": log.encode()}.items():
        assert [name for name, value in secrets.items() if value.encode() in said] == [], place


def test_the_public_address_has_no_numbers(watched: Watched) -> None:
    assert requests.get(f"{watched.server.base}/metrics", timeout=20).status_code == 404


def test_no_number_falls_when_a_process_is_replaced(watched: Watched) -> None:
    def web() -> set[int]:
        # The parent of whoever listens for Prometheus is the server.
        (server,) = {int(place.name) for place in Path("/proc").glob("[0-9]*") if _is_ours(place, watched)}
        return children_of(server)

    requests.get(f"{watched.server.base}/connexion", timeout=20)
    sample = 'preau_request_seconds_count{method="GET",route="/connexion",status="2xx"}'
    before, running = watched.number(sample), web()
    assert before >= 1
    for process in running:
        os.kill(process, signal.SIGKILL)
    eventually(lambda: len(web() - running) == len(running), "every process is replaced")

    def after() -> float:
        try:
            return watched.number(sample)
        except requests.ConnectionError:
            return -1.0

    assert eventually(lambda: after() + 1, "the listener is back") - 1 >= before


def _is_ours(place: Path, watched: Watched) -> bool:
    try:
        words = (place / "cmdline").read_bytes().split(b"\0")
        parent = int((place / "stat").read_text(encoding="utf-8").rpartition(")")[2].split()[1])
    except OSError:
        return False
    return str(watched.server.directory / "preau.toml").encode() in words and parent == os.getpid()
