"""What each sender of texts must meet."""

import io
import json
import stat
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from idp.adapters.sms import ConsoleSms, FictionalNumbersOnly, FileSms, HttpSms, SmsRefused, SmsSender, SmsUnavailable
from tests.support.server import free_port

JOE = "+33639980001"
TEXT = '482913 est votre "code" {to}\nde sécurité'
TEMPLATE = '{"to": "{to}", "text": "{text}"}'


class Gateway:
    """An operator's gateway: keeps what it takes, answers as it was told."""

    def __init__(self) -> None:
        self.status = 200
        self.headers: dict[str, str] = {}
        self.taken: list[tuple[dict[str, str], Any]] = []
        self.url = ""


@pytest.fixture
def gateway() -> Iterator[Gateway]:
    told = Gateway()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            told.taken.append(({name.lower(): value for name, value in self.headers.items()}, json.loads(body)))
            self.send_response(told.status)
            for name, value in told.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *args: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    told.url = f"http://localhost:{server.server_port}/send"
    yield told
    server.shutdown()
    server.server_close()
    thread.join()


SENDERS = ["console", "file", "http", "http to fictional numbers only"]


@pytest.fixture(params=SENDERS)
def any_sender(request: pytest.FixtureRequest, tmp_path: Path, gateway: Gateway) -> tuple[SmsSender, Callable[[], int]]:
    """Return a sender, and what counts the texts that it handed on."""
    if request.param == "console":
        stream = io.StringIO()
        return ConsoleSms(stream), lambda: stream.getvalue().count("\n")
    if request.param == "file":
        file = tmp_path / "deep" / "sms.jsonl"
        return FileSms(file), lambda: file.read_text(encoding="utf-8").count("\n")
    sender = HttpSms(url=gateway.url, template=TEMPLATE)
    is_plain = request.param == "http"
    return (sender if is_plain else FictionalNumbersOnly(sender, lambda _: True)), lambda: len(gateway.taken)


def test_a_sender_returns_once_each_text_is_handed_on(any_sender: tuple[SmsSender, Callable[[], int]]) -> None:
    sender, count = any_sender
    for number in (1, 2, 3):
        sender.send(JOE, TEXT)
        assert count() == number


@pytest.fixture(params=SENDERS)
def broken_sender(request: pytest.FixtureRequest, tmp_path: Path) -> SmsSender:
    if request.param == "console":
        stream = io.StringIO()
        stream.close()
        return ConsoleSms(stream)
    if request.param == "file":
        return FileSms(tmp_path)  # a directory
    sender = HttpSms(url=f"http://localhost:{free_port()}/key-of-the-operator", template=TEMPLATE)
    return sender if request.param == "http" else FictionalNumbersOnly(sender, lambda _: True)


def test_a_sender_that_cannot_for_now_says_so_and_neither_to_whom_nor_what(broken_sender: SmsSender) -> None:
    with pytest.raises(SmsUnavailable) as refused:
        broken_sender.send(JOE, TEXT)
    assert not [word for word in (JOE, "482913", "key-of") if word in str(refused.value)]


def test_the_console_says_neither_to_whom_nor_what() -> None:
    stream = io.StringIO()
    ConsoleSms(stream).send(JOE, TEXT)
    assert stream.getvalue() == f"SMS: a text of {len(TEXT)} characters left\n"


def test_the_file_holds_a_line_for_each_text_and_is_its_owners_alone(tmp_path: Path) -> None:
    file = tmp_path / "sms.jsonl"
    FileSms(file).send(JOE, TEXT)
    assert json.loads(file.read_text(encoding="utf-8")) == {"to": JOE, "text": TEXT}
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_the_gateway_gets_number_and_text_as_they_are_with_the_operators_headers(gateway: Gateway) -> None:
    HttpSms(url=gateway.url, template=TEMPLATE, headers={"X-Key": "s3same"}).send(JOE, TEXT)
    ((headers, body),) = gateway.taken
    assert body == {"to": JOE, "text": TEXT}
    assert headers["x-key"] == "s3same"


@pytest.mark.parametrize("status", [200, 202, 204])
def test_any_2xx_means_that_the_text_was_taken(gateway: Gateway, status: int) -> None:
    gateway.status = status
    HttpSms(url=gateway.url, template=TEMPLATE).send(JOE, TEXT)


@pytest.mark.parametrize("status", [301, 302, 307, 401, 403, 408, 429, 500, 502, 503])
def test_what_is_refused_for_now_is_tried_again_and_no_redirect_is_followed(gateway: Gateway, status: int) -> None:
    gateway.status, gateway.headers = status, {"Location": gateway.url}
    with pytest.raises(SmsUnavailable, match=str(status)):
        HttpSms(url=gateway.url, template=TEMPLATE).send(JOE, TEXT)
    assert len(gateway.taken) == 1


@pytest.mark.parametrize("status", [400, 404, 409, 422])
def test_what_is_refused_for_good_is_given_up(gateway: Gateway, status: int) -> None:
    gateway.status = status
    with pytest.raises(SmsRefused, match=str(status)):
        HttpSms(url=gateway.url, template=TEMPLATE).send(JOE, TEXT)


def test_a_test_instance_texts_nobody_who_may_exist(gateway: Gateway) -> None:
    with pytest.raises(SmsRefused, match="fictional numbers only"):
        FictionalNumbersOnly(HttpSms(url=gateway.url, template=TEMPLATE), lambda _: False).send(JOE, TEXT)
    assert gateway.taken == []
