"""Buckets of this process, used while Redis is away: at most a second capacity on top of the shared one."""

from collections.abc import Sequence

from chassis.clock import Clock
from gateway.limits.buckets import MICROSECONDS, Bucket, Level, Verdict, take

# Beyond this many callers the ones seen first are forgotten; their buckets are full by then or soon.
MAX_BUCKETS = 100_000


class LocalBuckets:
    """The same arithmetic as the shared script, on the monotonic clock."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._full_at_us: dict[str, int] = {}

    def take(self, buckets: Sequence[Bucket]) -> Verdict:
        """Takes a token from every bucket, or from none."""
        now_us = int(self._clock.monotonic() * MICROSECONDS)
        judged = [take(self._full_at_us.get(bucket.key, 0), now_us, bucket.limit) for bucket in buckets]
        admitted = all(has_token for has_token, _ in judged)
        levels = []
        for bucket, (_, until_full_us) in zip(buckets, judged, strict=True):
            after_us = until_full_us + bucket.limit.refill_us if admitted else until_full_us
            if admitted:
                self._keep(bucket.key, now_us + after_us)
            levels.append(Level(bucket.limit, after_us))
        return Verdict(admitted, tuple(levels))

    def clear(self) -> None:
        """Forgets all buckets; called when Redis is back, so that a later outage starts from full ones."""
        self._full_at_us.clear()

    def _keep(self, key: str, full_at_us: int) -> None:
        self._full_at_us[key] = full_at_us
        if len(self._full_at_us) > MAX_BUCKETS:
            del self._full_at_us[next(iter(self._full_at_us))]
