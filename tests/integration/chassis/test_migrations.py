"""Roles and migrations: repeatable, concurrent, without a superuser, on both ends of PostgreSQL's versions."""

import asyncio
import shutil
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from chassis import migrations
from chassis.migrations import SCHEMAS, bootstrap, migrate
from chassis.migrations.bootstrap import ROLES_SQL, BootstrapSecrets, scram_verifier
from tests.support import sample
from tests.support.servers import PASSWORD, Addresses, Servers, TestDatabase, drop, test_secrets

SAMPLE = ["tests.support.sample.goals"]


@pytest.fixture(params=[18, 16])
async def empty(request: pytest.FixtureRequest, worker_number: int) -> AsyncIterator[TestDatabase]:
    """The name of a database that is not there yet."""
    servers: Addresses = request.getfixturevalue("addresses" if request.param == 18 else "postgres16")
    database = TestDatabase(servers, f"empty_{worker_number}")
    yield database
    await drop(database)


@contextmanager
def fresh_cluster(major: int) -> Iterator[Addresses]:
    """Roles belong to a cluster, so whoever makes them for the first time needs one of their own."""
    servers = Servers(major=major, with_redis=False)
    try:
        yield servers.start()
    finally:
        servers.stop()


_REVISION = """
from alembic import op
revision, down_revision = "20260102_second", "20260101_first"
def upgrade():
    op.execute("CREATE TABLE goals.added (x int)")
    op.execute("{statement}")
"""
_BACKFILL = """
from alembic import op
from chassis.migrations import backfill
revision, down_revision = "20260102_second", "20260101_first"
def upgrade():
    backfill(op, "goals", "UPDATE goals.notes SET version = 5", expected="{expected}")
"""


def copy_of_sample(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Makes the sample importable as `copied.goals` and returns the file for its second revision."""
    original = Path(sample.__file__).parent
    shutil.copytree(original, folder / "copied", ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.syspath_prepend(str(folder))
    for name in [name for name in sys.modules if name.split(".")[0] == "copied"]:
        monkeypatch.delitem(sys.modules, name)
    return folder / "copied" / "goals" / "migrations" / "versions" / "20260102_second.py"


async def snapshot(database: TestDatabase) -> list[Any]:
    """Tables, policies, privileges and functions, as they are."""
    admin = await asyncpg.connect(database.admin_dsn)
    found = await admin.fetch(
        """SELECT 'table', c.oid::regclass::text, c.relacl::text FROM pg_class AS c
             WHERE c.relnamespace IN ('goals'::regnamespace, 'sec'::regnamespace)
        UNION ALL SELECT 'policy', polname, polrelid::regclass::text FROM pg_policy
        UNION ALL SELECT 'schema', nspname, nspacl::text FROM pg_namespace WHERE nspname !~ '^pg_'
        UNION ALL SELECT 'function', p.oid::regprocedure::text, p.proacl::text FROM pg_proc AS p
             WHERE p.pronamespace = 'sec'::regnamespace
        UNION ALL SELECT 'default', defaclnamespace::text, defaclacl::text FROM pg_default_acl
        UNION ALL SELECT 'key', login_role, kid FROM sec.claim_keys ORDER BY 1, 2, 3"""
    )
    await admin.close()
    return [tuple(row) for row in found]


async def test_everything_twice_changes_nothing(empty: TestDatabase) -> None:
    await bootstrap(empty.admin_dsn, test_secrets())
    assert await migrate(empty.admin_dsn, SAMPLE) == ["goals"]
    before = await snapshot(empty)

    await bootstrap(empty.admin_dsn, test_secrets())
    assert await migrate(empty.admin_dsn, SAMPLE) == []

    assert await snapshot(empty) == before


async def test_concurrent_set_up_happens_once(empty: TestDatabase) -> None:
    await asyncio.gather(*(bootstrap(empty.admin_dsn, test_secrets()) for _ in range(4)))

    done = await asyncio.gather(*(migrate(empty.admin_dsn, SAMPLE) for _ in range(4)))

    assert sorted(done, key=len) == [[], [], [], ["goals"]]


async def test_databases_of_a_cluster_are_set_up_at_once(empty: TestDatabase) -> None:
    beside = [TestDatabase(empty.addresses, f"{empty.name}_{number}") for number in range(4)]
    try:
        # Roles are rows that all of them change.
        for _ in range(3):
            await asyncio.gather(*(bootstrap(each.admin_dsn, test_secrets()) for each in beside))
        ready = [await migrate(each.admin_dsn, SAMPLE) for each in beside]
    finally:
        for each in beside:
            await drop(each)

    assert ready == [["goals"]] * len(beside)


async def test_a_first_set_up_leaves_no_failure_in_the_server_s_log() -> None:
    servers = Servers(with_redis=False)
    try:
        await bootstrap(servers.start().dsn("not_there_yet"), test_secrets())

        assert "does not exist" not in servers.postgres_log.read_text()
        assert "ERROR" not in servers.postgres_log.read_text()
    finally:
        servers.stop()


@pytest.mark.parametrize("major", [18, 16])
async def test_an_administrator_without_superuser_rights_is_enough(major: int) -> None:
    """As on managed servers: roles of the deployment are made by a role that may only create roles and schemas."""
    with fresh_cluster(major) as servers:
        superuser = await asyncpg.connect(servers.dsn("postgres"))
        await superuser.execute(f"CREATE ROLE manager LOGIN CREATEROLE CREATEDB PASSWORD '{PASSWORD}'")
        await superuser.close()
        managed = TestDatabase(servers, "managed")
        dsn = servers.dsn("managed", "manager")

        for _ in range(2):
            await bootstrap(dsn, test_secrets())
            await migrate(dsn, SAMPLE)

        app = await asyncpg.connect(managed.app_dsn("goals"))
        assert await app.fetchval("SELECT count(*) FROM goals.notes") == 0
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await app.execute("SELECT * FROM sec.claim_keys")
        await app.close()


async def test_a_failing_revision_leaves_whole_revisions_and_can_be_run_again(
    empty: TestDatabase, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    second = copy_of_sample(tmp_path, monkeypatch)
    second.write_text(_REVISION.format(statement="SELECT 1 / 0"))
    await bootstrap(empty.admin_dsn, test_secrets())

    with pytest.raises(Exception, match="division by zero"):
        await migrate(empty.admin_dsn, ["copied.goals"])
    admin = await asyncpg.connect(empty.admin_dsn)
    halfway = await migrations.current_revisions(admin, ["goals"])
    added = await admin.fetchval("SELECT to_regclass('goals.added')")
    second.write_text(_REVISION.format(statement="SELECT 1"))
    again = await migrate(empty.admin_dsn, ["copied.goals"])
    finished = await migrations.current_revisions(admin, ["goals"])
    await admin.close()

    assert (halfway["goals"], added) == (frozenset({"20260101_first"}), None)
    assert again == ["goals"]
    assert finished["goals"] == migrations.heads("copied.goals") == frozenset({"20260102_second"})


async def test_a_backfill_changes_rows_that_the_owner_cannot_see_and_counts_them(
    empty: TestDatabase, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    second = copy_of_sample(tmp_path, monkeypatch)
    await bootstrap(empty.admin_dsn, test_secrets())
    await migrate(empty.admin_dsn, SAMPLE)
    admin = await asyncpg.connect(empty.admin_dsn)
    await admin.execute(
        "INSERT INTO goals.notes (note_id, member_id, body)"
        " SELECT gen_random_uuid(), gen_random_uuid(), n::text FROM generate_series(1, 7) AS n"
    )

    second.write_text(_BACKFILL.format(expected="SELECT 8"))
    with pytest.raises(RuntimeError, match="7 rows instead of 8"):
        await migrate(empty.admin_dsn, ["copied.goals"])
    untouched = await admin.fetchval("SELECT count(*) FROM goals.notes WHERE version = 5")
    second.write_text(_BACKFILL.format(expected="SELECT count(*) FROM goals.notes"))
    await migrate(empty.admin_dsn, ["copied.goals"])
    changed = await admin.fetchval("SELECT count(*) FROM goals.notes WHERE version = 5")
    await admin.close()

    assert (untouched, changed) == (0, 7)


async def test_rotated_claims_keys_overlap_and_then_end(empty: TestDatabase) -> None:
    old, new = b"o" * 32, b"n" * 32
    counts = []
    await bootstrap(empty.admin_dsn, test_secrets())
    for keys in ([old], [new, old], [new]):
        await bootstrap(empty.admin_dsn, BootstrapSecrets(passwords={}, claims_keys={"goals_app": keys}))
        admin = await asyncpg.connect(empty.admin_dsn)
        counts.append(await admin.fetchval("SELECT count(*) FROM sec.claim_keys WHERE login_role = 'goals_app'"))
        await admin.close()

    assert counts == [1, 2, 1]


async def test_only_known_logins_get_secrets(empty: TestDatabase) -> None:
    with pytest.raises(ValueError, match="not login roles"):
        await bootstrap(empty.admin_dsn, BootstrapSecrets(passwords={"postgres": "x"}, claims_keys={}))


def test_passwords_are_stored_as_verifiers() -> None:
    verifier = scram_verifier("secret")

    assert verifier.startswith("SCRAM-SHA-256$4096:")
    assert "secret" not in verifier
    for bad in ("", "pässword"):
        with pytest.raises(ValueError, match="ASCII"):
            scram_verifier(bad)


def test_secrets_do_not_show_when_printed() -> None:
    assert PASSWORD not in repr(test_secrets())


def test_roles_script_names_every_schema() -> None:
    script = ROLES_SQL.read_text(encoding="utf-8")
    assert all(f"'{schema}'" in script for schema in SCHEMAS)
