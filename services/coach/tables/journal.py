"""What members write on a day. The text is sealed; moods and sentiment are a closed list and a number."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from services.coach.tables.schema import metadata

journal_entries = sa.Table(
    "journal_entries",
    metadata,
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
    sa.Index("journal_entries_local_date_idx", "member_id", "local_date", "entry_id"),
)
