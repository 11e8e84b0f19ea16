"""Makes the platform's tables, accounts and sessions."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from chassis.migrations import platform_v1

revision = "20260301_accounts"
down_revision = None


def upgrade() -> None:
    """Makes all tables; one login alone may reach accounts and sessions, and may not delete accounts."""
    platform_v1(op, "gateway")
    _make_accounts()
    _make_sessions()
    op.execute("REVOKE ALL ON gateway.accounts, gateway.sessions FROM gateway_system")
    op.execute("REVOKE DELETE ON gateway.accounts FROM gateway_app")


def _make_accounts() -> None:
    op.create_table(
        "accounts",
        sa.Column("member_id", sa.Uuid, primary_key=True),
        sa.Column("email", sa.Text, nullable=False, unique=True),
        sa.Column("password_hash", sa.Text, nullable=False),
        sa.Column("roles", ARRAY(sa.Text), nullable=False),
        sa.Column("pending_profile", JSONB),
        sa.Column("not_before", sa.DateTime(timezone=True)),
        sa.Column("closed_at", sa.DateTime(timezone=True)),
        sa.Column("registration_key", sa.Text),
        sa.Column("registration_fingerprint", sa.LargeBinary),
        sa.Column("create_time", sa.DateTime(timezone=True), nullable=False),
        sa.Column("update_time", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("email = lower(email) AND char_length(email) BETWEEN 3 AND 254", name="accounts_email_form"),
        sa.CheckConstraint(
            "roles <@ ARRAY['member', 'mentor', 'admin'] AND 'member' = ANY (roles)", name="accounts_roles"
        ),
        sa.CheckConstraint("char_length(registration_key) <= 255", name="accounts_registration_key_length"),
        schema="gateway",
    )
    for name, column in (("not_before", "not_before"), ("closed_at", "closed_at"), ("pending", "create_time")):
        present = "pending_profile" if name == "pending" else column
        op.create_index(
            f"accounts_{name}",
            "accounts",
            [column],
            schema="gateway",
            postgresql_where=sa.text(f"{present} IS NOT NULL"),
        )


def _make_sessions() -> None:
    op.create_table(
        "sessions",
        sa.Column("family_id", sa.Uuid, primary_key=True),
        sa.Column(
            "member_id", sa.Uuid, sa.ForeignKey("gateway.accounts.member_id", ondelete="CASCADE"), nullable=False
        ),
        sa.Column("number", sa.Integer, nullable=False, server_default=sa.text("1")),
        sa.Column("rotated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("create_time", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True)),
        sa.Column("ended_because", sa.Text),
        sa.Column("opened_key", sa.Text),
        sa.CheckConstraint("number > 0", name="sessions_number"),
        sa.CheckConstraint("(ended_at IS NULL) = (ended_because IS NULL)", name="sessions_end"),
        sa.CheckConstraint("ended_because IN ('logout', 'reuse', 'expired')", name="sessions_ended_because"),
        schema="gateway",
    )
    op.create_index("sessions_member", "sessions", ["member_id"], schema="gateway")
    op.create_index(
        "sessions_ended_at",
        "sessions",
        ["ended_at"],
        schema="gateway",
        postgresql_where=sa.text("ended_at IS NOT NULL"),
    )
    op.create_index(
        "sessions_opened_key",
        "sessions",
        ["member_id", "opened_key"],
        unique=True,
        schema="gateway",
        postgresql_where=sa.text("opened_key IS NOT NULL"),
    )
