"""Relays and consumers over one database and one Redis, and ways to wait for what they do."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

from chassis import outbox
from chassis.clock import SystemClock
from chassis.consumer import Consumer, Handler
from chassis.db import Database, Transaction
from chassis.identity.principal import Principal
from chassis.redis import Redis, stream_of
from chassis.relay import Relay
from tandem.event.v1 import event_pb2
from tests.support.notes import ADD_EFFECT

CLOCK = SystemClock()
STREAM = stream_of("goals")


def logged(member_id: UUID | None, *, version: int = 0) -> event_pb2.Event:
    return event_pb2.Event(
        event_type="goals.activity_logged",
        member_id=str(member_id) if member_id else "",
        aggregate_id=str(member_id),
        aggregate_version=version,
    )


async def tell(database: Database, member: Principal, count: int = 1) -> list[UUID]:
    """Commits `count` events, each with an effect of its own."""
    ids = []
    for version in range(count):
        async with database.transaction(member) as tx:
            ids.append(outbox.append(tx, logged(member.member_id, version=version)))
    return ids


async def apply(event: event_pb2.Event, tx: Transaction) -> None:
    tx.write(ADD_EFFECT, expect=1, event_id=UUID(event.event_id), member_id=tx.principal.member_id)


async def eventually(check: Callable[[], Awaitable[bool]], *, patience_s: float = 10) -> None:
    deadline = CLOCK.monotonic() + patience_s
    while not await check():
        assert CLOCK.monotonic() < deadline, "it did not come to be in time"
        await asyncio.sleep(0.02)


@asynccontextmanager
async def running(*loops: Any) -> AsyncIterator[None]:
    tasks = [asyncio.create_task(loop.run()) for loop in loops]
    try:
        yield
        for task in tasks:
            assert not task.done(), task
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


class Ears:
    """Relays and consumers over one database and one Redis."""

    def __init__(self, database: Database, system: Database, redis: Redis, admin: Any) -> None:
        self.database, self.system, self.redis, self.admin = database, system, redis, admin

    def relay(self) -> Relay:
        return Relay(self.system, self.redis, CLOCK, wake=self.database.relay_wakeup)

    def consumer(self, handler: Handler = apply) -> Consumer:
        return Consumer(self.database, self.system, self.redis, CLOCK, handlers={"goals.activity_logged": handler})

    async def effects(self) -> list[UUID]:
        return [row["event_id"] for row in await self.admin.fetch("SELECT event_id FROM goals.effects")]

    async def have_effect(self, ids: list[UUID]) -> bool:
        effects = await self.effects()
        assert len(effects) == len(set(effects)), "an effect was doubled"
        return set(ids) <= set(effects)


async def kill_clients(redis: Any) -> None:
    """Those of this worker's database; the server is shared."""
    own, mine = await redis.client_id(), await redis.client_info()
    for client in await redis.client_list():
        if client["db"] == str(mine["db"]) and client["id"] != str(own):
            await redis.client_kill_filter(_id=client["id"])


async def exists(redis: Any, key: str) -> bool:
    return bool(await redis.exists(key))


async def has_entries(redis: Any, count: int) -> bool:
    return bool(await redis.xlen(STREAM) >= count)


async def is_drained(redis: Any) -> bool:
    groups = await redis.xinfo_groups(STREAM)
    info = await redis.xinfo_stream(STREAM)
    return all(g["pending"] == 0 and g["last-delivered-id"] == info["last-generated-id"] for g in groups)


async def is_empty(admin: Any, table: str) -> bool:
    return not await admin.fetchval(f"SELECT count(*) FROM goals.{table}")  # noqa: S608 - a fixed name


async def attempts_are(admin: Any, count: int) -> bool:
    return bool(await admin.fetchval("SELECT attempts FROM goals.inbox_retry") == count)
