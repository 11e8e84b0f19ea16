"""The main job, end to end: register, a goal in plain words, past days, progress, the coach, the dashboard.

Figures are worked out by hand from four full weeks before the current one and hold on every day of the week.
"""

import asyncio
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import httpx
import pytest

from tests.support.system import ADMIN_EMAIL, ADMIN_PASSWORD, System, patient_client, stored_files_with

pytestmark = [pytest.mark.xdist_group("system"), pytest.mark.timeout(300)]


async def _register(client: httpx.AsyncClient, email: str, **profile: object) -> httpx.AsyncClient:
    answer = await client.post(
        "/v1/auth/register",
        json={"email": email, "password": "a good long password", "name": "Ada", "timezone": "Europe/Berlin"} | profile,
    )
    assert answer.status_code == 201, answer.text
    return patient_client(str(client.base_url), answer.json()["access_token"])


# Three runs keep a week: two weeks are kept, the third is lost by one run, the fourth is kept again.
RUNS_BY_WEEK = ((0, 2, 4), (0, 3, 5, 6), (1, 5), (2, 4, 6))


async def _goal_with_four_weeks(member: httpx.AsyncClient, monday: date) -> str:
    """A goal that began four full weeks before this week's `monday`, with runs on the days above; its id."""
    created = await member.post("/v1/goals", json={"title": "Run 3x per week", "pattern": "recurring"})
    assert created.status_code == 201, created.text
    goal = created.json()
    assert (goal["schedule"]["period"], goal["schedule"]["times"]) == ("week", 3)
    path = f"/v1/goals/{goal['id']}"
    first = monday - timedelta(weeks=4)
    moved = await member.patch(path, json={"start_date": first.isoformat()})
    assert moved.status_code == 200, moved.text
    assert moved.json()["start_date"] == first.isoformat()
    for week, days in enumerate(RUNS_BY_WEEK):
        for day in days:
            run = {"local_date": (first + timedelta(weeks=week, days=day)).isoformat(), "note": "by the river"}
            words = {"type": "check_in", "completed": True, "mood": 4, **run}
            logged = await member.post(f"{path}/activities", json=words)
            assert logged.status_code == 201, logged.text
            assert logged.json()["activity"]["local_date"] == run["local_date"]
    goal_id: str = goal["id"]
    return goal_id


async def test_a_members_first_goal_goes_through(client):
    async with await _register(client, "journey@tests.example") as member:
        today = date.fromisoformat((await member.get("/v1/dashboard")).json()["today"])
        assert abs(today - datetime.now(ZoneInfo("Europe/Berlin")).date()) <= timedelta(days=1)
        weekday, first = today.weekday(), today - timedelta(days=today.weekday(), weeks=4)
        goal_id = await _goal_with_four_weeks(member, today - timedelta(days=weekday))

        progress = (await member.get(f"/v1/goals/{goal_id}/progress?period=all")).json()
        assert progress["period"] == {"name": "all", "start": first.isoformat(), "end": today.isoformat()}
        assert (progress["due"], progress["done"], progress["missed"], progress["skipped"]) == (4, 3, 1, 0)
        assert progress["percent"] == 75
        # The first of the four weeks ended at most 28 days ago, so all of them lie in the last 30.
        assert progress["adherence"] == 75
        assert (progress["streak"]["current"], progress["streak"]["longest"]) == (1, 2)
        assert progress["state"] == "on_track"
        # Three runs are still to be made, a day each: the last start that suffices is Friday.
        assert progress["pace"]["safe_days"] == max(0, 4 - weekday)
        assert 0 < progress["strength"] < 1
        assert progress["series"][0] == {"date": first.isoformat(), "value": 1}
        assert len(progress["series"]) == 28 + weekday + 1
        assert sum(point["value"] for point in progress["series"]) == 12

        this_week = (await member.get(f"/v1/goals/{goal_id}/progress?period=week")).json()
        assert this_week["period"]["start"] == (first + timedelta(weeks=4)).isoformat()
        assert this_week["period"]["end"] == (first + timedelta(weeks=4, days=6)).isoformat()
        assert (this_week["percent"], this_week["due"], this_week["done"], this_week["missed"]) == (None, 0, 0, 0)

        dashboard = (await member.get("/v1/dashboard")).json()
        assert [shown["goal"]["id"] for shown in dashboard["goals"]] == [goal_id]
        assert dashboard["goals"][0]["progress"]["streak"]["current"] == 1
        # Of the four weeks only the last ended within seven days, and it was kept.
        assert (dashboard["completion_rate_7d"], dashboard["completion_rate_30d"]) == (100, 75)
        assert dashboard["due_today"] == [{"goal_id": goal_id, "title": "Run 3x per week"}]
        assert dashboard["recent_activities"][0]["local_date"] == (first + timedelta(weeks=3, days=6)).isoformat()

        await _check_in_today(member, goal_id, weekday)
        await _ask_the_coach(member)


async def _check_in_today(member: httpx.AsyncClient, goal_id: str, weekday: int) -> None:
    """One run today is done for today and leaves two for the rest of the week; no closed week changes."""
    logged = await member.post(f"/v1/goals/{goal_id}/checkins", json={"completed": True})
    assert logged.status_code == 201, logged.text

    progress = (await member.get(f"/v1/goals/{goal_id}/progress?period=all")).json()
    assert (progress["due"], progress["done"], progress["missed"], progress["percent"]) == (4, 3, 1, 75)
    assert (progress["streak"]["current"], progress["streak"]["longest"]) == (1, 2)
    assert progress["pace"]["safe_days"] == max(0, 5 - weekday)
    summary = (await member.get(f"/v1/goals/{goal_id}")).json()["progress_summary"]
    assert summary == {
        "percent": 75, "state": "on_track", "current_streak": 1, "due_today": False, "done_today": True
    }  # fmt: skip
    dashboard = (await member.get("/v1/dashboard")).json()
    assert dashboard["due_today"] == []
    assert (dashboard["completion_rate_7d"], dashboard["completion_rate_30d"]) == (100, 75)


async def _ask_the_coach(member: httpx.AsyncClient) -> None:
    said = await member.post("/v1/chat", json={"message": "How is my running going?"})
    assert said.status_code == 200, said.text
    reply = said.json()
    assert (reply["provider"], reply["degraded"], reply["safety"]["tier"]) == ("offline", False, "none")
    assert reply["user_message"] == "How is my running going?"

    history = (await member.get("/v1/chat/history")).json()
    assert {(item["author"], item["text"]) for item in history["items"]} == {
        ("member", "How is my running going?"), ("coach", reply["ai_reply"])
    }  # fmt: skip


async def test_chat_is_never_stored_in_clear(client, system: System):
    canary = "canary7f3quill"
    member = await _register(client, "canary@tests.example")
    async with member:
        said = await member.post("/v1/chat", json={"message": f"My secret is {canary}"})
        assert said.status_code == 200
        history = (await member.get("/v1/chat/history")).json()
        assert any(canary in str(item) for item in history["items"])

    await asyncio.sleep(1.5)
    assert stored_files_with(system.home, "canary@tests.example") != []
    assert stored_files_with(system.home, canary) == []


async def test_the_first_admin_was_made(client):
    answer = await client.post("/v1/auth/login", json={"email": ADMIN_EMAIL, "password": ADMIN_PASSWORD})

    assert answer.status_code == 200
    assert "admin" in answer.json()["member"]["roles"]
