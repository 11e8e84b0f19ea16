"""Makes the journal."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY

from chassis.migrations import enable_rls

revision = "20260303_journal"
down_revision = "20260302_ratings"


def upgrade() -> None:
    """Makes the tables with their policies."""
    _make_journal_entries()
    enable_rls(op, "coach", "journal_entries", "member_id")


def _make_journal_entries() -> None:
    op.create_table(
        "journal_entries",
        sa.Column("entry_id", sa.Uuid, primary_key=True),
        sa.Column("member_id", sa.Uuid, nullable=False),
        sa.Column("local_date", sa.Date, nullable=False),
        sa.Column("body", sa.LargeBinary, nullable=False),
        sa.Column("sentiment", sa.Double, nullable=False),
        sa.Column("sentiment_origin", sa.Text, nullable=False),
        sa.Column("mood_tags", ARRAY(sa.Text), nullable=False),
        sa.Column("mood_tags_origin", sa.Text, nullable=False),
        sa.Column("method", sa.Text, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("sentiment BETWEEN -1 AND 1", name="journal_entries_sentiment_check"),
        sa.CheckConstraint("sentiment_origin IN ('found', 'member')", name="journal_entries_sentiment_origin_check"),
        sa.CheckConstraint("mood_tags_origin IN ('found', 'member')", name="journal_entries_mood_tags_origin_check"),
        schema="coach",
    )
    op.create_index(
        "journal_entries_local_date_idx", "journal_entries", ["member_id", "local_date", "entry_id"], schema="coach"
    )
