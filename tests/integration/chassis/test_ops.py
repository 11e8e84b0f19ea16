"""The operations port: three routes over a Unix socket that is its owner's alone."""

import asyncio
import stat
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from chassis.ops import MAX_REQUEST_BYTES, OpsServer


class Readiness:
    """Says what it is told to."""

    def __init__(self) -> None:
        self.ready = True

    async def __call__(self) -> bool:
        return self.ready


@pytest.fixture
def readiness() -> Readiness:
    return Readiness()


@pytest.fixture
async def socket(tmp_path: Path, readiness: Readiness) -> AsyncIterator[Path]:
    server = OpsServer(f"unix:{tmp_path}/ops.sock", readiness)
    await server.start()
    yield tmp_path / "ops.sock"
    await server.close()


async def _send(socket: Path, request: bytes) -> tuple[str, str]:
    reader, writer = await asyncio.open_unix_connection(socket)
    writer.write(request)
    answer = (await reader.read()).decode()
    writer.close()
    head, _, body = answer.partition("\r\n\r\n")
    return head.split("\r\n")[0].removeprefix("HTTP/1.1 "), body


async def _get(socket: Path, path: str) -> tuple[str, str]:
    return await _send(socket, f"GET {path} HTTP/1.1\r\nhost: x\r\n\r\n".encode())


async def test_a_head_without_end_is_cut_off(socket):
    endless = b"GET /livez HTTP/1.1\r\nx: " + b"x" * 2 * MAX_REQUEST_BYTES + b"\r\n\r\n"
    try:
        answer = await _send(socket, endless)
    except ConnectionError:
        answer = ("", "")

    assert answer == ("", "")


async def test_a_live_process_says_so(socket):
    assert await _get(socket, "/livez") == ("200 OK", "ok\n")


async def test_readiness_follows_the_process(socket, readiness):
    assert (await _get(socket, "/readyz"))[0] == "200 OK"

    readiness.ready = False

    assert (await _get(socket, "/readyz"))[0] == "503 Service Unavailable"


async def test_metrics_are_prometheus_text(socket):
    status, body = await _get(socket, "/metrics")

    assert status == "200 OK"
    assert "# TYPE process_resident_memory_bytes gauge" in body


@pytest.mark.parametrize("path", ["/", "/metrics/..", "/debug", "/livez?x=1"])
async def test_nothing_else_is_there(socket, path):
    assert (await _get(socket, path))[0] == "404 Not Found"


@pytest.mark.parametrize("request_bytes", [b"POST /livez HTTP/1.1\r\n\r\n", b"\r\n\r\n", b"garbage\r\n\r\n"])
async def test_odd_requests_are_refused(socket, request_bytes):
    assert (await _send(socket, request_bytes))[0] == "404 Not Found"


async def test_the_socket_is_its_owners_alone(socket):
    assert stat.S_IMODE(socket.stat().st_mode) == 0o600
