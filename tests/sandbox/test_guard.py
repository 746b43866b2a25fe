"""Who may drive the control API, on every route: no web page of another origin, and no made-up host name (guarantee 17)."""

import re
from collections.abc import Iterator
from dataclasses import replace

import pytest
from flask.testing import FlaskClient
from pydantic import SecretStr
from werkzeug.test import TestResponse

from idp.app import build_pages
from idp.world import World
from tests.sandbox.conftest import BASE, HEADERS, Control

TOKEN = "a-token-of-16-signs"
EVIL = {"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"}


@pytest.fixture
def routes(control: Control) -> list[tuple[str, str]]:
    """Every method and address below /sandbox, whatever mounts it."""
    return list(_list_routes(control.client))


def _list_routes(client: FlaskClient) -> Iterator[tuple[str, str]]:
    for rule in client.application.url_map.iter_rules():
        if rule.rule.startswith("/sandbox"):
            path = re.sub(r"<[^>]+>", "1", rule.rule)
            yield from ((method, path) for method in sorted(rule.methods or ()))


def ask(client: FlaskClient, method: str, path: str, headers: dict[str, str], base: str = BASE) -> TestResponse:
    return client.open(path, method=method, headers=headers, base_url=base, json={})


def test_there_are_routes_of_every_kind(routes: list[tuple[str, str]]) -> None:
    assert {("GET", "/sandbox/messages"), ("PUT", "/sandbox/v1/clock"), ("POST", "/sandbox/v1/reset")} < set(routes)
    assert {"GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH"} == {method for method, _ in routes}


def test_every_method_but_get_wants_the_header_that_no_foreign_page_can_send(
    control: Control, routes: list[tuple[str, str]]
) -> None:
    refused = [(method, path) for method, path in routes if method != "GET"]
    for method, path in refused:
        answer = ask(control.client, method, path, EVIL)
        assert answer.status_code == 403, (method, path)
        assert answer.mimetype == "application/problem+json"
        assert method == "HEAD" or "X-Preau-Sandbox" in answer.get_json()["detail"]
        assert ask(control.client, method, path, {"X-Preau-Sandbox": "0"}).status_code == 403
    assert len(refused) > 10


def test_no_host_name_but_ours_is_answered(control: Control, routes: list[tuple[str, str]]) -> None:
    for method, path in routes:
        answer = ask(control.client, method, path, HEADERS, "http://evil.example:8400")
        assert answer.status_code == 421, (method, path)


def test_no_other_origin_may_read_or_ask_whether_it_may(control: Control, routes: list[tuple[str, str]]) -> None:
    for method, path in routes:
        answer = ask(control.client, method, path, {**EVIL, **HEADERS, "Access-Control-Request-Method": "PUT"})
        allowed = [name for name in answer.headers.keys() if name.lower().startswith("access-control-")]  # noqa: SIM118
        assert allowed == [], (method, path)
        assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin", (method, path)
        assert answer.headers["Cache-Control"] == "no-store", (method, path)


def test_where_a_token_is_set_every_call_needs_it(world: World, routes: list[tuple[str, str]]) -> None:
    sandbox = world.settings.sandbox.model_copy(update={"token": SecretStr(TOKEN)})
    guarded = replace(world, settings=world.settings.model_copy(update={"sandbox": sandbox}))
    client = build_pages(guarded).test_client()
    for method, path in routes:
        for authorization in ({}, {"Authorization": "Bearer wrong"}, {"Authorization": "Basic eDp4"}):
            answer = ask(client, method, path, {**HEADERS, **authorization})
            assert answer.status_code == 401, (method, path, authorization)
            assert "WWW-Authenticate" in answer.headers
    right = {**HEADERS, "Authorization": f"Bearer {TOKEN}"}
    assert ask(client, "GET", "/sandbox/v1/messages", right).status_code == 200
    assert ask(client, "POST", "/sandbox/v1/reset", right).status_code == 204


def test_without_being_asked_for_no_route_is_there(world: World, routes: list[tuple[str, str]]) -> None:
    sandbox = world.settings.sandbox.model_copy(update={"enabled": False})
    without = replace(world, settings=world.settings.model_copy(update={"sandbox": sandbox}))
    client = build_pages(without).test_client()
    assert list(_list_routes(client)) == []
    for method, path in routes:
        assert ask(client, method, path, HEADERS).status_code == 404, (method, path)
