"""The port to coach over a real channel, where coach is late: how long a goal waits for its plan, and what it gets."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from chassis.clock import FixedClock
from chassis.db import Database
from chassis.identity.passport import AssertionMinter
from chassis.pages import PageTokens
from chassis.resilience import Breaker
from chassis.rpc.client import Caller
from chassis.rpc.server import Servicing
from gateway.app.operation import PLAN_S
from services.coach.servicer import POLICIES as COACH_POLICIES
from services.goals import clients
from services.goals.clients import CoachPlanner, FakeMembers, FakeWingmen
from services.goals.servicer import POLICIES, outgoing, servicing
from services.goals.servicer.suggestions import made_plan
from services.goals.usecases import UseCases
from tandem.coach.v1 import coach_pb2, coach_pb2_grpc, plan_pb2
from tandem.goals.v1 import goal_pb2
from tests.support.goals import SYSTEM, Connection, GoalsMember, GoalsMembers
from tests.support.identities import Identities
from tests.support.rpc import serving

PLAN = goal_pb2.Plan(source="offline", summary="Three short runs a week.", fits=True)


class LateCoach(coach_pb2_grpc.CoachServiceServicer):
    """Comes to no end with a plan; one by rules it gives at once, where it has one.

    Attributes:
        rules: The plan by rules; None where even that comes to no end.
        asked: What it was asked, in order.
        left_s: The seconds that each of these had when it came.
        cut: What was cancelled.
    """

    def __init__(self) -> None:
        self.rules: goal_pb2.Plan | None = PLAN
        self.asked: list[plan_pb2.MakePlanRequest] = []
        self.left_s: list[float] = []
        self.cut: asyncio.Queue[plan_pb2.MakePlanRequest] = asyncio.Queue()

    async def MakePlan(self, request: plan_pb2.MakePlanRequest, context: Any) -> plan_pb2.MakePlanResponse:  # noqa: N802
        """A plan by rules, or none as long as anybody waits."""
        self.asked.append(request)
        self.left_s.append(context.time_remaining())
        if request.by_rules and self.rules is not None:
            return plan_pb2.MakePlanResponse(plan=self.rules)
        try:
            return await asyncio.Future[plan_pb2.MakePlanResponse]()
        except asyncio.CancelledError:
            self.cut.put_nowait(request)
            raise


@pytest.fixture
def coach() -> LateCoach:
    return LateCoach()  # type: ignore[abstract] # the rest answers UNIMPLEMENTED


@pytest.fixture
async def port(coach: LateCoach, identities: Identities, tmp_path: Path) -> AsyncIterator[CoachPlanner]:
    """The port as goals' process builds it, to that coach."""
    described = coach_pb2.DESCRIPTOR.services_by_name["CoachService"]
    served = Servicing(coach_pb2_grpc.add_CoachServiceServicer_to_server, coach, described, COACH_POLICIES)
    async with serving(served, tmp_path, identities, audience="coach") as address:
        caller = Caller(
            coach_pb2_grpc.CoachServiceStub,
            "coach",
            address,
            clock=SYSTEM,
            breaker=Breaker("coach", SYSTEM),
            assertions=AssertionMinter(identities.keys["goals"], "goals", SYSTEM),
        )
        yield CoachPlanner(caller, to_message=outgoing.plan_request, from_message=made_plan)
        await caller.close()


@pytest.fixture
async def member(
    port: CoachPlanner,
    database: Database,
    clock: FixedClock,
    people: FakeMembers,
    wingmen: FakeWingmen,
    identities: Identities,
    tmp_path: Path,
) -> AsyncIterator[GoalsMember]:
    """Somebody whose goals are planned through that port."""
    use_cases = UseCases.of(database, clock, people, port, wingmen=wingmen)
    async with serving(servicing(use_cases, PageTokens(b"k" * 32)), tmp_path, identities, audience="goals") as address:
        members = GoalsMembers(address, identities, people)
        yield members.member()
        await members.close()


async def created(member: GoalsMember) -> goal_pb2.Goal:
    """A new goal, long before the deadlines that calls have of their own."""
    async with asyncio.timeout(5):
        return await member.create("Run")


async def next_cut(coach: LateCoach) -> plan_pb2.MakePlanRequest:
    """What was cancelled next; the server may learn of a deadline a moment after the caller."""
    async with asyncio.timeout(5):
        return await coach.cut.get()


async def test_a_late_coach_is_cut_off_and_the_goal_has_a_plan_by_rules(
    member: GoalsMember, coach: LateCoach, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(clients, "PLAN_BUDGET_S", 0.5)

    made = await created(member)

    assert (made.plan.source, made.plan.summary) == ("offline", PLAN.summary)
    assert [(asked.goal.goal_id, asked.by_rules) for asked in coach.asked] == [
        (made.goal_id, False),
        (made.goal_id, True),
    ]
    assert not (await next_cut(coach)).by_rules
    # Half a second, and then the two for the rules, as they are.
    assert coach.left_s[0] < 1 < coach.left_s[1] < 3
    assert await member.get(made.goal_id) == made


async def test_a_goal_is_made_without_a_plan_where_even_rules_are_late(
    member: GoalsMember, coach: LateCoach, behind: Connection, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(clients, "PLAN_BUDGET_S", 0.3)
    monkeypatch.setattr(clients, "RULES_BUDGET_S", 0.3)
    coach.rules = None

    made = await created(member)

    assert not made.HasField("plan")
    assert [(await next_cut(coach)).by_rules for _ in range(2)] == [False, True]
    assert max(coach.left_s) < 1
    assert await member.get(made.goal_id) == made
    assert await behind.fetchval("SELECT count(*) FROM goals.plan_requests WHERE goal_id = $1", made.goal_id) == 1


def test_a_plan_may_take_twelve_seconds_and_leaves_time_for_the_goal():
    both_s = clients.PLAN_BUDGET_S + clients.RULES_BUDGET_S

    assert both_s == 12
    assert both_s < POLICIES["CreateGoal"].deadline.total_seconds() < PLAN_S
