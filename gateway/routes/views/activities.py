"""What was logged."""

from typing import Final

from gateway.routes.views.figures import progress
from gateway.routes.views.shared import Json, day, instant
from tandem.goals.v1 import activity_pb2, goals_service_pb2

ACTIVITY_TYPES: Final = (None, "check_in", "progress", "milestone", "skip", "note")


def activity(message: activity_pb2.Activity) -> Json:
    """Something logged."""
    return {
        "id": message.activity_id,
        "goal_id": message.goal_id,
        "type": ACTIVITY_TYPES[message.type],
        "local_date": day(message.local_date),
        "occurred_at": instant(message.occur_time),
        "timezone": message.timezone,
        "completed": message.completed if message.HasField("completed") else None,
        "value": message.value if message.HasField("value") else None,
        "milestone_id": message.milestone_id or None,
        "habit_id": message.habit_id or None,
        "note": message.note or None,
        "mood": message.mood or None,
        "context": _context(message.context) if message.HasField("context") else None,
        "create_time": instant(message.create_time),
        "update_time": instant(message.update_time),
    }


def logged(message: goals_service_pb2.LogActivityResponse) -> Json:
    """An activity as stored, and what follows from it."""
    return {"activity": activity(message.activity), "progress": progress(message.progress)}


def batch(message: goals_service_pb2.BatchLogActivitiesResponse) -> Json:
    """Activities as stored, in the order of the request."""
    return {"items": [{"activity": activity(each)} for each in message.activities]}


def _context(message: activity_pb2.ActivityContext) -> Json:
    return {
        "location": message.location or None,
        "energy": message.energy or None,
        "with_wingman": message.with_wingman,
        "tags": list(message.tags),
    }
