"""From protobuf to JSON, written out by hand: generic conversion costs more than the whole call.

Instants and dates stay objects; orjson writes them as the API promises (`Z`, `YYYY-MM-DD`).
"""

from gateway.routes.views.activities import ACTIVITY_TYPES, activity, batch, logged
from gateway.routes.views.care import reminders, vacation
from gateway.routes.views.challenges import RUN_STATUSES, challenge, challenge_run, challenge_submission
from gateway.routes.views.coach import (
    AUTHORS,
    REVIEW_KINDS,
    TIERS,
    chat_message,
    exchange,
    memory,
    memory_page,
    memory_pause,
    reply_rating,
    review,
    thread,
)
from gateway.routes.views.dashboard import analytics, dashboard, notification
from gateway.routes.views.dating import COMFORT_LEVELS, TOPIC_STATUSES, adopted_goals, dating_goals, dating_turn
from gateway.routes.views.figures import METRICS, OUTCOMES, PROGRESS_PERIODS, calendar, explanation, progress
from gateway.routes.views.goals import (
    AGGREGATIONS,
    EXCUSED,
    MONTH_END,
    NO_ENTRY,
    PATTERNS,
    PERIODS,
    STATES,
    STATUSES,
    SUBGOAL_STATUSES,
    WEEKDAYS,
    WINDOWS,
    goal,
    habit,
    policy,
    schedule,
    subgoal,
)
from gateway.routes.views.journal import journal_entry
from gateway.routes.views.people import ROLES, consents, member, roles
from gateway.routes.views.shared import Json, day, instant, page
from gateway.routes.views.suggestions import SUGGESTION_STATUSES, accepted_suggestion, suggestion
from gateway.routes.views.transfer import SOURCES, import_report, template

__all__ = [
    "ACTIVITY_TYPES",
    "AGGREGATIONS",
    "AUTHORS",
    "COMFORT_LEVELS",
    "EXCUSED",
    "METRICS",
    "MONTH_END",
    "NO_ENTRY",
    "OUTCOMES",
    "PATTERNS",
    "PERIODS",
    "PROGRESS_PERIODS",
    "REVIEW_KINDS",
    "ROLES",
    "RUN_STATUSES",
    "SOURCES",
    "STATES",
    "STATUSES",
    "SUBGOAL_STATUSES",
    "SUGGESTION_STATUSES",
    "TIERS",
    "TOPIC_STATUSES",
    "WEEKDAYS",
    "WINDOWS",
    "Json",
    "accepted_suggestion",
    "activity",
    "adopted_goals",
    "analytics",
    "batch",
    "calendar",
    "challenge",
    "challenge_run",
    "challenge_submission",
    "chat_message",
    "consents",
    "dashboard",
    "dating_goals",
    "dating_turn",
    "day",
    "exchange",
    "explanation",
    "goal",
    "habit",
    "import_report",
    "instant",
    "journal_entry",
    "logged",
    "member",
    "memory",
    "memory_page",
    "memory_pause",
    "notification",
    "page",
    "policy",
    "progress",
    "reminders",
    "reply_rating",
    "review",
    "roles",
    "schedule",
    "subgoal",
    "suggestion",
    "template",
    "thread",
    "vacation",
]
