"""The keys that codes and tokens are bound to (RFC 9449).

Revision 0008, after 0007.
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_BOUND = ("authorization_code", "access_token", "refresh_token")


def upgrade() -> None:
    for name in _BOUND:
        op.add_column(name, sa.Column("jkt", sa.String(43), nullable=True))


def downgrade() -> None:
    for name in _BOUND:
        with op.batch_alter_table(name) as table:
            table.drop_column("jkt")
