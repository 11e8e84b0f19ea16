"""Makes the platform's tables, goals, activities and the copy of members' calendars."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from chassis.migrations import enable_rls, platform_v1

revision = "20260301_goals"
down_revision = None

_TUNING = (
    # Goals are changed in place while their indexed columns rest; room on the page keeps such updates cheap.
    "ALTER TABLE goals.goals SET (fillfactor = 80)",
    # Reading the index alone needs pages known as visible to all; new rows reach that state by an early vacuum.
    "ALTER TABLE goals.activities SET (autovacuum_vacuum_insert_scale_factor = 0.05)",
    # Leaving is erasure, which is not answered by this login.
    "REVOKE DELETE ON goals.goals, goals.member_calendars FROM goals_app",
)


def upgrade() -> None:
    """Makes all tables with their policies."""
    platform_v1(op, "goals")
    _make_goals()
    _make_activities()
    _make_member_calendars()
    enable_rls(op, "goals", "goals", "member_id", system="read")
    enable_rls(op, "goals", "activities", "member_id", system="read")
    enable_rls(op, "goals", "member_calendars", "member_id")
    for statement in _TUNING:
        op.execute(statement)


def _make_goals() -> None:
    op.create_table(
        "goals",
        sa.Column("goal_id", sa.Uuid, primary_key=True),
        sa.Column("member_id", sa.Uuid, nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("description", sa.Text, nullable=False),
        sa.Column("pattern", sa.Text, nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("category", sa.Text, nullable=False),
        sa.Column("start_date", sa.Date, nullable=False),
        sa.Column("deadline", sa.Date),
        sa.Column("completed_on", sa.Date),
        sa.Column("rules", JSONB, nullable=False),
        sa.Column("phases", JSONB, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revision", sa.BigInteger, nullable=False),
        sa.UniqueConstraint("goal_id", "member_id", name="goals_owner_key"),
        sa.CheckConstraint("char_length(title) BETWEEN 1 AND 200", name="goals_title_check"),
        sa.CheckConstraint("char_length(description) <= 10000", name="goals_description_check"),
        sa.CheckConstraint("char_length(category) <= 50", name="goals_category_check"),
        sa.CheckConstraint(
            "pattern IN ('recurring', 'milestone', 'target', 'streak', 'limit')", name="goals_pattern_check"
        ),
        sa.CheckConstraint("status IN ('active', 'paused', 'completed', 'archived')", name="goals_status_check"),
        sa.CheckConstraint("start_date BETWEEN '1900-01-01' AND '2200-12-31'", name="goals_start_date_check"),
        sa.CheckConstraint("deadline BETWEEN start_date AND '2200-12-31'", name="goals_deadline_check"),
        sa.CheckConstraint("status <> 'completed' OR completed_on IS NOT NULL", name="goals_completed_on_check"),
        sa.CheckConstraint("jsonb_typeof(rules) = 'array' AND rules <> '[]'", name="goals_rules_check"),
        sa.CheckConstraint("jsonb_typeof(phases) = 'array' AND phases <> '[]'", name="goals_phases_check"),
        sa.CheckConstraint("revision > 0", name="goals_revision_check"),
        schema="goals",
    )
    op.create_index("goals_member_idx", "goals", ["member_id", "created_at", "goal_id"], schema="goals")


def _make_activities() -> None:
    op.create_table(
        "activities",
        sa.Column("activity_id", sa.Uuid, primary_key=True),
        sa.Column("goal_id", sa.Uuid, nullable=False),
        sa.Column("member_id", sa.Uuid, nullable=False),
        sa.Column("type", sa.Text, nullable=False),
        sa.Column("local_date", sa.Date, nullable=False),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("timezone", sa.Text, nullable=False),
        sa.Column("completed", sa.Boolean),
        sa.Column("value", sa.Double),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("mood", sa.SmallInteger),
        sa.Column("context", JSONB),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "code",
            sa.Integer,
            sa.Computed(
                """((local_date - '0001-01-01'::date + 1) * 8)
                + CASE type WHEN 'check_in' THEN completed::integer WHEN 'progress' THEN 2 WHEN 'skip' THEN 3 END""",
                persisted=True,
            ),
        ),
        sa.ForeignKeyConstraint(
            ["goal_id", "member_id"], ["goals.goals.goal_id", "goals.goals.member_id"], name="activities_goal_fkey"
        ),
        sa.CheckConstraint(
            "type IN ('check_in', 'progress', 'milestone', 'skip', 'note')", name="activities_type_check"
        ),
        sa.CheckConstraint("(type = 'check_in') = (completed IS NOT NULL)", name="activities_completed_check"),
        sa.CheckConstraint("(type = 'progress') = (value IS NOT NULL)", name="activities_progress_check"),
        sa.CheckConstraint("value BETWEEN -1e12 AND 1e12", name="activities_value_check"),
        sa.CheckConstraint("mood BETWEEN 1 AND 5", name="activities_mood_check"),
        sa.CheckConstraint("local_date BETWEEN '1900-01-01' AND '2200-12-31'", name="activities_local_date_check"),
        sa.CheckConstraint("char_length(note) <= 10000", name="activities_note_check"),
        schema="goals",
    )
    op.create_index(
        "activities_goal_idx",
        "activities",
        ["goal_id", "local_date", "occurred_at", "activity_id"],
        schema="goals",
        postgresql_include=["member_id", "code", "value", "mood"],
    )
    op.create_index(
        "activities_member_idx",
        "activities",
        ["member_id", "local_date", "occurred_at", "activity_id"],
        schema="goals",
    )


def _make_member_calendars() -> None:
    op.create_table(
        "member_calendars",
        sa.Column("member_id", sa.Uuid, primary_key=True),
        sa.Column("timezone", sa.Text, nullable=False),
        sa.Column("day_start_hour", sa.SmallInteger, nullable=False),
        sa.Column("week_start", sa.SmallInteger, nullable=False),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.Column("as_of", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("day_start_hour BETWEEN 0 AND 12", name="member_calendars_day_start_hour_check"),
        sa.CheckConstraint("week_start BETWEEN 1 AND 7", name="member_calendars_week_start_check"),
        schema="goals",
    )
