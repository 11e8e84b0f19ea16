"""What the login roles cannot do, whatever SQL reaches them: other schemas, other members, forged identities."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import asyncpg
import pytest

from chassis.clock import FixedClock, SystemClock, new_id
from chassis.db import Database
from chassis.db.claims import ClaimSigner
from chassis.identity.principal import Principal
from chassis.migrations import SCHEMAS
from tests.support.notes import COUNT_NOTES
from tests.support.servers import Addresses, TestDatabase, clone, drop, ensure_template

CLOCK = SystemClock()
SAMPLE = ["tests.support.sample.goals"]


@pytest.fixture(params=[18, 16], scope="module")
async def major(request: pytest.FixtureRequest, worker_number: int) -> AsyncIterator[TestDatabase]:
    """A sample database on each supported end of PostgreSQL's versions; an attack that succeeds fails its test."""
    servers: Addresses = request.getfixturevalue("addresses" if request.param == 18 else "postgres16")
    await ensure_template(servers, "sample_template", SAMPLE)
    database = await clone(servers, "sample_template", f"privileges_{worker_number}")
    yield database
    await drop(database)


@pytest.fixture
async def app(major: TestDatabase) -> AsyncIterator[Any]:
    connection = await asyncpg.connect(major.app_dsn("goals"))
    yield connection
    await connection.close()


async def add_note(database: TestDatabase) -> Principal:
    admin = await asyncpg.connect(database.admin_dsn)
    member_id = new_id(CLOCK)
    await admin.execute("INSERT INTO goals.notes (note_id, member_id, body) VALUES ($1, $2, 'x')", member_id, member_id)
    await admin.close()
    return Principal.member(member_id)


@pytest.mark.parametrize(
    "attack",
    [
        "TRUNCATE goals.notes",
        "ALTER TABLE goals.notes DISABLE ROW LEVEL SECURITY",
        "ALTER TABLE goals.notes NO FORCE ROW LEVEL SECURITY",
        "DROP POLICY member ON goals.notes",
        "CREATE POLICY mine ON goals.notes USING (true)",
        "SET ROLE goals_owner",
        "SET ROLE goals_system",
        "SET SESSION AUTHORIZATION postgres",
        "COPY goals.notes TO PROGRAM 'id'",
        "COPY goals.notes FROM '/etc/passwd'",
        "CREATE TABLE goals.mine (x int)",
        "CREATE TABLE public.mine (x int)",
        "CREATE SCHEMA mine",
        "CREATE FUNCTION goals.f() RETURNS int LANGUAGE sql AS 'select 1'",
        "SELECT * FROM goals.outbox",
        "DELETE FROM goals.outbox",
        "SELECT * FROM goals.inbox_retry",
        "SELECT payload FROM goals.inbox_retry",
        "SELECT * FROM goals.relay_position",
        "DELETE FROM goals.idempotency",
        "UPDATE goals.alembic_version SET version_num = 'x'",
        "SELECT * FROM sec.claim_keys",
        "UPDATE sec.claim_keys SET kid = 'x'",
        "SELECT sec.claims()",
        "CREATE OR REPLACE FUNCTION sec.member_id() RETURNS uuid LANGUAGE sql AS 'select gen_random_uuid()'",
        "SELECT * FROM pg_authid",
        "ALTER ROLE goals_app BYPASSRLS",
        *(f"CREATE TABLE {schema}.mine (x int)" for schema in SCHEMAS if schema != "goals"),
        "SELECT * FROM coach.nothing",
    ],
)
async def test_app_role_is_refused(app: Any, attack: str) -> None:
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await app.execute(attack)


async def test_no_login_bypasses_row_level_security_or_owns_anything(app: Any) -> None:
    roles = await app.fetch(
        "SELECT rolname, rolsuper, rolbypassrls, rolcreaterole, rolcreatedb, rolreplication FROM pg_roles"
        " WHERE rolname ~ '^(goals|coach|mentor|analytics|notify|gateway|sec)_'"
    )
    owners = await app.fetchval(
        "SELECT count(*) FROM pg_class JOIN pg_roles AS r ON r.oid = relowner WHERE r.rolname ~ '_(app|system)$'"
    )
    members = await app.fetch(
        "SELECT r.rolname AS member, g.rolname AS of FROM pg_auth_members AS m"
        " JOIN pg_roles AS r ON r.oid = m.member JOIN pg_roles AS g ON g.oid = m.roleid"
        " WHERE r.rolname ~ '_(app|system|owner)$'"
    )

    assert len(roles) == 19
    assert not any(value for role in roles for value in list(role.values())[1:])
    assert owners == 0
    # Who cannot log in, for one function that tells an age and nothing else.
    assert [tuple(row) for row in members] == [("sec_owner", "pg_read_all_stats")]


async def test_the_age_of_transactions_is_for_the_system_login_and_says_nothing_else(
    app: Any, major: TestDatabase
) -> None:
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await app.fetchval("SELECT sec.oldest_writer_age()")
    system = await asyncpg.connect(major.system_dsn("goals"))
    others = await system.fetchval(
        "SELECT count(*) FROM pg_stat_activity WHERE usename <> current_user AND query <> '<insufficient privilege>'"
    )
    age = await system.fetchval("SELECT sec.oldest_writer_age()")
    await system.close()

    assert others == 0
    assert age is not None


async def test_no_identity_and_empty_identity_show_no_rows(app: Any, major: TestDatabase) -> None:
    await add_note(major)

    assert await app.fetchval("SELECT count(*) FROM goals.notes") == 0
    async with app.transaction():
        await app.execute("SET LOCAL app.claims = ''")
        assert await app.fetchval("SELECT count(*) FROM goals.notes") == 0
        assert await app.fetchval("SELECT sec.roles()") == []
    assert await app.fetchval("SELECT count(*) FROM goals.notes") == 0


async def test_tampered_claims_are_refused_without_details(app: Any, major: TestDatabase) -> None:
    victim = await add_note(major)
    key = major.claims_key("goals")
    honest = ClaimSigner(key, wall=CLOCK).settings(victim)
    stranger = ClaimSigner(key, wall=CLOCK).settings(Principal.member(new_id(CLOCK)))
    claims, signature = honest.split(";")[:2]
    past = FixedClock(CLOCK.now() - timedelta(hours=1))
    forgeries = {
        "no signature": claims,
        "another's signature": claims + ";" + stranger.split(";")[1],
        "more roles": claims.replace("|member|", "|admin|") + ";" + signature,
        "not a uuid": "SET LOCAL app.claims = 'garbage'",
        "own key": ClaimSigner(b"k" * 32, wall=CLOCK).settings(victim),
        "another login's key": ClaimSigner(major.claims_key("coach"), wall=CLOCK).settings(victim),
        "expired": ClaimSigner(key, wall=past).settings(victim),
        "upper case": claims + ";" + signature.upper().replace("SET LOCAL APP.SIG", "SET LOCAL app.sig"),
    }

    async with app.transaction():
        await app.execute(honest)
        assert await app.fetchval("SELECT count(*) FROM goals.notes") == 1
        assert await app.fetchval("SELECT sec.member_id()") == victim.member_id
        assert await app.fetchval("SELECT sec.roles()") == ["member"]
    for name, forgery in forgeries.items():
        async with app.transaction():
            await app.execute(forgery)
            with pytest.raises(asyncpg.InsufficientPrivilegeError) as refused:
                await app.fetchval("SELECT count(*) FROM goals.notes")
        assert str(victim.member_id) not in str(refused.value), name


async def test_tampering_within_an_honest_transaction_is_refused(major: TestDatabase) -> None:
    victim = await add_note(major)
    thief = Principal.member(new_id(CLOCK))
    database = await Database.connect(major.app_dsn("goals"), schema="goals", claims_key=major.claims_key("goals"))
    try:
        async with database.transaction(thief) as tx:
            # What injected SQL could do: everything the login role may.
            connection = tx._connection
            await connection.execute(f"SELECT set_config('app.claims', '{victim.member_id}|member|9999999999|x', true)")
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await connection.fetchval(COUNT_NOTES.text)
    finally:
        await database.close()


async def test_tables_with_an_owner_have_forced_row_level_security(major: TestDatabase) -> None:
    admin = await asyncpg.connect(major.admin_dsn)
    unprotected = await admin.fetch(
        """SELECT c.oid::regclass::text AS name FROM pg_class AS c
        JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attname = 'member_id'
        WHERE c.relkind = 'r' AND c.relnamespace = 'goals'::regnamespace
          AND NOT (c.relrowsecurity AND c.relforcerowsecurity)"""
    )
    owner_sees = None
    await add_note(major)
    async with admin.transaction():
        await admin.execute("SET LOCAL ROLE goals_owner")
        owner_sees = await admin.fetchval("SELECT count(*) FROM goals.notes")
    await admin.close()

    assert [row["name"] for row in unprotected] == ["goals.effects"]
    assert owner_sees == 0
