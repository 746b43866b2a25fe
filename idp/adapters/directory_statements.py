"""Links that the guardian's side states: kept as they were stated, and made into links between two records once their pupil is known.

What becomes of a statement depends on what the database holds at the end of an import, never on the order in which it came:

- one present pupil is meant: the link is made;
- none is: it waits;
- several are: it is in doubt between homonyms, and no link is made, unless a guardian has confirmed the one that was made before a second
  pupil of that name came: a birth date said who was meant.

Whatever could change that (a statement, a pupil) sends the statement back to wait, and `settle` looks at all that wait.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any, TypeAlias

from sqlalchemy import ColumnElement, Connection, Row, and_, bindparam, delete, insert, select, update

from idp.adapters.directory_kinship import Ends, KinshipRows, Weight, of_pupils
from idp.adapters.directory_tables import pupil, school, stated_link
from idp.adapters.link_news import note_link_news
from idp.journeys.directory_desk import Place, StatementKey, hash_names, kept_value
from idp.journeys.directory_ports import Kind, Origin, PupilEntry, PupilKey, StatedLink
from idp.people.names import fold_name

_Key: TypeAlias = tuple[str, str, str]  # kind of key, value, and origin where the kind of key needs one


class StatementState(StrEnum):
    """How far a statement has come."""

    LINKED = "linked"
    WAITING = "waiting"
    HOMONYMS = "homonyms"
    WITHDRAWN = "withdrawn"
    """No longer stated: its link is to be unmade, and the statement erased."""


class StatementRows:
    """The statements of one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._kinships = KinshipRows(connection)

    def load(
        self, academy: str, origin: Origin, stated_in: Kind, guardians: Sequence[str]
    ) -> dict[StatementKey, StatedLink]:
        """Return what records of this kind state for these guardians. Names are hashed."""
        rows = self._load_rows(academy, origin, stated_in, guardians)
        return {
            key: StatedLink(key.pupil_key, key.pupil_value, key.pupil_uai, row.relation, row.legal_level, row.legal)
            for key, row in rows.items()
            if row.state != StatementState.WITHDRAWN.value
        }

    def save(
        self, academy: str, origin: Origin, stated_in: Kind, stated: Mapping[StatementKey, tuple[StatedLink, Place]]
    ) -> None:
        """Keep these statements; they wait until `settle`."""
        if not stated:
            return
        known = self._load_rows(academy, origin, stated_in, sorted({key.guardian_jointure for key in stated}))
        added, changed = [], []
        for key, (link, place) in stated.items():
            values = {
                "relation": link.relation,
                "legal_level": link.legal_level,
                "legal": link.legal,
                "state": StatementState.WAITING.value,
                "file": place.file[:200],
                "line": place.line,
            }
            if key not in known:
                added.append(
                    {
                        "academy": academy,
                        "origin": origin.value,
                        "stated_in": stated_in.value,
                        "guardian_jointure": key.guardian_jointure,
                        "pupil_key": key.pupil_key.value,
                        "pupil_value": key.pupil_value,
                        "pupil_uai": key.pupil_uai,
                        "pupil_origin": "",
                        "pupil_jointure": "",
                        **values,
                    }
                )
            elif _weight(known[key]) != _weight(link) or known[key].state == StatementState.WITHDRAWN.value:
                changed.append({"row_id": known[key].id, **values})
        if added:
            self._connection.execute(insert(stated_link), added)
        if changed:
            self._connection.execute(update(stated_link).where(stated_link.c.id == bindparam("row_id")), changed)

    def replace(self, academy: str, origin: Origin, stated: Mapping[str, tuple[tuple[StatedLink, ...], Place]]) -> None:
        """Make the statements of guardians' own records those that the records now hold."""
        wanted = {
            StatementKey(jointure, link.pupil_key, kept_value(link), link.pupil_uai): (link, place)
            for jointure, (links, place) in stated.items()
            for link in links
        }
        known = self._load_rows(academy, origin, Kind.GUARDIAN, list(stated))
        self._withdraw([row.id for key, row in known.items() if key not in wanted])
        self.save(academy, origin, Kind.GUARDIAN, wanted)

    def withdraw(self, academy: str, origin: Origin, keys: Sequence[StatementKey]) -> None:
        """Note that records of their own no longer state these links."""
        if keys:
            known = self._load_rows(academy, origin, Kind.LINK, sorted({key.guardian_jointure for key in keys}))
            self._withdraw([known[key].id for key in keys if key in known])

    def look_again_at_pupils(self, academy: str, origin: Origin, entries: Sequence[PupilEntry]) -> None:
        """Send back to wait what could mean these pupils, or meant them until now."""
        for key, values in (
            (PupilKey.NAMES, [names_hash(entry) for entry in entries]),
            (PupilKey.RATTACH, [entry.rattach_id for entry in entries if entry.rattach_id]),
        ):
            self._send_back(
                and_(
                    stated_link.c.academy == academy,
                    stated_link.c.pupil_key == key.value,
                    stated_link.c.pupil_value.in_(values),
                )
            )
        self.look_again_at(academy, origin, [entry.jointure for entry in entries])

    def look_again_at(self, academy: str, origin: Origin, pupils: Sequence[str]) -> None:
        """Send back to wait what meant these pupils until now."""
        self._send_back(
            and_(
                stated_link.c.academy == academy,
                stated_link.c.pupil_origin == origin.value,
                stated_link.c.pupil_jointure.in_(pupils),
            )
        )

    def follow(self, academy: str, ends: Iterable[Ends]) -> None:
        """Make links that pupils' records no longer state what the guardians' side states, if it does."""
        weights = {one: weight for one, weight in self._weigh(academy, ends).items() if weight is not None}
        self._kinships.follow_guardians(academy, weights)

    def settle(self, academy: str, state: StatementState, after: int, limit: int, at: datetime) -> int:
        """Look at some statements of a state.

        Args:
            academy: Whose.
            state: Which.
            after: The last one's number, of the look before.
            limit: How many at most.
            at: The present moment.

        Returns:
            The last one's number, 0 once there is none.
        """
        statement = (
            select(stated_link)
            .where(stated_link.c.academy == academy, stated_link.c.state == state.value, stated_link.c.id > after)
            .order_by(stated_link.c.id)
            .limit(limit)
        )
        rows = self._connection.execute(statement).all()
        if not rows:
            return 0
        touched = {ends for row in rows if (ends := _ends(row)) is not None}
        if state is StatementState.WITHDRAWN:
            self._connection.execute(delete(stated_link).where(stated_link.c.id.in_([row.id for row in rows])))
        else:
            touched |= self._find_pupils(academy, rows, touched)
        self._kinships.follow_guardians(academy, self._weigh(academy, touched))
        for origin in {ends.pupil_origin for ends in touched}:
            pupils = sorted({ends.pupil_jointure for ends in touched if ends.pupil_origin == origin})
            note_link_news(self._connection, of_pupils(academy, origin, pupils), at)
        return int(rows[-1].id)

    def _find_pupils(self, academy: str, rows: Sequence[Row[Any]], before: Iterable[Ends]) -> set[Ends]:
        """Write which pupil each statement means; return the ends of the links to be made."""
        candidates = self._load_candidates(academy, rows)
        confirmed = self._kinships.load_confirmed(academy, before)
        made: set[Ends] = set()
        changed = []
        for row in rows:
            meant = [
                (one.origin, one.jointure)
                for one in candidates.get(_key_of(row), ())
                if row.pupil_uai in {"", one.uai, one.school_jointure}
            ]
            former = _ends(row)
            if len(meant) > 1 and former in confirmed:
                meant = [(row.pupil_origin, row.pupil_jointure)]
            state = _STATES.get(len(meant), StatementState.HOMONYMS)
            origin, jointure = meant[0] if state is StatementState.LINKED else ("", "")
            if (row.state, row.pupil_origin, row.pupil_jointure) != (state.value, origin, jointure):
                changed.append(
                    {"row_id": row.id, "state": state.value, "pupil_origin": origin, "pupil_jointure": jointure}
                )
            if state is StatementState.LINKED:
                made.add(Ends(row.origin, row.guardian_jointure, origin, jointure))
        if changed:
            self._connection.execute(update(stated_link).where(stated_link.c.id == bindparam("row_id")), changed)
        return made

    def _load_candidates(self, academy: str, rows: Sequence[Row[Any]]) -> dict[_Key, list[Any]]:
        wanted = {_key_of(row) for row in rows}
        names = [value for kind, value, _ in wanted if kind == PupilKey.NAMES.value]
        ids = [value for kind, value, _ in wanted if kind == PupilKey.RATTACH.value]
        tests: list[ColumnElement[bool]] = [pupil.c.names_hash.in_(names)] if names else []
        tests += [pupil.c.rattach_id.in_(ids)] if ids else []
        for origin in {origin for _, _, origin in wanted if origin}:
            own = [value for _, value, of in wanted if of == origin]
            tests.append(and_(pupil.c.origin == origin, pupil.c.jointure.in_(own)))
        found: dict[_Key, list[Any]] = {}
        # Each test has an index of its own, begun by the academy.
        for test in tests:
            statement = (
                select(
                    pupil.c.origin,
                    pupil.c.jointure,
                    pupil.c.names_hash,
                    pupil.c.rattach_id,
                    pupil.c.school_jointure,
                    school.c.uai,
                )
                .outerjoin(
                    school, and_(school.c.academy == pupil.c.academy, school.c.jointure == pupil.c.school_jointure)
                )
                .where(pupil.c.academy == academy, pupil.c.present.is_(True), test)
            )
            for row in self._connection.execute(statement):
                for key in (
                    (PupilKey.NAMES.value, row.names_hash, ""),
                    (PupilKey.RATTACH.value, row.rattach_id, ""),
                    (PupilKey.JOINTURE.value, row.jointure, row.origin),
                ):
                    if key in wanted and row not in found.setdefault(key, []):
                        found[key].append(row)
        return found

    def _weigh(self, academy: str, touched: Iterable[Ends]) -> dict[Ends, Weight | None]:
        """Return what the guardians' side now states of these links."""
        weights: dict[Ends, Weight | None] = dict.fromkeys(touched)
        for origin in {ends.pupil_origin for ends in weights}:
            statement = select(stated_link).where(
                stated_link.c.academy == academy,
                stated_link.c.pupil_origin == origin,
                stated_link.c.pupil_jointure.in_(
                    sorted({ends.pupil_jointure for ends in weights if ends.pupil_origin == origin})
                ),
                stated_link.c.state == StatementState.LINKED.value,
            )
            rows = sorted(self._connection.execute(statement), key=_rank)
            for row in reversed(rows):  # the first in rank is written last
                ends = _ends(row)
                if ends in weights:
                    weights[ends] = Weight(row.relation, row.legal_level, row.legal)
        return weights

    def _load_rows(
        self, academy: str, origin: Origin, stated_in: Kind, guardians: Sequence[str]
    ) -> dict[StatementKey, Row[Any]]:
        statement = select(stated_link).where(
            stated_link.c.academy == academy,
            stated_link.c.origin == origin.value,
            stated_link.c.guardian_jointure.in_(guardians),
            stated_link.c.stated_in == stated_in.value,
        )
        return {
            StatementKey(row.guardian_jointure, PupilKey(row.pupil_key), row.pupil_value, row.pupil_uai): row
            for row in self._connection.execute(statement)
        }

    def _withdraw(self, ids: Sequence[int]) -> None:
        if ids:
            self._connection.execute(
                update(stated_link).where(stated_link.c.id.in_(ids)).values(state=StatementState.WITHDRAWN.value)
            )

    def _send_back(self, which: ColumnElement[bool]) -> None:
        self._connection.execute(
            update(stated_link)
            .where(which, stated_link.c.state == StatementState.LINKED.value)
            .values(state=StatementState.WAITING.value)
        )


_STATES: Mapping[int, StatementState] = {0: StatementState.WAITING, 1: StatementState.LINKED}


def names_hash(entry: PupilEntry) -> str:
    """Return what a pupil is called by in statements by names."""
    return hash_names(f"{fold_name(entry.family_name)}|{fold_name(entry.given_name)}")


def _key_of(row: Row[Any]) -> _Key:
    return row.pupil_key, row.pupil_value, row.origin if row.pupil_key == PupilKey.JOINTURE.value else ""


def _ends(row: Row[Any]) -> Ends | None:
    if not row.pupil_jointure:
        return None
    return Ends(row.origin, row.guardian_jointure, row.pupil_origin, row.pupil_jointure)


def _rank(row: Row[Any]) -> tuple[str, ...]:
    """Which of several statements of one link is followed: whichever, but always the same."""
    return row.stated_in, row.pupil_key, row.pupil_value, row.pupil_uai


def _weight(one: Any) -> Weight:
    return Weight(one.relation, one.legal_level, one.legal)
