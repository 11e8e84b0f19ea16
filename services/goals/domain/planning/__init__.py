"""Decisions about goals: making one, changing it, moving it through its life. Pure: time, ids and today come in."""

from services.goals.domain.planning.changes import (
    archive_goal,
    change_calendar,
    first_unit_on_or_after,
    move,
    update_goal,
)
from services.goals.domain.planning.creation import plan_goal
from services.goals.domain.planning.draft import GoalDraft
from services.goals.domain.planning.permission import check_adult, check_etag, check_quota, is_adult, is_dating

__all__ = [
    "GoalDraft",
    "archive_goal",
    "change_calendar",
    "check_adult",
    "check_etag",
    "check_quota",
    "first_unit_on_or_after",
    "is_adult",
    "is_dating",
    "move",
    "plan_goal",
    "update_goal",
]
