"""From protobuf to JSON, written out by hand: generic conversion costs more than the whole call.

Instants and dates stay objects; orjson writes them as the API promises (`Z`, `YYYY-MM-DD`).
"""

from gateway.routes.views.activities import ACTIVITY_TYPES, activity, logged
from gateway.routes.views.coach import AUTHORS, TIERS, chat_message, exchange, thread
from gateway.routes.views.dashboard import analytics, dashboard, notification
from gateway.routes.views.figures import PROGRESS_PERIODS, progress
from gateway.routes.views.goals import (
    EXCUSED,
    MONTH_END,
    NO_ENTRY,
    PATTERNS,
    PERIODS,
    STATES,
    STATUSES,
    WEEKDAYS,
    WINDOWS,
    goal,
    policy,
    schedule,
)
from gateway.routes.views.people import ROLES, consents, member, roles
from gateway.routes.views.shared import Json, day, instant, page

__all__ = [
    "ACTIVITY_TYPES",
    "AUTHORS",
    "EXCUSED",
    "MONTH_END",
    "NO_ENTRY",
    "PATTERNS",
    "PERIODS",
    "PROGRESS_PERIODS",
    "ROLES",
    "STATES",
    "STATUSES",
    "TIERS",
    "WEEKDAYS",
    "WINDOWS",
    "Json",
    "activity",
    "analytics",
    "chat_message",
    "consents",
    "dashboard",
    "day",
    "exchange",
    "goal",
    "instant",
    "logged",
    "member",
    "notification",
    "page",
    "policy",
    "progress",
    "roles",
    "schedule",
    "thread",
]
