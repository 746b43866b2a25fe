"""The last requests and answers of a test instance, as `sandbox.redaction` leaves them: a bounded tape, one for all processes."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Engine, bindparam, delete, exists, func, literal, or_, select
from sqlalchemy.exc import SQLAlchemyError

from idp.adapters.links import insert_unless_there
from idp.adapters.stores import make_single
from idp.adapters.tester_tables import recorded_exchange, recorder_pause

DatabaseTrouble = SQLAlchemyError
"""What whoever records may meet, and must not let become anybody's trouble."""

MOST_EXCHANGES = 1000
_MOST_READ = 200
_ONLY = 1

_ADD = recorded_exchange.insert().from_select(
    ["at", "client_id", "content"],
    select(
        bindparam("at", type_=recorded_exchange.c.at.type),
        bindparam("client_id", type_=recorded_exchange.c.client_id.type),
        bindparam("content", type_=recorded_exchange.c.content.type),
    ).where(~exists().where(recorder_pause.c.id == _ONLY)),
)
_FORGET_OLD = delete(recorded_exchange).where(
    recorded_exchange.c.id <= select(func.max(recorded_exchange.c.id) - MOST_EXCHANGES).scalar_subquery()
)
_FORGET = delete(recorded_exchange)
_IS_PAUSED = select(literal(1)).select_from(recorder_pause)
_PAUSE = insert_unless_there(recorder_pause)
_RESUME = delete(recorder_pause)
_READ = (
    select(recorded_exchange)
    .where(
        recorded_exchange.c.id > bindparam("after"),
        recorded_exchange.c.at >= bindparam("since", type_=recorded_exchange.c.at.type),
        or_(bindparam("client") == "", recorded_exchange.c.client_id == bindparam("client")),
    )
    .order_by(recorded_exchange.c.id)
    .limit(_MOST_READ)
)


@dataclass(frozen=True, slots=True)
class RecordedExchange:
    """A request and its answer. `id` grows with time."""

    id: int
    at: datetime
    client_id: str | None
    content: Mapping[str, Any]


class RecordedExchanges:
    """The tape: the last thousand exchanges."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._single = make_single(engine)

    def add(self, client_id: str | None, content: Mapping[str, Any], at: datetime) -> None:
        """Keep an exchange, unless recording is paused; the oldest one goes.

        Raises:
            sqlalchemy.exc.SQLAlchemyError: The database does not answer.
        """
        with self._engine.begin() as connection:
            values = {"at": at, "client_id": client_id, "content": json.dumps(content, ensure_ascii=False)}
            connection.execute(_ADD, values)
            connection.execute(_FORGET_OLD)

    def load(self, *, client_id: str, after: int, since: datetime) -> list[RecordedExchange]:
        """Return the oldest 200, at most, of one client ("" for any), with a greater id, not older than a moment.

        Raises:
            sqlalchemy.exc.SQLAlchemyError: The database does not answer.
        """
        with self._single.connect() as connection:
            rows = connection.execute(_READ, {"client": client_id, "after": after, "since": since}).all()
        return [RecordedExchange(row.id, row.at, row.client_id, json.loads(row.content)) for row in rows]

    def is_paused(self) -> bool:
        """Tell whether nothing is recorded.

        Raises:
            sqlalchemy.exc.SQLAlchemyError: The database does not answer.
        """
        with self._single.connect() as connection:
            return connection.execute(_IS_PAUSED).first() is not None

    def pause(self) -> None:
        """Record nothing, in any process.

        Raises:
            sqlalchemy.exc.SQLAlchemyError: The database does not answer.
        """
        with self._engine.begin() as connection:
            connection.execute(_PAUSE[connection.dialect.name], {"id": _ONLY})

    def resume(self) -> None:
        """Record again.

        Raises:
            sqlalchemy.exc.SQLAlchemyError: The database does not answer.
        """
        with self._engine.begin() as connection:
            connection.execute(_RESUME)

    def forget(self) -> None:
        """Forget what was recorded.

        Raises:
            sqlalchemy.exc.SQLAlchemyError: The database does not answer.
        """
        with self._engine.begin() as connection:
            connection.execute(_FORGET)
