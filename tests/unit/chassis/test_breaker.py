"""The breaker: consecutive failures open it, one probe closes it, late results do not count."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from chassis.clock import FixedClock
from chassis.resilience import Breaker, BreakerOpen, BreakerState


class Broken(Exception):
    """What the dependency raises."""


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(datetime(2026, 3, 1, tzinfo=UTC))


@pytest.fixture
def breaker(clock: FixedClock) -> Breaker:
    return Breaker("database", clock, failures=3, open_for=timedelta(seconds=60))


async def _fail(breaker: Breaker, times: int = 1) -> None:
    async def work() -> None:
        raise Broken

    for _ in range(times):
        with pytest.raises(Broken):
            await breaker.call(work)


async def _succeed(breaker: Breaker) -> str:
    async def work() -> str:
        return "fine"

    return await breaker.call(work)


async def test_it_opens_after_consecutive_failures_only(breaker: Breaker):
    await _fail(breaker, 2)
    await _succeed(breaker)
    await _fail(breaker, 2)
    assert breaker.failures == 2

    await _fail(breaker)

    assert breaker.state is BreakerState.OPEN


async def test_an_open_breaker_refuses_without_calling(breaker: Breaker, clock: FixedClock):
    await _fail(breaker, 3)
    clock.advance(timedelta(seconds=59))

    with pytest.raises(BreakerOpen) as refused:
        await _succeed(breaker)

    assert refused.value.retry_after == timedelta(seconds=1)
    assert refused.value.metadata == {"dependency": "database"}


async def test_a_probe_that_succeeds_closes_it(breaker: Breaker, clock: FixedClock):
    await _fail(breaker, 3)
    clock.advance(timedelta(seconds=60))

    assert await _succeed(breaker) == "fine"
    assert breaker.state is BreakerState.CLOSED


async def test_a_probe_that_fails_opens_it_for_the_full_time_again(breaker: Breaker, clock: FixedClock):
    await _fail(breaker, 3)
    clock.advance(timedelta(seconds=60))
    await _fail(breaker)
    clock.advance(timedelta(seconds=59))

    with pytest.raises(BreakerOpen):
        await _succeed(breaker)


async def test_exactly_one_call_probes(breaker: Breaker, clock: FixedClock):
    await _fail(breaker, 3)
    clock.advance(timedelta(seconds=60))
    breaker.admit()

    with pytest.raises(BreakerOpen):
        breaker.admit()


async def test_a_cancelled_probe_gives_its_slot_back(breaker: Breaker, clock: FixedClock):
    await _fail(breaker, 3)
    clock.advance(timedelta(seconds=60))
    task = asyncio.create_task(breaker.call(lambda: asyncio.sleep(3600)))
    await asyncio.sleep(0)

    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    assert await _succeed(breaker) == "fine"


async def test_a_result_from_before_the_opening_is_ignored(breaker: Breaker, clock: FixedClock):
    late = breaker.admit()
    await _fail(breaker, 3)

    breaker.record(late, succeeded=True)

    assert breaker.state is BreakerState.OPEN


async def test_refusals_of_the_request_do_not_count(breaker: Breaker):
    async def work() -> None:
        raise LookupError

    for _ in range(5):
        with pytest.raises(LookupError):
            await breaker.call(work, is_failure=lambda failure: isinstance(failure, Broken))

    assert breaker.state is BreakerState.CLOSED


async def test_an_early_probe_ends_a_short_outage_early(clock: FixedClock):
    breaker = Breaker("database", clock, failures=5, early_probe=timedelta(seconds=1))
    await _fail(breaker, 5)
    clock.advance(timedelta(seconds=1))

    assert await _succeed(breaker) == "fine"


async def test_it_is_tripped_at_once_for_as_long_as_is_said_and_the_usual_time_after(
    breaker: Breaker, clock: FixedClock
):
    breaker.trip(breaker.admit(), wait=timedelta(seconds=5))

    assert (breaker.state, breaker.retry_after) == (BreakerState.OPEN, timedelta(seconds=5))

    clock.advance(timedelta(seconds=5))
    await _fail(breaker)

    assert breaker.retry_after == timedelta(seconds=60)


async def test_a_late_result_does_not_trip_it(breaker: Breaker, clock: FixedClock):
    late = breaker.admit()
    await _fail(breaker, 3)
    clock.advance(timedelta(seconds=60))
    await _succeed(breaker)

    breaker.trip(late, wait=timedelta(seconds=300))

    assert breaker.state is BreakerState.CLOSED
