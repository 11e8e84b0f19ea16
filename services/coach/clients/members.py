"""Members as mentor knows them: the country for helplines, what they allow, and their calendar and age.

A country is remembered for a minute and never waited for long: a number of the wrong country helps nobody, and a
profile may have changed. An older answer is used only where no newer one can be had. What members allow is asked for
every time, and where nobody can say, nothing is allowed.
"""

import asyncio
from collections import OrderedDict
from datetime import datetime, timedelta
from typing import Protocol
from uuid import UUID

from chassis.clock import Clock
from chassis.errors import TandemError
from chassis.request import find_current
from chassis.rpc.client import Caller
from services.coach.domain.person import NOTHING_ALLOWED, Consents, Person
from tandem.mentor.v1 import mentor_pb2, mentor_pb2_grpc

# A card has to stand within 50 ms; without a country it names international lines.
TIMEOUT_S = 0.030
# A reply goes without the journal and without a model rather than wait longer for leave to use them.
CONSENTS_S = 1.0
_REMEMBERED = timedelta(minutes=1)
_AT_MOST = 10_000


class Members(Protocol):
    """Where a member's profile and consents come from. Calls are made for the member at hand."""

    async def country(self, member_id: UUID) -> str:
        """ISO 3166 alpha-2, or empty where it is not known. Never raises, never waits longer than `TIMEOUT_S`."""
        ...

    async def consents(self, member_id: UUID) -> Consents:
        """What the member allows; nothing where that cannot be had within `CONSENTS_S`. Never raises."""
        ...

    async def person(self, member_id: UUID) -> Person:
        """The profile.

        Raises:
            TandemError: It cannot be read now.
        """
        ...


class MembersClient:
    """Asks the mentor service, who owns profiles, and remembers the answer for a minute."""

    def __init__(self, caller: "Caller[mentor_pb2_grpc.MentorServiceAsyncStub]", clock: Clock) -> None:
        self._caller = caller
        self._clock = clock
        self._known: OrderedDict[UUID, tuple[str, datetime]] = OrderedDict()

    async def country(self, member_id: UUID) -> str:
        """The country of the member at hand."""
        known = self._known.get(member_id)
        if known is not None and known[1] > self._clock.now():
            return known[0]
        request = mentor_pb2.GetMemberRequest(member_id=str(member_id))
        try:
            async with asyncio.timeout(TIMEOUT_S):
                member = await self._caller(self._caller.stub.GetMember, request)
        except (TandemError, TimeoutError):
            return known[0] if known else ""
        country = country_of(member.country, member.locale)
        if country:
            self._remember(member_id, country)
        else:
            # Somebody who tells where they live next is in danger now.
            self._known.pop(member_id, None)
        return country

    async def consents(self, member_id: UUID) -> Consents:
        """What a member allows: the one at hand, or the one for whom something is written unasked."""
        try:
            async with asyncio.timeout(CONSENTS_S):
                found = await self._ask_consents(member_id)
        except (TandemError, TimeoutError):
            return NOTHING_ALLOWED
        return Consents(found.coach_reads_journal, found.ai_vendors)

    async def _ask_consents(self, member_id: UUID) -> mentor_pb2.Consents:
        request = find_current()
        if request is None or not request.principal.is_system:
            return await self._caller(self._caller.stub.GetConsents, mentor_pb2.GetConsentsRequest())
        profile = mentor_pb2.GetCoachingProfileRequest(member_id=str(member_id))
        return (await self._caller(self._caller.stub.GetCoachingProfile, profile)).consents

    async def person(self, member_id: UUID) -> Person:
        """The profile of the member at hand."""
        request = mentor_pb2.GetMemberRequest(member_id=str(member_id))
        return person_from(await self._caller(self._caller.stub.GetMember, request))

    def _remember(self, member_id: UUID, country: str) -> None:
        self._known[member_id] = (country, self._clock.now() + _REMEMBERED)
        self._known.move_to_end(member_id)
        if len(self._known) > _AT_MOST:
            self._known.popitem(last=False)


class FakeMembers:
    """Everybody lives in the given country, allows the given things and is the given person."""

    def __init__(
        self,
        country: str = "",
        *,
        consents: Consents = Consents(coach_reads_journal=True, ai_vendors=True),  # noqa: B008 - frozen
        person: Person | None = None,
    ) -> None:
        self.answer = country
        self.allowed = consents
        self.profile = person or Person(country=country)

    async def country(self, member_id: UUID) -> str:
        """The given country."""
        return self.answer

    async def consents(self, member_id: UUID) -> Consents:
        """The given consents."""
        return self.allowed

    async def person(self, member_id: UUID) -> Person:
        """The given person."""
        return self.profile


def person_from(member: mentor_pb2.Member) -> Person:
    """The profile of an answer."""
    return Person(
        timezone=member.timezone or "UTC",
        country=country_of(member.country, member.locale),
        birth_year=member.birth_year,
        day_start_hour=member.day_start_hour,
        week_start=member.week_start or 1,
    )


def country_of(country: str, locale: str) -> str:
    """The profile's country, else the region of a BCP 47 tag (`en-GB`), else empty."""
    if country:
        return country.upper()
    region = next((part for part in locale.replace("_", "-").split("-")[1:] if len(part) == 2 and part.isalpha()), "")
    return region.upper()
