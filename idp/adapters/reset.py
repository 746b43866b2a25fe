"""Back to the seed: a test instance as it was right after its directory was imported and its families documents were loaded."""

from datetime import datetime

from sqlalchemy import Connection, Engine, bindparam, text, update
from sqlalchemy.exc import IntegrityError

from idp.adapters.children_tables import account_group, link_news, session_question
from idp.adapters.clock import SystemClock
from idp.adapters.directory_tables import kinship
from idp.adapters.email_tables import email_address, email_change
from idp.adapters.links import Link
from idp.adapters.recovery_tables import recovery
from idp.adapters.retention_tables import closing_warning, purge_mark
from idp.adapters.stores import SqlUnit
from idp.adapters.tables import (
    access_token,
    account,
    account_guardian,
    activation,
    audit,
    authorization_code,
    consent,
    franceconnect_link,
    franceconnect_session,
    franceconnect_sign_in,
    identifiant,
    interaction,
    op_session,
    outbox,
    pushed_request,
    quota,
    refresh_token,
    registered_client,
    session_client,
    signing_key,
)
from idp.adapters.tester_tables import armed_fault, delivery_fault, extra_claims, fault_flow, test_clock
from idp.journeys.families.seed import SeedState, give_back
from idp.journeys.ports import Secrets
from idp.journeys.turns import LostRace
from idp.people.records import KinshipState

# Each before those that it refers to.
EMPTIED = (
    access_token,
    refresh_token,
    authorization_code,
    session_client,
    franceconnect_session,
    session_question,
    op_session,
    franceconnect_sign_in,
    franceconnect_link,
    link_news,
    account_group,
    pushed_request,
    interaction,
    activation,
    recovery,
    registered_client,
    consent,
    fault_flow,
    armed_fault,
    extra_claims,
    email_change,
    email_address,
    closing_warning,
    purge_mark,
    account_guardian,
    account,
    identifiant,
    quota,
    outbox,
    delivery_fault,
    audit,
    test_clock,
)
_HOLD = text("LOCK TABLE seed IN EXCLUSIVE MODE")
_UNPROVE = (
    update(kinship)
    .where(kinship.c.state != KinshipState.DECLARED.value)
    .values(state=KinshipState.DECLARED.value, state_at=None)
)
# Who moved the clock ahead and back would wait until it gets there again for a key to sign.
REDATE = update(signing_key).where(signing_key.c.created_at > bindparam("now")).values(created_at=bindparam("now"))


def back_to_seed(engine: Engine, secrets: Secrets) -> None:
    """Forget every account, journey, session, grant, consent, registered client, armed fault, counter, message and ledger line.

    What was proved or contested is undone, and the clock is no longer moved. The directory with its imports, and the signing keys, stay;
    keys that were made later than now count as made now. What families documents say of accounts and contests is made again.
    One transaction: a test that fails in the middle finds all or nothing.

    Raises:
        LostRace: Others activate faster than a reset goes, three times in a row.
        sqlalchemy.exc.IntegrityError: The same, and they sign in.
        sqlalchemy.exc.SQLAlchemyError: The database does not answer.
    """
    for last in (False, False, True):
        try:
            with engine.begin() as connection:
                _go_back(connection, secrets, SystemClock().now())
        except (LostRace, IntegrityError):
            # Somebody activated or signed in between two of our statements.
            if last:
                raise
        else:
            return


def _go_back(connection: Connection, secrets: Secrets, now: datetime) -> None:
    empty(connection)
    connection.execute(REDATE, {"now": now})
    desk = SqlUnit(Link(connection, repeats=False), secrets)
    for state in desk.seed.load_all():
        give_back(desk, SeedState.from_json(state), now)


def empty(connection: Connection) -> None:
    """Forget what a reset forgets, and undo what was proved or contested, in the transaction of whoever puts another world there."""
    if connection.dialect.name == "postgresql":
        # One at a time, as on SQLite: rows that another one makes meanwhile are not seen by a DELETE that waits for it.
        connection.execute(_HOLD)
    for table in EMPTIED:
        connection.execute(table.delete())
    connection.execute(_UNPROVE)
