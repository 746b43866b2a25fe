"""What testers make up of a person, and that nobody makes anything up of real people."""

from dataclasses import replace
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import update

from idp.adapters.extra_claims import ExtraClaims
from idp.adapters.tables import access_token
from idp.app import build_pages
from idp.choices import registration_rules
from idp.protocol.client_documents import fetch_nothing
from idp.world import World
from tests.contracts.rows import add_account, add_session_with_grants
from tests.sandbox.conftest import BASE, Control

THERE = "persons/j.dupont0001/claims"
CLAIMS = {"nickname": "Jo", "email": "joe@famille.example", "email_verified": True, "address": {"country": "France"}}


BIRCH = """
[[clients]]
client_id = "birch"
client_name = "ENT Bouleau"
client_secret = "secret-of-the-birch"
redirect_uris = ["http://localhost:8411/retour"]
scope = ["openid", "profile", "email", "address", "phone"]
"""


@pytest.fixture
def more_clients() -> str:
    return BIRCH


@pytest.fixture
def joe(world: World) -> str:
    add_account(world.stores, world.clock.now())
    return "j.dupont0001"


@pytest.mark.usefixtures("joe")
def test_claims_are_made_up_read_replaced_and_forgotten(control: Control) -> None:
    assert control.ask("GET", THERE).get_json() == {}
    answer = control.ask("PUT", THERE, json=CLAIMS)
    assert (answer.status_code, answer.get_json()) == (200, CLAIMS)
    assert control.ask("GET", THERE).get_json() == CLAIMS
    control.ask("PUT", THERE, json={"nickname": "Joey"})
    assert control.ask("GET", THERE).get_json() == {"nickname": "Joey"}
    assert control.ask("DELETE", THERE).status_code == 204
    assert control.ask("GET", THERE).get_json() == {}


@pytest.mark.usefixtures("joe")
def test_the_identifiant_may_be_typed_as_people_type_it(control: Control) -> None:
    control.ask("PUT", "persons/%20J.DUPONT0001/claims", json=CLAIMS)
    assert control.ask("GET", THERE).get_json() == CLAIMS


@pytest.mark.usefixtures("joe")
@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"data": "{"}, "must be a JSON object"),
        ({"json": ["nickname"]}, "must be a JSON object"),
        ({"json": {"shoe_size": 42}}, "Unknown claim. Known here: name,"),
        ({"json": {"given_name": "Jo"}}, "given_name is what the school knows"),
        ({"json": {"email": "joe@famille.example", "email_verified": "yes"}}, "email_verified must be true or false"),
        ({"json": {"birthdate": "9999-01-01"}}, "birthdate must be"),
    ],
)
def test_what_is_not_right_is_said_and_nothing_is_kept_of_it(
    control: Control, body: dict[str, Any], words: str
) -> None:
    control.ask("PUT", THERE, json=CLAIMS)
    answer = control.ask("PUT", THERE, **body)
    assert (answer.status_code, answer.mimetype) == (422, "application/problem+json")
    assert words in answer.get_json()["detail"]
    assert control.ask("GET", THERE).get_json() == CLAIMS


@pytest.mark.usefixtures("joe")
def test_a_birthdate_is_in_the_past_of_the_instance_s_own_clock(control: Control) -> None:
    control.ask("PUT", "clock", json={"now": "2041-03-14T09:00:00Z"})
    assert control.ask("PUT", THERE, json={"birthdate": "2041-03-14"}).status_code == 200
    assert control.ask("PUT", THERE, json={"birthdate": "2041-03-15"}).status_code == 422


@pytest.mark.usefixtures("joe")
@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
@pytest.mark.parametrize("identifiant", ["x.nobody0000", "nobody", "%00", "j.dupont0001%00"])
def test_who_has_no_account_is_not_found(control: Control, method: str, identifiant: str) -> None:
    answer = control.ask(method, f"persons/{identifiant}/claims", json=CLAIMS)
    assert (answer.status_code, answer.mimetype) == (404, "application/problem+json")
    assert answer.get_json()["detail"] == "No account has this identifiant: activate it first"


@pytest.mark.usefixtures("joe")
@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_an_unknown_parameter_is_refused(control: Control, method: str) -> None:
    assert control.ask(method, f"{THERE}?name=Joe", json=CLAIMS).status_code == 400


@pytest.mark.usefixtures("joe")
def test_the_way_back_to_the_seed_forgets_them(control: Control, world: World) -> None:
    control.ask("PUT", THERE, json=CLAIMS)
    control.ask("POST", "reset")
    assert control.ask("GET", THERE).status_code == 404
    add_account(world.stores, world.clock.now())
    assert control.ask("GET", THERE).get_json() == {}


# --- and elsewhere ---------------------------------------------------------------------------------------------------------------------


def for_real_people(world: World) -> FlaskClient:
    sandbox = world.settings.sandbox.model_copy(update={"enabled": False})
    settings = world.settings.model_copy(update={"sandbox": sandbox, "test_instance": False})
    return build_pages(replace(world, settings=settings)).test_client()


def told_of_joe(client: FlaskClient, world: World) -> dict[str, Any]:
    """Return the userinfo of a token that is good for every scope that releases something."""
    with world.engine.begin() as connection:
        connection.execute(
            update(access_token).values(
                token_hash=world.secrets.keyed_hash("access-token", "a-token"),
                client_id="birch",
                scope="openid profile email address phone",
                claims='{"userinfo": ["nickname", "email"]}',
            )
        )
    answer = client.get("/idp/profile/oidc/userinfo", headers={"Authorization": "Bearer a-token"}, base_url=BASE)
    told: dict[str, Any] = answer.get_json()
    return told


def test_an_instance_for_real_people_tells_nothing_that_was_made_up_even_if_it_were_there(world: World) -> None:
    add_session_with_grants(world.stores, world.clock.now())
    ExtraClaims(world.engine).replace("j.dupont0001", {**CLAIMS, "name": "Jo"})
    assert set(told_of_joe(for_real_people(world), world)) == {"sub", "given_name", "family_name"}
    assert {"nickname", "email", "address"} < set(told_of_joe(build_pages(world).test_client(), world))


def test_only_a_test_instance_names_the_scopes_and_the_claims(world: World) -> None:
    there = for_real_people(world).get("/.well-known/openid-configuration", base_url=BASE).get_json()
    here = build_pages(world).test_client().get("/.well-known/openid-configuration", base_url=BASE).get_json()
    assert [one for one in here["scopes_supported"] if one not in there["scopes_supported"]] == [
        "email",
        "address",
        "phone",
    ]
    assert {"email", "address", "phone"}.isdisjoint(there["scopes_supported"])
    more = set(here["claims_supported"]) - set(there["claims_supported"])
    assert {"name", "nickname", "birthdate", "email", "address", "phone_number_verified"} <= more
    assert set(there["claims_supported"]) < set(here["claims_supported"])


def test_only_on_a_test_instance_a_client_registers_for_these_scopes(world: World) -> None:
    real = world.settings.model_copy(update={"test_instance": False})
    assert {"email", "address", "phone"} <= set(registration_rules(world.settings, fetch_nothing).scopes)
    assert {"email", "address", "phone"}.isdisjoint(registration_rules(real, fetch_nothing).scopes)


def test_nobody_makes_anything_up_there(world: World) -> None:
    control = Control(for_real_people(world))
    assert control.ask("PUT", THERE, json=CLAIMS).status_code == 404
