"""Both stand-ins on two ports, with everything that they were asked."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from tests.vendors import anthropic, gemini
from tests.vendors.answers import Answers
from tests.vendors.http import ClientLeft, Exchange, Recorded, read_request

# Any key does, this one for instance; a request without one is refused. A wrong one is a scenario.
KEY = "stub-key"

Speak = Callable[[Exchange, Answers], Coroutine[Any, Any, None]]


@dataclass
class StandIns:
    """The running stand-ins.

    Attributes:
        anthropic_url: What `ANTHROPIC_BASE_URL` is to be.
        gemini_url: What `GEMINI_BASE_URL` is to be.
        requests: All that came, oldest first.
    """

    anthropic_url: str = ""
    gemini_url: str = ""
    requests: list[Recorded] = field(default_factory=list)
    answers: Answers = field(default_factory=Answers)
    _came: asyncio.Event = field(default_factory=asyncio.Event)

    def of(self, vendor: str) -> list[Recorded]:
        """What one vendor was asked."""
        return [request for request in self.requests if request.vendor == vendor]

    async def until(self, count: int) -> None:
        """Returns when as many requests have come."""
        while len(self.requests) < count:
            self._came.clear()
            await self._came.wait()

    @classmethod
    @asynccontextmanager
    async def serving(cls, *, anthropic_port: int = 0, gemini_port: int = 0) -> AsyncIterator["StandIns"]:
        """Serves both until the block ends; a port of 0 is any free one."""
        made = cls()
        first = await made._listen("anthropic", anthropic.speak, anthropic_port)
        second = await made._listen("gemini", gemini.speak, gemini_port)
        made.anthropic_url, made.gemini_url = (_url(server) for server in (first, second))
        try:
            yield made
        finally:
            for server in (first, second):
                server.close()

    async def _listen(self, vendor: str, speak: Speak, port: int) -> asyncio.Server:
        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            try:
                await self._converse(vendor, speak, reader, writer)
            except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
                pass
            finally:
                writer.close()

        return await asyncio.start_server(serve, "127.0.0.1", port, backlog=512)

    async def _converse(
        self, vendor: str, speak: Speak, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        while (request := await read_request(reader, vendor)) is not None:
            self.requests.append(request)
            self._came.set()
            exchange = Exchange(request, reader, writer)
            try:
                await speak(exchange, self.answers)
            except ClientLeft:
                return
            finally:
                await exchange.close()
            if exchange.is_closed:
                return


def _url(server: asyncio.Server) -> str:
    host, port = server.sockets[0].getsockname()
    return f"http://{host}:{port}"
