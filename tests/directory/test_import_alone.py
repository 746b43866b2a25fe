"""One import at a time; killed for real and run again; sign-ins and activations go on meanwhile. On both databases."""

import re
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from sqlalchemy import event

from idp.adapters.aaf_writer import write_records
from idp.adapters.directory import DirectoryStore
from idp.adapters.secrets import MasterKey
from idp.adapters.stores import SqlStores
from idp.journeys.directory_desk import ImportUnderWay
from idp.journeys.directory_ports import Kind, SourceRecord
from tests.directory.conftest import AT, FAMILY, Office, record, siecle_guardian, siecle_link

RUN = Path(__file__).with_name("run_import.py")


SIECLE = (siecle_guardian(), siecle_link())


def families(count: int) -> list[SourceRecord]:
    """Return a school with guardians and pupils, in three files' order."""
    return [
        FAMILY[0],
        *(record(Kind.PUPIL, f"P{number}", ENTElevePersRelEleve=f"G{number}$20$1$1$1$0") for number in range(count)),
        *(
            record(Kind.GUARDIAN, f"G{number}", ENTPersonMobileSMS=f"06 39 98 {number:04}" if number < 100 else ())
            for number in range(count)
        ),
    ]


@pytest.fixture
def export(tmp_path: Path) -> Path:
    path = tmp_path / "ENT_Complet_EtabEducNat_0000.xml"
    write_records(path, families(60))
    return path


def test_a_second_import_is_refused_while_one_runs_and_runs_once_it_ended(office: Office) -> None:
    with DirectoryStore(office.engine).importing(), pytest.raises(ImportUnderWay, match="Another import"):
        office.import_records(FAMILY)
    assert office.import_records(FAMILY).added == 3


def test_an_import_that_failed_or_was_killed_leaves_no_lock(office: Office, database_url: str, export: Path) -> None:
    with pytest.raises(ZeroDivisionError), DirectoryStore(office.engine).importing():
        1 / 0  # noqa: B018  a fault in the middle
    started = start(database_url, export, batches=1)
    assert office.import_records(FAMILY).added >= 0
    assert started == -signal.SIGKILL


def start(database_url: str, export: Path, *, batches: int) -> int:
    """Import in a process that kills itself after so many batches; return how it ended."""
    words = [sys.executable, str(RUN), database_url, str(export), str(batches)]
    return subprocess.run(words, check=False, timeout=120).returncode  # noqa: S603  our own words


@pytest.mark.parametrize("batches", [1, 4, 9, 12])
def test_killed_at_any_batch_and_run_again_the_end_is_the_same(
    office: Office, database_url: str, export: Path, batches: int
) -> None:
    office.import_files([export], batch_size=10)
    whole = office.load()
    with office.engine.begin() as connection:
        for name in ("kinship", "pupil", "guardian", "school"):
            connection.exec_driver_sql(f"DELETE FROM {name}")  # noqa: S608  our own table names
    assert start(database_url, export, batches=batches) == -signal.SIGKILL
    assert office.load() != whole
    report = office.import_files([export], batch_size=10)
    assert report.balanced
    assert office.load() == whole


def test_activations_and_sign_ins_go_on_while_an_import_writes(office: Office, stores: SqlStores) -> None:
    office.import_records(families(20))
    done = threading.Event()
    answered = 0

    def answer() -> None:
        nonlocal answered
        others = SqlStores(office.engine, MasterKey(bytes(range(32))))
        while not done.is_set():
            with others.writing() as desk:
                (joe,) = desk.people.load_guardians_by_mobile("+33639980001")
                ids = [link.id for link in desk.people.load_kinships([joe.id])]
                desk.people.confirm_kinships(ids, AT)
            answered += 1

    person = threading.Thread(target=answer)
    person.start()
    try:
        office.import_records(families(400), batch_size=50)
    finally:
        done.set()
        person.join()
    assert answered >= 3
    with stores.reading() as desk:
        (joe,) = desk.people.load_guardians_by_mobile("+33639980001")
        assert [link.state.value for link in desk.people.load_kinships([joe.id])] == ["confirmed"]


def test_an_import_never_writes_what_guardians_said(office: Office) -> None:
    """Whatever it read before a guardian contested, it undoes nothing."""
    office.import_records(FAMILY)
    statements: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
        statements.append(statement)

    event.listen(office.engine, "before_cursor_execute", note)
    for records in ([record(Kind.PUPIL, "P1", ENTElevePersRelEleve="G1$10$1$1$1$0")], [FAMILY[1]], SIECLE):
        office.import_records(records, academy="8", full=True)
    event.remove(office.engine, "before_cursor_execute", note)
    updates = [one for one in statements if one.startswith("UPDATE kinship")]
    assert updates
    assert not any(re.search(r"\bstate(_at)?\b\s*=", one) for one in updates)
