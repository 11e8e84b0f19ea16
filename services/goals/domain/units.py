"""Due units and their outcomes: the one derivation that every figure of a goal stands on.

A unit is a due day or a calendar period with a count. Outcomes are one byte each in a `bytearray`, so that counting,
splitting into runs and asking for the last ones run at the speed of C over years of days. For schedules by the day
there is one byte for every day, also for those on which nothing is due; for longer periods one for every period.
"""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from services.goals.domain.days import Period, count_weekdays, iso_weekday, period_bounds
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
        safe_days: What `pace.safe_days` found, once it was asked; several figures ask for it.
    """

    __slots__ = ("closed", "entries", "goal", "safe_days", "spans", "stretches", "today")

    def __init__(self, goal: Goal, entries: Entries, today: int) -> None:
        self.goal = goal
        self.entries = entries
        self.today = today
        self.safe_days: tuple[int | None] | None = None
        self.spans = timeline(goal.rules, goal.start_day)
        self.closed = closed_days(goal.phases)
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

    # Units of a longer period: one byte per period.

    def _periods(self, span: Span) -> Stretch:
        rule, schedule = span.rule, span.rule.schedule
        firsts, lasts, cut = self._cuts(span)
        if schedule.weekdays:
            cut = [True] * len(firsts)
        for day in self.entries.skips:
            index = bisect_right(firsts, day) - 1
            if index >= 0 and day <= lasts[index]:
                cut[index] = True
        plain = self._totals(rule, firsts, lasts[-1])
        needed = rule.amount.min_value if rule.amount else schedule.times
        outcomes = bytearray([DONE if done >= needed else MISSED for done in plain])
        fractions: dict[int, float] = {}
        for index, first in enumerate(firsts):
            done, target = plain[index], needed
            if cut[index]:
                unit = self.unit(first, lasts[index], rule)
                done, target = unit.done, unit.needed
                outcomes[index] = DONE if unit.is_met else _when_not_met(unit)
            if outcomes[index] == MISSED and lasts[index] >= self.today:
                outcomes[index] = PENDING
            elif outcomes[index] == MISSED and rule.amount and done > 0:
                outcomes[index] = PARTIAL
                fractions[index] = done / target
        return Stretch(rule, firsts, lasts, outcomes, fractions)

    def _cuts(self, span: Span) -> tuple[list[int], list[int], list[bool]]:
        """First and last days of the periods up to the one that holds today, and whether days are taken from each."""
        period, week_start = span.rule.schedule.period, span.rule.calendar.week_start
        end = min(span.last, self.today)
        start, last = period_bounds(period, span.first, week_start)
        if period is Period.WEEK:
            firsts = [span.first, *range(start + 7, end + 1, 7)]
            lasts = list(range(start + 6, start + 7 * len(firsts), 7))
        else:
            firsts, lasts = [span.first], [last]
            while last < end:
                first, last = period_bounds(period, last + 1, week_start)
                firsts.append(first)
                lasts.append(last)
        cut = [False] * len(firsts)
        cut[0] = start != span.first
        if lasts[-1] > span.last:
            lasts[-1], cut[-1] = span.last, True
        if self.closed:
            cut = [was or self._is_touched(*unit) for was, *unit in zip(cut, firsts, lasts, strict=True)]
            lasts = [self._end_of_unit(*unit) for unit in zip(firsts, lasts, strict=True)]
        return firsts, lasts, cut

    def _is_touched(self, first: int, last: int) -> bool:
        return any(span.first <= last and first <= span.last for span in self.closed)

    def _end_of_unit(self, first: int, last: int) -> int:
        """A unit that begins on or before the deadline ends with it."""
        for span in self.closed:
            if span.by_deadline and first < span.first <= last <= span.last:
                return span.first - 1
        return last

    def _totals(self, rule: Rule, firsts: list[int], last: int) -> list[float]:
        """Distinct done days, or sums, per period, with no regard to closed and excused days."""
        totals: list[float] = [0] * len(firsts)
        begin = firsts[0]
        if rule.amount is not None:
            for day, value in self.entries.amounts.items():
                if begin <= day <= last:
                    totals[bisect_right(firsts, day) - 1] += value
            return [round(total, 9) for total in totals]
        days = [day for day in self.entries.done if begin <= day <= last]
        if rule.schedule.period is Period.WEEK:
            anchor, _ = period_bounds(Period.WEEK, begin, rule.calendar.week_start)
            for day in days:
                totals[(day - anchor) // 7] += 1
        else:
            for day in days:
                totals[bisect_right(firsts, day) - 1] += 1
        return totals

    # One unit, looked at closely: cut units, and what lies ahead.

    def unit(self, first: int, last: int, rule: Rule) -> Unit:
        """Counts the unit [first, last] day by day."""
        schedule, entries = rule.schedule, self.entries
        by_day: dict[int, int] | dict[int, float] = entries.amounts if rule.amount else entries.done
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
        needed = self._needed(rule, first, len(days))
        return Unit(first, last, days, eligible, excused, needed, round(done, 9), rule)

    def _is_enough(self, value: float, rule: Rule) -> bool:
        """A day with that much done on it beats a skip, and the beginning of a pause."""
        if rule.schedule.period is not Period.DAY:
            return value > 0
        return value >= (rule.amount.min_value if rule.amount else rule.schedule.times)

    def _needed(self, rule: Rule, first: int, open_days: int) -> float:
        """What the unit takes, in the measure of its open days; see `needed_of`."""
        schedule = rule.schedule
        if schedule.period is Period.DAY:
            return (rule.amount.min_value if rule.amount else schedule.times) if open_days else 0
        whole = period_bounds(schedule.period, first, rule.calendar.week_start)
        days = count_weekdays(*whole, schedule.weekdays)
        if rule.amount:
            return round(rule.amount.min_value * open_days / days, 9)
        return min(open_days, -(-schedule.times * open_days // days))

    def is_closed(self, day: int, *, kept: bool = False) -> bool:
        """True where nothing is due on `day` because of status or deadline.

        Args:
            kept: Enough was done on that day, so that a pause that begins on it does not take it away.
        """
        for span in self.closed:
            if span.first <= day <= span.last:
                return not (kept and span.keeps_first and day == span.first)
        return False

    def unit_at(self, day: int) -> Unit | None:
        """The unit that holds `day`, or None before the start and on days that no unit of one day falls on."""
        for span in self.spans:
            if span.first <= day <= span.last:
                return self._unit_in(span, day)
        return None

    def _unit_in(self, span: Span, day: int) -> Unit | None:
        schedule = span.rule.schedule
        if schedule.period is Period.DAY:
            if schedule.weekdays and iso_weekday(day) not in schedule.weekdays:
                return None
            return self.unit(day, day, span.rule)
        first, last = period_bounds(schedule.period, day, span.rule.calendar.week_start)
        first, last = max(first, span.first), min(last, span.last)
        return self.unit(first, self._end_of_unit(first, last), span.rule)


def _when_not_met(unit: Unit) -> int:
    """The outcome of a closed unit apart from what was done in it."""
    if unit.days:
        return MISSED
    return EXCUSED if unit.is_excused else NOT_DUE
