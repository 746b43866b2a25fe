"""What a sign-in costs the server: `python -m bench.logins [--quick] [--write]`.

Medians of interleaved rounds, in milliseconds of processor time of all server processes, the database's included, and in bare views of the
same rounds; with the SQL statements and commits of each operation, counted in the server.
"""

import argparse
import asyncio
import os
import statistics
import tempfile
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.driver import Run, drive
from bench.places import (
    PASSWORD,
    Database,
    add_accounts,
    describe_machine,
    fresh_database,
    identifiant_of,
    make_hasher,
    make_place,
)
from bench.results import end_progress, keep, make_table, show_progress, today
from bench.server import running
from bench.traveller import Traveller, franceconnect_beside
from bench.visitor import Visitor

VISITORS = 4
ROUNDS, QUICK_ROUNDS = 9, 3
BARE_VIEWS = 1000
DIALECTS = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}


@dataclass(frozen=True, slots=True)
class Operation:
    """One line of the table."""

    name: str
    count: int  # in each round
    act: Callable[[Any, int], Awaitable[object]]  # takes one of the server's crowd, and its number
    budget: Mapping[str, float | None]  # bare views, by dialect
    kind: str = "no-hash"  # of the server: `_KINDS`


def _log_in(visitor: Visitor, number: int) -> Awaitable[object]:
    return visitor.log_in(identifiant_of(number), PASSWORD)


def _log_in_hashed(visitor: Visitor, number: int) -> Awaitable[object]:
    return visitor.log_in(identifiant_of(number, hashed=True), PASSWORD)


OPERATIONS = (
    Operation("full login", 60, _log_in, {"sqlite": 36, "postgresql": 60}),
    Operation("sign-on with a live session", 80, lambda one, _: one.sign_on(), {"sqlite": 24, "postgresql": 40}),
    Operation("userinfo", 250, lambda one, _: one.ask_userinfo(), {"sqlite": 3, "postgresql": 6}),
    Operation("refresh with rotation", 150, lambda one, _: one.refresh(), {"sqlite": 12, "postgresql": 22}),
    Operation("introspection", 200, lambda one, _: one.introspect(), {"sqlite": 4, "postgresql": 7}),
    Operation("client credentials", 200, lambda one, _: one.ask_for_itself(), {"sqlite": 5.5, "postgresql": 9}),
    Operation("discovery", 500, lambda one, _: one.load_discovery(), {"sqlite": 1.3, "postgresql": 1.3}),
    Operation("JWKS", 500, lambda one, _: one.load_keys(), {"sqlite": 1.3, "postgresql": 1.3}),
    Operation(
        "return from FranceConnect",
        40,
        lambda one, _: one.come_back(),
        {"sqlite": 40, "postgresql": 66},
        "franceconnect",
    ),
    Operation("full login with argon2id", 20, _log_in_hashed, {"sqlite": None, "postgresql": None}, "whole"),
)


@dataclass(frozen=True, slots=True)
class Costs:
    """What was found on one database with so many processes."""

    database: Database
    workers: int
    bare: Sequence[Run]
    runs: Mapping[str, Sequence[Run]]  # by operation
    counts: Mapping[str, tuple[int, int]]  # statements, commits


async def measure(folder: Path, database: Database, workers: int, rounds: int) -> Costs:
    """Run every operation in turn, `rounds` times after a first that warms up.

    Args:
        folder: Where settings are written.
        database: With the accounts of `add_accounts`, in clear and hashed.
        workers: Web processes of each server.
        rounds: How many.
    """
    counts = await _count_all(folder, database)
    with ExitStack() as servers:
        places = {kind: make_place(folder, f"{kind}-{workers}", database, workers=workers) for kind in _KINDS}
        crowds: dict[str, list[Any]] = {
            kind: [Visitor(place.base) for _ in range(VISITORS)] for kind, place in places.items()
        }
        beside = franceconnect_beside(folder, f"franceconnect-{workers}", database, workers)
        places["franceconnect"], elsewhere = servers.enter_context(beside)
        base = places["franceconnect"].base
        crowds["franceconnect"] = [Traveller(base, elsewhere, number) for number in range(VISITORS)]
        pids = {
            kind: servers.enter_context(running(place.settings, _SERVERS.get(kind, kind)))
            for kind, place in places.items()
        }
        bare: list[Run] = []
        runs: dict[str, list[Run]] = {one.name: [] for one in OPERATIONS}
        for number in range(rounds + 1):
            show_progress(f"{DIALECTS[database.dialect]}, {workers} process(es), round {number} of {rounds}")
            bare.append(
                await drive(
                    lambda one: crowds["bare"][one].load_bare(),
                    visitors=VISITORS,
                    count=BARE_VIEWS,
                    roots=[pids["bare"]],
                )
            )
            for operation in OPERATIONS:
                crowd, pid = crowds[operation.kind], pids[operation.kind]
                runs[operation.name].append(await _run(operation, crowd, [pid, *database.roots]))
    end_progress()
    return Costs(database, workers, bare[1:], {name: found[1:] for name, found in runs.items()}, counts)


_KINDS = ("bare", "no-hash", "whole")
_SERVERS = {"franceconnect": "no-hash"}
"""What `bench.server` runs for a kind that it does not know by name."""


async def _run(operation: Operation, crowd: Sequence[Any], roots: Sequence[int]) -> Run:
    return await drive(
        lambda one: operation.act(crowd[one], one), visitors=len(crowd), count=operation.count, roots=roots
    )


async def _count_all(folder: Path, database: Database) -> Mapping[str, tuple[int, int]]:
    with (
        franceconnect_beside(folder, "counting", database) as (place, elsewhere),
        running(place.settings, "counting"),
    ):
        traveller = Traveller(place.base, elsewhere, 0)
        counts = {}
        for one in OPERATIONS:
            if one.kind != "whole":
                acting = traveller if one.kind == "franceconnect" else traveller.visitor
                counts[one.name] = await _count(one, acting, traveller.visitor)
        await traveller.close()
        return counts


async def _count(operation: Operation, acting: Any, visitor: Visitor) -> tuple[int, int]:
    """Return the statements and commits of one operation, the second time: the first reads keys."""
    for _ in range(2):
        visitor.browser.counts.clear()
        await operation.act(acting, 0)
    counts = visitor.browser.counts
    return sum(statements for statements, _ in counts), sum(commits for _, commits in counts)


def tabulate(found: Sequence[Costs]) -> str:
    """Return the table of all that was found."""
    rows: list[tuple[str, ...]] = []
    for costs in found:
        where = f"{DIALECTS[costs.database.dialect]}, {costs.workers}"
        bare = statistics.median(run.milliseconds for run in costs.bare)
        rows.append((where, "bare view", f"{bare:.2f}", "1", "", "", "", _driver_share(costs.bare)))
        for operation in OPERATIONS:
            runs = costs.runs[operation.name]
            cost = statistics.median(run.milliseconds for run in runs)
            views = statistics.median(
                run.milliseconds / one.milliseconds for run, one in zip(runs, costs.bare, strict=True)
            )
            budget = operation.budget[costs.database.dialect]
            asked = [str(count) for count in costs.counts.get(operation.name, ())] or ["", ""]
            rows.append(
                (where, operation.name, f"{cost:.2f}", f"{views:.1f}", f"{budget or ''}", *asked, _driver_share(runs))
            )
    return make_table(
        (
            "database, processes",
            "operation",
            "CPU-ms",
            "bare views",
            "budget",
            "statements",
            "commits",
            "driver's core",
        ),
        rows,
    )


def _driver_share(runs: Sequence[Run]) -> str:
    return f"{statistics.median(run.driver_share for run in runs):.0%}"


def measure_hash(settings: Path) -> float:
    """Return the processor time of one argon2id, in milliseconds."""
    hasher = make_hasher(settings)
    encoded = hasher.hash(PASSWORD)
    rounds = 30
    before = os.times()
    for _ in range(rounds):
        hasher.verify(encoded, PASSWORD)
    after = os.times()
    return (after.user + after.system - before.user - before.system) * 1000 / rounds


async def main(*, quick: bool, write: bool) -> None:
    """Measure on both databases, with one and with two processes."""
    print(machine := describe_machine())
    found, hash_cost = [], 0.0
    for dialect in DIALECTS:
        with tempfile.TemporaryDirectory() as name, fresh_database(Path(name), dialect) as database:
            folder = Path(name)
            settings = make_place(folder, "accounts", database).settings
            add_accounts(database, VISITORS)
            add_accounts(database, VISITORS, settings=settings)
            found += [
                await measure(folder, database, workers, QUICK_ROUNDS if quick else ROUNDS)
                for workers in ((1,) if quick else (1, 2))
            ]
            hash_cost = hash_cost or measure_hash(settings)
            print(tabulate(found[-1 if quick else -2 :]))
    alone = f"argon2id alone, as the settings ask (19 MiB, 2 passes, 1 lane): {hash_cost:.1f} CPU-ms."
    print(alone)
    if write:
        rounds = f"Medians of {len(found[0].bare)} interleaved rounds, {VISITORS} visitors at once."
        keep("logins", f"{today()}, {machine}. {rounds}\n\n{tabulate(found)}\n\n{alone}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="one process, three rounds: about a minute")
    parser.add_argument("--write", action="store_true", help="keep the table in docs/performance.md")
    told = parser.parse_args()
    asyncio.run(main(quick=told.quick, write=told.write))
