"""What testers make up of a person, on both databases: kept with the account, read with it, gone with it."""

from datetime import datetime

import pytest
from sqlalchemy import Engine

from idp.adapters.extra_claims import ExtraClaims
from idp.adapters.reset import back_to_seed
from idp.adapters.secrets import MasterKey
from idp.adapters.stores import SqlStores
from tests.contracts.rows import add_account, add_session_with_grants

JOE, NOBODY = "j.dupont0001", "x.nobody0000"
CLAIMS = {
    "nickname": "Zo\u00e9 \u2014 \U0001f98a",
    "address": {"formatted": "a\nb"},
    "email_verified": True,
    "updated_at": 1.5,
}


@pytest.fixture
def kept(engine: Engine) -> ExtraClaims:
    return ExtraClaims(engine)


def held(stores: SqlStores, account_id: int) -> str | None:
    with stores.reading() as desk:
        holder = desk.accounts.load_holder(account_id)
    assert holder is not None
    return holder.extra_claims


def test_they_are_read_as_they_were_kept_and_the_last_ones_hold(
    stores: SqlStores, kept: ExtraClaims, now: datetime
) -> None:
    add_account(stores, now)
    assert kept.load(JOE) == {}
    kept.replace(JOE, {"name": "the first"})
    kept.replace(JOE, CLAIMS)
    assert kept.load(JOE) == CLAIMS
    kept.forget(JOE)
    assert kept.load(JOE) == {}


def test_they_are_one_person_s(stores: SqlStores, kept: ExtraClaims, now: datetime) -> None:
    joe, other = add_account(stores, now), add_account(stores, now, 2)
    kept.replace(JOE, {"name": "Joe"})
    assert (held(stores, joe), held(stores, other)) == ('{"name": "Joe"}', None)
    kept.forget("j.dupont0002")
    assert kept.load(JOE) == {"name": "Joe"}


def test_nothing_is_kept_of_who_has_no_account(kept: ExtraClaims) -> None:
    kept.replace(NOBODY, CLAIMS)
    kept.forget(NOBODY)
    assert kept.load(NOBODY) is None


def test_they_come_with_whoever_holds_a_token(stores: SqlStores, kept: ExtraClaims, now: datetime) -> None:
    add_session_with_grants(stores, now)
    kept.replace(JOE, {"name": "Joe"})
    with stores.reading() as desk:
        found = desk.accounts.load_token_holder("token")
    assert found is not None
    assert (found[0].token_hash, found[1].extra_claims) == ("token", '{"name": "Joe"}')
    assert found[1].account.identifiant == JOE


def test_the_seed_knows_nothing_of_them(
    engine: Engine, stores: SqlStores, secrets: MasterKey, kept: ExtraClaims, now: datetime
) -> None:
    add_account(stores, now)
    kept.replace(JOE, CLAIMS)
    back_to_seed(engine, secrets)
    assert kept.load(JOE) is None
    add_account(stores, now)
    assert kept.load(JOE) == {}
