"""E-mail addresses of accounts, sealed: a stolen copy of the database holds none that could be written to."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import and_, bindparam, delete, exists, select

from idp.adapters.email_tables import email_address, email_change
from idp.adapters.links import Link, for_each_dialect
from idp.adapters.tables import account
from idp.journeys.email_ports import ConfirmedEmail, EmailChange
from idp.journeys.ports import Secrets
from idp.people.emails import EmailAddress

PURPOSE = "email-address"

_CONFIRMED = select(
    email_address.c.account_id, email_address.c.address, email_address.c.confirmed_at, email_address.c.token_hash
)
_CONFIRMED_OF = _CONFIRMED.where(email_address.c.account_id == bindparam("of"))
_CONFIRMED_BY = _CONFIRMED.where(email_address.c.token_hash == bindparam("token"))
_ACCOUNTS = (
    select(email_address.c.account_id)
    .where(email_address.c.address_hash == bindparam("hash"))
    .order_by(email_address.c.account_id)
)
_CHANGE_COLUMNS = (
    email_change.c.account_id,
    email_change.c.address,
    email_change.c.token_hash,
    email_change.c.requested_at,
    email_change.c.sent_at,
    email_change.c.expires_at,
)
# Moments are compared for being the same: a tester may move the clock backwards.
_SAME_PASSWORD = and_(
    account.c.id == email_change.c.account_id, account.c.password_at.is_not_distinct_from(email_change.c.password_at)
)
_STANDS = exists().where(_SAME_PASSWORD).correlate(email_change)
_BY_TOKEN = and_(email_change.c.token_hash == bindparam("token"), _STANDS)
_CHANGE_OF = select(*_CHANGE_COLUMNS).where(email_change.c.account_id == bindparam("of"), _STANDS)
_CONFIRMED_COLUMNS = _CONFIRMED.selected_columns
_BOTH = (
    select(
        *(column.label(f"confirmed_{column.name}") for column in _CONFIRMED_COLUMNS),
        *(column.label(f"change_{column.name}") for column in _CHANGE_COLUMNS),
    )
    .select_from(account)
    .outerjoin(email_address, email_address.c.account_id == account.c.id)
    .outerjoin(email_change, _SAME_PASSWORD)
    .where(account.c.id == bindparam("of"))
)
_CHANGE_BY_TOKEN = select(*_CHANGE_COLUMNS).where(_BY_TOKEN)
_CONSUME = (
    delete(email_change).where(_BY_TOKEN, email_change.c.expires_at > bindparam("now")).returning(*_CHANGE_COLUMNS)
)
_DROP_CHANGE = delete(email_change).where(email_change.c.account_id == bindparam("of"))
_FORGET = delete(email_address).where(email_address.c.account_id == bindparam("of"))
_PUT_CHANGE = for_each_dialect(
    lambda insert: (
        added := insert(email_change).values(
            {column.name: bindparam(column.name) for column in _CHANGE_COLUMNS}
            | {
                "password_at": select(account.c.password_at)
                .where(account.c.id == bindparam("account_id"))
                .scalar_subquery()
            }
        )
    ).on_conflict_do_update(
        index_elements=[email_change.c.account_id],
        set_={column.name: added.excluded[column.name] for column in email_change.columns if not column.primary_key},
    )
)
_CONFIRM = for_each_dialect(
    lambda insert: (added := insert(email_address)).on_conflict_do_update(
        index_elements=[email_address.c.account_id],
        set_={column.name: added.excluded[column.name] for column in email_address.columns if not column.primary_key},
    )
)


class SqlEmails:
    """Implements `journeys.email_ports.EmailStore`."""

    def __init__(self, link: Link, secrets: Secrets) -> None:
        self._link = link
        self._secrets = secrets

    def load_confirmed(self, account_id: int) -> ConfirmedEmail | None:
        """Return the confirmed address of an account."""
        return self._read_confirmed(self._link.run(_CONFIRMED_OF, {"of": account_id}).one_or_none())

    def load_accounts(self, email: EmailAddress) -> list[int]:
        """Return the accounts whose confirmed address this is, in any case of its letters, oldest first."""
        return list(self._link.run(_ACCOUNTS, {"hash": self._hash(email)}).scalars())

    def load_confirmed_by(self, token_hash: str) -> ConfirmedEmail | None:
        """Return the address that this link confirmed, while it is still the account's."""
        return self._read_confirmed(self._link.run(_CONFIRMED_BY, {"token": token_hash}).one_or_none())

    def load_both(self, account_id: int) -> tuple[ConfirmedEmail | None, EmailChange | None]:
        """Return the confirmed address of an account and the change that it waits for: one statement."""
        row = self._link.run(_BOTH, {"of": account_id}).one_or_none()
        if row is None:
            return None, None
        values, size = tuple(row), len(_CONFIRMED_COLUMNS)
        return self._read_confirmed(values[:size]), self._read_change(values[size:])

    def load_change(self, account_id: int) -> EmailChange | None:
        """Return the change that an account waits for, expired ones included; one from before its latest password excepted."""
        return self._read_change(self._link.run(_CHANGE_OF, {"of": account_id}).one_or_none())

    def load_change_by_token(self, token_hash: str) -> EmailChange | None:
        """Return the change that this link confirms, expired ones included; one from before the latest password excepted."""
        return self._read_change(self._link.run(_CHANGE_BY_TOKEN, {"token": token_hash}).one_or_none())

    def put_change(self, change: EmailChange) -> None:
        """Keep a change, in place of what the account waited for before."""
        self._link.run(
            _PUT_CHANGE[self._link.dialect],
            {
                "account_id": change.account_id,
                "address": self._seal(change.email),
                "token_hash": change.token_hash,
                "requested_at": change.requested_at,
                "sent_at": change.sent_at,
                "expires_at": change.expires_at,
            },
        )

    def drop_change(self, account_id: int) -> bool:
        """Forget the change that an account waits for; False when there is none."""
        return self._link.run(_DROP_CHANGE, {"of": account_id}).rowcount == 1

    def consume_change(self, token_hash: str, now: datetime) -> EmailChange | None:
        """Take out the change that this link confirms, by one conditional DELETE: one winner of many."""
        return self._read_change(self._link.run(_CONSUME, {"token": token_hash, "now": now}).one_or_none())

    def confirm(self, confirmed: ConfirmedEmail) -> None:
        """Keep an address as the account's, in place of its former one."""
        self._link.run(
            _CONFIRM[self._link.dialect],
            {
                "account_id": confirmed.account_id,
                "address": self._seal(confirmed.email),
                "address_hash": self._hash(confirmed.email),
                "confirmed_at": confirmed.confirmed_at,
                "token_hash": confirmed.token_hash,
            },
        )

    def forget_address(self, account_id: int) -> bool:
        """Forget the confirmed address of an account; False when there is none."""
        return self._link.run(_FORGET, {"of": account_id}).rowcount == 1

    def _read_confirmed(self, row: Sequence[Any] | None) -> ConfirmedEmail | None:
        if row is None or row[0] is None:
            return None
        account_id, address, confirmed_at, token_hash = row
        return ConfirmedEmail(account_id, self._unseal(address), confirmed_at, token_hash)

    def _read_change(self, row: Sequence[Any] | None) -> EmailChange | None:
        if row is None or row[0] is None:
            return None
        account_id, address, *others = row
        return EmailChange(account_id, self._unseal(address), *others)

    def _seal(self, email: EmailAddress) -> bytes:
        return self._secrets.seal(PURPOSE, email.address.encode())

    def _unseal(self, sealed: bytes) -> EmailAddress:
        return EmailAddress(self._secrets.unseal(PURPOSE, sealed).decode())

    def _hash(self, email: EmailAddress) -> str:
        return self._secrets.keyed_hash(PURPOSE, email.compared)
