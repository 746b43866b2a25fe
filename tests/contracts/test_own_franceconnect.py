"""FranceConnect linked from several windows of one session at the same moment, on real databases."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import datetime
from threading import Barrier, BrokenBarrierError
from typing import Any

import pytest
from sqlalchemy import Engine, insert, select

from idp.adapters.directory_tables import guardian
from idp.adapters.secrets import MasterKey
from idp.adapters.stores import SqlStores, SqlUnit
from idp.adapters.tables import account_guardian, audit
from idp.journeys.account_answers import AccountNotice, LinkingDone
from idp.journeys.franceconnect_proof import ProvedIdentity
from idp.journeys.own_franceconnect import PAGE, OwnFranceConnect
from idp.journeys.policy import ActivationPolicy
from idp.journeys.rows import InteractionRow, SessionRow
from idp.journeys.telling import Telling
from idp.people.civil_identity import CivilIdentity
from tests.contracts.rows import add_account, session_of
from tests.contracts.test_session_end import session_end


class Door:
    """Answers what a session cookie opens, as the authorization endpoint does, and lets both windows look before either goes on."""

    def __init__(self, live: SessionRow) -> None:
        self._live = live
        self._both = Barrier(2)

    def load_live_session(self, desk: SqlUnit, session: str | None) -> SessionRow:
        del desk, session
        with suppress(BrokenBarrierError):  # SQLite lets one in at a time
            self._both.wait(1)
        return self._live


@pytest.mark.parametrize("sub", ["a", "b"], ids=["the same identity", "another one"])
def test_of_two_windows_one_links_and_the_other_hears_how_it_stands(
    stores: SqlStores, engine: Engine, secrets: MasterKey, now: datetime, sub: str
) -> None:
    account_id = add_account(stores, now)
    live = session_of(account_id, now)
    with stores.writing() as desk:
        desk.sessions.add_session(live)
    with engine.begin() as connection:
        values = {"academy": "8", "jointure": "G", "family_name": "DUPONT", "given_names": "Joe", "digest": "x"}
        connection.execute(insert(guardian).values(id=1, mobile="", present=True, **values))
        connection.execute(insert(account_guardian).values(guardian_id=1, account_id=account_id, proved_at=now))
    door: Any = Door(live)
    clock: Any = type("Clock", (), {"now": lambda _: now})()
    rooms = OwnFranceConnect(
        authorization=door,
        stores=stores,
        clock=clock,
        secrets=secrets,
        session_end=session_end(secrets),
        telling=Telling(ActivationPolicy()),
    )
    row = InteractionRow("i", "h", "b", None, None, None, 0, None, None, now, now, page=f"{PAGE}#{live.id}")
    proofs = [
        ProvedIdentity("https://fc.example", one, CivilIdentity("DUPONT", ("Joe",)), "t", now) for one in ("a", sub)
    ]
    with ThreadPoolExecutor(2) as pool:
        told = list(pool.map(lambda proof: rooms.link(proof, row, "cookie"), proofs))
    elsewhere = AccountNotice.FRANCECONNECT_ADDED if sub == "a" else AccountNotice.FRANCECONNECT_ELSEWHERE
    assert sorted(str(one.notice) for one in told if isinstance(one, LinkingDone)) == sorted(
        [str(AccountNotice.FRANCECONNECT_ADDED), str(elsewhere)]
    )
    with engine.connect() as connection:
        events = sorted(connection.execute(select(audit.c.event)).scalars())
    assert events == ["franceconnect.linked"] + (["franceconnect.other-identity"] if sub == "b" else [])
