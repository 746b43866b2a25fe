"""Clients that register by themselves, or by a command: those that no settings file names.

Revision 0009, after 0008.
"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "registered_client",
        sa.Column("client_id", sa.String(100), nullable=False),
        sa.Column("client_secret_hash", sa.String(64), nullable=True),
        sa.Column("registration_token_hash", sa.String(64), nullable=True),
        sa.Column("public_origins", sa.Text(), nullable=False),
        sa.Column("issued_at", sa.BigInteger(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("metadata", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("client_id", name=op.f("pk_registered_client")),
    )
    op.create_index(op.f("ix_registered_client_issued_at"), "registered_client", ["issued_at"])


def downgrade() -> None:
    op.drop_index(op.f("ix_registered_client_issued_at"), "registered_client")
    op.drop_table("registered_client")
