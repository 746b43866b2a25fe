"""Recoveries under way: who has lost an identifiant or a password.

Revision 0018, after 0020.
"""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "recovery",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("browser_hash", sa.String(64), nullable=False),
        sa.Column("former_browser_hash", sa.String(64), nullable=True),
        sa.Column("turn", sa.Integer(), nullable=False),
        sa.Column("step", sa.String(20), nullable=False),
        sa.Column("reference", sa.String(8), nullable=False),
        sa.Column("link_hash", sa.String(64), nullable=True),
        sa.Column("state", sa.LargeBinary(), nullable=False),
        sa.Column("last_answer", sa.LargeBinary(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("touched_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recovery")),
        sa.UniqueConstraint("browser_hash", name=op.f("uq_recovery_browser_hash")),
        sa.UniqueConstraint("link_hash", name=op.f("uq_recovery_link_hash")),
    )
    op.create_index(op.f("ix_recovery_former_browser_hash"), "recovery", ["former_browser_hash"])
    op.create_index(op.f("ix_recovery_expires_at"), "recovery", ["expires_at"])


def downgrade() -> None:
    op.drop_table("recovery")
