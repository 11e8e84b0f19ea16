"""The rules of outcomes once more, slowly: day by day, with dates and sets, to compare the engine with.

Of the engine only the forms of goals are used, none of its arithmetic; recurrence rules are predicates on dates.
"""

import calendar
from collections.abc import Callable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from math import ceil
from uuid import UUID

from services.goals.domain.days import Period
from services.goals.domain.goal import Excused, Goal, MonthEnd, NoEntry, Pattern, Phase, Rule, Status

_NOTHING: Mapping[date, float] = {}
_DAY = timedelta(1)


@dataclass(frozen=True)
class SlowUnit:
    """A unit with its outcome: d done, p partial, m missed, e excused, . pending, - not due."""

    first: date
    last: date
    letter: str
    rule: Rule


def _end_of_month(when: date) -> int:
    return calendar.monthrange(when.year, when.month)[1]


def _on_day_of_month(when: date, wanted: set[int], clamp: bool) -> bool:
    return when.day in ({min(each, _end_of_month(when)) for each in wanted} if clamp else wanted)


def _weeks_apart(when: date, anchor: date, week_start: int) -> int:
    begins = [each - timedelta((each.isoweekday() - week_start) % 7) for each in (when, anchor)]
    return (begins[0] - begins[1]).days // 7


# (day, anchor, start of the week, whether the 31st is clamped) → the rule names that day; on or after the anchor.
_NAMES: dict[str, Callable[[date, date, int, bool], bool]] = {
    "FREQ=DAILY;INTERVAL=2": lambda d, a, w, c: (d - a).days % 2 == 0,
    "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,TH": lambda d, a, w, c: (
        d.isoweekday() in (1, 4) and _weeks_apart(d, a, w) % 2 == 0
    ),
    "FREQ=MONTHLY": lambda d, a, w, c: _on_day_of_month(d, {a.day}, c and a.day > 28),
    "FREQ=MONTHLY;BYMONTHDAY=15,31": lambda d, a, w, c: _on_day_of_month(d, {15, 31}, c),
    "FREQ=MONTHLY;BYDAY=-1FR": lambda d, a, w, c: d.isoweekday() == 5 and d.day + 7 > _end_of_month(d),
    "FREQ=DAILY;COUNT=9": lambda d, a, w, c: (d - a).days < 9,
}


class Oracle:
    """Knows a goal and what was logged on it by day.

    Args:
        goal: Of any pattern but a target.
        done: How many check-ins were done.
        skips: Days with a skip, and days of vacations.
        today: The member's.
        amounts: Sums of progress.
        slips: Days with a check-in that says no.
        reached: On which day each milestone was.
    """

    def __init__(
        self,
        goal: Goal,
        done: Mapping[date, int],
        skips: AbstractSet[date],
        today: date,
        *,
        amounts: Mapping[date, float] = _NOTHING,
        slips: AbstractSet[date] = frozenset(),
        reached: Mapping[UUID, date] | None = None,
    ) -> None:
        self.goal, self.done, self.skips, self.today = goal, done, skips, today
        self.amounts, self.slips, self.reached = amounts, slips, reached or {}
        self.start = date.fromordinal(goal.start_day)

    def rule_on(self, when: date) -> Rule:
        """The version made last among those that act on that day; the first one when none does."""
        acting = [rule for rule in self.goal.rules[1:] if date.fromordinal(rule.effective_from) <= when]
        return acting[-1] if acting else self.goal.rules[0]

    def phase_on(self, when: date) -> Phase:
        """The phase made last among those that have begun."""
        return [phase for phase in self.goal.phases if phase.effective_from <= when.toordinal()][-1]

    def outcomes(self) -> list[tuple[date, str]]:
        """(first day, letter) of each unit that is due in some way; days that no unit falls on are left out."""
        return [(unit.first, unit.letter) for unit in self.units() if unit.letter != "-"]

    def units(self) -> Iterator[SlowUnit]:
        """All units up to the one that holds today, and days that are none with the letter -."""
        if self.goal.pattern is Pattern.MILESTONE:
            yield from self._steps()
            return
        when = self.start
        while when <= self.today:
            rule = self.rule_on(when)
            days = [when] if self._is_daily(rule) else self._days_of_unit(when, rule)
            yield SlowUnit(when, days[-1], self._letter(days, rule), rule)
            when = days[-1] + _DAY

    def run(self) -> int:
        """The streak that lasts, with freezes: a walk over all units."""
        run, used = 0, dict[tuple[int, int], int]()
        for unit in self.units():
            freezes = unit.rule.chain.freezes_per_month if unit.rule.chain else 0
            month = (unit.last.year, unit.last.month)
            acts = {Excused.NEUTRAL: run, Excused.COUNTS: run + 1, Excused.BREAKS: 0}
            if unit.letter == "d":
                run += 1
            elif unit.letter == "e":
                run = acts[unit.rule.policy.excused]
            elif unit.letter in "mp" and run and used.get(month, 0) < freezes:
                used[month] = used.get(month, 0) + 1
            elif unit.letter in "mp":
                run = 0
        return run

    @staticmethod
    def _is_daily(rule: Rule) -> bool:
        return rule.schedule.period is Period.DAY or bool(rule.schedule.window_days)

    def _days_of_unit(self, when: date, rule: Rule) -> list[date]:
        """Up to the end of the period; a deadline ends it before, and the days behind that are of no unit."""
        days, begins = [when], not self._same_unit(when - _DAY, when, rule) or when == self.start
        while self._same_unit(days[-1] + _DAY, when, rule):
            was, is_next = self._behind_deadline(days[-1]), self._behind_deadline(days[-1] + _DAY)
            if (is_next and not was) or (was and not is_next and not begins):
                break
            days.append(days[-1] + _DAY)
        return days

    def _same_unit(self, when: date, first: date, rule: Rule) -> bool:
        return self.rule_on(when) is rule and self._period(when, rule) == self._period(first, rule)

    @staticmethod
    def _period(when: date, rule: Rule) -> tuple[int, ...]:
        match rule.schedule.period:
            case Period.WEEK:
                return ((when - timedelta((when.isoweekday() - rule.calendar.week_start) % 7)).toordinal(),)
            case Period.MONTH:
                return (when.year, when.month)
            case Period.QUARTER:
                return (when.year, (when.month - 1) // 3)
            case _:
                return (when.year,)

    def _whole(self, first: date, rule: Rule) -> list[date]:
        """All named days of the calendar period that holds `first`, cut or not."""
        days = [first]
        for step in (-1, 1):
            at = first + timedelta(step)
            while self._period(at, rule) == self._period(first, rule):
                days.append(at)
                at += timedelta(step)
        return [when for when in days if self._named(when, rule)]

    def _named(self, when: date, rule: Rule) -> bool:
        schedule = rule.schedule
        if schedule.rrule:
            anchor = date.fromordinal(rule.anchor) if rule.anchor else self.start
            clamp = rule.policy.month_end is MonthEnd.CLAMP
            return when >= anchor and _NAMES[schedule.rrule](when, anchor, rule.calendar.week_start, clamp)
        return not schedule.weekdays or when.isoweekday() in schedule.weekdays

    def _closed(self, when: date, *, enough: bool) -> bool:
        phase = self.phase_on(when)
        if phase.status is not Status.ACTIVE:
            began_today = self.phase_on(when - _DAY).status is Status.ACTIVE
            before = self.phase_on(when - _DAY)
            was_due = before.deadline is None or before.deadline >= when.toordinal()
            return not (began_today and was_due and enough)
        return phase.deadline is not None and when.toordinal() > phase.deadline

    def _value(self, when: date, rule: Rule) -> float:
        return self.amounts.get(when, 0) if rule.amount else self.done.get(when, 0)

    def _letter(self, days: list[date], rule: Rule) -> str:
        if rule.limit is not None:
            return self._letter_of_limit(days, rule)
        if rule.schedule.window_days:
            return self._letter_of_window(days[0], rule)
        daily = self._is_daily(rule)
        least = rule.amount.min_value if rule.amount else rule.schedule.times
        named = [d for d in days if self._named(d, rule)]
        enough = {d for d in named if (self._value(d, rule) >= least if daily else self._value(d, rule) > 0)}
        left = [d for d in named if not self._closed(d, enough=d in enough)]
        excused = [d for d in left if d in self.skips and d not in enough]
        open_days = [d for d in left if d not in excused]
        if not open_days:
            return "e" if named and len(excused) == len(named) else "-"
        if daily:
            total, needed = self._value(open_days[0], rule), least
        elif rule.amount:
            total = round(sum(self._value(d, rule) for d in open_days), 9)
            needed = round(least * len(open_days) / len(self._whole(days[0], rule)), 9)
        else:
            total = len([d for d in open_days if d in enough])
            share = ceil(Fraction(rule.schedule.times * len(open_days), len(self._whole(days[0], rule))))
            needed = min(share, len(open_days))
        if total >= needed:
            return "d"
        if days[-1] >= self.today:
            return "."
        return "p" if rule.amount and total > 0 else "m"

    def _behind_deadline(self, when: date) -> bool:
        """The deadline has passed, and was not moved since; a pause that begins behind it changes nothing."""
        phase = self.phase_on(when)
        if phase.status is Status.ACTIVE:
            return phase.deadline is not None and when.toordinal() > phase.deadline
        before = when
        while self.phase_on(before).status is not Status.ACTIVE:
            before = date.fromordinal(self.phase_on(before).effective_from - 1)
        deadline = self.phase_on(before).deadline
        return deadline is not None and before.toordinal() >= deadline

    def _letter_of_limit(self, days: list[date], rule: Rule) -> str:
        assert rule.limit is not None
        named = [d for d in days if self._named(d, rule)]
        left = [d for d in named if not self._closed(d, enough=False)]
        open_days = [d for d in left if d not in self.skips]
        if not open_days:
            return "e" if named and len(left) == len(named) else "-"
        total = round(sum(self.amounts.get(d, 0) for d in open_days), 9)
        if total > rule.limit.max_value or any(d in self.slips for d in open_days):
            return "m"
        if days[-1] >= self.today:
            return "."
        logged = any(d in self.amounts or d in self.done for d in open_days)
        return "m" if rule.policy.no_entry is NoEntry.PESSIMISTIC and not logged else "d"

    # Rolling windows: every window tried, every future tried.

    def _letter_of_window(self, when: date, rule: Rule) -> str:
        done = self._counting_days(rule)
        if self._excused(when, rule):
            return "e"
        window = [self._held(days, rule, done) for days in self._windows(when, rule, done)]
        needed = rule.amount.min_value if rule.amount else rule.schedule.times
        is_ok = any(held >= needed for held in window)
        if self._closed(when, enough=True):
            return "-"
        if self._closed(when, enough=False):  # The first day of a pause keeps what it was.
            return "d" if is_ok else "-"
        if is_ok:
            return "d"
        could = any(self._reach(days, rule, done) >= needed for days in self._windows(when, rule, done))
        return "." if could or when == self.today else "m"

    def _counting_days(self, rule: Rule) -> set[date]:
        by_day = self.amounts if rule.amount else self.done
        return {d for d, value in by_day.items() if value > 0 and not self._closed(d, enough=True) and d <= self.today}

    def _excused(self, when: date, rule: Rule) -> bool:
        return when in self.skips and self._value(when, rule) <= 0 and not self._closed(when, enough=False)

    def _windows(self, when: date, rule: Rule, done: set[date]) -> Iterator[list[date]]:
        """Every run of days that are not excused, holding `when` and a done day on or before it."""
        length = rule.schedule.window_days
        before, after = [when], [when]
        while len(before) < length and before[-1] > self.start - timedelta(length):
            before += self._next_open(before[-1], -1, rule)
        while len(after) < length:
            after += self._next_open(after[-1], 1, rule)
        line = [*reversed(before), *after[1:]]
        for begin in range(max(0, len(before) - length), len(before)):
            window = line[begin : begin + length]
            if any(d in done and d <= when for d in window):
                yield window

    def _next_open(self, when: date, step: int, rule: Rule) -> list[date]:
        at = when + timedelta(step)
        while self._excused(at, rule):
            at += timedelta(step)
        return [at]

    def _held(self, window: list[date], rule: Rule, done: set[date]) -> float:
        return round(sum(self._value(d, rule) if rule.amount else 1 for d in window if d in done), 9)

    def _reach(self, window: list[date], rule: Rule, done: set[date]) -> float:
        """What the window holds if every day from today on, until the goal closes, were done; of an amount any much."""
        past = self._held([d for d in window if d < self.today], rule, done)
        ahead, at = 0, self.today
        while at <= window[-1] and not self._closed(at, enough=False):
            ahead += at in window
            at += _DAY
        return past + (float("inf") if rule.amount and ahead else ahead)

    def _steps(self) -> Iterator[SlowUnit]:
        due = sorted(step.due_day for step in self.goal.milestones if step.due_day is not None)
        for day in dict.fromkeys(due):
            when = date.fromordinal(day)
            if when > self.today:
                continue
            for step in self.goal.milestones:
                if step.due_day == day:
                    yield SlowUnit(when, when, self._letter_of_step(step.id, when), self.goal.rule)

    def _letter_of_step(self, step: UUID, due: date) -> str:
        if step in self.reached and self.reached[step] <= due:
            return "d"
        if self._closed(due, enough=False):
            return "-"
        if due in self.skips:
            return "e"
        return "." if due >= self.today else "m"
