"""Sessions as a tester sees and ends them."""

from datetime import datetime, timedelta

import pytest

from idp.world import World
from tests.contracts.rows import add_session_with_grants, load_token, session_of
from tests.sandbox.conftest import Control

JOE = "j.dupont0001"


@pytest.fixture
def live(world: World) -> str:
    """Return the sid of a session in which one client was given tokens."""
    now = world.clock.now()
    code = add_session_with_grants(world.stores, now)
    with world.stores.writing() as desk:
        desk.sessions.add_session(session_of(code.account_id, now - timedelta(hours=1), "0" * 32))
    return code.session_id


def is_revoked(world: World) -> bool:
    with world.stores.reading() as desk:
        token = load_token(desk, "token")
    assert token is not None
    return token.revoked_at is not None


def test_they_are_listed_the_newest_first_with_their_clients(control: Control, live: str) -> None:
    told = control.ask("GET", f"sessions?identifiant={JOE}").get_json()
    assert [one["sid"] for one in told] == [live, "0" * 32]
    assert told[0]["clients"] == ["ent"]
    assert told[0]["ended_at"] is None
    assert datetime.fromisoformat(told[0]["expires_at"]) > datetime.fromisoformat(told[0]["auth_time"])


def test_one_is_ended_and_the_other_goes_on(control: Control, world: World, live: str) -> None:
    assert control.ask("DELETE", f"sessions/{'0' * 32}").get_json() == {"ended": 1}
    assert not is_revoked(world)
    told = control.ask("GET", f"sessions?identifiant={JOE}").get_json()
    assert [one["ended_at"] is None for one in told] == [True, False]
    assert control.ask("DELETE", f"sessions/{'0' * 32}").get_json() == {"ended": 0}
    [line] = control.ask("GET", "audit?event=session.ended").get_json()
    assert line["client_id"] is None
    assert live


@pytest.mark.usefixtures("live")
def test_all_of_a_person_s_are_ended_and_their_tokens_revoked(control: Control, world: World) -> None:
    assert control.ask("DELETE", f"sessions?identifiant={JOE}").get_json() == {"ended": 2}
    assert is_revoked(world)
    assert control.ask("DELETE", f"sessions?identifiant={JOE}").get_json() == {"ended": 0}
    assert len(control.ask("GET", "audit?event=session.ended").get_json()) == 1


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "sessions", 400),
        ("DELETE", "sessions", 400),
        ("DELETE", "sessions?identifiant=", 400),
        ("GET", "sessions?identifiant=x.nobody0000", 404),
        ("DELETE", "sessions?identifiant=x.nobody0000", 404),
        ("GET", "sessions?identifiant=nobody", 404),
        ("DELETE", "sessions/sid", 404),
        ("DELETE", f"sessions/{'f' * 32}", 404),
        ("DELETE", "sessions/%00", 404),
        ("DELETE", f"sessions/{'0' * 32}?identifiant={JOE}", 400),
    ],
)
def test_what_is_not_there_is_not_ended(control: Control, live: str, method: str, path: str, status: int) -> None:
    answer = control.ask(method, path)
    assert (answer.status_code, answer.mimetype) == (status, "application/problem+json")
    told = control.ask("GET", f"sessions?identifiant={JOE}").get_json()
    assert [one["ended_at"] for one in told] == [None, None]
    assert live
