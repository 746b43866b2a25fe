"""Recoveries under way, sealed, and how an account may be recovered."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    FromClause,
    Row,
    Select,
    and_,
    bindparam,
    case,
    delete,
    exists,
    func,
    insert,
    literal,
    null,
    or_,
    select,
    update,
)

from idp.adapters.children_tables import account_group
from idp.adapters.directory_tables import guardian
from idp.adapters.email_tables import email_address
from idp.adapters.emails import PURPOSE as EMAIL
from idp.adapters.links import Link, Prepared
from idp.adapters.people import GUARDIAN_COLUMNS, read_guardian
from idp.adapters.recovery_tables import recovery
from idp.adapters.tables import account, account_guardian, franceconnect_link
from idp.journeys.email_ports import ConfirmedEmail
from idp.journeys.ports import Secrets
from idp.journeys.recovery_ports import NOBODY, AskedAccount, KnownPhone, RecoveryRow, WayBack
from idp.people.emails import EmailAddress
from idp.people.persons import Holders
from idp.people.phones import PhoneNumber

_STATE = "recovery-state"
_ANSWER = "recovery-answer"
_WRITTEN = tuple(column.name for column in recovery.columns if column.name != "id")

_RECORDS_AT_ONCE = 4
_HELD = account_guardian.alias("held")
_HOLDER = account.alias("holder")


def _is_open(one: FromClause) -> ColumnElement[bool]:
    return or_(one.c.closes_at.is_(None), one.c.closes_at > bindparam("now", type_=account.c.closes_at.type))


_IS_OPEN = _is_open(account)
_IS_GROUPED = exists().where(account_group.c.account_id == account.c.id).correlate(account)
# As a subquery, not a join: PostgreSQL would read every account to join them with a few records, and none for no record.
_IS_HOLDER_OPEN = select(_is_open(_HOLDER)).where(_HOLDER.c.id == _HELD.c.account_id).scalar_subquery()
_HELD_BY = select(func.min(case((_IS_HOLDER_OPEN, _HELD.c.account_id)))).where(
    _HELD.c.guardian_id.in_(
        [bindparam(f"record_{place}", type_=_HELD.c.guardian_id.type) for place in range(_RECORDS_AT_ONCE)]
    )
)
# What is read where there is nothing: as long as what is read of somebody. No such number and no such address can be anybody's.
_NO_PHONE, _NO_ADDRESS, _NO_MOMENT = "+000000000000", b"personne@preau.invalid", datetime(2000, 1, 1, tzinfo=UTC)


def _or(found: ColumnElement[Any], nothing: Any) -> ColumnElement[Any]:
    return func.coalesce(found, literal(nothing, found.type), type_=found.type)


def _ways(begin: FromClause) -> Select[Any]:
    return (
        select(
            _or(account.c.id, NOBODY),
            _or(account.c.identifiant, "nobody-at-all"),
            account.c.password_hash,
            franceconnect_link.c.sub,
            _or(func.nullif(guardian.c.mobile, "", type_=guardian.c.mobile.type), _NO_PHONE),
            guardian.c.mobile_changed_at,
        )
        .select_from(begin)
        .outerjoin(franceconnect_link, franceconnect_link.c.account_id == account.c.id)
        .outerjoin(account_guardian, account_guardian.c.account_id == account.c.id)
        .outerjoin(guardian, and_(guardian.c.id == account_guardian.c.guardian_id, guardian.c.present.is_(True)))
        .order_by(account.c.id, guardian.c.id)
    )


def _asked(whose: Select[Any]) -> Prepared:
    """Return the statement that reads the account whose id `whose` finds, and where it finds none the first account of all.

    Both ids are looked up before anything else is (OFFSET is what keeps a planner from putting that off), so that the rest is the same.
    """
    ids = select(
        whose.scalar_subquery().label("whose"),
        select(func.min(account.c.id)).scalar_subquery().label("first"),
    )
    one = ids.offset(0).subquery("one")
    return Prepared(
        _ways(one.outerjoin(account, account.c.id == func.coalesce(one.c.whose, one.c.first)))
        .outerjoin(email_address, email_address.c.account_id == account.c.id)
        .add_columns(
            _or(email_address.c.account_id, NOBODY),
            func.coalesce(
                email_address.c.address,
                bindparam("no_address", type_=email_address.c.address.type),
                type_=email_address.c.address.type,
            ),
            _or(email_address.c.confirmed_at, _NO_MOMENT),
            and_(~_IS_GROUPED, _IS_OPEN, one.c.whose.is_not(None)),
        )
    )


_WAY_BACK = Prepared(_ways(account).where(account.c.id == bindparam("account_id"), _IS_OPEN))
_SIGNS_IN = account.alias("signs_in")
_ASKED = _asked(select(_SIGNS_IN.c.id).where(_SIGNS_IN.c.identifiant == bindparam("identifiant")))
_ASKED_BY_RECORDS = _asked(_HELD_BY)
# An address of nobody's finds the records of the next hash that is somebody's, as a number does in `people`.
# Whoever has no present record any more gives one row of NULLs: a row comes in every case.
_ADDRESS = email_address.alias("other_address")
_NEXT_HASH = select(func.min(_ADDRESS.c.address_hash)).where(_ADDRESS.c.address_hash >= bindparam("hash"))
_LAST_HASH = select(func.max(_ADDRESS.c.address_hash))
_HOLDERS_OF_EMAIL = Prepared(
    select(*GUARDIAN_COLUMNS, email_address.c.address_hash)
    .select_from(email_address)
    .outerjoin(account_guardian, account_guardian.c.account_id == email_address.c.account_id)
    .outerjoin(guardian, and_(guardian.c.id == account_guardian.c.guardian_id, guardian.c.present.is_(True)))
    .where(email_address.c.address_hash == func.coalesce(_NEXT_HASH.scalar_subquery(), _LAST_HASH.scalar_subquery()))
    .order_by(guardian.c.id)
)
_CONFIRM_NUMBER = (
    update(guardian)
    .where(guardian.c.mobile == bindparam("number"), guardian.c.present.is_(True))
    .values(mobile_changed_at=null())
    .returning(guardian.c.id)
)
# A doubled POST still carries the secret that the first one replaced. Should one hash ever stand in both columns, the present one wins.
_LOAD = (
    select(recovery)
    .where(or_(recovery.c.browser_hash == bindparam("hash"), recovery.c.former_browser_hash == bindparam("hash")))
    .order_by(case((recovery.c.browser_hash == bindparam("hash"), 0), else_=1), recovery.c.created_at.desc())
    .limit(1)
)
_LOAD_ALL = (
    select(recovery)
    .where(recovery.c.expires_at > bindparam("now", type_=recovery.c.expires_at.type))
    .order_by(recovery.c.created_at, recovery.c.id)
)
_LOAD_BY_LINK = select(recovery).where(recovery.c.link_hash == bindparam("hash"))
_CONSUME_LINK = update(recovery).where(recovery.c.link_hash == bindparam("hash")).values(link_hash=None)
_ADD = insert(recovery)
_SAVE = (
    update(recovery)
    .where(recovery.c.id == bindparam("row_id"), recovery.c.turn == bindparam("expected_turn"))
    .values({name: bindparam(f"new_{name}") for name in _WRITTEN})
)
_ERASE = delete(recovery).where(recovery.c.id == bindparam("row_id"))


def _read_way(rows: Sequence[Sequence[Any]]) -> WayBack:
    """Return the way back of the first account of these rows, one for each present record."""
    account_id, identifiant, password_hash, sub = rows[0][:4]
    phones = [(KnownPhone(PhoneNumber(row[4]), row[5]), row[0]) for row in rows]
    known = tuple(phone for phone, of in phones if of == account_id and phone.number.e164 != _NO_PHONE)
    return WayBack(account_id, identifiant, password_hash, sub is not None, known)


class SqlRecoveries:
    """Implements `journeys.recovery_ports.RecoveryStore`."""

    def __init__(self, link: Link, secrets: Secrets) -> None:
        self._link = link
        self._secrets = secrets

    def load_way_back(self, account_id: int, now: datetime) -> WayBack | None:
        """Return how an account may be recovered, None once it has closed: one statement, whether or not there is such an account."""
        rows = self._link.read_all(_WAY_BACK, {"account_id": account_id, "now": now})
        return _read_way(rows) if rows else None

    def find_asked(self, identifiant: str, now: datetime) -> AskedAccount:
        """Return the account that signs in with this identifiant: one statement that finds a row for nobody too."""
        return self._read_asked(_ASKED, {"identifiant": identifiant}, now)

    def find_holders_of_email(self, email: EmailAddress) -> Holders:
        """Return the present records of the accounts whose confirmed address this is, in any case of its letters, in their order.

        Where it is nobody's, those of another address: one statement.
        """
        whose = self._secrets.keyed_hash(EMAIL, email.compared)
        rows = self._link.read_all(_HOLDERS_OF_EMAIL, {"hash": whose})
        records = tuple(read_guardian(row) for row in rows if row[0] is not None)
        return Holders(records, any(row[-1] == whose for row in rows))

    def find_asked_by_records(self, guardian_ids: Sequence[int], now: datetime) -> AskedAccount:
        """Return the oldest account that holds one of these records: one statement that finds a row for no record too."""
        ids = [*guardian_ids, *[NOBODY] * _RECORDS_AT_ONCE][:_RECORDS_AT_ONCE]
        return self._read_asked(_ASKED_BY_RECORDS, {f"record_{place}": one for place, one in enumerate(ids)}, now)

    def _read_asked(self, statement: Prepared, values: Mapping[str, Any], now: datetime) -> AskedAccount:
        no_address = self._secrets.seal(EMAIL, _NO_ADDRESS)
        rows = self._link.read_all(statement, {**values, "no_address": no_address, "now": now})
        of, address, confirmed_at, is_somebodys = rows[0][-4:]
        email = EmailAddress(self._secrets.unseal(EMAIL, address).decode())
        return AskedAccount(_read_way(rows), ConfirmedEmail(of, email, confirmed_at), bool(is_somebodys))

    def confirm_number(self, e164: str) -> list[int]:
        """Take it that a number which an import changed is right, and return the present records that have it; none has ""."""
        return sorted(self._link.run(_CONFIRM_NUMBER, {"number": e164}).scalars()) if e164 else []

    def load_recovery(self, browser_hash: str) -> RecoveryRow | None:
        """Return the recovery whose present or former browser hash this is.

        Raises:
            ValueError: The row was sealed with another master key.
        """
        row = self._link.run(_LOAD, {"hash": browser_hash}).one_or_none()
        return None if row is None else self._open(row)

    def load_recovery_by_link(self, link_hash: str) -> RecoveryRow | None:
        """Return the recovery whose mailed link this is, until it is used.

        Raises:
            ValueError: The row was sealed with another master key.
        """
        row = self._link.run(_LOAD_BY_LINK, {"hash": link_hash}).one_or_none()
        return None if row is None else self._open(row)

    def consume_link(self, link_hash: str) -> bool:
        """Make a mailed link worth nothing, by one conditional UPDATE; False when somebody else did."""
        return self._link.run(_CONSUME_LINK, {"hash": link_hash}).rowcount == 1

    def add_recovery(self, row: RecoveryRow) -> None:
        """Keep a new recovery."""
        self._link.run(_ADD, {"id": row.id, **self._sealed(row)})

    def save_recovery(self, row: RecoveryRow, *, expected_turn: int) -> bool:
        """Write every column but `id` where the turn is still `expected_turn`; False when another POST won."""
        values: dict[str, Any] = {f"new_{name}": value for name, value in self._sealed(row).items()}
        return self._link.run(_SAVE, {"row_id": row.id, "expected_turn": expected_turn, **values}).rowcount == 1

    def erase_recovery(self, recovery_id: str) -> None:
        """Forget a recovery and all that was typed in it."""
        self._link.run(_ERASE, {"row_id": recovery_id})

    def load_recoveries(self, now: datetime) -> list[RecoveryRow]:
        """Return every recovery that has not run out, the oldest first.

        Raises:
            ValueError: A row was sealed with another master key.
        """
        return [self._open(row) for row in self._link.run(_LOAD_ALL, {"now": now})]

    def _sealed(self, row: RecoveryRow) -> Mapping[str, Any]:
        values = {name: getattr(row, name) for name in _WRITTEN}
        values["state"] = self._secrets.seal(_STATE, row.state)
        values["last_answer"] = None if row.last_answer is None else self._secrets.seal(_ANSWER, row.last_answer)
        return values

    def _open(self, row: Row[Any]) -> RecoveryRow:
        values = dict(row._mapping)
        values["state"] = self._secrets.unseal(_STATE, values["state"])
        if values["last_answer"] is not None:
            values["last_answer"] = self._secrets.unseal(_ANSWER, values["last_answer"])
        return RecoveryRow(**values)
