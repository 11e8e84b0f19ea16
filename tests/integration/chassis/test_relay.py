"""The relay: what is committed is published, whatever falls over meanwhile."""

import asyncio
import os
import shutil
import signal
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from prometheus_client import REGISTRY

from chassis import outbox, relay
from chassis.clock import new_id
from chassis.db import Database, Transaction
from chassis.identity.principal import Principal
from chassis.redis import Redis, epoch_of
from deploy.local.valkey import EmbeddedValkey
from tandem.event.v1 import event_pb2
from tests.support.events import (
    CLOCK,
    STREAM,
    Ears,
    eventually,
    exists,
    has_entries,
    kill_clients,
    logged,
    running,
    tell,
)
from tests.support.servers import TestDatabase


async def test_a_commit_wakes_the_relay(
    ears: Ears, member: Principal, empty_redis: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relay, "POLL", timedelta(minutes=1))
    async with running(ears.relay()):
        await eventually(lambda: exists(empty_redis, epoch_of("goals")))
        await asyncio.sleep(0.2)
        await tell(ears.database, member)
        await eventually(lambda: has_entries(empty_redis, 1))


APPEND_UNHEARD = "INSERT INTO goals.outbox (event_id, event_type, payload) VALUES ($1, 'goals.activity_logged', '')"


@pytest.mark.xdist_group("feed")
async def test_a_flush_waits_for_what_no_commit_has_woken_it_for(
    ears: Ears, empty_redis: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At the end of a process the last events leave with it, instead of waiting for the next to start."""
    monkeypatch.setattr(relay, "POLL", timedelta(minutes=1))
    leader, idle = ears.relay(), ears.relay()
    async with running(leader):
        await eventually(lambda: exists(empty_redis, epoch_of("goals")))
        async with running(idle):
            await asyncio.wait_for(idle.flush(), 1)
            for count in (1, 2):
                await ears.admin.execute(APPEND_UNHEARD, new_id(CLOCK))
                await asyncio.wait_for(leader.flush(), 5)
                assert await empty_redis.xlen(STREAM) == count


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
        await eventually(lambda: has_entries(empty_redis, 2))

    entries = await empty_redis.xrange(STREAM)
    published = [event_pb2.Event.FromString(fields[b"event"]).event_id for _, fields in entries]
    assert published == [str(late), str(early)]


@pytest.mark.xdist_group("feed")
async def test_an_open_transaction_makes_the_relay_look_ever_less_often_until_something_is_appended(
    ears: Ears, member: Principal, empty_redis: Any
) -> None:
    """A look is one of the relay's statements: a writer that stays open may be anybody's, for as long as it likes."""
    looks: list[str] = []
    ears.system = _listening(ears.system, looks)
    async with running(ears.relay()):
        await tell(ears.database, member)
        await eventually(lambda: has_entries(empty_redis, 1))
        async with ears.admin.transaction():
            await ears.admin.execute("SELECT pg_current_xact_id()")
            await tell(ears.database, member)
            await asyncio.sleep(0.1)
            looks.clear()
            await asyncio.sleep(3)
            assert len(looks) <= 8, "it looked as often as ever"
            looks.clear()
            await tell(ears.database, member)
            await eventually(lambda: were_taken(looks, 3))
            assert await empty_redis.xlen(STREAM) == 1
        await eventually(lambda: has_entries(empty_redis, 3), patience_s=2)


async def were_taken(looks: list[str], count: int) -> bool:
    return len(looks) >= count


def _listening(database: Database, heard: list[str]) -> Database:
    """The database, telling which looks at the outbox its dedicated connections took."""
    dedicated = database.dedicated

    @asynccontextmanager
    async def overheard() -> AsyncIterator[Any]:
        async with dedicated() as connection:
            connection.add_query_logger(_note)
            yield connection

    def _note(record: Any) -> None:
        if "is_settled" in record.query:
            heard.append(record.query)

    database.dedicated = overheard  # type: ignore[method-assign] # the driver's own logger needs the connection
    return database


async def test_one_relay_leads_and_another_takes_over(ears: Ears, member: Principal, empty_redis: Any) -> None:
    first, second = ears.relay(), ears.relay()
    async with running(second):
        async with running(first):
            await tell(ears.database, member, 3)
            await eventually(lambda: has_entries(empty_redis, 3))
        await tell(ears.database, member, 2)
        await eventually(lambda: has_entries(empty_redis, 5))
        await asyncio.sleep(0.3)
        locks = await ears.admin.fetchval(
            "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND granted"
            " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
        )
    assert locks == 1


async def test_an_emptied_redis_loses_nothing(ears: Ears, member: Principal, empty_redis: Any) -> None:
    async with running(ears.relay()):
        before = await tell(ears.database, member, 20)
        await eventually(lambda: has_entries(empty_redis, 20))
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
        await eventually(lambda: has_entries(empty_redis, 3))
    async with running(ears.relay()):
        await tell(ears.database, member, 2)
        await eventually(lambda: has_entries(empty_redis, 5))
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
                await kill_clients(empty_redis)
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


async def lag_is(wanted: Callable[[float], bool]) -> bool:
    """What the metric says of the oldest event that waits, also while nothing can be published."""
    seconds = REGISTRY.get_sample_value("tandem_outbox_lag_seconds", {"schema": "goals"})
    return seconds is not None and wanted(seconds)


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
            await eventually(lambda: lag_is(lambda seconds: seconds > 0.5))
            server.initialise()
            server.start()
            ids += await tell(ears.database, member, 5)
            await eventually(lambda: ears.have_effect(ids), patience_s=30)
            await eventually(lambda: lag_is(lambda seconds: seconds == 0))
    finally:
        await ears.redis.close()
        server.stop()
        shutil.rmtree(folder)

    assert len(await ears.effects()) == 15


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
