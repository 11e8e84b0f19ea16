"""What the coach remembers of members, sealed, and of which messages: forgetting finds everything derived by them."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from services.coach.tables.schema import metadata

# `fact_key` keeps one row for each thing known, whoever says it again; `words_key` knows the words that said it. Both
# are keyed hashes, never the text.
memories = sa.Table(
    "memories",
    metadata,
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
    sa.Index("memories_order_idx", "member_id", "pinned", "created_at", "memory_id"),
)

# Hashes of what a member asked to forget: of a fact's words, else of what it is about.
forgotten = sa.Table(
    "forgotten",
    metadata,
    sa.Column("member_id", sa.Uuid, primary_key=True),
    sa.Column("fact_key", sa.LargeBinary, primary_key=True),
    sa.Column("forgotten_at", sa.DateTime(timezone=True), nullable=False),
)

memory_settings = sa.Table(
    "memory_settings",
    metadata,
    sa.Column("member_id", sa.Uuid, primary_key=True),
    sa.Column("paused", sa.Boolean, nullable=False),
    sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
)
