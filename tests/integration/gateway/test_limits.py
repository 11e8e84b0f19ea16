"""Rate limits on a real Redis: exact, atomic, shared, and bounded while it is away."""

import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest
import redis.asyncio

from chassis.clock import SystemClock
from chassis.resilience import Breaker
from gateway.limits.buckets import AUTH, CALLER, EMAIL, PUBLIC, Bucket, LimitClass
from gateway.limits.limiter import SharedLimiter
from gateway.limits.store import SharedBuckets
from gateway.limits.wire import RedisAddress
from tests.support.api import assert_problem, new_email
from tests.support.gateway import RunningGateway


@pytest.fixture
async def shared(redis_url: str, empty_redis: "redis.asyncio.Redis") -> AsyncIterator[SharedBuckets]:
    buckets = SharedBuckets(RedisAddress.parse(redis_url))
    yield buckets
    buckets.close()


@pytest.mark.parametrize("limit", [PUBLIC, AUTH, EMAIL, CALLER])
async def test_parallel_requests_get_exactly_the_capacity(shared: SharedBuckets, limit: LimitClass):
    verdicts = await asyncio.gather(*[shared.take([Bucket(limit, "x")]) for _ in range(limit.capacity + 50)])

    admitted = sum(verdict.admitted for verdict in verdicts)
    assert limit.capacity <= admitted <= limit.capacity + 1


async def test_fifty_race_for_one_token(shared: SharedBuckets):
    for _ in range(AUTH.capacity - 1):
        await shared.take([Bucket(AUTH, "race")])

    verdicts = await asyncio.gather(*[shared.take([Bucket(AUTH, "race")]) for _ in range(50)])

    assert sum(verdict.admitted for verdict in verdicts) == 1
    assert {verdict.retry_after_s for verdict in verdicts if not verdict.admitted} == {10}


async def test_a_refused_request_takes_from_no_bucket(shared: SharedBuckets):
    for _ in range(AUTH.capacity):
        await shared.take([Bucket(AUTH, "one")])

    refused = await shared.take([Bucket(PUBLIC, "one"), Bucket(AUTH, "one")])

    assert not refused.admitted
    assert [level.tokens for level in refused.levels] == [PUBLIC.capacity, 0]


async def test_buckets_leave_redis_when_they_are_full(shared: SharedBuckets, empty_redis: "redis.asyncio.Redis"):
    await shared.take([Bucket(AUTH, "brief")])

    left_ms = await empty_redis.pttl("tandem:limit:auth:brief")

    assert 9_000 < left_ms <= 10_001


async def test_a_bucket_from_the_future_is_an_empty_one(shared: SharedBuckets, empty_redis: "redis.asyncio.Redis"):
    await empty_redis.set("tandem:limit:auth:future", str(2**53 - 1))

    verdict = await shared.take([Bucket(AUTH, "future")])

    assert (verdict.admitted, verdict.retry_after_s) == (False, 10)


async def test_a_value_that_is_none_of_ours_is_a_full_bucket(shared: SharedBuckets, empty_redis: "redis.asyncio.Redis"):
    await empty_redis.set("tandem:limit:auth:junk", "junk")

    assert (await shared.take([Bucket(AUTH, "junk")])).admitted


async def test_a_flushed_redis_is_loaded_anew(shared: SharedBuckets, empty_redis: "redis.asyncio.Redis"):
    await shared.take([Bucket(AUTH, "x")])
    await empty_redis.flushdb()
    await empty_redis.script_flush()

    assert (await shared.take([Bucket(AUTH, "x")])).admitted


async def test_redis_lost_between_requests_admits_at_most_twice_the_capacity(
    redis_url: str, empty_redis: "redis.asyncio.Redis"
):
    shared, clock = SharedBuckets(RedisAddress.parse(redis_url)), SystemClock()
    limiter = SharedLimiter(shared, Breaker("redis", clock, failures=3), clock)
    bucket = [Bucket(AUTH, "lost")]
    before = sum([(await limiter.take(bucket)).admitted for _ in range(15)])

    shared._address = RedisAddress.parse("unix:///nowhere.sock")
    shared.close()
    after = sum([(await limiter.take(bucket)).admitted for _ in range(40)])

    assert before == AUTH.capacity
    assert after <= AUTH.capacity
    assert not limiter.is_shared


async def test_an_error_of_redis_opens_the_way_to_local_buckets(redis_url: str):
    clock = SystemClock()
    wrong = RedisAddress.parse(redis_url.replace("password=", "password=not-"))
    limiter = SharedLimiter(SharedBuckets(wrong), Breaker("redis", clock, failures=3), clock)

    verdicts = [await limiter.take([Bucket(AUTH, "x")]) for _ in range(12)]

    assert sum(verdict.admitted for verdict in verdicts) == AUTH.capacity


def as_from(address: str) -> dict[str, str]:
    return {"x-forwarded-for": address}


async def test_signing_in_is_limited_by_address(limited_gateway: RunningGateway, empty_redis: "redis.asyncio.Redis"):
    async with limited_gateway.client() as client:
        refused = [await _login(client, new_email(), "203.0.113.1") for _ in range(11)]
        elsewhere = await _login(client, new_email(), "203.0.113.2")

    assert [answer.status_code for answer in refused[:10]] == [401] * 10
    assert_problem(refused[10], 429, "quota-exceeded")
    assert 1 <= int(refused[10].headers["retry-after"]) <= 10
    assert '"auth";q=10;w=100' in refused[10].headers["ratelimit-policy"]
    assert elsewhere.status_code == 401


async def test_signing_in_is_limited_by_account(limited_gateway: RunningGateway, empty_redis: "redis.asyncio.Redis"):
    email = new_email()
    async with limited_gateway.client() as client:
        answers = [await _login(client, email, f"203.0.113.{number}") for number in range(1, 13)]

    assert [answer.status_code for answer in answers] == [401] * 10 + [429] * 2


async def test_every_answer_says_the_limits(limited_gateway: RunningGateway, empty_redis: "redis.asyncio.Redis"):
    async with limited_gateway.client() as client:
        missing = await client.get("/v1/nothing", headers=as_from("203.0.113.9"))
        refused = await client.get("/v1/goals", headers=as_from("203.0.113.9"))

    for answer in (missing, refused):
        assert answer.headers["ratelimit-policy"] == '"caller";q=10;w=1, "public";q=100;w=100'
    assert '"public";r=99' in missing.headers["ratelimit"]
    assert '"public";r=98' in refused.headers["ratelimit"]


async def _login(client: httpx.AsyncClient, email: str, address: str) -> httpx.Response:
    # The bucket of the caller holds ten a second; the class is what is looked at here.
    return await client.post(
        "/v1/auth/login", json={"email": email, "password": "wrong password"}, headers=as_from(address)
    )
