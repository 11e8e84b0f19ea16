"""How a figure comes about: the units behind it in order, each with what it does. Replaying them gives the figure.

The steps are derived day by day and unit by unit, apart from the quick ways in which the figures themselves are
computed, so that each is a check of the other.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import accumulate
from typing import Generic, TypeVar

from services.goals.domain import agenda, strength
from services.goals.domain.days import iso_weekday
from services.goals.domain.goal import Pattern, Rule
from services.goals.domain.line import line_of, value_of
from services.goals.domain.outlook import ADHERENCE_DAYS
from services.goals.domain.pace import pace_of
from services.goals.domain.streak import BREAKS, FROZEN, LENGTHENS, marks_of
from services.goals.domain.units import (
    DONE,
    EXCUSED,
    MISSED,
    NOT_DUE,
    PARTIAL,
    PENDING,
    Ledger,
    Stretch,
    limits,
)

T = TypeVar("T")

# Three years of days; what lies before them is told as the value that they began with.
MOST_STEPS = 1_100


class Metric(StrEnum):
    """A figure that can be explained."""

    STREAK = "streak"
    STRENGTH = "strength"
    ADHERENCE = "adherence"
    PACE = "pace"


class Effect(StrEnum):
    """What a step does to the figure."""

    LENGTHENS = "lengthens"
    BREAKS = "breaks"
    PASSES = "passes"
    FROZEN = "frozen"
    COUNTS = "counts"
    DOES_NOT_COUNT = "does_not_count"
    STEPS = "steps"
    CARRIES = "carries"
    MOVES = "moves"
    COMPARES = "compares"


@dataclass(frozen=True, slots=True)
class Step:
    """One unit, or day, and what it does.

    Attributes:
        outcome: What became of it.
        done: What was done in it.
        needed: What it takes; of a limit, what it may hold.
        version: Of the rules that it stands under, counted from 1 in the order in which they were made.
        value: The figure after the step.
        worth: Of the day for the strength; the value read, or the line's, for the pace.
        memory: How much of the former score remains.
    """

    first: int
    last: int
    outcome: int
    done: float
    needed: float
    version: int
    effect: Effect
    value: float
    worth: float | None = None
    memory: float | None = None


@dataclass(frozen=True, slots=True)
class Explanation:
    """A figure with the steps that make it.

    Attributes:
        value: The figure; None where there is none.
        start_value: The value before the first step.
        is_truncated: Earlier steps are not told; their result is the start value.
    """

    metric: Metric
    day: int
    value: float | None
    start_value: float
    steps: Sequence[Step]
    is_truncated: bool = False

    @property
    def rule(self) -> str:
        """What the steps mean."""
        return _RULES[self.metric]


_RULES = {
    Metric.STREAK: "Begin with the start value; what lengthens adds 1, what breaks makes it 0, the rest does nothing.",
    Metric.STRENGTH: "Begin with the start value; a step makes it value × memory + worth × (1 − memory).",
    Metric.ADHERENCE: "100 × the steps that are done, divided by all steps that count.",
    Metric.PACE: "Entries move the value; at last it is compared with the line: how far it is ahead is the pace.",
}


def explain(ledger: Ledger, metric: Metric) -> Explanation:
    """The steps behind a figure, as of the ledger's today."""
    return _EXPLAIN[metric](ledger)


@dataclass(slots=True)
class _Told(Generic[T]):
    """Values after steps, of which only the last ones are told in full."""

    start_value: float
    steps: list[tuple[float, T]]

    def last(self) -> tuple[float, list[tuple[float, T]], bool]:
        """(value before them, the last steps, whether there are others)."""
        hidden = len(self.steps) - MOST_STEPS
        if hidden <= 0:
            return self.start_value, self.steps, False
        return self.steps[hidden - 1][0], self.steps[hidden:], True


def _streak(ledger: Ledger) -> Explanation:
    run = 0
    told = _Told[tuple[Stretch, int, int]](0, [])
    for (stretch, index), mark in zip(_units(ledger), marks_of(ledger), strict=True):
        run = run + 1 if mark == LENGTHENS else 0 if mark == BREAKS else run
        if stretch.outcomes[index] != NOT_DUE:
            told.steps.append((run, (stretch, index, mark)))
    start, last, is_truncated = told.last()
    steps = [
        _step(ledger, stretch, index, _ACTS.get(mark, Effect.PASSES), value) for value, (stretch, index, mark) in last
    ]
    return Explanation(Metric.STREAK, ledger.today, run, start, steps, is_truncated)


_ACTS = {LENGTHENS: Effect.LENGTHENS, BREAKS: Effect.BREAKS, FROZEN: Effect.FROZEN}


def _adherence(ledger: Ledger) -> Explanation:
    done = counting = 0
    steps = []
    for stretch, index in _units(ledger):
        outcome = stretch.outcomes[index]
        if outcome == NOT_DUE or not ledger.today - ADHERENCE_DAYS <= stretch.lasts[index] < ledger.today:
            continue
        counts = outcome in (DONE, PARTIAL, MISSED)
        counting, done = counting + counts, done + (outcome == DONE)
        effect = Effect.COUNTS if counts else Effect.DOES_NOT_COUNT
        steps.append(_step(ledger, stretch, index, effect, 100 * done / counting if counting else 0.0))
    return Explanation(Metric.ADHERENCE, ledger.today, 100 * done / counting if counting else None, 0, steps)


def _units(ledger: Ledger) -> Iterator[tuple[Stretch, int]]:
    for stretch in ledger.stretches:
        for index in range(len(stretch.firsts)):
            yield stretch, index


def _step(ledger: Ledger, stretch: Stretch, index: int, effect: Effect, value: float) -> Step:
    first, last = stretch.firsts[index], stretch.lasts[index]
    unit = None if ledger.goal.pattern is Pattern.MILESTONE else ledger.unit_at(first)
    done = float(stretch.outcomes[index] == DONE) if unit is None else unit.done
    needed = 1.0 if unit is None else unit.needed
    return Step(first, last, stretch.outcomes[index], done, needed, version_of(ledger, stretch.rule), effect, value)


def version_of(ledger: Ledger, rule: Rule) -> int:
    """The version's number, from 1."""
    return ledger.goal.rules.index(rule) + 1


def _strength(ledger: Ledger) -> Explanation:
    score = strength.initial(ledger)
    if ledger.goal.pattern in strength.WITHOUT:
        return Explanation(Metric.STRENGTH, ledger.today, None, score, [])
    told = _Told[tuple[Stretch, int, Effect, float, float]](score, [])
    for stretch in ledger.stretches:
        worth_on = _worth_by_day(ledger, stretch.rule)
        memory, excused = strength.memory_of(stretch.rule), set(ledger.excusing_days(stretch.rule))
        for day in range(stretch.firsts[0], min(stretch.lasts[-1], ledger.today) + 1):
            worth = worth_on(day)
            takes = _takes_step(ledger, stretch, day, excused)
            after = score * memory + worth * (1 - memory) if takes else score
            if day == ledger.today and takes and not _enters_today(stretch, score, after):
                takes, after = False, score
            score = after
            if not takes and not ledger.is_named(day, stretch.rule):
                continue
            effect = Effect.STEPS if takes else Effect.CARRIES
            told.steps.append((score, (stretch, day, effect, worth, memory)))
    start, last, is_truncated = told.last()
    steps = [_strength_step(ledger, *what, value) for value, what in last]
    return Explanation(Metric.STRENGTH, ledger.today, score, start, steps, is_truncated)


def _strength_step(
    ledger: Ledger, stretch: Stretch, day: int, effect: Effect, worth: float, memory: float, score: float
) -> Step:
    outcome = agenda.outcome_at([stretch], day)
    value = ledger.by_day(stretch.rule).get(day, 0)
    return Step(
        first=day,
        last=day,
        outcome=NOT_DUE if outcome is None else outcome,
        done=float(value),
        needed=strength.full_window(stretch.rule),
        version=version_of(ledger, stretch.rule),
        effect=effect,
        value=score,
        worth=worth,
        memory=memory,
    )


def _takes_step(ledger: Ledger, stretch: Stretch, day: int, excused: set[int]) -> bool:
    rule = stretch.rule
    if rule.schedule.counts_days:
        kept = ledger.is_enough(ledger.by_day(rule).get(day, 0), rule)
        return day not in excused and not ledger.is_closed(day, kept=kept)
    return agenda.outcome_at([stretch], day) not in (None, NOT_DUE, EXCUSED)


def _enters_today(stretch: Stretch, before: float, after: float) -> bool:
    if stretch.rule.limit is not None:
        return stretch.outcomes[-1] == MISSED
    return after >= before


def _worth_by_day(ledger: Ledger, rule: Rule) -> Callable[[int], float]:
    """What a day is worth, by adding up its trailing window."""
    by_day, length, worth = ledger.by_day(rule), strength.window_days(rule), strength.worth_of(rule)
    weekdays, logged = rule.schedule.weekdays, limits.logged_days(ledger)

    counts_days = rule.schedule.counts_days and rule.amount is None and rule.limit is None
    days = [
        day
        for day in sorted(by_day)
        if (not weekdays or iso_weekday(day) in weekdays) and not (rule.limit and day in ledger.skips)
    ]
    sums = list(accumulate((min(1.0, by_day[day]) if counts_days else by_day[day] for day in days), initial=0.0))

    def worth_on(day: int) -> float:
        if rule.limit is not None and not rule.schedule.counts_days:
            if day in ledger.entries.slips:
                return 0.0
            if day not in logged and limits.is_pessimistic(rule):
                return 0.0
        return worth(round(sums[bisect_right(days, day)] - sums[bisect_left(days, day - length + 1)], 9))

    return worth_on


def _pace(ledger: Ledger) -> Explanation:
    target = ledger.goal.rule.target
    if target is None:
        return _pace_of_units(ledger)
    steps: list[Step] = []
    values: list[float] = []
    for day, value in ledger.entries.readings:
        values.append(value)
        span = ledger.span_at(day)
        version = version_of(ledger, span.rule) if span else 1
        actual = value_of(target, values)
        steps.append(Step(day, day, DONE, value, target.target_value, version, Effect.MOVES, actual, worth=value))
    line, actual = line_of(ledger), value_of(target, values)
    if line is None:
        return Explanation(Metric.PACE, ledger.today, None, target.start_value, steps)
    lead = line.lead(actual, ledger.today)
    today, version = ledger.today, len(ledger.goal.rules)
    expected = line.at(today)
    steps.append(Step(today, today, PENDING, actual, expected, version, Effect.COMPARES, lead, worth=expected))
    return Explanation(Metric.PACE, today, lead, target.start_value, steps)


def _pace_of_units(ledger: Ledger) -> Explanation:
    """Of goals with units the pace is how many days are left before one is lost: the open unit tells why."""
    pace = pace_of(ledger)
    value = pace.delta if ledger.goal.rule.limit else pace.safe_days
    unit = ledger.unit_at(ledger.today)
    if unit is None or value is None or ledger.goal.pattern is Pattern.MILESTONE:
        return Explanation(Metric.PACE, ledger.today, value, 0, [])
    outcome = agenda.outcome_at(ledger.stretches, ledger.today)
    version = version_of(ledger, unit.rule)
    shown = NOT_DUE if outcome is None else outcome
    step = Step(unit.first, unit.last, shown, unit.done, unit.needed, version, Effect.COMPARES, value)
    return Explanation(Metric.PACE, ledger.today, value, 0, [step])


_EXPLAIN: dict[Metric, Callable[[Ledger], Explanation]] = {
    Metric.STREAK: _streak,
    Metric.STRENGTH: _strength,
    Metric.ADHERENCE: _adherence,
    Metric.PACE: _pace,
}
