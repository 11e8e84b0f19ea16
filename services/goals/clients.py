"""Ports to other services: mentor, who knows people."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Protocol
from uuid import UUID

from chassis.errors import NotFound
from chassis.rpc.client import Caller
from services.goals.domain.days import Calendar
from tandem.mentor.v1 import mentor_pb2

if TYPE_CHECKING:
    # Known to the type checker only.
    from tandem.mentor.v1.mentor_pb2_grpc import MentorServiceAsyncStub


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
