"""A small pipelined Redis connection for the one script that every request runs.

Own code, because the general client takes a connection from a pool, encodes and parses in several layers and arms a
timer for every call; that cost more than the whole rest of the edge (docs/adr/0041). All calls share one connection:
Redis answers in order, so a queue of futures is the whole bookkeeping, and one timer watches the oldest of them.
"""

import asyncio
import ssl
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast
from urllib.parse import parse_qs, unquote, urlsplit

CONNECT_TIMEOUT_S = 0.2
REPLY_TIMEOUT_S = 0.1
_WATCH_INTERVAL_S = 0.05
# A server that stopped reading must not make the process hold more than this.
_MAX_PENDING = 10_000

Reply = bytes | int | list["Reply"] | None


class RedisRefused(Exception):
    """Redis answered with an error; the text is its own first word, for example `NOSCRIPT`."""


class RedisAway(Exception):
    """Redis does not answer, or not in time."""


@dataclass(frozen=True, slots=True)
class RedisAddress:
    """Where Redis listens, and how to enter."""

    path: str | None
    host: str
    port: int
    database: int
    username: str | None
    password: str | None
    tls: bool

    @classmethod
    def parse(cls, url: str) -> "RedisAddress":
        """Reads `unix:///path?db=1&password=…`, `redis://user:password@host:port/1` or `rediss://…`.

        Raises:
            ValueError: Any other scheme.
        """
        parts = urlsplit(url)
        query = {name: values[-1] for name, values in parse_qs(parts.query).items()}
        if parts.scheme not in {"unix", "redis", "rediss"}:
            raise ValueError("REDIS_URL must begin with unix://, redis:// or rediss://")
        over_socket = parts.scheme == "unix"
        database = query.get("db") or ("" if over_socket else parts.path.strip("/")) or "0"
        return cls(
            path=unquote(parts.path) if over_socket else None,
            host=parts.hostname or "127.0.0.1",
            port=parts.port or 6379,
            database=int(database),
            username=query.get("username") or (unquote(parts.username) if parts.username else None),
            password=query.get("password") or (unquote(parts.password) if parts.password else None),
            tls=parts.scheme == "rediss",
        )


class RedisLine(asyncio.Protocol):
    """One connection with many calls under way."""

    def __init__(self) -> None:
        self._transport: asyncio.Transport | None = None
        self._pending: deque[tuple[float, asyncio.Future[Reply]]] = deque()
        self._buffer = bytearray()
        self._outgoing: list[bytes] = []
        self._watch: asyncio.TimerHandle | None = None
        self._loop = asyncio.get_running_loop()
        self.is_open = False

    @classmethod
    async def connect(cls, address: RedisAddress) -> "RedisLine":
        """Connects, authenticates and selects the database.

        Raises:
            RedisAway: Not reachable in time.
            RedisRefused: Reachable, and refuses the credentials.
        """
        loop = asyncio.get_running_loop()
        line: RedisLine
        try:
            async with asyncio.timeout(CONNECT_TIMEOUT_S):
                if address.path is not None:
                    _, line = await loop.create_unix_connection(cls, address.path)
                else:
                    context = ssl.create_default_context() if address.tls else None
                    _, line = await loop.create_connection(cls, address.host, address.port, ssl=context)
                if address.password is not None:
                    user = [address.username] if address.username else []
                    await line.call("AUTH", *user, address.password)
                await line.call("SELECT", str(address.database))
        except (OSError, TimeoutError) as problem:
            raise RedisAway("Redis cannot be reached") from problem
        return line

    def call(self, *words: str) -> "asyncio.Future[Reply]":
        """Sends a command; its reply comes by the future.

        Raises:
            RedisAway: The connection is closed or swamped.
        """
        if not self.is_open or self._transport is None or len(self._pending) >= _MAX_PENDING:
            raise RedisAway("the connection to Redis is closed")
        future: asyncio.Future[Reply] = self._loop.create_future()
        self._pending.append((self._loop.time(), future))
        if not self._outgoing:
            # Calls of one turn of the loop leave in one system call, and are answered in one.
            self._loop.call_soon(self._send)
        self._outgoing.append(_encode(words))
        return future

    def close(self) -> None:
        """Closes the connection; calls under way fail."""
        self._fail()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The connection stands."""
        # uvloop's transports have the methods of asyncio's and are no subclass of them.
        self._transport = cast("asyncio.Transport", transport)
        self.is_open = True
        self._watch = self._loop.call_later(_WATCH_INTERVAL_S, self._check_age)

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection is gone."""
        self._fail()

    def data_received(self, data: bytes) -> None:
        """Bytes came; every whole reply among them goes to the oldest call."""
        self._buffer += data
        position = 0
        try:
            while self._pending:
                parsed = _parse(self._buffer, position)
                if parsed is None:
                    break
                reply, position = parsed
                self._resolve(reply)
        except (ValueError, IndexError):
            # Bytes that are no protocol: whatever follows cannot be matched to calls any more.
            self._fail()
        del self._buffer[:position]

    def _send(self) -> None:
        if self._transport is not None and self._outgoing:
            self._transport.write(b"".join(self._outgoing))
        self._outgoing.clear()

    def _resolve(self, reply: "Reply | RedisRefused") -> None:
        _, future = self._pending.popleft()
        if future.done():
            return
        if isinstance(reply, RedisRefused):
            future.set_exception(reply)
        else:
            future.set_result(reply)

    def _check_age(self) -> None:
        if self._pending and self._loop.time() - self._pending[0][0] > REPLY_TIMEOUT_S:
            self._fail()
        elif self.is_open:
            self._watch = self._loop.call_later(_WATCH_INTERVAL_S, self._check_age)

    def _fail(self) -> None:
        self.is_open = False
        if self._watch is not None:
            self._watch.cancel()
        if self._transport is not None:
            self._transport.abort()
        while self._pending:
            _, future = self._pending.popleft()
            if not future.done():
                future.set_exception(RedisAway("the connection to Redis was lost"))


def _encode(words: Sequence[str]) -> bytes:
    parts = [f"*{len(words)}\r\n"]
    for word in words:
        # Lengths count bytes; nearly all words are ASCII, where they equal the characters.
        size = len(word) if word.isascii() else len(word.encode())
        parts.append(f"${size}\r\n{word}\r\n")
    return "".join(parts).encode()


def _parse(buffer: bytearray, start: int) -> "tuple[Reply | RedisRefused, int] | None":
    """Reads one RESP2 value at `start`, or None when it has not come whole yet."""
    end = buffer.find(b"\r\n", start)
    if end < 0:
        return None
    kind, line, after = buffer[start], bytes(buffer[start + 1 : end]), end + 2
    if kind == 0x2B:  # +
        return line, after
    if kind == 0x2D:  # -
        return RedisRefused(line.split(b" ", 1)[0].decode("ascii", "replace")), after
    if kind == 0x3A:  # :
        return int(line), after
    if kind == 0x24:  # $
        return _parse_bulk(buffer, int(line), after)
    if kind == 0x2A:  # *
        return _parse_array(buffer, int(line), after)
    raise ValueError("not RESP2")


def _parse_bulk(buffer: bytearray, size: int, start: int) -> "tuple[Reply, int] | None":
    if size < 0:
        return None, start
    if len(buffer) < start + size + 2:
        return None
    return bytes(buffer[start : start + size]), start + size + 2


def _parse_array(buffer: bytearray, count: int, start: int) -> "tuple[Reply, int] | None":
    items: list[Reply] = []
    position = start
    for _ in range(max(count, 0)):
        parsed = _parse(buffer, position)
        if parsed is None:
            return None
        item, position = parsed
        if isinstance(item, RedisRefused):
            raise ValueError("an error inside an array")
        items.append(item)
    return items, position
