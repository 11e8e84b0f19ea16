"""The rules of outcomes once more, slowly: day by day, with dates and sets, to compare the engine with."""

from collections.abc import Iterator
from datetime import date, timedelta
from fractions import Fraction
from math import ceil

from services.goals.domain.days import Period
from services.goals.domain.goal import Goal, Phase, Rule, Status


class Oracle:
    """Knows a goal, its done days (with counts) and its skips; counts only, no amounts."""

    def __init__(self, goal: Goal, done: dict[date, int], skips: set[date], today: date) -> None:
        self.goal, self.done, self.skips, self.today = goal, done, skips, today
        self.start = date.fromordinal(goal.start_day)

    def rule_on(self, when: date) -> Rule:
        """The version made last among those that act on that day; the first one when none does."""
        acting = [rule for rule in self.goal.rules[1:] if date.fromordinal(rule.effective_from) <= when]
        return acting[-1] if acting else self.goal.rules[0]

    def phase_on(self, when: date) -> Phase:
        """The phase made last among those that have begun."""
        return [phase for phase in self.goal.phases if phase.effective_from <= when.toordinal()][-1]

    def outcomes(self) -> Iterator[tuple[date, str]]:
        """(first day, letter) of each unit that is due in some way; days that no unit falls on are left out."""
        when = self.start
        while when <= self.today:
            rule = self.rule_on(when)
            days = [when]
            while rule.schedule.period is not Period.DAY and self._same_unit(days[-1] + timedelta(1), when, rule):
                days.append(days[-1] + timedelta(1))
            letter = self._letter(days, rule)
            if letter != "-":
                yield when, letter
            when = days[-1] + timedelta(1)

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

    @staticmethod
    def _named(when: date, rule: Rule) -> bool:
        return not rule.schedule.weekdays or when.isoweekday() in rule.schedule.weekdays

    def _closed(self, when: date, *, enough: bool) -> bool:
        phase = self.phase_on(when)
        if phase.status is not Status.ACTIVE:
            began_today = self.phase_on(when - timedelta(1)).status is Status.ACTIVE
            before = self.phase_on(when - timedelta(1))
            was_due = before.deadline is None or before.deadline >= when.toordinal()
            return not (began_today and was_due and enough)
        return phase.deadline is not None and when.toordinal() > phase.deadline

    def _letter(self, days: list[date], rule: Rule) -> str:
        schedule = rule.schedule
        daily = schedule.period is Period.DAY
        bar = schedule.times if daily else 1
        days = self._until_deadline(days)
        named = [d for d in days if self._named(d, rule)]
        enough = {d for d in named if self.done.get(d, 0) >= bar}
        left = [d for d in named if not self._closed(d, enough=d in enough)]
        excused = [d for d in left if d in self.skips and d not in enough]
        open_days = [d for d in left if d not in excused]
        if not open_days:
            return "e" if named and len(excused) == len(named) else "-"
        if daily:
            is_done = bool(enough)
        else:
            needed = ceil(Fraction(schedule.times * len(open_days), len(self._whole(days[0], rule))))
            is_done = len([d for d in open_days if d in enough]) >= min(needed, len(open_days))
        if is_done:
            return "d"
        return "." if days[-1] >= self.today else "m"

    def _until_deadline(self, days: list[date]) -> list[date]:
        """The unit ends with the deadline where that cuts its end off."""
        end = len(days)
        while end > 1 and self._behind_deadline(days[end - 1]):
            end -= 1
        return days[:end]

    def _behind_deadline(self, when: date) -> bool:
        phase = self.phase_on(when)
        behind = phase.deadline is not None and when.toordinal() > phase.deadline
        return phase.status is Status.ACTIVE and behind
