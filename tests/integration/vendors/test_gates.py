"""What keeps vendors at bay: breakers, seats, the minute's budget; and that none of it is a failure shown."""

import asyncio
from datetime import UTC, datetime, timedelta
from statistics import median

import pytest
import redis.asyncio

from chassis.clock import FixedClock
from chassis.redis import Redis
from chassis.resilience import BreakerState
from services.coach.clients.attempts import Patience
from services.coach.clients.vendors.budget import LocalBudget, SharedBudget
from services.coach.clients.vendors.gate import CALLS
from tests.support.vendors import CLOCK, USES, Outcome, Stores, Waits, Wired, wired
from tests.vendors import StandIns

VENDORS = ("anthropic", "gemini")
A_MINUTE = timedelta(minutes=1)


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(datetime(2026, 11, 29, tzinfo=UTC))


async def asked_of(coach: Wired, times: int = 1) -> Outcome:
    for _ in range(times - 1):
        await USES["chat_stream"](coach)
    return await USES["chat_stream"](coach)


@pytest.mark.parametrize("vendor", VENDORS)
async def test_five_failures_open_the_breaker_for_a_minute(standins: StandIns, clock: FixedClock, vendor: str):
    async with wired(standins, {vendor: "stub-500"}, clock=clock) as coach:
        breaker = coach.gates[vendor].breaker
        await asked_of(coach, 4)
        assert breaker.state is BreakerState.CLOSED

        await asked_of(coach)
        assert (breaker.state, breaker.retry_after) == (BreakerState.OPEN, A_MINUTE)
        count = len(standins.requests)
        outcome = await asked_of(coach, 3)

        assert (outcome.provider, outcome.failed) == ("offline", (vendor,))
        assert len(standins.requests) == count
        clock.advance(A_MINUTE)
        await asked_of(coach, 2)
        assert len(standins.requests) == count + 1


@pytest.mark.parametrize("vendor", VENDORS)
@pytest.mark.parametrize(
    ("fault", "wait_s"), [("429", 2), ("429-bare", 60), ("spend", 60), ("401", 300), ("402", 300), ("404", 300)]
)
async def test_what_the_next_call_would_meet_as_well_opens_it_at_once(
    standins: StandIns, clock: FixedClock, vendor: str, fault: str, wait_s: int
):
    async with wired(standins, {vendor: f"stub-{fault}"}, clock=clock) as coach:
        await asked_of(coach)

        assert coach.gates[vendor].breaker.retry_after == timedelta(seconds=wait_s)


@pytest.mark.parametrize("fault", ["refusal", "refusal-late"])
async def test_a_refusal_is_no_failure_of_the_vendor(standins: StandIns, fault: str):
    async with wired(standins, {"anthropic": f"stub-{fault}"}) as coach:
        await asked_of(coach, 6)

        assert coach.gates["anthropic"].breaker.state is BreakerState.CLOSED


@pytest.mark.parametrize("use", USES)
async def test_with_open_breakers_the_rules_begin_at_once(standins: StandIns, stores: Stores, use: str):
    async with wired(standins, {"anthropic": "stub-401", "gemini": "stub-401"}, stores=stores) as coach:
        await USES[use](coach)
        outcomes = [await USES[use](coach) for _ in range(7)]

    assert {(outcome.provider, bool(outcome.failed)) for outcome in outcomes} == {("offline", True)}
    # Until the chain answers; what is read before and stored after takes the database's time.
    assert median(outcome.waited_s for outcome in outcomes) <= 0.050


async def test_who_finds_no_seat_is_answered_by_rules_and_nobody_failed(standins: StandIns):
    """The one seat is held for two seconds and more by a model that talks, and waited for half a second."""
    waits = Waits.within(Patience(before_offline=0.5))
    before, asked = not_asked("anthropic", "seats"), len(standins.requests)
    async with wired(standins, {"anthropic": "stub-steady"}, seats=1) as coach:
        talking = asyncio.ensure_future(asked_of(coach))
        await standins.until(asked + 1)
        async with wired(standins, {"anthropic": "stub-ok"}, gates=coach.gates, waits=waits) as crowd:
            crowded = await asyncio.gather(*(USES[use](crowd) for use in ("chat_stream", "chat_plain", "plan")))

        assert {(outcome.provider, outcome.failed) for outcome in crowded} == {("offline", ())}
        assert not_asked("anthropic", "seats") == before + 3
        assert not talking.done()
        assert (await talking).provider == "anthropic"
    assert len(standins.requests) == asked + 1


def not_asked(vendor: str, because: str) -> int:
    """How often a vendor was left alone for one of our own reasons."""
    return int(CALLS.labels(vendor, because)._value.get())


async def test_a_spent_budget_goes_to_the_next_and_is_nobodys_failure(standins: StandIns):
    async with wired(
        standins,
        {"anthropic": "stub-ok", "gemini": "stub-ok"},
        budget=lambda name: LocalBudget(CLOCK, per_minute=2 if name == "anthropic" else 3),
    ) as coach:
        outcomes = [await asked_of(coach) for _ in range(6)]

    assert [outcome.provider for outcome in outcomes] == ["anthropic"] * 2 + ["gemini"] * 3 + ["offline"]
    assert {outcome.failed for outcome in outcomes} == {()}


async def test_a_repair_is_a_request_of_its_own(standins: StandIns):
    async with wired(standins, {"anthropic": "stub-mend"}, budget=lambda _: LocalBudget(CLOCK, per_minute=1)) as coach:
        outcome = await USES["plan"](coach)

    assert (outcome.provider, outcome.failed) == ("offline", ())


async def test_replicas_share_the_minute(empty_redis: "redis.asyncio.Redis"):
    replicas = [SharedBudget(empty_redis, "anthropic", CLOCK, per_minute=10) for _ in range(2)]
    other = SharedBudget(empty_redis, "gemini", CLOCK, per_minute=10)

    taken = [await replica.take() for _ in range(8) for replica in replicas]

    # One comes back in six seconds, so a slow machine may see eleven.
    assert 10 <= sum(taken) <= 12
    assert await other.take()
    assert await empty_redis.pttl("tandem:vendor:anthropic") <= 61_000


async def test_without_redis_each_process_keeps_to_the_minute_alone(clock: FixedClock):
    away = Redis("redis://127.0.0.1:1")
    budget = SharedBudget(away.client(), "anthropic", clock, per_minute=3)

    assert [await budget.take() for _ in range(5)] == [True] * 3 + [False] * 2
    clock.advance(timedelta(seconds=20))
    assert await budget.take()
    await away.close()


async def test_a_full_minute_is_a_hundred(clock: FixedClock):
    budget = LocalBudget(clock)

    assert sum([await budget.take() for _ in range(150)]) == 100
    clock.advance(A_MINUTE)
    assert sum([await budget.take() for _ in range(150)]) == 100
