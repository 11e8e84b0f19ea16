"""The HTTP client under both SDKs: our waits, a cap on what is read, nothing from the environment."""

import ssl
from collections.abc import AsyncIterator, Awaitable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from typing import TYPE_CHECKING, Final, Protocol

from services.coach.clients.vendors.failures import FailureKind, VendorFailed

if TYPE_CHECKING:
    import httpx2

CONNECT_S: Final = 2.0
# Not a budget, which the chains keep, but an end for whatever they might miss.
READ_S: Final = 150.0
WRITE_S: Final = 10.0
# Of one answer as it comes, events and all; its text may be a quarter of it.
MAX_BYTES: Final = 2**20
MAX_TEXT: Final = 2**18
# Longer than people pause between two messages, shorter than the vendors keep a connection.
_KEEPALIVE_S: Final = 50.0


class Body(Protocol):
    """A body that is being read."""

    def aclose(self) -> Awaitable[None]:
        """Ends the request, read to its end or not."""
        ...


_NOTED: ContextVar[list[Body] | None] = ContextVar("noted", default=None)


@contextmanager
def noting_bodies() -> Iterator[list[Body]]:
    """Notes the bodies of requests made in the block, for an SDK that does not close what is left half-way."""
    noted: list[Body] = []
    token = _NOTED.set(noted)
    try:
        yield noted
    finally:
        _NOTED.reset(token)


def make_client(*, connections: int) -> "httpx2.AsyncClient":
    """A client of our own for one vendor.

    Args:
        connections: How many requests may be under way at once.
    """
    import httpx2

    class Cut(httpx2.AsyncByteStream):
        """A body that ends in a failure when it is too long."""

        def __init__(self, inner: httpx2.AsyncByteStream) -> None:
            self._inner = inner

        async def __aiter__(self) -> AsyncIterator[bytes]:
            read = 0
            async for piece in self._inner:
                read += len(piece)
                if read > MAX_BYTES:
                    raise VendorFailed(FailureKind.BAD_PAYLOAD)
                yield piece

        async def aclose(self) -> None:
            await self._inner.aclose()

    class Capped(httpx2.AsyncHTTPTransport):
        """Keeps to our waits whatever an SDK asks for."""

        async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
            request.extensions["timeout"] = waits.as_dict()
            response = await super().handle_async_request(request)
            if isinstance(response.stream, httpx2.AsyncByteStream):
                response.stream = cut = Cut(response.stream)
                if (noted := _NOTED.get()) is not None:
                    noted.append(cut)
            return response

    waits = httpx2.Timeout(connect=CONNECT_S, read=READ_S, write=WRITE_S, pool=CONNECT_S)
    limits = httpx2.Limits(
        max_connections=connections, max_keepalive_connections=connections, keepalive_expiry=_KEEPALIVE_S
    )
    transport = Capped(limits=limits, trust_env=False, verify=trust())
    return httpx2.AsyncClient(transport=transport, timeout=waits, trust_env=False, verify=trust())


@cache
def trust() -> ssl.SSLContext:
    """Whose certificates are believed; reading them takes long enough to do it once for all clients."""
    import httpx2

    return httpx2.create_ssl_context(trust_env=False)
