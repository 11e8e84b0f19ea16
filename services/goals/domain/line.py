"""The line of a target goal: where its value should be on which day, and where it is.

`expected(t) = start + (target − start)·(t − t0)/(tN − t0)`, flat outside of [t0, tN]. Days that are skipped, in a
vacation or paused do not count in t. A new version of the target, or a new deadline, begins a new line from where the
old one stood; without a deadline there is no line.
"""

import math
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from itertools import accumulate
from operator import itemgetter

from services.goals.domain.fields import DECIMALS, MAX_DATE
from services.goals.domain.goal import FOREVER, Aggregation, Status, Target, lasting
from services.goals.domain.units import Ledger

RATE_DAYS = 28
# Values on the line are good, however their last digits came about.
_TOLERANCE = 1e-9
_BILLION: int = 10**DECIMALS


@dataclass(frozen=True)
class _Segment:
    """From `first` on the line goes from `value` to the target, which it reaches on the deadline."""

    first: int
    value: float
    target: Target
    deadline: int


@dataclass(frozen=True)
class Line:
    """A line in one or more segments, over the days that count."""

    segments: Sequence[_Segment]
    idle: Sequence[int]

    @property
    def last(self) -> int:
        """The day on which it ends."""
        return self.segments[-1].deadline

    @cached_property
    def day_worth(self) -> float:
        """What one counting day of the last segment comes to, without a sign."""
        segment = self.segments[-1]
        days = self._count(segment.first, segment.deadline)
        return abs(segment.target.target_value - segment.value) / days if days else 0.0

    def at(self, day: int) -> float:
        """Where the value should be on a day."""
        index = max(0, bisect_right([segment.first for segment in self.segments], day) - 1)
        return self._within(self.segments[index], day)

    def lead(self, actual: float, day: int) -> float:
        """How far a value is ahead of the line on a day, in the target's direction; negative when it is behind."""
        index = max(0, bisect_right([segment.first for segment in self.segments], day) - 1)
        direction = self.segments[index].target.direction
        expected = self.at(day)
        if math.isclose(actual, expected, rel_tol=_TOLERANCE, abs_tol=1e-12):
            return 0.0
        return round(direction * (actual - expected), DECIMALS)

    def _within(self, segment: _Segment, day: int) -> float:
        goes = segment.target.target_value - segment.value
        if day >= segment.deadline:
            return segment.target.target_value
        if day <= segment.first:
            return segment.value
        days = self._count(segment.first, segment.deadline)
        if not days:
            return segment.target.target_value
        return segment.value + goes * self._count(segment.first, day) / days

    def _count(self, first: int, last: int) -> int:
        """Counting days behind `first` up to `last`."""
        return last - first - (bisect_right(self.idle, last) - bisect_right(self.idle, first))


def line_of(ledger: Ledger) -> Line | None:
    """The goal's line as of today; None without a target or a deadline."""
    goal = ledger.goal
    if goal.rule.target is None or goal.deadline is None:
        return None
    terms = _terms(ledger)
    idle = _idle_days(ledger, max((deadline for _, _, deadline in terms), default=0))
    segments: list[_Segment] = []
    for first, target, deadline in terms:
        value = target.start_value
        if segments:
            value = Line(tuple(segments), idle).at(first)
            while segments and segments[-1].first >= first:
                segments.pop()
        segments.append(_Segment(first, value, target, deadline))
    return Line(tuple(segments), idle) if segments else None


def _terms(ledger: Ledger) -> list[tuple[int, Target, int]]:
    """(first day, target, deadline) of every line that there was, in order."""
    goal = ledger.goal
    deadlines = [(max(phase.effective_from, goal.start_day), phase.deadline) for phase, _ in lasting(goal.phases)]
    days = sorted({span.first for span in ledger.spans} | {day for day, _ in deadlines})
    terms: list[tuple[int, Target, int]] = []
    for day in days:
        span = ledger.span_at(day)
        deadline = [each for first, each in deadlines if first <= day][-1:] or [goal.deadline]
        if span is None or span.rule.target is None or deadline[0] is None:
            continue
        asked = (span.rule.target, deadline[0])
        if not terms:
            terms.append((goal.start_day, *asked))
        elif terms[-1][1:] != asked:
            terms.append((day, *asked))
    return terms


def _idle_days(ledger: Ledger, last: int) -> list[int]:
    """Days on which the line is flat: skipped, in a vacation, or not active."""
    idle, start = set(ledger.skips), ledger.goal.start_day
    for phase, until in lasting(ledger.goal.phases):
        if phase.status is not Status.ACTIVE:
            end = min(last, ledger.today) if until == FOREVER else until
            idle.update(range(max(start, phase.effective_from), end + 1))
    return sorted(day for day in idle if start < day <= last)


def actual_of(ledger: Ledger, day: int) -> float:
    """The value at the end of a day, by the target in force today."""
    target = ledger.goal.rule.target
    readings = ledger.entries.readings
    count = bisect_right(readings, day, key=itemgetter(0))
    return value_of(target, [value for _, value in readings[:count]]) if target else 0.0


def value_of(target: Target, values: Sequence[float]) -> float:
    """What entries, in order, make of a target."""
    if not values:
        return target.start_value
    match target.aggregation:
        case Aggregation.SUM:
            return round(target.start_value + target.direction * math.fsum(values), DECIMALS)
        case Aggregation.LAST:
            return values[-1]
        case Aggregation.MAX:
            return max(values) if target.direction > 0 else min(values)


def values_by_day(ledger: Ledger) -> list[tuple[int, float]]:
    """(day, value at its end) of each day with an entry, up to today."""
    target = ledger.goal.rule.target
    if target is None:
        return []
    readings = [reading for reading in ledger.entries.readings if reading[0] <= ledger.today]
    values = running(target, [value for _, value in readings])
    return list(dict(zip([day for day, _ in readings], values, strict=True)).items())


def running(target: Target, values: Sequence[float]) -> list[float]:
    """What the values, in order, make of a target one by one."""
    if target.aggregation is Aggregation.SUM:
        # In whole billionths, so that a sum is exact however long it becomes.
        start, direction = _billionths(target.start_value), target.direction
        return [(start + direction * total) / _BILLION for total in accumulate(map(_billionths, values))]
    if target.aggregation is Aggregation.MAX:
        return list(accumulate(values, max if target.direction > 0 else min))
    return list(values)


def _billionths(value: float) -> int:
    return round(value * _BILLION)


def fraction_of(target: Target, actual: float) -> float:
    """How much of the way is gone, 0 to 1."""
    gone = (actual - target.start_value) / (target.target_value - target.start_value)
    return min(1.0, max(0.0, gone))


def is_reached(target: Target, actual: float) -> bool:
    """The value is at its target or beyond."""
    if math.isclose(actual, target.target_value, rel_tol=_TOLERANCE, abs_tol=1e-12):
        return True
    return target.direction * (actual - target.target_value) > 0


def reached_on(ledger: Ledger) -> int | None:
    """The first day at whose end the target was reached; None while it is not reached today."""
    target = ledger.goal.rule.target
    if target is None or not is_reached(target, actual_of(ledger, ledger.today)):
        return None
    return next((day for day, value in values_by_day(ledger) if is_reached(target, value)), None)


def projected_end(ledger: Ledger) -> int | None:
    """The day on which the target is reached at the rate of the last 28 days; None when it never is, or is reached."""
    goal, target, today = ledger.goal, ledger.goal.rule.target, ledger.today
    if target is None or goal.status is not Status.ACTIVE:
        return None
    since = max(today - RATE_DAYS, goal.start_day)
    days = max(1, today - since)
    actual = actual_of(ledger, today)
    before = actual_of(ledger, since) if today - RATE_DAYS >= goal.start_day else target.start_value
    rate = target.direction * (actual - before) / days
    left = target.direction * (target.target_value - actual)
    if rate <= 0 or left <= 0:
        return None
    ahead = math.ceil(left / rate * (1 - _TOLERANCE))
    return today + ahead if today + ahead <= date.toordinal(MAX_DATE) else None
