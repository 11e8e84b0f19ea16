"""The forgiving score beside the streak: a missed day lowers it a little, a kept one raises it.

Per day `s = s·m + v·(1 − m)` with `m = 0.5^(√f / 13)`, where f is how often the goal asks and v what the day is worth:
how far the trailing window was met, or by how little a limit was exceeded. Excused days, and days on which nothing is
due, carry s. Today enters only where it does not lower s, except that a limit which is breached enters at once, and one
that is not when it closes.

Source: the score of Loop Habit Tracker, which takes the same decay and doubles windows of counts.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Mapping
from itertools import accumulate
from typing import Final

from services.goals.domain.days import NOMINAL_DAYS, iso_weekday
from services.goals.domain.fields import DECIMALS
from services.goals.domain.goal import Pattern, Rule
from services.goals.domain.units import DONE, EXCUSED, MISSED, NOT_DUE, PARTIAL, PENDING, Ledger, Stretch, limits

_SAME: Final = re.compile(rb"d+|m+")
_NOT_STEPPING: Final = bytes((PARTIAL, EXCUSED, PENDING, NOT_DUE))
_NOT_DUE_OR_EXCUSED: Final = bytes((EXCUSED, NOT_DUE))
_BILLION: Final = 10**DECIMALS
WITHOUT: Final = frozenset({Pattern.TARGET, Pattern.MILESTONE})


def strength_of(ledger: Ledger) -> float | None:
    """The score today, 0 to 1; None for target and milestone goals."""
    if ledger.goal.pattern in WITHOUT:
        return None
    score = initial(ledger)
    for stretch in ledger.stretches:
        score = through(stretch, score, ledger)
    return score


def initial(ledger: Ledger) -> float:
    """The score before the first day: a limit is kept until it is not."""
    return 1.0 if ledger.goal.pattern is Pattern.LIMIT else 0.0


def through(stretch: Stretch, score: float, ledger: Ledger) -> float:
    """The score after the days of one stretch."""
    rule = stretch.rule
    if rule.schedule.counts_days:
        return _through_windows(stretch, score, ledger)
    if rule.limit is not None:
        return _through_days(stretch, score, ledger, default=_worth_unlogged(rule))
    if rule.schedule.times == 1 and rule.amount is None:
        return _through_done(stretch.outcomes, score, memory_of(rule))
    return _through_days(stretch, score, ledger, default=0.0)


def worth_of(rule: Rule) -> Callable[[float], float]:
    """What a window that holds so much is worth, 0 to 1."""
    if rule.limit is not None:
        most = rule.limit.max_value
        if not most:
            return lambda total: float(total <= 0)
        return lambda total: min(1.0, max(0.0, 1 - (total - most) / most))
    target = _window(rule)[1]
    return lambda total: min(1.0, total / target)


def _window(rule: Rule) -> tuple[int, float]:
    """Days of the trailing window, and what a full one holds; both doubled for counts of a longer period."""
    schedule = rule.schedule
    days = schedule.window_days or NOMINAL_DAYS[schedule.period]
    if rule.amount:
        return days, rule.amount.min_value
    if rule.limit is None and frequency(rule) < 1:
        return 2 * days, 2.0 * schedule.times
    return days, float(schedule.times)


def window_days(rule: Rule) -> int:
    """Days of the trailing window."""
    return _window(rule)[0]


def full_window(rule: Rule) -> float:
    """What a full window holds; of a limit, what it may hold."""
    return rule.limit.max_value if rule.limit else _window(rule)[1]


def _worth_unlogged(rule: Rule) -> float:
    """A day of a limit without an entry is kept, or presumed to hold twice the limit."""
    return 0.0 if limits.is_pessimistic(rule) else 1.0


def settled(score: float, value: float, memory: float, steps: int) -> float:
    """The score after `steps` days that are all worth `value`."""
    return value + (score - value) * float(memory**steps)


def _through_done(outcomes: bytes | bytearray, score: float, memory: float) -> float:
    """Where a day is either done or not, what it is worth stands in its outcome already."""
    for run in _SAME.finditer(outcomes.translate(None, _NOT_STEPPING)):
        value = 1.0 if run[0][0] == DONE else 0.0
        score = settled(score, value, memory, len(run[0]))
    return score


def _through_days(stretch: Stretch, score: float, ledger: Ledger, *, default: float) -> float:
    """Days with several check-ins, an amount or a limit: those without an entry are all worth `default`."""
    outcomes, first = stretch.outcomes, stretch.firsts[0]
    memory, worths = memory_of(stretch.rule), _worths(stretch, ledger)
    end = len(outcomes) - (first + len(outcomes) > ledger.today)
    done = 0
    for index in sorted(day - first for day in worths if 0 <= day - first < end):
        if outcomes[index] in (NOT_DUE, EXCUSED):
            continue
        if index > done:
            score = settled(score, default, memory, _count_steps(outcomes, done, index))
        score = settled(score, worths[first + index], memory, 1)
        done = index + 1
    score = settled(score, default, memory, _count_steps(outcomes, done, end))
    if end < len(outcomes) and outcomes[end] not in (NOT_DUE, EXCUSED):
        score = _with_today(stretch, score, worths.get(first + end, default), memory)
    return score


def _count_steps(outcomes: bytes | bytearray, first: int, end: int) -> int:
    return len(outcomes[first:end].translate(None, _NOT_DUE_OR_EXCUSED))


def _with_today(stretch: Stretch, score: float, worth: float, memory: float) -> float:
    """Today may raise the score; a limit enters at once where it is breached, else when it closes."""
    if stretch.rule.limit is None:
        return max(score, settled(score, worth, memory, 1))
    return settled(score, worth, memory, 1) if stretch.outcomes[-1] == MISSED else score


def _worths(stretch: Stretch, ledger: Ledger) -> Mapping[int, float]:
    """What the days with an entry are worth."""
    rule, worth = stretch.rule, worth_of(stretch.rule)
    by_day = ledger.by_day(rule)
    if rule.limit is None:
        return {day: worth(value) for day, value in by_day.items()}
    worths = {day: worth(by_day.get(day, 0)) for day in limits.logged_days(ledger)}
    worths.update(dict.fromkeys(ledger.entries.slips, 0.0))
    return worths


def _through_windows(stretch: Stretch, score: float, ledger: Ledger) -> float:
    """Counts of a longer period: between two days on which the window changes, every day is worth the same."""
    rule, first = stretch.rule, stretch.firsts[0]
    last = min(stretch.lasts[-1], ledger.today)
    if last < first:
        return score
    memory, excused = memory_of(rule), ledger.excusing_days(rule, first, last)
    days, worths = _window_worths(rule, ledger)
    low, high = bisect_right(days, first) - 1, bisect_right(days, last)
    begins = [first, *days[low + 1 : high]]
    every_day_steps = not excused and not ledger.closed
    for begin, end, worth in zip(begins, [*begins[1:], last + 1], worths[low:high], strict=True):
        if every_day_steps and end <= ledger.today:
            score = worth + (score - worth) * (memory if end - begin == 1 else memory ** (end - begin))
            continue
        is_today = end > ledger.today
        score = settled(score, worth, memory, _steps(begin, end - 1 - is_today, rule, ledger, excused))
        if is_today and _steps(ledger.today, ledger.today, rule, ledger, excused):
            score = _with_today(stretch, score, worth, memory)
    return score


def _window_worths(rule: Rule, ledger: Ledger) -> tuple[list[int], list[float]]:
    """The days on which the window changes, day 0 first, and what a day is worth from each of them on.

    What a total is worth is asked once however often it comes.
    """
    scale = 1 if _counts_check_ins(rule) else _BILLION
    changes = _window_changes(rule, ledger, scale)
    totals = list(accumulate(changes.values()))
    worth_of_total = worth_of(rule)
    worths = {total: worth_of_total(total / scale) for total in set(totals)}
    return list(changes), [worths[total] for total in totals]


def _counts_check_ins(rule: Rule) -> bool:
    return rule.amount is None and rule.limit is None


def _window_changes(rule: Rule, ledger: Ledger, scale: int) -> dict[int, int]:
    """What enters or leaves the trailing window on which day, in order, from day 0 on, in parts of one by `scale`.

    In whole numbers, so that what leaves takes away exactly what entered, however large or small the two are.
    """
    weekdays, window = rule.schedule.weekdays, _window(rule)[0]
    by_day: Mapping[int, float] = ledger.by_day(rule)
    if weekdays:
        by_day = {day: value for day, value in by_day.items() if iso_weekday(day) in weekdays}
    if rule.limit and ledger.skips:
        by_day = {day: value for day, value in by_day.items() if day not in ledger.skips}
    if _counts_check_ins(rule):
        by_day = dict.fromkeys(by_day, 1)
    whole = {value: round(value * scale) for value in set(by_day.values())}
    enters = {day: whole[value] for day, value in by_day.items()}
    changes = {0: 0, **enters}
    for day, value in enters.items():
        changes[day + window] = changes.get(day + window, 0) - value
    return dict(sorted(changes.items()))


def _steps(first: int, last: int, rule: Rule, ledger: Ledger, excused: list[int]) -> int:
    """How many days of [first, last] take a step: those neither closed nor excused."""
    steps = last - first + 1
    if ledger.closed:
        steps -= ledger.count_closed(first, last, rule, named_only=False)
    return steps - (bisect_right(excused, last) - bisect_left(excused, first)) if excused else steps


def memory_of(rule: Rule) -> float:
    """How much of the score a step leaves, 0 to 1."""
    return float(0.5 ** (frequency(rule) ** 0.5 / 13))


def frequency(rule: Rule) -> float:
    """How often a day the goal asks, at most 1."""
    schedule = rule.schedule
    return min(1.0, schedule.times / (schedule.window_days or NOMINAL_DAYS[schedule.period]))
