"""Activities and what follows from them, from end to end."""

import asyncio
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from google.protobuf.timestamp_pb2 import Timestamp
from google.type.date_pb2 import Date

from chassis.clock import FixedClock
from chassis.errors import InvalidArgument, TandemError
from tandem.goals.v1 import activity_pb2, goal_pb2, progress_pb2
from tandem.goals.v1 import goals_service_pb2 as pb
from tests.support.goals import CHECK_IN, Connection, GoalsMembers, goal_events, iso, on

PROGRESS = activity_pb2.ACTIVITY_TYPE_PROGRESS
SKIP = activity_pb2.ACTIVITY_TYPE_SKIP
NOTE = activity_pb2.ACTIVITY_TYPE_NOTE


def stamp(at: datetime) -> Timestamp:
    message = Timestamp()
    message.FromDatetime(at)
    return message


async def test_logging_answers_with_progress(members: GoalsMembers, behind: Connection) -> None:
    member = members.member("Europe/Berlin")
    goal = await member.create(start_date=on("2026-03-16"))

    await member.log(goal.goal_id, "2026-03-16")
    await member.log(goal.goal_id, "2026-03-17")
    await member.log(goal.goal_id, "2026-03-18", type=SKIP)
    logged = await member.log(
        goal.goal_id,
        note="Rain",
        mood=4,
        context=activity_pb2.ActivityContext(location="Park", energy=3, tags=["wet"]),
    )

    activity, progress = logged.activity, logged.progress
    assert (iso(activity.local_date), activity.timezone, activity.completed) == ("2026-03-20", "Europe/Berlin", True)
    assert (activity.note, activity.mood, activity.context.location) == ("Rain", 4, "Park")
    assert (progress.due, progress.done, progress.missed, progress.skipped) == (4, 3, 1, 1)
    assert progress.percent == 75
    assert (progress.streak.current, progress.streak.longest) == (1, 2)
    assert progress.state == goal_pb2.PROGRESS_STATE_AHEAD
    assert [(iso(point.date), point.value) for point in progress.series] == [
        ("2026-03-16", 1), ("2026-03-17", 1), ("2026-03-18", 0), ("2026-03-19", 0), ("2026-03-20", 1),
    ]  # fmt: skip
    assert progress == await member.progress(goal.goal_id)
    assert (await member.get(goal.goal_id)).progress_summary.current_streak == 1
    event = (await goal_events(behind, member))[-1]
    assert (event.event_type, event.activity_logged.type, iso(event.activity_logged.local_date)) == (
        "goals.activity_logged",
        "check_in",
        "2026-03-20",
    )


async def test_progress_of_every_span(members: GoalsMembers) -> None:
    member = members.member()
    goal = await member.create(start_date=on("2026-01-01"))
    await member.log(goal.goal_id, "2026-03-19")

    spans = {}
    for name in ("WEEK", "MONTH", "QUARTER", "YEAR", "ALL"):
        progress = await member.progress(goal.goal_id, period=getattr(progress_pb2, f"PROGRESS_PERIOD_{name}"))
        spans[name] = (iso(progress.start_date), iso(progress.end_date), progress.due)

    assert spans == {
        "WEEK": ("2026-03-16", "2026-03-22", 4),
        "MONTH": ("2026-03-01", "2026-03-31", 19),
        "QUARTER": ("2026-01-01", "2026-03-31", 78),
        "YEAR": ("2026-01-01", "2026-12-31", 78),
        "ALL": ("2026-01-01", "2026-03-20", 78),
    }


async def test_amounts_are_summed(members: GoalsMembers) -> None:
    member = members.member()
    goal = await member.create("Run", amount=goal_pb2.Amount(unit="km", min_value=0.3))

    await member.log(goal.goal_id, type=PROGRESS, value=0.1)
    half = await member.log(goal.goal_id, type=PROGRESS, value=0.1)
    full = await member.log(goal.goal_id, type=PROGRESS, value=0.1)

    assert half.progress.state == goal_pb2.PROGRESS_STATE_ON_TRACK
    assert full.progress.percent == 100
    assert full.progress == await member.progress(goal.goal_id)


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"local_date": on("2026-03-21")}, "local_date"),
        ({"local_date": on("2026-03-01")}, "local_date"),
        ({"local_date": Date(year=2026, month=2, day=30)}, "local_date"),
        ({"local_date": Date(year=2026)}, "local_date"),
        ({"local_date": Date(year=1, month=1, day=1)}, "local_date"),
        ({"occur_time": Timestamp(seconds=253_402_300_799)}, "occurred_at"),
        ({"occur_time": Timestamp(seconds=-62_135_596_800)}, "occurred_at"),
        ({"type": 0}, "type"),
        ({"type": 77}, "type"),
        ({"type": activity_pb2.ACTIVITY_TYPE_MILESTONE}, "type"),
        ({"type": PROGRESS, "value": float("nan")}, "value"),
        ({"type": PROGRESS, "value": float("inf")}, "value"),
        ({"type": PROGRESS, "value": -1e13}, "value"),
        ({"type": PROGRESS}, "value"),
        ({"note": "x" * 10_001}, "note"),
        ({"note": "\x00"}, "note"),
        ({"mood": 9}, "mood"),
        ({"context": activity_pb2.ActivityContext(tags=[""])}, "context.tags[0]"),
    ],
)
async def test_a_broken_rule_names_its_field_and_changes_nothing(
    members: GoalsMembers, behind: Connection, fields: dict[str, Any], field: str
) -> None:
    member = members.member()
    goal = await member.create(start_date=on("2026-03-10"), amount=goal_pb2.Amount(unit="km", min_value=1))

    with pytest.raises(InvalidArgument) as problem:
        await member.log(goal.goal_id, None, **fields)

    assert field in [violation.field for violation in problem.value.violations]
    assert await behind.fetchval("SELECT count(*) FROM goals.activities WHERE goal_id = $1", goal.goal_id) == 0


async def test_a_validation_failure_does_not_use_up_its_key(members: GoalsMembers) -> None:
    member = members.member()
    goal = await member.create()

    with pytest.raises(InvalidArgument):
        await member.log(goal.goal_id, mood=9, key="k")

    assert (await member.log(goal.goal_id, mood=5, key="k")).activity.mood == 5


async def test_the_same_key_logs_once(members: GoalsMembers, behind: Connection) -> None:
    member, other = members.member(), members.member()
    goal, others = await member.create(), await other.create()

    first = await member.log(goal.goal_id, key="once")
    await member.log(goal.goal_id)
    again = await member.log(goal.goal_id, key="once")
    await other.log(others.goal_id, key="once")

    assert member.replayed
    assert again == first
    assert await behind.fetchval("SELECT count(*) FROM goals.activities WHERE goal_id = $1", goal.goal_id) == 2
    assert len(await goal_events(behind, member)) == 3
    with pytest.raises(TandemError, match="another request"):
        await member.log(goal.goal_id, "2026-03-20", key="once")


async def test_twins_log_once(members: GoalsMembers, behind: Connection) -> None:
    member = members.member()
    goal = await member.create()

    answers = await asyncio.gather(*(member.log(goal.goal_id, key="twin") for _ in range(10)), return_exceptions=True)

    logged = {answer.activity.activity_id for answer in answers if isinstance(answer, pb.LogActivityResponse)}
    refusals = {answer.reason for answer in answers if isinstance(answer, TandemError)}
    assert len(logged) == 1
    assert refusals <= {"IDEMPOTENCY_IN_PROGRESS"}
    assert await behind.fetchval("SELECT count(*) FROM goals.activities WHERE goal_id = $1", goal.goal_id) == 1


async def test_check_ins_never_conflict(members: GoalsMembers) -> None:
    member = members.member()
    goal = await member.create("Stretch 3 times a day")

    await asyncio.gather(*(member.log(goal.goal_id) for _ in range(3)))

    assert (await member.get(goal.goal_id)).progress_summary.percent == 100


async def test_lists_are_newest_first_and_complete(members: GoalsMembers, clock: FixedClock) -> None:
    member = members.member()
    goal = await member.create(start_date=on("2026-03-01"))
    there = []
    for n in range(9):
        clock.advance(timedelta(seconds=1))
        there.append((await member.log(goal.goal_id, f"2026-03-{10 + n % 4:02}")).activity)
    note = (await member.log(goal.goal_id, "2026-03-12", type=NOTE, note="hm")).activity

    shown: list[activity_pb2.Activity] = []
    token = ""
    while True:
        page = await member.activities(goal.goal_id, page_size=4, page_token=token)
        shown += page.activities
        token = page.next_page_token
        if not token:
            break
        await member.log(goal.goal_id, "2026-03-20")

    def order(activity: activity_pb2.Activity) -> tuple[str, int, int, str]:
        at = activity.occur_time
        return iso(activity.local_date), at.seconds, at.nanos, activity.activity_id

    assert shown == sorted([*there, note], key=order, reverse=True)
    of_day = await member.activities(goal.goal_id, from_date=on("2026-03-12"), to_date=on("2026-03-12"))
    assert {iso(a.local_date) for a in of_day.activities} == {"2026-03-12"}
    assert (await member.activities(goal.goal_id, type=NOTE)).activities == [note]
    with pytest.raises(InvalidArgument):
        await member.activities(goal.goal_id, from_date=on("2026-03-12"), to_date=on("2026-03-11"))


async def test_the_day_is_the_members_own(members: GoalsMembers, clock: FixedClock) -> None:
    member = members.member("America/Los_Angeles", day_start_hour=4)
    goal = await member.create(start_date=on("2026-03-01"))

    clock.turn_to(datetime(2026, 3, 20, 10, 59, tzinfo=UTC))
    night = await member.log(goal.goal_id)
    clock.turn_to(datetime(2026, 3, 20, 11, 1, tzinfo=UTC))
    morning = await member.log(goal.goal_id)

    assert iso(night.activity.local_date) == "2026-03-19"
    assert iso(morning.activity.local_date) == "2026-03-20"
    earlier = await member.log(goal.goal_id, occur_time=stamp(datetime(2026, 3, 19, 10, 0, tzinfo=UTC)))
    assert iso(earlier.activity.local_date) == "2026-03-18"


async def test_the_dashboard_shows_all_active_goals(members: GoalsMembers, clock: FixedClock) -> None:
    member = members.member()
    assert iso((await member.overview()).today) == "2026-03-20"
    daily = await member.create("Read daily", start_date=on("2026-03-16"))
    clock.advance(timedelta(seconds=1))
    weekly = await member.create("Run 3x per week", start_date=on("2026-03-09"))
    archived = await member.create("Old")
    await member.archive(archived.goal_id)
    await member.log(daily.goal_id, "2026-03-17")
    clock.advance(timedelta(minutes=1))
    await member.log(daily.goal_id)

    overview = await member.overview(1)

    assert [shown.goal.goal_id for shown in overview.goals] == [weekly.goal_id, daily.goal_id]
    assert overview.goals[1].progress == await member.progress(daily.goal_id)
    assert list(overview.due_today_goal_ids) == [weekly.goal_id]
    assert overview.completion_rate_7d == pytest.approx(100 / 5)
    assert [iso(activity.local_date) for activity in overview.recent_activities] == ["2026-03-20"]
    assert iso(overview.goals[1].last_entry_date) == "2026-03-20"
    assert not overview.goals[0].HasField("last_entry_date")
    assert not overview.HasField("logged_from_date")
    assert not overview.goals[1].logged_days
    with pytest.raises(InvalidArgument):
        await member.overview(51)
    with pytest.raises(InvalidArgument):
        await member.overview(logged_days=32)


async def test_an_overview_that_is_asked_for_again_tells_what_has_changed(
    members: GoalsMembers, clock: FixedClock
) -> None:
    """What is derived of a goal is kept with its row, for one day."""
    member = members.member()
    goal = await member.create(start_date=on("2026-03-18"))
    await member.log(goal.goal_id, "2026-03-19", completed=True)

    first, again = await member.overview(logged_days=14), await member.overview(logged_days=14)
    other = await member.overview(logged_days=1)
    await member.update(goal.goal_id, "title", title="Walk")
    await member.log(goal.goal_id, completed=True)
    logged = await member.overview(logged_days=14)
    clock.advance(timedelta(days=1))
    next_day = await member.overview(logged_days=14)

    assert again == first
    assert (len(first.goals[0].logged_days), len(other.goals[0].logged_days)) == (1, 0)
    assert (first.goals[0].goal.title, logged.goals[0].goal.title) == (goal.title, "Walk")
    assert len(logged.goals[0].logged_days) == 2
    assert [len(each.due_today_goal_ids) for each in (first, logged, next_day)] == [1, 0, 1]
    assert iso(next_day.today) == "2026-03-21"
    for told in (logged, next_day):
        assert told.goals[0].progress.streak.current == 2


async def test_nothing_that_is_kept_for_overviews_outlives_a_change(members: GoalsMembers) -> None:
    """After each change an overview shows what the goal's own progress shows, and another thing than before."""
    member = members.member()
    goal_id = (await member.create(start_date=on("2026-03-10"))).goal_id
    for day in ("2026-03-16", "2026-03-17", "2026-03-19"):
        await member.log(goal_id, day, completed=True)
    entry = (await member.log(goal_id, completed=True)).activity

    async def shown() -> tuple[Any, Any]:
        overview = await member.overview(logged_days=14)
        assert overview.goals[0].progress == await member.progress(goal_id)
        return overview.goals[0].progress, tuple(map(str, overview.goals[0].logged_days))

    seen = [await shown()]
    await member.correct(entry, completed=False)
    seen.append(await shown())
    await member.take_back(entry)
    seen.append(await shown())
    vacation = await member.vacation("2026-03-18", "2026-03-20", goal_id=goal_id)
    seen.append(await shown())
    await member.end_vacation(vacation)
    back = await shown()

    assert all(before != after for before, after in pairwise(seen))
    assert back == seen[2]


async def test_an_overview_tells_what_was_completed_lately(members: GoalsMembers, clock: FixedClock) -> None:
    member = members.member()
    done = goal_pb2.STATUS_COMPLETED
    long_ago, lately = await member.create("Swim"), await member.create("Read")
    await member.update(long_ago.goal_id, "status", status=done)
    clock.advance(timedelta(days=1))
    await member.update(lately.goal_id, "status", status=done)
    clock.advance(timedelta(days=30))

    overview = await member.overview(completed=10)

    assert [(each.goal_id, each.title) for each in overview.completed_goals] == [(lately.goal_id, "Read")]
    assert iso(overview.completed_goals[0].completed_on) == "2026-03-21"
    assert overview.completed_goals[0].member_id == str(member.member_id)
    assert not (await member.overview()).completed_goals
    with pytest.raises(InvalidArgument):
        await member.overview(completed=11)


async def test_a_check_in_of_a_habit_leaves_a_goal_alone_that_is_not_kept_by_check_ins(members: GoalsMembers) -> None:
    member = members.member()
    target = goal_pb2.Target(unit="kg", start_value=80, target_value=75, aggregation=goal_pb2.AGGREGATION_LAST)
    limit = await member.create(pattern=goal_pb2.PATTERN_LIMIT, limit=goal_pb2.Limit(unit="cups", max_value=2))
    weight = await member.create(pattern=goal_pb2.PATTERN_TARGET, target=target)
    for goal in (limit, weight):
        habit = await member.add_habit(goal.goal_id)
        before = await member.progress(goal.goal_id)

        logged = (await member.log(goal.goal_id, completed=False, habit_id=habit.habit_id)).activity
        await member.correct(logged, note="Tired.")
        kept = (await member.log(goal.goal_id, habit_id=habit.habit_id)).activity

        assert (await member.progress(goal.goal_id)) == before
        shown = (await member.activities(goal.goal_id, type=CHECK_IN)).activities
        assert {each.activity_id: each.completed for each in shown} == {
            kept.activity_id: True,
            logged.activity_id: False,
        }
        assert {each.type for each in shown} == {CHECK_IN}
