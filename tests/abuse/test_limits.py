"""Getting round the limits and what holds while Redis is away (rows A16, A19, E5, E7, E8)."""

import asyncio
from uuid import UUID

import asyncpg
import pytest
import redis.asyncio

from gateway.limits.buckets import CALLER, MICROSECONDS, PUBLIC
from tests.support.api import PASSWORD, Caller, assert_problem, new_email, register
from tests.support.gateway import RunningGateway, running_gateway
from tests.support.gateway_fixtures import Backstage
from tests.support.servers import TestDatabase

pytestmark = pytest.mark.xdist_group("limits")


@pytest.fixture
async def limited(limited_gateway: RunningGateway, empty_redis: "redis.asyncio.Redis") -> Caller:
    async with limited_gateway.client() as client:
        return await register(client)


async def left(person: Caller, gateway: RunningGateway, method: str, path: str) -> int:
    """Tokens left in the public bucket after a request."""
    async with gateway.client() as client:
        answer = await client.request(method, path, headers=person.headers)
    state = answer.headers["ratelimit"].split('"public";r=')[1]
    return int(state.split(";")[0])


async def test_a19_stuffing_is_limited_by_account_and_by_address(
    limited_gateway: RunningGateway, empty_redis: "redis.asyncio.Redis"
):
    email = new_email()

    async with limited_gateway.client() as client:

        async def attempt(address: str, who: str) -> int:
            answer = await client.post(
                "/v1/auth/login", json={"email": who, "password": PASSWORD}, headers={"x-forwarded-for": address}
            )
            return answer.status_code

        one_account = [await attempt(f"198.51.100.{number}", email) for number in range(14)]
        one_address = [await attempt("198.51.100.200", new_email()) for _ in range(14)]

    assert one_account.count(429) >= 3
    assert one_address.count(429) >= 3


async def test_e5_spelling_and_method_make_no_new_bucket(
    limited: Caller, limited_gateway: RunningGateway, empty_redis: "redis.asyncio.Redis"
):
    spellings = [("GET", "/v1/goals/"), ("GET", "/V1/GOALS"), ("HEAD", "/v1/goals"), ("GET", "/v1/%67oals"),
                 ("GET", "//v1/goals")]  # fmt: skip
    await left(limited, limited_gateway, "GET", "/v1/goals")
    (bucket,) = await public_buckets(empty_redis)
    # Half empty, so that what comes back while the test runs fills it up in no case.
    full_at_us = await set_half_empty(empty_redis, bucket)

    tokens = [await left(limited, limited_gateway, method, path) for method, path in spellings]

    assert await public_buckets(empty_redis) == [bucket]
    assert int(await empty_redis.get(bucket) or 0) - full_at_us == len(spellings) * PUBLIC.refill_us
    assert max(tokens) < PUBLIC.capacity - 1


async def public_buckets(store: "redis.asyncio.Redis") -> list[str]:
    return [key if isinstance(key, str) else key.decode() for key in await store.keys("tandem:limit:public:*")]


async def set_half_empty(store: "redis.asyncio.Redis", bucket: str) -> int:
    """Takes half of a bucket's tokens; returns the instant at which it is full again."""
    seconds, microseconds = await store.time()
    full_at_us = int(seconds * MICROSECONDS + microseconds + PUBLIC.window_us // 2)
    await store.set(bucket, str(full_at_us), px=PUBLIC.window_us // 1000)
    return full_at_us


async def test_e7_parallel_requests_get_no_more_than_there_is(limited: Caller, limited_gateway: RunningGateway):
    async with limited_gateway.client() as client:
        answers = await asyncio.gather(*[client.get("/v1/goals", headers=limited.headers) for _ in range(60)])

    admitted = [answer for answer in answers if answer.status_code == 200]
    # The caller's bucket refills ten a second, and sixty answers take a moment.
    assert CALLER.capacity <= len(admitted) <= CALLER.capacity * 3
    refused = next(answer for answer in answers if answer.status_code != 200)
    assert_problem(refused, 429, "quota-exceeded")
    assert refused.headers["retry-after"] == "1"


async def test_e8_a_flush_gives_at_most_a_second_capacity(
    limited: Caller, limited_gateway: RunningGateway, empty_redis: "redis.asyncio.Redis"
):
    async def attempts() -> int:
        async with limited_gateway.client() as client:
            answers = await asyncio.gather(
                *[
                    client.post(
                        "/v1/auth/refresh",
                        json={"refresh_token": "x"},
                        headers={"x-forwarded-for": "203.0.113.77"},
                    )
                    for _ in range(30)
                ]
            )
        return sum(answer.status_code == 401 for answer in answers)

    before = await attempts()
    await empty_redis.flushdb()
    after = await attempts()

    assert before == 10
    assert after <= 11


async def test_a16_a_session_ends_while_redis_is_away(backstage: Backstage, services_database: TestDatabase):
    folder = backstage.folder / "away"
    folder.mkdir()
    nowhere = f"unix://{folder}/nobody.sock?db=0"
    async with (
        running_gateway(
            folder, services_database, nowhere, backstage.identities, addresses=backstage.addresses
        ) as gateway,
        gateway.client() as client,
    ):
        leaver = await register(client)
        closed = await register(client)
        assert (await leaver.get("/v1/members/me")).status_code == 200
        await client.post("/v1/auth/logout", json={"refresh_token": leaver.session["refresh_token"]})
        connection = await asyncpg.connect(services_database.admin_dsn)
        await connection.execute("UPDATE gateway.accounts SET closed_at = now() WHERE member_id = $1", UUID(closed.id))
        await connection.close()

        # Ends made elsewhere are read every two seconds; five is what is promised.
        await asyncio.sleep(4)

        for person in (leaver, closed):
            assert_problem(await person.get("/v1/members/me"), 401, "invalid-token")
