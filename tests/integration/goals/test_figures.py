"""Calendars and explanations over the wire."""

from datetime import timedelta
from typing import Any

import pytest

from chassis.clock import FixedClock
from tandem.goals.v1 import explanation_pb2 as pb
from tests.support.goals import GoalsMember, GoalsMembers, fields_of, iso, on, refused

STREAK, ADHERENCE = pb.METRIC_STREAK, pb.METRIC_ADHERENCE


async def calendar(member: GoalsMember, goal_id: str, first: str, last: str) -> pb.GetCalendarResponse:
    request = pb.GetCalendarRequest(goal_id=goal_id, from_date=on(first), to_date=on(last))
    shown: pb.GetCalendarResponse = await member.call("GetCalendar", request)
    return shown


async def explained(member: GoalsMember, goal_id: str, **asked: Any) -> pb.Explanation:
    shown: pb.Explanation = await member.call("GetExplanation", pb.GetExplanationRequest(goal_id=goal_id, **asked))
    return shown


async def test_a_calendar_has_every_day_past_and_future(members: GoalsMembers) -> None:
    member = members.member()
    goal = await member.create(start_date=on("2026-03-18"))
    await member.log(goal.goal_id, "2026-03-18")

    shown = await calendar(member, goal.goal_id, "2026-03-17", "2026-03-22")

    assert [iso(day.date) for day in shown.days] == [f"2026-03-{number}" for number in range(17, 23)]
    assert [day.outcome for day in shown.days] == [
        pb.OUTCOME_NOT_DUE,
        pb.OUTCOME_DONE,
        pb.OUTCOME_MISSED,
        pb.OUTCOME_PENDING,
        pb.OUTCOME_PENDING,
        pb.OUTCOME_PENDING,
    ]
    assert [day.due for day in shown.days] == [False, True, True, True, True, True]
    assert (shown.days[1].value, shown.days[2].HasField("value")) == (1, False)
    assert (iso(shown.days[1].unit.start_date), shown.days[1].unit.done, shown.days[1].unit.needed) == (
        "2026-03-18",
        1,
        1,
    )
    assert not shown.days[0].HasField("unit")


@pytest.mark.parametrize(
    ("first", "last", "field"),
    [("2026-03-02", "2026-03-01", "to"), ("2026-01-01", "2027-02-05", "to"), ("1899-12-31", "1900-01-01", "from")],
)
async def test_days_that_cannot_be_asked_for(members: GoalsMembers, first: str, last: str, field: str) -> None:
    member = members.member()
    goal = await member.create()

    error = await refused("VALIDATION_FAILED", calendar(member, goal.goal_id, first, last))

    assert fields_of(error) == [field]


async def test_a_vacation_years_ahead_excuses(members: GoalsMembers) -> None:
    member = members.member()
    goal = await member.create()
    await member.vacation("2034-03-10", "2034-03-11")

    days = (await calendar(member, goal.goal_id, "2034-03-10", "2034-03-12")).days

    assert [(each.outcome, each.excused_by) for each in days] == [
        (pb.OUTCOME_EXCUSED, "vacation"),
        (pb.OUTCOME_EXCUSED, "vacation"),
        (pb.OUTCOME_PENDING, ""),
    ]


async def test_400_days_are_a_calendar(members: GoalsMembers) -> None:
    member = members.member()
    goal = await member.create()

    assert len((await calendar(member, goal.goal_id, "2026-01-01", "2027-02-04")).days) == 400


async def test_an_explanation_names_the_entries(members: GoalsMembers) -> None:
    member = members.member()
    goal = await member.create(start_date=on("2026-03-17"))
    logged = [(await member.log(goal.goal_id, day)).activity.activity_id for day in ("2026-03-18", "2026-03-19")]

    shown = await explained(member, goal.goal_id, metric=STREAK)

    assert shown.value == 2
    assert [(iso(step.unit.start_date), step.effect, step.value) for step in shown.steps] == [
        ("2026-03-17", "breaks", 0),
        ("2026-03-18", "lengthens", 1),
        ("2026-03-19", "lengthens", 2),
        ("2026-03-20", "passes", 2),
    ]
    assert [list(step.activity_ids) for step in shown.steps] == [[], [logged[0]], [logged[1]], []]
    assert {step.rule_version for step in shown.steps} == {1}


async def test_an_explanation_as_of_a_day_knows_what_is_known_now(members: GoalsMembers) -> None:
    member = members.member()
    goal = await member.create(start_date=on("2026-03-17"))
    for day in ("2026-03-17", "2026-03-18", "2026-03-20"):
        await member.log(goal.goal_id, day)

    shown = await explained(member, goal.goal_id, metric=STREAK, date=on("2026-03-18"))
    kept = await explained(member, goal.goal_id, metric=ADHERENCE, date=on("2026-03-20"))

    assert (shown.value, iso(shown.date)) == (2, "2026-03-18")
    assert kept.value == pytest.approx(200 / 3)


async def test_what_cannot_be_explained(members: GoalsMembers, clock: FixedClock) -> None:
    member = members.member()
    goal = await member.create()
    clock.advance(timedelta(days=1))

    ahead = await refused("VALIDATION_FAILED", explained(member, goal.goal_id, metric=STREAK, date=on("2026-03-22")))
    before = await refused("VALIDATION_FAILED", explained(member, goal.goal_id, metric=STREAK, date=on("2026-03-19")))
    nothing = await refused("VALIDATION_FAILED", explained(member, goal.goal_id))

    assert [fields_of(error) for error in (ahead, before, nothing)] == [["date"], ["date"], ["metric"]]


async def test_nobody_sees_figures_of_others(members: GoalsMembers) -> None:
    owner, stranger = members.member(), members.member()
    goal = await owner.create()

    await refused("NOT_FOUND", calendar(stranger, goal.goal_id, "2026-03-01", "2026-03-02"))
    await refused("NOT_FOUND", explained(stranger, goal.goal_id, metric=STREAK))
