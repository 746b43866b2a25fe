"""What a sign-in, an activation and a batch of an import ask keeps to indexes, on both databases, whatever the tables grow to."""

import re
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, event, insert, text

from idp.adapters.directory import DirectoryStore
from idp.adapters.directory_tables import guardian, kinship, pupil, stated_link
from idp.adapters.stores import SqlStores
from idp.journeys.directory_ports import Kind, Origin
from tests.contracts.rows import add_account
from tests.directory.conftest import AT, FAMILY, Office, record, siecle_guardian, siecle_link

MANY = 3000
BIG = ("guardian", "pupil", "kinship", "stated_link")


@pytest.fixture
def crowd(engine: Engine, office: Office) -> Office:
    """So many rows that no database reads a table from end to end to find a few."""
    office.import_records(FAMILY)
    numbers = range(MANY)
    born = date(2012, 4, 12)
    with engine.begin() as connection:
        people = {"academy": "8", "digest": "x", "family_name": "X", "present": True}
        connection.execute(
            insert(guardian),
            [{**people, "jointure": f"X{n}", "given_names": "Y", "mobile": f"+3363998{n:06}"} for n in numbers],
        )
        connection.execute(
            insert(pupil),
            [
                {**people, "jointure": f"X{n}", "given_name": "Y", "birth_date": born, "names_hash": f"{n}",
                 "rattach_id": f"{n}", "school_jointure": f"S{n % 50}"}
                for n in numbers
            ],
        )  # fmt: skip
        ends = {"academy": "8", "relation": "20", "legal_level": "1", "legal": True, "present": True}
        connection.execute(
            insert(kinship), [{**ends, "guardian_jointure": f"X{n}", "pupil_jointure": f"X{n}"} for n in numbers]
        )
        stated = {"academy": "8", "origin": "siecle", "stated_in": "ResponsableEleve", "pupil_key": "rattach", "file": "f",
                  "line": 1, "relation": "20", "legal_level": "1", "legal": True, "state": "linked", "pupil_uai": ""}  # fmt: skip
        connection.execute(
            insert(stated_link),
            [
                {**stated, "guardian_jointure": f"Y{n}", "pupil_value": f"Y{n}", "pupil_jointure": f"Y{n}"}
                for n in numbers
            ],
        )
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("ANALYZE"))
    return office


def scanned(connection: Connection, statement: str, values: Any) -> set[str]:
    """Return the big tables that a statement reads from end to end."""
    if connection.dialect.name == "sqlite":
        plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)
        lines = "\n".join(str(row[3]) for row in plan)
        found = re.findall(r"SCAN (\w+)(?! USING (?:COVERING )?INDEX ix_\w*mobile)", lines)
    else:
        plan = connection.exec_driver_sql(f"EXPLAIN {statement}", values)
        found = re.findall(r"Seq Scan on (\w+)", "\n".join(str(row[0]) for row in plan))
    return set(found) & set(BIG)


def watch(
    engine: Engine, act: Callable[[], object], begins: tuple[str, ...] = ("SELECT", "UPDATE", "DELETE")
) -> list[tuple[str, Any]]:
    """Return the statements of these kinds that an act runs, with their values."""
    seen: list[tuple[str, Any]] = []

    def note(_connection: object, _cursor: object, statement: str, values: Any, _context: object, many: bool) -> None:
        if statement.lstrip().upper().startswith(begins):
            seen.append((statement, values[0] if many else values))

    event.listen(engine, "before_cursor_execute", note)
    act()
    event.remove(engine, "before_cursor_execute", note)
    return seen


def check_no_scan(engine: Engine, act: Callable[[], object]) -> None:
    statements = [one for one in watch(engine, act) if "import_seen" not in one[0] and "pg_" not in one[0]]
    assert statements
    with engine.connect() as connection:
        for statement, values in statements:
            assert scanned(connection, statement, values) == set(), statement


def test_a_sign_in_and_an_activation_read_no_table_from_end_to_end(crowd: Office, stores: SqlStores) -> None:
    account_id = add_account(stores, AT)

    def visit() -> None:
        with stores.writing() as desk:
            (joe,) = desk.people.load_guardians_by_mobile("+33639980001")
            links = desk.people.load_kinships([joe.id])
            assert [link.pupil.given_name for link in links] == ["Léa"]
            desk.accounts.load_by_guardians([joe.id])
            desk.accounts.attach_guardian(account_id, joe.id, AT)
            desk.people.confirm_kinships([link.id for link in links], AT)
            holder = desk.accounts.load_holder(account_id)
            assert holder is not None
            assert len(holder.kinships) == 1
            desk.people.contest_kinships([link.id for link in links], AT)

    check_no_scan(crowd.engine, visit)


def test_what_a_batch_brings_for_accounts_is_found_without_reading_a_table_from_end_to_end(
    crowd: Office, stores: SqlStores
) -> None:
    account_id = add_account(stores, AT)
    with stores.writing() as desk:
        (joe,) = desk.people.load_guardians_by_mobile("+33639980001")
        desk.accounts.attach_guardian(account_id, joe.id, AT)
    changes = [record(Kind.PUPIL, "P9"), record(Kind.GUARDIAN, "G9"), siecle_guardian(), siecle_link()]
    news = ("INSERT INTO LINK_NEWS", "DELETE FROM LINK_NEWS")
    statements = watch(crowd.engine, lambda: crowd.import_records(changes, academy="8"), news)
    assert len(statements) >= 8
    with crowd.engine.connect() as connection:
        for statement, values in statements:
            assert scanned(connection, statement, values) == set(), statement


def test_a_batch_of_an_import_reads_no_table_from_end_to_end(crowd: Office) -> None:
    store = DirectoryStore(crowd.engine)
    changes = [
        record(Kind.GUARDIAN, "G1", sn="DURAND"),
        record(Kind.PUPIL, "P1", ENTEleveStructRattachId="E1", ENTElevePersRelEleve=()),
        siecle_guardian(),
        siecle_link(),
    ]

    def batches() -> None:
        crowd.import_records(changes, academy="8")
        with store.writing() as desk:
            desk.mark_absent(Kind.PUPIL, "8", Origin.AAF_2D, ["P1"])
            desk.mark_absent(Kind.GUARDIAN, "8", Origin.AAF_2D, ["G1"])

    statements = watch(crowd.engine, batches)
    whole = [one for one in statements if "count(" in one[0] or "import_seen" in one[0] or "pg_" in one[0]]
    assert len(whole) < len(statements)
    with crowd.engine.connect() as connection:
        for statement, values in statements:
            if (statement, values) not in whole:
                assert scanned(connection, statement, values) == set(), statement
