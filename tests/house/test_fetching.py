"""What is fetched from a client is fetched while nothing of ours is held: no connection to the database, and not the run gate."""

import json
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey

from idp.app import build_pages
from idp.protocol.client_documents import Document
from idp.settings import create_master_key, load_settings
from idp.world import World, build_world
from tests.support.databases import make_tables
from tests.support.relying_party import RelyingParty
from tests.support.server import write_settings

BASE = "http://localhost:8400"
SITE = "http://ent.localhost:8409"
REDIRECT_URI = "http://localhost:8409/retour"
KEY = ECKey.generate_key("P-256", parameters={"kid": "ent-1"})
READS = ECKey.generate_key("P-256", parameters={"kid": "enc-1", "use": "enc"})
CLIENT = f"""
[[clients]]
client_id = "elsewhere"
client_name = "ENT Charme"
token_endpoint_auth_method = "private_key_jwt"
jwks_uri = "{SITE}/jwks"
request_uris = ["{SITE}/r"]
redirect_uris = ["{REDIRECT_URI}"]
"""


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    more = 'registration = {mode = "open", consent = "none"}'
    settings = load_settings(write_settings(tmp_path, 8400, more=more, clients=CLIENT))
    create_master_key(settings.master_key_file)
    make_tables(settings.database_url)
    world = build_world(settings)
    yield world
    world.engine.dispose()


def signed(**claims: object) -> str:
    now = int(time.time())  # noqa: TID251  a client has the machine's clock
    usual = {"iss": "elsewhere", "aud": BASE, "exp": now + 60}
    return jwt.encode({"alg": "ES256", "kid": KEY.kid}, {**usual, **claims}, KEY)


def test_no_connection_and_no_gate_is_held_while_a_client_answers(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    ent = RelyingParty(BASE, "elsewhere", redirect_uri=REDIRECT_URI)
    stands = {
        "/jwks": Document(json.dumps({"keys": [one.as_dict(private=False) for one in (KEY, READS)]}).encode()),
        "/r": Document(signed(**ent.authorization_request()).encode(), "application/jwt"),
        "/sector": Document(json.dumps([REDIRECT_URI]).encode()),
    }
    fetched: list[str] = []

    def fetch_in_place(address: str) -> Document:
        path = address.removeprefix(SITE)
        pool = world.engine.pool
        assert pool.checkedout() == 0, path  # type: ignore[attr-defined]  # of the pools that we use
        assert not world.gate._lock.locked(), path  # type: ignore[union-attr]  # nothing is measured here
        assert world.outbound.calls.in_use == 1, path
        fetched.append(path)
        return stands[path]

    monkeypatch.setattr(world.documents, "fetch_in_place", fetch_in_place)
    client = build_pages(world).test_client()
    fetched.clear()

    def in_turn(path: str, **more: object) -> int:
        with world.gate.held():
            return client.open(path, base_url=BASE, **more).status_code  # type: ignore[arg-type]  # as they are

    query = urlencode({"client_id": "elsewhere", "request_uri": f"{SITE}/r"})
    assert in_turn(f"/idp/profile/oidc/authorize?{query}") == 303
    form = {
        **ent.authorization_request(),
        "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        "client_assertion": signed(sub="elsewhere", jti="once"),
    }
    assert in_turn("/idp/profile/oidc/par", method="POST", data=form) == 201
    body = {"redirect_uris": [REDIRECT_URI], "sector_identifier_uri": f"{SITE}/sector"}
    assert in_turn("/idp/profile/oidc/register", method="POST", json=body) == 201
    assert fetched == ["/r", "/jwks", "/sector"]
