"""Parts of a goal beside its terms: habits, subgoals, a plan and reminders. None of them changes what is asked for."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from services.goals.domain.fields import Checks
from services.goals.domain.goal import MAX_TITLE_LENGTH, Goal, Status
from services.goals.domain.schedule import Schedule, ScheduleDraft, plan_schedule
from services.goals.errors import GoalClosed, PartNotFound, TooMany

MAX_HABITS = 50
MAX_SUBGOALS = 50
MAX_REMINDERS = 10
MAX_MINUTES = 24 * 60
MAX_IF_THEN_LENGTH = 500

HABIT_FIELDS = frozenset({"title", "schedule", "minutes", "if_then"})
_NO_IDS = frozenset[UUID]()
SUBGOAL_FIELDS = frozenset({"title", "due_date", "status"})


class SubgoalStatus(StrEnum):
    """Whether a subgoal is done."""

    OPEN = "open"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class Habit:
    """Something small and regular that serves a goal. `minutes` is 0 where not said."""

    id: UUID
    title: str
    schedule: Schedule
    minutes: int = 0
    if_then: str = ""


@dataclass(frozen=True, slots=True)
class HabitDraft:
    """A habit as asked for; None is left out."""

    title: str = ""
    schedule: ScheduleDraft | None = None
    minutes: int = 0
    if_then: str = ""


@dataclass(frozen=True, slots=True)
class Subgoal:
    """A part of a goal on the way; `due_day` is an ordinal."""

    id: UUID
    title: str
    due_day: int | None = None
    status: SubgoalStatus = SubgoalStatus.OPEN


@dataclass(frozen=True, slots=True)
class SubgoalDraft:
    """A subgoal as asked for; None is left out."""

    title: str = ""
    due_date: date | None = None
    status: SubgoalStatus | None = None


@dataclass(frozen=True, slots=True)
class PlannedSubgoal:
    """A subgoal that a plan proposes; `due_day` is an ordinal."""

    title: str
    due_day: int | None = None


@dataclass(frozen=True, slots=True)
class PlannedHabit:
    """A habit that a plan proposes. `minutes` is 0 where not said."""

    title: str
    schedule: Schedule
    minutes: int = 0
    if_then: str = ""


@dataclass(frozen=True, slots=True)
class Plan:
    """How a goal is to be reached, as coach proposed it.

    Attributes:
        source: `anthropic`, `gemini` or `offline`.
        fits: What was asked for fits the minutes a week.
        warnings: What was changed, and what does not fit.
    """

    source: str
    summary: str
    subgoals: tuple[PlannedSubgoal, ...]
    habits: tuple[PlannedHabit, ...]
    fits: bool
    warnings: tuple[str, ...]
    generate_time: datetime


@dataclass(frozen=True, slots=True)
class Constraints:
    """What a plan has to keep to; 0 and None where nothing was said. `deadline` is an ordinal."""

    minutes_per_week: int = 0
    deadline: int | None = None


@dataclass(frozen=True, slots=True)
class Care:
    """All of it that is shown with a goal, in the member's order."""

    habits: tuple[Habit, ...] = ()
    subgoals: tuple[Subgoal, ...] = ()
    plan: Plan | None = None

    @property
    def habit_ids(self) -> frozenset[UUID]:
        """What a check-in may name."""
        return frozenset([habit.id for habit in self.habits]) if self.habits else _NO_IDS

    def habit(self, habit_id: UUID) -> Habit:
        """The habit of this id.

        Raises:
            PartNotFound: There is none.
        """
        return self.habits[_index(self.habits, habit_id, "habit")]

    def subgoal(self, subgoal_id: UUID) -> Subgoal:
        """The subgoal of this id.

        Raises:
            PartNotFound: There is none.
        """
        return self.subgoals[_index(self.subgoals, subgoal_id, "subgoal")]


@dataclass(frozen=True, slots=True, order=True)
class Reminder:
    """A time of the local day, on the ISO weekdays named or on all."""

    minute_of_day: int
    weekdays: tuple[int, ...] = ()


def check_open(goal: Goal) -> None:
    """The goal takes edits.

    Raises:
        GoalClosed: It is completed or archived.
    """
    if goal.status in (Status.COMPLETED, Status.ARCHIVED):
        raise GoalClosed(goal.status)


# Habits and subgoals.


def add_habit(care: Care, draft: HabitDraft, *, habit_id: UUID) -> Care:
    """One habit more, behind the others.

    Raises:
        InvalidArgument: A field breaks a rule.
        TooMany: There are `MAX_HABITS` already.
    """
    habit = _habit(Habit(habit_id, "", Schedule()), draft, HABIT_FIELDS)
    if len(care.habits) >= MAX_HABITS:
        raise TooMany(MAX_HABITS, "habits on a goal")
    return replace(care, habits=(*care.habits, habit))


def change_habit(care: Care, habit_id: UUID, draft: HabitDraft, fields: Collection[str]) -> Care:
    """Takes over the named fields of the draft.

    Raises:
        InvalidArgument: A field breaks a rule.
        PartNotFound: There is no such habit.
    """
    index = _index(care.habits, habit_id, "habit")
    changed = _habit(care.habits[index], draft, fields)
    return replace(care, habits=(*care.habits[:index], changed, *care.habits[index + 1 :]))


def remove_habit(care: Care, habit_id: UUID) -> Care:
    """One habit less; what was logged on it stays.

    Raises:
        PartNotFound: There is no such habit.
    """
    index = _index(care.habits, habit_id, "habit")
    return replace(care, habits=(*care.habits[:index], *care.habits[index + 1 :]))


def add_subgoal(care: Care, draft: SubgoalDraft, *, subgoal_id: UUID, goal: Goal) -> Care:
    """One subgoal more, behind the others.

    Raises:
        InvalidArgument: A field breaks a rule.
        TooMany: There are `MAX_SUBGOALS` already.
    """
    subgoal = _subgoal(Subgoal(subgoal_id, ""), draft, SUBGOAL_FIELDS, start=goal.start_day)
    if len(care.subgoals) >= MAX_SUBGOALS:
        raise TooMany(MAX_SUBGOALS, "subgoals on a goal")
    return replace(care, subgoals=(*care.subgoals, subgoal))


def change_subgoal(care: Care, subgoal_id: UUID, draft: SubgoalDraft, fields: Collection[str], *, goal: Goal) -> Care:
    """Takes over the named fields of the draft.

    Raises:
        InvalidArgument: A field breaks a rule.
        PartNotFound: There is no such subgoal.
    """
    index = _index(care.subgoals, subgoal_id, "subgoal")
    changed = _subgoal(care.subgoals[index], draft, fields, start=goal.start_day)
    return replace(care, subgoals=(*care.subgoals[:index], changed, *care.subgoals[index + 1 :]))


def remove_subgoal(care: Care, subgoal_id: UUID) -> Care:
    """One subgoal less.

    Raises:
        PartNotFound: There is no such subgoal.
    """
    index = _index(care.subgoals, subgoal_id, "subgoal")
    return replace(care, subgoals=(*care.subgoals[:index], *care.subgoals[index + 1 :]))


def _index(parts: Sequence[Habit | Subgoal], part_id: UUID, what: str) -> int:
    for index, part in enumerate(parts):
        if part.id == part_id:
            return index
    raise PartNotFound(what)


def _habit(habit: Habit, draft: HabitDraft, fields: Collection[str]) -> Habit:
    checks = Checks()
    _check_fields(fields, HABIT_FIELDS, checks)
    changes: dict[str, Any] = {}
    if "title" in fields:
        changes["title"] = checks.line("title", draft.title, longest=MAX_TITLE_LENGTH, required=True)
    if "schedule" in fields:
        changes["schedule"] = plan_schedule(draft.schedule or ScheduleDraft(), checks=checks)
    if "minutes" in fields:
        changes["minutes"] = draft.minutes
        if not 0 <= draft.minutes <= MAX_MINUTES:
            checks.fail("minutes", f"must be between 1 and {MAX_MINUTES}")
    if "if_then" in fields:
        changes["if_then"] = checks.line("if_then", draft.if_then, longest=MAX_IF_THEN_LENGTH)
    checks.finish()
    return replace(habit, **changes)


def _subgoal(subgoal: Subgoal, draft: SubgoalDraft, fields: Collection[str], *, start: int) -> Subgoal:
    checks = Checks()
    _check_fields(fields, SUBGOAL_FIELDS, checks)
    changes: dict[str, Any] = {}
    if "title" in fields:
        changes["title"] = checks.line("title", draft.title, longest=MAX_TITLE_LENGTH, required=True)
    if "due_date" in fields:
        changes["due_day"] = _due_day(draft.due_date, start, checks)
    if "status" in fields:
        changes["status"] = draft.status or SubgoalStatus.OPEN
    checks.finish()
    return replace(subgoal, **changes)


def _due_day(due: date | None, start: int, checks: Checks) -> int | None:
    if due is None:
        return None
    day = checks.day("due_date", due).toordinal()
    if day < start:
        checks.fail("due_date", "must not lie before the goal's start date")
    return day


def _check_fields(fields: Collection[str], known: Collection[str], checks: Checks) -> None:
    for field in sorted(set(fields) - set(known)):
        checks.fail(field[:100], "cannot be changed")


# Reminders.


def plan_reminders(asked: Sequence[Reminder]) -> tuple[Reminder, ...]:
    """All reminders that there are to be, in the order of the day.

    Raises:
        InvalidArgument: A field breaks a rule.
    """
    checks = Checks()
    if len(asked) > MAX_REMINDERS:
        checks.fail("reminders", f"must be at most {MAX_REMINDERS}")
        checks.finish()
    seen: set[Reminder] = set()
    for index, reminder in enumerate(asked):
        field = f"reminders[{index}]"
        if not 0 <= reminder.minute_of_day < MAX_MINUTES:
            checks.fail(f"{field}.time", "must be a time of the day")
        if any(not 1 <= weekday <= 7 for weekday in reminder.weekdays):
            checks.fail(f"{field}.weekdays", "must be days of the week")
        elif len(set(reminder.weekdays)) != len(reminder.weekdays):
            checks.fail(f"{field}.weekdays", "must not name a day twice")
        plain = replace(reminder, weekdays=tuple(sorted(reminder.weekdays)))
        if plain in seen:
            checks.fail(field, "must not be there twice")
        seen.add(plain)
    checks.finish()
    return tuple(sorted(seen))
