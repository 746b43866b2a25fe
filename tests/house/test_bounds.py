"""How much of a request `preau serve` takes, asked of the server itself, byte by byte."""

import socket
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import pytest

from idp.runtime import HEADER_BYTES
from tests.house.serving import Served, served

PIECE = 4096


@dataclass(frozen=True)
class Said:
    """One answer."""

    status: int
    headers: dict[str, str]
    body: bytes


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with served(tmp_path_factory.mktemp("bounds")) as running:
        ends = time.monotonic() + 30
        while running.worker() is None:
            assert time.monotonic() < ends
        yield running


def say(server: Served, *pieces: bytes, pause: float = 0.0) -> Said:
    """Send pieces one by one, and read until the server hangs up."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=20) as connection:
        received = b""
        try:
            for piece in pieces:
                connection.sendall(piece)
                time.sleep(pause)
        except OSError:
            pass  # the server has said enough
        try:
            while part := connection.recv(65536):
                received += part
        except OSError:
            pass
    head, _, body = received.partition(b"\r\n\r\n")
    first, *lines = head.decode().split("\r\n")
    headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
    return Said(int(first.split()[1]) if first else 0, headers, body)


def request(*lines: str, method: str = "GET", path: str = "/pid") -> bytes:
    return "\r\n".join([f"{method} {path} HTTP/1.1", "Host: x", "Connection: close", *lines, "", ""]).encode()


def assert_words(said: Said, status: int, *, media_type: str = "text/html; charset=utf-8") -> None:
    assert (said.status, said.headers["content-type"]) == (status, media_type)
    assert said.headers["cache-control"] == "no-store"
    assert said.headers["x-content-type-options"] == "nosniff"
    assert said.headers["connection"] == "close"
    assert said.body


def test_headers_that_fit_are_read(server: Served) -> None:
    assert say(server, request(f"Cookie: {'x' * (HEADER_BYTES - 200)}")).status == 200
    assert say(server, request(path=f"/pid?{'x' * (HEADER_BYTES - 200)}")).status == 200


@pytest.mark.parametrize("size", [HEADER_BYTES, 40_000, 60_000])
def test_headers_past_the_bound_are_refused(server: Served, size: int) -> None:
    for sent in (
        request(f"Cookie: {'x' * size}"),
        request(path=f"/pid?{'x' * size}"),
        request(f"Cookie: {'x' * size}", path="/machine"),
    ):
        said = say(server, sent)
        assert said.status == 431
        if said.body:  # the server read all of it in one piece; otherwise it was the one to notice
            assert_words(
                said, 431, media_type="application/json" if b"/machine" in sent else "text/html; charset=utf-8"
            )


@pytest.mark.parametrize("size", [70_000, 1_000_000])
def test_headers_without_end_are_refused_by_the_server(server: Served, size: int) -> None:
    assert say(server, request(f"Cookie: {'x' * size}")).status in {431, 0}
    assert say(server, request(path=f"/pid?{'x' * size}")).status in {431, 414, 0}


def test_headers_past_the_bound_are_refused_however_they_come(server: Served) -> None:
    whole = request(f"Cookie: {'x' * (HEADER_BYTES + 10_000)}")
    pieces = [whole[start : start + PIECE] for start in range(0, len(whole), PIECE)]
    assert say(server, *pieces, pause=0.01).status in {431, 0}


@pytest.mark.parametrize(("count", "status"), [(90, 200), (101, 431), (1000, 431)])
def test_a_hundred_headers_are_taken(server: Served, count: int, status: int) -> None:
    assert say(server, request(*(f"X-{number}: x" for number in range(count)))).status == status


@pytest.mark.parametrize(
    ("lines", "status"),
    [
        (["Content-Length: 65537"], 413),
        (["Content-Length: 99999999999"], 413),
        (["Transfer-Encoding: chunked"], 411),
        (["Transfer-Encoding: chunked", "Content-Length: 5"], 411),
    ],
)
def test_bodies_past_the_bound_or_of_unknown_length_are_refused_with_words(
    server: Served, lines: Sequence[str], status: int
) -> None:
    assert_words(say(server, request(*lines, method="POST", path="/length")), status)
    told = say(server, request(*lines, method="POST", path="/machine"))
    assert_words(told, status, media_type="application/json")


@pytest.mark.parametrize("lines", [["Content-Length: -1"], ["Content-Length: 1", "Content-Length: 2"], ["A b: c"]])
def test_what_is_no_request_is_refused_by_the_server(server: Served, lines: Sequence[str]) -> None:
    assert say(server, request(*lines, method="POST", path="/length")).status == 400


def test_the_server_goes_on_after_all_that(server: Served) -> None:
    assert say(server, request()).status == 200
