"""The strength preview: for our own page only, short, and throttled."""

import pytest
from flask.testing import FlaskClient

from tests.web.world import World

OURS = {"Sec-Fetch-Site": "same-origin"}


def test_our_page_learns_the_strength(client: FlaskClient, world: World) -> None:
    response = client.post("/solidite", data={"mot-de-passe": "Zèbre-7-lune"}, headers=OURS)
    assert response.get_json() == {"niveau": 3}
    assert response.headers["Cache-Control"] == "no-store"
    assert world.judge.judged == ["Zèbre-7-lune"]


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "none"},
        {"Origin": "https://elsewhere.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site", "Origin": "http://localhost"},
    ],
)
def test_other_sites_learn_nothing(client: FlaskClient, world: World, headers: dict[str, str]) -> None:
    response = client.post("/solidite", data={"mot-de-passe": "x"}, headers=headers)
    assert response.status_code == 403
    assert world.judge.judged == []


def test_a_browser_without_fetch_metadata_is_known_by_its_origin(client: FlaskClient) -> None:
    response = client.post("/solidite", data={"mot-de-passe": "x"}, headers={"Origin": "http://localhost"})
    assert response.status_code == 200


def test_a_long_body_is_refused_unread(client: FlaskClient, world: World) -> None:
    assert client.post("/solidite", data={"mot-de-passe": "x" * 1100}, headers=OURS).status_code == 413
    assert world.judge.judged == []


def test_a_long_password_is_judged_by_its_first_128_characters(client: FlaskClient, world: World) -> None:
    client.post("/solidite", data={"mot-de-passe": "x" * 200}, headers=OURS)
    assert world.judge.judged == ["x" * 128]


def test_nothing_typed_is_a_wrong_question(client: FlaskClient) -> None:
    assert client.post("/solidite", data={}, headers=OURS).status_code == 400


def test_too_many_questions_wait() -> None:
    world = World(wait=20)
    response = world.build().test_client().post("/solidite", data={"mot-de-passe": "x"}, headers=OURS)
    assert (response.status_code, response.headers["Retry-After"]) == (429, "20")
    assert world.judge.judged == []


def test_it_is_not_asked_with_get(client: FlaskClient) -> None:
    assert client.get("/solidite?mot-de-passe=x", headers=OURS).status_code == 405
