"""A member's goals over a span, told to the coach acting for nobody, and to nobody else."""

from datetime import timedelta

from chassis.clock import FixedClock
from tandem.goals.v1 import explanation_pb2, goal_pb2
from tandem.goals.v1 import report_pb2 as pb
from tests.support.goals import GoalsMember, GoalsMembers, fields_of, iso, on, refused

DONE, MISSED = explanation_pb2.OUTCOME_DONE, explanation_pb2.OUTCOME_MISSED


async def report(
    members: GoalsMembers, member: GoalsMember, first: str, last: str, *, activities: int = 50, service: str = "coach"
) -> pb.MemberReport:
    request = pb.GetMemberReportRequest(
        member_id=str(member.member_id),
        start_date=on(first),
        end_date=on(last),
        recent_activity_count=activities,
    )
    told: pb.MemberReport = await members.as_service(service, "GetMemberReport", request)
    return told


async def test_units_that_ended_within_the_span_in_order(members: GoalsMembers, clock: FixedClock) -> None:
    member = members.member()
    goal = await member.create(start_date=on("2026-03-09"))
    for day in ("2026-03-10", "2026-03-12", "2026-03-18"):
        await member.log(goal.goal_id, day)

    told = await report(members, member, "2026-03-10", "2026-03-13")

    assert iso(told.today) == "2026-03-20"
    reported = told.goals[0]
    assert [(iso(unit.start_date), unit.outcome) for unit in reported.units] == [
        ("2026-03-10", DONE),
        ("2026-03-11", MISSED),
        ("2026-03-12", DONE),
        ("2026-03-13", MISSED),
    ]
    assert (reported.goal.goal_id, reported.goal.member_id) == (goal.goal_id, str(member.member_id))
    assert reported.progress.streak.longest == 1
    assert [iso(activity.local_date) for activity in told.recent_activities] == ["2026-03-12", "2026-03-10"]


async def test_goals_completed_since_are_told_and_older_ones_are_not(members: GoalsMembers, clock: FixedClock) -> None:
    member = members.member()
    old, fresh = await member.create("Old"), await member.create("Fresh")
    await member.update(old.goal_id, status=goal_pb2.STATUS_COMPLETED)
    clock.advance(timedelta(days=9))
    await member.update(fresh.goal_id, status=goal_pb2.STATUS_COMPLETED)

    told = await report(members, member, "2026-03-23", "2026-03-29")

    assert [each.goal.title for each in told.goals] == ["Fresh"]


async def test_only_the_members_own_goals_and_only_to_the_coach(members: GoalsMembers) -> None:
    member, stranger = members.member(), members.member()
    await member.create()

    assert not (await report(members, stranger, "2026-03-10", "2026-03-13")).goals
    await refused("FORBIDDEN", report(members, member, "2026-03-10", "2026-03-13", service="notify"))
    await refused(
        "FORBIDDEN", member.call("GetMemberReport", pb.GetMemberReportRequest(member_id=str(member.member_id)))
    )


async def test_spans_that_cannot_be_asked_for(members: GoalsMembers) -> None:
    member = members.member()

    backwards = await refused("VALIDATION_FAILED", report(members, member, "2026-03-13", "2026-03-10"))
    long = await refused("VALIDATION_FAILED", report(members, member, "2026-01-01", "2026-04-11"))
    many = await refused("VALIDATION_FAILED", report(members, member, "2026-03-10", "2026-03-13", activities=201))

    assert [fields_of(error) for error in (backwards, long, many)] == [
        ["end_date"],
        ["end_date"],
        ["recent_activity_count"],
    ]
