"""The HTTP client under both SDKs: our waits, a cap on what is read, nothing from the environment."""

import ssl
from collections.abc import Awaitable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from typing import TYPE_CHECKING, Final, Protocol

if TYPE_CHECKING:
    import httpx2

CONNECT_S: Final = 2.0
# Not a budget, which the chains keep, but an end for whatever they might miss.
READ_S: Final = 150.0
# Of one answer as it comes, events and all; its text may be a quarter of it.
MAX_BYTES: Final = 2**20
MAX_TEXT: Final = 2**18
# Longer than people pause between two messages, shorter than the vendors keep a connection.
KEEPALIVE_S: Final = 50.0


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


def noted_bodies() -> list[Body] | None:
    """Where a new body is to be noted; None where nobody asked for it."""
    return _NOTED.get()


def make_client(*, connections: int) -> "httpx2.AsyncClient":
    """A client of our own for one vendor. aiohttp reads what comes, in C, and the SDKs see httpx2 alone.

    Waits and certificates are the transport's, whatever an SDK asks the client for.

    Args:
        connections: How many requests may be under way at once.
    """
    import httpx2

    from services.coach.clients.vendors.wire import Wire

    return httpx2.AsyncClient(transport=Wire(connections), trust_env=False)


@cache
def trust() -> ssl.SSLContext:
    """Whose certificates are believed; reading them takes long enough to do it once for all clients."""
    import httpx2

    return httpx2.create_ssl_context(trust_env=False)
