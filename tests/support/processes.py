"""Real service processes on sockets of the test's own, told what the launcher would tell them."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import grpc
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from grpc_health.v1 import health_pb2, health_pb2_grpc

from tests.support.identities import Identities
from tests.support.servers import TestDatabase, secret_of

ROOT = Path(__file__).resolve().parents[2]
START_BUDGET_S = 30
PROCESSES = ("gateway", "goals", "coach", "mentor", "analytics", "notify", "jobs")


@dataclass(frozen=True)
class Deployment:
    """What the processes of one test share.

    Attributes:
        folder: Short, private: holds keys and sockets.
        identities: The keys of all processes.
        database: Where all schemas are.
        redis_url: Our own database on Redis.
    """

    folder: Path
    identities: Identities
    database: TestDatabase
    redis_url: str

    def address(self, service: str) -> str:
        """Where a service's gRPC is reached."""
        return f"unix:{self.folder / service}.sock"

    def environment(self, process: str) -> dict[str, str]:
        """What one process is told."""
        return {
            "PATH": os.defpath,
            "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "protos/gen")]),
            "TANDEM_ENVIRONMENT": "test",
            "TANDEM_LISTEN_ADDRESS": self.address(process),
            "TANDEM_OPS_ADDRESS": f"unix:{self.folder}/{process}-ops.sock",
            "TANDEM_LOG_FILE": str(self.folder / f"{process}.log"),
            "TANDEM_SERVICE_SECRET_FILE": str(self.folder / f"{process}.secret"),
            "TANDEM_SIGNING_KEY_FILE": str(self.folder / f"{process}.ed25519"),
            "TANDEM_TRUSTED_KEYS_DIR": str(self.folder / "public"),
            "REDIS_URL": self.redis_url,
            **{f"{service.upper()}_ADDRESS": self.address(service) for service in PROCESSES[1:-1]},
            **self.database.environment(),
        }

    def write_keys(self) -> None:
        """Puts secrets and keys where the processes look for them."""
        public = self.folder / "public"
        public.mkdir(exist_ok=True)
        for process, key in self.identities.keys.items():
            pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
            (self.folder / f"{process}.ed25519").write_bytes(pem)
            opened = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
            (public / f"{process}.pem").write_bytes(opened)
            (self.folder / f"{process}.secret").write_text(secret_of(process).hex())


@dataclass
class Running:
    """A process that was started."""

    process: asyncio.subprocess.Process
    address: str

    async def stop(self, *, by: signal.Signals = signal.SIGTERM) -> int:
        """Ends it and returns its exit status."""
        if self.process.returncode is None:
            self.process.send_signal(by)
        return await asyncio.wait_for(self.process.wait(), START_BUDGET_S)


async def start(
    deployment: Deployment, service: str, *, variables: Mapping[str, str] | None = None
) -> asyncio.subprocess.Process:
    """Starts `python -m services.<service> serve` and does not wait."""
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        f"services.{service}",
        "serve",
        cwd=ROOT,
        env=deployment.environment(service) | dict(variables or {}),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )


@asynccontextmanager
async def running(
    deployment: Deployment,
    service: str,
    *,
    variables: Mapping[str, str] | None = None,
    budget_s: float = START_BUDGET_S,
) -> AsyncIterator[Running]:
    """Starts a service, waits until it is healthy, and ends it."""
    process = await start(deployment, service, variables=variables)
    made = Running(process, deployment.address(service))
    try:
        await wait_until_serving(made, _service_name(service), budget_s=budget_s)
        yield made
    finally:
        if process.returncode is None:
            await made.stop()


def loaded_by(*modules: str) -> set[str]:
    """The names of all modules that a process has loaded once it imported these."""
    seen = subprocess.run(
        [sys.executable, "-c", f"import sys, {', '.join(modules)}; print(*sys.modules)"],
        cwd=ROOT,
        env={"PYTHONPATH": f"{ROOT}:{ROOT}/protos/gen"},
        capture_output=True,
        text=True,
        check=True,
    )
    return set(seen.stdout.split())


async def wait_until_serving(running: Running, name: str, *, budget_s: float = START_BUDGET_S) -> None:
    """Waits for gRPC health, failing with the process's last words when it ends before."""
    async with asyncio.timeout(budget_s):
        while await health_of(running.address, name) != health_pb2.HealthCheckResponse.SERVING:
            if running.process.returncode is not None:
                assert running.process.stderr is not None
                raise AssertionError((await running.process.stderr.read()).decode())
            await asyncio.sleep(0.05)


async def health_of(address: str, name: str) -> int | None:
    """The gRPC health of a name; None when nothing answers."""
    async with grpc.aio.insecure_channel(address) as channel:
        try:
            answer = await health_pb2_grpc.HealthStub(channel).Check(
                health_pb2.HealthCheckRequest(service=name), timeout=2
            )
        except grpc.aio.AioRpcError:
            return None
        return int(answer.status)


def _service_name(service: str) -> str:
    return f"tandem.{service}.v1.{service.capitalize()}Service"
