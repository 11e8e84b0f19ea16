"""Vacations, habits, subgoals and reminders through the real process; what goals would say, a stand-in says."""

from typing import Any

import httpx
import pytest

from gateway.routes import answers, care
from tests.support.api import Caller, assert_problem

NOTHING = "01a1fc72-0759-72fe-905f-9d4c0c81841c"
VACATION = {"from": "2026-07-01", "to": "2026-07-07", "reason": "By the sea"}
SCHEDULE = {"period": "week", "times": 3}


async def path_of(person: Caller) -> str:
    return f"/v1/goals/{(await person.goal())['id']}"


@pytest.mark.parametrize("owner", ["goal", "me"])
async def test_a_vacation_is_entered_listed_and_taken_back(ann: Caller, owner: str):
    path = await path_of(ann)
    address = f"{path if owner == 'goal' else '/v1/members/me'}/vacations"

    made = await ann.post(address, json=VACATION, headers={"idempotency-key": "sea"})
    again = await ann.post(address, json=VACATION, headers={"idempotency-key": "sea"})
    listed = await ann.get(address)
    taken_back = await ann.request("DELETE", made.headers["location"])

    shown = made.json()
    assert made.status_code == 201
    assert made.headers["location"] == f"{address}/{shown['id']}"
    assert shown.keys() == {"id", "goal_id", "from", "to", "reason", "create_time"}
    assert {name: shown[name] for name in VACATION} == VACATION
    assert shown["goal_id"] == (path.rpartition("/")[2] if owner == "goal" else None)
    assert again.headers["idempotency-replayed"] == "true"
    answers.Page[answers.Vacation].model_validate_json(listed.content)
    assert listed.json() == {"items": [shown], "next_page_token": None}
    assert (taken_back.status_code, taken_back.content) == (204, b"")
    assert (await ann.get(address)).json()["items"] == []
    assert_problem(await ann.request("DELETE", made.headers["location"]), 404, "not-found")


async def test_vacations_come_in_pages(ann: Caller):
    address = f"{await path_of(ann)}/vacations"
    for _ in range(2):
        await ann.post(address, json=VACATION)

    first = (await ann.get(f"{address}?page_size=1")).json()
    second = (await ann.get(f"{address}?page_size=1&page_token={first['next_page_token']}")).json()

    assert first["items"] != second["items"]
    assert second["next_page_token"] is None
    assert_problem(await ann.get(f"{address}?page_token=tampered"), 400, "malformed-request")
    for size in ("0", "201"):
        refused = await ann.get(f"{address}?page_size={size}")
        assert assert_problem(refused, 422, "validation-failed")["errors"][0]["field"] == "page_size"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"to": "2026-06-30"}, "to"),
        ({"from": "yesterday"}, "from"),
        ({"reason": "x" * 501}, "reason"),
        ({"goal_id": NOTHING}, "goal_id"),
    ],
)
@pytest.mark.parametrize("owner", ["goal", "me"])
async def test_a_bad_vacation_is_named(ann: Caller, owner: str, change: dict[str, Any], field: str):
    address = await path_of(ann) if owner == "goal" else "/v1/members/me"

    refused = await ann.post(f"{address}/vacations", json={**VACATION, **change})

    assert assert_problem(refused, 422, "validation-failed")["errors"][0]["field"] == field


async def test_a_habit_is_added_changed_and_removed(ann: Caller):
    path = await path_of(ann)

    plain = await ann.post(f"{path}/habits", json={"title": "Read"})
    made = await ann.post(
        f"{path}/habits", json={"title": "Stretch", "schedule": SCHEDULE, "minutes": 10, "if_then": "If up, then."}
    )
    at = made.headers["location"]
    changed = await ann.patch(at, json={"minutes": None, "schedule": {"period": "week", "times": 2}})
    in_the_goal = (await ann.get(path)).json()["habits"]
    removed = [(await ann.request("DELETE", at)).status_code for _ in range(2)]

    assert (plain.status_code, plain.json()["schedule"]["period"]) == (201, "day")
    assert made.json().keys() == {"id", "title", "schedule", "minutes", "if_then"}
    assert at == f"{path}/habits/{made.json()['id']}"
    assert (changed.status_code, changed.json()["minutes"], changed.json()["schedule"]["times"]) == (200, None, 2)
    assert changed.json()["if_then"] == "If up, then."
    assert in_the_goal == [plain.json(), changed.json()]
    assert removed == [204, 404]


async def test_a_subgoal_is_added_changed_and_removed(ann: Caller):
    path = await path_of(ann)

    made = await ann.post(f"{path}/subgoals", json={"title": "Run 5 km", "due_date": "2026-05-01"})
    at = made.headers["location"]
    changed = await ann.patch(at, json={"status": "done", "due_date": None})
    in_the_goal = (await ann.get(path)).json()["subgoals"]
    removed = [(await ann.request("DELETE", at)).status_code for _ in range(2)]

    assert made.status_code == 201
    assert {**made.json(), "id": ""} == {"id": "", "title": "Run 5 km", "due_date": "2026-05-01", "status": "open"}
    assert at == f"{path}/subgoals/{made.json()['id']}"
    assert (changed.json()["status"], changed.json()["due_date"]) == ("done", None)
    assert in_the_goal == [changed.json()]
    assert removed == [204, 404]


@pytest.mark.parametrize(
    ("method", "part", "body", "field"),
    [
        ("POST", "habits", {}, "title"),
        ("POST", "habits", {"title": "x", "minutes": 0}, "minutes"),
        ("POST", "habits", {"title": "x", "minutes": 1_441}, "minutes"),
        ("POST", "habits", {"title": "x", "if_then": "x" * 501}, "if_then"),
        ("POST", "habits", {"title": "x", "schedule": {"times": 0}}, "schedule.times"),
        ("POST", "habits", {"title": "x", "id": NOTHING}, "id"),
        ("PATCH", f"habits/{NOTHING}", {"title": None}, "title"),
        ("PATCH", f"habits/{NOTHING}", {"schedule": None}, "schedule"),
        ("POST", "subgoals", {"title": " "}, "title"),
        ("POST", "subgoals", {"title": "x", "due_date": "soon"}, "due_date"),
        ("POST", "subgoals", {"title": "x", "status": "done"}, "status"),
        ("PATCH", f"subgoals/{NOTHING}", {"status": "half"}, "status"),
        ("PATCH", f"subgoals/{NOTHING}", {"done_at": "2026-05-01T00:00:00Z"}, "done_at"),
    ],
)
async def test_a_bad_field_of_a_part_is_named(ann: Caller, method: str, part: str, body: dict[str, Any], field: str):
    refused = await ann.request(method, f"{await path_of(ann)}/{part}", json=body)

    assert assert_problem(refused, 422, "validation-failed")["errors"][0]["field"] == field


async def test_reminders_are_put_as_a_list_or_as_they_are_read(ann: Caller):
    address = f"{await path_of(ann)}/reminders"

    none = await ann.get(address)
    put = await ann.request("PUT", address, json=[{"time": "21:00"}, {"time": "07:30", "weekdays": ["sun", "mon"]}])
    put_back = await ann.request("PUT", address, json=put.json())
    read = await ann.get(address)
    emptied = await ann.request("PUT", address, json=[])

    assert none.json() == {"items": []}
    assert put.status_code == 200
    assert put.json() == {"items": [{"time": "07:30", "weekdays": ["mon", "sun"]}, {"time": "21:00", "weekdays": None}]}
    assert put_back.json() == read.json() == put.json()
    assert emptied.json() == {"items": []}


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ([{"time": "7:30"}], "items.0.time"),
        ([{"time": "24:00"}], "items.0.time"),
        ([{"time": "07:30\n"}], "items.0.time"),
        ([{"time": 730}], "items.0.time"),
        ([{}], "items.0.time"),
        ([{"time": "07:30", "weekdays": []}], "items.0.weekdays"),
        ([{"time": "07:30", "zone": "UTC"}], "items.0.zone"),
        ([{"time": "07:30"}] * 11, "items"),
        ({"items": [{"time": "07:30"}, []]}, "items.1"),
        ({"reminders": []}, "items"),
        ("07:30", "body"),
    ],
)
async def test_a_bad_reminder_is_named(ann: Caller, body: Any, field: str):
    refused = await ann.request("PUT", f"{await path_of(ann)}/reminders", json=body)

    assert assert_problem(refused, 422, "validation-failed")["errors"][0]["field"] == field


async def test_strangers_are_refused(client: httpx.AsyncClient):
    for operation in care.routes:
        path = operation.path
        for name in operation.path_names:
            path = path.replace(f"{{{name}}}", NOTHING)
        assert_problem(await client.request(operation.method, path), 401, "authentication-required")


async def test_parts_of_another_s_goal_are_not_there(ann: Caller, ben: Caller):
    path = await path_of(ben)
    habit = (await ben.post(f"{path}/habits", json={"title": "Stretch"})).headers["location"]
    vacation = (await ben.post("/v1/members/me/vacations", json=VACATION)).headers["location"]

    for method, address, body in (
        ("POST", f"{path}/habits", {"title": "x"}),
        ("PATCH", habit, {"title": "x"}),
        ("DELETE", habit, None),
        ("POST", f"{path}/vacations", VACATION),
        ("GET", f"{path}/vacations", None),
        ("GET", f"{path}/reminders", None),
        ("PUT", f"{path}/reminders", []),
        ("POST", f"{path}/copy", None),
        ("DELETE", vacation, None),
    ):
        assert_problem(await ann.request(method, address, json=body), 404, "not-found")
