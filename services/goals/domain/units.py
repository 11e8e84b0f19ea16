"""Due units and their outcomes: the one derivation that every figure of a goal stands on.

A unit is a due day or a calendar period with a count. Outcomes are one byte each in a `bytearray`, so that counting,
splitting into runs and asking for the last ones run at the speed of C over years of days. For schedules by the day
there is one byte for every day, also for those on which nothing is due; for longer periods one for every period.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from operator import attrgetter

from services.goals.domain.days import Period, count_weekdays, iso_weekday, period_bounds, period_starts
from services.goals.domain.entries import Entries
from services.goals.domain.goal import Goal, Rule, Span, closed_days, timeline

DONE = ord("d")
PARTIAL = ord("p")
MISSED = ord("m")
EXCUSED = ord("e")
PENDING = ord(".")
NOT_DUE = ord("-")

OUTCOME_NAMES = {
    DONE: "done",
    PARTIAL: "partial",
    MISSED: "missed",
    EXCUSED: "excused",
    PENDING: "pending",
    NOT_DUE: "not_due",
}


@dataclass(slots=True)
class Stretch:
    """The units under one version: `firsts[i]` to `lasts[i]` has `outcomes[i]`.

    Attributes:
        fractions: How far partial units came, 0 to 1, by index.
    """

    rule: Rule
    firsts: Sequence[int]
    lasts: Sequence[int]
    outcomes: bytearray
    fractions: dict[int, float]


@dataclass(frozen=True, slots=True)
class Unit:
    """One unit looked at closely.

    Attributes:
        days: Its eligible days that are open (not excused, paused or behind the deadline), in order.
        eligible: How many days of it the schedule names, open or not.
        excused: How many of these are excused.
        needed: Done days (check-ins on a day, or the sum of an amount) that it takes; 0 where no day is open.
        done: How much of that is there.
    """

    first: int
    last: int
    days: Sequence[int]
    eligible: int
    excused: int
    needed: float
    done: float
    rule: Rule

    @property
    def is_met(self) -> bool:
        """Enough was done."""
        return bool(self.days) and self.done >= self.needed

    @property
    def is_excused(self) -> bool:
        """Every day of it is excused."""
        return not self.days and 0 < self.eligible == self.excused


class Ledger:
    """A goal with its entries on a given today; answers what is due and what became of it.

    Attributes:
        stretches: All units up to the one that holds today.
        closed: Spans on which nothing is due.
        last_chance: What `pace.last_chance` found, once it was asked; several figures ask for it.
    """

    __slots__ = ("_closed_firsts", "_units", "closed", "entries", "goal", "last_chance", "spans", "stretches", "today")

    def __init__(self, goal: Goal, entries: Entries, today: int) -> None:
        self.goal = goal
        self.entries = entries
        self.today = today
        self.last_chance: tuple[int | None] | None = None
        self.spans = timeline(goal.rules, goal.start_day)
        self.closed = closed_days(goal.phases)
        self._closed_firsts = [span.first for span in self.closed]
        self._units: dict[int, Unit] = {}  # Looked at closely once, by first day; several figures ask for today's.
        self.stretches = [
            self._days(span) if span.rule.schedule.period is Period.DAY else self._periods(span)
            for span in self.spans
            if span.first <= today
        ]

    # Units of a day: one byte per day, whether due or not.

    def _days(self, span: Span) -> Stretch:
        first, last = span.first, min(span.last, self.today)
        outcomes = self._due_days(span.rule, first, last)
        for day in self.entries.skips:
            if first <= day <= last and outcomes[day - first] == MISSED:
                outcomes[day - first] = EXCUSED
        fractions: dict[int, float] = {}
        if span.rule.amount is None:
            self._mark_done(outcomes, first, span.rule.schedule.times)
        else:
            fractions = self._mark_amounts(outcomes, first, span.rule.amount.min_value)
        self._close_days(outcomes, first)
        if last == self.today and outcomes[-1] in (MISSED, PARTIAL):
            outcomes[-1] = PENDING
            fractions.pop(last - first, None)
        days = range(first, last + 1)
        return Stretch(span.rule, days, days, outcomes, fractions)

    def _due_days(self, rule: Rule, first: int, last: int) -> bytearray:
        length = last - first + 1
        weekdays = rule.schedule.weekdays
        if not weekdays:
            return bytearray(b"m") * length
        outcomes = bytearray(b"-") * length
        start = iso_weekday(first)
        for weekday in weekdays:
            offset = (weekday - start) % 7
            outcomes[offset::7] = b"m" * len(range(offset, length, 7))
        return outcomes

    def _mark_done(self, outcomes: bytearray, first: int, times: int) -> None:
        length = len(outcomes)
        for day, count in self.entries.done.items():
            index = day - first
            if count >= times and 0 <= index < length and outcomes[index] != NOT_DUE:
                outcomes[index] = DONE

    def _mark_amounts(self, outcomes: bytearray, first: int, min_value: float) -> dict[int, float]:
        fractions = {}
        for day, amount in self.entries.amounts.items():
            index = day - first
            if not 0 <= index < len(outcomes) or outcomes[index] == NOT_DUE:
                continue
            if amount >= min_value:
                outcomes[index] = DONE
            elif amount > 0 and outcomes[index] == MISSED:
                outcomes[index] = PARTIAL
                fractions[index] = amount / min_value
        return fractions

    def _close_days(self, outcomes: bytearray, first: int) -> None:
        """Nothing is due on closed days; what was done on the day of a pause before it began stays done."""
        length = len(outcomes)
        for span in self.closed:
            start, stop = max(0, span.first - first), min(length, span.last - first + 1)
            if start >= stop:
                continue
            keeps = span.keeps_first and start == span.first - first and outcomes[start] == DONE
            outcomes[start:stop] = b"-" * (stop - start)
            if keeps:
                outcomes[start] = DONE

    # Units of a longer period: one byte per period. Only periods with an entry, a skip or a closed day are looked at;
    # of a century without any of these nothing is walked.

    def _periods(self, span: Span) -> Stretch:
        rule = span.rule
        firsts, lasts, cut = self._cuts(span)
        outcomes = bytearray(b"m") * len(firsts)
        self._close_periods(outcomes, firsts, lasts, cut)
        totals = self._totals(rule, firsts, lasts)
        excused = self._excused_days(rule, firsts, lasts)
        fractions: dict[int, float] = {}
        for index in totals.keys() | excused.keys() | cut:
            done = round(totals.get(index, 0), 9)
            unit = _Tally(rule, firsts[index], lasts[index], done)
            if index in cut or index in excused:
                unit = unit.without(self.count_closed(unit.first, unit.last, rule), excused.get(index, 0))
            outcomes[index] = unit.outcome
            if rule.amount and done > 0 and outcomes[index] == MISSED and unit.last < self.today:
                outcomes[index] = PARTIAL
                fractions[index] = done / unit.needed
        if outcomes[-1] == MISSED and lasts[-1] >= self.today:
            outcomes[-1] = PENDING
        return Stretch(rule, firsts, lasts, outcomes, fractions)

    def _cuts(self, span: Span) -> tuple[list[int], list[int], set[int]]:
        """First and last days of the periods up to the one that holds today, and which the version itself cuts."""
        period, week_start = span.rule.schedule.period, span.rule.calendar.week_start
        firsts = [span.first, *period_starts(period, span.first, min(span.last, self.today), week_start)]
        lasts = [first - 1 for first in firsts[1:]]
        lasts.append(period_bounds(period, firsts[-1], week_start)[1])
        cut = set[int]()
        if period_bounds(period, span.first, week_start)[0] != span.first:
            cut.add(0)
        if lasts[-1] > span.last:
            lasts[-1] = span.last
            cut.add(len(lasts) - 1)
        return firsts, lasts, cut

    def _close_periods(self, outcomes: bytearray, firsts: list[int], lasts: list[int], cut: set[int]) -> None:
        """Nothing is due in periods inside a closed span; those at its ends are cut, and end with a deadline."""
        for span in self.closed:
            low, high = bisect_left(lasts, span.first), bisect_right(firsts, span.last) - 1
            if low > high:
                continue
            if span.by_deadline and firsts[low] < span.first <= lasts[low] <= span.last:
                lasts[low] = span.first - 1
            cut.update((low, high))
            if high > low + 1:
                outcomes[low + 1 : high] = b"-" * (high - low - 1)

    def _totals(self, rule: Rule, firsts: list[int], lasts: list[int]) -> dict[int, float]:
        """Distinct done days, or sums, of the periods that have any; what was done on closed days does not count."""
        totals: dict[int, float] = {}
        weekdays, is_amount, closed = rule.schedule.weekdays, rule.amount is not None, self.closed
        for day, value in self.by_day(rule).items():
            index = bisect_right(firsts, day) - 1
            if index < 0 or day > lasts[index] or (weekdays and iso_weekday(day) not in weekdays):
                continue
            if value <= 0 or (closed and self.is_closed(day, kept=True)):
                continue
            totals[index] = totals.get(index, 0) + (value if is_amount else 1)
        return totals

    def _excused_days(self, rule: Rule, firsts: list[int], lasts: list[int]) -> dict[int, int]:
        """How many days are excused in the periods that have any."""
        counts: dict[int, int] = {}
        weekdays = rule.schedule.weekdays
        for day in self.excusing_days(rule):
            index = bisect_right(firsts, day) - 1
            if index >= 0 and day <= lasts[index] and (not weekdays or iso_weekday(day) in weekdays):
                counts[index] = counts.get(index, 0) + 1
        return counts

    # Days of a span by arithmetic.

    def by_day(self, rule: Rule) -> Mapping[int, float]:
        """What counts towards the rule, by day: check-ins, or sums of an amount."""
        return self.entries.amounts if rule.amount else self.entries.done

    def excusing_days(self, rule: Rule) -> list[int]:
        """Open days with a skip on which not enough was done to beat it, in order."""
        by_day = self.by_day(rule)
        return [
            day
            for day in sorted(self.entries.skips)
            if not self._is_enough(by_day.get(day, 0), rule) and not self.is_closed(day)
        ]

    def count_closed(self, first: int, last: int, rule: Rule, *, named_only: bool = True) -> int:
        """How many days of [first, last] are closed; of the days that the schedule names, or of all."""
        weekdays = rule.schedule.weekdays if named_only else frozenset[int]()
        count = 0
        for index in range(max(0, bisect_right(self._closed_firsts, first) - 1), len(self.closed)):
            span = self.closed[index]
            if span.first > last:
                break
            low, high = max(first, span.first), min(last, span.last)
            if low > high:
                continue
            count += count_weekdays(low, high, weekdays)
            if span.keeps_first and low == span.first and self._is_enough(self.by_day(rule).get(low, 0), rule):
                count -= count_weekdays(low, low, weekdays)
        return count

    # One unit, looked at closely: cut units, and what lies ahead.

    def unit(self, first: int, last: int, rule: Rule) -> Unit:
        """Counts the unit [first, last] day by day, once."""
        if first not in self._units:
            self._units[first] = self._count(first, last, rule)
        return self._units[first]

    def _count(self, first: int, last: int, rule: Rule) -> Unit:
        schedule, entries, by_day = rule.schedule, self.entries, self.by_day(rule)
        weekdays = schedule.weekdays
        days: list[int] = []
        eligible = excused = 0
        done: float = 0
        for day in range(first, last + 1):
            if weekdays and iso_weekday(day) not in weekdays:
                continue
            eligible += 1
            value = by_day.get(day, 0)
            enough = self._is_enough(value, rule)
            if self.is_closed(day, kept=enough):
                continue
            if day in entries.skips and not enough:
                excused += 1
                continue
            days.append(day)
            done += value if rule.amount or schedule.period is Period.DAY else min(value, 1)
        needed = _needed(rule, first, len(days))
        return Unit(first, last, days, eligible, excused, needed, round(done, 9), rule)

    def _is_enough(self, value: float, rule: Rule) -> bool:
        """A day with that much done on it beats a skip, and the beginning of a pause."""
        if rule.schedule.period is not Period.DAY:
            return value > 0
        return value >= (rule.amount.min_value if rule.amount else rule.schedule.times)

    def is_closed(self, day: int, *, kept: bool = False) -> bool:
        """True where nothing is due on `day` because of status or deadline.

        Args:
            kept: Enough was done on that day, so that a pause that begins on it does not take it away.
        """
        index = bisect_right(self._closed_firsts, day) - 1
        if index < 0 or day > self.closed[index].last:
            return False
        span = self.closed[index]
        return not (kept and span.keeps_first and day == span.first)

    def unit_at(self, day: int) -> Unit | None:
        """The unit that holds `day`, or None before the start and on days that no unit of one day falls on."""
        index = bisect_right(self.spans, day, key=attrgetter("first")) - 1
        return self._unit_in(self.spans[index], day) if index >= 0 else None

    def _unit_in(self, span: Span, day: int) -> Unit | None:
        schedule = span.rule.schedule
        if schedule.period is Period.DAY:
            if schedule.weekdays and iso_weekday(day) not in schedule.weekdays:
                return None
            return self.unit(day, day, span.rule)
        first, last = period_bounds(schedule.period, day, span.rule.calendar.week_start)
        first, last = max(first, span.first), min(last, span.last)
        return self.unit(first, self._end_of_unit(first, last), span.rule)

    def _end_of_unit(self, first: int, last: int) -> int:
        """A unit that begins on or before the deadline ends with it."""
        index = bisect_right(self._closed_firsts, last) - 1
        if index >= 0:
            span = self.closed[index]
            if span.by_deadline and first < span.first <= last <= span.last:
                return span.first - 1
        return last


class _Tally:
    """A unit of a longer period in numbers, with no walk over its days."""

    __slots__ = ("done", "eligible", "excused", "first", "last", "needed", "open", "rule")

    def __init__(self, rule: Rule, first: int, last: int, done: float) -> None:
        self.rule, self.first, self.last, self.done = rule, first, last, done
        self.eligible = self.open = count_weekdays(first, last, rule.schedule.weekdays)
        self.excused = 0
        self.needed = rule.amount.min_value if rule.amount else min(rule.schedule.times, self.eligible)

    def without(self, closed: int, excused: int) -> "_Tally":
        """Takes closed and excused days away, and what they would have been needed for."""
        self.open, self.excused = self.eligible - closed - excused, excused
        self.needed = _needed(self.rule, self.first, self.open)
        return self

    @property
    def outcome(self) -> int:
        """Done, or what it is once the unit closes."""
        if self.open:
            return DONE if self.done >= self.needed else MISSED
        return EXCUSED if 0 < self.eligible == self.excused else NOT_DUE


def _needed(rule: Rule, first: int, open_days: int) -> float:
    """What the unit takes: its share of the whole period, in the measure of its open days."""
    schedule = rule.schedule
    if schedule.period is Period.DAY:
        return (rule.amount.min_value if rule.amount else schedule.times) if open_days else 0
    whole = period_bounds(schedule.period, first, rule.calendar.week_start)
    days = count_weekdays(*whole, schedule.weekdays)
    if rule.amount:
        return round(rule.amount.min_value * open_days / days, 9)
    return min(open_days, -(-schedule.times * open_days // days))
