"""Request bodies and query strings, field by field as the API promises them."""

from gateway.routes.requests.activities import ActivityDraft, ActivityFilter, ActivityType, CheckIn, ContextDraft
from gateway.routes.requests.coach import ChatMessage, MessageFilter
from gateway.routes.requests.figures import ProgressQuery
from gateway.routes.requests.goals import (
    AmountDraft,
    ConstraintsDraft,
    GoalChange,
    GoalDraft,
    GoalFilter,
    LimitDraft,
    MilestoneDraft,
    Pattern,
    PolicyDraft,
    ScheduleDraft,
    Status,
    StreakDraft,
    TargetDraft,
)
from gateway.routes.requests.people import (
    ConsentsChange,
    Credentials,
    MemberDraft,
    ProfileChange,
    RefreshRequest,
    Registration,
    Role,
    RolesChange,
)

__all__ = [
    "ActivityDraft",
    "ActivityFilter",
    "ActivityType",
    "AmountDraft",
    "ChatMessage",
    "CheckIn",
    "ConsentsChange",
    "ConstraintsDraft",
    "ContextDraft",
    "Credentials",
    "GoalChange",
    "GoalDraft",
    "GoalFilter",
    "LimitDraft",
    "MemberDraft",
    "MessageFilter",
    "MilestoneDraft",
    "Pattern",
    "PolicyDraft",
    "ProfileChange",
    "ProgressQuery",
    "RefreshRequest",
    "Registration",
    "Role",
    "RolesChange",
    "ScheduleDraft",
    "Status",
    "StreakDraft",
    "TargetDraft",
]
