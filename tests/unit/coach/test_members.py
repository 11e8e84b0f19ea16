"""A member's country: asked for, remembered for a minute, never remembered as unknown."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any, cast

from chassis.clock import FixedClock
from chassis.errors import TandemError, Unavailable
from services.coach.clients.members import MembersClient
from services.coach.domain.person import NOTHING_ALLOWED, Consents, Person
from tandem.mentor.v1 import mentor_pb2
from tests.unit.coach.factories import ANNA


class Mentor:
    """Stands for the caller of the mentor service."""

    def __init__(self) -> None:
        self.stub = SimpleNamespace(GetMember="GetMember", GetConsents="GetConsents")
        self.country = ""
        self.failure: TandemError | None = None
        self.calls = 0

    async def __call__(self, method: str, request: Any) -> Any:
        """The member or the consents, or the failure."""
        self.calls += 1
        if self.failure is not None:
            raise self.failure
        if method == "GetConsents":
            return mentor_pb2.Consents(ai_vendors=True)
        return mentor_pb2.Member(member_id=request.member_id, country=self.country)


def a_client() -> tuple[MembersClient, Mentor, FixedClock]:
    mentor, clock = Mentor(), FixedClock(datetime(2026, 11, 21, tzinfo=UTC))
    return MembersClient(cast(Any, mentor), clock), mentor, clock


async def test_an_unknown_country_is_asked_for_again():
    members, mentor, _ = a_client()
    assert await members.country(ANNA) == ""

    mentor.country = "DE"

    assert await members.country(ANNA) == "DE"


async def test_a_change_holds_within_a_minute():
    members, mentor, clock = a_client()
    mentor.country = "DE"
    assert [await members.country(ANNA) for _ in range(2)] == ["DE", "DE"]
    assert mentor.calls == 1

    mentor.country = "FR"
    clock.advance(timedelta(minutes=1))

    assert await members.country(ANNA) == "FR"


async def test_a_country_taken_back_is_forgotten():
    members, mentor, clock = a_client()
    mentor.country = "DE"
    await members.country(ANNA)
    mentor.country = ""
    clock.advance(timedelta(minutes=1))
    assert await members.country(ANNA) == ""

    mentor.failure = Unavailable("away")

    assert await members.country(ANNA) == ""


async def test_the_last_answer_serves_while_no_newer_one_can_be_had():
    members, mentor, clock = a_client()
    mentor.country = "DE"
    await members.country(ANNA)

    mentor.failure = Unavailable("away")
    clock.advance(timedelta(hours=5))

    assert await members.country(ANNA) == "DE"


async def test_consents_are_asked_for_every_time_and_nothing_is_allowed_where_nobody_can_say():
    members, mentor, _ = a_client()
    assert await members.consents(ANNA) == Consents(coach_reads_journal=False, ai_vendors=True)

    mentor.failure = Unavailable("away")

    assert await members.consents(ANNA) == NOTHING_ALLOWED
    assert mentor.calls == 2


def test_an_adult_is_nineteen_by_years_and_an_unknown_birth_year_is_none():
    now = datetime(2026, 12, 31, 23, 30, tzinfo=UTC)

    assert Person(birth_year=2007).is_adult(now)
    assert not Person(birth_year=2008).is_adult(now)
    assert not Person().is_adult(now)
    assert Person(birth_year=2008, timezone="Europe/Berlin").is_adult(now)


def test_a_day_begins_at_the_members_hour():
    now = datetime(2026, 11, 21, 2, 0, tzinfo=UTC)

    assert Person(timezone="Europe/Berlin", day_start_hour=4).today(now).day == 20
    assert Person(timezone="Europe/Berlin").today(now).day == 21
