"""Forgets what has run out: what was typed in unfinished activations above all, and the rows that nothing can use any more."""

import threading
from datetime import timedelta

import structlog
from sqlalchemy import Delete, Engine, and_, bindparam, delete, func, or_, select, update
from sqlalchemy.exc import SQLAlchemyError

from idp.adapters.children_tables import session_question
from idp.adapters.email_tables import email_change
from idp.adapters.recovery_tables import recovery
from idp.adapters.tables import (
    access_token,
    account,
    activation,
    authorization_code,
    franceconnect_session,
    franceconnect_sign_in,
    interaction,
    op_session,
    pushed_request,
    quota,
    refresh_token,
    session_client,
)
from idp.journeys.ports import Clock

EVERY_SECONDS = 600
KEPT_AFTER = timedelta(days=1)
"""Codes, tokens and sessions stay for a day: a late replay is still told from a made-up code, and traces can be followed."""

_GONE = select(op_session.c.id).where(op_session.c.expires_at <= bindparam("before"))
# Each in a transaction of its own, children before parents.
_AT_ONCE: tuple[Delete, ...] = (
    delete(activation).where(activation.c.expires_at <= bindparam("before")),
    delete(recovery).where(recovery.c.expires_at <= bindparam("before")),
    delete(interaction).where(interaction.c.expires_at <= bindparam("before")),
    delete(franceconnect_sign_in).where(franceconnect_sign_in.c.expires_at <= bindparam("before")),
    delete(pushed_request).where(pushed_request.c.expires_at <= bindparam("before")),
    # An address that was mistyped may be somebody else's.
    delete(email_change).where(email_change.c.expires_at <= bindparam("before")),
    delete(quota).where(quota.c.resets_at <= bindparam("before")),
)
_AFTER_A_DAY: tuple[Delete, ...] = (
    delete(access_token).where(access_token.c.expires_at <= bindparam("before")),
    delete(refresh_token).where(refresh_token.c.expires_at <= bindparam("before")),
    # A session's codes and tokens run out long before it does.
    delete(authorization_code).where(
        (authorization_code.c.expires_at <= bindparam("before")) | authorization_code.c.session_id.in_(_GONE)
    ),
    delete(session_client).where(session_client.c.session_id.in_(_GONE)),
    delete(franceconnect_session).where(franceconnect_session.c.session_id.in_(_GONE)),
    delete(session_question).where(session_question.c.session_id.in_(_GONE)),
    delete(op_session).where(op_session.c.expires_at <= bindparam("before")),
)
# Who comes through FranceConnect leaves a session and writes nothing to the account: its row would cost each sign-in a statement more. So
# that retention knows of it, the account remembers its session once that goes. Locked first, in one order, as all who look for both do.
_LATEST = (
    select(func.max(op_session.c.auth_time, type_=op_session.c.auth_time.type))
    .where(op_session.c.account_id == account.c.id)
    .correlate(account)
    .scalar_subquery()
)
_UNNOTED = and_(
    account.c.id.in_(select(op_session.c.account_id).where(op_session.c.expires_at <= bindparam("before"))),
    or_(account.c.signed_in_at.is_(None), account.c.signed_in_at < _LATEST),
)
_HOLD = select(account.c.id).where(_UNNOTED).order_by(account.c.id).with_for_update()
_NOTE_USE = update(account).where(_UNNOTED).values(signed_in_at=_LATEST)


class Expiry:
    """Deletes expired rows, by the injected clock. Any number of processes may do it at once."""

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self._engine = engine
        self._clock = clock
        self._log = structlog.get_logger("preau.expiry")

    def run_once(self) -> int:
        """Forget what has run out and return how many rows went.

        Raises:
            sqlalchemy.exc.SQLAlchemyError: The database does not answer.
        """
        now = self._clock.now()
        steps = [(statement, now) for statement in _AT_ONCE]
        steps += [(statement, now - KEPT_AFTER) for statement in _AFTER_A_DAY]
        gone = 0
        with self._engine.begin() as connection:
            connection.execute(_HOLD, {"before": now - KEPT_AFTER})
            connection.execute(_NOTE_USE, {"before": now - KEPT_AFTER})
        for statement, before in steps:
            with self._engine.begin() as connection:
                gone += connection.execute(statement, {"before": before}).rowcount
        return gone

    def run(self, stop: threading.Event) -> None:
        """Do so every ten minutes until `stop` is set; a database that is gone is waited for."""
        while not stop.is_set():
            try:
                gone = self.run_once()
                if gone:
                    self._log.info("expired rows forgotten", rows=gone)
            except SQLAlchemyError as failure:
                self._log.error("expired rows cannot be forgotten", exc_info=failure)
            stop.wait(EVERY_SECONDS)
