"""Where records come from, links that wait for their pupil, and when a mobile number changed.

What is kept before is of AAF, second degree. `rattach_id` and `names_hash` of pupils stay empty until their next import, which finds
every record modified. Back to 0002, records of other origins and links between origins are lost: 0002 has no place for them.
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_serial = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_moment = sa.BigInteger()


def upgrade() -> None:
    op.create_index("ix_school_uai", "school", ["academy", "uai"])
    _upgrade_pupils()
    _put_accounts_aside()
    with op.batch_alter_table("guardian") as table:
        table.add_column(_origin("origin"))
        table.add_column(sa.Column("mobile_changed_at", _moment, nullable=True))
        table.drop_constraint("uq_guardian_academy_jointure", type_="unique")
        table.create_unique_constraint("uq_guardian_academy_origin_jointure", ["academy", "origin", "jointure"])
    _put_accounts_back()
    _upgrade_kinships()
    _make_stated_links()


def downgrade() -> None:
    op.drop_table("stated_link")
    op.execute("DELETE FROM kinship WHERE guardian_origin <> 'aaf2d' OR pupil_origin <> 'aaf2d'")
    op.drop_index("ix_kinship_pupil", "kinship")
    with op.batch_alter_table("kinship") as table:
        table.drop_constraint("uq_kinship_ends", type_="unique")
        for name in ("guardian_origin", "pupil_origin", "stated_by"):
            table.drop_column(name)
        table.create_unique_constraint(
            "uq_kinship_academy_guardian_jointure_pupil_jointure", ["academy", "guardian_jointure", "pupil_jointure"]
        )
    op.create_index("ix_kinship_pupil", "kinship", ["academy", "pupil_jointure"])
    op.execute("DELETE FROM account_guardian WHERE guardian_id IN (SELECT id FROM guardian WHERE origin <> 'aaf2d')")
    op.execute("DELETE FROM guardian WHERE origin <> 'aaf2d'")
    _put_accounts_aside()
    with op.batch_alter_table("guardian") as table:
        table.drop_constraint("uq_guardian_academy_origin_jointure", type_="unique")
        table.drop_column("origin")
        table.drop_column("mobile_changed_at")
        table.create_unique_constraint("uq_guardian_academy_jointure", ["academy", "jointure"])
    _put_accounts_back()
    _downgrade_pupils()
    op.drop_index("ix_school_uai", "school")


def _origin(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.String(length=8), nullable=False, server_default="aaf2d")


def _upgrade_pupils() -> None:
    with op.batch_alter_table("pupil") as table:
        table.add_column(_origin("origin"))
        table.add_column(sa.Column("rattach_id", sa.String(length=64), nullable=False, server_default=""))
        table.add_column(sa.Column("names_hash", sa.String(length=64), nullable=False, server_default=""))
        table.drop_constraint("uq_pupil_academy_jointure", type_="unique")
        table.create_unique_constraint("uq_pupil_academy_origin_jointure", ["academy", "origin", "jointure"])
    op.create_index("ix_pupil_school", "pupil", ["academy", "school_jointure"])
    op.create_index("ix_pupil_rattach", "pupil", ["academy", "rattach_id"])
    op.create_index("ix_pupil_names", "pupil", ["academy", "names_hash"])


def _downgrade_pupils() -> None:
    op.execute("DELETE FROM pupil WHERE origin <> 'aaf2d'")
    for name in ("ix_pupil_school", "ix_pupil_rattach", "ix_pupil_names"):
        op.drop_index(name, "pupil")
    with op.batch_alter_table("pupil") as table:
        table.drop_constraint("uq_pupil_academy_origin_jointure", type_="unique")
        for name in ("origin", "rattach_id", "names_hash"):
            table.drop_column(name)
        table.create_unique_constraint("uq_pupil_academy_jointure", ["academy", "jointure"])


def _upgrade_kinships() -> None:
    op.drop_index("ix_kinship_pupil", "kinship")
    with op.batch_alter_table("kinship") as table:
        table.add_column(_origin("guardian_origin"))
        table.add_column(_origin("pupil_origin"))
        table.add_column(sa.Column("stated_by", sa.String(length=8), nullable=False, server_default="pupil"))
        table.drop_constraint("uq_kinship_academy_guardian_jointure_pupil_jointure", type_="unique")
        table.create_unique_constraint(
            "uq_kinship_ends",
            ["academy", "guardian_origin", "guardian_jointure", "pupil_origin", "pupil_jointure"],
        )
    op.create_index("ix_kinship_pupil", "kinship", ["academy", "pupil_origin", "pupil_jointure"])
    # 0001 said so by an empty relation.
    op.execute("UPDATE kinship SET stated_by = '' WHERE relation = ''")


def _make_stated_links() -> None:
    op.create_table(
        "stated_link",
        sa.Column("id", _serial, nullable=False),
        sa.Column("academy", sa.String(length=8), nullable=False),
        sa.Column("origin", sa.String(length=8), nullable=False),
        sa.Column("guardian_jointure", sa.String(length=64), nullable=False),
        sa.Column("stated_in", sa.String(length=16), nullable=False),
        sa.Column("pupil_key", sa.String(length=8), nullable=False),
        sa.Column("pupil_value", sa.String(length=64), nullable=False),
        sa.Column("pupil_uai", sa.String(length=16), nullable=False),
        sa.Column("relation", sa.String(length=8), nullable=False),
        sa.Column("legal_level", sa.String(length=4), nullable=False),
        sa.Column("legal", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("pupil_origin", sa.String(length=8), nullable=False),
        sa.Column("pupil_jointure", sa.String(length=64), nullable=False),
        sa.Column("file", sa.String(length=200), nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stated_link")),
        sa.UniqueConstraint(
            "academy",
            "origin",
            "guardian_jointure",
            "stated_in",
            "pupil_key",
            "pupil_value",
            "pupil_uai",
            name="uq_stated_link_key",
        ),
    )
    op.create_index("ix_stated_link_value", "stated_link", ["academy", "pupil_key", "pupil_value"])
    op.create_index("ix_stated_link_pupil", "stated_link", ["academy", "pupil_origin", "pupil_jointure"])
    op.create_index("ix_stated_link_state", "stated_link", ["academy", "state", "id"])


def _put_accounts_aside() -> None:
    """SQLite changes a table by dropping it, and drops none that other rows point to."""
    if op.get_bind().dialect.name == "sqlite":
        op.execute("CREATE TABLE account_guardian_aside AS SELECT * FROM account_guardian")
        op.execute("DELETE FROM account_guardian")


def _put_accounts_back() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute(
            "INSERT INTO account_guardian (guardian_id, account_id, proved_at)"
            " SELECT guardian_id, account_id, proved_at FROM account_guardian_aside"
        )
        op.execute("DROP TABLE account_guardian_aside")
