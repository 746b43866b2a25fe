"""What the control API says of itself: each call as a line of data, and OpenAPI 3.1.1 made of these lines."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

Schema: TypeAlias = Mapping[str, Any]

TEXT: Schema = {"type": "string"}
NUMBER: Schema = {"type": "number"}
WHOLE: Schema = {"type": "integer"}
FLAG: Schema = {"type": "boolean"}
ANYTHING: Schema = {"type": "object"}
_TITLE = "Sample ENT: the control API"
_COMMON = {401: "The token is missing or wrong, where one is set.", 421: "The Host header is none of ours."}
_NO_HEADER = "The header X-Preau-Sandbox: 1 is missing."
_PROBLEM = {
    "type": "object",
    "description": "RFC 9457.",
    "properties": {"status": WHOLE, "detail": TEXT},
    "required": ["status", "detail"],
    "additionalProperties": False,
}


@dataclass(frozen=True, slots=True)
class Call:
    """One call.

    Attributes:
        method: GET, POST or PUT.
        path: Below `/sandbox/v1`.
        view: The name of what answers.
        summary: What it does, in a sentence.
        answer: The schema of the answer; None: 204, without a body.
        body: The schema of what is sent; None: nothing is.
        refusals: Why it is refused, by status, besides what refuses every call.
    """

    method: str
    path: str
    view: str
    summary: str
    answer: Schema | None = None
    body: Schema | None = None
    refusals: Mapping[int, str] = field(default_factory=dict)

    @property
    def succeeds_with(self) -> int:
        """The status of success."""
        return 204 if self.answer is None else 200


def document_of(members: Mapping[str, Schema], *, optional: bool = False) -> Schema:
    """Return the schema of an object with these members and no other; with `optional`, none must be there."""
    required = [] if optional else list(members)
    return {"type": "object", "properties": dict(members), "required": required, "additionalProperties": False}


def describe(calls: Sequence[Call], server: str, prefix: str) -> dict[str, Any]:
    """Return the description of these calls (OpenAPI Specification 3.1.1).

    Args:
        calls: The calls.
        server: The origin at which they are.
        prefix: What every path begins with.
    """
    paths: dict[str, dict[str, Any]] = {}
    for call in calls:
        paths.setdefault(prefix + call.path, {})[call.method.lower()] = _describe(call)
    return {
        "openapi": "3.1.1",
        "info": {"title": _TITLE, "version": "1", "description": "For testers. Time is fictional."},
        "servers": [{"url": server}],
        "security": [{}, {"token": []}],
        "paths": paths,
        "components": {
            "schemas": {"Problem": _PROBLEM},
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
    }


def _describe(call: Call) -> dict[str, Any]:
    described: dict[str, Any] = {"operationId": call.view, "summary": call.summary, "responses": _answers(call)}
    if call.method != "GET":
        header = {"name": "X-Preau-Sandbox", "in": "header", "required": True, "schema": {"const": "1"}}
        described["parameters"] = [header]
    if call.body is not None:
        described["requestBody"] = {"content": {"application/json": {"schema": call.body}}}
    return described


def _answers(call: Call) -> dict[str, Any]:
    done: dict[str, Any] = {"description": "Done."}
    if call.answer is not None:
        done["content"] = {"application/json": {"schema": call.answer}}
    refusals = {**_COMMON, **({} if call.method == "GET" else {403: _NO_HEADER}), **call.refusals}
    problem = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {
        str(call.succeeds_with): done,
        **{str(status): {"description": why, "content": problem} for status, why in sorted(refusals.items())},
    }
