"""A goal's log read in the plainest way: entry by entry, with dates and fractions, by nothing of the engine's fold.

What comes of it is given to the oracle, so that neither how entries are folded nor how they are judged is shared with
what is looked at.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from fractions import Fraction
from uuid import UUID

from services.goals.domain.entries import Entries, Kind
from services.goals.domain.goal import Aggregation, Goal, Pattern
from services.goals.domain.pace import pace_of
from services.goals.domain.streak import current_streak
from services.goals.domain.units import Ledger
from tests.unit.goals.lives import Entry
from tests.unit.goals.oracle import Oracle


def judged(goal: Goal, log: Iterable[Entry], vacations: Iterable[tuple[int, int]], today: int) -> Oracle:
    """The oracle on what the log says."""
    done: dict[date, int] = {}
    sums: dict[date, Fraction] = {}
    away: set[date] = set()
    slips: set[date] = set()
    reached: dict[UUID, date] = {}
    for entry in log:
        when = date.fromordinal(entry.day)
        if entry.step is not None:
            reached[entry.step] = when
        elif entry.kind is Kind.DONE:
            done[when] = done.get(when, 0) + 1
        elif entry.kind is Kind.NOT_DONE:
            slips.add(when)
        elif entry.kind is Kind.SKIP:
            away.add(when)
        elif entry.value is not None:
            sums[when] = sums.get(when, Fraction(0)) + Fraction(entry.value)
    for first, last in vacations:
        away |= {date.fromordinal(day) for day in range(first, last + 1)}
    amounts = {when: float(round(total, 9)) for when, total in sums.items()}
    return Oracle(goal, done, away, date.fromordinal(today), amounts=amounts, slips=slips, reached=reached)


def standing(goal: Goal, log: Iterable[Entry], vacations: Iterable[tuple[int, int]], today: int) -> list[object]:
    """What the goal comes to: of a target its value, of any other its outcomes and its streak."""
    if goal.pattern is Pattern.TARGET:
        return [target_value(goal, [entry for entry in log if entry.day <= today])]
    slow = judged(goal, log, vacations, today)
    return [slow.outcomes(), slow.run()]


def by_the_engine(goal: Goal, entries: Entries, today: int) -> list[object]:
    """What `standing` tells, as the engine has it: this is what is looked at."""
    ledger = Ledger(goal, entries, today)
    if goal.pattern is Pattern.TARGET:
        return [pace_of(ledger).actual]
    outcomes = [
        (date.fromordinal(first), chr(outcome))
        for stretch in ledger.stretches
        for first, outcome in zip(stretch.firsts, stretch.outcomes, strict=True)
        if chr(outcome) != "-"
    ]
    return [outcomes, current_streak(ledger)]


def target_value(goal: Goal, log: Sequence[Entry]) -> float:
    """What entries, the last of a day being the one written last, make of a target."""
    target = goal.rule.target
    assert target is not None
    readings = sorted((entry.day, entry.number, entry.value) for entry in log if entry.value is not None)
    values = [Fraction(value) for _, _, value in readings]
    rises = target.target_value > target.start_value
    if not values:
        return target.start_value
    if target.aggregation is Aggregation.LAST:
        return float(values[-1])
    if target.aggregation is Aggregation.MAX:
        return float(max(values) if rises else min(values))
    start, total = Fraction(target.start_value), sum(values, Fraction(0))
    return float(round(start + total if rises else start - total, 9))
