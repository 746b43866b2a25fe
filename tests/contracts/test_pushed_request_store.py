"""Pushed requests: sealed, bound to their client, taken once, on SQLite and on PostgreSQL."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import IntegrityError

from idp.adapters.stores import SqlStores


@pytest.fixture
def later(now: datetime) -> datetime:
    return now + timedelta(seconds=60)


def add(stores: SqlStores, key: str, expires_at: datetime) -> None:
    with stores.writing() as desk:
        desk.pushed_requests.add_request(key, "ent", b'{"nonce": "n"}', expires_at)


def take(stores: SqlStores, key: str, now: datetime, client_id: str = "ent") -> bytes | None:
    with stores.writing() as desk:
        return desk.pushed_requests.take_request(key, client_id, now)


def test_of_fifty_threads_one_takes_a_request(stores: SqlStores, now: datetime, later: datetime) -> None:
    add(stores, "key", later)
    with ThreadPoolExecutor(50) as pool:
        taken = list(pool.map(lambda _: take(stores, "key", now), range(50)))
    assert sorted(one is not None for one in taken) == [False] * 49 + [True]
    assert b'{"nonce": "n"}' in taken


def test_another_client_takes_nothing_and_burns_nothing(stores: SqlStores, now: datetime, later: datetime) -> None:
    add(stores, "key", later)
    assert take(stores, "key", now, "other") is None
    assert take(stores, "key", now) is not None


def test_a_request_that_has_expired_or_was_never_pushed_is_not_there(
    stores: SqlStores, now: datetime, later: datetime
) -> None:
    add(stores, "key", later)
    add(stores, "just-in-time", later)
    assert take(stores, "key", later) is None
    assert take(stores, "just-in-time", later - timedelta(microseconds=1)) is not None
    assert take(stores, "unknown", now) is None


def test_what_was_pushed_is_sealed_and_a_key_is_used_once(stores: SqlStores, engine: Engine, later: datetime) -> None:
    add(stores, "key", later)
    with engine.connect() as connection:
        [kept] = connection.execute(text("SELECT request FROM pushed_request")).scalars()
    assert b"nonce" not in bytes(kept)
    with pytest.raises(IntegrityError):
        add(stores, "key", later)
