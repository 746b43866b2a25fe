"""Authorization codes and access tokens, as keyed hashes: what a stolen copy holds can be presented nowhere."""

from dataclasses import fields
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, insert, select, update

from idp.adapters.links import Link, Prepared
from idp.adapters.tables import access_token, authorization_code
from idp.journeys.rows import AccessTokenRow, CodeRow

_CODE_FIELDS = tuple(field.name for field in fields(CodeRow))
TOKEN_FIELDS = tuple(field.name for field in fields(AccessTokenRow))

_ADD_CODE = Prepared(insert(authorization_code), _CODE_FIELDS)
_LOAD_CODE = Prepared(
    select(*(authorization_code.c[name] for name in _CODE_FIELDS)).where(
        authorization_code.c.code_hash == bindparam("hash")
    )
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
_REVOKE_FAMILY = tuple(
    update(table)
    .where(table.c.family == bindparam("of_family"), table.c.revoked_at.is_(None))
    .values(revoked_at=bindparam("at"))
    for table in (authorization_code, access_token)
)


class SqlGrants:
    """Implements `journeys.ports.GrantStore`."""

    def __init__(self, link: Link) -> None:
        self._link = link

    def add_code(self, row: CodeRow) -> None:
        """Keep a new authorization code."""
        values: dict[str, Any] = {name: getattr(row, name) for name in _CODE_FIELDS}
        self._link.write(_ADD_CODE, {**values, "amr": " ".join(row.amr)})

    def load_code(self, code_hash: str) -> CodeRow | None:
        """Return a code, used and expired ones included."""
        row = self._link.read_one(_LOAD_CODE, {"hash": code_hash})
        if row is None:
            return None
        values = dict(zip(_CODE_FIELDS, row, strict=True))
        values["amr"] = tuple(values["amr"].split())
        return CodeRow(**values)

    def consume_code(self, code_hash: str, at: datetime) -> bool:
        """Mark a code used by one conditional UPDATE; False when somebody else was first, or when it was revoked meanwhile."""
        return self._link.write(_CONSUME_CODE, {"hash": code_hash, "at": at}) == 1

    def revoke_family(self, family: str, at: datetime) -> None:
        """Revoke the code and every token that was minted from it, those of concurrent losers included."""
        for revoke in _REVOKE_FAMILY:
            self._link.run(revoke, {"of_family": family, "at": at})

    def add_access_token(self, row: AccessTokenRow) -> None:
        """Keep a new access token."""
        self._link.write(_ADD_TOKEN, {name: getattr(row, name) for name in TOKEN_FIELDS})
