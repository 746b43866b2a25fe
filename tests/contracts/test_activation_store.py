from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import Engine, text

from idp.adapters.secrets import MasterKey
from idp.adapters.stores import SqlStores
from tests.contracts.rows import activation, interaction


def test_an_activation_is_found_by_its_present_and_by_its_former_browser(stores: SqlStores, now: datetime) -> None:
    row = activation(now)
    with stores.writing() as desk:
        desk.activations.add_activation(row)
    moved = replace(row, browser_hash="new", former_browser_hash="browser", turn=1, step="kinship", state=b"later")
    with stores.writing() as desk:
        assert desk.activations.save_activation(moved, expected_turn=0)
    with stores.reading() as desk:
        assert desk.activations.load_activation("new") == moved
        assert desk.activations.load_activation("browser") == moved
        assert desk.activations.load_activation("nobody") is None


def test_of_fifty_threads_one_wins_a_turn(stores: SqlStores, now: datetime) -> None:
    with stores.writing() as desk:
        desk.activations.add_activation(activation(now))

    def save(number: int) -> bool:
        with stores.writing() as desk:
            row = replace(activation(now), turn=1, state=str(number).encode())
            return desk.activations.save_activation(row, expected_turn=0)

    with ThreadPoolExecutor(50) as pool:
        won = list(pool.map(save, range(50)))
    assert won.count(True) == 1
    with stores.reading() as desk:
        kept = desk.activations.load_activation("browser")
    assert kept is not None
    assert int(kept.state) == won.index(True)


def test_what_was_typed_is_sealed_with_a_key_that_is_not_in_the_database(
    stores: SqlStores, engine: Engine, now: datetime
) -> None:
    with stores.writing() as desk:
        desk.activations.add_activation(activation(now))
        desk.interactions.add_interaction(interaction(now))
    with engine.connect() as connection:
        raw = b"".join(
            bytes(value)
            for row in connection.execute(text("SELECT state, last_answer FROM activation"))
            for value in row
        )
        for column in ("request", "step_up"):
            raw += bytes(connection.execute(text(f"SELECT {column} FROM interaction")).scalar_one())  # noqa: S608  our own
    assert b"DUPONT" not in raw
    assert b"state" not in raw
    other = SqlStores(engine, MasterKey(b"k" * 32))
    with other.reading() as desk, pytest.raises(ValueError, match="not sealed with this key"):
        desk.activations.load_activation("browser")


def test_an_erased_activation_is_gone(stores: SqlStores, engine: Engine, now: datetime) -> None:
    with stores.writing() as desk:
        desk.activations.add_activation(activation(now))
    with stores.writing() as desk:
        desk.activations.erase_activation("activation")
    with engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM activation")).scalar_one() == 0


def test_an_interaction_is_found_by_handle_and_by_id_and_one_wins_its_turn(stores: SqlStores, now: datetime) -> None:
    row = interaction(now)
    with stores.writing() as desk:
        desk.interactions.add_interaction(row)

    def save(number: int) -> bool:
        with stores.writing() as desk:
            return desk.interactions.save_interaction(replace(row, turn=1, session_id=f"sid {number}"), expected_turn=0)

    with ThreadPoolExecutor(50) as pool:
        won = list(pool.map(save, range(50)))
    assert won.count(True) == 1
    with stores.reading() as desk:
        kept = desk.interactions.load_interaction("handle")
        assert kept == desk.interactions.load_interaction_by_id("interaction")
        assert kept == replace(row, turn=1, session_id=f"sid {won.index(True)}")
        assert desk.interactions.load_interaction("another") is None


def test_activations_that_have_not_run_out_are_listed_opened_the_oldest_first(stores: SqlStores, now: datetime) -> None:
    first, second = activation(now), replace(activation(now + timedelta(seconds=1)), id="second", browser_hash="two")
    with stores.writing() as desk:
        desk.activations.add_activation(second)
        desk.activations.add_activation(first)
    with stores.reading() as desk:
        assert desk.activations.load_activations(now) == [first, second]
        assert desk.activations.load_activations(first.expires_at) == [second]
