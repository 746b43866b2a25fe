"""Every route is described, and everything described is a route."""

import re

import schemathesis
from flask import Flask

from idp import __version__
from tests.description.conftest import Described
from tests.support.inside import BASE

BY_FLASK = {"HEAD", "OPTIONS"}
APART = "/sandbox"  # describes itself


def routes(app: Flask) -> set[tuple[str, str]]:
    return {
        (method, re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule))
        for rule in app.url_map.iter_rules()
        for method in rule.methods or ()
        if not rule.rule.startswith(APART)
    }


def operations(described: Described) -> set[tuple[str, str]]:
    return {(method.upper(), path) for path, at in described.document["paths"].items() for method in at}


def test_every_route_is_described(described: Described) -> None:
    assert {one for one in routes(described.app) if one[0] not in BY_FLASK} - operations(described) == set()


def test_everything_described_is_there(described: Described) -> None:
    assert operations(described) - routes(described.app) == set()


def test_the_document_is_valid(described: Described) -> None:
    schemathesis.openapi.from_dict(described.document).validate()


def test_the_variables_of_a_path_are_described(described: Described) -> None:
    for path, at in described.document["paths"].items():
        for operation in at.values():
            named = {one["name"] for one in operation.get("parameters", ()) if one["in"] == "path"}
            assert named == set(re.findall(r"{(\w+)}", path)), path


def test_it_says_where_the_provider_is_and_which_version(described: Described) -> None:
    assert described.document["servers"] == [{"url": BASE}]
    assert described.document["info"]["version"] == __version__


def test_anybody_may_read_and_keep_it(described: Described) -> None:
    answer = described.app.test_client().get("/openapi.json", base_url=BASE)
    assert answer.content_type == "application/json"
    assert answer.headers["Cache-Control"] == "public, max-age=300"
    assert answer.headers["Access-Control-Allow-Origin"] == "*"


def test_nothing_of_the_control_api_is_in_it(described: Described) -> None:
    assert not [path for path in described.document["paths"] if path.startswith(APART)]
