"""What the coach makes of goals' own answers: what it did not read is no gap, and today is no silence."""

import json
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest

from chassis.clock import FixedClock
from services.coach.clients.goals import LOGGED_DAYS, RECENT_ENTRIES, RECENTLY_COMPLETED, overview_from
from services.coach.clients.reports import report_from
from services.coach.domain.context.figures import check_ins_of
from services.coach.domain.copilot.patterns import find_patterns
from services.coach.domain.copilot.records import SPAN, Known, Records
from services.coach.domain.facts import GoalFact, Overview
from services.coach.domain.figures import facts_for
from services.coach.domain.framing import Frame
from services.coach.domain.purposes import Intent
from tandem.goals.v1 import activity_pb2, goal_pb2, report_pb2
from tests.support.goals import GoalsMember, GoalsMembers, on

TODAY = date(2026, 3, 20)
BEGUN = on("2026-03-01")
PROGRESS = activity_pb2.ACTIVITY_TYPE_PROGRESS


async def keep_daily(member: GoalsMember, *, goals: int, days: int) -> None:
    """Keeps so many goals on each of the last days."""
    made = [await member.create(f"Habit {number}", start_date=BEGUN) for number in range(goals)]
    for goal in made:
        for back in range(days):
            await member.log(goal.goal_id, (TODAY - timedelta(days=back)).isoformat(), completed=True)


async def save_money(member: GoalsMember, day: str | None = None, *, start_date: Any = BEGUN) -> str:
    """Saves towards something, perhaps with an entry."""
    target = goal_pb2.Target(unit="euros", target_value=1000)
    goal = await member.create("Save", pattern=goal_pb2.PATTERN_TARGET, target=target, start_date=start_date)
    if day is not None:
        await member.log(goal.goal_id, day, type=PROGRESS, value=40)
    return goal.goal_id


async def told(members: GoalsMembers, member: GoalsMember) -> Overview:
    """What the coach knows, asked for as it asks."""
    answer = await members.through("coach", member).overview(
        RECENT_ENTRIES, completed=RECENTLY_COMPLETED, logged_days=LOGGED_DAYS, brief=True
    )
    return overview_from(answer, member.member_id)


def goal_of(overview: Overview, goal_id: str) -> GoalFact:
    """One of its goals."""
    return next(goal for goal in overview.goals if str(goal.goal_id) == goal_id)


async def test_each_day_of_many_goals_is_told_whether_its_entries_were_read_or_not(
    members: GoalsMembers, clock: FixedClock
) -> None:
    member = members.member()
    await keep_daily(member, goals=10, days=6)

    overview = await told(members, member)

    lines = [json.loads(item.text)["days"] for item in check_ins_of(overview, Frame("k7f3"))]
    assert len(overview.entries) == RECENT_ENTRIES
    assert lines == ["- " * 8 + "Y Y Y Y Y Y"] * 10


async def test_what_is_told_of_a_day_that_was_not_read(members: GoalsMembers, clock: FixedClock) -> None:
    member = members.member()
    saving, mixed = await save_money(member, "2026-03-10"), await member.create("Mixed", start_date=BEGUN)
    await member.log(saving, "2026-03-10", type=PROGRESS, value=2.5)
    await member.log(mixed.goal_id, "2026-03-08", completed=False)
    await member.log(mixed.goal_id, "2026-03-09", type=activity_pb2.ACTIVITY_TYPE_SKIP)
    await member.log(mixed.goal_id, "2026-03-10", type=activity_pb2.ACTIVITY_TYPE_NOTE, note="Away")
    await keep_daily(member, goals=10, days=6)

    overview = await told(members, member)

    lines = {item.source_id: json.loads(item.text)["days"] for item in check_ins_of(overview, Frame("k7f3"))}
    assert lines[UUID(saving)] == "- - - 42.5" + " -" * 10
    assert lines[UUID(mixed.goal_id)] == "- N S -" + " -" * 10


async def test_the_coach_knows_as_much_from_brief_activities_as_from_whole_ones(
    members: GoalsMembers, clock: FixedClock
) -> None:
    member = members.member()
    saving, daily = await save_money(member, "2026-03-10"), await member.create("Daily", start_date=BEGUN)
    habit = await member.add_habit(saving)
    await member.log(saving, "2026-03-11", habit_id=habit.habit_id, completed=True, mood=4)
    context = activity_pb2.ActivityContext(location="Park", energy=3)
    await member.log(daily.goal_id, "2026-03-12", completed=False, note="Rain", mood=2, context=context)
    await member.log(daily.goal_id, "2026-03-13", type=activity_pb2.ACTIVITY_TYPE_SKIP)
    await member.log(daily.goal_id, "2026-03-14", type=activity_pb2.ACTIVITY_TYPE_NOTE, note="Away")

    whole, brief = await member.overview(50, logged_days=14), await member.overview(50, logged_days=14, brief=True)

    assert overview_from(brief, member.member_id) == overview_from(whole, member.member_id)
    assert len(brief.recent_activities) == 5
    for each, of_whole in zip(brief.recent_activities, whole.recent_activities, strict=True):
        for circumstance in ("occur_time", "create_time", "update_time", "context"):
            of_whole.ClearField(circumstance)
        of_whole.timezone = of_whole.habit_id = ""
        assert each == of_whole


async def test_days_beyond_what_was_read_are_unknown_where_goals_does_not_tell_them(
    members: GoalsMembers, clock: FixedClock
) -> None:
    """As of a goals service that does not know to tell them yet."""
    member = members.member()
    await keep_daily(member, goals=10, days=6)

    overview = overview_from(await members.through("coach", member).overview(RECENT_ENTRIES), member.member_id)

    assert len(overview.entries) == RECENT_ENTRIES
    assert overview.reaches_back_to == TODAY - timedelta(days=3)
    lines = [json.loads(item.text)["days"].split() for item in check_ins_of(overview, Frame("k7f3"))]
    assert len(lines) == 10
    for days in lines:
        assert days[-4:] == ["Y"] * 4
        assert set(days[:-4]) <= {"?", "Y"}
        assert days[:8] == ["?"] * 8


async def test_a_goal_with_60_newer_entries_on_others_is_not_told_as_never_logged(
    members: GoalsMembers, clock: FixedClock
) -> None:
    member = members.member()
    saving = await save_money(member, "2026-03-05")
    await keep_daily(member, goals=10, days=6)

    overview = await told(members, member)

    goal = goal_of(overview, saving)
    assert goal.last_logged_on == date(2026, 3, 5)
    assert not goal.is_read_whole
    assert "nothing_logged" not in _said(goal, overview)
    assert ("last_entry", {"day": "5 March"}) in facts_for(Intent.PROGRESS, goal, overview)


@pytest.mark.parametrize(("start_date", "is_said"), [(BEGUN, False), (on("2026-03-19"), True)])
async def test_that_nothing_was_logged_is_said_where_it_is_known(
    members: GoalsMembers, clock: FixedClock, start_date: Any, is_said: bool
) -> None:
    """Goals tells the days of entries that count; a note may be older than all that were read."""
    member = members.member()
    saving = await save_money(member, start_date=start_date)
    await keep_daily(member, goals=10, days=6)

    overview = await told(members, member)

    goal = goal_of(overview, saving)
    assert goal.last_logged_on is None
    assert ("nothing_logged" in _said(goal, overview)) is is_said


async def test_a_quiet_member_is_told_of_every_day(members: GoalsMembers, clock: FixedClock) -> None:
    member = members.member()
    untouched = await save_money(member)
    await keep_daily(member, goals=1, days=2)

    overview = await told(members, member)

    (line,) = (json.loads(item.text)["days"] for item in check_ins_of(overview, Frame("k7f3")))
    assert line == "- " * 12 + "Y Y"
    assert "nothing_logged" in _said(goal_of(overview, untouched), overview)


async def patterns(members: GoalsMembers, member: GoalsMember) -> dict[str, str]:
    """What a mentor is told of by the rules, of a report asked for as the copilot asks."""
    tomorrow = TODAY + timedelta(days=1)
    request = report_pb2.GetMemberReportRequest(
        member_id=str(member.member_id),
        start_date=on((TODAY - SPAN).isoformat()),
        end_date=on(tomorrow.isoformat()),
        recent_activity_count=200,
    )
    answer = await members.as_service("coach", "GetMemberReport", request)
    report = report_from(answer, member.member_id, TODAY - SPAN, tomorrow).closed()
    known = Known(member.member_id, report)
    found = find_patterns(known, Records.lay_out(known, Frame("k7f3")))
    return {pattern.pattern_id: pattern.text for pattern in found}


async def test_an_entry_of_today_ends_a_silence_and_a_run_of_misses(members: GoalsMembers, clock: FixedClock) -> None:
    member = members.member()
    goal = await member.create(start_date=on("2026-03-10"))
    await member.log(goal.goal_id, "2026-03-12", completed=True)

    before = await patterns(members, member)
    await member.log(goal.goal_id, completed=True)
    after = await patterns(members, member)

    assert before["silence"].startswith("No entry for 8 days")
    assert before["missed_in_a_row"].startswith("7 missed in a row")
    assert not after.keys() & {"silence", "missed_in_a_row"}


async def test_today_is_not_missed_while_it_lasts(members: GoalsMembers, clock: FixedClock) -> None:
    member = members.member()
    goal = await member.create(start_date=on("2026-03-16"))
    for day in ("2026-03-16", "2026-03-17"):
        await member.log(goal.goal_id, day, completed=True)

    assert await patterns(members, member) == {}


async def test_who_never_logged_is_silent_since_the_goal_was_there(members: GoalsMembers, clock: FixedClock) -> None:
    """A first day in the past is none on which anything could be logged before the goal was made."""
    member = members.member()
    clock.turn_to(clock.now() - timedelta(days=10))
    await member.create(start_date=on("2026-02-01"))
    clock.advance(timedelta(days=10))

    found = await patterns(members, member)

    assert found["silence"].startswith("No entry at all for 10 days")


def _said(goal: GoalFact, overview: Overview) -> set[str]:
    return {part for intent in (Intent.PROGRESS, Intent.GREETING) for part, _ in facts_for(intent, goal, overview)}
