from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest

from idp.adapters.stores import SqlStores
from idp.journeys.rows import Ceiling, QuotaState

HOUR = timedelta(hours=1)


def _take(stores: SqlStores, key: str, now: datetime, limit: int = 2) -> QuotaState:
    with stores.writing() as desk:
        return desk.quotas.take(key, limit=limit, window=HOUR, now=now)


def _look(stores: SqlStores, key: str, now: datetime, limit: int = 2) -> QuotaState:
    with stores.reading() as desk:
        return desk.quotas.load_quotas({key: limit}, now=now)[key]


def test_uses_are_allowed_up_to_the_limit_and_refused_after_it(stores: SqlStores, now: datetime) -> None:
    states = [_take(stores, "sms:a", now + timedelta(minutes=minute)) for minute in range(3)]
    assert [(state.allowed, state.used) for state in states] == [(True, 1), (True, 2), (False, 3)]


def test_the_window_begins_with_the_first_use_and_is_not_prolonged_by_others(stores: SqlStores, now: datetime) -> None:
    _take(stores, "sms:a", now)
    assert _take(stores, "sms:a", now + timedelta(minutes=59)).resets_at == now + HOUR


def test_a_new_window_begins_at_the_very_moment_the_former_one_ends(stores: SqlStores, now: datetime) -> None:
    for _ in range(3):
        _take(stores, "sms:a", now)
    assert not _take(stores, "sms:a", now + HOUR - timedelta(microseconds=1)).allowed
    assert _take(stores, "sms:a", now + HOUR) == QuotaState(allowed=True, used=1, resets_at=now + 2 * HOUR)


def test_keys_do_not_share_a_counter(stores: SqlStores, now: datetime) -> None:
    for _ in range(3):
        _take(stores, "sms:a", now)
    assert _take(stores, "sms:b", now).used == 1


def test_looking_counts_nothing_and_tells_whether_one_more_would_pass(stores: SqlStores, now: datetime) -> None:
    assert _look(stores, "sms:a", now) == QuotaState(allowed=True, used=0, resets_at=now)
    _take(stores, "sms:a", now)
    assert _look(stores, "sms:a", now) == _look(stores, "sms:a", now) == QuotaState(True, 1, now + HOUR)
    _take(stores, "sms:a", now)
    assert not _look(stores, "sms:a", now).allowed
    assert _look(stores, "sms:a", now + HOUR) == QuotaState(allowed=True, used=0, resets_at=now + HOUR)


def test_a_forgotten_counter_begins_again(stores: SqlStores, now: datetime) -> None:
    for _ in range(3):
        _take(stores, "sms:a", now)
    with stores.writing() as desk:
        desk.quotas.forget("sms:a")
    assert _take(stores, "sms:a", now).used == 1


def test_fifty_threads_are_counted_one_by_one(stores: SqlStores, now: datetime) -> None:
    with ThreadPoolExecutor(50) as pool:
        states = list(pool.map(lambda _: _take(stores, "sms:a", now, limit=20), range(50)))
    assert sorted(state.used for state in states) == list(range(1, 51))
    assert sum(state.allowed for state in states) == 20


def test_a_use_in_a_transaction_that_fails_is_not_counted(stores: SqlStores, now: datetime) -> None:
    def fail_halfway() -> None:
        with stores.writing() as desk:
            desk.quotas.take("sms:a", limit=2, window=HOUR, now=now)
            raise LookupError

    with pytest.raises(LookupError):
        fail_halfway()
    assert _look(stores, "sms:a", now).used == 0


def test_several_ceilings_are_counted_at_once_each_with_its_window(stores: SqlStores, now: datetime) -> None:
    both = [Ceiling("sms:b", 2, HOUR), Ceiling("sms:a", 1, 2 * HOUR)]
    for _ in range(2):
        with stores.writing() as desk:
            states = desk.quotas.take_all(both, now=now)
    assert states == {
        "sms:a": QuotaState(allowed=False, used=2, resets_at=now + 2 * HOUR),
        "sms:b": QuotaState(allowed=True, used=2, resets_at=now + HOUR),
    }
    assert _take(stores, "sms:b", now + HOUR).used == 1


def test_a_use_that_is_given_back_was_never_counted(stores: SqlStores, now: datetime) -> None:
    _take(stores, "sms:a", now)
    with stores.writing() as desk:
        desk.quotas.take_all([Ceiling("sms:a", 2, HOUR), Ceiling("sms:b", 2, HOUR)], now=now)
        desk.quotas.give_back(["sms:a", "sms:b"])
    assert (_look(stores, "sms:a", now).used, _look(stores, "sms:b", now).used) == (1, 0)


def test_fifty_threads_that_count_against_the_same_ceilings_in_any_order_never_wait_for_one_another_for_ever(
    stores: SqlStores, now: datetime
) -> None:
    names = [f"sms:{letter}" for letter in "abcdefgh"]

    def take(turn: int) -> int:
        ceilings = [Ceiling(name, 20, HOUR) for name in (names if turn % 2 else reversed(names))]
        with stores.writing() as desk:
            return sum(state.allowed for state in desk.quotas.take_all(ceilings, now=now).values())

    with ThreadPoolExecutor(50) as pool:
        allowed = list(pool.map(take, range(50)))
    assert sorted(allowed) == [0] * 30 + [8] * 20


def test_a_ceiling_that_is_filled_lets_nothing_through_until_its_window_ends(stores: SqlStores, now: datetime) -> None:
    _take(stores, "sms:a", now - timedelta(minutes=50))
    for key in ("sms:a", "sms:b"):
        with stores.writing() as desk:
            desk.quotas.fill(Ceiling(key, 2, HOUR), now=now)
        assert _look(stores, key, now) == QuotaState(allowed=False, used=2, resets_at=now + HOUR)
        assert not _take(stores, key, now + HOUR - timedelta(microseconds=1)).allowed
        assert _take(stores, key, now + HOUR).allowed
