"""The table of recoveries under way (owner: adapters/recoveries.py)."""

from sqlalchemy import Column, Integer, LargeBinary, String, Table

from idp.adapters.tables import Moment, metadata

recovery = Table(
    "recovery",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("browser_hash", String(64), nullable=False, unique=True),  # keyed hash of the cookie's secret
    # The secret before the last proof, for a doubled POST.
    Column("former_browser_hash", String(64), nullable=True, index=True),
    Column("turn", Integer, nullable=False),  # one up at each accepted POST: the single-use step token
    Column("step", String(20), nullable=False),  # journeys.recovery_answers.RecoveryStep
    Column("reference", String(8), nullable=False),  # read out on the phone to the office
    Column("link_hash", String(64), nullable=True, unique=True),  # keyed hash of what the mailed link ends with
    Column("state", LargeBinary, nullable=False),  # sealed JSON of journeys.recovery_state
    Column("last_answer", LargeBinary, nullable=True),  # sealed JSON of journeys.turns.LastAnswer
    Column("created_at", Moment, nullable=False),
    Column("touched_at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False, index=True),
)
