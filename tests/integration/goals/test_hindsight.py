"""Progress looked back at: on another day, and with what was known then."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from google.protobuf.timestamp_pb2 import Timestamp
from google.type.date_pb2 import Date

from chassis.clock import FixedClock
from tandem.goals.v1 import activity_pb2, goal_pb2
from tests.support.goals import GoalsMembers, fields_of, iso, on, refused


def at(instant: datetime) -> Timestamp:
    message = Timestamp()
    message.FromDatetime(instant)
    return message


async def test_a_past_day_is_told_as_it_was_then(members: GoalsMembers, clock: FixedClock) -> None:
    member = members.member()
    goal = await member.create(start_date=on("2026-03-09"))
    await member.log(goal.goal_id, "2026-03-09")
    await member.log(goal.goal_id, "2026-03-10", mood=3)
    as_it_was = await member.progress(goal.goal_id, date=on("2026-03-10"))

    await member.log(goal.goal_id, "2026-03-12")
    await member.log(goal.goal_id)
    await member.update(goal.goal_id, status=goal_pb2.STATUS_COMPLETED)

    again = await member.progress(goal.goal_id, date=on("2026-03-10"))
    assert again == as_it_was
    assert (iso(again.start_date), iso(again.end_date), again.done, again.due) == ("2026-03-09", "2026-03-15", 2, 2)
    assert again.streak.current == 2
    assert again.state == goal_pb2.PROGRESS_STATE_AHEAD
    assert len(again.series) == 2
    today = await member.progress(goal.goal_id, date=on("2026-03-20"))
    assert today == await member.progress(goal.goal_id)


async def test_entries_are_as_they_stood(members: GoalsMembers, clock: FixedClock) -> None:
    member = members.member()
    goal = await member.create(start_date=on("2026-03-16"))
    noon = clock.now()
    kept = (await member.log(goal.goal_id, "2026-03-16")).activity
    wrong = (await member.log(goal.goal_id, "2026-03-17")).activity
    known = {noon: await member.progress(goal.goal_id)}

    clock.advance(timedelta(minutes=10))
    await member.correct(wrong, completed=False)
    known[clock.now()] = await member.progress(goal.goal_id)
    clock.advance(timedelta(minutes=10))
    await member.take_back(kept)
    known[clock.now()] = await member.progress(goal.goal_id)
    clock.advance(timedelta(minutes=10))
    await member.log(goal.goal_id, "2026-03-18")
    await member.log(goal.goal_id, "2026-03-19")

    for instant, progress in known.items():
        assert await member.progress(goal.goal_id, known_at=at(instant)) == progress
        assert await member.progress(goal.goal_id, known_at=at(instant + timedelta(minutes=9))) == progress
    assert [progress.done for progress in known.values()] == [2, 1, 0]
    assert (await member.progress(goal.goal_id, known_at=at(clock.now()))) == await member.progress(goal.goal_id)


async def test_rules_phases_and_vacations_are_as_they_stood(members: GoalsMembers, clock: FixedClock) -> None:
    member = members.member()
    goal = await member.create("Stretch", start_date=on("2026-03-16"))
    before = await member.progress(goal.goal_id)
    made = clock.now()
    clock.advance(timedelta(minutes=10))
    of_goal = await member.vacation("2026-03-16", "2026-03-17", goal_id=goal.goal_id)
    await member.vacation("2026-03-18", "2026-03-18")
    away, while_away = await member.progress(goal.goal_id), clock.now()
    clock.advance(timedelta(minutes=10))
    await member.end_vacation(of_goal)
    await member.update(goal.goal_id, status=goal_pb2.STATUS_PAUSED)

    assert (before.skipped, away.skipped) == (0, 3)
    assert await member.progress(goal.goal_id, known_at=at(made)) == before
    assert await member.progress(goal.goal_id, known_at=at(while_away)) == away
    assert (await member.progress(goal.goal_id)).skipped == 1


async def test_day_and_knowledge_are_independent(members: GoalsMembers, clock: FixedClock) -> None:
    member = members.member()
    goal = await member.create(start_date=on("2026-03-16"))
    await member.log(goal.goal_id, "2026-03-16")
    known = clock.now()
    clock.advance(timedelta(minutes=1))
    await member.log(goal.goal_id, "2026-03-17")

    then = await member.progress(goal.goal_id, date=on("2026-03-18"), known_at=at(known))
    now = await member.progress(goal.goal_id, date=on("2026-03-18"))

    assert (then.done, then.due, now.done, now.due) == (1, 2, 2, 2)


async def test_milestones_and_readings_are_as_they_stood(members: GoalsMembers, clock: FixedClock) -> None:
    member = members.member()
    steps = [goal_pb2.Milestone(title=title) for title in ("Outline", "Draft")]
    goal = await member.create("Thesis", pattern=goal_pb2.PATTERN_MILESTONE, milestones=steps)
    known = clock.now()
    clock.advance(timedelta(minutes=1))
    for step in goal.milestones:
        await member.log(goal.goal_id, type=activity_pb2.ACTIVITY_TYPE_MILESTONE, milestone_id=step.milestone_id)

    then, now = await member.progress(goal.goal_id, known_at=at(known)), await member.progress(goal.goal_id)

    assert (then.percent, now.percent) == (0, 100)
    assert then.state != goal_pb2.PROGRESS_STATE_DONE
    assert now.state == goal_pb2.PROGRESS_STATE_DONE


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"date": on("2026-03-21")}, "date"),
        ({"date": Date(year=2026, month=2, day=30)}, "date"),
        ({"date": on("1899-12-31")}, "date"),
        ({"known_at": at(datetime(2026, 3, 20, 12, 1, tzinfo=UTC))}, "known_at"),
        ({"known_at": at(datetime(2026, 3, 20, 11, 59, tzinfo=UTC))}, "known_at"),
        ({"known_at": Timestamp(seconds=253_402_300_799)}, "known_at"),
        ({"known_at": Timestamp(seconds=-62_135_596_800)}, "known_at"),
    ],
)
async def test_a_broken_rule_names_its_field(members: GoalsMembers, fields: dict[str, Any], field: str) -> None:
    member = members.member()
    goal = await member.create()

    assert fields_of(await refused("VALIDATION_FAILED", member.progress(goal.goal_id, **fields))) == [field]


async def test_a_stranger_looks_back_at_nothing(members: GoalsMembers, clock: FixedClock) -> None:
    owner, stranger = members.member(), members.member()
    goal = await owner.create()
    await stranger.create()

    await refused("NOT_FOUND", stranger.progress(goal.goal_id, date=on("2026-03-20")))
    await refused("NOT_FOUND", stranger.progress(goal.goal_id, known_at=at(clock.now())))


async def test_moods_are_compared_for_a_past_day_as_well(members: GoalsMembers) -> None:
    member = members.member()
    goal = await member.create(start_date=on("2026-03-01"))
    entries = [
        activity_pb2.Activity(
            goal_id=goal.goal_id,
            type=activity_pb2.ACTIVITY_TYPE_CHECK_IN,
            local_date=on(f"2026-03-{n:02}"),
            completed=n <= 6,
            mood=5 if n <= 6 else 2,
        )
        for n in range(1, 13)
    ]
    await member.batch(*entries)

    today, then = await member.progress(goal.goal_id), await member.progress(goal.goal_id, date=on("2026-03-14"))

    for progress in (today, then):
        [mood] = [fact for fact in progress.facts if fact.kind == "mood"]
        assert (mood.numbers["mood_done"], mood.numbers["mood_missed"], mood.goal_id) == (5, 2, goal.goal_id)
    assert [fact.kind for fact in (await member.progress(goal.goal_id, date=on("2026-03-10"))).facts] == []
