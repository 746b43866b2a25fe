"""What is recorded, and whose it is: with a recorder that the settings ask for, and without."""

from base64 import b64encode
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import event, update

from idp.adapters.tables import access_token
from idp.app import build_pages
from idp.world import World
from tests.contracts.rows import add_session_with_grants
from tests.sandbox.conftest import BASE, Control

TOKEN_ENDPOINT = "/idp/profile/oidc/token"
BASIC = {"Authorization": f"Basic {b64encode(b'ent:secret-of-the-ent').decode()}"}


def recording(world: World) -> Control:
    sandbox = world.settings.sandbox.model_copy(update={"recorder": True})
    return Control(
        build_pages(replace(world, settings=world.settings.model_copy(update={"sandbox": sandbox}))).test_client()
    )


@pytest.fixture
def taped(world: World) -> Control:
    return recording(world)


def redeem(control: Control, **more: str) -> int:
    data = {
        "grant_type": "authorization_code",
        "code": "code-of-nobody",
        "redirect_uri": "http://localhost:8402/retour",
    }
    return control.client.post(TOKEN_ENDPOINT, data={**data, **more}, headers=BASIC, base_url=BASE).status_code


def tape(control: Control, query: str = "") -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = control.ask("GET", f"recorder{query}").get_json()["exchanges"]
    return found


def test_a_request_and_its_answer_are_kept_with_the_client_and_without_its_secrets(taped: Control) -> None:
    assert redeem(taped) == 400
    [one] = tape(taped)
    assert one["client_id"] == "ent"
    asked, answer = one["request"], one["answer"]
    assert (asked["method"], asked["path"], answer["status"]) == ("POST", TOKEN_ENDPOINT, 400)
    assert ["grant_type", "authorization_code"] in asked["body"]
    assert ["code", "[left out, 14 characters]"] in asked["body"]
    assert ["Authorization", "Basic [left out]"] in asked["headers"]
    assert answer["body"]["error"] == "invalid_grant"
    assert one["milliseconds"] > 0
    whole = str(one)
    assert "secret-of-the-ent" not in whole
    assert BASIC["Authorization"].partition(" ")[2] not in whole
    assert "code-of-nobody" not in whole


def test_headers_that_another_hook_adds_are_seen(taped: Control) -> None:
    page = "http://127.0.0.1:8403"
    taped.client.post(TOKEN_ENDPOINT, data={"client_id": "tablet"}, headers={"Origin": page}, base_url=BASE)
    [one] = tape(taped)
    assert ["Access-Control-Allow-Origin", page] in one["answer"]["headers"]
    assert one["client_id"] == "tablet"


@pytest.mark.parametrize(
    ("path", "headers"),
    [
        ("/idp/profile/oidc/authorize?client_id=rich&response_type=code", {}),
        ("/idp/profile/oidc/userinfo", {"Authorization": "Bearer a-token"}),
        ("/idp/profile/oidc/userinfo", {"Authorization": "Bearer e30.eyJjbGllbnRfaWQiOiJyaWNoIn0.x"}),
    ],
)
def test_the_client_is_told_by_its_parameter_and_by_its_token(
    world: World, taped: Control, path: str, headers: dict[str, str]
) -> None:
    add_session_with_grants(world.stores, world.clock.now())
    with world.engine.begin() as connection:
        known_by = world.secrets.keyed_hash("access-token", "a-token")
        connection.execute(update(access_token).values(token_hash=known_by, client_id="rich"))
    taped.client.get(path, headers=headers, base_url=BASE)
    assert [one["client_id"] for one in tape(taped)] == ["rich"]


@pytest.mark.parametrize(
    "headers",
    [
        {"Authorization": "Basic %%%"},
        {"Authorization": "Basic"},
        {"Authorization": "Bearer"},
        {"Authorization": "Bearer a.b.c"},
        {"Authorization": f"Basic {b64encode(bytes([0, 255, 58])).decode()}"},
        {},
    ],
)
def test_who_names_no_client_is_recorded_all_the_same(taped: Control, headers: dict[str, str]) -> None:
    status = taped.client.post(
        TOKEN_ENDPOINT, data={"client_id": "x" * 101}, headers=headers, base_url=BASE
    ).status_code
    assert status < 500
    assert [one["client_id"] for one in tape(taped)] == [None]


def test_the_tape_is_read_by_client_place_and_moment_and_forgotten(taped: Control) -> None:
    taped.ask("PUT", "clock", json={"now": "2031-03-14T09:00:00Z"})
    redeem(taped)
    taped.ask("PUT", "clock", json={"now": "2031-03-14T10:00:00Z"})
    taped.client.get("/idp/profile/oidc/authorize?client_id=rich", base_url=BASE)
    first, second = tape(taped)
    assert tape(taped, "?client_id=rich") == [second]
    assert tape(taped, f"?after={first['id']}") == [second]
    assert tape(taped, "?since=2031-03-14T10:30:00%2B01:00") == [second]
    assert tape(taped, "?since=2031-03-14T09:30:00+00:00") == [second], "a + that nobody wrote %2B"
    for wrong in ("since=yesterday", "since=2031-03-14T09:00:00", "after=x", "client=ent"):
        assert taped.ask("GET", f"recorder?{wrong}").status_code == 400
    assert taped.ask("DELETE", "recorder").status_code == 204
    assert tape(taped) == []


def test_it_is_paused_and_goes_on(taped: Control) -> None:
    assert taped.ask("PUT", "recorder", json={"on": False}).get_json() == {"on": False}
    redeem(taped)
    assert taped.ask("GET", "recorder").get_json() == {"on": False, "exchanges": []}
    taped.ask("PUT", "recorder", json={"on": True})
    redeem(taped)
    assert len(tape(taped)) == 1
    assert taped.ask("PUT", "recorder", json={"on": 1}).status_code == 422


def test_neither_the_control_api_nor_health_nor_assets_are_recorded(taped: Control) -> None:
    for path in ("/sandbox", "/sandbox/messages", "/healthz", "/readyz", "/static/preau.css"):
        taped.client.get(path, base_url=BASE)
    assert tape(taped) == []


def test_without_being_asked_for_nothing_is_recorded_and_nothing_is_asked_of_the_database(
    world: World, control: Control
) -> None:
    seen: list[str] = []
    event.listen(world.engine, "before_cursor_execute", lambda *told: seen.append(told[2]))
    redeem(control)
    assert not [words for words in seen if "record" in words]
    for method, body in (("GET", None), ("PUT", {"on": True}), ("DELETE", None)):
        answer = control.ask(method, "recorder", json=body)
        assert (answer.status_code, "[sandbox] recorder = true" in answer.get_json()["detail"]) == (409, True)


def test_a_tape_that_cannot_be_written_keeps_nobody_from_an_answer(world: World, taped: Control) -> None:
    with world.engine.begin() as connection:
        connection.exec_driver_sql("DROP TABLE recorded_exchange")
    assert redeem(taped) == 400
