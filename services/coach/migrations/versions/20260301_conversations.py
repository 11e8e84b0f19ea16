"""Makes the platform's tables, the members' keys, threads, messages, replies and safety states."""

from uuid import UUID

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from chassis.migrations import enable_rls, member_keys_v1, platform_v1

revision = "20260301_conversations"
down_revision = None

_TIERS = "tier IN ('none', 'watch', 'risk', 'imminent', 'third_party')"


def upgrade() -> None:
    """Makes all tables with their policies."""
    platform_v1(op, "coach")
    member_keys_v1(op, "coach")
    _make_threads()
    _make_messages()
    _make_replies()
    _make_safety_states()
    enable_rls(op, "coach", "threads", "member_id")
    enable_rls(op, "coach", "messages", "member_id")
    # The sweep of replies that nobody finished belongs to no member; it reads and writes no text.
    enable_rls(op, "coach", "replies", "member_id", system="write")
    enable_rls(op, "coach", "safety_states", "member_id")


def _make_threads() -> None:
    op.create_table(
        "threads",
        sa.Column("thread_id", sa.Uuid, primary_key=True),
        sa.Column("member_id", sa.Uuid, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        schema="coach",
    )
    op.create_index("threads_updated_at_idx", "threads", ["member_id", "updated_at", "thread_id"], schema="coach")


def _make_messages() -> None:
    op.create_table(
        "messages",
        sa.Column("message_id", sa.Uuid, primary_key=True),
        _thread_key(),
        sa.Column("member_id", sa.Uuid, nullable=False),
        sa.Column("author", sa.Text, nullable=False),
        sa.Column("body", sa.LargeBinary, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("author IN ('member', 'coach')", name="messages_author_check"),
        schema="coach",
    )
    op.create_index("messages_created_at_idx", "messages", ["member_id", "created_at", "message_id"], schema="coach")
    op.create_index("messages_thread_idx", "messages", ["thread_id", "created_at", "message_id"], schema="coach")


def _make_replies() -> None:
    op.create_table(
        "replies",
        sa.Column("message_id", sa.Uuid, primary_key=True),
        sa.Column(
            "user_message_id",
            sa.Uuid,
            sa.ForeignKey("coach.messages.message_id", ondelete="CASCADE"),
            nullable=False,
            unique=True,
        ),
        _thread_key(),
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
        sa.CheckConstraint(_TIERS, name="replies_tier_check"),
        sa.CheckConstraint(
            "(state = 'done') = (provider IS NOT NULL AND outcome IS NOT NULL AND finished_at IS NOT NULL)",
            name="replies_done_check",
        ),
        schema="coach",
    )
    op.create_index("replies_created_at_idx", "replies", ["member_id", "created_at", "message_id"], schema="coach")
    op.create_index("replies_thread_idx", "replies", ["thread_id"], schema="coach")
    op.create_index(
        "replies_lease_idx",
        "replies",
        ["lease_until"],
        schema="coach",
        postgresql_where=sa.text("state = 'pending'"),
    )


def _make_safety_states() -> None:
    op.create_table(
        "safety_states",
        sa.Column("member_id", sa.Uuid, primary_key=True),
        sa.Column("tier", sa.Text, nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("plan_signal", sa.Boolean, nullable=False),
        sa.CheckConstraint(_TIERS, name="safety_states_tier_check"),
        schema="coach",
    )


def _thread_key() -> sa.Column[UUID]:
    return sa.Column("thread_id", sa.Uuid, sa.ForeignKey("coach.threads.thread_id", ondelete="CASCADE"), nullable=False)
