"""What rotation has to know of a signing key: since when it signs, and until when it is published.

Keys that sign go on; whoever starts next makes the key that comes after each. A key that somebody had taken out of use by hand stays
published for a day. Back to 0004, two kinds go: keys that are not published any more, because 0004 publishes all, and those of
algorithms that it cannot read.

Revision 0006, after 0005.
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_NOW = {
    "sqlite": "CAST(strftime('%s', 'now') AS INTEGER) * 1000000",
    "postgresql": "CAST(EXTRACT(EPOCH FROM now()) * 1000000 AS BIGINT)",
}
_DAY = 24 * 3600 * 1_000_000
_SIGNS = sa.text("retired_at IS NULL AND signs_since IS NOT NULL")
_WAITS = sa.text("retired_at IS NULL AND signs_since IS NULL")


def upgrade() -> None:
    op.add_column("signing_key", sa.Column("signs_since", sa.BigInteger(), nullable=True))
    op.add_column("signing_key", sa.Column("published_until", sa.BigInteger(), nullable=True))
    now = _NOW[op.get_bind().dialect.name]
    op.execute("UPDATE signing_key SET signs_since = created_at")
    op.execute(
        f"UPDATE signing_key SET retired_at = COALESCE(retired_at, {now}), published_until = {now} + {_DAY} WHERE NOT active"  # noqa: S608  our own words
    )
    with op.batch_alter_table("signing_key") as table:
        table.drop_column("active")
    for name, which in (("uq_signing_key_active", _SIGNS), ("uq_signing_key_next", _WAITS)):
        op.create_index(name, "signing_key", ["algorithm"], unique=True, sqlite_where=which, postgresql_where=which)


def downgrade() -> None:
    for name in ("uq_signing_key_active", "uq_signing_key_next"):
        op.drop_index(name, "signing_key")
    op.execute(f"DELETE FROM signing_key WHERE published_until <= {_NOW[op.get_bind().dialect.name]}")  # noqa: S608  our own words
    op.execute("DELETE FROM signing_key WHERE algorithm NOT IN ('RS256', 'ES256')")
    with op.batch_alter_table("signing_key") as table:
        table.add_column(sa.Column("active", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.execute("UPDATE signing_key SET active = (retired_at IS NULL AND signs_since IS NOT NULL)")
    with op.batch_alter_table("signing_key") as table:
        table.alter_column("active", server_default=None)
        table.drop_column("signs_since")
        table.drop_column("published_until")
