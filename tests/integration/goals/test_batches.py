"""Many activities at once: all or none."""

import asyncio
from typing import Any

import pytest
from google.type.date_pb2 import Date

from tandem.goals.v1 import activity_pb2, goal_pb2
from tests.support.goals import CHECK_IN, Connection, GoalsMembers, fields_of, goal_events, iso, on, refused

PROGRESS = activity_pb2.ACTIVITY_TYPE_PROGRESS
MILESTONE = activity_pb2.ACTIVITY_TYPE_MILESTONE
NOBODYS = "01920000-0000-7000-8000-000000000001"


def entry(goal: goal_pb2.Goal, day: str = "2026-03-19", **fields: Any) -> activity_pb2.Activity:
    said = {"type": CHECK_IN, "goal_id": goal.goal_id, "local_date": on(day)} | fields
    return activity_pb2.Activity(**said)


async def count(behind: Connection, *goals: goal_pb2.Goal) -> int:
    ids = [goal.goal_id for goal in goals]
    found: int = await behind.fetchval("SELECT count(*) FROM goals.activities WHERE goal_id = ANY($1::uuid[])", ids)
    return found


async def test_a_batch_over_several_goals(members: GoalsMembers, behind: Connection) -> None:
    member = members.member("Europe/Berlin")
    daily = await member.create("Read daily", start_date=on("2026-03-16"))
    amount = await member.create("Run", start_date=on("2026-03-16"), amount=goal_pb2.Amount(unit="km", min_value=5))
    context = activity_pb2.ActivityContext(location="Park", tags=["wet"])

    logged = await member.batch(
        entry(daily, "2026-03-17", note="first", mood=3),
        entry(amount, "2026-03-18", type=PROGRESS, value=5.5, context=context),
        entry(daily, "2026-03-18", completed=False),
        entry(daily, "2026-03-19"),
    )

    assert [(activity.goal_id, iso(activity.local_date)) for activity in logged] == [
        (daily.goal_id, "2026-03-17"),
        (amount.goal_id, "2026-03-18"),
        (daily.goal_id, "2026-03-18"),
        (daily.goal_id, "2026-03-19"),
    ]
    assert logged[1].context == context
    assert [activity.timezone for activity in logged] == ["Europe/Berlin"] * 4
    stored = (await member.activities(daily.goal_id)).activities
    assert list(stored) == [logged[3], logged[2], logged[0]]
    assert (await member.progress(amount.goal_id)).done == 1
    told = [event for event in await goal_events(behind, member) if event.event_type == "goals.activity_logged"]
    assert [event.aggregate_id for event in told] == [activity.activity_id for activity in logged]
    assert told[2].activity_logged.type == "check_in"


async def test_five_hundred_at_once(members: GoalsMembers, behind: Connection) -> None:
    member = members.member()
    goals = [await member.create(f"Goal {n}", start_date=on("2026-01-01")) for n in range(5)]

    logged = await member.batch(*(entry(goals[n % 5], f"2026-02-{1 + n % 28:02}") for n in range(500)))

    assert len({activity.activity_id for activity in logged}) == 500
    assert await count(behind, *goals) == 500
    error = await refused("VALIDATION_FAILED", member.batch(*(entry(goals[0]) for _ in range(501))))
    assert fields_of(error) == ["activities"]
    assert fields_of(await refused("VALIDATION_FAILED", member.batch())) == ["activities"]


async def test_one_broken_rule_stores_nothing_and_every_field_is_named(
    members: GoalsMembers, behind: Connection
) -> None:
    member = members.member()
    goal = await member.create(start_date=on("2026-03-16"))

    error = await refused(
        "VALIDATION_FAILED",
        member.batch(
            entry(goal),
            entry(goal, mood=7),
            entry(goal, "2026-03-21"),
            entry(goal, type=PROGRESS, value=1),
            entry(goal, habit_id=NOBODYS),
        ),
    )

    assert fields_of(error) == [
        "activities[1].mood",
        "activities[2].local_date",
        "activities[3].type",
        "activities[4].habit_id",
    ]
    assert await count(behind, goal) == 0


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"goal_id": "x"}, "activities[1].goal_id"),
        ({"habit_id": "x"}, "activities[1].habit_id"),
        ({"type": 77}, "activities[1].type"),
        ({"local_date": Date(year=2026)}, "activities[1].local_date"),
    ],
)
async def test_what_is_no_value_of_its_type_is_named(members: GoalsMembers, fields: dict[str, Any], field: str) -> None:
    member = members.member()
    goal = await member.create()

    error = await refused("VALIDATION_FAILED", member.batch(entry(goal, "2026-03-20"), entry(goal, **fields)))

    assert fields_of(error) == [field]


async def test_a_strangers_goal_stores_nothing(members: GoalsMembers, behind: Connection) -> None:
    owner, stranger = members.member(), members.member()
    goal, own = await owner.create(start_date=on("2026-03-16")), await stranger.create(start_date=on("2026-03-16"))

    error = await refused("NOT_FOUND", stranger.batch(entry(own), entry(goal)))
    unknown = await refused("NOT_FOUND", stranger.batch(entry(own), entry(own, goal_id=NOBODYS)))

    assert (error.message, error.metadata["field"]) == (unknown.message, "activities[1].goal_id")
    assert await count(behind, goal, own) == 0


async def test_an_archived_goal_stores_nothing(members: GoalsMembers, behind: Connection) -> None:
    member = members.member()
    goal, archived = await member.create(start_date=on("2026-03-16")), await member.create(start_date=on("2026-03-16"))
    await member.archive(archived.goal_id)

    error = await refused("CONFLICT", member.batch(entry(goal), entry(archived)))

    assert (error.metadata["field"], error.metadata["status"]) == ("activities[1].goal_id", "archived")
    assert await count(behind, goal, archived) == 0


async def test_the_same_key_is_one_batch(members: GoalsMembers, behind: Connection) -> None:
    member = members.member()
    goal = await member.create(start_date=on("2026-03-16"))

    first = await member.batch(entry(goal), entry(goal), key="b")
    again = await member.batch(entry(goal), entry(goal), key="b")

    assert member.replayed
    assert list(again) == list(first)
    assert await count(behind, goal) == 2
    assert len(await goal_events(behind, member)) == 3
    await refused("IDEMPOTENCY_KEY_REUSED", member.batch(entry(goal), key="b"))


async def test_twins_are_one_batch(members: GoalsMembers, behind: Connection) -> None:
    member = members.member()
    goal = await member.create(start_date=on("2026-03-16"))

    await asyncio.gather(*(member.batch(entry(goal), entry(goal), key="t") for _ in range(5)), return_exceptions=True)

    assert await count(behind, goal) == 2


async def test_milestones_of_a_batch_see_each_other(members: GoalsMembers, behind: Connection) -> None:
    member = members.member()
    steps = [goal_pb2.Milestone(title=title) for title in ("Outline", "Draft")]
    goal = await member.create("Thesis", pattern=goal_pb2.PATTERN_MILESTONE, milestones=steps)
    first, second = (
        entry(goal, "2026-03-20", type=MILESTONE, milestone_id=step.milestone_id) for step in goal.milestones
    )

    error = await refused("MILESTONE_DONE", member.batch(first, second, first))
    assert error.metadata["field"] == "activities[2].milestone_id"
    assert await count(behind, goal) == 0
    await member.batch(first)
    error = await refused("MILESTONE_DONE", member.batch(second, first))
    assert error.metadata["field"] == "activities[1].milestone_id"
    assert await count(behind, goal) == 1

    await member.batch(second)
    assert (await member.get(goal.goal_id)).status == goal_pb2.STATUS_COMPLETED


async def test_a_batch_completes_every_goal_that_it_reaches(members: GoalsMembers) -> None:
    member = members.member()
    target = goal_pb2.Target(unit="km", start_value=0, target_value=10)
    goals = [await member.create(f"{n}", pattern=goal_pb2.PATTERN_TARGET, target=target) for n in range(3)]

    await member.batch(
        *(entry(goal, "2026-03-20", type=PROGRESS, value=value) for goal in goals[:2] for value in (4, 6)),
        entry(goals[2], "2026-03-20", type=PROGRESS, value=9),
    )

    assert [(await member.get(goal.goal_id)).status for goal in goals] == [
        goal_pb2.STATUS_COMPLETED,
        goal_pb2.STATUS_COMPLETED,
        goal_pb2.STATUS_ACTIVE,
    ]
