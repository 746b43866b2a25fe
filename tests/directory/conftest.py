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
from idp.adapters.directory_tables import guardian, kinship, pupil, school, stated_link
from idp.adapters.secrets import MasterKey
from idp.adapters.stores import SqlStores
from idp.journeys.directory_import import ImportPolicy, ImportReport, run_import
from idp.journeys.directory_ports import Kind, Operation, Origin, RejectedRecord, SourceRecord
from tests.contracts.conftest import database_url, engine, migrated_engine, now, secrets, stores
from tests.directory.hostile import write_file

__all__ = ["database_url", "engine", "migrated_engine", "now", "secrets", "stores", "write_file"]

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
    operation: Operation = Operation.ADD, line: int = 1, origin: Origin = Origin.AAF_2D, **changes: Any,
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
    return SourceRecord("file.xml", line, operation, str(kind), jointure, base, origin)


def siecle_guardian(number: str = "1", name: str = "DUPONT", phone: str = "+33639980001") -> SourceRecord:
    """Return a PERSONNE of SIECLE."""
    values = {"NOM_DE_FAMILLE": (name,), "PRENOM": ("Joe",), "TEL_PORTABLE": (phone,), "PERSONNE_ID": (number,)}
    return record(Kind.GUARDIAN, number, values, origin=Origin.SIECLE)


def siecle_link(guardian_id: str = "1", pupil_id: str = "E1", level: str = "1", line: int = 5) -> SourceRecord:
    """Return a RESPONSABLE_ELEVE of SIECLE."""
    values = {
        "PERSONNE_ID": (guardian_id,),
        "ELEVE_ID": (pupil_id,),
        "CODE_PARENTE": ("20",),
        "NIVEAU_RESPONSABILITE": (level,),
    }
    return record(Kind.LINK, f"{guardian_id}.{pupil_id}", values, origin=Origin.SIECLE, line=line)


def table_rows(given_name: str = "Léa", uai: str = "9990001I", line: int = 2) -> list[SourceRecord]:
    """Return the two records of one row of a guardians' CSV."""
    guardian_values = {
        "Nom responsable": ("DUPONT",),
        "Prénom responsable": ("Joe",),
        "Téléphone portable": ("06 39 98 00 01",),
    }
    link_values = {"Nom élève": ("DUPONT",), "Prénom élève": (given_name,), "guardian": ("cjoe",), "UAI": (uai,)}
    return [
        record(Kind.GUARDIAN, "cjoe", guardian_values, origin=Origin.CSV, line=line),
        record(Kind.LINK, f"cjoe.{line}", link_values, origin=Origin.CSV, line=line),
    ]


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

    def load_children(self, mobile: str = "+33639980001") -> list[tuple[str, str]]:
        """Return the given name and the link's state of each pupil that the guardians with this phone are asked about."""
        stores = SqlStores(self.engine, MasterKey(bytes(range(32))))
        with stores.reading() as desk:
            guardians = desk.people.load_guardians_by_mobile(mobile)
            links = desk.people.load_kinships([one.id for one in guardians])
            return [(link.pupil.given_name, link.state.value) for link in links]

    def answer(self, *, contested: bool, mobile: str = "+33639980001") -> None:
        """Confirm or contest every link of the guardians with this phone."""
        stores = SqlStores(self.engine, MasterKey(bytes(range(32))))
        with stores.writing() as desk:
            guardians = desk.people.load_guardians_by_mobile(mobile)
            ids = [link.id for link in desk.people.load_kinships([one.id for one in guardians])]
            (desk.people.contest_kinships if contested else desk.people.confirm_kinships)(ids, AT)

    def load(self) -> dict[str, list[tuple[Any, ...]]]:
        """Return all that is kept, without row ids."""
        with self.engine.connect() as connection:
            return {
                table.name: sorted(
                    connection.execute(select(*(column for column in table.columns if column.name != "id"))),
                    key=repr,
                )
                for table in (school, guardian, pupil, kinship, stated_link)
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
