"""Lets check-ins of a habit stand on goals that are not kept by check-ins, where they mean nothing to the units."""

from alembic import op

revision = "20260307_habit_check_ins"
down_revision = "20260306_change_feed"

_CHECKS = {
    "activities_type_check": "type IN ('check_in', 'progress', 'milestone', 'skip', 'note', 'habit')",
    "activities_completed_check": "(type IN ('check_in', 'habit')) = (completed IS NOT NULL)",
    "activities_habit_check": "habit_id IS NULL OR type IN ('check_in', 'habit')",
}


def upgrade() -> None:
    """Widens three checks, each in place of itself; all rows that there are keep them."""
    for name, condition in _CHECKS.items():
        op.drop_constraint(name, "activities", schema="goals", type_="check")
        op.create_check_constraint(name, "activities", condition, schema="goals")
