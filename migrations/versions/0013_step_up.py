"""A second proof under way, with the request that asks for it.

Revision 0013, after 0012.
"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("interaction", sa.Column("step_up", sa.LargeBinary(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("interaction") as table:
        table.drop_column("step_up")
