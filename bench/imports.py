"""What an import costs: `python -m bench.imports [--quick] [--write]`.

The real command on a fictional export, in a process of its own: how long it takes, its processor time and PostgreSQL's, and the most memory
that it held.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from bench.places import Database, describe_machine, fresh_database, make_place
from bench.processes import load_cpu_seconds
from bench.results import end_progress, keep, make_table, show_progress, today
from idp.adapters.aaf_writer import write_aaf
from idp.people.fiction import FictionalFamily, FictionalGuardian, FictionalLink, FictionalPupil, FictionalSchool

DIALECTS = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}
SIZES, QUICK_SIZES = (10_000, 100_000, 300_000), (3_000,)  # persons
GOAL_SECONDS, GOAL_MEGABYTES = 60, 200  # for 100,000 persons
_PERSONS_IN_A_FAMILY = 3  # a pupil and two guardians
_PUPILS_OF_A_SCHOOL = 1000
_FAMILIES_IN_A_PART = 10_000


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


def write_export(folder: Path, persons: int) -> list[Path]:
    """Write AAF files of second degree, a school for each thousand pupils; the same files for the same number."""
    families = persons // _PERSONS_IN_A_FAMILY
    paths: list[Path] = []
    for begins in range(0, families, _FAMILIES_IN_A_PART):
        show_progress(f"writing {persons:,} persons: {begins * _PERSONS_IN_A_FAMILY:,}")
        paths += write_aaf(list(_families(begins, min(families, begins + _FAMILIES_IN_A_PART))), folder)
    end_progress()
    return paths


def run_once(folder: Path, database: Database, files: Sequence[Path], persons: int) -> Import:
    """Import into an empty database.

    Raises:
        SystemExit: The command failed or rejected something.
    """
    settings = make_place(folder, "import", database, test_instance=True).settings
    before = sum(load_cpu_seconds(root) for root in database.roots)
    began = time.perf_counter()
    command = [sys.executable, "-m", "idp.cli", "--config", str(settings), "directory", "import"]
    command += ["--rejects", str(folder / "rejects.csv"), *map(str, files)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)  # noqa: S603  our own command
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - began
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"the import ended with {process.returncode}")
    database_cpu = sum(load_cpu_seconds(root) for root in database.roots) - before
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
            files = write_export(Path(name) / f"export-{persons}", persons)
            for dialect in DIALECTS:
                with tempfile.TemporaryDirectory() as place, fresh_database(Path(place), dialect) as database:
                    show_progress(f"{DIALECTS[dialect]}, {persons:,} persons")
                    imports.append(run_once(Path(place), database, files, persons))
                    end_progress()
                    print(tabulate(imports[-1:]).splitlines()[-1])
    goal = f"Goal for 100,000 persons: {GOAL_SECONDS} s and {GOAL_MEGABYTES} MB; the cost of a person stays flat."
    print(f"{tabulate(imports)}\n\n{goal}")
    if write:
        keep("imports", f"{today()}, {machine}.\n\n{tabulate(imports)}\n\n{goal}")


def _families(begins: int, ends: int) -> Iterator[FictionalFamily]:
    for number in range(begins, ends):
        links = (
            FictionalLink(_guardian(number, 1, "Mme", "Maëlle"), "10", "1"),
            FictionalLink(_guardian(number, 2, "M.", "Loïc"), "20", "1"),
        )
        yield FictionalFamily(f"family {number}", (_pupil(number, links),))


def _guardian(family: int, place: int, title: str, given_name: str) -> FictionalGuardian:
    mobile = f"06 39 98 {place:02} {family % 100:02} {family:07}"
    return FictionalGuardian(
        f"7{place}{family:07}", title, _family_name(family), _family_name(family), (given_name,), mobile
    )


def _pupil(family: int, links: tuple[FictionalLink, ...]) -> FictionalPupil:
    school = family // _PUPILS_OF_A_SCHOOL
    return FictionalPupil(
        jointure=f"72{family:07}",
        ine=f"FICTIF-{family:07}",
        title="M.",
        family_name=_family_name(family),
        given_name="Noé",
        birth_date=date(2010, 1, 1) + timedelta(days=family % 2000),
        school=FictionalSchool(
            f"98{school:03}", f"999{school:04}I", f"Collège {school}", "COLLEGE", "1 rue", "99901", "Val-Préau", ""
        ),
        level="5EME",
        class_name=f"5EME {family % 30}",
        links=links,
    )


def _family_name(family: int) -> str:
    """Return a name of letters alone, another for each family."""
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    return "PREAU" + "".join(letters[family // 26**place % 26] for place in range(4))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="one small import on each database")
    parser.add_argument("--write", action="store_true", help="keep the table in docs/performance.md")
    told = parser.parse_args()
    main(quick=told.quick, write=told.write)
