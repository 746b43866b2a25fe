"""When a person last gave a child's birth date, and whether a tester wants her asked again.

Revision 0024, after 0022.
"""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("account", sa.Column("identity_at", sa.BigInteger(), nullable=True))
    op.add_column("account", sa.Column("identity_asked", sa.Boolean(), nullable=False, server_default=sa.false()))


def downgrade() -> None:
    op.drop_column("account", "identity_asked")
    op.drop_column("account", "identity_at")
