"""What analytics follows of goals: these columns, nothing that a member wrote, and for nobody else."""

import json
from collections.abc import AsyncIterator, Callable
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import grpc
import pyarrow
import pytest

from chassis.db import Database
from chassis.feed.cursors import Cursors
from chassis.feed.extraction import Extractor
from chassis.feed.servicer import servicing
from chassis.rpc import wire
from services.goals.repository.feed import ENTITIES
from tandem.feed.v1 import change_feed_pb2, change_feed_pb2_grpc
from tandem.goals.v1 import activity_pb2, goal_pb2, suggestion_pb2
from tests.support.feed import Reader, others_have_ended
from tests.support.goals import Connection, GoalsMember, GoalsMembers
from tests.support.identities import Identities
from tests.support.processes import Deployment, running
from tests.support.rpc import serving
from tests.support.servers import TestDatabase

WORD = "Canary7Q"
LONGEST = 64
COLUMNS = {
    "goals.activities": "activity_id member_id goal_id type local_date occurred_at completed value mood milestone_id",
    "goals.due_units": "unit_id member_id goal_id first_date last_date number outcome effective_from",
    "goals.goals": "goal_id member_id pattern status start_date deadline completed_on rules phases milestones "
    "created_at updated_at",
    "goals.member_calendars": "member_id timezone day_start_hour week_start",
    "goals.suggestions": "suggestion_id member_id goal_id source status created_at decided_at",
    "goals.vacations": "vacation_id member_id goal_id from_date to_date created_at removed_at",
}
TOLD_OF_STEPS = ("id", "weight", "due_date", "known_from", "until")
TAIL = ["row_version", "row_check", "deleted"]
MakeReader = Callable[[str], Reader]


@pytest.fixture(scope="module")
async def feed(
    services_database: TestDatabase,
    system_database: Database,
    identities: Identities,
    tmp_path_factory: pytest.TempPathFactory,
) -> AsyncIterator[MakeReader]:
    """Makes readers of goals' feed."""
    extractor = Extractor(services_database.system_dsn("goals"), schema="goals")
    served = servicing(ENTITIES, system_database, extractor, Cursors(b"c" * 32))
    folder: Path = tmp_path_factory.mktemp("feed")
    async with serving(served, folder, identities, audience="goals") as address:
        settled = partial(others_have_ended, system_database)
        yield lambda entity: Reader(address, identities, entity, settled=settled)
    await extractor.close()


async def _rows(feed: MakeReader, entity: str, member: GoalsMember) -> list[dict[str, Any]]:
    return [row for row in await feed(entity).rows() if row["member_id"] == member.member_id]


async def _wordy(members: GoalsMembers) -> GoalsMember:
    """A member who writes the same word wherever words can be written."""
    member = members.member("Europe/Berlin", day_start_hour=4)
    goals = [
        await member.create(
            WORD,
            description=WORD,
            category=WORD,
            amount=goal_pb2.Amount(unit=WORD, min_value=3),
            schedule=goal_pb2.Schedule(period=goal_pb2.PERIOD_DAY, rrule="FREQ=WEEKLY;BYDAY=MO,FR"),
        ),
        await member.create(WORD, pattern=goal_pb2.PATTERN_LIMIT, limit=goal_pb2.Limit(unit=WORD, max_value=2)),
        await member.create(
            WORD,
            pattern=goal_pb2.PATTERN_TARGET,
            target=goal_pb2.Target(unit=WORD, start_value=0, target_value=10),
        ),
        await member.create(
            WORD, pattern=goal_pb2.PATTERN_MILESTONE, milestones=[goal_pb2.Milestone(title=WORD, weight=1)]
        ),
        await member.create(WORD, pattern=goal_pb2.PATTERN_STREAK, streak=goal_pb2.StreakTerms(target_length=30)),
    ]
    goal_id = goals[0].goal_id
    await member.add_habit(goal_id, WORD, if_then=WORD)
    await member.add_subgoal(goal_id, WORD)
    await member.vacation("2026-04-01", "2026-04-03", goal_id=goal_id, reason=WORD)
    context = activity_pb2.ActivityContext(location=WORD, tags=[WORD])
    await member.log(goal_id, completed=True, note=WORD, mood=4, context=context)
    operation = suggestion_pb2.Operation(add_subgoal=goal_pb2.PlannedSubgoal(title=WORD))
    suggestion = suggestion_pb2.Suggestion(goal_id=goal_id, source="offline", summary=WORD, operations=[operation])
    request = suggestion_pb2.OfferSuggestionRequest(member_id=str(member.member_id), suggestion=suggestion)
    await members.as_service("coach", "OfferSuggestion", request)
    return member


async def test_the_columns_are_these_and_no_others(feed: MakeReader, identities: Identities) -> None:
    async with grpc.aio.insecure_channel(feed("").address) as channel:
        described = await change_feed_pb2_grpc.ChangeFeedServiceStub(channel).DescribeFeed(
            change_feed_pb2.DescribeFeedRequest(),
            metadata=[(wire.ASSERTION, identities.assertion("analytics", "goals"))],
        )

    told = {
        entity.name: pyarrow.ipc.read_schema(pyarrow.py_buffer(entity.arrow_schema)).names
        for entity in described.entities
    }
    assert told == {name: [*columns.split(), *TAIL] for name, columns in COLUMNS.items()}


async def test_nothing_that_a_member_wrote_goes_out(
    feed: MakeReader, members: GoalsMembers, behind: Connection
) -> None:
    member = await _wordy(members)
    written = await behind.fetchval(
        "SELECT count(*) FROM goals.goals WHERE member_id = $1 AND goals::text LIKE $2",
        member.member_id,
        f"%{WORD}%",
    )

    sent = [batch.arrow_ipc for name in COLUMNS async for batch in feed(name).batches()]

    assert written == 5
    assert sum(map(len, sent)) > 0
    assert [ipc for ipc in sent if WORD.encode() in ipc] == []


async def test_no_string_is_longer_than_a_word(feed: MakeReader, members: GoalsMembers) -> None:
    await _wordy(members)
    strings = {
        entity.name: [column.name for column in entity.columns if column.type == "string"] for entity in ENTITIES
    }

    for name, columns in strings.items():
        for row in await feed(name).rows():
            assert max((len(row[column] or "") for column in columns), default=0) <= LONGEST


async def test_rules_and_phases_say_what_the_row_says_without_units(
    feed: MakeReader, members: GoalsMembers, behind: Connection
) -> None:
    member = await _wordy(members)
    kept = {
        row["goal_id"]: row
        for row in await behind.fetch(
            "SELECT goal_id, rules, phases, milestones FROM goals.goals WHERE member_id = $1", member.member_id
        )
    }

    rows = await _rows(feed, "goals.goals", member)

    assert {row["goal_id"] for row in rows} == kept.keys()
    for row in rows:
        wanted = json.loads(kept[row["goal_id"]]["rules"])
        for rule in wanted:
            for part in ("amount", "limit", "target"):
                (rule[part] or {}).pop("unit", None)
        assert json.loads(row["rules"]) == wanted
        assert json.loads(row["phases"]) == json.loads(kept[row["goal_id"]]["phases"])
        steps = json.loads(kept[row["goal_id"]]["milestones"])
        wanted_steps = [{name: step.get(name) for name in TOLD_OF_STEPS} for step in steps]
        assert json.loads(row["milestones"] or "[]") == wanted_steps


async def test_an_activity_corrected_comes_again_and_one_taken_back_leaves_a_tombstone(
    feed: MakeReader, members: GoalsMembers
) -> None:
    member = members.member()
    goal = await member.create()
    logged = (await member.log(goal.goal_id, completed=False, mood=2)).activity
    reading = feed("goals.activities")
    first = [row for row in await reading.rows() if row["member_id"] == member.member_id]

    await member.correct(logged, completed=True)
    corrected = [row for row in await reading.rows() if row["member_id"] == member.member_id]
    await member.take_back(logged)
    removed = [row for row in await reading.rows() if row["member_id"] == member.member_id]

    told = [(row["completed"], row["row_version"], row["deleted"]) for row in first + corrected + removed]
    assert told == [(False, 1, False), (True, 2, False), (None, 3, True)]
    assert {row["activity_id"] for row in first + corrected + removed} == {UUID(logged.activity_id)}


async def test_the_system_login_reads_what_it_feeds_and_changes_nothing_of_it(
    services_database: TestDatabase, members: GoalsMembers
) -> None:
    await members.member().create()
    system = await asyncpg.connect(services_database.system_dsn("goals"))
    # Units are what the service itself makes.
    for entity in [entity for entity in ENTITIES if entity.name != "goals.due_units"]:
        changed = await system.execute(f"UPDATE {entity.name} SET {entity.key} = {entity.key}")  # noqa: S608
        removed = await system.execute(f"DELETE FROM {entity.name}")  # noqa: S608
        assert (changed, removed) == ("UPDATE 0", "DELETE 0")
    assert await system.fetchval("SELECT count(*) FROM goals.goals") > 0
    assert await system.fetchval("SELECT count(*) FROM goals.member_calendars") > 0
    await system.close()


async def test_the_app_login_sees_no_more_than_before(services_database: TestDatabase, members: GoalsMembers) -> None:
    await members.member().create()
    app = await asyncpg.connect(services_database.app_dsn("goals"))
    for entity in ENTITIES:
        assert await app.fetchval(f"SELECT count(*) FROM {entity.name}") == 0  # noqa: S608
    await app.close()


async def test_the_process_offers_it_to_analytics_alone(
    services_database: TestDatabase, redis_url: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    deployment = Deployment(tmp_path_factory.mktemp("g"), Identities(), services_database, redis_url)
    deployment.write_keys()
    async with (
        running(deployment, "goals") as goals,
        grpc.aio.insecure_channel(goals.address) as channel,
    ):
        stub = change_feed_pb2_grpc.ChangeFeedServiceStub(channel)
        described = await stub.DescribeFeed(
            change_feed_pb2.DescribeFeedRequest(), metadata=_as(deployment.identities, "analytics")
        )
        for caller in ("mentor", "coach", "notify", "jobs", "goals"):
            with pytest.raises(grpc.aio.AioRpcError) as refused:
                await stub.DescribeFeed(
                    change_feed_pb2.DescribeFeedRequest(), metadata=_as(deployment.identities, caller)
                )
            assert refused.value.code() is grpc.StatusCode.PERMISSION_DENIED

    assert {entity.name for entity in described.entities} == COLUMNS.keys()


def _as(identities: Identities, caller: str) -> list[tuple[str, str]]:
    return [(wire.ASSERTION, identities.assertion(caller, "goals"))]
