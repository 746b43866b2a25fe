"""Links between guardians and pupils, as either side states them.

Their two ends are origins and jointures, not row ids, because files bring them in any order.

`stated_by` says whose statement a link follows: the pupil's record wins over the guardian's side, and "" means that nobody states it any
longer. A link is present while it is stated and neither end is absent: a guardian or a pupil who comes back brings it back. What guardians
confirmed or contested (`state`) is never written here.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, and_, bindparam, exists, insert, select, update

from idp.adapters.directory_tables import guardian, kinship, pupil
from idp.journeys.directory_ports import Kind, LinkEntry, Origin, PupilEntry
from idp.people.records import KinshipState

_UNSTATED: Mapping[str, Any] = {
    "relation": "", "legal_level": "", "legal": False, "present": False, "stated_by": "",
}  # fmt: skip


@dataclass(frozen=True, slots=True, order=True)
class Ends:
    """The two ends of a link."""

    guardian_origin: str
    guardian_jointure: str
    pupil_origin: str
    pupil_jointure: str


@dataclass(frozen=True, slots=True)
class Weight:
    """What a statement says of a link."""

    relation: str
    legal_level: str
    legal: bool


class KinshipRows:
    """The links of one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def load_stated_by_pupils(self, academy: str, origin: Origin, pupils: Sequence[str]) -> dict[str, list[LinkEntry]]:
        """Return the links that these pupils' records state, by pupil, each list by guardian."""
        statement = select(kinship).where(
            of_pupils(academy, origin.value, pupils),
            kinship.c.stated_by == "pupil",
            kinship.c.guardian_origin == origin.value,
        )
        links: dict[str, list[LinkEntry]] = {}
        for row in self._connection.execute(statement):
            link = LinkEntry(row.guardian_jointure, row.relation, row.legal_level, row.legal)
            links.setdefault(row.pupil_jointure, []).append(link)
        # Python and the database may sort differently.
        return {jointure: sorted(found, key=lambda link: link.guardian_jointure) for jointure, found in links.items()}

    def save_stated_by_pupils(self, academy: str, origin: Origin, entries: Sequence[PupilEntry]) -> list[Ends]:
        """Make these pupils' links those that they state; return the ends of those that they no longer state."""
        stated = {
            Ends(origin.value, link.guardian_jointure, origin.value, entry.jointure): link
            for entry in entries
            for link in entry.links
        }
        absent = self._load_absent(guardian, academy, origin.value, {ends.guardian_jointure for ends in stated})
        known = self._load_ends(academy, origin.value, [entry.jointure for entry in entries])
        added: list[dict[str, Any]] = []
        changed: list[dict[str, Any]] = []
        for ends, link in stated.items():
            values = {
                "relation": link.relation,
                "legal_level": link.legal_level,
                "legal": link.legal,
                "present": ends.guardian_jointure not in absent,
                "stated_by": "pupil",
            }
            _put(academy, ends, values, known, added, changed)
        unstated = [ends for ends, row in known.items() if ends not in stated and row.stated_by == "pupil"]
        changed += [{"row_id": known[ends].id, **_UNSTATED} for ends in unstated]
        self._write(added, changed)
        if any(row.stated_by == "guardian" for row in known.values()):
            self.bring_back(Kind.PUPIL, academy, origin, [entry.jointure for entry in entries])
        return unstated

    def follow_guardians(self, academy: str, weights: Mapping[Ends, Weight | None]) -> None:
        """Make links what the guardian's side states, unless the pupil's record states them itself; None: it states nothing."""
        groups: dict[tuple[str, str], list[Ends]] = {}
        for ends in sorted(weights):
            groups.setdefault((ends.guardian_origin, ends.pupil_origin), []).append(ends)
        for (guardian_origin, pupil_origin), group in groups.items():
            guardians = {ends.guardian_jointure for ends in group}
            pupils = {ends.pupil_jointure for ends in group}
            absent = self._load_absent(guardian, academy, guardian_origin, guardians)
            away = self._load_absent(pupil, academy, pupil_origin, pupils)
            known = self._load_ends(academy, pupil_origin, sorted(pupils))
            added: list[dict[str, Any]] = []
            changed: list[dict[str, Any]] = []
            for ends in group:
                weight, row = weights[ends], known.get(ends)
                if row is not None and row.stated_by == "pupil":
                    continue
                if weight is not None:
                    values = {
                        "relation": weight.relation,
                        "legal_level": weight.legal_level,
                        "legal": weight.legal,
                        "present": ends.guardian_jointure not in absent and ends.pupil_jointure not in away,
                        "stated_by": "guardian",
                    }
                    _put(academy, ends, values, known, added, changed)
                elif row is not None:
                    changed.append({"row_id": row.id, **_UNSTATED})
            self._write(added, changed)

    def load_confirmed(self, academy: str, ends: Iterable[Ends]) -> set[Ends]:
        """Return those of these links that somebody confirmed."""
        wanted = set(ends)
        found: set[Ends] = set()
        for origin in {one.pupil_origin for one in wanted}:
            pupils = sorted({one.pupil_jointure for one in wanted if one.pupil_origin == origin})
            known = self._load_ends(academy, origin, pupils)
            found |= {one for one, row in known.items() if row.state == KinshipState.CONFIRMED.value}
        return found & wanted

    def bring_back(self, kind: Kind, academy: str, origin: Origin, jointures: Sequence[str]) -> None:
        """Mark present the stated links of guardians or pupils who are present, unless the other end is absent."""
        of_these = of_pupils if kind is Kind.PUPIL else of_guardians
        other_is_absent = _absent_end(guardian if kind is Kind.PUPIL else pupil)
        self._connection.execute(
            update(kinship)
            .where(
                of_these(academy, origin.value, jointures),
                kinship.c.stated_by != "",
                kinship.c.present.is_(False),
                ~other_is_absent,
            )
            .values(present=True)
        )

    def mark_absent(self, kind: Kind, academy: str, origin: Origin, jointures: Sequence[str]) -> None:
        """Mark the links of guardians or pupils absent."""
        of_these = of_pupils if kind is Kind.PUPIL else of_guardians
        self._connection.execute(
            update(kinship).where(of_these(academy, origin.value, jointures)).values(present=False)
        )

    def _load_ends(self, academy: str, pupil_origin: str, pupils: Sequence[str]) -> dict[Ends, Any]:
        statement = select(
            kinship.c.id,
            kinship.c.guardian_origin,
            kinship.c.guardian_jointure,
            kinship.c.pupil_origin,
            kinship.c.pupil_jointure,
            kinship.c.stated_by,
            kinship.c.state,
        ).where(of_pupils(academy, pupil_origin, pupils))
        return {Ends(*row[1:5]): row for row in self._connection.execute(statement)}

    def _load_absent(self, table: Table, academy: str, origin: str, jointures: Iterable[str]) -> set[str]:
        statement = select(table.c.jointure).where(
            table.c.academy == academy,
            table.c.origin == origin,
            table.c.jointure.in_(sorted(jointures)),
            table.c.present.is_(False),
        )
        return {row.jointure for row in self._connection.execute(statement)}

    def _write(self, added: list[dict[str, Any]], changed: list[dict[str, Any]]) -> None:
        if added:
            self._connection.execute(insert(kinship), added)
        if changed:
            self._connection.execute(update(kinship).where(kinship.c.id == bindparam("row_id")), changed)


def _put(
    academy: str,
    ends: Ends,
    values: dict[str, Any],
    known: Mapping[Ends, Any],
    added: list[dict[str, Any]],
    changed: list[dict[str, Any]],
) -> None:
    if ends in known:
        changed.append({"row_id": known[ends].id, **values})
        return
    row = {
        "academy": academy,
        "guardian_origin": ends.guardian_origin,
        "guardian_jointure": ends.guardian_jointure,
        "pupil_origin": ends.pupil_origin,
        "pupil_jointure": ends.pupil_jointure,
    }
    added.append({**row, **values, "state": KinshipState.DECLARED.value})


def of_pupils(academy: str, origin: str, jointures: Sequence[str]) -> ColumnElement[bool]:
    """Return the test for the links of these pupils."""
    return and_(kinship.c.academy == academy, kinship.c.pupil_origin == origin, kinship.c.pupil_jointure.in_(jointures))


def of_guardians(academy: str, origin: str, jointures: Sequence[str]) -> ColumnElement[bool]:
    """Return the test for the links of these guardians' records."""
    return and_(
        kinship.c.academy == academy, kinship.c.guardian_origin == origin, kinship.c.guardian_jointure.in_(jointures)
    )


def _absent_end(table: Table) -> ColumnElement[bool]:
    """Whether an end is known and absent: an end that is not known yet keeps no link from being present."""
    origin, jointure = (
        (kinship.c.pupil_origin, kinship.c.pupil_jointure)
        if table is pupil
        else (kinship.c.guardian_origin, kinship.c.guardian_jointure)
    )
    return exists().where(
        table.c.academy == kinship.c.academy,
        table.c.origin == origin,
        table.c.jointure == jointure,
        table.c.present.is_(False),
    )
