"""Makes the platform's tables."""

from alembic import op

from chassis.migrations import platform_v1

revision = "20260301_platform"
down_revision = None


def upgrade() -> None:
    """Makes all tables with their policies."""
    platform_v1(op, "notify")
