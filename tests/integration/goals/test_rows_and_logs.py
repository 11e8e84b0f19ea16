"""Rows logged, corrected and taken back in PostgreSQL, against a log kept beside them and read without any fold.

`HISTORIES=400 make test T=tests/integration/goals/test_rows_and_logs.py` for more of them.
"""

import os
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any, Final
from uuid import UUID

import pytest

from chassis.clock import FixedClock
from chassis.db import Database
from chassis.identity.principal import Principal
from services.goals.domain.entries import Kind
from services.goals.repository import GoalRepository, Loaded
from tandem.goals.v1 import activity_pb2, goal_pb2
from tests.support.goals import CHECK_IN, GoalsMember, GoalsMembers, on
from tests.unit.goals.lives import Entry
from tests.unit.goals.plain_reading import by_the_engine, standing

HISTORIES: Final = int(os.environ.get("HISTORIES", "24"))
TODAY: Final = date(2026, 3, 20)
PROGRESS: Final = activity_pb2.ACTIVITY_TYPE_PROGRESS
MILESTONE: Final = activity_pb2.ACTIVITY_TYPE_MILESTONE
SKIP: Final = activity_pb2.ACTIVITY_TYPE_SKIP
VALUES: Final = (0, 0.5, 1, 2, 3.25, 7)
# Not reached by any sum of values, so that nothing completes and all may be logged on.
FAR: Final = 10_000

SCHEDULES: Final = (
    goal_pb2.Schedule(period=goal_pb2.PERIOD_DAY),
    goal_pb2.Schedule(period=goal_pb2.PERIOD_DAY, weekdays=[1, 3, 5]),
    goal_pb2.Schedule(period=goal_pb2.PERIOD_WEEK, times=3),
    goal_pb2.Schedule(period=goal_pb2.PERIOD_MONTH, times=5, weekdays=[1, 2, 6, 7]),
    goal_pb2.Schedule(period=goal_pb2.PERIOD_DAY, rrule="FREQ=MONTHLY;BYMONTHDAY=15,31"),
    goal_pb2.Schedule(period=goal_pb2.PERIOD_DAY, rrule="FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,TH"),
)
ROLLING: Final = goal_pb2.Schedule(period=goal_pb2.PERIOD_WEEK, times=2, window=goal_pb2.WINDOW_ROLLING, window_days=7)
EXCUSED: Final = (goal_pb2.EXCUSED_POLICY_NEUTRAL, goal_pb2.EXCUSED_POLICY_COUNTS, goal_pb2.EXCUSED_POLICY_BREAKS)


def once(schedule: goal_pb2.Schedule) -> goal_pb2.Schedule:
    """The same for what counts amounts instead of times."""
    asked = goal_pb2.Schedule()
    asked.CopyFrom(schedule)
    asked.times = 1
    return asked


def a_goal(random: Random) -> dict[str, Any]:
    """The fields of a goal of some pattern."""
    start = TODAY - timedelta(random.randrange(5, 50))
    fields: dict[str, Any] = {"pattern": random.choice(goal_pb2.Pattern.values()[1:]), "start_date": on(str(start))}
    fields["policy"] = goal_pb2.Policy(excused=random.choice(EXCUSED))
    match fields["pattern"]:
        case goal_pb2.PATTERN_MILESTONE:
            due = [on(str(TODAY + timedelta(random.randrange(-3, 9)))) for _ in range(4)]
            steps = [goal_pb2.Milestone(title="Step", weight=1, due_date=each) for each in due]
            return fields | {"milestones": [*steps, goal_pb2.Milestone(title="Any day", weight=2)]}
        case goal_pb2.PATTERN_TARGET:
            aggregation = random.choice(goal_pb2.Aggregation.values()[1:])
            far = random.choice([FAR, -FAR])
            return fields | {
                "target": goal_pb2.Target(unit="km", start_value=50, target_value=far, aggregation=aggregation)
            }
        case goal_pb2.PATTERN_LIMIT:
            limit = goal_pb2.Limit(unit="cups", max_value=random.choice([0, 2.5, 10]))
            return fields | {"limit": limit, "schedule": once(random.choice(SCHEDULES))}
        case goal_pb2.PATTERN_STREAK:
            fields["streak"] = goal_pb2.StreakTerms(target_length=FAR, freezes_per_month=random.randrange(3))
    fields["schedule"] = random.choice([*SCHEDULES, ROLLING])
    if random.random() < 0.4:
        fields["amount"] = goal_pb2.Amount(unit="km", min_value=random.choice([1, 4.5]))
        fields["schedule"] = once(fields["schedule"])
    return fields


@dataclass
class Kept:
    """A goal with what was logged on it, in the order of writing; the log is ours, the rows are theirs."""

    member: GoalsMember
    goal: goal_pb2.Goal
    random: Random
    log: list[tuple[Entry, activity_pb2.Activity]] = field(default_factory=list)
    vacations: list[tuple[int, int]] = field(default_factory=list)
    written: int = 0

    async def log_one(self) -> None:
        """One entry more, of a kind that the pattern takes."""
        self.written += 1
        first = date(self.goal.start_date.year, self.goal.start_date.month, self.goal.start_date.day)
        day = first + timedelta(self.random.randrange((TODAY - first).days + 1))
        entry, asked = self._drawn(day)
        if entry is not None:
            logged = await self.member.log(self.goal.goal_id, day.isoformat(), **asked)
            self.log.append((entry, logged.activity))

    async def correct_one(self) -> None:
        """The same entry with another value, or a check-in that says the other thing."""
        at = self.random.randrange(len(self.log))
        entry, activity = self.log[at]
        if entry.kind is Kind.PROGRESS:
            value = self.random.choice(VALUES)
            self.log[at] = (replace(entry, value=value), activity)
            await self.member.correct(activity, "value", value=value)
        elif entry.kind in (Kind.DONE, Kind.NOT_DONE):
            turned = Kind.NOT_DONE if entry.kind is Kind.DONE else Kind.DONE
            self.log[at] = (replace(entry, kind=turned), activity)
            await self.member.correct(activity, "completed", completed=turned is Kind.DONE)
        else:
            await self.member.correct(activity, note="Another word.")

    async def take_one_back(self) -> None:
        """An entry that is there no more."""
        _, activity = self.log.pop(self.random.randrange(len(self.log)))
        await self.member.take_back(activity)

    async def leave(self) -> None:
        """A vacation, of the goal or of all goals."""
        first = TODAY - timedelta(self.random.randrange(30))
        last = first + timedelta(self.random.randrange(6))
        goal_id = self.random.choice([self.goal.goal_id, ""])
        await self.member.vacation(first.isoformat(), last.isoformat(), goal_id=goal_id)
        self.vacations.append((first.toordinal(), last.toordinal()))

    def _drawn(self, day: date) -> tuple[Entry | None, dict[str, Any]]:
        pattern = self.goal.pattern
        if pattern == goal_pb2.PATTERN_MILESTONE:
            reached = {entry.step for entry, _ in self.log}
            left = [step.milestone_id for step in self.goal.milestones if UUID(step.milestone_id) not in reached]
            # One step stays, or the goal would be complete.
            if len(left) < 2:
                return None, {}
            step = self.random.choice(left)
            entry = Entry(self.written, day.toordinal(), None, None, UUID(step))
            return entry, {"type": MILESTONE, "milestone_id": step}
        kind = self.random.choice(self._kinds())
        if kind is Kind.PROGRESS:
            value = self.random.choice(VALUES)
            return Entry(self.written, day.toordinal(), kind, value), {"type": PROGRESS, "value": value}
        if kind is Kind.SKIP:
            return Entry(self.written, day.toordinal(), kind), {"type": SKIP}
        return Entry(self.written, day.toordinal(), kind), {"type": CHECK_IN, "completed": kind is Kind.DONE}

    def _kinds(self) -> Sequence[Kind]:
        if self.goal.pattern == goal_pb2.PATTERN_TARGET:
            return (Kind.PROGRESS, Kind.PROGRESS, Kind.SKIP)
        if self.goal.pattern == goal_pb2.PATTERN_LIMIT:
            return (Kind.PROGRESS, Kind.DONE, Kind.NOT_DONE)
        more = (Kind.PROGRESS,) if self.goal.HasField("amount") else ()
        return (Kind.DONE, Kind.DONE, Kind.NOT_DONE, Kind.SKIP, *more)


async def stored(database: Database, kept: Kept) -> Loaded:
    """The goal as it is folded from its rows."""
    async with database.transaction(Principal.member(kept.member.member_id), read_only=True) as transaction:
        loaded = await GoalRepository(transaction).find(UUID(kept.goal.goal_id))
    assert loaded is not None
    return loaded


async def live(kept: Kept, clock: FixedClock) -> None:
    """A dozen things that a member does."""
    for _ in range(kept.random.randrange(4, 16)):
        clock.advance(timedelta(seconds=1))
        what = kept.random.choice(["log", "log", "log", "correct", "take back", "leave"])
        if what == "log" or not kept.log:
            await kept.log_one()
        elif what == "correct":
            await kept.correct_one()
        elif what == "take back":
            await kept.take_one_back()
        else:
            await kept.leave()


@pytest.mark.timeout(120 * max(1, HISTORIES // 24))
async def test_rows_edited_come_to_what_the_log_says(
    members: GoalsMembers, database: Database, clock: FixedClock
) -> None:
    """Each history on a goal of its own; what is shown by lists and alone is the same, to the last byte."""
    for seed in range(HISTORIES):
        clock.turn_to(datetime(2026, 3, 20, 12, tzinfo=UTC))
        random = Random(seed)
        member = members.member()
        kept = Kept(member, await member.create(**a_goal(random)), random)
        await live(kept, clock)

        loaded = await stored(database, kept)
        today = loaded.goal.today(clock.now(), loaded.entries.last_day)
        log = [entry for entry, _ in kept.log]

        found = by_the_engine(loaded.goal, loaded.entries, today)
        assert found == standing(loaded.goal, log, kept.vacations, today), f"history {seed}"
        [listed] = (await member.list_goals()).goals
        assert listed == await member.get(kept.goal.goal_id), f"history {seed}"


async def test_a_list_shows_each_goal_as_it_is_shown_alone(members: GoalsMembers, clock: FixedClock) -> None:
    """One member with goals of all patterns, whose vacations concern one of them or all."""
    random, member = Random(7), members.member()
    kept = [Kept(member, await member.create(**a_goal(random)), random) for _ in range(20)]
    for each in kept:
        await live(each, clock)

    listed = (await member.list_goals()).goals
    overview = (await member.overview()).goals

    assert {goal.pattern for goal in listed} == set(goal_pb2.Pattern.values()[1:])
    assert any(goal.HasField("amount") for goal in listed)
    alone = {each.goal.goal_id: await member.get(each.goal.goal_id) for each in kept}
    assert {goal.goal_id: goal for goal in listed} == alone
    assert {shown.goal.goal_id: shown.goal for shown in overview} == alone
