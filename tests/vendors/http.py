"""HTTP/1.1 as far as a stand-in needs it, over asyncio's streams, which send small pieces at once.

All that a client may see is in the caller's hand: a body that stops half-way, an end without an end, a reset, silence.
"""

import asyncio
import contextlib
import json
import socket
import struct
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

_REASONS = {
    200: "OK",
    400: "Bad Request",
    401: "Unauthorized",
    402: "Payment Required",
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
    413: "Payload Too Large",
    429: "Too Many Requests",
    500: "Internal Server Error",
    503: "Service Unavailable",
    504: "Gateway Timeout",
    529: "Site is overloaded",
}
_LARGEST = 32 * 2**20


class ClientLeft(Exception):
    """Nobody is there to answer any more."""


@dataclass
class Recorded:
    """A request as it came, and what became of it; times are `time.monotonic()`.

    Attributes:
        body: Of JSON; empty where it was none.
        raw: All bytes of the body.
        began: When the first byte of the answer's content left; 0 where none did.
        ended: When the last byte left; 0 where it did not.
        left: Set when the client closed the connection before the answer's end.
    """

    vendor: str
    path: str
    headers: Mapping[str, str]
    body: dict[str, Any]
    raw: bytes
    came: float
    began: float = 0.0
    ended: float = 0.0
    left_at: float = 0.0
    left: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def text(self) -> str:
        """Everything that left our side, as text."""
        return self.raw.decode(errors="replace")


async def read_request(reader: asyncio.StreamReader, vendor: str) -> Recorded | None:
    """The next request of a connection; None when there is none."""
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except (asyncio.IncompleteReadError, ConnectionError):
        return None
    line, *lines = head.decode("latin-1").split("\r\n")
    _, path, _ = line.split(" ", 2)
    headers = {name.lower(): value.strip() for name, _, value in (each.partition(":") for each in lines) if name}
    raw = await reader.readexactly(min(int(headers.get("content-length", "0")), _LARGEST))
    return Recorded(vendor, path, headers, _json_of(raw), raw, time.monotonic())


def _json_of(raw: bytes) -> dict[str, Any]:
    try:
        body = json.loads(raw or b"{}")
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}


class Exchange:
    """One answer being written."""

    def __init__(self, request: Recorded, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.request = request
        self._reader = reader
        self._writer = writer
        self._gone = asyncio.create_task(self._watch())

    async def close(self) -> None:
        """Ends the watch over the client."""
        self._gone.cancel()
        await asyncio.gather(self._gone, return_exceptions=True)

    async def pause(self, seconds: float) -> None:
        """Waits.

        Raises:
            ClientLeft: The client went meanwhile.
        """
        done, _ = await asyncio.wait({self._gone}, timeout=seconds)
        if done:
            raise ClientLeft

    async def whole(
        self, status: int, body: bytes | Mapping[str, Any], headers: Mapping[str, str] | None = None
    ) -> None:
        """A whole answer: JSON, or bytes that say they are something else."""
        content = body if isinstance(body, bytes) else json.dumps(body, ensure_ascii=False).encode()
        kind = "text/html" if content.startswith(b"<") else "application/json"
        await self.head(status, {"content-type": kind, "content-length": str(len(content)), **(headers or {})})
        await self._finish(content)

    async def head(self, status: int, headers: Mapping[str, str]) -> None:
        """Status and headers alone."""
        lines = [
            f"HTTP/1.1 {status} {_REASONS.get(status, '')}",
            *(f"{name}: {value}" for name, value in headers.items()),
        ]
        self._writer.write(("\r\n".join(lines) + "\r\n\r\n").encode())

    async def stream_head(self, headers: Mapping[str, str]) -> None:
        """The head of an answer in chunks."""
        await self.head(200, {**headers, "transfer-encoding": "chunked"})

    async def chunk(self, content: bytes) -> None:
        """The next chunk."""
        await self.send(b"%x\r\n%s\r\n" % (len(content), content))

    async def end(self) -> None:
        """The end of the chunks."""
        await self._finish(b"0\r\n\r\n")

    async def send(self, content: bytes) -> None:
        """Bytes as they are."""
        if self._gone.done():
            raise ClientLeft
        await self._write(content)

    def cut(self) -> None:
        """Closes in the middle."""
        self._gone.cancel()
        self._writer.close()

    def reset(self) -> None:
        """Closes so that the client sees a reset."""
        self._gone.cancel()
        connection = self._writer.get_extra_info("socket")
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._writer.transport.abort()

    @property
    def is_closed(self) -> bool:
        """Whether this side closed the connection."""
        return self._writer.is_closing()

    async def _finish(self, content: bytes) -> None:
        """The last bytes: what the client sends from now on is its next request."""
        if self._gone.done():
            raise ClientLeft
        self._gone.cancel()
        await self._write(content)
        self.request.ended = time.monotonic()

    async def _write(self, content: bytes) -> None:
        self.request.began = self.request.began or time.monotonic()
        self._writer.write(content)
        try:
            await self._writer.drain()
        except ConnectionError:
            self._note_left()
            raise ClientLeft from None

    async def _watch(self) -> None:
        # A client that waits for an answer sends nothing: whatever can be read is its leaving.
        with contextlib.suppress(ConnectionError):
            await self._reader.read(1)
        self._note_left()

    def _note_left(self) -> None:
        if not self.request.left.is_set():
            self.request.left_at = time.monotonic()
            self.request.left.set()
