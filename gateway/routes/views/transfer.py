"""Templates, and what became of an import."""

from typing import Final

from gateway.routes.views import goals
from gateway.routes.views.shared import Json
from tandem.goals.v1 import transfer_pb2

SOURCES: Final = (None, "loop", "beeminder", "habitica", "tandem")


def template(message: transfer_pb2.GoalTemplate) -> Json:
    """A template; what its pattern does not have is there and empty."""
    return {
        "id": message.template_id,
        "title": message.title,
        "description": message.description,
        "category": message.category,
        "pattern": goals.PATTERNS[message.pattern],
        "why": message.why,
        "schedule": goals.schedule(message.schedule) if message.HasField("schedule") else None,
        "policy": goals.policy(message.policy),
        "amount": goals.amount(message.amount) if message.HasField("amount") else None,
        "target": goals.target(message.target) if message.HasField("target") else None,
        "milestones": [
            {"title": step.title, "weight": step.weight, "after_days": step.after_days} for step in message.milestones
        ],
        "limit": goals.limit(message.limit) if message.HasField("limit") else None,
        "streak": goals.streak(message.streak) if message.HasField("streak") else None,
        "deadline_days": message.deadline_days if message.HasField("deadline_days") else None,
        "habits": [
            {
                "title": habit.title,
                "schedule": goals.schedule(habit.schedule) if habit.HasField("schedule") else None,
                "minutes": habit.minutes,
                "if_then": habit.if_then,
            }
            for habit in message.habits
        ],
    }


def import_report(message: transfer_pb2.ImportGoalsResponse) -> Json:
    """What came in, or would, and what cannot."""
    return {
        "dry_run": message.dry_run,
        "source": SOURCES[message.source],
        "goals": [
            {
                "title": goal.title,
                "pattern": goals.PATTERNS[goal.pattern],
                "status": goals.STATUSES[goal.status],
                "activities": goal.activity_count,
                "id": goal.goal_id or None,
                "found": goal.found,
            }
            for goal in message.goals
        ],
        "created": {"goals": message.created_goal_count, "activities": message.created_activity_count},
        "skipped": [{"where": item.where, "reason": item.reason} for item in message.skipped],
    }
