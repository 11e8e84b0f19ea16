"""What a heat map or a month view draws: for every day what is due, what became of it, and what was logged."""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from services.goals.domain.goal import Aggregation, Pattern
from services.goals.domain.units import (
    DONE,
    EXCUSED,
    MISSED,
    NOT_DUE,
    PENDING,
    Ledger,
    Stretch,
    Unit,
    milestones,
    rolling,
)

MOST_DAYS = 400
# What a day with several milestones comes to: the first of these that one of them has.
_WORST_FIRST = (MISSED, PENDING, EXCUSED, NOT_DUE, DONE)


class ExcusedBy(StrEnum):
    """What excuses a day."""

    SKIP = "skip"
    VACATION = "vacation"


@dataclass(frozen=True, slots=True)
class AgendaUnit:
    """The unit that holds a day; of a limit `needed` is what it may hold."""

    first: int
    last: int
    outcome: int
    done: float
    needed: float


@dataclass(frozen=True, slots=True)
class AgendaDay:
    """One day of a goal.

    Attributes:
        is_due: The schedule names the day, and the goal is open on it.
        outcome: That of the unit.
        value: Check-ins, or the sum of an amount; of a target its reading; None where nothing was logged.
        excused_by: None where nothing excuses the day.
        unit: None where no unit holds the day.
    """

    day: int
    is_due: bool
    outcome: int
    value: float | None
    excused_by: ExcusedBy | None
    unit: AgendaUnit | None


def days_between(ledger: Ledger, first: int, last: int) -> list[AgendaDay]:
    """All days of [first, last], past and future; a ledger is to reach `until` the last."""
    return [_day(ledger, day) for day in range(first, last + 1)]


def outcome_at(stretches: Iterable[Stretch], day: int) -> int | None:
    """The outcome of the unit that holds `day`; None where none does yet."""
    for stretch in stretches:
        index = bisect_right(stretch.firsts, day) - 1
        if index >= 0 and day <= stretch.lasts[index]:
            return stretch.outcomes[index]
    return None


def _day(ledger: Ledger, day: int) -> AgendaDay:
    unit = _unit(ledger, day)
    is_due = unit is not None and not ledger.is_closed(day, kept=unit.outcome == DONE) and _is_named(ledger, day)
    return AgendaDay(
        day=day,
        is_due=is_due,
        outcome=unit.outcome if unit else NOT_DUE,
        value=_value(ledger, day),
        excused_by=_excused_by(ledger, day),
        unit=unit,
    )


def _unit(ledger: Ledger, day: int) -> AgendaUnit | None:
    pattern = ledger.goal.pattern
    if pattern is Pattern.TARGET or day < ledger.goal.start_day:
        return None
    if pattern is Pattern.MILESTONE:
        return _steps_due(ledger, day)
    unit = ledger.unit_at(day)
    if unit is None:
        return None
    outcome = outcome_at(ledger.stretches, day)
    done = rolling.window_around(ledger, unit.rule, day)[0] if unit.rule.schedule.window_days else unit.done
    return AgendaUnit(unit.first, unit.last, _ahead(unit) if outcome is None else outcome, done, unit.needed)


def _ahead(unit: Unit) -> int:
    """What can be said of a unit that has not begun."""
    if unit.days:
        return PENDING
    return EXCUSED if unit.is_excused else NOT_DUE


def _steps_due(ledger: Ledger, day: int) -> AgendaUnit | None:
    steps = [step for due, step in milestones.due_steps(ledger.goal) if due == day]
    if not steps:
        return None
    reached = ledger.entries.milestones
    done = sum(step.id in reached and reached[step.id][0] <= day for step in steps)
    outcomes = [
        outcome
        for stretch in ledger.stretches
        for due, outcome in zip(stretch.lasts, stretch.outcomes, strict=True)
        if due == day
    ]
    if not outcomes:
        outcomes = [milestones.outcome(ledger, step, day) for step in steps]
    return AgendaUnit(day, day, next(each for each in _WORST_FIRST if each in outcomes), done, len(steps))


def _is_named(ledger: Ledger, day: int) -> bool:
    span = ledger.span_at(day)
    return ledger.goal.pattern is Pattern.MILESTONE or (span is not None and ledger.is_named(day, span.rule))


def _value(ledger: Ledger, day: int) -> float | None:
    entries, rule = ledger.entries, ledger.goal.rule
    if day > ledger.today:
        return None
    if ledger.goal.pattern is Pattern.MILESTONE:
        return float(sum(on == day for on, _ in entries.milestones.values())) or None
    if rule.target is not None and rule.target.aggregation is not Aggregation.SUM:
        return _last_reading(entries.readings, day)
    if rule.target or rule.amount or rule.limit:
        return entries.amounts.get(day)
    count = entries.done.get(day)
    return None if count is None else float(count)


def _last_reading(readings: Sequence[tuple[int, float]], day: int) -> float | None:
    index = bisect_right(readings, day, key=lambda reading: reading[0]) - 1
    return readings[index][1] if index >= 0 and readings[index][0] == day else None


def _excused_by(ledger: Ledger, day: int) -> ExcusedBy | None:
    if day in ledger.entries.skips:
        return ExcusedBy.SKIP
    return ExcusedBy.VACATION if any(low <= day <= high for low, high in ledger.entries.vacations) else None
