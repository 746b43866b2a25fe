"""OpenAPI Specification 3.1.1 sections 4.8.1, 4.8.10, 4.8.12, 4.8.17 and 4.8.23, JSON Schema draft 2020-12."""

from dataclasses import replace
from typing import Any

import jsonschema_rs
import pytest
import schemathesis

from idp.protocol.described import SCHEMAS, SECURITY, Here
from idp.protocol.discovery import Deployment, oauth_metadata_path
from idp.protocol.endpoints import TEXTS, describe_endpoints
from idp.protocol.openapi import (
    JSON,
    TEXT,
    Answer,
    Operation,
    Parameter,
    Surroundings,
    compose_description,
    members,
    schema_of,
)

AROUND = Surroundings(
    title="A service",
    version="1",
    description="Words.",
    server="https://idp.example",
    headers=("Cache-Control",),
    may_have=("Vary",),
    refusals={"some": {400: Answer("Not so.", {JSON: TEXT}), 413: Answer("Too long.")}},
    schemas={"Thing": members({"name": TEXT}, "name")},
    security={"basic": {"type": "http", "scheme": "basic"}},
)
GET = Operation("get", "/thing/{id}", "thing", "A thing", "some", {200: Answer("It.", {JSON: TEXT}, ("ETag",))})
HERE = Here(
    Deployment("https://idp.example/a", "https://idp.example", "https://idp.example", [], [], [], [], False),
    cookie=lambda name: name,
)


def compose(*operations: Operation) -> dict[str, Any]:
    document = compose_description(AROUND, operations)
    schemathesis.openapi.from_dict(document).validate()
    return document


def answer_of(document: dict[str, Any], status: str) -> dict[str, Any]:
    name = document["paths"]["/thing/{id}"]["get"]["responses"][status]["$ref"].rpartition("/")[2]
    found: dict[str, Any] = document["components"]["responses"][name]
    return found


def test_an_operation_has_its_own_answers_and_those_of_its_kind() -> None:
    document = compose(replace(GET, parameters=(Parameter("id", "path", required=True),)))
    assert set(document["paths"]["/thing/{id}"]["get"]["responses"]) == {"200", "400", "413"}
    headers = answer_of(document, "200")["headers"]
    assert {name: one["$ref"].rpartition("/")[2] for name, one in headers.items()} == {
        "Cache-Control": "always",
        "ETag": "always",
        "Vary": "perhaps",
    }
    assert document["components"]["headers"]["always"]["required"] is True
    assert document["components"]["headers"]["perhaps"]["required"] is False
    assert "content" not in answer_of(document, "413")


def test_an_operation_s_own_answer_comes_before_that_of_its_kind() -> None:
    own = replace(GET, answers={400: Answer("Its own.")})
    assert answer_of(compose_description(AROUND, [own]), "400")["description"] == "Its own."


def test_answers_in_common_are_written_once() -> None:
    document = compose_description(AROUND, [GET, replace(GET, path="/other", name="other")])
    assert len(document["components"]["responses"]) == 3


@pytest.mark.parametrize("change", [{"path": "/other"}, {"name": "other"}])
def test_nothing_is_described_twice(change: dict[str, str]) -> None:
    with pytest.raises(ValueError, match=r"name|twice"):
        compose_description(AROUND, [GET, replace(GET, **change)])  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("value", "others"),
    [
        ("a", [1, None, True]),
        (True, [1, "a"]),
        (1, ["1", 1.5]),
        (["a"], ["a", [1]]),
        ({"a": {"b": ["c"]}}, [{"a": {}}, {"a": {"b": [1]}}]),
    ],
)
def test_the_schema_of_a_value_takes_it_and_none_of_another_kind(value: object, others: list[object]) -> None:
    schema = dict(schema_of(value))
    assert jsonschema_rs.is_valid(schema, value)
    assert [other for other in others if jsonschema_rs.is_valid(schema, other)] == []


def test_each_text_describes_endpoints_of_its_own() -> None:
    at = [(one.method, one.path) for text in TEXTS for one in text(HERE)]
    assert len(at) == len(set(at))
    compose_description(replace(AROUND, schemas=SCHEMAS, security=SECURITY), describe_endpoints(HERE))


def test_clients_register_only_where_they_may() -> None:
    may = replace(HERE, deployment=replace(HERE.deployment, registers_clients=True))
    more = {one.name for one in describe_endpoints(may)} - {one.name for one in describe_endpoints(HERE)}
    assert more == {"register", "read", "replace", "remove"}
    metadata = next(one for one in describe_endpoints(may) if one.name == "metadata")
    assert "registration_endpoint" in metadata.answers[200].content[JSON]["properties"]


def test_metadata_are_described_at_both_addresses_of_the_issuer() -> None:
    paths = {one.path for one in describe_endpoints(HERE)}
    assert oauth_metadata_path("https://idp.example/a") in paths
