"""What an import changes of the links of people who have an account: written in the transaction that changes them, read at their sign-in.

A link that is not proved is news for whoever's account holds the guardian's record, and for whoever's account holds another record with
the same number: whether that is the same person is for `people.persons` to say, and for the journey that reads this. One sign-in asks one
question more inside a statement that it needs anyway; whoever has no news pays nothing.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Label,
    Select,
    and_,
    bindparam,
    delete,
    exists,
    literal,
    or_,
    select,
)

from idp.adapters.children_tables import link_news
from idp.adapters.directory_tables import guardian, kinship, pupil
from idp.adapters.links import for_each_dialect
from idp.adapters.tables import Moment, account_guardian
from idp.journeys.children_ports import NewsKind
from idp.people.records import KinshipState

_COLUMNS = ("account_id", "kinship_id", "kind", "since", "told_at")
_other = guardian.alias("other")
_held = account_guardian.alias("held")
_ANY_ACCOUNT = select(exists().where(account_guardian.c.guardian_id.is_not(None)))
_STANDS = and_(kinship.c.present.is_(True), kinship.c.legal.is_(True))
_OWN_END = and_(
    guardian.c.academy == kinship.c.academy,
    guardian.c.origin == kinship.c.guardian_origin,
    guardian.c.jointure == kinship.c.guardian_jointure,
    guardian.c.present.is_(True),
)


def news_of(account_id: Column[int]) -> Label[bool]:
    """Return the column that tells whether an import may have brought something for an account."""
    added = link_news.c.kind == NewsKind.ADDED.value
    return exists().where(link_news.c.account_id == account_id, added).label("has_news")


def _news(kind: NewsKind) -> Select[Any]:
    moments = (bindparam("at", type_=Moment()), bindparam("told", type_=Moment()))
    return select(account_guardian.c.account_id, kinship.c.id, literal(kind.value), *moments).select_from(kinship)


_OF_HELD_RECORDS = (
    _news(NewsKind.ADDED)
    .join(guardian, _OWN_END)
    .join(account_guardian, account_guardian.c.guardian_id == guardian.c.id)
    .where(_STANDS, kinship.c.state == KinshipState.DECLARED.value)
)
_OF_SHARED_NUMBERS = (
    _news(NewsKind.ADDED)
    .join(guardian, _OWN_END)
    .join(
        _other,
        and_(_other.c.mobile == guardian.c.mobile, _other.c.id != guardian.c.id, _other.c.present.is_(True)),
    )
    .join(account_guardian, account_guardian.c.guardian_id == _other.c.id)
    .where(
        _STANDS,
        kinship.c.state == KinshipState.DECLARED.value,
        guardian.c.mobile != "",
        ~exists().where(_held.c.guardian_id == guardian.c.id),
    )
    .distinct()
)
# The pupil is still there: one who leaves a school takes the link along, and nobody needs a text for that.
_WITHDRAWN = (
    _news(NewsKind.REMOVED)
    .join(guardian, _OWN_END)
    .join(account_guardian, account_guardian.c.guardian_id == guardian.c.id)
    .join(
        pupil,
        and_(
            pupil.c.academy == kinship.c.academy,
            pupil.c.origin == kinship.c.pupil_origin,
            pupil.c.jointure == kinship.c.pupil_jointure,
            pupil.c.present.is_(True),
        ),
    )
    .where(
        kinship.c.state == KinshipState.CONFIRMED.value, or_(kinship.c.present.is_(False), kinship.c.legal.is_(False))
    )
)
_EACH = (_OF_HELD_RECORDS, _OF_SHARED_NUMBERS, _WITHDRAWN)
ADDED_FOR_ACCOUNTS = (_OF_HELD_RECORDS, _OF_SHARED_NUMBERS)


def note_link_news(connection: Connection, links: ColumnElement[bool], at: datetime) -> None:
    """Note what is new of some links for people who have an account, in the transaction of the import.

    Args:
        connection: In a transaction.
        links: Which rows of `kinship` were written.
        at: The present moment.
    """
    if not connection.execute(_ANY_ACCOUNT).scalar():
        return  # a first import, which is also the longest
    standing = select(kinship.c.id).where(links, _STANDS)
    connection.execute(
        delete(link_news).where(link_news.c.kind == NewsKind.REMOVED.value, link_news.c.kinship_id.in_(standing))
    )
    for found in _EACH:
        insert_news(connection.dialect.name, found.where(links), connection.execute, {"at": at, "told": None})


def insert_news(dialect: str, found: Select[Any], run: Any, values: dict[str, datetime | None]) -> None:
    """Keep what a SELECT finds and is not kept yet."""
    statement = for_each_dialect(lambda insert: insert(link_news).from_select(_COLUMNS, found).on_conflict_do_nothing())
    run(statement[dialect], values)
