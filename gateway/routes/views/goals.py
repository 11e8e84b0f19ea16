"""Goals."""

from typing import Final

from gateway.routes.views.shared import Json, day, instant
from tandem.goals.v1 import goal_pb2

# Words of the API by enum number; 0 is never sent.
PATTERNS: Final = (None, "recurring", "milestone", "target", "streak", "limit")
STATUSES: Final = (None, "active", "paused", "completed", "archived")
PERIODS: Final = (None, "day", "week", "month", "quarter", "year")
WINDOWS: Final = ("calendar", "calendar", "rolling")
EXCUSED: Final = ("neutral", "neutral", "counts", "breaks")
MONTH_END: Final = ("clamp", "clamp", "skip")
NO_ENTRY: Final = ("ok", "ok", "pessimistic")
WEEKDAYS: Final = (None, "mon", "tue", "wed", "thu", "fri", "sat", "sun")
STATES: Final = (None, "ahead", "on_track", "behind", "at_risk", "done")


def goal(message: goal_pb2.Goal) -> Json:
    """A goal. What no service holds yet is there and empty, so that clients need not ask whether it is."""
    return {
        "id": message.goal_id,
        "member_id": message.member_id,
        "title": message.title,
        "description": message.description,
        "pattern": PATTERNS[message.pattern],
        "status": STATUSES[message.status],
        "category": message.category or None,
        "start_date": day(message.start_date) if message.HasField("start_date") else None,
        "deadline": day(message.deadline) if message.HasField("deadline") else None,
        "schedule": schedule(message.schedule) if message.HasField("schedule") else None,
        "policy": policy(message.policy),
        "amount": _amount(message.amount) if message.HasField("amount") else None,
        "target": None,
        "milestones": [],
        "limit": None,
        "streak": None,
        "subgoals": [],
        "habits": [],
        "plan": None,
        "completed_on": day(message.completed_on) if message.HasField("completed_on") else None,
        "progress_summary": _summary(message.progress_summary) if message.HasField("progress_summary") else None,
        "create_time": instant(message.create_time),
        "update_time": instant(message.update_time),
        "etag": message.etag,
    }


def schedule(message: goal_pb2.Schedule) -> Json:
    """When something is due."""
    return {
        "period": PERIODS[message.period],
        "times": message.times,
        "weekdays": [WEEKDAYS[number] for number in message.weekdays] or None,
        "rrule": message.rrule or None,
        "window": WINDOWS[message.window],
        "window_days": message.window_days if message.HasField("window_days") else None,
    }


def policy(message: goal_pb2.Policy) -> Json:
    """Rules that differ between people."""
    return {
        "excused": EXCUSED[message.excused],
        "month_end": MONTH_END[message.month_end],
        "no_entry": NO_ENTRY[message.no_entry],
    }


def _amount(message: goal_pb2.Amount) -> Json:
    return {"unit": message.unit, "min_value": message.min_value}


def _summary(message: goal_pb2.ProgressSummary) -> Json:
    return {
        "percent": message.percent if message.HasField("percent") else None,
        "state": STATES[message.state],
        "current_streak": message.current_streak,
        "due_today": message.due_today,
        "done_today": message.done_today,
    }
