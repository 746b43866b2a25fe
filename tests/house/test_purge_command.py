"""`preau purge`, and the purge that the server does by itself: what an operator reads, and what happens."""

import signal
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from structlog.testing import capture_logs

from idp.adapters import clock
from idp.cli import main
from idp.retention import purge_until
from idp.settings import create_master_key, load_settings
from idp.world import World, build_world, run_outbox
from tests.contracts.rows import add_account
from tests.house.serving import eventually
from tests.house.test_outbox_threads import Teller
from tests.support.databases import make_tables
from tests.support.server import write_settings

DAY = timedelta(days=1)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return write_settings(tmp_path, 8400, more="retention.warnings_per_hour = 2")


@pytest.fixture
def world(path: Path) -> Iterator[World]:
    settings = load_settings(path)
    create_master_key(settings.master_key_file)
    make_tables(settings.database_url)
    world = build_world(settings)
    yield world
    world.engine.dispose()


def preau(path: Path, *words: str) -> Result:
    return CliRunner().invoke(main, ["--config", str(path), *words])


def pass_days(world: World, days: float) -> None:
    assert isinstance(world.clock, clock.TestClock)
    world.clock.advance(days * DAY)


def test_it_says_in_counts_what_it_would_do_and_what_it_did(path: Path, world: World) -> None:
    for number in range(3):
        add_account(world.stores, world.clock.now(), number)
    nothing = "0 persons warned, 0 unused accounts and 0 accounts as asked closed, 0 lines of the audit trail and 0 messages forgotten."
    assert preau(path, "purge").output == f"Done: {nothing}\n"
    pass_days(world, 340)
    dry, done = preau(path, "purge", "--dry-run"), preau(path, "purge")
    assert (dry.exit_code, done.exit_code) == (0, 0)
    assert dry.output == (
        f"To be done: {nothing.replace('0 persons warned', '3 persons warned (3 cannot be reached)')}\n"
    )
    assert done.output == (
        f"Done: {nothing.replace('0 persons warned', '2 persons warned (2 cannot be reached)')}\n"
        "More persons are to be warned than one hour may see (retention.warnings_per_hour): run this again.\n"
    )
    pass_days(world, 23)
    preau(path, "purge")
    pass_days(world, 7)
    assert "2 unused accounts and 0 accounts as asked closed" in preau(path, "purge").output


def test_long_work_shows_how_far_it_is(path: Path, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("idp.cli_purge._PROGRESS_SECONDS", 0.0)
    add_account(world.stores, world.clock.now())
    pass_days(world, 340)
    done = preau(path, "purge")
    assert done.stderr.startswith("So far: 1 person warned (1 cannot be reached)")


def test_a_database_that_refuses_is_said_in_one_sentence_and_the_exit_status_is_1(path: Path) -> None:
    create_master_key(load_settings(path).master_key_file)
    refused = preau(path, "purge")
    assert (refused.exit_code, refused.stdout) == (1, "")
    assert refused.stderr == "The database refuses: no such table: test_clock.\n"


def test_the_server_purges_until_it_stops_and_says_what_it_did(world: World) -> None:
    add_account(world.stores, world.clock.now())
    pass_days(world, 340)
    stop = threading.Event()
    with capture_logs() as lines:
        thread = threading.Thread(target=purge_until, args=(world, stop))
        thread.start()
        eventually(lambda: any(line["event"] == "purged" for line in lines), "it was done")
        stop.set()
        thread.join(30)
    assert not thread.is_alive()
    [line] = [line for line in lines if line["event"] == "purged"]
    assert (line["warned"], line["unreachable"], line["closed"], line["postponed"]) == (1, 1, 0, False)


def test_a_database_that_does_not_answer_is_waited_for(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("idp.retention._BROKEN_SECONDS", 0.05)
    add_account(world.stores, world.clock.now())
    pass_days(world, 340)
    stop = threading.Event()
    with world.engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE closing_warning RENAME TO elsewhere")
    with capture_logs() as lines:
        thread = threading.Thread(target=purge_until, args=(world, stop))
        thread.start()
        eventually(lambda: any("stopped" in line["event"] for line in lines), "it failed")
        with world.engine.begin() as connection:
            connection.exec_driver_sql("ALTER TABLE elsewhere RENAME TO closing_warning")
        eventually(lambda: any(line["event"] == "purged" for line in lines), "it went on")
        stop.set()
        thread.join(30)


REAL = (
    'issuer = "https://idp.example.org"\nmaster_key_file = "{0}/master.key"\ndatabase_url = "sqlite:///{0}/preau.db"\n'
)


@pytest.mark.parametrize(
    ("more", "is_test_instance", "purges"),
    [("", False, True), ("retention.every_hours = 0", False, False), ("retention.every_hours = 5", True, False)],
)
def test_the_server_purges_by_itself_unless_it_is_told_not_to_and_a_test_instance_never_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, more: str, *, is_test_instance: bool, purges: bool
) -> None:
    file = tmp_path / "real.toml"
    file.write_text(f"{REAL.format(tmp_path)}{more}\n", encoding="utf-8")
    settings = load_settings(write_settings(tmp_path, 8400, more=more) if is_test_instance else file)
    create_master_key(settings.master_key_file)
    make_tables(settings.database_url)
    begun: list[str] = []
    monkeypatch.setattr("idp.retention.purge_until", lambda *_: begun.append(threading.current_thread().name))
    monkeypatch.setattr("idp.world.build_logout_worker", lambda _: Teller())
    handler = signal.getsignal(signal.SIGTERM)
    try:
        run_outbox(settings)
    finally:
        signal.signal(signal.SIGTERM, handler)
    assert begun == (["retention"] if purges else [])
