"""The control API: who may call it, and what it says when a call is wrong."""

import pytest
from werkzeug.test import TestResponse

from tests.simulator.service import BASE, Visit, make_visit


def routes(visit: Visit) -> list[tuple[str, str]]:
    """Every method and address of the control API, whatever adds it."""
    return [
        (method, rule.rule.replace("<login>", "joe").replace("<path:rest>", "other"))
        for rule in visit.app.url_map.iter_rules()
        if rule.rule.startswith("/sandbox")
        for method in sorted(rule.methods or ())
    ]


def ask(visit: Visit, method: str, path: str, base: str = BASE, **headers: str) -> TestResponse:
    return visit.app.test_client().open(path, method=method, base_url=base, headers=headers, json={})


def test_every_method_but_get_wants_the_header_that_no_foreign_page_can_send(visit: Visit) -> None:
    refused = [(method, path) for method, path in routes(visit) if method != "GET"]
    assert {("PUT", "/sandbox/v1/clock"), ("POST", "/sandbox/v1/faults"), ("PATCH", "/sandbox/v1/other")} <= set(
        refused
    )
    for method, path in refused:
        answer = ask(visit, method, path, Origin="https://evil.example")
        assert (answer.status_code, answer.content_type) == (403, "application/problem+json"), (method, path)


def test_no_host_name_but_ours_is_answered(visit: Visit) -> None:
    for method, path in routes(visit):
        answer = ask(visit, method, path, "http://evil.example:8401", **{"X-Preau-Sandbox": "1"})
        assert answer.status_code == 421, (method, path)


def test_no_other_origin_may_read_or_ask_whether_it_may(visit: Visit) -> None:
    for method, path in routes(visit):
        answer = ask(visit, method, path, Origin="https://evil.example", **{"X-Preau-Sandbox": "1"})
        assert not [name for name in answer.headers.keys() if name.lower().startswith("access-control-")]  # noqa: SIM118
        assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin", (method, path)


def test_where_a_token_is_set_every_call_needs_it() -> None:
    visit = make_visit(listen="0.0.0.0:8401", sandbox_token="a-token-for-tests")
    for method, path in routes(visit):
        for sent in ({}, {"Authorization": "Bearer wrong"}):
            answer = ask(visit, method, path, **{"X-Preau-Sandbox": "1"}, **sent)
            assert answer.status_code == 401, (method, path)
    assert visit.control("GET", "/persons", Authorization="Bearer a-token-for-tests").status_code == 200


def test_it_describes_every_call_that_is_there_and_no_other(visit: Visit) -> None:
    described = visit.control("GET", "/openapi.json").get_json()
    assert described["openapi"] == "3.1.1"
    assert described["servers"] == [{"url": BASE}]
    told = {
        (method.upper(), path.replace("{login}", "joe"))
        for path, calls in described["paths"].items()
        for method in calls
    }
    there = {
        (method, path)
        for method, path in routes(visit)
        if path.startswith("/sandbox/v1/") and not path.endswith("/other") and method not in {"HEAD", "OPTIONS"}
    }
    assert told == there
    names = [call["operationId"] for calls in described["paths"].values() for call in calls.values()]
    assert len(set(names)) == len(names)


def test_a_page_shows_the_same_to_people(visit: Visit) -> None:
    page = visit.app.test_client().get("/sandbox", base_url=BASE)
    assert (page.status_code, page.mimetype) == (200, "text/html")
    described = visit.control("GET", "/openapi.json").get_json()
    for path, calls in described["paths"].items():
        for method in calls:
            assert f"<code>{method.upper()} {path}</code>" in page.text


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ({}, "name is missing"),
        ({"name": "none"}, "name must be one of: Y030007"),
        ({"name": "token-slow", "seconds": -1}, "seconds must be 0 to 120"),
        ({"name": "token-slow", "seconds": "a while"}, "seconds must be 0 to 120"),
        ({"name": "token-slow", "count": 0}, "count must be 1 to 1000000"),
        ({"name": "token-slow", "count": True}, "count must be 1 to 1000000"),
        ({"name": "token-slow", "often": 1}, "often is not known: name, count, client_id, seconds, claim"),
    ],
)
def test_a_wrong_fault_is_said_in_words(visit: Visit, body: dict[str, object], says: str) -> None:
    answer = visit.control("POST", "/faults", body)
    assert answer.status_code == 422
    assert answer.get_json()["detail"].startswith(says)
    assert visit.control("GET", "/faults").get_json()["waiting"] == []


def test_a_body_that_is_no_object_is_refused(visit: Visit) -> None:
    assert visit.control("POST", "/faults", [1]).status_code == 400


def test_faults_are_listed_and_cleared(visit: Visit) -> None:
    visit.arm("token-503", count=3)
    listed = visit.control("GET", "/faults").get_json()
    assert listed["waiting"][0]["count"] == 3
    assert listed["known"]["token-503"] == {"stage": "token", "about": "answers HTTP 503"}
    assert visit.control("DELETE", "/faults").status_code == 204
    assert visit.redeem(visit.sign_in()["code"])[0] == 200


def test_a_person_can_be_added_changed_and_forgotten(visit: Visit) -> None:
    person = {
        "password": "secret", "given_names": ["Léa", "Rose"], "family_name": "MARTIN", "gender": "female",
        "birthdate": "1990-02-03", "birthplace": "2A004", "email": "lea@famille.example",
    }  # fmt: skip
    assert visit.control("PUT", "/persons/lea", person).get_json()["login"] == "lea"
    page = visit.submit(visit.submit(visit.ask(), "uid", "Impôts"), "login", login="lea", password="secret")
    assert page.says("Léa Rose MARTIN")
    assert visit.control("DELETE", "/persons/lea").status_code == 204
    assert visit.control("DELETE", "/persons/lea").status_code == 404
    answer = visit.control("PUT", "/persons/lea", {})
    assert (answer.status_code, answer.get_json()["detail"]) == (422, "login and password are needed")
    for wrong, says in (
        ({"age": "3"}, "age is not a field of a person"),
        ({"password": 1}, "password must be a text"),
        ({"password": "x", "given_names": "Léa"}, "given_names must be a list of texts"),
        ({"password": "x", "faults": ["none"]}, "no such fault: none"),
    ):
        answer = visit.control("PUT", "/persons/lea", wrong)
        assert (answer.status_code, answer.get_json()["detail"].startswith(says)) == (422, True), answer.get_json()


def test_the_clock_is_moved_stopped_and_let_go(visit: Visit) -> None:
    told = visit.control("PUT", "/clock", {"offset_seconds": 3600}).get_json()
    assert (told["offset_seconds"], told["frozen"]) == (3600, False)
    told = visit.control("PUT", "/clock", {"frozen": True}).get_json()
    assert told["frozen"] is True
    assert visit.control("GET", "/clock").get_json()["now"] == told["now"]
    later = visit.control("PUT", "/clock", {"advance_seconds": 60}).get_json()
    assert (later["now"] > told["now"], later["frozen"]) == (True, True)
    assert visit.control("PUT", "/clock", {"frozen": False}).get_json()["frozen"] is False
    for wrong in ({}, {"offset_seconds": "x"}, {"offset_seconds": 1e12}, {"frozen": 1}, {"day": 1}):
        assert visit.control("PUT", "/clock", wrong).status_code == 422


def test_the_clock_takes_what_the_provider_s_own_control_api_takes(visit: Visit) -> None:
    assert visit.control("PUT", "/clock", {"freeze": True}).get_json()["frozen"] is True
    told = visit.control("PUT", "/clock", {"now": "2031-03-14T09:00:00Z"}).get_json()
    assert (told["now"], told["frozen"]) == ("2031-03-14T09:00:00+00:00", True)
    assert visit.control("PUT", "/clock", {"advance_seconds": 60}).get_json()["now"] == "2031-03-14T09:01:00+00:00"
    told = visit.control("PUT", "/clock", {"resume": True}).get_json()
    assert (told["now"][:16], told["frozen"]) == ("2031-03-14T09:01", False)
    for wrong in ("2031-03-14T09:00:00", "tomorrow", "9999-01-01T00:00:00Z", "1969-01-01T00:00:00Z"):
        assert visit.control("PUT", "/clock", {"now": wrong}).status_code == 422


def test_the_clock_does_not_leave_the_calendar(visit: Visit) -> None:
    century = {"advance_seconds": 100 * 366 * 86_400}
    statuses = [visit.control("PUT", "/clock", century).status_code for _ in range(90)]
    assert set(statuses) == {200, 422}
    assert visit.ask().status == 200


def test_one_datum_of_a_person_can_be_changed(visit: Visit) -> None:
    assert visit.control("PUT", "/persons/joe", {"family_name": "AUTRE"}).status_code == 200
    assert visit.reach_information("joe").says("Joe AUTRE")


@pytest.mark.parametrize("wrong", [{"family_name": "A\ud800"}, {"given_names": ["A\nB"]}])
def test_a_person_with_half_a_character_is_refused(visit: Visit, wrong: dict[str, object]) -> None:
    answer = visit.control("PUT", "/persons/joe", wrong)
    assert (answer.status_code, "half of a character" in answer.get_json()["detail"]) == (422, True)


@pytest.mark.parametrize("body", [{"same_kid": 1}, {"other": True}, [1]])
def test_a_rotation_that_cannot_be_is_refused(visit: Visit, body: object) -> None:
    assert visit.control("POST", "/keys/rotate", body).status_code in {400, 422}


def test_a_call_that_is_not_there_is_said_in_json(visit: Visit) -> None:
    answer = visit.control("GET", "/nowhere")
    assert (answer.status_code, answer.content_type) == (404, "application/problem+json")


def test_a_reset_begins_again(visit: Visit) -> None:
    visit.sign_in()
    visit.arm("token-503")
    visit.control("DELETE", "/persons/test")
    visit.control("PUT", "/clock", {"offset_seconds": 3600})
    assert visit.control("POST", "/reset").status_code == 204
    assert visit.control("GET", "/clock").get_json()["offset_seconds"] == 0
    assert visit.ask().h1 == "Connexion en cours sur Education Nationale"
    assert visit.redeem(visit.sign_in()["code"])[0] == 200
