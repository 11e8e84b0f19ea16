"""Goals of all patterns."""

from datetime import date, datetime
from typing import Literal

from gateway.routes.answers.shared import Answer, Percent, Weekday
from gateway.routes.requests import Pattern, Status

State = Literal["ahead", "on_track", "behind", "at_risk", "done"]


class Schedule(Answer):
    """When something is due."""

    period: Literal["day", "week", "month", "quarter", "year"] | None
    times: int
    weekdays: list[Weekday] | None
    rrule: str | None
    window: Literal["calendar", "rolling"]
    window_days: int | None


class Policy(Answer):
    """Rules that differ between people."""

    excused: Literal["neutral", "counts", "breaks"]
    month_end: Literal["clamp", "skip"]
    no_entry: Literal["ok", "pessimistic"]


class Amount(Answer):
    """An amount to reach in every unit."""

    unit: str
    min_value: float


class Target(Answer):
    """A value to reach from another one."""

    unit: str
    start_value: float
    target_value: float
    aggregation: Literal["sum", "last", "max"]


class Milestone(Answer):
    """A step of a milestone goal."""

    id: str
    title: str
    weight: float
    due_date: date | None
    done_at: datetime | None


class Limit(Answer):
    """What a unit must not exceed."""

    max_value: float
    unit: str


class StreakTerms(Answer):
    """How long a streak is to become."""

    target_length: int
    freezes_per_month: int


class Subgoal(Answer):
    """A part of a goal on the way."""

    id: str
    title: str
    due_date: date | None
    status: Literal["open", "done"] | None


class Habit(Answer):
    """Something small and regular that serves a goal."""

    id: str
    title: str
    schedule: Schedule
    minutes: int | None
    if_then: str | None


class PlannedSubgoal(Answer):
    """A subgoal that a plan proposes."""

    title: str
    due_date: date | None


class PlannedHabit(Answer):
    """A habit that a plan proposes."""

    title: str
    schedule: Schedule
    minutes: int | None
    if_then: str | None


class Plan(Answer):
    """How a goal is to be reached, as the coach proposes it."""

    source: Literal["anthropic", "gemini", "offline"]
    summary: str
    subgoals: list[PlannedSubgoal]
    habits: list[PlannedHabit]
    fits: bool
    warnings: list[str]
    generated_at: datetime


class ProgressSummary(Answer):
    """Where a goal stands today."""

    percent: Percent | None
    state: State | None
    current_streak: int
    due_today: bool
    done_today: bool


class Goal(Answer):
    """A goal."""

    id: str
    member_id: str
    title: str
    description: str
    pattern: Pattern
    status: Status
    category: str | None
    start_date: date | None
    deadline: date | None
    schedule: Schedule | None
    policy: Policy
    amount: Amount | None
    target: Target | None
    milestones: list[Milestone]
    limit: Limit | None
    streak: StreakTerms | None
    subgoals: list[Subgoal]
    habits: list[Habit]
    plan: Plan | None
    completed_on: date | None
    progress_summary: ProgressSummary | None
    create_time: datetime
    update_time: datetime
    etag: str
