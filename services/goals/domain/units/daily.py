"""Units of a day: one byte per day, whether due or not."""

from functools import lru_cache
from typing import TYPE_CHECKING

from services.goals.domain.goal import Span
from services.goals.domain.units.outcomes import DONE, EXCUSED, MISSED, NOT_DUE, PARTIAL, PENDING, Stretch

if TYPE_CHECKING:
    from services.goals.domain.units.ledger import Ledger

# All bits for a day that is due.
_DUE = bytes(0xFF * (outcome != NOT_DUE) for outcome in range(256))


def stretch(ledger: "Ledger", span: Span) -> Stretch:
    """The days under a version whose schedule names days."""
    rule, first, last = span.rule, span.first, min(span.last, ledger.today)
    outcomes = ledger.due_days(rule, first, last)
    excuse(ledger, outcomes, first)
    fractions: dict[int, float] = {}
    if rule.amount is None:
        outcomes = _with_done(outcomes, ledger.entries.done_between(first, last), rule.schedule.times)
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
    for day in ledger.skips_between(first, first + len(outcomes) - 1):
        if outcomes[day - first] != NOT_DUE:
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


def _with_done(outcomes: bytearray, counts: bytes | bytearray, times: int) -> bytearray:
    """Due days are done where something was done often enough; all days at once, as numbers with a byte for each."""
    length = len(outcomes)
    before, is_due = _number(outcomes), _number(outcomes.translate(_DUE))
    changed = (before ^ _number(b"d" * length)) & is_due & _number(counts.translate(_enough(times)))
    return bytearray((before ^ changed).to_bytes(length, "little"))


def _number(some: bytes | bytearray) -> int:
    return int.from_bytes(some, "little")


@lru_cache(maxsize=128)
def _enough(times: int) -> bytes:
    """All bits for a day on which something was done often enough."""
    return bytes(times) + b"\xff" * (256 - times)


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
