"""What only testers fill: empty on an instance for real people."""

from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, Integer, LargeBinary, String, Table, Text

from idp.adapters.tables import Moment, Serial, metadata

# Empty on an instance for real people (owner: adapters/extra_claims.py).
extra_claims = Table(
    "extra_claims",
    metadata,
    Column("account_id", Serial, ForeignKey("account.id"), primary_key=True, autoincrement=False),
    Column("claims", Text, nullable=False),  # JSON of protocol.standard_claims, made up by a tester
)

# Empty on an instance for real people (owner: adapters/seed.py).
seed = Table(
    "seed",
    metadata,
    Column("key", String(200), primary_key=True),  # family and guardian of a families document
    Column("state", Text, nullable=False),  # JSON of journeys.families.seed.SeedState
)

# Empty on an instance for real people (owner: adapters/armed_faults.py).
armed_fault = Table(
    "armed_fault",
    metadata,
    Column("id", Serial, primary_key=True),
    Column("fault", String(64), nullable=False),  # a name of idp.sandbox.faults.catalogue
    Column("client_id", String(100), nullable=True),  # whose answers alone; None: everybody's
    Column("identifiant", String(64), nullable=True),
    Column("endpoint", String(32), nullable=True),
    Column("options", Text, nullable=False),  # JSON
    Column("times", Integer, nullable=True),  # None: always
    Column("struck", Integer, nullable=False),
    Column("armed_at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=True),  # of one sign-in's own, by login_hint; None: armed by a tester
)

fault_flow = Table(
    "fault_flow",
    metadata,
    Column("key", String(64), primary_key=True),  # keyed hash of what names a sign-in under way, or its tokens
    Column("armed_id", Serial, ForeignKey("armed_fault.id"), nullable=False, index=True),
)

# Empty but on a test instance (owner: adapters/delivery_faults.py).
delivery_fault = Table(
    "delivery_fault",
    metadata,
    Column("id", Serial, primary_key=True),
    Column("recipient", LargeBinary, nullable=False),  # sealed
    Column("recipient_hash", String(64), nullable=False, index=True),
    Column("kind", String(12), nullable=False),  # adapters.delivery_faults.Kind
    Column("delay_seconds", Integer, nullable=False),  # of `delay`, else 0
    # 0 once spent. The row stays: texts to this number are on the phone once they were sent, and not before.
    Column("times_left", Integer, nullable=False),
)

# Empty but on a test instance (owner: adapters/snapshots.py).
snapshot = Table(
    "snapshot",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("saved_at", Moment, nullable=False),  # by the instance's clock
    Column("frozen", Boolean, nullable=False),  # whether that clock stood still
    Column("revision", String(32), nullable=False),  # of the tables
    Column("row_count", Integer, nullable=False),
    Column("content", LargeBinary, nullable=False),  # compressed JSON of rows; what is sealed stays so
)

# Empty but on a test instance that records (owner: adapters/recorded_exchanges.py).
recorded_exchange = Table(
    "recorded_exchange",
    metadata,
    Column("id", Serial, primary_key=True),
    Column("at", Moment, nullable=False),
    Column("client_id", String(100), nullable=True),
    Column("content", Text, nullable=False),  # JSON of sandbox.redaction: no secret
)

recorder_pause = Table(
    "recorder_pause",
    metadata,
    Column("id", Integer, primary_key=True),  # always 1; there while nothing is recorded
)

test_clock = Table(
    "test_clock",
    metadata,
    Column("id", Integer, primary_key=True),  # always 1
    Column("offset_us", BigInteger, nullable=False),
    Column("frozen_at", Moment, nullable=True),
)
