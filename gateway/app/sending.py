"""An answer on its way out: as a whole, or in pieces for as long as somebody listens."""

from collections.abc import AsyncIterator, Awaitable, Callable, MutableMapping
from typing import Any

from gateway.app.call import Header, Receive, Reply
from gateway.app.presence import while_listening

Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]


async def send_whole(send: Send, status: int, fields: list[Header], reply: Reply) -> None:
    """Sends an answer that is there."""
    body = reply.body()
    if body:
        fields.append((b"content-type", reply.media_type))
    if status != 204:
        fields.append((b"content-length", str(len(body)).encode()))
    await send({"type": "http.response.start", "status": status, "headers": fields})
    await send({"type": "http.response.body", "body": body})


async def send_stream(
    send: Send, receive: Receive, status: int, fields: list[Header], pieces: AsyncIterator[bytes]
) -> None:
    """Sends each piece as it comes.

    Raises:
        ClientLeft: Nobody listens any more.
    """
    await send({"type": "http.response.start", "status": status, "headers": fields})
    async with while_listening(receive):
        async for piece in pieces:
            await send({"type": "http.response.body", "body": piece, "more_body": True})
    await send({"type": "http.response.body", "body": b""})
