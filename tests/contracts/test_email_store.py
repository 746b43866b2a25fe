"""E-mail addresses of accounts, on both databases."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import Engine, text

from idp.adapters.consistency import find_violations
from idp.adapters.expiry import Expiry
from idp.adapters.reset import back_to_seed
from idp.adapters.secrets import MasterKey
from idp.adapters.stores import SqlStores
from idp.journeys.email_ports import ConfirmedEmail, EmailChange
from idp.people.emails import parse_email
from tests.contracts.rows import add_account

OLD = parse_email("Joe.Dupont@famille.example")
NEW = parse_email("joe@maison.example")
DAY = timedelta(days=1)


def change_of(account_id: int, now: datetime, link: str = "link") -> EmailChange:
    return EmailChange(account_id, NEW, link, now, now, now + DAY)


def put(stores: SqlStores, change: EmailChange) -> None:
    with stores.writing() as desk:
        desk.emails.put_change(change)


def confirm(stores: SqlStores, account_id: int, now: datetime, token: str | None = None) -> ConfirmedEmail:
    confirmed = ConfirmedEmail(account_id, OLD, now, token)
    with stores.writing() as desk:
        desk.emails.confirm(confirmed)
    return confirmed


def consume(stores: SqlStores, token: str, now: datetime) -> EmailChange | None:
    with stores.writing() as desk:
        return desk.emails.consume_change(token, now)


def test_an_address_is_read_as_it_was_confirmed_and_the_last_one_holds(stores: SqlStores, now: datetime) -> None:
    joe = add_account(stores, now)
    with stores.reading() as desk:
        assert desk.emails.load_confirmed(joe) is None
    first = confirm(stores, joe, now, "link")
    with stores.writing() as desk:
        assert desk.emails.load_confirmed(joe) == first
        later = ConfirmedEmail(joe, NEW, now + DAY)
        desk.emails.confirm(later)
        assert desk.emails.load_confirmed(joe) == later
        assert desk.emails.load_confirmed_by("link") is None, "that link's address is the account's no more"
        assert desk.emails.load_accounts(OLD) == []
        assert desk.emails.forget_address(joe)
        assert not desk.emails.forget_address(joe)
        assert desk.emails.load_confirmed(joe) is None


def test_the_link_that_confirmed_an_address_is_known(stores: SqlStores, now: datetime) -> None:
    joe = add_account(stores, now)
    confirmed = confirm(stores, joe, now, "link")
    with stores.reading() as desk:
        assert desk.emails.load_confirmed_by("link") == confirmed
        assert desk.emails.load_confirmed_by("other") is None


def test_one_address_may_be_that_of_several_accounts_in_any_case_of_its_letters(
    stores: SqlStores, now: datetime
) -> None:
    joe, zoe, other = (add_account(stores, now, number) for number in (1, 2, 3))
    for one in (zoe, joe):
        confirm(stores, one, now)
    with stores.writing() as desk:
        desk.emails.confirm(ConfirmedEmail(other, NEW, now))
        assert desk.emails.load_accounts(parse_email("joe.dupont@FAMILLE.example")) == [joe, zoe]


def test_a_change_waits_beside_the_confirmed_address_and_the_last_one_asked_for_holds(
    stores: SqlStores, now: datetime
) -> None:
    joe = add_account(stores, now)
    confirmed = confirm(stores, joe, now)
    put(stores, change_of(joe, now, "first"))
    second = replace(change_of(joe, now, "second"), sent_at=now + timedelta(minutes=2))
    put(stores, second)
    with stores.reading() as desk:
        assert desk.emails.load_change(joe) == second
        assert desk.emails.load_change_by_token("second") == second
        assert desk.emails.load_change_by_token("first") is None
        assert desk.emails.load_confirmed(joe) == confirmed
    with stores.writing() as desk:
        assert desk.emails.drop_change(joe)
        assert not desk.emails.drop_change(joe)
        assert desk.emails.load_change(joe) is None


def test_both_are_read_at_once(stores: SqlStores, now: datetime) -> None:
    joe, zoe, nobody = add_account(stores, now), add_account(stores, now, 2), add_account(stores, now, 3)
    confirmed, change = confirm(stores, joe, now, "former"), change_of(joe, now)
    put(stores, change)
    other = change_of(zoe, now, "other")
    put(stores, other)
    with stores.reading() as desk:
        assert desk.emails.load_both(joe) == (confirmed, change)
        assert desk.emails.load_both(zoe) == (None, other)
        assert desk.emails.load_both(nobody) == (None, None)
        assert desk.emails.load_both(nobody + 1) == (None, None)


def test_a_link_is_good_once_whoever_else_opens_it_at_that_moment(stores: SqlStores, now: datetime) -> None:
    joe = add_account(stores, now)
    change = change_of(joe, now)
    put(stores, change)
    with ThreadPoolExecutor(10) as pool:
        taken = list(pool.map(lambda _: consume(stores, "link", now), range(10)))
    assert [one for one in taken if one is not None] == [change]
    assert consume(stores, "link", now) is None


def test_a_link_is_good_until_its_end_and_never_after(stores: SqlStores, now: datetime) -> None:
    joe = add_account(stores, now)
    put(stores, change_of(joe, now))
    assert consume(stores, "link", now + DAY) is None
    with stores.reading() as desk:
        assert desk.emails.load_change_by_token("link") is not None, "expired ones included"
    assert consume(stores, "link", now + DAY - timedelta(microseconds=1)) is not None


def test_a_change_that_was_asked_for_before_a_new_password_is_void(stores: SqlStores, now: datetime) -> None:
    joe = add_account(stores, now)
    put(stores, change_of(joe, now))
    with stores.writing() as desk:
        desk.accounts.set_password(joe, "another", now + timedelta(minutes=1))
    with stores.reading() as desk:
        assert desk.emails.load_change_by_token("link") is None
        assert desk.emails.load_change(joe) is None
        assert desk.emails.load_both(joe) == (None, None)
    assert consume(stores, "link", now + timedelta(minutes=2)) is None
    later = change_of(joe, now + timedelta(minutes=2), "later")
    put(stores, later)
    with stores.reading() as desk:
        assert desk.emails.load_change(joe) == later
        assert desk.emails.load_both(joe) == (None, later)
    assert consume(stores, "later", now + timedelta(minutes=3)) is not None


def test_no_address_can_be_read_in_the_tables(stores: SqlStores, engine: Engine, now: datetime) -> None:
    joe = add_account(stores, now)
    confirm(stores, joe, now)
    put(stores, change_of(joe, now))
    with engine.connect() as connection:
        for table in ("email_address", "email_change"):
            row = connection.execute(text(f"SELECT * FROM {table}")).one()  # noqa: S608  our own table names
            raw = b"".join(one if isinstance(one, bytes) else str(one).encode() for one in map(_plain, row)).lower()
            assert b"joe" not in raw
            assert b"example" not in raw


def _plain(value: object) -> object:
    return bytes(value) if isinstance(value, memoryview) else value


def test_both_go_with_the_account(stores: SqlStores, now: datetime) -> None:
    joe, zoe = add_account(stores, now), add_account(stores, now, 2)
    for one in (joe, zoe):
        confirm(stores, one, now)
        put(stores, change_of(one, now, f"token {one}"))
    with stores.writing() as desk:
        desk.accounts.remove_account(joe)
        assert (desk.emails.load_confirmed(joe), desk.emails.load_change(joe)) == (None, None)
        assert desk.emails.load_confirmed(zoe) is not None
        assert desk.emails.load_change(zoe) is not None


def test_a_change_that_ran_out_is_forgotten_and_the_confirmed_address_stays(
    stores: SqlStores, engine: Engine, now: datetime
) -> None:
    class Clock:
        def __init__(self, moment: datetime) -> None:
            self.moment = moment

        def now(self) -> datetime:
            return self.moment

    joe = add_account(stores, now)
    confirm(stores, joe, now)
    put(stores, change_of(joe, now))
    Expiry(engine, Clock(now + DAY - timedelta(seconds=1))).run_once()
    with stores.reading() as desk:
        assert desk.emails.load_change(joe) is not None
    Expiry(engine, Clock(now + DAY)).run_once()
    with stores.reading() as desk:
        assert desk.emails.load_change(joe) is None
        assert desk.emails.load_confirmed(joe) is not None


def test_the_seed_knows_nothing_of_them(secrets: MasterKey, engine: Engine, stores: SqlStores, now: datetime) -> None:
    joe = add_account(stores, now)
    confirm(stores, joe, now)
    put(stores, change_of(joe, now))
    back_to_seed(engine, secrets)
    again = add_account(stores, now)
    with stores.reading() as desk:
        assert (desk.emails.load_confirmed(again), desk.emails.load_change(again)) == (None, None)


def test_addresses_that_another_key_sealed_are_found(
    stores: SqlStores, engine: Engine, secrets: MasterKey, now: datetime
) -> None:
    joe = add_account(stores, now)
    confirm(stores, joe, now)
    put(stores, change_of(joe, now))
    other = MasterKey(bytes(32))
    assert [one for one in find_violations(engine, secrets, now, keeps_bodies=True) if "opened" in one] == []
    found = [one for one in find_violations(engine, other, now, keeps_bodies=True) if "email" in one]
    assert found == [
        "1 of email_address.address cannot be opened with this master key.",
        "1 of email_change.address cannot be opened with this master key.",
    ]
