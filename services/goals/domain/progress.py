"""How a goal is going over a period of the calendar or in all: every figure out of one ledger."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from services.goals.domain.days import Period, period_bounds, period_starts
from services.goals.domain.entries import Entries
from services.goals.domain.goal import Goal, Pattern
from services.goals.domain.insights import Fact, Moods, find_facts, recommend
from services.goals.domain.outlook import ADHERENCE_DAYS, Counts, State, adherence, counts_between, state_of
from services.goals.domain.pace import safe_days
from services.goals.domain.streak import Streak, streak_of, strength_of
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
        safe_days: See `pace.safe_days`.
        series: What was done from `first` on, up to today: check-ins, or the sum of an amount. One point per day; where
            that would be more than `MOST_POINTS`, per week, month, quarter or year, whichever first is few enough.
        series_days: The day on which each point begins.
    """

    goal: Goal
    reach: Reach
    first: int
    last: int
    counts: Counts
    state: State
    adherence: float | None
    streak: Streak
    safe_days: int | None
    strength: float
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

    @property
    def percent(self) -> float | None:
        """0 to 100, or None when no unit counts yet."""
        return self.counts.percent


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
    series_days = _points(max(first, min(goal.start_day, today)), today, goal.rule.calendar.week_start)
    return Progress(
        goal=goal,
        reach=reach,
        first=first,
        last=last,
        counts=counts_between(ledger, first, last),
        state=state_of(ledger, current),
        adherence=adherence(ledger, ADHERENCE_DAYS),
        streak=streak,
        safe_days=safe_days(ledger),
        strength=strength_of(ledger),
        series_days=series_days,
        series=_series(goal, ledger.entries, series_days, today),
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


def _series(goal: Goal, entries: Entries, days: Sequence[int], today: int) -> list[float]:
    by_day = entries.amounts if goal.rule.amount else entries.done
    if isinstance(days, range):
        return [float(by_day.get(day, 0)) for day in days]
    sums = [0.0] * len(days)
    for day, value in by_day.items():
        if days[0] <= day <= today:
            sums[bisect_right(days, day) - 1] += value
    return [round(total, 9) for total in sums]
