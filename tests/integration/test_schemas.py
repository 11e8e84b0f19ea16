"""All schemas as migrated: row security everywhere an owner is, roles without privileges they do not need."""

from collections.abc import AsyncIterator

import asyncpg
import pytest

from chassis.migrations import SCHEMAS

# Rows about members that no member reads: each with its reason.
WITHOUT_ROW_SECURITY = {
    "gateway.accounts": "reached before anybody is signed in, by the gateway's login alone",
    "gateway.sessions": "reached before anybody is signed in, by the gateway's login alone",
}


@pytest.fixture(scope="module")
async def admin(services_database) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(services_database.admin_dsn)
    yield connection
    await connection.close()


async def test_every_table_with_an_owner_has_row_security_enabled_and_forced(admin):
    rows = await admin.fetch(
        """
        SELECT format('%s.%s', nspname, relname) AS name
        FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace
        WHERE nspname = ANY($1) AND relkind IN ('r', 'p') AND NOT (relrowsecurity AND relforcerowsecurity)
          AND EXISTS (SELECT 1 FROM pg_attribute WHERE attrelid = pg_class.oid AND attname = 'member_id')
        """,
        list(SCHEMAS),
    )

    assert {row["name"] for row in rows} - WITHOUT_ROW_SECURITY.keys() == set()


async def test_row_security_has_a_policy_wherever_it_is_on(admin):
    rows = await admin.fetch(
        """
        SELECT format('%s.%s', nspname, relname) AS name
        FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace
        WHERE nspname = ANY($1) AND relrowsecurity
          AND NOT EXISTS (SELECT 1 FROM pg_policy WHERE polrelid = pg_class.oid)
        """,
        list(SCHEMAS),
    )

    assert [row["name"] for row in rows] == []


async def test_policies_read_identity_once_per_statement(admin):
    """`(select sec.member_id())` is planned as an InitPlan; a bare call would run for every row."""
    rows = await admin.fetch(
        """
        SELECT format('%s.%s', polrelid::regclass, polname) AS name,
               concat_ws(' ', pg_get_expr(polqual, polrelid), pg_get_expr(polwithcheck, polrelid)) AS text
        FROM pg_policy
        """
    )

    bare = [row["name"] for row in rows if row["text"].count("sec.") != row["text"].count("SELECT sec.")]
    assert bare == []


async def test_no_role_of_ours_bypasses_row_security(admin):
    rows = await admin.fetch(
        """
        SELECT rolname FROM pg_roles
        WHERE (rolbypassrls OR rolsuper OR rolcreaterole OR rolcreatedb OR rolreplication)
          AND rolname ~ '_(owner|app|system)$'
        """
    )

    assert rows == []


async def test_logins_own_nothing(admin):
    rows = await admin.fetch(
        """
        SELECT relname FROM pg_class JOIN pg_roles ON pg_roles.oid = relowner
        WHERE rolname ~ '_(app|system)$'
        """
    )

    assert rows == []


@pytest.mark.parametrize("schema", SCHEMAS)
async def test_a_login_sees_its_own_schema_only(admin, schema: str):
    others = [other for other in SCHEMAS if other != schema]
    for kind in ("app", "system"):
        allowed = await admin.fetch(
            "SELECT name FROM unnest($2::text[]) AS name WHERE has_schema_privilege($1, name, 'USAGE')",
            f"{schema}_{kind}",
            others,
        )
        assert [row["name"] for row in allowed] == []


async def test_nobody_makes_things_in_public(admin):
    rows = await admin.fetch(
        """
        SELECT rolname FROM pg_roles
        WHERE rolname ~ '_(owner|app|system)$' AND rolname <> 'pg_database_owner'
          AND has_schema_privilege(rolname, 'public', 'CREATE')
        """
    )

    assert rows == []


async def test_every_schema_has_the_platform_tables(admin):
    wanted = {"outbox", "inbox", "inbox_retry", "idempotency", "relay_position"}
    for schema in SCHEMAS:
        rows = await admin.fetch("SELECT tablename FROM pg_tables WHERE schemaname = $1", schema)
        assert wanted - {row["tablename"] for row in rows} == set(), schema


async def test_floating_point_columns_refuse_nan(admin):
    """NaN sorts above every number in PostgreSQL, so an upper bound in a CHECK refuses it."""
    rows = await admin.fetch(
        """
        SELECT format('%s.%s', attrelid::regclass, attname) AS name FROM pg_attribute
        JOIN pg_class ON pg_class.oid = attrelid JOIN pg_namespace ON pg_namespace.oid = relnamespace
        WHERE nspname = ANY($1) AND relkind = 'r'
          AND atttypid IN ('float8'::regtype, 'float4'::regtype, 'numeric'::regtype)
          AND NOT EXISTS (
            SELECT 1 FROM pg_constraint WHERE conrelid = attrelid AND contype = 'c' AND attnum = ANY(conkey))
        """,
        list(SCHEMAS),
    )

    assert [row["name"] for row in rows] == []
