"""Whether the member keeps up: how many days remain before a unit is lost."""

from collections.abc import Iterator

from services.goals.domain.days import Period
from services.goals.domain.goal import FOREVER, Status
from services.goals.domain.units import Ledger, Unit

# How far ahead a due unit is looked for; longer than the longest period plus the longest gap of a calendar schedule.
_HORIZON_DAYS = 2 * 366


def safe_days(ledger: Ledger) -> int | None:
    """Whole days from today to the first day at whose end, with nothing more logged, a unit can no longer be met.

    0 means act today, or that the unit is lost already; None that nothing is ever lost: the goal is not active, or
    nothing is due any more.
    """
    chance = last_chance(ledger)
    return None if chance is None else max(0, chance - ledger.today)


def is_last_chance(ledger: Ledger) -> bool:
    """What is due can still be met today and no longer tomorrow; what is lost already has no chance left."""
    return last_chance(ledger) == ledger.today


def last_chance(ledger: Ledger) -> int | None:
    """The last day on which the next unit that is not met can still be saved; before today when it is lost."""
    if ledger.last_chance is None:
        ledger.last_chance = (_find_last_chance(ledger),)
    return ledger.last_chance[0]


def _find_last_chance(ledger: Ledger) -> int | None:
    if ledger.goal.status is not Status.ACTIVE:
        return None
    for unit in _units_from_today(ledger):
        if unit.days and not unit.is_met:
            return _last_chance(unit, ledger)
    return None


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


def _last_chance(unit: Unit, ledger: Ledger) -> int:
    """The last day on which the unit can still be saved; before today when it is lost already."""
    rule = unit.rule
    if rule.schedule.period is Period.DAY or rule.amount:
        return unit.days[-1]
    done = ledger.entries.done
    left = [day for day in unit.days if day >= ledger.today and day not in done]
    missing = int(unit.needed - unit.done)
    return left[len(left) - missing] if missing <= len(left) else ledger.today - 1
