"""Suggestions: changes that somebody proposes for a goal, applied together or not at all.

A suggestion is made for a goal as it was. By the time the member decides, a habit may be gone or the deadline past:
`apply` then refuses with what does not fit, and `misfit_of` says so before anybody tries.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from typing import NewType
from uuid import UUID

from chassis.errors import InvalidArgument, TandemError
from services.goals.domain.care import (
    Care,
    HabitDraft,
    Plan,
    PlannedHabit,
    PlannedSubgoal,
    SubgoalDraft,
    add_habit,
    add_subgoal,
    change_habit,
    remove_habit,
    remove_subgoal,
)
from services.goals.domain.care.adoption import adopt_plan
from services.goals.domain.entries import Entries
from services.goals.domain.fields import Checks
from services.goals.domain.goal import Goal, Status
from services.goals.domain.planning import GoalDraft, update_goal
from services.goals.domain.schedule import Schedule, draft_of
from services.goals.errors import SuggestionDecided, SuggestionOutdated

SuggestionId = NewType("SuggestionId", UUID)

MAX_OPERATIONS = 20
MAX_PARTS = 10
MAX_SUMMARY_LENGTH = 2_000
MAX_REASON_LENGTH = 500
SOURCES = frozenset({"anthropic", "gemini", "offline", "mentor"})


class SuggestionStatus(StrEnum):
    """Where a suggestion stands."""

    OPEN = "open"
    ACCEPTED = "accepted"
    DISMISSED = "dismissed"


@dataclass(frozen=True, slots=True)
class AddSubgoal:
    """A subgoal more."""

    subgoal: PlannedSubgoal


@dataclass(frozen=True, slots=True)
class SplitSubgoal:
    """A subgoal becomes several, in its place."""

    subgoal_id: UUID
    parts: tuple[PlannedSubgoal, ...]


@dataclass(frozen=True, slots=True)
class AddHabit:
    """A habit more."""

    habit: PlannedHabit


@dataclass(frozen=True, slots=True)
class ChangeHabit:
    """A habit changes; what is empty stays as it is."""

    habit_id: UUID
    title: str = ""
    schedule: Schedule | None = None
    minutes: int = 0
    if_then: str = ""


@dataclass(frozen=True, slots=True)
class RemoveHabit:
    """A habit goes."""

    habit_id: UUID


@dataclass(frozen=True, slots=True)
class MoveDeadline:
    """The goal's last day moves; an ordinal."""

    deadline: int


@dataclass(frozen=True, slots=True)
class AdoptPlan:
    """A plan takes the place of the present one."""

    plan: Plan


Change = AddSubgoal | SplitSubgoal | AddHabit | ChangeHabit | RemoveHabit | MoveDeadline | AdoptPlan


@dataclass(frozen=True, slots=True)
class Operation:
    """One change, and why."""

    change: Change
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Changes proposed for a goal."""

    id: SuggestionId
    goal_id: UUID
    source: str
    summary: str
    operations: tuple[Operation, ...]
    status: SuggestionStatus
    create_time: datetime
    decide_time: datetime | None = None


@dataclass(frozen=True, slots=True)
class Ground:
    """What a suggestion is applied to: the goal with its parts and entries, on a day."""

    goal: Goal
    care: Care
    entries: Entries
    today: int


def plan_suggestion(
    *,
    suggestion_id: SuggestionId,
    goal_id: UUID,
    source: str,
    summary: str,
    operations: Sequence[Operation],
    now: datetime,
) -> Suggestion:
    """Checks a suggestion as somebody offers it.

    Raises:
        InvalidArgument: A field breaks a rule; whether it fits the goal is looked at when the member does.
    """
    checks = Checks()
    if source not in SOURCES:
        checks.fail("suggestion.source", f"must be one of {', '.join(sorted(SOURCES))}")
    checks.body("suggestion.summary", summary, longest=MAX_SUMMARY_LENGTH)
    if not 1 <= len(operations) <= MAX_OPERATIONS:
        checks.fail("suggestion.operations", f"must be between 1 and {MAX_OPERATIONS}")
    for index, operation in enumerate(operations):
        field = f"suggestion.operations[{index}]"
        checks.body(f"{field}.reason", operation.reason, longest=MAX_REASON_LENGTH)
        if isinstance(operation.change, SplitSubgoal) and not 2 <= len(operation.change.parts) <= MAX_PARTS:
            checks.fail(f"{field}.split_subgoal.parts", f"must be between 2 and {MAX_PARTS}")
    checks.finish()
    return Suggestion(suggestion_id, goal_id, source, summary, tuple(operations), SuggestionStatus.OPEN, now)


def misfit_of(suggestion: Suggestion, ground: Ground, *, now: datetime, new_id: Callable[[], UUID]) -> str:
    """Why an open suggestion cannot be applied as things are now; empty where it can."""
    try:
        apply(suggestion, ground, now=now, new_id=new_id)
    except SuggestionOutdated as outdated:
        return outdated.why
    return ""


def apply(suggestion: Suggestion, ground: Ground, *, now: datetime, new_id: Callable[[], UUID]) -> tuple[Goal, Care]:
    """The goal and its parts with all changes of a suggestion.

    Raises:
        SuggestionOutdated: The goal is not what it was any more; says what does not fit.
    """
    goal, care = ground.goal, ground.care
    if goal.status in (Status.COMPLETED, Status.ARCHIVED):
        raise SuggestionOutdated(f"The goal is {goal.status} by now.")
    for operation in suggestion.operations:
        try:
            goal, care = _applied(operation.change, replace(ground, goal=goal, care=care), now=now, new_id=new_id)
        except InvalidArgument as problem:
            raise SuggestionOutdated(_first(problem)) from None
        except SuggestionOutdated:
            raise
        except TandemError as problem:
            raise SuggestionOutdated(problem.message) from None
    return goal, care


def decide(suggestion: Suggestion, status: SuggestionStatus, *, now: datetime) -> Suggestion:
    """The member's decision; the same decision twice is one.

    Raises:
        SuggestionDecided: It was decided otherwise before.
    """
    if suggestion.status is status:
        return suggestion
    if suggestion.status is not SuggestionStatus.OPEN:
        raise SuggestionDecided(suggestion.status)
    return replace(suggestion, status=status, decide_time=now)


def _applied(change: Change, ground: Ground, *, now: datetime, new_id: Callable[[], UUID]) -> tuple[Goal, Care]:
    goal, care = ground.goal, ground.care
    match change:
        case MoveDeadline(deadline):
            return _with_deadline(ground, deadline, now=now, new_id=new_id), care
        case AdoptPlan(plan):
            return goal, adopt_plan(care, plan, goal=goal, new_id=new_id)
        case AddSubgoal(subgoal):
            return goal, add_subgoal(care, _subgoal(subgoal), subgoal_id=new_id(), goal=goal)
        case SplitSubgoal(subgoal_id, parts):
            return goal, _split(care, subgoal_id, parts, goal=goal, new_id=new_id)
        case AddHabit(habit):
            return goal, add_habit(care, _habit(habit), habit_id=new_id())
        case RemoveHabit(habit_id):
            return goal, remove_habit(care, habit_id)
        case ChangeHabit():
            return goal, _changed_habit(care, change)


def _with_deadline(ground: Ground, deadline: int, *, now: datetime, new_id: Callable[[], UUID]) -> Goal:
    if deadline < ground.today:
        raise SuggestionOutdated("The day to which the deadline would move is past.")
    draft = GoalDraft(deadline=date.fromordinal(deadline))
    return update_goal(
        ground.goal, draft, {"deadline"}, entries=ground.entries, today=ground.today, now=now, new_id=new_id
    )


def _split(
    care: Care, subgoal_id: UUID, parts: Sequence[PlannedSubgoal], *, goal: Goal, new_id: Callable[[], UUID]
) -> Care:
    place = care.subgoals.index(care.subgoal(subgoal_id))
    before, after = care.subgoals[:place], care.subgoals[place + 1 :]
    split = replace(remove_subgoal(care, subgoal_id), subgoals=before)
    for part in parts:
        split = add_subgoal(split, _subgoal(part), subgoal_id=new_id(), goal=goal)
    return replace(split, subgoals=(*split.subgoals, *after))


def _changed_habit(care: Care, change: ChangeHabit) -> Care:
    schedule = draft_of(change.schedule) if change.schedule else None
    given = {
        "title": change.title,
        "schedule": schedule,
        "minutes": change.minutes,
        "if_then": change.if_then,
    }
    fields = frozenset(name for name, value in given.items() if value)
    draft = HabitDraft(change.title, schedule, change.minutes, change.if_then)
    return change_habit(care, change.habit_id, draft, fields)


def _subgoal(planned: PlannedSubgoal) -> SubgoalDraft:
    return SubgoalDraft(planned.title, date.fromordinal(planned.due_day) if planned.due_day else None)


def _habit(planned: PlannedHabit) -> HabitDraft:
    return HabitDraft(planned.title, draft_of(planned.schedule), planned.minutes, planned.if_then)


def _first(problem: InvalidArgument) -> str:
    if not problem.violations:
        return problem.message
    first = problem.violations[0]
    return f"{first.field} {first.message}."
