"""Retention: since when an account is not known to be used, what its person was told, and up to when lines were forgotten.

Revision 0021, after 0018.
"""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0018"
branch_labels = None
depends_on = None

_SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_ASKED = sa.text("closes_at IS NOT NULL")


def upgrade() -> None:
    op.add_column("account", sa.Column("unused_since", sa.BigInteger(), nullable=True))
    op.execute("UPDATE account SET unused_since = COALESCE(signed_in_at, created_at)")
    op.create_index(op.f("ix_account_unused_since"), "account", ["unused_since"])
    op.create_index(
        op.f("ix_account_closes_at"),
        "account",
        ["closes_at"],
        sqlite_where=_ASKED,
        postgresql_where=_ASKED,
    )
    op.create_table(
        "closing_warning",
        sa.Column("account_id", _SERIAL, autoincrement=False, nullable=False),
        sa.Column("stage", sa.Integer(), nullable=False),
        sa.Column("warned_at", sa.BigInteger(), nullable=False),
        sa.Column("closes_at", sa.BigInteger(), nullable=False),
        sa.Column("look_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_closing_warning_account_id_account")),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_closing_warning")),
    )
    op.create_index(op.f("ix_closing_warning_look_at"), "closing_warning", ["look_at"])
    op.create_table(
        "purge_mark",
        sa.Column("trail", sa.String(8), nullable=False),
        sa.Column("before", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("trail", name=op.f("pk_purge_mark")),
    )


def downgrade() -> None:
    op.drop_table("purge_mark")
    op.drop_table("closing_warning")
    op.drop_index(op.f("ix_account_closes_at"), "account")
    op.drop_index(op.f("ix_account_unused_since"), "account")
    op.drop_column("account", "unused_since")
