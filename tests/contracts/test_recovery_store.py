"""Recoveries under way, and how an account may be recovered, on both databases."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import Engine, insert, text

from idp.adapters.consistency import find_violations
from idp.adapters.directory_tables import guardian
from idp.adapters.expiry import Expiry
from idp.adapters.reset import back_to_seed
from idp.adapters.secrets import MasterKey
from idp.adapters.stores import SqlStores
from idp.adapters.tables import account_guardian
from idp.journeys.email_ports import ConfirmedEmail, EmailChange
from idp.journeys.recovery_ports import NOBODY, KnownPhone, RecoveryRow, WayBack
from idp.journeys.rows import FranceConnectLink
from idp.people.emails import EmailAddress
from idp.people.phones import PhoneNumber
from tests.contracts.rows import add_account


def recovery(now: datetime) -> RecoveryRow:
    """Return a recovery at its first turn."""
    return RecoveryRow(
        id="recovery",
        browser_hash="browser",
        former_browser_hash=None,
        turn=0,
        step="identifiant",
        reference="REFERENC",
        link_hash="link",
        state=b"j.dupont0001 typed this",
        last_answer=b"and this was answered",
        created_at=now,
        touched_at=now,
        expires_at=now + timedelta(hours=2),
    )


@pytest.fixture
def kept(stores: SqlStores, now: datetime) -> RecoveryRow:
    row = recovery(now)
    with stores.writing() as desk:
        desk.recoveries.add_recovery(row)
    return row


def test_a_recovery_is_found_by_its_present_and_by_its_former_browser(stores: SqlStores, kept: RecoveryRow) -> None:
    moved = replace(kept, browser_hash="new", former_browser_hash="browser", turn=1, step="date", state=b"later")
    with stores.writing() as desk:
        assert desk.recoveries.save_recovery(moved, expected_turn=0)
        assert not desk.recoveries.save_recovery(moved, expected_turn=0)
    with stores.reading() as desk:
        assert desk.recoveries.load_recovery("new") == moved
        assert desk.recoveries.load_recovery("browser") == moved
        assert desk.recoveries.load_recovery("nobody") is None


def test_of_fifty_that_open_a_link_at_once_one_consumes_it(stores: SqlStores, kept: RecoveryRow) -> None:
    with stores.reading() as desk:
        assert desk.recoveries.load_recovery_by_link("link") == kept
        assert desk.recoveries.load_recovery_by_link("other") is None

    def consume(_: int) -> bool:
        with stores.writing() as desk:
            return desk.recoveries.consume_link("link")

    with ThreadPoolExecutor(50) as pool:
        assert sum(pool.map(consume, range(50))) == 1
    with stores.reading() as desk:
        assert desk.recoveries.load_recovery_by_link("link") is None
        assert desk.recoveries.load_recovery("browser") == replace(kept, link_hash=None)


def test_what_was_typed_is_sealed_with_a_key_that_is_not_in_the_database(
    engine: Engine, kept: RecoveryRow, now: datetime
) -> None:
    with engine.connect() as connection:
        state, answer = connection.execute(text("SELECT state, last_answer FROM recovery")).one()
    assert b"dupont" not in bytes(state)
    assert b"answered" not in bytes(answer)
    other = MasterKey(b"k" * 32)
    with SqlStores(engine, other).reading() as desk, pytest.raises(ValueError, match="not sealed with this key"):
        desk.recoveries.load_recovery(kept.browser_hash)
    said = list(find_violations(engine, other, now, keeps_bodies=True))
    assert "1 of recovery.state cannot be opened with this master key." in said
    assert "1 of recovery.last_answer cannot be opened with this master key." in said


def test_a_recovery_is_gone_once_erased_run_out_or_reset(
    stores: SqlStores, engine: Engine, secrets: MasterKey, kept: RecoveryRow, now: datetime
) -> None:
    class Clock:
        def __init__(self, at: datetime) -> None:
            self._at = at

        def now(self) -> datetime:
            return self._at

    def count() -> int:
        with engine.connect() as connection:
            return int(connection.execute(text("SELECT count(*) FROM recovery")).scalar_one())

    with stores.writing() as desk:
        desk.recoveries.erase_recovery("another")
    Expiry(engine, Clock(now + timedelta(minutes=119))).run_once()
    assert count() == 1
    Expiry(engine, Clock(kept.expires_at)).run_once()
    assert count() == 0
    for _ in range(2):
        with stores.writing() as desk:
            desk.recoveries.add_recovery(kept)
        with stores.writing() as desk:
            desk.recoveries.erase_recovery("recovery")
        assert count() == 0
    with stores.writing() as desk:
        desk.recoveries.add_recovery(kept)
    back_to_seed(engine, secrets)
    assert count() == 0


def test_the_way_back_of_an_account(stores: SqlStores, engine: Engine, now: datetime) -> None:
    joe = add_account(stores, now)
    with stores.reading() as desk:
        assert desk.recoveries.load_way_back(NOBODY, now) is None
        assert desk.recoveries.load_way_back(joe, now) == WayBack(
            joe, "j.dupont0001", "encoded", has_franceconnect=False, phones=()
        )
    changed = now - timedelta(hours=1)
    with engine.begin() as connection:
        for number, mobile, since, present in (
            (1, "+33639980001", None, True),
            (2, "", None, True),
            (3, "+33639980003", changed, True),
            (4, "+33639980004", None, False),
        ):
            connection.execute(
                insert(guardian).values(
                    id=number, academy="8", jointure=f"G{number}", family_name="DUPONT", birth_name="", given_names="Joe",
                    title="M.", mobile=mobile, mobile_changed_at=since, present=present, digest="x",
                )
            )  # fmt: skip
            connection.execute(insert(account_guardian).values(guardian_id=number, account_id=joe, proved_at=now))
    with stores.writing() as desk:
        desk.franceconnect.add_link(FranceConnectLink("https://fc.example", "sub", joe, "hash", now))
        desk.accounts.set_password(joe, None, now)
        way = desk.recoveries.load_way_back(joe, now)
        asked = desk.recoveries.find_asked_by_records([9, 3], now)
        assert (asked.way, asked.account_id) == (way, joe)
        assert desk.recoveries.find_asked("j.dupont0001", now) == asked
        assert desk.recoveries.find_asked_by_records([9, 8, 7, 6, 3], now).account_id is None, "the first four"
        assert desk.recoveries.find_asked_by_records([], now).account_id is None
    assert way == WayBack(
        joe,
        "j.dupont0001",
        None,
        has_franceconnect=True,
        phones=(
            KnownPhone(PhoneNumber("+33639980001"), None),
            KnownPhone(PhoneNumber("+33639980003"), changed),
        ),
    )
    assert way.is_franceconnects_alone


def test_the_records_of_the_accounts_of_an_address(stores: SqlStores, engine: Engine, now: datetime) -> None:
    accounts = add_account(stores, now), add_account(stores, now, 2), add_account(stores, now, 3)
    with engine.begin() as connection:
        for number, (of, present) in enumerate(
            ((accounts[0], True), (accounts[1], True), (accounts[1], False), (accounts[2], True)), start=1
        ):
            connection.execute(
                insert(guardian).values(
                    id=number, academy="8", jointure=f"G{number}", family_name="DUPONT", birth_name="", given_names="Joe",
                    title="M.", mobile="", present=present, digest="x",
                )
            )  # fmt: skip
            connection.execute(insert(account_guardian).values(guardian_id=number, account_id=of, proved_at=now))
    shared, other = EmailAddress("famille@famille.example"), EmailAddress("autre@famille.example")
    with stores.writing() as desk:
        for of, address in zip(accounts, (shared, shared, other), strict=True):
            desk.emails.confirm(ConfirmedEmail(of, address, now))
        assert not desk.recoveries.find_holders_of_email(EmailAddress("personne@famille.example")).are_theirs
        found = desk.recoveries.find_holders_of_email(EmailAddress("Famille@famille.example"))
        assert found.are_theirs
        assert found.ids == [1, 2], "present ones, in any case of its letters"
        assert found.records[0].given_names == ("Joe",)
        change = EmailChange(accounts[2], EmailAddress("new@famille.example"), "token", now, now, now)
        desk.emails.put_change(change)
        nobodys = desk.recoveries.find_holders_of_email(change.email)
        assert not nobodys.are_theirs, "one that waits is nobody's"
        assert nobodys.ids in ([1, 2], [4]), "another's are read all the same"


def test_a_number_that_the_office_confirms_waits_no_longer(stores: SqlStores, engine: Engine, now: datetime) -> None:
    with engine.begin() as connection:
        for number, mobile, present in (
            (1, "+33639980001", True),
            (2, "+33639980001", True),
            (3, "+33639980002", True),
            (4, "+33639980001", False),
            (5, "", True),
        ):
            connection.execute(
                insert(guardian).values(
                    id=number, academy="8", jointure=f"G{number}", family_name="DUPONT", birth_name="", given_names="Joe",
                    title="M.", mobile=mobile, mobile_changed_at=now, present=present, digest="x",
                )
            )  # fmt: skip
    with stores.writing() as desk:
        assert desk.recoveries.confirm_number("+33639980001") == [1, 2]
        assert desk.recoveries.confirm_number("+33639980009") == []
        assert desk.recoveries.confirm_number("") == []
    with engine.connect() as connection:
        waiting = connection.execute(text("SELECT id FROM guardian WHERE mobile_changed_at IS NOT NULL ORDER BY id"))
        assert list(waiting.scalars()) == [3, 4, 5]


def test_an_account_that_has_closed_has_no_way_back(stores: SqlStores, now: datetime) -> None:
    joe = add_account(stores, now)
    with stores.writing() as desk:
        desk.accounts.plan_closing(joe, now + timedelta(days=30))
        assert desk.recoveries.load_way_back(joe, now + timedelta(days=29)) is not None
        assert desk.recoveries.load_way_back(joe, now + timedelta(days=30)) is None


def test_of_two_accounts_that_hold_records_of_one_person_the_older_one_is_found_with_its_own_numbers(
    stores: SqlStores, engine: Engine, now: datetime
) -> None:
    accounts = add_account(stores, now), add_account(stores, now, 2)
    with engine.begin() as connection:
        for number, of in enumerate(accounts, start=1):
            connection.execute(
                insert(guardian).values(
                    id=number, academy="8", jointure=f"G{number}", family_name="DUPONT", birth_name="", given_names="Joe",
                    title="M.", mobile=f"+3363998000{number}", present=True, digest="x",
                )
            )  # fmt: skip
            connection.execute(insert(account_guardian).values(guardian_id=number, account_id=of, proved_at=now))
    with stores.reading() as desk:
        asked = desk.recoveries.find_asked_by_records([2, 1], now)
    assert asked.account_id == accounts[0]
    assert [one.number.e164 for one in asked.way.phones] == ["+33639980001"]
    with stores.writing() as desk:
        desk.accounts.plan_closing(accounts[0], now)
        assert desk.recoveries.find_asked_by_records([2, 1], now).account_id == accounts[1], "the older one has closed"


def test_about_nobody_something_is_read_that_is_nobodys_way_back(stores: SqlStores, now: datetime) -> None:
    with stores.reading() as desk:
        nobody = desk.recoveries.find_asked("j.dupont0001", now)
        assert desk.recoveries.find_asked_by_records([1], now) == nobody
    assert (nobody.account_id, nobody.has_email, nobody.way.phones) == (None, False, ()), "no account at all"
    joe, address = add_account(stores, now), EmailAddress("joe@famille.example")
    with stores.writing() as desk:
        assert not desk.recoveries.find_asked("j.dupont0001", now).has_email
        desk.emails.confirm(ConfirmedEmail(joe, address, now))
        asked = desk.recoveries.find_asked("j.dupont0001", now)
        assert (asked.account_id, asked.email) == (joe, ConfirmedEmail(joe, address, now))
        other = desk.recoveries.find_asked("j.dupont0002", now)
    assert other.account_id is None
    assert (other.way, other.email) == (asked.way, asked.email), "as much was read as about the first account"


def test_a_closed_or_grouped_account_is_nobodys_when_it_is_asked_about(stores: SqlStores, now: datetime) -> None:
    joe, other = add_account(stores, now), add_account(stores, now, 2)
    with stores.writing() as desk:
        assert desk.groupings.group(other, joe, now, now + timedelta(days=30)) is not None
        desk.accounts.plan_closing(joe, now + timedelta(days=30))
        assert desk.recoveries.find_asked("j.dupont0002", now).account_id is None
        assert desk.recoveries.find_asked("j.dupont0001", now).account_id == joe
        assert desk.recoveries.find_asked("j.dupont0001", now + timedelta(days=30)).account_id is None


def test_recoveries_that_have_not_run_out_are_listed_the_oldest_first(
    stores: SqlStores, kept: RecoveryRow, now: datetime
) -> None:
    later = now + timedelta(minutes=1)
    second = replace(
        recovery(later), id="second", browser_hash="two", link_hash=None, expires_at=later + timedelta(hours=2)
    )
    with stores.writing() as desk:
        desk.recoveries.add_recovery(second)
        assert desk.recoveries.load_recoveries(now) == [kept, second]
        assert desk.recoveries.load_recoveries(kept.expires_at) == [second]
