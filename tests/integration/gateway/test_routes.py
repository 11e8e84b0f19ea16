"""The API's routes through the real process; what the services would say, stand-ins say."""

import asyncio
from pathlib import Path

import httpx
import orjson
import pytest

from gateway.routes import answers
from tests.support.api import Caller, assert_problem
from tests.support.gateway import RunningGateway


async def test_a_goal_is_made_read_changed_and_archived(ann: Caller):
    made = await ann.post("/v1/goals", json={"title": "Run 3x per week", "pattern": "recurring"})
    goal_id = made.json()["id"]

    read = await ann.get(f"/v1/goals/{goal_id}")
    changed = await ann.patch(
        f"/v1/goals/{goal_id}", json={"title": "Walk"}, headers={"if-match": read.headers["etag"]}
    )
    put = await ann.request("PUT", f"/v1/goals/{goal_id}", json={"description": "Far"})
    listed = await ann.get("/v1/goals?status=active&sort=-title&page_size=10")
    archived = [await ann.request("DELETE", f"/v1/goals/{goal_id}") for _ in range(2)]

    assert made.status_code == 201
    assert made.headers["location"] == f"/v1/goals/{goal_id}"
    answers.Goal.model_validate_json(read.content)
    assert (changed.json()["title"], put.json()["description"]) == ("Walk", "Far")
    assert changed.headers["etag"] != read.headers["etag"]
    assert [item["id"] for item in listed.json()["items"]] == [goal_id]
    assert [answer.status_code for answer in archived] == [204, 204]
    assert archived[0].content == b""


async def test_a_stale_etag_is_a_failed_precondition(ann: Caller):
    goal = await ann.goal()
    path, stale = f"/v1/goals/{goal['id']}", {"if-match": f'"{goal["etag"]}"'}

    answers_ = await asyncio.gather(*[ann.patch(path, json={"title": "Walk"}, headers=stale) for _ in range(2)])

    assert sorted(answer.status_code for answer in answers_) == [200, 412]
    assert_problem(
        await ann.patch(path, json={"title": "x"}, headers={"if-match": 'W/"1"'}), 412, "precondition-failed"
    )
    assert_problem(await ann.patch(path, json={"title": "x"}, headers={"if-match": "1"}), 400, "malformed-request")
    assert (await ann.patch(path, json={"title": "x"}, headers={"if-match": "*"})).status_code == 200


async def test_one_of_several_etags_is_enough(ann: Caller, admin: Caller):
    goal = await ann.goal()
    member, goal_path = f"/v1/members/{ann.id}", f"/v1/goals/{goal['id']}"
    for person, method, path, body in (
        (ann, "PATCH", goal_path, {"title": "Walk"}),
        (ann, "PUT", goal_path, {"title": "Swim"}),
        (ann, "PATCH", member, {"name": "Anne"}),
        (admin, "PUT", f"{member}/roles", {"roles": ["mentor"]}),
        (ann, "DELETE", goal_path, None),
    ):
        read = goal_path if path == goal_path else member
        present = (await (ann if path == goal_path else admin).get(read)).headers["etag"]

        async def sent(tags: str) -> httpx.Response:
            return await person.request(method, path, json=body, headers={"if-match": tags})  # noqa: B023

        assert_problem(await sent('"old", "older"'), 412, "precondition-failed")
        assert_problem(await sent(f"W/{present}"), 412, "precondition-failed")
        assert (await sent(f'"old", W/"x" ,,{present}')).status_code in (200, 204)


async def test_activities_are_logged_and_listed(ann: Caller):
    goal = await ann.goal()
    path = f"/v1/goals/{goal['id']}"

    checked = await ann.post(f"{path}/checkins", json={"completed": True, "note": "Wet"})
    noted = await ann.post(
        f"{path}/activities",
        json={
            "type": "note",
            "note": "x",
            "mood": 3,
            "context": {"tags": ["rain"]},
            "occurred_at": "2026-03-01T10:00:00Z",
        },
    )
    listed = await ann.get(f"{path}/activities?from=2026-01-01&to=2026-12-31")
    progress = await ann.get(f"{path}/progress?period=month")

    assert (checked.status_code, noted.status_code) == (201, 201)
    answers.Logged.model_validate_json(checked.content)
    answers.Page[answers.Activity].model_validate_json(listed.content)
    answers.Progress.model_validate_json(progress.content)
    assert_problem(await ann.get(f"{path}/activities?from=2026-02-01&to=2026-01-01"), 422, "validation-failed")


async def test_what_a_pattern_cannot_take_is_named(ann: Caller):
    goal = await ann.goal()

    problem = assert_problem(
        await ann.post(f"/v1/goals/{goal['id']}/activities", json={"type": "progress", "value": 3}),
        422,
        "validation-failed",
    )

    assert problem["errors"][0]["field"] == "value"


async def test_a_profile_is_read_and_changed(ann: Caller):
    read = await ann.get("/v1/members/me")
    changed = await ann.patch(
        "/v1/members/me",
        json={"timezone": "Asia/Tokyo", "week_start": "sun"},
        headers={"if-match": read.headers["etag"]},
    )

    answers.Member.model_validate_json(read.content)
    assert (changed.json()["timezone"], changed.json()["week_start"]) == ("Asia/Tokyo", "sun")
    assert_problem(await ann.patch("/v1/members/me", json={"roles": ["admin"]}), 422, "validation-failed")
    assert_problem(
        await ann.patch("/v1/members/me", json={"name": "x"}, headers={"if-match": read.headers["etag"]}),
        412,
        "precondition-failed",
    )


async def test_consents_change_one_by_one(ann: Caller):
    before = await ann.get("/v1/members/me/consents")
    after = await ann.request("PUT", "/v1/members/me/consents", json={"leaderboard": True})

    assert before.json() == {
        "coach_reads_journal": True, "ai_vendors": True, "alert_mentor_on_risk": False, "leaderboard": False,
    }  # fmt: skip
    assert after.json() == {**before.json(), "leaderboard": True}


async def test_the_coach_answers_whole_and_in_pieces(ann: Caller):
    whole = await ann.post("/v1/chat", json={"message": "I am tired"})
    pieces = await ann.post("/v1/chat", json={"message": "I am tired"}, headers={"accept": "text/event-stream"})

    answers.Exchange.model_validate_json(whole.content)
    assert whole.json()["ai_reply"] == "You said: I am tired"
    events = [event.split("\n") for event in pieces.text.strip().split("\n\n")]
    assert pieces.headers["content-type"].startswith("text/event-stream")
    assert [event[0] for event in events] == ["event: token"] * 3 + ["event: done"]
    answers.Exchange.model_validate_json(events[-1][1].removeprefix("data: "))


STREAM = {"accept": "text/event-stream"}


async def test_a_stream_that_fails_before_its_first_piece_is_an_ordinary_problem(ann: Caller):
    missed = await ann.post("/v1/chat/", json={"message": "x"}, headers=STREAM)
    away = await ann.post("/v1/chat", json={"message": "be away"}, headers=STREAM)

    assert_problem(missed, 404, "not-found")
    problem = assert_problem(away, 503, "dependency-unavailable")
    assert away.headers["retry-after"] == "1"
    assert problem["resources"][0]["contact"] == "findahelpline.com"


async def test_a_stream_that_fails_later_ends_with_the_problem(ann: Caller):
    answer = await ann.post("/v1/chat", json={"message": "stop short"}, headers=STREAM)

    *tokens, error = answer.text.strip().split("\n\n")
    assert answer.status_code == 200
    assert len(tokens) == 2
    name, _, data = error.partition("\ndata: ")
    assert name == "event: error"
    assert orjson.loads(data)["status"] == 503


async def test_a_repeated_stream_says_so(ann: Caller):
    headers = {**STREAM, "idempotency-key": "streamed"}

    first, again = [await ann.post("/v1/chat", json={"message": "one two"}, headers=headers) for _ in range(2)]

    assert "idempotency-replayed" not in first.headers
    assert again.headers["idempotency-replayed"] == "true"
    assert again.content == first.content


async def test_a_stream_is_not_sent_to_who_refuses_it(ann: Caller):
    answer = await ann.post(
        "/v1/chat", json={"message": "x"}, headers={"accept": "application/json, text/event-stream;q=0"}
    )

    assert answer.headers["content-type"] == "application/json"


async def test_what_was_not_kept_has_no_ids(ann: Caller):
    shown = (await ann.post("/v1/chat", json={"message": "forget this"})).json()

    assert shown["unsaved"]
    assert (shown["message_id"], shown["thread_id"], shown["user_message_id"]) == (None, None, None)


async def test_a_group_is_not_silently_left_out(ann: Caller):
    answer = await ann.post("/v1/chat", json={"message": "x", "group_id": "01a1fc72-0759-72fe-905f-9d4c0c81841c"})

    assert "group_id" in assert_problem(answer, 501, "not-implemented")["detail"]


async def test_a_service_that_does_not_know_a_method_is_not_built_yet(ann: Caller):
    assert_problem(await ann.get("/v1/chat/history"), 501, "not-implemented")


async def test_the_dashboard_shows_goals_without_the_warehouse(ann: Caller):
    goal = await ann.goal()

    shown = await ann.get("/v1/dashboard")

    dashboard = answers.Dashboard.model_validate_json(shown.content)
    assert dashboard.analytics is None
    assert [due.goal_id for due in dashboard.due_today] == [goal["id"]]


async def test_what_does_not_answer_is_503_and_the_rest_works_on(ann: Caller):
    for _ in range(6):
        problem = assert_problem(await ann.get("/v1/notifications"), 503, "dependency-unavailable")

    opened = await ann.get("/v1/notifications")

    assert problem["metadata"]["dependency"] == "notify"
    assert opened.headers["retry-after"] == "1"
    assert (await ann.get("/v1/goals")).status_code == 200


async def test_the_same_key_is_one_effect(ann: Caller, ben: Caller):
    words, key = {"title": "Run", "pattern": "recurring"}, {"idempotency-key": "same"}
    first = await ann.post("/v1/goals", json=words, headers=key)

    again = await ann.post("/v1/goals", json=words, headers=key)
    other_body = await ann.post("/v1/goals", json={**words, "title": "Walk"}, headers=key)
    other_member = await ben.post("/v1/goals", json=words, headers=key)

    assert "idempotency-replayed" not in first.headers
    assert (again.content, again.headers["idempotency-replayed"]) == (first.content, "true")
    assert_problem(other_body, 422, "idempotency-key-reused")
    assert other_member.json()["id"] != first.json()["id"]


async def test_a_key_counts_for_one_operation(ann: Caller):
    goal = await ann.goal()
    path, key = f"/v1/goals/{goal['id']}", {"idempotency-key": "k" * 255}

    first = await ann.post(f"{path}/checkins", json={"completed": True}, headers=key)
    other = await ann.post(f"{path}/activities", json={"type": "check_in", "completed": True}, headers=key)
    again = await ann.post(f"{path}/checkins", json={"completed": True}, headers=key)

    assert (first.status_code, other.status_code) == (201, 201)
    assert "idempotency-replayed" not in other.headers
    assert first.json()["activity"]["id"] != other.json()["activity"]["id"]
    assert (again.headers["idempotency-replayed"], again.json()) == ("true", first.json())


@pytest.mark.parametrize("path", ["/livez", "/readyz"])
async def test_probes_are_bare(client: httpx.AsyncClient, path: str):
    answer = await client.get(path)

    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"


async def test_health_shows_every_part(client: httpx.AsyncClient):
    shown = (await client.get("/health")).json()

    assert shown["status"] == "degraded"
    assert shown["services"].keys() == {
        "goals", "coach", "mentor", "analytics", "notify", "database", "redis", "email", "rate_limiter",
        "circuit_breakers",
    }  # fmt: skip
    assert shown["services"]["database"]["connected"]
    assert shown["services"]["redis"]["connected"]
    assert shown["services"]["analytics"] == {"status": "unhealthy", "latency_ms": None}
    assert shown["services"]["rate_limiter"] == {"enabled": False, "redis_available": True}
    assert shown["services"]["circuit_breakers"]["goals"]["state"] == "closed"


async def test_the_api_describes_itself(client: httpx.AsyncClient):
    document, page = await client.get("/openapi.json"), await client.get("/docs")

    assert document.json()["openapi"].startswith("3.1")
    assert page.headers["content-security-policy"].startswith("default-src 'none'")
    assert page.headers["content-type"] == "text/html; charset=utf-8"


async def test_metrics_are_on_the_operations_socket_only(client: httpx.AsyncClient, gateway: RunningGateway):
    transport = httpx.AsyncHTTPTransport(uds=str(gateway.ops_socket))
    async with httpx.AsyncClient(transport=transport, base_url="http://ops") as ops:
        metrics = await ops.get("/metrics")

    assert b"tandem_http_served_total" in metrics.content
    assert_problem(await client.get("/metrics"), 404, "not-found")


async def test_a_request_id_is_taken_or_made_and_logged(
    client: httpx.AsyncClient, ann: Caller, gateway: RunningGateway
):
    given = "0123456789abcdef-0123456789abcdef"

    taken = await ann.get("/v1/members/me", headers={"x-request-id": given})
    made = await ann.get("/v1/members/me", headers={"x-request-id": "not well formed"})

    assert taken.headers["x-request-id"] == given
    assert len(made.headers["x-request-id"]) == 32
    lines = [orjson.loads(line) for line in await asyncio.to_thread(_lines, gateway.log) if given.encode() in line]
    assert [line["operation"] for line in lines if line["event"] == "http_request"] == ["get_member"]


def _lines(log: Path) -> list[bytes]:
    return log.read_bytes().splitlines()
