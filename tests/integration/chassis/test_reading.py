"""Transactions that only read: whoever reads has what was read, and the end follows behind."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
import pytest

from chassis.clock import SystemClock, new_id
from chassis.db import Database, Transaction
from chassis.identity.principal import Principal
from chassis.sql import text_statement
from tests.support.notes import COUNT_NOTES
from tests.support.servers import TestDatabase

CLAIMS = text_statement("SELECT current_setting('app.claims', true)")
PATIENCE_S = 5


@asynccontextmanager
async def one_connection(sample: TestDatabase) -> AsyncIterator[Database]:
    """A database with a single place, so that whoever comes next gets the connection of the one before."""
    database = await Database.connect(
        sample.app_dsn("goals"), schema="goals", claims_key=sample.claims_key("goals"), pool_size=1
    )
    try:
        yield database
    finally:
        await database.close()


@pytest.fixture
def may_end(monkeypatch: pytest.MonkeyPatch) -> asyncio.Event:
    """No transaction ends before this is set."""
    event, execute = asyncio.Event(), asyncpg.Connection.execute

    async def held(self: Any, query: str, *arguments: Any, **options: Any) -> Any:
        if query == "COMMIT":
            await event.wait()
        return await execute(self, query, *arguments, **options)

    monkeypatch.setattr(asyncpg.Connection, "execute", held)
    return event


async def count(transaction: Transaction) -> int:
    return int(await transaction.fetch_value(COUNT_NOTES))


async def test_who_reads_does_not_wait_for_the_end_and_whoever_comes_next_does(
    sample: TestDatabase, member: Principal, may_end: asyncio.Event
) -> None:
    async with one_connection(sample) as database, asyncio.timeout(PATIENCE_S):
        assert await database.run(member, count, read_only=True) == 0

        after = asyncio.create_task(database.run(member, count, read_only=True))
        done, _ = await asyncio.wait([after], timeout=0.1)
        may_end.set()

        assert not done
        assert await after == 0


async def test_who_writes_waits_for_the_end(sample: TestDatabase, member: Principal, may_end: asyncio.Event) -> None:
    async with one_connection(sample) as database, asyncio.timeout(PATIENCE_S):
        writing = asyncio.create_task(database.run(member, count))
        done, _ = await asyncio.wait([writing], timeout=0.1)
        may_end.set()

        assert not done
        assert await writing == 0


async def test_nobody_meets_the_identity_of_who_read_before(sample: TestDatabase, member: Principal) -> None:
    async def claims(transaction: Transaction) -> str:
        return str(await transaction.fetch_value(CLAIMS))

    stranger = Principal.member(new_id(SystemClock()))
    async with one_connection(sample) as database:
        told = [await database.run(who, claims, read_only=True) for who in (member, stranger)]
        connection = await database.pool.begin("SELECT 1")
        left = await connection.fetchval(CLAIMS.text)
        await database.pool.give_back(connection)

    assert [text.split("|")[0] for text in told] == [str(member.member_id), str(stranger.member_id)]
    assert not left


async def test_a_connection_lost_before_the_end_is_replaced(
    sample: TestDatabase, admin: Any, member: Principal, may_end: asyncio.Event
) -> None:
    async with one_connection(sample) as database, asyncio.timeout(PATIENCE_S):
        read = await database.run(member, count, read_only=True)
        await admin.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1 AND usename = 'goals_app'",
            sample.name,
        )
        may_end.set()

        assert read == 0
        assert await database.run(member, count, read_only=True) == 0


async def test_closing_waits_for_what_is_still_to_end(
    sample: TestDatabase, member: Principal, may_end: asyncio.Event
) -> None:
    async with one_connection(sample) as database, asyncio.timeout(PATIENCE_S):
        await database.run(member, count, read_only=True)

        closing = asyncio.create_task(database.close())
        done, _ = await asyncio.wait([closing], timeout=0.1)
        may_end.set()

        assert not done
        await closing


async def test_an_end_that_fails_leaves_nothing_open_for_whoever_comes_next(
    sample: TestDatabase, member: Principal, monkeypatch: pytest.MonkeyPatch
) -> None:
    execute = asyncpg.Connection.execute
    failures: list[str] = []

    async def refused(self: Any, query: str, *arguments: Any, **options: Any) -> Any:
        if query == "COMMIT" and not failures:
            failures.append(query)
            raise asyncpg.PostgresError("refused")
        return await execute(self, query, *arguments, **options)

    monkeypatch.setattr(asyncpg.Connection, "execute", refused)
    async with one_connection(sample) as database, asyncio.timeout(PATIENCE_S):
        assert await database.run(member, count, read_only=True) == 0
        connection = await database.pool.begin("SELECT 1")
        is_open, left = connection.is_in_transaction(), await connection.fetchval(CLAIMS.text)
        await database.pool.give_back(connection)

    assert failures
    assert not is_open
    assert not left
