"""The sweep: what is past its retention goes, and nothing else."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import asyncpg

from chassis import platform
from chassis.identity.principal import Principal
from tests.support.events import CLOCK, Ears, eventually, running, tell


async def test_the_sweep_removes_what_is_past_its_retention_and_nothing_else(
    ears: Ears, member: Principal, empty_redis: Any
) -> None:
    async with running(ears.relay(), ears.consumer()):
        ids = await tell(ears.database, member, 10)
        await eventually(lambda: ears.have_effect(ids))
    await _idempotency_rows(ears.admin)
    untouched = await platform.sweep_expired(ears.system)
    await ears.admin.execute("UPDATE goals.outbox SET created_at = created_at - interval '8 days' WHERE position <= 5")
    old = UUID(int=int((CLOCK.now() - timedelta(days=9)).timestamp() * 1000) << 80)
    await ears.admin.execute("INSERT INTO goals.inbox (event_id, consumer) VALUES ($1, 'goals')", old)

    first = await platform.sweep_expired(ears.system, limit=3)
    rest = await platform.sweep_expired(ears.system)

    assert untouched == platform.Swept(1, more=False)
    assert (first.removed, first.more) == (4, True)
    assert (rest.removed, rest.more) == (2, False)
    counts = {
        table: await ears.admin.fetchval(f"SELECT count(*) FROM goals.{table}")  # noqa: S608 - fixed names
        for table in ("outbox", "inbox", "idempotency")
    }
    assert counts == {"outbox": 5, "inbox": 10, "idempotency": 1}


async def test_the_sweep_keeps_what_is_not_published(ears: Ears, member: Principal) -> None:
    await tell(ears.database, member, 2)
    await ears.admin.execute("UPDATE goals.outbox SET created_at = created_at - interval '8 days'")

    assert await platform.sweep_expired(ears.system) == platform.Swept(0, more=False)


async def _idempotency_rows(admin: "asyncpg.Connection[asyncpg.Record]") -> None:
    for key, age in (("old", "25 hours"), ("new", "1 hour")):
        await admin.execute(
            "INSERT INTO goals.idempotency (member_id, operation, key, fingerprint, resource_id, created_at)"
            " VALUES (gen_random_uuid(), 'o', $1, '', gen_random_uuid(), now() - $2::text::interval)",
            key,
            age,
        )
