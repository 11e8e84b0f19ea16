"""Makes the platform's tables and the list of members whose figures are out of date."""

import sqlalchemy as sa
from alembic import op

from chassis.migrations import enable_rls, platform_v1

revision = "20260301_dirty_members"
down_revision = None


def upgrade() -> None:
    """Makes all tables with their policies."""
    platform_v1(op, "analytics")
    op.create_table(
        "dirty_members",
        sa.Column("member_id", sa.Uuid, primary_key=True),
        sa.Column("marks", sa.BigInteger, nullable=False),
        sa.Column("first_marked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_marked_at", sa.DateTime(timezone=True), nullable=False),
        schema="analytics",
    )
    op.create_index("dirty_members_first_marked_at_idx", "dirty_members", ["first_marked_at"], schema="analytics")
    # Events mark as their member; the refresh takes and clears the marks of all.
    enable_rls(op, "analytics", "dirty_members", "member_id", system="write")
