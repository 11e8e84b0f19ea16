"""Keeps what entries of long ago come to, so that a list of goals need not read them one by one."""

import sqlalchemy as sa
from alembic import op

from chassis.feed.columns import Xid8
from chassis.migrations import enable_rls

revision = "20260309_folds"
down_revision = "20260308_due_units"


def upgrade() -> None:
    """Makes the table, empty: lists fill it."""
    op.create_table(
        "folds",
        sa.Column("goal_id", sa.Uuid, primary_key=True),
        sa.Column("member_id", sa.Uuid, nullable=False),
        sa.Column("form", sa.SmallInteger, nullable=False),
        sa.Column("until", sa.Date),
        sa.Column("content", sa.LargeBinary),
        sa.Column("dropped_by", Xid8, nullable=False, server_default=sa.text("'0'::xid8")),
        sa.ForeignKeyConstraint(
            ["goal_id", "member_id"], ["goals.goals.goal_id", "goals.goals.member_id"], name="folds_goal_fkey"
        ),
        sa.CheckConstraint("(until IS NULL) = (content IS NULL)", name="folds_until_check"),
        schema="goals",
    )
    enable_rls(op, "goals", "folds", "member_id")
