"""Token buckets: arithmetic, headers, addresses, and the switch to local buckets."""

from datetime import UTC, datetime, timedelta

import pytest

from chassis.clock import FixedClock
from chassis.resilience import Breaker
from gateway.limits.buckets import AUTH, CALLER, EMAIL, PUBLIC, Bucket, Level, LimitClass, Verdict
from gateway.limits.limiter import SharedLimiter, address_subject
from gateway.limits.local import LocalBuckets

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def admitted(local: LocalBuckets, clock: FixedClock, limit: LimitClass, *, seconds: int, per_second: int) -> int:
    count = 0
    for _ in range(seconds * per_second + 1):
        count += local.take([Bucket(limit, "x")]).admitted
        clock.advance(timedelta(seconds=1 / per_second))
    return count


@pytest.mark.parametrize(("limit", "expected"), [(PUBLIC, 160), (AUTH, 16), (EMAIL, 3), (CALLER, 610)])
def test_a_full_bucket_admits_its_capacity_and_what_refills(limit: LimitClass, expected: int):
    clock = FixedClock(NOON)

    assert admitted(LocalBuckets(clock), clock, limit, seconds=60, per_second=40) in (expected, expected + 1)


def test_a_token_comes_from_every_bucket_or_from_none():
    clock = FixedClock(NOON)
    local = LocalBuckets(clock)
    both = [Bucket(CALLER, "x"), Bucket(AUTH, "x")]
    for _ in range(10):
        assert local.take(both).admitted
    clock.advance(timedelta(seconds=1))

    refused = local.take(both)

    assert not refused.admitted
    assert [level.tokens for level in refused.levels] == [10, 0]
    assert refused.retry_after_s == 9


@pytest.mark.parametrize(("limit", "seconds"), [(PUBLIC, 1), (AUTH, 10), (EMAIL, 100), (CALLER, 1)])
def test_an_empty_bucket_says_when_the_next_token_comes(limit: LimitClass, seconds: int):
    assert Level(limit, limit.window_us).next_token_s == seconds


def test_the_policy_is_told_as_the_draft_writes_it():
    fields = dict(Verdict(admitted=True, levels=(Level(CALLER, 100_000), Level(AUTH, 10_000_000))).header_fields())

    assert fields[b"ratelimit-policy"] == b'"caller";q=10;w=1, "auth";q=10;w=100'
    assert fields[b"ratelimit"] == b'"caller";r=9;t=1, "auth";r=9;t=10'


def test_a_clock_that_jumps_gives_no_more_than_a_full_bucket():
    clock = FixedClock(NOON)
    local = LocalBuckets(clock)
    clock.advance(timedelta(hours=1))

    assert sum(local.take([Bucket(AUTH, "x")]).admitted for _ in range(50)) == AUTH.capacity


@pytest.mark.parametrize(
    ("address", "subject"),
    [
        ("192.0.2.7", "ip:192.0.2.7"),
        ("::ffff:192.0.2.7", "ip:192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "ip:2001:db8:1:2::/64"),
        ("2001:db8:1:2::9", "ip:2001:db8:1:2::/64"),
        (None, "ip:local"),
        ("what", "ip:local"),
    ],
)
def test_an_address_counts_as_its_household(address: str | None, subject: str):
    assert address_subject(address) == subject


class FakeBuckets:
    """Shared buckets that answer or do not."""

    def __init__(self) -> None:
        self.is_away = False
        self.calls = 0

    async def take(self, buckets: list[Bucket]) -> Verdict:
        self.calls += 1
        if self.is_away:
            raise ConnectionError("away")
        return Verdict(admitted=True, levels=tuple(Level(bucket.limit, 0) for bucket in buckets))


async def test_while_redis_is_away_local_buckets_admit_at_most_their_capacity():
    clock, shared = FixedClock(NOON), FakeBuckets()
    breaker = Breaker("redis", clock, failures=3, open_for=timedelta(seconds=30))
    limiter = SharedLimiter(shared, breaker, clock)  # type: ignore[arg-type]
    shared.is_away = True

    verdicts = [await limiter.take([Bucket(AUTH, "x")]) for _ in range(30)]

    assert sum(verdict.admitted for verdict in verdicts) == AUTH.capacity
    assert shared.calls == 3
    assert not limiter.is_shared


async def test_when_redis_is_back_it_is_asked_again_after_the_breaker_s_time():
    clock, shared = FixedClock(NOON), FakeBuckets()
    breaker = Breaker("redis", clock, failures=3, open_for=timedelta(seconds=30))
    limiter = SharedLimiter(shared, breaker, clock)  # type: ignore[arg-type]
    shared.is_away = True
    for _ in range(5):
        await limiter.take([Bucket(AUTH, "x")])
    shared.is_away = False
    clock.advance(timedelta(seconds=30))

    await limiter.take([Bucket(AUTH, "x")])

    assert limiter.is_shared
