"""Makes what the coach remembers, what it was asked to forget, and whether it remembers at all."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY

from chassis.migrations import enable_rls

revision = "20260304_memory"
down_revision = "20260303_journal"


def upgrade() -> None:
    """Makes the tables with their policies."""
    _make_memories()
    _make_forgotten()
    _make_memory_settings()
    enable_rls(op, "coach", "memories", "member_id")
    enable_rls(op, "coach", "forgotten", "member_id")
    enable_rls(op, "coach", "memory_settings", "member_id")


def _make_memories() -> None:
    op.create_table(
        "memories",
        sa.Column("memory_id", sa.Uuid, primary_key=True),
        sa.Column("member_id", sa.Uuid, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("fact_key", sa.LargeBinary, nullable=False),
        sa.Column("words_key", sa.LargeBinary),
        sa.Column("body", sa.LargeBinary, nullable=False),
        sa.Column("pinned", sa.Boolean, nullable=False),
        sa.Column("source_ids", ARRAY(sa.Uuid), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.UniqueConstraint("member_id", "kind", "fact_key", name="memories_fact_key"),
        sa.CheckConstraint("kind IN ('fact', 'dating_goals', 'summary')", name="memories_kind_check"),
        schema="coach",
    )
    op.create_index(
        "memories_order_idx", "memories", ["member_id", "pinned", "created_at", "memory_id"], schema="coach"
    )


def _make_forgotten() -> None:
    op.create_table(
        "forgotten",
        sa.Column("member_id", sa.Uuid, primary_key=True),
        sa.Column("fact_key", sa.LargeBinary, primary_key=True),
        sa.Column("forgotten_at", sa.DateTime(timezone=True), nullable=False),
        schema="coach",
    )


def _make_memory_settings() -> None:
    op.create_table(
        "memory_settings",
        sa.Column("member_id", sa.Uuid, primary_key=True),
        sa.Column("paused", sa.Boolean, nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        schema="coach",
    )
