"""How a goal is going."""

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from gateway.routes.answers.goals import State
from gateway.routes.answers.shared import Answer, Percent
from gateway.routes.requests import Metric, Pattern

Outcome = Literal["done", "partial", "missed", "excused", "pending", "not_due"]


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


class Fact(Answer):
    """A fact that the entries show, with the figures and days that it stands on.

    Attributes:
        id: The same figure of the same goal over the same days has the same.
    """

    id: str
    goal_id: str
    kind: str
    text: str
    numbers: dict[str, float]
    start: date | None
    end: date | None


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
    facts: list[Fact] = Field(default_factory=list)


class DueUnit(Answer):
    """A due day, or a period with a count."""

    start: date
    end: date
    outcome: Outcome | None
    done: float
    needed: float


class CalendarDay(Answer):
    """One day: `due` for an eligible day of its unit."""

    date: date
    due: bool
    outcome: Outcome | None
    value: float | None
    excused_by: Literal["skip", "vacation"] | None
    unit: DueUnit | None


class Calendar(Answer):
    """One item for every day asked for."""

    items: list[CalendarDay]


class ExplainedStep(Answer):
    """One step on the way to a figure; `value` is the figure after it."""

    unit: DueUnit | None
    rule_version: int
    activity_ids: list[str]
    effect: str
    value: float
    worth: float | None
    memory: float | None


class Explanation(Answer):
    """How a figure comes about: replaying the items in order gives it."""

    goal_id: str
    metric: Metric
    date: date
    value: float | None
    rule: str
    start_value: float
    truncated: bool
    items: list[ExplainedStep]
