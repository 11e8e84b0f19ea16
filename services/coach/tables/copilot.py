"""Who asked the copilot about whom, written before any model is called. No text of anybody's."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

from services.coach.tables.schema import metadata

copilot_calls = sa.Table(
    "copilot_calls",
    metadata,
    sa.Column("advice_id", sa.Uuid, primary_key=True),
    sa.Column("member_id", sa.Uuid, nullable=False),
    sa.Column("mentor_id", sa.Uuid, nullable=False),
    sa.Column("mode", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("context_used", JSONB, nullable=False),
    sa.Column("provider", sa.Text),
    sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("finished_at", sa.DateTime(timezone=True)),
    sa.CheckConstraint("state IN ('asked', 'answered', 'failed')", name="copilot_calls_state_check"),
    sa.CheckConstraint("mode IN ('quick_check', 'deep_dive', 'risk_intervention')", name="copilot_calls_mode_check"),
    sa.Index("copilot_calls_member_idx", "member_id", "created_at"),
)
