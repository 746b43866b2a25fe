"""The control API: who may call it, and what each call does."""

from typing import Any

import pytest
from flask import Flask

from franceconnect_bridge.simulator.faults import FAULTS
from franceconnect_bridge.simulator.settings import Settings, SettingsError, default_client
from tests.simulator.world import BASE, Browser, Hand, Service, error_code, simulator, words

CALLS = [
    ("POST", "/faults"),
    ("DELETE", "/faults"),
    ("PUT", "/persons/ada"),
    ("DELETE", "/persons/joe"),
    ("PUT", "/clock"),
    ("POST", "/keys/rotate"),
    ("POST", "/reset"),
]
READS = ["/faults", "/faults/catalogue", "/persons", "/clock"]


@pytest.mark.parametrize(("method", "path"), CALLS)
@pytest.mark.parametrize("header", ["", "0"])
def test_whatever_changes_something_needs_the_header(app: Flask, method: str, path: str, header: str) -> None:
    answer = Hand(app, {"X-Preau-Sandbox": header}).call(method, path, {})
    assert (answer.status_code, answer.mimetype) == (403, "application/problem+json")


@pytest.mark.parametrize(("method", "path"), [*CALLS, *(("GET", path) for path in READS)])
@pytest.mark.parametrize("sent", ["", "Bearer faux", "Basic eDptb3Q="])
def test_where_a_token_is_set_every_call_needs_it(method: str, path: str, sent: str) -> None:
    app = simulator(listen="0.0.0.0:8401", sandbox_token="mot")
    answer = Hand(app).call(method, path, None if method == "GET" else {}, Authorization=sent)
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")


def test_the_right_token_is_let_in() -> None:
    app = simulator(listen="0.0.0.0:8401", sandbox_token="mot")
    assert Hand(app).call("GET", "/clock", Authorization="Bearer mot").status_code == 200


def test_off_loopback_it_does_not_start_without_a_token() -> None:
    with pytest.raises(SettingsError, match="--sandbox-token is needed"):
        Settings((default_client(("http://localhost:8400",)),), listen="0.0.0.0:8401")


@pytest.mark.parametrize("path", ["/sandbox/v1/clock", "/", "/api/v2/jwks"])
def test_a_foreign_host_is_refused_everywhere(app: Flask, path: str) -> None:
    assert app.test_client().get(path, base_url="http://piege.example:8401").status_code == 421
    assert app.test_client().get(path, base_url="http://127.0.0.1:8401").status_code == 200


def test_health_is_told_at_any_host(app: Flask) -> None:
    answer = app.test_client().get("/healthz", base_url="http://10.0.0.7:8401")
    assert answer.get_json() == {"status": "ok"}


def test_no_other_origin_is_given_leave(app: Flask) -> None:
    headers = {"Origin": "https://piege.example", "Access-Control-Request-Method": "POST"}
    answer = app.test_client().options("/sandbox/v1/reset", base_url=BASE, headers=headers)
    assert answer.status_code == 403
    assert [name for name, _ in answer.headers if name.startswith("Access-Control")] == []


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/faults", {}),
        ("POST", "/faults", []),
        ("POST", "/faults", {"fault": "inconnu"}),
        ("POST", "/faults", {"fault": "jwks-500", "client_id": "preau"}),
        ("POST", "/faults", {"fault": "Y030007", "login": "joe"}),
        ("POST", "/faults", {"fault": "token-500", "client_id": "inconnu"}),
        ("POST", "/faults", {"fault": "token-500", "login": "inconnu"}),
        ("POST", "/faults", {"fault": "token-500", "count": -1}),
        ("POST", "/faults", {"fault": "token-500", "count": True}),
        ("POST", "/faults", {"fault": "token-slow", "seconds": 61}),
        ("POST", "/faults", {"fault": "token-500", "autre": 1}),
        ("PUT", "/persons/ada", {"family_name": 1}),
        ("PUT", "/persons/ada", {"autre": "x"}),
        ("PUT", "/persons/ada", {"login": "eve"}),
        ("PUT", "/persons/ada", {"fault": "inconnu"}),
        ("PUT", "/persons/ada", {"fault": "jwks-500"}),
        ("PUT", "/persons/ada", {"family_name": "A\nB"}),
        ("PUT", "/persons/ada", {"given_names": ["\ud800"]}),
        ("PUT", "/clock", {}),
        ("PUT", "/clock", {"now": "demain"}),
        ("PUT", "/clock", {"now": "2031-03-14T09:00:00"}),
        ("PUT", "/clock", {"now": "9999-01-01T00:00:00Z"}),
        ("PUT", "/clock", {"advance_seconds": 1e300}),
        ("PUT", "/clock", {"advance_seconds": "60"}),
        ("PUT", "/clock", {"freeze": False}),
        ("PUT", "/clock", {"freeze": True, "advance_seconds": 1}),
        ("POST", "/keys/rotate", {"retire": "oui"}),
    ],
)
def test_what_cannot_be_done_is_refused_in_a_sentence(hand: Hand, method: str, path: str, body: Any) -> None:
    answer = hand.call(method, path, body)
    assert (answer.status_code, answer.mimetype) == (422, "application/problem+json"), answer.text
    assert answer.get_json()["detail"]


def test_what_does_not_exist_says_what_does(hand: Hand) -> None:
    answer = hand.call("GET", "/nulle-part")
    assert answer.status_code == 404
    assert "/sandbox/v1/faults" in answer.get_json()["detail"]


def test_the_catalogue_holds_every_fault(hand: Hand) -> None:
    assert [fault["name"] for fault in hand.call("GET", "/faults/catalogue").get_json()] == list(FAULTS)


def test_what_is_planned_can_be_read(hand: Hand) -> None:
    hand.fail("token-slow", client_id="preau", login="TEST", count=3, seconds=7)
    [plan] = hand.call("GET", "/faults").get_json()
    assert {name: plan[name] for name in ("fault", "client_id", "login", "remaining", "seconds")} == {
        "fault": "token-slow",
        "client_id": "preau",
        "login": "test",
        "remaining": 3,
        "seconds": 7,
    }


def test_a_person_can_be_added_changed_and_taken_away(service: Service, browser: Browser, hand: Hand) -> None:
    body = {"given_names": ["Ada"], "family_name": "Nouvelle", "gender": "female", "birthdate": "1990-01-02",
            "birthplace": "38185", "birthcountry": "99100", "email": "ada@personne.example"}  # fmt: skip
    assert hand.call("PUT", "/persons/ada", body).status_code == 201
    assert "Ada NOUVELLE" in words(browser.reach_consent(service.request(), "ada"))
    assert hand.call("PUT", "/persons/ada", {"family_name": "AUTRE", "password": "456"}).status_code == 200
    changed = Browser(service.app)
    page = changed.choose(changed.authorize(service.request()))
    assert "Ada AUTRE" in words(changed.prove(page, "ada", "456"))
    assert hand.call("DELETE", "/persons/ada").status_code == 204
    assert hand.call("DELETE", "/persons/ada").status_code == 404
    gone = Browser(service.app)
    assert gone.reach_consent(service.request(), "ada").status_code == 422


def test_the_clock_is_set_moved_stopped_and_let_go(hand: Hand) -> None:
    assert hand.call("PUT", "/clock", {"freeze": True}).get_json()["frozen"] is True
    set_to = hand.call("PUT", "/clock", {"now": "2031-03-14T09:00:00Z"}).get_json()
    assert set_to == {"now": "2031-03-14T09:00:00Z", "frozen": True}
    assert hand.call("PUT", "/clock", {"advance_seconds": -60}).get_json()["now"] == "2031-03-14T08:59:00Z"
    running = hand.call("PUT", "/clock", {"resume": True}).get_json()
    assert running["now"].startswith("2031-03-14T08:59:0")
    assert running["frozen"] is False


def test_after_a_rotation_new_keys_sign_and_the_former_are_still_published(
    service: Service, browser: Browser, hand: Hand
) -> None:
    old = service.redeem(browser.come_back(service.request())["code"]).get_json()["id_token"]
    assert len(hand.call("POST", "/keys/rotate").get_json()["kids"]) == 4
    new = service.redeem(Browser(service.app).come_back(service.request())["code"]).get_json()["id_token"]
    assert service.verify(old)["sub"] == service.verify(new)["sub"]
    assert len(hand.call("POST", "/keys/rotate", {"retire": True}).get_json()["kids"]) == 2


def test_a_reset_forgets_faults_persons_sessions_tokens_and_the_clock(
    service: Service, browser: Browser, hand: Hand
) -> None:
    token = service.redeem(browser.come_back(service.request())["code"]).get_json()["access_token"]
    page = browser.authorize(service.request())
    hand.fail("jwks-503", count=0)
    hand.call("PUT", "/persons/joe", {"family_name": "AUTRE"})
    hand.call("PUT", "/clock", {"now": "2001-03-14T09:00:00Z"})
    assert hand.call("POST", "/reset").status_code == 204
    assert service.keys().keys
    assert service.userinfo(token).status_code == 401
    assert error_code(browser.submit(page)) == "Y190001"
    assert not hand.call("GET", "/clock").get_json()["now"].startswith("2001")
    assert "Joe DUPONT" in words(Browser(service.app).reach_consent(service.request(), "joe"))
