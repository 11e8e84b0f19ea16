"""Vacations far ahead cost what the days that are told of cost, however often the rules were changed."""

from dataclasses import replace

import pytest

from services.goals.domain.days import Period
from services.goals.domain.entries import Entries
from services.goals.domain.goal import Goal
from services.goals.domain.outlook import summarise
from tests.unit.goals.history import a_goal, a_rule, day
from tests.unit.goals.work import instructions

START = day("2026-03-02")
TODAY = START + 700
# Years away, one after the other, as many as a goal and its member may have; and as many as reach three years ahead.
AHEAD = [(TODAY + 30 + 370 * number, TODAY + 390 + 370 * number) for number in range(170)]
NEAR = AHEAD[:4]


def a_changed_goal(period: Period, versions: int) -> Goal:
    rules = tuple(
        replace(a_rule(START, period=period), effective_from=START + 7 * number) for number in range(versions)
    )
    return replace(
        a_goal(), rules=rules, phases=tuple(replace(each, deadline=day("2199-12-31")) for each in a_goal().phases)
    )


@pytest.mark.parametrize("period", [Period.DAY, Period.WEEK])
def test_what_lies_beyond_three_years_is_not_walked(period: Period):
    goal = a_changed_goal(period, 30)

    far = instructions(lambda: summarise(goal, Entries(vacations=AHEAD), TODAY))
    near = instructions(lambda: summarise(goal, Entries(vacations=NEAR), TODAY))

    assert far < near + 50 * len(AHEAD)


@pytest.mark.parametrize("period", [Period.DAY, Period.WEEK])
def test_each_version_looks_at_its_own_days(period: Period):
    one, many = a_changed_goal(period, 1), a_changed_goal(period, 60)

    work = [instructions(lambda goal=goal: summarise(goal, Entries(vacations=NEAR), TODAY)) for goal in (one, many)]  # type: ignore[misc]

    assert work[1] < work[0] + 60 * 2_000
