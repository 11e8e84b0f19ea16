"""How a goal is going."""

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from gateway.routes.answers.goals import State
from gateway.routes.answers.shared import Answer, Percent
from gateway.routes.requests import Pattern


class Span(Answer):
    """Days, both ends included."""

    name: Literal["week", "month", "quarter", "year", "all"] | None
    start: date
    end: date


class Streak(Answer):
    """Units in a row."""

    current: int
    longest: int
    freezes_left: int


class Pace(Answer):
    """Whether the member keeps up."""

    expected: float | None
    actual: float | None
    delta: float | None
    safe_days: int | None
    needed_today: float | None
    projected_end: date | None


class Point(Answer):
    """One point of a chart."""

    date: date
    value: float


class Progress(Answer):
    """How a goal is going."""

    goal_id: str
    pattern: Pattern
    period: Span
    percent: Percent | None
    state: State | None
    due: int
    done: int
    missed: int
    skipped: int
    adherence: Percent | None
    streak: Streak
    pace: Pace
    strength: Annotated[float, Field(ge=0, le=1)] | None
    series: list[Point]
    insights: list[str]
    recommendations: list[str]
