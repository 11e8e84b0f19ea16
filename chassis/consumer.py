"""The consumer: reads the streams of other services and gives each event to its handler, with one effect per event.

A handler runs in a transaction as the member named in the event (on the system login when there is none), and the
inbox row that marks the event as handled commits with the effect. An event that fails goes to `inbox_retry` and is
acknowledged, so that it holds up nobody; it is tried again from there and is dead after the fifth failure. A try that
our own database was away for says nothing about the event and is not counted.
"""

import asyncio
import hashlib
import random
import socket
from collections.abc import Awaitable, Callable, Iterable, Mapping
from datetime import UTC, timedelta
from functools import lru_cache, partial
from typing import Any, Final
from uuid import UUID, uuid5

from google.protobuf.message import DecodeError
from prometheus_client import Counter
from redis.exceptions import ResponseError

from chassis import platform
from chassis.clock import Clock
from chassis.db import Database, Record, Transaction
from chassis.errors import AlreadyExists, TandemError, Unavailable
from chassis.identity.principal import Principal
from chassis.redis import REDIS_ERRORS, Redis, heed_cancellation, stream_of
from chassis.request import RequestContext, answering
from chassis.sql import Statement, text_statement
from chassis.telemetry.logs import get_logger
from tandem.event.v1 import event_pb2

Handler = Callable[[event_pb2.Event, Transaction], Awaitable[None]]
"""Applies one event within the transaction. It calls no other service and may run several times."""

_log = get_logger(__name__)

_HANDLED = Counter("tandem_events_handled_total", "Events by outcome", ["consumer", "event_type", "outcome"])

BLOCK: Final = timedelta(seconds=2)
HANDLER_TIMEOUT: Final = timedelta(seconds=10)
CLAIM_AFTER: Final = timedelta(seconds=60)
CLAIM_EVERY_S: Final = 15.0
RETRY_POLL_S: Final = 1.0
# After the first, second, third and fourth failure; the fifth is the last.
RETRY_DELAYS: Final = (timedelta(seconds=1), timedelta(seconds=5), timedelta(minutes=2), timedelta(minutes=10))
ATTEMPTS: Final = len(RETRY_DELAYS) + 1
OUTAGE_DELAY: Final = timedelta(seconds=15)
# An event that takes the connection with it whenever it is handled looks like an outage, but not for ever.
OUTAGE_PATIENCE: Final = timedelta(days=1)
_LEASE: Final = timedelta(seconds=60)
_COUNT: Final = 32
_LANES: Final = 8
_IN_FLIGHT: Final = 64
_BACKOFF_S: Final = (0.1, 5.0)
_UNREADABLE = "unreadable"

_TAKE = "INSERT INTO {schema}.inbox (event_id, consumer) VALUES (:event_id, :consumer) ON CONFLICT DO NOTHING"
# What waits in the retry table is tried by its schedule, not whenever the stream repeats it.
_TAKE_FROM_STREAM = """
INSERT INTO {schema}.inbox (event_id, consumer)
SELECT CAST(:event_id AS uuid), CAST(:consumer AS text)
WHERE NOT EXISTS (SELECT FROM {schema}.inbox_retry WHERE event_id = :event_id AND consumer = :consumer)
ON CONFLICT DO NOTHING"""
_ADD_RETRY = """
INSERT INTO {schema}.inbox_retry (event_id, consumer, event_type, payload, attempts, next_at, dead_at, last_failure)
VALUES (:event_id, :consumer, :event_type, :payload, :attempts, now() + CAST(:delay AS interval),
        CASE WHEN :is_dead THEN now() END, :failure)
ON CONFLICT DO NOTHING"""
_FAIL_AGAIN = """
UPDATE {schema}.inbox_retry SET attempts = :attempts, next_at = now() + CAST(:delay AS interval),
    dead_at = CASE WHEN :is_dead THEN now() END, last_failure = :failure
WHERE event_id = :event_id AND consumer = :consumer"""
_FORGET = "DELETE FROM {schema}.inbox_retry WHERE event_id = :event_id AND consumer = :consumer"
_LEASE_DUE = """
UPDATE {schema}.inbox_retry AS due SET next_at = now() + CAST(:lease AS interval)
FROM (SELECT event_id, consumer FROM {schema}.inbox_retry
      WHERE consumer = :consumer AND dead_at IS NULL AND next_at <= now()
      ORDER BY next_at LIMIT :limit FOR UPDATE SKIP LOCKED) AS head
WHERE (due.event_id, due.consumer) = (head.event_id, head.consumer)
RETURNING due.event_id, due.payload, due.attempts"""


class _AlreadyHandled(AlreadyExists):
    """The inbox has the event."""


class NoHandler(Exception):
    """An event waits for a handler that is no longer there."""


class Consumer:
    """One service's ear. `run` never returns; cancel it."""

    def __init__(
        self,
        database: Database,
        system_database: Database,
        redis: Redis,
        clock: Clock,
        *,
        handlers: Mapping[str, Handler],
    ) -> None:
        """Takes its means.

        Args:
            database: For events about a member.
            system_database: For events about nobody, and for the retry table.
            redis: Where the streams are.
            clock: For deadlines.
            handlers: By event type, `<service>.<what happened>`; the services named are subscribed to.
        """
        self._database = database
        self._system = system_database
        self._clock = clock
        self._handlers = handlers
        self._group = database.schema
        # A restarted process takes up what it was at; other replicas have other host names.
        self._name = socket.gethostname()
        self._streams = sorted({stream_of(event_type.partition(".")[0]) for event_type in handlers})
        self._client = redis.client()
        self._blocking = redis.blocking_client(BLOCK)
        # Events about the same member keep their order; others do not wait for them.
        self._lanes = [asyncio.Lock() for _ in range(_LANES)]
        self._places = asyncio.Semaphore(_IN_FLIGHT)
        self._in_flight: set[object] = set()
        self._is_caught_up = False
        self._is_dead_counted = False

    async def run(self) -> None:
        """Listens until cancelled; database or Redis away only delay it."""
        self._is_caught_up = False
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._keep_trying(self._read, tasks))
            tasks.create_task(self._keep_trying(self._claim, tasks))
            tasks.create_task(self._keep_trying(self._retry, tasks))

    async def _keep_trying(
        self, work: Callable[[asyncio.TaskGroup], Awaitable[None]], tasks: asyncio.TaskGroup
    ) -> None:
        """Runs rounds of `work`; each that ends well makes the next wait a short one again."""
        delay = _BACKOFF_S[0]
        while True:
            heed_cancellation()
            try:
                await work(tasks)
                delay = _BACKOFF_S[0]
            except (*REDIS_ERRORS, TandemError) as problem:
                _log.warning("consumer_waits", consumer=self._group, loop=work.__name__, kind=type(problem).__name__)
                await asyncio.sleep(delay * random.uniform(0.5, 1))  # noqa: S311 - jitter, not a secret
                delay = min(delay * 2, _BACKOFF_S[1])

    async def _read(self, tasks: asyncio.TaskGroup) -> None:
        """One round: what this consumer was at when it ended or lost Redis, or else what is new."""
        try:
            if self._is_caught_up:
                for stream, entries in await self._read_group(dict.fromkeys(self._streams, ">"), block=BLOCK):
                    await self._submit(tasks, stream.decode(), entries)
            else:
                await self._catch_up(tasks)
                self._is_caught_up = True
        except REDIS_ERRORS:
            # It may have been emptied: the groups have to be looked after again.
            self._is_caught_up = False
            raise

    async def _catch_up(self, tasks: asyncio.TaskGroup) -> None:
        for stream in self._streams:
            await self._ensure_group(stream)
            last: str | bytes = "0"
            while messages := (await self._read_group({stream: last}))[0:1]:
                entries = messages[0][1]
                if not entries:
                    break
                last = entries[-1][0]
                await self._submit(tasks, stream, entries)

    async def _read_group(self, positions: Mapping[str, str | bytes], *, block: timedelta | None = None) -> list[Any]:
        milliseconds = int(block.total_seconds() * 1000) if block else None
        streams: dict[Any, Any] = dict(positions)
        answer = await self._blocking.xreadgroup(self._group, self._name, streams, count=_COUNT, block=milliseconds)
        return list(answer or ())

    async def _ensure_group(self, stream: str) -> None:
        try:
            await self._client.xgroup_create(stream, self._group, id="0", mkstream=True)
        except ResponseError as problem:
            if "BUSYGROUP" not in str(problem):
                raise

    async def _claim(self, tasks: asyncio.TaskGroup) -> None:
        """Takes over what a consumer that is gone has left unfinished for a minute."""
        await asyncio.sleep(CLAIM_EVERY_S)
        for stream in self._streams:
            idle = int(CLAIM_AFTER.total_seconds() * 1000)
            answer = await self._client.xautoclaim(stream, self._group, self._name, idle, count=_COUNT)
            await self._submit(tasks, stream, answer[1])

    async def _submit(self, tasks: asyncio.TaskGroup, stream: str, entries: Iterable[tuple[bytes, Any]]) -> None:
        for entry_id, fields in entries:
            await self._start(tasks, (stream, entry_id), partial(self._deliver, stream, entry_id, fields))

    async def _retry(self, tasks: asyncio.TaskGroup) -> None:
        """Leases what is due and tries it again."""
        await asyncio.sleep(RETRY_POLL_S)
        if not self._is_dead_counted:
            await self._count_dead()
        async with self._system.transaction(Principal.system(self._group)) as transaction:
            rows = await transaction.fetch_all(self._sql(_LEASE_DUE), lease=_LEASE, consumer=self._group, limit=_COUNT)
        for row in rows:
            await self._start(tasks, row["event_id"], partial(self._deliver_again, row))

    async def _count_dead(self) -> None:
        # Set first: an event that dies meanwhile asks for another count.
        self._is_dead_counted = True
        try:
            await platform.count_dead(self._system)
        except TandemError:
            self._is_dead_counted = False
            raise

    async def _start(self, tasks: asyncio.TaskGroup, ident: object, work: Callable[[], Awaitable[None]]) -> None:
        heed_cancellation()
        if ident in self._in_flight:
            return
        await self._places.acquire()
        self._in_flight.add(ident)
        tasks.create_task(self._finish(ident, work))

    async def _finish(self, ident: object, work: Callable[[], Awaitable[None]]) -> None:
        try:
            await work()
        finally:
            self._in_flight.discard(ident)
            self._places.release()

    async def _deliver(self, stream: str, entry_id: bytes, fields: Mapping[bytes, bytes] | None) -> None:
        """First delivery, from the stream; acknowledged whatever comes of it."""
        payload = (fields or {}).get(b"event")
        if payload is not None:
            event = _parse(payload)
            if event is None or event.event_type in self._handlers:
                await self._settle(event, payload, attempt=1)
        try:
            await self._client.xack(stream, self._group, entry_id)
        except REDIS_ERRORS:
            # It comes again, and the inbox knows it.
            _log.info("event_not_acknowledged", consumer=self._group)

    async def _deliver_again(self, row: Record) -> None:
        """A further attempt, from the retry table."""
        event = _parse(row["payload"])
        if await self._settle(event, row["payload"], attempt=row["attempts"] + 1, is_again=True):
            try:
                await self._write(_FORGET, event_id=row["event_id"])
            except TandemError:
                # Its lease ends, it is tried again, and the inbox knows it.
                _log.info("retry_not_forgotten", consumer=self._group)

    async def _settle(
        self, event: event_pb2.Event | None, payload: bytes, *, attempt: int, is_again: bool = False
    ) -> bool:
        """Applies the event or writes down its failure; waits for the database as long as neither is possible."""
        delay = _BACKOFF_S[0]
        while True:
            try:
                await self._apply(event, _TAKE if is_again else _TAKE_FROM_STREAM)
                return True
            except Exception as failure:
                try:
                    await self._record(event, payload, failure, attempt=attempt, is_again=is_again)
                    return False
                except TandemError:
                    await asyncio.sleep(delay)
                    delay = min(delay * 2, _BACKOFF_S[1])

    async def _apply(self, event: event_pb2.Event | None, take: str) -> None:
        if event is None:
            raise DecodeError(_UNREADABLE)
        handler = self._handlers.get(event.event_type)
        if handler is None:
            raise NoHandler(event.event_type)
        async with self._lanes[hash(event.member_id or event.aggregate_id) % _LANES]:
            try:
                await self._handle(event, handler, take)
                outcome = "handled"
            except _AlreadyHandled:
                outcome = "repeated"
        _HANDLED.labels(self._group, event.event_type, outcome).inc()

    async def _handle(self, event: event_pb2.Event, handler: Handler, take: str) -> None:
        database = self._database if event.member_id else self._system
        principal = (
            Principal.member(UUID(event.member_id), caller=self._group)
            if event.member_id
            else Principal.system(self._group)
        )

        async def once(transaction: Transaction) -> None:
            transaction.write_first(
                self._sql(take),
                otherwise=_AlreadyHandled("The event was handled before."),
                event_id=UUID(event.event_id),
                consumer=self._group,
            )
            # Sent before the handler runs: a republished minute is full of repetitions that must not run it.
            await transaction.flush()
            await handler(event, transaction)

        request = RequestContext(
            method=f"event:{event.event_type}",
            request_id=event.event_id,
            principal=principal,
            deadline=self._clock.monotonic() + HANDLER_TIMEOUT.total_seconds(),
            traceparent=event.traceparent or None,
        )
        with answering(request):
            async with asyncio.timeout(HANDLER_TIMEOUT.total_seconds()):
                await database.run(principal, once)

    async def _record(
        self, event: event_pb2.Event | None, payload: bytes, failure: Exception, *, attempt: int, is_again: bool
    ) -> None:
        is_outage = isinstance(failure, Unavailable) and event is not None and self._is_young(event)
        # As if this try had not been made.
        attempt -= is_outage
        # Bytes that are no event can only get worse by waiting.
        is_dead = event is None or attempt >= ATTEMPTS
        event_type = _UNREADABLE if event is None else event.event_type
        row: dict[str, Any] = {} if is_again else {"event_type": event_type, "payload": payload}
        await self._write(
            _FAIL_AGAIN if is_again else _ADD_RETRY,
            event_id=_id_of_unreadable(payload) if event is None else UUID(event.event_id),
            attempts=attempt,
            delay=OUTAGE_DELAY if is_outage else RETRY_DELAYS[min(attempt, len(RETRY_DELAYS)) - 1],
            is_dead=is_dead,
            failure=type(failure).__name__,
            **row,
        )
        self._is_dead_counted &= not is_dead
        outcome = "dead" if is_dead else "postponed" if is_outage else "failed"
        _HANDLED.labels(self._group, event_type, outcome).inc()
        _log.warning(
            "event_failed",
            consumer=self._group,
            event_type=event_type,
            attempt=attempt,
            is_dead=is_dead,
            kind=type(failure).__name__,
        )

    def _is_young(self, event: event_pb2.Event) -> bool:
        return self._clock.now() - event.occur_time.ToDatetime(UTC) < OUTAGE_PATIENCE

    async def _write(self, sql: str, **parameters: Any) -> None:
        async with self._system.transaction(Principal.system(self._group)) as transaction:
            transaction.write(self._sql(sql), consumer=self._group, **parameters)

    def _sql(self, sql: str) -> Statement:
        return _statement(sql, self._group)


def _parse(payload: bytes) -> event_pb2.Event | None:
    """The event, or None for bytes that are none."""
    try:
        event = event_pb2.Event.FromString(payload)
        UUID(event.event_id)
        if event.member_id:
            UUID(event.member_id)
    except (DecodeError, ValueError):
        return None
    return event


def _id_of_unreadable(payload: bytes) -> UUID:
    """The same id for the same bytes, so that a repetition is recognised."""
    return uuid5(UUID(int=0), hashlib.sha256(payload).hexdigest())


@lru_cache
def _statement(sql: str, schema: str) -> Statement:
    return text_statement(sql, schema=schema)
