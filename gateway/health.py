"""The full picture of health: the gateway's own parts and what every service says of itself.

Anybody may ask for it, so it is made at most once a second, by one at a time, within half a second.
"""

import asyncio
from collections.abc import Awaitable
from typing import Any, Final

from chassis.clock import Clock
from chassis.db import Database
from chassis.errors import TandemError
from chassis.identity.principal import Principal
from chassis.redis import REDIS_ERRORS
from chassis.resilience import BreakerState
from gateway.breakers import Breakers
from gateway.clients import Services
from gateway.limits.limiter import Limiter
from gateway.limits.store import SharedBuckets

BUDGET_S: Final = 0.5
CACHED_S: Final = 1.0


class Health:
    """Looks at everything, and remembers for a second what it saw."""

    def __init__(
        self,
        database: Database,
        buckets: SharedBuckets,
        services: Services,
        limiter: Limiter,
        breakers: Breakers,
        clock: Clock,
        *,
        environment: str,
        version: str,
    ) -> None:
        self._database = database
        self._buckets = buckets
        self._services = services
        self._limiter = limiter
        self._breakers = breakers
        self._clock = clock
        self._names = {"environment": environment, "version": version}
        self._looking = asyncio.Lock()
        self._seen_at = float("-inf")
        self._seen: dict[str, Any] = {}

    async def picture(self) -> dict[str, Any]:
        """The full picture, at most a second old."""
        async with self._looking:
            if self._clock.monotonic() - self._seen_at > CACHED_S:
                self._seen = await self._look()
                self._seen_at = self._clock.monotonic()
            return self._seen

    async def _look(self) -> dict[str, Any]:
        services, database, redis = await asyncio.gather(
            self._services.health(), self._timed(self._ask_database()), self._timed(self._buckets.ping())
        )
        are_well = all(service.status == "healthy" for service in services.values())
        fully = "healthy" if are_well and redis["connected"] else "degraded"
        return {
            "status": fully if database["connected"] else "unhealthy",
            "timestamp": self._clock.now(),
            **self._names,
            "services": {
                **{name: {"status": each.status, "latency_ms": each.latency_ms} for name, each in services.items()},
                "database": database,
                "redis": redis,
                "email": {"status": services["notify"].status},
                "rate_limiter": {"enabled": self._limiter.is_enabled, "redis_available": redis["connected"]},
                "circuit_breakers": {
                    breaker.name: {
                        "state": breaker.state.value,
                        "failures": breaker.failures,
                        "retry_after": _retry_after_s(breaker.state, breaker.retry_after.total_seconds()),
                    }
                    for breaker in (*self._breakers, self._database.breaker)
                },
            },
        }

    async def _ask_database(self) -> None:
        async with self._database.transaction(Principal.system("gateway"), read_only=True):
            pass

    async def _timed(self, asking: Awaitable[Any]) -> dict[str, Any]:
        begun = self._clock.monotonic()
        try:
            async with asyncio.timeout(BUDGET_S):
                await asking
        except (TandemError, TimeoutError, *REDIS_ERRORS):
            return {"connected": False, "ping_time": None}
        return {"connected": True, "ping_time": round((self._clock.monotonic() - begun) * 1000, 1)}


def _retry_after_s(state: BreakerState, seconds: float) -> float | None:
    return None if state is BreakerState.CLOSED else round(seconds, 1)
