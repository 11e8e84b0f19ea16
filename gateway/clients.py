"""The five services as the gateway calls them: deadlines, retries and breakers of the chassis, and a cap of our own."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, TypeVar

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc

from chassis.clock import Clock
from chassis.rpc.client import Caller
from gateway.breakers import MAX_PER_SERVICE, Breakers, shed
from tandem.analytics.v1.analytics_pb2_grpc import AnalyticsServiceStub
from tandem.coach.v1.coach_pb2_grpc import CoachServiceStub
from tandem.goals.v1.goals_service_pb2_grpc import GoalsServiceStub
from tandem.mentor.v1.mentor_pb2_grpc import MentorServiceStub
from tandem.notify.v1.notify_pb2_grpc import NotifyServiceStub

if TYPE_CHECKING:
    from tandem.analytics.v1.analytics_pb2_grpc import AnalyticsServiceAsyncStub
    from tandem.coach.v1.coach_pb2_grpc import CoachServiceAsyncStub
    from tandem.goals.v1.goals_service_pb2_grpc import GoalsServiceAsyncStub
    from tandem.mentor.v1.mentor_pb2_grpc import MentorServiceAsyncStub
    from tandem.notify.v1.notify_pb2_grpc import NotifyServiceAsyncStub

Stub = TypeVar("Stub")
Request = TypeVar("Request")
Response = TypeVar("Response")

HEALTH_TIMEOUT_S: Final = 0.5
HEALTH_CACHED_S: Final = 1.0


class CappedCaller(Caller[Stub]):
    """A caller that lets a limited number of calls be under way, so that one slow service cannot hold all requests."""

    _under_way = 0

    async def __call__(
        self,
        method: "grpc.aio.UnaryUnaryMultiCallable[Request, Response]",
        message: Request,
        *,
        timeout_s: float | None = None,
    ) -> Response:
        """Makes a unary call.

        Raises:
            TooBusy: As many calls are under way as there may be.
            TandemError: As the service said.
        """
        self._enter()
        try:
            return await super().__call__(method, message, timeout_s=timeout_s)
        finally:
            self._under_way -= 1

    async def stream(
        self, method: "grpc.aio.UnaryStreamMultiCallable[Request, Response]", message: Request
    ) -> AsyncGenerator[Response, None]:
        """Iterates a streamed answer.

        Raises:
            TooBusy: As many calls are under way as there may be.
            TandemError: As the service said.
        """
        self._enter()
        try:
            async with aclosing(super().stream(method, message)) as pieces:
                async for piece in pieces:
                    yield piece
        finally:
            self._under_way -= 1

    def _enter(self) -> None:
        if self._under_way >= MAX_PER_SERVICE:
            raise shed("service")
        self._under_way += 1


@dataclass(frozen=True, slots=True)
class ServiceHealth:
    """What a service says about itself."""

    status: str
    latency_ms: float | None


class Services:
    """Callers of all services."""

    def __init__(self, addresses: dict[str, str], breakers: Breakers, clock: Clock) -> None:
        """Opens channels; nothing is sent yet.

        Args:
            addresses: gRPC targets by service.
            breakers: One per service.
            clock: For deadlines.
        """

        def caller(stub: Any, name: str) -> CappedCaller[Any]:
            return CappedCaller(
                stub, name, addresses[name], clock=clock, breaker=breakers.services[name], assertions=None
            )

        self.goals: Caller[GoalsServiceAsyncStub] = caller(GoalsServiceStub, "goals")
        self.coach: Caller[CoachServiceAsyncStub] = caller(CoachServiceStub, "coach")
        self.mentor: Caller[MentorServiceAsyncStub] = caller(MentorServiceStub, "mentor")
        self.analytics: Caller[AnalyticsServiceAsyncStub] = caller(AnalyticsServiceStub, "analytics")
        self.notify: Caller[NotifyServiceAsyncStub] = caller(NotifyServiceStub, "notify")
        self._clock = clock
        self._health: tuple[float, dict[str, ServiceHealth]] = (float("-inf"), {})

    @property
    def all(self) -> tuple[Caller[Any], ...]:
        """All callers."""
        return (self.goals, self.coach, self.mentor, self.analytics, self.notify)

    async def health(self) -> dict[str, ServiceHealth]:
        """What each service says about itself, at most a second old."""
        asked_at, known = self._health
        if self._clock.monotonic() - asked_at > HEALTH_CACHED_S:
            answers = await asyncio.gather(*[self._check(caller) for caller in self.all])
            known = {caller.service: answer for caller, answer in zip(self.all, answers, strict=True)}
            self._health = (self._clock.monotonic(), known)
        return known

    async def close(self) -> None:
        """Closes all channels."""
        for caller in self.all:
            await caller.close()

    async def _check(self, caller: Caller[Any]) -> ServiceHealth:
        name = f"tandem.{caller.service}.v1.{caller.service.capitalize()}Service"
        begun = self._clock.monotonic()
        stub = health_pb2_grpc.HealthStub(caller.channel)
        try:
            answer = await stub.Check(health_pb2.HealthCheckRequest(service=name), timeout=HEALTH_TIMEOUT_S)
        except grpc.aio.AioRpcError:
            return ServiceHealth("unhealthy", None)
        is_serving = answer.status == health_pb2.HealthCheckResponse.SERVING
        latency_ms = round((self._clock.monotonic() - begun) * 1000, 1)
        return ServiceHealth("healthy" if is_serving else "unhealthy", latency_ms)
