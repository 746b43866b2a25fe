"""Activated accounts, the identifiants ever given, and who holds which guardian's record."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import FromClause, Row, Select, String, and_, bindparam, delete, exists, func, null, or_, select, update

from idp.adapters.children_tables import account_group, link_news, session_question
from idp.adapters.directory_tables import guardian, kinship
from idp.adapters.email_tables import email_address, email_change
from idp.adapters.grants import TOKEN_FIELDS
from idp.adapters.link_news import news_of
from idp.adapters.links import Link, Prepared, for_each_dialect, insert_unless_there
from idp.adapters.people import GUARDIAN_COLUMNS, SELECT_LINKS, LinkRow, read_guardian, read_link
from idp.adapters.retention_tables import closing_warning
from idp.adapters.tables import (
    Moment,
    access_token,
    account,
    account_guardian,
    authorization_code,
    consent,
    franceconnect_link,
    franceconnect_session,
    identifiant,
    op_session,
    refresh_token,
    session_client,
)
from idp.adapters.tester_tables import extra_claims
from idp.journeys.rows import AccessTokenRow
from idp.people.kinship import one_for_each_pupil
from idp.people.records import Account, AccountHolder, KinshipState

_ACCOUNT_COLUMNS = (
    account.c.id,
    account.c.identifiant,
    account.c.subject_seed,
    account.c.family_name,
    account.c.given_name,
    account.c.password_hash,
    account.c.closes_at,
    account.c.language,
)
_BY_IDENTIFIANT = Prepared(
    select(
        *_ACCOUNT_COLUMNS,
        news_of(account.c.id),
        func.coalesce(account.c.identity_at, account.c.created_at, type_=Moment()),
        account.c.identity_asked,
    ).where(
        account.c.identifiant == bindparam("identifiant"),
        ~exists().where(account_group.c.account_id == account.c.id).correlate(account),
    )
)
_BY_GUARDIANS = (
    select(*_ACCOUNT_COLUMNS)
    .where(
        account.c.id.in_(
            select(account_guardian.c.account_id).where(
                account_guardian.c.guardian_id.in_(bindparam("ids", expanding=True))
            )
        )
    )
    .order_by(account.c.id)
)
# A record that left the directory stays attached, so that its return needs no second proof, but nothing is said of it meanwhile.


def _with_guardians(begin: FromClause) -> Select[Any]:
    return (
        select(
            *GUARDIAN_COLUMNS,
            *(column.label(f"account_{column.name}") for column in _ACCOUNT_COLUMNS),
            extra_claims.c.claims,
        )
        .select_from(begin)
        .outerjoin(account_guardian, account_guardian.c.account_id == account.c.id)
        .outerjoin(guardian, and_(guardian.c.id == account_guardian.c.guardian_id, guardian.c.present.is_(True)))
        .outerjoin(extra_claims, extra_claims.c.account_id == account.c.id)
        .order_by(guardian.c.id)
    )


_WITH_GUARDIANS = Prepared(_with_guardians(account).where(account.c.id == bindparam("account_id")))
_WITH_TOKEN = Prepared(
    _with_guardians(access_token.outerjoin(account, account.c.id == access_token.c.account_id))
    .add_columns(*(access_token.c[name].label(f"token_{name}") for name in TOKEN_FIELDS))
    .where(access_token.c.token_hash == bindparam("token_hash"))
)
_ACCOUNT_AT = len(GUARDIAN_COLUMNS)
_CLAIMS_AT = _ACCOUNT_AT + len(_ACCOUNT_COLUMNS)
_TOKEN_AT = _CLAIMS_AT + 1
_CONFIRMED_LINKS = Prepared(
    SELECT_LINKS.join(account_guardian, account_guardian.c.guardian_id == guardian.c.id).where(
        account_guardian.c.account_id == bindparam("account_id"),
        guardian.c.present.is_(True),
        kinship.c.state == KinshipState.CONFIRMED.value,
    )
)
_DATES = select(
    account.c.created_at, account.c.password_at.label("password_since"), account.c.signed_in_at, account.c.closes_at
).where(account.c.id == bindparam("account_id"))
_RESERVE = insert_unless_there(identifiant)
_ADD = for_each_dialect(
    lambda insert: (
        insert(account).on_conflict_do_nothing(index_elements=[account.c.identifiant]).returning(account.c.id)
    )
)
_ATTACH = insert_unless_there(account_guardian)
_SET_PASSWORD = (
    update(account)
    .where(account.c.id == bindparam("account_id"))
    .values(password_hash=bindparam("encoded"), password_at=bindparam("at"))
)
_NOTE_SIGN_IN = Prepared(
    update(account)
    .where(
        account.c.id == bindparam("account_id"),
        account.c.password_hash.is_not_distinct_from(bindparam("verified")),
        or_(account.c.closes_at.is_(None), account.c.closes_at > bindparam("at")),
    )
    .values(
        signed_in_at=bindparam("at"),
        closes_at=null(),
        language=func.coalesce(bindparam("language", type_=String), account.c.language),
    )
)
_PLAN_CLOSING = update(account).where(account.c.id == bindparam("account_id")).values(closes_at=bindparam("at"))
_KEEP_OPEN = (
    update(account)
    .where(
        account.c.id == bindparam("account_id"),
        or_(account.c.closes_at.is_(None), account.c.closes_at > bindparam("at")),
    )
    .values(closes_at=null())
)
_HOLD = select(account.c.id).where(account.c.id == bindparam("of")).with_for_update()
_SESSIONS = select(op_session.c.id).where(op_session.c.account_id == bindparam("of"))
# Each before those that it refers to.
_REMOVE = (
    *(delete(table).where(table.c.account_id == bindparam("of")) for table in (access_token, refresh_token)),
    *(
        delete(table).where(table.c.session_id.in_(_SESSIONS))
        for table in (authorization_code, session_client, franceconnect_session, session_question)
    ),
    *(
        delete(table).where(table.c.account_id == bindparam("of"))
        for table in (
            op_session,
            franceconnect_link,
            consent,
            extra_claims,
            email_change,
            email_address,
            link_news,
            closing_warning,
            account_guardian,
        )
    ),
    delete(account_group).where(
        or_(account_group.c.account_id == bindparam("of"), account_group.c.into_id == bindparam("of"))
    ),
    delete(account).where(account.c.id == bindparam("of")),
)


_CONFIRM_IDENTITY = (
    update(account)
    .where(account.c.id == bindparam("account_id"))
    .values(identity_at=bindparam("at"), identity_asked=False)
)
_ASK_IDENTITY = update(account).where(account.c.id == bindparam("account_id")).values(identity_asked=True)


def _read_account(values: Sequence[Any] | Row[Any]) -> Account:
    return Account(*values)


class SqlAccounts:
    """Implements `journeys.people_ports.AccountStore`."""

    def __init__(self, link: Link) -> None:
        self._link = link

    def load_by_identifiant(self, identifiant: str) -> Account | None:
        """Return the account that signs in with this identifiant; none where it was grouped into another one."""
        row = self._link.read_one(_BY_IDENTIFIANT, {"identifiant": identifiant})
        return None if row is None else _read_account(row)

    def load_by_guardians(self, guardian_ids: Sequence[int]) -> list[Account]:
        """Return the accounts that hold any of these guardian records, oldest first."""
        return [_read_account(row) for row in self._link.run(_BY_GUARDIANS, {"ids": list(guardian_ids)})]

    def load_holder(self, account_id: int) -> AccountHolder | None:
        """Return the account with its guardian records and their confirmed, present links: two statements."""
        rows = self._link.read_all(_WITH_GUARDIANS, {"account_id": account_id})
        return self._complete(rows) if rows else None

    def load_dates(self, account_id: int) -> dict[str, datetime | None] | None:
        """Return when an account was made, got its password, was signed in to and closes, by the names of the copy for its holder."""
        row = self._link.run(_DATES, {"account_id": account_id}).one_or_none()
        return None if row is None else dict(row._mapping)

    def load_token_holder(self, token_hash: str) -> tuple[AccessTokenRow, AccountHolder | None] | None:
        """Return an access token, revoked and expired ones included, with its account as `load_holder` does: two statements.

        One that stands for its client alone has no account: one statement.
        """
        rows = self._link.read_all(_WITH_TOKEN, {"token_hash": token_hash})
        if not rows:
            return None
        token = AccessTokenRow(*rows[0][_TOKEN_AT:])
        return token, None if token.account_id is None else self._complete(rows)

    def reserve_identifiant(self, value: str, at: datetime) -> bool:
        """Reserve `value` for ever; False when it was given before."""
        return self._link.run(_RESERVE[self._link.dialect], {"value": value, "reserved_at": at}).rowcount == 1

    def add_account(
        self,
        *,
        identifiant: str,
        subject_seed: str,
        password_hash: str | None,
        family_name: str,
        given_name: str,
        at: datetime,
        language: str = "fr",
    ) -> int | None:
        """Add an account and return its id; None when an account has this identifiant.

        Raises:
            sqlalchemy.exc.IntegrityError: An account has this seed.
        """
        added = self._link.run(
            _ADD[self._link.dialect],
            {
                "identifiant": identifiant,
                "subject_seed": subject_seed,
                "password_hash": password_hash,
                "family_name": family_name,
                "given_name": given_name,
                "created_at": at,
                "password_at": None if password_hash is None else at,
                "unused_since": at,
                "language": language,
            },
        )
        key: int | None = added.scalar_one_or_none()
        return key

    def attach_guardian(self, account_id: int, guardian_id: int, at: datetime) -> bool:
        """Give a guardian record to an account; False when an account already holds it."""
        values = {"guardian_id": guardian_id, "account_id": account_id, "proved_at": at}
        return self._link.run(_ATTACH[self._link.dialect], values).rowcount == 1

    def set_password(self, account_id: int, password_hash: str | None, at: datetime) -> None:
        """Replace the password, or take it away."""
        self._link.run(_SET_PASSWORD, {"account_id": account_id, "encoded": password_hash, "at": at})

    def note_sign_in(
        self, account_id: int, at: datetime, *, password_hash: str | None, language: str | None = None
    ) -> bool:
        """Remember the latest sign-in and the language chosen for it, if any; a closing is taken back.

        False when the password is another one, or the account has closed.

        The row stays held until the commit: whoever changes the password waits, and then ends the session that was just opened too.
        """
        values = {"account_id": account_id, "at": at, "verified": password_hash, "language": language}
        return self._link.write(_NOTE_SIGN_IN, values) == 1

    def plan_closing(self, account_id: int, closes_at: datetime) -> None:
        """Remember when an account closes."""
        self._link.run(_PLAN_CLOSING, {"account_id": account_id, "at": closes_at})

    def keep_open(self, account_id: int, at: datetime) -> bool:
        """Take back a closing that was asked for; False when the account has closed."""
        return self._link.run(_KEEP_OPEN, {"account_id": account_id, "at": at}).rowcount == 1

    def confirm_identity(self, account_id: int, at: datetime) -> None:
        """Remember that a child's birth date was given."""
        self._link.run(_CONFIRM_IDENTITY, {"account_id": account_id, "at": at})

    def ask_identity(self, account_id: int) -> None:
        """Have a child's birth date asked for at the next sign-in."""
        self._link.run(_ASK_IDENTITY, {"account_id": account_id})

    def remove_account(self, account_id: int) -> None:
        """Forget an account with sessions, grants, e-mail addresses and link with FranceConnect; its identifiant is never given again."""
        # Held first: who opens a session at this moment either did so before, and is seen below, or finds no account.
        for statement in (_HOLD, *_REMOVE):
            self._link.run(statement, {"of": account_id})

    def _complete(self, rows: Sequence[Sequence[Any]]) -> AccountHolder:
        """Return the account of these rows, one for each guardian's record, with its links."""
        account_read = _read_account(rows[0][_ACCOUNT_AT:_CLAIMS_AT])
        links = self._link.read_all(_CONFIRMED_LINKS, {"account_id": account_read.id})
        return AccountHolder(
            account=account_read,
            guardians=tuple(read_guardian(row) for row in rows if row[0] is not None),
            kinships=tuple(one_for_each_pupil(read_link(LinkRow(*row)) for row in links)),
            extra_claims=rows[0][_CLAIMS_AT],
        )
