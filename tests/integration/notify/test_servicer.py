"""What is not built says so through the funnel, and only to those who may ask."""

from pathlib import Path

import pytest

from chassis.clock import SystemClock, new_id
from chassis.errors import NotImplementedYet, PermissionDenied
from chassis.identity.passport import AssertionMinter
from chassis.identity.principal import Principal
from chassis.request import RequestContext, answering
from chassis.resilience import Breaker
from chassis.rpc.client import Caller
from services.notify.servicer import servicing
from services.notify.usecases import NotificationUseCases
from tandem.notify.v1 import notify_pb2 as pb
from tandem.notify.v1.notify_pb2_grpc import NotifyServiceStub
from tests.support.identities import Identities
from tests.support.rpc import serving

CLOCK = SystemClock()


async def ask(folder: Path, *, through: str) -> None:
    identities, member_id = Identities(), new_id(CLOCK)
    assertions = None if through == "gateway" else AssertionMinter(identities.keys[through], through, CLOCK)
    context = RequestContext("test", "0" * 32, Principal.member(member_id), passport=identities.passport(member_id))
    async with serving(servicing(NotificationUseCases()), folder, identities, audience="notify") as address:
        caller = Caller(
            NotifyServiceStub,
            "notify",
            address,
            clock=CLOCK,
            breaker=Breaker("notify", CLOCK),
            assertions=assertions,
        )
        try:
            with answering(context):
                await caller(caller.stub.ListNotifications, pb.ListNotificationsRequest())
        finally:
            await caller.close()


async def test_the_inbox_is_not_built_yet(tmp_path: Path):
    with pytest.raises(NotImplementedYet) as refusal:
        await ask(tmp_path, through="gateway")

    assert refusal.value.reason == "NOT_IMPLEMENTED"


async def test_other_services_are_refused(tmp_path: Path):
    with pytest.raises(PermissionDenied):
        await ask(tmp_path, through="goals")
