"""What `preau purge` costs: `python -m bench.purge [--accounts N] [--quick] [--write]`.

The real command, in a process of its own, on a database in which everything is due at once, as after a year without a purge: of N accounts
a half was used since and is kept, a half was warned and is closed, and N lines of the audit trail and N messages are forgotten. How long it
takes, its processor time and PostgreSQL's, the most memory that it held, and how often it said how far it was.
"""

import argparse
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Table, create_engine, insert

from bench.places import Database, describe_machine, fresh_database, make_place
from bench.processes import load_cpu_seconds
from bench.results import end_progress, keep, make_table, show_progress, today
from idp.adapters.clock import SystemClock
from idp.adapters.retention_tables import closing_warning
from idp.adapters.tables import account, audit, outbox
from idp.journeys.retention_rules import RetentionPolicy

DIALECTS = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}
ACCOUNTS, QUICK_ACCOUNTS = 100_000, 2_000
_ROWS_AT_ONCE = 5_000
_SAID = re.compile(r"(\d+) unused accounts? and .*? (\d+) lines? of the audit trail and (\d+) messages? forgotten")


@dataclass(frozen=True, slots=True)
class Purge:
    """What one purge took."""

    database: str
    accounts: int
    seconds: float
    cpu: float  # seconds, of the command and of PostgreSQL
    megabytes: float  # resident, at most
    progress: int  # lines that said how far it was

    @property
    def microseconds(self) -> float:
        """Processor time for one account, with its line and its message."""
        return self.cpu * 1e6 / self.accounts


def fill(database: Database, accounts: int) -> None:
    """Put in that many accounts, lines and messages, all of them due."""
    engine = create_engine(database.url)
    with engine.begin() as connection:
        for number in range(0, accounts, _ROWS_AT_ONCE):
            numbers = range(number, min(number + _ROWS_AT_ONCE, accounts))
            for table, rows in _rows(numbers):
                _add(connection, table, rows)
    engine.dispose()


def _rows(numbers: Sequence[int]) -> Iterator[tuple[Table, list[dict[str, Any]]]]:
    now, policy = SystemClock().now(), RetentionPolicy()
    long_ago = now - 2 * policy.unused_after
    yield (
        account,
        [
            {
                "id": number + 1,
                "identifiant": f"b.bench{number:07}",
                "subject_seed": f"seed {number}",
                "family_name": "BENCH",
                "given_name": "Benoît",
                "created_at": long_ago,
                "signed_in_at": long_ago if _is_over(number) else now,
                "unused_since": None if _is_over(number) else long_ago,
            }
            for number in numbers
        ],
    )
    yield (
        closing_warning,
        [
            {
                "account_id": number + 1,
                "stage": len(policy.warned_before),
                "warned_at": now - policy.warned_before[-1],
                "closes_at": now,
                "look_at": now,
            }
            for number in numbers
            if _is_over(number)
        ],
    )
    yield (
        audit,
        [
            {"at": long_ago, "event": "sign-in.accepted", "account_id": number + 1, "details": "{}"}
            for number in numbers
        ],
    )
    yield (
        outbox,
        [
            {
                "channel": "sms",
                "recipient_hash": f"{number:064}",
                "created_at": long_ago,
                "due_at": long_ago,
                "attempts": 1,
                "sent_at": long_ago,
            }
            for number in numbers
        ],
    )


def _is_over(number: int) -> bool:
    return number % 2 == 0


def _add(connection: Connection, table: Table, rows: list[dict[str, Any]]) -> None:
    if rows:
        connection.execute(insert(table), rows)


def run_once(folder: Path, database: Database, accounts: int) -> Purge:
    """Purge a database that `fill` has filled.

    Raises:
        SystemExit: The command failed, or did something else than what was due.
    """
    settings = make_place(folder, "purge", database).settings
    before = sum(load_cpu_seconds(root) for root in database.roots)
    said, progress = folder / "said.txt", folder / "progress.txt"
    began = time.perf_counter()
    with said.open("wb") as output, progress.open("wb") as errors:
        command = [sys.executable, "-m", "idp.cli", "--config", str(settings), "purge"]
        process = subprocess.Popen(command, stdout=output, stderr=errors)  # noqa: S603  our own command
        _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - began
    process.returncode = os.waitstatus_to_exitcode(status)
    words = said.read_text("utf-8")
    done = _SAID.search(words)
    if (
        process.returncode
        or done is None
        or [int(count) for count in done.groups()] != [accounts // 2, *[accounts] * 2]
    ):
        raise SystemExit(f"the purge ended with {process.returncode}, and said: {words}{progress.read_text('utf-8')}")
    database_cpu = sum(load_cpu_seconds(root) for root in database.roots) - before
    return Purge(
        DIALECTS[database.dialect],
        accounts,
        seconds,
        usage.ru_utime + usage.ru_stime + database_cpu,
        usage.ru_maxrss / 1000,
        progress.read_text("utf-8").count("So far:"),
    )


def tabulate(purges: Sequence[Purge]) -> str:
    """Return the table of all purges."""
    rows = [
        (
            one.database,
            f"{one.accounts:,}",
            f"{one.seconds:.1f}",
            f"{one.cpu:.1f}",
            f"{one.microseconds:.0f}",
            f"{one.megabytes:.0f}",
            f"{one.progress}",
        )
        for one in purges
    ]
    heads = ("database", "accounts", "seconds", "CPU-s", "CPU-µs an account", "most MB", "lines of progress")
    return make_table(heads, rows)


def main(accounts: int, *, write: bool) -> None:
    """Measure a tenth and the whole on both databases: memory and the cost of an account stay flat, or do not."""
    machine = describe_machine()
    load = f"load {os.getloadavg()[0]:.1f} when it began"
    print(f"{machine}, {load}")
    purges = []
    for dialect in DIALECTS:
        for size in (accounts // 10, accounts):
            with tempfile.TemporaryDirectory() as name, fresh_database(Path(name), dialect) as database:
                show_progress(f"{DIALECTS[dialect]}, {size:,} accounts")
                fill(database, size)
                purges.append(run_once(Path(name), database, size))
                end_progress()
                print(tabulate(purges[-1:]).splitlines()[-1])
    print(tabulate(purges))
    if write:
        keep("purges", f"{today()}, {machine}, {load}.\n\n{tabulate(purges)}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--accounts", type=int, default=ACCOUNTS, help=f"how many; {ACCOUNTS:,} by default")
    parser.add_argument("--quick", action="store_true", help=f"{QUICK_ACCOUNTS:,} of them")
    parser.add_argument("--write", action="store_true", help="keep the table in docs/performance.md")
    told = parser.parse_args()
    main(QUICK_ACCOUNTS if told.quick else told.accounts, write=told.write)
