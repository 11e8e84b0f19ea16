"""Reaching for what belongs to others (rows B1, B9, B10, B12, B13, B21, B22)."""

import json
import re
from typing import Any
from uuid import uuid4

import httpx
import pytest

from gateway.app.operation import Access, Operation
from gateway.routes.table import all_operations
from gateway.tokens import jose
from tests.support.api import Caller, assert_problem
from tests.support.raw import speak

pytestmark = pytest.mark.xdist_group("system")
CHANGE = {"title": "Mine now"}
BODIES = [operation for operation in all_operations() if operation.is_built and operation.is_write]
DAYS = {"from": "2026-03-01", "to": "2026-03-02"}
PART = "01a1fc72-0759-72fe-905f-9d4c0c81841c"


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "", None),
        ("PUT", "", CHANGE),
        ("PATCH", "", CHANGE),
        ("DELETE", "", None),
        ("POST", "/checkins", {"completed": True}),
        ("POST", "/activities", {"type": "note", "note": "x"}),
        ("GET", "/activities", None),
        ("GET", "/progress", None),
        ("GET", "/calendar?from=2026-03-01&to=2026-03-31", None),
        ("GET", "/explain?metric=streak", None),
        ("PATCH", f"/activities/{PART}", {"note": "Mine now"}),
        ("DELETE", f"/activities/{PART}", None),
        ("POST", "/vacations", DAYS),
        ("GET", "/vacations", None),
        ("DELETE", f"/vacations/{PART}", None),
        ("POST", "/habits", CHANGE),
        ("PATCH", f"/habits/{PART}", CHANGE),
        ("DELETE", f"/habits/{PART}", None),
        ("POST", "/subgoals", CHANGE),
        ("PATCH", f"/subgoals/{PART}", CHANGE),
        ("DELETE", f"/subgoals/{PART}", None),
        ("GET", "/reminders", None),
        ("PUT", "/reminders", []),
        ("POST", "/copy", None),
        ("POST", "/restore", None),
        ("POST", "/plan", None),
        ("GET", "/suggestions", None),
        ("POST", f"/suggestions/{PART}/accept", None),
        ("POST", f"/suggestions/{PART}/dismiss", None),
    ],
)
async def test_b1_what_belongs_to_another_is_not_there(ann: Caller, ben: Caller, method: str, path: str, body: object):
    goal = await ben.goal()

    foreign = await ann.request(method, f"/v1/goals/{goal['id']}{path}", json=body)
    missing = await ann.request(method, f"/v1/goals/{uuid4()}{path}", json=body)

    assert hidden(foreign) == hidden(missing)
    kept = (await ben.get(f"/v1/goals/{goal['id']}")).json()
    assert (kept["title"], kept["status"]) == (goal["title"], "active")


@pytest.mark.parametrize(("method", "body"), [("GET", None), ("PATCH", {"name": "Mine"}), ("PUT", {"name": "Mine"})])
async def test_b1_another_member_is_not_there(ann: Caller, ben: Caller, method: str, body: dict[str, object] | None):
    foreign = await ann.request(method, f"/v1/members/{ben.id}", json=body)
    missing = await ann.request(method, f"/v1/members/{uuid4()}", json=body)

    assert_problem(foreign, 404, "not-found")
    assert hidden(foreign) == hidden(missing)
    assert ben.email not in foreign.text


async def test_b1_figures_of_another_are_no_more_there_than_of_nobody(ann: Caller, ben: Caller):
    foreign = await ann.get(f"/v1/members/{ben.id}/analytics")
    missing = await ann.get(f"/v1/members/{uuid4()}/analytics")

    told = [assert_problem(answer, 501, "not-implemented") for answer in (foreign, missing)]
    for problem in told:
        del problem["instance"], problem["request_id"]
    assert told[0] == told[1]


async def test_b1_a_thread_of_another_is_not_there(ann: Caller, ben: Caller):
    theirs = (await ben.post("/v1/chat", json={"message": "canary in a thread"})).json()
    before = (await ben.get("/v1/chat/history")).json()

    async def reach_for(thread_id: str) -> list[httpx.Response]:
        words = {"message": "Go on.", "thread_id": thread_id}
        return [
            await ann.post("/v1/chat", json=words),
            await ann.post("/v1/chat", json=words, headers={"accept": "text/event-stream"}),
            await ann.post("/v1/chat", json={**words, "thread_id": thread_id.upper()}),
            await ann.get(f"/v1/chat/history?thread_id={thread_id}"),
        ]

    foreign, missing = await reach_for(theirs["thread_id"]), await reach_for(str(uuid4()))

    assert [hidden(answer) for answer in foreign] == [hidden(answer) for answer in missing]
    assert "canary" not in "".join(answer.text for answer in foreign)
    assert theirs["thread_id"] not in (await ann.get("/v1/chat/threads")).text
    assert theirs["message_id"] not in (await ann.get("/v1/chat/history")).text
    assert (await ben.get("/v1/chat/history")).json() == before


async def test_b1_dating_goals_of_another_are_not_there(adult: Caller, ben: Caller):
    said = await adult.post("/v1/dating-goals", json={"message": "I want to ask out my canary"})
    assert said.status_code == 200, said.text
    before = (await adult.get("/v1/dating-goals/me")).json()

    for method, path in (("GET", ""), ("DELETE", ""), ("POST", "/goals")):
        foreign = await ben.request(method, f"/v1/dating-goals/{adult.id}{path}")
        missing = await ben.request(method, f"/v1/dating-goals/{uuid4()}{path}")
        assert hidden(foreign) == hidden(missing)
    in_thread = await ben.post("/v1/chat", json={"message": "Go on.", "thread_id": said.json()["thread_id"]})
    assert_problem(in_thread, 404, "not-found")
    assert (await adult.get("/v1/dating-goals/me")).json() == before


BY_ID = [
    ("DELETE", "/v1/chat/messages/{message_id}", None),
    ("POST", "/v1/chat/messages/{message_id}/feedback", {"helpful": False}),
    ("DELETE", "/v1/auth/sessions/{session_id}", None),
    ("DELETE", "/v1/auth/tokens/{token_id}", None),
]
BUILT = {(operation.method, operation.path): operation.is_built for operation in all_operations()}


@pytest.mark.parametrize(("method", "path", "body"), BY_ID)
async def test_b1_messages_and_sessions_of_another_are_not_there(
    ann: Caller, ben: Caller, method: str, path: str, body: dict[str, object] | None
):
    said = (await ben.post("/v1/chat", json={"message": "canary in a message"})).json()
    session = jose.parse(ben.token).claims["sid"]
    before = (await ben.get("/v1/chat/history")).json()
    template, _, name = path.partition("{")
    _, _, rest = name.partition("}")

    # Every id of theirs at every address: none may be taken for another kind either.
    foreign = [
        await ann.request(method, f"{template}{given}{rest}", json=body)
        for given in (said["message_id"], said["thread_id"], session, ben.id)
    ]
    missing = await ann.request(method, f"{template}{uuid4()}{rest}", json=body)

    if BUILT[method, path]:
        assert {str(hidden(answer)) for answer in foreign} == {str(hidden(missing))}
    else:
        for answer in (*foreign, missing):
            assert_problem(answer, 501, "not-implemented")
    assert "canary" not in "".join(answer.text for answer in foreign)
    assert (await ben.get("/v1/chat/history")).json() == before
    refreshed = await ben.client.post("/v1/auth/refresh", json={"refresh_token": ben.session["refresh_token"]})
    assert refreshed.status_code == 200
    ben.session = refreshed.json()


@pytest.mark.parametrize(("method", "body"), [("PATCH", {"text": "Mine now"}), ("DELETE", None)])
async def test_b1_what_is_remembered_of_another_is_not_there(
    ann: Caller, ben: Caller, method: str, body: dict[str, object] | None
):
    await ben.post("/v1/chat", json={"message": "Remember that canary is my password."})
    before = (await ben.get("/v1/coach/memory")).json()
    memory_id = before["items"][0]["id"]

    foreign = await ann.request(method, f"/v1/coach/memory/{memory_id}", json=body)
    missing = await ann.request(method, f"/v1/coach/memory/{uuid4()}", json=body)

    assert hidden(foreign) == hidden(missing)
    assert "canary" not in foreign.text + (await ann.get("/v1/coach/memory")).text
    assert (await ben.get("/v1/coach/memory")).json() == before


@pytest.mark.parametrize(("method", "body"), [("GET", None), ("PATCH", {"text": "Mine now"}), ("DELETE", None)])
async def test_b1_a_journal_entry_of_another_is_not_there(
    ann: Caller, ben: Caller, method: str, body: dict[str, object] | None
):
    entry = (await ben.post("/v1/journal", json={"text": "canary in a journal"})).json()
    before = (await ben.get("/v1/journal")).json()

    foreign = await ann.request(method, f"/v1/journal/{entry['id']}", json=body)
    missing = await ann.request(method, f"/v1/journal/{uuid4()}", json=body)

    assert hidden(foreign) == hidden(missing)
    assert "canary" not in foreign.text + (await ann.get("/v1/journal")).text
    assert (await ben.get("/v1/journal")).json() == before


def hidden(answer: httpx.Response) -> dict[str, object]:
    """The whole problem but for what names the request."""
    problem = assert_problem(answer, 404, "not-found")
    return {name: value for name, value in problem.items() if name not in ("request_id", "instance")}


@pytest.mark.parametrize(
    ("part", "body", "change"),
    [
        ("activities", {"type": "note", "note": "canary"}, {"note": "Mine now"}),
        ("habits", {"title": "canary"}, CHANGE),
        ("subgoals", {"title": "canary"}, CHANGE),
        ("vacations", DAYS, None),
    ],
)
async def test_b1_a_part_of_another_s_goal_is_not_there(
    ann: Caller, ben: Caller, part: str, body: object, change: object
):
    """Neither under their goal nor under one's own."""
    mine, theirs = await ann.goal(), await ben.goal()
    made = await ben.post(f"/v1/goals/{theirs['id']}/{part}", json=body)
    part_id = made.headers["location"].rpartition("/")[2]

    for method, sent in (("PATCH", change), ("DELETE", None)):
        if method == "DELETE" or sent is not None:
            for goal_id in (theirs["id"], mine["id"]):
                foreign = await ann.request(method, f"/v1/goals/{goal_id}/{part}/{part_id}", json=sent)
                missing = await ann.request(method, f"/v1/goals/{goal_id}/{part}/{uuid4()}", json=sent)
                assert hidden(foreign) == hidden(missing)
    assert (await ben.request("DELETE", made.headers["location"])).status_code == 204


async def test_b1_a_vacation_of_another_is_not_there(ann: Caller, ben: Caller):
    made = await ben.post("/v1/members/me/vacations", json=DAYS)

    foreign = await ann.request("DELETE", made.headers["location"])
    missing = await ann.request("DELETE", f"/v1/members/me/vacations/{uuid4()}")

    assert hidden(foreign) == hidden(missing)
    assert (await ann.get("/v1/members/me/vacations")).json()["items"] == []
    assert (await ben.request("DELETE", made.headers["location"])).status_code == 204


async def test_b10_a_batch_with_another_s_goal_is_none(ann: Caller, ben: Caller):
    mine, theirs = await ann.goal(), await ben.goal()

    async def logged(goal_id: str) -> httpx.Response:
        words = [{"goal_id": each, "type": "note", "note": "x"} for each in (mine["id"], goal_id)]
        return await ann.post("/v1/activities/batch", json={"activities": words})

    foreign, missing = await logged(theirs["id"]), await logged(str(uuid4()))

    assert hidden(foreign) == hidden(missing)
    for person, goal in ((ann, mine), (ben, theirs)):
        assert (await person.get(f"/v1/goals/{goal['id']}/activities")).json()["items"] == []


@pytest.mark.parametrize("is_known", [True, False])
async def test_b9_parts_of_another_s_goal_are_none_of_mine(ann: Caller, ben: Caller, is_known: bool):
    """Milestones and habits that are really there, of a goal of their owner's, say no more than ids of nothing."""
    milestones = {"pattern": "milestone", "milestones": [{"title": "Outline"}, {"title": "Draft"}]}
    mine, mine_by_steps = await ann.goal(), await ann.goal(**milestones)
    theirs, theirs_by_steps = await ben.goal(), await ben.goal(**milestones)
    habit = (await ben.post(f"/v1/goals/{theirs['id']}/habits", json={"title": "Lace up"})).json()
    milestone_id = theirs_by_steps["milestones"][0]["id"] if is_known else str(uuid4())
    habit_id = habit["id"] if is_known else str(uuid4())
    before = [await shown(ann, mine, mine_by_steps), await shown(ben, theirs, theirs_by_steps)]

    for goal, part, body, fields in (
        (mine_by_steps, "activities", {"type": "milestone", "milestone_id": milestone_id}, ["milestone_id"]),
        (mine, "activities", {"type": "milestone", "milestone_id": milestone_id}, ["type", "milestone_id"]),
        (mine, "activities", {"type": "check_in", "completed": True, "habit_id": habit_id}, ["habit_id"]),
        (mine, "checkins", {"completed": True, "habit_id": habit_id}, ["habit_id"]),
        (mine, "checkins", {"completed": True, "goal_id": theirs["id"]}, ["goal_id"]),
        (mine, "activities", {"type": "note", "note": "x", "goal_id": theirs["id"]}, ["goal_id"]),
    ):
        answer = await ann.post(f"/v1/goals/{goal['id']}/{part}", json=body)
        problem = assert_problem(answer, 422, "validation-failed")
        assert [error["field"] for error in problem["errors"]] == fields
    kept = await ann.patch(
        f"/v1/goals/{mine_by_steps['id']}", json={"milestones": [{"id": milestone_id, "title": "Mine now"}]}
    )
    assert_problem(kept, 422, "validation-failed")
    for path in (f"habits/{habit_id}", f"subgoals/{habit_id}", f"activities/{milestone_id}"):
        hidden(await ann.request("DELETE", f"/v1/goals/{mine['id']}/{path}"))

    assert [await shown(ann, mine, mine_by_steps), await shown(ben, theirs, theirs_by_steps)] == before


async def shown(person: Caller, *goals: dict[str, Any]) -> list[object]:
    """Goals and what is logged on them, as their owner sees them."""
    paths = [f"/v1/goals/{goal['id']}{part}" for goal in goals for part in ("", "/activities", "/progress")]
    return [(await person.get(path)).json() for path in paths]


@pytest.mark.parametrize(
    "name",
    ["is_admin", "role", "roles", "user_id", "member_id", "mentor_id", "points", "created_at", "create_time",
     "verified", "plan", "tenant", "id", "etag", "completed_on", "progress_summary"],
)  # fmt: skip
async def test_b12_nobody_sets_what_is_not_theirs_to_set(ann: Caller, name: str):
    goal = await ann.goal()
    path = f"/v1/goals/{goal['id']}"

    for answer in (
        await ann.post("/v1/goals", json={"title": "x", "pattern": "recurring", name: "x"}),
        await ann.patch(path, json={name: "x"}),
        await ann.request("PUT", path, json={"title": "y", name: "x"}),
        await ann.post(f"{path}/checkins", json={"completed": True, name: "x"}),
    ):
        assert_problem(answer, 422, "validation-failed")
    assert (await ann.get(path)).json() == goal


@pytest.mark.parametrize(
    "operation", [each for each in BODIES if not each.takes_file], ids=lambda operation: operation.operation_id
)
async def test_b12_no_body_takes_more_than_its_fields(ann: Caller, admin: Caller, operation: Operation):
    person = admin if operation.access is Access.ADMIN else ann
    path = re.sub(r"\{\w+\}", str(uuid4()), operation.path.replace("{member_id}", "me"))
    for name in ("is_admin", "user_id", "mentor_id", "points", "created_at", "verified", "tenant", "etag", "__proto__"):
        answer = await person.request(operation.method, path, json={name: "x"})

        problem = assert_problem(answer, 422, "validation-failed")
        assert {error["field"] for error in problem["errors"]} >= {name.replace("__proto__", "unknown")}


@pytest.mark.parametrize("name", ["roles", "email", "id", "is_admin", "create_time"])
async def test_b12_nobody_gives_themselves_a_role(ann: Caller, name: str):
    assert_problem(await ann.patch("/v1/members/me", json={name: ["admin"]}), 422, "validation-failed")
    assert (await ann.get("/v1/members/me")).json()["roles"] == ["member"]


@pytest.mark.parametrize(
    "name", ["member_id", "id", "title", "pattern", "status", "create_time", "completed_on", "start_date", "etag"]
)
async def test_b13_what_a_goal_must_have_cannot_be_cleared(ann: Caller, name: str):
    goal = await ann.goal()
    path = f"/v1/goals/{goal['id']}"

    for method in ("PATCH", "PUT"):
        problem = assert_problem(await ann.request(method, path, json={name: None}), 422, "validation-failed")
        assert [error["field"] for error in problem["errors"]] == [name]
    assert (await ann.get(path)).json() == goal


@pytest.mark.parametrize("name", ["name", "timezone", "locale", "id", "email", "roles", "week_start"])
async def test_b13_what_a_member_must_have_cannot_be_cleared(ann: Caller, name: str):
    before = (await ann.get("/v1/members/me")).json()

    problem = assert_problem(await ann.patch("/v1/members/me", json={name: None}), 422, "validation-failed")

    assert [error["field"] for error in problem["errors"]] == [name]
    assert (await ann.get("/v1/members/me")).json() == before


@pytest.mark.parametrize(
    ("kind", "status", "slug"),
    [
        ("application/json", 422, "validation-failed"),
        ("application/json-patch+json", 415, "unsupported-media-type"),
        ("application/merge-patch+json", 415, "unsupported-media-type"),
    ],
)
async def test_b13_a_change_is_no_list_of_operations(ann: Caller, kind: str, status: int, slug: str):
    goal = await ann.goal()
    path = f"/v1/goals/{goal['id']}"
    for name in ("member_id", "id", "create_time", "title"):
        operations = json.dumps([{"op": "replace", "path": f"/{name}", "value": "x"}]).encode()

        answer = await ann.patch(path, content=operations, headers={"content-type": kind})

        assert_problem(answer, status, slug)
    assert (await ann.get(path)).json() == goal


PATHS = [
    "/v1/goals/", "//v1/goals", "/v1//goals", "/v1/goals;a=b", "/V1/GOALS", "/v1/%67oals", "/v1/goals/%2e%2e/members",
    "/v1/goals/../members", "/v1/./goals", "/v1/members/%6de", "/livez/", "/v1/goals/..;/members", "/v1%2fgoals",
    "///v1/goals", "/%2fv1/goals", "/v1/goals%00", "/v1/goals%20", "/v1/goals.json", "*",
]  # fmt: skip


@pytest.mark.parametrize("path", PATHS)
async def test_b21_a_path_has_one_spelling(ann: Caller, path: str):
    """As these very bytes: clients tidy a path up before they send it."""
    for method in ("GET", "POST"):
        head = f"{method} {path} HTTP/1.1\r\nhost: x\r\ncontent-length: 0\r\nauthorization: Bearer {ann.token}\r\n\r\n"
        (answer,) = (await speak(str(ann.client.base_url), head.encode(), is_last=True)).answers

        assert answer.status == 404
        assert answer.problem["type"] == "/problems/not-found"


@pytest.mark.parametrize("header", ["x-http-method-override", "x-http-method", "x-method-override"])
async def test_b21_a_method_is_what_it_is(ann: Caller, header: str):
    goal = await ann.goal()

    answer = await ann.get(f"/v1/goals/{goal['id']}", headers={header: "DELETE"})

    assert answer.status_code == 200
    assert answer.json() == (await ann.get(f"/v1/goals/{goal['id']}")).json() == goal


@pytest.mark.parametrize("method", ["HEAD", "OPTIONS", "TRACE", "PROPFIND"])
async def test_b22_other_methods_are_not_allowed(ann: Caller, method: str):
    answer = await ann.request(method, "/v1/goals", headers={"origin": "https://evil.example"})

    if method == "HEAD":  # whose answers have no body
        assert (answer.status_code, answer.content) == (405, b"")
    else:
        assert_problem(answer, 405, "method-not-allowed")
    assert answer.headers["allow"] == "GET, POST"
    assert not [name for name in answer.headers if name.startswith("access-control-")]


@pytest.mark.parametrize("origin", ["https://evil.example", "null"])
async def test_b22_no_origin_is_let_in(ann: Caller, origin: str):
    answer = await ann.get("/v1/goals", headers={"origin": origin})

    assert answer.status_code == 200
    assert not [name for name in answer.headers if name.startswith("access-control-")]
