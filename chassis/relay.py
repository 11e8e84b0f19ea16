"""The relay: publishes committed outbox rows to the service's Redis stream, at least once, in a commit-safe order.

One relay per schema works, over all replicas: who holds the advisory lock. It reads rows after a cursor up to the
snapshot's horizon, below which no transaction can still commit (docs/adr/0022), so nothing is ever marked on a row.
After any lost connection it publishes the last minute again, and everything retained when the epoch key in Redis is
missing or another: whoever listens keeps an inbox.
"""

import asyncio
import random
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta
from itertools import takewhile
from typing import TYPE_CHECKING, Final, NamedTuple

import asyncpg
from prometheus_client import Counter, Gauge

from chassis.clock import Clock
from chassis.db import Database
from chassis.db.failures import DRIVER_ERRORS
from chassis.redis import REDIS_ERRORS, Redis, epoch_of, heed_cancellation, stream_of
from chassis.sql import in_schema
from chassis.telemetry.logs import get_logger

if TYPE_CHECKING:
    Connection = asyncpg.Connection[asyncpg.Record]

_log = get_logger(__name__)

_PUBLISHED = Counter("tandem_events_published_total", "Events put on the stream, repetitions included", ["schema"])
_LAG = Gauge("tandem_outbox_lag_seconds", "Age of the oldest event not yet published", ["schema"])

POLL: Final = timedelta(seconds=1)
STREAM_RETENTION: Final = timedelta(hours=24)
REPEAT_AFTER_LOSS: Final = timedelta(seconds=60)
BATCH: Final = 500
# Gathers what commits together; a tick per commit would cost more than the commits.
_PAUSE_S: Final = 0.02
# While rows wait for transactions that are still open each wait is twice the last: an event is late by at most as long
# again as it had to be, and a transaction that stays open costs a look a second.
_HOLD_S: Final = (0.02, 1.0)
_BACKOFF_S: Final = (0.1, 5.0)
_LOCK_SPACE: Final = 0x52454C41

_LEAD = "SELECT pg_try_advisory_lock($1, hashtext($2))"
_ADOPT_FOREIGN = """
UPDATE {schema}.outbox SET xid = pg_current_xact_id() WHERE xid >= pg_snapshot_xmax(pg_current_snapshot())"""
_POSITION = """
SELECT epoch::text AS epoch, position,
       CASE WHEN xid < pg_snapshot_xmax(pg_current_snapshot()) THEN xid ELSE '0' END AS xid
FROM {schema}.relay_position"""
_NEXT = """
SELECT xid, position, payload, extract(epoch FROM clock_timestamp() - created_at)::float8 AS age_s,
       xid < pg_snapshot_xmin(pg_current_snapshot()) AS is_settled
FROM {schema}.outbox WHERE (xid, position) > ($1, $2) ORDER BY xid, position LIMIT $3"""
_BEFORE_THE_LAST_MINUTE = """
SELECT earlier.xid, earlier.position
FROM {schema}.outbox AS earlier,
     (SELECT created_at FROM {schema}.outbox WHERE (xid, position) <= ($1, $2)
      ORDER BY xid DESC, position DESC LIMIT 1) AS newest
WHERE (earlier.xid, earlier.position) <= ($1, $2) AND earlier.created_at < newest.created_at - $3::interval
ORDER BY earlier.xid DESC, earlier.position DESC LIMIT 1"""
_ADVANCE = "UPDATE {schema}.relay_position SET xid = $1, position = $2"


class _Cursor(NamedTuple):
    """The last row published, in the order of publishing."""

    xid: int
    position: int


_START = _Cursor(0, 0)


class Relay:
    """Publishes one schema's outbox. `run` never returns; cancel it."""

    def __init__(self, system_database: Database, redis: Redis, clock: Clock, *, wake: asyncio.Event) -> None:
        """Takes its means.

        Args:
            system_database: Of the schema; app logins cannot read the outbox.
            redis: Where to publish.
            clock: For the trimming of the stream.
            wake: Set by commits that appended; `Database.relay_wakeup`.
        """
        self._database = system_database
        self._schema = system_database.schema
        self._client = redis.client(on_connect=self._connected)
        self._clock = clock
        self._wake = wake
        self._epoch = ""
        self._cursor = _START
        self._has_reconnected = True
        self._hold_s = _HOLD_S[0]
        self._is_leading = False
        # Set by the first look that begins after it was made and finds nothing left.
        self._emptied = asyncio.Event()
        # Cursors of the last minute by the time they were left, at most one a second.
        self._trail: deque[tuple[float, _Cursor]] = deque()

    async def run(self) -> None:
        """Publishes until cancelled; database or Redis away only delay it."""
        delay = _BACKOFF_S[0]
        while True:
            try:
                async with self._database.dedicated() as connection:
                    if await connection.fetchval(_LEAD, _LOCK_SPACE, self._schema):
                        delay = _BACKOFF_S[0]
                        self._is_leading = True
                        await self._lead(connection)
            except DRIVER_ERRORS as problem:
                _log.warning("relay_lost_database", schema=self._schema, kind=type(problem).__name__)
            finally:
                self._is_leading = False
            await asyncio.sleep(delay * random.uniform(0.5, 1))  # noqa: S311 - jitter, not a secret
            delay = min(delay * 2, _BACKOFF_S[1])

    async def flush(self) -> None:
        """Waits until what was committed before is published, if this relay leads; if not, that is another's work.

        It takes as long as transactions stay open or Redis is away: bound it.
        """
        self._emptied = asyncio.Event()
        self._wake.set()
        while self._is_leading and not self._emptied.is_set():
            with suppress(TimeoutError):
                async with asyncio.timeout(_PAUSE_S):
                    await self._emptied.wait()

    async def _lead(self, connection: "Connection") -> None:
        await connection.execute(self._sql(_ADOPT_FOREIGN))
        stored = await connection.fetchrow(self._sql(_POSITION))
        assert stored is not None  # noqa: S101 - the first revision made the row, and nobody may delete it
        self._cursor, self._epoch = _Cursor(stored["xid"], stored["position"]), stored["epoch"]
        self._trail.clear()
        self._has_reconnected = True
        _log.info("relay_leads", schema=self._schema)
        delay = _BACKOFF_S[0]
        while True:
            heed_cancellation()
            try:
                pause = await self._tick(connection)
                delay = _BACKOFF_S[0]
            except REDIS_ERRORS as problem:
                if connection.is_closed():
                    return
                _log.warning("relay_lost_redis", schema=self._schema, kind=type(problem).__name__)
                # What waits is what one wants to know while nothing gets away.
                self._tell_lag(await connection.fetch(self._sql(_NEXT), *self._cursor, 1))
                # Commits do not wake it: they come as often as before and Redis is no nearer for them.
                await asyncio.sleep(delay * random.uniform(0.5, 1))  # noqa: S311 - jitter, not a secret
                delay = min(delay * 2, _BACKOFF_S[1])
            else:
                await self._wait(pause)

    async def _tick(self, connection: "Connection") -> float:
        """Publishes one batch; returns how many seconds to wait before the next, unless woken."""
        emptied = self._emptied
        # Asked first, because asking is also what shows a new connection.
        if await self._client.get(epoch_of(self._schema)) != self._epoch.encode():
            await self._begin_epoch(connection)
        if self._has_reconnected:
            await self._rewind(connection)
        rows = await connection.fetch(self._sql(_NEXT), *self._cursor, BATCH)
        settled = list(takewhile(lambda row: row["is_settled"], rows))
        self._tell_lag(rows)
        if settled:
            await self._publish([row["payload"] for row in settled])
            self._leave_trail()
            self._cursor = _Cursor(settled[-1]["xid"], settled[-1]["position"])
            await connection.execute(self._sql(_ADVANCE), *self._cursor)
        if len(settled) == len(rows) < BATCH:
            emptied.set()
        return self._pause_after(len(rows), len(settled))

    def _tell_lag(self, waiting: "Sequence[asyncpg.Record]") -> None:
        _LAG.labels(self._schema).set(waiting[0]["age_s"] if waiting else 0)

    def _pause_after(self, found: int, settled: int) -> float:
        if settled or not found:
            self._hold_s = _HOLD_S[0]
        if settled == found:
            return 0 if found == BATCH else POLL.total_seconds()
        # Rows beyond the horizon settle when transactions end that may be of other processes, and wake nobody here.
        pause, self._hold_s = self._hold_s, min(self._hold_s * 2, _HOLD_S[1])
        return pause

    async def _publish(self, payloads: Sequence[bytes]) -> None:
        pipeline = self._client.pipeline(transaction=False)
        oldest = int((self._clock.now() - STREAM_RETENTION).timestamp() * 1000)
        for payload in payloads:
            # The approximate form trims whole nodes only, and so costs nothing on most additions.
            pipeline.xadd(stream_of(self._schema), {b"event": payload}, minid=oldest, approximate=True)
        await pipeline.execute()
        _PUBLISHED.labels(self._schema).inc(len(payloads))

    async def _begin_epoch(self, connection: "Connection") -> None:
        """Starts over, as Redis holds nothing of ours. The cursor goes first: a crash in between starts over again."""
        _log.warning("relay_publishes_everything_again", schema=self._schema)
        self._cursor = _START
        self._trail.clear()
        self._has_reconnected = False
        await connection.execute(self._sql(_ADVANCE), *self._cursor)
        await self._client.set(epoch_of(self._schema), self._epoch)

    async def _rewind(self, connection: "Connection") -> None:
        """Goes back a minute before the last publication: Redis may have lost as much with the connection."""
        self._has_reconnected = False
        row = await connection.fetchrow(self._sql(_BEFORE_THE_LAST_MINUTE), *self._cursor, REPEAT_AFTER_LOSS)
        earlier = _Cursor(row["xid"], row["position"]) if row else _START
        self._cursor = min([self._cursor, earlier, *(cursor for _, cursor in self._trail)])

    def _leave_trail(self) -> None:
        now = self._clock.monotonic()
        if not self._trail or now - self._trail[-1][0] >= 1:
            self._trail.append((now, self._cursor))
        while now - self._trail[0][0] > REPEAT_AFTER_LOSS.total_seconds():
            self._trail.popleft()

    def _connected(self) -> None:
        self._has_reconnected = True

    async def _wait(self, pause: float) -> None:
        await asyncio.sleep(_PAUSE_S)
        with suppress(TimeoutError):
            if pause > _PAUSE_S:
                async with asyncio.timeout(pause - _PAUSE_S):
                    await self._wake.wait()
        if self._wake.is_set():
            self._wake.clear()
            self._hold_s = _HOLD_S[0]

    def _sql(self, statement: str) -> str:
        return in_schema(statement, self._schema)
