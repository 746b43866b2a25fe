"""The words in which HTTP operations are described (OpenAPI Specification 3.1.1), and the document that is composed of them.

Whoever answers requests describes them: `idp/protocol/endpoints.py` those of the standards, `idp/web/described_pages.py` the pages. Nothing
here knows any of them.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

VERSION = "3.1.0"  # 3.1.1 says the same in clearer words, and its documents keep this number (section 4.1)
JSON, FORM, HTML, JWT = "application/json", "application/x-www-form-urlencoded", "text/html", "application/jwt"

Schema = Mapping[str, Any]
"""JSON Schema, draft 2020-12."""
TEXT: Schema = {"type": "string"}
NUMBER: Schema = {"type": "integer"}
FLAG: Schema = {"type": "boolean"}
TEXTS: Schema = {"type": "array", "items": TEXT}
_HEADERS = {
    True: "always",
    False: "perhaps",
}  # two shared ones: written out for each answer, they were most of the document


@dataclass(frozen=True, slots=True)
class Parameter:
    """What a request holds beside its body. `place` is ``query``, ``path``, ``header`` or ``cookie``."""

    name: str
    place: str
    schema: Schema = field(default_factory=lambda: TEXT)
    required: bool = False
    description: str = ""

    def to_json(self) -> dict[str, Any]:
        """Return the Parameter Object (section 4.8.12)."""
        told = {"description": self.description} if self.description else {}
        return {"name": self.name, "in": self.place, "required": self.required, **told, "schema": self.schema}


@dataclass(frozen=True, slots=True)
class Answer:
    """A response.

    Attributes:
        description: One sentence.
        content: Schemas, by media type; none: no body.
        headers: Names of headers that are always there.
        may_have: Names of headers that may be there.
    """

    description: str
    content: Mapping[str, Schema] = field(default_factory=dict)
    headers: Sequence[str] = ()
    may_have: Sequence[str] = ()

    def to_json(self, everywhere: Sequence[str]) -> dict[str, Any]:
        """Return the Response Object (section 4.8.17).

        Args:
            everywhere: Names of the headers that every answer has.
        """
        required = dict.fromkeys((*everywhere, *self.headers), True)
        told: dict[str, Any] = {"description": self.description}
        if self.content:
            told["content"] = {name: {"schema": schema} for name, schema in self.content.items()}
        headers = {**required, **{name: False for name in self.may_have if name not in required}}
        if headers:
            told["headers"] = {name: _refer_to_header(is_always=always) for name, always in headers.items()}
        return told


@dataclass(frozen=True, slots=True)
class Operation:
    """What one method does at one path.

    Attributes:
        method: In small letters.
        path: With its variables in braces.
        name: Of this operation alone, in the whole document.
        summary: A few words.
        tag: Which part of the document it belongs to.
        answers: By status.
        parameters: Beside the body.
        body: Schemas, by media type; none: no body is read.
        security: Names of security schemes, one of which is enough; "" among them: none is, too.
    """

    method: str
    path: str
    name: str
    summary: str
    tag: str
    answers: Mapping[int, Answer]
    parameters: Sequence[Parameter] = ()
    body: Mapping[str, Schema] = field(default_factory=dict)
    security: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a whole document has in common.

    Attributes:
        title: Of the service.
        version: Of the service.
        description: What a reader should know first.
        server: Scheme, host and port.
        headers: Names of the headers that every answer has.
        may_have: Names of headers that any answer may have.
        refusals: What may be answered anywhere: by the operation's tag, by status. An operation's own answers come before these.
        schemas: Shared ones, by name.
        security: Security schemes (section 4.8.27), by name.
    """

    title: str
    version: str
    description: str
    server: str
    headers: Sequence[str]
    may_have: Sequence[str]
    refusals: Mapping[str, Mapping[int, Answer]]
    schemas: Mapping[str, Schema]
    security: Mapping[str, Schema]


def refer(name: str) -> Schema:
    """Return what stands for a shared schema (section 4.8.23)."""
    return {"$ref": f"#/components/schemas/{name}"}


def members(known: Mapping[str, Schema], *required: str) -> Schema:
    """Return the schema of an object or a form with these members; others may be there, and mean nothing."""
    return {"type": "object", "properties": dict(known), **({"required": list(required)} if required else {})}


def schema_of(value: object) -> Schema:
    """Return the schema of all that is of the same kind as a value of JSON."""
    match value:
        case bool():
            return FLAG
        case int():
            return NUMBER
        case Mapping():
            return members({name: schema_of(one) for name, one in value.items()}, *value)
        case list():
            return {"type": "array", "items": schema_of(value[0])} if value else {"type": "array"}
        case _:
            return TEXT


def compose_description(here: Surroundings, operations: Sequence[Operation]) -> dict[str, Any]:
    """Return the document (section 4.8.1).

    Raises:
        ValueError: Two operations have one method and path, or one name.
    """
    if len({one.name for one in operations}) < len(operations):
        raise ValueError("two operations have one name")
    paths: dict[str, dict[str, Any]] = {}
    answers = _Answers(here)
    for operation in operations:
        at_path = paths.setdefault(operation.path, {})
        if operation.method in at_path:
            raise ValueError(f"{operation.method} {operation.path} is described twice")
        at_path[operation.method] = _describe(operation, answers)
    return {
        "openapi": VERSION,
        "info": {"title": here.title, "version": here.version, "description": here.description},
        "servers": [{"url": here.server}],
        "tags": [{"name": tag} for tag in dict.fromkeys(one.tag for one in operations)],
        "paths": paths,
        "components": {
            "headers": {name: {"required": is_always, "schema": TEXT} for is_always, name in _HEADERS.items()},
            "schemas": dict(here.schemas),
            "responses": answers.named,
            "securitySchemes": dict(here.security),
        },
    }


class _Answers:
    """The responses of a document, each kept once under a name: operations have most of them in common."""

    def __init__(self, here: Surroundings) -> None:
        self.named: dict[str, Any] = {}
        self._here = here
        self._names: dict[str, str] = {}

    def of(self, operation: Operation) -> dict[str, Any]:
        """Return what an operation may answer, by status."""
        here = self._here
        told = {**here.refusals.get(operation.tag, {}), **operation.answers}
        return {str(status): self._refer(told[status]) for status in sorted(told)}

    def _refer(self, answer: Answer) -> dict[str, str]:
        told = replace(answer, may_have=(*answer.may_have, *self._here.may_have)).to_json(self._here.headers)
        written = json.dumps(told, sort_keys=True)
        name = self._names.setdefault(written, f"answer-{len(self._names) + 1}")
        self.named[name] = told
        return {"$ref": f"#/components/responses/{name}"}


def _describe(operation: Operation, answers: _Answers) -> dict[str, Any]:
    """Return the Operation Object (section 4.8.10)."""
    told: dict[str, Any] = {
        "operationId": operation.name,
        "summary": operation.summary,
        "tags": [operation.tag],
        "responses": answers.of(operation),
    }
    if operation.parameters:
        told["parameters"] = [one.to_json() for one in operation.parameters]
    if operation.body:
        told["requestBody"] = {"content": {name: {"schema": schema} for name, schema in operation.body.items()}}
    if operation.security:
        told["security"] = [{name: []} if name else {} for name in operation.security]
    return told


def _refer_to_header(*, is_always: bool) -> Mapping[str, str]:
    return {"$ref": f"#/components/headers/{_HEADERS[is_always]}"}
