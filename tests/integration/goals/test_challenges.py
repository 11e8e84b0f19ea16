"""Challenges through the real service: for adults, one run at a time, submitted in time, logged with its goal."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from chassis.clock import FixedClock
from services.goals.clients import FakeWingmen
from tandem.event.v1 import event_pb2
from tandem.goals.v1 import activity_pb2, challenge_pb2, goal_pb2
from tests.support.goals import Connection, GoalsMember, GoalsMembers, fields_of, goal_events, on, refused

OPEN = challenge_pb2.CHALLENGE_RUN_STATUS_OPEN
COMPLETED = challenge_pb2.CHALLENGE_RUN_STATUS_COMPLETED
EXPIRED = challenge_pb2.CHALLENGE_RUN_STATUS_EXPIRED
SMILES = "three-smiles"
NOTHING = "01a1fc72-0759-72fe-905f-9d4c0c81841c"


async def listed(member: GoalsMember, **fields: Any) -> challenge_pb2.ListChallengesResponse:
    page: challenge_pb2.ListChallengesResponse = await member.call(
        "ListChallenges", challenge_pb2.ListChallengesRequest(**fields)
    )
    return page


async def latest(member: GoalsMember, challenge_id: str = SMILES) -> challenge_pb2.ChallengeRun:
    page = await listed(member)
    [found] = [each for each in page.challenges if each.challenge_id == challenge_id]
    return found.run


async def start(member: GoalsMember, challenge_id: str = SMILES, **fields: Any) -> challenge_pb2.ChallengeRun:
    run: challenge_pb2.ChallengeRun = await member.call(
        "StartChallenge",
        challenge_pb2.StartChallengeRequest(challenge_id=challenge_id, **{"idempotency_key": "", **fields}),
    )
    return run


async def submit(member: GoalsMember, challenge_id: str = SMILES, **fields: Any) -> challenge_pb2.ChallengeSubmission:
    asked = {"comfort_before": 20, "comfort_after": 70, **fields}
    given = {name: value for name, value in asked.items() if value is not None}
    submitted: challenge_pb2.ChallengeSubmission = await member.call(
        "SubmitChallenge", challenge_pb2.SubmitChallengeRequest(challenge_id=challenge_id, **given)
    )
    return submitted


def told(events: Sequence[event_pb2.Event], name: str) -> list[event_pb2.ChallengeChanged]:
    return [getattr(each, name) for each in events if each.event_type == f"goals.{name}"]


async def test_a_challenge_is_started_and_submitted(members: GoalsMembers, behind: Connection, clock: FixedClock):
    member = members.member()
    first = (await listed(member)).challenges[0]

    run = await start(member, first.challenge_id)
    while_open = await latest(member, first.challenge_id)
    clock.advance(timedelta(days=1))
    submitted = await submit(member, first.challenge_id, note="They smiled back.")
    after = await latest(member, first.challenge_id)

    assert not first.HasField("run")
    assert while_open == run
    assert (run.status, run.goal_id) == (OPEN, "")
    assert run.start_time.ToDatetime(UTC) == datetime(2026, 3, 20, 12, tzinfo=UTC)
    assert run.expire_time.ToDatetime(UTC) == datetime(2026, 3, 28, tzinfo=UTC)
    assert (submitted.run_id, submitted.challenge_id) == (run.run_id, first.challenge_id)
    assert (submitted.comfort_before, submitted.comfort_after, submitted.note) == (20, 70, "They smiled back.")
    assert (submitted.goal_id, submitted.activity_id, submitted.witnessed_by) == ("", "", "")
    assert (after.run_id, after.status) == (run.run_id, COMPLETED)
    events = await goal_events(behind, member)
    for name in ("challenge_started", "challenge_completed"):
        [change] = told(events, name)
        assert (change.run_id, change.challenge_id, change.level) == (run.run_id, first.challenge_id, first.level)
    assert b"smiled back" not in b"".join(event.SerializeToString() for event in events)


async def test_challenges_come_in_pages_the_easiest_first(members: GoalsMembers):
    member = members.member()
    await start(member)

    shown: list[challenge_pb2.Challenge] = []
    token = ""
    while True:
        page = await listed(member, page_size=12, page_token=token)
        shown += page.challenges
        token = page.next_page_token
        if not token:
            break

    assert len(shown) == len({each.challenge_id for each in shown}) >= 30
    assert [each.level for each in shown] == sorted(each.level for each in shown)
    assert [each.challenge_id for each in shown if each.HasField("run")] == [SMILES]
    assert all(each.title and each.description and each.venue_kinds for each in shown)
    await refused("MALFORMED_REQUEST", listed(member, page_token="tampered"))
    await refused("VALIDATION_FAILED", listed(member, page_size=201))


@pytest.mark.parametrize("birth_year", [0, 2008])
async def test_challenges_are_for_adults(members: GoalsMembers, birth_year: int):
    member = members.member(birth_year=birth_year)

    for work in (listed(member), start(member), submit(member)):
        error = await refused("ADULTS_ONLY", work)
        assert "birth year" in error.message


async def test_one_is_an_adult_in_the_nineteenth_calendar_year(members: GoalsMembers):
    assert (await start(members.member(birth_year=2007))).status == OPEN


async def test_one_run_of_a_challenge_is_open_at_a_time(members: GoalsMembers, clock: FixedClock):
    member = members.member()
    run = await start(member)

    await refused("CONFLICT", start(member))
    await start(member, "good-morning")
    await submit(member)
    clock.advance(timedelta(milliseconds=1))
    again = await start(member)

    assert again.run_id != run.run_id
    assert await latest(member) == again
    for nobody in ("jump-off-a-bridge", "", "Three-Smiles", "x" * 500):
        await refused("NOT_FOUND", start(member, nobody))
        await refused("NOT_FOUND", submit(member, nobody))


async def test_of_many_starts_at_once_one_counts(members: GoalsMembers):
    member = members.member()

    outcomes = await asyncio.gather(*(start(member) for _ in range(5)), return_exceptions=True)

    assert sum(isinstance(each, challenge_pb2.ChallengeRun) for each in outcomes) == 1


async def test_of_many_submissions_at_once_one_counts(members: GoalsMembers, behind: Connection):
    member = members.member()
    goal = await member.create()
    await start(member, goal_id=goal.goal_id)

    outcomes = await asyncio.gather(*(submit(member) for _ in range(5)), return_exceptions=True)

    assert sum(isinstance(each, challenge_pb2.ChallengeSubmission) for each in outcomes) == 1
    assert len((await member.activities(goal.goal_id)).activities) == 1


@pytest.mark.parametrize(
    ("zone", "day_start_hour", "last"),
    [
        ("Europe/Berlin", 0, datetime(2026, 3, 27, 23, tzinfo=UTC)),
        ("America/Los_Angeles", 3, datetime(2026, 3, 28, 10, tzinfo=UTC)),
    ],
)
@pytest.mark.parametrize("is_late", [False, True])
async def test_time_is_over_with_a_local_day(
    members: GoalsMembers, clock: FixedClock, zone: str, day_start_hour: int, last: datetime, is_late: bool
):
    member = members.member(zone, day_start_hour=day_start_hour)
    run = await start(member)
    clock.turn_to(last if is_late else last - timedelta(microseconds=1))

    assert run.expire_time.ToDatetime(UTC) == last
    assert (await latest(member)).status == (EXPIRED if is_late else OPEN)
    if is_late:
        error = await refused("CONFLICT", submit(member))
        assert error.metadata["status"] == "expired"
        assert (await start(member)).run_id != run.run_id
    else:
        await refused("CONFLICT", start(member))
        assert (await submit(member)).run_id == run.run_id


async def test_what_was_not_started_or_is_done_cannot_be_submitted(members: GoalsMembers):
    member = members.member()

    await refused("CONFLICT", submit(member))
    await start(member)
    await submit(member)
    error = await refused("CONFLICT", submit(member))

    assert error.metadata["status"] == "completed"


@pytest.mark.parametrize("at_start", [True, False])
async def test_a_submission_is_logged_on_its_goal(members: GoalsMembers, behind: Connection, at_start: bool):
    member = members.member()
    goal = await member.create("Talk to people")
    await start(member, goal_id=goal.goal_id if at_start else "")

    submitted = await submit(member, note="Easy", **({} if at_start else {"goal_id": goal.goal_id}))

    [logged] = (await member.activities(goal.goal_id)).activities
    assert (submitted.goal_id, submitted.activity_id) == (goal.goal_id, logged.activity_id)
    assert (logged.type, logged.completed, logged.note) == (activity_pb2.ACTIVITY_TYPE_CHECK_IN, True, "Easy")
    assert list(logged.context.tags) == ["challenge", SMILES]
    assert (await member.progress(goal.goal_id)).streak.current == 1
    events = await goal_events(behind, member)
    assert [each.event_type for each in events][-2:] == ["goals.activity_logged", "goals.challenge_completed"]
    assert told(events, "challenge_completed")[0].goal_id == goal.goal_id


async def test_a_goal_that_does_not_count_gets_a_note(members: GoalsMembers):
    member = members.member()
    target = goal_pb2.Target(unit="talks", target_value=10)
    goal = await member.create("Ten talks", pattern=goal_pb2.PATTERN_TARGET, target=target)
    await start(member, goal_id=goal.goal_id)

    await submit(member)

    [logged] = (await member.activities(goal.goal_id)).activities
    assert (logged.type, logged.note) == (activity_pb2.ACTIVITY_TYPE_NOTE, "Smile at three people")


async def test_a_streak_goal_may_complete_by_it(members: GoalsMembers):
    member = members.member()
    goal = await member.create("Dare", pattern=goal_pb2.PATTERN_STREAK, streak=goal_pb2.StreakTerms(target_length=1))
    await start(member, goal_id=goal.goal_id)

    await submit(member)

    assert (await member.get(goal.goal_id)).status == goal_pb2.STATUS_COMPLETED


async def test_a_goal_that_is_closed_takes_none_and_can_be_left_out(members: GoalsMembers):
    member = members.member()
    goal = await member.create()
    await start(member, goal_id=goal.goal_id)
    await member.archive(goal.goal_id)

    for work in (submit(member), start(member, "good-morning", goal_id=goal.goal_id)):
        error = await refused("CONFLICT", work)
        assert error.metadata["field"] == "goal_id"
    assert (await latest(member)).status == OPEN

    assert (await submit(member, goal_id="")).activity_id == ""
    assert (await latest(member)).status == COMPLETED


async def test_a_goal_that_has_not_begun_is_named(members: GoalsMembers):
    member = members.member()
    goal = await member.create(start_date=on("2026-04-01"))
    await start(member, goal_id=goal.goal_id)

    error = await refused("VALIDATION_FAILED", submit(member))

    assert fields_of(error) == ["goal_id"]
    assert (await latest(member)).status == OPEN


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"comfort_before": None}, "comfort_before"),
        ({"comfort_before": -1}, "comfort_before"),
        ({"comfort_after": 101}, "comfort_after"),
        ({"note": "x" * 10_001}, "note"),
        ({"goal_id": "x"}, "goal_id"),
        ({"witnessed_by": "x"}, "witnessed_by"),
        ({"witnessed_by": NOTHING}, "witnessed_by"),
    ],
)
async def test_each_bad_field_is_named(members: GoalsMembers, change: dict[str, Any], field: str):
    member = members.member()
    await start(member)

    error = await refused("VALIDATION_FAILED", submit(member, **change))

    assert fields_of(error) == [field]
    assert (await latest(member)).status == OPEN
    assert fields_of(await refused("VALIDATION_FAILED", start(member, goal_id="x"))) == ["goal_id"]


async def test_a_wingman_may_be_witness(members: GoalsMembers, wingmen: FakeWingmen):
    member, friend = members.member(), members.member()
    goal = await member.create()
    wingmen.pairs.add(frozenset({member.member_id, friend.member_id}))
    await start(member, goal_id=goal.goal_id)

    submitted = await submit(member, witnessed_by=str(friend.member_id))

    [logged] = (await member.activities(goal.goal_id)).activities
    assert submitted.witnessed_by == str(friend.member_id)
    assert logged.context.with_wingman


async def test_the_same_key_is_one_effect(members: GoalsMembers, behind: Connection):
    member = members.member()
    goal = await member.create()

    first = await start(member, goal_id=goal.goal_id, idempotency_key="s")
    again = await start(member, goal_id=goal.goal_id, idempotency_key="s")
    submitted = await submit(member, idempotency_key="s")
    submitted_again = await submit(member, idempotency_key="s")

    assert member.replayed
    assert (again, submitted_again) == (first, submitted)
    assert len((await member.activities(goal.goal_id)).activities) == 1
    events = await goal_events(behind, member)
    assert len(told(events, "challenge_started")) == len(told(events, "challenge_completed")) == 1
    await refused("IDEMPOTENCY_KEY_REUSED", submit(member, idempotency_key="s", note="Other"))


async def test_twins_with_one_key_are_one_submission(members: GoalsMembers):
    member = members.member()
    await start(member)

    outcomes = await asyncio.gather(*(submit(member, idempotency_key="twin") for _ in range(4)), return_exceptions=True)

    done = [each for each in outcomes if isinstance(each, challenge_pb2.ChallengeSubmission)]
    assert done
    assert all(each == done[0] for each in done)
    assert {getattr(each, "reason", "") for each in outcomes if each not in done} <= {"IDEMPOTENCY_IN_PROGRESS"}


async def test_runs_and_goals_of_others_are_none_of_mine(members: GoalsMembers):
    member, stranger = members.member(), members.member()
    goal = await member.create()
    await start(member, goal_id=goal.goal_id)

    assert (await latest(stranger)).run_id == ""
    await refused("CONFLICT", submit(stranger))
    error = await refused("NOT_FOUND", start(stranger, goal_id=goal.goal_id))
    assert error.metadata["field"] == "goal_id"
    await start(stranger)
    await refused("NOT_FOUND", submit(stranger, goal_id=goal.goal_id))
    await refused("NOT_FOUND", submit(stranger, goal_id=NOTHING))
    assert (await latest(member)).status == OPEN
    assert (await member.activities(goal.goal_id)).activities == []


async def test_only_the_gateway_asks(members: GoalsMembers):
    member = members.member()

    await refused("FORBIDDEN", listed(members.through("coach", member)))
    await refused("FORBIDDEN", start(members.through("analytics", member)))
