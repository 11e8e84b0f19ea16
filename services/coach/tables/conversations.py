"""Threads, messages, replies, what members say of replies, and what the safety screen found."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from services.coach.tables.schema import metadata

threads = sa.Table(
    "threads",
    metadata,
    sa.Column("thread_id", sa.Uuid, primary_key=True),
    sa.Column("member_id", sa.Uuid, nullable=False),
    sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
    sa.Index("threads_updated_at_idx", "member_id", "updated_at", "thread_id"),
    sa.Index("threads_stale_idx", "updated_at"),
)

messages = sa.Table(
    "messages",
    metadata,
    sa.Column("message_id", sa.Uuid, primary_key=True),
    sa.Column("thread_id", sa.Uuid, sa.ForeignKey(threads.c.thread_id, ondelete="CASCADE"), nullable=False),
    sa.Column("member_id", sa.Uuid, nullable=False),
    sa.Column("author", sa.Text, nullable=False),
    sa.Column("body", sa.LargeBinary, nullable=False),
    sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint("author IN ('member', 'coach')", name="messages_author_check"),
    sa.Index("messages_created_at_idx", "member_id", "created_at", "message_id"),
    sa.Index("messages_thread_idx", "thread_id", "created_at", "message_id"),
)

# One row per message of a member: the reply that is owed, then what is known of it without its text, which stays when
# the messages are gone. `message_id` is the id that the reply's own row in `messages` has once it is done.
replies = sa.Table(
    "replies",
    metadata,
    sa.Column("message_id", sa.Uuid, primary_key=True),
    sa.Column("user_message_id", sa.Uuid, nullable=False, unique=True),
    sa.Column("thread_id", sa.Uuid, sa.ForeignKey(threads.c.thread_id, ondelete="CASCADE"), nullable=False),
    sa.Column("member_id", sa.Uuid, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("lease_until", sa.DateTime(timezone=True), nullable=False),
    sa.Column("attempts", sa.SmallInteger, nullable=False),
    sa.Column("turn", sa.Integer, nullable=False),
    sa.Column("tier", sa.Text, nullable=False),
    sa.Column("rule_ids", ARRAY(sa.Text), nullable=False),
    sa.Column("provider", sa.Text),
    sa.Column("degraded", sa.Boolean, nullable=False),
    sa.Column("outcome", sa.LargeBinary),
    sa.Column("part_ids", ARRAY(sa.Text), nullable=False),
    sa.Column("context_used", JSONB),
    sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("finished_at", sa.DateTime(timezone=True)),
    sa.CheckConstraint("state IN ('pending', 'done', 'failed')", name="replies_state_check"),
    sa.CheckConstraint(
        "tier IN ('none', 'watch', 'risk', 'imminent', 'third_party')",
        name="replies_tier_check",
    ),
    sa.CheckConstraint(
        "(state = 'done') = (provider IS NOT NULL AND finished_at IS NOT NULL) AND (outcome IS NULL OR state = 'done')",
        name="replies_done_check",
    ),
    sa.CheckConstraint("state <> 'done' OR context_used IS NOT NULL", name="replies_context_check"),
    sa.Index("replies_created_at_idx", "member_id", "created_at", "message_id"),
    sa.Index("replies_thread_idx", "thread_id"),
    sa.Index("replies_created_idx", "created_at"),
)
sa.Index("replies_kept_idx", replies.c.created_at, postgresql_where=sa.text("outcome IS NOT NULL OR state <> 'done'"))
sa.Index("replies_lease_idx", replies.c.lease_until, postgresql_where=sa.text("state = 'pending'"))

# What the safety screen found lately, without text: it holds for a day.
safety_states = sa.Table(
    "safety_states",
    metadata,
    sa.Column("member_id", sa.Uuid, primary_key=True),
    sa.Column("tier", sa.Text, nullable=False),
    sa.Column("until", sa.DateTime(timezone=True), nullable=False),
    sa.Column("plan_signal", sa.Boolean, nullable=False),
    # Rows of goals that were told of already, the latest last.
    sa.Column("noticed_ids", ARRAY(sa.Uuid), nullable=False, server_default="{}"),
    sa.CheckConstraint(
        "tier IN ('none', 'watch', 'risk', 'imminent', 'third_party')",
        name="safety_states_tier_check",
    ),
)

# What a member said of a reply; the note is sealed.
ratings = sa.Table(
    "ratings",
    metadata,
    sa.Column("message_id", sa.Uuid, sa.ForeignKey(messages.c.message_id, ondelete="CASCADE"), primary_key=True),
    sa.Column("member_id", sa.Uuid, nullable=False),
    sa.Column("helpful", sa.Boolean, nullable=False),
    sa.Column("note", sa.LargeBinary),
    sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
    sa.Index("ratings_member_idx", "member_id"),
)
