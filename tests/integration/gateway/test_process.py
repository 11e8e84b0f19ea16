"""The process: what it needs to start, how it ends, and what it hears from other services."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit
from uuid import UUID

import asyncpg
import pytest
from google.protobuf.timestamp_pb2 import Timestamp

from chassis.clock import SystemClock, new_id
from chassis.db import Database
from chassis.identity.principal import Principal
from gateway import worker
from gateway.tokens.revocations import REFRESH_INTERVAL
from tandem.event.v1.event_pb2 import Event, MemberRolesChanged
from tests.support.api import PASSWORD, Caller, assert_problem, login, register
from tests.support.gateway import running_gateway
from tests.support.gateway_fixtures import ADMIN_EMAIL, ADMIN_PASSWORD, Backstage
from tests.support.servers import TestDatabase

CLOCK = SystemClock()
LONGER_THAN_A_READING_S = REFRESH_INTERVAL.total_seconds() + 0.5


@pytest.fixture(scope="session")
async def database(services_database: TestDatabase) -> AsyncIterator[Database]:
    made = await Database.connect(services_database.app_dsn("gateway"), schema="gateway")
    yield made
    await made.close()


def roles_changed(member_id: str, *roles: str, version: int = 2, ago: timedelta = timedelta(0)) -> Event:
    stamp = Timestamp()
    stamp.FromDatetime(CLOCK.now() - ago)
    return Event(
        event_id=str(new_id(CLOCK)),
        event_type="mentor.member_roles_changed",
        member_id=member_id,
        aggregate_version=version,
        member_roles_changed=MemberRolesChanged(roles=roles, not_before=stamp),
    )


async def refused_within_seconds(person: Caller) -> None:
    for _ in range(50):
        if (await person.get("/v1/goals")).status_code == 401:
            return
        await asyncio.sleep(0.1)
    raise AssertionError("the old token is still good after five seconds")


async def hear(database: Database, event: Event) -> None:
    handler = worker.handlers(CLOCK)[event.event_type]
    async with database.transaction(Principal.member(UUID(event.member_id))) as tx:
        await handler(event, tx)


async def test_a_change_of_roles_ends_old_tokens_within_seconds(ann: Caller, database: Database):
    await hear(database, roles_changed(ann.id, "member", "mentor"))

    await refused_within_seconds(ann)
    again = await login(ann.client, ann.email)

    assert (await again.get("/v1/goals")).status_code == 200
    assert_problem(await again.get("/v1/members"), 403, "forbidden")


async def test_an_older_change_that_comes_late_undoes_nothing(ann: Caller, database: Database):
    await hear(database, roles_changed(ann.id, "member", "admin", version=3))
    await hear(database, roles_changed(ann.id, "member"))

    again = await login(ann.client, ann.email)

    assert (await again.get("/v1/members?page_size=1")).status_code == 200


async def test_a_change_heard_late_ends_the_tokens_issued_meanwhile(ann: Caller, database: Database):
    await hear(database, roles_changed(ann.id, "member", "mentor", ago=timedelta(hours=1)))

    await refused_within_seconds(ann)


async def test_a_change_of_roles_needs_no_event(ann: Caller, admin: Caller, database: Database):
    changed = await admin.request("PUT", f"/v1/members/{ann.id}/roles", json={"roles": ["admin"]})
    await refused_within_seconds(ann)
    promoted = await login(ann.client, ann.email)

    # What is told after all, and what changes nothing, end no session again.
    await hear(database, roles_changed(ann.id, "member", "admin", version=2))
    await admin.request("PUT", f"/v1/members/{ann.id}/roles", json={"roles": ["member", "admin"]})
    await asyncio.sleep(LONGER_THAN_A_READING_S)

    assert set(changed.json()["roles"]) == {"member", "admin"}
    assert (await promoted.get("/v1/members?page_size=1")).status_code == 200


async def test_a_refused_change_of_roles_ends_no_token(ann: Caller):
    answer = await ann.request("PUT", f"/v1/members/{ann.id}/roles", json={"roles": ["admin"]})
    await asyncio.sleep(LONGER_THAN_A_READING_S)

    assert_problem(answer, 403, "forbidden")
    assert (await ann.get("/v1/goals")).status_code == 200


async def test_a_closed_account_signs_in_no_more(ann: Caller, services_database: TestDatabase):
    connection = await asyncpg.connect(services_database.admin_dsn)
    await connection.execute("UPDATE gateway.accounts SET closed_at = now() WHERE member_id = $1", UUID(ann.id))
    await connection.close()

    await refused_within_seconds(ann)

    refused = await ann.client.post("/v1/auth/login", json={"email": ann.email, "password": "correct horse battery"})
    assert_problem(refused, 401, "authentication-required")
    renewed = await ann.client.post("/v1/auth/refresh", json={"refresh_token": ann.session["refresh_token"]})
    assert_problem(renewed, 401, "invalid-token")


async def test_only_the_app_login_reaches_accounts(services_database: TestDatabase):
    connection = await asyncpg.connect(services_database.system_dsn("gateway"))
    for query in ("SELECT count(*) FROM gateway.accounts", "SELECT count(*) FROM gateway.sessions"):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.fetchval(query)
    await connection.close()


async def test_a_told_process_answers_what_it_has_begun_and_ends_well(
    backstage: Backstage, services_database: TestDatabase, redis_url: str
):
    folder = backstage.folder / "stopping"
    folder.mkdir()
    async with (
        running_gateway(
            folder,
            services_database,
            redis_url,
            backstage.identities,
            addresses=backstage.addresses,
            variables={"ENABLE_RATE_LIMITING": "false"},
        ) as gateway,
        gateway.client() as client,
    ):
        begun = [asyncio.create_task(register(client)) for _ in range(4)]
        await asyncio.sleep(0.1)
        status = await gateway.stop()
        registered = await asyncio.gather(*begun)

    assert status == 0
    assert len({person.id for person in registered}) == 4
    log = await asyncio.to_thread(gateway.log.read_text)
    assert '"event":"stopped"' in log


async def test_in_production_strangers_learn_next_to_nothing(
    backstage: Backstage, services_database: TestDatabase, redis_url: str, ann: Caller
):
    folder = backstage.folder / "production"
    folder.mkdir()
    async with (
        running_gateway(
            folder,
            services_database,
            redis_url,
            backstage.identities,
            addresses=backstage.addresses,
            variables={"TANDEM_ENVIRONMENT": "production", "ENABLE_RATE_LIMITING": "false"},
        ) as gateway,
        gateway.client() as client,
    ):
        told_nobody = (await client.get("/health")).json()
        told_ann = (await (await login(client, ann.email, PASSWORD)).get("/health")).json()
        told_admin = (await (await login(client, ADMIN_EMAIL, ADMIN_PASSWORD)).get("/health")).json()
        described = [await client.get(path) for path in ("/openapi.json", "/docs", "/docs/start.js")]
        probed = [(await client.get(path)).status_code for path in ("/livez", "/readyz")]

    assert told_nobody.keys() == told_ann.keys() == {"status", "timestamp", "version"}
    assert told_admin["environment"] == "production"
    assert {"database", "redis", "goals"} <= told_admin["services"].keys()
    for answer in described:
        assert_problem(answer, 404, "not-found")
    assert probed == [200, 200]


async def test_what_is_wrong_with_the_configuration_is_said_all_at_once(short_folder: Path):
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "gateway",
        "serve",
        env={"PATH": os.environ["PATH"], "REDIS_URL": "http://x:hunter2@y", "TANDEM_GATEWAY_PORT": "0"},
        stderr=asyncio.subprocess.PIPE,
    )
    _, said = await process.communicate()

    assert process.returncode == 2
    for name in (b"REDIS_URL", b"TANDEM_GATEWAY_PORT", b"GATEWAY_DATABASE_URL", b"GOALS_ADDRESS"):
        assert name in said
    assert b"hunter2" not in said
    assert b"Traceback" not in said


async def test_an_idle_connection_is_kept(base_url: str):
    address = urlsplit(base_url)
    reader, writer = await asyncio.open_connection(address.hostname, address.port)
    try:
        for idle_s in (0, 7):
            await asyncio.sleep(idle_s)
            writer.write(b"GET /livez HTTP/1.1\r\nhost: gateway\r\n\r\n")
            head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), timeout=5)
            assert head.startswith(b"HTTP/1.1 200 ")
            assert await reader.readexactly(len(b"ok\n")) == b"ok\n"
    finally:
        writer.close()
