"""Thin tasks: each built job as a coroutine that calls services, and the run around it.

A run is told of in Redis for operators; what it did is the services' to know.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from prometheus_client import Counter, Histogram

from chassis.clock import Clock
from chassis.errors import TandemError
from chassis.identity.principal import Principal
from chassis.request import RequestContext, answering
from chassis.telemetry import tracing
from chassis.telemetry.logs import get_logger
from jobs.config import SERVICES
from jobs.schedule import BUILT, Job, run_id

if TYPE_CHECKING:
    from celery import Celery, Task

    from jobs.clients import Platform, RunStates

_log = get_logger(__name__)

_RUNS = Counter("tandem_job_runs_total", "Runs of jobs", ["job", "outcome"])
_RUN_SECONDS = Histogram(
    "tandem_job_run_seconds", "Time a run took", ["job"], buckets=(0.1, 0.5, 1, 5, 10, 30, 60, 120, 300, 600)
)

# Each call removes at most a thousand rows of a table; what is left after these waits for the next hour.
SWEEP_ROUNDS: Final = 50
MAX_RETRIES: Final = 3
FIRST_RETRY_AFTER: Final = timedelta(seconds=30)

Counts = dict[str, int]


@dataclass(frozen=True, slots=True)
class Run:
    """One job, one period."""

    job: Job
    period: str

    @property
    def run_id(self) -> UUID:
        """The same for every attempt at this run."""
        return run_id(self.job.name, self.period)


class RunFailed(Exception):
    """A run did not do all its work; a later attempt may. `reasons` says why, by service."""

    def __init__(self, reasons: Mapping[str, str], counts: Counts) -> None:
        super().__init__(", ".join(f"{service}: {reason}" for service, reason in sorted(reasons.items())))
        self.counts = counts


@dataclass(frozen=True, slots=True)
class Means:
    """What tasks work with."""

    clock: Clock
    platform: "Platform"
    states: "RunStates"


async def sweep_expired(run: Run, means: Means) -> Counts:
    """Asks every service to delete rows past their retention; one that fails does not keep the others from it.

    Raises:
        RunFailed: At least one service failed.
    """
    counts, reasons = {}, {}
    for service in SERVICES:
        try:
            counts[service] = await _sweep(service, run, means.platform)
        except TandemError as failure:
            reasons[service] = failure.reason
    if reasons:
        raise RunFailed(reasons, counts)
    return counts


async def _sweep(service: str, run: Run, platform: "Platform") -> int:
    removed = 0
    for number in range(SWEEP_ROUNDS):
        swept = await platform.sweep(service, idempotency_key=f"{run.run_id}:{number}")
        removed += swept.removed
        if not swept.more:
            break
    return removed


WORK: Final[Mapping[str, Callable[[Run, Means], Awaitable[Counts]]]] = {"sweep_expired": sweep_expired}


async def execute(run: Run, means: Means) -> None:
    """Runs a job unless this run has succeeded before.

    Raises:
        RunFailed: It did not do all its work.
    """
    if await means.states.has_succeeded(run.run_id):
        _RUNS.labels(run.job.name, "repeated").inc()
        return
    began = means.clock.monotonic()
    await means.states.begin(run.run_id, job=run.job.name, period=run.period)
    request = RequestContext(
        method=run.job.task,
        request_id=run.run_id.hex,
        principal=Principal.system("jobs"),
        deadline=began + run.job.budget.total_seconds(),
        traceparent=tracing.new_traceparent(),
    )
    with answering(request), tracing.span(run.job.task):
        try:
            async with asyncio.timeout(run.job.budget.total_seconds()):
                counts = await WORK[run.job.name](run, means)
        except Exception as failure:
            failed = _as_run_failed(failure)
            await means.states.fail(run.run_id, counts=failed.counts, error=str(failed))
            _finish(run, "failed", means.clock.monotonic() - began, reasons=str(failed))
            raise failed from None
        await means.states.succeed(run.run_id, counts=counts)
        _finish(run, "succeeded", means.clock.monotonic() - began, **counts)


def _as_run_failed(failure: Exception) -> RunFailed:
    """Only reasons and class names are kept: other texts may quote a person."""
    if isinstance(failure, RunFailed):
        return failure
    reason = failure.reason if isinstance(failure, TandemError) else type(failure).__name__
    return RunFailed({"jobs": reason}, {})


def _finish(run: Run, outcome: str, seconds: float, **facts: str | int) -> None:
    _RUNS.labels(run.job.name, outcome).inc()
    _RUN_SECONDS.labels(run.job.name).observe(seconds)
    _log.info("job_run", job=run.job.name, period=run.period, outcome=outcome, ms=round(seconds * 1000), **facts)


def register(app: "Celery", run_in_background: Callable[[Run], None]) -> None:
    """Makes a Celery task of every built job.

    Args:
        app: The worker's.
        run_in_background: Runs `execute` on the loop and waits for it.
    """
    for job in BUILT.values():
        app.task(name=job.task, bind=True, max_retries=MAX_RETRIES)(_task_of(job, run_in_background))


def _task_of(job: Job, run_in_background: Callable[[Run], None]) -> "Callable[[Task[Any, Any], str], None]":
    def task(self: "Task[Any, Any]", period: str) -> None:
        try:
            run_in_background(Run(job, period))
        except RunFailed as failure:
            raise self.retry(exc=failure, countdown=retry_after_s(self.request.retries)) from None

    return task


def retry_after_s(retries: int) -> float:
    """Seconds until the next attempt: half a minute, doubled each time."""
    return FIRST_RETRY_AFTER.total_seconds() * 2.0**retries
