"""Where the coach leaves what it proposes for a goal: with goals, until the member decides."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol
from uuid import UUID

from chassis.errors import TandemError
from chassis.identity.principal import Principal
from chassis.request import RequestContext, answering
from chassis.rpc.client import Caller
from services.coach.domain.planning.proposal import Plan
from tandem.goals.v1 import goal_pb2, goals_service_pb2_grpc, suggestion_pb2


@dataclass(frozen=True, slots=True)
class PlanOffer:
    """A plan for a goal of a member."""

    member_id: UUID
    goal_id: UUID
    plan: Plan
    generate_time: datetime


class Suggestions(Protocol):
    """Takes what is proposed to members."""

    async def offer(self, offer: PlanOffer) -> None:
        """Leaves a plan as a suggestion; never inside a transaction.

        Raises:
            TandemError: It is not taken: the goal is gone, as many wait as may, or nobody answers.
        """
        ...


class GoalsSuggestions:
    """Leaves it with the goals service, on behalf of the service: nobody waits for it."""

    def __init__(
        self,
        caller: "Caller[goals_service_pb2_grpc.GoalsServiceAsyncStub]",
        *,
        to_message: Callable[[Plan, datetime], goal_pb2.Plan],
    ) -> None:
        """Takes the form of the message from where it is written, which is above this."""
        self._caller = caller
        self._to_message = to_message

    async def offer(self, offer: PlanOffer) -> None:
        """One suggestion that adopts the plan."""
        plan = self._to_message(offer.plan, offer.generate_time)
        suggestion = suggestion_pb2.Suggestion(
            goal_id=str(offer.goal_id),
            source=plan.source,
            summary=plan.summary,
            operations=[suggestion_pb2.Operation(adopt_plan=plan)],
        )
        request = suggestion_pb2.OfferSuggestionRequest(
            member_id=str(offer.member_id), suggestion=suggestion, idempotency_key=secrets.token_hex(16)
        )
        with answering(RequestContext("OfferSuggestion", secrets.token_hex(16), Principal.system("coach"))):
            await self._caller(self._caller.stub.OfferSuggestion, request)


@dataclass
class FakeSuggestions:
    """Keeps what was offered, or raises what it is told to."""

    failure: TandemError | None = None
    offered: list[PlanOffer] = field(default_factory=list)

    async def offer(self, offer: PlanOffer) -> None:
        """Keeps it."""
        if self.failure is not None:
            raise self.failure
        self.offered.append(offer)
