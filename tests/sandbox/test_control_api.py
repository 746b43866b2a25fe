"""What testers may ask and do; who may not is in test_guard.py."""

from datetime import datetime
from typing import Any

import pytest

from idp.journeys.client_office import ClientOffice
from idp.journeys.rows import AuditEvent, Message
from idp.world import World
from tests.sandbox.conftest import BASE, Control
from tests.support.page import read_page

JOE, ANGELA = "+33639980001", "+33639980002"


def send(world: World, to: str, body: str) -> None:
    with world.stores.writing() as desk:
        desk.outbox.put(Message("sms", to, body), at=world.clock.now())


# --- texts, clock, audit, reset ----------------------------------------------------------------------------------------------------------


def test_messages_come_newest_first_to_one_number_or_to_all(control: Control, world: World) -> None:
    for number, to in enumerate([JOE, ANGELA, JOE]):
        send(world, to, f"texte {number}")
    told = control.ask("GET", "messages?to=%2B33639980001").get_json()
    assert [one["text"] for one in told] == ["texte 2", "texte 0"]
    assert set(told[0]) == {"id", "channel", "to", "subject", "text", "links", "created_at"}
    assert (told[0]["channel"], told[0]["to"]) == ("sms", JOE)
    assert told[0]["created_at"].endswith("Z")
    assert len(control.ask("GET", "messages").get_json()) == 3
    assert control.ask("GET", "messages?to=+33639980001").get_json() == told, "a + that nobody wrote %2B"


@pytest.mark.parametrize(
    "query", ["to=0639980001", "to=x", "too=%2B33639980001", "to=%2B33639980001&to=%2B33639980002"]
)
def test_a_filter_that_would_prove_nothing_is_refused(control: Control, query: str) -> None:
    answer = control.ask("GET", f"messages?{query}")
    assert (answer.status_code, answer.get_json()["title"]) == (400, "Bad Request")


def test_messages_can_be_forgotten(control: Control, world: World) -> None:
    send(world, JOE, "texte")
    assert control.ask("DELETE", "messages").status_code == 204
    assert control.ask("GET", "messages").get_json() == []


def test_the_clock_is_set_advanced_frozen_and_resumed(control: Control) -> None:
    def put(body: Any) -> dict[str, Any]:
        answer = control.ask("PUT", "clock", json=body)
        assert answer.status_code == 200, answer.text
        told: dict[str, Any] = answer.get_json()
        return told

    put({"freeze": True})
    assert put({"now": "2031-03-14T09:00:00Z"}) == {"now": "2031-03-14T09:00:00Z", "frozen": True}
    assert put({"advance_seconds": 1860}) == {"now": "2031-03-14T09:31:00Z", "frozen": True}
    assert control.ask("GET", "clock").get_json() == {"now": "2031-03-14T09:31:00Z", "frozen": True}
    assert put({"resume": True})["frozen"] is False
    assert put({"advance_seconds": -3600})["now"].startswith("2031-03-14T08:31:")


@pytest.mark.parametrize(
    "body",
    [
        None, [], {}, {"now": "tomorrow"}, {"now": "2031-03-14T09:00:00"}, {"now": 3}, {"advance_seconds": "60"},
        {"advance_seconds": True}, {"advance_seconds": 1e300}, {"freeze": False}, {"now": "2031-03-14T09:00:00Z", "freeze": True},
        {"now": "1066-10-14T09:00:00Z"},
    ],
)  # fmt: skip
def test_what_the_clock_cannot_do_is_said(control: Control, body: Any) -> None:
    answer = control.ask("PUT", "clock", json=body)
    assert answer.status_code == 422
    assert answer.get_json()["detail"]


def test_the_audit_trail_is_read_by_event_reference_and_place(control: Control, world: World) -> None:
    at = datetime.fromisoformat("2031-03-14T09:00:00+00:00")
    with world.stores.writing() as desk:
        desk.ledger.record(AuditEvent("one", reference="AAAA", details={"links": [1, 2]}), at)
        desk.ledger.record(AuditEvent("two", reference="BBBB", client_id="ent"), at)
    lines = control.ask("GET", "audit").get_json()
    assert [line["event"] for line in lines] == ["one", "two"]
    assert lines[0]["details"] == {"links": [1, 2]}
    assert lines[0]["at"] == "2031-03-14T09:00:00Z"
    assert [line["event"] for line in control.ask("GET", "audit?event=two").get_json()] == ["two"]
    assert [line["event"] for line in control.ask("GET", "audit?reference=AAAA").get_json()] == ["one"]
    assert [line["event"] for line in control.ask("GET", f"audit?after={lines[0]['id']}").get_json()] == ["two"]
    assert control.ask("GET", "audit?after=x").status_code == 400


def test_reset_goes_back_to_the_seed(control: Control, world: World) -> None:
    send(world, JOE, "texte")
    metadata = {"redirect_uris": [], "token_endpoint_auth_method": "none"}
    registered = ClientOffice(world.stores, world.clock, world.secrets)
    assert registered.enrol(metadata, changes_itself=True) is not None
    control.ask("PUT", "clock", json={"now": "2041-03-14T09:00:00Z"})
    assert control.ask("POST", "reset").status_code == 204
    assert registered.load_all() == []
    assert control.ask("GET", "messages").get_json() == []
    assert control.ask("GET", "audit").get_json() == []
    assert not control.ask("GET", "clock").get_json()["now"].startswith("2041")


@pytest.mark.parametrize("kind", ["application/x-www-form-urlencoded", "text/plain", "application/json"])
def test_a_body_is_json_whatever_type_curl_gives_it(control: Control, kind: str) -> None:
    body = '{"to": "+33639980001", "kind": "fail"}'
    assert control.ask("POST", "messages/faults", data=body, content_type=kind).status_code == 201
    assert control.ask("PUT", "clock", data='{"freeze": true}', content_type=kind).status_code == 200


# --- keys ------------------------------------------------------------------------------------------------------------------------------


def published(control: Control) -> list[dict[str, str]]:
    found: list[dict[str, str]] = control.client.get("/idp/profile/oidc/jwks", base_url=BASE).get_json()["keys"]
    return found


def test_keys_are_rotated_and_the_next_minute_everybody_sees_it(control: Control) -> None:
    before = {key["kid"]: key["alg"] for key in published(control)}
    control.ask("PUT", "clock", json={"advance_seconds": 120})
    told = control.ask("POST", "keys/rotate")
    assert told.status_code == 200
    assert [one["algorithm"] for one in told.get_json()] == ["RS256", "ES256"]
    for one in told.get_json():
        assert {before[one["active"]], before[one["retiring"]]} == {one["algorithm"]}
    control.ask("PUT", "clock", json={"advance_seconds": 60})
    after = [key["kid"] for key in published(control)]
    assert set(after) == {*before, *(one["next"] for one in told.get_json())}
    assert set(after[:2]) == {one["active"] for one in told.get_json()}


def test_keys_of_one_algorithm_are_rotated(control: Control) -> None:
    published(control)
    control.ask("PUT", "clock", json={"advance_seconds": 120})
    assert [one["algorithm"] for one in control.ask("POST", "keys/rotate?algorithm=ES256").get_json()] == ["ES256"]
    early = control.ask("POST", "keys/rotate")
    assert early.status_code == 409
    assert "publishes it: ES256 from " in early.get_json()["detail"]
    assert "RS256" not in early.get_json()["detail"]


def test_keys_are_listed_and_one_that_does_not_sign_is_taken_out(control: Control) -> None:
    before = {key["kid"] for key in published(control)}
    told = control.ask("GET", "keys").get_json()
    assert {one["kid"] for one in told} == before
    assert sorted(one["state"] for one in told) == ["active", "active", "next", "next"]
    following = next(one["kid"] for one in told if one["state"] == "next")
    answer = control.ask("POST", f"keys/{following}/retire")
    assert (answer.status_code, answer.get_json()["state"]) == (200, "retired")
    control.ask("PUT", "clock", json={"advance_seconds": 60})
    assert following not in {key["kid"] for key in published(control)}
    active = next(one["kid"] for one in told if one["state"] == "active")
    assert control.ask("POST", f"keys/{active}/retire").status_code == 409
    assert control.ask("POST", "keys/nothing/retire").status_code == 404
    assert control.ask("POST", "keys/%00/retire").status_code == 404


def test_an_algorithm_that_we_do_not_sign_with_is_not_understood(control: Control) -> None:
    answer = control.ask("POST", "keys/rotate?algorithm=HS256")
    assert (answer.status_code, answer.get_json()["detail"]) == (
        400,
        "algorithm must be one of: RS256, ES256, PS256, EdDSA",
    )


def test_a_key_that_was_made_on_a_clock_ahead_can_sign_after_a_reset(control: Control) -> None:
    control.ask("PUT", "clock", json={"now": "2041-03-14T09:00:00Z"})
    published(control)
    control.ask("POST", "reset")
    control.ask("PUT", "clock", json={"advance_seconds": 121})
    assert control.ask("POST", "keys/rotate").status_code == 200


def test_what_is_not_there_is_said_in_json_with_what_there_is(control: Control) -> None:
    answer = control.ask("GET", "pupils")
    assert (answer.status_code, answer.mimetype) == (404, "application/problem+json")
    assert "GET and PUT /sandbox/v1/clock" in answer.get_json()["detail"]


def test_the_simulated_phone_shows_each_number_once_newest_text_first(control: Control, world: World) -> None:
    for number, to in enumerate([JOE, ANGELA, JOE]):
        send(world, to, f"texte {number} <b>")
    answer = control.client.get("/sandbox/messages", base_url=BASE)
    page = read_page(answer.status_code, BASE, answer.headers, answer.text)
    assert page.h1 == "Téléphone et messagerie simulés"
    assert page.text.index("texte 2 <b>") < page.text.index("texte 0 <b>")
    assert page.text.count("06 39 98 00 01") == 1
    assert "<b>" not in answer.text
    empty = Control(control.client)
    empty.ask("DELETE", "messages")
    assert "Aucun message pour le moment." in control.client.get("/sandbox/messages", base_url=BASE).text
