"""Challenges through the real process; what goals would say, a stand-in says."""

from typing import Any

import httpx
import pytest

from gateway.limits.buckets import CHALLENGE
from gateway.routes import answers, challenges
from tests.support.api import Caller, assert_problem
from tests.support.gateway_fixtures import Backstage

NOTHING = "01a1fc72-0759-72fe-905f-9d4c0c81841c"
SMILES = "/v1/challenges/three-smiles"
COMFORT = {"comfort_before": 20, "comfort_after": 70}


async def latest(person: Caller) -> Any:
    return (await person.get("/v1/challenges")).json()["items"][0]["run"]


async def test_challenges_are_listed_in_pages(ann: Caller):
    first = await ann.get("/v1/challenges?page_size=1")
    second = await ann.get(f"/v1/challenges?page_size=1&page_token={first.json()['next_page_token']}")

    answers.Page[answers.Challenge].model_validate_json(first.content)
    assert first.json()["items"] == [
        {
            "id": "three-smiles",
            "level": 1,
            "title": "Smile",
            "description": "At three people.",
            "venue_kinds": ["park"],
            "run": None,
        }
    ]
    assert (second.json()["items"][0]["id"], second.json()["next_page_token"]) == ("two-questions", None)
    for query, field in (("page_size=0", "page_size"), ("level=1", "level")):
        refused = await ann.get(f"/v1/challenges?{query}")
        assert assert_problem(refused, 422, "validation-failed")["errors"][0]["field"] == field


async def test_a_challenge_is_started_and_submitted(ann: Caller):
    goal = await ann.goal()

    started = await ann.post(f"{SMILES}/start", json={"goal_id": goal["id"]}, headers={"idempotency-key": "go"})
    again = await ann.post(f"{SMILES}/start", json={"goal_id": goal["id"]}, headers={"idempotency-key": "go"})
    second = await ann.post(f"{SMILES}/start")
    while_open = await latest(ann)
    submitted = await ann.post(f"{SMILES}/submissions", json={**COMFORT, "note": "Easy"})

    run, shown = started.json(), submitted.json()
    assert started.status_code == 201
    answers.ChallengeRun.model_validate_json(started.content)
    assert while_open == run == again.json()
    assert (run["challenge_id"], run["goal_id"], run["status"]) == ("three-smiles", goal["id"], "open")
    assert again.headers["idempotency-replayed"] == "true"
    assert_problem(second, 409, "conflict")
    assert submitted.status_code == 201
    answers.ChallengeSubmission.model_validate_json(submitted.content)
    assert {name: shown[name] for name in (*COMFORT, "note")} == {**COMFORT, "note": "Easy"}
    assert (shown["run_id"], shown["goal_id"], shown["witnessed_by"]) == (run["id"], goal["id"], None)
    assert shown["activity_id"]
    assert (await latest(ann))["status"] == "completed"
    assert_problem(await ann.post(f"{SMILES}/submissions", json=COMFORT), 409, "conflict")


@pytest.mark.parametrize("body", [{}, {"json": {}}, {"json": {"goal_id": None}}])
async def test_starting_needs_no_body(ann: Caller, body: dict[str, Any]):
    started = await ann.post(f"{SMILES}/start", **body)

    assert (started.status_code, started.json()["goal_id"]) == (201, None)


async def test_a_submission_names_another_goal_none_or_nothing(ann: Caller, backstage: Backstage):
    goal = await ann.goal()

    for given, is_given, sent in (({}, False, ""), ({"goal_id": None}, True, ""), ({"goal_id": goal["id"]}, True, "")):
        await ann.post(f"{SMILES}/start")
        answer = await ann.post(f"{SMILES}/submissions", json={**COMFORT, **given})
        asked = backstage.goals.last_submission
        assert answer.status_code == 201
        assert (asked.HasField("goal_id"), asked.goal_id) == (is_given, given.get("goal_id") or sent)
        assert answer.json()["goal_id"] == given.get("goal_id")


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"comfort_before": None}, "comfort_before"),
        ({"comfort_before": -1}, "comfort_before"),
        ({"comfort_after": 101}, "comfort_after"),
        ({"comfort_after": 50.0}, "comfort_after"),
        ({"comfort_after": "50"}, "comfort_after"),
        ({"note": "x" * 10_001}, "note"),
        ({"witnessed_by": "Ben"}, "witnessed_by"),
        ({"witnessed_by": NOTHING}, "witnessed_by"),
        ({"goal_id": "mine"}, "goal_id"),
        ({"level": 1}, "level"),
    ],
)
async def test_a_bad_field_of_a_submission_is_named(ann: Caller, change: dict[str, Any], field: str):
    await ann.post(f"{SMILES}/start")

    refused = await ann.post(f"{SMILES}/submissions", json={**COMFORT, **change})

    assert assert_problem(refused, 422, "validation-failed")["errors"][0]["field"] == field
    assert (await latest(ann))["status"] == "open"


async def test_comfort_must_be_told(ann: Caller):
    refused = await ann.post(f"{SMILES}/submissions", json={"note": "Easy"})

    errors = assert_problem(refused, 422, "validation-failed")["errors"]
    assert [each["field"] for each in errors] == ["comfort_before", "comfort_after"]


@pytest.mark.parametrize(
    "name", ["jump-off-a-bridge", "Three-Smiles", NOTHING, "a" * 65, "three_smiles", "%C3%A4", "three%20smiles"]
)
async def test_what_is_no_challenge_is_not_there(ann: Caller, name: str):
    assert_problem(await ann.post(f"/v1/challenges/{name}/start"), 404, "not-found")
    assert_problem(await ann.post(f"/v1/challenges/{name}/submissions", json=COMFORT), 404, "not-found")


async def test_challenges_are_for_adults(ann: Caller, backstage: Backstage):
    backstage.goals.are_for_adults = True
    try:
        for refused in (
            await ann.get("/v1/challenges"),
            await ann.post(f"{SMILES}/start"),
            await ann.post(f"{SMILES}/submissions", json=COMFORT),
        ):
            assert_problem(refused, 403, "adults-only")
    finally:
        backstage.goals.are_for_adults = False


async def test_strangers_are_refused(client: httpx.AsyncClient):
    for operation in challenges.routes:
        path = operation.path.replace("{challenge_id}", "three-smiles")
        assert_problem(await client.request(operation.method, path), 401, "authentication-required")


async def test_runs_and_goals_of_others_are_none_of_mine(ann: Caller, ben: Caller):
    theirs = await ben.goal()
    await ben.post(f"{SMILES}/start")

    assert await latest(ann) is None
    assert_problem(await ann.post(f"{SMILES}/start", json={"goal_id": theirs["id"]}), 404, "not-found")
    assert_problem(await ann.post(f"{SMILES}/submissions", json=COMFORT), 409, "conflict")


def test_submissions_have_a_limit_of_their_own():
    limits = {operation.operation_id: operation.limit for operation in challenges.routes}

    assert limits["submit_challenge"] is CHALLENGE
    assert limits["start_challenge"] is not CHALLENGE
