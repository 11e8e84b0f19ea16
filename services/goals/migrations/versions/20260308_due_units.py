"""Tells analytics what became of due units that no mask of weekdays expresses."""

import sqlalchemy as sa
from alembic import op

from chassis.migrations import enable_rls, feed_v1

revision = "20260308_due_units"
down_revision = "20260307_habit_check_ins"


def upgrade() -> None:
    """Makes the units, the watch over goals, and how far the watch has seen; members' login writes none of it."""
    op.create_table(
        "due_units",
        sa.Column("unit_id", sa.Uuid, primary_key=True),
        sa.Column("goal_id", sa.Uuid, nullable=False),
        sa.Column("member_id", sa.Uuid, nullable=False),
        sa.Column("first_date", sa.Date, nullable=False),
        sa.Column("last_date", sa.Date, nullable=False),
        sa.Column("number", sa.SmallInteger, nullable=False),
        sa.Column("outcome", sa.Text, nullable=False),
        sa.Column("effective_from", sa.Date, nullable=False),
        sa.ForeignKeyConstraint(
            ["goal_id", "member_id"], ["goals.goals.goal_id", "goals.goals.member_id"], name="due_units_goal_fkey"
        ),
        sa.UniqueConstraint("goal_id", "last_date", "first_date", "number", name="due_units_place_key"),
        sa.CheckConstraint("first_date <= last_date", name="due_units_days_check"),
        sa.CheckConstraint(
            "outcome IN ('done', 'partial', 'missed', 'excused', 'pending')", name="due_units_outcome_check"
        ),
        schema="goals",
    )
    op.create_index("due_units_member_idx", "due_units", ["member_id"], schema="goals")
    op.create_table(
        "due_unit_watches",
        sa.Column("goal_id", sa.Uuid, primary_key=True),
        sa.Column("member_id", sa.Uuid, nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["goal_id", "member_id"],
            ["goals.goals.goal_id", "goals.goals.member_id"],
            name="due_unit_watches_goal_fkey",
        ),
        schema="goals",
    )
    op.create_index("due_unit_watches_due_at_idx", "due_unit_watches", ["due_at"], schema="goals")
    op.create_index("due_unit_watches_member_idx", "due_unit_watches", ["member_id"], schema="goals")
    for table in ("due_units", "due_unit_watches"):
        enable_rls(op, "goals", table, "member_id", system="write")
        op.execute(f"REVOKE INSERT, UPDATE, DELETE ON goals.{table} FROM goals_app")
    feed_v1(op, "goals", "due_units", key="unit_id")
    # One row. Everything is new to who has seen nothing.
    op.execute(
        """CREATE TABLE goals.due_unit_cursor (
            is_only_row boolean NOT NULL DEFAULT true CHECK (is_only_row),
            txid xid8 NOT NULL DEFAULT '0',
            CONSTRAINT due_unit_cursor_pkey PRIMARY KEY (is_only_row)
        )"""
    )
    op.execute("INSERT INTO goals.due_unit_cursor DEFAULT VALUES")
    op.execute("REVOKE ALL ON goals.due_unit_cursor FROM goals_app")
