"""kill -9 in the middle of a purge: no half account, nobody warned twice, and the next purge goes on (guarantee 14)."""

import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from idp.adapters import clock
from idp.adapters.consistency import find_violations
from idp.adapters.retention_tables import closing_warning
from idp.adapters.tables import account, audit, outbox
from idp.retention import build_retention
from idp.settings import create_master_key, load_settings
from idp.world import World, build_world
from tests.contracts.conftest import database_url
from tests.contracts.test_retention import World as Accounts
from tests.house.serving import eventually
from tests.support.databases import make_tables
from tests.support.server import write_settings

__all__ = ["database_url"]
DAY = timedelta(days=1)
PERSONS = 150


@pytest.fixture
def path(tmp_path: Path, database_url: str) -> Path:
    return write_settings(tmp_path, 8400, database_url=database_url, more="retention.warnings_per_hour = 1000")


@pytest.fixture
def world(path: Path) -> Iterator[World]:
    settings = load_settings(path)
    create_master_key(settings.master_key_file)
    make_tables(settings.database_url)
    world = build_world(settings)
    assert isinstance(world.clock, clock.TestClock)
    world.clock.freeze()
    accounts = Accounts(world.stores, world.secrets, world.clock.now())
    for number in range(PERSONS):
        accounts.add(number)
    yield world
    world.engine.dispose()


def count(world: World, event: str) -> int:
    with world.engine.connect() as connection:
        asked = select(func.count()).select_from(audit).where(audit.c.event == event)
        return int(connection.execute(asked).scalar_one())


def kill_in_the_middle(path: Path, world: World, event: str, already: int) -> int:
    """Let `preau purge` begin, kill it once it did some of its work, and return how much."""
    process = subprocess.Popen([sys.executable, "-m", "idp.cli", "--config", str(path), "purge"])  # noqa: S603  our own command
    try:
        eventually(lambda: count(world, event) > already, "it has begun")
    finally:
        os.kill(process.pid, signal.SIGKILL)
        process.wait(30)
    return count(world, event) - already


def test_a_purge_that_is_killed_leaves_whole_accounts_and_the_next_one_goes_on(path: Path, world: World) -> None:
    assert isinstance(world.clock, clock.TestClock)
    world.clock.advance(335 * DAY)
    assert 0 < kill_in_the_middle(path, world, "account.closing-announced", 0) <= PERSONS
    check(world)
    build_retention(world).run()
    check(world)
    with world.engine.connect() as connection:
        lines = connection.execute(select(audit.c.account_id).where(audit.c.event == "account.closing-announced"))
        assert set(Counter(lines.scalars()).values()) == {1}, "each of them once"
        assert connection.execute(select(func.count()).select_from(outbox)).scalar_one() == PERSONS
    world.clock.advance(23 * DAY)
    build_retention(world).run()
    world.clock.advance(7 * DAY)
    assert 0 < kill_in_the_middle(path, world, "account.removed", 0) <= PERSONS
    check(world)
    build_retention(world).run()
    assert count(world, "account.removed") == PERSONS
    with world.engine.connect() as connection:
        assert connection.execute(select(func.count()).select_from(account)).scalar_one() == 0


def check(world: World) -> None:
    """Of each account there is all or nothing, and each is where some purge looks at it."""
    with world.engine.connect() as connection:
        accounts = set(connection.execute(select(account.c.id)).scalars())
        warned = set(connection.execute(select(closing_warning.c.account_id)).scalars())
        removed = set(
            connection.execute(select(audit.c.account_id).where(audit.c.event == "account.removed")).scalars()
        )
    assert warned <= accounts
    assert not removed & accounts
    assert len(accounts) + len(removed) == PERSONS
    found = find_violations(world.engine, world.secrets, world.clock.now(), keeps_bodies=True)
    # The pages would have made these accounts otherwise: of the rest, nothing is half.
    assert not [one for one in found if "which is not there" in one or "warned" in one or "Message" in one]
