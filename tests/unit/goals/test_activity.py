"""What can be logged, and on which day it stands."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest

from chassis.errors import InvalidArgument
from services.goals import errors
from services.goals.domain.activity import (
    Activity,
    ActivityDraft,
    ActivityId,
    ActivityType,
    Context,
    Place,
    record_activity,
)
from services.goals.domain.days import Calendar
from services.goals.domain.entries import Kind
from services.goals.domain.goal import Amount, Goal, Status
from tests.unit.goals.history import NOW, a_goal, day

TODAY = day("2026-03-20")
ID = ActivityId(UUID("01920000-0000-7000-8000-0000000000aa"))


def recorded(goal: Goal | None = None, **fields: object) -> Activity:
    draft = ActivityDraft(**{"type": ActivityType.CHECK_IN} | fields)  # type: ignore[arg-type]
    return record_activity(draft, Place(goal or a_goal(), TODAY), activity_id=ID, now=NOW)


def named_by(problem: pytest.ExceptionInfo[InvalidArgument]) -> list[str]:
    return [violation.field for violation in problem.value.violations]


def test_without_day_and_instant_it_is_now() -> None:
    activity = recorded()

    assert (activity.local_day, activity.occur_time, activity.completed) == (TODAY, NOW, True)
    assert activity.kind is Kind.DONE


def test_an_instant_alone_gives_the_day() -> None:
    goal = a_goal()
    goal = replace(goal, rules=(replace(goal.rule, calendar=Calendar("Europe/Berlin", 4)),))

    assert recorded(goal, occur_time=datetime(2026, 3, 19, 2, 30, tzinfo=UTC)).local_day == day("2026-03-18")


def test_a_clock_that_is_ten_seconds_fast_means_now_and_more_is_the_future() -> None:
    assert recorded(occur_time=NOW + timedelta(seconds=10)).occur_time == NOW
    with pytest.raises(InvalidArgument) as problem:
        recorded(occur_time=NOW + timedelta(seconds=11))
    assert named_by(problem) == ["occurred_at"]


def test_of_both_the_day_wins() -> None:
    activity = recorded(local_date=date(2026, 3, 10), occur_time=NOW)

    assert (activity.local_day, activity.occur_time) == (day("2026-03-10"), NOW)


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"local_date": date(2026, 3, 21)}, "local_date"),
        ({"local_date": date(2026, 3, 1)}, "local_date"),
        ({"local_date": date(1850, 1, 1)}, "local_date"),
        ({"occur_time": NOW + timedelta(minutes=1)}, "occurred_at"),
        ({"occur_time": NOW - timedelta(days=40)}, "occurred_at"),
        ({"occur_time": datetime(1, 1, 1, tzinfo=UTC)}, "occurred_at"),
        ({"occur_time": datetime(9999, 12, 31, 23, tzinfo=UTC)}, "occurred_at"),
        ({"type": None}, "type"),
        ({"type": ActivityType.MILESTONE}, "type"),
        ({"type": ActivityType.PROGRESS, "value": 1.0}, "type"),
        ({"value": 1.0}, "value"),
        ({"type": ActivityType.SKIP, "completed": True}, "completed"),
        ({"note": "x" * 10_001}, "note"),
        ({"note": "a\x00"}, "note"),
        ({"mood": 6}, "mood"),
        ({"mood": -1}, "mood"),
        ({"context": Context(energy=6)}, "context.energy"),
        ({"context": Context(location="x" * 201)}, "context.location"),
        ({"context": Context(tags=("a",) * 21)}, "context.tags"),
        ({"context": Context(tags=("a", "b\n"))}, "context.tags[1]"),
    ],
)
def test_a_broken_rule_names_its_field(fields: dict[str, object], field: str) -> None:
    with pytest.raises(InvalidArgument) as problem:
        recorded(None, **fields)

    assert field in named_by(problem)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf"), 1.1e12, -1.0, None])
def test_progress_takes_a_number_within_bounds(value: float | None) -> None:
    with pytest.raises(InvalidArgument) as problem:
        recorded(a_goal(amount=Amount("km", 5)), type=ActivityType.PROGRESS, value=value)

    assert "value" in named_by(problem)


def test_progress_is_kept_to_nine_decimals() -> None:
    activity = recorded(a_goal(amount=Amount("km", 5)), type=ActivityType.PROGRESS, value=0.1234567899)

    assert (activity.value, activity.completed, activity.kind) == (0.12345679, None, Kind.PROGRESS)


@pytest.mark.parametrize("status", [Status.COMPLETED, Status.ARCHIVED])
def test_a_closed_goal_takes_no_activities(status: Status) -> None:
    with pytest.raises(errors.GoalClosed):
        recorded(replace(a_goal(), status=status))


def test_a_paused_goal_keeps_what_is_logged() -> None:
    assert recorded(replace(a_goal(), status=Status.PAUSED)).local_day == TODAY


def test_notes_mean_nothing_to_units() -> None:
    assert recorded(type=ActivityType.NOTE, note="fine").kind is None
