"""What must hold of every answer, whatever was asked."""

import re

from tests.properties.doors import Answer, Door
from tests.properties.texts import MARK

# A script, an attribute, a template that was worked out (7341*9173), a header: of what `texts` sends, none may come to life.
_RAW = re.compile(r"<script(?! type=\"module\" src=)|<b x=|67338993|[\r\n]X-Odd")
_ROUTE = re.compile(r'"route": "[^"]*"')  # a template of ours, never what was asked for
_SHORTEST = 8  # letters of a typed value that no line of the log may hold; shorter ones are words of ours too
_OURS = {
    "responsable",
    "authorization_code",
    "refresh_token",
    "client_credentials",
    "finished",
    "code-on-its-way",
    "http://localhost:8402/retour",
}


OUR_LANGUAGES = re.compile(r'<html lang="(?:fr" data-langue="(?:fr|facile)|en" data-langue="en)">')
"""The beginning of a page, in one of the languages that there are."""


def assert_sound(answer: Answer, typed: list[str], door: Door) -> None:
    """Assert that an answer is one of ours, safe to show, and that the log says nothing of what was typed."""
    assert answer.status < 500, f"{answer.status}\n{answer.body[:2000]}"
    headers = {name.lower(): value for name, value in answer.headers.items()}
    assert "x-odd" not in headers
    assert "default-src 'none'" in headers["content-security-policy"]
    assert headers["cache-control"] in {"no-store", "public, max-age=300", "public, max-age=31536000, immutable"}, (
        headers
    )
    assert headers["x-content-type-options"] == "nosniff"
    if headers.get("content-type", "").startswith("text/html") and "<main" in answer.body:
        assert OUR_LANGUAGES.search(answer.body)
        assert "Simulateur, données fictives." in answer.body
        for value in typed:
            if "<" in value and len(value) > 2 and not _escaped(value):
                assert value not in answer.body, f"{value!r} is not escaped"
    if answer.headers.get("Content-Type", "").startswith("text/html"):
        assert not _RAW.search(re.sub(r"&lt;.*?&gt;", "", answer.body)), _RAW.search(answer.body)
    assert_log_silent(door.take_log(), typed)


def _escaped(value: str) -> bool:
    return value in {"<", "<>"}


def assert_log_silent(log: str, typed: list[str]) -> None:
    """Assert that the log holds no value typed, whole or in pieces."""
    log = _ROUTE.sub("", log)
    assert MARK.lower() not in log.lower()
    for value in typed:
        for piece in {value, *value.split()}:
            if len(piece) >= _SHORTEST and piece not in _OURS:
                assert piece not in log, f"{piece!r} is in the log"
