"""Whether the member keeps up: how many days remain before a unit is lost, or before the value is behind its line."""

from collections.abc import Iterator
from dataclasses import dataclass
from math import floor

from services.goals.domain.days import Period
from services.goals.domain.goal import FOREVER, Pattern, Status
from services.goals.domain.line import Line, actual_of, line_of, projected_end
from services.goals.domain.units import Chance, Ledger, Unit, limits, rolling

# How far ahead a due unit is looked for; longer than the longest period plus the longest gap of a calendar schedule.
_HORIZON_DAYS = 2 * 366


@dataclass(frozen=True, slots=True)
class Pace:
    """Whether the member keeps up; None where there is nothing to say.

    Attributes:
        expected: Where the line of a target says the value is today; of a limit, what the open unit may hold.
        actual: Where it is; of a limit, what the open unit holds.
        delta: How far ahead of the line the value is, behind it when negative, whichever way the target lies; of a
            limit, the allowance left.
        safe_days: See `safe_days`.
        needed_today: What puts a target on its line today, 0 or more.
        projected_end: The day (an ordinal) on which a target is reached at the rate of the last 28 days; None
            without a line.
        day_worth: What one day of the line comes to; 0 where there is no line.
    """

    expected: float | None = None
    actual: float | None = None
    delta: float | None = None
    safe_days: int | None = None
    needed_today: float | None = None
    projected_end: int | None = None
    day_worth: float = 0.0


def pace_of(ledger: Ledger) -> Pace:
    """Everything that is to be said of the pace today; derived once."""
    key = ("pace", 0)
    if key not in ledger.kept:
        ledger.kept[key] = _pace_of(ledger)
    found: Pace = ledger.kept[key]
    return found


def _pace_of(ledger: Ledger) -> Pace:
    if ledger.goal.pattern is Pattern.TARGET:
        return _pace_of_target(ledger)
    if ledger.goal.pattern is Pattern.LIMIT:
        return _pace_of_limit(ledger)
    return Pace(safe_days=safe_days(ledger))


def safe_days(ledger: Ledger) -> int | None:
    """Whole days from today to the first one at whose end, with nothing more logged, something is lost.

    For units: one can no longer be met. For a target: the value is on the wrong side of its line. For a limit:
    presumed amounts of days without an entry exceed it; where silence is kept, nothing does. 0 means act today, or
    that it is lost already; None that nothing is ever lost: the goal is not active, nothing is due any more, or there
    is no line.
    """
    pattern = ledger.goal.pattern
    if pattern in (Pattern.TARGET, Pattern.LIMIT):
        return pace_of(ledger).safe_days
    chance = next_loss(ledger)
    return None if chance is None else (chance.last_day or ledger.today) - ledger.today


def _pace_of_target(ledger: Ledger) -> Pace:
    actual, line = actual_of(ledger, ledger.today), line_of(ledger)
    if line is None:
        return Pace(actual=actual)
    expected = line.at(ledger.today)
    is_active = ledger.goal.status is Status.ACTIVE
    return Pace(
        expected=expected,
        actual=actual,
        delta=line.lead(actual, ledger.today),
        safe_days=_safe_days_of_target(ledger, line, actual) if is_active else None,
        needed_today=max(0.0, -line.lead(actual, ledger.today)),
        projected_end=projected_end(ledger),
        day_worth=line.day_worth,
    )


def _safe_days_of_target(ledger: Ledger, line: Line, actual: float) -> int | None:
    """The line only ever rises towards its target from today on, so the first day behind it is found by halving."""
    if line.lead(actual, line.last) >= 0:
        return None
    low, high = 0, max(0, line.last - ledger.today)
    while low < high:
        middle = (low + high) // 2
        if line.lead(actual, ledger.today + middle) < 0:
            high = middle
        else:
            low = middle + 1
    return low


def _pace_of_limit(ledger: Ledger) -> Pace:
    unit, safe = open_limit(ledger), _safe_days_of_limit(ledger)
    if unit is None:
        return Pace(safe_days=safe)
    most = unit.needed
    left = most - unit.done
    presumed = presumed_use(unit)
    if presumed is not None:
        left -= presumed * sum(day < ledger.today for day in limits.silent_days(ledger, unit))
    if has_slip(ledger, unit):
        left = min(left, 0.0)
    return Pace(expected=most, actual=unit.done, delta=round(left, 9), safe_days=safe)


def _safe_days_of_limit(ledger: Ledger) -> int | None:
    """Of the open unit, or where silence until its end does not lose it, of one after it."""
    spans = [span for span in ledger.spans if limits.is_pessimistic(span.rule)]
    if ledger.goal.status is not Status.ACTIVE or not spans or spans[-1].last < ledger.today:
        return None
    for unit in _units_from_today(ledger):
        if unit.first > spans[-1].last:
            break
        lost = _lost_by_silence(ledger, unit)
        if lost is not None:
            return max(0, lost - ledger.today)
    return None


def _lost_by_silence(ledger: Ledger, unit: Unit) -> int | None:
    """The day at whose end a unit is lost with nothing more logged; None where that does not lose it.

    It is lost when what is logged and presumed exceeds the limit. Of a limit of nothing nothing is presumed: it is
    lost when its last day ends and no day of it has an entry.
    """
    presumed = presumed_use(unit) if unit.days else None
    if presumed is None:
        return None
    if unit.done > unit.needed or has_slip(ledger, unit):
        return unit.first
    silent = limits.silent_days(ledger, unit)
    bearable = floor((unit.needed - unit.done) / presumed * (1 + 1e-9)) if presumed else len(unit.days) - 1
    return silent[bearable] if bearable < len(silent) else None


def open_limit(ledger: Ledger) -> Unit | None:
    """The unit of a limit that is still open; None where there is none, or nothing is due in it."""
    unit = ledger.unit_at(ledger.today)
    if ledger.goal.status is not Status.ACTIVE or unit is None or unit.rule.limit is None or not unit.days:
        return None
    return unit


def presumed_use(unit: Unit) -> float | None:
    """What a closed day without an entry is taken for; None where it is taken for kept."""
    return 2 * unit.needed / len(unit.days) if limits.is_pessimistic(unit.rule) else None


def has_slip(ledger: Ledger, unit: Unit) -> bool:
    """A check-in says that the limit was not kept, so that nothing is left of it."""
    slips = ledger.entries.slips
    return bool(slips) and not slips.isdisjoint(unit.days)


def is_last_chance(ledger: Ledger) -> bool:
    """What is due can still be met today and no longer tomorrow; what is lost already has no chance left."""
    chance = next_loss(ledger)
    return chance is not None and chance.last_day == ledger.today


def next_loss(ledger: Ledger) -> Chance | None:
    """The unit that is lost first if nothing more is logged; None where none ever is. Sought once."""
    key = ("next loss", 0)
    if key not in ledger.kept:
        ledger.kept[key] = _next_loss(ledger)
    found: Chance | None = ledger.kept[key]
    return found


def _next_loss(ledger: Ledger) -> Chance | None:
    goal = ledger.goal
    if goal.status is not Status.ACTIVE or goal.pattern in (Pattern.TARGET, Pattern.LIMIT):
        return None
    if goal.pattern is Pattern.MILESTONE:
        return _next_step(ledger)
    span = ledger.span_at(max(ledger.today, goal.start_day))
    if span is not None and span.rule.schedule.window_days:
        return rolling.next_loss(ledger, span.rule, max(ledger.today, goal.start_day) + _HORIZON_DAYS)
    for unit in _units_from_today(ledger):
        if unit.days and not unit.is_met:
            return _chance_of(unit, ledger)
    return None


def _next_step(ledger: Ledger) -> Chance | None:
    """The step that is due first of those that are not done; lost when it is overdue."""
    done = ledger.entries.milestones
    due = min((step.due_day for step in ledger.goal.milestones if step.due_day and step.id not in done), default=None)
    if due is None:
        return None
    return Chance(due, due, 0, 1, 1, [due] if due >= ledger.today else [], ledger.goal.rule)


def _units_from_today(ledger: Ledger) -> Iterator[Unit]:
    day = max(ledger.today, ledger.goal.start_day)
    end = day + _HORIZON_DAYS
    while day <= end and not _is_over(ledger, day):
        unit = ledger.unit_at(day)
        if unit is not None and unit.last >= day:
            yield unit
            day = unit.last + 1
        else:
            day += 1


def _is_over(ledger: Ledger, day: int) -> bool:
    """Nothing is due from `day` on, for ever."""
    return bool(ledger.closed) and ledger.closed[-1].first <= day and ledger.closed[-1].last == FOREVER


def _chance_of(unit: Unit, ledger: Ledger) -> Chance:
    """What still saves a unit that is not met."""
    rule, today = unit.rule, ledger.today
    takes, left = 1, [day for day in unit.days if day >= today]
    if rule.schedule.period is not Period.DAY and rule.amount is None:
        takes = int(unit.needed - unit.done)
        left = [day for day in left if not ledger.entries.done_on(day)]
    return Chance(unit.first, unit.last, unit.done, unit.needed, takes, left[-takes:], rule)
