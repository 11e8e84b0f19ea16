"""A copy asks for the same from its own start on, recurrence rules included."""

from dataclasses import replace
from uuid import UUID, uuid4

import pytest

from chassis.errors import InvalidArgument
from services.goals.domain import recurrence
from services.goals.domain.care import Care, Habit, copy_goal
from services.goals.domain.days import Calendar
from services.goals.domain.entries import Entries
from services.goals.domain.goal import Goal, GoalId
from services.goals.domain.schedule import Schedule
from tests.unit.goals.history import GOAL, MEMBER, NOW, a_goal, day, outcomes

COPY = GoalId(UUID("01920000-0000-7000-8000-000000000009"))
ELEVEN_DAYS = "FREQ=DAILY;UNTIL=20260312\nEXDATE:20260304,20260306\nRDATE;VALUE=DATE:20260315"


def recurring(rrule: str, *, anchor: int = 0) -> Goal:
    goal = a_goal("2026-03-02")
    return replace(goal, rules=(replace(goal.rule, schedule=Schedule(rrule=rrule), anchor=anchor),))


def copied(goal: Goal, on: str = "2026-03-20", care: Care | None = None) -> tuple[Goal, Care]:
    return copy_goal(
        goal,
        care or Care(),
        goal_id=COPY,
        member_id=MEMBER,
        calendar=Calendar(),
        today=day(on),
        now=NOW,
        new_id=uuid4,
    )


@pytest.mark.parametrize("on", ["2026-02-20", "2026-03-02", "2026-03-20", "2028-02-20"])
def test_the_dates_of_a_rule_move_with_the_start(on: str) -> None:
    goal = recurring(ELEVEN_DAYS)
    copy, _ = copied(goal, on)
    end = copy.start_day + day("2026-03-20") - goal.start_day

    there = recurrence.due_days(
        copy.rule.schedule.rrule, anchor=copy.start_day, first=copy.start_day, last=end, week_start=1, clamp=True
    )

    assert there.decode() == "mm-m-mmmmmm--m-----"


def test_a_rule_that_ran_out_is_due_again_in_the_copy() -> None:
    copy, _ = copied(recurring("FREQ=DAILY;UNTIL=20260310"))

    assert copy.rule.schedule.rrule == "FREQ=DAILY;UNTIL=20260328"
    assert outcomes(copy, Entries(), "2026-03-22") == "mm."


def test_a_rule_that_began_later_than_its_goal_begins_with_the_copy() -> None:
    copy, _ = copied(recurring("FREQ=DAILY;UNTIL=20260310", anchor=day("2026-03-08")))

    assert (copy.rule.schedule.rrule, copy.rule.anchor) == ("FREQ=DAILY;UNTIL=20260322", 0)


def test_a_rule_that_never_was_makes_no_copy() -> None:
    with pytest.raises(InvalidArgument) as refusal:
        copied(recurring("FREQ=DAILY;UNTIL=20260301"))

    assert [violation.field for violation in refusal.value.violations] == ["schedule.rrule"]


def test_habits_move_as_well() -> None:
    habit = Habit(GOAL, "Stretch", Schedule(rrule=ELEVEN_DAYS), 5, "")

    _, care = copied(recurring("FREQ=DAILY"), care=Care((habit,)))

    assert "UNTIL=20260330\nEXDATE:20260322,20260324\nRDATE;VALUE=DATE:20260402" in care.habits[0].schedule.rrule


@pytest.mark.parametrize(
    ("text", "days", "result"),
    [
        ("FREQ=WEEKLY;BYDAY=MO,TU;INTERVAL=000000002", 9, "FREQ=WEEKLY;BYDAY=MO,TU;INTERVAL=000000002"),
        ("rrule:freq=daily;until=20260228T235959Z", 1, "rrule:freq=daily;until=20260301T235959Z"),
        ("FREQ=DAILY\nEXDATE:20260101T120000,20260102", -1, "FREQ=DAILY\nEXDATE:20251231T120000,20260101"),
        ("FREQ=DAILY;UNTIL=99991231", 5, "FREQ=DAILY;UNTIL=99991231"),
        ("FREQ=DAILY;UNTIL=00010102", -5, "FREQ=DAILY;UNTIL=00010101"),
        ("FREQ=MONTHLY;COUNT=12;BYMONTHDAY=1,15", 40, "FREQ=MONTHLY;COUNT=12;BYMONTHDAY=1,15"),
    ],
)
def test_only_single_dates_of_a_rule_move(text: str, days: int, result: str) -> None:
    assert recurrence.moved(text, days) == result
    recurrence.parse(result)
