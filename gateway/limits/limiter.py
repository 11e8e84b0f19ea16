"""What the edge asks: may this request pass? Shared buckets, and local ones while Redis is away."""

import ipaddress
from collections.abc import Sequence
from functools import lru_cache
from typing import Protocol

from chassis.clock import Clock
from chassis.redis import REDIS_ERRORS
from chassis.resilience import Breaker, BreakerOpen
from chassis.telemetry.logs import get_logger
from chassis.telemetry.metrics import HTTP_LIMITED
from gateway.limits.buckets import Bucket, Level, Verdict
from gateway.limits.local import LocalBuckets
from gateway.limits.store import SharedBuckets

_log = get_logger(__name__)

# IPv6 hands a whole /64 to one household; counting single addresses would count nothing.
_V6_PREFIX_BITS = 64


class Limiter(Protocol):
    """Takes tokens for requests."""

    @property
    def is_enabled(self) -> bool:
        """False where limits are switched off."""
        ...

    @property
    def is_shared(self) -> bool:
        """True while the buckets in Redis are in use."""
        ...

    async def take(self, buckets: Sequence[Bucket]) -> Verdict:
        """Takes a token from every bucket, or from none."""
        ...


class NoLimiter:
    """Admits everything: ENABLE_RATE_LIMITING=false."""

    is_enabled = False
    is_shared = False

    async def take(self, buckets: Sequence[Bucket]) -> Verdict:
        """Full buckets, always."""
        return Verdict(admitted=True, levels=tuple(Level(bucket.limit, 0) for bucket in buckets))


class SharedLimiter:
    """Shared buckets behind a breaker; local buckets whenever they cannot be had."""

    is_enabled = True

    def __init__(self, shared: SharedBuckets, breaker: Breaker, clock: Clock) -> None:
        self._shared = shared
        self._breaker = breaker
        self._local = LocalBuckets(clock)
        self._is_shared = True

    @property
    def is_shared(self) -> bool:
        """True while the buckets in Redis are in use."""
        return self._is_shared

    async def take(self, buckets: Sequence[Bucket]) -> Verdict:
        """Takes a token from every bucket, or from none."""
        try:
            ticket = self._breaker.admit()
        except BreakerOpen:
            return self._local.take(buckets)
        try:
            verdict = await self._shared.take(buckets)
        except REDIS_ERRORS as problem:
            self._breaker.record(ticket, succeeded=False)
            self._note(is_shared=False, because=type(problem).__name__)
            return self._local.take(buckets)
        except BaseException:
            self._breaker.release(ticket)
            raise
        self._breaker.record(ticket, succeeded=True)
        if not self._is_shared:
            self._local.clear()
            self._note(is_shared=True, because="answered")
        return verdict

    def _note(self, *, is_shared: bool, because: str) -> None:
        if self._is_shared != is_shared:
            _log.warning("rate_limiter_switched", shared=is_shared, because=because)
        self._is_shared = is_shared


def count_refusal(verdict: Verdict) -> None:
    """Counts a refused request by the classes whose buckets are empty."""
    for level in verdict.levels:
        if not level.tokens:
            HTTP_LIMITED.labels(level.limit.name).inc()


@lru_cache(maxsize=4096)
def address_subject(address: str | None) -> str:
    """Whose bucket an address draws from: the address, the /64 of IPv6, or the IPv4 address inside a mapped one."""
    if not address:
        return "ip:local"
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return "ip:local"
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed.ipv4_mapped is not None:
            return f"ip:{parsed.ipv4_mapped}"
        return f"ip:{ipaddress.ip_network((int(parsed), _V6_PREFIX_BITS), strict=False).network_address}/64"
    return f"ip:{parsed}"
