"""New plans and suggestions through the real process; what goals would say, a stand-in says."""

from typing import Any

import httpx
import pytest

from chassis.rpc.client import load_service_config, timeouts_s
from gateway.routes import answers, suggestions
from gateway.routes.table import all_operations
from tandem.goals.v1 import suggestion_pb2
from tests.support.api import Caller, assert_problem
from tests.support.gateway_fixtures import Backstage

NOTHING = "01a1fc72-0759-72fe-905f-9d4c0c81841c"
FIELDS = {
    "id", "goal_id", "source", "summary", "operations", "status", "fits", "misfit", "create_time", "decide_time"
}  # fmt: skip


async def path_of(person: Caller) -> str:
    return f"/v1/goals/{(await person.goal())['id']}"


async def test_a_new_plan_comes_as_a_suggestion(ann: Caller, backstage: Backstage):
    path = await path_of(ann)
    asked = {"constraints": {"minutes_per_week": 90, "deadline": "2026-12-31"}}

    made = await ann.post(f"{path}/plan", json=asked, headers={"idempotency-key": "plan"})
    again = await ann.post(f"{path}/plan", json=asked, headers={"idempotency-key": "plan"})
    listed = await ann.get(f"{path}/suggestions")

    sent = backstage.goals.last_plan.constraints
    shown = made.json()
    assert made.status_code == 201
    assert shown.keys() == FIELDS
    answers.Suggestion.model_validate_json(made.content)
    assert [each["op"] for each in shown["operations"]] == ["adopt_plan"]
    assert (shown["status"], shown["fits"], shown["misfit"], shown["decide_time"]) == ("open", True, None, None)
    assert (sent.minutes_per_week, sent.deadline.year) == (90, 2026)
    assert (again.json(), again.headers["idempotency-replayed"]) == (shown, "true")
    assert listed.json() == {"items": [shown], "next_page_token": None}


@pytest.mark.parametrize("body", [{}, {"json": {}}, {"json": {"constraints": None}}, {"json": {"constraints": {}}}])
async def test_a_plan_needs_no_body(ann: Caller, body: dict[str, Any]):
    made = await ann.post(f"{await path_of(ann)}/plan", **body)

    assert made.status_code == 201, made.text


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"constraints": {"minutes_per_week": 0}}, "constraints.minutes_per_week"),
        ({"constraints": {"minutes_per_week": 10_081}}, "constraints.minutes_per_week"),
        ({"constraints": {"deadline": "soon"}}, "constraints.deadline"),
        ({"constraints": {"budget": 1}}, "constraints.budget"),
        ({"constraint": {}}, "constraint"),
    ],
)
async def test_a_bad_constraint_is_named(ann: Caller, body: dict[str, Any], field: str):
    refused = await ann.post(f"{await path_of(ann)}/plan", json=body)

    assert assert_problem(refused, 422, "validation-failed")["errors"][0]["field"] == field


async def test_with_the_coach_away_there_is_no_new_plan(ann: Caller, backstage: Backstage):
    path = await path_of(ann)
    backstage.goals.coach_is_away = True
    try:
        refused = await ann.post(f"{path}/plan")
    finally:
        backstage.goals.coach_is_away = False

    assert_problem(refused, 503, "dependency-unavailable")
    assert refused.headers["retry-after"]
    assert (await ann.get(f"{path}/suggestions")).json()["items"] == []


async def test_suggestions_come_in_pages_and_by_status(ann: Caller):
    path = await path_of(ann)
    made = [(await ann.post(f"{path}/plan")).json()["id"] for _ in range(3)]
    await ann.post(f"{path}/suggestions/{made[0]}/dismiss")

    first = (await ann.get(f"{path}/suggestions?page_size=2")).json()
    second = (await ann.get(f"{path}/suggestions?page_size=2&page_token={first['next_page_token']}")).json()
    open_ones = (await ann.get(f"{path}/suggestions?status=open")).json()

    assert [each["id"] for each in (*first["items"], *second["items"])] == made[::-1]
    assert second["next_page_token"] is None
    assert [each["id"] for each in open_ones["items"]] == made[:0:-1]
    for query, field in (("status=done", "status"), ("page_size=0", "page_size"), ("sort=id", "sort")):
        refused = await ann.get(f"{path}/suggestions?{query}")
        assert assert_problem(refused, 422, "validation-failed")["errors"][0]["field"] == field


async def test_accepting_gives_the_goal_with_its_tag(ann: Caller):
    path = await path_of(ann)
    suggested = (await ann.post(f"{path}/plan")).json()

    accepted = await ann.post(f"{path}/suggestions/{suggested['id']}/accept")

    shown = accepted.json()
    answers.AcceptedSuggestion.model_validate_json(accepted.content)
    assert accepted.status_code == 200
    assert (shown["suggestion"]["status"], shown["suggestion"]["fits"]) == ("accepted", False)
    assert shown["goal"] == (await ann.get(path)).json()
    assert accepted.headers["etag"] == f'"{shown["goal"]["etag"]}"'


async def test_what_was_decided_is_decided(ann: Caller):
    path = await path_of(ann)
    suggested = f"{path}/suggestions/{(await ann.post(f'{path}/plan')).json()['id']}"

    dismissed = [await ann.post(f"{suggested}/dismiss") for _ in range(2)]

    assert [(each.status_code, each.json()["status"]) for each in dismissed] == [(200, "dismissed")] * 2
    assert dismissed[0].json()["decide_time"]
    assert_problem(await ann.post(f"{suggested}/accept"), 409, "invalid-transition")
    assert_problem(await ann.post(f"{path}/suggestions/{NOTHING}/accept"), 404, "not-found")
    assert_problem(await ann.post(f"{path}/suggestions/{NOTHING}/dismiss"), 404, "not-found")


async def test_what_no_longer_fits_says_so_and_is_not_applied(ann: Caller, backstage: Backstage):
    path = await path_of(ann)
    backstage.goals.suggest(path.rpartition("/")[2], misfit="The habit is gone.")

    [shown] = (await ann.get(f"{path}/suggestions")).json()["items"]
    refused = await ann.post(f"{path}/suggestions/{shown['id']}/accept")

    assert (shown["fits"], shown["misfit"]) == (False, "The habit is gone.")
    assert assert_problem(refused, 409, "conflict")["reason"] == "SUGGESTION_OUTDATED"


async def test_what_takes_no_body_refuses_one(ann: Caller):
    path = await path_of(ann)
    suggested = f"{path}/suggestions/{(await ann.post(f'{path}/plan')).json()['id']}"

    for verb in ("accept", "dismiss"):
        refused = await ann.post(f"{suggested}/{verb}", json={"operations": []})
        assert assert_problem(refused, 422, "validation-failed")["errors"][0]["field"] == "operations"


async def test_strangers_are_refused(client: httpx.AsyncClient):
    for operation in suggestions.routes:
        path = operation.path
        for name in operation.path_names:
            path = path.replace(f"{{{name}}}", NOTHING)
        assert_problem(await client.request(operation.method, path), 401, "authentication-required")


async def test_suggestions_for_another_s_goal_are_not_there(ann: Caller, ben: Caller, backstage: Backstage):
    path = await path_of(ben)
    suggested: suggestion_pb2.Suggestion = backstage.goals.suggest(path.rpartition("/")[2])
    mine = await path_of(ann)

    for method, address in (
        ("POST", f"{path}/plan"),
        ("GET", f"{path}/suggestions"),
        ("POST", f"{path}/suggestions/{suggested.suggestion_id}/accept"),
        ("POST", f"{path}/suggestions/{suggested.suggestion_id}/dismiss"),
        ("POST", f"{mine}/suggestions/{suggested.suggestion_id}/accept"),
        ("POST", f"{mine}/suggestions/{suggested.suggestion_id}/dismiss"),
    ):
        assert_problem(await ann.request(method, address), 404, "not-found")


def test_what_waits_for_the_coach_has_more_time_than_goals_takes():
    goals_s = timeouts_s(load_service_config("goals"))
    budgets_s = {operation.operation_id: operation.budget_s for operation in all_operations()}

    assert budgets_s["create_goal"] > goals_s["CreateGoal"]
    assert budgets_s["make_plan"] > goals_s["SuggestPlan"]
