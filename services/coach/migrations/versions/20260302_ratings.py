"""Keeps what members say of replies."""

import sqlalchemy as sa
from alembic import op

from chassis.migrations import enable_rls

revision = "20260302_ratings"
down_revision = "20260301_conversations"


def upgrade() -> None:
    """Makes the tables with their policies."""
    _make_ratings()
    enable_rls(op, "coach", "ratings", "member_id")


def _make_ratings() -> None:
    op.create_table(
        "ratings",
        sa.Column(
            "message_id", sa.Uuid, sa.ForeignKey("coach.messages.message_id", ondelete="CASCADE"), primary_key=True
        ),
        sa.Column("member_id", sa.Uuid, nullable=False),
        sa.Column("helpful", sa.Boolean, nullable=False),
        sa.Column("note", sa.LargeBinary),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        schema="coach",
    )
    op.create_index("ratings_member_idx", "ratings", ["member_id"], schema="coach")
