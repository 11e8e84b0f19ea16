"""Events put a member's figures out of date, each once, and nobody else's."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from uuid import UUID

import asyncpg
import pytest

from chassis.clock import SystemClock, new_id
from chassis.consumer import Consumer
from chassis.db import Database
from chassis.errors import PermissionDenied
from chassis.identity.principal import Principal
from chassis.redis import Redis, stream_of
from chassis.sql import text_statement
from services.analytics.tables import metadata
from services.analytics.usecases import FigureUseCases
from services.analytics.worker import DIRTYING, handlers
from tandem.event.v1 import event_pb2
from tests.support.drift import differences
from tests.support.servers import TestDatabase

CLOCK = SystemClock()
_COUNT = text_statement("SELECT count(*) FROM analytics.dirty_members")


@pytest.fixture
async def database(services_database: TestDatabase) -> AsyncIterator[Database]:
    made = await Database.connect(
        services_database.app_dsn("analytics"),
        schema="analytics",
        claims_key=services_database.claims_key("analytics"),
    )
    yield made
    await made.close()


@pytest.fixture
async def system(services_database: TestDatabase) -> AsyncIterator[Database]:
    made = await Database.connect(services_database.system_dsn("analytics"), schema="analytics", pool_size=2)
    yield made
    await made.close()


@asynccontextmanager
async def listening(database: Database, system: Database, redis_url: str) -> AsyncIterator[None]:
    """Analytics' ear."""
    redis = Redis(redis_url)
    ear = Consumer(database, system, redis, CLOCK, handlers=handlers(FigureUseCases(CLOCK)))
    task = asyncio.create_task(ear.run())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await redis.close()


def event(event_type: str, member_id: UUID) -> event_pb2.Event:
    made = event_pb2.Event(event_id=str(new_id(CLOCK)), event_type=event_type, member_id=str(member_id))
    made.occur_time.FromDatetime(CLOCK.now())
    return made


async def marks_of(services_database: TestDatabase, member_id: UUID) -> int | None:
    connection = await asyncpg.connect(services_database.admin_dsn)
    try:
        marks: int | None = await connection.fetchval(
            "SELECT marks FROM analytics.dirty_members WHERE member_id = $1", member_id
        )
        return marks
    finally:
        await connection.close()


async def eventually(condition: Callable[[], Awaitable[bool]]) -> None:
    for _ in range(300):
        if await condition():
            return
        await asyncio.sleep(0.05)
    pytest.fail("never came true")


async def test_each_event_marks_its_member_once_however_often_it_comes(
    database: Database, system: Database, services_database: TestDatabase, redis_url: str, empty_redis
):
    anna, ben = new_id(CLOCK), new_id(CLOCK)
    told = [event(event_type, anna) for event_type in DIRTYING]
    for each in [*told, *told, event("goals.activity_logged", ben)]:
        await empty_redis.xadd(stream_of("goals"), {b"event": each.SerializeToString()})

    async with listening(database, system, redis_url):

        async def all_marked() -> bool:
            return (
                await marks_of(services_database, anna) == len(DIRTYING) and await marks_of(services_database, ben) == 1
            )

        await eventually(all_marked)
        await asyncio.sleep(0.3)

    assert await marks_of(services_database, anna) == len(DIRTYING)


async def test_a_member_sees_no_marks_of_others_and_the_system_sees_all(database: Database, system: Database):
    anna, ben = new_id(CLOCK), new_id(CLOCK)
    figures = FigureUseCases(CLOCK)
    for member_id in (anna, ben):
        async with database.transaction(Principal.member(member_id)) as transaction:
            await figures.mark_dirty(transaction, member_id)

    async with database.transaction(Principal.member(anna), read_only=True) as transaction:
        assert await transaction.fetch_value(_COUNT) == 1
    async with database.transaction(Principal.system("analytics"), read_only=True) as transaction:
        assert await transaction.fetch_value(_COUNT) == 0
    async with system.transaction(Principal.system("analytics"), read_only=True) as transaction:
        assert await transaction.fetch_value(_COUNT) >= 2


async def test_nobody_marks_somebody_else(database: Database):
    with pytest.raises(PermissionDenied):
        async with database.transaction(Principal.member(new_id(CLOCK))) as transaction:
            await FigureUseCases(CLOCK).mark_dirty(transaction, new_id(CLOCK))


async def test_the_tables_are_what_the_migrations_made(services_database: TestDatabase):
    assert await differences(services_database.admin_dsn, metadata) == []
