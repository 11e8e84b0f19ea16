"""What surrounds a goal: vacations, habits, subgoals and reminders."""

from typing import Final

from gateway.routes import views
from gateway.routes.messages.goals import schedule
from gateway.routes.messages.shared import Words, day, weekdays
from gateway.routes.requests import (
    HabitChange,
    HabitDraft,
    RemindersDraft,
    SubgoalChange,
    SubgoalDraft,
    VacationDraft,
)
from tandem.goals.v1 import care_pb2, goal_pb2

SUBGOAL_STATUS: Final[Words] = {word: number for number, word in enumerate(views.SUBGOAL_STATUSES) if word}


def vacation(goal_id: str, draft: VacationDraft) -> care_pb2.Vacation:
    """A vacation; without a goal one from all of them."""
    return care_pb2.Vacation(
        goal_id=goal_id, from_date=day(draft.from_), to_date=day(draft.to), reason=draft.reason or ""
    )


def habit(draft: HabitDraft) -> goal_pb2.Habit:
    """A new habit."""
    return goal_pb2.Habit(
        title=draft.title,
        schedule=schedule(draft.schedule) if draft.schedule is not None else None,
        minutes=draft.minutes or 0,
        if_then=draft.if_then or "",
    )


def habit_change(habit_id: str, change: HabitChange) -> tuple[goal_pb2.Habit, list[str]]:
    """The new values, and the paths of the fields that change."""
    given = change.model_fields_set
    message = goal_pb2.Habit(habit_id=habit_id)
    if "title" in given:
        message.title = change.title
    if "schedule" in given:
        message.schedule.CopyFrom(schedule(change.schedule))
    if "minutes" in given:
        message.minutes = change.minutes or 0
    if "if_then" in given:
        message.if_then = change.if_then or ""
    return message, sorted(given)


def subgoal(draft: SubgoalDraft) -> goal_pb2.Subgoal:
    """A new subgoal."""
    return goal_pb2.Subgoal(title=draft.title, due_date=day(draft.due_date) if draft.due_date is not None else None)


def subgoal_change(subgoal_id: str, change: SubgoalChange) -> tuple[goal_pb2.Subgoal, list[str]]:
    """The new values, and the paths of the fields that change."""
    given = change.model_fields_set
    message = goal_pb2.Subgoal(subgoal_id=subgoal_id)
    if "title" in given:
        message.title = change.title
    if "due_date" in given and change.due_date is not None:
        message.due_date.CopyFrom(day(change.due_date))
    if "status" in given:
        message.status = SUBGOAL_STATUS[change.status]
    return message, sorted(given)


def reminders(draft: RemindersDraft) -> list[care_pb2.Reminder]:
    """All reminders of a goal."""
    return [
        care_pb2.Reminder(minute_of_day=_minute_of_day(each.time), weekdays=weekdays(each.weekdays))
        for each in draft.items
    ]


def _minute_of_day(time: str) -> int:
    hours, minutes = time.split(":")
    return int(hours) * 60 + int(minutes)
