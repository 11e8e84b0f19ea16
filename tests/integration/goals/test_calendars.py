"""What goals hears of members' calendars."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from chassis.clock import FixedClock
from chassis.db import Database
from chassis.identity.principal import Principal
from services.goals.usecases import CalendarUseCases
from services.goals.worker import handlers
from tandem.event.v1 import event_pb2
from tandem.goals.v1 import goal_pb2
from tests.support.goals import GoalsMember, GoalsMembers, iso, on


class Mentor:
    """Tells goals of members, as the consumer would."""

    def __init__(self, database: Database, calendars: CalendarUseCases, clock: FixedClock) -> None:
        self._database, self._clock = database, clock
        self._handlers = handlers(calendars)

    async def tell(self, kind: str, member: GoalsMember, version: int, age_s: int = 0, **calendar: Any) -> None:
        event = event_pb2.Event(event_type=f"mentor.{kind}", member_id=str(member.member_id), aggregate_version=version)
        event.occur_time.FromDatetime(self._clock.now() - timedelta(seconds=age_s))
        told = event_pb2.MemberCalendar(**{"timezone": "UTC", "week_start": 1, **calendar})
        getattr(event, kind).calendar.CopyFrom(told)
        async with self._database.transaction(Principal.member(member.member_id)) as transaction:
            await self._handlers[event.event_type](event, transaction)


@pytest.fixture
def mentor(database: Database, calendars: CalendarUseCases, clock: FixedClock) -> Mentor:
    return Mentor(database, calendars, clock)


async def test_a_registration_is_enough(members: GoalsMembers, mentor: Mentor) -> None:
    member = members.member()
    members.people.people.clear()

    await mentor.tell("member_registered", member, 1, timezone="Pacific/Auckland")

    assert iso((await member.create()).start_date) == "2026-03-21"


async def test_an_older_event_changes_nothing(members: GoalsMembers, mentor: Mentor) -> None:
    member = members.member()
    await mentor.tell("member_updated", member, 3, timezone="Pacific/Auckland")

    await mentor.tell("member_registered", member, 1, age_s=60)

    assert iso((await member.create()).start_date) == "2026-03-21"


async def test_what_was_asked_for_gives_way_to_what_is_told(members: GoalsMembers, mentor: Mentor) -> None:
    member = members.member("Europe/Berlin")
    await member.create()

    await mentor.tell("member_updated", member, 2, timezone="Pacific/Auckland")

    assert iso((await member.create()).start_date) == "2026-03-21"


async def test_flying_west_loses_nothing(members: GoalsMembers, mentor: Mentor, clock: FixedClock) -> None:
    clock.turn_to(datetime(2026, 3, 20, 13, tzinfo=UTC))
    member = members.member("Pacific/Auckland")
    goal = await member.create(start_date=on("2026-03-20"))
    other = await member.create(start_date=on("2026-03-20"))
    await member.log(goal.goal_id, "2026-03-20")
    await member.log(goal.goal_id)

    await mentor.tell("member_updated", member, 2, timezone="America/New_York")
    after = await member.get(goal.goal_id)

    assert after.progress_summary.current_streak == 2
    assert iso((await member.log(other.goal_id)).activity.local_date) == "2026-03-21"
    # A goal made or copied now begins with the same today, and keeps it.
    for made in (await member.create(), await member.copy(other.goal_id)):
        assert iso(made.start_date) == "2026-03-21"
        assert iso((await member.log(made.goal_id)).activity.local_date) == "2026-03-21"


async def test_another_week_start_leaves_closed_weeks_alone(members: GoalsMembers, mentor: Mentor) -> None:
    member = members.member()
    goal = await member.create("Run 2x per week", start_date=on("2026-03-02"))
    for day in ("2026-03-02", "2026-03-03", "2026-03-09", "2026-03-10"):
        await member.log(goal.goal_id, day)
    before = await member.get(goal.goal_id)

    await mentor.tell("member_updated", member, 2, week_start=7)
    after = await member.get(goal.goal_id)

    assert after.progress_summary == before.progress_summary
    assert after.etag != before.etag
    assert after.status == goal_pb2.STATUS_ACTIVE
