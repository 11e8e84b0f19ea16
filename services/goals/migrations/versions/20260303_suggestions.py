"""Keeps suggestions, and goals that wait for a plan."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from chassis.migrations import enable_rls

revision = "20260303_suggestions"
down_revision = "20260302_patterns_and_care"


def upgrade() -> None:
    """Makes both tables with their policies."""
    _make_suggestions()
    _make_plan_requests()
    enable_rls(op, "goals", "suggestions", "member_id", system="read")
    enable_rls(op, "goals", "plan_requests", "member_id", system="write")


def _make_suggestions() -> None:
    op.create_table(
        "suggestions",
        sa.Column("suggestion_id", sa.Uuid, primary_key=True),
        sa.Column("goal_id", sa.Uuid, nullable=False),
        sa.Column("member_id", sa.Uuid, nullable=False),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("summary", sa.Text, nullable=False),
        sa.Column("operations", JSONB, nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True)),
        sa.ForeignKeyConstraint(
            ["goal_id", "member_id"], ["goals.goals.goal_id", "goals.goals.member_id"], name="suggestions_goal_fkey"
        ),
        sa.CheckConstraint("source IN ('anthropic', 'gemini', 'offline', 'mentor')", name="suggestions_source_check"),
        sa.CheckConstraint("char_length(summary) <= 2000", name="suggestions_summary_check"),
        sa.CheckConstraint(
            "jsonb_typeof(operations) = 'array' AND operations <> '[]'", name="suggestions_operations_check"
        ),
        sa.CheckConstraint("status IN ('open', 'accepted', 'dismissed')", name="suggestions_status_check"),
        sa.CheckConstraint("(status = 'open') = (decided_at IS NULL)", name="suggestions_decided_check"),
        schema="goals",
    )
    op.create_index("suggestions_goal_idx", "suggestions", ["goal_id", "created_at", "suggestion_id"], schema="goals")


def _make_plan_requests() -> None:
    op.create_table(
        "plan_requests",
        sa.Column("goal_id", sa.Uuid, primary_key=True),
        sa.Column("member_id", sa.Uuid, nullable=False),
        sa.Column("minutes_per_week", sa.Integer, nullable=False),
        sa.Column("deadline", sa.Date),
        sa.Column("attempts", sa.SmallInteger, nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["goal_id", "member_id"],
            ["goals.goals.goal_id", "goals.goals.member_id"],
            name="plan_requests_goal_fkey",
            deferrable=True,
            initially="DEFERRED",
        ),
        schema="goals",
    )
    op.create_index("plan_requests_due_at_idx", "plan_requests", ["due_at"], schema="goals")
    op.create_index("plan_requests_member_idx", "plan_requests", ["member_id"], schema="goals")
