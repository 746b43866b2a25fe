"""The bench itself: it signs in on the real server, counts what the page says, and keeps its tables where they belong."""

import asyncio
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

import pytest

from bench import logins
from bench.browser import Browser
from bench.driver import drive, drive_at
from bench.places import add_accounts, fresh_database, make_place
from bench.results import keep, make_table
from bench.server import running
from bench.visitor import Visitor

T = TypeVar("T")
FULL_LOGIN = logins.OPERATIONS[0]


def run_apart(work: Coroutine[Any, Any, T]) -> T:
    """Run it in a thread: where a test before had a browser, this one has an event loop already."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, work).result()


@pytest.mark.parametrize("dialect", list(logins.DIALECTS))
def test_a_login_is_driven_charged_and_counted_on_the_real_server(dialect: str, tmp_path: Path) -> None:
    async def measure(base: str, roots: list[int]) -> None:
        crowd = [Visitor(base) for _ in range(2)]
        run = await drive(lambda one: FULL_LOGIN.act(crowd[one], one), visitors=2, count=4, roots=roots)
        assert run.count == len(run.waits) == 4
        assert run.server_cpu > 0
        statements, commits = await logins._count(FULL_LOGIN, crowd[0], crowd[0])
        # A sign-in commits three times (docs/performance.md): the request kept, the session with its code, the code spent.
        assert (commits, statements > commits) == (3, True)
        for visitor in crowd:
            await visitor.browser.close()

    with fresh_database(tmp_path, dialect) as database:
        add_accounts(database, 2)
        place = make_place(tmp_path, "counting", database)
        with running(place.settings, "counting") as server:
            run_apart(measure(place.base, [server, *database.roots]))


def test_a_person_who_comes_back_through_franceconnect_is_driven_and_counted(tmp_path: Path) -> None:
    with fresh_database(tmp_path, "sqlite") as database:
        add_accounts(database, 1)
        counts = run_apart(logins._count_all(tmp_path, database))
    # The request kept; left for FranceConnect; the proof taken, the session opened; the code; the code spent.
    assert counts["return from FranceConnect"][1] == 6
    assert set(counts) == {one.name for one in logins.OPERATIONS if one.kind != "whole"}


def test_a_wait_counts_from_when_the_operation_was_due() -> None:
    async def act(_: int) -> None:
        await asyncio.sleep(0.05)

    run = run_apart(drive_at(act, rate=1000, visitors=1, count=3, roots=[]))
    # One visitor: the third waits for the first two.
    assert run.waits[0] >= 0.05
    assert run.waits[2] >= 0.14


def test_a_table_takes_the_place_of_the_one_before(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("before\n<!-- costs -->\nold\n<!-- end of costs -->\nafter\n", encoding="utf-8")
    table = make_table(("what", "ms"), [("login", "8.5")])
    keep("costs", table, page=page)
    assert page.read_text(encoding="utf-8") == f"before\n<!-- costs -->\n{table}\n<!-- end of costs -->\nafter\n"
    with pytest.raises(LookupError):
        keep("elsewhere", table, page=page)


def test_a_deleted_cookie_is_not_sent_again() -> None:
    browser = Browser("http://localhost:1")
    browser._keep("preau_idp_session=abc; HttpOnly; Path=/")
    assert browser.cookies == {"preau_idp_session": "abc"}
    browser._keep("preau_idp_session=; Max-Age=0; Path=/")
    assert browser.cookies == {}
