"""A browser that keeps all that a stranger can see of an answer, and all that the provider did for it."""

import re
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from werkzeug.test import TestResponse

import idp
from idp.adapters.clock import TestClock
from idp.people import names
from tests.support.inside import BASE, Inside, Weight
from tests.support.page import Page, read_page

_TOKEN = re.compile(r'(?<=name="jeton" value=")[0-9]+-[0-9a-f]{64}(?=")')
_REFERENCE = re.compile(r"(?<=<strong class=\"reference\">)[A-Z2-9]{8}")
_SECRET = re.compile(r"(?<==)[\w-]{40,}(?=;)")
_LETTERS = 32  # of the values of a statement
_CALLS = 12  # of some hundreds of a request
_OURS = str(Path(idp.__file__).parent)
# Names are compared letter by letter: what that takes depends on their length and on how many a record has, and on nothing that a stranger
# could want to know (tests/people/test_names.py).
_LETTER_BY_LETTER = names.__file__
_HANDLE = re.compile(r"(?<=[?&;]d=)[\w-]{40,}")


@dataclass(frozen=True)
class Seen:
    """One answer: what must be equal, byte for byte, whoever was asked about."""

    what: str
    status: int
    headers: tuple[tuple[str, str], ...]  # in the order in which they were sent
    body: str


def assert_alike(one: "Watched", other: "Watched", who: str) -> None:
    """Assert that two browsers saw the same bytes and made the provider do the same work, request by request."""
    for seen, expected, work, expected_work in zip(one.seen, other.seen, one.work, other.work, strict=True):
        assert seen == expected, f"{who}: {seen.what} is answered otherwise"
        assert work == expected_work, f"{who}: {seen.what} is other work"


def assert_weighs_alike(one: "Watched", other: "Watched", who: str) -> None:
    """Assert that each statement took along as much and brought back as many rows, and that as many functions were called.

    What was asked about differs by some letters, and its outcome by the branch that was taken. Everything must have been run once before:
    the first time compiles statements and templates.
    """
    rounds = zip(one.seen, one.weights, other.weights, one.calls, other.calls, strict=True)
    for seen, weights, expected_weights, calls, expected_calls in rounds:
        for weight, expected in zip(weights, expected_weights, strict=True):
            said = f"{who}: {seen.what}: {weight.statement[:200]}"
            assert weight.rows == expected.rows, f"{said} brings {weight.rows} rows, not {expected.rows}"
            assert abs(weight.size - expected.size) <= _LETTERS, f"{said} takes {weight.size} and {expected.size} along"
        differing = (calls - expected_calls) + (expected_calls - calls)
        assert differing.total() <= _CALLS, f"{who}: {seen.what} calls otherwise: {differing}"


@contextmanager
def _counted_calls() -> Iterator[Counter[str]]:
    """Count what our own code calls, by what is called. What libraries do inside depends on draws and on what they keep."""
    calls: Counter[str] = Counter()

    def note(frame: Any, what: str, of: Any) -> None:
        if frame.f_code.co_filename == _LETTER_BY_LETTER:
            return
        if what == "c_call" and frame.f_code.co_filename.startswith(_OURS):
            calls[getattr(of, "__qualname__", "")] += 1
        elif what == "call" and frame.f_code.co_filename.startswith(_OURS):
            calls[frame.f_code.co_qualname] += 1

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        yield calls
    finally:
        sys.setprofile(before)


@dataclass
class Watched:
    """One browser. `seen` and `work` grow by one with each request."""

    inside: Inside
    typed: tuple[str, ...] = ()  # what differs from one stranger to the next, and the page shows again
    seen: list[Seen] = field(default_factory=list)
    work: list[list[str]] = field(default_factory=list)
    weights: list[list[Weight]] = field(default_factory=list)
    calls: list[Counter[str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._client = self.inside.app.test_client()
        self.page: Page = read_page(0, BASE, {}, "")

    def open(self, path: str) -> Page:
        """Go to a path, and wherever it redirects."""
        return self._follow("GET", path, None)

    def fill(self, control: str, values: dict[str, str] | None = None, *, button: str = "") -> Page:
        """Send the form that has this control or button."""
        form = self.page.form(control)
        pressed = {name: value for name, value, words in form.buttons if name and (button or control) in words}
        return self._follow("POST", form.action.removeprefix(BASE), {**form.values, **pressed, **(values or {})})

    def wait(self, minutes: int) -> None:
        """Let time go by."""
        TestClock(self.inside.world.engine).advance(timedelta(minutes=minutes))

    def _follow(self, method: str, path: str, values: dict[str, str] | None) -> Page:
        for _ in range(8):
            self.inside.work.take()
            with _counted_calls() as calls:
                answer = self._client.open(path, method=method, data=values, base_url=BASE)
            self.calls.append(calls)
            self.weights.append(self.inside.work.weigh())
            self.work.append(self.inside.work.take())
            self.seen.append(self._look(f"{method} {_HANDLE.sub('HANDLE', path)}", answer))
            if answer.status_code not in {301, 302, 303, 307, 308}:
                self.page = read_page(answer.status_code, BASE + path, answer.headers, answer.text)
                return self.page
            method, path, values = "GET", answer.headers["Location"].removeprefix(BASE), None
        raise AssertionError(f"redirects go round at {path}")

    def _look(self, what: str, answer: TestResponse) -> Seen:
        body = answer.text
        for pattern, word in ((_TOKEN, "TOKEN"), (_REFERENCE, "REFERENC"), (_HANDLE, "HANDLE")):
            body = pattern.sub(word, body)
        for value in self.typed:
            body = body.replace(value if "@" in value else f'value="{value}"', "TYPED")
        headers = tuple((name, _still(name, value, body, answer)) for name, value in answer.headers)
        return Seen(what, answer.status_code, headers, body)


def _still(name: str, value: str, body: str, answer: TestResponse) -> str:
    """Return a header without what is drawn for each browser; the length is that of the body without it."""
    if name == "Content-Length":
        assert int(value) == len(answer.data)
        return str(len(body.encode()))
    return _HANDLE.sub("HANDLE", _SECRET.sub("SECRET", value) if name == "Set-Cookie" else value)
