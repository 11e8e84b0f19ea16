"""The main job, end to end: register, a goal in plain words, past days, progress, the coach, the dashboard."""

import asyncio
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from tests.support.system import ADMIN_EMAIL, ADMIN_PASSWORD, System, patient_client

pytestmark = pytest.mark.xdist_group("system")


async def _register(client: httpx.AsyncClient, email: str, **profile: object) -> httpx.AsyncClient:
    answer = await client.post(
        "/v1/auth/register",
        json={"email": email, "password": "a good long password", "name": "Ada", "timezone": "Europe/Berlin"} | profile,
    )
    assert answer.status_code == 201, answer.text
    return patient_client(str(client.base_url), answer.json()["access_token"])


async def test_a_members_first_goal_goes_through(client):
    member = await _register(client, "journey@tests.example")
    async with member:
        created = await member.post("/v1/goals", json={"title": "Run 3x per week", "pattern": "recurring"})
        assert created.status_code == 201, created.text
        goal = created.json()
        assert goal["schedule"]["period"] == "week"
        assert goal["schedule"]["times"] == 3
        today = datetime.now(UTC).date()
        started = (today - timedelta(days=28)).isoformat()
        moved = await member.patch(f"/v1/goals/{goal['id']}", json={"start_date": started})
        assert moved.status_code == 200, moved.text
        for week in range(1, 4):
            for day in (0, 1, 2):
                logged = await member.post(
                    f"/v1/goals/{goal['id']}/activities",
                    json={
                        "type": "check_in",
                        "completed": True,
                        "local_date": (today - timedelta(days=7 * week + day)).isoformat(),
                        "note": "along the river",
                        "mood": 4,
                    },
                )
                assert logged.status_code == 201, logged.text
                assert logged.json()["progress"]["goal_id"] == goal["id"]

        progress = (await member.get(f"/v1/goals/{goal['id']}/progress?period=all")).json()
        assert progress["pattern"] == "recurring"
        assert progress["done"] >= 2
        assert progress["streak"]["longest"] >= 2
        assert progress["adherence"] is not None
        assert 0 < progress["strength"] <= 1

        said = await member.post("/v1/chat", json={"message": "How is my running going?"})
        assert said.status_code == 200, said.text
        reply = said.json()
        assert reply["provider"] == "offline"
        assert reply["degraded"] is False
        assert reply["safety"]["tier"] == "none"
        assert reply["ai_reply"]

        history = (await member.get("/v1/chat/history")).json()
        assert len(history["items"]) == 2

        shown = await member.get("/v1/dashboard")
        assert shown.status_code == 200, shown.text
        dashboard = shown.json()
        assert dashboard["goals"][0]["goal"]["id"] == goal["id"]


async def test_chat_is_never_stored_in_clear(client, system: System):
    canary = "canary7f3quill"
    member = await _register(client, "canary@tests.example")
    async with member:
        said = await member.post("/v1/chat", json={"message": f"My secret is {canary}"})
        assert said.status_code == 200
        history = (await member.get("/v1/chat/history")).json()
        assert any(canary in str(item) for item in history["items"])

    await asyncio.sleep(1.5)
    found = [str(file) for file in system.home.rglob("*") if file.is_file() and canary.encode() in file.read_bytes()]
    assert found == []


async def test_the_first_admin_was_made(client):
    answer = await client.post("/v1/auth/login", json={"email": ADMIN_EMAIL, "password": ADMIN_PASSWORD})

    assert answer.status_code == 200
    assert "admin" in answer.json()["member"]["roles"]


async def test_the_demo_passes(system: System):
    shown = await asyncio.to_thread(system.command, module="deploy.local.demo")

    assert shown.returncode == 0, shown.stdout + shown.stderr
    assert "Run 3x per week" in shown.stdout
