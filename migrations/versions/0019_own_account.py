"""« Mon compte »: where to go after signing in, what device a session is on, the last form sent in it, and when an account closes.

Revision 0019, after 0017.
"""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("account", sa.Column("closes_at", sa.BigInteger(), nullable=True))
    op.add_column("interaction", sa.Column("page", sa.String(64), nullable=True))
    op.add_column("op_session", sa.Column("device", sa.String(32), nullable=False, server_default=""))
    op.add_column("op_session", sa.Column("form_turn", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("op_session", sa.Column("form_answer", sa.Text(), nullable=True))
    op.drop_index(op.f("ix_audit_account_id"), "audit")
    op.create_index(op.f("ix_audit_account_id_id"), "audit", ["account_id", "id"])


def downgrade() -> None:
    op.drop_index(op.f("ix_audit_account_id_id"), "audit")
    op.create_index(op.f("ix_audit_account_id"), "audit", ["account_id"])
    for table, columns in (
        ("op_session", ("form_answer", "form_turn", "device")),
        ("interaction", ("page",)),
        ("account", ("closes_at",)),
    ):
        for column in columns:
            op.drop_column(table, column)
