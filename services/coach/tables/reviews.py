"""What the coach writes unasked: reviews of weeks and months, plan changes, posts to groups. Once for each period."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

from services.coach.tables.schema import metadata

reviews = sa.Table(
    "reviews",
    metadata,
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
    sa.Index("reviews_created_at_idx", "member_id", "created_at", "review_id"),
)

# Which weeks a member's goals were looked through for changes; `suggestions` holds ids by goal.
suggestion_rounds = sa.Table(
    "suggestion_rounds",
    metadata,
    sa.Column("member_id", sa.Uuid, primary_key=True),
    sa.Column("week", sa.Date, primary_key=True),
    sa.Column("suggestions", JSONB, nullable=False),
    sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
)

# A group has no key of a member; its posts are sealed under a key of the group's own id.
group_posts = sa.Table(
    "group_posts",
    metadata,
    sa.Column("post_id", sa.Uuid, primary_key=True),
    sa.Column("group_id", sa.Uuid, nullable=False),
    sa.Column("week", sa.Date, nullable=False),
    sa.Column("body", sa.LargeBinary, nullable=False),
    sa.Column("provider", sa.Text, nullable=False),
    sa.Column("degraded", sa.Boolean, nullable=False),
    sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
    sa.UniqueConstraint("group_id", "week", name="group_posts_week_key"),
)
