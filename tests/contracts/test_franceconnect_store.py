from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import IntegrityError

from idp.adapters.stores import SqlStores
from idp.journeys.rows import FranceConnectLink
from tests.contracts.rows import add_account, session_of

ISSUER = "http://localhost:8401/api/v2"


def link_of(account_id: int, now: datetime, sub: str = "a" * 64 + "v1", identity: str = "i") -> FranceConnectLink:
    return FranceConnectLink(ISSUER, sub, account_id, identity, now)


def test_a_link_is_found_from_both_ends_and_by_the_civil_status(stores: SqlStores, now: datetime) -> None:
    link = link_of(add_account(stores, now), now)
    with stores.writing() as desk:
        assert desk.franceconnect.add_link(link)
    with stores.reading() as desk:
        store = desk.franceconnect
        assert store.load_link(ISSUER, link.sub) == link
        assert store.load_link_of_account(link.account_id) == link
        assert store.load_link_of_identity(ISSUER, "i") == link
        assert store.load_link("https://elsewhere.example", link.sub) is None, "a sub is its issuer's"
        assert store.load_link_of_identity("https://elsewhere.example", "i") is None
        assert store.load_link_of_account(link.account_id + 1) is None


def test_nobody_is_rebound(stores: SqlStores, now: datetime) -> None:
    one, other = add_account(stores, now), add_account(stores, now, 2)
    with stores.writing() as desk:
        assert desk.franceconnect.add_link(link_of(one, now))
        assert not desk.franceconnect.add_link(link_of(other, now)), "the identity is another account's"
        assert not desk.franceconnect.add_link(link_of(one, now, sub="b")), "the account has another identity"
    with stores.reading() as desk:
        assert desk.franceconnect.load_link_of_account(one) == link_of(one, now)
        assert desk.franceconnect.load_link_of_account(other) is None


def test_of_twenty_first_links_of_one_identity_one_wins(stores: SqlStores, now: datetime) -> None:
    accounts = [add_account(stores, now, number) for number in range(1, 21)]

    def link(account_id: int) -> bool:
        with stores.writing() as desk:
            return desk.franceconnect.add_link(link_of(account_id, now))

    with ThreadPoolExecutor(20) as pool:
        assert list(pool.map(link, accounts)).count(True) == 1


def test_a_sign_in_is_taken_once_sealed_and_not_too_late(stores: SqlStores, engine: Engine, now: datetime) -> None:
    soon = now + timedelta(minutes=30)
    with stores.writing() as desk:
        desk.franceconnect.put_sign_in("key", b"the nonce", soon)
        desk.franceconnect.put_sign_in("old", b"the nonce", now)
    with engine.connect() as connection:
        for value in connection.execute(text("SELECT value FROM franceconnect_sign_in")).scalars():
            assert b"nonce" not in bytes(value)

    def take(_: int) -> bytes | None:
        with stores.writing() as desk:
            return desk.franceconnect.take_sign_in("key", now)

    with ThreadPoolExecutor(20) as pool:
        taken = list(pool.map(take, range(20)))
    assert sorted(one is not None for one in taken) == [False] * 19 + [True]
    assert b"the nonce" in taken
    with stores.writing() as desk:
        assert desk.franceconnect.take_sign_in("old", now) is None
        assert desk.franceconnect.take_sign_in("unknown", now) is None


def test_a_key_is_used_once(stores: SqlStores, now: datetime) -> None:
    with stores.writing() as desk:
        desk.franceconnect.put_sign_in("key", b"x", now)
    with pytest.raises(IntegrityError), stores.writing() as desk:
        desk.franceconnect.put_sign_in("key", b"x", now)


def test_the_hint_of_a_session_is_sealed_and_comes_back(stores: SqlStores, engine: Engine, now: datetime) -> None:
    live = session_of(add_account(stores, now), now)
    with stores.writing() as desk:
        desk.sessions.add_session(live)
        desk.sessions.add_session(replace(live, id="other", secret_hash="other"))
        desk.franceconnect.keep_id_token(live.id, "eyJ.the.hint")
    with stores.reading() as desk:
        assert desk.franceconnect.load_id_token(live.id) == "eyJ.the.hint"
        assert desk.franceconnect.load_id_token("other") is None
    with engine.connect() as connection:
        [kept] = connection.execute(text("SELECT id_token FROM franceconnect_session")).scalars()
        assert b"hint" not in bytes(kept)


def test_an_account_without_a_password_is_made_and_a_password_can_be_taken_away(
    stores: SqlStores, now: datetime
) -> None:
    with stores.writing() as desk:
        made = desk.accounts.add_account(
            identifiant="a.dubois0001", subject_seed="s", password_hash=None, family_name="DUBOIS", given_name="Angela", at=now
        )  # fmt: skip
        assert made is not None
        desk.accounts.set_password(made, "encoded", now)
    with stores.reading() as desk:
        account = desk.accounts.load_by_identifiant("a.dubois0001")
        assert account is not None
        assert account.password_hash == "encoded"
    with stores.writing() as desk:
        desk.accounts.set_password(made, None, now)
    with stores.reading() as desk:
        account = desk.accounts.load_by_identifiant("a.dubois0001")
        assert account is not None
        assert account.password_hash is None
