"""The check that tests/journeys puts every answer through finds what is not described."""

import json

import pytest

from tests.description.conftest import Described
from tests.support.described import Description

RIGHT = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "Content-Type": "application/json",
}
TOKENS = {"access_token": "x", "token_type": "Bearer", "expires_in": 600, "scope": "openid"}
TOKEN = "/idp/profile/oidc/token"


def faults(described: Described, status: int, body: object, *, path: str = TOKEN, **changes: str | None) -> list[str]:
    named = {name.replace("_", "-"): value for name, value in changes.items()}
    headers = {name: value for name, value in {**RIGHT, **named}.items() if value is not None}
    sent = b"" if body is None else json.dumps(body).encode()
    return Description(described.document).find_faults("POST", path, status, headers, sent)


def test_what_is_described_passes(everything: Described) -> None:
    assert faults(everything, 200, TOKENS, Pragma="no-cache") == []


@pytest.mark.parametrize(
    ("status", "body", "changes", "fault"),
    [
        (418, TOKENS, {}, "the status 418 is not described"),
        (500, TOKENS, {}, "the status 500 is not described"),
        (200, TOKENS, {"Content-Type": "text/html; charset=utf-8"}, "the media type text/html is not described"),
        (200, TOKENS, {"Content-Type": None}, "the media type (none) is not described"),
        (200, TOKENS, {"X-Odd": "1"}, "the header x-odd is not described"),
        (200, TOKENS, {"Cache-Control": None}, "the header cache-control is missing"),
        (200, {**TOKENS, "expires_in": "600"}, {}, '"600" is not of type "integer" at [\'expires_in\']'),
        (200, {**TOKENS, "token_type": "Magic"}, {}, "token_type"),
        (200, {"scope": "openid"}, {}, '"access_token" is a required property'),
        (400, {"error": "é", "error_description": "x"}, {}, "does not match"),
    ],
)
def test_what_is_not_described_is_found(
    everything: Described, status: int, body: object, changes: dict[str, str | None], fault: str
) -> None:
    found = faults(everything, status, body, Pragma="no-cache", **{k.replace("-", "_"): v for k, v in changes.items()})
    assert any(fault in one for one in found), found


def test_a_body_where_none_is_described_is_found(everything: Described) -> None:
    revoke = "/idp/profile/oidc/revoke"
    assert faults(everything, 200, None, path=revoke, Pragma="no-cache", Content_Type=None) == []
    assert faults(everything, 200, {}, path=revoke, Pragma="no-cache") == ["a body is not described"]


def test_an_address_that_is_not_described_is_found_unless_it_is_refused(everything: Described) -> None:
    assert faults(everything, 200, {}, path="/made-up") == ["the operation is not described"]
    assert faults(everything, 404, {}, path="/made-up") == []


def test_what_the_server_below_refuses_has_no_words(everything: Described) -> None:
    description = Description(everything.document)
    for status in (400, 431):
        assert description.find_faults("POST", TOKEN, status, {"Connection": "close", "Content-Length": "0"}, b"") == []
    assert description.find_faults("POST", TOKEN, 400, {"Server": "granian"}, b"") != []
    assert description.find_faults("POST", TOKEN, 411, {"Connection": "close"}, b"") != []
