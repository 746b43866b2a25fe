"""The first tables: directory, accounts, journeys, sessions and grants, ledger, quotas, outbox.

Times are whole microseconds since 1970 in UTC. Revision 0001, after none.
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_moment = sa.BigInteger()
# SQLite numbers rows by itself only in a column of type INTEGER.
_serial = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

_TABLES = (
    "school",
    "pupil",
    "guardian",
    "kinship",
    "import_run",
    "account",
    "account_guardian",
    "identifiant",
    "activation",
    "interaction",
    "op_session",
    "session_client",
    "authorization_code",
    "access_token",
    "signing_key",
    "audit",
    "quota",
    "outbox",
    "test_clock",
)


def upgrade() -> None:
    _make_directory()
    _make_accounts()
    _make_journeys()
    _make_sessions_and_grants()
    _make_records()


def downgrade() -> None:
    for table in reversed(_TABLES):
        op.drop_table(table)  # with its indexes


def _make_directory() -> None:
    """The directory, as the school sends it."""
    op.create_table(
        "school",
        sa.Column("id", _serial, nullable=False),
        sa.Column("academy", sa.String(length=8), nullable=False),
        sa.Column("jointure", sa.String(length=64), nullable=False),
        sa.Column("uai", sa.String(length=16), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("degree", sa.Integer(), nullable=False),
        sa.Column("town", sa.String(length=100), nullable=False),
        sa.Column("phone", sa.String(length=32), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_school")),
        sa.UniqueConstraint("academy", "jointure", name=op.f("uq_school_academy_jointure")),
    )
    op.create_table(
        "pupil",
        sa.Column("id", _serial, nullable=False),
        sa.Column("academy", sa.String(length=8), nullable=False),
        sa.Column("jointure", sa.String(length=64), nullable=False),
        sa.Column("school_jointure", sa.String(length=64), nullable=False),
        sa.Column("family_name", sa.String(length=100), nullable=False),
        sa.Column("given_name", sa.String(length=100), nullable=False),
        sa.Column("birth_date", sa.Date(), nullable=False),
        sa.Column("ine", sa.String(length=16), nullable=False),
        sa.Column("level", sa.String(length=16), nullable=False),
        sa.Column("class_name", sa.String(length=64), nullable=False),
        sa.Column("present", sa.Boolean(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pupil")),
        sa.UniqueConstraint("academy", "jointure", name=op.f("uq_pupil_academy_jointure")),
    )
    op.create_table(
        "guardian",
        sa.Column("id", _serial, nullable=False),
        sa.Column("academy", sa.String(length=8), nullable=False),
        sa.Column("jointure", sa.String(length=64), nullable=False),
        sa.Column("family_name", sa.String(length=100), nullable=False),
        sa.Column("birth_name", sa.String(length=100), nullable=False),
        sa.Column("given_names", sa.String(length=300), nullable=False),
        sa.Column("title", sa.String(length=8), nullable=False),
        sa.Column("mobile", sa.String(length=20), nullable=False),
        sa.Column("present", sa.Boolean(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_guardian")),
        sa.UniqueConstraint("academy", "jointure", name=op.f("uq_guardian_academy_jointure")),
    )
    op.create_index(op.f("ix_guardian_mobile"), "guardian", ["mobile"])
    op.create_table(
        "kinship",
        sa.Column("id", _serial, nullable=False),
        sa.Column("academy", sa.String(length=8), nullable=False),
        sa.Column("guardian_jointure", sa.String(length=64), nullable=False),
        sa.Column("pupil_jointure", sa.String(length=64), nullable=False),
        sa.Column("relation", sa.String(length=8), nullable=False),
        sa.Column("legal_level", sa.String(length=4), nullable=False),
        sa.Column("legal", sa.Boolean(), nullable=False),
        sa.Column("present", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("state_at", _moment, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_kinship")),
        sa.UniqueConstraint(
            "academy",
            "guardian_jointure",
            "pupil_jointure",
            name=op.f("uq_kinship_academy_guardian_jointure_pupil_jointure"),
        ),
    )
    op.create_index("ix_kinship_pupil", "kinship", ["academy", "pupil_jointure"])
    op.create_table(
        "import_run",
        sa.Column("id", _serial, nullable=False),
        sa.Column("started_at", _moment, nullable=False),
        sa.Column("ended_at", _moment, nullable=True),
        sa.Column("report", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_run")),
    )


def _make_accounts() -> None:
    """Activated accounts."""
    op.create_table(
        "account",
        sa.Column("id", _serial, nullable=False),
        sa.Column("identifiant", sa.String(length=64), nullable=False),
        sa.Column("subject_seed", sa.String(length=64), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=True),
        sa.Column("family_name", sa.String(length=100), nullable=False),
        sa.Column("given_name", sa.String(length=100), nullable=False),
        sa.Column("created_at", _moment, nullable=False),
        sa.Column("password_at", _moment, nullable=True),
        sa.Column("signed_in_at", _moment, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account")),
        sa.UniqueConstraint("identifiant", name=op.f("uq_account_identifiant")),
        sa.UniqueConstraint("subject_seed", name=op.f("uq_account_subject_seed")),
    )
    op.create_table(
        "account_guardian",
        sa.Column("guardian_id", _serial, autoincrement=False, nullable=False),
        sa.Column("account_id", _serial, nullable=False),
        sa.Column("proved_at", _moment, nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_account_guardian_account_id_account")),
        sa.ForeignKeyConstraint(
            ["guardian_id"], ["guardian.id"], name=op.f("fk_account_guardian_guardian_id_guardian")
        ),
        sa.PrimaryKeyConstraint("guardian_id", name=op.f("pk_account_guardian")),
    )
    op.create_index(op.f("ix_account_guardian_account_id"), "account_guardian", ["account_id"])
    op.create_table(
        "identifiant",
        sa.Column("value", sa.String(length=64), nullable=False),
        sa.Column("reserved_at", _moment, nullable=False),
        sa.PrimaryKeyConstraint("value", name=op.f("pk_identifiant")),
    )


def _make_journeys() -> None:
    """What persons are in the middle of."""
    op.create_table(
        "activation",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("browser_hash", sa.String(length=64), nullable=False),
        sa.Column("former_browser_hash", sa.String(length=64), nullable=True),
        sa.Column("turn", sa.Integer(), nullable=False),
        sa.Column("step", sa.String(length=20), nullable=False),
        sa.Column("reference", sa.String(length=8), nullable=False),
        sa.Column("interaction_id", sa.String(length=32), nullable=True),
        sa.Column("state", sa.LargeBinary(), nullable=False),
        sa.Column("last_answer", sa.LargeBinary(), nullable=True),
        sa.Column("created_at", _moment, nullable=False),
        sa.Column("touched_at", _moment, nullable=False),
        sa.Column("expires_at", _moment, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_activation")),
        sa.UniqueConstraint("browser_hash", name=op.f("uq_activation_browser_hash")),
    )
    op.create_index(op.f("ix_activation_expires_at"), "activation", ["expires_at"])
    op.create_index(op.f("ix_activation_former_browser_hash"), "activation", ["former_browser_hash"])
    op.create_index(op.f("ix_activation_reference"), "activation", ["reference"])
    op.create_table(
        "interaction",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("handle_hash", sa.String(length=64), nullable=False),
        sa.Column("browser_hash", sa.String(length=64), nullable=False),
        sa.Column("client_id", sa.String(length=100), nullable=True),
        sa.Column("request", sa.LargeBinary(), nullable=True),
        sa.Column("profile", sa.String(length=12), nullable=True),
        sa.Column("turn", sa.Integer(), nullable=False),
        sa.Column("last_answer", sa.LargeBinary(), nullable=True),
        sa.Column("session_id", sa.String(length=32), nullable=True),
        sa.Column("created_at", _moment, nullable=False),
        sa.Column("expires_at", _moment, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_interaction")),
        sa.UniqueConstraint("handle_hash", name=op.f("uq_interaction_handle_hash")),
    )
    op.create_index(op.f("ix_interaction_expires_at"), "interaction", ["expires_at"])


def _make_sessions_and_grants() -> None:
    """Signed-in browsers and what was issued for them."""
    op.create_table(
        "op_session",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("secret_hash", sa.String(length=64), nullable=False),
        sa.Column("account_id", _serial, nullable=False),
        sa.Column("auth_time", _moment, nullable=False),
        sa.Column("acr", sa.String(length=64), nullable=False),
        sa.Column("amr", sa.String(length=64), nullable=False),
        sa.Column("touched_at", _moment, nullable=False),
        sa.Column("expires_at", _moment, nullable=False),
        sa.Column("ended_at", _moment, nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_op_session_account_id_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_op_session")),
        sa.UniqueConstraint("secret_hash", name=op.f("uq_op_session_secret_hash")),
    )
    op.create_index(op.f("ix_op_session_account_id"), "op_session", ["account_id"])
    op.create_index(op.f("ix_op_session_expires_at"), "op_session", ["expires_at"])
    op.create_table(
        "session_client",
        sa.Column("session_id", sa.String(length=32), nullable=False),
        sa.Column("client_id", sa.String(length=100), nullable=False),
        sa.Column("first_at", _moment, nullable=False),
        sa.ForeignKeyConstraint(
            ["session_id"], ["op_session.id"], name=op.f("fk_session_client_session_id_op_session")
        ),
        sa.PrimaryKeyConstraint("session_id", "client_id", name=op.f("pk_session_client")),
    )
    op.create_table(
        "authorization_code",
        sa.Column("code_hash", sa.String(length=64), nullable=False),
        sa.Column("family", sa.String(length=32), nullable=False),
        sa.Column("client_id", sa.String(length=100), nullable=False),
        sa.Column("session_id", sa.String(length=32), nullable=False),
        sa.Column("account_id", _serial, nullable=False),
        sa.Column("redirect_uri", sa.Text(), nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("nonce", sa.Text(), nullable=True),
        sa.Column("code_challenge", sa.String(length=128), nullable=True),
        sa.Column("acr", sa.String(length=64), nullable=False),
        sa.Column("amr", sa.String(length=64), nullable=False),
        sa.Column("auth_time", _moment, nullable=False),
        sa.Column("issued_at", _moment, nullable=False),
        sa.Column("expires_at", _moment, nullable=False),
        sa.Column("used_at", _moment, nullable=True),
        sa.Column("revoked_at", _moment, nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_authorization_code_account_id_account")),
        sa.ForeignKeyConstraint(
            ["session_id"], ["op_session.id"], name=op.f("fk_authorization_code_session_id_op_session")
        ),
        sa.PrimaryKeyConstraint("code_hash", name=op.f("pk_authorization_code")),
    )
    op.create_index(op.f("ix_authorization_code_expires_at"), "authorization_code", ["expires_at"])
    op.create_index(op.f("ix_authorization_code_family"), "authorization_code", ["family"])
    op.create_index(op.f("ix_authorization_code_session_id"), "authorization_code", ["session_id"])
    op.create_table(
        "access_token",
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("family", sa.String(length=32), nullable=False),
        sa.Column("client_id", sa.String(length=100), nullable=False),
        sa.Column("session_id", sa.String(length=32), nullable=False),
        sa.Column("account_id", _serial, nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("auth_time", _moment, nullable=False),
        sa.Column("issued_at", _moment, nullable=False),
        sa.Column("expires_at", _moment, nullable=False),
        sa.Column("revoked_at", _moment, nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_access_token_account_id_account")),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_access_token")),
    )
    op.create_index(op.f("ix_access_token_expires_at"), "access_token", ["expires_at"])
    op.create_index(op.f("ix_access_token_family"), "access_token", ["family"])
    op.create_index(op.f("ix_access_token_session_id"), "access_token", ["session_id"])
    op.create_table(
        "signing_key",
        sa.Column("kid", sa.String(length=64), nullable=False),
        sa.Column("algorithm", sa.String(length=8), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("created_at", _moment, nullable=False),
        sa.Column("retired_at", _moment, nullable=True),
        sa.PrimaryKeyConstraint("kid", name=op.f("pk_signing_key")),
    )


def _make_records() -> None:
    """What is remembered and what is sent."""
    op.create_table(
        "audit",
        sa.Column("id", _serial, nullable=False),
        sa.Column("at", _moment, nullable=False),
        sa.Column("event", sa.String(length=64), nullable=False),
        sa.Column("reference", sa.String(length=8), nullable=False),
        sa.Column("account_id", _serial, nullable=True),
        sa.Column("client_id", sa.String(length=100), nullable=True),
        sa.Column("details", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit")),
    )
    op.create_index(op.f("ix_audit_account_id"), "audit", ["account_id"])
    op.create_index(op.f("ix_audit_reference"), "audit", ["reference"])
    op.create_table(
        "quota",
        sa.Column("key", sa.String(length=96), nullable=False),
        sa.Column("used", sa.Integer(), nullable=False),
        sa.Column("resets_at", _moment, nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_quota")),
    )
    op.create_index(op.f("ix_quota_resets_at"), "quota", ["resets_at"])
    op.create_table(
        "outbox",
        sa.Column("id", _serial, nullable=False),
        sa.Column("channel", sa.String(length=8), nullable=False),
        sa.Column("recipient", sa.LargeBinary(), nullable=True),
        sa.Column("recipient_hash", sa.String(length=64), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=True),
        sa.Column("created_at", _moment, nullable=False),
        sa.Column("due_at", _moment, nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("sent_at", _moment, nullable=True),
        sa.Column("failed_at", _moment, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox")),
    )
    op.create_index(op.f("ix_outbox_due_at"), "outbox", ["due_at"])
    op.create_index(op.f("ix_outbox_recipient_hash"), "outbox", ["recipient_hash"])
    op.create_table(
        "test_clock",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("offset_us", sa.BigInteger(), nullable=False),
        sa.Column("frozen_at", _moment, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_test_clock")),
    )
