"""Events: committed means delivered, delivered means one effect, and what fails holds up nobody."""

import asyncio
import os
import shutil
import signal
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from chassis import consumer, outbox, platform, relay
from chassis.clock import SystemClock, new_id
from chassis.consumer import ATTEMPTS, Consumer, Handler
from chassis.db import Database, Transaction
from chassis.errors import NotFound
from chassis.identity.principal import Principal
from chassis.redis import Redis, epoch_of, stream_of
from chassis.relay import Relay
from chassis.request import RequestContext, answering, current
from deploy.local.valkey import EmbeddedValkey
from tandem.event.v1 import event_pb2
from tests.support.notes import ADD_EFFECT, SLEEP
from tests.support.servers import TestDatabase

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


@pytest.fixture
async def ears(
    database: Database, system: Database, redis_url: str, empty_redis: Any, admin: Any
) -> AsyncIterator[Ears]:
    redis = Redis(redis_url)
    yield Ears(database, system, redis, admin)
    await redis.close()


async def test_an_event_reaches_its_handler_as_its_member_and_once(ears: Ears, member: Principal) -> None:
    seen = []

    async def note(event: event_pb2.Event, tx: Transaction) -> None:
        seen.append((tx.principal.member_id, current().request_id, event.traceparent))
        await apply(event, tx)

    trace = f"00-{'a' * 32}-{'b' * 16}-00"
    async with running(ears.relay(), ears.consumer(note)):
        with answering(RequestContext("/m", "r", member, traceparent=trace)):
            ids = await tell(ears.database, member)
        await eventually(lambda: ears.have_effect(ids))

    assert seen == [(member.member_id, str(ids[0]), trace)]
    assert await ears.admin.fetchval("SELECT count(*) FROM goals.inbox") == 1


async def test_a_commit_wakes_the_relay(
    ears: Ears, member: Principal, empty_redis: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relay, "POLL", timedelta(minutes=1))
    async with running(ears.relay()):
        await eventually(lambda: _exists(empty_redis, epoch_of("goals")))
        await asyncio.sleep(0.2)
        await tell(ears.database, member)
        await eventually(lambda: _has_entries(empty_redis, 1))


async def test_nothing_is_published_before_its_commit_or_after_a_rollback(
    ears: Ears, member: Principal, empty_redis: Any
) -> None:
    async def fails(tx: Transaction) -> None:
        outbox.append(tx, logged(member.member_id))
        await tx.flush()
        await asyncio.sleep(0.3)
        assert await empty_redis.xlen(STREAM) == 0
        raise ValueError("on purpose")

    async with running(ears.relay()):
        with pytest.raises(ValueError, match="on purpose"):
            await ears.database.run(member, fails)
        await asyncio.sleep(1.2)

    assert await empty_redis.xlen(STREAM) == 0


async def test_a_late_commit_is_not_skipped(ears: Ears, member: Principal, empty_redis: Any) -> None:
    """The early row waits for the transaction that took its place in the order before it."""
    async with running(ears.relay()):
        async with ears.database.transaction(member) as slow:
            late = outbox.append(slow, logged(member.member_id))
            await slow.flush()
            early = (await tell(ears.database, member))[0]
            await asyncio.sleep(0.3)
        await eventually(lambda: _has_entries(empty_redis, 2))

    entries = await empty_redis.xrange(STREAM)
    published = [event_pb2.Event.FromString(fields[b"event"]).event_id for _, fields in entries]
    assert published == [str(late), str(early)]


async def test_events_are_handled_once_however_often_they_come(ears: Ears, member: Principal, empty_redis: Any) -> None:
    async with running(ears.relay()):
        ids = await tell(ears.database, member, 30)
        await eventually(lambda: _has_entries(empty_redis, 30))
    for _, fields in await empty_redis.xrange(STREAM):
        await empty_redis.xadd(STREAM, fields)
        await empty_redis.xadd(STREAM, fields)

    async with running(ears.consumer()):
        await eventually(lambda: ears.have_effect(ids))
        await eventually(lambda: _is_drained(empty_redis))

    assert len(await ears.effects()) == 30


async def test_two_consumers_share_the_work_without_doubling_it(ears: Ears, member: Principal) -> None:
    async with running(ears.relay(), ears.consumer(), ears.consumer()):
        ids = await tell(ears.database, member, 50)
        await eventually(lambda: ears.have_effect(ids))


async def test_one_relay_leads_and_another_takes_over(ears: Ears, member: Principal, empty_redis: Any) -> None:
    first, second = ears.relay(), ears.relay()
    async with running(second):
        async with running(first):
            await tell(ears.database, member, 3)
            await eventually(lambda: _has_entries(empty_redis, 3))
        await tell(ears.database, member, 2)
        await eventually(lambda: _has_entries(empty_redis, 5))
        await asyncio.sleep(0.3)
        locks = await ears.admin.fetchval(
            "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND granted"
            " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
        )
    assert locks == 1


async def test_an_emptied_redis_loses_nothing(ears: Ears, member: Principal, empty_redis: Any) -> None:
    async with running(ears.relay()):
        before = await tell(ears.database, member, 20)
        await eventually(lambda: _has_entries(empty_redis, 20))
        await empty_redis.flushdb()
        after = await tell(ears.database, member, 5)

        async with running(ears.consumer()):
            await eventually(lambda: ears.have_effect(before + after))
            await empty_redis.flushdb()
            last = await tell(ears.database, member, 5)
            await eventually(lambda: ears.have_effect(before + after + last), patience_s=20)

    assert len(await ears.effects()) == 30


async def test_a_lost_connection_repeats_the_last_minute_only(ears: Ears, member: Principal, empty_redis: Any) -> None:
    async with running(ears.relay()):
        await tell(ears.database, member, 3)
        await ears.admin.execute("UPDATE goals.outbox SET created_at = created_at - interval '2 minutes'")
        await eventually(lambda: _has_entries(empty_redis, 3))
    async with running(ears.relay()):
        await tell(ears.database, member, 2)
        await eventually(lambda: _has_entries(empty_redis, 5))
        await asyncio.sleep(0.3)
        before = await empty_redis.xlen(STREAM)
    async with running(ears.relay()):
        await asyncio.sleep(1)

    assert before < 5 + 5
    assert await empty_redis.xlen(STREAM) == before + 2


async def test_connections_killed_under_relay_and_consumer_lose_nothing(
    ears: Ears, member: Principal, empty_redis: Any, sample: TestDatabase
) -> None:
    ids = []
    async with running(ears.relay(), ears.consumer()):
        for round_number in range(6):
            ids += await tell(ears.database, member, 5)
            if round_number % 2:
                await _kill_clients(empty_redis)
            else:
                await ears.admin.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    " WHERE datname = current_database() AND usename = 'goals_system'"
                )
            await asyncio.sleep(0.3)
        await eventually(lambda: ears.have_effect(ids), patience_s=30)

    assert len(await ears.effects()) == len(ids)


async def test_a_restored_database_publishes_rows_of_a_future_it_does_not_know(
    ears: Ears, member: Principal, empty_redis: Any
) -> None:
    ids = await tell(ears.database, member, 2)
    await ears.admin.execute("UPDATE goals.outbox SET xid = '99999999999'")
    await ears.admin.execute("UPDATE goals.relay_position SET xid = '99999999999', position = 99")

    async with running(ears.relay(), ears.consumer()):
        await eventually(lambda: ears.have_effect(ids))


async def test_events_about_nobody_run_on_the_system_login(ears: Ears) -> None:
    seen = []

    async def note(event: event_pb2.Event, tx: Transaction) -> None:
        seen.append(tx.principal.is_system)
        await apply(event, tx)

    async with running(ears.relay(), ears.consumer(note)):
        async with ears.system.transaction(Principal.system("goals")) as tx:
            ids = [outbox.append(tx, logged(None))]
        await eventually(lambda: ears.have_effect(ids))

    assert seen == [True]


async def test_a_failing_event_is_tried_five_times_then_dead_then_replayed(
    ears: Ears, member: Principal, empty_redis: Any
) -> None:
    poison, attempts, is_mended = "", 0, False

    async def handle(event: event_pb2.Event, tx: Transaction) -> None:
        nonlocal attempts
        if event.event_id == poison and not is_mended:
            attempts += 1
            raise ValueError("words of a person")
        await apply(event, tx)

    async def is_dead() -> bool:
        await ears.admin.execute("UPDATE goals.inbox_retry SET next_at = now() WHERE dead_at IS NULL")
        return bool(await ears.admin.fetchval("SELECT count(*) FROM goals.inbox_retry WHERE dead_at IS NOT NULL"))

    async with ears.database.transaction(member) as tx:
        poison = str(outbox.append(tx, logged(member.member_id)))
    async with running(ears.relay(), ears.consumer(handle)):
        began = CLOCK.monotonic()
        others = await tell(ears.database, member, 10)
        await eventually(lambda: ears.have_effect(others))
        assert CLOCK.monotonic() - began < 5, "the poison held up the others"
        await eventually(is_dead, patience_s=20)
        dead = await platform.list_dead(ears.system, limit=10)
        assert [(str(event.event_id), event.attempts, event.last_failure) for event in dead] == [
            (poison, ATTEMPTS, "ValueError")
        ]
        assert await platform.list_dead(ears.system, limit=10, after=(dead[0].dead_at, dead[0].event_id)) == []
        assert attempts == ATTEMPTS
        with pytest.raises(NotFound):
            await platform.replay_dead(ears.system, new_id(CLOCK))

        is_mended = True
        await platform.replay_dead(ears.system, UUID(poison))
        await eventually(lambda: ears.have_effect([UUID(poison)]))
        await eventually(lambda: _is_empty(ears.admin, "inbox_retry"))
        await eventually(lambda: _is_drained(empty_redis))


async def test_a_replay_whose_answer_was_lost_is_repeated_safely(ears: Ears) -> None:
    event_id = new_id(CLOCK)
    await ears.admin.execute(
        "INSERT INTO goals.inbox_retry"
        " (event_id, consumer, event_type, payload, attempts, next_at, dead_at, last_failure)"
        " VALUES ($1, 'goals', 'goals.activity_logged', '', 5, now(), now(), 'ValueError')",
        event_id,
    )
    assert await platform.count_dead(ears.system) == 1

    await platform.replay_dead(ears.system, event_id)
    await ears.admin.execute("UPDATE goals.inbox_retry SET attempts = 2")
    await platform.replay_dead(ears.system, event_id)

    assert await platform.count_dead(ears.system) == 0
    assert await _attempts_are(ears.admin, 2), "a repetition gave it more attempts"


async def test_failures_wait_longer_each_time(ears: Ears, member: Principal) -> None:
    async def fails(event: event_pb2.Event, tx: Transaction) -> None:
        raise ValueError

    async with running(ears.relay(), ears.consumer(fails)):
        await tell(ears.database, member)
        await eventually(lambda: _attempts_are(ears.admin, 2))
        row = await ears.admin.fetchrow("SELECT next_at - now() AS wait FROM goals.inbox_retry")

    assert timedelta(seconds=3) < row["wait"] <= timedelta(seconds=5)


@pytest.mark.parametrize("payload", [b"\xff\xfe not an event", b"", event_pb2.Event(event_id="x").SerializeToString()])
async def test_unreadable_bytes_are_dead_at_once(ears: Ears, empty_redis: Any, payload: bytes) -> None:
    async with running(ears.consumer()):
        await eventually(lambda: _exists(empty_redis, STREAM))
        for _ in range(3):
            await empty_redis.xadd(STREAM, {b"event": payload})
        await eventually(lambda: _is_drained(empty_redis))

    dead = await platform.list_dead(ears.system, limit=10)
    assert [event.event_type for event in dead] == ["unreadable"]


async def test_events_nobody_asked_for_are_passed_over(ears: Ears, member: Principal, empty_redis: Any) -> None:
    async with running(ears.relay(), ears.consumer()):
        async with ears.database.transaction(member) as tx:
            outbox.append(tx, event_pb2.Event(event_type="goals.goal_created", member_id=str(member.member_id)))
        ids = await tell(ears.database, member)
        await eventually(lambda: ears.have_effect(ids))
        await eventually(lambda: _is_drained(empty_redis))


async def test_what_a_dead_consumer_had_in_hand_is_taken_up(ears: Ears, member: Principal) -> None:
    started = asyncio.Event()

    async def hangs(event: event_pb2.Event, tx: Transaction) -> None:
        started.set()
        await tx.fetch_all(SLEEP, seconds=60)

    async with running(ears.relay()):
        ids = await tell(ears.database, member, 3)
        async with running(ears.consumer(hangs)):
            await started.wait()
        async with running(ears.consumer()):
            await eventually(lambda: ears.have_effect(ids))


async def test_what_another_replica_left_is_claimed_after_a_while(
    ears: Ears, member: Principal, empty_redis: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(consumer, "CLAIM_AFTER", timedelta(milliseconds=200))
    monkeypatch.setattr(consumer, "CLAIM_EVERY_S", 0.1)
    async with running(ears.relay()):
        ids = await tell(ears.database, member, 3)
        await eventually(lambda: _has_entries(empty_redis, 3))
    await empty_redis.xgroup_create(STREAM, "goals", id="0")
    await empty_redis.xreadgroup("goals", "a-replica-that-is-gone", {STREAM: ">"}, count=3)

    async with running(ears.consumer()):
        await eventually(lambda: ears.have_effect(ids))
        await eventually(lambda: _is_drained(empty_redis))


async def test_redis_away_delays_and_loses_nothing(ears: Ears, member: Principal) -> None:
    """A Redis of its own that is killed, and comes back empty while events are told."""
    folder = Path(tempfile.mkdtemp(prefix="td-"))
    server = EmbeddedValkey(folder / "data", folder / "s.sock", password="x")
    server.initialise()
    server.start()
    ears.redis = Redis(server.url(0))
    try:
        async with running(ears.relay(), ears.consumer()):
            ids = await tell(ears.database, member, 5)
            await eventually(lambda: ears.have_effect(ids))
            assert server.process_id is not None
            os.kill(server.process_id, signal.SIGKILL)
            server.stop()
            shutil.rmtree(folder / "data")
            ids += await tell(ears.database, member, 5)
            await asyncio.sleep(0.5)
            server.initialise()
            server.start()
            ids += await tell(ears.database, member, 5)
            await eventually(lambda: ears.have_effect(ids), patience_s=30)
    finally:
        await ears.redis.close()
        server.stop()
        shutil.rmtree(folder)

    assert len(await ears.effects()) == 15


async def test_a_consumer_that_was_back_waits_shortly_again(
    ears: Ears, empty_redis: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Were the waits to add up over losses, the ninth would take 25 s."""
    monkeypatch.setattr(consumer, "_BACKOFF_S", (0.1, 60.0))
    async with running(ears.consumer()):
        for _ in range(9):
            await eventually(lambda: _exists(empty_redis, STREAM))
            await asyncio.sleep(0.1)
            await empty_redis.flushdb()
        await eventually(lambda: _exists(empty_redis, STREAM))


async def test_commits_do_not_make_the_relay_ask_a_lost_redis_more_often(ears: Ears, tmp_path: Path) -> None:
    connections = 0

    async def hang_up(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal connections
        connections += 1
        writer.close()

    socket = tmp_path / "s.sock"
    server = await asyncio.start_unix_server(hang_up, socket)
    ears.redis = Redis(f"unix://{socket}?db=0")
    try:
        async with running(ears.relay()):
            for _ in range(75):
                ears.database.relay_wakeup.set()
                await asyncio.sleep(0.02)
    finally:
        await ears.redis.close()
        server.close()

    # Two a try, as the client tries twice; waits of 0.1, 0.2, 0.4 and 0.8 s at most.
    assert 0 < connections <= 20


async def test_an_event_must_be_told_by_its_service(database: Database, member: Principal) -> None:
    async with database.transaction(member) as tx:
        with pytest.raises(ValueError, match="type"):
            outbox.append(tx, event_pb2.Event(event_type="coach.message_sent"))


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


async def _kill_clients(redis: Any) -> None:
    """Those of this worker's database; the server is shared."""
    own, mine = await redis.client_id(), await redis.client_info()
    for client in await redis.client_list():
        if client["db"] == str(mine["db"]) and client["id"] != str(own):
            await redis.client_kill_filter(_id=client["id"])


async def _exists(redis: Any, key: str) -> bool:
    return bool(await redis.exists(key))


async def _has_entries(redis: Any, count: int) -> bool:
    return bool(await redis.xlen(STREAM) >= count)


async def _is_drained(redis: Any) -> bool:
    groups = await redis.xinfo_groups(STREAM)
    info = await redis.xinfo_stream(STREAM)
    return all(g["pending"] == 0 and g["last-delivered-id"] == info["last-generated-id"] for g in groups)


async def _is_empty(admin: Any, table: str) -> bool:
    return not await admin.fetchval(f"SELECT count(*) FROM goals.{table}")  # noqa: S608 - a fixed name


async def _attempts_are(admin: Any, count: int) -> bool:
    return bool(await admin.fetchval("SELECT attempts FROM goals.inbox_retry") == count)
