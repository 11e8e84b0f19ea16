"""A streak that comes to 7, 30, 100 or 365 is told once, however it comes to it."""

from datetime import date, timedelta
from typing import Any

import pytest

from chassis.clock import FixedClock
from tandem.goals.v1 import activity_pb2, goal_pb2
from tests.support.goals import CHECK_IN, Connection, GoalsMember, GoalsMembers, goal_events, on

TODAY = date(2026, 3, 20)
START = on("2025-01-01")


def days_ago(first: int, last: int = 0) -> list[str]:
    return [(TODAY - timedelta(days=ago)).isoformat() for ago in range(first, last - 1, -1)]


def entries(goal_id: str, days: list[str]) -> list[activity_pb2.Activity]:
    return [activity_pb2.Activity(goal_id=goal_id, type=CHECK_IN, local_date=on(each)) for each in days]


async def lengths(behind: Connection, member: GoalsMember) -> list[tuple[str, int]]:
    told = [each for each in await goal_events(behind, member) if each.event_type == "goals.streak_reached"]
    assert all(each.aggregate_id == each.streak_reached.goal_id for each in told)
    return [(each.streak_reached.goal_id, each.streak_reached.length) for each in told]


STREAK: dict[str, Any] = {"pattern": goal_pb2.PATTERN_STREAK, "streak": goal_pb2.StreakTerms(target_length=500)}


@pytest.mark.parametrize("fields", [{}, STREAK], ids=["recurring", "streak"])
async def test_the_seventh_day_is_told_once(members: GoalsMembers, behind: Connection, fields: dict[str, Any]):
    member = members.member()
    goal = await member.create(start_date=START, **fields)
    for day in days_ago(6, 1):
        await member.log(goal.goal_id, day)
    assert await lengths(behind, member) == []

    await member.log(goal.goal_id)
    await member.log(goal.goal_id)
    await member.log(goal.goal_id, type=activity_pb2.ACTIVITY_TYPE_NOTE, note="Seven!")

    assert await lengths(behind, member) == [(goal.goal_id, 7)]


async def test_a_day_that_joins_two_runs_is_told_by_the_longest(members: GoalsMembers, behind: Connection):
    member = members.member()
    goal = await member.create(start_date=START)
    await member.batch(*entries(goal.goal_id, [*days_ago(35, 6), *days_ago(4)]))
    assert await lengths(behind, member) == []

    await member.log(goal.goal_id, days_ago(5)[0])

    assert (await member.progress(goal.goal_id)).streak.current == 36
    assert await lengths(behind, member) == [(goal.goal_id, 30)]


async def test_a_batch_tells_for_each_goal_of_its_own(members: GoalsMembers, behind: Connection):
    member = members.member()
    long, short = [await member.create(start_date=START) for _ in range(2)]
    streak = await member.create(start_date=START, **STREAK)
    await member.batch(*entries(streak.goal_id, days_ago(9, 4)))

    await member.batch(
        *entries(long.goal_id, days_ago(120)),
        *entries(short.goal_id, days_ago(3)),
        *entries(streak.goal_id, days_ago(3)),
    )

    assert sorted(await lengths(behind, member)) == sorted([(long.goal_id, 100), (streak.goal_id, 7)])
    await member.batch(*entries(long.goal_id, days_ago(125, 121)), *entries(streak.goal_id, days_ago(0)))
    assert len(await lengths(behind, member)) == 2


async def test_a_limit_that_was_kept_is_told_when_a_day_is_filled_in(members: GoalsMembers, behind: Connection):
    member = members.member()
    pessimistic = goal_pb2.Policy(no_entry=goal_pb2.NO_ENTRY_POLICY_PESSIMISTIC)
    goal = await member.create(
        pattern=goal_pb2.PATTERN_LIMIT,
        limit=goal_pb2.Limit(unit="cups", max_value=2),
        policy=pessimistic,
        start_date=START,
    )
    for day in [*days_ago(8, 5), *days_ago(3, 1)]:
        await member.log(goal.goal_id, day)
    assert await lengths(behind, member) == []

    await member.log(goal.goal_id, days_ago(4)[0])

    assert await lengths(behind, member) == [(goal.goal_id, 7)]


async def test_a_repetition_and_a_short_streak_tell_nothing(members: GoalsMembers, behind: Connection):
    member = members.member()
    goal = await member.create(start_date=START)
    await member.batch(*entries(goal.goal_id, days_ago(6, 1)))

    for _ in range(2):
        await member.log(goal.goal_id, key="seven")

    assert await lengths(behind, member) == [(goal.goal_id, 7)]


LIMIT: dict[str, Any] = {
    "pattern": goal_pb2.PATTERN_LIMIT,
    "limit": goal_pb2.Limit(unit="cups", max_value=2),
}


async def test_a_limit_that_is_logged_every_day_is_told_on_the_day_after(
    members: GoalsMembers, behind: Connection, clock: FixedClock
):
    member = members.member()
    goal = await member.create(**LIMIT)
    told = []
    for _ in range(9):
        await member.log(goal.goal_id, type=activity_pb2.ACTIVITY_TYPE_PROGRESS, value=1)
        await member.log(goal.goal_id, type=activity_pb2.ACTIVITY_TYPE_NOTE, note="Fine.")
        await member.log(goal.goal_id, type=activity_pb2.ACTIVITY_TYPE_PROGRESS, value=1)
        told.append(len(await lengths(behind, member)))
        clock.advance(timedelta(days=1))

    assert told == [0] * 7 + [1] * 2
    assert await lengths(behind, member) == [(goal.goal_id, 7)]


async def test_a_limit_nobody_logs_on_is_told_with_the_next_entry_by_the_longest(
    members: GoalsMembers, behind: Connection, clock: FixedClock
):
    member = members.member()
    goal, batched = [await member.create(**LIMIT) for _ in range(2)]
    clock.advance(timedelta(days=33))

    await member.log(goal.goal_id, type=CHECK_IN)
    await member.batch(activity_pb2.Activity(goal_id=batched.goal_id, type=CHECK_IN))
    await member.log(goal.goal_id, type=CHECK_IN)

    assert await lengths(behind, member) == [(goal.goal_id, 30), (batched.goal_id, 30)]


async def test_corrections_tell_as_entries_do(members: GoalsMembers, behind: Connection):
    member = members.member()
    goal, limit = await member.create(start_date=START), await member.create(start_date=on("2026-03-12"), **LIMIT)
    await member.batch(*entries(goal.goal_id, days_ago(7, 1)[:3] + days_ago(3, 0)))
    missing = (await member.log(goal.goal_id, days_ago(4)[0], completed=False)).activity
    slip = (await member.log(limit.goal_id, days_ago(4)[0], type=CHECK_IN, completed=False)).activity

    await member.correct(missing, completed=True)
    await member.correct(missing, note="It was done after all.")
    await member.take_back(slip)

    assert await lengths(behind, member) == [(goal.goal_id, 7), (limit.goal_id, 7)]
