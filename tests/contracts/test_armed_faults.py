"""Faults that testers armed, on both databases: who meets them, how often, and when they are forgotten."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import Engine, create_engine

from idp.adapters import armed_faults
from idp.adapters.armed_faults import ArmedFaults, GrantOwner
from idp.adapters.reset import back_to_seed
from idp.adapters.secrets import MasterKey
from idp.adapters.stores import SqlStores
from idp.journeys.families.armed import arm_faults
from idp.journeys.families.reading import read_document
from idp.journeys.fault_ports import StandingFault
from tests.contracts.rows import add_account, add_session_with_grants, refresh_token_of

MOST = 10


@pytest.fixture
def board(engine: Engine) -> ArmedFaults:
    return ArmedFaults(engine)


def arm(board: ArmedFaults, now: datetime, fault: str = "http-503", times: int | None = 1) -> int:
    armed = board.arm(fault, at=now, times=times, most=MOST)
    assert armed is not None
    return armed.id


def test_what_is_armed_waits_in_its_order_with_all_that_was_asked_for(board: ArmedFaults, now: datetime) -> None:
    first = board.arm(
        "slow",
        at=now,
        client_id="ent",
        identifiant="j.dupont0001",
        endpoint="token",
        options={"seconds": 2.5},
        times=3,
        most=MOST,
    )
    second = board.arm("http-503", at=now, most=MOST)
    assert first is not None
    assert (first.fault, first.client_id, first.identifiant, first.endpoint) == ("slow", "ent", "j.dupont0001", "token")
    assert (first.options, first.times, first.struck, first.armed_at) == ({"seconds": 2.5}, 3, 0, now)
    assert board.load_waiting() == [first, second]
    assert board.load_of_testers() == [first, second]


def test_a_fault_strikes_as_often_as_it_was_armed_and_is_counted(board: ArmedFaults, now: datetime) -> None:
    once, always = arm(board, now), arm(board, now, times=None)
    assert [board.strike(once), board.strike(once), board.strike(always), board.strike(always)] == [
        True,
        False,
        True,
        True,
    ]
    assert [one.id for one in board.load_waiting()] == [always]
    assert [(one.id, one.struck) for one in board.load_of_testers()] == [(once, 1), (always, 2)]


def test_of_many_answers_at_once_one_is_struck(board: ArmedFaults, now: datetime) -> None:
    once = arm(board, now)
    with ThreadPoolExecutor(16) as threads:
        won = list(threads.map(lambda _: board.strike(once), range(50)))
    assert sum(won) == 1


def test_what_is_disarmed_strikes_no_more(board: ArmedFaults, now: datetime) -> None:
    one, other = arm(board, now), arm(board, now)
    board.bind(one, ["a"])
    assert board.disarm(one)
    assert not board.disarm(one)
    assert not board.strike(one)
    assert [left.id for left in board.load_waiting()] == [other]
    assert board.follow(["a"]) == frozenset()
    board.bind(other, ["b"])
    board.disarm_all()
    assert board.load_waiting() == []
    assert board.follow(["b"]) == frozenset()


def test_there_are_so_many_at_once_and_no_more(board: ArmedFaults, now: datetime) -> None:
    for _ in range(MOST):
        arm(board, now)
    board.arm_flow("http-503", None, at=now, until=now + timedelta(hours=1))
    assert board.arm("http-503", at=now, most=MOST) is None
    assert len(board.load_of_testers()) == MOST


def test_a_sign_in_is_tied_to_its_own_fault(board: ArmedFaults, now: datetime) -> None:
    one = board.arm_flow("http-503", "token", at=now, until=now + timedelta(hours=1))
    other = board.arm_flow("http-502", None, at=now, until=now + timedelta(hours=1))
    board.bind(one, ["handle", "family"])
    board.bind(other, ["another", "family"])
    assert board.follow(["family"]) == {one}, "what is tied stays so"
    assert board.follow(["nothing", "another"]) == {other}
    assert board.follow([]) == frozenset()
    assert board.load_of_testers() == [], "no tester armed them"
    assert [(left.fault, left.endpoint) for left in board.load_waiting()] == [("http-503", "token"), ("http-502", None)]


def test_faults_of_old_sign_ins_are_forgotten_when_another_begins(board: ArmedFaults, now: datetime) -> None:
    later = now + timedelta(hours=1)
    old = board.arm_flow("http-503", None, at=now, until=later)
    board.bind(old, ["old"])
    kept = arm(board, now)
    new = board.arm_flow("http-503", None, at=later, until=later + timedelta(hours=1))
    assert [one.id for one in board.load_waiting()] == [kept, new]
    assert board.follow(["old"]) == frozenset()


def test_there_are_so_many_sign_ins_with_a_fault_and_the_oldest_give_way(
    board: ArmedFaults, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(armed_faults, "_TOO_MANY", armed_faults._TOO_MANY.offset(2))  # three at once instead of 200
    made = [board.arm_flow("http-503", None, at=now, until=now + timedelta(hours=1)) for _ in range(5)]
    assert [one.id for one in board.load_waiting()] == made[2:]


def test_nothing_is_tied_to_what_is_no_longer_there(board: ArmedFaults, now: datetime) -> None:
    gone = board.arm_flow("http-503", None, at=now, until=now + timedelta(hours=1))
    board.disarm(gone)
    board.bind(gone, ["late"])
    assert board.load_waiting() == []
    assert board.follow(["late"]) == frozenset()


def test_it_knows_whose_a_code_and_a_token_are(stores: SqlStores, board: ArmedFaults, now: datetime) -> None:
    code = add_session_with_grants(stores, now)
    with stores.writing() as desk:
        desk.grants.add_refresh_token(refresh_token_of(code, now))
    owner = GrantOwner("ent", "j.dupont0001", "family", "sid")
    assert board.find_owner("authorization-code", "code") == owner
    assert board.find_owner("access-token", "token") == owner
    assert board.find_owner("refresh-token", "refresh") == owner
    assert board.find_owner("access-token", "code") is None
    assert board.find_person_of("sid") == "j.dupont0001"
    assert board.find_person_of("another") is None
    assert board.knows_person("j.dupont0001")
    assert not board.knows_person("x.nobody0000")


def test_the_seed_knows_no_fault(
    engine: Engine, stores: SqlStores, secrets: MasterKey, board: ArmedFaults, now: datetime
) -> None:
    add_account(stores, now)
    board.bind(arm(board, now), ["key"])
    back_to_seed(engine, secrets)
    assert board.load_of_testers() == []
    assert board.follow(["key"]) == frozenset()


def standing(key: str = "late", fault: str = "slow", **more: Any) -> StandingFault:
    nothing = {"client_id": None, "identifiant": None, "endpoint": None, "times": 2, "seconds": 2.5}
    return StandingFault(key=key, fault=fault, **{**nothing, **more})


def test_a_fault_of_a_document_takes_the_place_of_what_is_armed_under_its_key(
    stores: SqlStores, board: ArmedFaults, now: datetime
) -> None:
    by_hand = arm(board, now)
    for one in (standing(), standing("other", "http-503", seconds=None), standing(client_id="ent", endpoint="token")):
        with stores.writing() as desk:
            desk.standing_faults.arm(one, now)
    kept, other, late = board.load_of_testers()
    assert kept.id == by_hand
    assert (other.fault, other.options) == ("http-503", {"key": "other"})
    assert (late.client_id, late.endpoint, late.times, late.struck) == ("ent", "token", 2, 0)
    assert late.options == {"key": "late", "seconds": 2.5}
    with stores.writing() as desk:
        desk.standing_faults.disarm("late")
        desk.standing_faults.disarm("nothing")
    assert [one.id for one in board.load_of_testers()] == [kept.id, other.id]


def test_two_replicas_that_start_arm_a_fault_of_a_document_once(
    stores: SqlStores, board: ArmedFaults, now: datetime
) -> None:
    text = '[[faults]]\nkey = "late"\nfault = "http-503"'
    together = Barrier(4)

    def load(_: int) -> list[str]:
        together.wait()
        return arm_faults([read_document(text, "one.toml")], stores, Still(now))

    with ThreadPoolExecutor(4) as threads:
        told = list(threads.map(load, range(4)))
    assert ["late"] in told
    assert len(board.load_of_testers()) == 1
    assert load_again(stores, text, now) == []


def test_the_seed_gives_a_fault_of_a_document_back_with_all_its_times(
    engine: Engine, stores: SqlStores, secrets: MasterKey, board: ArmedFaults, now: datetime
) -> None:
    assert load_again(stores, '[[faults]]\nkey = "late"\nfault = "http-503"', now) == ["late"]
    [armed] = board.load_of_testers()
    board.strike(armed.id)
    assert load_again(stores, '[[faults]]\nkey = "late"\nfault = "http-503"', now) == [], "used up is not new"
    assert board.load_waiting() == []
    back_to_seed(engine, secrets)
    [back] = board.load_waiting()
    assert (back.fault, back.times, back.struck) == ("http-503", 1, 0)
    assert load_again(stores, '[[faults]]\nkey = "late"\nfault = "http-502"\ntimes = "always"', now) == ["late"]
    [other] = board.load_waiting()
    assert (other.fault, other.times) == ("http-502", None)


def load_again(stores: SqlStores, text: str, now: datetime) -> list[str]:
    return arm_faults([read_document(text, "one.toml")], stores, Still(now))


class Still:
    """A clock that stands."""

    def __init__(self, now: datetime) -> None:
        self._now = now

    def now(self) -> datetime:
        """Return the one moment that there is."""
        return self._now


def test_without_a_database_nothing_strikes() -> None:
    assert ArmedFaults(create_engine("sqlite:////nowhere/at/all.db")).load_waiting() == ()
