"""A provider that is late: the answer is by rules and in time, and the provider's plan is offered when it comes."""

import asyncio
from datetime import date

import pytest

from chassis.clock import new_id
from chassis.errors import NotFound
from chassis.identity.principal import Principal
from chassis.request import RequestContext, answering
from services.coach.clients.offers import FakeOffers
from services.coach.clients.structured import FakeStructured
from services.coach.domain.planning.task import PlanTask
from services.coach.usecases import PlanUseCases, late_plans
from services.coach.usecases.plans import MadePlan
from tests.support.coach import CLOCK, plan_use_cases
from tests.unit.coach.plan_contents import CONTENT

TASK = PlanTask("Run 3x per week", date(2027, 1, 4))
MEMBER, GOAL = new_id(CLOCK), new_id(CLOCK)


async def planned(plans: PlanUseCases, *, for_goal: bool = True) -> MadePlan:
    """What somebody gets who can wait little more than a second."""
    asking = RequestContext("MakePlan", "0" * 32, Principal.system("goals"), deadline=CLOCK.monotonic() + 1.1)
    with answering(asking):
        return await plans.make_plan(TASK, member_id=MEMBER, goal_id=GOAL if for_goal else None)


async def until_offered(offers: FakeOffers) -> None:
    for _ in range(100):
        if offers.plans:
            return
        await asyncio.sleep(0.01)


async def test_the_answer_is_by_rules_and_the_late_plan_is_offered():
    come, offers = asyncio.Event(), FakeOffers()

    made = await planned(plan_use_cases(FakeStructured("anthropic", CONTENT, until=come), offers=offers))
    come.set()
    await until_offered(offers)

    assert (made.plan.source, made.degraded) == ("offline", True)
    assert [(offer.member_id, offer.goal_id, offer.plan.source) for offer in offers.plans] == [
        (MEMBER, GOAL, "anthropic")
    ]


async def test_what_is_late_and_breaks_its_task_is_not_offered():
    come, offers = asyncio.Event(), FakeOffers()
    broken = FakeStructured("anthropic", CONTENT | {"habits": []}, until=come)

    await planned(plan_use_cases(broken, offers=offers))
    come.set()
    await asyncio.sleep(0.1)

    assert broken.calls == 2  # It was told why, and given another chance.
    assert offers.plans == []


async def test_without_a_goal_nothing_is_waited_for():
    come, offers = asyncio.Event(), FakeOffers()

    plans = plan_use_cases(FakeStructured("anthropic", CONTENT, until=come), offers=offers)
    await planned(plans, for_goal=False)
    come.set()
    await asyncio.sleep(0.1)

    assert offers.plans == []


async def test_no_more_are_waited_for_than_may_be(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(late_plans, "MOST_AWAITED", 1)
    come, offers = asyncio.Event(), FakeOffers()
    plans = plan_use_cases(FakeStructured("anthropic", CONTENT, until=come), offers=offers)

    made = [await planned(plans), await planned(plans)]
    come.set()
    await until_offered(offers)
    await asyncio.sleep(0.1)

    assert [each.plan.source for each in made] == ["offline", "offline"]
    assert len(offers.plans) == 1


async def test_a_suggestion_that_is_not_taken_troubles_nobody():
    come, offers = asyncio.Event(), FakeOffers(failure=NotFound("There is no such goal."))

    await planned(plan_use_cases(FakeStructured("anthropic", CONTENT, until=come), offers=offers))
    come.set()
    await asyncio.sleep(0.1)

    assert offers.plans == []
