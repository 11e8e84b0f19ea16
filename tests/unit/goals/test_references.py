"""What well-known trackers and standards publish, reached by a goal's schedule and policy alone.

Each reference is written here anew from what it publishes: Loop Habit Tracker's score (its source, and the figures that
its author gives for a daily habit), the dates that RFC 5545 lists, and the buffer of days on a straight road.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from math import floor, sqrt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.goals.domain.days import Period
from services.goals.domain.entries import Entries, Kind, encode
from services.goals.domain.goal import Aggregation, Amount, Excused, Goal, MonthEnd, Pattern, Policy, Target
from services.goals.domain.pace import pace_of
from services.goals.domain.schedule import Schedule
from services.goals.domain.streak import streak_of
from services.goals.domain.units import DONE, NOT_DUE, Ledger
from tests.unit.goals.history import a_goal, a_rule, day, days_done, strength
from tests.unit.goals.lives import every
from tests.unit.goals.test_recurrence import RFC_EXAMPLES

START = day("2026-03-02")
COUNTS = Policy(Excused.COUNTS)
# What a period of the calendar is to the score, whatever days it has.
DAYS_OF = {Period.WEEK: 7, Period.MONTH: 30, Period.QUARTER: 91, Period.YEAR: 365}


def goal_of(schedule: Schedule, *, amount: Amount | None = None, start: int = START, policy: Policy = COUNTS) -> Goal:
    rule = replace(a_rule(start), schedule=schedule, amount=amount, policy=policy)
    return replace(a_goal(), start_day=start, rules=(rule,))


# Loop Habit Tracker.


def loop_score(values: Sequence[float | None], *, times: int, days: int, target: float | None = None) -> float:
    """The score after these days: 1 or 0 for yes or no, a number for a measurable habit, None for a day skipped.

    Every day that is not skipped moves the score towards how much of the goal the trailing days fulfil; for a habit of
    yes or no that is less than daily, over twice as many days, of twice as many times.
    """
    frequency = times / days
    kept = 0.5 ** (sqrt(frequency) / 13)
    is_doubled = target is None and frequency < 1
    length, full = (2 * days, 2 * times) if is_doubled else (days, times if target is None else target)
    score = 0.0
    for index, value in enumerate(values):
        if value is not None:
            held = sum(each or 0 for each in values[max(0, index + 1 - length) : index + 1])
            score = score * kept + min(1.0, held / full) * (1 - kept)
    return score


def after(values: Sequence[float | None], kind: Kind, *, times: int) -> Entries:
    """The same days as entries: a day with a value is done, one that is None is skipped."""
    codes, amounts = [], []
    for index, value in enumerate(values):
        if value is None:
            codes.append(encode(START + index, Kind.SKIP))
        elif value:
            codes += [encode(START + index, kind)] * times
            amounts += [value] if kind is Kind.PROGRESS else []
    return Entries(codes, amounts)


def on_the_next_morning(goal: Goal, entries: Entries, days: int) -> float:
    """The score of closed days only: today is skipped, so it neither raises nor lowers."""
    return strength(Ledger(goal, entries.with_entry(START + days, Kind.SKIP), START + days))


_YES_OR_NO = st.lists(st.sampled_from([1, 1, 0, None]), min_size=1, max_size=120)


@every(300)
@given(_YES_OR_NO, st.integers(1, 31).flatmap(lambda days: st.tuples(st.integers(1, days), st.just(days))))
def test_the_score_of_a_habit_so_many_times_in_so_many_days(values: list[float | None], asked: tuple[int, int]):
    times, days = asked
    goal = goal_of(Schedule(Period.DAY, times, window_days=days))

    found = on_the_next_morning(goal, after(values, Kind.DONE, times=1), len(values))

    assert found == pytest.approx(loop_score(values, times=times, days=days), abs=1e-12)


@every(200)
@given(_YES_OR_NO, st.sampled_from(list(DAYS_OF)), st.integers(1, 7))
def test_the_score_is_the_same_in_periods_of_the_calendar(values: list[float | None], period: Period, times: int):
    """The score knows no periods, only the trailing days."""
    goal = goal_of(Schedule(period, times))

    found = on_the_next_morning(goal, after(values, Kind.DONE, times=1), len(values))

    assert found == pytest.approx(loop_score(values, times=times, days=DAYS_OF[period]), abs=1e-12)


@every(200)
@given(st.lists(st.sampled_from([0, 0.5, 2, 10, None]), min_size=1, max_size=120), st.sampled_from([1, 7, 30]))
def test_the_score_of_a_measurable_habit(values: list[float | None], days: int):
    period = {1: Period.DAY, 7: Period.WEEK, 30: Period.MONTH}[days]
    goal = goal_of(Schedule(period), amount=Amount("km", 8))
    enough = [None if value is None else float(value) for value in values]

    found = on_the_next_morning(goal, after(enough, Kind.PROGRESS, times=1), len(values))

    assert found == pytest.approx(loop_score(enough, times=1, days=days, target=8), abs=1e-12)


@pytest.mark.parametrize(("days", "percent"), [(30, 80), (60, 96), (90, 99)])
def test_a_perfect_daily_habit_scores_what_its_author_publishes(days: int, percent: int):
    """80 % after one month, 96 % after two and 99 % after three (iSoron/uhabits, issue 142)."""
    score = strength(Ledger(goal_of(Schedule()), days_done("2026-03-02", days), START + days))

    assert floor(100 * score + 0.5) == percent


def test_after_a_hundred_days_the_score_is_shown_as_full():
    """0.9951 after 100 days (iSoron/uhabits, issue 490)."""
    score = strength(Ledger(goal_of(Schedule()), days_done("2026-03-02", 100), START + 100))

    assert score == pytest.approx(0.9951, abs=1e-4)


@every(200)
@given(_YES_OR_NO)
def test_a_skipped_day_lengthens_a_streak(values: list[float | None]):
    """Loop's streaks count days that are skipped; ours do by policy."""
    runs = "".join("x" if value == 0 else "+" for value in values).split("x")
    ledger = Ledger(goal_of(Schedule()), after(values, Kind.DONE, times=1), START + len(values))

    streak = streak_of(ledger)

    # Today is not done yet, which breaks nothing.
    assert (streak.current.length if streak.current else 0) == len(runs[-1])
    assert (streak.longest.length if streak.longest else 0) == max(map(len, runs))


def loop_intervals(done: Sequence[int], *, times: int, days: int) -> list[tuple[int, int, int]]:
    """First day, day of the last time and last day of every stretch that so many times in so many days cover.

    The newest first, as Loop builds them.
    """
    newest = sorted(done, reverse=True)
    spans = [(newest[i], newest[i - times + 1]) for i in range(times - 1, len(newest))]
    return [(begin, center, begin + days - 1) for begin, center in spans if center - begin < days]


def slid(intervals: Sequence[tuple[int, int, int]]) -> list[tuple[int, int, int]]:
    """The same, each moved into the past so far that it only touches the next one, but not beyond its last time."""
    moved = list(intervals[:1])
    for begin, center, end in intervals[1:]:
        overlap = end - moved[-1][0] + 1
        shift = min(end - center, overlap) if overlap > 0 else 0
        moved.append((begin - shift, center, end - shift))
    return moved


def days_of(intervals: Sequence[tuple[int, int, int]]) -> set[int]:
    return {day for begin, _, end in intervals for day in range(begin, end + 1)}


def longest_run(days: set[int]) -> int:
    ends = [day for day in days if day + 1 not in days]
    return max((next(n for n in range(1, len(days) + 1) if end - n not in days) for end in ends), default=0)


@every(300)
@given(
    st.lists(st.sampled_from([1, 1, 0]), min_size=1, max_size=60),
    st.integers(1, 10).flatmap(lambda days: st.tuples(st.integers(1, days), st.just(days))),
)
def test_the_streak_of_so_many_times_in_so_many_days(values: list[float | None], asked: tuple[int, int]):
    """Our done days are those that Loop's intervals cover, and the streak is their longest run.

    Loop goes on from there to make streaks longer: it slides intervals into the past, before anything was done, and
    counts a done day that no interval covers. Ours do neither (a day before the first done one is kept by nobody), so
    its streaks are never shorter.
    """
    times, days = asked
    today = START + len(values)
    done = [START + index for index, value in enumerate(values) if value]
    intervals = loop_intervals(done, times=times, days=days)
    goal = goal_of(Schedule(Period.DAY, times, window_days=days))
    ledger = Ledger(goal, after(values, Kind.DONE, times=1), today)
    covered = {day for day in days_of(intervals) if day <= today}

    kept = {
        first
        for stretch in ledger.stretches
        for first, outcome in zip(stretch.firsts, stretch.outcomes, strict=True)
        if outcome == DONE
    }
    longest = streak_of(ledger).longest

    assert kept == covered
    assert (longest.length if longest else 0) == longest_run(covered)
    assert longest_run({day for day in days_of(slid(intervals)) | set(done) if day <= today}) >= longest_run(covered)


@pytest.mark.parametrize(
    ("done", "asked", "expected"),
    [
        # As Loop's own description of "so many times in so many days" has it: the days in between count as kept.
        ([0, 3, 6], (1, 3), [(0, 0, 2), (3, 3, 5), (6, 6, 8)]),
        ([0, 1, 2, 7, 8, 9], (3, 7), [(0, 2, 6), (1, 7, 7), (2, 8, 8), (7, 9, 13)]),
    ],
)
def test_intervals_of_the_reference_are_those_that_loop_builds(
    done: list[int], asked: tuple[int, int], expected: list[tuple[int, int, int]]
):
    assert loop_intervals(done, times=asked[0], days=asked[1])[::-1] == expected


# RFC 5545.


@pytest.mark.parametrize(("text", "start", "until", "expected"), RFC_EXAMPLES)
def test_a_goal_is_due_on_the_dates_that_rfc_5545_publishes(text: str, start: str, until: str, expected: list[str]):
    first, last = day(start), day(until)
    goal = goal_of(Schedule(rrule=text), start=first, policy=Policy(month_end=MonthEnd.SKIP))
    on_each = Entries([encode(d, Kind.DONE) for d in range(first, last + 1)])

    units = [
        (date.fromordinal(d).isoformat(), outcome)
        for stretch in Ledger(goal, on_each, last + 1).stretches
        for d, outcome in zip(stretch.firsts, stretch.outcomes, strict=True)
        if outcome != NOT_DUE and d <= last
    ]

    assert units == [(text, DONE) for text in expected]
    assert streak_of(Ledger(goal, on_each, last)).longest.length == len(expected)  # type: ignore[union-attr]


# Beeminder.


@every(300)
@given(st.integers(1, 40), st.integers(1, 365), st.integers(0, 400), st.integers(0, 400))
def test_safe_days_are_the_buffer_above_a_straight_road(rate: int, length: int, at: int, value: int):
    """On a road that rises by `rate` a day, what lies above it lasts until the first day at whose end it is below."""
    rule = replace(a_rule(START), target=Target("pages", 0, rate * length, Aggregation.LAST))
    deadline = (date.fromordinal(START) + timedelta(length)).isoformat()
    goal = replace(a_goal("2026-03-02", rule, deadline=deadline), pattern=Pattern.TARGET)
    today = START + at
    entries = Entries([encode(today, Kind.PROGRESS)], [value])
    road = rate * min(at, length)

    pace = pace_of(Ledger(goal, entries, today))

    assert pace.expected == pytest.approx(road)
    assert pace.delta == pytest.approx(value - road)
    assert pace.needed_today == pytest.approx(max(0, road - value))
    if value >= rate * length:
        assert pace.safe_days is None
    else:
        assert pace.safe_days == max(0, (value - road) // rate + 1)
