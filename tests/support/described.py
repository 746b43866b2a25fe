"""Holds answers against the description that their own server gives of itself."""

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

import jsonschema_rs
import pytest
import requests

_BY_SERVER = {"content-type", "content-length", "date", "server", "transfer-encoding"}
_APART = "/sandbox"  # describes itself
_ON_PURPOSE = "x-preau-fault"  # in an answer that a fault was armed for: it is as no description says
_FROM_BELOW = {400, 431}
_NOT_OURS = {404, 405}  # at an address or with a method that nobody described


class Description:
    """A document of `/openapi.json`."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self._document = document
        self._paths = [(re.compile(_pattern_of(path)), at) for path, at in sorted(document["paths"].items())]

    def find_faults(self, method: str, path: str, status: int, headers: Mapping[str, str], body: bytes) -> list[str]:
        """Return what an answer has that is not described, or lacks, in words."""
        if method == "HEAD" or path.startswith(_APART) or is_from_below(status, headers, body):
            return []
        if _ON_PURPOSE in {name.lower() for name in headers}:
            return []
        operation = self._find(method, path)
        if operation is None:
            return [] if status in _NOT_OURS or method == "OPTIONS" else ["the operation is not described"]
        if str(status) not in operation["responses"]:
            return [f"the status {status} is not described"]
        answer = self._resolve("responses", operation["responses"][str(status)])
        return [*self._header_faults(answer, headers), *self._content_faults(answer, headers, body)]

    def _find(self, method: str, path: str) -> Mapping[str, Any] | None:
        for pattern, at in self._paths:
            if pattern.fullmatch(path) and method.lower() in at:
                found: Mapping[str, Any] = at[method.lower()]
                return found
        return None

    def _resolve(self, kind: str, described: Mapping[str, Any]) -> Mapping[str, Any]:
        if "$ref" not in described:
            return described
        found: Mapping[str, Any] = self._document["components"][kind][described["$ref"].rpartition("/")[2]]
        return found

    def _header_faults(self, answer: Mapping[str, Any], headers: Mapping[str, str]) -> list[str]:
        known = {
            name.lower(): self._resolve("headers", header)["required"]
            for name, header in answer.get("headers", {}).items()
        }
        there = {name.lower() for name in headers}
        unknown = there - set(known) - _BY_SERVER
        missing = {name for name, is_always in known.items() if is_always} - there
        return [f"the header {name} is not described" for name in sorted(unknown)] + [
            f"the header {name} is missing" for name in sorted(missing)
        ]

    def _content_faults(self, answer: Mapping[str, Any], headers: Mapping[str, str], body: bytes) -> list[str]:
        named = {name.lower(): value for name, value in headers.items()}
        media_type = named.get("content-type", "").partition(";")[0]
        content = answer.get("content", {})
        if not content:
            return ["a body is not described"] if body or media_type else []
        if media_type not in content:
            return [f"the media type {media_type or '(none)'} is not described"]
        if media_type != "application/json":
            return []
        schema = {"allOf": [content[media_type]["schema"]], "components": self._document["components"]}
        faults = jsonschema_rs.Draft202012Validator(schema).iter_errors(json.loads(body))
        return [f"{fault.message} at {fault.instance_path}" for fault in faults]


def _pattern_of(path: str) -> str:
    """Return what matches a described path; a file's name is the one variable that may hold slashes."""
    return re.sub(r"\\{(\w+)\\}", lambda found: ".+" if found[1] == "name" else "[^/]+", re.escape(path))


def is_from_below(status: int, headers: Mapping[str, str], body: bytes) -> bool:
    """Tell whether the server below refused what is no HTTP, or too much of it: without words, and without its own name."""
    return status in _FROM_BELOW and not body and "server" not in {name.lower() for name in headers}


@contextmanager
def checking_answers() -> Iterator[None]:
    """Hold every answer that `requests` brings from a provider against what this provider says of itself.

    Raises:
        AssertionError: Where the answer comes in, with what is not described.
    """
    send = requests.Session.send
    known: dict[str, Description | None] = {}

    def checked(session: requests.Session, asked: requests.PreparedRequest, **options: Any) -> requests.Response:
        answer = send(session, asked, **options)
        asked = answer.request  # the last one, where redirects were followed; those before were looked at by themselves
        parts = urlsplit(asked.url or "")
        origin = f"{parts.scheme}://{parts.netloc}"
        if origin not in known:
            known[origin] = _load(origin, session, send)
        description = known[origin]
        # A request with a made-up Host, and the ones of a client that follows redirects, are looked at like any other.
        if description is not None:
            method, body = asked.method or "", answer.content
            faults = description.find_faults(method, parts.path, answer.status_code, answer.headers, body)
            assert not faults, f"{method} {parts.path} {answer.status_code}: {faults}"
        return answer

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(requests.Session, "send", checked)
        yield


def _load(origin: str, session: requests.Session, send: Any) -> Description | None:
    """Return what a server says of itself; None for those that are no providers."""
    question = requests.Request("GET", f"{origin}/openapi.json").prepare()
    try:
        answer = send(requests.Session(), question, timeout=10, verify=session.verify)
    except requests.RequestException:
        return None
    return Description(answer.json()) if answer.status_code == 200 else None
