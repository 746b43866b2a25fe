"""The language of an account's person, for texts and mails.

Revision 0022, after 0021.
"""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("account", sa.Column("language", sa.String(8), nullable=False, server_default="fr"))


def downgrade() -> None:
    op.drop_column("account", "language")
