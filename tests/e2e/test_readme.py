"""The README's tour, walked: a goal of each pattern, an activity on it, and what is said of both."""

import json
import re
import secrets
from pathlib import Path

import httpx
import pytest

from tests.support.system import patient_client

pytestmark = [pytest.mark.xdist_group("system"), pytest.mark.timeout(300)]

_README = Path(__file__).resolve().parents[2] / "README.md"
_ROW = re.compile(r"^\| (\w+): [^|]*\| `(\{.*?\})` \| `(\{.*?\})` \|", re.MULTILINE)
_SCHEDULE = re.compile(r"`(\{\"(?:period|weekdays|rrule)\".*?\})`")


def test_the_tour_has_all_patterns():
    assert [row[0] for row in _rows()] == ["recurring", "milestone", "target", "streak", "limit"]


async def test_the_tour_can_be_walked(client: httpx.AsyncClient):
    async with await _newcomer(client) as member:
        for pattern, goal, activity in _rows():
            created = await member.post("/v1/goals", json=json.loads(goal))
            path = f"/v1/goals/{created.json()['id']}"
            logged = await member.post(f"{path}/activities", json=json.loads(activity))
            progress = await member.get(f"{path}/progress", params={"period": "all"})
            explained = await member.get(f"{path}/explain", params={"metric": "pace"})
            today = logged.json()["activity"]["local_date"]
            days = await member.get(f"{path}/calendar", params={"from": today, "to": today})

            statuses = [answer.status_code for answer in (created, logged, progress, explained, days)]
            assert statuses == [201, 201, 200, 200, 200], pattern
            assert created.json()["pattern"] == progress.json()["pattern"] == pattern
            assert created.json()["plan"] is not None, "the plan comes with the goal"
            assert len(days.json()["items"]) == 1


async def test_the_tours_schedules_are_schedules(client: httpx.AsyncClient):
    schedules = _SCHEDULE.findall(_README.read_text())

    async with await _newcomer(client) as member:
        for schedule in schedules:
            goal = {"title": "Yoga", "pattern": "recurring", "schedule": json.loads(schedule)}
            assert (await member.post("/v1/goals", json=goal)).status_code == 201, schedule
    assert len(schedules) == 3


def _rows() -> list[tuple[str, str, str]]:
    return _ROW.findall(_README.read_text())


async def _newcomer(client: httpx.AsyncClient) -> httpx.AsyncClient:
    email = f"{secrets.token_hex(6)}@tests.example"
    body = {"email": email, "password": "a good long password", "name": "Ada"}
    answer = await client.post("/v1/auth/register", json=body)
    assert answer.status_code == 201, answer.text
    return patient_client(str(client.base_url), answer.json()["access_token"])
