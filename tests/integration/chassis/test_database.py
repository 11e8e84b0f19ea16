"""Transactions: identity, what they leave behind, what is tried again, and what failures look like."""

import asyncio
import contextlib
import random
from collections.abc import Awaitable, Callable
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID

import pytest

from chassis import db, errors
from chassis.clock import FixedClock, SystemClock, new_id
from chassis.db import Database, ForeignKeyViolation, Transaction, UniqueViolation
from chassis.identity.principal import Principal
from chassis.request import RequestContext, answering
from chassis.resilience import BreakerState
from chassis.sql import text_statement
from tests.support.notes import ADD_NOTE, COUNT_NOTES, GET_NOTE, LIST_NOTES, SET_BODY, SLEEP, TOUCH
from tests.support.servers import TestDatabase

CLOCK = SystemClock()
Admin = Any
Work = Callable[[Transaction], Awaitable[None]]


async def add_note(database: Database, member: Principal, body: str = "a note") -> UUID:
    note_id = new_id(CLOCK)
    async with database.transaction(member) as tx:
        tx.write(ADD_NOTE, expect=1, note_id=note_id, member_id=member.member_id, body=body)
    return note_id


async def within(database: Database, principal: Principal, work: Work, *, read_only: bool = False) -> None:
    async with database.transaction(principal, read_only=read_only) as tx:
        await work(tx)


def adding(member_id: UUID | None, body: Any, note_id: UUID | None = None) -> Work:
    async def work(tx: Transaction) -> None:
        tx.write(ADD_NOTE, note_id=note_id or new_id(CLOCK), member_id=member_id, body=body)

    return work


async def open_transactions(admin: Admin, name: str) -> int:
    return int(
        await admin.fetchval(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = $1 AND state LIKE 'idle in transaction%'", name
        )
    )


async def test_a_member_sees_and_changes_own_rows_only(database: Database, member: Principal) -> None:
    note_id = await add_note(database, member)

    async with database.transaction(Principal.member(new_id(CLOCK))) as stranger:
        seen = await stranger.fetch_all(LIST_NOTES)
        changed = await stranger.fetch_all(
            text_statement("UPDATE goals.notes SET body = 'x' WHERE note_id = :n RETURNING 1"), n=note_id
        )
    async with database.transaction(member) as owner:
        own = await owner.fetch_all(LIST_NOTES)

    assert (seen, changed) == ([], [])
    assert [row["note_id"] for row in own] == [note_id]


async def test_nobody_writes_rows_for_another(database: Database, member: Principal, member_id: UUID) -> None:
    with pytest.raises(errors.PermissionDenied):
        await within(database, Principal.member(new_id(CLOCK)), adding(member_id, "forged"))


async def test_a_service_acting_for_nobody_sees_no_rows_on_the_app_login(
    database: Database, system: Database, member: Principal
) -> None:
    await add_note(database, member)

    async with database.transaction(Principal.system("jobs")) as tx:
        on_app = await tx.fetch_value(COUNT_NOTES)
    async with system.transaction(Principal.system("goals")) as tx:
        on_system = await tx.fetch_value(COUNT_NOTES)

    assert (on_app, on_system) == (0, 1)


async def failing(tx: Transaction) -> None:
    await adding(tx.principal.member_id, "never")(tx)
    await tx.flush()
    raise ValueError("on purpose")


async def test_identity_ends_with_the_transaction(sample: TestDatabase) -> None:
    database = await Database.connect(
        sample.app_dsn("goals"), schema="goals", claims_key=sample.claims_key("goals"), pool_size=1
    )
    member = Principal.member(new_id(CLOCK))
    try:
        await add_note(database, member)
        with pytest.raises(ValueError, match="on purpose"):
            await within(database, member, failing)

        async with database.transaction(Principal.system("goals")) as tx:
            setting = await tx.fetch_value(text_statement("SELECT current_setting('app.claims', true)"))
            who = await tx.fetch_value(text_statement("SELECT sec.member_id()"))
    finally:
        await database.close()

    assert setting.startswith("||")
    assert who is None


async def test_concurrent_members_never_see_each_other(database: Database) -> None:
    members = [Principal.member(new_id(CLOCK)) for _ in range(20)]

    async def write_and_look(member: Principal, body: str) -> set[UUID]:
        await add_note(database, member, body)
        async with database.transaction(member) as tx:
            return {row["member_id"] for row in await tx.fetch_all(LIST_NOTES)}

    async def work(member: Principal) -> set[UUID]:
        seen: set[UUID] = set()
        for number in range(10):
            seen |= await persistently(partial(write_and_look, member, f"note {number}"))
        return seen

    seen = await asyncio.gather(*(work(member) for member in members))

    assert seen == [{member.member_id} for member in members]


async def persistently(attempt: Callable[[], Awaitable[set[UUID]]]) -> set[UUID]:
    """Comes back when told to: twice as many members as connections do not all get one within its 500 ms."""
    while True:
        try:
            return await attempt()
        except errors.ReducedCapacity:
            await asyncio.sleep(random.random())


async def test_transaction_is_rolled_back_when_the_block_raises(database: Database, member: Principal) -> None:
    with pytest.raises(ValueError, match="on purpose"):
        await within(database, member, failing)

    async with database.transaction(member) as tx:
        assert await tx.fetch_value(COUNT_NOTES) == 0


async def test_a_swallowed_failure_still_prevents_the_commit(database: Database, member: Principal) -> None:
    note_id = await add_note(database, member)

    async def swallowing(tx: Transaction) -> None:
        await adding(member.member_id, "lost otherwise")(tx)
        await adding(member.member_id, "twice", note_id)(tx)
        with contextlib.suppress(errors.TandemError):
            await tx.flush()

    with pytest.raises(UniqueViolation):
        await within(database, member, swallowing)

    async with database.transaction(member) as tx:
        assert await tx.fetch_value(COUNT_NOTES) == 1


async def test_queued_writes_go_in_one_statement_and_reads_see_them(database: Database, member: Principal) -> None:
    async with database.transaction(member) as tx:
        for number in range(40):
            tx.write(ADD_NOTE, expect=1, note_id=new_id(CLOCK), member_id=member.member_id, body=f"{number}")
        assert await tx.fetch_value(COUNT_NOTES) == 40


async def test_constraint_violations_name_their_constraint_and_no_value(database: Database, member: Principal) -> None:
    await add_note(database, member, "secret words")

    with pytest.raises(UniqueViolation) as caught:
        await add_note(database, member, "secret words")

    assert caught.value.constraint == "notes_member_id_body_key"
    assert "secret" not in str(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__
    assert issubclass(ForeignKeyViolation, errors.FailedPrecondition)


async def test_unexpected_row_counts_raise_what_the_caller_said(database: Database, member: Principal) -> None:
    note_id = await add_note(database, member)

    async def save(tx: Transaction) -> None:
        stale = errors.EtagMismatch("Somebody changed it.")
        tx.write(SET_BODY, expect=1, otherwise=stale, note_id=note_id, body="new", version=9)

    with pytest.raises(errors.EtagMismatch):
        await within(database, member, save)


async def test_a_lost_race_runs_the_whole_work_again(database: Database, member: Principal) -> None:
    note_id = await add_note(database, member)
    versions = []

    async def work(tx: Transaction) -> int:
        row = await tx.fetch_one(GET_NOTE, note_id=note_id)
        assert row is not None
        versions.append(row["version"])
        if len(versions) == 1:
            async with database.transaction(member) as other:
                other.write(TOUCH, expect=1, note_id=note_id)
        tx.write(SET_BODY, expect=1, note_id=note_id, body="mine", version=row["version"])
        return int(row["version"])

    assert await database.run(member, work) == 2
    assert versions == [1, 2]


async def test_deadlocks_are_tried_again_until_both_succeed(database: Database, member: Principal) -> None:
    first, second = await add_note(database, member, "1"), await add_note(database, member, "2")
    attempts = 0
    both_hold_one = asyncio.Barrier(2)

    async def touch_both(one: UUID, other: UUID) -> None:
        async def work(tx: Transaction) -> None:
            nonlocal attempts
            attempts += 1
            tx.write(TOUCH, expect=1, note_id=one)
            await tx.flush()
            if attempts <= 2:
                await both_hold_one.wait()
            tx.write(TOUCH, expect=1, note_id=other)

        await database.run(member, work)

    await asyncio.gather(touch_both(first, second), touch_both(second, first))

    assert attempts > 2
    async with database.transaction(member) as tx:
        rows = await tx.fetch_all(text_statement("SELECT version FROM goals.notes"))
    assert [row["version"] for row in rows] == [3, 3]


async def test_a_held_row_lock_becomes_a_conflict(database: Database, member: Principal) -> None:
    note_id = await add_note(database, member)

    async def touch(tx: Transaction) -> None:
        tx.write(TOUCH, note_id=note_id)
        await tx.flush()

    async with database.transaction(member) as holder:
        await touch(holder)
        with pytest.raises(errors.Aborted):
            await within(database, member, touch)


async def test_schema_change_under_a_prepared_statement_is_invisible(
    database: Database, member: Principal, admin: Admin
) -> None:
    star = text_statement("SELECT * FROM goals.notes")

    async def work(tx: Transaction) -> int:
        return len(await tx.fetch_all(star))

    await database.run(member, work)
    await admin.execute("ALTER TABLE goals.notes ADD COLUMN extra text")

    assert await database.run(member, work) == 0


async def test_a_killed_backend_is_replaced_before_the_first_statement(
    database: Database, member: Principal, admin: Admin, sample: TestDatabase
) -> None:
    for _ in range(5):
        await asyncio.gather(*(add_note(database, member, f"{random.random()}") for _ in range(10)))
        await kill_backends(admin, sample)
        await add_note(database, member, f"{random.random()}")

    assert database.breaker.state is BreakerState.CLOSED


async def test_a_connection_lost_later_is_retried_only_where_that_is_safe(
    database: Database, member: Principal, admin: Admin, sample: TestDatabase
) -> None:
    runs = 0

    async def work(tx: Transaction) -> None:
        nonlocal runs
        runs += 1
        await tx.fetch_all(LIST_NOTES)
        if runs == 1:
            await kill_backends(admin, sample)
        await tx.fetch_all(LIST_NOTES)

    await database.run(member, work, read_only=True)
    assert runs == 2
    runs = 0
    with pytest.raises(errors.Unavailable):
        await database.run(member, work)
    assert runs == 1


async def kill_backends(admin: Admin, sample: TestDatabase) -> None:
    await admin.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1 AND usename = 'goals_app'",
        sample.name,
    )


async def test_cancelled_requests_leave_nothing_behind(sample: TestDatabase, admin: Admin, member: Principal) -> None:
    database = await Database.connect(
        sample.app_dsn("goals"), schema="goals", claims_key=sample.claims_key("goals"), pool_size=5
    )

    async def request(number: int) -> None:
        async with database.transaction(member) as tx:
            tx.write(ADD_NOTE, note_id=new_id(CLOCK), member_id=member.member_id, body=f"{number}")
            await tx.flush()
            await tx.fetch_all(SLEEP, seconds=0.002)

    async def cancelled(number: int) -> None:
        task = asyncio.create_task(request(number))
        await asyncio.sleep(random.uniform(0, 0.012))
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    try:
        for start in range(0, 500, 10):
            await asyncio.gather(*(cancelled(number) for number in range(start, start + 10)))
        await asyncio.sleep(0.2)

        assert await open_transactions(admin, sample.name) == 0
        # All five connections are there to be used at once, and none has anybody's identity.
        await asyncio.gather(*(add_note(database, member, f"after {number}") for number in range(5)))
        async with database.transaction(Principal.system("goals")) as tx:
            assert await tx.fetch_value(COUNT_NOTES) == 0
        backends = await admin.fetchval(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = $1 AND usename = 'goals_app'", sample.name
        )
        assert backends <= 5
    finally:
        await database.close()


async def test_waiting_for_a_connection_is_bounded(sample: TestDatabase, member: Principal) -> None:
    database = await Database.connect(
        sample.app_dsn("goals"), schema="goals", claims_key=sample.claims_key("goals"), pool_size=1
    )
    try:
        async with database.transaction(member):
            began = CLOCK.monotonic()
            with pytest.raises(errors.ReducedCapacity):
                await add_note(database, Principal.member(new_id(CLOCK)))
            assert 0.4 < CLOCK.monotonic() - began < 2
    finally:
        await database.close()


async def test_statements_end_with_the_request(database: Database, member: Principal) -> None:
    async def sleep(tx: Transaction) -> None:
        await tx.fetch_all(SLEEP, seconds=2)

    request = RequestContext("/m", "r", member, deadline=CLOCK.monotonic() + 0.2)
    with answering(request):
        with pytest.raises(errors.DeadlineExceeded):
            await within(database, member, sleep)
        request.deadline = CLOCK.monotonic() + 0.01
        with pytest.raises(errors.DeadlineExceeded):
            await within(database, member, sleep)


@pytest.mark.parametrize(
    ("read_only", "is_quick", "left_s", "limit"),
    [
        (True, True, 2.0, "1500ms"),
        (True, False, 5.0, "4s"),
        (True, False, None, "4s"),
        (False, False, 5.0, "3s"),
        (False, True, 5.0, "3s"),
        (False, False, None, "3s"),
    ],
    ids=["a read", "a list", "a list in the background", "a write", "a write of a read", "a write in the background"],
)
async def test_a_statement_has_the_time_of_its_class(
    database: Database, member: Principal, read_only: bool, is_quick: bool, left_s: float | None, limit: str
) -> None:
    deadline = None if left_s is None else CLOCK.monotonic() + left_s
    with answering(RequestContext("/m", "r", member, deadline=deadline, is_quick=is_quick)):
        async with database.transaction(member, read_only=read_only) as tx:
            assert await tx.fetch_value(text_statement("SHOW statement_timeout")) == limit
    async with database.transaction(member) as tx:
        assert await tx.fetch_value(text_statement("SHOW statement_timeout")) == "3s", "it outlived its transaction"


async def test_a_read_is_given_up_by_the_database_and_not_by_its_deadline(
    database: Database, member: Principal
) -> None:
    with answering(RequestContext("/m", "r", member, deadline=CLOCK.monotonic() + 30, is_quick=True)):
        began = CLOCK.monotonic()
        with pytest.raises(errors.DeadlineExceeded):
            async with database.transaction(member, read_only=True) as tx:
                await tx.fetch_all(SLEEP, seconds=20)

    assert 1.4 < CLOCK.monotonic() - began < 10


async def test_calls_elsewhere_are_known_to_be_wrong_inside_a_transaction(
    database: Database, member: Principal
) -> None:
    async def outlives() -> bool:
        await asyncio.sleep(0.05)
        return db.in_transaction()

    assert not db.in_transaction()
    async with database.transaction(member):
        inside = db.in_transaction()
        task = asyncio.create_task(outlives())
    assert inside
    assert not db.in_transaction()
    assert not await task


async def test_values_that_cannot_be_stored_are_the_requests_fault(database: Database, member: Principal) -> None:
    for body in ("nul \x00", 17):
        with pytest.raises(errors.InvalidArgument) as caught:
            await within(database, member, adding(member.member_id, body))
        assert "17" not in str(caught.value)


async def test_an_absent_server_opens_the_breaker_and_a_probe_closes_it(
    database: Database, member: Principal, admin: Admin, sample: TestDatabase
) -> None:
    clock = FixedClock(CLOCK.now())
    away = await Database.connect(
        sample.app_dsn("goals"), schema="goals", claims_key=sample.claims_key("goals"), clock=clock
    )
    await admin.execute(f'ALTER DATABASE "{sample.name}" CONNECTION LIMIT 0')
    try:
        await kill_backends(admin, sample)
        for _ in range(5):
            with pytest.raises(errors.Unavailable):
                await add_note(away, member)
        assert state_of(away) is BreakerState.OPEN

        await admin.execute(f'ALTER DATABASE "{sample.name}" CONNECTION LIMIT -1')
        with pytest.raises(errors.Unavailable) as refused:
            await add_note(away, member)
        assert refused.value.retry_after is not None
        clock.advance(timedelta(seconds=1))
        await add_note(away, member)
        assert state_of(away) is BreakerState.CLOSED
    finally:
        await away.close()


def state_of(database: Database) -> BreakerState:
    return database.breaker.state


async def test_json_comes_and_goes_as_python_values(database: Database, member: Principal) -> None:
    async with database.transaction(member) as tx:
        value = await tx.fetch_value(text_statement("SELECT CAST(:v AS jsonb)"), v={"a": [1, None, "x"]})
    assert value == {"a": [1, None, "x"]}


async def test_read_only_transactions_write_nothing(database: Database, member: Principal) -> None:
    with pytest.raises(errors.Internal):
        await within(database, member, adding(member.member_id, "x"), read_only=True)


async def test_an_unreachable_database_is_unavailable() -> None:
    with pytest.raises(errors.Unavailable):
        await Database.connect("postgresql://goals_app:x@/tandem?host=/nonexistent", schema="goals")
