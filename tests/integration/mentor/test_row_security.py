"""The database refuses by itself what the use cases refuse, whatever SQL reaches it."""

from uuid import UUID

import pytest

from chassis.db import Database
from chassis.errors import PermissionDenied
from chassis.identity.principal import Principal
from chassis.sql import text_statement
from tests.support.mentor import Connection, People
from tests.support.servers import TestDatabase

TABLES = ("members", "member_roles", "consents")
NOBODY = Principal.system("mentor")


async def visible(database: Database, principal: Principal, table: str) -> set[UUID]:
    async with database.transaction(principal, read_only=True) as transaction:
        rows = await transaction.fetch_all(text_statement(f"SELECT member_id FROM mentor.{table}"))  # noqa: S608
    return {row["member_id"] for row in rows}


@pytest.mark.parametrize("table", TABLES)
async def test_a_member_sees_their_own_row_only(people: People, database: Database, table: str):
    anna, _ = await people.member(), await people.member()

    assert await visible(database, Principal.member(anna.member_id), table) == {anna.member_id}
    assert await visible(database, NOBODY, table) == set()


async def test_an_admin_sees_members_and_roles_but_no_consents(people: People, database: Database):
    anna, admin = await people.member(), await people.member("member", "admin")
    principal = Principal.member(admin.member_id, roles=("member", "admin"))

    assert {anna.member_id, admin.member_id} <= await visible(database, principal, "members")
    assert {anna.member_id, admin.member_id} <= await visible(database, principal, "member_roles")
    assert await visible(database, principal, "consents") == {admin.member_id}


async def test_a_member_cannot_write_a_role(people: People, database: Database):
    anna, ben = await people.member(), people.person()
    grab = text_statement(
        "UPDATE mentor.member_roles SET roles = ARRAY['member', 'admin'] WHERE member_id = :id RETURNING 1"
    )
    insert = text_statement("INSERT INTO mentor.member_roles VALUES (:id, ARRAY['member', 'admin']) RETURNING 1")

    async with database.transaction(Principal.member(anna.member_id)) as transaction:
        assert await transaction.fetch_all(grab, id=anna.member_id) == []
    with pytest.raises(PermissionDenied):
        async with database.transaction(Principal.member(ben.member_id)) as transaction:
            await transaction.fetch_all(insert, id=ben.member_id)
    assert len((await anna.get()).roles) == 1


@pytest.mark.parametrize("table", TABLES)
async def test_nobody_deletes_through_the_serving_login(people: People, database: Database, table: str):
    anna = await people.member()

    with pytest.raises(PermissionDenied):
        async with database.transaction(Principal.member(anna.member_id)) as transaction:
            await transaction.fetch_all(text_statement(f"DELETE FROM mentor.{table} RETURNING 1"))  # noqa: S608


@pytest.mark.parametrize("table", TABLES)
async def test_the_system_login_sees_no_person(people: People, services_database: TestDatabase, table: str):
    await people.member()
    system = await Database.connect(services_database.system_dsn("mentor"), schema="mentor", pool_size=1)

    try:
        assert await visible(system, NOBODY, table) == set()
    finally:
        await system.close()


@pytest.mark.parametrize("table", TABLES)
async def test_row_security_is_enabled_and_forced(behind: Connection, table: str):
    row = await behind.fetchrow(
        "SELECT relrowsecurity, relforcerowsecurity FROM pg_class WHERE oid = $1::regclass", f"mentor.{table}"
    )

    assert row is not None
    assert tuple(row) == (True, True)
