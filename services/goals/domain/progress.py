"""How a goal is going over a period of the calendar or in all: every figure out of one ledger."""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

from services.goals.domain.days import Period, period_bounds, period_starts
from services.goals.domain.entries import Entries
from services.goals.domain.fields import DECIMALS
from services.goals.domain.goal import Goal, Pattern
from services.goals.domain.insights import Fact, Moods, find_facts, recommend
from services.goals.domain.line import values_by_day
from services.goals.domain.outlook import (
    ADHERENCE_DAYS,
    Counts,
    State,
    adherence,
    counts_between,
    done_weight,
    percent_of,
    state_of,
)
from services.goals.domain.pace import Pace, pace_of
from services.goals.domain.streak import Streak, streak_of
from services.goals.domain.strength import strength_of
from services.goals.domain.units import Ledger

MOST_POINTS = 400


class Reach(StrEnum):
    """The span that a report covers: the calendar period that holds today, or all since the start."""

    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"
    ALL = "all"


@dataclass(frozen=True, slots=True)
class Progress:
    """How a goal is going; days are ordinals.

    Attributes:
        counts: Units of the span by outcome.
        adherence: Percent over the 30 closed days before today.
        percent: 0 to 100, as the pattern says it; None when no unit counts yet.
        strength: 0 to 1; None for target and milestone goals.
        series: From `first` on, up to today: check-ins, or the sum of an amount; of a target its value at the end of
            each point, of a milestone goal the percent done. One point per day; where that would be more than
            `MOST_POINTS`, per week, month, quarter or year, whichever first is few enough.
        series_days: The day on which each point begins.
    """

    goal: Goal
    reach: Reach
    first: int
    last: int
    counts: Counts
    percent: float | None
    state: State
    adherence: float | None
    streak: Streak
    pace: Pace
    strength: float | None
    series_days: Sequence[int]
    series: Sequence[float]
    facts: Sequence[Fact]
    recommendations: Sequence[str]

    @property
    def pattern(self) -> Pattern:
        """The goal's pattern."""
        return self.goal.pattern

    @property
    def series_first(self) -> int:
        """The day of the first point."""
        return self.series_days[0]


def progress_of(
    goal: Goal, entries: Entries, today: int, *, reach: Reach = Reach.WEEK, moods: Moods | None = None
) -> Progress:
    """Derives the whole report from the goal's rules and entries."""
    return report_of(Ledger(goal, entries, today), reach=reach, moods=moods)


def report_of(ledger: Ledger, *, reach: Reach = Reach.WEEK, moods: Moods | None = None) -> Progress:
    """The same out of a ledger that is there already."""
    goal, today = ledger.goal, ledger.today
    first, last = reach_bounds(goal, today, reach)
    streak = streak_of(ledger)
    current = streak.current.length if streak.current else 0
    counts, pace = counts_between(ledger, first, last), pace_of(ledger)
    series_days = _points(max(first, min(goal.start_day, today)), today, goal.rule.calendar.week_start)
    return Progress(
        goal=goal,
        reach=reach,
        first=first,
        last=last,
        counts=counts,
        percent=percent_of(ledger, counts, current),
        state=state_of(ledger, current, pace),
        adherence=adherence(ledger, ADHERENCE_DAYS),
        streak=streak,
        pace=pace,
        strength=strength_of(ledger),
        series_days=series_days,
        series=_series(ledger, series_days),
        facts=find_facts(ledger, streak, _compared(reach), moods or Moods()),
        recommendations=recommend(ledger),
    )


def reach_bounds(goal: Goal, today: int, reach: Reach) -> tuple[int, int]:
    """First and last day of the span."""
    if reach is Reach.ALL:
        return min(goal.start_day, today), today
    return period_bounds(Period(reach.value), today, goal.rule.calendar.week_start)


def _compared(reach: Reach) -> Period:
    return Period.MONTH if reach is Reach.ALL else Period(reach.value)


def _points(first: int, today: int, week_start: int) -> Sequence[int]:
    """The days on which points begin, in the finest steps that stay within `MOST_POINTS`."""
    if today - first < MOST_POINTS:
        return range(first, today + 1)
    days: Sequence[int] = ()
    for period in (Period.WEEK, Period.MONTH, Period.QUARTER, Period.YEAR):
        days = [first, *period_starts(period, first, today, week_start)]
        if len(days) <= MOST_POINTS:
            break
    return days


def _series(ledger: Ledger, days: Sequence[int]) -> list[float]:
    """One value for each point, which begins on its day and ends before the next one's."""
    goal, entries = ledger.goal, ledger.entries
    ends = [*(day - 1 for day in list(days)[1:]), ledger.today]
    if goal.pattern is Pattern.MILESTONE:
        on = {day for day, _ in entries.milestones.values()}
        return _carried([(day, 100 * done_weight(ledger, day)) for day in sorted(on)], ends, 0.0)
    if goal.rule.target is not None:
        return _carried(values_by_day(ledger), ends, goal.rule.target.start_value)
    by_day = entries.amounts if goal.rule.amount or goal.rule.limit else entries.done
    if isinstance(days, range):
        return [float(by_day.get(day, 0)) for day in days]
    logged = sorted(by_day)
    bounds = [*(bisect_left(logged, day) for day in days), bisect_right(logged, ledger.today)]
    return [round(sum([by_day[day] for day in logged[low:high]], 0.0), DECIMALS) for low, high in pairwise(bounds)]


def _carried(values: Sequence[tuple[int, float]], ends: Sequence[int], start: float) -> list[float]:
    """The value at the end of each point: the latest one known by then."""
    days = [day for day, _ in values]
    indexes = [bisect_right(days, end) - 1 for end in ends]
    return [values[index][1] if index >= 0 else start for index in indexes]
