"""From request models to protobuf."""

from gateway.routes.messages.activities import ACTIVITY_TYPE, activities, activity, activity_change, check_in
from gateway.routes.messages.care import (
    SUBGOAL_STATUS,
    habit,
    habit_change,
    reminders,
    subgoal,
    subgoal_change,
    vacation,
)
from gateway.routes.messages.challenges import challenge_submission
from gateway.routes.messages.figures import METRIC, PROGRESS_PERIOD
from gateway.routes.messages.goals import (
    AGGREGATION,
    EXCUSED,
    MONTH_END,
    NO_ENTRY,
    PATTERN,
    PERIOD,
    STATUS,
    WINDOW,
    constraints,
    goal,
    goal_change,
    schedule,
)
from gateway.routes.messages.journal import journal_change, journal_entry
from gateway.routes.messages.people import ROLE, consents_change, profile_change, roles
from gateway.routes.messages.shared import WEEKDAY, Words, day, instant, weekdays
from gateway.routes.messages.suggestions import SUGGESTION_STATUS
from gateway.routes.messages.transfer import EXPORT_FORMAT, IMPORT_SOURCE

__all__ = [
    "ACTIVITY_TYPE",
    "AGGREGATION",
    "EXCUSED",
    "EXPORT_FORMAT",
    "IMPORT_SOURCE",
    "METRIC",
    "MONTH_END",
    "NO_ENTRY",
    "PATTERN",
    "PERIOD",
    "PROGRESS_PERIOD",
    "ROLE",
    "STATUS",
    "SUBGOAL_STATUS",
    "SUGGESTION_STATUS",
    "WEEKDAY",
    "WINDOW",
    "Words",
    "activities",
    "activity",
    "activity_change",
    "challenge_submission",
    "check_in",
    "consents_change",
    "constraints",
    "day",
    "goal",
    "goal_change",
    "habit",
    "habit_change",
    "instant",
    "journal_change",
    "journal_entry",
    "profile_change",
    "reminders",
    "roles",
    "schedule",
    "subgoal",
    "subgoal_change",
    "vacation",
    "weekdays",
]
