"""What the edge is asked for, and what it learns about one request on its way."""

from collections.abc import Mapping, MutableMapping, Sequence
from typing import Any, NamedTuple

from gateway.app.call import Header, Receive
from gateway.app.operation import Operation


class Target(NamedTuple):
    """What the router found: an operation, or the methods of a path that does not take this one, or neither."""

    operation: Operation | None
    allowed: Sequence[str]


class Exchange:
    """What the steps learn about one request."""

    __slots__ = (
        "_receive",
        "headers",
        "is_read",
        "limit_fields",
        "operation_id",
        "refusal",
        "request_id",
        "shows_help",
        "subject",
    )

    def __init__(self, request_id: str, headers: Mapping[bytes, bytes], receive: Receive) -> None:
        self._receive = receive
        self.is_read = False
        self.request_id = request_id
        self.headers = headers
        self.operation_id = "unknown"
        self.refusal: str | None = None
        self.shows_help = False
        self.subject = "ip:local"
        self.limit_fields: list[Header] = []

    async def receive(self) -> MutableMapping[str, Any]:
        """ASGI's, known to have been asked."""
        self.is_read = True
        return await self._receive()
