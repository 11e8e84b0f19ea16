"""Kill -9 of any one process during writes: nothing acknowledged is lost, nothing is doubled, no answer is a 500."""

import asyncio
import os
import signal
import time
from collections import Counter
from dataclasses import dataclass, field
from uuid import uuid4

import httpx
import pytest

from tests.support.system import System

pytestmark = pytest.mark.xdist_group("faults")
WRITERS = 6
BEFORE_S = 1.0
AFTER_S = 5.0
RECOVERY_S = 30.0
PROCESSES = ("postgres", "valkey", "goals", "gateway", "coach", "mentor", "analytics", "notify", "worker", "beat")


@dataclass
class Recorder:
    """What one writer was told."""

    client: httpx.AsyncClient
    goal_id: str
    acknowledged: dict[str, str] = field(default_factory=dict)
    statuses: Counter[int] = field(default_factory=Counter)
    connection_failures: int = 0

    async def write_until(self, end: float) -> None:
        """Logs one check-in after the other, each with a key of its own, repeated until it is acknowledged."""
        while time.monotonic() < end:
            await self._write(f"key-{uuid4()}", give_up_at=end + RECOVERY_S)

    async def _write(self, key: str, *, give_up_at: float) -> None:
        while time.monotonic() < give_up_at:
            try:
                answer = await self.client.post(
                    f"/v1/goals/{self.goal_id}/checkins",
                    json={"completed": True, "note": key},
                    headers={"idempotency-key": key},
                )
            except httpx.HTTPError:
                self.connection_failures += 1
                await asyncio.sleep(0.1)
                continue
            self.statuses[answer.status_code] += 1
            if answer.status_code == 201:
                self.acknowledged[key] = answer.json()["activity"]["id"]
                return
            await asyncio.sleep(0.1)
        raise AssertionError(f"never acknowledged; statuses {dict(self.statuses)}")

    async def stored(self) -> dict[str, list[str]]:
        """The ids that the API lists, by key."""
        found: dict[str, list[str]] = {}
        token: str | None = None
        while True:
            page = await self.client.get(
                f"/v1/goals/{self.goal_id}/activities",
                params={"page_size": 200} | ({"page_token": token} if token else {}),
            )
            assert page.status_code == 200, page.text
            for item in page.json()["items"]:
                found.setdefault(item["note"], []).append(item["id"])
            token = page.json()["next_page_token"]
            if not token:
                return found


async def _writer(system: System) -> Recorder:
    client = httpx.AsyncClient(base_url=system.base_url, trust_env=False, timeout=10)
    registered = await client.post(
        "/v1/auth/register",
        json={"email": f"{uuid4()}@tests.example", "password": "a good long password", "name": "Writer"},
    )
    assert registered.status_code == 201, registered.text
    client.headers["authorization"] = f"Bearer {registered.json()['access_token']}"
    goal = await client.post("/v1/goals", json={"title": "Write daily", "pattern": "recurring", "with_plan": False})
    assert goal.status_code == 201, goal.text
    return Recorder(client, goal.json()["id"])


async def _healed(system: System, process: str, killed: int) -> None:
    """Waits until the supervisor has replaced the process and the whole system says that it is healthy."""
    async with asyncio.timeout(RECOVERY_S), httpx.AsyncClient(base_url=system.base_url, trust_env=False) as client:
        while True:
            try:
                healthy = (await client.get("/health")).json()["status"] == "healthy"
            except (httpx.HTTPError, ValueError, KeyError):
                healthy = False
            if healthy and system.pid(process) not in (killed, 0):
                return
            await asyncio.sleep(0.2)


@pytest.mark.timeout(240)
@pytest.mark.parametrize("process", PROCESSES)
async def test_no_acknowledged_write_is_lost_or_doubled(system: System, process: str):
    # One after the other: hashing passwords sheds what comes too thick.
    writers = [await _writer(system) for _ in range(WRITERS)]
    victim = system.pid(process)
    end = time.monotonic() + BEFORE_S + AFTER_S

    async def kill() -> None:
        await asyncio.sleep(BEFORE_S)
        os.kill(victim, signal.SIGKILL)

    await asyncio.gather(kill(), *(writer.write_until(end) for writer in writers))
    await _healed(system, process, victim)

    acknowledged = 0
    for writer in writers:
        stored = await writer.stored()
        assert {key: [activity] for key, activity in writer.acknowledged.items()} == stored
        assert writer.statuses.keys() <= {201, 409, 503, 504}, writer.statuses
        acknowledged += len(stored)
        await writer.client.aclose()
    assert acknowledged > WRITERS
