"""Runs of units kept in a row, and the forgiving score beside them."""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from services.goals.domain.days import NOMINAL_DAYS, Period, iso_weekday
from services.goals.domain.goal import Excused, Rule
from services.goals.domain.units import DONE, EXCUSED, MISSED, NOT_DUE, PARTIAL, PENDING, Ledger, Stretch

_LENGTHENS, _BREAKS, _PASSES = ord("+"), ord("x"), ord(" ")
_RUN = re.compile(rb"\+[+ ]*")
_SAME = re.compile(rb"d+|m+")
_NOT_STEPPING = bytes((PARTIAL, EXCUSED, PENDING, NOT_DUE))
_NOT_DUE_OR_EXCUSED = bytes((EXCUSED, NOT_DUE))


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
    rule = stretch.rule
    if rule.schedule.period is not Period.DAY:
        return _through_windows(stretch, score, ledger)
    if rule.schedule.times == 1 and rule.amount is None:
        return _through_done(stretch.outcomes, score, _memory(rule))
    return _through_days(stretch, score, ledger)


def _settled(score: float, value: float, memory: float, steps: int) -> float:
    """The score after `steps` days that are all worth `value`."""
    return value + (score - value) * float(memory**steps)


def _through_done(outcomes: bytes | bytearray, score: float, memory: float) -> float:
    """Where a day is either done or not, what it is worth stands in its outcome already."""
    for run in _SAME.finditer(outcomes.translate(None, _NOT_STEPPING)):
        value = 1.0 if run[0][0] == DONE else 0.0
        score = _settled(score, value, memory, len(run[0]))
    return score


def _through_days(stretch: Stretch, score: float, ledger: Ledger) -> float:
    """Days that take several check-ins or an amount: those without any are worth nothing, however many."""
    rule, outcomes, first = stretch.rule, stretch.outcomes, stretch.firsts[0]
    memory, by_day = _memory(rule), ledger.by_day(rule)
    target = rule.amount.min_value if rule.amount else float(rule.schedule.times)
    end = len(outcomes) - (first + len(outcomes) > ledger.today)
    done = 0
    for index in sorted(day - first for day in by_day if 0 <= day - first < end):
        if outcomes[index] in (NOT_DUE, EXCUSED):
            continue
        score *= memory ** len(outcomes[done:index].translate(None, _NOT_DUE_OR_EXCUSED))
        score = _settled(score, min(1.0, by_day[first + index] / target), memory, 1)
        done = index + 1
    score *= memory ** len(outcomes[done:end].translate(None, _NOT_DUE_OR_EXCUSED))
    if end < len(outcomes) and outcomes[end] not in (NOT_DUE, EXCUSED):
        score = max(score, _settled(score, min(1.0, by_day.get(first + end, 0) / target), memory, 1))
    return score


def _through_windows(stretch: Stretch, score: float, ledger: Ledger) -> float:
    """Counts of a longer period: between two days on which the window changes, every day is worth the same."""
    rule, first = stretch.rule, stretch.firsts[0]
    last = min(stretch.lasts[-1], ledger.today)
    memory, excused = _memory(rule), ledger.excusing_days(rule)
    changes, target = _window_changes(rule, ledger.by_day(rule))
    total = 0.0
    for day, until in zip(changes, [*list(changes)[1:], last + 1], strict=True):
        if day > last:
            break
        total = round(total + changes[day], 9)
        begin, end = max(day, first), min(until, last + 1)
        if begin >= end:
            continue
        worth = min(1.0, total / target)
        is_today = end > ledger.today
        steps = _steps(begin, end - 1 - is_today, rule, ledger, excused)
        score = _settled(score, worth, memory, steps)
        if is_today and _steps(ledger.today, ledger.today, rule, ledger, excused):
            score = max(score, _settled(score, worth, memory, 1))
    return score


def _window_changes(rule: Rule, by_day: Mapping[int, float]) -> tuple[dict[int, float], float]:
    """What enters or leaves the trailing window on which day, in order, from day 0 on; and what a full window holds."""
    schedule = rule.schedule
    window = NOMINAL_DAYS[schedule.period]
    target = rule.amount.min_value if rule.amount else float(schedule.times)
    if rule.amount is None and _frequency(rule) < 1:
        window, target = 2 * window, 2 * target
    changes: dict[int, float] = {0: 0.0}
    for day, amount in by_day.items():
        if schedule.weekdays and iso_weekday(day) not in schedule.weekdays:
            continue
        value = amount if rule.amount else 1
        changes[day] = changes.get(day, 0) + value
        changes[day + window] = changes.get(day + window, 0) - value
    return dict(sorted(changes.items())), target


def _steps(first: int, last: int, rule: Rule, ledger: Ledger, excused: list[int]) -> int:
    """How many days of [first, last] take a step: those neither closed nor excused."""
    steps = last - first + 1
    if ledger.closed:
        steps -= ledger.count_closed(first, last, rule, named_only=False)
    return steps - (bisect_right(excused, last) - bisect_left(excused, first)) if excused else steps


def _memory(rule: Rule) -> float:
    return float(0.5 ** (_frequency(rule) ** 0.5 / 13))


def _frequency(rule: Rule) -> float:
    return min(1.0, rule.schedule.times / NOMINAL_DAYS[rule.schedule.period])
