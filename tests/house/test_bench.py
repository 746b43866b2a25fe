"""The bench itself: it signs in on the real server, counts what the page says, and keeps its tables where they belong."""

import asyncio
import sys
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

import pytest

from bench import beside, logins, purge, testers
from bench.browser import Browser
from bench.driver import Run, drive, drive_at
from bench.node_provider import find_node
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


@pytest.mark.parametrize("dialect", list(purge.DIALECTS))
def test_a_purge_in_which_everything_is_due_is_run_and_charged(dialect: str, tmp_path: Path) -> None:
    with fresh_database(tmp_path, dialect) as database:
        purge.fill(database, 6)
        found = purge.run_once(tmp_path, database, 6)  # which stops where it did something else
    assert (found.accounts, found.database) == (6, purge.DIALECTS[dialect])
    assert found.cpu > 0
    assert found.megabytes > 0


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


def test_a_ratio_is_taken_round_by_round_and_shown_with_its_quartiles() -> None:
    sides = [
        beside.Side("Préau, SQLite", ours=True, base="", roots=(), crowd=()),
        beside.Side("oidc-provider, memory", ours=False, base="", roots=(), crowd=()),
    ]
    costs = {"Préau, SQLite": [2.0, 30.0, 4.0], "oidc-provider, memory": [1.0, 10.0, 1.0]}
    heads, _, row = beside.tabulate(sides, {"full login": costs}).splitlines()
    assert [cell.strip() for cell in heads.strip("|").split("|")] == [
        "operation",
        "Préau on",
        "CPU-ms",
        "oidc-provider, memory",
        "ratio",
    ]
    # A median of ratios, which a slow round of both does not change; not a ratio of medians (4).
    assert [cell.strip() for cell in row.strip("|").split("|")] == [
        "full login",
        "SQLite",
        "4.00 (3.00 to 17.00)",
        "1.00 (1.00 to 5.50)",
        "3.00 (2.50 to 3.50)",
    ]


def test_a_bench_beside_node_without_node_says_what_is_missing(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match=r"no-node is missing: this bench needs Node \(apt-get install nodejs npm\)\."):
        find_node("no-node")
    with pytest.raises(SystemExit, match="oidc-provider is missing: `make bench-beside` installs it"):
        find_node(sys.executable, folder=tmp_path)


def test_what_one_of_both_cannot_do_is_left_out() -> None:
    class Telling(Visitor):
        """At a provider with these grants."""

        def __init__(self, *grants: str) -> None:
            super().__init__("http://localhost:1")
            self._grants = grants

        async def load_discovery(self) -> dict[str, Any]:
            return {"grant_types_supported": self._grants}

    def offer(*grants: str) -> list[str]:
        rich = Telling("authorization_code", "refresh_token", "client_credentials")
        sides = [beside.Side("", True, "", (), [one]) for one in (Telling(*grants), rich)]
        return [one.name for one in run_apart(beside.choose(sides))]

    every = [one.name for one in beside.OPERATIONS]
    assert offer("authorization_code", "refresh_token", "client_credentials") == every
    assert offer("authorization_code", "refresh_token") == [name for name in every if name != "client credentials"]
    assert offer("authorization_code") == ["full login", "sign-on with a live session", "userinfo", "discovery"]


def test_no_round_begins_after_its_time_but_three_are_always_made(monkeypatch: pytest.MonkeyPatch) -> None:
    async def run(*_: object) -> Run:
        return Run(1, 1.0, 0.001, 0.0, ())

    monkeypatch.setattr(beside, "_run", run)
    side = beside.Side("Préau", True, "", (), ())
    operations = beside.OPERATIONS[:1]
    late = run_apart(beside.measure([side], operations, seconds=0))
    assert late == {"full login": {"Préau": [1.0] * beside.FEWEST}}
    in_time = run_apart(beside.measure([side], operations, rounds=5))
    assert in_time == {"full login": {"Préau": [1.0] * 5}}


def test_what_a_tester_waits_for_is_timed_on_a_real_instance(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(testers, "STARTS", 2)
    monkeypatch.setattr(testers, "WARM_ROUNDS", 1)
    with fresh_database(tmp_path, "sqlite") as database:
        found = testers.measure(tmp_path, database, 2)
    story, *parts = (found[name].milliseconds for name in (testers.STORY, *testers.PARTS))
    assert story == [sum(pair) for pair in zip(*parts, strict=True)]
    assert {
        name: len(waits.milliseconds) for name, waits in found.items() if name != testers.ACTIVATE
    } == dict.fromkeys((testers.START, testers.RESET, testers.STORY, *testers.PARTS), 2)


def test_a_call_that_an_instance_lacks_is_named_as_absent() -> None:
    waits = testers.Waits([10.0, 20.0, 30.0], [0.01, 0.01, 0.01], [0.02, 0.02, 0.02])
    things = dict.fromkeys((testers.START, testers.RESET, testers.STORY, *testers.PARTS), waits)
    rows = [[cell.strip() for cell in row.split("|")] for row in testers.tabulate({"sqlite": things}).splitlines()]
    cells = {row[2]: row[3:7] for row in rows}
    assert cells["people/activate"] == ["30", "this version has no such call", "", ""]
    assert cells["story"] == ["150", "20 (15 to 25)", "10", "20"]
