"""A real worker and a real beat on a real Valkey sweep real services over gRPC."""

import asyncio
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, closing, suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import asyncpg
import pytest
import redis
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from chassis.clock import SystemClock
from chassis.config import load
from chassis.db import Database
from chassis.errors import Unavailable
from chassis.pages import PageTokens
from chassis.rpc.platform import platform_servicings
from jobs.app.application import REDBEAT_LOCK, make_app
from jobs.config import SERVICES, JobsSettings
from jobs.schedule import BUILT, run_id
from tests.support.identities import Identities
from tests.support.rpc import serving
from tests.support.servers import PASSWORD, Addresses, TestDatabase

ROOT = Path(__file__).resolve().parents[3]
CLOCK = SystemClock()
SWEEP = BUILT["sweep_expired"]
# The library cannot say in types that answers are decoded.
Client = Any


@pytest.fixture(scope="module")
def identities() -> Identities:
    return Identities()


@pytest.fixture(scope="module")
async def services(
    services_database: TestDatabase, identities: Identities, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[dict[str, str]]:
    """The platform's side of every service, on its own schema."""
    folder = tmp_path_factory.mktemp("services")
    async with AsyncExitStack() as stack:
        addresses = {}
        for service in SERVICES:
            system = await _connect(services_database.system_dsn(service), service)
            stack.push_async_callback(system.close)
            servicing = platform_servicings(system, PageTokens(b"k" * 32))[0]
            addresses[service] = await stack.enter_async_context(
                serving(servicing, folder, identities, audience=service)
            )
        yield addresses


async def _connect(dsn: str, service: str) -> Database:
    """A busy machine may take longer than the two seconds that a process gives its database."""
    for _ in range(5):
        with suppress(Unavailable):
            return await Database.connect(dsn, schema=service, pool_size=1)
    return await Database.connect(dsn, schema=service, pool_size=1)


@pytest.fixture
def environment(
    services: dict[str, str],
    identities: Identities,
    addresses: Addresses,
    redis_url: str,
    worker_number: int,
    tmp_path_factory: pytest.TempPathFactory,
) -> dict[str, str]:
    """What the processes are told; one Redis database serves for all three uses."""
    folder = tmp_path_factory.mktemp("jobs")
    key = folder / "jobs.ed25519"
    key.write_bytes(identities.keys["jobs"].private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": f"{ROOT}:{ROOT / 'protos/gen'}",
        "TANDEM_ENVIRONMENT": "test",
        "CELERY_BROKER_URL": f"redis+socket://:{PASSWORD}@{addresses.redis_socket}?virtual_host={worker_number + 1}",
        "CELERY_REDBEAT_URL": redis_url,
        "REDIS_URL": redis_url,
        "TANDEM_SIGNING_KEY_FILE": str(key),
        "TANDEM_OPS_ADDRESS": f"unix:{folder}/ops.sock",
        **{f"{service.upper()}_ADDRESS": address for service, address in services.items()},
    }


@pytest.fixture
def start(environment: dict[str, str], tmp_path: Path) -> Iterator[Callable[..., "Process"]]:
    """Starts processes; what still runs after the test is killed."""
    started: list[Process] = []

    def start(kind: str, name: str = "") -> Process:
        made = Process(kind, name or kind, environment, tmp_path)
        started.append(made)
        return made

    yield start
    for process in started:
        process.kill()


class Process:
    """One of the two processes of jobs."""

    def __init__(self, kind: str, name: str, environment: dict[str, str], folder: Path) -> None:
        self.ops = folder / f"{name}.sock"
        self.log = folder / f"{name}.log"
        with open(self.log, "wb") as log:
            self._popen = subprocess.Popen(
                [sys.executable, "-m", "jobs", kind],
                cwd=ROOT,
                env={**environment, "TANDEM_OPS_ADDRESS": f"unix:{self.ops}"},
                stdout=log,
                stderr=log,
            )

    def answer(self, path: str) -> tuple[int, str]:
        """What the operations port says; 0 where there is none yet."""
        with closing(http.client.HTTPConnection("localhost", timeout=5)) as connection:
            try:
                connection.sock = socket.socket(socket.AF_UNIX)
                connection.sock.connect(str(self.ops))
                connection.request("GET", path)
                response = connection.getresponse()
                return response.status, response.read().decode()
            except OSError:
                return 0, ""

    def is_ready(self) -> bool:
        """As the launcher sees it."""
        return self.answer("/readyz")[0] == 200

    def stop(self) -> int:
        """Stops as the launcher does and returns the exit status."""
        self._popen.send_signal(signal.SIGTERM)
        return self._popen.wait(30)

    def kill(self) -> None:
        """Ends it at once."""
        if self._popen.poll() is None:
            self._popen.kill()
            self._popen.wait()

    def wait(self, timeout_s: float) -> int:
        """Waits until it ends by itself."""
        return self._popen.wait(timeout_s)

    def said(self) -> str:
        """Everything it logged."""
        return self.log.read_text(errors="replace")


async def eventually(
    condition: Callable[[], object], *, within_s: float = 30, why: Callable[[], str] = lambda: ""
) -> None:
    """Waits until the condition holds; the services answer on this test's own loop meanwhile."""
    give_up_at = time.monotonic() + within_s
    while not await asyncio.to_thread(condition):
        if time.monotonic() > give_up_at:
            pytest.fail(f"never came true\n{why()}")
        await asyncio.sleep(0.1)


@pytest.fixture
def client(redis_url: str) -> Iterator[Client]:
    """The Redis database of the processes, emptied before the test."""
    made: Client = redis.Redis.from_url(redis_url, decode_responses=True)
    made.flushdb()
    yield made
    made.close()


async def expired_keys(database: TestDatabase, add: int = 0) -> int:
    """Expired idempotency rows of notify, after adding some."""
    connection = await asyncpg.connect(database.admin_dsn)
    try:
        await connection.execute(
            """INSERT INTO notify.idempotency (member_id, operation, key, fingerprint, resource_id, created_at)
            SELECT gen_random_uuid(), 'op', n::text, 'f', gen_random_uuid(), now() - interval '2 days'
            FROM generate_series(1, $1) AS n""",
            add,
        )
        found: int = await connection.fetchval(
            "SELECT count(*) FROM notify.idempotency WHERE created_at < now() - interval '1 day'"
        )
        return found
    finally:
        await connection.close()


def run_state(client: Client, period: str) -> dict[str, str]:
    found: dict[str, str] = client.hgetall(f"tandem:job:{run_id(SWEEP.name, period)}")
    return found


async def test_beat_says_when_and_the_worker_sweeps_every_service(
    start: Callable[..., Process],
    client: Client,
    environment: dict[str, str],
    services_database: TestDatabase,
):
    assert await expired_keys(services_database, add=1500) == 1500
    worker, beat = start("worker"), start("beat")
    await eventually(lambda: worker.is_ready() and beat.is_ready(), why=lambda: worker.said() + beat.said())

    make_due(environment)
    states: list[str] = []

    def succeeded() -> bool:
        states[:] = [key for key in client.keys("tandem:job:*") if client.hget(key, "state") == "succeeded"]
        return bool(states)

    await eventually(succeeded, why=lambda: worker.said() + beat.said())
    state = client.hgetall(states[0])
    assert state["job"] == "sweep_expired"
    assert states[0] == f"tandem:job:{run_id(SWEEP.name, state['period'])}"
    counts = json.loads(state["counts"])
    assert counts.keys() == set(SERVICES)
    assert counts["notify"] >= 1500
    assert 0 < client.ttl(states[0]) <= 7 * 24 * 3600
    assert await expired_keys(services_database) == 0
    assert all(key.startswith("tandem:") for key in client.keys("*"))
    assert "tandem_job_runs_total" in worker.answer("/metrics")[1]
    assert (await asyncio.to_thread(beat.stop), await asyncio.to_thread(worker.stop)) == (0, 0)
    assert client.get(REDBEAT_LOCK) is None
    for log in (worker.said(), beat.said()):
        assert PASSWORD not in log
        assert "Traceback" not in log


def make_due(environment: dict[str, str]) -> None:
    """Tells the beat that the job ran last two hours ago."""
    from redbeat import RedBeatSchedulerEntry

    app = make_app(load(JobsSettings, {name: value for name, value in environment.items() if name != "PATH"}))
    entry = RedBeatSchedulerEntry.from_key(f"tandem:redbeat:{SWEEP.name}", app=app)
    entry.reschedule(last_run_at=CLOCK.now() - timedelta(hours=2))


async def test_the_same_run_twice_is_one(
    start: Callable[..., Process], client: Client, environment: dict[str, str], services_database: TestDatabase
):
    worker = start("worker")
    await eventually(worker.is_ready, why=worker.said)
    app = make_app(load(JobsSettings, environment))
    period = "2026-03-01T10:07Z"
    identity = str(run_id(SWEEP.name, period))
    app.send_task(SWEEP.task, args=[period], task_id=identity)
    await eventually(lambda: run_state(client, period).get("state") == "succeeded", why=worker.said)
    first = run_state(client, period)
    await expired_keys(services_database, add=1)

    app.send_task(SWEEP.task, args=[period], task_id=identity)

    await eventually(lambda: 'outcome="repeated"' in worker.answer("/metrics")[1], why=worker.said)
    assert run_state(client, period) == first
    assert await expired_keys(services_database) == 1
    app.close()


async def test_a_worker_that_is_killed_at_work_loses_no_task(
    start: Callable[..., Process], client: Client, environment: dict[str, str]
):
    """The message comes back after the visibility timeout; until then it is kept as unacknowledged."""
    app = make_app(load(JobsSettings, environment))
    app.send_task(SWEEP.task, args=["2026-03-01T11:07Z"])
    first = start("worker", "first")
    await eventually(lambda: run_state(client, "2026-03-01T11:07Z"), why=first.said)
    first.kill()

    second = start("worker", "second")

    await eventually(second.is_ready, why=second.said)
    state = run_state(client, "2026-03-01T11:07Z")["state"]
    assert state == "succeeded" or client.hlen("tandem:celery:unacked") == 1
    app.close()


async def test_only_one_beat_ticks_and_the_other_takes_over(start: Callable[..., Process], client: Client):
    first = start("beat", "first")
    await eventually(first.is_ready, why=first.said)
    second = start("beat", "second")
    await eventually(lambda: second.answer("/livez")[0] == 200, why=second.said)
    assert not second.is_ready()

    first.stop()

    await eventually(second.is_ready, why=second.said)


async def test_a_beat_that_lost_its_lock_ends(start: Callable[..., Process], client: Client):
    beat = start("beat")
    await eventually(beat.is_ready, why=beat.said)

    client.set(REDBEAT_LOCK, "somebody else")

    assert beat.wait(15) == 1
    assert "beat_lost_its_lock" in beat.said()
    assert client.get(REDBEAT_LOCK) == "somebody else"


def test_a_bad_configuration_is_told_at_once(environment: dict[str, str]):
    without = {name: value for name, value in environment.items() if name not in ("REDIS_URL", "GOALS_ADDRESS")}

    ended = subprocess.run(
        [sys.executable, "-m", "jobs", "worker"], cwd=ROOT, env=without, capture_output=True, text=True
    )

    assert ended.returncode == 2
    assert "REDIS_URL: is not set" in ended.stderr
    assert "GOALS_ADDRESS: is not set" in ended.stderr
