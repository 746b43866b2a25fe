"""The ENT's control API: its clock, its way back to the beginning, and who may drive it."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from ent_client.app import create_app
from ent_client.runtime import MovableClock
from ent_client.settings import Settings, load_settings
from tests.ent.conftest import Person, World
from tests.support.control_api import ControlDescription

BASE = "http://localhost:8402"
HEADERS = {"X-Preau-Sandbox": "1"}
TOKEN = "a-token-of-16-signs"


@pytest.fixture
def settings(directory_file: Path) -> Settings:
    return Settings(
        issuer="http://localhost:9", client_id="ent", client_secret="s", directory=directory_file, sandbox=True
    )


@pytest.fixture
def tester(settings: Settings) -> FlaskClient:
    return create_app(settings).test_client()


def ask(client: FlaskClient, method: str, path: str, body: Any = None, **more: Any) -> TestResponse:
    options = {"headers": HEADERS, "base_url": BASE, **more}
    answer = client.open(path if path.startswith("/") else f"/sandbox/v1/{path}", method=method, json=body, **options)
    told = client.get("/sandbox/v1/openapi.json", base_url=BASE, headers={"Authorization": f"Bearer {TOKEN}"})
    if told.status_code == 200:  # where there is a control API
        ControlDescription(told.get_json()).check(method, answer.request.path, answer)
    return answer


def put(client: FlaskClient, **members: Any) -> dict[str, Any]:
    answer = ask(client, "PUT", "clock", members)
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.get_json()
    return told


# --- who may call ----------------------------------------------------------------------------------------------------------------------


def routes(client: FlaskClient) -> Iterator[tuple[str, str]]:
    for rule in client.application.url_map.iter_rules():
        if rule.rule.startswith("/sandbox"):
            for method in sorted(rule.methods or ()):
                yield method, rule.rule.removeprefix("/sandbox/v1/").replace("<path:rest>", "other")


def test_every_method_but_get_wants_the_header_that_no_foreign_page_can_send(tester: FlaskClient) -> None:
    refused = [(method, path) for method, path in routes(tester) if method != "GET"]
    assert {("PUT", "clock"), ("POST", "reset"), ("POST", "other"), ("OPTIONS", "clock")} <= set(refused)
    for method, path in refused:
        for headers in ({}, {"X-Preau-Sandbox": "0"}, {"Origin": "https://evil.example"}):
            answer = ask(tester, method, path, headers=headers)
            assert (answer.status_code, answer.mimetype) == (403, "application/problem+json"), (method, path)


def test_no_host_name_but_ours_is_answered(tester: FlaskClient) -> None:
    for method, path in routes(tester):
        assert ask(tester, method, path, base_url="http://evil.example:8402").status_code == 421, (method, path)
    assert ask(tester, "GET", "clock", base_url="http://127.0.0.1:8402").status_code == 200


def test_no_other_origin_may_read_or_ask_whether_it_may(tester: FlaskClient) -> None:
    for method, path in routes(tester):
        answer = ask(tester, method, path, headers={**HEADERS, "Origin": "https://evil.example"})
        assert not [name for name in answer.headers.keys() if name.lower().startswith("access-control-")]  # noqa: SIM118
        assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin", (method, path)


def test_where_a_token_is_set_every_call_needs_it(settings: Settings) -> None:
    client = create_app(replace(settings, sandbox_token=TOKEN, listen="0.0.0.0:8402")).test_client()
    for method, path in routes(client):
        for authorization in ({}, {"Authorization": "Bearer wrong"}):
            answer = ask(client, method, path, headers={**HEADERS, **authorization})
            assert (answer.status_code, "WWW-Authenticate" in answer.headers) == (401, True), (method, path)
    assert ask(client, "GET", "clock", headers={"Authorization": f"Bearer {TOKEN}"}).status_code == 200


def test_a_name_that_containers_use_is_answered_where_the_settings_say_so(settings: Settings) -> None:
    client = create_app(replace(settings, sandbox_hosts=("ent:8402",))).test_client()
    assert ask(client, "GET", "clock", base_url="http://ENT:8402").status_code == 200


def test_without_the_sandbox_nothing_is_there(settings: Settings) -> None:
    client = create_app(replace(settings, sandbox=False)).test_client()
    assert list(routes(client)) == []
    assert ask(client, "PUT", "clock", {"freeze": True}).status_code == 404


def test_variables_ask_for_it_on_any_address_with_a_token() -> None:
    environ = {"ENT_ISSUER": "http://localhost:9", "ENT_CLIENT_ID": "ent", "ENT_CLIENT_SECRET": "s"}
    environ |= {"ENT_SANDBOX": "true", "ENT_LISTEN": "0.0.0.0:8402", "ENT_SANDBOX_TOKEN": TOKEN}
    loaded = load_settings({**environ, "ENT_SANDBOX_HOSTS": "ent:8402 other:1"})
    assert {"ent:8402", "other:1", "localhost:8402"} <= loaded.sandbox_hosts_answered
    assert TOKEN not in repr(loaded)


# --- what it says of itself ------------------------------------------------------------------------------------------------------------


def test_it_describes_every_call_that_is_there_and_no_other(tester: FlaskClient) -> None:
    described = ask(tester, "GET", "openapi.json").get_json()
    assert described["openapi"] == "3.1.1"
    assert described["servers"] == [{"url": BASE}]
    told = {(method.upper(), path) for path, calls in described["paths"].items() for method in calls}
    there = {
        (method, rule.rule)
        for rule in tester.application.url_map.iter_rules()
        if rule.rule.startswith("/sandbox/v1/") and "rest" not in rule.arguments and "rest" not in (rule.defaults or {})
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    assert told == there


def test_a_page_shows_the_same_to_people(tester: FlaskClient) -> None:
    page = tester.get("/sandbox", base_url=BASE)
    assert (page.status_code, page.mimetype) == (200, "text/html")
    for method, path in (("GET", "clock"), ("PUT", "clock"), ("POST", "reset"), ("GET", "openapi.json")):
        assert f"<code>{method} /sandbox/v1/{path}</code>" in page.text


# --- the clock -------------------------------------------------------------------------------------------------------------------------


def test_it_takes_what_the_provider_s_own_takes(tester: FlaskClient) -> None:
    assert put(tester, freeze=True)["frozen"] is True
    told = put(tester, now="2031-03-14T09:00:00Z")
    assert (told["now"], told["frozen"]) == ("2031-03-14T09:00:00+00:00", True)
    assert put(tester, advance_seconds=60)["now"] == "2031-03-14T09:01:00+00:00"
    assert ask(tester, "GET", "clock").get_json()["now"] == "2031-03-14T09:01:00+00:00"
    told = put(tester, resume=True)
    assert (told["now"][:16], told["frozen"]) == ("2031-03-14T09:01", False)
    assert put(tester, offset_seconds=3600)["offset_seconds"] == 3600
    told = put(tester, now="2041-03-14T09:00:00Z", frozen=True)
    assert (told["now"][:19], told["frozen"]) == ("2041-03-14T09:00:00", True)


def test_an_offset_is_counted_from_the_machines_clock() -> None:
    clock = MovableClock()
    before = clock.now()
    clock.set_offset(timedelta(days=400))
    clock.set_offset(timedelta(days=365))
    assert timedelta(days=365) <= clock.now() - before < timedelta(days=366)


@pytest.mark.parametrize(
    "body",
    [
        None, [], {}, {"offset_seconds": "1"}, {"offset_seconds": True}, {"offset_seconds": 1e12}, {"advance_seconds": 1e300},
        {"now": "tomorrow"}, {"now": "2031-03-14T09:00:00"}, {"now": "9999-01-01T00:00:00Z"}, {"now": 3}, {"freeze": False},
        {"frozen": 1}, {"day": 1}, {"now": "2031-03-14T09:00:00Z", "advance_seconds": -1e11},
    ],
)  # fmt: skip
def test_what_the_clock_cannot_do_is_said_and_it_stays_where_it_was(tester: FlaskClient, body: Any) -> None:
    put(tester, now="2031-03-14T09:00:00Z", frozen=True)
    before = ask(tester, "GET", "clock").get_json()["now"]
    assert ask(tester, "PUT", "clock", body).status_code == 422
    assert ask(tester, "GET", "clock").get_json()["now"] == before


def test_a_number_that_is_none_is_refused(tester: FlaskClient) -> None:
    answer = tester.put("/sandbox/v1/clock", data='{"offset_seconds": NaN}', headers=HEADERS, base_url=BASE)
    assert answer.status_code == 422


def test_a_call_that_is_not_there_is_said_in_json(tester: FlaskClient) -> None:
    answer = ask(tester, "POST", "clock", {"offset_seconds": 1})
    assert (answer.status_code, answer.mimetype) == (404, "application/problem+json")
    assert ask(tester, "GET", "").status_code == 404


# --- the way back ----------------------------------------------------------------------------------------------------------------------


def test_a_reset_sets_the_clock_right(tester: FlaskClient) -> None:
    put(tester, now="2031-03-14T09:00:00Z", frozen=True)
    assert ask(tester, "POST", "reset").status_code == 204
    told = ask(tester, "GET", "clock").get_json()
    assert (told["offset_seconds"], told["frozen"]) == (0, False)
    assert datetime.fromisoformat(told["now"]) < datetime(2031, 1, 1, tzinfo=UTC)


def test_a_reset_signs_everybody_out_and_nothing_under_way_goes_on(joe: Person, world: World) -> None:
    clock = MovableClock()
    world.provider.clock = clock
    settings = replace(world.settings, sandbox=True)
    world.door.app = create_app(settings, clock)
    assert joe.sign_in().status_code == 200
    assert "Se déconnecter" in joe.open("/").text
    under_way = world.person()
    answer = under_way.bring_back(under_way.start())
    reset = {"headers": HEADERS, "base_url": settings.base_url}
    assert world.door.app.test_client().post("/sandbox/v1/reset", **reset).status_code == 204  # type: ignore[arg-type]
    assert "Se déconnecter" not in joe.open("/").text
    assert under_way.open(answer).status_code >= 400
