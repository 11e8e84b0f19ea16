"""Makes the dating-goals conversation and those that were started over."""

import sqlalchemy as sa
from alembic import op

from chassis.migrations import enable_rls

revision = "20260305_intakes"
down_revision = "20260304_memory"


def upgrade() -> None:
    """Makes the tables with their policies."""
    _make_intakes()
    _make_archived_intakes()
    enable_rls(op, "coach", "intakes", "member_id")
    enable_rls(op, "coach", "archived_intakes", "member_id")


def _make_intakes() -> None:
    op.create_table(
        "intakes",
        sa.Column("member_id", sa.Uuid, primary_key=True),
        sa.Column("intake_id", sa.Uuid, nullable=False),
        sa.Column("thread_id", sa.Uuid, nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("state", sa.LargeBinary, nullable=False),
        sa.Column("percent", sa.SmallInteger, nullable=False),
        sa.Column("is_complete", sa.Boolean, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("percent BETWEEN 0 AND 100", name="intakes_percent_check"),
        schema="coach",
    )


def _make_archived_intakes() -> None:
    op.create_table(
        "archived_intakes",
        sa.Column("intake_id", sa.Uuid, primary_key=True),
        sa.Column("member_id", sa.Uuid, nullable=False),
        sa.Column("state", sa.LargeBinary, nullable=False),
        sa.Column("archived_at", sa.DateTime(timezone=True), nullable=False),
        schema="coach",
    )
    op.create_index("archived_intakes_member_idx", "archived_intakes", ["member_id"], schema="coach")
