"""Accounts that were grouped into another one of the same person, with what takes them apart again.

Revision 0025, after 0024.
"""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

_SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "account_group",
        sa.Column("account_id", _SERIAL, autoincrement=False, nullable=False),
        sa.Column("into_id", _SERIAL, nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.Column("set_aside", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_account_group_account_id_account")),
        sa.ForeignKeyConstraint(["into_id"], ["account.id"], name=op.f("fk_account_group_into_id_account")),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_account_group")),
    )
    op.create_index(op.f("ix_account_group_into_id"), "account_group", ["into_id"])


def downgrade() -> None:
    op.drop_table("account_group")
