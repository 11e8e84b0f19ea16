"""The worker process: takes tasks from the broker and runs them on threads."""

import asyncio
import socket
import warnings
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from chassis.clock import Clock, SystemClock
from chassis.ops import OpsServer
from jobs import tasks
from jobs.app.application import make_app
from jobs.app.background import STOP_PATIENCE, Background
from jobs.config import JobsSettings
from jobs.tasks import Means, Run

if TYPE_CHECKING:
    from celery import Celery

    from chassis.redis import Redis
    from jobs.clients import GrpcPlatform

PING_PATIENCE: Final = timedelta(seconds=1)
# How long an answer to a ping is good for, so that a probe every 100 ms does not become a broadcast every 100 ms.
PING_REUSE: Final = timedelta(seconds=5)
_RUN_MARGIN: Final = timedelta(seconds=5)


def node_name() -> str:
    """What the worker is called among workers; the same after a restart, so that Redis keeps no names of the dead."""
    return f"jobs@{socket.gethostname()}"


class WorkerProcess:
    """One worker, its loop and its operations port."""

    def __init__(self, settings: JobsSettings) -> None:
        self._settings = settings
        self._clock: Clock = SystemClock()
        self._background = Background()
        self._app = make_app(settings)
        self._ops = OpsServer(settings.ops_address, Ping(self._app, self._clock).is_answered)
        self._means: Means | None = None
        self._closing: list[GrpcPlatform | Redis] = []

    def run(self) -> int:
        """Works until told to stop and returns the exit status."""
        tasks.register(self._app, self._run)
        self._background.start()
        self._background.run(self._ops.start, timeout=STOP_PATIENCE)
        # Only JSON is accepted, so that nobody's message runs code; as root as safely as otherwise.
        warnings.filterwarnings("ignore", message="You're running the worker with superuser privileges")
        worker = self._app.Worker(
            hostname=node_name(),
            loglevel="INFO",
            quiet=True,
            without_gossip=True,
            without_mingle=True,
            without_heartbeat=True,
        )
        try:
            worker.start()
        finally:
            self._background.stop(self._ops.close, *(means.close for means in self._closing))
        return int(worker.exitcode or 0)

    def _run(self, run: Run) -> None:
        async def work() -> None:
            await tasks.execute(run, self._reached_means())

        self._background.run(work, timeout=run.job.budget + _RUN_MARGIN)

    def _reached_means(self) -> Means:
        """The services and Redis, on the loop that uses them. An idle worker never pays for gRPC."""
        if self._means is None:
            from chassis.redis import Redis
            from jobs.clients import GrpcPlatform, RedisRunStates

            redis = Redis(self._settings.redis_url.get_secret_value())
            platform = GrpcPlatform(self._settings, self._clock)
            self._closing += [platform, redis]
            self._means = Means(self._clock, platform, RedisRunStates(redis, self._clock))
        return self._means


class Ping:
    """Whether this worker answers a ping that travels through the broker: broker, consumer and control all work."""

    def __init__(self, app: "Celery", clock: Clock) -> None:
        self._app = app
        self._clock = clock
        self._node = node_name()
        self._answered_at: float | None = None
        self._asking = asyncio.Lock()

    async def is_answered(self) -> bool:
        """True when a ping was answered within the last seconds, or is now."""
        async with self._asking:
            if self._is_fresh():
                return True
            if await asyncio.to_thread(self._ask):
                self._answered_at = self._clock.monotonic()
            return self._is_fresh()

    def _is_fresh(self) -> bool:
        return (
            self._answered_at is not None and self._clock.monotonic() - self._answered_at < PING_REUSE.total_seconds()
        )

    def _ask(self) -> bool:
        try:
            answers = self._app.control.ping(destination=[self._node], timeout=PING_PATIENCE.total_seconds(), limit=1)
        except Exception:
            # The broker is away, in whichever of its libraries' ways.
            return False
        return bool(answers)
