"""Suggestions."""

from typing import Final

from gateway.routes.views.goals import goal, plan, planned_habit, planned_subgoal, schedule
from gateway.routes.views.shared import Json, day, instant
from tandem.goals.v1 import suggestion_pb2

SUGGESTION_STATUSES: Final = (None, "open", "accepted", "dismissed")


def suggestion(message: suggestion_pb2.Suggestion) -> Json:
    """Changes proposed for a goal."""
    return {
        "id": message.suggestion_id,
        "goal_id": message.goal_id,
        "source": message.source,
        "summary": message.summary,
        "operations": [_operation(each) for each in message.operations],
        "status": SUGGESTION_STATUSES[message.status],
        "fits": message.fits,
        "misfit": message.misfit or None,
        "create_time": instant(message.create_time),
        "decide_time": instant(message.decide_time) if message.HasField("decide_time") else None,
    }


def accepted_suggestion(message: suggestion_pb2.AcceptSuggestionResponse) -> Json:
    """A suggestion that was applied, and the goal with it."""
    return {"suggestion": suggestion(message.suggestion), "goal": goal(message.goal)}


def _operation(message: suggestion_pb2.Operation) -> Json:
    op, said = _change(message)
    return {"op": op, "reason": message.reason or None, **said}


def _change(message: suggestion_pb2.Operation) -> tuple[str, Json]:
    """Its word, and what it says beside it."""
    match message.WhichOneof("change"):
        case "add_subgoal":
            return "add_subgoal", {"subgoal": planned_subgoal(message.add_subgoal)}
        case "split_subgoal":
            split = message.split_subgoal
            return "split_subgoal", {
                "subgoal_id": split.subgoal_id,
                "parts": [planned_subgoal(part) for part in split.parts],
            }
        case "add_habit":
            return "add_habit", {"habit": planned_habit(message.add_habit)}
        case "change_habit":
            return "change_habit", _habit_change(message.change_habit)
        case "remove_habit_id":
            return "remove_habit", {"habit_id": message.remove_habit_id}
        case "move_deadline":
            return "move_deadline", {"deadline": day(message.move_deadline)}
        case "adopt_plan":
            return "adopt_plan", {"plan": plan(message.adopt_plan)}
        case None:
            raise ValueError("a suggestion came with an operation that changes nothing we know")


def _habit_change(message: suggestion_pb2.HabitChange) -> Json:
    return {
        "habit_id": message.habit_id,
        "title": message.title or None,
        "schedule": schedule(message.schedule) if message.HasField("schedule") else None,
        "minutes": message.minutes or None,
        "if_then": message.if_then or None,
    }
