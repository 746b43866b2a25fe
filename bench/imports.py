"""What an import costs: `python -m bench.imports [--quick] [--write]`.

The real command on a fictional export, in a process of its own: how long it takes, its processor time and PostgreSQL's, and the most memory
that it held.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.places import Database, describe_machine, fresh_database, make_place
from bench.processes import load_cpu_seconds
from bench.results import end_progress, keep, make_table, show_progress, today
from idp.adapters.fiction import Export, write_export

DIALECTS = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}
SIZES, QUICK_SIZES = (10_000, 100_000, 300_000), (3_000,)  # persons
GOAL_SECONDS, GOAL_MEGABYTES = 60, 200  # for 100,000 persons
_PERSONS_FOR_A_PUPIL = 2.5  # in a fictional directory, about


@dataclass(frozen=True, slots=True)
class Import:
    """What one import took."""

    database: str
    persons: int
    seconds: float
    cpu: float  # seconds, of the command and of PostgreSQL
    megabytes: float  # resident, at most

    @property
    def microseconds(self) -> float:
        """Processor time for one person."""
        return self.cpu * 1e6 / self.persons


def write_files(folder: Path, persons: int) -> list[Path]:
    """Write an AAF export of second degree with about that many persons; the same files for the same number."""
    export = Export(pupils=round(persons / _PERSONS_FOR_A_PUPIL), seed=1)
    return [path for path in write_export(folder, export) if path.suffix == ".xml"]


def run_once(folder: Path, database: Database, files: Sequence[Path]) -> Import:
    """Import into an empty database.

    Raises:
        SystemExit: The command failed or rejected something.
    """
    settings = make_place(folder, "import", database, test_instance=True).settings
    before = sum(load_cpu_seconds(root) for root in database.roots)
    began = time.perf_counter()
    command = [sys.executable, "-m", "idp.cli", "--config", str(settings), "directory", "import"]
    command += ["--json", "--rejects", str(folder / "rejects.csv"), *map(str, files)]
    report = folder / "report.json"
    with report.open("wb") as said:
        process = subprocess.Popen(command, stdout=said)  # noqa: S603  our own command
        _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - began
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"the import ended with {process.returncode}")
    database_cpu = sum(load_cpu_seconds(root) for root in database.roots) - before
    persons = json.loads(report.read_bytes())["read"]  # and a few schools
    cpu = usage.ru_utime + usage.ru_stime + database_cpu
    return Import(DIALECTS[database.dialect], persons, seconds, cpu, usage.ru_maxrss / 1000)


def tabulate(imports: Sequence[Import]) -> str:
    """Return the table of all imports."""
    rows = [
        (
            one.database,
            f"{one.persons:,}",
            f"{one.seconds:.1f}",
            f"{one.cpu:.1f}",
            f"{one.microseconds:.0f}",
            f"{one.megabytes:.0f}",
        )
        for one in imports
    ]
    return make_table(("database", "persons", "seconds", "CPU-s", "CPU-µs a person", "most MB"), rows)


def main(*, quick: bool, write: bool) -> None:
    """Measure each size on both databases."""
    machine = describe_machine()
    print(f"{machine}, load {os.getloadavg()[0]:.1f} when it began")
    imports = []
    with tempfile.TemporaryDirectory() as name:
        for persons in QUICK_SIZES if quick else SIZES:
            files = write_files(Path(name) / f"export-{persons}", persons)
            for dialect in DIALECTS:
                with tempfile.TemporaryDirectory() as place, fresh_database(Path(place), dialect) as database:
                    show_progress(f"{DIALECTS[dialect]}, {persons:,} persons")
                    imports.append(run_once(Path(place), database, files))
                    end_progress()
                    print(tabulate(imports[-1:]).splitlines()[-1])
    goal = f"Goal for 100,000 persons: {GOAL_SECONDS} s and {GOAL_MEGABYTES} MB; the cost of a person stays flat."
    print(f"{tabulate(imports)}\n\n{goal}")
    if write:
        keep("imports", f"{today()}, {machine}.\n\n{tabulate(imports)}\n\n{goal}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="one small import on each database")
    parser.add_argument("--write", action="store_true", help="keep the table in docs/performance.md")
    told = parser.parse_args()
    main(quick=told.quick, write=told.write)
