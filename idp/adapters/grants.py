"""Authorization codes, access tokens and refresh tokens, as keyed hashes: what a stolen copy holds can be presented nowhere."""

from collections.abc import Mapping, Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any

from sqlalchemy import Executable, bindparam, insert, select, update

from idp.adapters.links import Link, Prepared
from idp.adapters.tables import access_token, authorization_code, op_session, refresh_token
from idp.journeys.rows import AccessTokenRow, CodeRow, RefreshTokenRow

_CODE_FIELDS = tuple(field.name for field in fields(CodeRow) if field.name != "session_ends_at")
TOKEN_FIELDS = tuple(field.name for field in fields(AccessTokenRow))
_REFRESH_FIELDS = tuple(field.name for field in fields(RefreshTokenRow))

_ADD_CODE = Prepared(insert(authorization_code), _CODE_FIELDS)
_LOAD_CODE = Prepared(
    select(*(authorization_code.c[name] for name in _CODE_FIELDS), op_session.c.expires_at)
    .join_from(authorization_code, op_session)
    .where(authorization_code.c.code_hash == bindparam("hash"))
)
_CONSUME_CODE = Prepared(
    update(authorization_code)
    .where(
        authorization_code.c.code_hash == bindparam("hash"),
        authorization_code.c.used_at.is_(None),
        authorization_code.c.revoked_at.is_(None),
    )
    .values(used_at=bindparam("at"))
)
_ADD_TOKEN = Prepared(insert(access_token), TOKEN_FIELDS)
# The code first: whoever is minting from it holds its row until the commit, so that this waits, and then sees the token just minted.
_REVOKE_CODES, _REVOKE_REFRESH_TOKENS, _REVOKE_ACCESS_TOKENS = (
    update(table)
    .where(table.c.family == bindparam("of_family"), table.c.revoked_at.is_(None))
    .values(revoked_at=bindparam("at"))
    for table in (authorization_code, refresh_token, access_token)
)
_LOAD_TOKEN = Prepared(
    select(*(access_token.c[name] for name in TOKEN_FIELDS)).where(access_token.c.token_hash == bindparam("hash"))
)
_REVOKE_TOKEN = (
    update(access_token)
    .where(access_token.c.token_hash == bindparam("hash"), access_token.c.revoked_at.is_(None))
    .values(revoked_at=bindparam("at"))
)
_REVOKE_CODES_OF_CLIENT, _REVOKE_REFRESH_TOKENS_OF_CLIENT, _REVOKE_ACCESS_TOKENS_OF_CLIENT = (
    update(table)
    .where(table.c.client_id == bindparam("of_client"), table.c.revoked_at.is_(None))
    .values(revoked_at=bindparam("at"))
    for table in (authorization_code, refresh_token, access_token)
)
_SESSIONS_OF_PERSON = select(op_session.c.id).where(op_session.c.account_id == bindparam("account"))
_REVOKE_CODES_OF_PERSON, _REVOKE_ACCESS_TOKENS_OF_PERSON = (
    update(table)
    .where(
        table.c.session_id.in_(_SESSIONS_OF_PERSON),
        table.c.client_id == bindparam("of_client"),
        table.c.revoked_at.is_(None),
    )
    .values(revoked_at=bindparam("at"))
    for table in (authorization_code, access_token)
)
_REVOKE_REFRESH_TOKENS_OF_PERSON = (
    update(refresh_token)
    .where(
        refresh_token.c.account_id == bindparam("account"),
        refresh_token.c.client_id == bindparam("of_client"),
        refresh_token.c.revoked_at.is_(None),
    )
    .values(revoked_at=bindparam("at"))
)
_ADD_REFRESH_TOKEN = Prepared(insert(refresh_token), _REFRESH_FIELDS)
_LOAD_REFRESH_TOKEN = Prepared(
    select(*(refresh_token.c[name] for name in _REFRESH_FIELDS)).where(refresh_token.c.token_hash == bindparam("hash"))
)
_CONSUME_REFRESH_TOKEN = Prepared(
    update(refresh_token)
    .where(
        refresh_token.c.token_hash == bindparam("hash"),
        refresh_token.c.used_at.is_(None),
        refresh_token.c.revoked_at.is_(None),
    )
    .values(used_at=bindparam("at"))
)
_HOLD_REFRESH_TOKEN = Prepared(
    update(refresh_token)
    .where(refresh_token.c.token_hash == bindparam("hash"), refresh_token.c.revoked_at.is_(None))
    .values(used_at=refresh_token.c.used_at)
)


class SqlGrants:
    """Implements `journeys.session_ports.GrantStore`."""

    def __init__(self, link: Link) -> None:
        self._link = link

    def add_code(self, row: CodeRow) -> None:
        """Keep a new authorization code."""
        self._link.write(_ADD_CODE, _write(row, _CODE_FIELDS))

    def load_code(self, code_hash: str) -> CodeRow | None:
        """Return a code, used and expired ones included."""
        row = self._link.read_one(_LOAD_CODE, {"hash": code_hash})
        return None if row is None else CodeRow(**_read(row, (*_CODE_FIELDS, "session_ends_at")))

    def consume_code(self, code_hash: str, at: datetime) -> bool:
        """Mark a code used by one conditional UPDATE; False when somebody else was first, or when it was revoked meanwhile."""
        return self._link.write(_CONSUME_CODE, {"hash": code_hash, "at": at}) == 1

    def revoke_family(self, family: str, at: datetime) -> None:
        """Revoke the code and every token that was minted from it, those of concurrent losers included."""
        values = {"of_family": family, "at": at}
        self._link.run(_REVOKE_CODES, values)
        revoke_all(self._link, _REVOKE_REFRESH_TOKENS, values)
        self._link.run(_REVOKE_ACCESS_TOKENS, values)

    def load_access_token(self, token_hash: str) -> AccessTokenRow | None:
        """Return an access token, revoked and expired ones included."""
        row = self._link.read_one(_LOAD_TOKEN, {"hash": token_hash})
        return None if row is None else AccessTokenRow(*row)

    def revoke_access_token(self, token_hash: str, at: datetime) -> None:
        """Revoke one access token; what else was minted with it stays good."""
        self._link.run(_REVOKE_TOKEN, {"hash": token_hash, "at": at})

    def add_access_token(self, row: AccessTokenRow) -> None:
        """Keep a new access token."""
        self._link.write(_ADD_TOKEN, {name: getattr(row, name) for name in TOKEN_FIELDS})

    def add_refresh_token(self, row: RefreshTokenRow) -> None:
        """Keep a new refresh token."""
        self._link.write(_ADD_REFRESH_TOKEN, _write(row, _REFRESH_FIELDS))

    def load_refresh_token(self, token_hash: str) -> RefreshTokenRow | None:
        """Return a refresh token, used, expired and revoked ones included."""
        row = self._link.read_one(_LOAD_REFRESH_TOKEN, {"hash": token_hash})
        return None if row is None else RefreshTokenRow(**_read(row, _REFRESH_FIELDS))

    def consume_refresh_token(self, token_hash: str, at: datetime) -> bool:
        """Mark a refresh token used by one conditional UPDATE; False when somebody else was first, or when it was revoked meanwhile."""
        return self._link.write(_CONSUME_REFRESH_TOKEN, {"hash": token_hash, "at": at}) == 1

    def hold_refresh_token(self, token_hash: str) -> bool:
        """Keep a refresh token from being revoked before this transaction ends; False when it is revoked already."""
        return self._link.write(_HOLD_REFRESH_TOKEN, {"hash": token_hash}) == 1

    def revoke_person_grants(self, account_id: int, client_id: str, at: datetime) -> None:
        """Revoke every code and token of a client that stands for this person."""
        values = {"account": account_id, "of_client": client_id, "at": at}
        self._link.run(_REVOKE_CODES_OF_PERSON, values)
        revoke_all(self._link, _REVOKE_REFRESH_TOKENS_OF_PERSON, values)
        self._link.run(_REVOKE_ACCESS_TOKENS_OF_PERSON, values)

    def revoke_client_grants(self, client_id: str, at: datetime) -> None:
        """Revoke every code and token of a client. No index leads to them: clients are seldom removed."""
        values = {"of_client": client_id, "at": at}
        self._link.run(_REVOKE_CODES_OF_CLIENT, values)
        revoke_all(self._link, _REVOKE_REFRESH_TOKENS_OF_CLIENT, values)
        self._link.run(_REVOKE_ACCESS_TOKENS_OF_CLIENT, values)


def _write(row: CodeRow | RefreshTokenRow, names: Sequence[str]) -> dict[str, Any]:
    values = {name: getattr(row, name) for name in names}
    return {**values, "amr": " ".join(row.amr), "resources": " ".join(row.resources) or None}


def _read(row: Sequence[Any], names: Sequence[str]) -> dict[str, Any]:
    values = dict(zip(names, row, strict=True))
    values["amr"] = tuple(values["amr"].split())
    values["resources"] = tuple((values["resources"] or "").split())
    return values


def revoke_all(link: Link, revoke: Executable, values: Mapping[str, Any]) -> None:
    """Revoke refresh tokens until there is none left.

    Whoever rotates one holds its row until the commit: this waits, but its statement began before the successor was there, and does not
    see it. The next statement does.
    """
    while link.run(revoke, values).rowcount:
        pass
