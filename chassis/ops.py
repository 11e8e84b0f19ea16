"""The operations port: `/livez`, `/readyz` and `/metrics` over a Unix socket or a port that only operators reach.

Own code of a few lines: three GET routes of plain text do not justify a web server in every service process.
"""

import asyncio
import os
from collections.abc import Awaitable, Callable
from pathlib import Path

from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

MAX_REQUEST_BYTES = 8192
REQUEST_TIMEOUT_S = 5
_OK, _UNAVAILABLE, _NOT_FOUND = "200 OK", "503 Service Unavailable", "404 Not Found"

Ready = Callable[[], Awaitable[bool]]


class OpsServer:
    """Serves the three routes until closed."""

    def __init__(self, address: str, ready: Ready) -> None:
        """Prepares a server.

        Args:
            address: `unix:/path` or `host:port`.
            ready: True when the process takes traffic.
        """
        self._address = address
        self._ready = ready
        self._server: asyncio.Server | None = None

    async def start(self) -> None:
        """Binds and begins to answer. A Unix socket is replaced and readable by its owner alone."""
        if self._address.startswith("unix:"):
            path = Path(self._address.removeprefix("unix:"))
            path.unlink(missing_ok=True)  # noqa: ASYNC240 - once, before serving
            before = os.umask(0o177)
            try:
                self._server = await asyncio.start_unix_server(self._answer, path, limit=MAX_REQUEST_BYTES)
            finally:
                os.umask(before)
        else:
            host, _, port = self._address.rpartition(":")
            self._server = await asyncio.start_server(self._answer, host, int(port), limit=MAX_REQUEST_BYTES)

    async def close(self) -> None:
        """Stops answering."""
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with asyncio.timeout(REQUEST_TIMEOUT_S):
                head = await reader.readuntil(b"\r\n\r\n")
                status, kind, body = await self._respond(head.split(b" ", 2))
                writer.write(
                    f"HTTP/1.1 {status}\r\ncontent-type: {kind}\r\ncontent-length: {len(body)}\r\n"
                    "connection: close\r\n\r\n".encode()
                    + body
                )
                await writer.drain()
        except (TimeoutError, OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            pass
        finally:
            writer.close()

    async def _respond(self, request: list[bytes]) -> tuple[str, str, bytes]:
        plain = "text/plain; charset=utf-8"
        match request[:2]:
            case [b"GET", b"/livez"]:
                return _OK, plain, b"ok\n"
            case [b"GET", b"/readyz"]:
                return (_OK, plain, b"ready\n") if await self._ready() else (_UNAVAILABLE, plain, b"not ready\n")
            case [b"GET", b"/metrics"]:
                return _OK, CONTENT_TYPE_LATEST, generate_latest()
            case _:
                return _NOT_FOUND, plain, b"not found\n"
