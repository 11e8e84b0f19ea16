"""How long is waited for vendors: the design's figures, use by use, and that what is waited is what they say."""

import asyncio
import inspect
from collections.abc import AsyncGenerator
from dataclasses import replace

import pytest

from chassis.clock import new_id
from chassis.identity.principal import Principal
from services.coach.clients.attempts import PATIENCE, Patience
from services.coach.clients.providers import OFFLINE, End, EndKind, FakeProvider, PromptBundle, StreamEvent
from services.coach.clients.vendors import transport, wire
from services.coach.clients.vendors.connected import Vendor
from services.coach.clients.vendors.gate import SEAT_WAIT_S
from services.coach.usecases import (
    CopilotUseCases,
    Draft,
    GroupPostUseCases,
    LatePlans,
    ReviewUseCases,
    SlotReader,
    chat,
    plans,
)
from tests.support.coach import chat_use_cases
from tests.support.vendors import CLOCK, IN_FORCE, USES, Stores, Waits, a_request, late_plan, wired
from tests.vendors import StandIns

VENDORS = ("anthropic", "gemini")
# COACHING 2.7, ADR-0151: seconds until the rules begin, whoever hangs.
BEFORE_RULES_S = dict.fromkeys(USES, 8.0) | {"intake": 4.0, "review": 45.0, "group_post": 45.0}
# As much shorter as all waits are made here.
FACTOR = 1 / 20


def test_the_waits_are_the_designs():
    assert (PATIENCE.first_token, PATIENCE.idle, PATIENCE.before_offline) == (6.0, 10.0, 8.0)
    assert (PATIENCE.share, SEAT_WAIT_S) == (0.75, 2.0)
    assert (transport.CONNECT_S, wire._WAITS.sock_connect) == (2.0, 2.0)
    assert chat.REPLY_S == 45.0
    # What the caller waits has room for the rules after the models' time.
    assert plans.PLAN_S == 12.0


@pytest.mark.parametrize(
    ("use_cases", "seconds"),
    [
        (SlotReader, BEFORE_RULES_S["intake"]),
        (CopilotUseCases, BEFORE_RULES_S["copilot"]),
        (ReviewUseCases, BEFORE_RULES_S["review"]),
        (GroupPostUseCases, BEFORE_RULES_S["group_post"]),
        (LatePlans, 60.0),
    ],
)
def test_what_waits_otherwise_than_a_chat_waits_as_was_decided(use_cases: type, seconds: float):
    assert inspect.signature(use_cases).parameters["patience_s"].default == seconds


class Noting(FakeProvider):
    """Notes how long it may talk."""

    left_s = 0.0

    async def stream(self, request: PromptBundle, *, deadline: float) -> AsyncGenerator[StreamEvent, None]:
        """What it was given."""
        self.left_s = deadline - asyncio.get_running_loop().time()
        async for event in super().stream(request, deadline=deadline):
            yield event


async def test_a_reply_may_take_so_long_in_all(stores: Stores):
    vendor = Noting("anthropic", ("Well done.",))
    chats = chat_use_cases(stores.members, vendors=(vendor,))

    async for _ in chats.stream(Principal.member(new_id(CLOCK)), Draft("How am I doing?"), key=None):
        pass

    assert vendor.calls == 1
    assert 44.0 < vendor.left_s <= 45.0


async def test_whoever_hangs_each_use_waits_as_long_as_it_does_in_production(standins: StandIns, stores: Stores):
    """With its own patience, twenty times shorter, so that each keeps its relation to the others."""
    models = dict.fromkeys(VENDORS, "stub-hang")
    waits = replace(IN_FORCE.times(FACTOR), late_s=0.3)

    async def waited(name: str, vendors: tuple[Vendor, ...]) -> float:
        async with wired(standins, models, waits=waits, stores=stores, vendors=vendors) as coach:
            outcome = await USES[name](coach)
        assert (outcome.provider, bool(outcome.failed)) == (OFFLINE, True)
        return outcome.waited_s

    async with wired(standins, models) as connected:
        answers = await asyncio.gather(*(waited(name, connected.vendors) for name in USES))
    seconds = dict(zip(USES, answers, strict=True))

    for name, expected_s in BEFORE_RULES_S.items():
        # The rules, and what a busy machine takes on top.
        assert expected_s * FACTOR - 0.01 <= seconds[name] <= expected_s * FACTOR + 1.0, name


@pytest.mark.parametrize("vendor", VENDORS)
async def test_a_reply_that_goes_on_and_on_is_ended(standins: StandIns, vendor: str):
    loop = asyncio.get_running_loop()
    async with wired(standins, {vendor: "stub-long"}) as coach:
        began = loop.time()
        events = [event async for event in coach.chain.stream(a_request(), deadline=began + 0.5)]

    assert 0.5 <= loop.time() - began < 1.5
    end = events[-1]
    assert isinstance(end, End)
    assert (end.provider, end.kind) == (vendor, EndKind.INTERRUPTED_RECOVERED)


# scenario: whether it comes to a plan, be it late.
LATE = {
    "ok": True,
    "mend": True,
    "429": False,
    "500": False,
    "reset": False,
    "hello": False,
    "refusal": False,
    "paused": False,
    "wrong-form": False,
}


@pytest.mark.parametrize("vendor", VENDORS)
async def test_a_plan_that_is_late_is_offered_and_what_breaks_late_is_nothing(standins: StandIns, vendor: str):
    waits = Waits.within(Patience(before_offline=0.3), late_s=5.0)

    async def offered(scenario: str) -> list[str]:
        async with wired(standins, {vendor: f"stub-{scenario}-600ms"}, waits=waits) as coach:
            made, offers = await late_plan(coach)
        assert (made.plan.source, made.degraded) == (OFFLINE, True)
        assert coach.structured.took[-1] < 0.6
        return [offer.plan.source for offer in offers.plans]

    plans_by_scenario = dict(zip(LATE, await asyncio.gather(*map(offered, LATE)), strict=True))

    assert plans_by_scenario == {scenario: [vendor] if comes else [] for scenario, comes in LATE.items()}
