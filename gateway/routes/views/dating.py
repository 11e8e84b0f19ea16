"""The dating-goals conversation."""

from typing import Any, Final

from gateway.routes.views.coach import safety
from gateway.routes.views.goals import goal
from gateway.routes.views.shared import Json
from tandem.coach.v1 import dating_pb2

TOPIC_STATUSES: Final = ("not_started", "not_started", "in_progress", "complete", "skipped")
COMFORT_LEVELS: Final = (None, "low", "moderate", "high")


def dating_turn(message: dating_pb2.IntakeTurn) -> Json:
    """The coach's turn; without a thread where nothing of it was kept."""
    return {
        "success": not message.unsaved,
        "message": message.text,
        "thread_id": None if message.unsaved else message.thread_id,
        "is_complete": message.is_complete,
        "completion_percentage": message.completion_percentage,
        "current_topic": message.current_topic or None,
        "topics": [
            {"id": each.topic_id, "title": each.title, "status": TOPIC_STATUSES[each.status]} for each in message.topics
        ],
        "safety": safety(message.safety),
        "provider": message.provider,
        "degraded": message.degraded,
    }


def dating_goals(message: dating_pb2.DatingGoals) -> Json:
    """What is known."""
    return {
        "goals": list(message.data.goals),
        "preferred_venues": list(message.data.preferred_venues),
        "comfort_level": COMFORT_LEVELS[message.data.comfort_level],
        "goals_data": _known(message.data),
        "is_complete": message.is_complete,
        "completion_percentage": message.completion_percentage,
    }


def adopted_goals(message: dating_pb2.AdoptDatingGoalsResponse) -> Json:
    """The goals that dating goals became."""
    return {"items": [goal(each) for each in message.goals]}


def _known(data: dating_pb2.DatingGoalsData) -> Json:
    """By slot, without those that nothing was said about."""
    shown: dict[str, Any] = {
        "goals": list(data.goals),
        "target": data.target,
        "timeframe": data.timeframe,
        "tried": list(data.tried),
        "what_helped": data.what_helped,
        "what_got_in_the_way": data.what_got_in_the_way,
        "comfort_level": COMFORT_LEVELS[data.comfort_level],
        "triggers": list(data.triggers),
        "preferred_venues": list(data.preferred_venues),
        "support_people": list(data.support_people),
        "check_in_frequency": data.check_in_frequency,
        "accountability_style": data.accountability_style,
        "declined": list(data.declined),
    }
    return {slot: value for slot, value in shown.items() if value}
