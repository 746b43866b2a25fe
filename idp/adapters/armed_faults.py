"""Faults that testers armed, of a test instance: in the database, so that every process meets them with its next answer."""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Engine, Table, bindparam, delete, func, insert, or_, select, update
from sqlalchemy.exc import IntegrityError, SQLAlchemyError

from idp.adapters.links import Link, Prepared, for_each_dialect
from idp.adapters.stores import make_single
from idp.adapters.tables import access_token, account, authorization_code, op_session
from idp.adapters.tables import refresh_token as refresh_tokens
from idp.adapters.tester_tables import armed_fault, fault_flow

MOST_OF_FLOWS = 200
"""Faults by `login_hint` at once: anybody who reaches the authorization endpoint may ask for one, and each answer reads them."""

_COLUMNS = tuple(armed_fault.c)
_IS_LEFT = or_(armed_fault.c.times.is_(None), armed_fault.c.struck < armed_fault.c.times)
_WAITING = Prepared(select(*_COLUMNS).where(_IS_LEFT).order_by(armed_fault.c.id))
_OF_TESTERS = select(*_COLUMNS).where(armed_fault.c.expires_at.is_(None)).order_by(armed_fault.c.id)
_COUNT = select(func.count()).select_from(armed_fault).where(armed_fault.c.expires_at.is_(None))
_ARM = insert(armed_fault)
# One winner: of two answers that meet the last time of a fault, the other finds nothing left.
_STRIKE = (
    update(armed_fault).where(armed_fault.c.id == bindparam("one"), _IS_LEFT).values(struck=armed_fault.c.struck + 1)
)
_DISARM_FLOWS_OF = delete(fault_flow).where(fault_flow.c.armed_id == bindparam("one"))
_DISARM = delete(armed_fault).where(armed_fault.c.id == bindparam("one"))
_DISARM_FLOWS, _DISARM_ALL = delete(fault_flow), delete(armed_fault)
_OVER = select(armed_fault.c.id).where(
    armed_fault.c.expires_at <= bindparam("now", type_=armed_fault.c.expires_at.type)
)
_TOO_MANY = (
    select(armed_fault.c.id)
    .where(armed_fault.c.expires_at.is_not(None))
    .order_by(armed_fault.c.id.desc())
    .offset(MOST_OF_FLOWS - 1)
)
# Of a fault that is there: SQLite looks at no foreign key, and gives the id of a row that went to the next one.
_BIND = for_each_dialect(
    lambda insert: (
        insert(fault_flow)
        .from_select(
            ["key", "armed_id"],
            select(bindparam("flow", type_=fault_flow.c.key.type), armed_fault.c.id).where(
                armed_fault.c.id == bindparam("one")
            ),
        )
        .on_conflict_do_nothing()
    )
)
_FOLLOW = select(fault_flow.c.armed_id).where(fault_flow.c.key.in_(bindparam("keys", expanding=True)))
_HOLDS = select(account.c.id).where(account.c.identifiant == bindparam("holder"))
_OWNER_OF_SESSION = (
    select(account.c.identifiant)
    .join(op_session, op_session.c.account_id == account.c.id)
    .where(op_session.c.id == bindparam("sid"))
)


def _find_owner(table: Table, hashed: str) -> Any:
    return (
        select(table.c.client_id, account.c.identifiant, table.c.family, table.c.session_id)
        .join(account, account.c.id == table.c.account_id)
        .where(table.c[hashed] == bindparam("hash"))
    )


_OWNERS: Mapping[str, Any] = {
    "authorization-code": _find_owner(authorization_code, "code_hash"),
    "access-token": _find_owner(access_token, "token_hash"),
    "refresh-token": _find_owner(refresh_tokens, "token_hash"),
}


@dataclass(frozen=True, slots=True)
class ArmedFault:
    """A fault that waits for its answers, or that has met them all.

    Attributes:
        id: Of the row.
        fault: Its name.
        client_id: Whose answers alone; None for everybody's.
        identifiant: The same, of a person.
        endpoint: Where alone; None for everywhere that the fault knows.
        options: What else was asked for, by name.
        times: How many answers it strikes in all; None for each.
        struck: How many it has struck.
        armed_at: When.
        expires_at: Of one sign-in's own: when it is forgotten. None: armed by a tester, for good.
    """

    id: int
    fault: str
    client_id: str | None
    identifiant: str | None
    endpoint: str | None
    options: Mapping[str, Any]
    times: int | None
    struck: int
    armed_at: datetime
    expires_at: datetime | None


@dataclass(frozen=True, slots=True)
class GrantOwner:
    """Whose a code or a token is."""

    client_id: str
    identifiant: str
    family: str
    session_id: str


class ArmedFaults:
    """What waits to go wrong."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._single = make_single(engine)

    def load_waiting(self) -> Sequence[ArmedFault]:
        """Return what may strike now, in the order of arming: one statement.

        Without a database that answers nothing strikes: the answer that was made goes out as it is.
        """
        try:
            with self._single.connect() as connection:
                rows = Link(connection, repeats=True).read_all(_WAITING, {})
        except SQLAlchemyError:
            return ()
        return [_armed(row) for row in rows]

    def load_of_testers(self) -> Sequence[ArmedFault]:
        """Return what testers armed and did not disarm, used up or not."""
        with self._single.connect() as connection:
            return [_armed(row) for row in connection.execute(_OF_TESTERS)]

    def arm(
        self,
        fault: str,
        *,
        at: datetime,
        client_id: str | None = None,
        identifiant: str | None = None,
        endpoint: str | None = None,
        options: Mapping[str, Any] | None = None,
        times: int | None = None,
        most: int,
    ) -> ArmedFault | None:
        """Arm a fault; None when testers have `most` of them already. The words are those of `ArmedFault`."""
        row = _row(fault, at, client_id, identifiant, endpoint, options or {}, times, None)
        with self._engine.begin() as connection:
            if connection.execute(_COUNT).scalar_one() >= most:
                return None
            made: Any = connection.execute(_ARM, row).inserted_primary_key
            return _armed([made[0], *row.values()])

    def arm_flow(self, fault: str, endpoint: str | None, *, at: datetime, until: datetime) -> int:
        """Arm a fault for one sign-in, forget those of old ones, and return its id."""
        self._forget_old_flows(at)
        row = _row(fault, at, None, None, endpoint, {}, None, until)
        with self._engine.begin() as connection:
            made: Any = connection.execute(_ARM, row).inserted_primary_key
        return int(made[0])

    def _forget_old_flows(self, now: datetime) -> None:
        try:
            with self._engine.begin() as connection:
                for gone, values in ((_OVER, {"now": now}), (_TOO_MANY, {})):
                    for (one,) in connection.execute(gone, values).all():
                        _disarm(connection, one)
        except IntegrityError:
            return  # somebody was just tying a sign-in to one of them: whoever comes next forgets it

    def bind(self, armed_id: int, keys: Collection[str]) -> None:
        """Tie what these keys name to a fault; what is tied already stays so. Nothing, where the fault was disarmed meanwhile."""
        try:
            with self._engine.begin() as connection:
                for key in keys:
                    connection.execute(_BIND[connection.dialect.name], {"flow": key, "one": armed_id})
        except IntegrityError:
            return

    def follow(self, keys: Collection[str]) -> frozenset[int]:
        """Return the faults that any of these keys is tied to."""
        with self._single.connect() as connection:
            return frozenset(connection.execute(_FOLLOW, {"keys": list(keys)}).scalars())

    def strike(self, armed_id: int) -> bool:
        """Count an answer that is struck; False when nothing is left."""
        with self._engine.begin() as connection:
            return connection.execute(_STRIKE, {"one": armed_id}).rowcount == 1

    def disarm(self, armed_id: int) -> bool:
        """Forget a fault; False when it is not there."""
        with self._engine.begin() as connection:
            return _disarm(connection, armed_id)

    def disarm_all(self) -> None:
        """Forget every fault, those of sign-ins under way included."""
        with self._engine.begin() as connection:
            connection.execute(_DISARM_FLOWS)
            connection.execute(_DISARM_ALL)

    def knows_person(self, identifiant: str) -> bool:
        """Tell whether an account has this identifiant."""
        with self._single.connect() as connection:
            return connection.execute(_HOLDS, {"holder": identifiant}).first() is not None

    def find_owner(self, purpose: str, hashed: str) -> GrantOwner | None:
        """Return whose a code or token is.

        Args:
            purpose: ``authorization-code``, ``access-token`` or ``refresh-token``.
            hashed: Its keyed hash for that purpose.
        """
        with self._single.connect() as connection:
            row = connection.execute(_OWNERS[purpose], {"hash": hashed}).first()
        return None if row is None else GrantOwner(*row)

    def find_person_of(self, session_id: str) -> str | None:
        """Return the identifiant of a session."""
        with self._single.connect() as connection:
            found: str | None = connection.execute(_OWNER_OF_SESSION, {"sid": session_id}).scalar()
        return found


def _disarm(connection: Any, armed_id: int) -> bool:
    connection.execute(_DISARM_FLOWS_OF, {"one": armed_id})
    return bool(connection.execute(_DISARM, {"one": armed_id}).rowcount)


def _row(
    fault: str,
    at: datetime,
    client_id: str | None,
    identifiant: str | None,
    endpoint: str | None,
    options: Mapping[str, Any],
    times: int | None,
    until: datetime | None,
) -> dict[str, Any]:
    """Return the columns after the id, in their order."""
    return {
        "fault": fault,
        "client_id": client_id,
        "identifiant": identifiant,
        "endpoint": endpoint,
        "options": json.dumps(options),
        "times": times,
        "struck": 0,
        "armed_at": at,
        "expires_at": until,
    }


def _armed(row: Sequence[Any]) -> ArmedFault:
    values = dict(zip((column.name for column in _COLUMNS), row, strict=True))
    return ArmedFault(**{**values, "options": json.loads(values["options"])})
