"""Habits, subgoals and reminders by hand."""

import asyncio
from typing import Any

import pytest
from google.type.date_pb2 import Date

from chassis.errors import TandemError
from tandem.goals.v1 import goal_pb2
from tandem.goals.v1.care_pb2 import Reminder
from tests.support.goals import Connection, GoalsMembers, fields_of, goal_events, iso, on, refused

NOBODYS = "01920000-0000-7000-8000-000000000001"
WEEKLY = goal_pb2.Schedule(period=goal_pb2.PERIOD_WEEK, times=2)


async def test_a_habits_life(members: GoalsMembers, behind: Connection) -> None:
    member = members.member()
    goal = await member.create()

    habit = await member.add_habit(goal.goal_id, schedule=WEEKLY, minutes=10, if_then="If I wake, then I stretch")
    shown = await member.get(goal.goal_id)
    changed = await member.change_habit(goal.goal_id, habit.habit_id, title="Stretch long", minutes=0)

    assert list(shown.habits) == [habit]
    assert shown.etag != goal.etag
    assert (habit.schedule.times, habit.minutes, habit.if_then) == (2, 10, "If I wake, then I stretch")
    assert (changed.title, changed.minutes, changed.schedule) == ("Stretch long", 0, habit.schedule)
    logged = await member.log(goal.goal_id, habit_id=habit.habit_id)
    assert (logged.activity.habit_id, logged.progress.percent) == (habit.habit_id, 100)

    await member.remove_habit(goal.goal_id, habit.habit_id)

    assert (await member.get(goal.goal_id)).habits == []
    assert (await member.activities(goal.goal_id)).activities == [logged.activity]
    await refused("NOT_FOUND", member.remove_habit(goal.goal_id, habit.habit_id))
    await refused("NOT_FOUND", member.change_habit(goal.goal_id, habit.habit_id, title="x"))
    error = await refused("VALIDATION_FAILED", member.log(goal.goal_id, habit_id=habit.habit_id))
    assert fields_of(error) == ["habit_id"]
    told = [event.event_type for event in await goal_events(behind, member)]
    assert told.count("goals.goal_updated") == 3


async def test_a_subgoals_life(members: GoalsMembers) -> None:
    member = members.member()
    goal = await member.create()

    first = await member.add_subgoal(goal.goal_id, "5 km", due_date=on("2026-04-01"))
    second = await member.add_subgoal(goal.goal_id, "10 km")
    done = await member.change_subgoal(goal.goal_id, first.subgoal_id, status=goal_pb2.SUBGOAL_STATUS_DONE)
    undated = await member.change_subgoal(goal.goal_id, first.subgoal_id, "due_date")

    assert (first.status, iso(first.due_date)) == (goal_pb2.SUBGOAL_STATUS_OPEN, "2026-04-01")
    assert (done.status, done.due_date) == (goal_pb2.SUBGOAL_STATUS_DONE, first.due_date)
    assert not undated.HasField("due_date")
    assert list((await member.get(goal.goal_id)).subgoals) == [undated, second]
    await member.remove_subgoal(goal.goal_id, first.subgoal_id)
    assert list((await member.get(goal.goal_id)).subgoals) == [second]
    await refused("NOT_FOUND", member.remove_subgoal(goal.goal_id, first.subgoal_id))


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"title": " "}, "title"),
        ({"title": "x" * 201}, "title"),
        ({"minutes": 1441}, "minutes"),
        ({"minutes": -1}, "minutes"),
        ({"if_then": "x" * 501}, "if_then"),
        ({"schedule": goal_pb2.Schedule(times=0)}, "schedule.times"),
        ({"schedule": goal_pb2.Schedule(weekdays=[8])}, "schedule.weekdays"),
        ({"schedule": goal_pb2.Schedule(rrule="FREQ=SECONDLY")}, "schedule.rrule"),
    ],
)
async def test_a_broken_rule_of_a_habit_names_its_field(
    members: GoalsMembers, fields: dict[str, Any], field: str
) -> None:
    member = members.member()
    goal = await member.create()
    habit = await member.add_habit(goal.goal_id)

    made = await refused("VALIDATION_FAILED", member.add_habit(goal.goal_id, **{"title": "Stretch"} | fields))
    changed = await refused("VALIDATION_FAILED", member.change_habit(goal.goal_id, habit.habit_id, **fields))

    assert fields_of(made) == fields_of(changed) == [field]
    assert list((await member.get(goal.goal_id)).habits) == [habit]


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"title": ""}, "title"),
        ({"due_date": on("1899-12-31")}, "due_date"),
        ({"due_date": on("2026-03-19")}, "due_date"),
        ({"due_date": Date(year=2026)}, "due_date"),
        ({"status": 9}, "status"),
    ],
)
async def test_a_broken_rule_of_a_subgoal_names_its_field(
    members: GoalsMembers, fields: dict[str, Any], field: str
) -> None:
    member = members.member()
    goal = await member.create()
    subgoal = await member.add_subgoal(goal.goal_id)

    made = await refused("VALIDATION_FAILED", member.add_subgoal(goal.goal_id, **{"title": "Half"} | fields))
    changed = await refused("VALIDATION_FAILED", member.change_subgoal(goal.goal_id, subgoal.subgoal_id, **fields))

    assert field in fields_of(made)
    assert field in fields_of(changed)
    assert list((await member.get(goal.goal_id)).subgoals) == [subgoal]


async def test_other_fields_cannot_be_changed(members: GoalsMembers) -> None:
    member = members.member()
    goal = await member.create()
    habit, subgoal = await member.add_habit(goal.goal_id), await member.add_subgoal(goal.goal_id)

    by_habit = await refused("VALIDATION_FAILED", member.change_habit(goal.goal_id, habit.habit_id, "habit_id"))
    by_subgoal = await refused("VALIDATION_FAILED", member.change_subgoal(goal.goal_id, subgoal.subgoal_id, "x"))

    assert (fields_of(by_habit), fields_of(by_subgoal)) == (["habit_id"], ["x"])


async def test_fifty_of_each_and_no_more(members: GoalsMembers) -> None:
    member = members.member()
    goal = await member.create()
    for n in range(49):
        await member.add_habit(goal.goal_id, f"Habit {n}")
        await member.add_subgoal(goal.goal_id, f"Part {n}")

    answers = await asyncio.gather(*(member.add_habit(goal.goal_id) for _ in range(3)), return_exceptions=True)
    await member.add_subgoal(goal.goal_id)

    assert sum(isinstance(answer, goal_pb2.Habit) for answer in answers) == 1
    assert {answer.reason for answer in answers if isinstance(answer, TandemError)} == {"CONFLICT"}
    error = await refused("CONFLICT", member.add_subgoal(goal.goal_id))
    assert error.metadata["limit"] == "50"
    shown = await member.get(goal.goal_id)
    assert (len(shown.habits), len(shown.subgoals)) == (50, 50)


async def test_reminders_are_replaced(members: GoalsMembers) -> None:
    member = members.member()
    goal = await member.create()
    assert list(await member.reminders(goal.goal_id)) == []

    kept = await member.remind(goal.goal_id, Reminder(minute_of_day=1200), Reminder(minute_of_day=450, weekdays=[5, 1]))

    assert [(each.minute_of_day, list(each.weekdays)) for each in kept] == [(450, [1, 5]), (1200, [])]
    assert await member.reminders(goal.goal_id) == kept
    assert (await member.get(goal.goal_id)).etag == goal.etag
    assert list(await member.remind(goal.goal_id)) == []


@pytest.mark.parametrize(
    ("reminders", "field"),
    [
        ([Reminder(minute_of_day=n) for n in range(11)], "reminders"),
        ([Reminder(), Reminder(minute_of_day=1440)], "reminders[1].time"),
        ([Reminder(minute_of_day=-1)], "reminders[0].time"),
        ([Reminder(weekdays=[0])], "reminders[0].weekdays"),
        ([Reminder(weekdays=[1, 1])], "reminders[0].weekdays"),
        ([Reminder(weekdays=[1, 2]), Reminder(weekdays=[2, 1])], "reminders[1]"),
    ],
)
async def test_a_broken_rule_of_reminders_names_its_field(
    members: GoalsMembers, reminders: list[Reminder], field: str
) -> None:
    member = members.member()
    goal = await member.create()
    await member.remind(goal.goal_id, Reminder(minute_of_day=600))

    error = await refused("VALIDATION_FAILED", member.remind(goal.goal_id, *reminders))

    assert fields_of(error) == [field]
    assert len(await member.reminders(goal.goal_id)) == 1


async def test_a_stranger_cares_for_nothing(members: GoalsMembers) -> None:
    owner, stranger = members.member(), members.member()
    goal = await owner.create()
    await stranger.create()
    habit, subgoal = await owner.add_habit(goal.goal_id), await owner.add_subgoal(goal.goal_id)
    before = await owner.get(goal.goal_id)

    for attempt in (
        stranger.add_habit(goal.goal_id),
        stranger.change_habit(goal.goal_id, habit.habit_id, title="Mine"),
        stranger.remove_habit(goal.goal_id, habit.habit_id),
        stranger.add_subgoal(goal.goal_id),
        stranger.change_subgoal(goal.goal_id, subgoal.subgoal_id, title="Mine"),
        stranger.remove_subgoal(goal.goal_id, subgoal.subgoal_id),
        stranger.reminders(goal.goal_id),
        stranger.remind(goal.goal_id),
        owner.add_habit(NOBODYS),
    ):
        await refused("NOT_FOUND", attempt)

    assert await owner.get(goal.goal_id) == before


async def test_parts_are_found_on_their_own_goal_only(members: GoalsMembers) -> None:
    member = members.member()
    goal, other = await member.create(), await member.create()
    habit, subgoal = await member.add_habit(goal.goal_id), await member.add_subgoal(goal.goal_id)

    await refused("NOT_FOUND", member.change_habit(other.goal_id, habit.habit_id, title="x"))
    await refused("NOT_FOUND", member.remove_subgoal(other.goal_id, subgoal.subgoal_id))
    error = await refused("VALIDATION_FAILED", member.log(other.goal_id, habit_id=habit.habit_id))
    assert fields_of(error) == ["habit_id"]


@pytest.mark.parametrize("status", [goal_pb2.STATUS_COMPLETED, goal_pb2.STATUS_ARCHIVED])
async def test_closed_goals_keep_their_parts(members: GoalsMembers, status: goal_pb2.Status) -> None:
    member = members.member()
    goal = await member.create()
    habit = await member.add_habit(goal.goal_id)
    await member.update(goal.goal_id, status=status)

    for attempt in (
        member.add_habit(goal.goal_id),
        member.remove_habit(goal.goal_id, habit.habit_id),
        member.add_subgoal(goal.goal_id),
        member.remind(goal.goal_id, Reminder()),
        member.vacation("2026-03-20", "2026-03-21", goal_id=goal.goal_id),
    ):
        await refused("CONFLICT", attempt)


async def test_the_same_key_is_one_part(members: GoalsMembers) -> None:
    member = members.member()
    goal = await member.create()

    habit = await member.add_habit(goal.goal_id, key="h")
    await member.change_habit(goal.goal_id, habit.habit_id, title="Since then", key="u")
    assert await member.add_habit(goal.goal_id, key="h") == habit
    assert member.replayed
    subgoal = await member.add_subgoal(goal.goal_id, key="s")
    assert await member.add_subgoal(goal.goal_id, key="s") == subgoal
    await member.change_habit(goal.goal_id, habit.habit_id, title="Since then", key="u")
    assert member.replayed
    await member.remove_habit(goal.goal_id, habit.habit_id, key="d")
    await member.remove_habit(goal.goal_id, habit.habit_id, key="d")
    assert member.replayed
    await member.remove_subgoal(goal.goal_id, subgoal.subgoal_id, key="e")
    await member.remove_subgoal(goal.goal_id, subgoal.subgoal_id, key="e")
    await member.remind(goal.goal_id, Reminder(minute_of_day=1), key="r")
    await member.remind(goal.goal_id)
    assert len(await member.remind(goal.goal_id, Reminder(minute_of_day=1), key="r")) == 1
    assert member.replayed

    shown = await member.get(goal.goal_id)
    assert (list(shown.habits), list(shown.subgoals), list(await member.reminders(goal.goal_id))) == ([], [], [])


async def test_twins_are_one_part(members: GoalsMembers) -> None:
    member = members.member()
    goal = await member.create()

    await asyncio.gather(*(member.add_habit(goal.goal_id, key="t") for _ in range(6)), return_exceptions=True)

    assert len((await member.get(goal.goal_id)).habits) == 1


async def test_only_the_gateway_cares(members: GoalsMembers) -> None:
    member = members.member()
    goal = await member.create()
    coach = members.through("coach", member)

    for attempt in (
        coach.add_habit(goal.goal_id),
        coach.add_subgoal(goal.goal_id),
        coach.reminders(goal.goal_id),
        coach.remind(goal.goal_id),
        coach.vacation("2026-03-20", "2026-03-21"),
        coach.vacations(),
        coach.copy(goal.goal_id),
        coach.restore(goal.goal_id),
    ):
        await refused("FORBIDDEN", attempt)
