"""What a tester waits for: `python -m bench.testers [--rounds N] [--write]`.

Start, reset, one call that activates, and a whole story of a suite (an account activated on the pages, a sign-in, the ID token checked),
on both databases, with argon2 at its cheapest as the fixture `preau` has it: besides the hash, then. Medians in milliseconds as the suite
waits, with their quartiles, the suite's own work included; and the processor time of all server processes.
"""

import argparse
import os
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import requests

from bench.places import PASSWORD, Database, Place, describe_machine, fresh_database, make_place
from bench.processes import load_cpu_seconds
from bench.results import end_progress, keep, make_table, show_progress, today
from bench.server import running
from idp.testing.preau import Account, Preau
from tests.stories.story import sign_in

STARTS = 3
ROUNDS = 25
WARM_ROUNDS = 3
FAMILY = "never-activated"
FAMILIES = Path(__file__).parents[1] / "examples/pytest/families.toml"
DIALECTS = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}
START, RESET, ACTIVATE, STORY = "start to the first healthy answer", "reset", "people/activate", "story"
BUDGETS = {START: 2500, RESET: 200, ACTIVATE: 30, STORY: 150}
"""Milliseconds."""
PARTS = ("its activation on the pages", "its sign-in, token checked")
_TIMEOUT_SECONDS = 20


@dataclass
class Waits:
    """What one thing took, each time."""

    milliseconds: list[float] = field(default_factory=list)
    server_cpu: list[float] = field(default_factory=list)  # seconds, by hundredths: only their mean says anything
    own_cpu: list[float] = field(default_factory=list)  # seconds of the suite itself


@dataclass
class Stopwatch:
    """Times one database's things, and charges the processes that serve them."""

    roots: Sequence[int]
    found: dict[str, Waits] = field(default_factory=dict)

    def time(self, name: str, act: Callable[[], Any]) -> Any:
        """Do it, note what it took, and return what it came to."""
        cpu = sum(map(load_cpu_seconds, self.roots))
        own, began = time.process_time(), time.perf_counter()
        came_to = act()
        waits = self.found.setdefault(name, Waits())
        waits.milliseconds.append((time.perf_counter() - began) * 1000)
        waits.own_cpu.append(time.process_time() - own)
        waits.server_cpu.append(sum(map(load_cpu_seconds, self.roots)) - cpu)
        return came_to


def measure(folder: Path, database: Database, rounds: int) -> dict[str, Waits]:
    """Return what everything took on one database; a call that the instance lacks is not there."""
    more = f"""
[sandbox]
enabled = true

[argon2]
memory_kib = 8
time_cost = 1

[families]
file = "{FAMILIES}"
cases = ["all"]
"""
    place = make_place(folder, "testers", database, test_instance=True, more=more)
    with running(place.settings, "whole"):
        pass  # the first start takes the families in
    starts = _time_starts(place)
    with running(place.settings, "whole") as pid:
        roots = [pid, *database.roots]
        for count in (WARM_ROUNDS, rounds):
            stopwatch = Stopwatch(roots)
            _tell_rounds(stopwatch, Preau(place.base, FAMILIES), count, DIALECTS[database.dialect])
    end_progress()
    return {START: starts, **stopwatch.found}


def _time_starts(place: Place) -> Waits:
    waits = Waits()
    for number in range(STARTS):
        show_progress(f"start {number + 1} of {STARTS}")
        began = time.perf_counter()
        with running(place.settings, "whole") as pid:
            waits.milliseconds.append((time.perf_counter() - began) * 1000)
            waits.server_cpu.append(load_cpu_seconds(pid))
            waits.own_cpu.append(0)
    return waits


def _tell_rounds(stopwatch: Stopwatch, preau: Preau, rounds: int, where: str) -> None:
    with _control_api() as http:
        has_call = _has_call(http, preau.base)
        preau.reset()
        for number in range(rounds):
            show_progress(f"{where}, round {number + 1} of {rounds}")
            account: Account = stopwatch.time(PARTS[0], lambda: preau.activate(FAMILY))
            stopwatch.time(PARTS[1], partial(sign_in, preau, account))
            stopwatch.time(RESET, preau.reset)
            if has_call:
                stopwatch.time(ACTIVATE, lambda: _activate(http, preau))
                preau.reset()
    told = [stopwatch.found[name] for name in PARTS]
    stopwatch.found[STORY] = Waits(
        [sum(pair) for pair in zip(*(one.milliseconds for one in told), strict=True)],
        [sum(pair) for pair in zip(*(one.server_cpu for one in told), strict=True)],
        [sum(pair) for pair in zip(*(one.own_cpu for one in told), strict=True)],
    )


@contextmanager
def _control_api() -> Any:
    with requests.Session() as http:
        http.trust_env = False
        http.headers["X-Preau-Sandbox"] = "1"
        yield http


def _has_call(http: requests.Session, base: str) -> bool:
    """Tell whether the instance says of itself that it activates in one call."""
    answer = http.get(f"{base}/sandbox/v1/openapi.json", timeout=_TIMEOUT_SECONDS)
    return answer.ok and any(path.endswith("/people/activate") for path in answer.json()["paths"])


def _activate(http: requests.Session, preau: Preau) -> None:
    sent = {"phone": preau.person(FAMILY).phone, "password": PASSWORD}
    answer = http.post(f"{preau.base}/sandbox/v1/people/activate", json=sent, timeout=_TIMEOUT_SECONDS)
    assert answer.status_code == 201, answer.text


def tabulate(found: dict[str, dict[str, Waits]]) -> str:
    """Return the table of all that was found, by dialect."""
    rows = []
    for dialect, things in found.items():
        for name in (START, RESET, ACTIVATE, STORY, *PARTS):
            budget = f"{BUDGETS[name]}" if name in BUDGETS else ""
            rows.append((DIALECTS[dialect], name, budget, *_describe(things.get(name))))
    return make_table(("database", "what", "budget ms", "ms", "server's CPU-ms", "suite's CPU-ms"), rows)


def _describe(waits: Waits | None) -> tuple[str, ...]:
    if waits is None:
        return "this version has no such call", "", ""
    low, middle, high = statistics.quantiles(waits.milliseconds, n=4, method="inclusive")
    spent = [f"{statistics.fmean(cpu) * 1000:.0f}" for cpu in (waits.server_cpu, waits.own_cpu)]
    return f"{middle:.0f} ({low:.0f} to {high:.0f})", *spent


def main(*, rounds: int, write: bool) -> None:
    """Measure on both databases."""
    found = {}
    for dialect in DIALECTS:
        with tempfile.TemporaryDirectory() as name, fresh_database(Path(name), dialect) as database:
            found[dialect] = measure(Path(name), database, rounds)
    load = f"{os.getloadavg()[0]:.0f}"
    table = tabulate(found)
    print(f"{describe_machine()}, load {load}\n{table}")
    if write:
        how = f"Medians of {rounds} rounds ({STARTS} starts), with their quartiles, while the load was {load}."
        keep("testers", f"{today()}, {describe_machine()}. {how}\n\n{table}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--write", action="store_true", help="keep the table in docs/performance.md")
    told = parser.parse_args()
    main(rounds=told.rounds, write=told.write)
