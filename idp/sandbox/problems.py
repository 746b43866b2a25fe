"""Refusals that a program can read (RFC 9457) and a developer understands."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from flask import Response, json


class Problem(Exception):  # noqa: N818  the name of the standard's document
    """A request of the control API that is refused.

    Args:
        status: HTTP status code.
        detail: What was wrong and what would be right, in one English sentence.
        headers: Headers to add to the response; those with several values come several times.
        members: Members to add to the document (RFC 9457 section 3.2).
    """

    def __init__(
        self,
        status: int,
        detail: str,
        headers: Mapping[str, str | list[str]] | None = None,
        members: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.headers = headers or {}
        self.members = members or {}


def respond_problem(problem: Problem) -> Response:
    """Return the refusal as `application/problem+json` (RFC 9457 section 3)."""
    document = {
        "type": "about:blank",
        "title": HTTPStatus(problem.status).phrase,
        "status": problem.status,
        "detail": problem.detail,
        **problem.members,
    }
    response = Response(json.dumps(document, ensure_ascii=False), problem.status, mimetype="application/problem+json")
    response.headers.update(problem.headers)
    return response
