"""The endpoints of registration as HTTP has them, in this process; stories are in `tests/journeys/test_registration.py`."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from structlog.testing import capture_logs

from tests.support.inside import BASE, running_inside

REGISTER = "/idp/profile/oidc/register"
RIGHT = b'{"redirect_uris": ["http://localhost:8411/retour"]}'


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Callable[[str], FlaskClient]]:
    """Return what builds a provider with a mode of registration, and ends it afterwards."""
    running = []

    def begin(mode: str) -> FlaskClient:
        inside = running_inside(tmp_path, more=f'registration = {{mode = "{mode}"}}')
        running.append(inside)
        return inside.__enter__().app.test_client()

    yield begin
    for inside in running:
        inside.__exit__(None, None, None)


def send(client: FlaskClient, body: bytes = RIGHT, content_type: str = "application/json") -> Any:
    return client.post(REGISTER, data=body, content_type=content_type, base_url=BASE)


def test_where_nobody_may_register_there_is_no_endpoint_and_discovery_names_none(
    serve: Callable[[str], FlaskClient],
) -> None:
    client = serve("off")
    assert "registration_endpoint" not in client.get("/.well-known/openid-configuration", base_url=BASE).get_json()
    answers = [send(client), client.get(f"{REGISTER}/{'f' * 32}", base_url=BASE)]
    assert [(answer.status_code, answer.get_json()["error"]) for answer in answers] == [(404, "not_found")] * 2


def test_where_anybody_may_discovery_says_where_and_the_type_may_name_its_charset(
    serve: Callable[[str], FlaskClient],
) -> None:
    client = serve("open")
    told = client.get("/.well-known/openid-configuration", base_url=BASE).get_json()
    assert told["registration_endpoint"] == f"{BASE}{REGISTER}"
    answer = send(client, content_type="application/json; charset=utf-8")
    assert (answer.status_code, answer.mimetype) == (201, "application/json")
    assert answer.get_json()["registration_client_uri"] == f"{BASE}{REGISTER}/{answer.get_json()['client_id']}"


@pytest.mark.parametrize("content_type", ["application/x-www-form-urlencoded", "text/plain", ""])
def test_another_type_is_refused_in_json_and_the_log_says_why_without_a_value(
    serve: Callable[[str], FlaskClient], content_type: str
) -> None:
    client = serve("open")
    with capture_logs() as lines:
        answer = send(client, content_type=content_type)
    assert (answer.status_code, answer.get_json()["error"]) == (400, "invalid_client_metadata")
    assert answer.headers["Cache-Control"] == "no-store"
    [line] = [line for line in lines if line["event"] == "client registration refused"]
    assert (line["refused"], line["why"]) == ("invalid_client_metadata", answer.get_json()["error_description"])


def test_a_removed_client_leaves_an_answer_without_a_body_and_other_methods_are_refused(
    serve: Callable[[str], FlaskClient],
) -> None:
    client = serve("open")
    made = send(client).get_json()
    mine = {"Authorization": f"Bearer {made['registration_access_token']}"}
    path = made["registration_client_uri"].removeprefix(BASE)
    assert client.patch(path, headers=mine, base_url=BASE).status_code == 405
    assert client.get(REGISTER, base_url=BASE).status_code == 405
    gone = client.delete(path, headers=mine, base_url=BASE)
    assert (gone.status_code, gone.data) == (204, b"")
    assert client.get(path, headers=mine, base_url=BASE).status_code == 401
