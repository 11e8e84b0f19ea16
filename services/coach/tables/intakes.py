"""The dating-goals conversation, one a member, its state sealed; earlier ones are kept apart until they expire."""

import sqlalchemy as sa

from services.coach.tables.schema import metadata

intakes = sa.Table(
    "intakes",
    metadata,
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
)

archived_intakes = sa.Table(
    "archived_intakes",
    metadata,
    sa.Column("intake_id", sa.Uuid, primary_key=True),
    sa.Column("member_id", sa.Uuid, nullable=False),
    sa.Column("state", sa.LargeBinary, nullable=False),
    sa.Column("archived_at", sa.DateTime(timezone=True), nullable=False),
    sa.Index("archived_intakes_member_idx", "member_id"),
)
