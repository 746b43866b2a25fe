"""What may be armed and what may not, and what the hook leaves alone."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from flask.testing import FlaskClient
from joserfc.jwk import RSAKey
from sqlalchemy import event
from werkzeug.test import TestResponse

from idp.adapters.armed_faults import ArmedFaults
from idp.app import build_pages
from idp.sandbox import fault_hook
from idp.sandbox.fault_board import FaultBoard
from idp.sandbox.fault_hook import FaultHook
from idp.sandbox.fault_rules import MOST_ARMED
from idp.sandbox.faults.catalogue import CATALOGUE
from idp.sandbox.faults.entry import ANONYMOUS, Answer, Endpoint
from idp.world import World, build_world
from tests.contracts.rows import add_account
from tests.sandbox.conftest import BASE, Control
from tests.support.relying_party import RelyingParty

KEY = RSAKey.generate_key(2048)
_PUBLIC = ", ".join(f'{name} = "{value}"' for name, value in KEY.as_dict(private=False).items())
SEALED = f"""
[[clients]]
client_id = "sealed"
client_name = "ENT Cèdre"
client_secret = "secret-of-the-cedar-tree"
redirect_uris = ["http://localhost:8412/retour"]
jwks = {{ keys = [{{ {_PUBLIC}, use = "enc" }}] }}
id_token_encrypted_response_alg = "RSA-OAEP-256"
userinfo_signed_response_alg = "RS256"
userinfo_encrypted_response_alg = "RSA-OAEP-256"
"""
DISCOVERY, JWKS = "/.well-known/openid-configuration", "/idp/profile/oidc/jwks"


@pytest.fixture
def more_clients() -> str:
    return SEALED


@pytest.fixture
def joe(world: World) -> str:
    add_account(world.stores, world.clock.now())
    return "j.dupont0001"


def arm(control: Control, **body: Any) -> TestResponse:
    return control.ask("POST", "faults", json=body)


# --- arming ----------------------------------------------------------------------------------------------------------------------------


def test_a_fault_is_armed_listed_and_disarmed(control: Control, joe: str) -> None:
    control.ask("PUT", "clock", json={"freeze": True})
    control.ask("PUT", "clock", json={"now": "2031-03-14T09:00:00Z"})
    asked = {"fault": "slow", "times": 3, "client_id": "ent", "identifiant": joe, "endpoint": "token", "seconds": 2.5}
    answer = arm(control, **asked)
    assert answer.status_code == 201
    told = answer.get_json()
    assert told == {**asked, "id": told["id"], "left": 3, "struck": 0, "armed_at": "2031-03-14T09:00:00Z"}
    other = arm(control, fault="http-503", times="always").get_json()
    assert (other["times"], other["left"], other["client_id"]) == ("always", "always", None)
    assert control.ask("GET", "faults").get_json() == [told, other]
    assert control.ask("DELETE", f"faults/{told['id']}").status_code == 204
    assert control.ask("GET", "faults").get_json() == [other]
    assert control.ask("DELETE", "faults").status_code == 204
    assert control.ask("GET", "faults").get_json() == []


@pytest.mark.usefixtures("joe")
@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"data": "{"}, "must be a JSON object"),
        ({"json": ["slow"]}, "must be a JSON object"),
        ({"json": {}}, "fault must be a name of"),
        ({"json": {"fault": ["slow"]}}, "fault must be a name of"),
        ({"json": {"fault": "id-token-wrong-is"}}, "Perhaps one of: id-token-wrong-iss"),
        ({"json": {"fault": "slow", "count": 1}}, "Unknown member. Known here: fault, times, client_id,"),
        ({"json": {"fault": "slow", "times": 0}}, "times must be"),
        ({"json": {"fault": "slow", "times": True}}, "times must be"),
        ({"json": {"fault": "slow", "times": 1.5}}, "times must be"),
        ({"json": {"fault": "slow", "times": "often"}}, "times must be"),
        ({"json": {"fault": "slow", "times": 10**30}}, "times must be"),
        ({"json": {"fault": "slow", "seconds": 0}}, "seconds must be a number from 0.1 to 60"),
        ({"json": {"fault": "slow", "seconds": 61}}, "seconds must be"),
        ({"json": {"fault": "slow", "seconds": True}}, "seconds must be"),
        ({"data": '{"fault": "slow", "seconds": NaN}'}, "seconds must be"),
        ({"json": {"fault": "slow", "seconds": "2"}}, "seconds must be"),
        ({"json": {"fault": "http-503", "seconds": 2}}, "seconds is for slow alone"),
        ({"json": {"fault": "jwks-stale", "endpoint": "token"}}, "jwks-stale bites at: jwks"),
        ({"json": {"fault": "slow", "endpoint": "nowhere"}}, "slow bites at: par, token,"),
        ({"json": {"fault": "slow", "endpoint": ["token"]}}, "slow bites at: par, token,"),
        ({"json": {"fault": "slow", "client_id": "nobody"}}, "No client has this client_id"),
        ({"json": {"fault": "slow", "client_id": "ent\x00"}}, "No client has this client_id"),
        ({"json": {"fault": "slow", "client_id": "\ud800"}}, "No client has this client_id"),
        ({"json": {"fault": "slow", "client_id": 3}}, "No client has this client_id"),
        ({"json": {"fault": "slow", "identifiant": "x.nobody0000"}}, "No account has this identifiant"),
        ({"json": {"fault": "slow", "identifiant": "\x00"}}, "No account has this identifiant"),
        ({"json": {"fault": "slow", "identifiant": 3}}, "No account has this identifiant"),
        ({"json": {"fault": "jwks-stale", "client_id": "ent"}}, "client_id is known only at: authorization, par,"),
        ({"json": {"fault": "slow", "endpoint": "discovery", "client_id": "ent"}}, "client_id is known only at:"),
        ({"json": {"fault": "jwks-empty", "identifiant": "j.dupont0001"}}, "identifiant is known only at: authorization,"),
        ({"json": {"fault": "slow", "endpoint": "par", "identifiant": "j.dupont0001"}}, "identifiant is known only at:"),
        ({"json": {"fault": "id-token-expired", "client_id": "sealed"}}, "its ID tokens are encrypted for its own key"),
        ({"json": {"fault": "userinfo-wrong-sub", "client_id": "sealed"}}, "its userinfo is encrypted for its own key"),
        ({"json": {"fault": "userinfo-hs256", "client_id": "sealed"}}, "its userinfo is encrypted for its own key"),
        ({"json": {"fault": "claims-without-date", "client_id": "sealed"}}, "its userinfo is encrypted"),
        ({"json": {"fault": "userinfo-hs256", "client_id": "ent"}}, "its userinfo is plain JSON"),
        ({"json": {"fault": "logout-token-twice", "client_id": "ent"}}, "it has no backchannel_logout_uri"),
    ],
)  # fmt: skip
def test_what_would_strike_nothing_is_refused_with_a_sentence(
    control: Control, body: dict[str, Any], words: str
) -> None:
    answer = control.ask("POST", "faults", **body)
    assert (answer.status_code, answer.mimetype) == (422, "application/problem+json")
    assert words in answer.get_json()["detail"]
    assert control.ask("GET", "faults").get_json() == []


@pytest.mark.parametrize("armed", ["1", "0", "99999999999999999999999"])
def test_what_is_not_armed_cannot_be_disarmed(control: Control, armed: str) -> None:
    answer = control.ask("DELETE", f"faults/{armed}")
    assert (answer.status_code, answer.mimetype) == (404, "application/problem+json")
    assert answer.get_json()["detail"].startswith("No fault has this id")


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "faults"), ("POST", "faults"), ("DELETE", "faults"), ("DELETE", "faults/1"), ("GET", "faults/catalogue")],
)
def test_an_unknown_parameter_is_refused(control: Control, method: str, path: str) -> None:
    answer = control.ask(method, f"{path}?client_id=ent", json={"fault": "slow"})
    assert answer.status_code == 400


@pytest.mark.parametrize(("method", "path"), [("POST", "faults"), ("DELETE", "faults"), ("DELETE", "faults/1")])
def test_a_page_of_another_origin_can_arm_and_disarm_nothing(control: Control, method: str, path: str) -> None:
    arm(control, fault="http-503")
    answer = control.ask(method, path, headers={"Origin": "https://evil.example"}, json={"fault": "slow"})
    assert answer.status_code == 403
    assert len(control.ask("GET", "faults").get_json()) == 1


def test_there_are_so_many_at_once(control: Control) -> None:
    for _ in range(MOST_ARMED):
        assert arm(control, fault="http-503").status_code == 201
    answer = arm(control, fault="http-503")
    assert (answer.status_code, answer.mimetype) == (409, "application/problem+json")


def test_the_catalogue_has_every_fault_with_all_that_is_to_know(control: Control) -> None:
    told = control.ask("GET", "faults/catalogue").get_json()
    assert [one["fault"] for one in told] == list(CATALOGUE)
    for one in told:
        assert one["about"].endswith((".", "`."))
        assert one["sound_client"].endswith(".")
        assert one["text"]
        assert one["endpoints"]
        assert one["login_hint"] is not ANONYMOUS.issuperset(one["endpoints"])


def test_a_fault_s_name_is_of_small_letters_and_hyphens() -> None:
    for name in CATALOGUE:
        assert all(word.isalnum() and word == word.lower() for word in name.split("-")), name


# --- what is left alone ----------------------------------------------------------------------------------------------------------------


@contextmanager
def counted(world: World) -> Iterator[list[str]]:
    """Count statements about faults, and nothing else: a test's clock asks too."""
    statements: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
        if "armed_fault" in statement or "fault_flow" in statement:
            statements.append(statement)

    event.listen(world.engine, "before_cursor_execute", note)
    yield statements
    event.remove(world.engine, "before_cursor_execute", note)


ASKED = RelyingParty(BASE).authorization_uri().removeprefix(BASE)
SILENT = RelyingParty(BASE).authorization_uri(prompt="none").removeprefix(BASE)


@pytest.mark.parametrize(
    ("method", "path", "reads"),
    [
        ("GET", DISCOVERY, 1),
        ("GET", JWKS, 1),
        ("POST", "/idp/profile/oidc/token", 1),
        ("GET", "/idp/profile/oidc/userinfo", 1),
        ("POST", "/idp/profile/oidc/introspect", 1),
        ("POST", "/idp/profile/oidc/revoke", 1),
        ("POST", "/idp/profile/oidc/par", 1),
        ("GET", SILENT, 1),
        ("GET", f"{SILENT}&d=a-handle", 1),
        ("GET", ASKED, 0),
        ("GET", "/connexion", 0),
        ("GET", "/sandbox/messages", 0),
        ("GET", "/no-such-page", 0),
        ("GET", "/healthz", 0),
    ],
)
def test_where_nothing_is_armed_an_answer_costs_one_read_at_most(
    world: World, method: str, path: str, reads: int
) -> None:
    client = build_pages(world).test_client()
    with counted(world) as statements:
        client.open(path, method=method, base_url=BASE)
    assert len(statements) == reads, statements


def without_sandbox(world: World) -> FlaskClient:
    sandbox = world.settings.sandbox.model_copy(update={"enabled": False})
    settings = world.settings.model_copy(update={"sandbox": sandbox})
    return build_pages(replace(world, settings=settings)).test_client()


@pytest.mark.parametrize("path", [DISCOVERY, JWKS, SILENT])
def test_an_instance_without_the_control_api_asks_nothing_and_meets_nothing(
    world: World, control: Control, path: str
) -> None:
    arm(control, fault="http-503", times="always")
    client = without_sandbox(world)
    with counted(world) as statements:
        answer = client.get(path, base_url=BASE)
    assert statements == []
    assert answer.status_code != 503
    hinted = client.get(f"{ASKED}&login_hint=fault:nonsense", base_url=BASE)
    assert hinted.status_code == 303, "an identifiant that nobody has"


@pytest.mark.parametrize("path", [DISCOVERY, JWKS, SILENT, ASKED, "/idp/profile/oidc/userinfo", "/connexion"])
def test_what_no_fault_meets_goes_out_byte_for_byte(world: World, control: Control, path: str) -> None:
    def ask() -> tuple[int, list[tuple[str, str]], bytes]:
        answer = build_pages(world).test_client().get(path, base_url=BASE)
        varies = {"Set-Cookie", "Location"} if path in {ASKED, "/connexion"} else set()
        return answer.status_code, [one for one in answer.headers if one[0] not in varies], answer.get_data()

    before = ask()
    for fault in ("id-token-expired", "logout-token-twice", "userinfo-hs256"):
        arm(control, fault=fault, times="always")
    arm(control, fault="http-503", times="always", endpoint="par")
    if path == "/connexion":
        assert (ask()[0], before[0]) == (303, 303)
    else:
        assert ask() == before


def test_another_process_meets_with_its_next_answer_what_this_one_armed(world: World, control: Control) -> None:
    other = build_world(world.settings)
    client = build_pages(other).test_client()
    assert client.get(JWKS, base_url=BASE).status_code == 200
    arm(control, fault="http-503", endpoint="jwks")
    assert client.get(JWKS, base_url=BASE).status_code == 503
    assert control.client.get(JWKS, base_url=BASE).status_code == 200
    other.engine.dispose()


def test_a_preflight_meets_nothing(control: Control) -> None:
    arm(control, fault="http-503", times="always")
    assert control.client.options("/idp/profile/oidc/token", base_url=BASE).status_code == 200


def test_what_another_version_armed_strikes_nothing(world: World, control: Control) -> None:
    ArmedFaults(world.engine).arm("a-fault-of-tomorrow", at=datetime(2031, 3, 14, tzinfo=UTC), most=MOST_ARMED)
    assert control.client.get(JWKS, base_url=BASE).status_code == 200


def test_so_many_answers_are_held_back_at_once_and_the_others_go_out_in_time(
    world: World, control: Control, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fault_hook, "MOST_SLOW", 1)
    app = build_pages(world)
    waits: list[float] = []

    def sleep(seconds: float) -> None:
        waits.append(seconds)
        if len(waits) == 1:
            assert app.test_client().get(JWKS, base_url=BASE).status_code == 200

    hook = FaultHook(FaultBoard(ArmedFaults(world.engine), world), world.gate.left, sleep)
    app.after_request_funcs[None] = [hook.strike]
    arm(control, fault="slow", endpoint="jwks", times=2, seconds=7)
    app.test_client().get(JWKS, base_url=BASE)
    assert waits == [7]
    assert [one["left"] for one in control.ask("GET", "faults").get_json()] == [0]


def test_encrypted_tokens_go_out_as_they_are_and_use_no_fault_up(world: World, control: Control) -> None:
    arm(control, fault="id-token-expired", times=1)
    board = FaultBoard(ArmedFaults(world.engine), world)
    encrypted = Answer(body=b'{"id_token": "a.b.c.d.e", "access_token": "x"}')

    def nobody() -> Any:
        raise AssertionError("nobody need know whose it is")

    assert board.strike(board.load_waiting(), Endpoint.TOKEN, encrypted, nobody) is None
    assert [one["left"] for one in control.ask("GET", "faults").get_json()] == [1]
