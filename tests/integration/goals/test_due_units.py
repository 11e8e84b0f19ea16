"""Closed units on their way to the warehouse: told once, told again when they change, taken back when they are none."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest

from chassis.clock import FixedClock
from chassis.db import Database
from services.goals.usecases import DueUnitUseCases
from tandem.goals.v1 import activity_pb2, goal_pb2
from tests.support.feed import others_have_ended
from tests.support.goals import Connection, GoalsMember, GoalsMembers, on

WEEKLY = goal_pb2.Schedule(period=goal_pb2.PERIOD_WEEK, times=2)


@pytest.fixture
def units(clock: FixedClock) -> DueUnitUseCases:
    return DueUnitUseCases(clock)


async def told(units: DueUnitUseCases, system: Database) -> None:
    """Looks until there is nothing more to look at, once nobody holds the horizon back."""
    await others_have_ended(system)
    while await units.tell_changed(system):
        pass


async def rows(behind: Connection, goal: goal_pb2.Goal) -> Sequence[tuple[Any, ...]]:
    found = await behind.fetch(
        "SELECT first_date, last_date, outcome, row_version FROM goals.due_units WHERE goal_id = $1 ORDER BY 1, number",
        goal.goal_id,
    )
    return [(str(row[0]), str(row[1]), row[2], row[3]) for row in found]


async def weekly(member: GoalsMember) -> goal_pb2.Goal:
    """Two weeks behind it, the first one kept; today is a Friday."""
    goal = await member.create(start_date=on("2026-03-02"), schedule=WEEKLY)
    await member.log(goal.goal_id, "2026-03-03")
    await member.log(goal.goal_id, "2026-03-04")
    return goal


async def test_closed_units_are_told_and_the_open_one_once_it_has_closed(
    members: GoalsMembers, units: DueUnitUseCases, system_database: Database, behind: Connection, clock: FixedClock
) -> None:
    goal = await weekly(members.member())

    await told(units, system_database)
    before = await rows(behind, goal)
    clock.advance(timedelta(days=3))
    while await units.tell_changed(system_database):
        pass

    assert before == [("2026-03-02", "2026-03-08", "done", 1), ("2026-03-09", "2026-03-15", "missed", 1)]
    assert await rows(behind, goal) == [*before, ("2026-03-16", "2026-03-22", "missed", 1)]


async def test_what_is_logged_corrected_and_taken_back_changes_what_was_told(
    members: GoalsMembers, units: DueUnitUseCases, system_database: Database, behind: Connection
) -> None:
    member = members.member()
    goal = await weekly(member)
    await told(units, system_database)

    late = [(await member.log(goal.goal_id, day)).activity for day in ("2026-03-10", "2026-03-11")]
    await told(units, system_database)
    after_late = await rows(behind, goal)
    await member.correct(late[0], "completed", completed=False)
    await told(units, system_database)
    after_correction = await rows(behind, goal)
    await member.correct(late[0], "completed", completed=True)
    await told(units, system_database)
    await member.take_back(late[1])
    await told(units, system_database)
    await told(units, system_database)

    assert [row[2:] for row in after_late] == [("done", 1), ("done", 2)]
    assert [row[2:] for row in after_correction] == [("done", 1), ("missed", 3)]
    assert [row[2:] for row in await rows(behind, goal)] == [("done", 1), ("missed", 5)]


async def test_a_vacation_from_all_goals_excuses_what_was_told(
    members: GoalsMembers, units: DueUnitUseCases, system_database: Database, behind: Connection
) -> None:
    member = members.member()
    goal = await weekly(member)
    await told(units, system_database)

    await member.vacation("2026-03-09", "2026-03-15")
    await told(units, system_database)

    assert [row[2] for row in await rows(behind, goal)] == ["done", "excused"]


async def test_units_that_are_none_any_more_leave_tombstones(
    members: GoalsMembers, units: DueUnitUseCases, system_database: Database, behind: Connection
) -> None:
    member = members.member()
    goal = await member.create(start_date=on("2026-03-02"), schedule=WEEKLY)
    await told(units, system_database)
    before = await rows(behind, goal)

    await member.update(goal.goal_id, schedule=goal_pb2.Schedule(period=goal_pb2.PERIOD_DAY))
    await told(units, system_database)

    graves = await behind.fetchval(
        "SELECT count(*) FROM goals.feed_tombstones WHERE entity = 'goals.due_units' AND member_id = $1",
        member.member_id,
    )
    assert len(before) == 2
    assert await rows(behind, goal) == []
    assert graves == 2


async def test_milestones_due_on_one_day_are_units_each(
    members: GoalsMembers, units: DueUnitUseCases, system_database: Database, behind: Connection
) -> None:
    member = members.member()
    steps = [goal_pb2.Milestone(title="Step", weight=1, due_date=on("2026-03-15")) for _ in range(2)]
    goal = await member.create(
        start_date=on("2026-03-02"), pattern=goal_pb2.PATTERN_MILESTONE, milestones=[*steps, steps[0]]
    )
    reached = goal.milestones[0].milestone_id
    await member.log(goal.goal_id, "2026-03-10", type=activity_pb2.ACTIVITY_TYPE_MILESTONE, milestone_id=reached)

    await told(units, system_database)

    assert sorted(row[2] for row in await rows(behind, goal)) == ["done", "missed", "missed"]


async def test_who_has_nothing_to_tell_is_not_looked_at_again(
    members: GoalsMembers, units: DueUnitUseCases, system_database: Database, behind: Connection, clock: FixedClock
) -> None:
    member = members.member()
    daily = await member.create()
    weekly_goal = await weekly(member)

    await told(units, system_database)

    watched = await behind.fetch(
        "SELECT goal_id, due_at FROM goals.due_unit_watches WHERE member_id = $1", member.member_id
    )
    assert [str(row["goal_id"]) for row in watched] == [weekly_goal.goal_id]
    assert watched[0]["due_at"] == clock.now().replace(hour=0) + timedelta(days=1)
    assert await rows(behind, daily) == []
