"""What tasks call: the services, and the place where runs are told of. Imported by the first run: gRPC is heavy."""

import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Final, Protocol
from uuid import UUID

from chassis.clock import Clock
from chassis.errors import TandemError
from chassis.identity.keys import load_private_key
from chassis.identity.passport import AssertionMinter
from chassis.redis import REDIS_ERRORS, Redis
from chassis.resilience import EARLY_PROBE, Breaker
from chassis.rpc.client import Caller
from chassis.telemetry.logs import get_logger
from jobs.config import SERVICES, JobsSettings
from tandem.platform.v1 import platform_pb2 as pb
from tandem.platform.v1.platform_pb2_grpc import PlatformServiceStub

if TYPE_CHECKING:
    from tandem.platform.v1.platform_pb2_grpc import PlatformServiceAsyncStub

_log = get_logger(__name__)

RUN_STATE_TTL: Final = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Swept:
    """Rows that a service removed, and whether another call would find some."""

    removed: int
    more: bool


class Platform(Protocol):
    """What every service offers to the scheduler."""

    async def sweep(self, service: str, *, idempotency_key: str) -> Swept:
        """Deletes a bounded number of rows past their retention.

        Raises:
            TandemError: As the service said, or Unavailable.
        """
        ...


class GrpcPlatform:
    """The services over gRPC, one channel each, as `jobs` acting for nobody."""

    def __init__(self, settings: JobsSettings, clock: Clock) -> None:
        """Opens the channels; make it on the loop that will use it."""
        assertions = AssertionMinter(load_private_key(settings.signing_key_file), "jobs", clock)
        self._callers: dict[str, Caller[PlatformServiceAsyncStub]] = {
            service: Caller(
                PlatformServiceStub,
                service,
                settings.address_of(service),
                contract="platform",
                clock=clock,
                breaker=Breaker(service, clock, early_probe=EARLY_PROBE),
                assertions=assertions,
            )
            for service in SERVICES
        }

    async def sweep(self, service: str, *, idempotency_key: str) -> Swept:
        """Deletes a bounded number of rows past their retention."""
        caller = self._callers[service]
        swept = await caller(caller.stub.SweepExpired, pb.SweepExpiredRequest(idempotency_key=idempotency_key))
        return Swept(swept.removed_count, swept.more)

    async def close(self) -> None:
        """Closes the channels."""
        for caller in self._callers.values():
            await caller.close()


@dataclass
class FakePlatform:
    """Services with a number of expired rows, or a failure, each."""

    expired: dict[str, int] = field(default_factory=dict)
    failures: dict[str, TandemError] = field(default_factory=dict)
    limit: int = 1000
    asked: list[tuple[str, str]] = field(default_factory=list)

    async def sweep(self, service: str, *, idempotency_key: str) -> Swept:
        """Removes up to `limit` rows, once per key."""
        if service in self.failures:
            raise self.failures[service]
        self.asked.append((service, idempotency_key))
        left = self.expired.get(service, 0)
        removed = min(left, self.limit)
        self.expired[service] = left - removed
        return Swept(removed, more=removed == self.limit)


class RunStates(Protocol):
    """Where runs are told of, for operators. Never the truth about an effect."""

    async def has_succeeded(self, run_id: UUID) -> bool:
        """True when this run is known to have succeeded."""
        ...

    async def begin(self, run_id: UUID, *, job: str, period: str) -> None:
        """An attempt begins."""
        ...

    async def succeed(self, run_id: UUID, *, counts: Mapping[str, int]) -> None:
        """All work is done."""
        ...

    async def fail(self, run_id: UUID, *, counts: Mapping[str, int], error: str) -> None:
        """An attempt failed."""
        ...


class RedisRunStates:
    """Runs as hashes `tandem:job:<run id>`, kept for 7 days. Redis away costs the telling, never the run."""

    def __init__(self, redis: Redis, clock: Clock) -> None:
        self._client = redis.client()
        self._clock = clock

    async def has_succeeded(self, run_id: UUID) -> bool:
        """True when this run is known to have succeeded."""
        with suppress(*REDIS_ERRORS):
            return await self._client.hget(_key(run_id), "state") == b"succeeded"
        return False

    async def begin(self, run_id: UUID, *, job: str, period: str) -> None:
        """An attempt begins."""
        await self._tell(run_id, job=job, period=period, state="running", started=self._now(), finished="", error="")

    async def succeed(self, run_id: UUID, *, counts: Mapping[str, int]) -> None:
        """All work is done."""
        await self._tell(run_id, state="succeeded", finished=self._now(), counts=json.dumps(counts))

    async def fail(self, run_id: UUID, *, counts: Mapping[str, int], error: str) -> None:
        """An attempt failed."""
        await self._tell(run_id, state="failed", finished=self._now(), counts=json.dumps(counts), error=error)

    async def _tell(self, run_id: UUID, **fields: str) -> None:
        try:
            async with self._client.pipeline(transaction=True) as pipe:
                pipe.hset(_key(run_id), items=[part for field in fields.items() for part in field])
                pipe.expire(_key(run_id), RUN_STATE_TTL)
                await pipe.execute()
        except REDIS_ERRORS as problem:
            _log.warning("run_state_not_told", kind=type(problem).__name__)

    def _now(self) -> str:
        return self._clock.now().isoformat(timespec="milliseconds").replace("+00:00", "Z")


@dataclass
class FakeRunStates:
    """Runs in memory: the state of each, in the order told."""

    told: dict[UUID, list[str]] = field(default_factory=dict)

    async def has_succeeded(self, run_id: UUID) -> bool:
        """True when this run is known to have succeeded."""
        return self.told.get(run_id, [])[-1:] == ["succeeded"]

    async def begin(self, run_id: UUID, *, job: str, period: str) -> None:
        """An attempt begins."""
        self.told.setdefault(run_id, []).append("running")

    async def succeed(self, run_id: UUID, *, counts: Mapping[str, int]) -> None:
        """All work is done."""
        self.told[run_id].append("succeeded")

    async def fail(self, run_id: UUID, *, counts: Mapping[str, int], error: str) -> None:
        """An attempt failed."""
        self.told[run_id].append("failed")


def _key(run_id: UUID) -> str:
    return f"tandem:job:{run_id}"
