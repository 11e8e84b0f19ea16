"""What goes between an SDK's client and a vendor: sent as it was written, kept or closed, failures by their names."""

import asyncio
import gzip
import socket
import ssl
import struct
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx2
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from services.coach.clients.vendors.failures import VendorFailed
from services.coach.clients.vendors.transport import MAX_BYTES, make_client

Answer = Callable[[asyncio.StreamWriter], Awaitable[None]]
WHOLE = b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello"


class Vendor:
    """A server that writes what it is told.

    Attributes:
        heads: Of all requests, as they came.
        connections: How many were made.
    """

    def __init__(self, answer: Answer) -> None:
        self.heads: list[list[str]] = []
        self.connections = 0
        self.left = asyncio.Event()
        self.url = ""
        self._answer = answer

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answers one request after the other."""
        self.connections += 1
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                self.heads.append(head.decode().split("\r\n")[:-2])
                await reader.readexactly(len(b'{"a":1}'))
                await self._answer(writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            self.left.set()
        finally:
            writer.close()


@asynccontextmanager
async def talking(answer: Answer) -> AsyncIterator[tuple[Vendor, httpx2.AsyncClient]]:
    vendor = Vendor(answer)
    server = await asyncio.start_server(vendor.serve, "127.0.0.1", 0)
    vendor.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    async with make_client(connections=3) as client:
        yield vendor, client
    server.close()


def writing(content: bytes) -> Answer:
    async def answer(writer: asyncio.StreamWriter) -> None:
        writer.write(content)
        await writer.drain()

    return answer


async def test_what_an_sdk_wrote_is_sent_and_nothing_else():
    async with talking(writing(WHOLE)) as (vendor, client):
        request = client.build_request("POST", f"{vendor.url}/v1/a%2Fb?alt=sse", json={"a": 1}, headers={"x-key": "k"})
        answer = await client.send(request)

    assert answer.text == "hello"
    line, *headers = vendor.heads[0]
    assert line == "POST /v1/a%2Fb?alt=sse HTTP/1.1"
    assert sorted(header.lower() for header in headers) == sorted(
        f"{name}: {value}".lower() for name, value in request.headers.multi_items()
    )


async def test_a_compressed_answer_is_read():
    packed = gzip.compress(b"hello")
    head = b"HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: %d\r\n\r\n" % len(packed)

    async with talking(writing(head + packed)) as (vendor, client):
        assert (await client.post(vendor.url, json={"a": 1})).text == "hello"


async def test_a_connection_is_kept_after_a_whole_answer_and_closed_after_half_of_one():
    async with talking(writing(WHOLE)) as (vendor, client):
        for _ in range(3):
            await client.post(vendor.url, json={"a": 1})
        assert vendor.connections == 1

    half = writing(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n")
    async with talking(half) as (vendor, client):
        async with client.stream("POST", vendor.url, json={"a": 1}) as answer:
            async for piece in answer.aiter_bytes():
                assert piece == b"hello"
                break
        async with asyncio.timeout(1):
            await vendor.left.wait()


async def test_an_answer_without_an_end_is_not_read_for_ever():
    endless = b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n" % (2 * MAX_BYTES)

    async with talking(writing(endless + b"x" * (MAX_BYTES + 1))) as (vendor, client):
        with pytest.raises(VendorFailed):
            await client.post(vendor.url, json={"a": 1})


async def reset(writer: asyncio.StreamWriter) -> None:
    writer.write(WHOLE[:-2])
    await writer.drain()
    writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


async def close(writer: asyncio.StreamWriter) -> None:
    writer.close()


async def cut(writer: asyncio.StreamWriter) -> None:
    writer.write(WHOLE[:-2])
    writer.close()


@pytest.mark.parametrize(
    ("answer", "failure"),
    [
        (close, httpx2.RemoteProtocolError),
        (cut, httpx2.RemoteProtocolError),
        (writing(b"220 mail.example ESMTP\r\n\r\n"), httpx2.RemoteProtocolError),
        (reset, httpx2.TransportError),
    ],
    ids=["closed", "cut", "another protocol", "reset"],
)
async def test_failures_have_the_names_that_the_sdks_know(answer: Answer, failure: type[Exception]):
    async with talking(answer) as (vendor, client):
        with pytest.raises(failure):
            await client.post(vendor.url, json={"a": 1})


async def test_nobody_there_is_a_failure_to_connect():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        async with make_client(connections=1) as client:
            with pytest.raises(httpx2.ConnectError):
                await client.post(f"http://127.0.0.1:{taken.getsockname()[1]}", json={"a": 1})


async def test_a_certificate_that_nobody_vouches_for_is_not_believed(tmp_path: Path):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(self_signed(tmp_path))
    vendor = Vendor(writing(WHOLE))
    server = await asyncio.start_server(vendor.serve, "127.0.0.1", 0, ssl=context)

    async with server, make_client(connections=1) as client:
        with pytest.raises(httpx2.ConnectError):
            await client.post(f"https://localhost:{server.sockets[0].getsockname()[1]}", json={"a": 1})
    assert vendor.heads == []


def self_signed(folder: Path) -> Path:
    """A key and a certificate of localhost, which it signed itself."""
    key, now = Ed25519PrivateKey.generate(), datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, None)
    )
    file = folder / "pair.pem"
    secret = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    file.write_bytes(secret + certificate.public_bytes(Encoding.PEM))
    return file
