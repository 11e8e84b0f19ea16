"""The data: members with one goal and 90 days of entries, as three months of use leave them; some with very much."""

import json
import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from functools import partial
from uuid import UUID

import asyncpg

from chassis.clock import Clock, SystemClock, new_id
from services.goals.domain.days import Calendar, Period, day_begins, local_day
from services.goals.domain.goal import MAX_ACTIVE_GOALS, Goal, GoalId, MemberId, Pattern
from services.goals.domain.planning import GoalDraft, plan_goal
from services.goals.domain.schedule import ScheduleDraft
from services.goals.repository.documents import phases_document, rules_document

MEMBERS = 2_000
ENTRIES = 90
BUSY_MEMBERS = 4
YEAR = 365
_TIMEZONES = ("UTC", "Europe/Berlin", "America/New_York", "Asia/Tokyo")
_SCHEDULES = (
    ScheduleDraft(),
    ScheduleDraft(period=Period.WEEK, times=3),
    ScheduleDraft(weekdays=(1, 2, 3, 4, 5)),
    ScheduleDraft(period=Period.WEEK, times=5),
)
_NOTES = ("", "", "", "Felt heavy at first, good afterwards.")
_MOODS = (None, None, None, 2, 3, 4, 5)
_DONE_SHARE = 0.8


@dataclass(frozen=True, slots=True)
class Member:
    """A member and the goal to ask for."""

    member_id: UUID
    session_id: UUID
    goal_id: UUID


async def seed(connection: "asyncpg.Connection[asyncpg.Record]", clock: Clock) -> list[Member]:
    """Fills the goals schema, as a login that row-level security does not bind, and gathers statistics."""
    chance = random.Random(1)
    members = [Member(new_id(clock), new_id(clock), new_id(clock)) for _ in range(MEMBERS)]
    goals = [_goal(member, number, clock.now()) for number, member in enumerate(members)]
    await _fill(connection, goals, goals, ENTRIES, chance, clock)
    return members


async def seed_busy(connection: "asyncpg.Connection[asyncpg.Record]", clock: Clock) -> list[Member]:
    """Adds members with as many goals as there may be and a year of entries on each; names each with their first."""
    chance = random.Random(2)
    members = [Member(new_id(clock), new_id(clock), new_id(clock)) for _ in range(BUSY_MEMBERS)]
    goals = [
        _goal(replace(member, goal_id=member.goal_id if number == 0 else new_id(clock)), 4 * number, clock.now(), YEAR)
        for member in members
        for number in range(MAX_ACTIVE_GOALS)
    ]
    await _fill(connection, goals[::MAX_ACTIVE_GOALS], goals, YEAR, chance, clock)
    return members


async def _fill(
    connection: "asyncpg.Connection[asyncpg.Record]",
    firsts: Sequence[Goal],
    goals: Sequence[Goal],
    entries: int,
    chance: random.Random,
    clock: Clock,
) -> None:
    """Writes calendars (one per goal of `firsts`), goals, and entries day by day, and gathers statistics."""
    await connection.copy_records_to_table(
        "member_calendars",
        schema_name="goals",
        columns=_CALENDAR_COLUMNS,
        records=[_calendar_row(goal) for goal in firsts],
    )
    await connection.copy_records_to_table(
        "goals", schema_name="goals", columns=_GOAL_COLUMNS, records=[_goal_row(goal) for goal in goals]
    )
    # Day by day, as entries come in life: those of one goal do not lie side by side.
    for back in reversed(range(entries)):
        await connection.copy_records_to_table(
            "activities",
            schema_name="goals",
            columns=_ACTIVITY_COLUMNS,
            records=[_activity_row(goal, back, chance, clock) for goal in goals],
        )
    await connection.execute("VACUUM (ANALYZE) goals.goals, goals.activities, goals.member_calendars")


def _goal(member: Member, number: int, now: datetime, days: int = ENTRIES) -> Goal:
    calendar = Calendar(_TIMEZONES[number % len(_TIMEZONES)])
    today = local_day(now, calendar)
    draft = GoalDraft(
        title="Run three times a week",
        description="To feel well and to finish the autumn half marathon without a break.",
        pattern=Pattern.RECURRING,
        category="fitness",
        start_date=date.fromordinal(today - days),
        schedule=_SCHEDULES[number // len(_TIMEZONES) % len(_SCHEDULES)],
    )
    return plan_goal(
        draft,
        goal_id=GoalId(member.goal_id),
        member_id=MemberId(member.member_id),
        calendar=calendar,
        today=today,
        now=now - timedelta(days=days),
        new_id=partial(new_id, SystemClock()),
    )


_CALENDAR_COLUMNS = ("member_id", "timezone", "day_start_hour", "week_start", "version", "as_of")


def _calendar_row(goal: Goal) -> tuple[object, ...]:
    calendar = goal.rule.calendar
    return (goal.member_id, calendar.timezone, calendar.day_start_hour, calendar.week_start, 1, goal.create_time)


_GOAL_COLUMNS = (
    *("goal_id", "member_id", "title", "description", "pattern", "status", "category"),
    *("start_date", "deadline", "completed_on", "rules", "phases", "created_at", "updated_at", "revision"),
)


def _goal_row(goal: Goal) -> tuple[object, ...]:
    start = date.fromordinal(goal.start_day)
    return (
        *(goal.id, goal.member_id, goal.title, goal.description, goal.pattern, goal.status, goal.category),
        *(start, None, None, json.dumps(rules_document(goal.rules)), json.dumps(phases_document(goal.phases))),
        *(goal.create_time, goal.update_time, goal.revision),
    )


_ACTIVITY_COLUMNS = (
    *("activity_id", "goal_id", "member_id", "type", "local_date", "occurred_at", "timezone", "completed", "note"),
    *("mood", "created_at", "updated_at"),
)


def _activity_row(goal: Goal, days_back: int, chance: random.Random, clock: Clock) -> tuple[object, ...]:
    calendar = goal.rule.calendar
    day = local_day(clock.now(), calendar) - days_back
    # Early on the member's day, so that none of today's lies ahead.
    at = day_begins(day, calendar).astimezone(UTC)
    return (
        *(new_id(clock), goal.id, goal.member_id, "check_in", date.fromordinal(day), at, calendar.timezone),
        *(chance.random() < _DONE_SHARE, chance.choice(_NOTES), chance.choice(_MOODS), at, at),
    )
