"""Units of a longer period: one byte per period.

Only periods with an entry, a skip or a closed day are looked at; of a century without any of these nothing is walked.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import fsum
from typing import TYPE_CHECKING

from services.goals.domain.days import Period, count_weekdays, iso_weekday, period_bounds, period_starts
from services.goals.domain.goal import Rule, Span
from services.goals.domain.units.outcomes import DONE, EXCUSED, MISSED, NOT_DUE, PARTIAL, PENDING, Stretch

if TYPE_CHECKING:
    from services.goals.domain.units.ledger import Ledger

_ANY = bytes(1 if count else 0 for count in range(256))


@dataclass(slots=True)
class Periods:
    """The periods under a version, up to the one that holds today.

    Attributes:
        cut: Indexes of those of which the version or a closed span takes days away.
    """

    rule: Rule
    firsts: list[int]
    lasts: list[int]
    cut: set[int]

    def groups(self, days: Sequence[int]) -> Iterator[tuple[int, Sequence[int]]]:
        """(index of a period, those of `days`, in order, that it holds and the schedule names), where there are any."""
        firsts, lasts, weekdays = self.firsts, self.lasts, self.rule.schedule.weekdays
        if weekdays:
            days = [day for day in days if (day - 1) % 7 + 1 in weekdays]
        at, end = bisect_left(days, firsts[0]), len(days)
        while at < end:
            index = bisect_right(firsts, days[at]) - 1
            behind = bisect_right(days, lasts[index], at)
            if behind > at:
                yield index, days[at:behind]
            at = max(behind, at + 1)


def stretch(ledger: "Ledger", span: Span) -> Stretch:
    """The periods under a version whose schedule counts in them."""
    rule = span.rule
    periods = cut_out(ledger, span)
    if _counts_weeks(rule) and not ledger.closed:
        return _weeks(ledger, periods)
    outcomes = bytearray(b"m") * len(periods.firsts)
    close(ledger, outcomes, periods)
    totals = _totals(ledger, periods)
    excused = excused_days(ledger, periods)
    fractions: dict[int, float] = {}
    cut = excused.keys() | periods.cut
    enough = _always_enough(rule)
    for index in totals.keys() | cut:
        done = totals.get(index, 0)
        if done >= enough and index not in cut:
            outcomes[index] = DONE
            continue
        unit = Tally(rule, periods.firsts[index], periods.lasts[index], done)
        if index in cut:
            unit = unit.without(ledger.count_closed(unit.first, unit.last, rule), excused.get(index, 0))
        outcomes[index] = unit.outcome
        if rule.amount and done > 0 and outcomes[index] == MISSED and unit.last < ledger.today:
            outcomes[index] = PARTIAL
            fractions[index] = done / unit.needed
    if outcomes[-1] == MISSED and periods.lasts[-1] >= ledger.today:
        outcomes[-1] = PENDING
    return Stretch(rule, periods.firsts, periods.lasts, outcomes, fractions)


def _counts_weeks(rule: Rule) -> bool:
    """Done days of weeks are counted: all weeks are alike, so that all of them can be counted at once."""
    return rule.amount is None and rule.schedule.period is Period.WEEK


def _weeks(ledger: "Ledger", periods: Periods) -> Stretch:
    """Weeks of which nothing is closed, each counted in a byte of its own."""
    rule = periods.rule
    totals = _week_totals(ledger, periods)
    outcomes = bytearray(totals.translate(_enough(rule.schedule.times)))
    excused = excused_days(ledger, periods)
    for index in excused.keys() | periods.cut:
        unit = Tally(rule, periods.firsts[index], periods.lasts[index], totals[index])
        outcomes[index] = unit.without(0, excused.get(index, 0)).outcome
    if outcomes[-1] == MISSED and periods.lasts[-1] >= ledger.today:
        outcomes[-1] = PENDING
    return Stretch(rule, periods.firsts, periods.lasts, outcomes, {})


def _week_totals(ledger: "Ledger", periods: Periods) -> bytes:
    """Distinct done days of each week: every weekday's days as one number with a byte for each week, added up."""
    first, last = periods.firsts[0], periods.lasts[-1]
    calendar, weekdays = periods.rule.calendar, periods.rule.schedule.weekdays
    missing = (first - calendar.week_start) % 7
    done = bytes(missing) + ledger.entries.done_between(first, last).translate(_ANY)
    total = sum(
        int.from_bytes(done[offset::7], "little")
        for offset in range(7)
        if not weekdays or iso_weekday(first - missing + offset) in weekdays
    )
    return total.to_bytes(len(periods.firsts), "little")


@lru_cache(maxsize=64)
def _enough(times: int) -> bytes:
    """The outcome of a week, by how many days were done."""
    return bytes(DONE if count >= times else MISSED for count in range(256))


def _always_enough(rule: Rule) -> float:
    """What is enough in a period of any length; a short month may take less."""
    return rule.amount.min_value if rule.amount else rule.schedule.times


def cut_out(ledger: "Ledger", span: Span) -> Periods:
    """First and last days of the periods up to the one that holds today, and which the version itself cuts."""
    period, week_start = span.rule.schedule.period, span.rule.calendar.week_start
    firsts = [span.first, *period_starts(period, span.first, min(span.last, ledger.today), week_start)]
    lasts = [first - 1 for first in firsts[1:]]
    end = period_bounds(period, firsts[-1], week_start)[1]
    lasts.append(min(end, span.last))
    cut = _split(ledger, firsts, lasts)
    if period_bounds(period, span.first, week_start)[0] != span.first:
        cut.add(0)
    if end > span.last:
        cut.add(len(lasts) - 1)
    return Periods(span.rule, firsts, lasts, cut)


def _split(ledger: "Ledger", firsts: list[int], lasts: list[int]) -> set[int]:
    """A period ends with a deadline, for good; where that was moved forward later, what is left of it is another.

    Returns:
        The indexes of both parts.
    """
    parts = set[int]()
    for span in ledger.closed:
        index = bisect_left(lasts, span.first)
        is_within = index < len(lasts) and firsts[index] < span.first and span.last < lasts[index]
        if span.by_deadline and is_within and span.last < ledger.today:
            firsts.insert(index + 1, span.last + 1)
            lasts.insert(index, span.first - 1)
            parts.update((index, index + 1))
    return parts


def close(ledger: "Ledger", outcomes: bytearray, periods: Periods) -> None:
    """Nothing is due in periods inside a closed span; those at its ends are cut, and end with a deadline."""
    firsts, lasts = periods.firsts, periods.lasts
    for span in ledger.closed:
        low, high = bisect_left(lasts, span.first), bisect_right(firsts, span.last) - 1
        if low > high:
            continue
        if span.by_deadline and firsts[low] < span.first <= lasts[low] <= span.last:
            lasts[low] = span.first - 1
        periods.cut.update((low, high))
        if high > low + 1:
            outcomes[low + 1 : high] = b"-" * (high - low - 1)


def excused_days(ledger: "Ledger", periods: Periods) -> dict[int, int]:
    """How many days are excused in the periods that have any."""
    days = ledger.excusing_days(periods.rule, periods.firsts[0], periods.lasts[-1])
    return {index: len(held) for index, held in periods.groups(days)} if days else {}


def _totals(ledger: "Ledger", periods: Periods) -> dict[int, float]:
    """Distinct done days, or sums, of the periods that have any; what was done on closed days does not count."""
    by_day = ledger.by_day(periods.rule)
    days = sorted(day for day, value in by_day.items() if value > 0) if periods.rule.amount else sorted(by_day)
    if ledger.closed:
        days = [day for day in days if not ledger.is_closed(day, kept=True)]
    if periods.rule.amount is None:
        return {index: len(held) for index, held in periods.groups(days)}
    return {index: round(fsum([by_day[day] for day in held]), 9) for index, held in periods.groups(days)}


class Tally:
    """A unit of a longer period in numbers, with no walk over its days."""

    __slots__ = ("done", "eligible", "excused", "first", "last", "needed", "open", "rule")

    def __init__(self, rule: Rule, first: int, last: int, done: float) -> None:
        self.rule, self.first, self.last, self.done = rule, first, last, done
        self.eligible = self.open = count_weekdays(first, last, rule.schedule.weekdays)
        self.excused = 0
        self.needed = rule.amount.min_value if rule.amount else min(rule.schedule.times, self.eligible)

    def without(self, closed: int, excused: int) -> "Tally":
        """Takes closed and excused days away, and what they would have been needed for."""
        self.open, self.excused = self.eligible - closed - excused, excused
        self.needed = needed(self.rule, self.first, self.open)
        return self

    @property
    def is_excused(self) -> bool:
        """Every day of it is excused."""
        return 0 < self.eligible == self.excused

    @property
    def outcome(self) -> int:
        """Done, or what it is once the unit closes."""
        if self.open:
            return DONE if self.done >= self.needed else MISSED
        return EXCUSED if self.is_excused else NOT_DUE


def needed(rule: Rule, first: int, open_days: int) -> float:
    """What the unit takes: its share of the whole period, in the measure of its open days; a limit is never cut."""
    schedule = rule.schedule
    if not open_days:
        return 0
    if rule.limit is not None:
        return rule.limit.max_value
    if schedule.is_daily:
        return rule.amount.min_value if rule.amount else schedule.times
    return _share(rule, first, open_days)


def _share(rule: Rule, first: int, open_days: int) -> float:
    schedule = rule.schedule
    whole = period_bounds(schedule.period, first, rule.calendar.week_start)
    days = count_weekdays(*whole, schedule.weekdays)
    if rule.amount:
        return round(rule.amount.min_value * open_days / days, 9)
    return min(open_days, -(-schedule.times * open_days // days))
