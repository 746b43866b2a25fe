"""The run gate: one thread runs Python, the others wait for the world."""

import json
import threading
from collections.abc import Iterable
from io import BytesIO
from typing import Any

import pytest

from idp.adapters.sms import HttpSms, SmsUnavailable
from idp.runtime import HEADER_BYTES, Bulkhead, GatedApplication, RunGate, refusals

PATIENCE = 20


def in_a_thread(work: Any) -> threading.Thread:
    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    return thread


def test_two_requests_do_not_run_at_once() -> None:
    gate, inside, leave, second_in = RunGate(), threading.Event(), threading.Event(), threading.Event()

    def first() -> None:
        with gate.held():
            inside.set()
            assert leave.wait(PATIENCE)

    def second() -> None:
        with gate.held():
            second_in.set()

    one = in_a_thread(first)
    assert inside.wait(PATIENCE)
    two = in_a_thread(second)
    assert not second_in.is_set()
    assert gate._lock.locked()
    leave.set()
    assert second_in.wait(PATIENCE)
    one.join(PATIENCE)
    two.join(PATIENCE)
    assert not gate._lock.locked()


def test_a_request_that_waits_for_the_world_lets_another_run() -> None:
    gate, waiting, answered = RunGate(), threading.Event(), threading.Event()
    order: list[str] = []

    def slow() -> None:
        with gate.held():
            with gate.released():
                waiting.set()
                assert answered.wait(PATIENCE)
            order.append("slow")

    def fast() -> None:
        with gate.held():
            order.append("fast")

    one = in_a_thread(slow)
    assert waiting.wait(PATIENCE)
    in_a_thread(fast).join(PATIENCE)
    answered.set()
    one.join(PATIENCE)
    assert order == ["fast", "slow"]


def test_a_request_that_comes_back_waits_for_its_turn() -> None:
    gate, outside, back, other_in, other_leaves = (RunGate(), *(threading.Event() for _ in range(4)))
    resumed = threading.Event()

    def first() -> None:
        with gate.held():
            with gate.released():
                outside.set()
                assert back.wait(PATIENCE)
            resumed.set()

    def other() -> None:
        with gate.held():
            other_in.set()
            assert other_leaves.wait(PATIENCE)
            assert not resumed.is_set()

    threads = [in_a_thread(first)]
    assert outside.wait(PATIENCE)
    threads.append(in_a_thread(other))
    assert other_in.wait(PATIENCE)
    back.set()
    other_leaves.set()
    assert resumed.wait(PATIENCE)
    for thread in threads:
        thread.join(PATIENCE)


def test_a_release_inside_a_release_or_outside_a_request_does_nothing() -> None:
    gate = RunGate()
    with gate.released():
        assert not gate._lock.locked()
    with gate.held():
        with gate.released(), gate.released():
            assert not gate._lock.locked()
        assert gate._lock.locked()
    assert not gate._lock.locked()


def test_an_error_outside_or_inside_leaves_the_gate_as_it_was() -> None:
    gate = RunGate()
    held_again: list[bool] = []

    def fail() -> None:
        with gate.held():
            try:
                with gate.released():
                    raise ConnectionError
            finally:
                held_again.append(gate._lock.locked())

    with pytest.raises(ConnectionError):
        fail()
    assert held_again == [True]
    assert not gate._lock.locked()


def test_who_waits_for_another_service_lends_the_place_in_line_and_has_it_back() -> None:
    gate = RunGate(most=1)
    bulkhead = Bulkhead(gate)
    counted: list[tuple[bool, int]] = []
    assert gate.line.take()
    with gate.held():
        with bulkhead.around():
            counted.append((gate._lock.locked(), gate.line.in_use))
        counted.append((gate._lock.locked(), gate.line.in_use))
    assert counted == [(False, 0), (True, 1)]


def test_a_call_that_fails_gives_its_place_back() -> None:
    bulkhead = Bulkhead(RunGate(), most=1)
    for _ in range(2):
        with pytest.raises(TimeoutError), bulkhead.around():
            raise TimeoutError
    assert (bulkhead.calls.in_use, bulkhead.calls.refused) == (0, 0)


def test_a_text_that_finds_no_place_for_its_call_is_tried_again_later() -> None:
    bulkhead = Bulkhead(RunGate(), most=1)
    sender = HttpSms(url="http://127.0.0.1:9/", template="{to}{text}", around=bulkhead.around)
    with bulkhead.around(), pytest.raises(SmsUnavailable, match="OutboundRefusedError"):
        sender.send("+33639980001", "Bonjour")
    assert (bulkhead.calls.in_use, bulkhead.calls.refused) == (0, 1)


class Answer(list[bytes]):
    def __init__(self, gate: RunGate, *parts: bytes) -> None:
        super().__init__(parts)
        self.gate = gate
        self.closed_inside = False

    def close(self) -> None:
        self.closed_inside = self.gate._lock.locked()


def nobody(_environ: dict[str, Any], _start_response: Any) -> Iterable[bytes]:
    """Stand for the answer past capacity, where nobody reaches it."""
    raise AssertionError


def call(application: GatedApplication, **environ: Any) -> tuple[str, bytes]:
    said: list[str] = []
    environ.setdefault("PATH_INFO", "/")
    body = application(environ, lambda status, _headers, _error=None: said.append(status))  # type: ignore[arg-type,return-value]  # enough of WSGI
    return said[0], b"".join(body)


def test_the_body_is_read_before_the_gate_and_the_answer_is_made_whole_inside_it() -> None:
    gate = RunGate()
    answer = Answer(gate, b"a", b"b")
    held_while_reading: list[bool] = []

    class Sender(BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            held_while_reading.append(gate._lock.locked())
            return super().read(size)

    def application(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        assert gate._lock.locked()
        assert environ["wsgi.input"].read() == b"hello"
        start_response("200 OK", [])
        return answer

    assert call(
        GatedApplication(application, gate, nobody, {}), CONTENT_LENGTH="5", **{"wsgi.input": Sender(b"hello+more")}
    ) == (
        "200 OK",
        b"ab",
    )
    assert held_while_reading == [False]
    assert answer.closed_inside


@pytest.mark.parametrize(
    ("environ", "status", "key"),
    [
        ({"HTTP_TRANSFER_ENCODING": "chunked"}, 411, "invalid_request"),
        ({"CONTENT_LENGTH": "11"}, 413, "body_too_large"),
        ({"CONTENT_LENGTH": "-1"}, 400, "invalid_request"),
        ({"CONTENT_LENGTH": "five"}, 400, "invalid_request"),
        ({"CONTENT_LENGTH": "7", "wsgi.input": BytesIO(b"hello")}, 400, "invalid_request"),
        ({"HTTP_COOKIE": "x" * HEADER_BYTES}, 431, "headers_too_long"),
        ({"QUERY_STRING": "x" * HEADER_BYTES}, 431, "headers_too_long"),
    ],
)
def test_a_request_that_is_not_what_it_says_is_answered_at_the_door(
    environ: dict[str, Any], status: int, key: str
) -> None:
    gate = RunGate()

    def application(_environ: dict[str, Any], _start_response: Any) -> Iterable[bytes]:
        raise AssertionError

    words = refusals(test_instance=True, secure=False, machine_paths=("/machine",))
    gated = GatedApplication(application, gate, nobody, words, max_body_bytes=10)
    said, page = call(gated, **environ)
    assert said.startswith(f"{status} ")
    assert "Simulateur, données fictives." in page.decode()
    said, told = call(gated, PATH_INFO="/machine", **environ)
    assert said.startswith(f"{status} ")
    assert json.loads(told)["error"] == key
    assert not gate._lock.locked()
