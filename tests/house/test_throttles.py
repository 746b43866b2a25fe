"""Coarse throttling by address, on the whole application: who is refused, and who is not."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask.testing import FlaskClient
from structlog.testing import capture_logs
from werkzeug.test import TestResponse

from idp.app import build_pages
from idp.settings import create_master_key, load_settings
from idp.world import build_world
from tests.support.databases import make_tables
from tests.support.page import read_page
from tests.support.relying_party import RelyingParty
from tests.support.server import write_settings

BASE = "http://localhost:8400"
STRANGER, PARENT = "198.51.100.66", "192.0.2.1"
THROTTLE = "throttle = {openings_per_minute = 3, strength_per_minute = 2, client_failures_per_minute = 2, registrations_per_minute = 2}"
REGISTRATION = 'registration = {mode = "open"}'
TOKEN = "/idp/profile/oidc/token"


@pytest.fixture
def client(tmp_path: Path) -> Iterator[FlaskClient]:
    settings = load_settings(write_settings(tmp_path, 8400, more=f"{THROTTLE}\n{REGISTRATION}"))
    create_master_key(settings.master_key_file)
    make_tables(settings.database_url)
    world = build_world(settings)
    yield build_pages(world).test_client()
    world.engine.dispose()


def ask(client: FlaskClient, path: str, address: str = STRANGER, **headers: str) -> TestResponse:
    return client.get(path, base_url=BASE, environ_overrides={"REMOTE_ADDR": address}, headers=headers)


def authorize() -> str:
    asked = urlsplit(RelyingParty(BASE).authorization_uri())
    return f"{asked.path}?{asked.query}"


def redeem(client: FlaskClient, secret: str, address: str = STRANGER, who: str = "ent") -> TestResponse:
    return client.post(
        TOKEN,
        data={"grant_type": "authorization_code", "code": "none", "redirect_uri": "http://localhost:8402/retour"},
        auth=(who, secret),
        base_url=BASE,
        environ_overrides={"REMOTE_ADDR": address},
    )


@pytest.mark.parametrize("path", [authorize(), "/connexion", "/activation"])
def test_too_many_openings_from_one_address_wait_a_minute_and_others_do_not(client: FlaskClient, path: str) -> None:
    assert [ask(client, path).status_code for _ in range(3)] == [303, 303, 303]
    answer = ask(client, path, Accept="text/html")
    page = read_page(answer.status_code, BASE, answer.headers, answer.text)
    assert (page.status, page.h1) == (429, "Il y a eu trop d'essais")
    assert answer.headers["Retry-After"] == "60"
    told = ask(client, path, Accept="application/json")
    assert (told.status_code, told.get_json()["error"]) == (429, "too_many_tries")
    assert ask(client, path, PARENT).status_code == 303


def test_a_page_that_is_open_already_can_be_seen_as_often_as_one_likes(client: FlaskClient) -> None:
    there = ask(client, authorize()).headers["Location"]
    assert [ask(client, there).status_code for _ in range(5)] == [200] * 5


def test_documents_are_never_throttled(client: FlaskClient) -> None:
    assert {ask(client, "/.well-known/openid-configuration").status_code for _ in range(9)} == {200}


def test_behind_a_proxy_that_is_not_trusted_nobody_is_counted_and_the_log_says_so(
    client: FlaskClient,
) -> None:
    with capture_logs() as said:
        hidden = [ask(client, "/connexion", "10.0.0.1", **{"X-Forwarded-For": STRANGER}) for _ in range(5)]
    assert {answer.status_code for answer in hidden} == {303}
    assert sum("ceilings by address are skipped" in line["event"] for line in said) == len(hidden)


def test_an_ipv6_caller_is_counted_by_the_network_that_is_his(client: FlaskClient) -> None:
    mine = [ask(client, "/connexion", f"2001:db8:1:2::{number}") for number in range(1, 5)]
    assert [answer.status_code for answer in mine] == [303, 303, 303, 429]
    assert ask(client, "/connexion", "2001:db8:1:3::1").status_code == 303


def test_a_client_that_fails_to_prove_itself_waits_and_nobody_else_does(client: FlaskClient) -> None:
    assert [redeem(client, "wrong").status_code for _ in range(2)] == [401, 401]
    answer = redeem(client, "secret-of-the-ent")
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "60")
    assert answer.get_json()["error"] == "too_many_tries"
    assert redeem(client, "secret-of-the-ent", PARENT).get_json()["error"] == "invalid_grant"
    assert redeem(client, "secret-of-the-rich", who="rich").get_json()["error"] == "invalid_grant"


def test_guesses_at_a_secret_count_wherever_it_is_tried(client: FlaskClient) -> None:
    def push(secret: str) -> int:
        asked = RelyingParty(BASE).authorization_request()
        there = {"base_url": BASE, "environ_overrides": {"REMOTE_ADDR": STRANGER}}
        return client.post("/idp/profile/oidc/par", data=asked, auth=("ent", secret), **there).status_code

    assert push("secret-of-the-ent") == 201
    assert (push("wrong"), redeem(client, "wrong").status_code) == (401, 401)
    assert (push("secret-of-the-ent"), redeem(client, "secret-of-the-ent").status_code) == (429, 429)


def test_a_name_that_is_written_in_another_way_is_the_same_name(client: FlaskClient) -> None:
    assert [redeem(client, "wrong", who=who).status_code for who in ("ent", "%65nt", "e%6Et", "%65%6e%74")] == [
        401,
        401,
        429,
        429,
    ]


def test_whoever_pushes_in_the_name_of_a_client_without_a_secret_is_counted_and_a_server_is_not(
    client: FlaskClient,
) -> None:
    def push(ent: RelyingParty, **more: Any) -> int:
        there = {"base_url": BASE, "environ_overrides": {"REMOTE_ADDR": STRANGER}}
        return client.post("/idp/profile/oidc/par", data=ent.authorization_request(), **there, **more).status_code

    tablet = RelyingParty(BASE, "tablet", "", "http://127.0.0.1:8403/retour")
    assert [push(tablet) for _ in range(4)] == [201, 201, 201, 429]
    assert ask(client, authorize()).status_code == 429
    assert {push(RelyingParty(BASE), auth=("ent", "secret-of-the-ent")) for _ in range(5)} == {201}


def test_a_client_that_proves_itself_is_never_throttled_however_often_it_asks(client: FlaskClient) -> None:
    assert {redeem(client, "secret-of-the-ent").status_code for _ in range(9)} == {400}


def test_so_many_clients_register_from_one_address_in_a_minute_whether_they_are_let_or_not(client: FlaskClient) -> None:
    def register(address: str, **members: object) -> TestResponse:
        told = {"redirect_uris": ["http://localhost:8411/"], **members}
        path, where = "/idp/profile/oidc/register", {"REMOTE_ADDR": address}
        return client.post(path, json=told, base_url=BASE, environ_overrides=where)

    answers = [register(STRANGER), register(STRANGER, subject_type="aaf"), register(STRANGER)]
    assert [answer.status_code for answer in answers] == [201, 400, 429]
    assert answers[-1].get_json()["error"] == "too_many_tries"
    assert register(PARENT).status_code == 201


def test_the_strength_of_a_password_is_told_so_many_times_a_minute(client: FlaskClient) -> None:
    def estimate(address: str) -> TestResponse:
        return client.post(
            "/solidite",
            data={"mot-de-passe": "Zèbre-7-lune"},
            headers={"Sec-Fetch-Site": "same-origin"},
            base_url=BASE,
            environ_overrides={"REMOTE_ADDR": address},
        )

    assert [estimate(STRANGER).status_code for _ in range(3)] == [200, 200, 429]
    assert estimate(PARENT).status_code == 200
