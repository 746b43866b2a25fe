from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import Engine, func, select

from idp.adapters.expiry import Expiry
from idp.adapters.stores import SqlStores
from idp.adapters.tables import activation, authorization_code, metadata, op_session
from idp.journeys.rows import AccessTokenRow, ActivationRow, CodeRow, InteractionRow, SessionRow
from tests.contracts.rows import refresh_token_of, token_of_client

LIFETIMES = {
    "pushed_request": 1,
    "activation": 2,
    "interaction": 2,
    "quota": 1,
    "op_session": 8,
    "authorization_code": 1,
    "access_token": 1,
    "refresh_token": 8,
}


class StandingClock:
    def __init__(self, moment: datetime) -> None:
        self.moment = moment

    def now(self) -> datetime:
        return self.moment


def fill(stores: SqlStores, now: datetime) -> None:
    """One row of each kind that runs out; sessions live for 8 hours, activations for 2."""
    with stores.writing() as desk:
        account = desk.accounts.add_account(
            identifiant="j.dupont0001",
            subject_seed="seed",
            password_hash="hash",
            family_name="DUPONT",
            given_name="Joe",
            at=now,
        )
        desk.activations.add_activation(
            ActivationRow(
                "a", "b", None, 0, "identity", "REF", None, b"typed", None, now, now, now + timedelta(hours=2)
            )
        )
        desk.interactions.add_interaction(
            InteractionRow("i", "h", "b", "ent", b"{}", None, 0, None, None, now, now + timedelta(hours=2))
        )
        desk.pushed_requests.add_request("k", "ent", b"{}", now + timedelta(hours=1))
        desk.quotas.take("sms:a", limit=2, window=timedelta(hours=1), now=now)
        desk.sessions.add_session(
            SessionRow("s", "secret", account, now, "responsable", ("pwd",), now, now + timedelta(hours=8))
        )
        desk.sessions.note_client("s", "ent", now)
        code = CodeRow(
            code_hash="c",
            family="f",
            client_id="ent",
            session_id="s",
            account_id=account,
            redirect_uri="http://localhost/",
            scope="openid",
            nonce=None,
            code_challenge=None,
            acr="responsable",
            amr=("pwd",),
            auth_time=now,
            issued_at=now,
            expires_at=now + timedelta(minutes=1),
        )
        desk.grants.add_code(code)
        desk.grants.add_code(replace(code, code_hash="later", expires_at=now + timedelta(hours=9)))
        desk.grants.add_access_token(
            AccessTokenRow("t", "f", "ent", "s", account, "openid", now, now, now + timedelta(minutes=10))
        )
        desk.grants.add_access_token(token_of_client(now))
        desk.grants.add_refresh_token(refresh_token_of(code, now))


def counts(engine: Engine) -> dict[str, int]:
    with engine.connect() as connection:
        return {
            name: connection.execute(select(func.count()).select_from(metadata.tables[name])).scalar_one()
            for name in (*LIFETIMES, "session_client")
        }


def test_nothing_goes_before_its_time(stores: SqlStores, engine: Engine, now: datetime) -> None:
    fill(stores, now)
    before = counts(engine)
    assert Expiry(engine, StandingClock(now + timedelta(minutes=59))).run_once() == 0
    assert counts(engine) == before


def test_what_was_typed_goes_as_soon_as_the_activation_runs_out(
    stores: SqlStores, engine: Engine, now: datetime
) -> None:
    fill(stores, now)
    Expiry(engine, StandingClock(now + timedelta(hours=2))).run_once()
    left = counts(engine)
    assert (left["activation"], left["interaction"], left["quota"], left["pushed_request"]) == (0, 0, 0, 0)
    assert (left["authorization_code"], left["access_token"], left["op_session"]) == (2, 2, 1)


def test_codes_and_tokens_go_a_day_later_and_the_session_with_all_that_hangs_from_it(
    stores: SqlStores, engine: Engine, now: datetime
) -> None:
    fill(stores, now)
    Expiry(engine, StandingClock(now + timedelta(days=1, minutes=30))).run_once()
    with engine.connect() as connection:
        assert connection.execute(select(authorization_code.c.code_hash)).scalars().all() == ["later"]
        assert connection.execute(select(op_session.c.id)).scalars().all() == ["s"]
    Expiry(engine, StandingClock(now + timedelta(days=1, hours=8))).run_once()
    assert set(counts(engine).values()) == {0}


def test_an_activation_of_now_stays_beside_one_that_ran_out(stores: SqlStores, engine: Engine, now: datetime) -> None:
    fill(stores, now)
    later = now + timedelta(hours=3)
    with stores.writing() as desk:
        desk.activations.add_activation(
            ActivationRow(
                "new", "n", None, 0, "identity", "REF", None, b"", None, later, later, later + timedelta(hours=2)
            )
        )
    Expiry(engine, StandingClock(later)).run_once()
    with engine.connect() as connection:
        assert connection.execute(select(activation.c.id)).scalars().all() == ["new"]
