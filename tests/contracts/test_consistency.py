"""`preau db check`: a database that tells one whole story is clean, and each thing that may not be is one sentence."""

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import Engine, insert, text

from idp.adapters.armed_faults import ArmedFaults
from idp.adapters.consistency import find_violations
from idp.adapters.directory_tables import guardian, kinship, pupil
from idp.adapters.secrets import MasterKey
from idp.adapters.stores import SqlStores
from idp.adapters.tables import signing_key
from idp.cli import main
from idp.journeys.activation_state import ActivationState
from idp.journeys.answers import Step
from idp.journeys.logout_notice import LogoutNotice
from idp.journeys.rows import ActivationRow, AuditEvent, Message
from idp.protocol.consent import Consent
from tests.contracts.rows import code_of, interaction, refresh_token_of, session_of, token_of, token_of_client

IDENTIFIANT = "j.dupont0001"
_KEPT = "family, client_id, session_id, account_id, scope, offline, acr, amr, auth_time, issued_at, expires_at"
SECOND_TOKEN = f"INSERT INTO refresh_token (token_hash, {_KEPT}) SELECT 'second', {_KEPT} FROM refresh_token"  # noqa: S608
SECOND_REVOKED = SECOND_TOKEN + "; UPDATE refresh_token SET revoked_at = 1 WHERE token_hash = 'second'"  # noqa: S608
FAMILY = {"academy": "8", "digest": ""}


def write_directory(engine: Engine) -> None:
    born = datetime(2012, 4, 12).date()  # noqa: DTZ001  a day
    names = {"family_name": "DUPONT", "jointure": "G1", "given_names": "Joe", "mobile": "+33639980001"}
    child = {"jointure": "P1", "school_jointure": "S1", "family_name": "DUPONT", "given_name": "Léa"}
    with engine.begin() as connection:
        connection.execute(insert(guardian).values(**FAMILY, **names))
        connection.execute(insert(pupil).values(**FAMILY, **child, birth_date=born))
        connection.execute(
            insert(kinship).values(
                academy="8", guardian_jointure="G1", pupil_jointure="P1", relation="20", legal_level="1", legal=True
            )
        )


def write_story(stores: SqlStores, engine: Engine, now: datetime) -> None:
    """Write what one parent leaves who activates an account, signs in and gets tokens, as the journeys write it."""
    write_directory(engine)
    made = now - timedelta(minutes=1)
    with stores.writing() as desk:
        desk.outbox.put(Message("sms", "+33639980001", "a code"), at=now - timedelta(minutes=2))
        [record] = desk.people.load_guardians_by_mobile("+33639980001")
        [link] = desk.people.load_kinships([record.id])
        desk.accounts.reserve_identifiant(IDENTIFIANT, now)
        account_id = desk.accounts.add_account(
            identifiant=IDENTIFIANT,
            subject_seed="seed",
            password_hash="encoded",
            family_name="DUPONT",
            given_name="Joe",
            at=made,
        )
        desk.accounts.attach_guardian(account_id, record.id, made)
        desk.people.confirm_kinships([link.id], made)
        desk.outbox.put(Message("sms", "+33639980001", "welcome"), at=made)
        desk.ledger.record(AuditEvent("activation.account-made", account_id=account_id), made)
        done = ActivationState(identifiant=IDENTIFIANT, account_id=account_id, done_at=made)
        desk.activations.add_activation(activation_row("done", Step.DONE, done, now))
    live = session_of(account_id, now)
    code = code_of(live, now)
    request = interaction(now)
    request.session_id = live.id
    with stores.writing() as desk:
        desk.consents.save_consent(account_id, "ent", Consent(frozenset({"openid", "profile"})), now)
        desk.sessions.add_session(live)
        desk.interactions.add_interaction(request)
        desk.grants.add_code(code)
        desk.ledger.record(AuditEvent("sign-in.accepted", account_id=account_id), now)
    with stores.writing() as desk:
        desk.grants.consume_code(code.code_hash, now)
        desk.grants.add_access_token(token_of(code, now))
        desk.grants.add_refresh_token(refresh_token_of(code, now))
        desk.sessions.note_client(live.id, "ent", now)
    with stores.writing() as desk:
        desk.grants.add_access_token(token_of_client(now))
        desk.ledger.record(AuditEvent("tokens.issued-to-client", client_id="machine"), now)


def activation_row(name: str, step: Step, state: ActivationState, now: datetime) -> ActivationRow:
    return ActivationRow(
        id=name,
        browser_hash=f"browser of {name}",
        former_browser_hash=None,
        turn=1,
        step=step,
        reference=name.upper()[:8],
        interaction_id=None,
        state=state.to_bytes(),
        last_answer=None,
        created_at=now,
        touched_at=now,
        expires_at=now + timedelta(hours=2),
    )


@pytest.fixture
def story(stores: SqlStores, engine: Engine, now: datetime) -> None:
    write_story(stores, engine, now)


@pytest.fixture
def check(engine: Engine, secrets: MasterKey, now: datetime) -> Callable[..., list[str]]:
    def run(*, keeps_bodies: bool = True, key: MasterKey = secrets) -> list[str]:
        return list(find_violations(engine, key, now, keeps_bodies=keeps_bodies))

    return run


@pytest.mark.usefixtures("story")
def test_a_whole_story_is_clean(check: Callable[..., list[str]]) -> None:
    assert check() == []
    assert check(keeps_bodies=False) == []


@pytest.mark.usefixtures("story")
def test_a_text_that_was_withheld_is_sound(stores: SqlStores, now: datetime, check: Callable[..., list[str]]) -> None:
    with stores.writing() as desk:
        desk.outbox.withhold(Message("sms", "+33639987777", "to nobody"), at=now)
    assert check() == check(keeps_bodies=False) == []


@pytest.mark.parametrize(
    ("damage", "sentence"),
    [
        ("DELETE FROM identifiant", "never reserved"),
        ("UPDATE account SET identifiant = 'J.Dupont0001'", "not in small letters"),
        ("UPDATE account SET subject_seed = ''", "has no seed"),
        ("DELETE FROM account_guardian", "holds no guardian's record"),
        ("UPDATE kinship SET state = 'declared', state_at = NULL", "no link of its guardian's records stood"),
        ("UPDATE kinship SET state = 'contested', state_at = 1", "no link of its guardian's records stood"),
        ("DELETE FROM audit WHERE event = 'activation.account-made'", "no audit line of its making"),
        ("UPDATE audit SET account_id = account_id + 1", "tells the making of account"),
        ("DELETE FROM outbox WHERE created_at = (SELECT created_at FROM account)", "no message announced it"),
        ("INSERT INTO identifiant VALUES ('J.DUPONT0001', 1)", "reserved 2 times"),
        ("UPDATE kinship SET state = 'perhaps'", "in no known state"),
        ("UPDATE kinship SET state_at = NULL", "nothing says since when"),
        ("UPDATE kinship SET state = 'declared'", "has the time of a proof"),
        ("DELETE FROM account_guardian", "is confirmed, and its guardian's record belongs to no account"),
        ("UPDATE kinship SET state = 'declared', state_at = NULL", "none of its links was ever proved"),
        ("UPDATE guardian SET present = FALSE", "counts as present"),
        ("UPDATE op_session SET auth_time = 1", "has no audit line of its sign-in"),
        ("DELETE FROM access_token", "a used code and 0 access tokens"),
        ("UPDATE authorization_code SET used_at = NULL", "its code was never used"),
        ("DELETE FROM audit WHERE client_id = 'machine'", "stands for client machine alone, and no audit line"),
        ("UPDATE audit SET at = at + 1 WHERE client_id = 'machine'", "stands for client machine alone"),
        ("UPDATE access_token SET client_id = 'other'", "for another account, session or client"),
        ("UPDATE authorization_code SET revoked_at = 1", "was revoked, and an access token of it was not"),
        ("UPDATE op_session SET ended_at = 1", "ended, and a code of it was not revoked"),
        ("UPDATE op_session SET ended_at = 1", "ended, and an access token of it was not revoked"),
        ("UPDATE authorization_code SET revoked_at = 1", "was revoked, and a refresh token of it was not"),
        ("UPDATE op_session SET ended_at = 1", "ended, and a refresh token that may not outlive it was not revoked"),
        ("UPDATE refresh_token SET used_at = 1", "was used, and none that came after it"),
        (SECOND_TOKEN, "has 2 refresh tokens that can be used"),
        (SECOND_REVOKED, "has a refresh token that was revoked, and another one that was not"),
        ("UPDATE authorization_code SET used_at = used_at + 1", "no audit line tells that tokens were issued"),
        ("UPDATE consent SET given_at = 1", "allowed a client to be told something, and no audit line"),
        ("UPDATE consent SET scope = 'openids profile'", "without openid"),
        ("DELETE FROM session_client", "its session does not remember the client"),
        ("UPDATE interaction SET session_id = 'gone'", "answered by a session that is not there"),
        ("UPDATE outbox SET attempts = 1, sent_at = 1, failed_at = 1", "both sent and given up"),
        ("UPDATE outbox SET sent_at = 1", "nobody ever tried it"),
        ("UPDATE outbox SET body = NULL", "its number or its text is gone"),
        ("UPDATE outbox SET channel = 'logout'", "waits, and no session ended with it"),
        ("UPDATE outbox SET channel = 'logout', attempts = 1, sent_at = 1", "is over, and is still there"),
        ("INSERT INTO quota VALUES ('sms-day', 0, 1)", "(sms-day) is below one"),
        ("INSERT INTO import_run VALUES (1, 1, 1, '')", "ended without a report"),
        ("INSERT INTO import_run VALUES (1, 1, NULL, '{}')", "a report and no end"),
    ],
)  # fmt: skip
@pytest.mark.usefixtures("story")
def test_what_may_not_be_is_said(engine: Engine, check: Callable[..., list[str]], damage: str, sentence: str) -> None:
    with engine.begin() as connection:
        for one in damage.split("; "):
            connection.execute(text(one))
    assert any(sentence in said for said in check()), check()


@pytest.mark.parametrize(
    ("damage", "sentence"),
    [
        ({"retired_at": None}, "has an end, and was not retired"),
        ({"published_until": None}, "nothing says until when it is published"),
        ({}, "Keys of RS256 are there, and none signs."),
    ],
)
def test_half_a_key_is_said(
    engine: Engine, check: Callable[..., list[str]], now: datetime, damage: dict[str, None], sentence: str
) -> None:
    whole = {"kid": "kid", "algorithm": "RS256", "sealed": b"x", "created_at": now, "signs_since": now}
    with engine.begin() as connection:
        connection.execute(insert(signing_key), {**whole, "retired_at": now, "published_until": now, **damage})
    assert any(sentence in said for said in check()), check()


@pytest.mark.usefixtures("story")
def test_a_notice_that_waits_beside_the_end_of_its_session_is_sound(
    stores: SqlStores, now: datetime, check: Callable[..., list[str]]
) -> None:
    with stores.writing() as desk:
        assert desk.sessions.end_session("sid", now)
        desk.outbox.put(LogoutNotice("ent", "sid", "subject", 1).to_message(), at=now)
    assert check() == []


@pytest.mark.usefixtures("story")
def test_sent_texts_are_wiped_unless_this_is_a_test_instance(engine: Engine, check: Callable[..., list[str]]) -> None:
    with engine.begin() as connection:
        connection.execute(text("UPDATE outbox SET attempts = 1, sent_at = 1"))
    assert check() == []
    assert [said[-14:] for said in check(keeps_bodies=False)] == ["was not wiped."] * 2


@pytest.mark.usefixtures("story")
def test_nothing_is_made_up_of_anybody_unless_this_is_a_test_instance(
    engine: Engine, check: Callable[..., list[str]]
) -> None:
    with engine.begin() as connection:
        connection.execute(text("INSERT INTO extra_claims SELECT id, '{}' FROM account"))
    assert check() == []
    (said,) = check(keeps_bodies=False)
    assert said.endswith("has claims that a tester made up, and this is no test instance.")


def test_nothing_goes_wrong_on_purpose_unless_this_is_a_test_instance(
    engine: Engine, check: Callable[..., list[str]], now: datetime
) -> None:
    armed = ArmedFaults(engine).arm("http-503", at=now, most=1)
    assert armed is not None
    assert check() == []
    assert check(keeps_bodies=False) == [f"Fault {armed.id} is armed, and this is no test instance."]


@pytest.mark.usefixtures("story")
def test_another_master_key_opens_nothing_and_each_column_is_counted(check: Callable[..., list[str]]) -> None:
    said = check(key=MasterKey(bytes(32)))
    assert "2 of outbox.body cannot be opened with this master key." in said
    assert "1 of activation.state cannot be opened with this master key." in said
    assert "1 of interaction.request cannot be opened with this master key." in said


@pytest.mark.parametrize(
    ("step", "state", "fault"),
    [
        (Step.DONE, {"account_id": 999_999, "identifiant": IDENTIFIANT}, "says that an account was made"),
        (Step.PASSWORD, {"account_id": 1, "identifiant": IDENTIFIANT}, "knows account 1 and is not over"),
        (Step.PASSWORD, {"identifiant": "x.x0000"}, "shows an identifiant that is not reserved"),
        (Step.PASSWORD, {}, "has no identifiant to show"),
        (Step.CODE, {"guardian_ids": [1], "code_hash": "h"}, "waits for a code that no message carries"),
    ],
)
@pytest.mark.usefixtures("story")
def test_what_an_activation_remembers_is_compared_with_the_tables(
    stores: SqlStores, check: Callable[..., list[str]], now: datetime, step: Step, state: dict[str, object], fault: str
) -> None:
    kept = ActivationState(**{"code_sent_at": now, **state})  # type: ignore[arg-type]
    with stores.writing() as desk:
        desk.activations.add_activation(activation_row("half", step, kept, now))
    assert [said for said in check() if fault in said], check()


def test_the_command_says_it_and_exits_1(tmp_path: Path) -> None:
    path = tmp_path / "preau.toml"
    path.write_text(
        'issuer = "http://localhost:8400"\ntest_instance = true\n'
        f'database_url = "sqlite:///{tmp_path}/preau.db"\nmaster_key_file = "{tmp_path}/master.key"\n',
        encoding="utf-8",
    )

    def preau(*words: str) -> tuple[int, str]:
        done = CliRunner().invoke(main, ["--config", str(path), *words])
        return done.exit_code, done.output

    preau("init")
    code, said = preau("db", "check")
    assert (code, said.startswith("The database refuses: ")) == (1, True), said
    preau("db", "upgrade")
    assert preau("db", "check") == (0, "Nothing is wrong in the database.\n")
