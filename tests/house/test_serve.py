"""`preau serve`: processes that live and die together (guarantee 14), and what the server refuses before the application sees it."""

import gc
import os
import signal
import socket
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from idp.serve import _nothing_collected
from tests.house.serving import Served, children_of, eventually, is_alive, served


def a_worker(server: Served) -> int:
    return int(eventually(server.worker, "the server answers"))


def test_a_port_that_is_taken_is_said_in_one_sentence(tmp_path: Path) -> None:
    with socket.socket() as other:
        # As another of our servers would hold it: SO_REUSEPORT lets a second one in unless it asks first.
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        other.bind(("127.0.0.1", 0))
        other.listen()
        with served(tmp_path, port=other.getsockname()[1]) as server:
            assert server.process.wait(30) == 1
            assert server.log() == (
                f"Port {server.port} of 127.0.0.1 is taken by another program: stop it, or choose another port with listen.\n"
            )


def test_an_address_that_is_not_ours_is_said_in_one_sentence(tmp_path: Path) -> None:
    with served(tmp_path, address="192.0.2.1") as server:
        assert server.process.wait(30) == 1
        assert server.log() == f"Cannot listen on 192.0.2.1:{server.port}: cannot assign requested address.\n"


def test_sigterm_lets_the_request_under_way_end_and_then_nobody_is_left(tmp_path: Path) -> None:
    with served(tmp_path, "create_app", "run_outbox") as server:
        a_worker(server)
        family = children_of(server.process.pid)
        assert len(family) == 2
        answers: list[str] = []
        asking = threading.Thread(target=lambda: answers.append(server.get("/wait", dir=str(tmp_path))))
        asking.start()
        eventually((tmp_path / "waiting").exists, "the request is under way")
        server.process.send_signal(signal.SIGTERM)
        eventually(lambda: "Shutting down" in server.log(), "the server is stopping")
        assert server.process.poll() is None
        (tmp_path / "go").touch()
        asking.join(30)
        assert answers == ["waited"]
        assert server.process.wait(30) == 0, server.log()
        assert not any(map(is_alive, family))
        assert (tmp_path / "outbox.ended").exists()


def test_ctrl_c_in_the_terminal_ends_everything(tmp_path: Path) -> None:
    with served(tmp_path, "create_app", "run_outbox") as server:
        a_worker(server)
        family = children_of(server.process.pid)
        server.process.send_signal(signal.SIGINT)
        assert server.process.wait(30) == 0, server.log()
        assert not any(map(is_alive, family))
        assert "Unexpected exit" not in server.log()


def test_workers_do_not_hear_the_terminal_s_ctrl_c_themselves(tmp_path: Path) -> None:
    with served(tmp_path, "create_app", "run_outbox") as server:
        a_worker(server)
        groups = {os.getpgid(pid) for pid in children_of(server.process.pid)}
        assert os.getpgid(server.process.pid) not in groups


def test_a_killed_worker_is_replaced(tmp_path: Path) -> None:
    with served(tmp_path) as server:
        first = a_worker(server)
        os.kill(first, signal.SIGKILL)
        second = eventually(
            lambda: (pid := server.worker()) is not None and pid != first and pid, "another worker answers"
        )
        assert is_alive(int(second))


def test_a_killed_outbox_is_replaced(tmp_path: Path) -> None:
    with served(tmp_path, "create_app", "run_outbox") as server:
        place = tmp_path / "outbox.pid"
        a_worker(server)
        first = eventually(lambda: place.exists() and place.read_text(encoding="ascii"), "the outbox runs")
        os.kill(int(first), signal.SIGKILL)
        second = eventually(lambda: (now := place.read_text(encoding="ascii")) != first and now, "another outbox runs")
        assert is_alive(int(second))
        assert '"exit": -9' in server.log()


@pytest.mark.parametrize("workers", [1, 2])
def test_no_worker_and_no_outbox_outlives_a_killed_parent(tmp_path: Path, workers: int) -> None:
    with served(tmp_path, "create_app", "run_outbox", more=f"workers = {workers}") as server:
        a_worker(server)
        family = eventually(
            lambda: (found := children_of(server.process.pid)) and len(found) == workers + 1 and found, "all run"
        )
        server.process.kill()
        server.process.wait(30)
        eventually(lambda: not any(map(is_alive, family)), "nobody is left")


def test_a_replaced_outbox_does_not_outlive_its_parent_either(tmp_path: Path) -> None:
    with served(tmp_path, "create_app", "run_outbox") as server:
        a_worker(server)
        place = tmp_path / "outbox.pid"
        first = eventually(lambda: place.exists() and place.read_text(encoding="ascii"), "the outbox runs")
        os.kill(int(first), signal.SIGKILL)
        second = int(
            eventually(lambda: (now := place.read_text(encoding="ascii")) != first and now, "another outbox runs")
        )
        server.process.kill()
        server.process.wait(30)
        eventually(lambda: not is_alive(second), "it is gone")


def test_sigterm_is_obeyed_while_a_worker_is_still_loading(tmp_path: Path) -> None:
    with served(tmp_path, "create_slowly") as server:
        place = tmp_path / "outbox.pid"
        loading = int(eventually(lambda: place.exists() and place.read_text(encoding="ascii"), "it is loading"))
        server.process.send_signal(signal.SIGTERM)
        assert server.process.wait(30) == 0, server.log()
        assert not is_alive(loading)
        assert "Killing worker" not in server.log()


def test_sigterm_is_obeyed_by_a_worker_that_has_not_begun(tmp_path: Path) -> None:
    with served(tmp_path, "create_app", "", "begin_late") as server:
        late = eventually(
            lambda: [one for one in children_of(server.process.pid) if name_of(one) == "late"], "it is forked"
        )
        server.process.send_signal(signal.SIGTERM)
        assert server.process.wait(30) == 0, server.log()
        assert not any(map(is_alive, late))
        assert "Killing worker" not in server.log()


def name_of(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/comm").read_text(encoding="ascii").strip()
    except (FileNotFoundError, ProcessLookupError):
        return ""


def test_an_application_that_cannot_be_made_ends_the_server_with_a_sentence(tmp_path: Path) -> None:
    with served(tmp_path, "create_nothing") as server:
        assert server.process.wait(30) == 1
        assert "RuntimeError" in server.log()
        assert "no database" not in server.log(), "an exception's message may hold anything"
        assert server.log().endswith("The web processes ended as soon as they were started: the lines above say why.\n")


def test_no_process_prints_the_words_of_an_exception(tmp_path: Path) -> None:
    with served(tmp_path, "create_broken", "fail_outbox") as server:
        eventually(lambda: "the outbox process failed" in server.log(), "the outbox process fails")
        eventually(lambda: "Started worker-1" in server.log(), "it serves")
        server.get("/")
        eventually(lambda: "Application callable raised an exception" in server.log(), "the request fails")
        server.process.send_signal(signal.SIGTERM)
        server.process.wait(30)
        assert "builtins.ValueError" in server.log()
        assert not [word for word in ("DUPONT", "Joe", "MARTIN", "Zoé") if word in server.log()]


def test_requests_never_see_the_variables_of_the_settings(tmp_path: Path) -> None:
    with served(tmp_path) as server:
        a_worker(server)
        assert server.get("/secrets") == ""


def raw(server: Served, request: bytes) -> bytes:
    with socket.create_connection(("127.0.0.1", server.port), timeout=20) as connection:
        connection.sendall(request)
        answer = b""
        while piece := connection.recv(65536):
            answer += piece
            if b"\r\n\r\n" in answer:
                break
        return answer


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    directory = tmp_path_factory.mktemp("served")
    with served(directory) as running:
        a_worker(running)
        yield running


def test_a_body_of_unknown_length_is_refused(server: Served) -> None:
    answer = raw(
        server, b"POST /length HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"
    )
    assert answer.startswith(b"HTTP/1.1 411 ")


def test_a_body_that_is_too_long_is_refused_before_it_is_sent(server: Served) -> None:
    answer = raw(server, b"POST /length HTTP/1.1\r\nHost: x\r\nContent-Length: 65537\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 413 ")


def test_the_longest_body_arrives_whole(server: Served) -> None:
    answer = raw(server, b"POST /length HTTP/1.1\r\nHost: x\r\nContent-Length: 65536\r\n\r\n" + b"x" * 65536)
    assert answer.startswith(b"HTTP/1.1 200 ")
    assert answer.endswith(b"65536")


def test_a_post_without_a_body_needs_no_length(server: Served) -> None:
    assert raw(server, b"POST /length HTTP/1.1\r\nHost: x\r\n\r\n").startswith(b"HTTP/1.1 200 ")


def test_headers_without_end_are_refused(server: Served) -> None:
    answer = raw(server, b"GET /pid HTTP/1.1\r\nHost: x\r\nCookie: " + b"x" * 64_000 + b"\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 431 ")


def test_whoever_takes_too_long_to_send_headers_is_let_go(server: Served) -> None:
    with socket.create_connection(("127.0.0.1", server.port), timeout=20) as connection:
        connection.sendall(b"GET /pid HTTP/1.1\r\nHost: x\r\n")
        # Nothing more is sent: the other side hangs up first.
        assert connection.recv(100) in {b"", b"HTTP/1.1 408 Request Timeout"}


def test_an_unknown_proxy_s_word_is_not_taken(server: Served) -> None:
    answer = raw(server, b"GET /caller HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: 198.51.100.7\r\n\r\n")
    assert answer.endswith(b"None")


def test_a_slow_request_outside_the_gate_keeps_nobody_waiting(server: Served, tmp_path: Path) -> None:
    answers: list[str] = []
    asking = threading.Thread(target=lambda: answers.append(server.get("/wait", dir=str(tmp_path))))
    asking.start()
    eventually((tmp_path / "waiting").exists, "the request is under way")
    assert server.worker() is not None
    (tmp_path / "go").touch()
    asking.join(30)
    assert answers == ["waited"]


def test_garbage_is_looked_for_after_the_imports_and_never_in_what_they_brought() -> None:
    frozen = gc.get_freeze_count()
    try:
        with suppress(ImportError), _nothing_collected():
            looks = gc.isenabled()
            raise ImportError
        assert not looks
        assert gc.isenabled()
        assert gc.get_freeze_count() > frozen
    finally:
        gc.unfreeze()
