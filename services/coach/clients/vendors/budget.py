"""How many requests a minute may go to a vendor, over all replicas of the coach: one bucket each in Redis.

A bucket is one number, the instant at which it is full again, on Redis's own clock. While Redis is away each process
keeps to a bucket of its own of the same size.
"""

import hashlib
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final, Protocol

from redis.exceptions import NoScriptError

from chassis.clock import Clock
from chassis.redis import REDIS_ERRORS
from chassis.resilience import Breaker, BreakerOpen
from chassis.telemetry.logs import get_logger

if TYPE_CHECKING:
    import redis.asyncio

_log = get_logger(__name__)

PER_MINUTE: Final = 100
_MICROSECONDS: Final = 1_000_000
# KEYS: the bucket. ARGV: microseconds until one request comes back, and from empty to full.
_SCRIPT: Final = """
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local refill, window = tonumber(ARGV[1]), tonumber(ARGV[2])
local left = math.min(math.max((tonumber(redis.call('GET', KEYS[1]) or '0') or 0) - now, 0), window)
if left + refill > window then return 0 end
left = left + refill
redis.call('SET', KEYS[1], string.format('%.0f', now + left), 'PX', math.ceil(left / 1000) + 1)
return 1
"""
_SCRIPT_SHA: Final = hashlib.sha1(_SCRIPT.encode(), usedforsecurity=False).hexdigest()


class Budget(Protocol):
    """What may still be asked of a vendor."""

    async def take(self) -> bool:
        """Whether one more request may go."""
        ...


class LocalBudget:
    """A bucket of this process."""

    def __init__(self, clock: Clock, *, per_minute: int = PER_MINUTE) -> None:
        self._clock = clock
        self._refill_us = 60 * _MICROSECONDS // per_minute
        self._window_us = self._refill_us * per_minute
        self._full_at_us = 0

    async def take(self) -> bool:
        """Whether one more request may go."""
        return self.take_now()

    def take_now(self) -> bool:
        """The same, without a wait."""
        now_us = int(self._clock.monotonic() * _MICROSECONDS)
        left_us = min(max(self._full_at_us - now_us, 0), self._window_us) + self._refill_us
        if left_us > self._window_us:
            return False
        self._full_at_us = now_us + left_us
        return True

    def refill(self) -> None:
        """Begins anew with a full bucket."""
        self._full_at_us = 0


class SharedBudget:
    """A bucket in Redis, behind a breaker; this process's own whenever Redis cannot be had."""

    def __init__(
        self, client: "redis.asyncio.Redis", vendor: str, clock: Clock, *, per_minute: int = PER_MINUTE
    ) -> None:
        self._client: Any = client
        self._key = f"tandem:vendor:{vendor}"
        self._local = LocalBudget(clock, per_minute=per_minute)
        self._breaker = Breaker(f"redis-{vendor}", clock, failures=3, open_for=timedelta(seconds=30))
        self._is_shared = True
        self._per_minute = per_minute

    async def take(self) -> bool:
        """Whether one more request may go. Never fails."""
        try:
            admitted = await self._breaker.call(self._take)
        except (BreakerOpen, *REDIS_ERRORS) as problem:
            if self._is_shared:
                _log.warning("vendor_budget_switched", key=self._key, shared=False, because=type(problem).__name__)
            self._is_shared = False
            return self._local.take_now()
        if not self._is_shared:
            _log.warning("vendor_budget_switched", key=self._key, shared=True, because="answered")
            self._local.refill()
        self._is_shared = True
        return admitted

    async def _take(self) -> bool:
        refill_us = 60 * _MICROSECONDS // self._per_minute
        words = (1, self._key, refill_us, refill_us * self._per_minute)
        try:
            answer = await self._client.execute_command("EVALSHA", _SCRIPT_SHA, *words)
        except NoScriptError:
            # A flushed or restarted server forgets scripts; sending the text also loads it.
            answer = await self._client.execute_command("EVAL", _SCRIPT, *words)
        return bool(answer)
