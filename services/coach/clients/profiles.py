"""Members about whom the coach writes unasked: profile and consents in one call, made by the service itself."""

from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from chassis.errors import TandemError
from chassis.rpc.client import Caller
from services.coach.clients.members import person_from
from services.coach.domain.person import Consents, Person
from tandem.mentor.v1 import mentor_pb2, mentor_pb2_grpc

TIMEOUT_S = 2.0


@dataclass(frozen=True, slots=True)
class Profile:
    """Who somebody is, and what they allow.

    Attributes:
        alerts_mentor: Their mentor may be told of risk.
    """

    person: Person
    consents: Consents
    alerts_mentor: bool = False


class Profiles(Protocol):
    """Where profiles come from."""

    async def profile(self, member_id: UUID) -> Profile:
        """The profile and consents of a member; never inside a transaction.

        Raises:
            TandemError: There is no such member, or nobody can say now.
        """
        ...


class ProfilesClient:
    """Asks the mentor service, who owns both."""

    def __init__(self, caller: "Caller[mentor_pb2_grpc.MentorServiceAsyncStub]") -> None:
        self._caller = caller

    async def profile(self, member_id: UUID) -> Profile:
        """The profile and consents of a member."""
        request = mentor_pb2.GetCoachingProfileRequest(member_id=str(member_id))
        found = await self._caller(self._caller.stub.GetCoachingProfile, request, timeout_s=TIMEOUT_S)
        consents = Consents(found.consents.coach_reads_journal, found.consents.ai_vendors)
        return Profile(person_from(found.member), consents, found.consents.alert_mentor_on_risk)


class FakeProfiles:
    """Everybody has the given profile; raises when that is a failure."""

    def __init__(self, answer: Profile | TandemError | None = None) -> None:
        self.answer = answer or Profile(Person(), Consents(coach_reads_journal=True, ai_vendors=True))

    async def profile(self, member_id: UUID) -> Profile:
        """The given profile."""
        if isinstance(self.answer, TandemError):
            raise self.answer
        return self.answer
