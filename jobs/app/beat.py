"""The beat process: says when. Its lock in Redis makes it one, however many are started."""

import functools
from typing import Any, cast

from redbeat.schedulers import RedBeatScheduler
from redis.exceptions import LockError

from chassis.clock import Clock, SystemClock
from chassis.ops import OpsServer
from chassis.telemetry.logs import get_logger
from jobs.app.application import LOCK_TIMEOUT, MAX_LOOP_INTERVAL, make_app
from jobs.app.background import STOP_PATIENCE, Background
from jobs.config import JobsSettings
from jobs.schedule import BUILT, run_id

_log = get_logger(__name__)


class Pulse:
    """When the beat last ticked with its lock in hand."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._ticked_at: float | None = None

    def tick(self) -> None:
        """The lock was extended just now."""
        self._ticked_at = self._clock.monotonic()

    async def is_alive(self) -> bool:
        """True while the lock cannot have run out."""
        return self._ticked_at is not None and self._clock.monotonic() - self._ticked_at < LOCK_TIMEOUT.total_seconds()


class JobScheduler(RedBeatScheduler):  # type: ignore[misc]  # RedBeat has no types.
    """RedBeat, with a task's period as its argument and its id made from job and period."""

    def __init__(self, *args: Any, pulse: Pulse, clock: Clock, **kwargs: Any) -> None:
        self._pulse = pulse
        self._clock = clock
        super().__init__(*args, **kwargs)

    def tick(self, *args: Any, **kwargs: Any) -> float:
        """Extends the lock and sends what is due.

        Raises:
            LockError: The lock is somebody else's by now.
        """
        wait_s: float = super().tick(*args, **kwargs)
        self._pulse.tick()
        return wait_s

    def apply_async(self, entry: Any, *args: Any, **kwargs: Any) -> Any:
        """Sends one task."""
        job = BUILT[entry.name]
        period = job.period_at(self._clock.now())
        entry.args = [period]
        entry.options = {**entry.options, "task_id": str(run_id(job.name, period))}
        return super().apply_async(entry, *args, **kwargs)


def run_beat(settings: JobsSettings) -> int:
    """Says when until told to stop, or until the lock is lost; returns the exit status."""
    clock = SystemClock()
    pulse = Pulse(clock)
    background = Background()
    ops = OpsServer(settings.ops_address, pulse.is_alive)
    background.start()
    background.run(ops.start, timeout=STOP_PATIENCE)
    beat = make_app(settings).Beat(
        quiet=True,
        loglevel="INFO",
        max_interval=int(MAX_LOOP_INTERVAL.total_seconds()),
        # Celery takes a class as well as its name.
        scheduler_cls=cast("str", functools.partial(JobScheduler, pulse=pulse, clock=clock)),
    )
    try:
        beat.run()
    except LockError:
        # Another beat has taken over, or Redis has lost its data: begin anew rather than say things twice.
        _log.error("beat_lost_its_lock")
        return 1
    finally:
        background.stop(ops.close)
    return 0
