"""The servers that tokens are for (RFC 8707), and access tokens that stand for a client alone (RFC 6749 section 4.4).

Revision 0012, after 0011. Going down forgets the latter: before, there is no place for them.
"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

_OF_A_PERSON = (
    ("session_id", sa.String(32)),
    ("account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite")),
    ("auth_time", sa.BigInteger()),
)
_ASKED = ("authorization_code", "refresh_token")


def upgrade() -> None:
    for name in _ASKED:
        op.add_column(name, sa.Column("resources", sa.Text(), nullable=True))
    op.add_column("consent", sa.Column("resources", sa.Text(), nullable=False, server_default=""))
    with op.batch_alter_table("access_token") as table:
        table.add_column(sa.Column("audience", sa.Text(), nullable=True))
        for column, kind in _OF_A_PERSON:
            table.alter_column(column, existing_type=kind, nullable=True)
        table.create_check_constraint(
            op.f("ck_access_token_person"),
            "(account_id IS NULL) = (session_id IS NULL) AND (account_id IS NULL) = (auth_time IS NULL)",
        )
        table.create_check_constraint(op.f("ck_access_token_use"), "account_id IS NOT NULL OR audience IS NOT NULL")


def downgrade() -> None:
    # A token for another server would be taken for one for userinfo.
    op.execute("DELETE FROM access_token WHERE audience IS NOT NULL")
    with op.batch_alter_table("access_token") as table:
        table.drop_constraint(op.f("ck_access_token_use"), type_="check")
        table.drop_constraint(op.f("ck_access_token_person"), type_="check")
        for column, kind in _OF_A_PERSON:
            table.alter_column(column, existing_type=kind, nullable=False)
        table.drop_column("audience")
    for name in (*_ASKED, "consent"):
        with op.batch_alter_table(name) as table:
            table.drop_column("resources")
