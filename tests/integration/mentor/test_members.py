"""Members come to be once, are seen by whom they should be, and change without losing a change."""

import asyncio
from uuid import UUID

import pytest

from chassis.clock import SystemClock, new_id
from chassis.errors import (
    EtagMismatch,
    IdempotencyKeyReused,
    InvalidArgument,
    MalformedRequest,
    NotFound,
    PermissionDenied,
    TandemError,
)
from tandem.mentor.v1 import mentor_pb2 as pb
from tests.support.mentor import Connection, People, Person, events_of


async def reason_of(work) -> str:
    with pytest.raises(TandemError) as refusal:
        await work
    return refusal.value.reason


async def test_a_first_sign_in_makes_a_member_with_defaults(people: People):
    anna = people.person()

    made = await anna.register(" Anna ", locale="EN-gb", country="de", birth_year=1990)

    assert made == await anna.get()
    assert (made.name, made.locale, made.country, made.birth_year) == ("Anna", "en-GB", "DE", 1990)
    assert (made.timezone, made.day_start_hour, made.week_start) == ("UTC", 0, 1)
    assert list(made.roles) == [pb.ROLE_MEMBER]
    assert made.create_time == made.update_time
    assert made.etag == "1"


async def test_ensuring_again_changes_nothing_and_tells_nothing(people: People, behind: Connection):
    anna = people.person()
    made = await anna.register("Anna", timezone="Europe/Berlin")

    assert await anna.register("Somebody", timezone="nonsense") == made
    assert [event.event_type for event in await events_of(behind, anna.member_id)] == ["mentor.member_registered"]


async def test_the_event_of_a_new_member_carries_the_calendar_and_no_name(people: People, behind: Connection):
    anna = people.person()
    await anna.register("Canary", timezone="Asia/Tokyo", day_start_hour=3, week_start=7)

    (event,) = await events_of(behind, anna.member_id)

    calendar = event.member_registered.calendar
    assert (calendar.timezone, calendar.day_start_hour, calendar.week_start) == ("Asia/Tokyo", 3, 7)
    assert (event.aggregate_id, event.aggregate_version) == (str(anna.member_id), 1)
    assert b"Canary" not in event.SerializeToString()


async def test_twenty_first_sign_ins_at_once_make_one_member(people: People, behind: Connection):
    anna = people.person()

    results = await asyncio.gather(*(anna.register(f"Anna {n}") for n in range(20)), return_exceptions=True)

    made = [result for result in results if isinstance(result, pb.Member)]
    # A twin that waited too long for the first is told to try again; nobody makes a second member.
    assert all(isinstance(result, pb.Member) or getattr(result, "reason", "") == "CONFLICT" for result in results)
    assert len({member.name for member in made}) == 1
    assert len(await events_of(behind, anna.member_id)) == 1


async def test_the_same_key_twice_is_one_effect(people: People, behind: Connection):
    anna = people.person()
    made = await anna.register("Anna", key="k1")

    again = await anna.register("Anna", key="k1")

    assert again == made
    assert anna.replayed
    with pytest.raises(TandemError) as refusal:
        await anna.register("Other", key="k1")
    assert refusal.value.reason == IdempotencyKeyReused.reason
    assert len(await events_of(behind, anna.member_id)) == 1


async def test_nobody_registers_somebody_else(people: People):
    anna = people.person()
    request = pb.EnsureMemberRequest(member=pb.Member(member_id=str(new_id(SystemClock())), name="Ben"))

    with pytest.raises(PermissionDenied):
        await anna.call("EnsureMember", request)


async def test_a_new_member_with_a_bad_profile_is_refused_by_field(people: People):
    anna = people.person()

    with pytest.raises(InvalidArgument) as refusal:
        await anna.register("\u202egnp", timezone="../../etc/passwd")

    assert {violation.field for violation in refusal.value.violations} == {"name", "timezone"}
    assert await reason_of(anna.get()) == "NOT_FOUND"


async def test_a_profile_is_judged_without_making_a_member(people: People, behind: Connection):
    anna = people.person()
    good = pb.Member(member_id=str(anna.member_id), name=" Anna ", locale="EN-gb")
    bad = pb.Member(member_id=str(anna.member_id), name="\u202egnp", birth_year=2062)

    judged = await anna.call("EnsureMember", pb.EnsureMemberRequest(member=good, validate_only=True))
    with pytest.raises(InvalidArgument) as refusal:
        await anna.call("EnsureMember", pb.EnsureMemberRequest(member=bad, validate_only=True))

    assert (judged.name, judged.locale, judged.timezone) == ("Anna", "en-GB", "UTC")
    assert {violation.field for violation in refusal.value.violations} == {"name", "birth_year"}
    assert await reason_of(anna.get()) == "NOT_FOUND"
    assert await events_of(behind, anna.member_id) == []
    assert (await anna.register("Anna")).version == 1


async def test_nobody_judges_for_somebody_else(people: People):
    member = pb.Member(member_id=str(new_id(SystemClock())), name="Ben")

    with pytest.raises(PermissionDenied):
        await people.person().call("EnsureMember", pb.EnsureMemberRequest(member=member, validate_only=True))


async def test_a_stranger_sees_nobody_and_cannot_tell_missing_from_hidden(people: People):
    anna, ben = await people.member(), await people.member("member", "mentor")

    hidden = await _failure(ben, anna.member_id)
    missing = await _failure(ben, new_id(SystemClock()))

    assert isinstance(hidden, NotFound)
    assert (type(hidden), hidden.message, hidden.reason, hidden.metadata) == (
        type(missing),
        missing.message,
        missing.reason,
        missing.metadata,
    )
    assert await reason_of(ben.update(member_id=anna.member_id, name="Mallory")) == "NOT_FOUND"
    assert (await anna.get()).name == "Anna"


async def _failure(person: Person, member_id: UUID) -> TandemError:
    with pytest.raises(TandemError) as refusal:
        await person.get(member_id)
    return refusal.value


async def test_an_admin_sees_and_corrects_everybody(people: People):
    anna, admin = await people.member(), await people.member("member", "admin")

    assert (await admin.get(anna.member_id)).name == "Anna"
    assert (await admin.update(member_id=anna.member_id, name="Anne")).name == "Anne"
    assert (await anna.get()).name == "Anne"


@pytest.mark.parametrize("member_id", ["", "me", "{12345678-1234-1234-1234-123456789012}", "x" * 36, "1" * 32])
async def test_what_is_no_id_is_refused_by_field(people: People, member_id: str):
    anna = people.person()

    with pytest.raises(InvalidArgument) as refusal:
        await anna.call("GetMember", pb.GetMemberRequest(member_id=member_id))

    assert [violation.field for violation in refusal.value.violations] == ["member_id"]


async def test_goals_and_coach_read_a_member_with_that_members_passport(people: People):
    anna = await people.member()

    for service in ("goals", "coach"):
        assert (await people.person(caller=service, member_id=anna.member_id).get()).name == "Anna"
    with pytest.raises(PermissionDenied):
        await people.person(caller="notify", member_id=anna.member_id).get()
    with pytest.raises(PermissionDenied):
        await people.person(caller="goals", member_id=anna.member_id).update(name="Mallory")


async def test_an_update_changes_the_named_fields_and_tells_the_calendar(people: People, behind: Connection):
    anna = await people.member()
    before = await anna.get()

    changed = await anna.update("timezone", "week_start", timezone="Asia/Tokyo", week_start=7, name="ignored")

    assert (changed.name, changed.timezone, changed.week_start) == ("Anna", "Asia/Tokyo", 7)
    assert changed.etag == "2"
    assert changed.update_time.ToDatetime() > before.update_time.ToDatetime()
    assert changed.create_time == before.create_time
    event = (await events_of(behind, anna.member_id))[-1]
    assert (event.event_type, event.aggregate_version) == ("mentor.member_updated", 2)
    assert event.member_updated.calendar.timezone == "Asia/Tokyo"


async def test_a_change_to_what_is_there_tells_nobody(people: People, behind: Connection):
    anna = await people.member()

    same = await anna.update(name="Anna")

    assert same.etag == "1"
    assert len(await events_of(behind, anna.member_id)) == 1


async def test_fields_can_be_emptied_where_they_may_be_unknown(people: People):
    anna = people.person()
    await anna.register(country="DE", birth_year=1990)

    changed = await anna.update("country", "birth_year")

    assert (changed.country, changed.birth_year) == ("", 0)
    with pytest.raises(InvalidArgument):
        await anna.update("timezone")


async def test_a_repeated_update_is_one_effect(people: People, behind: Connection):
    anna = await people.member()
    await anna.update(name="Anne", key="k")
    await anna.update(name="Annika")

    replayed = await anna.update(name="Anne", key="k")

    assert anna.replayed
    assert replayed.name == "Anne"
    assert (await anna.get()).name == "Annika"
    assert [event.aggregate_version for event in await events_of(behind, anna.member_id)] == [1, 2, 3]


async def test_a_stale_etag_is_refused(people: People):
    anna = await people.member()
    await anna.update(name="Anne", etag="1")

    assert await reason_of(anna.update(name="Annika", etag="1")) == EtagMismatch.reason
    assert (await anna.get()).name == "Anne"


async def test_of_ten_updates_with_one_etag_one_wins(people: People, behind: Connection):
    anna = await people.member()

    results = await asyncio.gather(
        *(anna.update(name=f"Anna {n}", etag="1") for n in range(10)), return_exceptions=True
    )

    winners = [result for result in results if isinstance(result, pb.Member)]
    assert len(winners) == 1
    assert (await anna.get()) == winners[0]
    assert len(await events_of(behind, anna.member_id)) == 2


async def test_updates_without_an_etag_lose_no_version(people: People, behind: Connection):
    anna = await people.member()

    results = await asyncio.gather(*(anna.update(name=f"Anna {n}") for n in range(5)), return_exceptions=True)

    applied = [result for result in results if isinstance(result, pb.Member)]
    versions = [event.aggregate_version for event in await events_of(behind, anna.member_id)]
    assert len(applied) >= 1
    assert versions == list(range(1, len(applied) + 2))


async def test_admins_list_everybody_in_pages_newest_first(people: People):
    admin = await people.member("member", "admin")
    newest = [(await people.member()).member_id for _ in range(5)]

    seen: list[str] = []
    request = pb.ListMembersRequest(page_size=2)
    while True:
        page: pb.ListMembersResponse = await admin.call("ListMembers", request)
        seen += [member.member_id for member in page.members]
        if not seen[1:] or len(seen) == 2:
            await people.member()  # Somebody joining between two pages moves nothing.
        if not page.next_page_token:
            break
        request.page_token = page.next_page_token

    assert seen[:5] == [str(member_id) for member_id in reversed(newest)]
    assert str(admin.member_id) in seen
    assert len(seen) == len(set(seen))


async def test_only_admins_list(people: People):
    for person in (await people.member(), await people.member("member", "mentor")):
        with pytest.raises(PermissionDenied):
            await person.call("ListMembers", pb.ListMembersRequest())


@pytest.mark.parametrize("size", [-1, 201, 10**9])
async def test_page_sizes_have_bounds(people: People, size: int):
    admin = people.person("member", "admin")

    with pytest.raises(InvalidArgument):
        await admin.call("ListMembers", pb.ListMembersRequest(page_size=size))


async def test_a_made_up_page_token_is_malformed(people: People):
    admin = people.person("member", "admin")

    assert (
        await reason_of(admin.call("ListMembers", pb.ListMembersRequest(page_token="abc"))) == MalformedRequest.reason
    )
