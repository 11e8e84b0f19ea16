"""Keeps who took which challenge on, and what became of it."""

import sqlalchemy as sa
from alembic import op

from chassis.migrations import enable_rls

revision = "20260305_challenges"
down_revision = "20260304_imports"


def upgrade() -> None:
    """Makes both tables with their policies."""
    _make_runs()
    _make_submissions()
    enable_rls(op, "goals", "challenge_runs", "member_id", system="read")
    enable_rls(op, "goals", "challenge_submissions", "member_id", system="read")


def _make_runs() -> None:
    op.create_table(
        "challenge_runs",
        sa.Column("run_id", sa.Uuid, primary_key=True),
        sa.Column("challenge_id", sa.Text, nullable=False),
        sa.Column("member_id", sa.Uuid, nullable=False),
        sa.Column("goal_id", sa.Uuid),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("completed_at", sa.DateTime(timezone=True)),
        sa.UniqueConstraint("run_id", "member_id", name="challenge_runs_owner_key"),
        sa.ForeignKeyConstraint(
            ["goal_id", "member_id"], ["goals.goals.goal_id", "goals.goals.member_id"], name="challenge_runs_goal_fkey"
        ),
        sa.CheckConstraint("char_length(challenge_id) BETWEEN 1 AND 50", name="challenge_runs_challenge_id_check"),
        sa.CheckConstraint("started_at < expires_at", name="challenge_runs_expires_at_check"),
        sa.CheckConstraint("completed_at < expires_at", name="challenge_runs_completed_at_check"),
        schema="goals",
    )
    op.create_index(
        "challenge_runs_member_idx",
        "challenge_runs",
        ["member_id", "challenge_id", "started_at", "run_id"],
        schema="goals",
    )


def _make_submissions() -> None:
    op.create_table(
        "challenge_submissions",
        sa.Column("submission_id", sa.Uuid, primary_key=True),
        sa.Column("run_id", sa.Uuid, nullable=False),
        sa.Column("member_id", sa.Uuid, nullable=False),
        sa.Column("comfort_before", sa.SmallInteger, nullable=False),
        sa.Column("comfort_after", sa.SmallInteger, nullable=False),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("witnessed_by", sa.Uuid),
        sa.Column("goal_id", sa.Uuid),
        sa.Column("activity_id", sa.Uuid),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.UniqueConstraint("run_id", name="challenge_submissions_run_key"),
        sa.ForeignKeyConstraint(
            ["run_id", "member_id"],
            ["goals.challenge_runs.run_id", "goals.challenge_runs.member_id"],
            name="challenge_submissions_run_fkey",
        ),
        sa.ForeignKeyConstraint(
            ["goal_id", "member_id"],
            ["goals.goals.goal_id", "goals.goals.member_id"],
            name="challenge_submissions_goal_fkey",
        ),
        sa.CheckConstraint("comfort_before BETWEEN 0 AND 100", name="challenge_submissions_comfort_before_check"),
        sa.CheckConstraint("comfort_after BETWEEN 0 AND 100", name="challenge_submissions_comfort_after_check"),
        sa.CheckConstraint("char_length(note) <= 10000", name="challenge_submissions_note_check"),
        sa.CheckConstraint("(goal_id IS NULL) = (activity_id IS NULL)", name="challenge_submissions_activity_check"),
        schema="goals",
    )
    op.create_index("challenge_submissions_member_idx", "challenge_submissions", ["member_id"], schema="goals")
