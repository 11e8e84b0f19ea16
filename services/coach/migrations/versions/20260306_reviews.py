"""Makes reviews, rounds of suggestions and posts to groups."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from chassis.migrations import enable_rls

revision = "20260306_reviews"
down_revision = "20260305_intakes"


def upgrade() -> None:
    """Makes the tables with their policies."""
    _make_reviews()
    _make_suggestion_rounds()
    _make_group_posts()
    enable_rls(op, "coach", "reviews", "member_id")
    enable_rls(op, "coach", "suggestion_rounds", "member_id")
    enable_rls(op, "coach", "group_posts", "group_id", system="write")


def _make_reviews() -> None:
    op.create_table(
        "reviews",
        sa.Column("review_id", sa.Uuid, primary_key=True),
        sa.Column("member_id", sa.Uuid, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("start_date", sa.Date, nullable=False),
        sa.Column("end_date", sa.Date, nullable=False),
        sa.Column("body", sa.LargeBinary, nullable=False),
        sa.Column("provider", sa.Text, nullable=False),
        sa.Column("degraded", sa.Boolean, nullable=False),
        sa.Column("context_used", JSONB, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.UniqueConstraint("member_id", "kind", "start_date", name="reviews_period_key"),
        sa.CheckConstraint("kind IN ('weekly', 'monthly')", name="reviews_kind_check"),
        schema="coach",
    )
    op.create_index("reviews_created_at_idx", "reviews", ["member_id", "created_at", "review_id"], schema="coach")


def _make_suggestion_rounds() -> None:
    op.create_table(
        "suggestion_rounds",
        sa.Column("member_id", sa.Uuid, primary_key=True),
        sa.Column("week", sa.Date, primary_key=True),
        sa.Column("suggestions", JSONB, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        schema="coach",
    )


def _make_group_posts() -> None:
    op.create_table(
        "group_posts",
        sa.Column("post_id", sa.Uuid, primary_key=True),
        sa.Column("group_id", sa.Uuid, nullable=False),
        sa.Column("week", sa.Date, nullable=False),
        sa.Column("body", sa.LargeBinary, nullable=False),
        sa.Column("provider", sa.Text, nullable=False),
        sa.Column("degraded", sa.Boolean, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.UniqueConstraint("group_id", "week", name="group_posts_week_key"),
        schema="coach",
    )
