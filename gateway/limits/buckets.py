"""Classes of limits, and a bucket as one number: the instant at which it is full again.

A bucket of capacity C that refills by r a second holds `C - (full_at - now) * r` tokens. Taking one moves `full_at` by
1/r; elapsed time needs no update at all. `full_at - now` is clamped to [0, C/r], so that no jump of a clock makes a
bucket more than full or less than empty.
"""

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, NamedTuple

MICROSECONDS: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class LimitClass:
    """A kind of bucket.

    Attributes:
        name: As clients see it in `RateLimit-Policy`.
        capacity: Tokens in a full bucket.
        refill_us: Microseconds until one token comes back.
    """

    name: str
    capacity: int
    refill_us: int

    @property
    def window_us(self) -> int:
        """Microseconds from empty to full."""
        return self.capacity * self.refill_us

    @property
    def policy(self) -> str:
        """The item of `RateLimit-Policy`."""
        return f'"{self.name}";q={self.capacity};w={self.window_us // MICROSECONDS}'


# Source of all values: docs/architecture.md, rate limits.
PUBLIC: Final = LimitClass("public", 100, 1 * MICROSECONDS)
AUTH: Final = LimitClass("auth", 10, 10 * MICROSECONDS)
MATCH_REQUEST: Final = LimitClass("match-request", 5, 20 * MICROSECONDS)
EMAIL: Final = LimitClass("email", 3, 100 * MICROSECONDS)
CHALLENGE: Final = LimitClass("challenge-submission", 20, 5 * MICROSECONDS)
TRANSFER: Final = LimitClass("transfer", 5, 20 * MICROSECONDS)
CALLER: Final = LimitClass("caller", 10, MICROSECONDS // 10)


class Bucket(NamedTuple):
    """One bucket: its class and whose it is."""

    limit: LimitClass
    subject: str

    @property
    def key(self) -> str:
        """Names the bucket, in Redis and locally."""
        return f"tandem:limit:{self.limit.name}:{self.subject}"


class Level(NamedTuple):
    """How full a bucket is after a request was judged.

    Attributes:
        limit: The bucket's class.
        until_full_us: Microseconds until it is full.
    """

    limit: LimitClass
    until_full_us: int

    @property
    def tokens(self) -> int:
        """Whole tokens left."""
        return max(0, (self.limit.window_us - self.until_full_us) // self.limit.refill_us)

    @property
    def next_token_s(self) -> int:
        """Whole seconds until a token can be taken; 0 when one can be taken now."""
        missing_us = self.until_full_us + self.limit.refill_us - self.limit.window_us
        return max(0, math.ceil(missing_us / MICROSECONDS))

    @property
    def item(self) -> str:
        """The item of `RateLimit`: tokens left, and seconds until the bucket is full."""
        return f'"{self.limit.name}";r={self.tokens};t={math.ceil(self.until_full_us / MICROSECONDS)}'


class Verdict(NamedTuple):
    """What the buckets of one request say together: a token from each of them, or from none."""

    admitted: bool
    levels: tuple[Level, ...]

    @property
    def retry_after_s(self) -> int:
        """Seconds until every bucket has a token again."""
        return max((level.next_token_s for level in self.levels), default=0)

    def header_fields(self) -> list[tuple[bytes, bytes]]:
        """`RateLimit-Policy` and `RateLimit` (draft-ietf-httpapi-ratelimit-headers)."""
        state = ", ".join([level.item for level in self.levels])
        return [_policies(tuple([level.limit for level in self.levels])), (b"ratelimit", state.encode())]


@lru_cache(maxsize=64)
def _policies(limits: tuple[LimitClass, ...]) -> tuple[bytes, bytes]:
    return b"ratelimit-policy", ", ".join([limit.policy for limit in limits]).encode()


def take(full_at_us: int, now_us: int, limit: LimitClass) -> tuple[bool, int]:
    """Judges one bucket.

    Returns:
        Whether it has a token, and the microseconds until it is full as it stands (no token taken).
    """
    until_full_us = min(max(full_at_us - now_us, 0), limit.window_us)
    return until_full_us + limit.refill_us <= limit.window_us, until_full_us
