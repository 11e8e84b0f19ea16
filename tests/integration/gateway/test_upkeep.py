"""The gateway looks after its own platform tables: old rows go, and events that were given up are counted."""

from uuid import uuid4

import asyncpg

from chassis.db import Database
from gateway.upkeep import Upkeep
from tests.support.servers import TestDatabase


async def test_old_rows_go_and_dead_events_are_counted(services_database: TestDatabase) -> None:
    event_id, old, new = uuid4(), uuid4(), uuid4()
    admin = await asyncpg.connect(services_database.admin_dsn)
    system = await Database.connect(services_database.system_dsn("gateway"), schema="gateway", pool_size=1)
    try:
        for member_id, age in ((old, "25 hours"), (new, "1 hour")):
            await admin.execute(
                "INSERT INTO gateway.idempotency (member_id, operation, key, fingerprint, resource_id, created_at)"
                " VALUES ($1, 'o', 'k', '', $1, now() - $2::text::interval)",
                member_id,
                age,
            )
        await admin.execute(
            "INSERT INTO gateway.inbox_retry"
            " (event_id, consumer, event_type, payload, attempts, next_at, dead_at, last_failure)"
            " VALUES ($1, 'gateway', 'mentor.member_roles_changed', '', 5, now(), now(), 'ValueError')",
            event_id,
        )

        dead = await Upkeep(system).tidy()

        kept = await admin.fetch("SELECT member_id FROM gateway.idempotency WHERE member_id = ANY($1)", [old, new])
    finally:
        await admin.execute("DELETE FROM gateway.inbox_retry WHERE event_id = $1", event_id)
        await admin.execute("DELETE FROM gateway.idempotency WHERE member_id = ANY($1)", [old, new])
        await admin.close()
        await system.close()

    assert dead == 1
    assert [row["member_id"] for row in kept] == [new]
