"""What mentor tells the coach of a member for whom it writes unasked: to the coach alone, acting for nobody."""

import pytest

from chassis.clock import new_id
from chassis.errors import NotFound, PermissionDenied
from chassis.identity.principal import Principal
from chassis.request import RequestContext, answering
from tandem.mentor.v1 import mentor_pb2 as pb
from tests.support.mentor import CLOCK, People, Person


async def profile_of(asking: Person, member_id: str) -> pb.CoachingProfile:
    """Asks as the service itself: without anybody's passport."""
    with answering(RequestContext("test", "0" * 32, Principal.system("coach"))):
        found: pb.CoachingProfile = await asking.caller(
            asking.caller.stub.GetCoachingProfile, pb.GetCoachingProfileRequest(member_id=member_id)
        )
    return found


async def test_the_coach_reads_profile_and_consents(people: People):
    anna = people.person()
    await anna.register("Anna", timezone="Europe/Berlin", birth_year=1990)
    coach = people.person(caller="coach")

    found = await profile_of(coach, str(anna.member_id))

    assert (found.member.member_id, found.member.timezone) == (str(anna.member_id), "Europe/Berlin")
    assert found.consents.ai_vendors
    assert not found.consents.alert_mentor_on_risk


async def test_nobody_has_no_profile(people: People):
    coach = people.person(caller="coach")

    with pytest.raises(NotFound):
        await profile_of(coach, str(new_id(CLOCK)))


async def test_no_other_service_and_no_member_reads_it(people: People):
    anna = await people.member()
    goals = people.person(caller="goals")

    with pytest.raises(PermissionDenied):
        await profile_of(goals, str(anna.member_id))
    with pytest.raises(PermissionDenied):
        await anna.call("GetCoachingProfile", pb.GetCoachingProfileRequest(member_id=str(anna.member_id)))
