"""Lists read folds of old entries, and tell what all entries tell, whatever becomes of old ones and of the folds."""

import asyncio
from collections.abc import Coroutine
from contextvars import Context
from datetime import date, timedelta
from random import Random
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from chassis.clock import FixedClock, SystemClock, new_id
from chassis.db import Database
from chassis.db.claims import ClaimSigner
from chassis.identity.principal import Principal
from services.goals.domain.folds import fold
from services.goals.domain.goal import GoalId
from services.goals.repository import GoalRepository
from services.goals.repository import goals as goal_rows
from services.goals.repository.folds import FoldRepository, drop_of
from services.goals.repository.goals import GoalOrder
from tandem.goals.v1 import activity_pb2, goal_pb2, transfer_pb2
from tests.support.goals import CHECK_IN, SYSTEM, Connection, GoalsMember, GoalsMembers, on
from tests.support.servers import TestDatabase

_TODAY = date(2026, 3, 20)
_UNTIL = date(2026, 3, 6)
_TYPES = (CHECK_IN, CHECK_IN, CHECK_IN, activity_pb2.ACTIVITY_TYPE_SKIP, activity_pb2.ACTIVITY_TYPE_NOTE)


def entry(goal: goal_pb2.Goal, day: date, chance: Random | None = None) -> activity_pb2.Activity:
    """An entry of a day: a check-in, or anything that the goal takes where there is chance."""
    kind = chance.choice(_TYPES) if chance else CHECK_IN
    fields: dict[str, Any] = {"completed": chance.random() < 0.8} if chance and kind == CHECK_IN else {}
    if chance and goal.HasField("amount") and chance.random() < 0.5:
        kind, fields = activity_pb2.ACTIVITY_TYPE_PROGRESS, {"value": chance.choice([0.5, 1, 3])}
    return activity_pb2.Activity(goal_id=goal.goal_id, type=kind, local_date=on(day.isoformat()), **fields)


async def with_a_long_past(member: GoalsMember, **fields: Any) -> goal_pb2.Goal:
    """A goal with sixty days of check-ins, up to yesterday."""
    goal = await member.create(start_date=on("2026-01-01"), **fields)
    await member.batch(*[entry(goal, _TODAY - timedelta(days=back)) for back in range(1, 61)])
    return goal


async def folds_of(behind: Connection, goal: goal_pb2.Goal) -> list[date | None]:
    """Until when the goal's fold reaches, None for one that was dropped; empty where there is no row."""
    rows = await behind.fetch("SELECT until FROM goals.folds WHERE goal_id = $1", UUID(goal.goal_id))
    return [row["until"] for row in rows]


async def list_until_folded(member: GoalsMember, behind: Connection, goal: goal_pb2.Goal, until: date = _UNTIL) -> None:
    """Lists goals until the goal's fold is kept: none is while a transaction is open anywhere that began before."""
    async with asyncio.timeout(20):
        await member.list_goals()
        while await folds_of(behind, goal) != [until]:
            await asyncio.sleep(0.05)
            await member.list_goals()


async def assert_lists_tell_what_reads_tell(member: GoalsMember) -> None:
    listed = (await member.list_goals(page_size=200)).goals
    dashboard = (await member.overview()).goals

    assert list(listed) == [await member.get(goal.goal_id) for goal in listed]
    for shown in dashboard:
        assert shown.goal == await member.get(shown.goal.goal_id)
        whole = await member.progress(shown.goal.goal_id)
        whole.ClearField("insights")
        whole.ClearField("facts")  # A dashboard is told no moods.
        shown.progress.ClearField("insights")
        shown.progress.ClearField("facts")
        assert shown.progress == whole


async def test_a_list_that_read_many_old_entries_folds_them(members: GoalsMembers, behind: Connection) -> None:
    member = members.member()
    goal, few = await with_a_long_past(member), await member.create("Read", start_date=on("2026-03-01"))
    await member.log(few.goal_id, "2026-03-01")

    await list_until_folded(member, behind, goal)

    assert await folds_of(behind, few) == [None]
    await assert_lists_tell_what_reads_tell(member)


async def test_a_fold_is_made_anew_when_a_month_has_passed(
    members: GoalsMembers, behind: Connection, clock: FixedClock
) -> None:
    member = members.member()
    goal = await with_a_long_past(member)
    await list_until_folded(member, behind, goal)

    for _ in range(40):
        clock.advance(timedelta(days=1))
        await member.log(goal.goal_id)
    await member.overview()

    await list_until_folded(member, behind, goal, _UNTIL + timedelta(days=40))
    await assert_lists_tell_what_reads_tell(member)


async def test_what_is_logged_today_leaves_a_fold_alone(members: GoalsMembers, behind: Connection) -> None:
    member = members.member()
    goal = await with_a_long_past(member)
    await list_until_folded(member, behind, goal)

    await member.log(goal.goal_id)
    await member.log(goal.goal_id, "2026-03-14")

    assert await folds_of(behind, goal) == [_UNTIL]
    await assert_lists_tell_what_reads_tell(member)


@pytest.mark.parametrize("change", ["log", "batch", "correct", "take back", "import"])
async def test_whoever_changes_an_old_entry_drops_the_fold(
    members: GoalsMembers, behind: Connection, change: str
) -> None:
    member = members.member()
    goal = await with_a_long_past(member)
    old = (await member.log(goal.goal_id, "2026-02-01")).activity
    await list_until_folded(member, behind, goal)

    if change == "log":
        await member.log(goal.goal_id, "2026-02-02", completed=False)
    elif change == "batch":
        await member.batch(entry(goal, _TODAY), entry(goal, date(2026, 1, 2)))
    elif change == "correct":
        await member.correct(old, completed=False)
    elif change == "take back":
        await member.take_back(old)
    else:
        await _import_an_entry(member, goal)

    assert await folds_of(behind, goal) == [None]
    await assert_lists_tell_what_reads_tell(member)


async def _import_an_entry(member: GoalsMember, goal: goal_pb2.Goal) -> None:
    table = (
        "goal_id,goal_title,goal_pattern,activity_id,type,local_date,completed\n"
        f"{goal.goal_id},{goal.title},recurring,{new_id(SYSTEM)},check_in,2026-01-03,true\n"
    )
    request = transfer_pb2.ImportGoalsRequest(source=transfer_pb2.IMPORT_SOURCE_TANDEM, content=table.encode())
    report: transfer_pb2.ImportGoalsResponse = await member.call("ImportGoals", request)
    assert report.created_activity_count == 1


async def beside(work: Coroutine[Any, Any, object]) -> None:
    """Does it as somebody else would, outside the transaction that is open here."""
    await asyncio.create_task(work, context=Context())


@pytest.mark.parametrize("seed", range(4))
async def test_no_history_shows_whether_its_old_entries_are_folded(
    members: GoalsMembers, behind: Connection, clock: FixedClock, seed: int
) -> None:
    chance, member = Random(seed), members.member(week_start=(1, 7, 6, 3)[seed])
    goals = [
        await with_a_long_past(member),
        await with_a_long_past(member, schedule=goal_pb2.Schedule(period=goal_pb2.PERIOD_WEEK, times=3)),
        await with_a_long_past(member, amount=goal_pb2.Amount(unit="pages", min_value=2)),
        await with_a_long_past(member, schedule=goal_pb2.Schedule(window=goal_pb2.WINDOW_ROLLING, window_days=5)),
    ]
    folded = dropped = 0

    for _ in range(20):
        goal, today = chance.choice(goals), clock.now().date()
        day = today - timedelta(days=chance.choice([0, 1, 6, 7, 8, 13, 14, 15, 40, 70]))
        before = (await folds_of(behind, goal))[:1]
        known = (await member.activities(goal.goal_id, page_size=200)).activities
        match chance.choice(["log", "log", "batch", "correct", "take back", "wait"]):
            case "log":
                await member.batch(entry(goal, day, chance))
            case "batch":
                await member.batch(*[entry(goal, day + timedelta(days=n % 3 - 2), chance) for n in range(5)])
            case "correct":
                done = [each for each in known if each.type == CHECK_IN]
                await member.correct(chance.choice(done), completed=chance.random() < 0.5)
            case "take back":
                await member.take_back(chance.choice(known))
            case "wait":
                clock.advance(timedelta(days=chance.choice([1, 5, 30])))
        dropped += before == [None] or (await folds_of(behind, goal)) == [None]
        await assert_lists_tell_what_reads_tell(member)
        folded += bool([until for until in await folds_of(behind, goal) if until])

    assert folded
    assert dropped
    await behind.execute("DELETE FROM goals.folds")
    await assert_lists_tell_what_reads_tell(member)


async def test_a_fold_is_not_kept_where_an_old_entry_was_changed_while_it_was_made(
    members: GoalsMembers, behind: Connection, database: Database
) -> None:
    """Whether that is over before the fold is written, or had begun before its entries were read."""
    member = members.member()
    goal = await with_a_long_past(member)
    goal_id, who = GoalId(UUID(goal.goal_id)), Principal.member(member.member_id)

    async with database.transaction(who) as making:
        folds = FoldRepository(making)
        horizon = await folds.begin()
        [read] = await GoalRepository(making).find_all([goal_id])
        await beside(member.log(goal.goal_id, "2026-02-01"))
        made = fold(*read.entries.unfolded(), _UNTIL.toordinal())
        folds.keep(member.member_id, {goal_id: made}, until=made.until, horizon=horizon)

    assert await folds_of(behind, goal) == [None]
    await assert_lists_tell_what_reads_tell(member)
    await list_until_folded(member, behind, goal)


async def test_a_list_does_not_wait_for_somebody_who_changes_an_old_entry(
    members: GoalsMembers, behind: Connection, database: Database
) -> None:
    member = members.member()
    goal = await with_a_long_past(member)
    async with database.transaction(Principal.member(member.member_id)) as changing:
        drop_of(changing, [GoalId(UUID(goal.goal_id))])
        await changing.flush()

        await beside(assert_lists_tell_what_reads_tell(member))

        assert await folds_of(behind, goal) == [None]


async def test_folds_are_their_owners_alone(
    members: GoalsMembers, behind: Connection, services_database: TestDatabase
) -> None:
    member, stranger = members.member(), members.member()
    await with_a_long_past(member)
    await member.list_goals()
    signer = ClaimSigner(services_database.claims_key("goals"), wall=SystemClock())

    login = await asyncpg.connect(services_database.app_dsn("goals"))
    try:
        async with login.transaction():
            await login.execute(signer.settings(Principal.member(stranger.member_id)))
            seen = await login.fetchval("SELECT count(*) FROM goals.folds")
    finally:
        await login.close()

    assert seen == 0
    assert await behind.fetchval("SELECT count(*) FROM goals.folds WHERE member_id = $1", member.member_id) == 1


async def test_a_list_looks_up_where_folds_end_in_the_index(
    members: GoalsMembers, services_database: TestDatabase
) -> None:
    """As a filter instead, it would read all entries and throw most of them away."""
    member = members.member()
    await with_a_long_past(member)
    await member.list_goals()
    signer = ClaimSigner(services_database.claims_key("goals"), wall=SystemClock())
    statement = goal_rows._LISTS[GoalOrder.CREATE_TIME, True, True]
    arguments = statement.arguments(member_id=member.member_id, status=None, pattern=None, category=None, limit=51)
    text = statement.text
    for number, argument in reversed([*enumerate(arguments, 1)]):
        text = text.replace(f"${number}", "NULL" if argument is None else f"'{argument}'")

    login = await asyncpg.connect(services_database.app_dsn("goals"))
    try:
        async with login.transaction():
            await login.execute("SET LOCAL enable_seqscan = off")
            await login.execute(signer.settings(Principal.member(member.member_id)))
            plan = [row[0] for row in await login.fetch(f"EXPLAIN (COSTS OFF) {text}")]
    finally:
        await login.close()

    conditions = [line for line in plan if "Index Cond" in line and "local_date" in line]
    assert len(conditions) == 2  # Codes and values.
    assert not any("Filter" in line and "local_date" in line for line in plan)
