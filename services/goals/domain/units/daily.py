"""Units of a day: one byte per day, whether due or not."""

from typing import TYPE_CHECKING

from services.goals.domain.goal import Span
from services.goals.domain.units.outcomes import DONE, EXCUSED, MISSED, NOT_DUE, PARTIAL, PENDING, Stretch

if TYPE_CHECKING:
    from services.goals.domain.units.ledger import Ledger


def stretch(ledger: "Ledger", span: Span) -> Stretch:
    """The days under a version whose schedule names days."""
    rule, first, last = span.rule, span.first, min(span.last, ledger.today)
    outcomes = ledger.due_days(rule, first, last)
    excuse(ledger, outcomes, first)
    fractions: dict[int, float] = {}
    if rule.amount is None:
        _mark_done(ledger, outcomes, first, rule.schedule.times)
    else:
        fractions = _mark_amounts(ledger, outcomes, first, rule.amount.min_value)
    close(ledger, outcomes, first)
    if last == ledger.today and outcomes[-1] in (MISSED, PARTIAL):
        outcomes[-1] = PENDING
        fractions.pop(last - first, None)
    days = range(first, last + 1)
    return Stretch(rule, days, days, outcomes, fractions)


def excuse(ledger: "Ledger", outcomes: bytearray, first: int) -> None:
    """Due days with a skip or in a vacation are excused, until something done beats that."""
    length = len(outcomes)
    for day in ledger.skips:
        if 0 <= day - first < length and outcomes[day - first] != NOT_DUE:
            outcomes[day - first] = EXCUSED


def close(ledger: "Ledger", outcomes: bytearray, first: int, *, keeps_done: bool = True) -> None:
    """Nothing is due on closed days; what was done on the day of a pause before it began stays done.

    Args:
        ledger: The goal's.
        outcomes: One for each day from `first` on.
        first: The day of the first outcome.
        keeps_done: False for a limit: it is not kept before its day closes.
    """
    length = len(outcomes)
    for span in ledger.closed:
        start, stop = max(0, span.first - first), min(length, span.last - first + 1)
        if start >= stop:
            continue
        keeps = keeps_done and span.keeps_first and start == span.first - first and outcomes[start] == DONE
        outcomes[start:stop] = b"-" * (stop - start)
        if keeps:
            outcomes[start] = DONE


def _mark_done(ledger: "Ledger", outcomes: bytearray, first: int, times: int) -> None:
    length = len(outcomes)
    for day, count in ledger.entries.done.items():
        index = day - first
        if count >= times and 0 <= index < length and outcomes[index] != NOT_DUE:
            outcomes[index] = DONE


def _mark_amounts(ledger: "Ledger", outcomes: bytearray, first: int, min_value: float) -> dict[int, float]:
    fractions = {}
    for day, amount in ledger.entries.amounts.items():
        index = day - first
        if not 0 <= index < len(outcomes) or outcomes[index] == NOT_DUE:
            continue
        if amount >= min_value:
            outcomes[index] = DONE
        elif amount > 0 and outcomes[index] == MISSED:
            outcomes[index] = PARTIAL
            fractions[index] = amount / min_value
    return fractions
