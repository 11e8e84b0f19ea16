"""A goal as it was: rules and phases known at an instant, and where it stood on a day."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from chassis.errors import InvalidArgument
from services.goals.domain.goal import Phase, Status
from services.goals.domain.hindsight import as_known, as_of, check_known_at, day_looked_at
from tests.unit.goals.history import NOW, a_goal, a_rule, day

LATER = NOW + timedelta(days=1)
START = day("2026-03-02")


def test_rules_and_phases_made_later_are_left_out() -> None:
    first = a_rule(START)
    later = replace(a_rule(day("2026-03-10"), times=2), known_from=LATER)
    phases = (Phase(0, NOW, Status.ACTIVE, None), Phase(day("2026-03-15"), LATER, Status.PAUSED, None))
    goal = a_goal("2026-03-02", first, later, phases=phases, status=Status.PAUSED)

    before, after = as_known(goal, NOW), as_known(goal, LATER)

    assert (before.rules, before.status) == ((first,), Status.ACTIVE)
    assert after == goal


def test_nothing_is_known_of_a_goal_before_it_was_made() -> None:
    with pytest.raises(InvalidArgument) as problem:
        as_known(a_goal(), NOW - timedelta(microseconds=1))
    assert [violation.field for violation in problem.value.violations] == ["known_at"]


def test_a_goal_stands_on_a_day_where_its_phases_had_it() -> None:
    phases = (
        Phase(0, NOW, Status.ACTIVE, day("2026-04-01")),
        Phase(day("2026-03-10"), NOW, Status.COMPLETED, day("2026-04-01"), is_derived=True),
        Phase(day("2026-03-10"), NOW, Status.ACTIVE, day("2026-04-01")),
        Phase(day("2026-03-12"), NOW, Status.COMPLETED, day("2026-04-01")),
        Phase(day("2026-03-14"), NOW, Status.ARCHIVED, day("2026-04-01")),
    )
    goal = replace(a_goal(phases=phases, status=Status.ARCHIVED), completed_day=day("2026-03-12"))

    stood = [(as_of(goal, day(f"2026-03-{n}"))) for n in ("09", "11", "13", "14")]

    assert [(each.status, each.completed_day) for each in stood] == [
        (Status.ACTIVE, None),
        (Status.ACTIVE, None),
        (Status.COMPLETED, day("2026-03-12")),
        (Status.ARCHIVED, day("2026-03-12")),
    ]


def test_a_day_before_the_start_has_the_first_rules() -> None:
    assert as_of(a_goal(), day("2026-01-01")).rules == a_goal().rules


def test_what_is_to_come_is_not_looked_at() -> None:
    today = day("2026-03-20")
    check_known_at(NOW, now=NOW)
    assert day_looked_at(None, today=today) == day_looked_at(date(2026, 3, 20), today=today) == today

    with pytest.raises(InvalidArgument, match="known_at"):
        check_known_at(NOW + timedelta(minutes=1), now=NOW)
    for ahead in (date(2026, 3, 21), date(1899, 12, 31)):
        with pytest.raises(InvalidArgument, match="date"):
            day_looked_at(ahead, today=today)
