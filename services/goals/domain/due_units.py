"""Closed units as the warehouse is told of them, so that it counts and never derives a rule.

What a mask of weekdays says is left to the warehouse: it knows the rule, the entries and the vacations. Told are the
units of everything else: counts per period, recurrence rules, rolling windows, amounts, limits and milestones. Targets
have a line and no units.
"""

from collections import Counter
from dataclasses import dataclass

from services.goals.domain.goal import Pattern, Rule, Status
from services.goals.domain.units import NOT_DUE, OUTCOME_NAMES, Ledger

MOST_DAYS = 400
"""How long after its last day the outcome of a unit still follows what is corrected; longer than any figure reaches."""

Place = tuple[int, int, int]
"""First and last day of a unit, and its place among those of the same days: several milestones are due on one day."""


@dataclass(frozen=True, slots=True)
class DueUnit:
    """A unit that has closed; days are ordinals.

    Attributes:
        effective_from: Tells the version of the rule that it stands under.
    """

    first: int
    last: int
    number: int
    outcome: str
    effective_from: int

    @property
    def place(self) -> Place:
        """What it is known by within its goal."""
        return self.first, self.last, self.number


def closed_units(ledger: Ledger) -> list[DueUnit]:
    """The units that closed on the last `MOST_DAYS` days before today and that no mask of weekdays expresses."""
    since = ledger.today - MOST_DAYS
    found: list[DueUnit] = []
    places: Counter[tuple[int, int]] = Counter()
    for stretch in ledger.stretches:
        if _is_mask(stretch.rule, ledger.goal.pattern):
            continue
        for first, last, outcome in zip(stretch.firsts, stretch.lasts, stretch.outcomes, strict=True):
            if not since <= last < ledger.today or outcome == NOT_DUE:
                continue
            number = places[first, last]
            places[first, last] += 1
            found.append(DueUnit(first, last, number, OUTCOME_NAMES[outcome], stretch.rule.effective_from))
    return found


def may_close(ledger: Ledger) -> bool:
    """More units may close though nothing is written: some are open, or will be."""
    goal = ledger.goal
    if goal.status in (Status.ACTIVE, Status.PAUSED) and goal.pattern is not Pattern.TARGET:
        return not _is_mask(goal.rule, goal.pattern) or _has_open(ledger)
    return _has_open(ledger)


def _has_open(ledger: Ledger) -> bool:
    return any(
        last >= ledger.today and outcome != NOT_DUE
        for stretch in ledger.stretches
        if not _is_mask(stretch.rule, ledger.goal.pattern)
        for last, outcome in zip(stretch.lasts[-1:], stretch.outcomes[-1:], strict=True)
    )


def _is_mask(rule: Rule, pattern: Pattern) -> bool:
    schedule = rule.schedule
    is_plain = schedule.is_daily and not schedule.window_days and not schedule.rrule and schedule.times == 1
    return is_plain and rule.amount is None and pattern in (Pattern.RECURRING, Pattern.STREAK)
