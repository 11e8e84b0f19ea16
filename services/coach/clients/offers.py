"""Suggestions offered to members: typed changes and late plans that goals keeps until the member decides."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol
from uuid import UUID

from google.type import date_pb2

from chassis.errors import TandemError
from chassis.identity.principal import Principal
from chassis.request import RequestContext, answering
from chassis.rpc.client import Caller
from services.coach.domain.planning.proposal import Plan
from services.coach.domain.reviews.changes import (
    Change,
    LaterDay,
    NewHabit,
    NewSubgoal,
    NoHabit,
    Proposal,
    SmallerHabit,
)
from tandem.goals.v1 import goal_pb2, goals_service_pb2_grpc, suggestion_pb2

TIMEOUT_S = 5.0


@dataclass(frozen=True, slots=True)
class PlanOffer:
    """A plan for a goal of a member."""

    member_id: UUID
    goal_id: UUID
    plan: Plan
    generate_time: datetime


class Offers(Protocol):
    """Where suggestions go."""

    async def offer(self, member_id: UUID, proposal: Proposal, *, source: str, key: str) -> str:
        """Offers changes of one goal and returns the suggestion's id; the same key offers once.

        Raises:
            TandemError: They do not fit the goal, too many wait, or nobody can take them now.
        """
        ...

    async def offer_plan(self, offer: PlanOffer) -> None:
        """Offers a plan, on behalf of the service: nobody waits for it. Never inside a transaction.

        Raises:
            TandemError: The goal is gone, as many wait as may, or nobody can take it now.
        """
        ...


class OffersClient:
    """Asks the goals service."""

    def __init__(
        self,
        caller: "Caller[goals_service_pb2_grpc.GoalsServiceAsyncStub]",
        *,
        to_message: Callable[[Plan, datetime], goal_pb2.Plan],
    ) -> None:
        """Takes the form of a plan's message from where it is written, which is above this."""
        self._caller = caller
        self._to_message = to_message

    async def offer(self, member_id: UUID, proposal: Proposal, *, source: str, key: str) -> str:
        """Offers changes of one goal."""
        suggestion = suggestion_pb2.Suggestion(
            goal_id=str(proposal.goal_id),
            source=source,
            summary=proposal.summary,
            operations=[operation(change) for change in proposal.changes],
        )
        return await self._leave(member_id, suggestion, key)

    async def offer_plan(self, offer: PlanOffer) -> None:
        """One suggestion that adopts the plan."""
        plan = self._to_message(offer.plan, offer.generate_time)
        suggestion = suggestion_pb2.Suggestion(
            goal_id=str(offer.goal_id),
            source=plan.source,
            summary=plan.summary,
            operations=[suggestion_pb2.Operation(adopt_plan=plan)],
        )
        with answering(RequestContext("OfferSuggestion", secrets.token_hex(16), Principal.system("coach"))):
            await self._leave(offer.member_id, suggestion, secrets.token_hex(16))

    async def _leave(self, member_id: UUID, suggestion: suggestion_pb2.Suggestion, key: str) -> str:
        request = suggestion_pb2.OfferSuggestionRequest(
            member_id=str(member_id), suggestion=suggestion, idempotency_key=key
        )
        made = await self._caller(self._caller.stub.OfferSuggestion, request, timeout_s=TIMEOUT_S)
        return made.suggestion_id


class FakeOffers:
    """Takes every offer once by its key, or raises."""

    def __init__(self, failure: TandemError | None = None) -> None:
        self.failure = failure
        self.taken: dict[str, Proposal] = {}
        self.plans: list[PlanOffer] = []

    async def offer(self, member_id: UUID, proposal: Proposal, *, source: str, key: str) -> str:
        """Its number."""
        if self.failure is not None:
            raise self.failure
        self.taken.setdefault(key, proposal)
        return f"suggestion-{list(self.taken).index(key) + 1}"

    async def offer_plan(self, offer: PlanOffer) -> None:
        """Keeps it."""
        if self.failure is not None:
            raise self.failure
        self.plans.append(offer)


def operation(change: Change) -> suggestion_pb2.Operation:
    """A change as goals takes it."""
    match change:
        case LaterDay():
            return suggestion_pb2.Operation(move_deadline=_day(change.deadline), reason=change.reason)
        case NewSubgoal():
            due = _day(change.due_date) if change.due_date else None
            step = goal_pb2.PlannedSubgoal(title=change.title, due_date=due)
            return suggestion_pb2.Operation(add_subgoal=step, reason=change.reason)
        case NewHabit():
            weekly = goal_pb2.Schedule(period=goal_pb2.PERIOD_WEEK, times=change.times)
            habit = goal_pb2.PlannedHabit(title=change.title, schedule=weekly, minutes=change.minutes)
            return suggestion_pb2.Operation(add_habit=habit, reason=change.reason)
        case NoHabit():
            return suggestion_pb2.Operation(remove_habit_id=str(change.habit_id), reason=change.reason)
        case SmallerHabit():
            return _changed_habit(change)


def _changed_habit(change: SmallerHabit) -> suggestion_pb2.Operation:
    schedule = None
    if change.times is not None:
        period = goal_pb2.Period.Value(f"PERIOD_{change.period.upper()}")
        schedule = goal_pb2.Schedule(period=period, times=change.times)
    changed = suggestion_pb2.HabitChange(habit_id=str(change.habit_id), schedule=schedule, minutes=change.minutes or 0)
    return suggestion_pb2.Operation(change_habit=changed, reason=change.reason)


def _day(day: date) -> date_pb2.Date:
    return date_pb2.Date(year=day.year, month=day.month, day=day.day)
