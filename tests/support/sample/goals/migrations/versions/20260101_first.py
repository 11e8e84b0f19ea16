"""Makes the platform's tables, notes and effects."""

import sqlalchemy as sa
from alembic import op

from chassis.migrations import enable_rls, feed_tables_v1, feed_v1, platform_v1

revision = "20260101_first"
down_revision = None


def upgrade() -> None:
    """Makes all tables."""
    platform_v1(op, "goals")
    op.create_table(
        "notes",
        sa.Column("note_id", sa.Uuid, primary_key=True),
        sa.Column("member_id", sa.Uuid, nullable=False, index=True),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("version", sa.Integer, nullable=False, server_default="1"),
        sa.UniqueConstraint("member_id", "body", name="notes_member_id_body_key"),
        schema="goals",
    )
    enable_rls(op, "goals", "notes", "member_id", system="write")
    feed_tables_v1(op, "goals")
    feed_v1(op, "goals", "notes", key="note_id")
    op.create_table(
        "effects",
        sa.Column("event_id", sa.Uuid, nullable=False),
        sa.Column("member_id", sa.Uuid, nullable=True),
        schema="goals",
    )
