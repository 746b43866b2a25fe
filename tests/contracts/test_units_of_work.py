from datetime import datetime

import pytest
from sqlalchemy import Engine, text

from idp.adapters.stores import SqlStores
from tests.contracts.rows import activation, add_account, session_of


def test_a_unit_that_fails_leaves_nothing(stores: SqlStores, engine: Engine, now: datetime) -> None:
    def fail() -> None:
        with stores.writing() as desk:
            desk.activations.add_activation(activation(now))
            desk.accounts.reserve_identifiant("j.dupont0001", now)
            raise LookupError

    with pytest.raises(LookupError):
        fail()
    with engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM activation")).scalar_one() == 0
        assert connection.execute(text("SELECT count(*) FROM identifiant")).scalar_one() == 0


def test_a_reader_holds_nothing_and_sees_what_others_commit_meanwhile(stores: SqlStores, now: datetime) -> None:
    account_id = add_account(stores, now)
    with stores.reading() as reading:
        assert reading.sessions.load_session_by_id("sid") is None
        with stores.writing() as desk:
            desk.sessions.add_session(session_of(account_id, now))
        assert reading.sessions.load_session_by_id("sid") is not None


def test_reads_and_writes_take_turns_on_one_connection(stores: SqlStores, now: datetime) -> None:
    for number in range(1, 4):
        account_id = add_account(stores, now, number)
        with stores.reading() as reading:
            assert reading.accounts.load_holder(account_id) is not None
