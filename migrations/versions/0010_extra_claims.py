"""What testers make up of fictional persons: standard claims beside what a directory holds.

Revision 0010, after 0009.
"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "extra_claims",
        sa.Column("account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("claims", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_extra_claims_account_id_account")),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_extra_claims")),
    )


def downgrade() -> None:
    op.drop_table("extra_claims")
