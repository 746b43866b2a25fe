"""Codes and access tokens found by their account: whoever removed an account, or changed its password, read all of them.

Revision 0028, after 0025.
"""

from alembic import op

revision = "0028"
down_revision = "0025"
branch_labels = None
depends_on = None

_TABLES = ("authorization_code", "access_token")


def upgrade() -> None:
    for table in _TABLES:
        op.create_index(op.f(f"ix_{table}_account_id"), table, ["account_id"])


def downgrade() -> None:
    for table in _TABLES:
        op.drop_index(op.f(f"ix_{table}_account_id"), table_name=table)
