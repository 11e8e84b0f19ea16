"""When the gateway is ready, and what its picture of health costs."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta

import asyncpg
import pytest

from chassis.clock import FixedClock
from chassis.identity.principal import Principal
from gateway.app.parts import Parts
from gateway.health import CACHED_S, Health
from tests.support.gateway_fixtures import Backstage, built_gateway
from tests.support.servers import TestDatabase


@pytest.fixture
async def parts(backstage: Backstage, own_database: TestDatabase, redis_url: str) -> AsyncIterator[Parts]:
    async with built_gateway(backstage, own_database, redis_url, "health") as parts:
        yield parts


async def test_ready_is_who_sees_its_schema_and_is_not_stopping(parts: Parts, own_database: TestDatabase) -> None:
    admin_login = await asyncpg.connect(own_database.admin_dsn)
    before_looking, at_head = parts.is_ready, await parts.readiness.look()
    revision = await admin_login.fetchval("SELECT version_num FROM gateway.alembic_version")
    await admin_login.execute("UPDATE gateway.alembic_version SET version_num = '20260101_before'")
    behind = await parts.readiness.look()
    await admin_login.execute("UPDATE gateway.alembic_version SET version_num = $1", revision)
    await admin_login.close()
    looking = asyncio.create_task(parts.readiness.run())
    async with asyncio.timeout(10):
        while not parts.is_ready:  # noqa: ASYNC110 - readiness sets no event
            await asyncio.sleep(0.01)
    looking.cancel()
    parts.is_draining = True

    assert (before_looking, at_head, behind) == (False, True, False)
    assert not parts.is_ready


async def test_many_who_ask_at_once_cost_one_look(parts: Parts) -> None:
    pictures = await asyncio.gather(*[parts.health.picture() for _ in range(50)])

    assert all(picture is pictures[0] for picture in pictures)
    assert pictures[0]["services"]["database"]["connected"]


async def test_a_picture_is_good_for_a_second(parts: Parts) -> None:
    clock = FixedClock(datetime(2026, 1, 1, tzinfo=UTC))
    health = Health(
        parts.database, parts.shared_buckets, parts.services, parts.limiter, parts.breakers, clock,
        environment="test", version="0",
    )  # fmt: skip

    first = await health.picture()
    clock.advance(timedelta(seconds=CACHED_S))
    same = await health.picture()
    clock.advance(timedelta(seconds=0.1))
    next_one = await health.picture()

    assert same is first
    assert next_one is not first


async def test_what_does_not_answer_takes_no_longer_than_the_budget(
    parts: Parts, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.health.BUDGET_S", 0.2)
    loop = asyncio.get_running_loop()
    async with AsyncExitStack() as stack:
        for _ in range(5):
            await stack.enter_async_context(parts.database.transaction(Principal.system("gateway")))
        begun = loop.time()
        picture = await parts.health.picture()
        took_s = loop.time() - begun

    assert not picture["services"]["database"]["connected"]
    assert picture["status"] == "unhealthy"
    assert took_s < 2
