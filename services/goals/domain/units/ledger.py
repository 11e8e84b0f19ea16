"""The ledger: a goal with its entries on a given today, and all its units with their outcomes."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from operator import attrgetter
from typing import Any

from services.goals.domain import recurrence
from services.goals.domain.days import Period, count_weekdays, iso_weekday, period_bounds
from services.goals.domain.entries import Entries
from services.goals.domain.goal import Goal, Pattern, Rule, Span, closed_days, timeline, within_deadlines
from services.goals.domain.units import daily, limits, milestones, periodic, rolling
from services.goals.domain.units.outcomes import MISSED, Stretch, Unit

# Vacations are looked at this far ahead: further than anything that is told of the future but lines and calendars.
_AHEAD_DAYS = 3 * 366
# The unit that holds a day ends at most so much later.
_LONGEST_UNIT = 366


class Ledger:
    """A goal with its entries on a given today; answers what is due and what became of it.

    Attributes:
        stretches: All units up to the one that holds today.
        closed: Spans on which nothing is due.
        skips: Days that a skip entry or a vacation excuses where not enough is done on them.
        kept: What other figures asked for, by its name, with the version that it stands under where there is one.
    """

    __slots__ = (
        "_closed_firsts",
        "_ordered_skips",
        "_units",
        "closed",
        "entries",
        "goal",
        "kept",
        "skips",
        "spans",
        "stretches",
        "today",
    )

    def __init__(self, goal: Goal, entries: Entries, today: int, *, until: int = 0) -> None:
        """Derives the units.

        Args:
            goal: With all its rules and phases.
            entries: All that was logged.
            today: The member's civil day.
            until: The last day that is asked for, where it lies ahead.
        """
        self.goal = goal
        self.entries = entries
        self.today = today
        self.kept: dict[tuple[str, int], Any] = {}
        self.spans = timeline(goal.rules, goal.start_day)
        self.closed = closed_days(goal.phases)
        self.skips: AbstractSet[int] = entries.skips
        if entries.vacations:
            last = max(_last_told(goal, today), until + _LONGEST_UNIT)
            self.skips = entries.skips.union(*_within(entries.vacations, goal.start_day, last))
        self._ordered_skips: list[int] | None = None
        self._closed_firsts = [span.first for span in self.closed]
        self._units: dict[int, Unit] = {}  # Looked at closely once, by first day; several figures ask for today's.
        self.stretches = self._derive()

    def _derive(self) -> list[Stretch]:
        if self.goal.pattern is Pattern.TARGET:
            return []  # A target has a line, not units.
        if self.goal.pattern is Pattern.MILESTONE:
            due = milestones.stretch(self)
            return [due] if due.firsts else []
        return [self._stretch(span) for span in self.spans if span.first <= self.today]

    def _stretch(self, span: Span) -> Stretch:
        rule = span.rule
        if rule.limit is not None:
            return limits.by_day(self, span) if rule.schedule.is_daily else limits.by_period(self, span)
        if rule.schedule.window_days:
            return rolling.stretch(self, span)
        return daily.stretch(self, span) if rule.schedule.is_daily else periodic.stretch(self, span)

    # Days of a span by arithmetic.

    def due_days(self, rule: Rule, first: int, last: int) -> bytearray:
        """One byte for every day of [first, last]: missed where the schedule names it, else not due."""
        schedule = rule.schedule
        if schedule.rrule:
            return self._recurring_days(rule, first, last)
        length = last - first + 1
        if not schedule.weekdays:
            return bytearray(b"m") * length
        outcomes = bytearray(b"-") * length
        start = iso_weekday(first)
        for weekday in schedule.weekdays:
            offset = (weekday - start) % 7
            outcomes[offset::7] = b"m" * len(range(offset, length, 7))
        return outcomes

    def _recurring_days(self, rule: Rule, first: int, last: int) -> bytearray:
        return recurrence.due_days(
            rule.schedule.rrule,
            anchor=rule.anchor or self.goal.start_day,
            first=first,
            last=last,
            week_start=rule.calendar.week_start,
            clamp=rule.policy.month_end == "clamp",
        )

    def is_named(self, day: int, rule: Rule) -> bool:
        """The schedule names that day."""
        schedule = rule.schedule
        if schedule.rrule:
            return self._recurring_days(rule, day, day)[0] == MISSED
        return not schedule.weekdays or iso_weekday(day) in schedule.weekdays

    def by_day(self, rule: Rule) -> Mapping[int, float]:
        """What counts towards the rule, by day: check-ins, or sums of an amount."""
        return self.entries.amounts if rule.amount or rule.limit else self.entries.done

    def value_on(self, day: int, rule: Rule) -> float:
        """What counts towards the rule on a day."""
        if rule.amount or rule.limit:
            return self.entries.amounts.get(day, 0)
        return self.entries.done_on(day)

    def excusing_days(self, rule: Rule, first: int = 0, last: int | None = None) -> list[int]:
        """Open days with a skip on which not enough was done to beat it, in order; of all days where none are given."""
        if not self.skips:
            return []
        by_day = self.by_day(rule)
        return [
            day
            for day in self.skips_between(first, self.today + _AHEAD_DAYS if last is None else last)
            if not self.is_enough(by_day.get(day, 0), rule) and not self.is_closed(day)
        ]

    def skips_between(self, first: int, last: int) -> list[int]:
        """The days of [first, last] that a skip or a vacation excuses, in order."""
        if self._ordered_skips is None:
            self._ordered_skips = sorted(self.skips)
        ordered = self._ordered_skips
        return ordered[bisect_left(ordered, first) : bisect_right(ordered, last)]

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
            if span.keeps_first and low == span.first and self.is_enough(self.value_on(low, rule), rule):
                count -= count_weekdays(low, low, weekdays)
        return count

    def is_enough(self, value: float, rule: Rule) -> bool:
        """A day with that much done on it beats a skip, and the beginning of a pause."""
        if rule.limit is not None:
            return False
        if rule.schedule.counts_days:
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

    # One unit, looked at closely: cut units, and what lies ahead.

    def unit(self, first: int, last: int, rule: Rule) -> Unit:
        """Counts the unit [first, last] day by day, once."""
        if first not in self._units:
            self._units[first] = self._count(first, last, rule)
        return self._units[first]

    def _count(self, first: int, last: int, rule: Rule) -> Unit:
        schedule = rule.schedule
        weekdays = schedule.weekdays
        sums = rule.amount is not None or rule.limit is not None or not schedule.counts_days
        takes_away = bool(self.closed or self.skips)
        days: list[int] = []
        eligible = excused = 0
        done: float = 0
        for day in range(first, last + 1):
            if weekdays and iso_weekday(day) not in weekdays:
                continue
            eligible += 1
            value = self.value_on(day, rule)
            if takes_away:
                enough = self.is_enough(value, rule)
                if self.is_closed(day, kept=enough):
                    continue
                if day in self.skips and not enough:
                    excused += 1
                    continue
            days.append(day)
            done += value if sums else min(value, 1)
        needed = periodic.needed(rule, first, len(days))
        return Unit(first, last, days, eligible, excused, needed, round(done, 9), rule)

    def unit_at(self, day: int) -> Unit | None:
        """The unit that holds `day`; None before the start, behind a deadline, and where no unit of one day falls."""
        span = self.span_at(day)
        return self._unit_in(span, day) if span else None

    def span_at(self, day: int) -> Span | None:
        """The version under which a unit that holds `day` stands; None before the start."""
        index = bisect_right(self.spans, day, key=attrgetter("first")) - 1
        return self.spans[index] if index >= 0 else None

    def _unit_in(self, span: Span, day: int) -> Unit | None:
        schedule = span.rule.schedule
        if schedule.is_daily:
            return self.unit(day, day, span.rule) if self.is_named(day, span.rule) else None
        first, last = period_bounds(schedule.period, day, span.rule.calendar.week_start)
        first, last = within_deadlines(self.closed, max(first, span.first), min(last, span.last), day)
        return self.unit(first, last, span.rule) if day <= last else None  # Behind a deadline that ended it.

    @property
    def is_by_day(self) -> bool:
        """Every unit is a single day with a count of its own: only then do weekdays say something."""
        return all(
            s.rule.schedule.period is Period.DAY and not s.rule.schedule.counts_days and not s.rule.limit
            for s in self.stretches
        )


def _last_told(goal: Goal, today: int) -> int:
    """The last day ahead that a figure may stand on: a line goes to its deadline, also to one that was moved since."""
    if goal.pattern is not Pattern.TARGET:
        return today + _AHEAD_DAYS
    return max(today + _AHEAD_DAYS, *(phase.deadline or 0 for phase in goal.phases))


def _within(spans: Iterable[tuple[int, int]], first: int, last: int) -> Iterable[range]:
    return [range(max(first, low), min(last, high) + 1) for low, high in spans]
