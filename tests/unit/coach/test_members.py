"""A member's country: asked for, remembered for a minute, never remembered as unknown."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any, cast

from chassis.clock import FixedClock
from chassis.errors import TandemError, Unavailable
from services.coach.clients.members import MembersClient
from tandem.mentor.v1 import mentor_pb2
from tests.unit.coach.factories import ANNA


class Mentor:
    """Stands for the caller of the mentor service."""

    def __init__(self) -> None:
        self.stub = SimpleNamespace(GetMember="GetMember")
        self.country = ""
        self.failure: TandemError | None = None
        self.calls = 0

    async def __call__(self, method: str, request: mentor_pb2.GetMemberRequest) -> mentor_pb2.Member:
        """The member, or the failure."""
        self.calls += 1
        if self.failure is not None:
            raise self.failure
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
