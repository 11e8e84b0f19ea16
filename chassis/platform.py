"""What operators and the scheduler ask of every service: sweeping old rows, listing and replaying dead events.

All of it runs on the system login. The servicer of `tandem.platform.v1.PlatformService` calls these functions.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Final
from uuid import UUID

from chassis.db import Database
from chassis.errors import NotFound
from chassis.identity.principal import Principal
from chassis.sql import Statement, text_statement
from chassis.telemetry.metrics import EVENTS_DEAD

OUTBOX_RETENTION: Final = timedelta(days=7)
# A day longer than anything can be published again.
INBOX_RETENTION: Final = timedelta(days=8)
IDEMPOTENCY_RETENTION: Final = timedelta(hours=24)
SWEEP_LIMIT: Final = 1000

# The head of the outbox is its oldest part, so that a sweep with nothing to do reads no more than the limit.
_SWEEP_OUTBOX = """
DELETE FROM {schema}.outbox AS old
USING (SELECT xid, position, created_at FROM {schema}.outbox ORDER BY xid, position LIMIT :limit) AS head,
      {schema}.relay_position AS relay
WHERE (old.xid, old.position) = (head.xid, head.position) AND head.created_at < now() - CAST(:age AS interval)
  AND (head.xid, head.position) <= (relay.xid, relay.position)
RETURNING 1"""
# Ids begin with the milliseconds of their making, so that the primary key finds the old ones.
_SWEEP_INBOX = """
DELETE FROM {schema}.inbox AS old
USING (SELECT event_id, consumer FROM {schema}.inbox WHERE event_id < :oldest ORDER BY event_id LIMIT :limit) AS head
WHERE (old.event_id, old.consumer) = (head.event_id, head.consumer)
RETURNING 1"""
_SWEEP_IDEMPOTENCY = """
DELETE FROM {schema}.idempotency AS old
USING (SELECT member_id, operation, key FROM {schema}.idempotency
       WHERE created_at < now() - CAST(:age AS interval) ORDER BY created_at LIMIT :limit) AS head
WHERE (old.member_id, old.operation, old.key) = (head.member_id, head.operation, head.key)
RETURNING 1"""
_LIST_DEAD = """
SELECT event_id, consumer, event_type, attempts, last_failure, dead_at FROM {schema}.inbox_retry
WHERE dead_at IS NOT NULL AND (dead_at, event_id) > (:after_time, :after_id)
ORDER BY dead_at, event_id LIMIT :limit"""
_REPLAY_DEAD = """
UPDATE {schema}.inbox_retry SET attempts = 0, next_at = now(), dead_at = NULL
WHERE event_id = :event_id AND dead_at IS NOT NULL RETURNING 1"""
_IS_WAITING = "SELECT 1 FROM {schema}.inbox_retry WHERE event_id = :event_id AND dead_at IS NULL"
_COUNT_DEAD = "SELECT count(*) FROM {schema}.inbox_retry WHERE dead_at IS NOT NULL"


@dataclass(frozen=True, slots=True)
class Swept:
    """What a sweep removed, and whether it stopped at its limit."""

    removed: int
    more: bool


@dataclass(frozen=True, slots=True)
class DeadEvent:
    """An event that failed five times."""

    event_id: UUID
    event_type: str
    attempts: int
    last_failure: str
    dead_at: datetime


async def sweep_expired(system_database: Database, *, limit: int = SWEEP_LIMIT) -> Swept:
    """Deletes published events, inbox and idempotency rows past their retention, at most `limit` of each."""
    schema = system_database.schema
    oldest = UUID(int=int((system_database.clock.now() - INBOX_RETENTION).timestamp() * 1000) << 80)
    counts = []
    async with system_database.transaction(Principal.system(schema)) as transaction:
        for statement, parameters in (
            (_statement(_SWEEP_OUTBOX, schema), {"age": OUTBOX_RETENTION}),
            (_statement(_SWEEP_INBOX, schema), {"oldest": oldest}),
            (_statement(_SWEEP_IDEMPOTENCY, schema), {"age": IDEMPOTENCY_RETENTION}),
        ):
            counts.append(len(await transaction.fetch_all(statement, limit=limit, **parameters)))
    return Swept(sum(counts), more=max(counts) == limit)


async def list_dead(
    system_database: Database, *, limit: int, after: tuple[datetime, UUID] | None = None
) -> list[DeadEvent]:
    """Dead events, longest dead first.

    Args:
        system_database: Of the schema.
        limit: How many at most.
        after: `dead_at` and `event_id` of the last one already seen.
    """
    after_time, after_id = after or (datetime.fromtimestamp(0, system_database.clock.now().tzinfo), UUID(int=0))
    async with system_database.transaction(Principal.system(system_database.schema), read_only=True) as transaction:
        rows = await transaction.fetch_all(
            _statement(_LIST_DEAD, system_database.schema), limit=limit, after_time=after_time, after_id=after_id
        )
    return [
        DeadEvent(row["event_id"], row["event_type"], row["attempts"], row["last_failure"], row["dead_at"])
        for row in rows
    ]


async def replay_dead(system_database: Database, event_id: UUID) -> None:
    """Gives a dead event five new attempts; its consumer takes it up within a second.

    One that is waiting for an attempt already stays as it is: the answer to an earlier call may have been lost.

    Raises:
        NotFound: No dead or waiting event has this id.
    """
    schema = system_database.schema
    async with system_database.transaction(Principal.system(schema)) as transaction:
        for sql in (_REPLAY_DEAD, _IS_WAITING):
            if await transaction.fetch_all(_statement(sql, schema), event_id=event_id):
                break
        else:
            raise NotFound("No dead event has this id.")
    await count_dead(system_database)


async def count_dead(system_database: Database) -> int:
    """How many events wait for an operator; the metric says so too from then on."""
    schema = system_database.schema
    async with system_database.transaction(Principal.system(schema), read_only=True) as transaction:
        count = int(await transaction.fetch_value(_statement(_COUNT_DEAD, schema)))
    EVENTS_DEAD.labels(schema).set(count)
    return count


@lru_cache
def _statement(sql: str, schema: str) -> Statement:
    return text_statement(sql, schema=schema)
