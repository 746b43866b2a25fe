"""Authorization requests that clients pushed (RFC 9126), and the claims that a request asked for one by one.

Revision 0007, after 0006.
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_WITH_CLAIMS = ("authorization_code", "access_token")


def upgrade() -> None:
    op.create_table(
        "pushed_request",
        sa.Column("key", sa.String(64), nullable=False),
        sa.Column("client_id", sa.String(100), nullable=False),
        sa.Column("request", sa.LargeBinary(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_pushed_request")),
    )
    op.create_index(op.f("ix_pushed_request_expires_at"), "pushed_request", ["expires_at"])
    for name in _WITH_CLAIMS:
        op.add_column(name, sa.Column("claims", sa.Text(), nullable=True))


def downgrade() -> None:
    for name in _WITH_CLAIMS:
        with op.batch_alter_table(name) as table:
            table.drop_column("claims")
    op.drop_index(op.f("ix_pushed_request_expires_at"), "pushed_request")
    op.drop_table("pushed_request")
