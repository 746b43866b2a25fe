"""The control API describes itself, every route and every answer; `conftest` holds each answer of these tests to it."""

import re
from typing import Any

import pytest

from tests.sandbox.conftest import BASE, Control
from tests.support.page import read_page
from tests.support.schemas import find_fault


@pytest.fixture
def description(control: Control) -> dict[str, Any]:
    told: dict[str, Any] = control.ask("GET", "openapi.json").get_json()
    return told


def test_every_route_is_described_and_nothing_else(control: Control, description: dict[str, Any]) -> None:
    mounted = {
        (method.lower(), re.sub(r"<(?:[a-z]+:)?([a-z_]+)>", r"{\1}", rule.rule))
        for rule in control.client.application.url_map.iter_rules()
        if rule.rule.startswith("/sandbox/v1/") and "<path:rest>" not in rule.rule and rule.rule != "/sandbox/v1/"
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    described = {(method, path) for path, methods in description["paths"].items() for method in methods}
    assert described == mounted
    assert ("get", "/sandbox/v1/openapi.json") in described


def test_each_call_says_what_it_wants(description: dict[str, Any]) -> None:
    for path, methods in description["paths"].items():
        for method, call in methods.items():
            wanted = {(one["in"], one["name"]) for one in call.get("parameters", ())}
            assert (("header", "X-Preau-Sandbox") in wanted) == (method != "get"), (method, path)
            assert {name for place, name in wanted if place == "path"} == set(re.findall(r"\{([a-z_]+)\}", path))
            assert call["summary"].endswith(".")
            assert {"400", "401", "421"} < set(call["responses"])
    ids = [call["operationId"] for methods in description["paths"].values() for call in methods.values()]
    assert len(ids) == len(set(ids))


def test_the_parameters_that_are_described_are_those_that_are_taken(
    control: Control, description: dict[str, Any]
) -> None:
    for path, methods in description["paths"].items():
        for method, call in methods.items():
            there = re.sub(r"\{[a-z_]+\}", "x", path.removeprefix("/sandbox/v1/"))
            names = [one["name"] for one in call.get("parameters", ()) if one["in"] == "query"]
            answer = control.ask(method.upper(), f"{there}?no-such-parameter=1", json={})
            assert answer.get_json()["detail"] == f"Unknown parameter. Known here: {', '.join(names) or 'none'}"


def test_the_document_names_its_version_its_place_and_the_form_of_its_problems(description: dict[str, Any]) -> None:
    assert description["openapi"] == "3.1.1"
    assert description["servers"] == [{"url": BASE}]
    assert description["components"]["securitySchemes"]["token"]["scheme"] == "bearer"
    assert "detail" in description["components"]["schemas"]["Problem"]["required"]


def test_a_document_that_differs_is_found(description: dict[str, Any]) -> None:
    schema = description["paths"]["/sandbox/v1/clock"]["get"]["responses"]["200"]["content"]["application/json"][
        "schema"
    ]
    right = {"now": "2031-03-14T09:00:00Z", "frozen": False}
    assert find_fault(right, schema) is None
    for wrong in ({**right, "day": 1}, {"now": right["now"]}, {**right, "frozen": 1}, [right]):
        assert find_fault(wrong, schema)


def test_people_read_the_same_on_a_page_without_scripts(control: Control, description: dict[str, Any]) -> None:
    answer = control.client.get("/sandbox", base_url=BASE)
    page = read_page(answer.status_code, BASE, answer.headers, answer.text)
    assert page.h1 == "API de contrôle"
    for path, methods in description["paths"].items():
        for method, call in methods.items():
            assert f"{method.upper()} {path}" in page.text
            assert page.says(call["summary"])
    assert all(source.startswith("/") for source in re.findall(r"<script[^>]* src=\"([^\"]*)", answer.text))
