"""Children that an import added or took away, and what a session is asked before it goes on.

Revision 0020, after 0023.
"""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0023"
branch_labels = None
depends_on = None

_OF_SESSION = "fk_session_question_session_id_op_session"
_SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "link_news",
        sa.Column(
            "account_id",
            _SERIAL,
            sa.ForeignKey("account.id", name=op.f("fk_link_news_account_id_account")),
            nullable=False,
        ),
        sa.Column(
            "kinship_id",
            _SERIAL,
            sa.ForeignKey("kinship.id", name=op.f("fk_link_news_kinship_id_kinship")),
            nullable=False,
        ),
        sa.Column("kind", sa.String(8), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("told_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("account_id", "kinship_id", "kind", name=op.f("pk_link_news")),
    )
    op.create_index(op.f("ix_link_news_kinship_id"), "link_news", ["kinship_id"])
    op.create_index(op.f("ix_link_news_told_at"), "link_news", ["told_at"])
    op.create_table(
        "session_question",
        sa.Column(
            "session_id",
            sa.String(32),
            sa.ForeignKey("op_session.id", name=op.f(_OF_SESSION)),
            nullable=False,
        ),
        sa.Column("question", sa.String(16), nullable=False),
        sa.Column("turn", sa.Integer(), nullable=False),
        sa.Column("state", sa.LargeBinary(), nullable=False),
        sa.Column("last_answer", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("session_id", "question", name=op.f("pk_session_question")),
    )
    op.add_column("op_session", sa.Column("asks", sa.String(32), nullable=False, server_default=""))


def downgrade() -> None:
    # Not by a copy of the table, which others refer to.
    op.drop_column("op_session", "asks")
    op.drop_table("session_question")
    op.drop_table("link_news")
