"""What « Mon compte » reads and writes, on both databases: of one account, and of no other."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from idp.adapters.stores import SqlStores
from idp.journeys.rows import AuditEvent, FranceConnectLink, GivenConsent, LoggedEvent
from idp.protocol.consent import Consent
from tests.contracts.rows import add_account, code_of, load_token, refresh_token_of, session_of, token_of

MONTH = timedelta(days=30)
ALLOWED = Consent(frozenset({"openid", "profile"}), frozenset({"nickname"}))


def test_a_closing_is_taken_back_by_a_sign_in_before_its_moment_and_by_none_after(
    stores: SqlStores, now: datetime
) -> None:
    joe, karim = add_account(stores, now), add_account(stores, now, 2)
    with stores.writing() as desk:
        desk.accounts.plan_closing(joe, now + MONTH)
    assert closes_at(stores, joe) == now + MONTH
    assert closes_at(stores, karim) is None
    with stores.writing() as desk:
        assert not note(desk, joe, now + MONTH)
        assert not desk.accounts.keep_open(joe, now + MONTH)
    assert closes_at(stores, joe) == now + MONTH
    with stores.writing() as desk:
        assert note(desk, joe, now + MONTH - timedelta(microseconds=1))
    assert closes_at(stores, joe) is None
    with stores.writing() as desk:
        desk.accounts.plan_closing(joe, now + MONTH)
        assert desk.accounts.keep_open(joe, now)
        assert desk.accounts.keep_open(joe, now), "one that is open stays so"
    assert closes_at(stores, joe) is None


def closes_at(stores: SqlStores, account_id: int) -> datetime | None:
    with stores.reading() as desk:
        holder = desk.accounts.load_holder(account_id)
        assert holder is not None
        by_name = desk.accounts.load_by_identifiant(holder.account.identifiant)
    assert by_name == holder.account
    return holder.account.closes_at


def note(desk: object, account_id: int, at: datetime) -> bool:
    holder = desk.accounts.load_holder(account_id)  # type: ignore[attr-defined]  # a unit of work
    return bool(desk.accounts.note_sign_in(account_id, at, password_hash=holder.account.password_hash))  # type: ignore[attr-defined]


def test_the_newest_lines_of_an_account_are_its_own_and_as_many_as_asked_for(stores: SqlStores, now: datetime) -> None:
    with stores.writing() as desk:
        for number, (event, account) in enumerate(
            [("a", 1), ("b", 1), ("a", 2), ("a", 1), ("c", 1), ("a", None)], start=1
        ):
            desk.ledger.record(AuditEvent(event, account_id=account, client_id="ent"), now + timedelta(seconds=number))
    with stores.reading() as desk:
        assert desk.ledger.load_newest(1, ("a", "b"), at_most=2) == [
            LoggedEvent(now + timedelta(seconds=4), "a", "ent"),
            LoggedEvent(now + timedelta(seconds=2), "b", "ent"),
        ]
        assert [one.event for one in desk.ledger.load_newest(1, (), at_most=9)] == ["c", "a", "b", "a"]
        assert desk.ledger.load_newest(3, (), at_most=9) == []


def test_consents_are_listed_the_newest_first_and_forgotten_one_by_one(stores: SqlStores, now: datetime) -> None:
    joe, karim = add_account(stores, now), add_account(stores, now, 2)
    later = now + timedelta(days=1)
    with stores.writing() as desk:
        desk.consents.save_consent(joe, "first", ALLOWED, now)
        desk.consents.save_consent(joe, "second", ALLOWED, later)
        desk.consents.save_consent(karim, "first", ALLOWED, now)
    with stores.writing() as desk:
        assert desk.consents.load_account_consents(joe) == [
            GivenConsent("second", ALLOWED, later),
            GivenConsent("first", ALLOWED, now),
        ]
        assert desk.consents.forget_consent(joe, "first")
        assert not desk.consents.forget_consent(joe, "first")
        assert desk.consents.load_consent(joe, "second") == ALLOWED
        assert desk.consents.load_consent(karim, "first") == ALLOWED


def test_what_a_client_holds_of_one_person_is_revoked_and_nothing_else(stores: SqlStores, now: datetime) -> None:
    joe, karim = add_account(stores, now), add_account(stores, now, 2)
    holders = {"joe": (joe, "ent"), "joe elsewhere": (joe, "other"), "karim": (karim, "ent")}
    with stores.writing() as desk:
        for name, (account_id, client_id) in holders.items():
            live = session_of(account_id, now, name)
            code = replace(code_of(live, now, name), client_id=client_id, family=name)
            desk.sessions.add_session(live)
            desk.grants.add_code(code)
            desk.grants.add_access_token(replace(token_of(code, now, name), client_id=client_id))
            desk.grants.add_refresh_token(replace(refresh_token_of(code, now, name), client_id=client_id))
    with stores.writing() as desk:
        desk.grants.revoke_person_grants(joe, "ent", now)
    with stores.reading() as desk:
        revoked = {
            name: {
                found is not None and found.revoked_at is not None
                for found in (
                    desk.grants.load_code(name),
                    load_token(desk, name),
                    desk.grants.load_refresh_token(name),
                )
            }
            for name in holders
        }
    assert revoked == {"joe": {True}, "joe elsewhere": {False}, "karim": {False}}


@pytest.mark.parametrize(
    ("changes", "listed"),
    [
        ({}, True),
        ({"ended_at": timedelta()}, False),
        ({"expires_at": timedelta(hours=1)}, False),
        ({"touched_at": timedelta(minutes=-1)}, False),
    ],
)
def test_a_session_is_open_while_it_has_not_ended_run_out_or_been_left(
    stores: SqlStores, now: datetime, changes: dict[str, timedelta], listed: bool
) -> None:
    joe, karim = add_account(stores, now), add_account(stores, now, 2)
    row = replace(session_of(joe, now), device="firefox android", **{key: now + by for key, by in changes.items()})  # type: ignore[arg-type]  # moments all
    with stores.writing() as desk:
        desk.sessions.add_session(row)
        desk.sessions.add_session(session_of(karim, now, "of another"))
    with stores.reading() as desk:
        found = desk.sessions.load_open_sessions(
            joe, now + timedelta(hours=1), used_since=now - timedelta(microseconds=1)
        )
    assert found == ([row] if listed else [])


def test_a_link_is_removed_where_there_is_another_way_in(stores: SqlStores, now: datetime) -> None:
    joe, karim = add_account(stores, now), add_account(stores, now, 2)
    with stores.writing() as desk:
        for account_id in (joe, karim):
            desk.franceconnect.add_link(FranceConnectLink("https://fc", f"sub {account_id}", account_id, "hash", now))
        desk.accounts.set_password(joe, None, now)
        desk.accounts.set_password(karim, "encoded", now)
    with stores.writing() as desk:
        assert not desk.franceconnect.remove_link(joe), "it is the last one"
        assert desk.franceconnect.load_link_of_account(joe) is not None
        assert desk.franceconnect.remove_link(karim)
        assert not desk.franceconnect.remove_link(karim)
        assert desk.franceconnect.load_link_of_account(karim) is None
