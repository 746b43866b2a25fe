"""How far processes carry, and how long people wait: `python -m bench.saturation [--write]`.

Full logins (passwords in clear), one web process and two in interleaved rounds, as fast as they answer; then, with two, arrivals at 60 % of
that rate, whose waits are reported. On two cores the driver and the database take their share: where both cores are busy, what an operation
costs says more than how many there were.
"""

import argparse
import asyncio
import os
import statistics
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from functools import partial
from pathlib import Path

from bench.driver import Run, drive, drive_at
from bench.places import (
    PASSWORD,
    Database,
    add_accounts,
    describe_machine,
    fresh_database,
    identifiant_of,
    make_place,
)
from bench.results import end_progress, keep, make_table, show_progress, today
from bench.server import running
from bench.visitor import Visitor

VISITORS = 8
LOGINS = 160  # in a round
ROUNDS = 7
PART = 0.6  # of the saturating rate
GOAL = 1.8  # times one process's rate, with two
DIALECTS = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}


async def measure(folder: Path, database: Database) -> tuple[dict[int, list[Run]], Run]:
    """Return the rounds of one and of two processes, and the run at a part of the second's rate."""
    rounds: dict[int, list[Run]] = {1: [], 2: []}
    with ExitStack() as servers:
        pids, crowds = {}, {}
        for workers in rounds:
            place = make_place(folder, f"workers-{workers}", database, workers=workers)
            pids[workers] = servers.enter_context(running(place.settings, "no-hash"))
            crowds[workers] = [Visitor(place.base) for _ in range(VISITORS)]
        for number in range(ROUNDS + 1):
            show_progress(f"{DIALECTS[database.dialect]}, round {number} of {ROUNDS}")
            for workers, crowd in crowds.items():
                roots = [pids[workers], *database.roots]
                run = await drive(partial(_log_in, crowd), visitors=VISITORS, count=LOGINS, roots=roots)
                rounds[workers] += [run] if number else []
        rate = PART * statistics.median(run.rate for run in rounds[2])
        show_progress(f"{DIALECTS[database.dialect]}, at {rate:.0f} logins a second")
        paced = await drive_at(
            partial(_log_in, crowds[2]),
            rate=rate,
            visitors=VISITORS,
            count=LOGINS * 4,
            roots=[pids[2], *database.roots],
        )
    end_progress()
    return rounds, paced


async def _log_in(crowd: Sequence[Visitor], one: int) -> None:
    await crowd[one].log_in(identifiant_of(one), PASSWORD)


def tabulate(name: str, rounds: dict[int, list[Run]], paced: Run) -> list[tuple[str, ...]]:
    """Return the lines of one database."""
    lines = [_describe(name, f"{workers} at saturation", runs) for workers, runs in rounds.items()]
    return [*lines, _describe(name, f"2 at {PART:.0%} of that", [paced])]


def _describe(name: str, load: str, runs: Sequence[Run]) -> tuple[str, ...]:
    def middle(values: Sequence[float]) -> float:
        return statistics.median(values)

    return (
        name,
        load,
        f"{middle([run.rate for run in runs]):.0f}",
        f"{middle([run.milliseconds for run in runs]):.2f}",
        f"{middle([run.server_cpu / run.seconds for run in runs]):.2f}",
        f"{middle([run.driver_share for run in runs]):.0%}",
        f"{middle([run.percentile(0.5) for run in runs]):.0f}",
        f"{middle([run.percentile(0.95) for run in runs]):.0f}",
    )


def judge(name: str, rounds: dict[int, list[Run]]) -> str:
    """Say what two processes carry against one, and whether the cores let them."""
    times = statistics.median(two.rate / one.rate for one, two in zip(rounds[1], rounds[2], strict=True))
    cost = statistics.median(two.milliseconds / one.milliseconds for one, two in zip(rounds[1], rounds[2], strict=True))
    busy = statistics.median((run.server_cpu + run.driver_cpu) / run.seconds for run in rounds[2])
    words = f"{name}: two processes carry {times:.2f} times one (goal {GOAL}); a login costs {cost:.2f} times the processor time."
    cores = os.cpu_count() or 1
    if times < GOAL and busy > 0.75 * cores:
        words += (
            f" {busy:.1f} of {cores} cores were busy with servers, database and driver: there was no room for more."
        )
    return words


async def main(*, write: bool) -> None:
    """Measure both databases."""
    machine = describe_machine()
    print(f"{machine}, load {os.getloadavg()[0]:.1f} when it began")
    lines: list[tuple[str, ...]] = []
    judgements = []
    for dialect, name in DIALECTS.items():
        with tempfile.TemporaryDirectory() as folder, fresh_database(Path(folder), dialect) as database:
            add_accounts(database, VISITORS)
            rounds, paced = await measure(Path(folder), database)
            lines += tabulate(name, rounds, paced)
            judgements.append(judge(name, rounds))
    heads = ("database", "processes", "logins/s", "CPU-ms", "cores", "driver's core", "p50 ms", "p95 ms")
    text = make_table(heads, lines) + "\n\n" + "\n".join(judgements)
    print(text)
    if write:
        keep("saturation", f"{today()}, {machine}. Medians of {ROUNDS} rounds, {VISITORS} visitors at once.\n\n{text}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true", help="keep the table in docs/performance.md")
    asyncio.run(main(write=parser.parse_args().write))
