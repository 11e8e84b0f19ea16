"""What the gateway looks after by itself: old rows and sessions, dead events, profiles to be handed over."""

import json
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import asyncpg
import pytest

from chassis.clock import FixedClock
from chassis.db import Database
from gateway.accounts.people import Refused
from gateway.accounts.usecases import NewAccount
from gateway.app.parts import Parts
from gateway.repository import PURGE_SESSIONS
from gateway.upkeep import Upkeep
from tests.support.api import new_email
from tests.support.gateway_fixtures import Backstage, built_gateway
from tests.support.servers import TestDatabase


@pytest.fixture
async def parts(backstage: Backstage, services_database: TestDatabase, redis_url: str) -> AsyncIterator[Parts]:
    async with built_gateway(backstage, services_database, redis_url, "upkeep") as parts:
        yield parts


@pytest.fixture
async def admin_login(services_database: TestDatabase) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(services_database.admin_dsn)
    yield connection
    await connection.close()


async def test_old_rows_go_and_dead_events_are_counted(services_database: TestDatabase, parts: Parts) -> None:
    event_id, old, new = uuid4(), uuid4(), uuid4()
    admin = await asyncpg.connect(services_database.admin_dsn)
    system = await Database.connect(services_database.system_dsn("gateway"), schema="gateway", pool_size=1)
    try:
        for member_id, age in ((old, "25 hours"), (new, "1 hour")):
            await admin.execute(
                "INSERT INTO gateway.idempotency (member_id, operation, key, fingerprint, resource_id, created_at)"
                " VALUES ($1, 'o', 'k', '', $1, now() - $2::text::interval)",
                member_id,
                age,
            )
        await admin.execute(
            "INSERT INTO gateway.inbox_retry"
            " (event_id, consumer, event_type, payload, attempts, next_at, dead_at, last_failure)"
            " VALUES ($1, 'gateway', 'mentor.member_roles_changed', '', 5, now(), now(), 'ValueError')",
            event_id,
        )

        all_dead = await admin.fetchval("SELECT count(*) FROM gateway.inbox_retry WHERE dead_at IS NOT NULL")
        dead = await Upkeep(system, parts.accounts).tidy()

        kept = await admin.fetch("SELECT member_id FROM gateway.idempotency WHERE member_id = ANY($1)", [old, new])
    finally:
        await admin.execute("DELETE FROM gateway.inbox_retry WHERE event_id = $1", event_id)
        await admin.execute("DELETE FROM gateway.idempotency WHERE member_id = ANY($1)", [old, new])
        await admin.close()
        await system.close()

    assert dead == all_dead >= 1
    assert [row["member_id"] for row in kept] == [new]


PROFILE: Mapping[str, object] = {"name": "Ann", "timezone": "UTC", "locale": "en", "birth_year": 0}


async def add_account(
    admin_login: asyncpg.Connection, *, age: timedelta, profile: Mapping[str, object] | None = PROFILE
) -> UUID:
    member_id, made_at = uuid4(), datetime.now(UTC) - age
    await admin_login.execute(
        "INSERT INTO gateway.accounts"
        " (member_id, email, password_hash, roles, pending_profile, create_time, update_time)"
        " VALUES ($1, $2, '', '{member}', $3::jsonb, $4, $4)",
        member_id,
        f"{member_id}@example.com",
        json.dumps(dict(profile)) if profile else None,
        made_at,
    )
    return member_id


async def test_a_refused_profile_holds_up_no_other(
    admin_login: asyncpg.Connection, parts: Parts, backstage: Backstage
) -> None:
    refused = [await add_account(admin_login, age=timedelta(hours=1)) for _ in range(25)]
    backstage.mentor.refused |= {str(member_id) for member_id in refused}
    welcome = await add_account(admin_login, age=timedelta(minutes=1))

    for _ in range(2):
        await parts.people.hand_over_pending()
    # A gateway that runs beside this one may have been first.
    pending = await admin_login.fetch("SELECT member_id FROM gateway.accounts WHERE pending_profile IS NOT NULL")
    await admin_login.execute("DELETE FROM gateway.accounts WHERE member_id = ANY($1)", refused)

    assert {row["member_id"] for row in pending} >= set(refused)
    assert welcome not in {row["member_id"] for row in pending}
    assert str(welcome) in backstage.mentor.members


async def test_a_profile_that_nobody_judged_is_handed_over_without_what_is_refused(
    admin_login: asyncpg.Connection, backstage: Backstage, parts: Parts
) -> None:
    """Of an account made while the mentor service was away, or before it grew a rule."""
    profile = {"name": "...", "timezone": "Asia/Tokyo", "locale": "en-abc", "birth_year": 2062}
    member_id = await add_account(admin_login, age=timedelta(hours=1), profile=profile)

    await parts.people.hand_over_pending()

    kept = backstage.mentor.members[str(member_id)]
    assert (kept.name, kept.timezone, kept.locale, kept.birth_year) == ("Member", "Asia/Tokyo", "", 0)
    pending = await admin_login.fetchval("SELECT pending_profile FROM gateway.accounts WHERE member_id = $1", member_id)
    assert pending is None


async def test_the_mentor_service_away_keeps_nobody_from_registering(
    backstage: Backstage, services_database: TestDatabase, redis_url: str
) -> None:
    stage = replace(backstage, addresses={**backstage.addresses, "mentor": f"unix:{backstage.folder}/gone.sock"})
    new = NewAccount(new_email(), "", {**PROFILE, "name": "..."}, frozenset({"member"}))

    async with built_gateway(stage, services_database, redis_url, "alone") as parts:
        await parts.people.judge(new)


def test_who_is_refused_waits_twice_as_long_every_time() -> None:
    clock, member_id = FixedClock(datetime(2026, 1, 1, tzinfo=UTC)), uuid4()
    refused, waits_s = Refused(clock), []

    for _ in range(10):
        refused.add(member_id)
        waits_s.append(0)
        while refused.waiting():
            clock.advance(timedelta(seconds=1))
            waits_s[-1] += 1
    refused.forget(member_id)
    refused.add(member_id)
    clock.advance(timedelta(seconds=15))

    assert waits_s == [15, 30, 60, 120, 240, 480, 900, 900, 900, 900]
    assert refused.waiting() == []


async def test_old_sessions_go_in_batches_and_present_ones_stay(
    admin_login: asyncpg.Connection, parts: Parts, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.accounts.usecases._PURGE_COUNT", 2)
    member_id = await add_account(admin_login, age=timedelta(days=400), profile=None)
    present = set()
    for age, ended in ((365, None), (364, 300), (200, 100), (120, 110), (119, None), (2, 1), (1, None), (0, 0)):
        made_at = datetime.now(UTC) - timedelta(days=age)
        ended_at = None if ended is None else datetime.now(UTC) - timedelta(days=ended)
        family_id = uuid4()
        await admin_login.execute(
            "INSERT INTO gateway.sessions (family_id, member_id, rotated_at, create_time, ended_at, ended_because)"
            " VALUES ($1, $2, $3, $3, $4, CASE WHEN $4::timestamptz IS NULL THEN NULL ELSE 'logout' END)",
            family_id,
            member_id,
            made_at,
            ended_at,
        )
        if ended == 0 or (ended is None and age < 30):
            present.add(family_id)

    await parts.accounts.purge()

    kept = await admin_login.fetch("SELECT family_id FROM gateway.sessions WHERE member_id = $1", member_id)
    assert {row["family_id"] for row in kept} == present


async def test_old_sessions_are_found_without_reading_all(admin_login: asyncpg.Connection) -> None:
    now = datetime.now(UTC)
    async with admin_login.transaction():
        # Few rows would be read as a whole, whatever indexes there are.
        await admin_login.execute("SET LOCAL enable_seqscan = off")
        plan = await admin_login.fetch(
            f"EXPLAIN {PURGE_SESSIONS.text}", *PURGE_SESSIONS.arguments(before=now, ended_before=now, count=10)
        )

    text = "\n".join(row[0] for row in plan)
    assert "Seq Scan" not in text
