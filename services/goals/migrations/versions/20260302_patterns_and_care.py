"""Keeps what all patterns hold: milestones, habits, subgoals, plans, reminders, vacations, and corrected activities."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from chassis.migrations import enable_rls

revision = "20260302_patterns_and_care"
down_revision = "20260301_goals"

_LISTS = ("milestones", "habits", "subgoals", "reminders")
_RIGHTS = (
    # What was known at an instant is never changed, only added to; leaving is erasure, not answered by this login.
    "REVOKE UPDATE, DELETE ON goals.activity_history FROM goals_app",
    "REVOKE DELETE ON goals.vacations FROM goals_app",
)


def upgrade() -> None:
    """Widens goals and activities, and makes the new tables with their policies."""
    _widen_goals()
    _widen_activities()
    _make_vacations()
    _make_activity_history()
    enable_rls(op, "goals", "vacations", "member_id", system="read")
    enable_rls(op, "goals", "activity_history", "member_id", system="read")
    for statement in _RIGHTS:
        op.execute(statement)


def _widen_goals() -> None:
    for name in _LISTS:
        op.add_column(
            "goals", sa.Column(name, JSONB, nullable=False, server_default=sa.text("'[]'::jsonb")), schema="goals"
        )
        op.create_check_constraint(f"goals_{name}_check", "goals", f"jsonb_typeof({name}) = 'array'", schema="goals")
    op.add_column("goals", sa.Column("plan", JSONB), schema="goals")
    op.create_check_constraint("goals_plan_check", "goals", "jsonb_typeof(plan) = 'object'", schema="goals")


def _widen_activities() -> None:
    op.add_column("activities", sa.Column("milestone_id", sa.Uuid), schema="goals")
    op.add_column("activities", sa.Column("habit_id", sa.Uuid), schema="goals")
    op.create_check_constraint(
        "activities_milestone_check",
        "activities",
        "(type = 'milestone') = (milestone_id IS NOT NULL)",
        schema="goals",
    )
    op.create_check_constraint(
        "activities_habit_check", "activities", "habit_id IS NULL OR type = 'check_in'", schema="goals"
    )
    op.create_index(
        "activities_milestone_key",
        "activities",
        ["goal_id", "milestone_id"],
        unique=True,
        schema="goals",
        postgresql_where=sa.text("milestone_id IS NOT NULL"),
    )
    # Deriving reads this index alone, and now needs to know which milestones were reached.
    op.drop_index("activities_goal_idx", "activities", schema="goals")
    op.create_index(
        "activities_goal_idx",
        "activities",
        ["goal_id", "local_date", "occurred_at", "activity_id"],
        schema="goals",
        postgresql_include=["member_id", "code", "value", "mood", "milestone_id"],
    )


def _make_vacations() -> None:
    op.create_table(
        "vacations",
        sa.Column("vacation_id", sa.Uuid, primary_key=True),
        sa.Column("goal_id", sa.Uuid),
        sa.Column("member_id", sa.Uuid, nullable=False),
        sa.Column("holder_id", sa.Uuid, sa.Computed("COALESCE(goal_id, member_id)", persisted=True), nullable=False),
        sa.Column("from_date", sa.Date, nullable=False),
        sa.Column("to_date", sa.Date, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("removed_at", sa.DateTime(timezone=True)),
        sa.ForeignKeyConstraint(
            ["goal_id", "member_id"], ["goals.goals.goal_id", "goals.goals.member_id"], name="vacations_goal_fkey"
        ),
        sa.CheckConstraint("from_date BETWEEN '1900-01-01' AND '2200-12-31'", name="vacations_from_date_check"),
        sa.CheckConstraint("to_date BETWEEN from_date AND '2200-12-31'", name="vacations_to_date_check"),
        sa.CheckConstraint("to_date - from_date <= 366", name="vacations_length_check"),
        sa.CheckConstraint("char_length(reason) <= 500", name="vacations_reason_check"),
        schema="goals",
    )
    op.create_index("vacations_holder_idx", "vacations", ["holder_id", "from_date", "vacation_id"], schema="goals")


def _make_activity_history() -> None:
    op.create_table(
        "activity_history",
        sa.Column("activity_id", sa.Uuid, primary_key=True),
        sa.Column("valid_from", sa.DateTime(timezone=True), primary_key=True),
        sa.Column("valid_to", sa.DateTime(timezone=True), nullable=False),
        sa.Column("goal_id", sa.Uuid, nullable=False),
        sa.Column("member_id", sa.Uuid, nullable=False),
        sa.Column("type", sa.Text, nullable=False),
        sa.Column("local_date", sa.Date, nullable=False),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("timezone", sa.Text, nullable=False),
        sa.Column("completed", sa.Boolean),
        sa.Column("value", sa.Double),
        sa.Column("milestone_id", sa.Uuid),
        sa.Column("habit_id", sa.Uuid),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("mood", sa.SmallInteger),
        sa.Column("context", JSONB),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("code", sa.Integer),
        sa.ForeignKeyConstraint(
            ["goal_id", "member_id"],
            ["goals.goals.goal_id", "goals.goals.member_id"],
            name="activity_history_goal_fkey",
        ),
        sa.CheckConstraint("valid_from < valid_to", name="activity_history_valid_check"),
        sa.CheckConstraint("value BETWEEN -1e12 AND 1e12", name="activity_history_value_check"),
        schema="goals",
    )
    op.create_index("activity_history_goal_idx", "activity_history", ["goal_id", "valid_from"], schema="goals")
