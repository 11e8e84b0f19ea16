"""Makes the audit of what mentors ask the copilot."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from chassis.migrations import enable_rls

revision = "20260307_copilot"
down_revision = "20260306_reviews"


def upgrade() -> None:
    """Makes the tables with their policies."""
    _make_copilot_calls()
    enable_rls(op, "coach", "copilot_calls", "member_id")


def _make_copilot_calls() -> None:
    op.create_table(
        "copilot_calls",
        sa.Column("advice_id", sa.Uuid, primary_key=True),
        sa.Column("member_id", sa.Uuid, nullable=False),
        sa.Column("mentor_id", sa.Uuid, nullable=False),
        sa.Column("mode", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("context_used", JSONB, nullable=False),
        sa.Column("provider", sa.Text),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True)),
        sa.CheckConstraint("state IN ('asked', 'answered', 'failed')", name="copilot_calls_state_check"),
        sa.CheckConstraint(
            "mode IN ('quick_check', 'deep_dive', 'risk_intervention')", name="copilot_calls_mode_check"
        ),
        schema="coach",
    )
    op.create_index("copilot_calls_member_idx", "copilot_calls", ["member_id", "created_at"], schema="coach")
