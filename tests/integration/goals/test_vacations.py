"""Vacations of a goal and of a member."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from google.type.date_pb2 import Date

from chassis.clock import FixedClock
from tandem.goals.v1 import care_pb2, goal_pb2
from tests.support.goals import Connection, GoalsMembers, fields_of, goal_events, iso, on, refused

NOBODYS = "01920000-0000-7000-8000-000000000001"


async def test_a_vacation_excuses_days_of_its_goal(members: GoalsMembers) -> None:
    member = members.member()
    goal, other = [await member.create(f"{n}", start_date=on("2026-03-16")) for n in range(2)]

    made = await member.vacation("2026-03-17", "2026-03-18", goal_id=goal.goal_id, reason="Flu")
    progress, others = await member.progress(goal.goal_id), await member.progress(other.goal_id)

    assert (made.goal_id, iso(made.from_date), iso(made.to_date), made.reason) == (
        goal.goal_id,
        "2026-03-17",
        "2026-03-18",
        "Flu",
    )
    assert (progress.missed, progress.skipped) == (2, 2)
    assert (others.missed, others.skipped) == (4, 0)
    assert list((await member.vacations(goal.goal_id)).vacations) == [made]
    assert list((await member.vacations()).vacations) == []

    await member.end_vacation(made)

    assert (await member.progress(goal.goal_id)).missed == 4
    assert list((await member.vacations(goal.goal_id)).vacations) == []
    await refused("NOT_FOUND", member.end_vacation(made))


async def test_a_vacation_of_the_member_excuses_days_of_all_goals(members: GoalsMembers) -> None:
    member = members.member()
    before = await member.create("Before", start_date=on("2026-03-16"))

    made = await member.vacation("2026-03-17", "2026-03-30")
    after = await member.create("After", start_date=on("2026-03-16"))

    assert not after.progress_summary.due_today
    assert after.progress_summary == (await member.get(after.goal_id)).progress_summary
    for goal in (before, after):
        progress = await member.progress(goal.goal_id)
        assert (progress.missed, progress.skipped) == (1, 4)
    assert (await member.overview()).due_today_goal_ids == []
    assert [goal.progress_summary.due_today for goal in (await member.list_goals()).goals] == [False, False]
    await member.end_vacation(made)
    assert (await member.get(after.goal_id)).progress_summary.due_today


async def test_a_member_without_goals_may_go_away(members: GoalsMembers) -> None:
    member = members.member()

    made = await member.vacation("2026-04-01", "2026-04-10")

    assert list((await member.vacations()).vacations) == [made]


@pytest.mark.parametrize(
    ("first", "last", "field"),
    [
        (None, "2026-04-01", "from"),
        ("2026-04-01", None, "to"),
        ("2026-04-02", "2026-04-01", "to"),
        ("2026-04-01", "2027-04-03", "to"),
        ("1899-12-31", "1900-01-02", "from"),
        ("2200-12-31", "2201-01-01", "to"),
    ],
)
async def test_a_broken_rule_names_its_field(
    members: GoalsMembers, first: str | None, last: str | None, field: str
) -> None:
    member = members.member()
    goal = await member.create()

    for goal_id in ("", goal.goal_id):
        error = await refused("VALIDATION_FAILED", member.vacation(first, last, goal_id=goal_id))
        assert field in fields_of(error)
    assert list((await member.vacations()).vacations) == []


async def test_the_longest_vacation_is_a_leap_year_and_a_day(members: GoalsMembers) -> None:
    made = await members.member().vacation("2026-04-01", "2027-04-02", reason="x" * 500)

    assert len(made.reason) == 500


async def test_reasons_and_dates_are_checked(members: GoalsMembers) -> None:
    member = members.member()
    await member.create()

    too_long = await refused("VALIDATION_FAILED", member.vacation("2026-04-01", "2026-04-01", reason="x" * 501))
    request = care_pb2.CreateVacationRequest(vacation=care_pb2.Vacation(from_date=Date(year=2026)))
    no_date = await refused("VALIDATION_FAILED", member.call("CreateVacation", request))
    no_id = await refused("VALIDATION_FAILED", member.vacations("x"))

    assert (fields_of(too_long), fields_of(no_date), fields_of(no_id)) == (["reason"], ["from"], ["goal_id"])


async def test_a_stranger_sees_and_ends_nothing(members: GoalsMembers) -> None:
    owner, stranger = members.member(), members.member()
    goal, own = await owner.create(), await stranger.create()
    of_goal = await owner.vacation("2026-04-01", "2026-04-02", goal_id=goal.goal_id)
    of_member = await owner.vacation("2026-05-01", "2026-05-02")

    await refused("NOT_FOUND", stranger.vacation("2026-04-01", "2026-04-02", goal_id=goal.goal_id))
    await refused("NOT_FOUND", stranger.vacations(goal.goal_id))
    await refused("NOT_FOUND", stranger.end_vacation(of_goal))
    await refused("NOT_FOUND", stranger.end_vacation(of_member))
    of_goal.goal_id = own.goal_id
    await refused("NOT_FOUND", stranger.end_vacation(of_goal))
    await refused("NOT_FOUND", owner.end_vacation(care_pb2.Vacation(vacation_id=of_goal.vacation_id)))
    await refused("NOT_FOUND", owner.vacations(NOBODYS))

    assert list((await stranger.vacations()).vacations) == []
    assert len((await owner.vacations(goal.goal_id)).vacations) == len((await owner.vacations()).vacations) == 1


async def test_pages_show_every_vacation_once_the_latest_first(members: GoalsMembers) -> None:
    member = members.member()
    for n in range(7):
        await member.vacation(f"2026-05-{1 + n % 4:02}", "2026-05-20")

    shown: list[care_pb2.Vacation] = []
    token = ""
    while True:
        page = await member.vacations(page_size=3, page_token=token)
        shown += page.vacations
        token = page.next_page_token
        if not token:
            break
        await member.vacation("2026-05-30", "2026-05-31")

    assert len(shown) == len({each.vacation_id for each in shown}) == 7
    assert shown == sorted(shown, key=lambda each: (iso(each.from_date), each.vacation_id), reverse=True)
    goal = await member.create()
    token = (await member.vacations(page_size=1)).next_page_token
    await refused("MALFORMED_REQUEST", member.vacations(goal.goal_id, page_size=1, page_token=token))
    await refused("VALIDATION_FAILED", member.vacations(page_size=201))


async def test_a_hundred_and_no_more(members: GoalsMembers, behind: Connection) -> None:
    member = members.member()
    goal = await member.create()
    await behind.execute(
        """INSERT INTO goals.vacations (vacation_id, goal_id, member_id, from_date, to_date, reason, created_at)
        SELECT gen_random_uuid(), goal_id, $1::uuid, '2026-06-01', '2026-06-02', '', now()
        FROM generate_series(1, 99), unnest(ARRAY[$2::uuid, NULL]) AS goal_id""",
        member.member_id,
        goal.goal_id,
    )

    for goal_id in ("", goal.goal_id):
        answers = await asyncio.gather(
            *(member.vacation("2026-07-01", "2026-07-02", goal_id=goal_id) for _ in range(3)), return_exceptions=True
        )
        [made] = [answer for answer in answers if isinstance(answer, care_pb2.Vacation)]
        error = await refused("CONFLICT", member.vacation("2026-07-01", "2026-07-02", goal_id=goal_id))
        assert error.metadata["limit"] == "100"
        await member.end_vacation(made)
        await member.vacation("2026-07-01", "2026-07-02", goal_id=goal_id)


async def test_the_same_key_is_one_vacation(members: GoalsMembers) -> None:
    member = members.member()
    goal = await member.create()

    for goal_id in ("", goal.goal_id):
        first = await member.vacation("2026-04-01", "2026-04-02", goal_id=goal_id, key=f"v{goal_id}")
        assert await member.vacation("2026-04-01", "2026-04-02", goal_id=goal_id, key=f"v{goal_id}") == first
        assert member.replayed
        await member.end_vacation(first, key=f"e{goal_id}")
        await member.end_vacation(first, key=f"e{goal_id}")
        assert member.replayed
        assert list((await member.vacations(goal_id)).vacations) == []


async def test_nobody_reads_vacations_with_no_identity(members: GoalsMembers, behind: Connection) -> None:
    await members.member().vacation("2026-04-01", "2026-04-02")

    await behind.execute("SET SESSION AUTHORIZATION goals_app")

    assert await behind.fetchval("SELECT count(*) FROM goals.vacations") == 0
    assert await behind.fetchval("SELECT count(*) FROM goals.activity_history") == 0


async def test_days_away_that_count_complete_a_streak_and_are_noted_with_the_next_look(
    members: GoalsMembers, behind: Connection, clock: FixedClock
) -> None:
    member = members.member()
    fields: dict[str, Any] = {
        "pattern": goal_pb2.PATTERN_STREAK,
        "streak": goal_pb2.StreakTerms(target_length=4),
        "policy": goal_pb2.Policy(excused=goal_pb2.EXCUSED_POLICY_COUNTS),
    }
    goals = [await member.create(**fields) for _ in range(4)]
    for goal in goals:
        await member.log(goal.goal_id)
    await member.vacation("2026-03-21", "2026-03-30")
    clock.advance(timedelta(days=2))
    assert (await member.get(goals[0].goal_id)).status == goal_pb2.STATUS_ACTIVE
    clock.advance(timedelta(days=3))

    shown = await member.get(goals[0].goal_id)
    progress = await member.progress(goals[1].goal_id)
    overview = await member.overview()
    listed = await member.list_goals(status=goal_pb2.STATUS_COMPLETED)

    assert (shown.status, iso(shown.completed_on)) == (goal_pb2.STATUS_COMPLETED, "2026-03-23")
    assert progress.state == goal_pb2.PROGRESS_STATE_DONE
    assert len(overview.goals) == 0
    assert len(listed.goals) == 4
    told = [event.event_type for event in await goal_events(behind, member)]
    assert told.count("goals.goal_completed") == 4
