"""Claims that testers make up of fictional persons, beside what the directory holds. They live and die with the account."""

import json
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Engine, bindparam, delete, select

from idp.adapters.links import for_each_dialect
from idp.adapters.stores import make_single
from idp.adapters.tables import account
from idp.adapters.tester_tables import extra_claims

_HOLDS = account.c.identifiant == bindparam("holder")
_LOAD = (
    select(extra_claims.c.claims)
    .select_from(account)
    .outerjoin(extra_claims, extra_claims.c.account_id == account.c.id)
    .where(_HOLDS)
)
_REPLACE = for_each_dialect(
    lambda insert: (
        insert(extra_claims)
        .from_select(
            ["account_id", "claims"],
            select(account.c.id, bindparam("claims", type_=extra_claims.c.claims.type)).where(_HOLDS),
        )
        .on_conflict_do_update(index_elements=[extra_claims.c.account_id], set_={"claims": bindparam("claims")})
    )
)
_FORGET = delete(extra_claims).where(extra_claims.c.account_id.in_(select(account.c.id).where(_HOLDS)))


class ExtraClaims:
    """What the control API keeps; `adapters.accounts` reads it with the account."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._single = make_single(engine)

    def load(self, identifiant: str) -> Mapping[str, Any] | None:
        """Return what was made up of a person, {} for nothing; None when no account has this identifiant.

        Raises:
            sqlalchemy.exc.SQLAlchemyError: The database does not answer.
        """
        with self._single.connect() as connection:
            row = connection.execute(_LOAD, {"holder": identifiant}).one_or_none()
        if row is None:
            return None
        claims: dict[str, Any] = json.loads(row.claims or "{}")
        return claims

    def replace(self, identifiant: str, claims: Mapping[str, Any]) -> None:
        """Keep these claims in place of all former ones, where an account has this identifiant.

        Raises:
            sqlalchemy.exc.SQLAlchemyError: The database does not answer.
        """
        with self._engine.begin() as connection:
            values = {"holder": identifiant, "claims": json.dumps(claims)}
            connection.execute(_REPLACE[connection.dialect.name], values)

    def forget(self, identifiant: str) -> None:
        """Forget what was made up of a person.

        Raises:
            sqlalchemy.exc.SQLAlchemyError: The database does not answer.
        """
        with self._engine.begin() as connection:
            connection.execute(_FORGET, {"holder": identifiant})
