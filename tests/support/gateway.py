"""A real gateway process on a database and a Redis of the test's own."""

import asyncio
import os
import socket
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from tests.support.identities import Identities
from tests.support.servers import TestDatabase, secret_of

SERVICES = ("goals", "coach", "mentor", "analytics", "notify")
# A loaded machine takes its time; an unloaded one needs two seconds.
START_TIMEOUT_S = 60


@dataclass(frozen=True)
class RunningGateway:
    """A gateway that answers.

    Attributes:
        base_url: Where its API is.
        ops_socket: Where its operations are.
        access_key: Signs its access tokens.
        log: What it has logged.
    """

    base_url: str
    ops_socket: Path
    access_key: Ed25519PrivateKey
    log: Path
    process: asyncio.subprocess.Process

    async def stop(self) -> int:
        """Tells the process to stop once, waits for it and returns its exit status."""
        if self.process.returncode is None:
            self.process.terminate()
        return await self.process.wait()

    def client(self) -> httpx.AsyncClient:
        """A client that follows nothing and trusts no proxy of the environment."""
        return httpx.AsyncClient(base_url=self.base_url, trust_env=False, timeout=10)


@asynccontextmanager
async def running_gateway(
    folder: Path,
    database: TestDatabase,
    redis_url: str,
    identities: Identities,
    *,
    addresses: Mapping[str, str],
    variables: Mapping[str, str] | None = None,
) -> AsyncIterator[RunningGateway]:
    """Starts `python -m gateway serve` and stops it by SIGTERM.

    Args:
        folder: For keys and sockets; short, as socket paths are.
        database: Migrated.
        redis_url: An empty database.
        identities: Whose gateway key signs passports.
        addresses: gRPC targets of services that run; the others are addressed where nobody listens.
        variables: More environment variables.
    """
    access_key = Ed25519PrivateKey.generate()
    port, log = free_port(), folder / "gateway.log"
    environment = {
        **{name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ},
        **gateway_environment(folder, database, redis_url, identities, addresses=addresses, access_key=access_key),
        "TANDEM_GATEWAY_PORT": str(port),
        **(variables or {}),
    }
    with log.open("wb") as output:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "gateway", "serve", env=environment, stdout=output, stderr=output
        )
    try:
        base_url = f"http://127.0.0.1:{port}"
        await _until_ready(process, base_url, log)
        yield RunningGateway(base_url, folder / "ops.sock", access_key, log, process)
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()


def gateway_environment(
    folder: Path,
    database: TestDatabase,
    redis_url: str,
    identities: Identities,
    *,
    addresses: Mapping[str, str],
    access_key: Ed25519PrivateKey,
) -> dict[str, str]:
    """What a gateway is told; its key files are written to `folder`. The other parameters as of `running_gateway`."""
    _write_key(folder / "gateway.ed25519", identities.keys["gateway"])
    _write_key(folder / "access-token.ed25519", access_key)
    (folder / "gateway.secret").write_text(secret_of("gateway").hex())
    return {
        **database.environment(),
        "TANDEM_ENVIRONMENT": "test",
        "TANDEM_OPS_ADDRESS": f"unix:{folder}/ops.sock",
        "TANDEM_SERVICE_SECRET_FILE": str(folder / "gateway.secret"),
        "TANDEM_SIGNING_KEY_FILE": str(folder / "gateway.ed25519"),
        "TANDEM_ACCESS_TOKEN_KEY_FILE": str(folder / "access-token.ed25519"),
        "REDIS_URL": redis_url,
        **{f"{name.upper()}_ADDRESS": addresses.get(name, f"unix:{folder}/no-{name}.sock") for name in SERVICES},
    }


def free_port() -> int:
    """A port of loopback that nobody has at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


async def _until_ready(process: asyncio.subprocess.Process, base_url: str, log: Path) -> None:
    async with asyncio.timeout(START_TIMEOUT_S), httpx.AsyncClient(trust_env=False) as client:
        while True:
            if process.returncode is not None:
                said = await asyncio.to_thread(log.read_text)
                raise RuntimeError(f"the gateway ended with {process.returncode}: {said[-2000:]}")
            try:
                if (await client.get(f"{base_url}/readyz")).status_code == 200:
                    return
            except httpx.TransportError:
                pass
            await asyncio.sleep(0.05)


def _write_key(file: Path, key: Ed25519PrivateKey) -> None:
    file.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    file.chmod(0o600)
