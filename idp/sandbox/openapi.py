"""What the control API says of itself: OpenAPI 3.1.1, composed from the calls that are mounted, and the same as a page."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from flask import Blueprint, render_template

from idp import __version__
from idp.sandbox.guard import HEADER
from idp.sandbox.operations import PREFIX, VERSION, Asked, Operation, Parameter
from idp.sandbox.values import ANYTHING, TEXT

_PATH_VARIABLE = re.compile(r"\{([a-z_]+)\}")
_COMMON = {
    400: "A parameter is unknown, repeated, missing or not right.",
    401: "The token is missing or wrong, where one is set.",
    403: f"The header {HEADER}: 1 is missing.",
    421: "The Host header is none of ours.",
}
_PROBLEM = {
    "type": "object",
    "description": "RFC 9457.",
    "properties": {"type": TEXT, "title": TEXT, "status": {"type": "integer"}, "detail": TEXT},
    "required": ["type", "title", "status", "detail"],
}
_HEADER = {
    "name": HEADER,
    "in": "header",
    "required": True,
    "description": "No web page of another origin can send it.",
    "schema": {"const": "1"},
}


def with_description(operations: Sequence[Operation], server: str) -> Sequence[Operation]:
    """Return the calls, and one more that describes all of them, itself included.

    Args:
        operations: The calls.
        server: The origin at which they are.
    """
    described: list[Operation] = []

    def load(_asked: Asked) -> Mapping[str, Any]:
        return describe(described, server)

    itself = Operation("GET", "/openapi.json", load, "Describe every call, as OpenAPI 3.1.", ANYTHING)
    described += (*operations, itself)
    return described


def describe(operations: Sequence[Operation], server: str) -> Mapping[str, Any]:
    """Return the description of these calls (OpenAPI Specification 3.1.1)."""
    paths: dict[str, dict[str, Any]] = {}
    for one in operations:
        paths.setdefault(f"{PREFIX}{VERSION}{one.path}", {})[one.method.lower()] = _describe(one)
    return {
        "openapi": "3.1.1",
        "info": {
            "title": "Préau: the control API of a test instance",
            "version": __version__,
            "description": "For testers. People and time are fictional. docs/reference/control-api.md tells more.",
        },
        "servers": [{"url": server}],
        "security": [{}, {"token": []}],
        "paths": paths,
        "components": {
            "schemas": {"Problem": _PROBLEM},
            "securitySchemes": {
                "token": {"type": "http", "scheme": "bearer", "description": "Where the settings have a token."}
            },
        },
    }


def add_page(blueprint: Blueprint, operations: Sequence[Operation]) -> None:
    """Add the page that shows the same calls to people."""
    subjects: dict[str, list[Operation]] = {}
    for one in operations:
        subjects.setdefault(_subject(one), []).append(one)

    @blueprint.get("")
    def index() -> str:
        return render_template("sandbox/index.html", subjects=subjects, prefix=PREFIX + VERSION, header=HEADER)


def _subject(one: Operation) -> str:
    return one.path.split("/")[1].removesuffix(".json")


def _describe(one: Operation) -> dict[str, Any]:
    described: dict[str, Any] = {
        "operationId": re.sub(r"\W+", "-", f"{one.method.lower()}{one.path}").strip("-"),
        "summary": one.summary,
        "tags": [_subject(one)],
        "responses": _describe_answers(one),
    }
    parameters = [
        {"name": name, "in": "path", "required": True, "schema": TEXT} for name in _PATH_VARIABLE.findall(one.path)
    ]
    parameters += [_describe_parameter(parameter) for parameter in one.query]
    if one.method != "GET":
        parameters.append(_HEADER)
    if parameters:
        described["parameters"] = parameters
    if one.body is not None:
        described["requestBody"] = {"required": True, "content": {"application/json": {"schema": one.body}}}
    return described


def _describe_parameter(parameter: Parameter) -> dict[str, Any]:
    return {
        "name": parameter.name,
        "in": "query",
        "required": parameter.required,
        "description": f"{parameter.about} For example {parameter.name}={parameter.example}",
        "schema": TEXT,
    }


def _describe_answers(one: Operation) -> dict[str, Any]:
    answers: dict[str, Any] = {}
    if one.answer is None:
        answers["204"] = {"description": "Done."}
    else:
        content = {"application/json": {"schema": one.answer}}
        answers[str(one.status)] = {"description": "Done." if one.status == 201 else "The answer.", "content": content}
    problem = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    refusals = {status: words for status, words in _COMMON.items() if status != 403 or one.method != "GET"}
    for status, words in sorted({**refusals, **one.refusals}.items()):
        answers[str(status)] = {"description": words, "content": problem}
    return answers
