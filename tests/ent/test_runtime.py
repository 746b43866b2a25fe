"""Cookies, the testers' clock, the shelf, names under .localhost, logs, and the real server."""

import json
import logging
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
import requests
from requests.adapters import HTTPAdapter
from urllib3.util import Retry

from ent_client.app import create_app
from ent_client.runtime import Cookies, JsonLines, MovableClock, configure_logs, new_reference, port_is_taken
from ent_client.settings import Settings
from ent_client.store import Shelf
from tests.ent.conftest import HandClock, Person, World, words


@pytest.fixture
def settings(directory_file: Path) -> Settings:
    return Settings(issuer="http://localhost:9", client_id="ent", client_secret="s", directory=directory_file)


# --- cookies --------------------------------------------------------------------------------------------------------------------------


def test_over_tls_cookies_are_bound_to_the_host(settings: Settings) -> None:
    app = create_app(replace(settings, base_url="https://ent.example"), HandClock())
    answer = app.test_client().get("/choix", base_url="https://ent.example")
    (cookie,) = answer.headers.getlist("Set-Cookie")
    assert cookie.startswith("__Host-preau_ent_visit=")
    assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"} <= set(cookie.split("; "))
    assert "Domain" not in cookie
    assert answer.headers["Strict-Transport-Security"]


def test_on_localhost_cookies_carry_our_own_name(settings: Settings) -> None:
    (cookie,) = create_app(settings, HandClock()).test_client().get("/choix").headers.getlist("Set-Cookie")
    assert cookie.startswith("preau_ent_visit=")
    assert {"HttpOnly", "Path=/", "SameSite=Lax"} <= set(cookie.split("; "))
    assert "Secure" not in cookie


def test_the_session_cookie_is_http_only_and_lax(joe: Person) -> None:
    answer = joe.open(joe.bring_back(joe.start()), follow=False)
    cookie = next(part for part in answer.raw.headers.getlist("Set-Cookie") if part.startswith("preau_ent_session="))
    assert {"HttpOnly", "Path=/", "SameSite=Lax"} <= set(cookie.split("; "))
    assert "Max-Age" not in cookie


def test_the_choice_is_kept_half_a_year(joe: Person) -> None:
    form = {"csrf": "", "profil": "famille", "souvenir": "1"}
    joe.open("/choix")
    form["csrf"] = joe.open("/choix").text.split('name="csrf" value="')[1].split('"')[0]
    answer = joe.send("/choix", follow=False, **form)
    assert "Max-Age=15552000" in answer.headers["Set-Cookie"]
    assert Cookies(secure=True).name("x") == "__Host-x"


# --- the shelf --------------------------------------------------------------------------------------------------------------------------


def test_a_shelf_is_bounded_and_forgets_the_least_recently_used() -> None:
    shelf: Shelf[int] = Shelf(HandClock(), timedelta(minutes=1), most=2)
    first, second = shelf.put(1), shelf.put(2)
    assert shelf.get(first) == 1
    third = shelf.put(3)
    assert [shelf.get(key) for key in (first, second, third)] == [1, None, 3]


def test_a_shelf_forgets_what_is_out_of_date_also_when_nobody_asks() -> None:
    clock = HandClock()
    shelf: Shelf[int] = Shelf(clock, timedelta(minutes=1), most=100)
    old = shelf.put(1)
    clock.advance(minutes=1)
    shelf.put(2)
    assert len(shelf) == 1
    assert shelf.get(old) is None


def test_use_prolongs_a_visit_but_not_a_session() -> None:
    clock = HandClock()
    visits: Shelf[int] = Shelf(clock, timedelta(minutes=1), 9, prolong=True)
    sessions: Shelf[int] = Shelf(clock, timedelta(minutes=1), 9)
    visit, session = visits.put(1), sessions.put(1)
    clock.advance(seconds=59)
    assert (visits.get(visit), sessions.get(session)) == (1, 1)
    clock.advance(seconds=59)
    assert (visits.get(visit), sessions.get(session)) == (1, None)


def test_strangers_cannot_push_a_signed_in_person_out(
    world: World, joe: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ent_client.app.MOST_VISITS", 3)
    world.rebuild()
    joe.sign_in()
    for _ in range(5):
        world.person().start()
    assert "Bonjour" in words(joe.open("/"))


# --- going out --------------------------------------------------------------------------------------------------------------------------


def test_a_provider_named_under_localhost_is_reached_and_sees_its_own_name(world: World, joe: Person) -> None:
    named = world.provider.origin.replace("localhost", "idp.localhost")
    seen: list[str] = []
    world.provider.origin = named
    world.provider.bend_token = lambda _answer: seen.append("token")
    world.rebuild(issuer=named)
    authorize = joe.start()
    assert authorize.startswith(named)
    callback = joe.bring_back(authorize.replace("idp.localhost", "localhost"))
    assert "Bonjour" in words(joe.open(callback))
    assert seen == ["token"]


# --- logs -------------------------------------------------------------------------------------------------------------------------------


def test_a_log_line_is_json_and_an_error_shows_its_place_and_not_its_words() -> None:
    try:
        int("Joe DUPONT")
    except ValueError:
        record = logging.LogRecord("ent_client", 40, __file__, 1, "it broke", (), sys.exc_info())
    record.fields = {"reference": "ABCD2345"}
    line = json.loads(JsonLines().format(record))
    assert line["event"] == "it broke"
    assert line["reference"] == "ABCD2345"
    assert line["error"] == "ValueError"
    assert line["at"].startswith(__file__)
    assert "DUPONT" not in json.dumps(line)


@pytest.fixture
def root_logger() -> Iterator[None]:
    root = logging.getLogger()
    level, handlers = root.level, root.handlers[:]
    yield
    root.handlers[:] = handlers
    root.setLevel(level)


@pytest.mark.usefixtures("root_logger")
def test_authlib_never_logs_at_debug() -> None:
    configure_logs(logging.DEBUG)
    assert not logging.getLogger("authlib.oauth2.rfc6749").isEnabledFor(logging.DEBUG)
    assert not logging.getLogger("urllib3.connectionpool").isEnabledFor(logging.DEBUG)


def test_references_can_be_read_out() -> None:
    assert all(len(text) == 8 and not set(text) & set("01OIL") for text in (new_reference() for _ in range(200)))


# --- the server -------------------------------------------------------------------------------------------------------------------------


def free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def run(environ: dict[str, str]) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-m", "ent_client"],
        env={**os.environ, **environ},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def test_the_module_serves_until_it_is_told_to_stop(world: World) -> None:
    port = free_port()
    environ = {
        "ENT_ISSUER": world.provider.issuer,
        "ENT_CLIENT_ID": world.provider.client_id,
        "ENT_CLIENT_SECRET": world.provider.client_secret,
        "ENT_DIRECTORY": str(world.settings.directory),
        "ENT_BASE_URL": f"http://localhost:{port}",
        "ENT_LISTEN": f"127.0.0.1:{port}",
    }
    world.provider.redirect_uri = f"http://localhost:{port}/retour"
    world.provider.clock = MovableClock()
    process = run(environ)
    watchdog = threading.Timer(60, process.kill)
    watchdog.start()
    try:
        assert process.stdout
        assert any("Started worker" in line for line in process.stdout)
        with requests.Session() as patient:
            # The worker is announced a moment before its socket listens.
            patient.mount("http://", HTTPAdapter(max_retries=Retry(connect=12, backoff_factor=0.05)))
            assert patient.get(f"http://localhost:{port}/healthz", timeout=30).json() == {"status": "ok"}
        joe = Person(f"http://localhost:{port}")
        world.people.append(joe)
        assert "Bonjour Joe DUPONT" in words(joe.sign_in())
        second = subprocess.run(
            [sys.executable, "-m", "ent_client"],
            env={**os.environ, **environ},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert second.returncode == 1
        assert second.stderr == f"Port {port} of 127.0.0.1 is taken: stop the other program or set ENT_LISTEN.\n"
    finally:
        process.send_signal(signal.SIGTERM)
        rest, _ = process.communicate(timeout=30)
        watchdog.cancel()
    assert process.returncode == 0
    assert "DUPONT" not in rest


def test_a_missing_setting_or_directory_is_one_sentence_and_exit_1(tmp_path: Path) -> None:
    missing = run({"ENT_ISSUER": "http://localhost:9"})
    said, _ = missing.communicate(timeout=30)
    assert (missing.returncode, said) == (1, "client_id is missing: write it in the TOML file or in ENT_CLIENT_ID.\n")
    environ = {"ENT_ISSUER": "http://localhost:9", "ENT_CLIENT_ID": "x", "ENT_CLIENT_SECRET": "x"}
    nowhere = run({**environ, "ENT_DIRECTORY": str(tmp_path / "x.json")})
    said, _ = nowhere.communicate(timeout=30)
    assert nowhere.returncode == 1
    assert said.count("\n") == 1
    assert "cannot be read" in said


def test_a_taken_port_is_noticed() -> None:
    with closing(socket.socket()) as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        port = holder.getsockname()[1]
        assert port_is_taken("127.0.0.1", port)
    assert not port_is_taken("127.0.0.1", port)
