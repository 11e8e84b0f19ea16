"""Ports to other services: mentor, who knows people and who is matched with whom, and coach, who makes plans."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final, Protocol
from uuid import UUID

from chassis.errors import NotFound, TandemError, Unavailable
from chassis.identity.principal import Principal
from chassis.request import RequestContext, answering, find_current
from chassis.rpc.client import Caller
from services.goals.domain.care import Care, Constraints, Plan
from services.goals.domain.days import Calendar
from services.goals.domain.goal import Goal
from tandem.coach.v1 import plan_pb2
from tandem.mentor.v1 import mentor_pb2

if TYPE_CHECKING:
    # Known to the type checker only.
    from tandem.coach.v1.coach_pb2_grpc import CoachServiceAsyncStub
    from tandem.mentor.v1.mentor_pb2_grpc import MentorServiceAsyncStub

# Coach answers within this, with a model's plan or its own; and within that, where it is asked for its own alone.
# Together they are what a new goal may wait for its plan.
PLAN_BUDGET_S: Final = 10.0
RULES_BUDGET_S: Final = 2.0


@dataclass(frozen=True, slots=True)
class MemberProfile:
    """What goals needs to know of a person; a birth year of 0 is unknown."""

    calendar: Calendar
    birth_year: int
    as_of: datetime


class Members(Protocol):
    """Knows people. Never asked while a transaction is open."""

    async def get(self, member_id: UUID) -> MemberProfile:
        """The person.

        Raises:
            NotFound: There is none, or none that the caller may know of.
            Unavailable: Mentor does not answer.
        """
        ...


class MentorMembers:
    """Asks the mentor service."""

    def __init__(self, mentor: "Caller[MentorServiceAsyncStub]") -> None:
        self._mentor = mentor

    async def get(self, member_id: UUID) -> MemberProfile:
        """The person, as mentor knows them now."""
        request = mentor_pb2.GetMemberRequest(member_id=str(member_id))
        member = await self._mentor(self._mentor.stub.GetMember, request)
        calendar = Calendar(member.timezone, member.day_start_hour, member.week_start)
        return MemberProfile(calendar, member.birth_year, member.update_time.ToDatetime(UTC))


@dataclass
class FakeMembers:
    """Knows whom a test tells it of, and counts how often it was asked."""

    people: dict[UUID, MemberProfile] = field(default_factory=dict)
    asked: int = 0

    async def get(self, member_id: UUID) -> MemberProfile:
        """The person told of."""
        self.asked += 1
        if member_id not in self.people:
            raise NotFound("There is no such member.")
        return self.people[member_id]


class Wingmen(Protocol):
    """Knows who is matched with whom. Never asked while a transaction is open."""

    async def are_matched(self, member_id: UUID, other_id: UUID) -> bool:
        """True for two members who are each other's wingmen."""
        ...


class NullWingmen:
    """Knows nobody: there are no matches yet."""

    async def are_matched(self, member_id: UUID, other_id: UUID) -> bool:
        """Never."""
        return False


@dataclass
class FakeWingmen:
    """Knows the pairs that a test tells it of."""

    pairs: set[frozenset[UUID]] = field(default_factory=set)

    async def are_matched(self, member_id: UUID, other_id: UUID) -> bool:
        """True for the pairs told of."""
        return frozenset({member_id, other_id}) in self.pairs


@dataclass(frozen=True, slots=True)
class PlanSubject:
    """What a plan is made for."""

    goal: Goal
    care: Care
    today: int
    constraints: Constraints


class Planner(Protocol):
    """Makes plans. Never asked while a transaction is open."""

    async def make_plan(self, subject: PlanSubject, *, by_rules: bool = False) -> Plan:
        """A plan, within ten seconds.

        Args:
            subject: What it is made for.
            by_rules: Without a model; within two seconds.

        Raises:
            Unavailable: The planner does not answer.
            TandemError: It answers not in time, or with nothing that a goal can take.
        """
        ...


class CoachPlanner:
    """Asks the coach service, on behalf of the service: the request says whose goal it is."""

    def __init__(
        self,
        coach: "Caller[CoachServiceAsyncStub]",
        *,
        to_message: Callable[[PlanSubject, bool], plan_pb2.MakePlanRequest],
        from_message: Callable[[plan_pb2.MakePlanResponse], Plan],
    ) -> None:
        """Takes the forms of messages from where they are written, which is above this."""
        self._coach = coach
        self._to_message = to_message
        self._from_message = from_message

    async def make_plan(self, subject: PlanSubject, *, by_rules: bool = False) -> Plan:
        """Coach's plan, checked as a member's own habits and subgoals are."""
        request = find_current()
        asking = RequestContext(
            method="MakePlan",
            request_id=request.request_id if request else secrets.token_hex(16),
            principal=Principal.system("goals"),
            traceparent=request.traceparent if request else None,
        )
        with answering(asking):
            made = await self._coach(
                self._coach.stub.MakePlan,
                self._to_message(subject, by_rules),
                timeout_s=RULES_BUDGET_S if by_rules else PLAN_BUDGET_S,
            )
        return self._from_message(made)


@dataclass
class FakePlanner:
    """Answers with the plan that a test gives it, or raises what it is told to; None is a planner that is away.

    Attributes:
        rules: The plan by rules, whatever else happens; None where they go the way of all others.
    """

    plan: Plan | None = None
    failure: TandemError | None = None
    rules: Plan | None = None
    asked: list[PlanSubject] = field(default_factory=list)

    async def make_plan(self, subject: PlanSubject, *, by_rules: bool = False) -> Plan:
        """The plan given."""
        self.asked.append(subject)
        if by_rules and self.rules is not None:
            return self.rules
        if self.failure is not None:
            raise self.failure
        if self.plan is None:
            raise Unavailable("The coach is away.")
        return self.plan
