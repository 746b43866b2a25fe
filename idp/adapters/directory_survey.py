"""What an import's files hold, in a temporary table of its own connection: memory stays bounded, and the directory is not written.

The table goes with the connection: a killed import leaves nothing.
"""

import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, TextClause, text

from idp.adapters.directory_rows import DirectoryRows
from idp.journeys.directory_desk import Leavers, StatementKey
from idp.journeys.directory_ports import Kind, Origin, PupilKey

_OWN_SCHOOL = "own-school"
_OWN_UAI = "own-uai"

_MAKE = text(
    "CREATE TEMPORARY TABLE import_seen"
    " (name TEXT NOT NULL, kind TEXT NOT NULL, origin TEXT NOT NULL, PRIMARY KEY (name, kind, origin))"
)
_DROP = text("DROP TABLE IF EXISTS import_seen")
_NOTE = {
    "sqlite": text(
        "INSERT OR IGNORE INTO import_seen (name, kind, origin) SELECT value, :kind, :origin FROM json_each(:names)"
    ),
    "postgresql": text(
        "INSERT INTO import_seen (name, kind, origin) SELECT name, :kind, :origin FROM unnest(CAST(:names AS text[])) AS name"
        " ON CONFLICT DO NOTHING"
    ),
}

# A record whose kind or origin could not be read stands for every record of that id.
_SEEN = (
    "EXISTS (SELECT 1 FROM import_seen WHERE import_seen.name = {name}"
    " AND import_seen.kind IN ('', '{kind}') AND import_seen.origin IN ('', :origin))"
)
_OWN = "IN (SELECT name FROM import_seen WHERE kind = '{kind}' AND origin = :origin)"
_IS_OWN_SCHOOL = _OWN.format(kind=_OWN_SCHOOL)
_IS_OWN_UAI = _OWN.format(kind=_OWN_UAI)
_PUPIL_IS_SEEN = _SEEN.format(name="pupil.jointure", kind=Kind.PUPIL.value)
_GUARDIAN_IS_SEEN = _SEEN.format(name="guardian.jointure", kind=Kind.GUARDIAN.value)
_STATEMENT_IS_SEEN = _SEEN.format(
    name="stated_link.guardian_jointure || :newline || stated_link.pupil_key || :newline || stated_link.pupil_value"
    " || :newline || stated_link.pupil_uai",
    kind=Kind.LINK.value,
)
_TO_PUPIL = "pupil.academy = kinship.academy AND pupil.origin = kinship.pupil_origin AND pupil.jointure = kinship.pupil_jointure"
_OF_GUARDIAN = (
    "kinship.academy = guardian.academy AND kinship.guardian_origin = guardian.origin"
    " AND kinship.guardian_jointure = guardian.jointure"
)
_STATED_BY_GUARDIAN = (
    "stated_link.academy = guardian.academy AND stated_link.origin = guardian.origin"
    " AND stated_link.guardian_jointure = guardian.jointure"
)


_ABSENT_PUPILS = text(
    "SELECT pupil.jointure FROM pupil WHERE pupil.academy = :academy AND pupil.origin = :origin AND pupil.present"  # noqa: S608  own words alone
    f" AND pupil.school_jointure {_IS_OWN_SCHOOL} AND NOT {_PUPIL_IS_SEEN} LIMIT :limit"
)
_ABSENT_GUARDIANS = text(
    "SELECT guardian.jointure FROM guardian WHERE guardian.academy = :academy AND guardian.origin = :origin AND guardian.present"  # noqa: S608  own words alone
    f" AND guardian.jointure > :after AND NOT {_GUARDIAN_IS_SEEN} AND ("
    f"EXISTS (SELECT 1 FROM kinship JOIN pupil ON {_TO_PUPIL} WHERE {_OF_GUARDIAN} AND pupil.school_jointure {_IS_OWN_SCHOOL})"
    f" OR EXISTS (SELECT 1 FROM stated_link WHERE {_STATED_BY_GUARDIAN} AND stated_link.pupil_uai {_IS_OWN_UAI}))"
    f" AND NOT EXISTS (SELECT 1 FROM kinship JOIN pupil ON {_TO_PUPIL} LEFT JOIN school ON school.academy = pupil.academy"
    f" AND school.jointure = pupil.school_jointure WHERE {_OF_GUARDIAN} AND kinship.stated_by <> '' AND pupil.present"
    f" AND NOT pupil.school_jointure {_IS_OWN_SCHOOL} AND NOT COALESCE(school.uai, '') {_IS_OWN_UAI})"
    f" AND NOT EXISTS (SELECT 1 FROM stated_link WHERE {_STATED_BY_GUARDIAN} AND stated_link.pupil_uai <> ''"
    f" AND stated_link.state <> 'withdrawn' AND NOT stated_link.pupil_uai {_IS_OWN_UAI})"
    " ORDER BY guardian.jointure LIMIT :limit"
)
_ABSENT_STATEMENTS = text(
    "SELECT guardian_jointure, pupil_key, pupil_value, pupil_uai FROM stated_link WHERE academy = :academy"  # noqa: S608  own words alone
    " AND stated_link.origin = :origin AND stated_in = 'ResponsableEleve' AND state <> 'withdrawn'"
    f" AND (pupil_uai {_IS_OWN_UAI} OR (pupil_uai = '' AND EXISTS (SELECT 1 FROM pupil WHERE pupil.academy = stated_link.academy"
    " AND pupil.origin = stated_link.pupil_origin AND pupil.jointure = stated_link.pupil_jointure"
    f" AND pupil.school_jointure {_IS_OWN_SCHOOL}))) AND NOT {_STATEMENT_IS_SEEN} LIMIT :limit"
)
_LEAVERS = text(
    "SELECT pupil.school_jointure, COUNT(DISTINCT pupil.id) AS pupils, COUNT(kinship.id) AS links FROM pupil"  # noqa: S608  own words alone
    f" LEFT JOIN kinship ON {_TO_PUPIL} AND kinship.present WHERE pupil.academy = :academy AND pupil.origin = :origin"
    f" AND pupil.present AND pupil.school_jointure {_IS_OWN_SCHOOL} AND NOT {_PUPIL_IS_SEEN} GROUP BY pupil.school_jointure"
)
_LEAVING_PHONES = text(
    "SELECT pupil.school_jointure, COUNT(DISTINCT guardian.id) AS phones FROM guardian"  # noqa: S608  own words alone
    f" JOIN kinship ON {_OF_GUARDIAN} AND kinship.present JOIN pupil ON {_TO_PUPIL} WHERE guardian.academy = :academy"
    " AND guardian.origin = :origin AND guardian.present AND guardian.mobile <> ''"
    f" AND pupil.school_jointure {_IS_OWN_SCHOOL} AND NOT {_GUARDIAN_IS_SEEN} GROUP BY pupil.school_jointure"
)


class DirectorySurvey(DirectoryRows):
    """`journeys.directory_desk.DirectorySurvey` on a connection whose statements stand alone."""

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection)
        self._dialect = connection.dialect.name
        connection.execute(_DROP)
        connection.execute(_MAKE)

    def forget(self) -> None:
        """Forget what was seen."""
        self._connection.execute(_DROP)

    def note_seen(self, kind: Kind | None, origin: Origin | None, keys: Sequence[str]) -> None:
        """Remember that the files hold these records; None for a kind or an origin that could not be read."""
        self._note("" if kind is None else kind.value, "" if origin is None else origin.value, keys)

    def note_own(self, origin: Origin, schools: Sequence[str], uais: Sequence[str]) -> None:
        """Say which schools the files of an origin are about: by jointure for pupils, by UAI for stated links."""
        self._note(_OWN_SCHOOL, origin.value, schools)
        self._note(_OWN_UAI, origin.value, uais)
        self._connection.execute(text("ANALYZE import_seen"))

    def measure_leavers(self, academy: str, origin: Origin) -> list[Leavers]:
        """Return what the files no longer hold of their own schools, without changing anything."""
        values = {"academy": academy, "origin": origin.value}
        pupils = {row.school_jointure: row for row in self._connection.execute(_LEAVERS, values)}
        phones = {row.school_jointure: row.phones for row in self._connection.execute(_LEAVING_PHONES, values)}
        return [
            Leavers(
                one,
                pupils=pupils[one].pupils if one in pupils else 0,
                links=pupils[one].links if one in pupils else 0,
                phones=phones.get(one, 0),
            )
            for one in sorted(pupils.keys() | phones.keys())
        ]

    def load_absent_pupils(self, academy: str, origin: Origin, limit: int) -> list[str]:
        """Return some present pupils of the files' own schools that the files do not hold; [] once there is none."""
        return [row.jointure for row in self._load(_ABSENT_PUPILS, academy, origin, limit)]

    def load_absent_guardians(self, academy: str, origin: Origin, after: str, limit: int) -> list[str]:
        """Return some present guardians that the files do not hold, with links to pupils of the files' own schools and to no others."""
        return [row.jointure for row in self._load(_ABSENT_GUARDIANS, academy, origin, limit, after=after)]

    def load_absent_statements(self, academy: str, origin: Origin, limit: int) -> list[StatementKey]:
        """Return some links stated for the files' own schools that the files do not hold; [] once there is none."""
        return [
            StatementKey(row.guardian_jointure, PupilKey(row.pupil_key), row.pupil_value, row.pupil_uai)
            for row in self._load(_ABSENT_STATEMENTS, academy, origin, limit, newline="\n")
        ]

    def _load(self, statement: TextClause, academy: str, origin: Origin, limit: int, **more: str) -> Sequence[Any]:
        values = {"academy": academy, "origin": origin.value, "limit": limit, **more}
        return self._connection.execute(statement, values).all()

    def _note(self, kind: str, origin: str, names: Sequence[str]) -> None:
        given = json.dumps(list(names)) if self._dialect == "sqlite" else list(names)
        self._connection.execute(_NOTE[self._dialect], {"kind": kind, "origin": origin, "names": given})
