"""Strength: what every day makes of the score."""

from bisect import bisect_left, bisect_right
from collections.abc import Callable
from itertools import accumulate

from services.goals.domain import agenda, strength
from services.goals.domain.days import iso_weekday
from services.goals.domain.explanation.model import Effect, Explanation, Metric, Step, Told, version_of
from services.goals.domain.fields import DECIMALS
from services.goals.domain.goal import Rule
from services.goals.domain.units import EXCUSED, MISSED, NOT_DUE, Ledger, Stretch, limits

_STRENGTH = "Begin with the start value; a step makes it value × memory + worth × (1 − memory)."


def score(ledger: Ledger) -> Explanation:
    """The days since the start, the last of them in full."""
    value = strength.initial(ledger)
    if ledger.goal.pattern in strength.WITHOUT:
        return Explanation(Metric.STRENGTH, ledger.today, None, value, [], _STRENGTH)
    told = Told[tuple[Stretch, int, Effect, float, float]](value, [])
    for stretch in ledger.stretches:
        worth_on = _worth_by_day(ledger, stretch.rule)
        first, end = stretch.firsts[0], min(stretch.lasts[-1], ledger.today)
        memory, excused = strength.memory_of(stretch.rule), set(ledger.excusing_days(stretch.rule, first, end))
        for day in range(first, end + 1):
            worth = worth_on(day)
            takes = _takes_step(ledger, stretch, day, excused)
            after = value * memory + worth * (1 - memory) if takes else value
            if day == ledger.today and takes and not _enters_today(stretch, value, after):
                takes, after = False, value
            value = after
            if not takes and not ledger.is_named(day, stretch.rule):
                continue
            effect = Effect.STEPS if takes else Effect.CARRIES
            told.steps.append((value, (stretch, day, effect, worth, memory)))
    start, last, is_truncated = told.last()
    steps = [_strength_step(ledger, *what, after) for after, what in last]
    return Explanation(Metric.STRENGTH, ledger.today, value, start, steps, _STRENGTH, is_truncated)


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
    # Whole billionths: of two sums that are large a small difference would be lost.
    whole = 1 if counts_days else 10**DECIMALS
    days = [
        day
        for day in sorted(by_day)
        if (not weekdays or iso_weekday(day) in weekdays) and not (rule.limit and day in ledger.skips)
    ]
    values = (min(1, by_day[day]) if counts_days else by_day[day] for day in days)
    sums = list(accumulate((round(value * whole) for value in values), initial=0))

    def worth_on(day: int) -> float:
        if rule.limit is not None and not rule.schedule.counts_days:
            if day in ledger.entries.slips:
                return 0.0
            if day not in logged and limits.is_pessimistic(rule):
                return 0.0
        return worth((sums[bisect_right(days, day)] - sums[bisect_left(days, day - length + 1)]) / whole)

    return worth_on
