"""Entries corrected and taken back: everything is derived anew, and what they were is kept."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from google.protobuf.timestamp_pb2 import Timestamp

from chassis.clock import FixedClock
from chassis.errors import TandemError
from tandem.goals.v1 import activity_pb2, goal_pb2
from tandem.goals.v1 import goals_service_pb2 as pb
from tests.support.goals import Connection, GoalsMember, GoalsMembers, fields_of, goal_events, on, refused

PROGRESS = activity_pb2.ACTIVITY_TYPE_PROGRESS
MILESTONE = activity_pb2.ACTIVITY_TYPE_MILESTONE


async def history_of(behind: Connection, activity: activity_pb2.Activity) -> list[tuple[bool | None, str]]:
    rows = await behind.fetch(
        "SELECT completed, note FROM goals.activity_history WHERE activity_id = $1 ORDER BY valid_from",
        activity.activity_id,
    )
    return [(row["completed"], row["note"]) for row in rows]


async def test_a_correction_answers_with_progress_derived_anew(
    members: GoalsMembers, behind: Connection, clock: FixedClock
) -> None:
    member = members.member()
    goal = await member.create(start_date=on("2026-03-16"))
    await member.log(goal.goal_id, "2026-03-18")
    logged = (await member.log(goal.goal_id, "2026-03-19", note="before")).activity
    clock.advance(timedelta(minutes=1))

    corrected = await member.correct(logged, completed=False, mood=2)

    assert (corrected.activity.completed, corrected.activity.note, corrected.activity.mood) == (False, "before", 2)
    assert corrected.activity.local_date == logged.local_date
    assert corrected.activity.update_time.seconds == logged.update_time.seconds + 60
    assert (corrected.progress.done, corrected.progress.missed) == (1, 3)
    assert corrected.progress == await member.progress(goal.goal_id)
    assert await history_of(behind, logged) == [(True, "before")]
    event = (await goal_events(behind, member))[-1]
    assert (event.event_type, event.aggregate_id) == ("goals.activity_corrected", logged.activity_id)
    assert event.activity_corrected.goal_id == goal.goal_id


async def test_a_correction_that_changes_nothing_tells_nobody(members: GoalsMembers, behind: Connection) -> None:
    member = members.member()
    goal = await member.create()
    logged = (await member.log(goal.goal_id, note="same")).activity

    corrected = await member.correct(logged, note="same")

    assert corrected.activity == logged
    assert await history_of(behind, logged) == []
    assert len(await goal_events(behind, member)) == 2


async def test_several_corrections_keep_every_version(members: GoalsMembers, behind: Connection) -> None:
    member = members.member()
    goal = await member.create()
    logged = (await member.log(goal.goal_id, note="one")).activity

    await member.correct(logged, note="two")
    await member.correct(logged, note="three")
    await member.take_back(logged)

    assert [note for _, note in await history_of(behind, logged)] == ["one", "two", "three"]


async def test_an_entry_taken_back_counts_no_more(members: GoalsMembers, behind: Connection) -> None:
    member = members.member()
    goal = await member.create(start_date=on("2026-03-16"))
    before = await member.progress(goal.goal_id)
    logged = (await member.log(goal.goal_id, "2026-03-18")).activity

    await member.take_back(logged)

    assert await member.progress(goal.goal_id) == before
    assert (await member.activities(goal.goal_id)).activities == []
    event = (await goal_events(behind, member))[-1]
    assert (event.event_type, event.activity_removed.activity_id) == ("goals.activity_removed", logged.activity_id)
    await refused("NOT_FOUND", member.take_back(logged))
    await refused("NOT_FOUND", member.correct(logged, note="x"))


async def test_the_day_of_an_entry_cannot_be_corrected(members: GoalsMembers) -> None:
    member = members.member()
    goal = await member.create(start_date=on("2026-03-16"))
    logged = (await member.log(goal.goal_id)).activity

    error = await refused("VALIDATION_FAILED", member.correct(logged, local_date=on("2026-03-19")))

    assert fields_of(error) == ["local_date"]


@pytest.mark.parametrize(
    ("paths", "fields", "field"),
    [
        (("type",), {}, "type"),
        (("completed",), {}, "completed"),
        (("value",), {"value": 1.0}, "value"),
        (("mood",), {"mood": 9}, "mood"),
        (("note",), {"note": "x" * 10_001}, "note"),
        (("context",), {"context": activity_pb2.ActivityContext(energy=7)}, "context.energy"),
        (("occur_time",), {"occur_time": Timestamp(seconds=4_000_000_000)}, "occurred_at"),
        (("nonsense",), {}, "nonsense"),
    ],
)
async def test_a_broken_rule_names_its_field(
    members: GoalsMembers, paths: tuple[str, ...], fields: dict[str, Any], field: str
) -> None:
    member = members.member()
    goal = await member.create()
    logged = (await member.log(goal.goal_id, note="kept")).activity

    error = await refused("VALIDATION_FAILED", member.correct(logged, *paths, **fields))

    assert fields_of(error) == [field]
    assert (await member.activities(goal.goal_id)).activities == [logged]


async def test_a_stranger_corrects_and_takes_back_nothing(members: GoalsMembers) -> None:
    owner, stranger = members.member(), members.member()
    goal, strangers = await owner.create(), await stranger.create()
    logged = (await owner.log(goal.goal_id)).activity

    await refused("NOT_FOUND", stranger.correct(logged, note="mine"))
    await refused("NOT_FOUND", stranger.take_back(logged))
    moved = activity_pb2.Activity(goal_id=strangers.goal_id, activity_id=logged.activity_id)
    await refused("NOT_FOUND", stranger.correct(moved, note="mine"))
    await refused("NOT_FOUND", stranger.take_back(moved))

    assert (await owner.activities(goal.goal_id)).activities == [logged]


async def test_an_entry_is_found_on_its_own_goal_only(members: GoalsMembers) -> None:
    member = members.member()
    goal, other = await member.create(), await member.create()
    logged = (await member.log(goal.goal_id)).activity
    moved = activity_pb2.Activity(goal_id=other.goal_id, activity_id=logged.activity_id)

    await refused("NOT_FOUND", member.correct(moved, note="x"))
    await refused("NOT_FOUND", member.take_back(moved))


async def test_the_same_key_corrects_once(members: GoalsMembers, behind: Connection) -> None:
    member = members.member()
    goal = await member.create()
    logged = (await member.log(goal.goal_id)).activity

    first = await member.correct(logged, note="one", key="k")
    await member.correct(logged, note="two")
    again = await member.correct(logged, note="one", key="k")

    assert member.replayed
    assert again == first
    assert [note for _, note in await history_of(behind, logged)] == ["", "one"]


async def test_the_same_key_takes_back_once(members: GoalsMembers) -> None:
    member = members.member()
    goal = await member.create()
    logged = (await member.log(goal.goal_id)).activity

    answers = await asyncio.gather(*(member.take_back(logged, key="gone") for _ in range(4)), return_exceptions=True)
    await member.take_back(logged, key="gone")

    assert member.replayed
    refusals = {answer.reason for answer in answers if isinstance(answer, TandemError)}
    assert refusals <= {"IDEMPOTENCY_IN_PROGRESS", "CONFLICT"}


async def test_completed_goals_take_corrections_and_archived_ones_none(members: GoalsMembers) -> None:
    member = members.member()
    goal = await member.create()
    logged = (await member.log(goal.goal_id)).activity
    await member.update(goal.goal_id, status=goal_pb2.STATUS_COMPLETED)

    await refused("CONFLICT", member.log(goal.goal_id))
    corrected = (await member.correct(logged, note="late")).activity
    await member.archive(goal.goal_id)
    await refused("CONFLICT", member.correct(corrected, note="later"))
    await refused("CONFLICT", member.take_back(corrected))

    assert (await member.activities(goal.goal_id)).activities == [corrected]


async def test_only_the_gateway_corrects(members: GoalsMembers) -> None:
    member = members.member()
    goal = await member.create()
    logged = (await member.log(goal.goal_id)).activity

    coach = members.through("coach", member)
    await refused("FORBIDDEN", coach.correct(logged, note="x"))
    await refused("FORBIDDEN", coach.take_back(logged))
    await refused("FORBIDDEN", coach.batch(activity_pb2.Activity(goal_id=goal.goal_id, type=PROGRESS)))


# Goals that complete by what is logged.


async def weight(member: GoalsMember) -> goal_pb2.Goal:
    target = goal_pb2.Target(unit="kg", start_value=80, target_value=75, aggregation=goal_pb2.AGGREGATION_LAST)
    return await member.create("Weigh less", pattern=goal_pb2.PATTERN_TARGET, target=target)


async def test_a_target_completes_and_a_correction_undoes_it(members: GoalsMembers, behind: Connection) -> None:
    member = members.member()
    goal = await weight(member)

    reached = await member.log(goal.goal_id, type=PROGRESS, value=74.5)
    completed = await member.get(goal.goal_id)
    undone = await member.correct(reached.activity, value=78)

    assert completed.status == goal_pb2.STATUS_COMPLETED
    assert completed.etag != goal.etag
    assert reached.progress.state == goal_pb2.PROGRESS_STATE_DONE
    assert undone.progress.percent == pytest.approx(40)
    again = await member.get(goal.goal_id)
    assert (again.status, again.HasField("completed_on")) == (goal_pb2.STATUS_ACTIVE, False)
    assert [event.event_type for event in await goal_events(behind, member)] == [
        "goals.goal_created",
        "goals.activity_logged",
        "goals.goal_completed",
        "goals.activity_corrected",
        "goals.goal_updated",
    ]


async def test_a_goal_that_would_be_active_again_needs_a_place(members: GoalsMembers) -> None:
    member = members.member()
    goal = await weight(member)
    reached = await member.log(goal.goal_id, type=PROGRESS, value=74.5)
    others = [await member.create(f"Goal {n}") for n in range(50)]

    await refused("GOAL_QUOTA_EXCEEDED", member.correct(reached.activity, value=78))
    await refused("GOAL_QUOTA_EXCEEDED", member.take_back(reached.activity))
    assert (await member.get(goal.goal_id)).status == goal_pb2.STATUS_COMPLETED
    await member.archive(others[0].goal_id)
    await member.correct(reached.activity, value=78)

    assert (await member.get(goal.goal_id)).status == goal_pb2.STATUS_ACTIVE


async def test_two_halves_at_once_complete_a_target(members: GoalsMembers) -> None:
    member = members.member()
    target = goal_pb2.Target(unit="km", start_value=0, target_value=10)
    goal = await member.create("Run 10 km", pattern=goal_pb2.PATTERN_TARGET, target=target)

    await asyncio.gather(*(member.log(goal.goal_id, type=PROGRESS, value=2) for _ in range(5)))

    assert (await member.get(goal.goal_id)).status == goal_pb2.STATUS_COMPLETED


async def test_the_latest_of_a_day_counts_whenever_it_was_logged(members: GoalsMembers) -> None:
    member = members.member()
    goal = await weight(member)
    noon, morning = Timestamp(), Timestamp()
    noon.FromDatetime(datetime(2026, 3, 20, 11, 30, tzinfo=UTC))
    morning.FromDatetime(datetime(2026, 3, 20, 7, tzinfo=UTC))

    await member.log(goal.goal_id, type=PROGRESS, value=78, occur_time=noon)
    logged = await member.log(goal.goal_id, type=PROGRESS, value=79, occur_time=morning)

    assert logged.progress.pace.actual == 78
    assert logged.progress == await member.progress(goal.goal_id)


async def thesis(member: GoalsMember, *titles: str) -> goal_pb2.Goal:
    steps = [goal_pb2.Milestone(title=title) for title in titles]
    return await member.create("Thesis", pattern=goal_pb2.PATTERN_MILESTONE, milestones=steps)


async def test_milestones_are_done_once_and_complete_the_goal(members: GoalsMembers, behind: Connection) -> None:
    member = members.member()
    goal = await thesis(member, "Outline", "Draft")
    outline, draft = (step.milestone_id for step in goal.milestones)

    first = await member.log(goal.goal_id, type=MILESTONE, milestone_id=outline)
    error = await refused("MILESTONE_DONE", member.log(goal.goal_id, type=MILESTONE, milestone_id=outline))
    half = await member.get(goal.goal_id)
    last = await member.log(goal.goal_id, type=MILESTONE, milestone_id=draft)
    done = await member.get(goal.goal_id)
    await member.take_back(last.activity)
    reopened = await member.get(goal.goal_id)

    assert first.progress.percent == 50
    assert "once" in error.message
    assert [step.HasField("done_time") for step in half.milestones] == [True, False]
    assert half.milestones[0].done_time == first.activity.occur_time
    assert (done.status, last.progress.percent) == (goal_pb2.STATUS_COMPLETED, 100)
    assert (reopened.status, [step.HasField("done_time") for step in reopened.milestones]) == (
        goal_pb2.STATUS_ACTIVE,
        [True, False],
    )
    assert (await member.log(goal.goal_id, type=MILESTONE, milestone_id=draft)).activity.milestone_id == draft


async def test_twins_do_a_milestone_once(members: GoalsMembers, behind: Connection) -> None:
    member = members.member()
    goal = await thesis(member, "Outline", "Draft")
    step = goal.milestones[0].milestone_id

    answers = await asyncio.gather(
        *(member.log(goal.goal_id, type=MILESTONE, milestone_id=step) for _ in range(6)), return_exceptions=True
    )

    assert sum(isinstance(answer, pb.LogActivityResponse) for answer in answers) == 1
    assert {answer.reason for answer in answers if isinstance(answer, TandemError)} == {"MILESTONE_DONE"}
    assert await behind.fetchval("SELECT count(*) FROM goals.activities WHERE goal_id = $1", goal.goal_id) == 1


async def test_milestones_that_stay_keep_what_was_done(members: GoalsMembers) -> None:
    member = members.member()
    goal = await thesis(member, "Outline", "Draft", "Print")
    outline = goal.milestones[0]
    await member.log(goal.goal_id, type=MILESTONE, milestone_id=outline.milestone_id)

    changed = await member.update(
        goal.goal_id,
        milestones=[
            goal_pb2.Milestone(title="Bind"),
            goal_pb2.Milestone(milestone_id=outline.milestone_id, title="Plan", weight=3),
        ],
    )

    assert [(step.title, step.HasField("done_time")) for step in changed.milestones] == [
        ("Bind", False),
        ("Plan", True),
    ]
    assert changed.progress_summary.percent == 75
