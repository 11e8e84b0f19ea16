"""Rate limits on a real Redis: exact, atomic, shared, and bounded while it is away."""

import asyncio
import random
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
import redis.asyncio
from redis.exceptions import RedisError

from chassis.clock import SystemClock
from chassis.redis import REDIS_ERRORS, Redis
from chassis.resilience import Breaker, BreakerState
from gateway.limits.buckets import AUTH, CALLER, EMAIL, MICROSECONDS, PUBLIC, Bucket, LimitClass, Verdict
from gateway.limits.limiter import SharedLimiter
from gateway.limits.store import SharedBuckets
from tests.support.api import assert_problem, new_email
from tests.support.gateway import RunningGateway
from tests.support.passage import Passage, certificate, passage

_HOUR_US = 3600 * MICROSECONDS
# Its buckets are never full enough for a request, so that looking at one leaves it as it is.
_NEVER = LimitClass("never", 1, 1_000 * _HOUR_US)


@pytest.fixture
async def store(redis_url: str) -> AsyncIterator[Redis]:
    made = Redis(redis_url)
    yield made
    await made.close()


@pytest.fixture
async def shared(store: Redis, empty_redis: "redis.asyncio.Redis") -> SharedBuckets:
    client = store.client()
    await client.ping()
    return SharedBuckets(client)


@pytest.fixture
def sockets_folder() -> Iterator[Path]:
    # The path of a socket may have about a hundred characters.
    with tempfile.TemporaryDirectory(prefix="td-") as made:
        yield Path(made)


@pytest.fixture
async def way(redis_url: str, empty_redis: "redis.asyncio.Redis", sockets_folder: Path) -> AsyncIterator[Passage]:
    async with passage(urlsplit(redis_url).path) as made:
        await made.open(sockets_folder / "v.sock")
        yield made


@pytest.fixture
async def distant(way: Passage, redis_url: str, sockets_folder: Path) -> AsyncIterator[SharedBuckets]:
    made = Redis(f"unix://{sockets_folder}/v.sock?{urlsplit(redis_url).query}")
    client = made.client()
    await client.ping()
    yield SharedBuckets(client)
    way.release()
    await made.close()


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


async def test_redis_lost_between_requests_admits_at_most_twice_the_capacity(distant: SharedBuckets, way: Passage):
    clock = SystemClock()
    limiter = SharedLimiter(distant, Breaker("redis", clock, failures=3), clock)
    bucket = [Bucket(AUTH, "lost")]
    before = sum([(await limiter.take(bucket)).admitted for _ in range(15)])

    way.close()
    after = sum([(await limiter.take(bucket)).admitted for _ in range(40)])

    assert before == AUTH.capacity
    assert after <= AUTH.capacity
    assert not limiter.is_shared


async def test_a_redis_that_hangs_is_given_up_and_left_alone(distant: SharedBuckets, way: Passage):
    clock = SystemClock()
    breaker = Breaker("redis", clock, failures=3)
    limiter = SharedLimiter(distant, breaker, clock)
    await limiter.take([Bucket(AUTH, "hang")])
    way.hold()

    begun = clock.monotonic()
    verdicts = [await limiter.take([Bucket(AUTH, "hang")]) for _ in range(40)]

    assert sum(verdict.admitted for verdict in verdicts) == AUTH.capacity
    assert breaker.state is BreakerState.OPEN
    # Three times 100 ms, and room for a busy machine; the client on its own would wait many times as long.
    assert clock.monotonic() - begun < 2


async def test_answers_that_come_too_late_reach_nobody(
    distant: SharedBuckets, way: Passage, empty_redis: "redis.asyncio.Redis"
):
    buckets = await _hours_from_full(empty_redis, 24)

    for hours in range(1, 12):
        way.hold()
        late = await asyncio.gather(*[distant.take([buckets[hours]]) for _ in range(3)], return_exceptions=True)
        way.release()
        # A busy machine may need longer than a call may to connect anew.
        with suppress(TimeoutError):
            await distant.ping()
        answers = await asyncio.gather(*[distant.take([buckets[hours * 2]]) for _ in range(3)])

        assert [type(answer) for answer in late] == [TimeoutError] * 3
        assert [_hours_left(answer) for answer in answers] == [hours * 2] * 3


async def test_no_more_calls_wait_than_can_be_answered(distant: SharedBuckets, way: Passage):
    await distant.ping()
    way.hold()
    calls = [asyncio.create_task(distant.ping()) for _ in range(1_200)]

    await asyncio.sleep(0)
    refused = [call for call in calls if call.done()]

    assert len(refused) == 200
    assert all(isinstance(call.exception(), RedisError) for call in refused)
    ends = await asyncio.gather(*calls, return_exceptions=True)
    assert sum(isinstance(end, TimeoutError) for end in ends) == 1_000


async def test_cancelled_calls_leave_connection_and_answers_of_others_alone(
    store: Redis, empty_redis: "redis.asyncio.Redis"
):
    connections: list[None] = []
    shared = SharedBuckets(store.client(on_connect=lambda: connections.append(None)))
    buckets = await _hours_from_full(empty_redis, 32)
    chance = random.Random(1)
    kept = 0

    for number in range(400):
        calls = {hours: asyncio.create_task(shared.take([bucket])) for hours, bucket in buckets.items()}
        # Cancelled before they leave, on their way, and when the answer is there.
        for _ in range(number % 10):
            await asyncio.sleep(0 if number % 3 else 0.0001)
        for hours in chance.sample(sorted(calls), 12):
            calls[hours].cancel()
        answers = await asyncio.gather(*calls.values(), return_exceptions=True)

        for hours, answer in zip(calls, answers, strict=True):
            if not isinstance(answer, asyncio.CancelledError):
                assert not isinstance(answer, BaseException)
                assert _hours_left(answer) == hours
                kept += 1

    assert kept >= 400 * 20
    assert len(connections) == 1


async def test_an_error_of_redis_opens_the_way_to_local_buckets(redis_url: str):
    clock = SystemClock()
    wrong = Redis(redis_url.replace("password=", "password=not-"))
    limiter = SharedLimiter(SharedBuckets(wrong.client()), Breaker("redis", clock, failures=3), clock)

    verdicts = [await limiter.take([Bucket(AUTH, "x")]) for _ in range(12)]

    assert sum(verdict.admitted for verdict in verdicts) == AUTH.capacity


async def test_redis_is_reached_as_a_user_over_tls(
    redis_url: str, empty_redis: "redis.asyncio.Redis", sockets_folder: Path
):
    await empty_redis.acl_setuser("edge", enabled=True, passwords=["+p@w"], keys=["tandem:*"], categories=["+@all"])
    async with passage(urlsplit(redis_url).path) as way:
        port = await way.open_tls(certificate(sockets_folder))
        address = f"rediss://edge:p%40w@127.0.0.1:{port}/{urlsplit(redis_url).query.split('db=')[1].split('&')[0]}"
        trusting, strange = Redis(f"{address}?ssl_ca_certs={sockets_folder}/certificate.pem"), Redis(address)
        shared = SharedBuckets(trusting.client())
        # The first connection reads all certificates that it trusts, which may take longer than a call may.
        with suppress(*REDIS_ERRORS):
            await shared.ping()

        verdict = await shared.take([Bucket(AUTH, "tls")])
        with pytest.raises(RedisError, match="CERTIFICATE_VERIFY_FAILED"):
            await strange.client().ping()

        await trusting.close()
        await strange.close()
    assert verdict.admitted
    assert await empty_redis.exists("tandem:limit:auth:tls")
    await empty_redis.acl_deluser("edge")


async def _hours_from_full(store: "redis.asyncio.Redis", count: int) -> dict[int, Bucket]:
    """Buckets that lack 1, 2, 3 … hours, so that each answer says whose it is."""
    seconds, _ = await store.time()
    buckets = {hours: Bucket(_NEVER, f"lacks-{hours}") for hours in range(1, count + 1)}
    for hours, bucket in buckets.items():
        await store.set(bucket.key, str(seconds * MICROSECONDS + hours * _HOUR_US))
    return buckets


def _hours_left(verdict: Verdict) -> int:
    (level,) = verdict.levels
    return round(level.until_full_us / _HOUR_US)


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
