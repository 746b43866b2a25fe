"""What goes wrong on purpose on a test instance: armed faults, and the sign-ins that a `login_hint` ties to one.

Revision 0015, after 0014.
"""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

_SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "armed_fault",
        sa.Column("id", _SERIAL, nullable=False),
        sa.Column("fault", sa.String(64), nullable=False),
        sa.Column("client_id", sa.String(100), nullable=True),
        sa.Column("identifiant", sa.String(64), nullable=True),
        sa.Column("endpoint", sa.String(32), nullable=True),
        sa.Column("options", sa.Text(), nullable=False),
        sa.Column("times", sa.Integer(), nullable=True),
        sa.Column("struck", sa.Integer(), nullable=False),
        sa.Column("armed_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_armed_fault")),
    )
    op.create_table(
        "fault_flow",
        sa.Column("key", sa.String(64), nullable=False),
        sa.Column("armed_id", _SERIAL, nullable=False),
        sa.ForeignKeyConstraint(["armed_id"], ["armed_fault.id"], name=op.f("fk_fault_flow_armed_id_armed_fault")),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_fault_flow")),
    )
    op.create_index(op.f("ix_fault_flow_armed_id"), "fault_flow", ["armed_id"])


def downgrade() -> None:
    op.drop_table("fault_flow")
    op.drop_table("armed_fault")
