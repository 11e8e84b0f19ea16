"""Roles: who changes them, what is told, and that an admin always remains."""

import asyncio

import pytest

from chassis.clock import new_id
from chassis.errors import InvalidArgument, NotFound, PermissionDenied, TandemError
from tandem.mentor.v1 import mentor_pb2 as pb
from tests.support.mentor import CLOCK, Connection, People, events_of


@pytest.fixture(autouse=True)
async def _no_admins(behind: Connection) -> None:
    """The database is shared by tests; who is the last admin must be this test's to say."""
    await behind.execute("UPDATE mentor.member_roles SET roles = ARRAY['member'] WHERE 'admin' = ANY (roles)")


async def test_a_passport_with_roles_registers_with_them(people: People):
    admin = people.person("member", "admin")

    made = await admin.register(roles=[pb.ROLE_MENTOR])

    assert list(made.roles) == [pb.ROLE_MEMBER, pb.ROLE_ADMIN]


async def test_nobody_registers_with_roles_that_the_passport_lacks(people: People):
    anna = people.person()

    made = await anna.register(roles=[pb.ROLE_MEMBER, pb.ROLE_ADMIN])

    assert list(made.roles) == [pb.ROLE_MEMBER]


async def test_an_admin_changes_roles_and_tells_from_when_they_hold(people: People, behind: Connection):
    anna, admin = await people.member(), await people.member("member", "admin")
    before = CLOCK.now()

    changed = await admin.set_roles(anna.member_id, pb.ROLE_MENTOR)

    assert list(changed.roles) == [pb.ROLE_MEMBER, pb.ROLE_MENTOR]
    assert changed == await anna.get()
    assert (changed.etag, changed.version) == ("2", 2)
    event = (await events_of(behind, anna.member_id))[-1]
    assert (event.event_type, event.aggregate_version) == ("mentor.member_roles_changed", 2)
    assert list(event.member_roles_changed.roles) == ["member", "mentor"]
    assert event.member_roles_changed.not_before.ToDatetime(before.tzinfo) >= before


async def test_roles_that_are_there_change_nothing(people: People, behind: Connection):
    anna, admin = await people.member(), await people.member("member", "admin")

    same = await admin.set_roles(anna.member_id, pb.ROLE_MEMBER)

    assert same.etag == "1"
    assert len(await events_of(behind, anna.member_id)) == 1


async def test_the_same_key_changes_roles_once(people: People, behind: Connection):
    anna, admin = await people.member(), await people.member("member", "admin")
    await admin.set_roles(anna.member_id, pb.ROLE_MENTOR, key="k")
    await admin.set_roles(anna.member_id)

    replayed = await admin.set_roles(anna.member_id, pb.ROLE_MENTOR, key="k")

    assert admin.replayed
    assert list(replayed.roles) == [pb.ROLE_MEMBER, pb.ROLE_MENTOR]
    assert list((await anna.get()).roles) == [pb.ROLE_MEMBER]
    assert len(await events_of(behind, anna.member_id)) == 3


async def test_of_two_changes_from_one_state_one_wins(people: People, behind: Connection):
    anna, admin = await people.member(), await people.member("member", "admin")

    await admin.set_roles(anna.member_id, pb.ROLE_MENTOR, etag="1", key="first")
    with pytest.raises(TandemError) as refusal:
        await admin.set_roles(anna.member_id, pb.ROLE_ADMIN, etag="1")
    repeated = await admin.set_roles(anna.member_id, pb.ROLE_MENTOR, etag="1", key="first")

    assert refusal.value.reason == "ETAG_MISMATCH"
    assert list(repeated.roles) == [pb.ROLE_MEMBER, pb.ROLE_MENTOR]
    assert list((await admin.set_roles(anna.member_id, etag="1,2")).roles) == [pb.ROLE_MEMBER]
    assert len(await events_of(behind, anna.member_id)) == 3


async def test_only_admins_change_roles(people: People):
    anna, mentor = await people.member(), await people.member("member", "mentor")

    for person in (anna, mentor):
        with pytest.raises(PermissionDenied):
            await person.set_roles(person.member_id, pb.ROLE_ADMIN)
    assert list((await anna.get()).roles) == [pb.ROLE_MEMBER]


async def test_who_was_an_admin_a_moment_ago_changes_no_roles(people: People):
    first, second = await people.member("member", "admin"), await people.member("member", "admin")
    await first.set_roles(second.member_id)

    with pytest.raises(PermissionDenied):
        await second.set_roles(second.member_id, pb.ROLE_ADMIN)


async def test_the_last_admin_cannot_lose_admin(people: People):
    admin = await people.member("member", "admin")

    with pytest.raises(TandemError) as refusal:
        await admin.set_roles(admin.member_id)

    assert refusal.value.reason == "CONFLICT"
    assert pb.ROLE_ADMIN in (await admin.get()).roles


async def test_two_admins_removing_each_other_at_once_leave_one(people: People, behind: Connection):
    for _ in range(5):
        first, second = await people.member("member", "admin"), await people.member("member", "admin")

        await asyncio.gather(
            first.set_roles(second.member_id), second.set_roles(first.member_id), return_exceptions=True
        )

        admins = await behind.fetch("SELECT member_id FROM mentor.member_roles WHERE 'admin' = ANY (roles)")
        assert len(admins) == 1
        await _no_admins_left(behind)


async def _no_admins_left(behind: Connection) -> None:
    await behind.execute("UPDATE mentor.member_roles SET roles = ARRAY['member'] WHERE 'admin' = ANY (roles)")


async def test_unknown_roles_and_members_are_refused(people: People):
    anna, admin = await people.member(), await people.member("member", "admin")

    for number in (pb.ROLE_UNSPECIFIED, 99):
        with pytest.raises(InvalidArgument):
            await admin.set_roles(anna.member_id, number)  # type: ignore[arg-type]
    with pytest.raises(NotFound):
        await admin.set_roles(new_id(CLOCK), pb.ROLE_MENTOR)
