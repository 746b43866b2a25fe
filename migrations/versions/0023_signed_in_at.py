"""When a session was signed in, where a second proof has moved its `auth_time` since.

Revision 0023, after 0019.
"""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("op_session", sa.Column("signed_in_at", sa.BigInteger(), nullable=True))


def downgrade() -> None:
    op.drop_column("op_session", "signed_in_at")
