from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import IntegrityError

from idp.adapters.stores import SqlStores
from tests.contracts.rows import add_session_with_grants, load_token, token_of, token_of_client


def test_a_code_comes_back_as_it_was_kept(stores: SqlStores, now: datetime) -> None:
    code = add_session_with_grants(stores, now)
    with stores.reading() as desk:
        assert desk.grants.load_code("code") == code
        assert desk.grants.load_code("another") is None
        assert load_token(desk, "token") == token_of(code, now)
        assert load_token(desk, "another") is None


def test_a_code_is_loaded_with_the_end_of_its_session(stores: SqlStores, now: datetime) -> None:
    add_session_with_grants(stores, now)
    with stores.writing() as desk:
        assert desk.sessions.prove_more(
            "sid", ("pwd", "sms"), now + timedelta(hours=1), former="secret of sid", secret_hash="another"
        )
    with stores.reading() as desk:
        code = desk.grants.load_code("code")
    assert code is not None
    assert code.session_ends_at == now + timedelta(hours=8)


def test_of_fifty_threads_one_consumes_a_code(stores: SqlStores, now: datetime) -> None:
    add_session_with_grants(stores, now)

    def consume(number: int) -> bool:
        with stores.writing() as desk:
            return desk.grants.consume_code("code", now + timedelta(seconds=number))

    with ThreadPoolExecutor(50) as pool:
        won = list(pool.map(consume, range(50)))
    assert won.count(True) == 1
    with stores.reading() as desk:
        code = desk.grants.load_code("code")
    assert code is not None
    assert code.used_at == now + timedelta(seconds=won.index(True)), "nobody wrote over the winner"


def test_a_revoked_code_cannot_be_consumed(stores: SqlStores, now: datetime) -> None:
    add_session_with_grants(stores, now)
    with stores.writing() as desk:
        desk.grants.revoke_family("family", now)
    with stores.writing() as desk:
        assert not desk.grants.consume_code("code", now)


def test_revoking_a_family_reaches_every_token_of_it_and_no_other(stores: SqlStores, now: datetime) -> None:
    code = add_session_with_grants(stores, now)
    with stores.writing() as desk:
        desk.grants.add_access_token(token_of(code, now, "second"))
        desk.grants.add_access_token(token_of(replace(code, family="other"), now, "foreign"))
    with stores.writing() as desk:
        desk.grants.revoke_family("family", now)
    with stores.writing() as desk:
        desk.grants.revoke_family("family", now + timedelta(hours=1))
    with stores.reading() as desk:
        revoked = {name: load_token(desk, name) for name in ("token", "second", "foreign")}
    assert [row.revoked_at for row in revoked.values() if row] == [now, now, None]


def test_whoever_loses_the_race_revokes_what_the_winner_minted(stores: SqlStores, now: datetime) -> None:
    code = add_session_with_grants(stores, now)

    def redeem(number: int) -> bool:
        with stores.writing() as desk:
            if desk.grants.consume_code("code", now):
                desk.grants.add_access_token(token_of(code, now, f"minted {number}"))
                return True
        with stores.writing() as desk:
            desk.grants.revoke_family(code.family, now)
        return False

    with ThreadPoolExecutor(50) as pool:
        won = list(pool.map(redeem, range(50)))
    with stores.reading() as desk:
        minted = load_token(desk, f"minted {won.index(True)}")
    assert won.count(True) == 1
    assert minted is not None
    assert minted.revoked_at == now


def test_the_table_holds_what_it_is_given_and_journeys_give_hashes(
    stores: SqlStores, engine: Engine, now: datetime
) -> None:
    add_session_with_grants(stores, now)
    with engine.connect() as connection:
        assert connection.execute(text("SELECT code_hash FROM authorization_code")).scalars().all() == ["code"]


def test_the_resources_of_a_code_and_the_one_of_a_token_come_back(stores: SqlStores, now: datetime) -> None:
    code = add_session_with_grants(stores, now)
    asked = replace(code, code_hash="asked", resources=("https://a.example/", "urn:b"))
    meant = replace(token_of(code, now, "meant"), audience="urn:b")
    with stores.writing() as desk:
        desk.grants.add_code(asked)
        desk.grants.add_access_token(meant)
    with stores.reading() as desk:
        assert desk.grants.load_code("asked") == asked
        assert desk.grants.load_access_token("meant") == load_token(desk, "meant") == meant


def test_a_token_that_stands_for_its_client_comes_back_without_a_person(stores: SqlStores, now: datetime) -> None:
    add_session_with_grants(stores, now)
    token = token_of_client(now)
    with stores.writing() as desk:
        desk.grants.add_access_token(token)
    with stores.reading() as desk:
        assert desk.accounts.load_token_holder(token.token_hash) == (token, None)
        assert desk.grants.load_access_token(token.token_hash) == token


def test_it_ends_with_its_client_or_by_itself_and_with_nobodys_session(stores: SqlStores, now: datetime) -> None:
    code = add_session_with_grants(stores, now)
    with stores.writing() as desk:
        for name in ("given back", "removed"):
            desk.grants.add_access_token(token_of_client(now, name))
        desk.sessions.end_account_sessions(code.account_id, now)
        desk.grants.revoke_access_token("given back", now)
    with stores.reading() as desk:
        revoked = {name: load_token(desk, name) for name in ("token", "given back", "removed")}
    assert [row.revoked_at for row in revoked.values() if row] == [now, now, None]
    with stores.writing() as desk:
        desk.grants.revoke_client_grants("machine", now)
    with stores.reading() as desk:
        removed = load_token(desk, "removed")
    assert removed is not None
    assert removed.revoked_at == now


@pytest.mark.parametrize(
    "half",
    [{"session_id": "sid"}, {"account_id": 1}, {"auth_time": datetime(2031, 1, 1, tzinfo=UTC)}, {"audience": None}],
    ids=["session", "account", "sign-in", "for userinfo"],
)
def test_no_database_keeps_half_a_person_or_a_token_without_one_for_userinfo(
    stores: SqlStores, now: datetime, half: dict[str, Any]
) -> None:
    add_session_with_grants(stores, now)
    with pytest.raises(IntegrityError), stores.writing() as desk:
        desk.grants.add_access_token(replace(token_of_client(now), **half))
