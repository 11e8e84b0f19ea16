"""Many waits under one timer end as each of them would under its own."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from services.coach.clients.waits import Waits


@pytest.fixture
async def waits() -> AsyncIterator[Waits]:
    waits = Waits()
    yield waits
    waits.close()


def after(seconds: float) -> float:
    return asyncio.get_running_loop().time() + seconds


async def test_what_comes_in_time_is_given_back(waits: Waits):
    assert [await waits.wait(asyncio.sleep(0, number), after(5)) for number in range(3)] == [0, 1, 2]


async def test_what_is_late_fails_at_its_own_limit_though_an_earlier_one_was_later(waits: Waits):
    began = after(0)
    await waits.wait(asyncio.sleep(0), after(60))

    with pytest.raises(TimeoutError):
        await waits.wait(asyncio.sleep(30), after(0.05))

    assert 0.05 <= after(0) - began < 5


async def test_a_timer_that_was_set_for_an_earlier_wait_does_not_end_a_later_one(waits: Waits):
    await waits.wait(asyncio.sleep(0), after(0.02))

    assert await waits.wait(asyncio.sleep(0.1, "in time"), after(5)) == "in time"


async def test_nobody_is_interrupted_between_two_waits(waits: Waits):
    await waits.wait(asyncio.sleep(0), after(0.01))
    await asyncio.sleep(0.05)

    assert await waits.wait(asyncio.sleep(0, "next"), after(5)) == "next"
    with pytest.raises(TimeoutError):
        await waits.wait(asyncio.sleep(30), after(0.01))


async def test_a_limit_that_has_passed_ends_the_wait(waits: Waits):
    with pytest.raises(TimeoutError):
        await waits.wait(asyncio.sleep(30), after(-1))


async def test_the_task_goes_on_after_a_late_one_and_can_still_be_cancelled():
    went_on = asyncio.Event()

    async def work() -> None:
        waits = Waits()
        with pytest.raises(TimeoutError):
            await waits.wait(asyncio.sleep(30), after(0.01))
        went_on.set()
        await waits.wait(asyncio.sleep(30), after(30))

    task = asyncio.create_task(work())
    await went_on.wait()
    assert not task.cancelling()
    task.cancel()

    with pytest.raises(asyncio.CancelledError):
        await task


async def test_a_task_that_is_cancelled_while_it_is_late_is_cancelled():
    async def work() -> None:
        await Waits().wait(asyncio.sleep(30), after(0.01))

    task = asyncio.create_task(work())
    asyncio.get_running_loop().call_at(after(0.01), task.cancel)

    with pytest.raises(asyncio.CancelledError):
        await task


async def test_what_fails_fails(waits: Waits):
    async def fail() -> None:
        raise StopAsyncIteration

    with pytest.raises(StopAsyncIteration):
        await waits.wait(fail(), after(5))


async def test_what_answers_a_late_wait_in_its_own_way_leaves_nothing_behind(waits: Waits):
    async def finish_anyway(problem: Exception | None) -> str:
        try:
            await asyncio.sleep(30)
        except asyncio.CancelledError:
            if problem is not None:
                raise problem from None
        return "anyway"

    task = asyncio.current_task()
    assert task is not None

    assert await waits.wait(finish_anyway(None), after(0.01)) == "anyway"
    assert not task.cancelling()
    with pytest.raises(ConnectionError):
        await waits.wait(finish_anyway(ConnectionError()), after(0.01))
    assert not task.cancelling()
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.01):
            await asyncio.sleep(30)
