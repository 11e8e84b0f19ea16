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
from services.analytics.servicer import servicing
from services.analytics.usecases import FigureUseCases
from tandem.analytics.v1 import analytics_pb2 as pb
from tandem.analytics.v1.analytics_pb2_grpc import AnalyticsServiceStub
from tests.support.identities import Identities
from tests.support.rpc import serving

CLOCK = SystemClock()


async def ask(folder: Path, *, through: str) -> None:
    identities, member_id = Identities(), new_id(CLOCK)
    assertions = None if through == "gateway" else AssertionMinter(identities.keys[through], through, CLOCK)
    context = RequestContext("test", "0" * 32, Principal.member(member_id), passport=identities.passport(member_id))
    async with serving(servicing(FigureUseCases(CLOCK)), folder, identities, audience="analytics") as address:
        caller = Caller(
            AnalyticsServiceStub,
            "analytics",
            address,
            clock=CLOCK,
            breaker=Breaker("analytics", CLOCK),
            assertions=assertions,
        )
        try:
            with answering(context):
                await caller(caller.stub.GetMemberAnalytics, pb.GetMemberAnalyticsRequest(member_id=str(member_id)))
        finally:
            await caller.close()


async def test_figures_are_not_built_yet(tmp_path: Path):
    with pytest.raises(NotImplementedYet) as refusal:
        await ask(tmp_path, through="gateway")

    assert refusal.value.reason == "NOT_IMPLEMENTED"
    assert "progress" in refusal.value.message


async def test_other_services_are_refused(tmp_path: Path):
    with pytest.raises(PermissionDenied):
        await ask(tmp_path, through="goals")
