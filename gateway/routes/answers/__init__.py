"""Answers as the OpenAPI document shows them. They are written by `views`; a test holds the two together."""

from gateway.routes.answers.activities import Activity, ActivityContext, Logged
from gateway.routes.answers.coach import ChatMessage, ChatThread, Exchange, Safety
from gateway.routes.answers.dashboard import Analytics, Dashboard, DashboardGoal, DueGoal, Notification
from gateway.routes.answers.figures import Pace, Point, Progress, Span, Streak
from gateway.routes.answers.goals import Amount, Goal, Policy, ProgressSummary, Schedule, State
from gateway.routes.answers.people import Consents, Key, KeySet, Member, SignedIn
from gateway.routes.answers.shared import Answer, FieldError, Item, Page, Percent, Problem, SafetyResource, Weekday

__all__ = [
    "Activity",
    "ActivityContext",
    "Amount",
    "Analytics",
    "Answer",
    "ChatMessage",
    "ChatThread",
    "Consents",
    "Dashboard",
    "DashboardGoal",
    "DueGoal",
    "Exchange",
    "FieldError",
    "Goal",
    "Item",
    "Key",
    "KeySet",
    "Logged",
    "Member",
    "Notification",
    "Pace",
    "Page",
    "Percent",
    "Point",
    "Policy",
    "Problem",
    "Progress",
    "ProgressSummary",
    "Safety",
    "SafetyResource",
    "Schedule",
    "SignedIn",
    "Span",
    "State",
    "Streak",
    "Weekday",
]
