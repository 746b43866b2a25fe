"""Back to the seed: a test instance as it was right after its directory was imported."""

from sqlalchemy import Engine, update

from idp.adapters.tables import (
    access_token,
    account,
    account_guardian,
    activation,
    audit,
    authorization_code,
    franceconnect_link,
    franceconnect_session,
    franceconnect_sign_in,
    identifiant,
    interaction,
    kinship,
    op_session,
    outbox,
    quota,
    refresh_token,
    registered_client,
    session_client,
    test_clock,
)
from idp.people.records import KinshipState

# Each before those that it refers to.
_EMPTIED = (
    access_token,
    refresh_token,
    authorization_code,
    session_client,
    franceconnect_session,
    op_session,
    franceconnect_sign_in,
    franceconnect_link,
    interaction,
    activation,
    registered_client,
    account_guardian,
    account,
    identifiant,
    quota,
    outbox,
    audit,
    test_clock,
)
_UNPROVE = (
    update(kinship)
    .where(kinship.c.state != KinshipState.DECLARED.value)
    .values(state=KinshipState.DECLARED.value, state_at=None)
)


def back_to_seed(engine: Engine) -> None:
    """Forget every account, journey, session, grant, registered client, counter, message and ledger line.

    What was proved or contested is undone, and the clock is no longer moved. The directory with its imports, and the signing keys, stay.
    One transaction: a test that fails in the middle finds all or nothing.

    Raises:
        sqlalchemy.exc.SQLAlchemyError: The database does not answer.
    """
    with engine.begin() as connection:
        for table in _EMPTIED:
            connection.execute(table.delete())
        connection.execute(_UNPROVE)
