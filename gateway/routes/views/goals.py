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
AGGREGATIONS: Final = ("sum", "sum", "last", "max")
SUBGOAL_STATUSES: Final = (None, "open", "done")
STATES: Final = (None, "ahead", "on_track", "behind", "at_risk", "done")


def goal(message: goal_pb2.Goal) -> Json:
    """A goal. What its pattern does not have is there and empty, so that clients need not ask whether it is."""
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
        "amount": amount(message.amount) if message.HasField("amount") else None,
        "target": target(message.target) if message.HasField("target") else None,
        "milestones": [_milestone(each) for each in message.milestones],
        "limit": limit(message.limit) if message.HasField("limit") else None,
        "streak": streak(message.streak) if message.HasField("streak") else None,
        "subgoals": [subgoal(each) for each in message.subgoals],
        "habits": [habit(each) for each in message.habits],
        "plan": plan(message.plan) if message.HasField("plan") else None,
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
        "times": message.times if message.HasField("times") else 1,
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


def subgoal(message: goal_pb2.Subgoal) -> Json:
    """A part of a goal on the way."""
    return {
        "id": message.subgoal_id,
        "title": message.title,
        "due_date": day(message.due_date) if message.HasField("due_date") else None,
        "status": SUBGOAL_STATUSES[message.status],
    }


def habit(message: goal_pb2.Habit) -> Json:
    """Something small and regular."""
    return {
        "id": message.habit_id,
        "title": message.title,
        "schedule": schedule(message.schedule),
        "minutes": message.minutes or None,
        "if_then": message.if_then or None,
    }


def plan(message: goal_pb2.Plan) -> Json:
    """How a goal is to be reached."""
    return {
        "source": message.source,
        "summary": message.summary,
        "subgoals": [planned_subgoal(each) for each in message.subgoals],
        "habits": [planned_habit(each) for each in message.habits],
        "fits": message.fits,
        "warnings": list(message.warnings),
        "generated_at": instant(message.generate_time),
    }


def planned_subgoal(message: goal_pb2.PlannedSubgoal) -> Json:
    """A subgoal that a plan proposes."""
    return {"title": message.title, "due_date": day(message.due_date) if message.HasField("due_date") else None}


def planned_habit(message: goal_pb2.PlannedHabit) -> Json:
    """A habit that a plan proposes."""
    return {
        "title": message.title,
        "schedule": schedule(message.schedule),
        "minutes": message.minutes or None,
        "if_then": message.if_then or None,
    }


def amount(message: goal_pb2.Amount) -> Json:
    """An amount to reach in every unit."""
    return {"unit": message.unit, "min_value": message.min_value}


def target(message: goal_pb2.Target) -> Json:
    """A value to reach."""
    return {
        "unit": message.unit,
        "start_value": message.start_value,
        "target_value": message.target_value,
        "aggregation": AGGREGATIONS[message.aggregation],
    }


def _milestone(message: goal_pb2.Milestone) -> Json:
    return {
        "id": message.milestone_id,
        "title": message.title,
        "weight": message.weight if message.HasField("weight") else 1.0,
        "due_date": day(message.due_date) if message.HasField("due_date") else None,
        "done_at": instant(message.done_time) if message.HasField("done_time") else None,
    }


def limit(message: goal_pb2.Limit) -> Json:
    """What a unit must not exceed."""
    return {"max_value": message.max_value, "unit": message.unit}


def streak(message: goal_pb2.StreakTerms) -> Json:
    """How long a streak is to become."""
    return {"target_length": message.target_length, "freezes_per_month": message.freezes_per_month}


def _summary(message: goal_pb2.ProgressSummary) -> Json:
    return {
        "percent": message.percent if message.HasField("percent") else None,
        "state": STATES[message.state],
        "current_streak": message.current_streak,
        "due_today": message.due_today,
        "done_today": message.done_today,
    }
