"""Clients that go while a streamed answer waits: what was begun for them ends, and their places are free again."""

import asyncio
import json
from contextlib import AsyncExitStack

import pytest

from gateway.breakers import MAX_GENERATIONS_PER_MEMBER
from tests.support.api import Caller
from tests.support.gateway import RunningGateway
from tests.support.gateway_fixtures import Backstage
from tests.support.raw import asking

PATIENCE_S = 10


@pytest.mark.parametrize(("message", "status"), [("think", 499), ("think on", 200)])
async def test_who_goes_ends_the_call_and_gives_back_the_place(
    gateway: RunningGateway, backstage: Backstage, ann: Caller, message: str, status: int
):
    thoughts, before = backstage.coach.thoughts, statuses(gateway).count(status)
    async with asyncio.timeout(PATIENCE_S):
        async with AsyncExitStack() as clients:
            for _ in range(MAX_GENERATIONS_PER_MEMBER):
                reader = await clients.enter_async_context(asking(gateway.base_url, ann.token, message))
                assert await thoughts.get() == "begun"
                if message == "think on":
                    await reader.readuntil(b"event: token")
            full = await ann.post("/v1/chat", json={"message": "I am here"})
        for _ in range(MAX_GENERATIONS_PER_MEMBER):
            assert await thoughts.get() == "ended"
        # When the place is free, and when the line is written, only asking tells.
        while (answer := await ann.post("/v1/chat", json={"message": "I am here"})).status_code == 503:  # noqa: ASYNC110
            await asyncio.sleep(0.01)

        while statuses(gateway).count(status) < before + MAX_GENERATIONS_PER_MEMBER:  # noqa: ASYNC110
            await asyncio.sleep(0.01)

    assert full.status_code == 503
    assert answer.status_code == 200
    assert "stream_broken_off" not in gateway.log.read_text()


def statuses(gateway: RunningGateway) -> list[int]:
    """What the log says became of replies that were asked for."""
    records = [json.loads(line) for line in gateway.log.read_text().splitlines() if line.startswith("{")]
    return [each["status"] for each in records if each.get("operation") == "send_message"]
