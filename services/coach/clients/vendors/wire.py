"""HTTP as the SDKs' clients know it, spoken by aiohttp: reading a stream in Python costs three times as much.

Imported only with a vendor's key. Source: ADR-0145.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from typing import Final

import aiohttp
import httpx2
from yarl import URL

from services.coach.clients.turns import Turns
from services.coach.clients.vendors.failures import FailureKind, VendorFailed
from services.coach.clients.vendors.transport import CONNECT_S, KEEPALIVE_S, MAX_BYTES, READ_S, noted_bodies, trust

# What a vendor sees is what its SDK wrote, and nothing of ours.
_UNTOUCHED: Final = frozenset({"accept", "accept-encoding", "content-type", "user-agent"})
# One wait for a free connection and one for it to be made.
_WAITS: Final = aiohttp.ClientTimeout(total=None, connect=2 * CONNECT_S, sock_connect=CONNECT_S, sock_read=READ_S)
# In this order: the first that fits is what it was.
_FAILURES: Final = (
    (aiohttp.ConnectionTimeoutError, httpx2.ConnectTimeout),
    (asyncio.TimeoutError, httpx2.ReadTimeout),
    (aiohttp.ClientConnectorError, httpx2.ConnectError),
    (aiohttp.InvalidURL, httpx2.UnsupportedProtocol),
    (aiohttp.ServerDisconnectedError, httpx2.RemoteProtocolError),
    (aiohttp.ClientPayloadError, httpx2.RemoteProtocolError),
    (aiohttp.ClientResponseError, httpx2.RemoteProtocolError),
    (aiohttp.ClientError, httpx2.ReadError),
    (OSError, httpx2.ReadError),
)


class Wire(httpx2.AsyncBaseTransport):
    """Connections to one vendor, kept to our waits whatever an SDK asks for."""

    def __init__(self, connections: int) -> None:
        self._connections = connections
        self._session: aiohttp.ClientSession | None = None
        self._turns = Turns()

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Sends a request and returns its answer with the body still to come.

        Raises:
            httpx2.TransportError: There is none.
        """
        content = await request.aread()
        with _told_as_httpx():
            answer = await self._opened().request(
                request.method,
                URL(str(request.url), encoded=True),
                headers=request.headers.multi_items(),
                data=content,
                allow_redirects=False,
            )
        body = Body(answer, self._turns)
        if (noted := noted_bodies()) is not None:
            noted.append(body)
        return httpx2.Response(answer.status, headers=list(answer.raw_headers), stream=body)

    async def aclose(self) -> None:
        """Closes the connections."""
        if self._session is not None:
            await self._session.close()

    def _opened(self) -> aiohttp.ClientSession:
        """The session, which wants a running loop and so is not there from the start."""
        if self._session is None:
            connector = aiohttp.TCPConnector(limit=self._connections, keepalive_timeout=KEEPALIVE_S, ssl=trust())
            self._session = aiohttp.ClientSession(
                connector=connector,
                timeout=_WAITS,
                cookie_jar=aiohttp.DummyCookieJar(),
                auto_decompress=False,
                skip_auto_headers=_UNTOUCHED,
                trust_env=False,
            )
        return self._session


class Body(httpx2.AsyncByteStream):
    """A body as it comes; it ends in a failure when it is too long."""

    def __init__(self, answer: aiohttp.ClientResponse, turns: Turns) -> None:
        self._answer = answer
        self._turns = turns

    async def __aiter__(self) -> AsyncIterator[bytes]:
        read = 0
        with _told_as_httpx():
            async for piece in self._answer.content.iter_any():
                read += len(piece)
                if read > MAX_BYTES:
                    raise VendorFailed(FailureKind.BAD_PAYLOAD)
                await self._turns.take()
                yield piece

    async def aclose(self) -> None:
        """Ends the request: the connection is closed where the body was not read to its end, and kept where it was."""
        self._answer.close()


@contextmanager
def _told_as_httpx() -> Iterator[None]:
    """Names failures as httpx2 would, which is what the SDKs look for."""
    try:
        yield
    except (aiohttp.ClientError, OSError) as problem:
        raise next(told for kind, told in _FAILURES if isinstance(problem, kind))(type(problem).__name__) from problem
