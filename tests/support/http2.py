"""One HTTP/2 request as bytes, for what gRPC's own client would never send.

Knows just what the attacks need: header blocks without compression, out and in. gRPC's server compresses no text.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from typing import Final

DATA, HEADERS, RST_STREAM, SETTINGS, GOAWAY = 0, 1, 3, 4, 7
_END_STREAM, _END_HEADERS = 1, 4
_PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
_PATIENCE_S: Final = 5.0


@dataclass
class Heard:
    """What came back on the stream.

    Attributes:
        trailers: The header blocks as they came.
        data: The message with its frame.
        is_reset: The server broke the stream off.
    """

    trailers: bytes = b""
    data: bytes = b""
    is_reset: bool = False

    @property
    def grpc_status(self) -> int | None:
        """The status that a gRPC answer ends with; None when it is none."""
        _, found, rest = self.trailers.partition(b"grpc-status")
        return int(rest[1 : 1 + rest[0]]) if found else None


@dataclass(frozen=True)
class Asked:
    """A request.

    Attributes:
        path: `/package.Service/Method`.
        headers: Beside the pseudo-headers.
        body: As it goes over the wire; a gRPC message has five bytes before it.
    """

    path: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    method: str = "POST"


async def ask(socket: str, asked: Asked, *, patience_s: float = _PATIENCE_S) -> Heard:
    """Sends one request to a Unix socket and hears the answer out, or what there is of it by then."""
    reader, writer = await asyncio.open_unix_connection(socket)
    pseudo = {":method": asked.method, ":scheme": "http", ":path": asked.path, ":authority": "localhost"}
    block = b"".join(_literal(name, value) for name, value in {**pseudo, **asked.headers}.items())
    writer.write(_PREFACE + _frame(SETTINGS, 0, 0, b"") + _frame(HEADERS, _END_HEADERS, 1, block))
    writer.write(_frame(DATA, _END_STREAM, 1, asked.body))
    heard = Heard()
    # The core of gRPC lets a message that is cut off wait for its rest; then silence is the answer.
    try:
        async with asyncio.timeout(patience_s):
            async for kind, flags, payload in _frames_of_the_stream(reader):
                if kind == HEADERS:
                    heard.trailers += payload
                elif kind == DATA:
                    heard.data += payload
                heard.is_reset = heard.is_reset or kind == RST_STREAM
                if heard.is_reset or flags & _END_STREAM:
                    break
    except TimeoutError:
        pass
    finally:
        writer.close()
    return heard


async def _frames_of_the_stream(reader: asyncio.StreamReader) -> AsyncIterator[tuple[int, int, bytes]]:
    while True:
        try:
            head = await reader.readexactly(9)
            payload = await reader.readexactly(int.from_bytes(head[:3]))
        except (asyncio.IncompleteReadError, ConnectionError):
            return
        if head[3] == GOAWAY:
            return
        if int.from_bytes(head[5:]) == 1 and head[3] in (DATA, HEADERS, RST_STREAM):
            yield head[3], head[4] if head[3] != RST_STREAM else 0, payload


def _frame(kind: int, flags: int, stream: int, payload: bytes) -> bytes:
    return len(payload).to_bytes(3) + bytes([kind, flags]) + stream.to_bytes(4) + payload


def _literal(name: str, value: str) -> bytes:
    """A header field never indexed and not compressed (RFC 7541, 6.2.3)."""
    return b"\x10" + _text(name.encode()) + _text(value.encode())


def _text(text: bytes) -> bytes:
    """Its length in the 7-bit prefix form of RFC 7541, 5.1, then the text."""
    if len(text) < 127:
        return bytes([len(text)]) + text
    rest, length = len(text) - 127, b"\x7f"
    while rest >= 128:
        length += bytes([rest % 128 + 128])
        rest //= 128
    return length + bytes([rest]) + text
