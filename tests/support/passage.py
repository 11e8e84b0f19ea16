"""A way to Redis that a test can hold up or close, and that can speak TLS, which the embedded server does not."""

import asyncio
import ipaddress
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from chassis.clock import SystemClock

_CHUNK_BYTES = 65_536


class Passage:
    """Forwards connections to the server's socket."""

    def __init__(self, target: str) -> None:
        """Takes the path of the socket that everything goes to."""
        self._target = target
        self._flowing = asyncio.Event()
        self._flowing.set()
        self._writers: list[asyncio.StreamWriter] = []
        self._server: asyncio.Server | None = None

    async def open(self, path: Path) -> None:
        """Listens on a socket."""
        self._server = await asyncio.start_unix_server(self._serve, path)

    async def open_tls(self, context: ssl.SSLContext) -> int:
        """Listens on a port of the loopback."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0, ssl=context)
        port: int = self._server.sockets[0].getsockname()[1]
        return port

    def hold(self) -> None:
        """Keeps back all that comes, as a server does that hangs."""
        self._flowing.clear()

    def release(self) -> None:
        """Lets it go on."""
        self._flowing.set()

    def close(self) -> None:
        """Ends all connections and listens no more."""
        if self._server is not None:
            self._server.close()
        self._flowing.set()
        for writer in self._writers:
            writer.transport.abort()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far_reader, far_writer = await asyncio.open_unix_connection(self._target)
        self._writers += (writer, far_writer)
        await asyncio.gather(self._forward(reader, far_writer), self._forward(far_reader, writer))

    async def _forward(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        try:
            while data := await source.read(_CHUNK_BYTES):
                await self._flowing.wait()
                sink.write(data)
                await sink.drain()
        except OSError:
            return
        finally:
            sink.close()


@asynccontextmanager
async def passage(target: str) -> AsyncIterator[Passage]:
    """A passage, closed at the end."""
    made = Passage(target)
    try:
        yield made
    finally:
        made.close()


def certificate(folder: Path) -> ssl.SSLContext:
    """What a server of the loopback shows; `folder/certificate.pem` is whom its clients have to trust."""
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([])
    now = SystemClock().now()
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]),
            critical=True,
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    public, private = folder / "certificate.pem", folder / "certificate.key"
    public.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(public, private)
    return context
