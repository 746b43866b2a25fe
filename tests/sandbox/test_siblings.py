"""The simulator of FranceConnect and the sample ENT follow the clock and the resets; whoever does not is named."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from wsgiref.simple_server import WSGIServer, make_server

import pytest
import requests
from flask import Flask
from pydantic import SecretStr

from ent_client.app import create_app as create_ent
from ent_client.settings import Settings as EntSettings
from franceconnect_bridge.simulator.app import create_app as create_simulator
from franceconnect_bridge.simulator.settings import Settings as SimulatorSettings
from idp.adapters.siblings import Siblings
from idp.app import build_pages
from idp.settings import SettingsError, load_settings
from idp.world import World
from tests.ent.conftest import DIRECTORY
from tests.sandbox.conftest import Control
from tests.support.server import free_port, write_settings

TOKEN = "a-token-of-16-signs"


@contextmanager
def served(app: Flask, port: int) -> Iterator[str]:
    """Serve an application and give its address."""
    server = make_server("127.0.0.1", port, app, WSGIServer)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield f"http://localhost:{port}"
    finally:
        server.shutdown()
        server.server_close()


@pytest.fixture
def simulator() -> Iterator[str]:
    port = free_port()
    with served(create_simulator(SimulatorSettings(f"http://localhost:{port}", f"127.0.0.1:{port}")), port) as there:
        yield there


@pytest.fixture
def ent(tmp_path: Path) -> Iterator[str]:
    directory = tmp_path / "ent-directory.json"
    directory.write_text(json.dumps(DIRECTORY), encoding="utf-8")
    port = free_port()
    settings = EntSettings(
        issuer="http://localhost:9", client_id="ent", client_secret="s", base_url=f"http://localhost:{port}",
        listen=f"127.0.0.1:{port}", directory=directory, sandbox=True, sandbox_token=TOKEN,
    )  # fmt: skip
    with served(create_ent(settings), port) as there:
        yield there


@contextmanager
def stranger(status: int) -> Iterator[tuple[str, list[str]]]:
    """Something else answers there: with a status, or with nothing for 0."""
    asked: list[str] = []
    let_go = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def do_PUT(self) -> None:
            asked.append(self.headers.get("Authorization", ""))
            if not status:
                let_go.wait(20)
                return
            self.send_response(status)
            self.send_header("Location", "http://127.0.0.1:9/")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", asked
    finally:
        let_go.set()
        server.shutdown()
        server.server_close()


def leading(world: World, *siblings: str, token: str | None = None) -> Control:
    """Return the control API of a provider with these siblings."""
    sandbox = world.settings.sandbox.model_copy(
        update={"siblings": siblings, "token": SecretStr(token) if token else None}
    )
    pages = build_pages(replace(world, settings=world.settings.model_copy(update={"sandbox": sandbox})))
    client = pages.test_client()
    if token:
        client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {token}"
    return Control(client)


def clock_of(address: str, token: str = "") -> dict[str, Any]:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    told: dict[str, Any] = requests.get(f"{address}/sandbox/v1/clock", headers=headers, timeout=10).json()
    return told


def seconds_between(one: str, other: str) -> float:
    return abs((datetime.fromisoformat(one) - datetime.fromisoformat(other)).total_seconds())


def test_both_follow_every_move_of_the_clock(world: World, simulator: str, ent: str) -> None:
    control = leading(world, simulator, ent, token=TOKEN)
    for move in (
        {"now": "2031-03-14T09:00:00Z"},
        {"advance_seconds": 1860},
        {"freeze": True},
        {"advance_seconds": 86_400 * 365 * 200},
        {"resume": True},
        {"now": "1971-01-01T00:00:00Z"},
    ):
        answer = control.ask("PUT", "clock", json=move)
        assert answer.status_code == 200, answer.text
        assert answer.get_json()["siblings"] == [
            {"address": simulator, "followed": True},
            {"address": ent, "followed": True},
        ]
        here = control.ask("GET", "clock").get_json()
        for there in (clock_of(simulator), clock_of(ent, TOKEN)):
            assert there["frozen"] == here["frozen"]
            assert seconds_between(there["now"], here["now"]) < (0.001 if here["frozen"] else 5)


def test_a_clock_that_runs_is_followed_exactly_however_long_the_call_takes(world: World, simulator: str) -> None:
    control = leading(world, simulator)
    control.ask("PUT", "clock", json={"now": "2031-03-14T09:00:00Z"})
    there = timedelta(seconds=clock_of(simulator)["offset_seconds"])
    assert abs(there - world.clock.load_state().offset) < timedelta(milliseconds=1)  # type: ignore[attr-defined]  # a test instance's


def test_a_reset_resets_both(world: World, simulator: str, ent: str) -> None:
    control = leading(world, simulator, ent, token=TOKEN)
    control.ask("PUT", "clock", json={"now": "2031-03-14T09:00:00Z"})
    assert control.ask("POST", "reset").status_code == 204
    for there in (clock_of(simulator), clock_of(ent, TOKEN)):
        assert (there["offset_seconds"], there["frozen"]) == (0, False)


def test_a_sibling_that_is_gone_is_named_and_the_others_follow_all_the_same(world: World, simulator: str) -> None:
    gone = f"http://127.0.0.1:{free_port()}"
    control = leading(world, gone, simulator)
    answer = control.ask("PUT", "clock", json={"now": "2031-03-14T09:00:00Z"})
    assert (answer.status_code, answer.mimetype) == (502, "application/problem+json")
    first, second = answer.get_json()["siblings"]
    assert (first["address"], first["followed"]) == (gone, False)
    assert "did not answer" in first["trouble"]
    assert second == {"address": simulator, "followed": True}
    assert gone in answer.get_json()["detail"]
    assert control.ask("GET", "clock").get_json()["now"].startswith("2031-03-14T09:00")
    assert clock_of(simulator)["now"].startswith("2031-03-14T09:00")
    assert control.ask("POST", "reset").status_code == 502


def test_a_sibling_with_another_token_is_named(world: World, ent: str) -> None:
    answer = leading(world, ent).ask("PUT", "clock", json={"freeze": True})
    assert answer.get_json()["siblings"] == [{"address": ent, "followed": False, "trouble": "answered with status 401"}]


@pytest.mark.parametrize("status", [302, 404, 500])
def test_what_answers_something_else_did_not_follow_and_the_token_goes_nowhere_else(world: World, status: int) -> None:
    with stranger(status) as (address, asked):
        answer = leading(world, address, token=TOKEN).ask("PUT", "clock", json={"freeze": True})
        assert answer.get_json()["siblings"][0]["trouble"] == f"answered with status {status}"
        assert asked == [f"Bearer {TOKEN}"]


def test_a_sibling_that_says_nothing_is_left_after_a_while_and_both_are_asked_at_once(world: World) -> None:
    with stranger(0) as (first, _), stranger(0) as (second, _):
        siblings = Siblings([first, second], None, timeout=0.5)
        began = time.monotonic()
        answers = siblings.follow_clock(world.clock.load_state())  # type: ignore[attr-defined]  # a test instance's
        assert time.monotonic() - began < 0.9
        assert all("did not answer" in one.trouble for one in answers)


def test_without_siblings_nothing_is_said_of_them(control: Control) -> None:
    assert set(control.ask("PUT", "clock", json={"freeze": True}).get_json()) == {"now", "frozen"}


def test_a_sibling_is_an_origin(tmp_path: Path) -> None:
    path = write_settings(tmp_path, 8400)
    text = path.read_text(encoding="utf-8")
    path.write_text(
        text.replace("[sandbox]\n", f"[sandbox]\nsiblings = {json.dumps(['http://localhost:8401/api'])}\n"),
        encoding="utf-8",
    )
    with pytest.raises(SettingsError, match=r"sandbox\.siblings\[0\]"):
        load_settings(path)
