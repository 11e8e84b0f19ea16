"""Pace: where a target's value comes from and what its line expects, or what becomes of the unit that is lost first."""

from collections.abc import Iterable, Iterator

from services.goals.domain import agenda
from services.goals.domain.explanation.model import NO_DAYS, Effect, Explanation, Metric, Step, Told, version_of
from services.goals.domain.goal import Aggregation, Pattern, Target
from services.goals.domain.line import line_of, running
from services.goals.domain.pace import has_slip, next_loss, open_limit, pace_of, presumed_use, safe_days
from services.goals.domain.units import MISSED, PENDING, Ledger, Unit
from services.goals.domain.units.limits import silent_days

_TARGET = (
    "Entries move the value{how}; at last it is compared with the line: how far it is ahead of the line, which is then "
    "its worth, is the pace."
)
_HOW = {
    Aggregation.SUM: " by as much as they are worth, in the direction of the target",
    Aggregation.LAST: " to what they are worth",
    Aggregation.MAX: " to what they are worth where that is the best so far",
}
_UNITS = (
    "The first step is the unit that is lost first, and its worth on how many days more it takes something. So many of "
    "the days that are left are counted, the last one first; the pace is how many days off the last one counted is. "
    "Where too few are left the unit is lost, and the pace is 0."
)
_LIMIT = (
    "Begin with the start value, which the open unit may hold, and add what each day is worth: less than nothing, by "
    "what was logged on it or, where a day without an entry counts against the goal, by what is presumed of it. A "
    "check-in that says that the limit was not kept makes it 0."
)


def pace(ledger: Ledger) -> Explanation:
    """What makes the pace, as the goal's pattern has it."""
    target = ledger.goal.rule.target
    if target is not None:
        return _of_target(ledger, target)
    return _of_limit(ledger) if ledger.goal.pattern is Pattern.LIMIT else _of_units(ledger)


def _of_target(ledger: Ledger, target: Target) -> Explanation:
    """Every entry with the value after it, the last of them in full, and at last the line."""
    readings = [reading for reading in ledger.entries.readings if reading[0] <= ledger.today]
    values = running(target, [value for _, value in readings])
    placed = zip(readings, _places(day for day, _ in readings), strict=True)
    told = Told(target.start_value, list(zip(values, placed, strict=True)))
    start, last, is_truncated = told.last()
    steps = []
    for actual, ((day, value), place) in last:
        version, goes = _version_at(ledger, day), target.target_value
        steps.append(Step(day, day, PENDING, value, goes, version, Effect.MOVES, actual, worth=value, entry=place))
    line, rule = line_of(ledger), _TARGET.format(how=_HOW[target.aggregation])
    if line is None:
        return Explanation(Metric.PACE, ledger.today, None, start, steps, rule, is_truncated)
    actual = values[-1] if values else target.start_value
    expected, lead = line.at(ledger.today), line.lead(actual, ledger.today)
    steps.append(_compared(ledger, actual, expected, lead))
    return Explanation(Metric.PACE, ledger.today, lead, start, steps, rule, is_truncated)


def _compared(ledger: Ledger, actual: float, expected: float, lead: float) -> Step:
    today, version = ledger.today, len(ledger.goal.rules)
    return Step(
        today, today, PENDING, actual, expected, version, Effect.COMPARES, lead, worth=expected, stands_on=NO_DAYS
    )


def _places(days: Iterable[int]) -> Iterator[int]:
    """Which one of its day each is, from 0."""
    place, before = 0, 0
    for day in days:
        place, before = place + 1 if day == before else 0, day
        yield place


def _version_at(ledger: Ledger, day: int) -> int:
    span = ledger.span_at(day)
    return version_of(ledger, span.rule) if span else 1


def _of_units(ledger: Ledger) -> Explanation:
    """The unit that is lost first, and the days that would still save it, from the last one back."""
    chance = next_loss(ledger)
    if chance is None:
        return Explanation(Metric.PACE, ledger.today, None, 0, [], _UNITS)
    today, version = ledger.today, version_of(ledger, chance.rule)
    found = agenda.outcome_at(ledger.stretches, chance.first) if ledger.goal.pattern is not Pattern.MILESTONE else None
    outcome = PENDING if found is None else found
    unit = (chance.done, chance.needed, version)
    steps = [Step(chance.first, chance.last, outcome, *unit, Effect.COMPARES, 0.0, worth=float(chance.takes))]
    steps += [
        Step(day, day, PENDING, *unit, Effect.COUNTS, float(day - today), stands_on=NO_DAYS)
        for day in reversed(chance.days)
    ]
    if chance.last_day is None:
        steps.append(Step(chance.first, chance.last, MISSED, *unit, Effect.BREAKS, 0.0, stands_on=NO_DAYS))
    return Explanation(Metric.PACE, today, safe_days(ledger), 0, steps, _UNITS)


def _of_limit(ledger: Ledger) -> Explanation:
    """What was used of the open unit's allowance day by day."""
    unit, value = open_limit(ledger), pace_of(ledger).delta
    if unit is None:
        return Explanation(Metric.PACE, ledger.today, None, 0, [], _LIMIT)
    outcome = agenda.outcome_at(ledger.stretches, ledger.today)
    shown, version = PENDING if outcome is None else outcome, version_of(ledger, unit.rule)
    left, steps = unit.needed, []
    for day, done, takes in _used(ledger, unit):
        left -= takes
        steps.append(Step(day, day, shown, done, unit.needed, version, Effect.MOVES, round(left, 9), worth=-takes))
    if has_slip(ledger, unit) and left > 0:
        day = next(day for day in unit.days if day in ledger.entries.slips)
        steps.append(Step(day, day, MISSED, 0.0, unit.needed, version, Effect.BREAKS, 0.0))
    return Explanation(Metric.PACE, ledger.today, value, unit.needed, steps, _LIMIT)


def _used(ledger: Ledger, unit: Unit) -> Iterator[tuple[int, float, float]]:
    """(day, what was logged on it, what it takes of the allowance) where it takes anything."""
    silent, presumed = set(silent_days(ledger, unit)), presumed_use(unit) or 0.0
    for day in unit.days:
        done = ledger.entries.amounts.get(day, 0.0)
        takes = presumed if day < ledger.today and day in silent else done
        if takes:
            yield day, done, takes
