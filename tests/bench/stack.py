"""The servers and processes of one measurement, as the launcher would run them: durable stores, limits on, logs on."""

import asyncio
import os
import shutil
import signal
import socket
import sys
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

import asyncpg
import httpx
import redis.asyncio
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from grpc_health.v1 import health_pb2

from chassis.migrations import bootstrap, migrate
from chassis.redis import stream_of
from deploy.local.postgres import EmbeddedPostgres
from deploy.local.valkey import EmbeddedValkey
from tests.bench.peers import envoy
from tests.support.identities import Identities
from tests.support.processes import Deployment, health_of
from tests.support.servers import PASSWORD, Addresses, TestDatabase, test_secrets

ROOT = Path(__file__).resolve().parents[2]
_START_BUDGET_S = 60
_STOP_BUDGET_S = 35
_DRAIN_BUDGET_S = 60
_PACKAGES = ("services.goals", "gateway")
_COACHING = ("goals", "mentor", "coach")
_BEHIND = """
SELECT count(*) FROM goals.outbox AS o, goals.relay_position AS p WHERE (o.xid, o.position) > (p.xid, p.position)"""


@dataclass
class Stack:
    """What runs.

    Attributes:
        folder: Short and private; holds keys, sockets and logs.
        token_key: Signs access tokens.
        admin: A superuser's connection, for seeding and cleaning.
        ports: Where HTTP is answered, by the letter of the subject; without `c` where there is no proxy.
        process_ids: By name.
    """

    folder: Path
    deployment: Deployment
    token_key: Ed25519PrivateKey
    admin: "asyncpg.Connection[asyncpg.Record]"
    redis: "redis.asyncio.Redis"
    ports: dict[str, int]
    process_ids: dict[str, int]

    async def reset(self, since: object) -> int:
        """Makes all legs begin alike: empty buckets, published events, no entries but the seeded ones.

        Args:
            since: The instant of the database after which rows are of a measurement.

        Returns:
            Events that were still to be published.
        """
        waiting = await self._wait_for_relay()
        await self.admin.execute("TRUNCATE goals.outbox, goals.idempotency")
        removed = await self.admin.execute("DELETE FROM goals.activities WHERE created_at > $1", since)
        if removed != "DELETE 0":
            await self.admin.execute("VACUUM goals.activities")
        await self.admin.execute("CHECKPOINT")
        await self.empty_buckets()
        await self.redis.xtrim(stream_of("goals"), maxlen=0, approximate=False)
        return waiting

    async def empty_buckets(self) -> None:
        """Gives every member full buckets."""
        async for key in self.redis.scan_iter("tandem:limit:*", count=1000):
            await self.redis.delete(key)

    async def _wait_for_relay(self) -> int:
        waiting = behind = int(await self.admin.fetchval(_BEHIND))
        async with asyncio.timeout(_DRAIN_BUDGET_S):
            while behind:
                await asyncio.sleep(0.1)
                behind = int(await self.admin.fetchval(_BEHIND))
        return waiting


@asynccontextmanager
async def running(packages: Path | None, proxy: Path | None) -> AsyncIterator[Stack]:
    """Starts everything that is measured, and ends it.

    Args:
        packages: The peer's server; None to do without the peer.
        proxy: Envoy's binary, if there is one.
    """
    async with _deployed(_PACKAGES) as stack, _ours(stack), _monolith(stack, packages), _proxy(stack, proxy):
        yield stack


@asynccontextmanager
async def coaching(variables: Mapping[str, str]) -> AsyncIterator[Stack]:
    """Starts the coach and whom it asks, and ends them.

    Args:
        variables: What the coach is told besides.
    """
    async with _deployed([f"services.{name}" for name in _COACHING]) as stack, AsyncExitStack() as started:
        for name in _COACHING:
            await started.enter_async_context(_service(stack, name, variables if name == "coach" else {}))
        yield stack


@asynccontextmanager
async def _deployed(packages: Sequence[str]) -> AsyncIterator[Stack]:
    """Stores with the schemas of these packages, and keys; no process yet."""
    with _stores() as (folder, addresses):
        database = TestDatabase(addresses, "tandem")
        await bootstrap(database.admin_dsn, test_secrets())
        await migrate(database.admin_dsn, packages)
        deployment = Deployment(folder, Identities(), database, addresses.redis_url(1))
        deployment.write_keys()
        token_key = _write_token_key(folder)
        admin = await asyncpg.connect(database.admin_dsn)
        client = redis.asyncio.Redis.from_url(deployment.redis_url)
        stack = Stack(folder, deployment, token_key, admin, client, {}, {})
        try:
            yield stack
        finally:
            await client.aclose()
            await admin.close()


@contextmanager
def _stores() -> Iterator[tuple[Path, Addresses]]:
    folder = Path(tempfile.mkdtemp(prefix="tdb-"))
    postgres = EmbeddedPostgres(folder / "pg", folder / "s", password=PASSWORD)
    valkey = EmbeddedValkey(folder / "valkey", folder / "valkey.sock", password=PASSWORD)
    try:
        for server in (postgres, valkey):
            server.initialise()
            with (folder / f"{type(server).__name__}.log").open("wb") as log:
                server.start(output=log)
        yield folder, Addresses(str(postgres.socket_dir), str(valkey.socket))
    finally:
        valkey.stop()
        postgres.stop()
        postgres.remove()
        shutil.rmtree(folder, ignore_errors=True)


@asynccontextmanager
async def _ours(stack: Stack) -> AsyncIterator[None]:
    """(a): the gateway and the goals service."""
    deployment, port = stack.deployment, free_port()
    gateway = {
        "TANDEM_GATEWAY_PORT": str(port),
        "TANDEM_ACCESS_TOKEN_KEY_FILE": str(stack.folder / "access-token.ed25519"),
    }
    command = [sys.executable, "-m", "gateway", "serve"]
    async with (
        _service(stack, "goals", {}),
        _process(stack, "gateway", command, _environment(deployment, "gateway") | gateway) as alive,
    ):
        await _until(lambda: _answers(port, "/readyz"), alive)
        stack.ports["a"] = port
        yield


@asynccontextmanager
async def _service(stack: Stack, name: str, variables: Mapping[str, str]) -> AsyncIterator[None]:
    """One of the services, serving."""
    deployment = stack.deployment
    full_name = f"tandem.{name}.v1.{name.capitalize()}Service"

    async def serves() -> bool:
        found = await health_of(deployment.address(name), full_name)
        return bool(found == health_pb2.HealthCheckResponse.SERVING)

    command = [sys.executable, "-m", f"services.{name}", "serve"]
    async with _process(stack, name, command, _environment(deployment, name) | dict(variables)) as alive:
        await _until(serves, alive)
        yield


@asynccontextmanager
async def _monolith(stack: Stack, packages: Path | None) -> AsyncIterator[None]:
    """(b): the peer with two workers, as a login that sees all rows; nothing without its packages."""
    if packages is None:
        yield
        return
    port = free_port()
    addresses, name = stack.deployment.database.addresses, stack.deployment.database.name
    host = urlencode({"host": addresses.socket_dir, "port": 5432})
    environment = {
        "PATH": os.defpath,
        "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "protos/gen"), str(packages)]),
        "PEER_DATABASE_URL": f"postgresql+asyncpg://postgres:{PASSWORD}@/{name}?{host}",
        "PEER_TOKEN_KEY": str(stack.folder / "access-token.public"),
    }
    serve = [sys.executable, "-m", "uvicorn", "tests.bench.peers.monolith.app:app", "--workers", "2"]
    options = ["--port", str(port), "--no-access-log", "--log-level", "warning"]
    # Its supervisor kills workers that are only short of processor time; its keep-alive of 5 s ends connections in use.
    options += ["--timeout-worker-healthcheck", "60", "--timeout-keep-alive", "75"]
    async with _process(stack, "monolith", [*serve, *options], environment) as alive:
        await _until(lambda: _answers(port, "/openapi.json"), alive)
        stack.ports["b"] = port
        yield


@asynccontextmanager
async def _proxy(stack: Stack, binary: Path | None) -> AsyncIterator[None]:
    """(c): Envoy before the same goals service; nothing where there is no Envoy."""
    if binary is None:
        yield
        return
    port = free_port()
    configuration = envoy.write_configuration(stack.folder, port, stack.deployment.address("goals"))
    command = [str(binary), "-c", str(configuration), "--concurrency", "2", "--log-level", "error"]
    async with _process(stack, "envoy", [*command, "--disable-hot-restart"], {"PATH": os.defpath}) as alive:
        await _until(lambda: _listens(port), alive)
        stack.ports["c"] = port
        yield


@asynccontextmanager
async def _process(
    stack: Stack, name: str, command: Sequence[str], environment: Mapping[str, str]
) -> AsyncIterator[Callable[[], None]]:
    """Runs a process; yields what raises when it has ended, with its last words."""
    log = stack.folder / f"{name}.out"
    with log.open("wb") as output:
        process = await asyncio.create_subprocess_exec(
            *command, cwd=ROOT, env=dict(environment), stdout=output, stderr=output
        )
    stack.process_ids[name] = process.pid

    def check() -> None:
        if process.returncode is not None:
            raise RuntimeError(f"{name} ended with {process.returncode}: {log.read_text('utf-8', 'replace')[-1500:]}")

    try:
        yield check
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGTERM)
            try:
                await asyncio.wait_for(process.wait(), _STOP_BUDGET_S)
            except TimeoutError:
                process.kill()
                await process.wait()


async def _until(answers: Callable[[], Awaitable[bool]], alive: Callable[[], None]) -> None:
    async with asyncio.timeout(_START_BUDGET_S):
        while not await answers():
            alive()
            await asyncio.sleep(0.05)


async def _answers(port: int, path: str) -> bool:
    async with httpx.AsyncClient(trust_env=False, timeout=2) as client:
        try:
            return (await client.get(f"http://127.0.0.1:{port}{path}")).status_code == 200
        except httpx.TransportError:
            return False


async def _listens(port: int) -> bool:
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return False
    writer.close()
    return True


def _environment(deployment: Deployment, process: str) -> dict[str, str]:
    return {**deployment.environment(process), "LANG": "C.UTF-8", "TZ": "UTC", "MALLOC_ARENA_MAX": "2"}


def _write_token_key(folder: Path) -> Ed25519PrivateKey:
    key = Ed25519PrivateKey.generate()
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    (folder / "access-token.ed25519").write_bytes(private)
    (folder / "access-token.public").write_bytes(public)
    return key


def free_port() -> int:
    """A port of loopback that nobody has at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
