"""A sign of life of the process that sends messages, and an index of the messages that wait, not of all that were ever sent.

Revision 0002, after 0001.
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_WAITS = sa.text("sent_at IS NULL AND failed_at IS NULL")


def upgrade() -> None:
    op.create_table(
        "outbox_sender",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("seen_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox_sender")),
    )
    op.drop_index(op.f("ix_outbox_due_at"), "outbox")
    op.create_index("ix_outbox_waiting", "outbox", ["due_at"], sqlite_where=_WAITS, postgresql_where=_WAITS)


def downgrade() -> None:
    op.drop_index("ix_outbox_waiting", "outbox")
    op.create_index(op.f("ix_outbox_due_at"), "outbox", ["due_at"])
    op.drop_table("outbox_sender")
