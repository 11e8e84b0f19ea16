"""The forms in which habits, subgoals, plans and reminders stand in a goal's row."""

import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from services.goals.domain.care import (
    Care,
    Habit,
    Plan,
    PlannedHabit,
    PlannedSubgoal,
    Reminder,
    Subgoal,
    SubgoalStatus,
)
from services.goals.domain.days import Period
from services.goals.domain.schedule import Schedule
from services.goals.repository.known_texts import known_texts

_Document = dict[str, Any]


def habits_document(habits: Sequence[Habit]) -> list[_Document]:
    """All habits, in order."""
    return [{"id": str(habit.id), **planned_habit_document(habit)} for habit in habits]


def subgoals_document(subgoals: Sequence[Subgoal]) -> list[_Document]:
    """All subgoals, in order."""
    return [
        {"id": str(part.id), "title": part.title, "due_date": _iso(part.due_day), "status": part.status.value}
        for part in subgoals
    ]


def plan_document(plan: Plan | None) -> _Document | None:
    """The plan as it was proposed."""
    if plan is None:
        return None
    return {
        "source": plan.source,
        "summary": plan.summary,
        "subgoals": [planned_subgoal_document(part) for part in plan.subgoals],
        "habits": [planned_habit_document(habit) for habit in plan.habits],
        "fits": plan.fits,
        "warnings": list(plan.warnings),
        "generated_at": plan.generate_time.isoformat(),
    }


@known_texts(1024)
def read_care(habits: str, subgoals: str, plan: str | None) -> Care:
    """What the three wrote."""
    return Care(
        tuple(_habit(document) for document in json.loads(habits)),
        tuple(_subgoal(document) for document in json.loads(subgoals)),
        read_plan(json.loads(plan)) if plan else None,
    )


def reminders_document(reminders: Sequence[Reminder]) -> list[_Document]:
    """All reminders, in the order of the day."""
    return [{"minute": reminder.minute_of_day, "weekdays": list(reminder.weekdays)} for reminder in reminders]


def read_reminders(documents: Sequence[Mapping[str, Any]]) -> tuple[Reminder, ...]:
    """What `reminders_document` wrote."""
    return tuple(Reminder(document["minute"], tuple(document["weekdays"])) for document in documents)


def planned_subgoal_document(part: PlannedSubgoal) -> _Document:
    """A subgoal as a plan proposes it."""
    return {"title": part.title, "due_date": _iso(part.due_day)}


def read_planned_subgoal(document: Mapping[str, Any]) -> PlannedSubgoal:
    """What `planned_subgoal_document` wrote."""
    return PlannedSubgoal(document["title"], _day(document["due_date"]))


def planned_habit_document(habit: Habit | PlannedHabit) -> _Document:
    """A habit without its id, as a plan proposes it."""
    return {
        "title": habit.title,
        "schedule": schedule_document(habit.schedule),
        "minutes": habit.minutes,
        "if_then": habit.if_then,
    }


def read_planned_habit(document: Mapping[str, Any]) -> PlannedHabit:
    """What `planned_habit_document` wrote."""
    return PlannedHabit(
        document["title"], read_schedule(document["schedule"]), document["minutes"], document["if_then"]
    )


def schedule_document(schedule: Schedule) -> _Document:
    """When a habit is due."""
    return {
        "period": schedule.period.value,
        "times": schedule.times,
        "weekdays": sorted(schedule.weekdays),
        "rrule": schedule.rrule,
        "window_days": schedule.window_days,
    }


def _habit(document: Mapping[str, Any]) -> Habit:
    return Habit(
        UUID(document["id"]),
        document["title"],
        read_schedule(document["schedule"]),
        document["minutes"],
        document["if_then"],
    )


def _subgoal(document: Mapping[str, Any]) -> Subgoal:
    return Subgoal(
        UUID(document["id"]), document["title"], _day(document["due_date"]), SubgoalStatus(document["status"])
    )


def read_plan(document: Mapping[str, Any]) -> Plan:
    """What `plan_document` wrote of a plan."""
    return Plan(
        document["source"],
        document["summary"],
        tuple(read_planned_subgoal(part) for part in document["subgoals"]),
        tuple(read_planned_habit(habit) for habit in document["habits"]),
        document["fits"],
        tuple(document["warnings"]),
        datetime.fromisoformat(document["generated_at"]),
    )


def read_schedule(document: Mapping[str, Any]) -> Schedule:
    """What `schedule_document` wrote."""
    return Schedule(
        Period(document["period"]),
        document["times"],
        frozenset(document["weekdays"]),
        document["rrule"],
        document["window_days"],
    )


def _iso(day: int | None) -> str | None:
    return date.fromordinal(day).isoformat() if day else None


def _day(text: str | None) -> int | None:
    return date.fromisoformat(text).toordinal() if text else None
