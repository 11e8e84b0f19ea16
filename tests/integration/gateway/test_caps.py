"""One slow service holds a hundred calls of the gateway and no more."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest
from prometheus_client import REGISTRY

from chassis.clock import SystemClock
from chassis.identity.principal import Principal
from chassis.request import RequestContext, answering
from chassis.resilience import Breaker, BreakerState
from chassis.rpc.policy import LIST, Allow
from chassis.rpc.server import Servicing
from gateway.breakers import MAX_PER_SERVICE
from gateway.clients import CappedCaller
from gateway.errors import TooBusy
from tandem.notify.v1 import notify_pb2, notify_pb2_grpc
from tests.support.identities import Identities
from tests.support.rpc import serving

CLOCK = SystemClock()
SERVICE = notify_pb2.DESCRIPTOR.services_by_name["NotifyService"]


class Slow(notify_pb2_grpc.NotifyServiceServicer):
    """Answers when it is let go."""

    def __init__(self) -> None:
        self.waiting = 0
        self.all_are_there = asyncio.Event()
        self.go_on = asyncio.Event()

    async def ListNotifications(self, request: Any, context: Any) -> Any:  # noqa: N802
        self.waiting += 1
        if self.waiting == MAX_PER_SERVICE:
            self.all_are_there.set()
        await self.go_on.wait()
        return notify_pb2.ListNotificationsResponse()


@pytest.fixture
def slow() -> Slow:
    return Slow()


@pytest.fixture
async def ask(slow: Slow, tmp_path: Path) -> AsyncIterator[Any]:
    """Asks the slow one."""
    identities = Identities()
    policies = {"ListNotifications": Allow.members("gateway", deadline=LIST)}
    servicing = Servicing(notify_pb2_grpc.add_NotifyServiceServicer_to_server, slow, SERVICE, policies)
    async with AsyncExitStack() as stack:
        address = await stack.enter_async_context(serving(servicing, tmp_path, identities, audience="notify"))
        breaker = Breaker("notify", CLOCK)
        caller: CappedCaller[Any] = CappedCaller(
            notify_pb2_grpc.NotifyServiceStub, "notify", address, clock=CLOCK, breaker=breaker, assertions=None
        )
        stack.push_async_callback(caller.close)

        async def ask() -> Any:
            request = RequestContext("test", "0" * 32, Principal.system("gateway"), passport=identities.passport())
            with answering(request):
                return await caller(caller.stub.ListNotifications, notify_pb2.ListNotificationsRequest())

        yield ask
        assert breaker.state is BreakerState.CLOSED, "our own cap says nothing about the service"


def shed() -> float:
    return REGISTRY.get_sample_value("tandem_http_shed_total", {"cap": "service"}) or 0


async def test_the_hundred_and_first_call_is_refused_at_once_and_room_comes_back(slow: Slow, ask: Any):
    held = [asyncio.create_task(ask()) for _ in range(MAX_PER_SERVICE)]
    before = shed()
    try:
        await asyncio.wait_for(slow.all_are_there.wait(), 5)

        with pytest.raises(TooBusy):
            await asyncio.wait_for(ask(), 1)
        assert slow.waiting == MAX_PER_SERVICE
        assert shed() == before + 1

        gone = held.pop()
        gone.cancel()
        await asyncio.wait([gone])
        slow.go_on.set()
        await ask()
    finally:
        slow.go_on.set()
        await asyncio.gather(*held)
