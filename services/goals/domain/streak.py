"""Runs of units kept in a row, and the forgiving score beside them."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import accumulate

from services.goals.domain.days import NOMINAL_DAYS, Period, iso_weekday
from services.goals.domain.entries import Entries
from services.goals.domain.goal import Excused, Rule
from services.goals.domain.units import DONE, EXCUSED, MISSED, NOT_DUE, PARTIAL, PENDING, Ledger, Stretch

_LENGTHENS, _BREAKS, _PASSES = ord("+"), ord("x"), ord(" ")
_RUN = re.compile(rb"\+[+ ]*")


def _table(excused: int) -> bytes:
    table = bytearray(range(256))
    table[DONE] = _LENGTHENS
    table[MISSED] = table[PARTIAL] = _BREAKS
    table[PENDING] = table[NOT_DUE] = _PASSES
    table[EXCUSED] = excused
    return bytes(table)


_TABLES = {
    Excused.NEUTRAL: _table(_PASSES),
    Excused.COUNTS: _table(_LENGTHENS),
    Excused.BREAKS: _table(_BREAKS),
}


@dataclass(frozen=True, slots=True)
class Run:
    """Units kept in a row; `first` and `last` are days, `length` counts units."""

    first: int
    last: int
    length: int


@dataclass(frozen=True, slots=True)
class Streak:
    """The run that lasts (None when it is broken or has not begun) and the longest of all."""

    current: Run | None
    longest: Run | None


def _marks(stretches: Iterable[Stretch]) -> bytes:
    """What every unit does to a streak, each by the policy of its own version."""
    return b"".join(s.outcomes.translate(_TABLES[s.rule.policy.excused]) for s in stretches)


def current_streak(ledger: Ledger) -> int:
    """The length of the run that lasts; the same as `streak_of(ledger).current`, without the dates."""
    marks = _marks(ledger.stretches)
    return marks.count(b"+", marks.rfind(b"x") + 1)


def streak_of(ledger: Ledger) -> Streak:
    """The current and the longest run, out of one list of runs."""
    marks = _marks(ledger.stretches)
    runs = [(match[0].count(b"+"), match.start(), match[0].rfind(b"+")) for match in _RUN.finditer(marks)]
    if not runs:
        return Streak(None, None)
    lasts = b"x" not in marks[marks.rfind(b"+") :]
    longest = max(runs, key=lambda run: run[0])
    return Streak(_run(ledger.stretches, *runs[-1]) if lasts else None, _run(ledger.stretches, *longest))


def _run(stretches: list[Stretch], length: int, start: int, reach: int) -> Run:
    return Run(_first_day(stretches, start), _last_day(stretches, start + reach), length)


def _first_day(stretches: list[Stretch], index: int) -> int:
    for stretch in stretches:
        if index < len(stretch.firsts):
            return stretch.firsts[index]
        index -= len(stretch.firsts)
    raise IndexError(index)


def _last_day(stretches: list[Stretch], index: int) -> int:
    for stretch in stretches:
        if index < len(stretch.lasts):
            return stretch.lasts[index]
        index -= len(stretch.lasts)
    raise IndexError(index)


def strength_of(ledger: Ledger) -> float:
    """A score from 0 to 1 that forgives: a missed day lowers it a little, a kept one raises it.

    Per day `s = s·m + v·(1 − m)` with `m = 0.5^(√f / 13)`, where f is how often the goal asks and v how far the
    trailing window was met. Excused days, and days on which nothing is due, carry s. Today enters only where it does
    not lower s.

    Source: the score of Loop Habit Tracker, which takes the same decay and doubles windows of counts.
    """
    score = 0.0
    for stretch in ledger.stretches:
        score = _through(stretch, score, ledger)
    return score


def _through(stretch: Stretch, score: float, ledger: Ledger) -> float:
    memory = _memory(stretch.rule)
    gain = 1 - memory
    schedule = stretch.rule.schedule
    if schedule.period is Period.DAY and schedule.times == 1 and stretch.rule.amount is None:
        return _through_days(stretch.outcomes, score, memory)
    values = _window_values(stretch, ledger)
    for index in _stepping_days(stretch, ledger):
        after = score * memory + values[index] * gain
        score = after if stretch.firsts[0] + index < ledger.today else max(score, after)
    return score


def _through_days(outcomes: bytes | bytearray, score: float, memory: float) -> float:
    """The same where a day is either done or not: what it is worth stands in its outcome already."""
    gain = 1 - memory
    for outcome in outcomes:
        if outcome == DONE:
            score = score * memory + gain
        elif outcome == MISSED:
            score *= memory
    return score


def _memory(rule: Rule) -> float:
    return float(0.5 ** (_frequency(rule) ** 0.5 / 13))


def _frequency(rule: Rule) -> float:
    return min(1.0, rule.schedule.times / NOMINAL_DAYS[rule.schedule.period])


def _stepping_days(stretch: Stretch, ledger: Ledger) -> Iterable[int]:
    """Indexes of the days that take a step: due (named, where days are named), not excused, not closed."""
    if stretch.rule.schedule.period is Period.DAY:
        outcomes = stretch.outcomes
        return [index for index, outcome in enumerate(outcomes) if outcome != NOT_DUE and outcome != EXCUSED]
    first, last = stretch.firsts[0], min(stretch.lasts[-1], ledger.today)
    if not ledger.entries.skips and not ledger.closed:
        return range(last - first + 1)
    return [day - first for day in range(first, last + 1) if _steps(day, ledger)]


def _steps(day: int, ledger: Ledger) -> bool:
    entries = ledger.entries
    done = day in entries.done or entries.amounts.get(day, 0) > 0
    return (done or day not in entries.skips) and not ledger.is_closed(day, kept=done)


def _window_values(stretch: Stretch, ledger: Ledger) -> list[float]:
    """For every day of the stretch how much of what the rule asks for stands in the window that ends on it, 0 to 1."""
    rule = stretch.rule
    first, last = stretch.firsts[0], min(stretch.lasts[-1], ledger.today)
    window = NOMINAL_DAYS[rule.schedule.period]
    target = rule.amount.min_value if rule.amount else float(rule.schedule.times)
    if rule.amount is None and _frequency(rule) < 1:
        window, target = 2 * window, 2 * target
    by_day = _by_day(rule, ledger.entries)
    if window == 1:
        return [min(1.0, by_day.get(day, 0) / target) for day in range(first, last + 1)]
    sums = [0, *accumulate([by_day.get(day, 0) for day in range(first - window + 1, last + 1)])]
    if rule.amount is None:
        worth = [min(1.0, count / target) for count in range(window + 1)]
        return [worth[int(until - before)] for before, until in zip(sums, sums[window:], strict=False)]
    return [min(1.0, round(until - before, 9) / target) for before, until in zip(sums, sums[window:], strict=False)]


def _by_day(rule: Rule, entries: Entries) -> Mapping[int, float]:
    """What a day adds to a window: its sum, its check-ins, or 1 for a done day of a longer period."""
    weekdays = rule.schedule.weekdays
    if rule.amount or rule.schedule.period is Period.DAY:
        return entries.amounts if rule.amount else entries.done
    return {day: 1 for day in entries.done if not weekdays or iso_weekday(day) in weekdays}
