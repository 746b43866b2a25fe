"""The directory, as journeys read it: guardians, pupils, schools, and the links between them. Files are taken in by `directory`."""

from collections import namedtuple
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import BindParameter, Select, and_, bindparam, case, exists, func, select, update

from idp.adapters.directory_tables import guardian, kinship, pupil, school
from idp.adapters.links import Link, Prepared
from idp.adapters.tables import account_guardian
from idp.journeys.rows import KinshipCount
from idp.people.kinship import one_for_each_pupil
from idp.people.persons import Holders, are_one_person
from idp.people.phones import PhoneNumber
from idp.people.records import Guardian, Kinship, KinshipState, Pupil, School

GUARDIAN_COLUMNS = (
    guardian.c.id,
    guardian.c.academy,
    guardian.c.jointure,
    guardian.c.family_name,
    guardian.c.birth_name,
    guardian.c.given_names,
    guardian.c.mobile,
    guardian.c.origin,
    guardian.c.title,
)
_IDS: BindParameter[Sequence[int]] = bindparam("ids", expanding=True)
_NO_RECORD = 0  # ids begin at 1
_FEWEST_IDS = 4
_ALL = 2**31 - 1

# Prepared: what a row that is found costs beside none is told by a clock (guarantee 1).
_GUARDIANS_BY_MOBILE = Prepared(
    select(*GUARDIAN_COLUMNS)
    .where(guardian.c.mobile == bindparam("mobile"), guardian.c.present.is_(True))
    .order_by(guardian.c.id)
)
# A number of nobody's finds the records of the next number that is somebody's, which are read and dropped: that rows come takes time
# (decision 43).
_OTHER = guardian.alias("other")
_HAS_NUMBER = and_(_OTHER.c.mobile != "", _OTHER.c.present.is_(True))
_NEXT = select(func.min(_OTHER.c.mobile)).where(_HAS_NUMBER, _OTHER.c.mobile >= bindparam("mobile"))
_LAST = select(func.max(_OTHER.c.mobile)).where(_HAS_NUMBER)
# Of another's records a few are enough: a number that half a school was given would make a clock tell all that lie before it.
_IS_SOMEBODYS = exists().where(_OTHER.c.mobile == bindparam("mobile"), _OTHER.c.present.is_(True))
_HOW_MANY = case((_IS_SOMEBODYS, _ALL), else_=_FEWEST_IDS)
_FOUND = (
    select(*GUARDIAN_COLUMNS)
    .where(
        guardian.c.mobile == func.coalesce(_NEXT.scalar_subquery(), _LAST.scalar_subquery()),
        guardian.c.present.is_(True),
    )
    .limit(_HOW_MANY)
    .subquery("found")
)
_HOLDERS = Prepared(select(_FOUND).order_by(_FOUND.c.id))  # those that are cut off are not even sorted
_GUARDIANS = select(*GUARDIAN_COLUMNS).where(guardian.c.id.in_(_IDS)).order_by(guardian.c.id)

_OWN_END = and_(
    kinship.c.academy == guardian.c.academy,
    kinship.c.guardian_origin == guardian.c.origin,
    kinship.c.guardian_jointure == guardian.c.jointure,
)
# Ends of a link are joined by the directory's own keys: a link may have arrived before its guardian or its pupil, a pupil before its
# school.
SELECT_LINKS = (
    select(
        kinship.c.id,
        guardian.c.id.label("guardian_id"),
        kinship.c.legal,
        kinship.c.state,
        kinship.c.guardian_origin,
        pupil.c.id.label("pupil_id"),
        pupil.c.academy,
        pupil.c.jointure,
        pupil.c.family_name,
        pupil.c.given_name,
        pupil.c.birth_date,
        pupil.c.ine,
        pupil.c.level,
        pupil.c.class_name,
        school.c.jointure.label("school_jointure"),
        school.c.uai,
        school.c.name.label("school_name"),
        school.c.degree,
        school.c.town,
        school.c.phone,
    )
    .select_from(guardian)
    .join(kinship, _OWN_END)
    .join(
        pupil,
        and_(
            pupil.c.academy == kinship.c.academy,
            pupil.c.origin == kinship.c.pupil_origin,
            pupil.c.jointure == kinship.c.pupil_jointure,
        ),
    )
    .outerjoin(school, and_(school.c.academy == pupil.c.academy, school.c.jointure == pupil.c.school_jointure))
    .where(kinship.c.present.is_(True), kinship.c.legal.is_(True), pupil.c.present.is_(True))
    .order_by(kinship.c.id)
)
# The row of a prepared SELECT_LINKS, whose columns have no names of their own.
LinkRow = namedtuple("LinkRow", SELECT_LINKS.selected_columns.keys())  # type: ignore[misc]  # the fields are the columns
_LINKS_OF_GUARDIANS = SELECT_LINKS.where(guardian.c.id.in_(_IDS))
_COUNT_LINKS = _LINKS_OF_GUARDIANS.with_only_columns(
    func.count().label("present"),
    func.count().filter(kinship.c.state == KinshipState.CONTESTED.value).label("contested"),
).order_by(None)
# Files of several origins give one person several records, each with a link to the same pupil: the others' links, by a link's id.
_other = guardian.alias("other")
_twin = kinship.alias("twin")
_TWINS = (
    select(
        kinship.c.id.label("link_id"),
        _twin.c.id.label("twin_id"),
        *GUARDIAN_COLUMNS,
        *(_other.c[column.name].label(f"other_{column.name}") for column in GUARDIAN_COLUMNS),
    )
    .select_from(guardian)
    .join(kinship, _OWN_END)
    .join(
        _twin,
        and_(
            _twin.c.academy == kinship.c.academy,
            _twin.c.pupil_origin == kinship.c.pupil_origin,
            _twin.c.pupil_jointure == kinship.c.pupil_jointure,
            _twin.c.guardian_origin != kinship.c.guardian_origin,
        ),
    )
    .join(
        _other,
        and_(
            _other.c.academy == _twin.c.academy,
            _other.c.origin == _twin.c.guardian_origin,
            _other.c.jointure == _twin.c.guardian_jointure,
        ),
    )
)
_TWINS_OF_GUARDIANS = _TWINS.where(guardian.c.id.in_(_IDS), _twin.c.state == KinshipState.CONTESTED.value)
_TWINS_OF_LINKS = _TWINS.where(kinship.c.id.in_(_IDS))
_CONFIRM = (
    update(kinship)
    .where(kinship.c.id.in_(_IDS), kinship.c.state != KinshipState.CONTESTED.value)
    .values(state=KinshipState.CONFIRMED.value, state_at=bindparam("at"))
)
_CONTEST = (
    update(kinship).where(kinship.c.id.in_(_IDS)).values(state=KinshipState.CONTESTED.value, state_at=bindparam("at"))
)
_UNCONFIRM = (
    update(kinship)
    .where(
        kinship.c.state == KinshipState.CONFIRMED.value,
        exists()
        .where(_OWN_END, guardian.c.id == account_guardian.c.guardian_id)
        .where(account_guardian.c.account_id == bindparam("account")),
    )
    .values(state=KinshipState.DECLARED.value, state_at=None)
)


def read_guardian(row: Sequence[Any]) -> Guardian:
    """Return the guardian of a row that begins with `GUARDIAN_COLUMNS`."""
    return _read_guardian(row[: len(GUARDIAN_COLUMNS)])


def _read_guardian(values: Sequence[Any]) -> Guardian:
    key, academy, jointure, family_name, birth_name, given_names, mobile, origin, title = values
    return Guardian(
        id=key,
        academy=academy,
        jointure=jointure,
        family_name=family_name,
        birth_name=birth_name,
        given_names=tuple(given_names.split(", ")) if given_names else (),
        mobile=PhoneNumber(mobile) if mobile else None,
        origin=origin,
        title=title,
    )


def read_link(row: Any) -> Kinship:
    """Return the link of a row of `SELECT_LINKS`."""
    return Kinship(
        id=row.id,
        guardian_id=row.guardian_id,
        pupil=Pupil(
            id=row.pupil_id,
            academy=row.academy,
            jointure=row.jointure,
            family_name=row.family_name,
            given_name=row.given_name,
            birth_date=row.birth_date,
            ine=row.ine,
            level=row.level,
            class_name=row.class_name,
        ),
        school=None if row.school_jointure is None else _read_school(row),
        legal=row.legal,
        state=KinshipState(row.state),
        origin=row.guardian_origin,
    )


def _read_school(row: Any) -> School:
    return School(
        academy=row.academy,
        jointure=row.school_jointure,
        uai=row.uai,
        name=row.school_name,
        degree=row.degree,
        town=row.town,
        phone=row.phone,
    )


class SqlPeople:
    """Implements `journeys.people_ports.PeopleStore`."""

    def __init__(self, link: Link) -> None:
        self._link = link

    def load_guardians_by_mobile(self, e164: str) -> list[Guardian]:
        """Return the present records with this mobile number; none for "", which stands for « no number known »."""
        if not e164:
            return []
        return [read_guardian(row) for row in self._link.read_all(_GUARDIANS_BY_MOBILE, {"mobile": e164})]

    def find_holders(self, e164: str) -> Holders:
        """Return the same records for somebody who has proved nothing, and where there is none a few of another number: one statement."""
        records = tuple(read_guardian(row) for row in self._link.read_all(_HOLDERS, {"mobile": e164}))
        return Holders(records, any(one.mobile is not None and one.mobile.e164 == e164 for one in records))

    def load_guardians(self, ids: Sequence[int]) -> list[Guardian]:
        """Return these records, in the order of their ids."""
        return [read_guardian(row) for row in self._link.run(_GUARDIANS, {"ids": list(ids)})]

    def load_kinships(self, guardian_ids: Sequence[int]) -> list[Kinship]:
        """Return the present, legal links of these guardians whose pupil is present, contested ones included, ordered by id.

        A pupil to whom several of these records have a link comes once. A link is contested too when the same person, by the names,
        contested the link of a record of another origin to that pupil, whatever its phone: no import brings a contested pupil back by
        another file (guarantee 3).
        """
        ids = {"ids": list(guardian_ids)}
        links = [read_link(row) for row in self._link.run(_LINKS_OF_GUARDIANS, ids)]
        contested = {link_id for link_id, _ in self._load_twins(_TWINS_OF_GUARDIANS, guardian_ids)}
        return one_for_each_pupil(
            replace(link, state=KinshipState.CONTESTED) if link.id in contested else link for link in links
        )

    def count_kinships(self, guardian_ids: Sequence[int]) -> KinshipCount:
        """Count these links, without reading them.

        The database is asked the same question for nobody, for one record and for the few that one person may have, and answers with
        one row: how long it takes says nothing of what was found (guarantee 1).
        """
        padded = [*guardian_ids, *[_NO_RECORD] * (_FEWEST_IDS - len(guardian_ids))]
        found = self._link.run(_COUNT_LINKS, {"ids": padded}).one()
        return KinshipCount(found.present, found.contested)

    def confirm_kinships(self, ids: Sequence[int], at: datetime) -> int:
        """Mark these links confirmed, contested ones excepted, and return how many were marked."""
        return self._link.run(_CONFIRM, {"ids": list(ids), "at": at}).rowcount

    def contest_kinships(self, ids: Sequence[int], at: datetime) -> None:
        """Mark these links contested, and those that the same person has to the same pupils by records of other origins."""
        twins = {twin_id for _, twin_id in self._load_twins(_TWINS_OF_LINKS, ids)}
        self._link.run(_CONTEST, {"ids": sorted({*ids, *twins}), "at": at})

    def unconfirm_kinships(self, account_id: int) -> None:
        """Mark the confirmed links of an account's guardian records as only declared again."""
        self._link.run(_UNCONFIRM, {"account": account_id})

    def _load_twins(self, statement: Select[Any], ids: Sequence[int]) -> list[tuple[int, int]]:
        """Return the pairs of links of one person to one pupil, by records of two origins."""
        width = len(GUARDIAN_COLUMNS)
        return [
            (row.link_id, row.twin_id)
            for row in self._link.run(statement, {"ids": list(ids)})
            if are_one_person(_read_guardian(row[2 : 2 + width]), _read_guardian(row[2 + width :]))
        ]
