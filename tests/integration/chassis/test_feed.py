"""The change feed: what is committed comes, once, in an order that can be taken up anywhere."""

import asyncio
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from chassis.clock import SystemClock, new_id
from chassis.db import Database
from tests.support.feed import MakeReader, add_notes, rows_of
from tests.support.notes import ADD_NOTE
from tests.support.servers import TestDatabase

# They hold transactions open, which hold the horizon of the whole cluster back: one after the other.
pytestmark = pytest.mark.xdist_group("feed")

CLOCK = SystemClock()


async def test_a_new_reader_gets_all_rows_once_and_then_what_changes(reader: MakeReader, admin: Any) -> None:
    first = await add_notes(admin, 5)
    reading = reader(max_rows=2)

    seen = await reading.rows()
    later = await add_notes(admin, 2)
    changed = await reading.rows()
    again = await reading.rows()

    assert [row["note_id"] for row in seen] == first
    assert {(row["row_version"], row["deleted"], row["body"]) for row in seen} == {(1, False, "note")}
    assert [row["note_id"] for row in changed] == later
    assert again == []
    assert reading.last is not None
    assert reading.last.caught_up


async def test_an_update_moves_a_row_behind_the_cursor_once(reader: MakeReader, admin: Any) -> None:
    note_id, other = await add_notes(admin, 2)
    reading = reader()
    await reading.rows()

    await admin.execute("UPDATE goals.notes SET body = 'twice' WHERE note_id = $1", note_id)
    await admin.execute("UPDATE goals.notes SET body = 'thrice' WHERE note_id = $1", note_id)
    changed, again = await reading.rows(), await reading.rows()

    assert [(row["note_id"], row["body"], row["row_version"]) for row in changed] == [(note_id, "thrice", 3)]
    assert again == []
    assert len({row["row_check"] for row in await reader().rows()}) == 2
    assert {row["note_id"] for row in await reader().rows()} == {note_id, other}


async def test_the_checksum_follows_key_and_version_and_fits_32_bits(reader: MakeReader, admin: Any) -> None:
    note_id, other = await add_notes(admin, 2)
    reading = reader()

    checks = {row["note_id"]: row["row_check"] for row in await reading.rows()}
    again = {row["note_id"]: row["row_check"] for row in await reader().rows()}
    await admin.execute("UPDATE goals.notes SET body = 'other' WHERE note_id = $1", note_id)
    (changed,) = await reading.rows()

    assert checks == again
    assert len({checks[note_id], checks[other], changed["row_check"]}) == 3
    assert all(0 <= check < 2**32 for check in [*checks.values(), changed["row_check"]])


async def test_a_delete_leaves_a_tombstone_newer_than_the_row(reader: MakeReader, admin: Any) -> None:
    note_id, kept = await add_notes(admin, 2)
    reading = reader()
    await reading.rows()

    await admin.execute("DELETE FROM goals.notes WHERE note_id = $1", note_id)
    changed = await reading.rows()

    assert [(row["note_id"], row["member_id"], row["body"], row["row_version"], row["deleted"]) for row in changed] == [
        (note_id, note_id, None, 2, True)
    ]
    assert [row["note_id"] for row in await reader().rows()] == [kept]


async def test_a_member_leaves_tombstones_of_its_own_only(
    reader: MakeReader, database: Database, sample: TestDatabase, member: Any
) -> None:
    app = await asyncpg.connect(sample.app_dsn("goals"))
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await app.execute(
            "INSERT INTO goals.feed_tombstones (entity, pk, member_id, row_version) VALUES ('goals.notes', $1, $1, 9)",
            new_id(CLOCK),
        )
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await app.fetch("SELECT pk FROM goals.feed_tombstones")
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await app.fetch("SELECT epoch FROM goals.feed_state")
    await app.close()

    async with database.transaction(member) as tx:
        tx.write(ADD_NOTE, note_id=member.member_id, member_id=member.member_id, body="mine")
    async with database.transaction(member) as tx:
        connection = tx._connection
        assert await connection.execute("DELETE FROM goals.notes") == "DELETE 1"

    reading = reader()
    assert await reading.rows() == []


async def test_what_is_not_committed_is_not_told_and_not_skipped(
    reader: MakeReader, admin: Any, sample: TestDatabase
) -> None:
    reading = reader()
    slow = await asyncpg.connect(sample.admin_dsn)
    transaction = slow.transaction()
    await transaction.start()
    late = await add_notes(slow)
    early = await add_notes(admin)
    await asyncio.sleep(0.3)

    before = await reading.rows()
    assert reading.last is not None
    age_s = reading.last.horizon_age.ToTimedelta().total_seconds()
    await transaction.commit()
    after = await reading.rows()
    await slow.close()

    assert before == []
    assert 0.3 <= age_s < 5
    assert [row["note_id"] for row in after] == late + early


async def test_reading_goes_on_from_any_cursor(reader: MakeReader, admin: Any) -> None:
    """Whatever the cursor, what was behind it then and what changed since come, and nothing else is missed."""
    await add_notes(admin, 7)
    reading = reader(max_rows=2)
    passed: list[tuple[bytes, dict[UUID, Any]]] = []
    state: dict[UUID, Any] = {}
    for step in range(3):
        async for batch in reading.batches():
            _apply(state, rows_of(batch))
            passed.append((batch.next_cursor, dict(state)))
        await add_notes(admin, 3, body=f"of step {step}")
        await admin.execute(
            "UPDATE goals.notes SET body = body || '+'"
            " WHERE note_id IN (SELECT note_id FROM goals.notes ORDER BY random() LIMIT 2)"
        )
        await admin.execute(
            "DELETE FROM goals.notes WHERE note_id IN (SELECT note_id FROM goals.notes ORDER BY random() LIMIT 1)"
        )
    rows = await admin.fetch("SELECT note_id, body FROM goals.notes")
    truth = {row["note_id"]: row["body"] for row in rows}

    for cursor, known in passed:
        resumed = reader(cursor=cursor, max_rows=3)
        for row in await resumed.rows():
            _apply(known, [row])
        assert {key: row["body"] for key, row in known.items() if not row["deleted"]} == truth


def _apply(state: dict[UUID, Any], rows: list[dict[str, Any]]) -> None:
    """As the warehouse does: the higher version stays."""
    for row in rows:
        known = state.get(row["note_id"])
        if known is None or known["row_version"] < row["row_version"]:
            state[row["note_id"]] = row
