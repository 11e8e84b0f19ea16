"""What the warehouse is told of closed units: what the oracle says of them, and nothing that a mask tells."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given

from services.goals.domain.days import Period
from services.goals.domain.due_units import MOST_DAYS, DueUnit, closed_units, may_close
from services.goals.domain.entries import Entries
from services.goals.domain.goal import Amount, Limit, Pattern, Status
from services.goals.domain.schedule import Schedule
from services.goals.domain.units import Ledger
from tests.unit.goals.history import a_goal, a_rule, day, days_done
from tests.unit.goals.lives import Life, every, lives
from tests.unit.goals.plain_reading import judged

LETTERS = {"done": "d", "partial": "p", "missed": "m", "excused": "e", "pending": "."}


def is_plain(life: Life, unit_first: date) -> bool:
    rule = judged(life.goal, (), (), life.today).rule_on(unit_first)
    schedule = rule.schedule
    plain = (schedule.period, schedule.times, schedule.rrule, schedule.window_days) == (Period.DAY, 1, "", 0)
    return plain and rule.amount is None and life.goal.pattern in (Pattern.RECURRING, Pattern.STREAK)


@every(200)
@given(lives())
def test_units_are_those_of_the_slow_reading_without_those_of_masks(life: Life):
    told = closed_units(Ledger(life.goal, life.entries, life.today))

    if life.goal.pattern is Pattern.TARGET:
        assert told == []
        return
    slow = judged(life.goal, life.log, life.vacations, life.today)
    wanted = [
        (unit.first, unit.last, unit.letter)
        for unit in slow.units()
        if unit.letter != "-" and unit.last.toordinal() < life.today and not is_plain(life, unit.first)
    ]
    assert [(date.fromordinal(u.first), date.fromordinal(u.last), LETTERS[u.outcome]) for u in told] == wanted
    assert len({unit.place for unit in told}) == len(told)


def test_only_what_closed_in_the_last_days_is_told():
    goal = a_goal("2024-01-01", period=Period.WEEK, times=3)
    today = day("2026-03-04")

    told = closed_units(Ledger(goal, days_done("2024-01-01", 900), today))

    assert told[0].last >= today - MOST_DAYS > told[0].last - 7
    assert told[-1] == DueUnit(day("2026-02-23"), day("2026-03-01"), 0, "done", goal.rule.effective_from)


@pytest.mark.parametrize(
    ("schedule", "terms", "expected"),
    [
        (Schedule(), {}, False),
        (Schedule(weekdays=frozenset({1, 3})), {}, False),
        (Schedule(times=2), {}, True),
        (Schedule(Period.WEEK, 3), {}, True),
        (Schedule(rrule="FREQ=MONTHLY"), {}, True),
        (Schedule(window_days=7), {}, True),
        (Schedule(), {"amount": Amount("km", 2)}, True),
        (Schedule(), {"limit": Limit("cups", 2)}, True),
    ],
)
def test_what_a_mask_says_is_left_to_the_warehouse(schedule: Schedule, terms: dict[str, object], expected: bool):
    pattern = Pattern.LIMIT if "limit" in terms else Pattern.RECURRING
    rule = replace(a_rule(day("2026-01-01")), schedule=schedule, **terms)  # type: ignore[arg-type]
    goal = replace(a_goal("2026-01-01", rule), pattern=pattern)
    ledger = Ledger(goal, Entries(), day("2026-03-01"))

    assert bool(closed_units(ledger)) is expected
    assert may_close(ledger) is expected


def test_an_archived_goal_closes_its_last_week_and_then_nothing():
    goal = a_goal("2026-03-02", period=Period.WEEK, times=3)
    put_away = replace(goal.phases[0], effective_from=day("2026-03-12"), status=Status.ARCHIVED)
    archived = replace(goal, status=Status.ARCHIVED, phases=(*goal.phases, put_away))

    assert may_close(Ledger(archived, Entries(), day("2026-03-12")))
    assert not may_close(Ledger(archived, Entries(), day("2026-03-20")))
