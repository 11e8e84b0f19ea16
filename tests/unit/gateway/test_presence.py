"""Work for a client that may go: given up at once when it does, and at nothing else."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from gateway.app.presence import ClientLeft, while_listening

Receive = Callable[[], Awaitable[dict[str, Any]]]


class Client:
    """Sends a body that nobody asked for, then nothing until it goes."""

    def __init__(self) -> None:
        self.going = asyncio.Event()
        self._messages = [{"type": "http.request", "body": b"x", "more_body": more} for more in (True, False)]

    async def receive(self) -> dict[str, Any]:
        """ASGI's."""
        if self._messages:
            return self._messages.pop(0)
        await self.going.wait()
        return {"type": "http.disconnect"}


@pytest.fixture
def client() -> Client:
    return Client()


@pytest.fixture(autouse=True)
async def nothing_is_left_behind():
    yield
    assert [task for task in asyncio.all_tasks() if "_watch" in repr(task.get_coro())] == []


class Work:
    """Waits for ever, and knows whether it was cancelled."""

    def __init__(self) -> None:
        self.is_begun = asyncio.Event()
        self.is_cancelled = False

    async def do(self) -> None:
        """Waits."""
        self.is_begun.set()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            self.is_cancelled = True
            raise


async def work_for(client: Client, work: Work, deadline: asyncio.Timeout | None = None) -> None:
    async with deadline or asyncio.timeout(None), while_listening(client.receive):
        await work.do()


def debts() -> int:
    """How many cancellations the test itself would still see."""
    running = asyncio.current_task()
    assert running is not None
    return running.cancelling()


async def test_what_waits_is_given_up_when_the_client_goes(client: Client):
    work = Work()
    asyncio.get_running_loop().call_soon(client.going.set)

    with pytest.raises(ClientLeft):
        await work_for(client, work)

    assert work.is_cancelled
    assert debts() == 0


async def test_a_client_that_has_gone_already_is_noticed(client: Client):
    client.going.set()

    with pytest.raises(ClientLeft):
        await work_for(client, Work())


async def test_what_ends_before_that_has_its_result(client: Client):
    async with while_listening(client.receive):
        await asyncio.sleep(0)
        said = "all of it"

    assert said == "all of it"
    client.going.set()
    await asyncio.sleep(0)
    assert debts() == 0


@pytest.mark.parametrize("failure", [ValueError("no"), TimeoutError("late")])
async def test_failures_of_the_block_are_its_own(client: Client, failure: Exception):
    async def fail() -> None:
        async with while_listening(client.receive):
            await asyncio.sleep(0)
            raise failure

    with pytest.raises(type(failure)) as raised:
        await fail()

    assert raised.value is failure


@pytest.mark.parametrize("is_gone", [False, True])
async def test_who_cancels_the_request_cancels_it(client: Client, is_gone: bool):
    work = Work()
    working = asyncio.create_task(work_for(client, work))
    await work.is_begun.wait()
    if is_gone:
        client.going.set()
    working.cancel()

    with pytest.raises(asyncio.CancelledError):
        await working


async def test_a_deadline_around_it_is_a_deadline(client: Client):
    with pytest.raises(TimeoutError):
        await work_for(client, Work(), asyncio.timeout(0.01))


async def test_a_deadline_that_passes_as_the_client_goes_is_not_lost(client: Client):
    loop = asyncio.get_running_loop()
    deadline = asyncio.timeout(None)
    working = asyncio.create_task(work_for(client, work := Work(), deadline))
    await work.is_begun.wait()
    client.going.set()
    await asyncio.sleep(0)
    deadline.reschedule(loop.time())

    with pytest.raises(TimeoutError):
        await working
