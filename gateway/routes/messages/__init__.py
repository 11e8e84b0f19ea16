"""From request models to protobuf."""

from gateway.routes.messages.activities import ACTIVITY_TYPE, activity, check_in
from gateway.routes.messages.figures import PROGRESS_PERIOD
from gateway.routes.messages.goals import (
    EXCUSED,
    MONTH_END,
    NO_ENTRY,
    PATTERN,
    PERIOD,
    STATUS,
    WINDOW,
    goal,
    goal_change,
)
from gateway.routes.messages.people import ROLE, consents_change, profile_change, roles
from gateway.routes.messages.shared import WEEKDAY, Words, day, instant

__all__ = [
    "ACTIVITY_TYPE",
    "EXCUSED",
    "MONTH_END",
    "NO_ENTRY",
    "PATTERN",
    "PERIOD",
    "PROGRESS_PERIOD",
    "ROLE",
    "STATUS",
    "WEEKDAY",
    "WINDOW",
    "Words",
    "activity",
    "check_in",
    "consents_change",
    "day",
    "goal",
    "goal_change",
    "instant",
    "profile_change",
    "roles",
]
