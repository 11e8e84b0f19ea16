"""How a feed streams: what is committed arrives soon, idle readers cost little, slow ones little memory."""

import asyncio
import gc
import tracemalloc
from typing import Any

import grpc
import pyarrow
import pytest
from prometheus_client import REGISTRY

from chassis import outbox
from chassis.clock import SystemClock
from chassis.db import Database
from chassis.feed import horizon, stream
from chassis.feed.entities import Column, Entity
from chassis.rpc import wire
from tandem.feed.v1 import change_feed_pb2, change_feed_pb2_grpc
from tests.support.events import logged
from tests.support.feed import NOTES, MakeReader, add_notes, rows_of
from tests.support.processes import loaded_by

# They hold transactions open, which hold the horizon of the whole cluster back: one after the other.
pytestmark = pytest.mark.xdist_group("feed")

CLOCK = SystemClock()
MANY = 100_000


async def _fill(admin: Any, count: int, width: int = 60) -> None:
    await admin.execute(
        "INSERT INTO goals.notes (note_id, member_id, body)"
        " SELECT gen_random_uuid(), gen_random_uuid(), repeat('n', $2) FROM generate_series(1, $1)",
        count,
        width,
    )
    await admin.execute("ANALYZE goals.notes")


def _sent() -> float:
    return REGISTRY.get_sample_value("tandem_feed_rows_total", {"entity": NOTES.name}) or 0


async def test_a_follower_hears_of_what_is_committed_after_it_came(reader: MakeReader, admin: Any) -> None:
    await add_notes(admin, 2)
    following = reader().batches(follow=True)
    first = await anext(following)
    begun = CLOCK.monotonic()
    later = await add_notes(admin)

    second = await anext(following)
    took_s = CLOCK.monotonic() - begun
    await following.aclose()

    assert first.caught_up
    assert [row["note_id"] for row in rows_of(second)] == later
    assert took_s < 3


async def test_a_commit_of_the_same_process_wakes_a_follower(
    reader: MakeReader, admin: Any, database: Database, member: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream, "POLL", stream.HEARTBEAT * 10)
    following = reader().batches(follow=True, timeout_s=60)
    await anext(following)
    await asyncio.sleep(0.3)
    (note,) = await add_notes(admin)

    async with database.transaction(member) as transaction:
        outbox.append(transaction, logged(member.member_id))
    heard = await asyncio.wait_for(anext(following), 5)
    await following.aclose()

    assert [row["note_id"] for row in rows_of(heard)] == [note]


async def test_an_idle_follower_looks_once_a_second_and_tells_that_it_does(
    reader: MakeReader, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks, survey = [], horizon.survey

    async def counted(*arguments: Any) -> Any:
        looks.append(CLOCK.monotonic())
        return await survey(*arguments)

    monkeypatch.setattr(stream, "survey", counted)
    monkeypatch.setattr(stream, "HEARTBEAT", stream.POLL * 2)
    following = reader().batches(follow=True)
    first, second = await anext(following), await anext(following)
    await following.aclose()

    assert len(looks) <= 4
    assert (second.row_count, second.caught_up) == (0, True)
    assert second.horizon_time.ToDatetime() > first.horizon_time.ToDatetime()
    assert second.next_cursor


async def test_a_follower_s_call_ends_well_before_its_deadline(reader: MakeReader, admin: Any) -> None:
    await add_notes(admin)
    reading = reader()

    batches = [batch async for batch in reading.batches(follow=True, timeout_s=3.5)]
    await add_notes(admin)

    assert batches[0].row_count == 1
    assert len(await reading.rows()) == 1


async def test_many_rows_stream_in_the_memory_of_a_few_batches(reader: MakeReader, admin: Any) -> None:
    """Both ends run in this process: what is held is bounded by pages, not by what there is to read."""
    await _fill(admin, MANY)
    reading = reader(max_rows=500)
    # What is loaded once is not what is measured.
    async for _ in reading.batches():
        break
    gc.collect()
    pyarrow.default_memory_pool().release_unused()
    arrow_before, peak_arrow, total = pyarrow.total_allocated_bytes(), 0, 0
    tracemalloc.start()
    rows = 0
    reading.cursor = b""
    async for batch in reading.batches(timeout_s=60):
        rows += batch.row_count
        total += len(batch.arrow_ipc)
        peak_arrow = max(peak_arrow, pyarrow.total_allocated_bytes() - arrow_before)
    _, peak_python = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert rows == MANY
    assert total > 10_000_000
    assert peak_python + peak_arrow < total / 4


async def test_wide_rows_make_short_batches(reader: MakeReader, admin: Any) -> None:
    await _fill(admin, 6_000, width=5_000)

    sizes = [(batch.row_count, len(batch.arrow_ipc)) async for batch in reader().batches()]

    assert sum(rows for rows, _ in sizes) == 6_000
    assert max(size for _, size in sizes) < 3_000_000


async def test_a_reader_that_does_not_read_holds_the_feed_back(reader: MakeReader, admin: Any) -> None:
    await _fill(admin, MANY)
    reading = reader(max_rows=1_000)
    before = _sent()
    metadata = [(wire.ASSERTION, reading.identities.assertion("analytics", "goals"))]
    async with grpc.aio.insecure_channel(
        reading.address, options=(("grpc.http2.lookahead_bytes", 65_536), ("grpc.http2.bdp_probe", 0))
    ) as channel:
        call: Any = change_feed_pb2_grpc.ChangeFeedServiceStub(channel).StreamChanges(
            change_feed_pb2.StreamChangesRequest(entity=NOTES.name, max_rows=1_000), metadata=metadata, timeout=30
        )
        await call.read()
        await asyncio.sleep(1.5)
        held = _sent() - before
        call.cancel()

    assert 0 < held < MANY / 4


async def test_dead_connections_are_replaced(reader: MakeReader, admin: Any) -> None:
    await add_notes(admin, 30)
    reading = reader(max_rows=1)
    batches = reading.batches()
    await anext(batches)
    await admin.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE application_name = 'tandem-goals-feed' AND datname = current_database()"
    )
    rest = [batch async for batch in batches]

    assert sum(batch.row_count for batch in rest) == 29


async def test_the_feed_describes_itself_as_it_streams(reader: MakeReader, admin: Any) -> None:
    await add_notes(admin)
    reading = reader()
    metadata = [(wire.ASSERTION, reading.identities.assertion("analytics", "goals"))]
    async with grpc.aio.insecure_channel(reading.address) as channel:
        feed = await change_feed_pb2_grpc.ChangeFeedServiceStub(channel).DescribeFeed(
            change_feed_pb2.DescribeFeedRequest(), metadata=metadata
        )
    (batch,) = [batch async for batch in reading.batches()]

    (told,) = feed.entities
    schema = pyarrow.ipc.read_schema(pyarrow.py_buffer(told.arrow_schema))
    assert (told.name, told.mode, told.key) == ("goals.notes", "state", "note_id")
    assert schema.equals(pyarrow.ipc.open_stream(batch.arrow_ipc).schema, check_metadata=True)
    assert told.schema_fingerprint == batch.schema_fingerprint
    assert feed.epoch


def test_the_fingerprint_changes_with_what_a_loader_must_know() -> None:
    def of(*columns: Column, key: str = "note_id") -> str:
        return Entity("goals.notes", key=key, columns=columns).fingerprint

    body = Column("body", "string")
    prints = [of(body), of(Column("body", "json")), of(Column("text", "string")), of(body, body), of(body, key="id")]

    assert len(set(prints)) == len(prints)
    assert of(Column("body", "string", "upper(body)")) == of(body)


def test_arrow_is_not_loaded_before_somebody_reads() -> None:
    assert loaded_by("services.goals.__main__") & {"pyarrow", "adbc_driver_manager"} == set()
