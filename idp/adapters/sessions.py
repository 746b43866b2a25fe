"""Signed-in browsers, and the clients that were given tokens in each session."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, func, insert, select, update

from idp.adapters.grants import revoke_all
from idp.adapters.links import Link, Prepared, insert_unless_there, prepare_each
from idp.adapters.tables import access_token, authorization_code, op_session, refresh_token, session_client
from idp.journeys.rows import SessionRow

_FIELDS = (
    "id",
    "secret_hash",
    "account_id",
    "auth_time",
    "acr",
    "amr",
    "touched_at",
    "expires_at",
    "ended_at",
    "device",
    "signed_in_at",
    "asks",
)
_COLUMNS = tuple(op_session.c[name] for name in _FIELDS)
_LOAD = Prepared(select(*_COLUMNS).where(op_session.c.secret_hash == bindparam("secret_hash")))
_LOAD_BY_ID = Prepared(select(*_COLUMNS).where(op_session.c.id == bindparam("sid")))
_LOAD_OF_ACCOUNT = (
    select(*_COLUMNS)
    .where(op_session.c.account_id == bindparam("account"))
    .order_by(op_session.c.auth_time.desc(), op_session.c.id)
)
_MOST_OPEN = 50
_LOAD_OPEN = (
    select(*_COLUMNS)
    .where(
        op_session.c.account_id == bindparam("account"),
        op_session.c.ended_at.is_(None),
        op_session.c.expires_at > bindparam("now"),
        op_session.c.touched_at > bindparam("since"),
    )
    .order_by(op_session.c.touched_at.desc(), op_session.c.id)
    .limit(_MOST_OPEN)
)
_ADD = Prepared(insert(op_session), _FIELDS)
_TOUCH = Prepared(
    update(op_session)
    .where(op_session.c.id == bindparam("sid"), op_session.c.ended_at.is_(None))
    .values(touched_at=bindparam("at"))
)
_ASK = update(op_session).where(op_session.c.id == bindparam("sid")).values(asks=bindparam("left"))
_IS_AS_IT_WAS_READ = (
    op_session.c.id == bindparam("sid"),
    op_session.c.ended_at.is_(None),
    op_session.c.secret_hash == bindparam("former_secret_hash"),
)
_ANSWER = (
    update(op_session)
    .where(*_IS_AS_IT_WAS_READ)
    .values(asks=bindparam("left"), secret_hash=bindparam("new_secret_hash"))
)
_PROVE_MORE = (
    update(op_session)
    .where(*_IS_AS_IT_WAS_READ)
    .values(
        amr=bindparam("methods"),
        secret_hash=bindparam("new_secret_hash"),
        auth_time=bindparam("at"),
        signed_in_at=func.coalesce(op_session.c.signed_in_at, op_session.c.auth_time),
        touched_at=bindparam("at"),
    )
)
_PROVE_ANEW = _PROVE_MORE.values(signed_in_at=bindparam("at"))
_LOAD_FORM = Prepared(
    select(op_session.c.form_turn, op_session.c.form_answer).where(op_session.c.id == bindparam("sid"))
)
_KEEP_FORM = (
    update(op_session)
    .where(
        op_session.c.id == bindparam("sid"),
        op_session.c.ended_at.is_(None),
        op_session.c.form_turn == bindparam("expected_turn"),
    )
    .values(form_turn=bindparam("expected_turn") + 1, form_answer=bindparam("answer"))
)
_END = (
    update(op_session)
    .where(op_session.c.id == bindparam("sid"), op_session.c.ended_at.is_(None))
    .values(ended_at=bindparam("at"))
)
_NONE_KEPT = ""  # no session has this id
_OTHERS = op_session.c.id != bindparam("kept")
_END_ACCOUNT = (
    update(op_session)
    .where(op_session.c.account_id == bindparam("account"), op_session.c.ended_at.is_(None), _OTHERS)
    .values(ended_at=bindparam("at"))
    .returning(op_session.c.id)
)
_OF_ACCOUNT = select(op_session.c.id).where(op_session.c.account_id == bindparam("account"), _OTHERS)
# Codes before tokens, for the reason that `grants` gives.
_REVOKE_CODES, _REVOKE_TOKENS = (
    update(table)
    .where(table.c.session_id == bindparam("sid"), table.c.revoked_at.is_(None))
    .values(revoked_at=bindparam("at"))
    for table in (authorization_code, access_token)
)
# OpenID Connect Core 1.0 section 11: an offline refresh token is used when nobody is present any more.
_REVOKE_REFRESH_TOKENS = (
    update(refresh_token)
    .where(
        refresh_token.c.session_id == bindparam("sid"),
        refresh_token.c.offline.is_(False),
        refresh_token.c.revoked_at.is_(None),
    )
    .values(revoked_at=bindparam("at"))
)
_REVOKE_CODES_OF_ACCOUNT = (
    update(authorization_code)
    .where(authorization_code.c.session_id.in_(_OF_ACCOUNT), authorization_code.c.revoked_at.is_(None))
    .values(revoked_at=bindparam("at"))
)
_REVOKE_REFRESH_TOKENS_OF_ACCOUNT = (
    update(refresh_token)
    .where(refresh_token.c.account_id == bindparam("account"), refresh_token.c.revoked_at.is_(None))
    .values(revoked_at=bindparam("at"))
)
_REVOKE_TOKENS_OF_ACCOUNT = (
    update(access_token)
    .where(
        access_token.c.account_id == bindparam("account"),
        access_token.c.revoked_at.is_(None),
        access_token.c.session_id.is_distinct_from(bindparam("kept")),
    )
    .values(revoked_at=bindparam("at"))
)
_NOTE_CLIENT = prepare_each(insert_unless_there(session_client), ("session_id", "client_id", "first_at"))
_CLIENTS = (
    select(session_client.c.session_id, session_client.c.client_id)
    .where(session_client.c.session_id.in_(bindparam("sids", expanding=True)))
    .order_by(session_client.c.first_at, session_client.c.client_id)
)


def _read(row: Sequence[Any] | None) -> SessionRow | None:
    if row is None:
        return None
    values = dict(zip(_FIELDS, row, strict=True))
    values["amr"] = tuple(values["amr"].split())
    values["asks"] = tuple(values["asks"].split())
    return SessionRow(**values)


def _write(row: SessionRow) -> Mapping[str, Any]:
    values = {name: getattr(row, name) for name in _FIELDS}
    values["amr"] = " ".join(row.amr)
    values["asks"] = " ".join(row.asks)
    return values


class SqlSessions:
    """Implements `journeys.session_ports.SessionStore`."""

    def __init__(self, link: Link) -> None:
        self._link = link

    def load_session(self, secret_hash: str) -> SessionRow | None:
        """Return the session with this secret, ended ones included."""
        return _read(self._link.read_one(_LOAD, {"secret_hash": secret_hash}))

    def load_session_by_id(self, session_id: str) -> SessionRow | None:
        """Return the session with this `sid`, ended ones included."""
        return _read(self._link.read_one(_LOAD_BY_ID, {"sid": session_id}))

    def add_session(self, row: SessionRow) -> None:
        """Keep a new session."""
        self._link.write(_ADD, _write(row))

    def touch_session(self, session_id: str, at: datetime) -> bool:
        """Remember that the session was used; False when it has ended.

        The row stays held until the commit: whoever ends the session waits, and then revokes what was issued meanwhile too.
        """
        return self._link.write(_TOUCH, {"sid": session_id, "at": at}) == 1

    def prove_more(
        self, session_id: str, amr: Sequence[str], at: datetime, *, former: str, secret_hash: str, anew: bool = False
    ) -> bool:
        """Give a session more methods, proved at this moment, and another secret; False when it has ended or has another one already."""
        values = {
            "sid": session_id,
            "methods": " ".join(amr),
            "former_secret_hash": former,
            "new_secret_hash": secret_hash,
            "at": at,
        }
        return self._link.run(_PROVE_ANEW if anew else _PROVE_MORE, values).rowcount == 1

    def load_form_answer(self, session_id: str) -> tuple[int, str | None]:
        """Return the turn of the forms of « Mon compte » in this session, and the latest answer."""
        row = self._link.read_one(_LOAD_FORM, {"sid": session_id})
        return (0, None) if row is None else (int(row[0]), row[1])

    def keep_form_answer(self, session_id: str, answer: str, *, expected_turn: int) -> bool:
        """Keep the answer to a form and pass on to the next turn; False when another POST won, or when the session has ended."""
        values = {"sid": session_id, "answer": answer, "expected_turn": expected_turn}
        return self._link.run(_KEEP_FORM, values).rowcount == 1

    def ask_session(self, session_id: str, asks: Sequence[str]) -> None:
        """Replace what a session is asked before it goes on."""
        self._link.run(_ASK, {"sid": session_id, "left": " ".join(asks)})

    def answer_question(self, session_id: str, asks: Sequence[str], *, former: str, secret_hash: str) -> bool:
        """Replace what a session is asked, and its secret, for an answer that proved something; False as `prove_more` says."""
        values = {
            "sid": session_id,
            "left": " ".join(asks),
            "former_secret_hash": former,
            "new_secret_hash": secret_hash,
        }
        return self._link.run(_ANSWER, values).rowcount == 1

    def end_session(self, session_id: str, at: datetime) -> bool:
        """End a session, revoke its codes and its tokens but offline ones; False when it had ended before."""
        values = {"sid": session_id, "at": at}
        ended = self._link.run(_END, values).rowcount == 1
        self._link.run(_REVOKE_CODES, values)
        revoke_all(self._link, _REVOKE_REFRESH_TOKENS, values)
        self._link.run(_REVOKE_TOKENS, values)
        return ended

    def end_account_sessions(self, account_id: int, at: datetime, *, keeping: str | None = None) -> list[str]:
        """End every session of an account, revoke its codes and all of its tokens, and return the ids of those that ended.

        `keeping` names one that goes on with its codes and access tokens; its refresh tokens die all the same.
        """
        values = {"account": account_id, "at": at}
        of_others = {**values, "kept": keeping or _NONE_KEPT}
        ended = list(self._link.run(_END_ACCOUNT, of_others).scalars())
        self._link.run(_REVOKE_CODES_OF_ACCOUNT, of_others)
        revoke_all(self._link, _REVOKE_REFRESH_TOKENS_OF_ACCOUNT, values)
        self._link.run(_REVOKE_TOKENS_OF_ACCOUNT, of_others)
        return ended

    def load_account_sessions(self, account_id: int) -> list[SessionRow]:
        """Return the sessions of an account, ended ones included, the newest first."""
        found = (_read(row) for row in self._link.run(_LOAD_OF_ACCOUNT, {"account": account_id}))
        return [row for row in found if row is not None]

    def load_open_sessions(self, account_id: int, now: datetime, *, used_since: datetime) -> list[SessionRow]:
        """Return the sessions of an account that are live, the one used last first, fifty at most."""
        values = {"account": account_id, "now": now, "since": used_since}
        return [row for row in map(_read, self._link.run(_LOAD_OPEN, values)) if row is not None]

    def note_client(self, session_id: str, client_id: str, at: datetime) -> None:
        """Remember that this client was given tokens in this session."""
        self._link.write(
            _NOTE_CLIENT[self._link.dialect], {"session_id": session_id, "client_id": client_id, "first_at": at}
        )

    def load_session_clients(self, session_ids: Sequence[str]) -> list[tuple[str, str]]:
        """Return session and client of each client that was given tokens in one of these sessions, in the order of their first."""
        return [(row.session_id, row.client_id) for row in self._link.run(_CLIENTS, {"sids": list(session_ids)})]
