"""Having more from a challenge than was done (row B19)."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import httpx
import pytest

from tests.support.api import Caller, assert_problem, register
from tests.support.whole import Insider

pytestmark = pytest.mark.xdist_group("system")
PATH = "/v1/challenges/three-smiles"
DONE = {"comfort_before": 20, "comfort_after": 70}


@pytest.fixture
async def adult(base_url: str) -> AsyncIterator[Caller]:
    """Somebody who may take challenges on, and has taken on none."""
    async with httpx.AsyncClient(base_url=base_url, trust_env=False, timeout=20) as client:
        yield await register(client, birth_year=1990)


async def run_of(person: Caller) -> dict[str, Any] | None:
    """The latest run, as the list of challenges shows it."""
    challenges = (await person.get("/v1/challenges?page_size=200")).json()["items"]
    run: dict[str, Any] | None = next(each["run"] for each in challenges if each["id"] == "three-smiles")
    return run


async def entries_of(person: Caller, goal: dict[str, Any]) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = (await person.get(f"/v1/goals/{goal['id']}/activities")).json()["items"]
    return items


async def test_b19_of_twenty_submissions_at_once_one_counts(adult: Caller):
    goal = await adult.goal()
    started = await adult.post(f"{PATH}/start", json={"goal_id": goal["id"]})
    assert started.status_code == 201, started.text

    answers = await asyncio.gather(*[adult.post(f"{PATH}/submissions", json=DONE) for _ in range(20)])

    assert [answer.status_code for answer in answers].count(201) == 1
    for answer in answers:
        if answer.status_code != 201:
            assert_problem(answer, 409, "conflict")
    assert len(await entries_of(adult, goal)) == 1
    assert_problem(await adult.post(f"{PATH}/submissions", json=DONE), 409, "conflict")
    assert len(await entries_of(adult, goal)) == 1


async def test_b19_of_twenty_starts_at_once_one_counts(adult: Caller):
    answers = await asyncio.gather(*[adult.post(f"{PATH}/start") for _ in range(20)])

    assert [answer.status_code for answer in answers].count(201) == 1
    for answer in answers:
        if answer.status_code != 201:
            assert_problem(answer, 409, "conflict")
    run = await run_of(adult)
    assert run is not None
    assert run["status"] == "open"


async def test_b19_after_its_time_nothing_is_submitted(adult: Caller, insider: Insider):
    goal = await adult.goal()
    await adult.post(f"{PATH}/start", json={"goal_id": goal["id"]})
    connection = await asyncpg.connect(insider.dsn())
    moved = await connection.execute(
        "UPDATE goals.challenge_runs SET started_at = started_at - interval '9 days',"
        " expires_at = expires_at - interval '9 days' WHERE member_id = $1",
        UUID(adult.id),
    )
    await connection.close()

    late = await adult.post(f"{PATH}/submissions", json=DONE)

    assert moved == "UPDATE 1"
    assert_problem(late, 409, "conflict")
    assert await entries_of(adult, goal) == []
    run = await run_of(adult)
    assert run is not None
    assert run["status"] == "expired"


async def test_b19_no_step_is_left_out(adult: Caller):
    """Nothing is submitted that was not begun, whatever the submission says."""
    goal = await adult.goal()

    for body in (DONE, {**DONE, "goal_id": goal["id"]}):
        assert_problem(await adult.post(f"{PATH}/submissions", json=body), 409, "conflict")
    for name in ("started_at", "run_id", "status", "completed"):
        answer = await adult.post(f"{PATH}/submissions", json={**DONE, name: "x"})
        assert_problem(answer, 422, "validation-failed")
    assert await run_of(adult) is None
    assert await entries_of(adult, goal) == []


@pytest.mark.parametrize(
    "change",
    [{"comfort_before": -1}, {"comfort_after": -50}, {"comfort_after": 101}, {"comfort_after": 10**9},
     {"comfort_before": 2.5}, {"comfort_before": "20"}, {"comfort_after": None}],
)  # fmt: skip
async def test_b19_comfort_is_a_share(adult: Caller, change: dict[str, Any]):
    await adult.post(f"{PATH}/start")

    problem = assert_problem(await adult.post(f"{PATH}/submissions", json={**DONE, **change}), 422, "validation-failed")

    assert [error["field"] for error in problem["errors"]] == list(change)
    run = await run_of(adult)
    assert run is not None
    assert run["status"] == "open"


@pytest.mark.parametrize("value", [-1, -1e12, 1e12 + 1, "5"])
async def test_b19_progress_that_goes_below_nothing_is_none(adult: Caller, value: Any):
    """On a limit, where less is better: nobody drinks minus one cup to make up for three."""
    goal = await adult.goal(pattern="limit", title="Coffee", limit={"unit": "cups", "max_value": 2})

    answer = await adult.post(f"/v1/goals/{goal['id']}/activities", json={"type": "progress", "value": value})

    assert_problem(answer, 422, "validation-failed")
    assert await entries_of(adult, goal) == []


async def test_b19_a_milestone_is_reached_once(adult: Caller):
    goal = await adult.goal(pattern="milestone", milestones=[{"title": "Outline"}, {"title": "Draft", "weight": 3}])
    done = {"type": "milestone", "milestone_id": goal["milestones"][0]["id"]}
    path = f"/v1/goals/{goal['id']}"

    answers = await asyncio.gather(*[adult.post(f"{path}/activities", json=done) for _ in range(20)])

    assert [answer.status_code for answer in answers].count(201) == 1
    for answer in answers:
        if answer.status_code != 201:
            assert_problem(answer, 409, "conflict")
    assert (await adult.get(f"{path}/progress?period=all")).json()["percent"] == 25
    other = await adult.post(f"{path}/activities", json={**done, "milestone_id": str(uuid4())})
    assert_problem(other, 422, "validation-failed")
