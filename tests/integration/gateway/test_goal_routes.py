"""Goals of all patterns, activities and figures through the real process; what goals would say, a stand-in says."""

from typing import Any

import httpx
import pytest

from gateway.routes import answers
from tests.support.api import Caller, assert_problem
from tests.support.gateway_fixtures import Backstage

GOAL_FIELDS = {
    "id", "member_id", "title", "description", "pattern", "status", "category", "start_date", "deadline", "schedule",
    "policy", "amount", "target", "milestones", "limit", "streak", "subgoals", "habits", "plan", "completed_on",
    "progress_summary", "create_time", "update_time", "etag",
}  # fmt: skip
ACTIVITY_FIELDS = {
    "id", "goal_id", "type", "local_date", "occurred_at", "timezone", "completed", "value", "milestone_id",
    "habit_id", "note", "mood", "context", "create_time", "update_time",
}  # fmt: skip
PATTERNS: dict[str, dict[str, Any]] = {
    "recurring": {"amount": {"unit": "km", "min_value": 5.0}},
    "milestone": {"milestones": [{"title": "Outline", "due_date": "2026-12-01"}, {"title": "Draft", "weight": 3.0}]},
    "target": {"target": {"unit": "kg", "start_value": 90.0, "target_value": 80.0, "aggregation": "last"}},
    "streak": {"streak": {"target_length": 30, "freezes_per_month": 2}},
    "limit": {"limit": {"max_value": 2.0, "unit": "cups"}},
}


async def path_of(person: Caller, **fields: Any) -> str:
    return f"/v1/goals/{(await person.goal(**fields))['id']}"


@pytest.mark.parametrize("pattern", PATTERNS)
async def test_a_goal_of_each_pattern_goes_in_and_out(ann: Caller, pattern: str):
    made = await ann.post("/v1/goals", json={"title": "Mine", "pattern": pattern, **PATTERNS[pattern]})

    shown = made.json()
    assert made.status_code == 201
    assert made.headers["location"] == f"/v1/goals/{shown['id']}"
    assert made.headers["etag"] == f'"{shown["etag"]}"'
    assert shown.keys() == GOAL_FIELDS
    answers.Goal.model_validate_json(made.content)
    for name in ("amount", "target", "streak", "limit"):
        assert shown[name] == PATTERNS[pattern].get(name)
    assert (shown["schedule"] is None) == (pattern in ("milestone", "target"))


async def test_the_goals_of_others_are_as_little_there_as_those_of_nobody(ann: Caller, ben: Caller):
    await ben.goal()
    mine = await ann.get("/v1/goals", params={"member_id": "me"})

    of_ben = await ann.get("/v1/goals", params={"member_id": ben.id})
    of_nobody = await ann.get("/v1/goals", params={"member_id": "0190a000-0000-7000-8000-000000000000"})

    assert mine.status_code == 200
    assert_problem(of_ben, 404, "not-found")
    assert_problem(of_nobody, 404, "not-found")
    assert of_ben.json()["detail"] == of_nobody.json()["detail"]


async def test_milestones_have_ids_weights_and_days(ann: Caller):
    shown = await ann.goal(pattern="milestone", **PATTERNS["milestone"])

    outline, draft = shown["milestones"]
    assert outline.keys() == {"id", "title", "weight", "due_date", "done_at"}
    assert (outline["weight"], outline["due_date"], outline["done_at"]) == (1.0, "2026-12-01", None)
    assert (draft["weight"], draft["due_date"]) == (3.0, None)


async def test_milestones_are_replaced_and_known_ids_go_along(ann: Caller):
    goal = await ann.goal(pattern="milestone", **PATTERNS["milestone"])
    known = goal["milestones"][0]["id"]
    wanted = [{"id": known.upper(), "title": "Outline, again"}, {"title": "Print"}]

    changed = await ann.patch(f"/v1/goals/{goal['id']}", json={"milestones": wanted})

    assert [each["title"] for each in changed.json()["milestones"]] == ["Outline, again", "Print"]
    assert changed.json()["milestones"][0]["id"] == known


async def test_what_a_pattern_does_not_have_is_the_service_s_to_refuse(ann: Caller):
    refused = await ann.post("/v1/goals", json={"title": "x", "pattern": "recurring", **PATTERNS["target"]})

    assert assert_problem(refused, 422, "validation-failed")["errors"][0]["field"] == "target"


async def test_null_clears_what_a_goal_can_do_without(ann: Caller):
    goal = await ann.goal(deadline="2030-01-01", description="Far", category="health", **PATTERNS["recurring"])

    cleared = await ann.request(
        "PUT",
        f"/v1/goals/{goal['id']}",
        json={"deadline": None, "amount": None, "description": None, "category": None},
    )

    shown = cleared.json()
    assert (shown["deadline"], shown["amount"], shown["description"], shown["category"]) == (None, None, "", None)
    assert shown["title"] == goal["title"]


@pytest.mark.parametrize("name", ["target", "milestones", "limit", "streak", "title", "status", "pattern"])
async def test_null_clears_nothing_that_a_goal_is_made_of(ann: Caller, name: str):
    refused = await ann.patch(await path_of(ann), json={name: None})

    assert assert_problem(refused, 422, "validation-failed")["errors"][0]["field"] == name


async def test_what_a_plan_has_to_keep_to_is_passed_on(ann: Caller, backstage: Backstage):
    await ann.goal(constraints={"minutes_per_week": 90, "deadline": "2026-12-31"}, with_plan=False)

    sent = backstage.goals.last
    assert (sent.constraints.minutes_per_week, sent.constraints.deadline.year, sent.with_plan) == (90, 2026, False)


async def test_a_template_that_is_not_there_is_named(ann: Caller):
    refused = await ann.post(
        "/v1/goals", json={"title": "x", "pattern": "recurring", "template_id": "no-such-template"}
    )

    assert assert_problem(refused, 422, "validation-failed")["errors"][0]["field"] == "template_id"


async def test_a_goal_is_copied_and_restored(ann: Caller):
    path = await path_of(ann)
    await ann.request("DELETE", path)

    restored = await ann.post(f"{path}/restore")
    copied = await ann.post(f"{path}/copy", headers={"idempotency-key": "copy"})
    again = await ann.post(f"{path}/copy", headers={"idempotency-key": "copy"})

    assert (restored.status_code, restored.json()["status"]) == (200, "active")
    assert restored.headers["etag"]
    assert copied.status_code == 201
    assert copied.headers["location"] == f"/v1/goals/{copied.json()['id']}" != path
    assert (again.json()["id"], again.headers["idempotency-replayed"]) == (copied.json()["id"], "true")


async def test_a_field_for_what_takes_none_is_refused(ann: Caller):
    path = await path_of(ann)

    for method, address in (("POST", f"{path}/copy"), ("POST", f"{path}/restore"), ("DELETE", path)):
        refused = await ann.request(method, address, json={"title": "Other"})
        assert assert_problem(refused, 422, "validation-failed")["errors"][0]["field"] == "title"
        assert_problem(await ann.request(method, address, content=b"x"), 415, "unsupported-media-type")
    assert (await ann.request("DELETE", path, json={})).status_code == 204


async def test_an_activity_is_logged_corrected_and_taken_back(ann: Caller):
    path = await path_of(ann)
    logged = await ann.post(f"{path}/activities", json={"type": "note", "note": "Wet", "mood": 2})
    at = logged.headers["location"]

    corrected = await ann.patch(
        at, json={"note": None, "mood": 4, "context": {"tags": ["sun"]}, "occurred_at": "2026-03-01T10:00:00+02:00"}
    )
    taken_back = await ann.request("DELETE", at)
    gone = await ann.request("DELETE", at)

    shown = corrected.json()
    assert at == f"{path}/activities/{logged.json()['activity']['id']}"
    answers.Logged.model_validate_json(corrected.content)
    assert shown.keys() == {"activity", "progress"}
    assert shown["activity"].keys() == ACTIVITY_FIELDS
    assert (shown["activity"]["note"], shown["activity"]["mood"]) == (None, 4)
    assert (shown["activity"]["context"]["tags"], shown["activity"]["occurred_at"]) == (["sun"], "2026-03-01T08:00:00Z")
    assert (taken_back.status_code, taken_back.content) == (204, b"")
    assert_problem(gone, 404, "not-found")


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"local_date": "2026-03-01"}, "local_date"),
        ({"type": "note"}, "type"),
        ({"milestone_id": None}, "milestone_id"),
        ({"value": None}, "value"),
        ({"completed": None}, "completed"),
        ({"occurred_at": None}, "occurred_at"),
        ({"mood": 6}, "mood"),
    ],
)
async def test_what_cannot_be_corrected_is_named(ann: Caller, change: dict[str, Any], field: str):
    path = await path_of(ann)
    logged = await ann.post(f"{path}/checkins", json={"completed": True})

    refused = await ann.patch(logged.headers["location"], json=change)

    assert assert_problem(refused, 422, "validation-failed")["errors"][0]["field"] == field


async def test_a_milestone_and_a_habit_are_named_in_activities(ann: Caller):
    thesis = await ann.goal(pattern="milestone", **PATTERNS["milestone"])
    habitual = await path_of(ann)
    habit = (await ann.post(f"{habitual}/habits", json={"title": "Stretch"})).json()

    reached = await ann.post(
        f"/v1/goals/{thesis['id']}/activities",
        json={"type": "milestone", "milestone_id": thesis["milestones"][0]["id"].upper()},
    )
    kept = await ann.post(f"{habitual}/checkins", json={"completed": True, "habit_id": habit["id"]})

    assert reached.json()["activity"]["milestone_id"] == thesis["milestones"][0]["id"]
    assert kept.json()["activity"]["habit_id"] == habit["id"]


async def test_a_batch_is_logged_over_several_goals(ann: Caller):
    first, second = await ann.goal(), await ann.goal()
    words = [
        {"goal_id": first["id"].upper(), "type": "check_in", "completed": True, "local_date": "2026-03-01"},
        {"goal_id": second["id"], "type": "note", "note": "x"},
    ]

    logged = await ann.post("/v1/activities/batch", json={"activities": words}, headers={"idempotency-key": "b"})
    again = await ann.post("/v1/activities/batch", json={"activities": words}, headers={"idempotency-key": "b"})

    assert logged.status_code == 201
    answers.Batch.model_validate_json(logged.content)
    assert [item["activity"]["goal_id"] for item in logged.json()["items"]] == [first["id"], second["id"]]
    assert (again.content, again.headers["idempotency-replayed"]) == (logged.content, "true")
    assert len((await ann.get(f"/v1/goals/{second['id']}/activities")).json()["items"]) == 1


async def test_a_batch_has_1_to_500_activities_and_its_own_limit_of_size(ann: Caller):
    goal = await ann.goal()
    word = {"goal_id": goal["id"], "type": "note", "note": "x" * 1_900}

    full = await ann.post("/v1/activities/batch", json={"activities": [word] * 500})
    for count in (0, 501):
        refused = await ann.post("/v1/activities/batch", json={"activities": [{**word, "note": "x"}] * count})
        assert assert_problem(refused, 422, "validation-failed")["errors"][0]["field"] == "activities"
    huge = await ann.post("/v1/activities/batch", json={"activities": [{**word, "note": "x" * 2_200}] * 500})
    elsewhere = await ann.post(f"/v1/goals/{goal['id']}/activities", json={"type": "note", "note": "x" * 300_000})

    assert (full.status_code, len(full.json()["items"])) == (201, 500)
    assert_problem(huge, 413, "payload-too-large")
    assert_problem(elsewhere, 413, "payload-too-large")


async def test_a_bad_field_of_a_batch_is_named_by_its_place(ann: Caller):
    goal = await ann.goal()
    good = {"goal_id": goal["id"], "type": "note", "note": "x"}

    refused = await ann.post("/v1/activities/batch", json={"activities": [good, {**good, "mood": 9}]})

    assert assert_problem(refused, 422, "validation-failed")["errors"][0]["field"] == "activities.1.mood"


async def test_progress_is_asked_as_of_a_day_and_of_an_instant(ann: Caller, backstage: Backstage):
    path = await path_of(ann)

    told = await ann.get(f"{path}/progress?period=all&date=2026-03-01&known_at=2026-04-01T00:00:00Z")
    sent = backstage.goals.last

    assert told.status_code == 200
    assert (sent.date.year, sent.date.month, sent.known_at.ToJsonString()) == (2026, 3, "2026-04-01T00:00:00Z")
    for query in ("date=today", "known_at=2026-04-01", "period=decade"):
        refused = await ann.get(f"{path}/progress?{query}")
        assert assert_problem(refused, 422, "validation-failed")["errors"][0]["field"] == query.partition("=")[0]


async def test_the_calendar_has_a_day_for_each_date(ann: Caller):
    shown = await ann.get(f"{await path_of(ann)}/calendar?from=2026-03-01&to=2026-03-02")

    answers.Calendar.model_validate_json(shown.content)
    first, last = shown.json()["items"]
    assert shown.json().keys() == {"items"}
    assert first.keys() == {"date", "due", "outcome", "value", "excused_by", "unit"}
    assert first["unit"].keys() == {"start", "end", "outcome", "done", "needed"}
    assert (first["date"], first["due"], first["outcome"], first["value"]) == ("2026-03-01", True, "done", 1.0)
    assert (last["outcome"], last["excused_by"], last["unit"]) == ("not_due", "vacation", None)


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("", "from"),
        ("from=2026-03-01", "to"),
        ("to=2026-03-01", "from"),
        ("from=2026-03-02&to=2026-03-01", "to"),
        ("from=2026-01-01&to=2027-02-05", "to"),
        ("from=yesterday&to=2026-03-01", "from"),
        ("from=2026-03-01&to=2026-03-02&page_size=5", "page_size"),
    ],
)
async def test_the_calendar_wants_both_ends_of_at_most_400_days(ann: Caller, query: str, field: str):
    refused = await ann.get(f"{await path_of(ann)}/calendar?{query}")

    assert assert_problem(refused, 422, "validation-failed")["errors"][0]["field"] == field


async def test_400_days_are_a_calendar(ann: Caller):
    assert (await ann.get(f"{await path_of(ann)}/calendar?from=2026-01-01&to=2027-02-04")).status_code == 200


@pytest.mark.parametrize("metric", ["streak", "strength", "adherence", "pace"])
async def test_a_figure_is_explained(ann: Caller, metric: str):
    path = await path_of(ann)

    explained = await ann.get(f"{path}/explain?metric={metric}&date=2026-03-01")

    shown = explained.json()
    answers.Explanation.model_validate_json(explained.content)
    assert (shown["metric"], shown["date"], shown["value"]) == (metric, "2026-03-01", 1.0)
    assert shown["items"][0].keys() == {
        "unit", "rule_version", "activity_ids", "effect", "value", "worth", "memory",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("query", "field"), [("", "metric"), ("metric=luck", "metric"), ("metric=pace&date=x", "date")]
)
async def test_a_figure_that_cannot_be_explained_is_named(ann: Caller, query: str, field: str):
    refused = await ann.get(f"{await path_of(ann)}/explain?{query}")

    assert assert_problem(refused, 422, "validation-failed")["errors"][0]["field"] == field


async def test_only_what_is_built_is_called_so(client: httpx.AsyncClient):
    document = (await client.get("/openapi.json")).json()

    later = {
        path for path, methods in document["paths"].items() for each in methods.values() if not each["x-tandem-built"]
    }
    assert {path for path in later if path.startswith(("/v1/goals", "/v1/goal-", "/v1/activities"))} == set()
