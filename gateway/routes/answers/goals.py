"""Goals."""

from datetime import date, datetime
from typing import Any, Literal

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
    target: dict[str, Any] | None
    milestones: list[dict[str, Any]]
    limit: dict[str, Any] | None
    streak: dict[str, Any] | None
    subgoals: list[dict[str, Any]]
    habits: list[dict[str, Any]]
    plan: dict[str, Any] | None
    completed_on: date | None
    progress_summary: ProgressSummary | None
    create_time: datetime
    update_time: datetime
    etag: str
