"""Links between accounts and FranceConnect's identities, sign-ins under way there, and the hint that ends a session there.

What FranceConnect said is sealed: a copy of the database holds nothing that could be presented to it.
"""

from datetime import datetime

from sqlalchemy import bindparam, delete, exists, select

from idp.adapters.link_news import news_of
from idp.adapters.links import Link, Prepared, for_each_dialect, insert_unless_there
from idp.adapters.tables import account, franceconnect_link, franceconnect_session, franceconnect_sign_in
from idp.journeys.ports import Secrets
from idp.journeys.rows import FranceConnectLink

_SIGN_IN = "franceconnect-sign-in"
_ID_TOKEN = "franceconnect-id-token"  # noqa: S105  the name of a key
_COLUMNS = tuple(franceconnect_link.c[name] for name in ("issuer", "sub", "account_id", "identity_hash", "linked_at"))
_LOAD = Prepared(
    select(*_COLUMNS, account.c.closes_at, news_of(franceconnect_link.c.account_id))
    .join(account, account.c.id == franceconnect_link.c.account_id)
    .where(franceconnect_link.c.issuer == bindparam("issuer"), franceconnect_link.c.sub == bindparam("sub"))
)
_LOAD_OF_ACCOUNT = Prepared(select(*_COLUMNS).where(franceconnect_link.c.account_id == bindparam("account_id")))
_LOAD_OF_IDENTITY = Prepared(
    select(*_COLUMNS)
    .where(franceconnect_link.c.issuer == bindparam("issuer"), franceconnect_link.c.identity_hash == bindparam("hash"))
    .limit(1)
)
# Whichever of the two keys is taken: nobody is rebound.
_ADD = insert_unless_there(franceconnect_link)
_REMOVE = delete(franceconnect_link).where(
    franceconnect_link.c.account_id == bindparam("of"),
    exists().where(account.c.id == bindparam("of"), account.c.password_hash.is_not(None)),
)
_PUT = for_each_dialect(lambda insert: insert(franceconnect_sign_in))
_TAKE = (
    delete(franceconnect_sign_in)
    .where(franceconnect_sign_in.c.key == bindparam("sought"))
    .returning(franceconnect_sign_in.c.value, franceconnect_sign_in.c.expires_at)
)
_KEEP_TOKEN = insert_unless_there(franceconnect_session)
_LOAD_TOKEN = select(franceconnect_session.c.id_token).where(franceconnect_session.c.session_id == bindparam("sid"))


class SqlFranceConnect:
    """Implements `journeys.session_ports.FranceConnectStore`."""

    def __init__(self, link: Link, secrets: Secrets) -> None:
        self._link = link
        self._secrets = secrets

    def load_link(self, issuer: str, sub: str) -> FranceConnectLink | None:
        """Return the link of an identity."""
        row = self._link.read_one(_LOAD, {"issuer": issuer, "sub": sub})
        return None if row is None else FranceConnectLink(*row)

    def load_link_of_account(self, account_id: int) -> FranceConnectLink | None:
        """Return the link of an account."""
        row = self._link.read_one(_LOAD_OF_ACCOUNT, {"account_id": account_id})
        return None if row is None else FranceConnectLink(*row)

    def load_link_of_identity(self, issuer: str, identity_hash: str) -> FranceConnectLink | None:
        """Return a link of somebody with the same civil status."""
        row = self._link.read_one(_LOAD_OF_IDENTITY, {"issuer": issuer, "hash": identity_hash})
        return None if row is None else FranceConnectLink(*row)

    def add_link(self, link: FranceConnectLink) -> bool:
        """Link an identity; False when it, or the account, is linked already."""
        values = {name: getattr(link, name) for name in ("issuer", "sub", "account_id", "identity_hash", "linked_at")}
        return self._link.run(_ADD[self._link.dialect], values).rowcount == 1

    def remove_link(self, account_id: int) -> bool:
        """Remove the link of an account that has a password; False when there is none, or no other way in."""
        return self._link.run(_REMOVE, {"of": account_id}).rowcount == 1

    def put_sign_in(self, key: str, value: bytes, expires_at: datetime) -> None:
        """Keep a sign-in under way.

        Raises:
            sqlalchemy.exc.IntegrityError: The key was used before.
        """
        sealed = self._secrets.seal(_SIGN_IN, value)
        self._link.run(_PUT[self._link.dialect], {"key": key, "value": sealed, "expires_at": expires_at})

    def take_sign_in(self, key: str, now: datetime) -> bytes | None:
        """Return a sign-in under way and forget it: one winner of many.

        Raises:
            ValueError: It was sealed with another master key.
        """
        row = self._link.run(_TAKE, {"sought": key}).one_or_none()
        return None if row is None or now >= row.expires_at else self._secrets.unseal(_SIGN_IN, row.value)

    def keep_id_token(self, session_id: str, id_token: str) -> None:
        """Keep what ends this session at FranceConnect."""
        sealed = self._secrets.seal(_ID_TOKEN, id_token.encode())
        self._link.run(_KEEP_TOKEN[self._link.dialect], {"session_id": session_id, "id_token": sealed})

    def load_id_token(self, session_id: str) -> str | None:
        """Return what ends this session at FranceConnect, None when it was not opened through it.

        Raises:
            ValueError: It was sealed with another master key.
        """
        sealed = self._link.run(_LOAD_TOKEN, {"sid": session_id}).scalar_one_or_none()
        return None if sealed is None else self._secrets.unseal(_ID_TOKEN, sealed).decode()
