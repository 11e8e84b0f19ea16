"""Connections of one login role: taken with a bounded wait, begun in one message, cleaned on return.

The reset sends nothing unless a transaction is open, and then a ROLLBACK; that is also how a cancelled request is
cleaned up, because asyncpg shields the return and waits for its own cancel request first.
"""

import asyncio
import json
import random
from collections.abc import Awaitable, Callable
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any, Self

import asyncpg
from asyncpg.pool import PoolConnectionProxy

from chassis import errors
from chassis.db.failures import DRIVER_ERRORS, Remedy, Trouble, diagnose
from chassis.telemetry.logs import get_logger

_log = get_logger(__name__)

if TYPE_CHECKING:
    Connection = PoolConnectionProxy[asyncpg.Record]
    _DriverConnection = asyncpg.Connection[asyncpg.Record]
else:
    # Generic only for the type checker.
    Connection = PoolConnectionProxy
    _DriverConnection = asyncpg.Connection

CONNECT_TIMEOUT = timedelta(seconds=2)
POOL_WAIT = timedelta(milliseconds=500)
LOCK_TIMEOUT = timedelta(milliseconds=500)
IDLE_TIMEOUT = timedelta(seconds=10)
# Beyond the server's own timeout the client gives up: the server may be stopped or cut off.
_CLIENT_MARGIN = timedelta(seconds=1)
_JITTER_S = (0.010, 0.050)


class Unopened(Exception):
    """No transaction could be begun, on a fresh connection neither."""

    def __init__(self, trouble: Trouble) -> None:
        super().__init__("no transaction could be begun")
        self.trouble = trouble


class _Connection(_DriverConnection):
    """A connection whose return to the pool costs a trip only when a transaction is open."""

    async def reset(self, *, timeout: float | None = None) -> None:  # noqa: ASYNC109 - asyncpg's signature
        if self.is_in_transaction():
            await self.execute("ROLLBACK", timeout=timeout)


class Pool:
    """At most `size` connections, no overflow."""

    def __init__(
        self,
        pool: "asyncpg.Pool[asyncpg.Record]",
        dedicate: Callable[[], Awaitable["asyncpg.Connection[asyncpg.Record]"]],
        *,
        size: int,
    ) -> None:
        self.dedicate = dedicate
        self._pool = pool
        self._places = asyncio.Semaphore(size)
        self._generation = 0
        # The loop alone would let them be collected halfway.
        self._ending: set[asyncio.Task[None]] = set()

    @classmethod
    async def connect(
        cls, dsn: str, *, schema: str, size: int, statement_timeout: timedelta, longest: timedelta
    ) -> Self:
        """Opens the first connection.

        Args:
            dsn: Of the login.
            schema: The service's schema.
            size: Connections at most.
            statement_timeout: Of one statement, where a transaction says nothing else.
            longest: The most that a transaction says.

        Raises:
            Unavailable: The database does not answer.
        """
        session: dict[str, Any] = {
            "timeout": CONNECT_TIMEOUT.total_seconds(),
            "command_timeout": (longest + _CLIENT_MARGIN).total_seconds(),
            "server_settings": session_settings(schema, statement_timeout),
        }
        try:
            pool = await asyncpg.create_pool(
                dsn,
                **session,
                min_size=1,
                max_size=size,
                connection_class=_Connection,
                init=_install_codecs,
                # Statements are few and known; preparing one again costs more than keeping it.
                max_queries=10**9,
                statement_cache_size=512,
                max_cached_statement_lifetime=0,
                max_cacheable_statement_size=0,
            )
        except DRIVER_ERRORS as problem:
            raise diagnose(problem).error from None
        return cls(pool, partial(asyncpg.connect, dsn, **session), size=size)

    async def close(self) -> None:
        """Waits for connections in use at most 3 s, then closes all."""
        try:
            async with asyncio.timeout(3):
                await self._pool.close()
        except TimeoutError:
            self._pool.terminate()

    async def begin(self, opening: str) -> Connection:
        """Takes a connection and sends `opening`; once more on a fresh one when the first turns out dead.

        Raises:
            ReducedCapacity: All connections stayed in use for 500 ms.
            Unopened: The database does not answer, or refuses.
        """
        await self._take_place()
        try:
            return await self._begin(opening)
        except BaseException:
            self._places.release()
            raise

    async def give_back(self, connection: Connection) -> None:
        """Ends the use of a connection, rolling back what is open."""
        try:
            await self._release(connection)
        finally:
            self._places.release()

    def end_behind(self, connection: Connection) -> None:
        """Commits what only read and gives the connection back, while whoever has read goes on."""
        ending = asyncio.create_task(self._end(connection))
        self._ending.add(ending)
        ending.add_done_callback(self._ending.discard)

    async def _end(self, connection: Connection) -> None:
        try:
            await connection.execute("COMMIT")
        except DRIVER_ERRORS as problem:
            # There was nothing to keep; what is open is rolled back, or the connection closed, when it comes back.
            _log.info("database_read_not_ended", kind=type(problem).__name__)
        finally:
            await self.give_back(connection)

    async def _take_place(self) -> None:
        if not self._places.locked():
            await self._places.acquire()
            return
        try:
            async with asyncio.timeout(POOL_WAIT.total_seconds()):
                await self._places.acquire()
        except TimeoutError:
            raise errors.ReducedCapacity(
                "Too many requests are waiting for the database; try again.", retry_after=timedelta(seconds=1)
            ) from None

    async def _begin(self, opening: str) -> Connection:
        generation = self._generation
        try:
            return await self._try_begin(opening)
        except DRIVER_ERRORS as problem:
            trouble = diagnose(problem)
        if trouble.remedy is not Remedy.RECONNECT:
            raise Unopened(trouble)
        await self._expire(generation)
        await pause()
        try:
            return await self._try_begin(opening)
        except DRIVER_ERRORS as problem:
            raise Unopened(diagnose(problem)) from None

    async def _try_begin(self, opening: str) -> Connection:
        connection = await self._pool.acquire()
        try:
            await connection.execute(opening)
        except BaseException:
            await self._release(connection)
            raise
        return connection

    async def _expire(self, generation: int) -> None:
        """Distrusts every connection of `generation`: what killed one has probably killed the others."""
        if generation == self._generation:
            self._generation += 1
            await self._pool.expire_connections()

    async def _release(self, connection: Connection) -> None:
        try:
            await self._pool.release(connection, timeout=CONNECT_TIMEOUT.total_seconds())
        except DRIVER_ERRORS as problem:
            # The pool has closed it; the next to need a connection gets a fresh one.
            _log.info("database_connection_dropped", kind=type(problem).__name__)


async def pause() -> None:
    """Waits 10 to 50 ms, so that those who met do not meet again."""
    await asyncio.sleep(random.uniform(*_JITTER_S))  # noqa: S311 - jitter, not a secret


def session_settings(schema: str, statement_timeout: timedelta) -> dict[str, str]:
    """What every session of a login role is told at its start."""
    return {
        "application_name": f"tandem-{schema}",
        "search_path": schema,
        "timezone": "UTC",
        "jit": "off",
        "statement_timeout": str(milliseconds(statement_timeout)),
        "lock_timeout": str(milliseconds(LOCK_TIMEOUT)),
        "idle_in_transaction_session_timeout": str(milliseconds(IDLE_TIMEOUT)),
    }


def milliseconds(duration: timedelta) -> int:
    """As PostgreSQL takes timeouts; at least 1, because 0 means none."""
    return max(1, int(duration.total_seconds() * 1000))


async def _install_codecs(connection: Any) -> None:
    for name in ("json", "jsonb"):
        await connection.set_type_codec(name, schema="pg_catalog", encoder=json.dumps, decoder=json.loads)
