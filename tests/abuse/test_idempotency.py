"""Repeating oneself (rows G1-G7)."""

import asyncio
import json
from uuid import UUID

import asyncpg
import pytest

from tests.support.api import Caller, assert_problem
from tests.support.raw import speak
from tests.support.whole import Insider

pytestmark = pytest.mark.xdist_group("system")
GOAL = {"title": "Run", "pattern": "recurring"}


def key(value: str = "the same") -> dict[str, str]:
    return {"idempotency-key": value.replace(" ", "-")}


async def count(person: Caller) -> int:
    return len((await person.get("/v1/goals")).json()["items"])


async def test_g1_a_key_belongs_to_its_body(newcomer: Caller):
    await newcomer.post("/v1/goals", json=GOAL, headers=key())

    other = await newcomer.post("/v1/goals", json={**GOAL, "title": "Walk"}, headers=key())

    assert_problem(other, 422, "idempotency-key-reused")
    assert await count(newcomer) == 1


async def test_g2_twins_have_one_effect(newcomer: Caller):
    answers = await asyncio.gather(*[newcomer.post("/v1/goals", json=GOAL, headers=key()) for _ in range(10)])

    for answer in answers:
        if answer.status_code != 201:
            assert_problem(answer, 409, "idempotency-in-progress")
            assert answer.headers["retry-after"] == "1"
    assert len({answer.json()["id"] for answer in answers if answer.status_code == 201}) == 1
    assert await count(newcomer) == 1


async def test_g2_a_repetition_gets_the_first_answer_whatever_came_since(newcomer: Caller):
    goal = await newcomer.goal()
    path, change = f"/v1/goals/{goal['id']}", {"title": "Jog"}
    first = await newcomer.patch(path, json=change, headers=key())
    logged = await newcomer.post(f"{path}/checkins", json={"completed": True}, headers=key())
    await newcomer.patch(path, json={"title": "Walk"})
    await newcomer.post(f"{path}/checkins", json={"completed": True})

    again = await newcomer.patch(path, json=change, headers=key())
    logged_again = await newcomer.post(f"{path}/checkins", json={"completed": True}, headers=key())

    assert (again.content, again.headers["etag"]) == (first.content, first.headers["etag"])
    assert logged_again.content == logged.content
    assert (await newcomer.get(path)).json()["title"] == "Walk"


async def test_g3_a_key_is_one_s_own_and_one_operation_s(newcomer: Caller, ben: Caller):
    goal = await newcomer.goal()
    first = await newcomer.post("/v1/goals", json=GOAL, headers=key())

    other_member = await ben.post("/v1/goals", json=GOAL, headers=key())
    other_operation = await newcomer.post(f"/v1/goals/{goal['id']}/checkins", json={"completed": True}, headers=key())

    assert (other_member.status_code, other_operation.status_code) == (201, 201)
    assert other_member.json()["id"] != first.json()["id"]


@pytest.mark.parametrize(
    "value", [b"a" * 256, b"a" * 4096, b"", b"a b", b"\xc3\xa4", b"\xff", b"tab\there", b"\xe2\x80\xa8"]
)
async def test_g4_a_key_is_1_to_255_visible_characters(newcomer: Caller, value: bytes):
    headers = {b"idempotency-key": value, b"authorization": newcomer.headers["authorization"].encode()}

    answer = await newcomer.client.post("/v1/goals", json=GOAL, headers=headers)

    assert_problem(answer, 400, "malformed-request")
    assert await count(newcomer) == 0


@pytest.mark.parametrize("value", [b"a\x00b", b"\x00", b"a\x7f", b"a\x01", b"a\rb", b"\x1b[2J"])
async def test_g4_what_may_not_stand_in_a_header_is_no_http(newcomer: Caller, value: bytes):
    """The server's own answer, before anything of ours (docs/adr/0072)."""
    body = json.dumps(GOAL).encode()
    head = f"POST /v1/goals HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: {len(body)}\r\n"
    token = f"authorization: Bearer {newcomer.token}\r\nidempotency-key: "

    heard = await speak(str(newcomer.client.base_url), f"{head}{token}".encode() + value + b"\r\n\r\n" + body)

    assert [(answer.status, answer.body) for answer in heard.answers] == [(400, b"")]
    assert heard.is_ended
    assert await count(newcomer) == 0


async def test_g4_two_keys_are_none(newcomer: Caller):
    headers = [("idempotency-key", "a"), ("idempotency-key", "b"), *newcomer.headers.items()]

    assert_problem(await newcomer.client.post("/v1/goals", json=GOAL, headers=headers), 400, "malformed-request")
    assert await count(newcomer) == 0


async def test_g4_the_longest_key_is_a_key(newcomer: Caller):
    assert (await newcomer.post("/v1/goals", json=GOAL, headers=key("k" * 255))).status_code == 201


async def test_g5_after_a_day_a_key_is_as_good_as_new(newcomer: Caller, insider: Insider):
    first = await newcomer.post("/v1/goals", json=GOAL, headers=key())
    replayed = await newcomer.post("/v1/goals", json=GOAL, headers=key())
    connection = await asyncpg.connect(insider.dsn())
    aged = await connection.execute(
        "UPDATE goals.idempotency SET created_at = created_at - interval '24 hours' WHERE member_id = $1",
        UUID(newcomer.id),
    )
    await connection.close()

    again = await newcomer.post("/v1/goals", json=GOAL, headers=key())

    assert aged == "UPDATE 1"
    assert replayed.json()["id"] == first.json()["id"]
    assert replayed.headers["idempotency-replayed"] == "true"
    assert again.status_code == 201
    assert again.json()["id"] != first.json()["id"]
    assert "idempotency-replayed" not in again.headers
    assert await count(newcomer) == 2


async def test_g6_a_refused_request_uses_no_key_up(newcomer: Caller):
    refused = await newcomer.post("/v1/goals", json={**GOAL, "title": ""}, headers=key())
    corrected = await newcomer.post("/v1/goals", json=GOAL, headers=key())

    assert_problem(refused, 422, "validation-failed")
    assert corrected.status_code == 201
    assert "idempotency-replayed" not in corrected.headers


async def test_g7_of_two_changes_from_one_state_one_is_made(newcomer: Caller):
    goal = await newcomer.goal()
    seen = {"if-match": f'"{goal["etag"]}"'}

    answers = await asyncio.gather(
        *[newcomer.patch(f"/v1/goals/{goal['id']}", json={"title": title}, headers=seen) for title in ("A", "B")]
    )

    assert sorted(answer.status_code for answer in answers) == [200, 412]
    (made,) = [answer.json()["title"] for answer in answers if answer.status_code == 200]
    assert (await newcomer.get(f"/v1/goals/{goal['id']}")).json()["title"] == made
