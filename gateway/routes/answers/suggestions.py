"""Suggestions: changes proposed for a goal."""

from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import Field

from gateway.routes.answers.goals import Goal, Plan, PlannedHabit, PlannedSubgoal, Schedule
from gateway.routes.answers.shared import Answer


class AddSubgoal(Answer):
    """A subgoal more."""

    op: Literal["add_subgoal"]
    reason: str | None
    subgoal: PlannedSubgoal


class SplitSubgoal(Answer):
    """A subgoal becomes several, in its place."""

    op: Literal["split_subgoal"]
    reason: str | None
    subgoal_id: str
    parts: list[PlannedSubgoal]


class AddHabit(Answer):
    """A habit more."""

    op: Literal["add_habit"]
    reason: str | None
    habit: PlannedHabit


class ChangeHabit(Answer):
    """A habit changes; what is null stays as it is."""

    op: Literal["change_habit"]
    reason: str | None
    habit_id: str
    title: str | None
    schedule: Schedule | None
    minutes: int | None
    if_then: str | None


class RemoveHabit(Answer):
    """A habit goes; what was logged on it stays."""

    op: Literal["remove_habit"]
    reason: str | None
    habit_id: str


class MoveDeadline(Answer):
    """The goal's last day moves."""

    op: Literal["move_deadline"]
    reason: str | None
    deadline: date


class AdoptPlan(Answer):
    """A plan takes the place of the present one."""

    op: Literal["adopt_plan"]
    reason: str | None
    plan: Plan


SuggestedOperation = Annotated[
    AddSubgoal | SplitSubgoal | AddHabit | ChangeHabit | RemoveHabit | MoveDeadline | AdoptPlan,
    Field(discriminator="op"),
]


class Suggestion(Answer):
    """Changes proposed for a goal, applied together or not at all; `misfit` says why they cannot be now."""

    id: str
    goal_id: str
    source: Literal["anthropic", "gemini", "offline", "mentor"]
    summary: str
    operations: list[SuggestedOperation]
    status: Literal["open", "accepted", "dismissed"] | None
    fits: bool
    misfit: str | None
    create_time: datetime
    decide_time: datetime | None


class AcceptedSuggestion(Answer):
    """A suggestion that was applied, and the goal with it."""

    suggestion: Suggestion
    goal: Goal
