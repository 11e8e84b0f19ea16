"""Goals repeated, and goals taken out of the archive."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from chassis.clock import FixedClock
from tandem.goals.v1 import activity_pb2, goal_pb2
from tandem.goals.v1.care_pb2 import Reminder
from tests.support.goals import Connection, GoalsMembers, goal_events, iso, on, refused

NOBODYS = "01920000-0000-7000-8000-000000000001"


async def test_a_copy_asks_for_the_same_from_today_on(
    members: GoalsMembers, behind: Connection, clock: FixedClock
) -> None:
    member = members.member("Europe/Berlin")
    goal = await member.create(
        "Run",
        description="By the river",
        category="fitness",
        start_date=on("2026-03-10"),
        deadline=on("2026-06-10"),
        schedule=goal_pb2.Schedule(period=goal_pb2.PERIOD_WEEK, times=3),
        policy=goal_pb2.Policy(excused=goal_pb2.EXCUSED_POLICY_COUNTS),
    )
    await member.add_habit(goal.goal_id, minutes=5)
    part = await member.add_subgoal(goal.goal_id, due_date=on("2026-04-10"))
    await member.change_subgoal(goal.goal_id, part.subgoal_id, status=goal_pb2.SUBGOAL_STATUS_DONE)
    await member.remind(goal.goal_id, Reminder(minute_of_day=600))
    await member.log(goal.goal_id)
    source = await member.archive(goal.goal_id)
    clock.advance(timedelta(days=1))

    copy = await member.copy(goal.goal_id)

    assert copy == await member.get(copy.goal_id)
    assert (copy.title, copy.description, copy.category, copy.pattern) == (
        source.title,
        source.description,
        source.category,
        source.pattern,
    )
    assert (copy.schedule, copy.policy, copy.status) == (source.schedule, source.policy, goal_pb2.STATUS_ACTIVE)
    assert (iso(copy.start_date), iso(copy.deadline)) == ("2026-03-21", "2026-06-21")
    [habit], [subgoal] = copy.habits, copy.subgoals
    assert (habit.title, habit.minutes) == ("Stretch", 5)
    assert (iso(subgoal.due_date), subgoal.status) == ("2026-04-21", goal_pb2.SUBGOAL_STATUS_OPEN)
    assert {habit.habit_id, subgoal.subgoal_id} & {source.habits[0].habit_id, part.subgoal_id} == set()
    assert [each.minute_of_day for each in await member.reminders(copy.goal_id)] == [600]
    assert (await member.activities(copy.goal_id)).activities == []
    assert (await member.get(goal.goal_id)).etag == source.etag
    assert (await goal_events(behind, member))[-1].event_type == "goals.goal_created"


async def test_a_copys_milestones_are_undone(members: GoalsMembers) -> None:
    member = members.member()
    steps = [
        goal_pb2.Milestone(title="Outline", weight=2, due_date=on("2026-04-01")),
        goal_pb2.Milestone(title="Draft"),
    ]
    goal = await member.create(
        "Thesis", pattern=goal_pb2.PATTERN_MILESTONE, milestones=steps, start_date=on("2026-03-15")
    )
    await member.log(
        goal.goal_id, type=activity_pb2.ACTIVITY_TYPE_MILESTONE, milestone_id=goal.milestones[0].milestone_id
    )

    copy = await member.copy(goal.goal_id)

    assert [(step.title, step.weight, step.HasField("done_time")) for step in copy.milestones] == [
        ("Outline", 2, False),
        ("Draft", 1, False),
    ]
    assert iso(copy.milestones[0].due_date) == "2026-04-06"
    assert copy.milestones[0].milestone_id != goal.milestones[0].milestone_id


async def test_a_copys_days_stay_in_the_calendar(members: GoalsMembers) -> None:
    member = members.member()
    goal = await member.create(start_date=on("2000-01-01"), deadline=on("2190-01-01"))

    error = await refused("VALIDATION_FAILED", member.copy(goal.goal_id))

    assert "deadline" in error.message


async def test_an_archived_goal_comes_back(members: GoalsMembers, behind: Connection, clock: FixedClock) -> None:
    member = members.member()
    goal = await member.create(start_date=on("2026-03-16"))
    await member.log(goal.goal_id, "2026-03-19")
    await member.archive(goal.goal_id)
    clock.advance(timedelta(days=5))

    restored = await member.restore(goal.goal_id)

    assert restored.status == goal_pb2.STATUS_ACTIVE
    assert restored.progress_summary.due_today
    clock.advance(timedelta(days=1))
    progress = await member.progress(goal.goal_id)
    assert (progress.due, progress.done) == (1, 0)
    assert (await goal_events(behind, member))[-1].event_type == "goals.goal_updated"
    await refused("INVALID_TRANSITION", member.restore(goal.goal_id))


async def test_a_completed_goal_comes_back_completed(
    members: GoalsMembers, behind: Connection, clock: FixedClock
) -> None:
    member = members.member()
    goal = await member.create()
    completed = await member.update(goal.goal_id, status=goal_pb2.STATUS_COMPLETED)
    await refused("INVALID_TRANSITION", member.restore(goal.goal_id))
    await member.archive(goal.goal_id)
    clock.advance(timedelta(days=3))

    restored = await member.restore(goal.goal_id)

    assert (restored.status, restored.completed_on) == (goal_pb2.STATUS_COMPLETED, completed.completed_on)
    assert restored == await member.get(goal.goal_id)
    told = [event.event_type for event in await goal_events(behind, member)]
    assert (told.count("goals.goal_completed"), told[-1]) == (1, "goals.goal_updated")


async def test_a_paused_goal_comes_back_paused_however_many_are_active(members: GoalsMembers) -> None:
    member = members.member()
    goal = await member.create()
    await member.update(goal.goal_id, status=goal_pb2.STATUS_PAUSED)
    await member.archive(goal.goal_id)
    for n in range(50):
        await member.create(f"Goal {n}")

    assert (await member.restore(goal.goal_id)).status == goal_pb2.STATUS_PAUSED
    await refused("GOAL_QUOTA_EXCEEDED", member.update(goal.goal_id, status=goal_pb2.STATUS_ACTIVE))


@pytest.mark.parametrize(("days", "comes_back"), [(30, True), (31, False)])
async def test_a_goal_comes_back_within_thirty_days(
    members: GoalsMembers, clock: FixedClock, days: int, comes_back: bool
) -> None:
    member = members.member()
    goal = await member.create()
    await member.archive(goal.goal_id)
    clock.advance(timedelta(days=days))

    if comes_back:
        assert (await member.restore(goal.goal_id)).status == goal_pb2.STATUS_ACTIVE
    else:
        error = await refused("INVALID_TRANSITION", member.restore(goal.goal_id))
        assert "copy" in error.message


async def test_copies_and_restored_goals_count(members: GoalsMembers) -> None:
    member = members.member()
    archived = await member.create("Archived")
    await member.archive(archived.goal_id)
    for n in range(50):
        goal = await member.create(f"Goal {n}")

    await refused("GOAL_QUOTA_EXCEEDED", member.copy(goal.goal_id))
    await refused("GOAL_QUOTA_EXCEEDED", member.restore(archived.goal_id))

    await member.archive(goal.goal_id)
    answers = await asyncio.gather(member.restore(archived.goal_id), member.copy(goal.goal_id), return_exceptions=True)
    assert sum(isinstance(answer, goal_pb2.Goal) for answer in answers) == 1


async def test_dating_goals_are_copied_by_adults(members: GoalsMembers) -> None:
    member = members.member()
    goal = await member.create(category="dating")

    assert (await member.copy(goal.goal_id)).category == "dating"
    people = members.people.people
    people[member.member_id] = replace(people[member.member_id], birth_year=2012)
    await refused("ADULTS_ONLY", member.copy(goal.goal_id))


async def test_a_stranger_copies_and_restores_nothing(members: GoalsMembers) -> None:
    owner, stranger = members.member(), members.member()
    goal = await owner.create()
    await stranger.create()
    await owner.archive(goal.goal_id)

    for who, goal_id in ((stranger, goal.goal_id), (owner, NOBODYS)):
        await refused("NOT_FOUND", who.copy(goal_id))
        await refused("NOT_FOUND", who.restore(goal_id))
    await refused("VALIDATION_FAILED", owner.copy("x"))
    await refused("VALIDATION_FAILED", owner.restore("x"))

    assert len((await stranger.list_goals()).goals) == 1


async def test_the_same_key_is_one_copy(members: GoalsMembers) -> None:
    member = members.member()
    goal = await member.create()

    first = await member.copy(goal.goal_id, key="c")
    assert await member.copy(goal.goal_id, key="c") == first
    assert member.replayed
    await member.archive(goal.goal_id)
    restored = await member.restore(goal.goal_id, key="r")
    await member.archive(goal.goal_id)
    assert await member.restore(goal.goal_id, key="r") == restored
    assert member.replayed

    assert len((await member.list_goals()).goals) == 2
