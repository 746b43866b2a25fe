"""One transaction of an import: schools, pupils and guardians, with what their records state of links."""

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, and_, bindparam, insert, literal, select, update

from idp.adapters.directory_kinship import KinshipRows, of_guardians, of_pupils
from idp.adapters.directory_statements import StatementRows, names_hash
from idp.adapters.directory_tables import guardian, kinship, pupil, school
from idp.adapters.link_news import note_link_news
from idp.adapters.tables import account_guardian, audit
from idp.journeys.directory_desk import Place, RecordState, StatementKey, statement_key
from idp.journeys.directory_ports import (
    Entry,
    GuardianEntry,
    Kind,
    LinkEntry,
    LinkRecordEntry,
    Origin,
    PupilEntry,
    SchoolEntry,
    StatedLink,
)
from idp.journeys.phone_changes import PhoneMove

_TABLES: Mapping[Kind, Table] = {Kind.SCHOOL: school, Kind.PUPIL: pupil, Kind.GUARDIAN: guardian}
_NAMES_JOINED_BY = ", "


class DirectoryRows:
    """`journeys.directory_desk.DirectoryReading` on one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._kinships = KinshipRows(connection)
        self._statements = StatementRows(connection)

    def load_states(self, kind: Kind, academy: str, origin: Origin, jointures: Sequence[str]) -> dict[str, RecordState]:
        """Return the state of those of these records that are known, by jointure."""
        table = _TABLES[kind]
        of_school = table.c.school_jointure if kind is Kind.PUPIL else literal("").label("school_jointure")
        statement = select(table.c.jointure, table.c.digest, _is_present(table), of_school).where(
            _among(table, academy, origin, jointures)
        )
        return {
            row.jointure: RecordState(row.digest, row.present, row.school_jointure)
            for row in self._connection.execute(statement)
        }

    def load_entries(self, kind: Kind, academy: str, origin: Origin, jointures: Sequence[str]) -> dict[str, Entry]:
        """Return those of these records that are present, as their latest record says, by jointure."""
        table = _TABLES[kind]
        statement = select(table).where(_among(table, academy, origin, jointures))
        rows = [dict(row) for row in self._connection.execute(statement).mappings() if row.get("present", True)]
        links: Mapping[str, Sequence[LinkEntry | StatedLink]] = {}
        if kind is Kind.PUPIL:
            links = self._kinships.load_stated_by_pupils(academy, origin, jointures)
        elif kind is Kind.GUARDIAN:
            links = self._load_own_statements(academy, origin, jointures)
        return {row["jointure"]: _read_row(kind, row, links.get(row["jointure"], ())) for row in rows}

    def load_statements(
        self, academy: str, origin: Origin, guardian_jointures: Sequence[str]
    ) -> dict[StatementKey, StatedLink]:
        """Return the links that records of links state for these guardians, by key."""
        return self._statements.load(academy, origin, Kind.LINK, guardian_jointures)

    def load_schools_of_guardians(
        self, academy: str, origin: Origin, guardian_jointures: Sequence[str]
    ) -> dict[str, set[str]]:
        """Return the jointures of the schools of the pupils to whom these guardians have present links."""
        statement = (
            select(kinship.c.guardian_jointure, pupil.c.school_jointure)
            .join(
                pupil,
                and_(
                    pupil.c.academy == kinship.c.academy,
                    pupil.c.origin == kinship.c.pupil_origin,
                    pupil.c.jointure == kinship.c.pupil_jointure,
                ),
            )
            .where(
                kinship.c.academy == academy,
                kinship.c.guardian_origin == origin.value,
                kinship.c.guardian_jointure.in_(guardian_jointures),
                kinship.c.present.is_(True),
            )
            .distinct()
        )
        schools: dict[str, set[str]] = {}
        for row in self._connection.execute(statement):
            schools.setdefault(row.guardian_jointure, set()).add(row.school_jointure)
        return schools

    def _load_own_statements(
        self, academy: str, origin: Origin, guardians: Sequence[str]
    ) -> dict[str, list[StatedLink]]:
        links: dict[str, list[StatedLink]] = {}
        stated = self._statements.load(academy, origin, Kind.GUARDIAN, guardians)
        for key in sorted(stated, key=lambda key: (key.pupil_key, key.pupil_value, key.pupil_uai)):
            links.setdefault(key.guardian_jointure, []).append(stated[key])
        return links


OnPhones = Callable[[Connection, Sequence[PhoneMove], datetime], object]
"""Told, in the same transaction, of changed numbers when an account holds one of the records."""


class DirectoryBatch(DirectoryRows):
    """`journeys.directory_desk.DirectoryBatch` on one transaction."""

    def __init__(self, connection: Connection, on_phones: OnPhones) -> None:
        super().__init__(connection)
        self._on_phones = on_phones

    def save(
        self, kind: Kind, academy: str, origin: Origin, entries: Sequence[tuple[Entry, str, Place]], at: datetime
    ) -> None:
        """Keep these records with their digests, new or known, and mark them present, with the links that they state."""
        if not entries:
            return
        if kind is Kind.LINK:
            links = [(entry, place) for entry, _, place in entries if isinstance(entry, LinkRecordEntry)]
            stated = {statement_key(entry): (entry.link, place) for entry, place in links}
            self._statements.save(academy, origin, Kind.LINK, stated)
            return
        self._save_rows(kind, academy, origin, entries, at)
        if kind is Kind.PUPIL:
            pupils = [entry for entry, _, _ in entries if isinstance(entry, PupilEntry)]
            unstated = self._kinships.save_stated_by_pupils(academy, origin, pupils)
            self._statements.follow(academy, unstated)
            self._statements.look_again_at_pupils(academy, origin, pupils)
            jointures = [entry.jointure for entry in pupils]
            note_link_news(self._connection, of_pupils(academy, origin.value, jointures), at)
        elif kind is Kind.GUARDIAN:
            guardians = {
                entry.jointure: (entry.links, place) for entry, _, place in entries if isinstance(entry, GuardianEntry)
            }
            self._statements.replace(academy, origin, guardians)
            self._kinships.bring_back(kind, academy, origin, list(guardians))
            note_link_news(self._connection, of_guardians(academy, origin.value, list(guardians)), at)

    def mark_absent(self, kind: Kind, academy: str, origin: Origin, jointures: Sequence[str]) -> None:
        """Mark these pupils or guardians, and their links, absent. Nothing is erased."""
        if not jointures:
            return
        table = _TABLES[kind]
        self._connection.execute(update(table).where(_among(table, academy, origin, jointures)).values(present=False))
        self._kinships.mark_absent(kind, academy, origin, jointures)
        if kind is Kind.PUPIL:
            self._statements.look_again_at(academy, origin, jointures)

    def withdraw_statements(self, academy: str, origin: Origin, keys: Sequence[StatementKey]) -> None:
        """Note that these links are no longer stated by a record of their own."""
        self._statements.withdraw(academy, origin, keys)

    def _save_rows(
        self, kind: Kind, academy: str, origin: Origin, entries: Sequence[tuple[Entry, str, Place]], at: datetime
    ) -> None:
        table = _TABLES[kind]
        values = [{"academy": academy, "digest": digest, **_write_row(entry, origin)} for entry, digest, _ in entries]
        jointures = [row["jointure"] for row in values]
        known = {
            row.jointure: row
            for row in self._connection.execute(select(table).where(_among(table, academy, origin, jointures)))
        }
        added = [row for row in values if row["jointure"] not in known]
        changed = [{"row_id": known[row["jointure"]].id, **row} for row in values if row["jointure"] in known]
        if added:
            self._connection.execute(insert(table), added)
        if changed:
            self._connection.execute(update(table).where(table.c.id == bindparam("row_id")), changed)
        if kind is Kind.GUARDIAN:
            moves = [
                PhoneMove(row["row_id"], old, row["mobile"])
                for row in changed
                if row["mobile"] != (old := known[row["jointure"]].mobile)
            ]
            self._note_changed_mobiles(moves, at)

    def _note_changed_mobiles(self, moves: Sequence[PhoneMove], at: datetime) -> None:
        ids = [one.guardian_id for one in moves]
        if not ids:
            return
        self._connection.execute(update(guardian).where(guardian.c.id.in_(ids)).values(mobile_changed_at=at))
        holders = self._connection.execute(
            select(account_guardian.c.guardian_id, account_guardian.c.account_id)
            .where(account_guardian.c.guardian_id.in_(ids))
            .order_by(account_guardian.c.guardian_id)
        )
        lines = [
            {
                "at": at,
                "event": "directory-mobile-changed",
                "account_id": row.account_id,
                "details": json.dumps({"guardian": row.guardian_id}),
            }
            for row in holders
        ]
        if lines:
            self._connection.execute(insert(audit), lines)
            self._on_phones(self._connection, moves, at)


def _among(table: Table, academy: str, origin: Origin, jointures: Sequence[str]) -> ColumnElement[bool]:
    """Schools have no origin: each is one, whatever the files that name it."""
    these = and_(table.c.academy == academy, table.c.jointure.in_(jointures))
    return and_(these, table.c.origin == origin.value) if "origin" in table.c else these


def _is_present(table: Table) -> ColumnElement[bool]:
    """Schools are never deleted."""
    return table.c.present if "present" in table.c else literal(True).label("present")


def _write_row(entry: Entry, origin: Origin) -> dict[str, Any]:
    columns = {name: getattr(entry, name) for name in type(entry).__dataclass_fields__ if name != "links"}
    if isinstance(entry, SchoolEntry):
        return columns
    if isinstance(entry, GuardianEntry):
        columns["given_names"] = _NAMES_JOINED_BY.join(entry.given_names)
    elif isinstance(entry, PupilEntry):
        columns["names_hash"] = names_hash(entry)
    return {**columns, "origin": origin.value, "present": True}


def _read_row(kind: Kind, row: Mapping[str, Any], links: Sequence[Any]) -> Entry:
    if kind is Kind.SCHOOL:
        return SchoolEntry(**{name: row[name] for name in SchoolEntry.__dataclass_fields__})
    if kind is Kind.GUARDIAN:
        columns = {name: row[name] for name in GuardianEntry.__dataclass_fields__ if name != "links"}
        given_names = tuple(row["given_names"].split(_NAMES_JOINED_BY))
        return GuardianEntry(**{**columns, "given_names": given_names, "links": tuple(links)})
    columns = {name: row[name] for name in PupilEntry.__dataclass_fields__ if name != "links"}
    return PupilEntry(**columns, links=tuple(links))
