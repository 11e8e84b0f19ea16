"""Coach and goals together where a provider is late: the goal has a plan by rules, and another one is suggested."""

import asyncio
from datetime import date
from uuid import UUID

from chassis.identity.principal import Principal
from chassis.request import RequestContext, answering
from services.coach.clients.members import FakeMembers
from services.coach.clients.offers import OffersClient
from services.coach.clients.structured import FakeStructured, OfflineStructured, StructuredChain
from services.coach.domain.planning.task import PlanTask
from services.coach.servicer.plans import plan_message
from services.coach.usecases import LatePlans, PlanUseCases
from tandem.goals.v1 import suggestion_pb2
from tests.support.coach import TEXTS, goal_words
from tests.support.goals import SYSTEM, GoalsMember, GoalsMembers
from tests.unit.coach.plan_contents import CONTENT


async def suggested(member: GoalsMember, goal_id: str) -> list[suggestion_pb2.Suggestion]:
    """What waits for the member, once something does."""
    for _ in range(200):
        page = await member.call("ListSuggestions", suggestion_pb2.ListSuggestionsRequest(goal_id=goal_id))
        if page.suggestions:
            return list(page.suggestions)
        await asyncio.sleep(0.02)
    return []


async def test_a_late_plan_waits_for_the_member_who_can_accept_it(members: GoalsMembers) -> None:
    member = members.member()
    goal = await member.create("Run 3x per week")
    come = asyncio.Event()
    chain = StructuredChain((FakeStructured("anthropic", CONTENT, until=come),), OfflineStructured())
    offers = OffersClient(members.through("coach", member).caller, to_message=plan_message)
    plans = PlanUseCases(
        SYSTEM,
        chain=chain,
        late=LatePlans(SYSTEM, offers),
        texts=TEXTS,
        members=FakeMembers(),
        words=goal_words(),
        frame_key=b"f" * 32,
    )

    asking = RequestContext("MakePlan", "0" * 32, Principal.system("goals"), deadline=SYSTEM.monotonic() + 1.2)
    with answering(asking):
        made = await plans.make_plan(
            PlanTask("Run 3x per week", date(2026, 3, 20)), member_id=member.member_id, goal_id=UUID(goal.goal_id)
        )
    come.set()
    [offered] = await suggested(member, goal.goal_id)
    accepted = await member.call(
        "AcceptSuggestion",
        suggestion_pb2.AcceptSuggestionRequest(goal_id=goal.goal_id, suggestion_id=offered.suggestion_id),
    )

    assert made.plan.source == "offline"
    assert (offered.source, offered.fits) == ("anthropic", True)
    assert accepted.goal.plan.source == "anthropic"
    assert [habit.title for habit in accepted.goal.habits] == ["Run"]
