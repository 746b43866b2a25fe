"""Links with FranceConnect, sign-ins under way there, and what a session needs to sign out there.

Revision 0004, after 0003.
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "franceconnect_link",
        sa.Column("issuer", sa.String(255), nullable=False),
        sa.Column("sub", sa.String(255), nullable=False),
        sa.Column("account_id", _SERIAL, nullable=False),
        sa.Column("identity_hash", sa.String(64), nullable=False),
        sa.Column("linked_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_franceconnect_link_account_id_account")),
        sa.PrimaryKeyConstraint("issuer", "sub", name=op.f("pk_franceconnect_link")),
        sa.UniqueConstraint("account_id", name=op.f("uq_franceconnect_link_account_id")),
    )
    op.create_index(op.f("ix_franceconnect_link_identity_hash"), "franceconnect_link", ["identity_hash"])
    op.create_table(
        "franceconnect_sign_in",
        sa.Column("key", sa.String(64), nullable=False),
        sa.Column("value", sa.LargeBinary(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_franceconnect_sign_in")),
    )
    op.create_index(op.f("ix_franceconnect_sign_in_expires_at"), "franceconnect_sign_in", ["expires_at"])
    op.create_table(
        "franceconnect_session",
        sa.Column("session_id", sa.String(32), nullable=False),
        sa.Column("id_token", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["session_id"], ["op_session.id"], name=op.f("fk_franceconnect_session_session_id_op_session")
        ),
        sa.PrimaryKeyConstraint("session_id", name=op.f("pk_franceconnect_session")),
    )


def downgrade() -> None:
    op.drop_table("franceconnect_session")
    op.drop_index(op.f("ix_franceconnect_sign_in_expires_at"), "franceconnect_sign_in")
    op.drop_table("franceconnect_sign_in")
    op.drop_index(op.f("ix_franceconnect_link_identity_hash"), "franceconnect_link")
    op.drop_table("franceconnect_link")
