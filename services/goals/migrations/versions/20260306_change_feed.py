"""Lets analytics follow goals, activities, vacations, suggestions and members' calendars."""

from alembic import op

from chassis.migrations import feed_tables_v1, feed_v1

revision = "20260306_change_feed"
down_revision = "20260305_challenges"

_KEYS = {
    "goals": "goal_id",
    "activities": "activity_id",
    "vacations": "vacation_id",
    "suggestions": "suggestion_id",
}


def upgrade() -> None:
    """Prepares the tables; the system login reads all but the calendars already."""
    feed_tables_v1(op, "goals")
    for table, key in _KEYS.items():
        feed_v1(op, "goals", table, key=key)
    feed_v1(op, "goals", "member_calendars", key="member_id", grant_read=True)
