"""Redis: transport and shared memory, never the only copy of anything. Commands are kept to the Redis 6.2 set.

All keys begin with `tandem:`; which there are stands in `KEYS` and nowhere else.
"""

import asyncio
from collections.abc import Callable, Mapping
from datetime import timedelta
from types import MappingProxyType
from typing import Any

import redis.asyncio
from redis.asyncio.connection import parse_url
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

# What the client raises when Redis is away, refuses, or is reached no more.
REDIS_ERRORS = (RedisError, OSError)

OPERATION_TIMEOUT = timedelta(milliseconds=100)
CONNECT_TIMEOUT = timedelta(milliseconds=200)
# How much longer than the blocking command its client waits for the answer.
_BLOCKING_MARGIN = timedelta(seconds=1)

KEYS: Mapping[str, str] = MappingProxyType(
    {
        "tandem:events:{service}": "stream of the service's events, trimmed to 24 hours; a group per subscriber",
        "tandem:epoch:{service}": "names the data the service's relay has published into; gone when Redis was emptied",
        "tandem:limit:": "rate-limit buckets of the gateway",
        "tandem:vendor:": "what may still be asked of each vendor of models this minute, for all replicas of the coach",
        "tandem:job:": "run state of jobs, for operators only, 7 days",
        "tandem:redbeat:": "Celery beat's schedule and lock",
        "tandem:celery:": "Celery's queues and what its workers hold, in the broker's database",
    }
)


def stream_of(service: str) -> str:
    """The stream of a service's events."""
    return f"tandem:events:{service}"


def epoch_of(service: str) -> str:
    """The key that goes missing when Redis loses its data."""
    return f"tandem:epoch:{service}"


def check_url(url: str) -> None:
    """Judges an address before anything is connected.

    Raises:
        ValueError: No client can be made for it; the message does not repeat it.
    """
    parse_url(url)


def heed_cancellation() -> None:
    """Ends the task if it was cancelled and the client swallowed that; loops over Redis commands call it each round.

    Until Python 3.12 `asyncio.wait_for`, which the client sends with, returns the result of what has just finished
    instead of raising the cancellation that came at the same moment.
    """
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError


class Redis:
    """Makes clients of one server and closes them together."""

    def __init__(self, url: str) -> None:
        """Takes the address; nothing is sent yet.

        Args:
            url: `unix:///path?db=1&password=…`, `redis://…` or `rediss://…`.
        """
        self._url = url
        self._clients: list[redis.asyncio.Redis] = []

    def client(self, *, on_connect: Callable[[], object] | None = None) -> redis.asyncio.Redis:
        """A client that gives up after 100 ms and one reconnect: the library's defaults wait 2.9 s for a dead server.

        Args:
            on_connect: Called after each new connection, for whoever must know that one was lost.
        """
        return self._make(OPERATION_TIMEOUT, on_connect)

    def blocking_client(self, block: timedelta) -> redis.asyncio.Redis:
        """A client of its own for commands that wait up to `block`."""
        return self._make(block + _BLOCKING_MARGIN, None)

    async def close(self) -> None:
        """Closes every client made."""
        for client in self._clients:
            await client.aclose()
        self._clients.clear()

    def _make(self, patience: timedelta, on_connect: Callable[[], object] | None) -> redis.asyncio.Redis:
        client: redis.asyncio.Redis = redis.asyncio.Redis.from_url(
            self._url,
            protocol=2,
            retry=Retry(NoBackoff(), 1),
            socket_timeout=patience.total_seconds(),
            socket_connect_timeout=CONNECT_TIMEOUT.total_seconds(),
            redis_connect_func=_announcing(on_connect) if on_connect else None,
            # `CLIENT SETINFO` is no command of 6.2, and looking up what to say there reads files for each connection.
            driver_info=None,
        )
        self._clients.append(client)
        return client


def _announcing(notify: Callable[[], object]) -> Callable[[Any], Any]:
    # Reconnects happen inside the library, silently; this is the only place that sees all of them.
    async def connected(connection: Any) -> None:
        await connection.on_connect()
        notify()

    return connected
