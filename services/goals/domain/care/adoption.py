"""Taking over a plan: its subgoals and habits become the goal's."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from uuid import UUID

from services.goals.domain.care.parts import (
    Care,
    Habit,
    HabitDraft,
    Plan,
    Subgoal,
    SubgoalDraft,
    SubgoalStatus,
    add_habit,
    add_subgoal,
)
from services.goals.domain.goal import Goal
from services.goals.domain.schedule import draft_of


def adopt_plan(care: Care, plan: Plan, *, goal: Goal, new_id: Callable[[], UUID]) -> Care:
    """The plan in the place of the present one, its subgoals and habits behind what is the member's own.

    What the former plan brought goes, unless the member has changed it or done it: that is their own by now.

    Raises:
        InvalidArgument: The plan breaks a rule of the goal's parts.
        TooMany: There would be more parts than may be.
    """
    kept = Care(
        tuple(habit for habit in care.habits if not _is_planned_habit(habit, care.plan)),
        tuple(subgoal for subgoal in care.subgoals if not _is_planned_subgoal(subgoal, care.plan)),
        plan,
    )
    for planned in plan.subgoals:
        due = date.fromordinal(planned.due_day) if planned.due_day else None
        kept = add_subgoal(kept, SubgoalDraft(planned.title, due), subgoal_id=new_id(), goal=goal)
    for habit in plan.habits:
        draft = HabitDraft(habit.title, draft_of(habit.schedule), habit.minutes, habit.if_then)
        kept = add_habit(kept, draft, habit_id=new_id())
    return replace(kept, plan=plan)


def _is_planned_habit(habit: Habit, plan: Plan | None) -> bool:
    return plan is not None and any(
        (habit.title, habit.schedule, habit.minutes, habit.if_then)
        == (planned.title, planned.schedule, planned.minutes, planned.if_then)
        for planned in plan.habits
    )


def _is_planned_subgoal(subgoal: Subgoal, plan: Plan | None) -> bool:
    return (
        plan is not None
        and subgoal.status is SubgoalStatus.OPEN
        and any((subgoal.title, subgoal.due_day) == (planned.title, planned.due_day) for planned in plan.subgoals)
    )
