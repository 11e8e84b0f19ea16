"""Explanations: replaying the steps gives the figure, whatever the goal and its history."""

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.goals.domain.agenda import AgendaUnit, ExcusedBy, days_between
from services.goals.domain.days import Period
from services.goals.domain.entries import Entries, Kind, encode
from services.goals.domain.explanation import MOST_STEPS, Effect, Evidence, Explanation, Metric, explain, name
from services.goals.domain.explanation.model import NO_DAYS
from services.goals.domain.goal import (
    Aggregation,
    Amount,
    Chain,
    Excused,
    Goal,
    Limit,
    NoEntry,
    Pattern,
    Policy,
    Target,
)
from services.goals.domain.outlook import ADHERENCE_DAYS, adherence
from services.goals.domain.pace import pace_of
from services.goals.domain.schedule import Schedule
from services.goals.domain.streak import current_streak
from services.goals.domain.strength import strength_of
from services.goals.domain.units import DONE, MISSED, PENDING, Ledger
from tests.unit.goals.history import a_goal, a_rule, day, days_done, logged
from tests.unit.goals.test_properties import History, histories

START = day("2026-03-02")


def replayed(explained: Explanation) -> float:
    """What the steps say, by their own words only."""
    value = explained.start_value
    for step in explained.steps:
        match step.effect:
            case Effect.LENGTHENS:
                value += 1
            case Effect.BREAKS:
                value = 0
            case Effect.STEPS:
                assert step.memory is not None
                assert step.worth is not None
                value = value * step.memory + step.worth * (1 - step.memory)
            case _:
                pass
        assert value == pytest.approx(step.value)
    return value


def replayed_pace(ledger: Ledger, explained: Explanation) -> float | None:
    """What the steps of a pace say, by the words of its rule only."""
    target, value = ledger.goal.rule.target, explained.start_value
    if not explained.steps:
        return value if ledger.goal.rule.limit and explained.value is not None else None
    if target is not None:
        return _replayed_target(target, explained)
    if ledger.goal.rule.limit is not None:
        for step in explained.steps:
            value = 0 if step.effect is Effect.BREAKS else value + (step.worth or 0)
            assert value == pytest.approx(step.value, abs=1e-8)
        return value
    counted = [step.value for step in explained.steps if step.effect is Effect.COUNTS]
    return counted[-1] if len(counted) == explained.steps[0].worth else 0


def _replayed_target(target: Target, explained: Explanation) -> float | None:
    value, lead = explained.start_value, None
    for index, step in enumerate(explained.steps):
        assert step.worth is not None
        if step.effect is Effect.COMPARES:
            lead = target.direction * (value - step.worth)
            continue
        if target.aggregation is Aggregation.SUM:
            value += target.direction * step.worth
        elif target.aggregation is Aggregation.LAST or (index == 0 and not explained.is_truncated):
            value = step.worth
        else:
            value = max(value, step.worth) if target.direction > 0 else min(value, step.worth)
        assert value == pytest.approx(step.value)
    return lead


SCHEDULES = [
    Schedule(),
    Schedule(times=2),
    Schedule(weekdays=frozenset({1, 3, 5})),
    Schedule(Period.WEEK, 3),
    Schedule(Period.WEEK, 2, frozenset({1, 2, 6})),
    Schedule(Period.MONTH, 10),
    Schedule(rrule="FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,TH"),
    Schedule(Period.WEEK, 3, frozenset(), "", 7),
    Schedule(Period.DAY, 2, frozenset(), "", 5),
]


@st.composite
def ledgers(draw: st.DrawFn) -> Ledger:
    """Goals of the patterns with units, over some months, with skips, slips, amounts and vacations."""
    pattern = draw(st.sampled_from([Pattern.RECURRING, Pattern.STREAK, Pattern.LIMIT]))
    schedule = draw(st.sampled_from(SCHEDULES))
    rule = replace(a_rule(START), schedule=schedule, policy=draw(st.builds(Policy, st.sampled_from(Excused))))
    if pattern is Pattern.LIMIT:
        schedule = replace(schedule, times=1, window_days=0)
        policy = Policy(no_entry=draw(st.sampled_from(NoEntry)))
        rule = replace(rule, schedule=schedule, policy=policy, limit=Limit("cups", draw(st.sampled_from([0, 2, 5]))))
    elif draw(st.booleans()):
        rule = replace(rule, amount=Amount("km", draw(st.sampled_from([1e-9, 1, 3, 7.5]))))
    if pattern is Pattern.STREAK:
        rule = replace(rule, chain=Chain(1000, draw(st.integers(0, 3))))
    today = START + draw(st.integers(0, 120))
    days = st.integers(START, today)
    codes = [encode(d, draw(st.sampled_from([Kind.DONE, Kind.NOT_DONE]))) for d in draw(st.lists(days, max_size=40))]
    if pattern is not Pattern.LIMIT:
        codes += [encode(d, Kind.SKIP) for d in draw(st.lists(days, max_size=10))]
    sizes = draw(st.sampled_from([(0.5, 1, 2, 4), (0.1, 4.18, 5_179_505.49, 1e10 + 0.1, 1e12)]))
    amounts = draw(st.lists(st.tuples(days, st.sampled_from(sizes)), max_size=30))
    codes += [encode(d, Kind.PROGRESS) for d, _ in amounts]
    away = draw(st.lists(st.tuples(days, st.integers(0, 12)), max_size=2))
    entries = Entries(codes, [v for _, v in amounts], vacations=[(first, first + more) for first, more in away])
    return Ledger(replace(a_goal(), pattern=pattern, rules=(rule,)), entries, today)


def check(ledger: Ledger) -> None:
    streak, strength = explain(ledger, Metric.STREAK), explain(ledger, Metric.STRENGTH)
    kept = explain(ledger, Metric.ADHERENCE)
    counted = [step for step in kept.steps if step.effect is Effect.COUNTS]
    share = 100 * sum(step.outcome == DONE for step in counted) / len(counted) if counted else None

    assert replayed(streak) == streak.value == current_streak(ledger)
    if strength_of(ledger) is None:
        assert (strength.value, strength.steps) == (None, [])
    else:
        assert replayed(strength) == pytest.approx(strength_of(ledger)) == strength.value
    assert share == kept.value == adherence(ledger, ADHERENCE_DAYS)
    check_pace(ledger)


def check_pace(ledger: Ledger) -> None:
    explained, pace = explain(ledger, Metric.PACE), pace_of(ledger)
    told = pace.delta if ledger.goal.pattern in (Pattern.LIMIT, Pattern.TARGET) else pace.safe_days

    assert explained.value == told
    replay = replayed_pace(ledger, explained)
    assert replay == (told if told is None else pytest.approx(told, abs=1e-8))


@settings(max_examples=300, deadline=None)
@given(ledgers())
def test_replaying_the_steps_gives_the_figure(ledger: Ledger):
    check(ledger)


@settings(max_examples=100, deadline=None)
@given(histories())
def test_replaying_holds_for_goals_that_were_changed_and_paused(history: History):
    check(Ledger(history.goal, history.entries, history.today))


def test_the_pace_of_a_target_is_its_entries_and_its_line():
    goal = replace(
        a_goal(deadline="2026-03-12"),
        pattern=Pattern.TARGET,
        rules=(replace(a_rule(START), target=Target("km", 0, 100)),),
    )
    codes = [encode(START + 1, Kind.PROGRESS), encode(START + 3, Kind.PROGRESS)]
    ledger = Ledger(goal, Entries(codes, [10, 30]), START + 5)

    explained = explain(ledger, Metric.PACE)

    assert [(step.effect, step.value) for step in explained.steps] == [
        (Effect.MOVES, 10),
        (Effect.MOVES, 40),
        (Effect.COMPARES, -10),
    ]
    assert explained.steps[-1].worth == 50
    assert explained.value == pace_of(ledger).delta == -10


def of_target(target: Target, values: Sequence[tuple[int, float]], today: int) -> Ledger:
    goal = replace(
        a_goal(deadline="2026-12-31"), pattern=Pattern.TARGET, rules=(replace(a_rule(START), target=target),)
    )
    entries = Entries([encode(d, Kind.PROGRESS) for d, _ in values], [value for _, value in values])
    return Ledger(goal, entries, today)


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(Aggregation),
    st.booleans(),
    st.lists(st.tuples(st.integers(0, 30), st.sampled_from([-3, 0.1, 2, 40])), max_size=40),
)
def test_the_pace_of_a_target_replays(aggregation: Aggregation, is_up: bool, logged_on: list[tuple[int, float]]):
    target = Target("km", 0, 100 if is_up else -100, aggregation)

    check_pace(of_target(target, sorted((START + d, value) for d, value in logged_on), START + 30))


def test_many_entries_of_a_target_stay_a_small_answer_and_each_names_itself():
    values = [(START + n // 500, 1.0) for n in range(3000)]
    ledger = of_target(Target("km", 0, 10_000), values, START + 5)
    evidence = [Evidence(d, UUID(int=n), is_progress=True) for n, (d, _) in enumerate(values)]
    evidence.insert(2500, Evidence(START + 5, UUID(int=9999), is_progress=False))

    explained = explain(ledger, Metric.PACE)
    named = name(explained, evidence)

    assert explained.is_truncated
    assert len(explained.steps) == MOST_STEPS + 1
    assert named == [*([UUID(int=n)] for n in range(3000 - MOST_STEPS, 3000)), []]
    check_pace(ledger)


def test_the_last_steps_name_their_entries_where_there_are_too_many():
    ledger = Ledger(a_goal(), days_done("2026-03-02", 3), START + 2)
    evidence = [Evidence(START + n // 4, UUID(int=n), is_progress=False) for n in range(12)]

    named = name(explain(ledger, Metric.STREAK), evidence, most=6)

    assert [len(ids) for ids in named] == [0, 2, 4]


def test_the_pace_of_a_week_counts_the_days_that_are_left():
    ledger = Ledger(a_goal(period=Period.WEEK, times=3), logged("2026-03-03"), START + 2)

    explained = explain(ledger, Metric.PACE)

    assert [(step.first - START, step.last - START, step.effect, step.value) for step in explained.steps] == [
        (0, 6, Effect.COMPARES, 0),
        (6, 6, Effect.COUNTS, 4),
        (5, 5, Effect.COUNTS, 3),
    ]
    assert (explained.steps[0].done, explained.steps[0].needed, explained.steps[0].worth) == (1, 3, 2)
    assert explained.value == 3


def test_the_pace_of_a_limit_counts_down_what_is_left():
    rule = replace(
        a_rule(START, period=Period.WEEK), limit=Limit("cups", 7), policy=Policy(no_entry=NoEntry.PESSIMISTIC)
    )
    goal = replace(a_goal(), pattern=Pattern.LIMIT, rules=(rule,))

    explained = explain(Ledger(goal, logged(amounts=[("2026-03-02", 3)]), START + 2), Metric.PACE)

    assert [(step.first - START, step.worth, step.value) for step in explained.steps] == [(0, -3, 4), (1, -2, 2)]
    assert (explained.start_value, explained.value) == (7, 2)


def test_a_limit_that_was_not_kept_leaves_nothing():
    rule = replace(a_rule(START), limit=Limit("cups", 5))
    goal = replace(a_goal(), pattern=Pattern.LIMIT, rules=(rule,))
    entries = Entries([encode(START, Kind.PROGRESS), encode(START, Kind.NOT_DONE)], [1])

    assert pace_of(Ledger(goal, entries, START)).delta == 0
    check_pace(Ledger(goal, entries, START))


def test_a_day_of_a_rolling_window_tells_the_window_that_makes_it_ok():
    goal = replace(a_goal(), rules=(replace(a_rule(START), schedule=Schedule(Period.WEEK, 3, frozenset(), "", 7)),))
    ledger = Ledger(goal, logged("2026-03-02", "2026-03-04", "2026-03-08"), START + 13)

    steps = explain(ledger, Metric.STREAK).steps

    assert [(chr(step.outcome), step.done, step.days_behind) for step in (*steps[:8], steps[13])] == [
        *[("d", 3, (START, START + 6))] * 7,
        ("m", 2, (START + 2, START + 8)),
        (".", 0, NO_DAYS),
    ]
    assert days_between(ledger, START + 1, START + 1)[0].unit == AgendaUnit(START + 1, START + 1, DONE, 3, 3)


def test_behind_a_deadline_inside_a_week_nothing_is_due():
    goal = a_goal(deadline="2026-03-05", period=Period.WEEK, times=3)

    days = days_between(Ledger(goal, logged("2026-03-03"), day("2026-03-20")), START, START + 8)

    assert [chr(each.outcome) for each in days] == list("mmmm-----")
    assert [each.unit is None for each in days[:7]] == [False] * 4 + [True] * 3


def test_of_many_steps_the_last_are_told():
    goal = replace(a_goal("2016-03-02"), start_day=day("2016-03-02"))
    goal = replace(goal, rules=(replace(goal.rule, effective_from=goal.start_day),))
    ledger = Ledger(goal, days_done("2016-03-02", 3000), day("2026-03-02"))

    for metric in (Metric.STREAK, Metric.STRENGTH):
        explained = explain(ledger, metric)

        assert explained.is_truncated
        assert len(explained.steps) == MOST_STEPS
        assert replayed(explained) == pytest.approx(explained.value)


def test_the_version_of_a_unit_is_told():
    daily = a_rule(START)
    weekly = replace(a_rule(START + 7, period=Period.WEEK, times=2))
    goal = a_goal("2026-03-02", daily, weekly)

    explained = explain(Ledger(goal, logged(), day("2026-03-16")), Metric.STREAK)

    assert [step.version for step in explained.steps] == [1] * 7 + [2, 2]


def test_the_calendar_draws_past_and_future():
    entries = Entries(
        [encode(START, Kind.DONE), encode(START, Kind.DONE), encode(START + 1, Kind.SKIP)],
        vacations=[(START + 5, START + 6)],
    )
    goal = a_goal(weekdays=(1, 2, 3, 4, 5, 6))

    days = days_between(Ledger(goal, entries, START + 3), START - 1, START + 7)

    assert [chr(each.outcome) for each in days] == list("-dem..e-.")
    assert [each.is_due for each in days] == [False, True, True, True, True, True, True, False, True]
    assert [each.value for each in days[:3]] == [None, 2, None]
    assert [each.excused_by for each in days] == [
        None,
        None,
        ExcusedBy.SKIP,
        None,
        None,
        None,
        ExcusedBy.VACATION,
        ExcusedBy.VACATION,
        None,
    ]
    assert (days[0].unit, days[7].unit) == (None, None)


def test_every_day_of_a_week_shows_the_unit_of_the_week():
    goal: Goal = a_goal(period=Period.WEEK, times=3)

    days = days_between(Ledger(goal, logged("2026-03-03"), START + 8), START, START + 14)

    assert {(each.unit.first, each.unit.last, each.unit.done, each.unit.needed) for each in days[:7] if each.unit} == {
        (START, START + 6, 1, 3)
    }
    assert {each.outcome for each in days[:7]} == {MISSED}
    assert {each.outcome for each in days[7:]} == {PENDING}
