"""What can be wrong with any HTTP answer that a client's server gets."""

import json
from dataclasses import replace
from typing import NamedTuple

from idp.sandbox.faults.entry import SERVED, Answer, Change, Endpoint, Fault, Surroundings

OVERSIZE_BYTES = 2 * 1024 * 1024
LONGEST_SECONDS = 60.0
DEFAULT_SECONDS = 5.0
_HTML = "text/html; charset=utf-8"


class _Status(NamedTuple):
    """What an answer with a status looks like: OAuth error, headers, and what a sound client does. No error: a gateway's page."""

    status: int
    section: str
    error: str
    sound: str
    headers: tuple[tuple[str, str], ...] = ()


_LATER = (("Retry-After", "5"),)
_STATUSES = (
    _Status(400, "15.5.1", "invalid_request", "does not send the same request again, and says that the sign-in did not work."),
    _Status(
        401, "15.5.2", "invalid_token",
        "does not send the same credentials again; at userinfo it lets the person sign in anew.",
        (("WWW-Authenticate", 'Bearer realm="preau", error="invalid_token"'),),
    ),
    _Status(403, "15.5.4", "insufficient_scope", "does not send the same request again, and does without."),
    _Status(404, "15.5.5", "not_found", "does not send the same request again, and tells whoever runs it."),
    _Status(429, "15.5 and RFC 6585 section 4", "too_many_requests", "waits as long as Retry-After says.", _LATER),
    _Status(500, "15.6.1", "server_error", "says that signing in does not work now, and does not try without end."),
    _Status(502, "15.6.3", "", "reads no JSON out of a page, and says that signing in does not work now."),
    _Status(503, "15.6.4", "temporarily_unavailable", "says that signing in does not work now, and waits as Retry-After says.", _LATER),
    _Status(504, "15.6.5", "", "reads no JSON out of a page; a code that it sent may be used up all the same."),
)  # fmt: skip


_OF_CLIENTS = (Endpoint.PAR, Endpoint.TOKEN, Endpoint.INTROSPECTION, Endpoint.REVOCATION)
_BASIC = {"WWW-Authenticate": 'Basic realm="preau"'}


def _answer_with(kind: _Status) -> Change:
    page = f"<!DOCTYPE html><html><head><title>{kind.status}</title></head><body><h1>{kind.status}</h1></body></html>"

    def change(answer: Answer, here: Surroundings) -> Answer:
        del answer
        if not kind.error:
            return Answer(status=kind.status, content_type=_HTML, body=page.encode())
        error, headers = kind.error, dict(kind.headers)
        if kind.status == 401 and here.endpoint in _OF_CLIENTS:
            error, headers = "invalid_client", _BASIC
        if kind.status == 400 and here.endpoint is Endpoint.TOKEN:
            error = "invalid_grant"
        told = {"error": error, "error_description": "This fault was armed."}
        return Answer(status=kind.status, body=json.dumps(told).encode(), headers=headers)

    return change


def _slow(answer: Answer, here: Surroundings) -> Answer:
    return replace(answer, seconds=here.seconds)


def _truncated(answer: Answer, here: Surroundings) -> Answer | None:
    del here
    return replace(answer, body=answer.body[: len(answer.body) // 2]) if answer.body else None


def _cut(answer: Answer, here: Surroundings) -> Answer | None:
    half = _truncated(answer, here)
    return None if half is None else replace(half, announced=len(answer.body))


def _oversize(answer: Answer, here: Surroundings) -> Answer | None:
    del here
    # White space before the value: whoever reads all of it finds a good answer.
    return replace(answer, body=b" " * OVERSIZE_BYTES + answer.body) if answer.body else None


def _wrong_content_type(answer: Answer, here: Surroundings) -> Answer | None:
    del here
    return replace(answer, content_type=_HTML) if answer.body else None


FAULTS = (
    *(
        Fault(
            f"http-{kind.status}",
            SERVED,
            f"The answer is HTTP {kind.status}" + (f", {kind.error}." if kind.error else ", with a gateway's page of HTML."),
            kind.sound,
            f"RFC 9110 section {kind.section}",
            _answer_with(kind),
        )
        for kind in _STATUSES
    ),
    Fault(
        "slow",
        SERVED,
        f"The answer takes `seconds`, 5 unless told, {LONGEST_SECONDS:.0f} at most; other requests go on meanwhile.",
        "gives up after some seconds, says that signing in does not work now, and keeps its other visitors waiting for nothing.",
        "RFC 9110 section 15.6.5",
        _slow,
    ),
    Fault(
        "truncated",
        SERVED,
        "The answer is the first half of what it was, as a whole answer.",
        "finds that it is no JSON (or no JWT), and refuses.",
        "RFC 8259 section 2",
        _truncated,
    ),
    Fault(
        "cut",
        SERVED,
        "The answer announces its whole length, and the connection ends after half of it.",
        "notices that the answer is not complete, and refuses.",
        "RFC 9112 section 8",
        _cut,
    ),
    Fault(
        "oversize",
        SERVED,
        f"The answer is good, after {OVERSIZE_BYTES // 1024 // 1024} MiB of white space.",
        "reads no more than an answer may need, and refuses.",
        "RFC 9110 section 17.5; RFC 8259 section 9",
        _oversize,
    ),
    Fault(
        "wrong-content-type",
        SERVED,
        "The answer is good, and says that it is text/html.",
        "reads what it expects and nothing else, and refuses.",
        "OpenID Connect Core 1.0 section 5.3.2; RFC 6749 section 5.1",
        _wrong_content_type,
    ),
)  # fmt: skip
