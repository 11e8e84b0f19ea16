"""A member's country, for helplines: the profile's, else the locale's region.

Remembered for a minute and never waited for long: a number of the wrong country helps nobody, and a profile may
have changed. An older answer is used only where no newer one can be had.
"""

import asyncio
from collections import OrderedDict
from datetime import datetime, timedelta
from typing import Protocol
from uuid import UUID

from chassis.clock import Clock
from chassis.errors import TandemError
from chassis.rpc.client import Caller
from tandem.mentor.v1 import mentor_pb2, mentor_pb2_grpc

# A card has to stand within 50 ms; without a country it names international lines.
TIMEOUT_S = 0.030
_REMEMBERED = timedelta(minutes=1)
_AT_MOST = 10_000


class Members(Protocol):
    """Where a member's country comes from."""

    async def country(self, member_id: UUID) -> str:
        """ISO 3166 alpha-2, or empty where it is not known. Never raises, never waits longer than `TIMEOUT_S`."""
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

    def _remember(self, member_id: UUID, country: str) -> None:
        self._known[member_id] = (country, self._clock.now() + _REMEMBERED)
        self._known.move_to_end(member_id)
        if len(self._known) > _AT_MOST:
            self._known.popitem(last=False)


class FakeMembers:
    """Everybody lives in the given country."""

    def __init__(self, country: str = "") -> None:
        self.answer = country

    async def country(self, member_id: UUID) -> str:
        """The given country."""
        return self.answer


def country_of(country: str, locale: str) -> str:
    """The profile's country, else the region of a BCP 47 tag (`en-GB`), else empty."""
    if country:
        return country.upper()
    region = next((part for part in locale.replace("_", "-").split("-")[1:] if len(part) == 2 and part.isalpha()), "")
    return region.upper()
