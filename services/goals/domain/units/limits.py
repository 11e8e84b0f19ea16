"""Units of a limit: kept until they are exceeded. A breach is known at once, that a limit was kept only when it closes.

A limit keeps its full value however many days of its unit are open; what is logged on days that are excused or on which
nothing is due counts for nothing.
"""

from math import fsum
from typing import TYPE_CHECKING

from services.goals.domain.goal import NoEntry, Rule, Span
from services.goals.domain.units import daily, periodic
from services.goals.domain.units.outcomes import DONE, EXCUSED, MISSED, NOT_DUE, PENDING, Stretch, Unit

if TYPE_CHECKING:
    from services.goals.domain.units.ledger import Ledger

_KEPT = bytes.maketrans(b"m", b"d")


def by_day(ledger: "Ledger", span: Span) -> Stretch:
    """The days under a version whose limit holds for a day."""
    rule, first, last = span.rule, span.first, min(span.last, ledger.today)
    outcomes = ledger.due_days(rule, first, last)
    if is_pessimistic(rule):
        _mark(outcomes, logged_days(ledger), first, DONE)
    else:
        outcomes = outcomes.translate(_KEPT)
    breached = breached_days(ledger, rule)
    _mark(outcomes, breached, first, MISSED)
    if last == ledger.today and last not in breached and outcomes[-1] in (DONE, MISSED):
        outcomes[-1] = PENDING
    daily.excuse(ledger, outcomes, first)
    daily.close(ledger, outcomes, first, keeps_done=False)
    days = range(first, last + 1)
    return Stretch(rule, days, days, outcomes, {})


def by_period(ledger: "Ledger", span: Span) -> Stretch:
    """The periods under a version whose limit holds for one."""
    rule = span.rule
    periods = periodic.cut_out(ledger, span)
    kept = MISSED if is_pessimistic(rule) else DONE
    outcomes = bytearray([kept]) * len(periods.firsts)
    periodic.close(ledger, outcomes, periods)
    breached, logged = _judged(ledger, periods)
    for index in logged:
        outcomes[index] = MISSED if index in breached else DONE
    excused = periodic.excused_days(ledger, periods)
    for index in excused.keys() | periods.cut:
        unit = periodic.Tally(rule, periods.firsts[index], periods.lasts[index], 0)
        unit = unit.without(ledger.count_closed(unit.first, unit.last, rule), excused.get(index, 0))
        if not unit.open:
            outcomes[index] = EXCUSED if unit.is_excused else NOT_DUE
    if outcomes[-1] in (DONE, MISSED) and periods.lasts[-1] >= ledger.today and len(outcomes) - 1 not in breached:
        outcomes[-1] = PENDING
    return Stretch(rule, periods.firsts, periods.lasts, outcomes, {})


def is_pessimistic(rule: Rule) -> bool:
    """A closed unit without an entry is missed."""
    return rule.policy.no_entry is NoEntry.PESSIMISTIC


def logged_days(ledger: "Ledger") -> set[int]:
    """Days with an entry: a value, or a check-in."""
    entries = ledger.entries
    return entries.amounts.keys() | entries.done.keys() | entries.slips


def silent_days(ledger: "Ledger", unit: Unit) -> list[int]:
    """The open days of a unit without an entry, in order, those to come included."""
    entries = ledger.entries
    logged = (entries.amounts, entries.done, entries.slips)
    return [day for day in unit.days if not any(day in days for days in logged)]


def breached_days(ledger: "Ledger", rule: Rule) -> set[int]:
    """Days on which more was logged than the limit, or that it was not kept."""
    most = rule.limit.max_value if rule.limit else 0
    return {day for day, amount in ledger.entries.amounts.items() if amount > most} | ledger.entries.slips


def _judged(ledger: "Ledger", periods: periodic.Periods) -> tuple[set[int], set[int]]:
    """Indexes of the periods that are breached, and of those with an entry that counts."""
    most = periods.rule.limit.max_value if periods.rule.limit else 0
    amounts, slips, skips = ledger.entries.amounts, ledger.entries.slips, ledger.skips
    days = sorted(day for day in logged_days(ledger) if day not in skips)
    if ledger.closed:
        days = [day for day in days if not ledger.is_closed(day)]
    breached, logged = set[int](), set[int]()
    for index, held in periods.groups(days):
        logged.add(index)
        if round(fsum([amounts.get(day, 0) for day in held]), 9) > most or (slips and not slips.isdisjoint(held)):
            breached.add(index)
    return breached, logged


def _mark(outcomes: bytearray, days: set[int], first: int, outcome: int) -> None:
    length = len(outcomes)
    for day in days:
        if 0 <= day - first < length and outcomes[day - first] != NOT_DUE:
            outcomes[day - first] = outcome
