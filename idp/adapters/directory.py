"""Where the directory is written: schools, pupils, guardians and the links between them.

A link's two ends are jointures, not row ids, because files bring them in any order. `relation` is "" once the pupil's record no longer
states the link: that tells it from one that is absent because its guardian was deleted, which comes back with the guardian.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, Table, and_, bindparam, insert, literal, select, update

from idp.adapters.tables import guardian, import_run, kinship, pupil, school
from idp.journeys.directory_ports import (
    Entry,
    GuardianEntry,
    Kind,
    LinkEntry,
    LinkRecordEntry,
    PupilEntry,
    RecordState,
    SchoolEntry,
)
from idp.people.records import KinshipState

_TABLES: Mapping[Kind, Table] = {Kind.SCHOOL: school, Kind.PUPIL: pupil, Kind.GUARDIAN: guardian}
_NAMES_JOINED_BY = ", "
_NOT_COLUMNS = frozenset({"links", "rattach_id"})


class DirectoryStore:
    """`journeys.directory_ports.DirectoryStore` on a database."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    @contextmanager
    def writing(self) -> Iterator["DirectoryBatch"]:
        """One transaction: commits at the end, rolls back on an exception."""
        with self._engine.begin() as connection:
            yield DirectoryBatch(connection)

    def load_school_academies(self, jointures: Sequence[str]) -> set[str]:
        """Return the academies of the known schools with these jointures."""
        with self._engine.connect() as connection:
            rows = connection.execute(select(school.c.academy).where(school.c.jointure.in_(jointures)).distinct())
            return {row.academy for row in rows}

    def begin_run(self, at: datetime) -> int:
        """Note that an import begins, and return the run's id."""
        with self._engine.begin() as connection:
            key = connection.execute(insert(import_run).values(started_at=at, report="")).inserted_primary_key
        if key is None:
            raise RuntimeError("the database gave the import no number")
        return int(key[0])

    def end_run(self, run_id: int, at: datetime, report: str) -> None:
        """Note that an import ended, with its report in JSON."""
        with self._engine.begin() as connection:
            connection.execute(update(import_run).where(import_run.c.id == run_id).values(ended_at=at, report=report))


class DirectoryBatch:
    """`journeys.directory_ports.DirectoryBatch` on one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def load_states(self, kind: Kind, academy: str, jointures: Sequence[str]) -> dict[str, RecordState]:
        """Return the state of those of these records that are known, by jointure."""
        table = _TABLES[kind]
        statement = select(table.c.jointure, table.c.digest, _is_present(table)).where(
            _among(table, academy, jointures)
        )
        return {row.jointure: RecordState(row.digest, row.present) for row in self._connection.execute(statement)}

    def load_entries(self, kind: Kind, academy: str, jointures: Sequence[str]) -> dict[str, Entry]:
        """Return those of these records that are present, as their latest record says, by jointure."""
        table = _TABLES[kind]
        statement = select(table).where(_among(table, academy, jointures))
        rows = [dict(row) for row in self._connection.execute(statement).mappings() if row.get("present", True)]
        links = self._load_stated_links(academy, jointures) if kind is Kind.PUPIL else {}
        return {row["jointure"]: _read_row(kind, row, links) for row in rows}

    def save(self, kind: Kind, academy: str, entries: Sequence[tuple[Entry, str]]) -> None:
        """Keep these records with their digests, new or known, and mark them present, with the links that they state."""
        if not entries:
            return
        table = _TABLES[kind]
        jointures = [entry.jointure for entry, _ in entries if not isinstance(entry, LinkRecordEntry)]
        known = {
            row.jointure: row.id
            for row in self._connection.execute(
                select(table.c.id, table.c.jointure).where(_among(table, academy, jointures))
            )
        }
        rows = [{"academy": academy, "digest": digest, **_write_row(entry)} for entry, digest in entries]
        self._insert(table, [row for row in rows if row["jointure"] not in known])
        self._update(table, [{"row_id": known[row["jointure"]], **row} for row in rows if row["jointure"] in known])
        if kind is Kind.PUPIL:
            self._save_links(academy, [entry for entry, _ in entries if isinstance(entry, PupilEntry)])
        elif kind is Kind.GUARDIAN:
            self._bring_links_back(academy, jointures)

    def mark_absent(self, kind: Kind, academy: str, jointures: Sequence[str]) -> None:
        """Mark these pupils or guardians, and their links, absent. Nothing is erased."""
        if not jointures:
            return
        table = _TABLES[kind]
        end = kinship.c.pupil_jointure if kind is Kind.PUPIL else kinship.c.guardian_jointure
        self._connection.execute(update(table).where(_among(table, academy, jointures)).values(present=False))
        self._connection.execute(
            update(kinship).where(kinship.c.academy == academy, end.in_(jointures)).values(present=False)
        )

    def _load_stated_links(self, academy: str, pupils: Sequence[str]) -> dict[str, list[LinkEntry]]:
        statement = (
            select(kinship)
            .where(kinship.c.academy == academy, kinship.c.pupil_jointure.in_(pupils), kinship.c.relation != "")
            .order_by(kinship.c.guardian_jointure)
        )
        links: dict[str, list[LinkEntry]] = {}
        for row in self._connection.execute(statement):
            link = LinkEntry(row.guardian_jointure, row.relation, row.legal_level, row.legal)
            links.setdefault(row.pupil_jointure, []).append(link)
        # Python and the database may sort differently.
        return {jointure: sorted(found, key=lambda link: link.guardian_jointure) for jointure, found in links.items()}

    def _save_links(self, academy: str, entries: Sequence[PupilEntry]) -> None:
        stated = {(entry.jointure, link.guardian_jointure): link for entry in entries for link in entry.links}
        deleted = self._load_deleted_guardians(academy, {guardian_jointure for _, guardian_jointure in stated})
        known = self._load_links(academy, [entry.jointure for entry in entries])
        added: list[dict[str, Any]] = []
        changed: list[dict[str, Any]] = []
        for ends, link in stated.items():
            values = {
                "relation": link.relation,
                "legal_level": link.legal_level,
                "legal": link.legal,
                "present": link.guardian_jointure not in deleted,
            }
            if ends in known:
                changed.append({"row_id": known[ends], **values})
            else:
                row = {"academy": academy, "pupil_jointure": ends[0], "guardian_jointure": ends[1], **values}
                added.append({**row, "state": KinshipState.DECLARED.value})
        unstated = {"relation": "", "legal_level": "", "legal": False, "present": False}
        changed += [{"row_id": row_id, **unstated} for ends, row_id in known.items() if ends not in stated]
        self._insert(kinship, added)
        self._update(kinship, changed)

    def _load_links(self, academy: str, pupils: Sequence[str]) -> dict[tuple[str, str], int]:
        statement = select(kinship.c.id, kinship.c.pupil_jointure, kinship.c.guardian_jointure).where(
            kinship.c.academy == academy, kinship.c.pupil_jointure.in_(pupils)
        )
        return {(row.pupil_jointure, row.guardian_jointure): row.id for row in self._connection.execute(statement)}

    def _load_deleted_guardians(self, academy: str, jointures: Iterable[str]) -> set[str]:
        statement = select(guardian.c.jointure).where(
            _among(guardian, academy, sorted(jointures)), guardian.c.present.is_(False)
        )
        return {row.jointure for row in self._connection.execute(statement)}

    def _bring_links_back(self, academy: str, guardians: Sequence[str]) -> None:
        present_pupils = select(pupil.c.jointure).where(pupil.c.academy == academy, pupil.c.present)
        self._connection.execute(
            update(kinship)
            .where(
                kinship.c.academy == academy,
                kinship.c.guardian_jointure.in_(guardians),
                kinship.c.relation != "",
                kinship.c.present.is_(False),
                kinship.c.pupil_jointure.in_(present_pupils),
            )
            .values(present=True)
        )

    def _insert(self, table: Table, rows: list[dict[str, Any]]) -> None:
        if rows:
            self._connection.execute(insert(table), rows)

    def _update(self, table: Table, rows: list[dict[str, Any]]) -> None:
        """Update rows by their `row_id`; all of them give the same columns."""
        if rows:
            self._connection.execute(update(table).where(table.c.id == bindparam("row_id")), rows)


def _among(table: Table, academy: str, jointures: Sequence[str]) -> ColumnElement[bool]:
    return and_(table.c.academy == academy, table.c.jointure.in_(jointures))


def _is_present(table: Table) -> ColumnElement[bool]:
    """Schools are never deleted."""
    return table.c.present if "present" in table.c else literal(True).label("present")


def _write_row(entry: Entry) -> dict[str, Any]:
    columns = {name: getattr(entry, name) for name in type(entry).__dataclass_fields__ if name not in _NOT_COLUMNS}
    if isinstance(entry, GuardianEntry):
        columns["given_names"] = _NAMES_JOINED_BY.join(entry.given_names)
    if not isinstance(entry, SchoolEntry):
        columns["present"] = True
    return columns


def _read_row(kind: Kind, row: Mapping[str, Any], links: Mapping[str, Sequence[LinkEntry]]) -> Entry:
    if kind is Kind.SCHOOL:
        return SchoolEntry(**{name: row[name] for name in SchoolEntry.__dataclass_fields__})
    if kind is Kind.GUARDIAN:
        columns = {name: row[name] for name in GuardianEntry.__dataclass_fields__ if name not in _NOT_COLUMNS}
        return GuardianEntry(**{**columns, "given_names": tuple(row["given_names"].split(_NAMES_JOINED_BY))})
    columns = {name: row[name] for name in PupilEntry.__dataclass_fields__ if name not in _NOT_COLUMNS}
    return PupilEntry(**columns, links=tuple(links.get(row["jointure"], ())))
