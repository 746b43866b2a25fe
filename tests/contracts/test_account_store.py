from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime

import pytest
from sqlalchemy import Engine, func, insert, select

from idp.adapters.directory_tables import guardian, kinship, pupil, school
from idp.adapters.stores import SqlStores
from idp.adapters.tables import access_token, account_guardian, authorization_code, metadata, op_session, refresh_token
from idp.journeys.rows import FranceConnectLink, KinshipCount
from idp.people.records import KinshipState
from tests.contracts.rows import add_account, code_of, refresh_token_of, session_of, token_of
from tests.migrations.test_up_and_down import something_for


@pytest.fixture
def guardian_id(engine: Engine) -> int:
    """One guardian of three pupils: one link is no legal one, and one pupil's record is absent."""
    with engine.begin() as connection:
        connection.execute(
            insert(school).values(
                academy="8", jointure="S", uai="9990001I", name="Collège", degree=2, town="", phone="", digest="x"
            )
        )
        added = connection.execute(
            insert(guardian).values(
                academy="8", jointure="G", family_name="DUPONT", birth_name="", given_names="Joe", title="M.",
                mobile="+33639980001", present=True, digest="x",
            )
        )  # fmt: skip
        for number, (legal, present) in enumerate([(True, True), (False, True), (True, False)]):
            connection.execute(
                insert(pupil).values(
                    academy="8", jointure=f"P{number}", school_jointure="S", family_name="DUPONT",
                    given_name=f"Enfant {number}", birth_date=date(2012, 4, 12), ine="", level="", class_name="",
                    present=present, digest="x",
                )
            )  # fmt: skip
            connection.execute(
                insert(kinship).values(
                    academy="8", guardian_jointure="G", pupil_jointure=f"P{number}", relation="20", legal_level="1",
                    legal=legal, present=present, state=KinshipState.DECLARED.value,
                )
            )  # fmt: skip
        key = added.inserted_primary_key
    assert key is not None
    return int(key[0])


def test_an_identifiant_is_reserved_once_for_ever(stores: SqlStores, now: datetime) -> None:
    def reserve(number: int) -> bool:
        del number
        with stores.writing() as desk:
            return desk.accounts.reserve_identifiant("j.dupont0001", now)

    with ThreadPoolExecutor(50) as pool:
        assert list(pool.map(reserve, range(50))).count(True) == 1


def test_two_accounts_never_share_an_identifiant(stores: SqlStores, now: datetime) -> None:
    def add(number: int) -> int | None:
        with stores.writing() as desk:
            return desk.accounts.add_account(
                identifiant="j.dupont0001",
                subject_seed=f"seed {number}",
                password_hash="encoded",
                family_name="DUPONT",
                given_name="Joe",
                at=now,
            )

    with ThreadPoolExecutor(50) as pool:
        added = list(pool.map(add, range(50)))
    assert added.count(None) == 49


def test_a_record_belongs_to_one_account_whoever_asks_first(stores: SqlStores, now: datetime, guardian_id: int) -> None:
    accounts = [add_account(stores, now, number) for number in range(50)]

    def attach(account_id: int) -> bool:
        with stores.writing() as desk:
            return desk.accounts.attach_guardian(account_id, guardian_id, now)

    with ThreadPoolExecutor(50) as pool:
        won = list(pool.map(attach, accounts))
    assert won.count(True) == 1
    with stores.reading() as desk:
        assert [one.id for one in desk.accounts.load_by_guardians([guardian_id])] == [accounts[won.index(True)]]


def test_only_present_legal_links_are_seen_and_only_confirmed_ones_are_held(
    stores: SqlStores, now: datetime, guardian_id: int
) -> None:
    account_id = add_account(stores, now)
    with stores.reading() as desk:
        links = desk.people.load_kinships([guardian_id])
        assert [link.pupil.given_name for link in links] == ["Enfant 0"]
        assert links[0].school is not None
        assert desk.people.load_guardians_by_mobile("+33639980001")[0].id == guardian_id
        assert desk.people.load_guardians_by_mobile("+33639980002") == []
    with stores.writing() as desk:
        desk.accounts.attach_guardian(account_id, guardian_id, now)
    with stores.reading() as desk:
        holder = desk.accounts.load_holder(account_id)
        assert holder is not None
        assert holder.kinships == ()
    with stores.writing() as desk:
        desk.people.confirm_kinships([links[0].id], now)
    with stores.reading() as desk:
        holder = desk.accounts.load_holder(account_id)
        assert holder is not None
        assert [link.pupil.given_name for link in holder.kinships] == ["Enfant 0"]
    live = session_of(account_id, now)
    token = token_of(code_of(live, now), now)
    with stores.writing() as desk:
        desk.sessions.add_session(live)
        desk.grants.add_code(code_of(live, now))
        desk.grants.add_access_token(token)
    with stores.reading() as desk:
        assert desk.accounts.load_token_holder(token.token_hash) == (token, holder), "whoever holds a token of hers"
        assert desk.accounts.load_token_holder("another") is None


def test_a_contested_link_is_never_confirmed_again(stores: SqlStores, now: datetime, guardian_id: int) -> None:
    with stores.reading() as desk:
        assert desk.people.count_kinships([guardian_id]) == KinshipCount(1, 0)
        (link,) = desk.people.load_kinships([guardian_id])
    with stores.writing() as desk:
        desk.people.contest_kinships([link.id], now)
        assert desk.people.confirm_kinships([link.id], now) == 0
    with stores.reading() as desk:
        assert [one.state for one in desk.people.load_kinships([guardian_id])] == [KinshipState.CONTESTED]
        assert desk.people.count_kinships([guardian_id]) == KinshipCount(1, 1)
        assert desk.people.count_kinships([]) == KinshipCount(0, 0)


def test_a_password_is_replaced(stores: SqlStores, now: datetime) -> None:
    account_id = add_account(stores, now)
    with stores.writing() as desk:
        desk.accounts.set_password(account_id, "newer", now)
        assert not desk.accounts.note_sign_in(account_id, now, password_hash="encoded"), "that was the former one"
        assert desk.accounts.note_sign_in(account_id, now, password_hash="newer")
    with stores.reading() as desk:
        account = desk.accounts.load_by_identifiant("j.dupont0001")
        assert account is not None
        assert account.password_hash == "newer"
        assert desk.accounts.load_by_identifiant("nobody") is None
        assert desk.accounts.load_holder(account_id + 1) is None


def everything_of(engine: Engine, account_id: int) -> dict[str, int]:
    """Count the rows that hang from an account."""
    with engine.connect() as connection:
        return {
            table.name: connection.execute(
                select(func.count()).select_from(table).where(table.c.account_id == account_id)
            ).scalar_one()
            for table in (account_guardian, op_session, authorization_code, access_token, refresh_token)
        }


def test_a_removed_account_is_gone_with_all_that_hangs_from_it_and_no_other_is(
    stores: SqlStores, engine: Engine, now: datetime, guardian_id: int
) -> None:
    kept, gone = add_account(stores, now, 2), add_account(stores, now)
    with stores.writing() as desk:
        desk.accounts.attach_guardian(gone, guardian_id, now)
        for account_id, sid in ((gone, "sid"), (kept, "other")):
            live = session_of(account_id, now, sid)
            code = code_of(live, now, f"code of {sid}")
            desk.sessions.add_session(live)
            desk.sessions.note_client(sid, "ent", now)
            desk.franceconnect.keep_id_token(sid, "hint")
            desk.franceconnect.add_link(FranceConnectLink("fc", sid, account_id, f"identity of {sid}", now))
            desk.grants.add_code(code)
            desk.grants.add_access_token(token_of(code, now, f"token of {sid}"))
            desk.grants.add_refresh_token(refresh_token_of(code, now, f"refresh of {sid}"))
    with stores.writing() as desk:
        desk.accounts.remove_account(gone)
    assert set(everything_of(engine, gone).values()) == {0}
    assert everything_of(engine, kept) == {
        "account_guardian": 0, "op_session": 1, "authorization_code": 1, "access_token": 1, "refresh_token": 1,
    }  # fmt: skip
    with stores.reading() as desk:
        assert desk.accounts.load_by_identifiant("j.dupont0001") is None
        assert desk.accounts.load_by_identifiant("j.dupont0002") is not None
        assert desk.franceconnect.load_link_of_account(gone) is None
        assert desk.franceconnect.load_link_of_account(kept) is not None
        assert desk.sessions.load_session_clients(["sid", "other"]) == [("other", "ent")]
        assert [row.id for row in desk.sessions.load_account_sessions(kept)] == ["other"]


def test_nothing_that_refers_to_an_account_outlives_it_whatever_table_is_added(
    stores: SqlStores, engine: Engine
) -> None:
    with engine.begin() as connection:
        for table in metadata.sorted_tables:
            connection.execute(table.insert().values({one.name: something_for(one) for one in table.columns}))
    with stores.writing() as desk:
        desk.accounts.remove_account(1)
    parents = {"account", "op_session"}
    with engine.connect() as connection:
        for table in metadata.sorted_tables:
            hangs = table.name in parents or any(key.column.table.name in parents for key in table.foreign_keys)
            count = connection.execute(select(func.count()).select_from(table)).scalar_one()
            assert count == (0 if hangs else 1), table.name


def test_what_an_account_proved_is_declared_again_and_what_was_contested_is_not(
    stores: SqlStores, engine: Engine, now: datetime, guardian_id: int
) -> None:
    account_id = add_account(stores, now)
    with engine.begin() as connection:
        ids = list(connection.execute(select(kinship.c.id).order_by(kinship.c.id)).scalars())
    with stores.writing() as desk:
        desk.accounts.attach_guardian(account_id, guardian_id, now)
        desk.people.confirm_kinships(ids[:2], now)
        desk.people.contest_kinships(ids[2:], now)
    with stores.writing() as desk:
        desk.people.unconfirm_kinships(account_id + 1)
    assert states(engine) == ["confirmed", "confirmed", "contested"]
    with stores.writing() as desk:
        desk.people.unconfirm_kinships(account_id)
    assert states(engine) == ["declared", "declared", "contested"]
    with engine.connect() as connection:
        moments = connection.execute(select(kinship.c.state_at).order_by(kinship.c.id)).scalars().all()
    assert moments == [None, None, now]


def states(engine: Engine) -> list[str]:
    with engine.connect() as connection:
        return list(connection.execute(select(kinship.c.state).order_by(kinship.c.id)).scalars())


def test_an_account_keeps_its_language_until_another_is_chosen_for_a_sign_in(stores: SqlStores, now: datetime) -> None:
    account_id = add_account(stores, now)
    with stores.writing() as desk:
        told = desk.accounts.add_account(
            identifiant="k.benali0001",
            subject_seed="seed of Karim",
            password_hash=None,
            family_name="BENALI",
            given_name="Karim",
            at=now,
            language="facile",
        )
        assert told is not None

    def language_of(of: int) -> str:
        with stores.reading() as desk:
            holder = desk.accounts.load_holder(of)
            assert holder is not None
            return holder.account.language

    assert (language_of(account_id), language_of(told)) == ("fr", "facile")
    with stores.writing() as desk:
        desk.accounts.note_sign_in(account_id, now, password_hash="encoded", language="en")
        desk.accounts.note_sign_in(told, now, password_hash=None)
    assert (language_of(account_id), language_of(told)) == ("en", "facile")
    with stores.writing() as desk:
        assert not desk.accounts.note_sign_in(account_id, now, password_hash="another one", language="fr")
    assert language_of(account_id) == "en"
