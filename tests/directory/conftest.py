"""Both databases, and imports that note what was rejected."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, select

from idp.adapters.aaf_writer import write_records
from idp.adapters.directory import DirectoryStore
from idp.adapters.directory_files import find_files, read_file
from idp.adapters.tables import guardian, kinship, pupil, school
from idp.journeys.directory_import import ImportPolicy, ImportReport, run_import
from idp.journeys.directory_ports import Kind, Operation, RejectedRecord, SourceRecord
from tests.contracts.conftest import database_url, engine, migrated_engine, now, postgresql_server, secrets, stores
from tests.directory.hostile import write_file

__all__ = ["database_url", "engine", "migrated_engine", "now", "postgresql_server", "secrets", "stores", "write_file"]

AT = datetime(2031, 3, 14, 9, 26, tzinfo=UTC)
SCHOOL = {
    "ENTStructureUAI": ("9990001I",),
    "ENTStructureNomCourant": ("Collège des Marronniers",),
    "ENTServAcCodeAcademie": ("08",),
}
GUARDIAN = {"sn": ("DUPONT",), "givenName": ("Joe",), "ENTPersonMobileSMS": ("06 39 98 00 01",)}
PUPIL = {
    "sn": ("DUPONT",),
    "givenName": ("Léa",),
    "ENTPersonDateNaissance": ("12/04/2012",),
    "ENTPersonStructRattach": ("S1",),
    "ENTElevePersRelEleve": ("G1$20$1$1$1$0",),
}


def record(
    kind: Kind | str, jointure: str, attributes: dict[str, Any] | None = None, *,
    operation: Operation = Operation.ADD, line: int = 1, **changes: Any,
) -> SourceRecord:  # fmt: skip
    """Return a record of a school, a guardian or a pupil; None takes an attribute away."""
    usual = {Kind.SCHOOL: SCHOOL, Kind.GUARDIAN: GUARDIAN, Kind.PUPIL: PUPIL}.get(
        Kind(kind) if kind in list(Kind) else kind, {}
    )  # type: ignore[call-overload]
    base = dict(usual if attributes is None else attributes)
    for name, value in changes.items():
        if value is None:
            base.pop(name, None)
        else:
            base[name] = value if isinstance(value, tuple) else (value,)
    return SourceRecord("file.xml", line, operation, str(kind), jointure, base)


FAMILY = (record(Kind.SCHOOL, "S1"), record(Kind.GUARDIAN, "G1"), record(Kind.PUPIL, "P1"))


@dataclass
class Office:
    """Imports records and tells what is kept."""

    engine: Engine
    rejected: list[RejectedRecord] = field(default_factory=list)

    def import_records(self, records: Sequence[Any], **policy: Any) -> ImportReport:
        self.rejected.clear()
        options = {"test_instance": True, **policy}
        return run_import(
            lambda: list(records),
            DirectoryStore(self.engine),
            self,
            ImportPolicy(**options),
            on_reject=self.rejected.append,
            on_progress=lambda _: None,
        )

    def import_files(self, paths: Sequence[Path], **policy: Any) -> ImportReport:
        return self.import_records([one for file in find_files(paths) for one in read_file(file)], **policy)

    def now(self) -> datetime:
        return AT

    def load(self) -> dict[str, list[tuple[Any, ...]]]:
        """Return all that is kept, without row ids."""
        with self.engine.connect() as connection:
            return {
                table.name: sorted(
                    connection.execute(select(*(column for column in table.columns if column.name != "id"))),
                    key=repr,
                )
                for table in (school, guardian, pupil, kinship)
            }


@pytest.fixture
def office(engine: Engine) -> Office:
    return Office(engine)


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    def write_one(records: Sequence[SourceRecord], name: str = "file.xml") -> Path:
        path = tmp_path / name
        write_records(path, records)
        return path

    return write_one
