"""Streak and adherence: what every unit does to them."""

from collections.abc import Iterator

from services.goals.domain.explanation.model import Effect, Explanation, Metric, Step, Told, version_of
from services.goals.domain.goal import Pattern
from services.goals.domain.outlook import ADHERENCE_DAYS
from services.goals.domain.streak import BREAKS, FROZEN, LENGTHENS, marks_of
from services.goals.domain.units import DONE, MISSED, NOT_DUE, PARTIAL, Ledger, Stretch, rolling

_STREAK = "Begin with the start value; what lengthens adds 1, what breaks makes it 0, the rest does nothing."
_ADHERENCE = "100 × the steps that are done, divided by all steps that count."


def streak(ledger: Ledger) -> Explanation:
    """The units since the start, the last of them in full."""
    run = 0
    told = Told[tuple[Stretch, int, int]](0, [])
    for (stretch, index), mark in zip(_units(ledger), marks_of(ledger), strict=True):
        run = run + 1 if mark == LENGTHENS else 0 if mark == BREAKS else run
        if stretch.outcomes[index] != NOT_DUE:
            told.steps.append((run, (stretch, index, mark)))
    start, last, is_truncated = told.last()
    steps = [
        _step(ledger, stretch, index, _ACTS.get(mark, Effect.PASSES), value) for value, (stretch, index, mark) in last
    ]
    return Explanation(Metric.STREAK, ledger.today, run, start, steps, _STREAK, is_truncated)


_ACTS = {LENGTHENS: Effect.LENGTHENS, BREAKS: Effect.BREAKS, FROZEN: Effect.FROZEN}


def adherence(ledger: Ledger) -> Explanation:
    """The units that closed on the days that adherence looks at."""
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
    return Explanation(
        Metric.ADHERENCE, ledger.today, 100 * done / counting if counting else None, 0, steps, _ADHERENCE
    )


def _units(ledger: Ledger) -> Iterator[tuple[Stretch, int]]:
    for stretch in ledger.stretches:
        for index in range(len(stretch.firsts)):
            yield stretch, index


def _step(ledger: Ledger, stretch: Stretch, index: int, effect: Effect, value: float) -> Step:
    first, last, outcome = stretch.firsts[index], stretch.lasts[index], stretch.outcomes[index]
    done, needed, behind = _measured(ledger, stretch, index)
    version = version_of(ledger, stretch.rule)
    return Step(first, last, outcome, done, needed, version, effect, value, stands_on=behind)


def _measured(ledger: Ledger, stretch: Stretch, index: int) -> tuple[float, float, tuple[int, int] | None]:
    """(what was done in a unit, what it takes, the days that this stands on where they are not its own)."""
    first = stretch.firsts[index]
    if ledger.goal.pattern is Pattern.MILESTONE:
        return float(stretch.outcomes[index] == DONE), 1.0, None
    if stretch.rule.schedule.window_days:
        return rolling.window_around(ledger, stretch.rule, first)
    unit = ledger.unit_at(first)
    return (unit.done, unit.needed, None) if unit else (0.0, 0.0, None)
