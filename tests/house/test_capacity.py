"""More than a process can do: who is told to come back, and who goes on (guarantee 15), on the real server."""

import json
import socket
import statistics
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from time import perf_counter

import pytest
import requests

from idp.runtime import BODIES_AT_ONCE, OUTBOUND_CALLS
from tests.house.serving import Served, eventually, served

HANGING = 20
PLAIN = 60


@contextmanager
def silent_upstream() -> Iterator[str]:
    """Take connections and never say a word; whoever waits is let go at the end."""
    with ExitStack() as held, socket.create_server(("127.0.0.1", 0), backlog=HANGING) as upstream:

        def accept() -> None:
            while True:
                try:
                    held.enter_context(upstream.accept()[0])
                except OSError:
                    return

        accepting = threading.Thread(target=accept)
        accepting.start()
        try:
            yield f"http://127.0.0.1:{upstream.getsockname()[1]}/"
        finally:
            upstream.shutdown(socket.SHUT_RDWR)
            accepting.join(20)


@contextmanager
def silent_sender(server: Served, *, announces: int = 10) -> Iterator[socket.socket]:
    """Open a POST whose body does not come."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=20) as connection:
        connection.sendall(b"POST /length HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % announces)
        yield connection


def ask(server: Served, path: str, **headers: str) -> requests.Response:
    with requests.Session() as http:
        http.trust_env = False
        return http.get(f"http://127.0.0.1:{server.port}{path}", headers=headers, timeout=10)


def pace(server: Served) -> float:
    """Return what a plain request takes, in seconds: the median of many."""
    took = []
    for _ in range(PLAIN):
        began = perf_counter()
        assert server.get("/pid")
        took.append(perf_counter() - began)
    return statistics.median(took)


def post_length(server: Served) -> requests.Response:
    return requests.post(f"http://127.0.0.1:{server.port}/length", data=b"x" * 10, timeout=20)


def count_outbound(server: Served) -> int:
    return sum(json.loads(server.get("/outbound")).values())


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    # Two places in line: a third request that wants to run is one too many.
    with served(tmp_path_factory.mktemp("served"), more="requests_at_once = 2") as running:
        eventually(running.worker, "the server answers")
        yield running


@contextmanager
def full_line(server: Served, directory: Path) -> Iterator[None]:
    """Take both places: one request holds the gate, another waits for it."""
    with ThreadPoolExecutor(3) as pool:
        try:
            held = pool.submit(ask, server, f"/hold?dir={directory}")
            eventually((directory / "waiting").exists, "somebody holds the gate")
            # Of two more, one waits for the gate and the other finds no place.
            more = [pool.submit(ask, server, "/pid") for _ in range(2)]
            eventually(lambda: any(one.done() for one in more), "the line is full")
            yield
        finally:
            (directory / "go").touch()
        assert held.result(20).text == "held"
        assert sorted(one.result(20).status_code for one in more) == [200, 503]


def test_twenty_calls_to_a_service_that_hangs_leave_everybody_else_their_pace(server: Served) -> None:
    usual = pace(server)
    with ThreadPoolExecutor(HANGING) as pool, silent_upstream() as url:
        asked = []
        for number in range(1, HANGING + 1):  # one after the other: only two may stand in line at once
            asked.append(pool.submit(ask, server, f"/upstream?url={url}"))
            eventually(lambda number=number: count_outbound(server) == number, "the call is under way or refused")
        refused = eventually(
            lambda: len(over := [one for one in asked if one.done()]) == HANGING - OUTBOUND_CALLS and over,
            "those for whom there is no place have their answer while the others hang",
        )
        assert {(one.result().status_code, one.result().text) for one in refused} == {(503, "refused")}
        assert json.loads(server.get("/outbound")) == {"in_use": OUTBOUND_CALLS, "refused": len(refused)}
        assert pace(server) < 3 * usual + 0.05
        assert sum(not one.done() for one in asked) == OUTBOUND_CALLS
    assert json.loads(server.get("/outbound"))["in_use"] == 0


def test_past_capacity_a_person_is_told_in_french_to_come_back_in_a_moment(server: Served, tmp_path: Path) -> None:
    with full_line(server, tmp_path):
        answer = ask(server, "/pid", Accept="text/html,*/*;q=0.8")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert "<h1>Il y a trop de monde en ce moment</h1>" in answer.text
    assert "Réessayez dans un instant." in answer.text
    assert "Simulateur, données fictives." in answer.text
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.elapsed.total_seconds() < 1
    assert server.log().count("more requests than this process admits") >= 1


@pytest.mark.parametrize(("path", "accept"), [("/machine", "*/*"), ("/pid", "application/json")])
def test_past_capacity_a_program_reads_a_code(server: Served, tmp_path: Path, path: str, accept: str) -> None:
    with full_line(server, tmp_path):
        answer = ask(server, path, Accept=accept)
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert answer.json()["error"] == "temporarily_unavailable"


def test_past_capacity_whoever_asks_whether_we_are_alive_is_told_so(server: Served, tmp_path: Path) -> None:
    with full_line(server, tmp_path):
        answer = ask(server, "/healthz")
        assert (answer.status_code, answer.text) == (200, "alive")


def test_those_who_were_admitted_are_answered_and_then_everybody_is(server: Served, tmp_path: Path) -> None:
    with full_line(server, tmp_path):
        assert ask(server, "/pid").status_code == 503
    assert [ask(server, "/pid").status_code for _ in range(5)] == [200] * 5


def test_a_body_that_was_announced_and_does_not_come_keeps_nobody_waiting(server: Served) -> None:
    usual = pace(server)
    with silent_sender(server), silent_sender(server), silent_sender(server):
        assert pace(server) < 3 * usual + 0.05
        assert post_length(server).text == "10"


def test_a_body_that_ends_early_is_let_go(server: Served) -> None:
    with silent_sender(server) as connection:
        connection.sendall(b"half")
        connection.shutdown(socket.SHUT_WR)
        assert connection.recv(100).partition(b"\r\n")[0] in {b"HTTP/1.1 400 Bad Request", b""}
    assert post_length(server).text == "10"


def test_slow_senders_take_their_own_places_and_the_pages_go_on(server: Served) -> None:
    with ExitStack() as senders:
        for _ in range(BODIES_AT_ONCE):
            senders.enter_context(silent_sender(server))
        eventually(lambda: post_length(server).status_code == 503, "no place is left for another body")
        assert ask(server, "/pid").status_code == 200
        assert ask(server, "/healthz").status_code == 200
    eventually(lambda: post_length(server).status_code == 200, "they went away, and bodies are read again")
