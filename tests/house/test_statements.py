"""What each endpoint asks of the database. A statement more is a decision: it changes docs/performance.md too."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event
from werkzeug.test import TestResponse

from franceconnect_bridge.client import Recognised
from franceconnect_bridge.identity import PivotIdentity
from idp.adapters.clock import SystemClock
from idp.adapters.passwords import Argon2Hasher
from idp.app import build_pages
from idp.choices import registration_rules
from idp.journeys.client_office import ClientOffice
from idp.journeys.rows import FranceConnectLink
from idp.protocol.client_documents import fetch_nothing
from idp.protocol.client_metadata import check_client_metadata
from idp.protocol.consent import Consent
from idp.settings import create_master_key, load_settings
from idp.world import World, build_world
from tests.support.databases import make_tables
from tests.support.franceconnect import UNCALLED_ISSUER as ISSUER
from tests.support.franceconnect import WITHOUT_CALLS
from tests.support.page import read_page
from tests.support.relying_party import VERIFIER, RelyingParty, answer_in
from tests.support.resources import CANTEEN, RESOURCES
from tests.support.server import write_settings

BASE = "http://localhost:8400"
PAGE = Path(__file__).parents[2] / "docs/performance.md"
_ROW = re.compile(r"^\| ([^|`]+) \| (\d+) \| (\d+) \|$", re.MULTILINE)
PASSWORD = "Cartable-Bleu-42"
OAK = """
[[clients]]
client_id = "oak"
client_name = "ENT Chêne"
client_secret = "secret-of-the-oak"
redirect_uris = ["http://localhost:8406/"]
backchannel_logout_uri = "http://localhost:8406/adieu"
"""
MORE = OAK + RESOURCES


class Counted:
    """Counts what goes to the database."""

    def __init__(self, world: World) -> None:
        self.statements: list[str] = []
        self.commits = 0
        event.listen(world.engine, "before_cursor_execute", self._note_statement)
        event.listen(world.engine, "commit", self._note_commit)

    def _note_statement(self, connection: object, cursor: object, statement: str, *more: object) -> None:
        del connection, cursor, more
        self.statements.append(statement)

    def _note_commit(self, connection: object) -> None:
        del connection
        self.commits += 1

    def take(self) -> tuple[int, int]:
        """Return what was counted since the last time: statements, commits."""
        counted = len(self.statements), self.commits
        self.statements, self.commits = [], 0
        return counted


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    # A test instance asks the database what time it is; an instance for real people does not.
    monkeypatch.setattr("idp.world.make_clock", lambda *_: SystemClock())
    # Nor does it look for faults that testers armed (tests/sandbox/test_faults_api.py counts that one read).
    path = write_settings(tmp_path, 8400, more=WITHOUT_CALLS, clients=MORE)
    path.write_text(path.read_text(encoding="utf-8").replace("[sandbox]\nenabled = true", ""), encoding="utf-8")
    settings = load_settings(path)
    assert not settings.sandbox.enabled
    create_master_key(settings.master_key_file)
    make_tables(settings.database_url)
    world = build_world(settings)
    yield world
    world.engine.dispose()


@pytest.fixture
def app(world: World) -> Flask:
    app = build_pages(world)
    world.keys.load_published_keys()
    return app


def ask(client: FlaskClient, path: str) -> TestResponse:
    return client.get(path, base_url=BASE)


def walk(client: FlaskClient, counted: Counted, ent: RelyingParty) -> dict[str, tuple[int, int]]:
    """Sign in from the ENT, and return what each request cost."""
    costs = {}
    counted.take()
    ask(client, "/.well-known/openid-configuration")
    costs["discovery"] = counted.take()
    ask(client, "/idp/profile/oidc/jwks")
    costs["JWKS"] = counted.take()
    asked = urlsplit(ent.authorization_uri(acr_values="responsable"))
    to_page = ask(client, f"{asked.path}?{asked.query}").headers["Location"]
    costs["authorize, nobody signed in"] = counted.take()
    answer = ask(client, to_page)
    costs["sign-in page"] = counted.take()
    form = read_page(200, BASE + to_page, answer.headers, answer.text).form("j_username")
    values = {**form.values, "j_username": "j.dupont0001", "j_password": PASSWORD}
    address = urlsplit(form.action)
    answer = client.post(f"{address.path}?{address.query}", data=values, base_url=BASE)
    costs["sign-in"] = counted.take()
    body = {
        "grant_type": "authorization_code",
        "code": answer_in(answer.headers["Location"])["code"],
        "redirect_uri": ent.redirect_uri,
        "code_verifier": "a-verifier-of-forty-three-characters-or-more-0123456789",
    }
    basic = (ent.client_id, ent.client_secret)
    token = client.post("/idp/profile/oidc/token", data=body, auth=basic, base_url=BASE).get_json()["access_token"]
    costs["token"] = counted.take()
    client.get("/idp/profile/oidc/userinfo", headers={"Authorization": f"Bearer {token}"}, base_url=BASE)
    costs["userinfo"] = counted.take()
    client.post("/idp/profile/oidc/introspect", data={"token": token}, auth=basic, base_url=BASE)
    costs["introspection"] = counted.take()
    client.post("/idp/profile/oidc/revoke", data={"token": token}, auth=basic, base_url=BASE)
    costs["revocation"] = counted.take()
    assert "code=" in ask(client, f"{asked.path}?{asked.query}").headers["Location"]
    costs["authorize, signed in"] = counted.take()
    body = ent.authorization_request(acr_values="responsable")
    pushed = client.post("/idp/profile/oidc/par", data=body, auth=basic, base_url=BASE).get_json()["request_uri"]
    costs["push a request"] = counted.take()
    there = f"/idp/profile/oidc/authorize?client_id={ent.client_id}&request_uri={pushed}"
    stranger = client.application.test_client()
    assert "/connexion" in ask(stranger, there).headers["Location"]
    costs["authorize, pushed, nobody signed in"] = counted.take()
    assert "/connexion" in ask(stranger, there).headers["Location"]
    costs["authorize, pushed, loaded again"] = counted.take()
    return costs


def refresh(client: FlaskClient, counted: Counted) -> tuple[int, int]:
    """Let another ENT come with the session that is there, and return what rotating its refresh token cost."""
    ent = RelyingParty(BASE, "stays", "secret-of-the-one-that-stays", "http://localhost:8405/retour")
    asked = urlsplit(ent.authorization_uri())
    code = answer_in(ask(client, f"{asked.path}?{asked.query}").headers["Location"])["code"]
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": ent.redirect_uri}
    basic = (ent.client_id, ent.client_secret)
    endpoint = "/idp/profile/oidc/token"
    answer = client.post(endpoint, data={**form, "code_verifier": VERIFIER}, auth=basic, base_url=BASE).get_json()
    counted.take()
    form = {"grant_type": "refresh_token", "refresh_token": answer["refresh_token"]}
    assert client.post(endpoint, data=form, auth=basic, base_url=BASE).status_code == 200
    return counted.take()


def ask_for_a_machine(client: FlaskClient, counted: Counted) -> dict[str, tuple[int, int]]:
    """Get a token that no person stands behind, let its resource ask what it is, and return what that cost."""
    endpoints, costs = "/idp/profile/oidc", {}
    form = {"grant_type": "client_credentials", "resource": CANTEEN}
    till, canteen = ("till", "secret-of-the-till"), ("canteen", "secret-of-the-canteen")
    counted.take()
    token = client.post(f"{endpoints}/token", data=form, auth=till, base_url=BASE).get_json()["access_token"]
    costs["client credentials"] = counted.take()
    told = client.post(f"{endpoints}/introspect", data={"token": token}, auth=canteen, base_url=BASE).get_json()
    assert told["active"]
    costs["introspection of such a token"] = counted.take()
    return costs


def sign_out(client: FlaskClient, counted: Counted) -> tuple[int, int]:
    """Answer the page that asks, and return what that cost."""
    answer = ask(client, "/idp/profile/Logout")
    form = read_page(200, f"{BASE}/idp/profile/Logout", answer.headers, answer.text).form("jeton")
    counted.take()
    answer = client.post("/deconnexion", data={**form.values, "choix": "oui"}, base_url=BASE)
    assert "Vous êtes déconnecté" in answer.text
    return counted.take()


def walk_through_franceconnect(app: Flask, counted: Counted) -> dict[str, tuple[int, int]]:
    """Come back from FranceConnect as somebody who is linked, and return what each request cost."""
    client, costs = app.test_client(), {}
    asked = urlsplit(RelyingParty(BASE).authorization_uri(acr_values="responsable"))
    to_page = ask(client, f"{asked.path}?{asked.query}").headers["Location"]
    counted.take()
    left = ask(client, to_page.replace("/connexion", "/franceconnect/debut"))
    costs["leave for FranceConnect"] = counted.take()
    state = answer_in(left.headers["Location"])["state"]
    answer = ask(client, f"/franceconnect/retour?state={state}&iss={ISSUER}&code=c")
    costs["back from FranceConnect"] = counted.take()
    onward = read_page(200, BASE, answer.headers, answer.text).link("Continuer")
    assert "code=" in ask(client, onward.removeprefix(BASE)).headers["Location"]
    costs["on to the ENT"] = counted.take()
    return costs


def link_joe(world: World) -> None:
    with world.stores.writing() as desk:
        joe = desk.accounts.load_by_identifiant("j.dupont0001")
        assert joe is not None
        desk.franceconnect.add_link(
            FranceConnectLink(ISSUER, "sub", joe.id, "identity", datetime(2031, 3, 4, tzinfo=UTC))
        )


def add_joe(world: World) -> None:
    hasher = Argon2Hasher(memory_kib=8, time_cost=1, parallelism=1, at_once=1)
    at = datetime(2031, 3, 4, tzinfo=UTC)
    with world.stores.writing() as desk:
        desk.accounts.add_account(
            identifiant="j.dupont0001",
            subject_seed="seed",
            password_hash=hasher.hash(PASSWORD),
            family_name="DUPONT",
            given_name="Joe",
            at=at,
        )


def test_each_endpoint_costs_what_the_page_of_performance_says(
    app: Flask, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_joe(world)
    link_joe(world)
    joe = PivotIdentity("DUPONT", ("Joe",), None, "male", "", "", "", "")
    monkeypatch.setattr(
        "franceconnect_bridge.client.FranceConnect.recognise",
        lambda *_, **__: Recognised("sub", joe, "eidas1", (), "an.id.token"),
    )
    told = read_told()
    counted = Counted(world)
    client = app.test_client()
    costs = walk(client, counted, RelyingParty(BASE))
    costs["sign out"] = sign_out(client, counted)
    walk(client, counted, RelyingParty(BASE, "oak", "secret-of-the-oak", "http://localhost:8406/"))
    costs["sign out, one ENT told"] = sign_out(client, counted)
    walk(client, counted, RelyingParty(BASE))
    costs["refresh"] = refresh(client, counted)
    costs |= ask_for_a_machine(client, counted)
    assert costs | walk_through_franceconnect(app, counted) == told


def read_told() -> dict[str, tuple[int, int]]:
    """Return what the page of performance says."""
    rows = _ROW.findall(PAGE.read_text(encoding="utf-8"))
    return {name: (int(statements), int(commits)) for name, statements, commits in rows}


def costs_more(app: Flask, world: World, ent: RelyingParty) -> dict[str, tuple[int, int]]:
    """Return the requests that cost more for this ENT than for one of the settings file that nobody has to allow anything."""
    told = read_told()
    walked = walk(app.test_client(), Counted(world), ent)
    more = {name: (cost[0] - told[name][0], cost[1] - told[name][1]) for name, cost in walked.items()}
    return {name: cost for name, cost in more.items() if cost != (0, 0)}


def test_a_client_that_an_operator_added_costs_each_request_one_statement_more_and_a_pushed_page_two(
    app: Flask, world: World
) -> None:
    add_joe(world)
    uri = "http://localhost:8402/retour"
    metadata = check_client_metadata({"redirect_uris": [uri]}, registration_rules(world.settings, fetch_nothing))
    made = ClientOffice(world.stores, world.clock, world.secrets).enrol(metadata, changes_itself=False)
    assert made is not None
    more = costs_more(app, world, RelyingParty(BASE, made.row.client_id, made.client_secret or "", uri))
    # To see that it is still there to be answered: whose request it is, and whose kept one.
    twice = {"authorize, pushed, loaded again"}
    everything = {*walk_names(), *twice} - {"discovery", "JWKS"}
    assert more == {name: (2 if name in twice else 1, 0) for name in everything}


def walk_names() -> set[str]:
    """Return the requests that `walk` counts."""
    of_machines = {"client credentials", "introspection of such a token"}
    apart = of_machines | {"refresh", "sign out", "sign out, one ENT told", "leave for FranceConnect"}
    return {*read_told()} - apart - {"back from FranceConnect", "on to the ENT"}


def test_what_a_person_allowed_once_costs_one_read_where_a_code_is_made_and_nothing_elsewhere(
    app: Flask, world: World
) -> None:
    add_joe(world)
    ent = RelyingParty(BASE, "aulne", "secret-of-the-one-that-asks", "http://localhost:8407/retour")
    with world.stores.writing() as desk:
        joe = desk.accounts.load_by_identifiant("j.dupont0001")
        assert joe is not None
        allowed = Consent(frozenset({"openid", "profile", "ect.scope.cnx"}))
        desk.consents.save_consent(joe.id, "aulne", allowed, datetime(2031, 3, 4, tzinfo=UTC))
    # Its code brings a refresh token: a row to add at the token endpoint, one to look for where a token is asked about or revoked.
    of_refresh_tokens = {"token", "introspection", "revocation"}
    more = costs_more(app, world, ent)
    assert {name: cost for name, cost in more.items() if name not in of_refresh_tokens} == {
        "sign-in": (1, 0),
        "authorize, signed in": (1, 0),
    }
