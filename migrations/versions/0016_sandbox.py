"""What testers ask for on a test instance: texts that go wrong on their way, the world kept under a name, requests recorded.

Revision 0016, after 0015.
"""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

_SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "delivery_fault",
        sa.Column("id", _SERIAL, nullable=False),
        sa.Column("recipient", sa.LargeBinary(), nullable=False),
        sa.Column("recipient_hash", sa.String(64), nullable=False),
        sa.Column("kind", sa.String(12), nullable=False),
        sa.Column("delay_seconds", sa.Integer(), nullable=False),
        sa.Column("times_left", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delivery_fault")),
    )
    op.create_index(op.f("ix_delivery_fault_recipient_hash"), "delivery_fault", ["recipient_hash"])
    op.create_table(
        "snapshot",
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("saved_at", sa.BigInteger(), nullable=False),
        sa.Column("frozen", sa.Boolean(), nullable=False),
        sa.Column("revision", sa.String(32), nullable=False),
        sa.Column("row_count", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_snapshot")),
    )
    op.create_table(
        "recorded_exchange",
        sa.Column("id", _SERIAL, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("client_id", sa.String(100), nullable=True),
        sa.Column("content", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recorded_exchange")),
    )
    op.create_table(
        "recorder_pause",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recorder_pause")),
    )


def downgrade() -> None:
    op.drop_table("recorder_pause")
    op.drop_table("recorded_exchange")
    op.drop_table("snapshot")
    op.drop_table("delivery_fault")
