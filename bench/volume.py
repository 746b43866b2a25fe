"""What a sign-in costs when a database is large: `python -m bench.volume [--write]`, PostgreSQL.

Two databases on one server, one with 10,000 persons and one with 1,000,000 (guardians and pupils), each guardian with an account. Rows are
made by the database itself, in the real schema; those who sign in are drawn from all of them.
"""

import argparse
import asyncio
import random
import statistics
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from functools import partial
from pathlib import Path

from sqlalchemy import create_engine, text

from bench.driver import Run, drive
from bench.places import PASSWORD, Database, describe_machine, load_postmaster, make_place
from bench.results import end_progress, keep, make_table, show_progress, today
from bench.server import running
from bench.visitor import Visitor
from idp.adapters import migrate
from tests.support.databases import fresh_postgresql_database, running_postgresql

SIZES = (10_000, 1_000_000)  # persons
GOAL = 1.2
VISITORS = 4
LOGINS = 60  # in a round
ROUNDS = 9

# One guardian and one pupil for each number: valid columns, and nothing that could be real (phones as docs/ says, INE all zeros).
_FILL = (
    "INSERT INTO school (academy, jointure, uai, name, degree, town, phone, digest) VALUES ('8', '1', '0080000A', 'Préau', 2, '', '', '')",
    (
        "INSERT INTO guardian (academy, jointure, family_name, birth_name, given_names, title, mobile, present, digest) "
        "SELECT '8', 'G' || n, 'BENCH' || n, '', 'Benoît', '', '+336399800' || lpad(n::text, 7, '0'), true, md5(n::text) "
        "FROM generate_series(1, :families) AS n"
    ),
    (
        "INSERT INTO pupil (academy, jointure, school_jointure, family_name, given_name, birth_date, ine, level, class_name, "
        "present, digest) "
        "SELECT '8', 'P' || n, '1', 'BENCH' || n, 'Inès', DATE '2012-01-01' + (n % 2000)::int, '', '', '', true, md5(n::text) "
        "FROM generate_series(1, :families) AS n"
    ),
    (
        "INSERT INTO kinship (academy, guardian_jointure, pupil_jointure, relation, legal_level, legal, present, state) "
        "SELECT '8', 'G' || n, 'P' || n, '1', '1', true, true, 'confirmed' FROM generate_series(1, :families) AS n"
    ),
    (
        "INSERT INTO account (identifiant, subject_seed, password_hash, family_name, given_name, created_at, password_at, unused_since) "
        "SELECT 'b.bench' || lpad(n::text, 7, '0'), md5('seed' || n), :password, 'BENCH' || n, 'Benoît', 0, 0, 0 "
        "FROM generate_series(1, :families) AS n"
    ),
    (
        "INSERT INTO account_guardian (guardian_id, account_id, proved_at) SELECT guardian.id, account.id, 0 "
        "FROM guardian JOIN account ON account.identifiant = 'b.bench' || lpad(substr(guardian.jointure, 2), 7, '0')"
    ),
)


def fill(url: str, persons: int) -> None:
    """Put that many persons into an empty, migrated database."""
    engine = create_engine(url)
    with engine.begin() as connection:
        for statement in _FILL:
            connection.execute(text(statement), _values(statement, persons // 2))
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE"))
    engine.dispose()


def _values(statement: str, families: int) -> dict[str, object]:
    given = {"families": families, "password": PASSWORD}
    return {name: value for name, value in given.items() if f":{name}" in statement}


async def measure(folder: Path, databases: dict[int, Database]) -> dict[int, list[Run]]:
    """Return the rounds of each size, interleaved."""
    rounds: dict[int, list[Run]] = {size: [] for size in databases}
    draw = random.Random(1)  # noqa: S311  who signs in, the same people in each run
    with ExitStack() as servers:
        pids, crowds = {}, {}
        for size, database in databases.items():
            place = make_place(folder, f"persons-{size}", database)
            pids[size] = servers.enter_context(running(place.settings, "no-hash"))
            crowds[size] = [Visitor(place.base) for _ in range(VISITORS)]
        for number in range(ROUNDS + 1):
            show_progress(f"round {number} of {ROUNDS}")
            for size, crowd in crowds.items():
                act = partial(_log_in, crowd, draw, size // 2)
                roots = [pids[size], *databases[size].roots]
                run = await drive(act, visitors=VISITORS, count=LOGINS, roots=roots)
                rounds[size] += [run] if number else []
    end_progress()
    return rounds


async def _log_in(crowd: Sequence[Visitor], draw: random.Random, accounts: int, one: int) -> None:
    await crowd[one].log_in(f"b.bench{draw.randint(1, accounts):07}", PASSWORD)


async def main(*, write: bool) -> None:
    """Fill, measure, print."""
    machine = describe_machine()
    print(machine)
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        folder = Path(name)
        server = stack.enter_context(running_postgresql(folder / "postgresql", durable=True))
        root = load_postmaster(folder / "postgresql")
        databases = {}
        for size in SIZES:
            url = stack.enter_context(fresh_postgresql_database(server))
            show_progress(f"making {size:,} persons")
            migrate.upgrade(url)
            fill(url, size)
            databases[size] = Database("postgresql", url, (root,))
        rounds = await measure(folder, databases)
    small, large = (rounds[size] for size in SIZES)
    times = statistics.median(many.milliseconds / few.milliseconds for few, many in zip(small, large, strict=True))
    lines = [
        (f"{size:,}", f"{statistics.median(run.milliseconds for run in runs):.2f}") for size, runs in rounds.items()
    ]
    found = make_table(("persons", "CPU-ms of a full login"), lines)
    found += (
        f"\n\nA login with {SIZES[1]:,} persons costs {times:.2f} times one with {SIZES[0]:,} (goal: at most {GOAL})."
    )
    print(found)
    if write:
        keep("volume", f"{today()}, {machine}, PostgreSQL. Medians of {ROUNDS} interleaved rounds.\n\n{found}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true", help="keep the table in docs/performance.md")
    asyncio.run(main(write=parser.parse_args().write))
