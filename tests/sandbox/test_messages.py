"""The simulated phone as programs read it: waiting for a text, and texts that go wrong on their way."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest

from idp.app import build_pages
from idp.journeys.rows import Message
from idp.runtime import GatedApplication, RunGate, Waits
from idp.world import World, build_outbox_worker
from tests.sandbox.conftest import BASE, HEADERS, Control

JOE, ANGELA = "+33639980001", "+33639980002"
TO_JOE = "messages?to=%2B33639980001"


def send(world: World, to: str, body: str) -> None:
    with world.stores.writing() as desk:
        desk.outbox.put(Message("sms", to, body), at=world.clock.now())


def texts(answer: Any) -> list[str]:
    assert answer.status_code == 200, answer.text
    return [one["text"] for one in answer.get_json()]


# --- waiting ---------------------------------------------------------------------------------------------------------------------------


def test_a_text_that_is_there_already_is_not_waited_for(control: Control, world: World) -> None:
    send(world, JOE, "texte")
    began = time.monotonic()
    assert texts(control.ask("GET", f"{TO_JOE}&wait_seconds=30")) == ["texte"]
    assert time.monotonic() - began < 5


def test_the_next_text_after_one_that_is_known_is_waited_for(control: Control, world: World) -> None:
    send(world, JOE, "the first")
    [first] = control.ask("GET", TO_JOE).get_json()
    later = threading.Timer(0.3, lambda: (send(world, ANGELA, "another's"), send(world, JOE, "the next")))
    later.start()
    assert texts(control.ask("GET", f"{TO_JOE}&after={first['id']}&wait_seconds=20")) == ["the next"]
    later.join()


def test_when_the_time_is_over_nothing_is_said(control: Control) -> None:
    began = time.monotonic()
    assert texts(control.ask("GET", f"{TO_JOE}&wait_seconds=1")) == []
    assert time.monotonic() - began >= 1


@pytest.mark.parametrize(
    "query", ["wait_seconds=31", "wait_seconds=-1", "wait_seconds=1.5", "wait_seconds=", "wait_seconds=x", "after=x"]
)
def test_a_wait_that_is_not_understood_is_refused(control: Control, query: str) -> None:
    assert control.ask("GET", f"messages?{query}").status_code == 400


def test_who_waits_holds_up_nobody_neither_at_the_gate_nor_in_the_database(world: World) -> None:
    """Behind a gate that one request passes at a time, thirty go through and write while another waits."""
    gate = RunGate(most=2)
    waits = Waits(gate)
    pages = build_pages(replace(world, gate=gate, waits=waits))
    pages.wsgi_app = GatedApplication(pages.wsgi_app, gate, _busy, {})  # type: ignore[method-assign]
    other = Control(pages.test_client())
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(Control(pages.test_client()).ask, "GET", f"{TO_JOE}&wait_seconds=25")
        while not waits.places.in_use:
            time.sleep(0.01)
        for _ in range(30):
            assert other.ask("PUT", "clock", json={"advance_seconds": 1}).status_code == 200
        assert not waiting.done()
        send(world, JOE, "texte")
        assert texts(waiting.result(20)) == ["texte"]


def _busy(_environ: Any, start_response: Any) -> list[bytes]:
    start_response("503 Service Unavailable", [])
    return [b""]


def test_one_more_than_may_wait_is_told_to_come_back_and_the_others_wait_on(world: World) -> None:
    gate = RunGate()
    waits = Waits(gate, most=1)
    client = build_pages(replace(world, gate=gate, waits=waits)).test_client
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(Control(client()).ask, "GET", f"{TO_JOE}&wait_seconds=25")
        while not waits.places.in_use:
            time.sleep(0.01)
        refused = Control(client()).ask("GET", f"{TO_JOE}&wait_seconds=25")
        assert (refused.status_code, refused.headers["Retry-After"]) == (503, "1")
        assert texts(Control(client()).ask("GET", TO_JOE)) == [], "who does not wait needs no place"
        send(world, JOE, "texte")
        assert texts(waiting.result(20)) == ["texte"]
    assert waits.places.in_use == 0


# --- texts that go wrong ---------------------------------------------------------------------------------------------------------------


def arm(control: Control, **members: Any) -> dict[str, Any]:
    answer = control.ask("POST", "messages/faults", json={"to": JOE, **members})
    assert answer.status_code == 201, answer.text
    told: dict[str, Any] = answer.get_json()
    return told


def test_what_the_next_texts_meet_is_armed_listed_and_disarmed(control: Control) -> None:
    lost = arm(control, kind="fail")
    late = arm(control, kind="delay", delay_seconds=60, times=2)
    assert lost == {"id": lost["id"], "to": JOE, "kind": "fail", "delay_seconds": 0, "times_left": 1}
    assert control.ask("GET", "messages/faults").get_json() == [lost, late]
    assert control.ask("DELETE", "messages/faults").status_code == 204
    assert control.ask("GET", "messages/faults").get_json() == []


def test_the_outbox_of_an_instance_with_a_control_api_meets_them(control: Control, world: World) -> None:
    arm(control, kind="fail")
    arm(control, kind="duplicate")
    arm(control, kind="delay", delay_seconds=3600)
    for body in ("lost", "twice", "late"):
        send(world, JOE, body)
    worker = build_outbox_worker(world)
    worker.run_once()
    assert texts(control.ask("GET", TO_JOE)) == ["twice", "twice"]
    control.ask("PUT", "clock", json={"advance_seconds": 3600})
    worker.run_once()
    assert sorted(texts(control.ask("GET", TO_JOE))) == ["late", "twice", "twice"]
    page = control.client.get("/sandbox/messages", base_url=BASE).text
    assert (page.count("twice"), page.count("lost")) == (2, 0)


def test_the_outbox_of_an_instance_without_one_asks_for_none(control: Control, world: World) -> None:
    arm(control, kind="fail")
    sandbox = world.settings.sandbox.model_copy(update={"enabled": False})
    send(world, JOE, "texte")
    build_outbox_worker(replace(world, settings=world.settings.model_copy(update={"sandbox": sandbox}))).run_once()
    assert texts(control.ask("GET", TO_JOE)) == ["texte"]


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (None, "must be a JSON object with: to, kind"),
        ([], "must be a JSON object"),
        ({"kind": "fail"}, "to is missing"),
        ({"to": JOE}, "kind is missing"),
        ({"to": "0639980001", "kind": "fail"}, "E.164"),
        ({"to": JOE, "kind": "eaten"}, "one of: fail, delay, duplicate"),
        ({"to": JOE, "kind": "fail", "times": 0}, "times must be from 1 to 1000"),
        ({"to": JOE, "kind": "fail", "times": True}, "times must be a whole number"),
        ({"to": JOE, "kind": "fail", "delay_seconds": 3}, "goes with delay"),
        ({"to": JOE, "kind": "delay"}, "goes with delay"),
        ({"to": JOE, "kind": "delay", "delay_seconds": -1}, "delay_seconds, from 0"),
        ({"to": JOE, "kind": "fail", "time": 1}, "Unknown member. Known here: to, kind, times, delay_seconds"),
    ],
)
def test_a_fault_that_is_not_understood_is_refused(control: Control, body: Any, words: str) -> None:
    answer = control.ask("POST", "messages/faults", json=body)
    assert (answer.status_code, answer.mimetype) == (422, "application/problem+json")
    assert words in answer.get_json()["detail"]
    assert control.client.get("/sandbox/v1/messages/faults", base_url=BASE, headers=HEADERS).get_json() == []
