"""A database of its own for every test, with the sample schema, and connections to it."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from itertools import count
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from chassis import idempotency
from chassis.clock import SystemClock, new_id
from chassis.db import Database
from chassis.errors import Unavailable
from chassis.identity.keys import derive
from chassis.identity.principal import Principal
from chassis.redis import Redis
from tests.support.events import Ears
from tests.support.feed import MakeReader, notes_served
from tests.support.servers import Addresses, TestDatabase, clone, drop, ensure_template, secret_of

SAMPLE = ["tests.support.sample.goals"]
_numbers = count()


@pytest.fixture(autouse=True)
def _fingerprints() -> None:
    idempotency.configure(derive(secret_of("goals"), "idempotency"))


@pytest.fixture
async def sample(addresses: Addresses, worker_number: int) -> AsyncIterator[TestDatabase]:
    """A fresh database with the sample schema."""
    await ensure_template(addresses, "sample_template", SAMPLE)
    database = await clone(addresses, "sample_template", f"sample_{worker_number}_{next(_numbers)}")
    yield database
    await drop(database)


@pytest.fixture
async def database(sample: TestDatabase) -> AsyncIterator[Database]:
    """As the login that answers members."""
    made = await _patiently(
        lambda: Database.connect(sample.app_dsn("goals"), schema="goals", claims_key=sample.claims_key("goals"))
    )
    yield made
    await made.close()


@pytest.fixture
async def system(sample: TestDatabase, database: Database) -> AsyncIterator[Database]:
    """As the service's own login."""
    made = await _patiently(
        lambda: Database.connect(
            sample.system_dsn("goals"), schema="goals", relay_wakeup=database.relay_wakeup, pool_size=4
        )
    )
    yield made
    await made.close()


@pytest.fixture
async def admin(sample: TestDatabase) -> AsyncIterator["asyncpg.Connection[asyncpg.Record]"]:
    """Behind the scenes."""
    connection = await asyncpg.connect(sample.admin_dsn)
    yield connection
    await connection.close()


@pytest.fixture
def member_id() -> UUID:
    """A member of the test's own."""
    return new_id(SystemClock())


@pytest.fixture
def member(member_id: UUID) -> Principal:
    """That member, signed in."""
    return Principal.member(member_id)


async def _patiently(connect: Callable[[], Awaitable[Database]]) -> Database:
    """Connects though the machine is busy with cloning databases: a connection has only two seconds to come about."""
    for _ in range(5):
        try:
            return await connect()
        except Unavailable:
            await asyncio.sleep(0.5)
    return await connect()


@pytest.fixture
async def ears(
    database: Database, system: Database, redis_url: str, empty_redis: Any, admin: Any
) -> AsyncIterator[Ears]:
    redis = Redis(redis_url)
    yield Ears(database, system, redis, admin)
    await redis.close()


@pytest.fixture
async def reader(sample: TestDatabase, system: Database, tmp_path: Path) -> AsyncIterator[MakeReader]:
    """Makes readers of the sample's notes."""
    async with notes_served(system, sample.system_dsn("goals"), tmp_path) as make:
        yield make
