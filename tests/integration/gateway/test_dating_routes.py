"""The dating-goals conversation through the real process; what coach would say, a stand-in says."""

from uuid import uuid4

import httpx
import pytest

from gateway.routes import answers, dating
from tests.support.api import Caller, assert_problem
from tests.support.gateway_fixtures import Backstage

ADDRESS = "/v1/dating-goals"


async def test_a_turn_shows_what_was_said_and_where_it_stands(ann: Caller):
    first = await ann.post(ADDRESS, json={"message": "I want to go on dates"})

    shown = first.json()
    assert first.status_code == 200
    answers.DatingTurn.model_validate_json(first.content)
    assert (shown["success"], shown["message"]) == (True, "You said: I want to go on dates")
    assert (shown["is_complete"], shown["completion_percentage"], shown["current_topic"]) == (False, 8, "goals")
    assert [topic["id"] for topic in shown["topics"]] == ["goals", "past", "comfort", "support"]
    assert shown["topics"][0].keys() == {"id", "title", "status"}
    in_thread = await ann.post(ADDRESS, json={"message": "two", "thread_id": shown["thread_id"].upper()})
    assert in_thread.json()["thread_id"] == shown["thread_id"]


async def test_what_was_not_kept_is_no_success(ann: Caller):
    shown = (await ann.post(ADDRESS, json={"message": "forget this"})).json()

    assert (shown["success"], shown["thread_id"]) == (False, None)


async def test_the_same_key_is_one_turn(ann: Caller):
    key = {"idempotency-key": "turn"}
    first = await ann.post(ADDRESS, json={"message": "hi"}, headers=key)
    again = await ann.post(ADDRESS, json={"message": "hi"}, headers=key)
    other = await ann.post(ADDRESS, json={"message": "ho"}, headers=key)

    assert again.content == first.content
    assert again.headers["idempotency-replayed"] == "true"
    assert_problem(other, 422, "idempotency-key-reused")


async def test_everything_is_empty_before_the_first_word(ann: Caller):
    for whose in ("me", ann.id, ann.id.upper()):
        assert (await ann.get(f"{ADDRESS}/{whose}")).json() == {
            "goals": [],
            "preferred_venues": [],
            "comfort_level": None,
            "goals_data": {},
            "is_complete": False,
            "completion_percentage": 0,
        }


async def test_goals_are_made_of_what_was_confirmed(ann: Caller):
    await ann.post(ADDRESS, json={"message": "dance"})
    too_soon = await ann.post(f"{ADDRESS}/me/goals")
    await ann.post(ADDRESS, json={"message": "yes"})

    made = await ann.post(f"{ADDRESS}/{ann.id}/goals")

    assert_problem(too_soon, 409, "conflict")
    assert made.status_code == 201
    answers.AdoptedGoals.model_validate_json(made.content)
    assert [(goal["title"], goal["category"]) for goal in made.json()["items"]] == [("dance", "dating")]


async def test_starting_over_leaves_nothing(ann: Caller):
    await ann.post(ADDRESS, json={"message": "dance"})

    ended = await ann.request("DELETE", f"{ADDRESS}/me")

    assert (ended.status_code, ended.content) == (204, b"")
    assert (await ann.get(f"{ADDRESS}/me")).json()["goals"] == []


async def test_somebody_elses_look_like_nobodys(ann: Caller, ben: Caller):
    await ben.post(ADDRESS, json={"message": "canary"})

    for whose in (ben.id, str(uuid4()), "nobody"):
        for method, path in (("GET", ""), ("DELETE", ""), ("POST", "/goals")):
            answer = await ann.request(method, f"{ADDRESS}/{whose}{path}")
            assert_problem(answer, 404, "not-found")
    assert (await ben.get(f"{ADDRESS}/me")).json()["goals"] == ["canary"]


async def test_dating_is_for_adults_and_a_refusal_names_help(ann: Caller, backstage: Backstage):
    backstage.coach.is_for_adults = True
    try:
        problem = assert_problem(await ann.post(ADDRESS, json={"message": "hi"}), 403, "adults-only")
    finally:
        backstage.coach.is_for_adults = False

    assert problem["resources"]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "message"),
        ({"message": "  "}, "message"),
        ({"message": "x" * 8001}, "message"),
        ({"message": "x", "thread_id": "x"}, "thread_id"),
        ({"message": "x", "group_id": "x"}, "group_id"),
    ],
)
async def test_what_is_no_message_is_refused(ann: Caller, body: dict[str, str], field: str):
    refused = assert_problem(await ann.post(ADDRESS, json=body), 422, "validation-failed")

    assert refused["errors"][0]["field"] == field


async def test_strangers_are_refused(client: httpx.AsyncClient):
    for operation in dating.routes:
        path = operation.path.replace("{member_id}", "me")
        assert_problem(await client.request(operation.method, path), 401, "authentication-required")
