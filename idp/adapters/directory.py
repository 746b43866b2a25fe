"""Where the directory is written: schools, pupils, guardians and the links between them.

One transaction is `directory_rows`; links are `directory_kinship` (as they are) and `directory_statements` (as guardians state them).
"""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime

from sqlalchemy import Connection, Engine, and_, bindparam, func, insert, or_, select, text, update

from idp.adapters.directory_lock import import_lock
from idp.adapters.directory_rows import DirectoryBatch, OnPhones
from idp.adapters.directory_statements import StatementRows, StatementState
from idp.adapters.directory_survey import DirectorySurvey
from idp.adapters.directory_tables import guardian, import_run, kinship, pupil, school, stated_link
from idp.adapters.stores import make_single
from idp.journeys.directory_desk import KnownSchool, WaitingLink
from idp.journeys.directory_ports import Origin, PupilKey, RejectedRecord

_SQLITE_PAUSE_SECONDS = 0.01
"""SQLite has one writer, and those who wait for it ask again after some milliseconds: between two batches they find the door open."""
_SCHOOLS_AT_ONCE = 500
_ROWS_AT_ONCE = 500


class DirectoryStore:
    """`journeys.directory_desk.DirectoryStore` on a database."""

    def __init__(self, engine: Engine, on_phones: OnPhones = lambda *_: None) -> None:
        """Begin.

        Args:
            engine: The database.
            on_phones: Told when a number of somebody changes who has an account; whoever only reads needs none.
        """
        self._engine = engine
        self._on_phones = on_phones
        self._single = make_single(engine)

    @contextmanager
    def importing(self) -> Iterator[DirectorySurvey]:
        """The one import of this database, from its first reading to its end.

        Raises:
            ImportUnderWay: Another process imports.
        """
        with self._single.connect() as connection, import_lock(connection):
            survey = DirectorySurvey(connection)
            yield survey
            survey.forget()

    @contextmanager
    def writing(self) -> Iterator[DirectoryBatch]:
        """One transaction: commits at the end, rolls back on an exception, and lets others write before the next one."""
        with self._engine.begin() as connection:
            _plan_each_time(connection)
            yield DirectoryBatch(connection, self._on_phones)
        self._let_others_write()

    def look_at_growth(self) -> None:
        """Let PostgreSQL take note of how much was written: it plans by what it believes, and believes new tables to be empty."""
        if self._engine.dialect.name == "postgresql":
            with self._single.connect() as connection:
                connection.execute(text("ANALYZE guardian, pupil, kinship, stated_link, school"))

    def settle_links(self, academy: str, batch_size: int, at: datetime) -> None:
        """Make the links that guardians' sides state and whose pupil is known; unmake those whose statement or pupil is gone."""
        self._find_schools_of_tables(academy)
        # A statement that becomes doubtful while the last state is walked through need not be looked at again.
        for state in (StatementState.WITHDRAWN, StatementState.HOMONYMS, StatementState.WAITING):
            last = -1
            while last:
                with self._engine.begin() as connection:
                    _plan_each_time(connection)
                    last = StatementRows(connection).settle(academy, state, max(last, 0), batch_size, at)
                if last:
                    self._let_others_write()

    def _find_schools_of_tables(self, academy: str) -> None:
        """Put pupils of spreadsheets, who name their school by its UAI, into the school of that UAI once it is known."""
        jointures = {uai: jointure for jointure, uai in sorted(self.load_school_uais(academy).items(), reverse=True)}
        uais = sorted(jointures)
        for start in range(0, len(uais), _SCHOOLS_AT_ONCE):
            named = and_(
                pupil.c.academy == academy,
                pupil.c.school_jointure.in_(uais[start : start + _SCHOOLS_AT_ONCE]),
                pupil.c.origin == Origin.CSV.value,
            )
            with self._single.connect() as connection:
                found = connection.execute(select(pupil.c.id, pupil.c.school_jointure).where(named)).all()
            rows = [{"row_id": row.id, "school_jointure": jointures[row.school_jointure]} for row in found]
            for first in range(0, len(rows), _ROWS_AT_ONCE):
                with self._engine.begin() as connection:
                    statement = update(pupil).where(pupil.c.id == bindparam("row_id"))
                    connection.execute(statement, rows[first : first + _ROWS_AT_ONCE])
                self._let_others_write()

    def load_school_academies(self, jointures: Sequence[str], uais: Sequence[str] = ()) -> set[str]:
        """Return the academies of the known schools with these jointures or UAIs."""
        named = or_(school.c.jointure.in_(jointures), school.c.uai.in_(uais))
        with self._single.connect() as connection:
            return {row.academy for row in connection.execute(select(school.c.academy).where(named).distinct())}

    def load_school_uais(self, academy: str) -> dict[str, str]:
        """Return the UAI of each known school of an academy, by jointure."""
        with self._single.connect() as connection:
            rows = connection.execute(select(school.c.jointure, school.c.uai).where(school.c.academy == academy))
            return {row.jointure: row.uai for row in rows}

    def measure_schools(self, academy: str, jointures: Sequence[str]) -> dict[str, KnownSchool]:
        """Return what these schools hold now, by jointure."""
        statement = (
            select(
                pupil.c.school_jointure,
                func.count(kinship.c.id.distinct()).label("links"),
                func.count(guardian.c.id.distinct()).label("phones"),
            )
            .select_from(pupil)
            .join(
                kinship,
                and_(
                    kinship.c.academy == pupil.c.academy,
                    kinship.c.pupil_origin == pupil.c.origin,
                    kinship.c.pupil_jointure == pupil.c.jointure,
                    kinship.c.present.is_(True),
                ),
            )
            .outerjoin(
                guardian,
                and_(
                    guardian.c.academy == kinship.c.academy,
                    guardian.c.origin == kinship.c.guardian_origin,
                    guardian.c.jointure == kinship.c.guardian_jointure,
                    guardian.c.present.is_(True),
                    guardian.c.mobile != "",
                ),
            )
            .where(pupil.c.academy == academy, pupil.c.present.is_(True))
            .group_by(pupil.c.school_jointure)
        )
        known: dict[str, KnownSchool] = {}
        with self._single.connect() as connection:
            for start in range(0, len(jointures), _SCHOOLS_AT_ONCE):
                some = pupil.c.school_jointure.in_(jointures[start : start + _SCHOOLS_AT_ONCE])
                for row in connection.execute(statement.where(some)):
                    known[row.school_jointure] = KnownSchool(phones=row.phones, links=row.links)
        return known

    def count_statements(self, academy: str) -> dict[tuple[str, str], int]:
        """Return how many links guardians' sides state, by state and UAI."""
        statement = (
            select(stated_link.c.state, stated_link.c.pupil_uai, func.count().label("many"))
            .where(stated_link.c.academy == academy)
            .group_by(stated_link.c.state, stated_link.c.pupil_uai)
        )
        with self._single.connect() as connection:
            return {(row.state, row.pupil_uai): row.many for row in connection.execute(statement)}

    def load_homonyms(self, academy: str) -> Iterator[RejectedRecord]:
        """Yield the stated links that two pupils could be meant by, as records that are rejected for that reason."""
        for one in self._load_unmade([StatementState.HOMONYMS], academy):
            reason = "two pupils could be meant by this link: no link is made"
            yield RejectedRecord(one.file, one.line, reason, one.guardian_jointure)

    def load_waiting(self) -> Iterator[WaitingLink]:
        """Yield the links that are not made yet."""
        yield from self._load_unmade([StatementState.HOMONYMS, StatementState.WAITING])

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

    def _load_unmade(self, states: Sequence[StatementState], academy: str = "") -> Iterator[WaitingLink]:
        last = 0
        while True:
            statement = (
                select(stated_link)
                .where(stated_link.c.state.in_([state.value for state in states]), stated_link.c.id > last)
                .order_by(stated_link.c.id)
                .limit(_ROWS_AT_ONCE)
            )
            if academy:
                statement = statement.where(stated_link.c.academy == academy)
            with self._single.connect() as connection:
                rows = connection.execute(statement).all()
            for row in rows:
                key = PupilKey(row.pupil_key)
                yield WaitingLink(
                    academy=row.academy,
                    origin=Origin(row.origin),
                    guardian_jointure=row.guardian_jointure,
                    pupil_key=key,
                    pupil_value="" if key is PupilKey.NAMES else row.pupil_value,
                    pupil_uai=row.pupil_uai,
                    homonyms=row.state == StatementState.HOMONYMS.value,
                    file=row.file,
                    line=row.line,
                )
            if not rows:
                return
            last = rows[-1].id

    def _let_others_write(self) -> None:
        if self._engine.dialect.name == "sqlite":
            time.sleep(_SQLITE_PAUSE_SECONDS)


def _plan_each_time(connection: Connection) -> None:
    """Keep PostgreSQL from using, for tables that grow by the minute, the plan that it made when they were empty."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SET LOCAL plan_cache_mode = force_custom_plan"))
