"""Requests as bytes, for what no HTTP client would send, and every answer that came back to them."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit


@dataclass(frozen=True)
class Answer:
    """One HTTP answer, taken apart."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def problem(self) -> dict[str, Any]:
        """The problem document that it must be."""
        assert self.headers.get("content-type") == "application/problem+json", self
        read: dict[str, Any] = json.loads(self.body)
        return read


@dataclass(frozen=True)
class Conversation:
    """What a server said on one connection.

    Attributes:
        answers: In their order.
        is_ended: The server closed the connection; else it fell silent.
    """

    answers: tuple[Answer, ...]
    is_ended: bool


async def speak(base_url: str, request: bytes, *, patience_s: float = 1.0, is_last: bool = False) -> Conversation:
    """Sends these very bytes and listens until the server hangs up or says nothing for a while.

    Args:
        base_url: Where it is.
        request: What to send.
        patience_s: After how long a silence nothing more is expected.
        is_last: Asks the server to hang up after its answer, so that nobody has to wait.
    """
    if is_last:
        request = request.replace(b"\r\n", b"\r\nconnection: close\r\n", 1)
    address = urlsplit(base_url)
    reader, writer = await asyncio.open_connection(address.hostname, address.port)
    heard, is_ended = b"", True
    try:
        writer.write(request)
        await writer.drain()
        while chunk := await asyncio.wait_for(reader.read(65_536), timeout=patience_s):
            heard += chunk
    except TimeoutError:
        is_ended = False
    except ConnectionError:
        pass
    finally:
        writer.close()
    return Conversation(tuple(_answers(heard)), is_ended)


@asynccontextmanager
async def asking(base_url: str, token: str, message: str) -> AsyncIterator[asyncio.StreamReader]:
    """Asks the coach for a reply in pieces; the socket is closed when the block ends, whatever has come until then."""
    body = json.dumps({"message": message})
    address = urlsplit(base_url)
    lines = (
        "POST /v1/chat HTTP/1.1",
        f"host: {address.netloc}",
        f"authorization: Bearer {token}",
        "accept: text/event-stream",
        "content-type: application/json",
        f"content-length: {len(body)}",
    )
    reader, writer = await asyncio.open_connection(address.hostname, address.port)
    try:
        writer.write("\r\n".join((*lines, "", body)).encode())
        await writer.drain()
        yield reader
    finally:
        writer.close()


def _answers(heard: bytes) -> Iterator[Answer]:
    while heard:
        head, _, rest = heard.partition(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        length = int(headers.get("content-length", len(rest)))
        yield Answer(int(first.split(" ")[1]), headers, rest[:length])
        heard = rest[length:]
