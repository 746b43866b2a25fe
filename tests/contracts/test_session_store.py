from dataclasses import replace
from datetime import datetime, timedelta

from idp.adapters.stores import SqlStores
from tests.contracts.rows import (
    add_account,
    add_session_with_grants,
    code_of,
    load_token,
    refresh_token_of,
    session_of,
    token_of,
)


def test_a_session_is_found_by_its_secret_and_by_its_sid(stores: SqlStores, now: datetime) -> None:
    code = add_session_with_grants(stores, now)
    with stores.reading() as desk:
        found = desk.sessions.load_session("secret of sid")
        assert found == session_of(code.account_id, now)
        assert found == desk.sessions.load_session_by_id("sid")
        assert desk.sessions.load_session("made up") is None
        assert desk.sessions.load_session_clients(["sid"]) == [("sid", "ent")]


def test_use_is_noted(stores: SqlStores, now: datetime) -> None:
    add_session_with_grants(stores, now)
    with stores.writing() as desk:
        assert desk.sessions.touch_session("sid", now + timedelta(minutes=5))
        desk.sessions.note_client("sid", "ent", now + timedelta(minutes=5))
    with stores.reading() as desk:
        found = desk.sessions.load_session_by_id("sid")
    assert found is not None
    assert found.touched_at == now + timedelta(minutes=5)


def test_more_methods_are_proved_later_than_the_first_and_not_once_it_is_over(stores: SqlStores, now: datetime) -> None:
    add_session_with_grants(stores, now)
    later, methods = now + timedelta(minutes=5), ("pwd", "sms", "mfa")
    with stores.writing() as desk:
        assert desk.sessions.prove_more("sid", methods, later, former="secret of sid", secret_hash="other")
        assert not desk.sessions.prove_more("another", ("pwd",), later, former="secret of sid", secret_hash="third")
        assert not desk.sessions.prove_more("sid", ("pwd",), later, former="secret of sid", secret_hash="third")
    with stores.reading() as desk:
        found = desk.sessions.load_session("other")
        assert desk.sessions.load_session("secret of sid") is None
    assert found is not None
    assert (found.amr, found.auth_time, found.touched_at) == (("pwd", "sms", "mfa"), later, later)
    assert found.signed_in_at == now
    with stores.writing() as desk:
        assert desk.sessions.prove_more("sid", methods, later, former="other", secret_hash="fourth")
    with stores.reading() as desk:
        again = desk.sessions.load_session("fourth")
    assert again is not None
    assert again.signed_in_at == now, "of the first proof, however many come after it"
    with stores.writing() as desk:
        desk.sessions.end_session("sid", later)
        assert not desk.sessions.prove_more("sid", ("pwd",), later, former="fourth", secret_hash="third")


def test_a_question_that_is_answered_changes_the_secret_and_not_once_it_is_over(
    stores: SqlStores, now: datetime
) -> None:
    add_session_with_grants(stores, now)
    with stores.writing() as desk:
        desk.sessions.ask_session("sid", ("identity", "children"))
        assert desk.sessions.answer_question("sid", ("children",), former="secret of sid", secret_hash="other")
        assert not desk.sessions.answer_question("another", (), former="secret of sid", secret_hash="third")
        assert not desk.sessions.answer_question("sid", (), former="secret of sid", secret_hash="third")
    with stores.reading() as desk:
        found = desk.sessions.load_session("other")
        assert desk.sessions.load_session("secret of sid") is None
    assert found is not None
    assert (found.asks, found.amr, found.auth_time, found.touched_at) == (("children",), ("pwd",), now, now)
    with stores.writing() as desk:
        desk.sessions.end_session("sid", now)
        assert not desk.sessions.answer_question("sid", (), former="other", secret_hash="third")


def test_the_end_of_a_session_revokes_its_codes_and_tokens_once(stores: SqlStores, now: datetime) -> None:
    add_session_with_grants(stores, now)
    with stores.writing() as desk:
        assert desk.sessions.end_session("sid", now)
    with stores.writing() as desk:
        assert not desk.sessions.end_session("sid", now + timedelta(hours=1))
        assert not desk.sessions.touch_session("sid", now + timedelta(hours=1))
    with stores.reading() as desk:
        live, code = desk.sessions.load_session_by_id("sid"), desk.grants.load_code("code")
        token = load_token(desk, "token")
    assert live is not None
    assert code is not None
    assert token is not None
    assert [live.ended_at, code.revoked_at, token.revoked_at] == [now, now, now]


def test_the_end_of_all_sessions_of_an_account_reaches_no_other_account(stores: SqlStores, now: datetime) -> None:
    first = add_session_with_grants(stores, now)
    with stores.writing() as desk:
        other = desk.accounts.add_account(
            identifiant="a.dubois0002",
            subject_seed="other seed",
            password_hash="encoded",
            family_name="DUBOIS",
            given_name="Angela",
            at=now,
        )
        for live in (session_of(first.account_id, now, "second"), session_of(other, now, "foreign")):
            desk.sessions.add_session(live)
            code = replace(code_of(live, now, f"code of {live.id}"), family=live.id)
            desk.grants.add_code(code)
            desk.grants.add_access_token(token_of(code, now, f"token of {live.id}"))
    with stores.writing() as desk:
        assert sorted(desk.sessions.end_account_sessions(first.account_id, now)) == ["second", "sid"]
        assert desk.sessions.end_account_sessions(first.account_id, now) == []
    with stores.reading() as desk:
        tokens = [load_token(desk, name) for name in ("token", "token of second", "token of foreign")]
        assert [token.revoked_at for token in tokens if token] == [now, now, None]
        foreign = desk.sessions.load_session_by_id("foreign")
    assert foreign is not None
    assert foreign.ended_at is None


def test_of_all_sessions_of_an_account_the_present_one_goes_on_with_its_code_and_access_token_alone(
    stores: SqlStores, now: datetime
) -> None:
    first = add_session_with_grants(stores, now)
    live = session_of(first.account_id, now, "present")
    code = replace(code_of(live, now, "code of present"), family="present")
    with stores.writing() as desk:
        desk.sessions.add_session(live)
        desk.grants.add_code(code)
        desk.grants.add_access_token(token_of(code, now, "token of present"))
        desk.grants.add_refresh_token(refresh_token_of(code, now, "refresh of present"))
        desk.grants.add_refresh_token(refresh_token_of(code, now, "offline of present", offline=True))
    with stores.writing() as desk:
        assert desk.sessions.end_account_sessions(first.account_id, now, keeping="present") == ["sid"]
    with stores.reading() as desk:
        present, former = (desk.sessions.load_session_by_id(sid) for sid in ("present", "sid"))
        codes = [desk.grants.load_code(name) for name in ("code of present", "code")]
        tokens = [load_token(desk, name) for name in ("token of present", "token")]
        refresh = [desk.grants.load_refresh_token(f"{name} of present") for name in ("refresh", "offline")]
    assert [one.ended_at for one in (present, former) if one] == [None, now]
    assert [one.revoked_at for one in codes if one] == [None, now]
    assert [one.revoked_at for one in tokens if one] == [None, now]
    assert [one.revoked_at for one in refresh if one] == [now, now]


def test_the_sessions_of_an_account_are_listed_ended_ones_included_the_newest_first(
    stores: SqlStores, now: datetime
) -> None:
    joe, other = add_account(stores, now), add_account(stores, now, 2)
    first, second = session_of(joe, now, "first"), session_of(joe, now + timedelta(minutes=1), "second")
    with stores.writing() as desk:
        for row in (first, second, session_of(other, now, "other")):
            desk.sessions.add_session(row)
        desk.sessions.end_session("first", now)
    with stores.reading() as desk:
        assert desk.sessions.load_account_sessions(joe) == [second, replace(first, ended_at=now)]
        assert desk.sessions.load_account_sessions(joe + other) == []


def test_the_answer_to_a_form_is_kept_by_the_first_of_two_that_saw_the_same_turn(
    stores: SqlStores, now: datetime
) -> None:
    add_session_with_grants(stores, now)
    with stores.reading() as desk:
        assert desk.sessions.load_form_answer("sid") == (0, None)
        assert desk.sessions.load_form_answer("another") == (0, None)
    with stores.writing() as desk:
        assert desk.sessions.keep_form_answer("sid", "first", expected_turn=0)
        assert not desk.sessions.keep_form_answer("sid", "second", expected_turn=0)
        assert desk.sessions.keep_form_answer("sid", "third", expected_turn=1)
        assert not desk.sessions.keep_form_answer("another", "first", expected_turn=0)
    with stores.writing() as desk:
        assert desk.sessions.load_form_answer("sid") == (2, "third")
        desk.sessions.end_session("sid", now)
        assert not desk.sessions.keep_form_answer("sid", "late", expected_turn=2)
