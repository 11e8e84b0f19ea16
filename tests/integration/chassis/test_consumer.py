"""The consumer: delivered means one effect, and what fails holds up nobody."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from prometheus_client import REGISTRY

from chassis import consumer, outbox, platform
from chassis.clock import new_id
from chassis.consumer import ATTEMPTS
from chassis.db import Transaction
from chassis.errors import NotFound
from chassis.identity.principal import Principal
from chassis.request import RequestContext, answering, current
from tandem.event.v1 import event_pb2
from tests.support.events import (
    CLOCK,
    STREAM,
    Ears,
    apply,
    attempts_are,
    eventually,
    exists,
    has_entries,
    is_drained,
    is_empty,
    logged,
    running,
    tell,
)
from tests.support.notes import END_OWN_CONNECTION, SLEEP


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


async def test_events_are_handled_once_however_often_they_come(ears: Ears, member: Principal, empty_redis: Any) -> None:
    async with running(ears.relay()):
        ids = await tell(ears.database, member, 30)
        await eventually(lambda: has_entries(empty_redis, 30))
    for _, fields in await empty_redis.xrange(STREAM):
        await empty_redis.xadd(STREAM, fields)
        await empty_redis.xadd(STREAM, fields)

    async with running(ears.consumer()):
        await eventually(lambda: ears.have_effect(ids))
        await eventually(lambda: is_drained(empty_redis))

    assert len(await ears.effects()) == 30


async def test_two_consumers_share_the_work_without_doubling_it(ears: Ears, member: Principal) -> None:
    async with running(ears.relay(), ears.consumer(), ears.consumer()):
        ids = await tell(ears.database, member, 50)
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

        await eventually(lambda: dead_are_shown(1))

        is_mended = True
        await platform.replay_dead(ears.system, UUID(poison))
        assert await dead_are_shown(0)
        await eventually(lambda: ears.have_effect([UUID(poison)]))
        await eventually(lambda: is_empty(ears.admin, "inbox_retry"))
        await eventually(lambda: is_drained(empty_redis))


async def dead_are_shown(count: int) -> bool:
    return REGISTRY.get_sample_value("tandem_events_dead", {"schema": "goals"}) == count


async def test_what_the_database_was_away_for_counts_against_no_event(ears: Ears, member: Principal) -> None:
    """The member's login loses its connection each time; the service's own keeps the books."""
    tries, is_back = 0, False

    async def handle(event: event_pb2.Event, tx: Transaction) -> None:
        nonlocal tries
        tries += 1
        if not is_back:
            await tx.fetch_all(END_OWN_CONNECTION)
        await apply(event, tx)

    async def were_more_than_attempts() -> bool:
        await ears.admin.execute("UPDATE goals.inbox_retry SET next_at = now()")
        return tries > ATTEMPTS + 1

    async with running(ears.relay(), ears.consumer(handle)):
        ids = await tell(ears.database, member)
        await eventually(were_more_than_attempts, patience_s=20)
        assert await platform.count_dead(ears.system) == 0
        is_back = True
        await ears.admin.execute("UPDATE goals.inbox_retry SET next_at = now()")
        await eventually(lambda: ears.have_effect(ids), patience_s=30)
        await eventually(lambda: is_empty(ears.admin, "inbox_retry"))


async def test_outages_are_waited_out_by_a_schedule_of_their_own(ears: Ears, member: Principal) -> None:
    async with running(ears.relay(), ears.consumer(_loses_the_database)):
        await tell(ears.database, member)
        await eventually(lambda: attempts_are(ears.admin, 0))
        row = await ears.admin.fetchrow("SELECT next_at - now() AS wait, dead_at FROM goals.inbox_retry")

    assert timedelta(seconds=10) < row["wait"] <= consumer.OUTAGE_DELAY
    assert row["dead_at"] is None


async def test_an_event_that_is_a_day_old_and_still_loses_the_database_is_counted(
    ears: Ears, member: Principal
) -> None:
    event = logged(member.member_id)
    event.occur_time.FromDatetime(CLOCK.now() - consumer.OUTAGE_PATIENCE)

    async with running(ears.relay(), ears.consumer(_loses_the_database)):
        async with ears.database.transaction(member) as tx:
            outbox.append(tx, event)
        await eventually(lambda: attempts_are(ears.admin, 1))


def test_tries_go_on_for_longer_than_the_database_is_usually_slow() -> None:
    assert len(consumer.RETRY_DELAYS) + 1 == ATTEMPTS == 5
    assert sum(consumer.RETRY_DELAYS, timedelta()) > timedelta(minutes=10)


async def _loses_the_database(event: event_pb2.Event, tx: Transaction) -> None:
    await tx.fetch_all(END_OWN_CONNECTION)


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
    assert await attempts_are(ears.admin, 2), "a repetition gave it more attempts"


async def test_failures_wait_longer_each_time(ears: Ears, member: Principal) -> None:
    async def fails(event: event_pb2.Event, tx: Transaction) -> None:
        raise ValueError

    async with running(ears.relay(), ears.consumer(fails)):
        await tell(ears.database, member)
        await eventually(lambda: attempts_are(ears.admin, 2))
        row = await ears.admin.fetchrow("SELECT next_at - now() AS wait FROM goals.inbox_retry")

    assert timedelta(seconds=3) < row["wait"] <= timedelta(seconds=5)


@pytest.mark.parametrize("payload", [b"\xff\xfe not an event", b"", event_pb2.Event(event_id="x").SerializeToString()])
async def test_unreadable_bytes_are_dead_at_once(ears: Ears, empty_redis: Any, payload: bytes) -> None:
    async with running(ears.consumer()):
        await eventually(lambda: exists(empty_redis, STREAM))
        for _ in range(3):
            await empty_redis.xadd(STREAM, {b"event": payload})
        await eventually(lambda: is_drained(empty_redis))

    dead = await platform.list_dead(ears.system, limit=10)
    assert [event.event_type for event in dead] == ["unreadable"]


async def test_events_nobody_asked_for_are_passed_over(ears: Ears, member: Principal, empty_redis: Any) -> None:
    async with running(ears.relay(), ears.consumer()):
        async with ears.database.transaction(member) as tx:
            outbox.append(tx, event_pb2.Event(event_type="goals.goal_created", member_id=str(member.member_id)))
        ids = await tell(ears.database, member)
        await eventually(lambda: ears.have_effect(ids))
        await eventually(lambda: is_drained(empty_redis))


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
        await eventually(lambda: has_entries(empty_redis, 3))
    await empty_redis.xgroup_create(STREAM, "goals", id="0")
    await empty_redis.xreadgroup("goals", "a-replica-that-is-gone", {STREAM: ">"}, count=3)

    async with running(ears.consumer()):
        await eventually(lambda: ears.have_effect(ids))
        await eventually(lambda: is_drained(empty_redis))


async def test_a_consumer_that_was_back_waits_shortly_again(
    ears: Ears, empty_redis: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Were the waits to add up over losses, the ninth would take 25 s."""
    monkeypatch.setattr(consumer, "_BACKOFF_S", (0.1, 60.0))
    async with running(ears.consumer()):
        for _ in range(9):
            await eventually(lambda: exists(empty_redis, STREAM))
            await asyncio.sleep(0.1)
            await empty_redis.flushdb()
        await eventually(lambda: exists(empty_redis, STREAM))
