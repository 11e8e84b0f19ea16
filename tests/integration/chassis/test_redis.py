"""What clients of Redis say of themselves."""

from chassis.redis import Redis


async def test_a_connection_is_made_with_commands_that_6_2_has(redis_url: str):
    redis = Redis(redis_url)
    try:
        told = await redis.client().client_info()
    finally:
        await redis.close()

    # `CLIENT SETINFO` came with 7.2, and what it says is looked up in files while everybody waits.
    assert (told["lib-name"], told["lib-ver"]) == ("", "")
