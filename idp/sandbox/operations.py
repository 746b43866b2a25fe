"""What the control API can do, as data: one list is mounted, checked and described."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from flask import Blueprint, Request, Response, json, request

from idp.sandbox.problems import Problem

Schema = Mapping[str, Any]
"""A schema of JSON Schema 2020-12, as OpenAPI 3.1 takes it."""

PREFIX = "/sandbox"
VERSION = "/v1"
_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of a query. `example` shows how to write it."""

    name: str
    about: str
    example: str
    required: bool = False


@dataclass(frozen=True, slots=True)
class Asked:
    """One call whose query was checked. `path` holds what stands in the braces; `body` the JSON sent, None for none or for no JSON."""

    query: Mapping[str, str]
    path: Mapping[str, str]
    body: Any = None


@dataclass(frozen=True, slots=True)
class Operation:
    """One call of the control API.

    Attributes:
        method: Of HTTP.
        path: Below `/sandbox/v1`, its variables in braces.
        act: Does it, and returns the document to answer with; raises `Problem`.
        summary: What it does, in one sentence.
        answer: What the document is; None where there is none, and the answer is 204.
        query: Its parameters. Any other is refused.
        body: What is sent; None where nothing is read.
        status: Of the answer with a document.
        refusals: Statuses of its own problems, with when they come.
    """

    method: str
    path: str
    act: Callable[[Asked], Any]
    summary: str
    answer: Schema | None = None
    query: tuple[Parameter, ...] = ()
    body: Schema | None = None
    status: int = 200
    refusals: Mapping[int, str] = field(default_factory=dict)


def mount_operations(blueprint: Blueprint, operations: Sequence[Operation]) -> None:
    """Add the calls, and an answer for what does not exist, so that a program reads JSON there too."""
    for operation in operations:
        rule = VERSION + operation.path.replace("{", "<").replace("}", ">")
        name = f"{operation.method} {operation.path}".replace(".", "_")
        blueprint.add_url_rule(rule, name, _view(operation), methods=[operation.method])
    there_is = "; ".join(_list_places(operations))

    @blueprint.route(f"{VERSION}/", defaults={"rest": ""}, methods=_METHODS)
    @blueprint.route(f"{VERSION}/<path:rest>", methods=_METHODS)
    def refuse(rest: str) -> Response:
        del rest
        raise Problem(404, f"There is no such operation. There are: {there_is}")


def _view(operation: Operation) -> Callable[..., Response]:
    known = [one.name for one in operation.query]

    def answer(**path: str) -> Response:
        query = _read_query(request, known)
        for one in operation.query:
            if one.required and not query.get(one.name):
                raise Problem(400, f"{one.name} is missing: {one.name}={one.example}")
        body = None if operation.body is None else _read_body(request)
        document = operation.act(Asked(query, path, body))
        if operation.answer is None:
            return Response(status=204)
        return Response(json.dumps(document, ensure_ascii=False), operation.status, mimetype="application/json")

    return answer


def _read_body(asked: Request) -> Any:
    """Return the JSON that was sent, None for anything else: brackets in thousands of brackets too, which Python gives up on."""
    try:
        return asked.get_json(force=True, silent=True)
    except RecursionError:
        return None


def _read_query(asked: Request, known: Sequence[str]) -> dict[str, str]:
    """Return the query's parameters.

    Raises:
        Problem: 400; one is unknown or repeated: a filter with a misspelt name would find everything and prove nothing.
    """
    found = asked.args.to_dict(flat=False)
    for name, values in found.items():
        if name not in known:
            raise Problem(400, f"Unknown parameter. Known here: {', '.join(known) or 'none'}")
        if len(values) > 1:
            raise Problem(400, f"{name} is given more than once")
    return {name: values[0] for name, values in found.items()}


def _list_places(operations: Sequence[Operation]) -> list[str]:
    """Return « GET and PUT /sandbox/v1/clock » for each place."""
    methods: dict[str, list[str]] = {}
    for one in operations:
        methods.setdefault(one.path, []).append(one.method)
    return [f"{' and '.join(names)} {PREFIX}{VERSION}{path}" for path, names in methods.items()]
