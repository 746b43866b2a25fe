"""The refresh tokens of `journeys.session_ports.GrantStore`, on every database."""

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta

from idp.adapters.stores import SqlStores
from tests.contracts.rows import add_session_with_grants, load_token, refresh_token_of, token_of


def revoked_at(stores: SqlStores, *hashes: str) -> list[datetime | None]:
    with stores.reading() as desk:
        rows = [desk.grants.load_refresh_token(one) for one in hashes]
    return [row.revoked_at for row in rows if row]


def test_a_refresh_token_comes_back_as_it_was_kept(stores: SqlStores, now: datetime) -> None:
    code = replace(add_session_with_grants(stores, now), resources=("https://a.example/", "urn:b"))
    kept = refresh_token_of(code, now, offline=True)
    with stores.writing() as desk:
        desk.grants.add_refresh_token(kept)
    with stores.reading() as desk:
        assert desk.grants.load_refresh_token("refresh") == kept
        assert desk.grants.load_refresh_token("another") is None


def test_of_fifty_threads_one_consumes_a_refresh_token_and_the_others_may_hold_it(
    stores: SqlStores, now: datetime
) -> None:
    code = add_session_with_grants(stores, now)
    with stores.writing() as desk:
        desk.grants.add_refresh_token(refresh_token_of(code, now))

    def consume(number: int) -> bool:
        with stores.writing() as desk:
            won = desk.grants.consume_refresh_token("refresh", now + timedelta(seconds=number))
            assert won or desk.grants.hold_refresh_token("refresh")
            return won

    with ThreadPoolExecutor(50) as pool:
        won = list(pool.map(consume, range(50)))
    assert won.count(True) == 1
    with stores.reading() as desk:
        row = desk.grants.load_refresh_token("refresh")
    assert row is not None
    assert row.used_at == now + timedelta(seconds=won.index(True)), "nobody wrote over the winner"


def test_a_revoked_refresh_token_can_neither_be_consumed_nor_held(stores: SqlStores, now: datetime) -> None:
    code = add_session_with_grants(stores, now)
    with stores.writing() as desk:
        desk.grants.add_refresh_token(refresh_token_of(code, now))
        desk.grants.add_refresh_token(refresh_token_of(replace(code, family="other"), now, "foreign"))
        desk.grants.revoke_family("family", now)
    with stores.writing() as desk:
        assert not desk.grants.consume_refresh_token("refresh", now)
        assert not desk.grants.hold_refresh_token("refresh")
        assert desk.grants.consume_refresh_token("foreign", now)


def test_whoever_revokes_a_family_reaches_the_successor_that_is_being_made(stores: SqlStores, now: datetime) -> None:
    code = add_session_with_grants(stores, now)
    with stores.writing() as desk:
        desk.grants.add_refresh_token(refresh_token_of(code, now))
    begun = threading.Event()

    def revoke() -> None:
        begun.set()
        with stores.writing() as desk:
            desk.grants.revoke_family("family", now)

    with ThreadPoolExecutor(1) as pool:
        with stores.writing() as desk:
            assert desk.grants.consume_refresh_token("refresh", now)
            revoking = pool.submit(revoke)
            begun.wait(10)
            # Long enough for the other one to have begun its statement, which waits for this row.
            threading.Event().wait(0.3)
            desk.grants.add_refresh_token(refresh_token_of(code, now, "successor"))
            desk.grants.add_access_token(token_of(code, now, "minted"))
        revoking.result(20)
    assert revoked_at(stores, "refresh", "successor") == [now, now]
    with stores.reading() as desk:
        minted = load_token(desk, "minted")
    assert minted is not None
    assert minted.revoked_at == now


def test_one_access_token_can_be_revoked_alone(stores: SqlStores, now: datetime) -> None:
    code = add_session_with_grants(stores, now)
    with stores.writing() as desk:
        desk.grants.add_access_token(token_of(code, now, "second"))
        desk.grants.revoke_access_token("token", now)
    with stores.reading() as desk:
        tokens = [load_token(desk, name) for name in ("token", "second")]
    assert [token.revoked_at for token in tokens if token] == [now, None]


def test_the_end_of_a_session_spares_offline_tokens_and_the_end_of_all_of_them_spares_none(
    stores: SqlStores, now: datetime
) -> None:
    code = add_session_with_grants(stores, now)
    later = now + timedelta(hours=1)
    with stores.writing() as desk:
        desk.grants.add_refresh_token(refresh_token_of(code, now, "bound"))
        desk.grants.add_refresh_token(refresh_token_of(replace(code, family="other"), now, "offline", offline=True))
        desk.sessions.end_session("sid", now)
    assert revoked_at(stores, "bound", "offline") == [now, None]
    with stores.writing() as desk:
        desk.grants.add_access_token(token_of(replace(code, family="other"), later, "minted when nobody was there"))
        desk.sessions.end_account_sessions(code.account_id, later)
    assert revoked_at(stores, "bound", "offline") == [now, later]
    with stores.reading() as desk:
        minted = load_token(desk, "minted when nobody was there")
    assert minted is not None
    assert minted.revoked_at == later


def test_the_grants_of_a_client_are_revoked_and_those_of_others_stay(stores: SqlStores, now: datetime) -> None:
    code = add_session_with_grants(stores, now)
    foreign = replace(code, client_id="another", family="other", code_hash="foreign")
    with stores.writing() as desk:
        desk.grants.add_code(foreign)
        for one, name in ((code, "own"), (foreign, "foreign")):
            desk.grants.add_access_token(token_of(one, now, name))
            desk.grants.add_refresh_token(refresh_token_of(one, now, name, offline=True))
    with stores.writing() as desk:
        desk.grants.revoke_client_grants("ent", now)
    assert revoked_at(stores, "own", "foreign") == [now, None]
    with stores.reading() as desk:
        codes = [desk.grants.load_code(name) for name in ("code", "foreign")]
        tokens = [load_token(desk, name) for name in ("own", "foreign")]
    assert [one.revoked_at for one in codes if one] == [now, None]
    assert [one.revoked_at for one in tokens if one] == [now, None]
