"""What reading a goal costs: the plan of the hottest statement."""

from datetime import date, timedelta

import asyncpg

from chassis.clock import SystemClock
from chassis.db.claims import ClaimSigner
from chassis.identity.principal import Principal
from services.goals.repository import goals as goal_rows
from tests.support.goals import Connection, GoalsMembers, on
from tests.support.servers import TestDatabase


async def test_a_load_reads_entries_from_their_index_and_checks_no_claims_for_vacations(
    members: GoalsMembers, behind: Connection, services_database: TestDatabase
) -> None:
    """Docs: ADR-0036."""
    member = members.member()
    goal = await member.create(start_date=on("2026-01-01"))
    for n in range(20):
        await member.log(goal.goal_id, (date(2026, 2, 1) + timedelta(days=n)).isoformat())
    await behind.execute("VACUUM ANALYZE goals.activities")
    await behind.execute("VACUUM ANALYZE goals.vacations")
    signer = ClaimSigner(services_database.claims_key("goals"), wall=SystemClock())

    login = await asyncpg.connect(services_database.app_dsn("goals"))
    try:
        async with login.transaction():
            await login.execute("SET LOCAL enable_seqscan = off")
            await login.execute(signer.settings(Principal.member(member.member_id)))
            text = goal_rows._LOAD.text.replace("$1", f"'{goal.goal_id}'")
            plan = [row[0] for row in await login.fetch(f"EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF) {text}")]
    finally:
        await login.close()

    [entries] = [line for line in plan if "activities_goal_idx" in line]
    assert "Index Only Scan" in entries
    assert not any("Sort" in line for line in plan)
    at = next(number for number, line in enumerate(plan) if "vacations_holder_idx" in line)
    [check] = [line for line in plan[max(0, at - 2) : at] if "Result" in line]
    assert "never executed" in check
