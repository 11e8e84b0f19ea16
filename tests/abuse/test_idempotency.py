"""Repeating oneself (rows G1-G7)."""

import asyncio

import pytest

from tests.support.api import Caller, assert_problem

GOAL = {"title": "Run", "pattern": "recurring"}


def key(value: str = "the same") -> dict[str, str]:
    return {"idempotency-key": value.replace(" ", "-")}


async def count(person: Caller) -> int:
    return len((await person.get("/v1/goals")).json()["items"])


async def test_g1_a_key_belongs_to_its_body(ann: Caller):
    await ann.post("/v1/goals", json=GOAL, headers=key())

    other = await ann.post("/v1/goals", json={**GOAL, "title": "Walk"}, headers=key())

    assert_problem(other, 422, "idempotency-key-reused")
    assert await count(ann) == 1


async def test_g2_twins_have_one_effect(ann: Caller):
    answers = await asyncio.gather(*[ann.post("/v1/goals", json=GOAL, headers=key()) for _ in range(10)])

    for answer in answers:
        if answer.status_code != 201:
            assert_problem(answer, 409, "idempotency-in-progress")
            assert answer.headers["retry-after"] == "1"
    assert len({answer.json()["id"] for answer in answers if answer.status_code == 201}) == 1
    assert await count(ann) == 1


async def test_g3_a_key_is_one_s_own_and_one_operation_s(ann: Caller, ben: Caller):
    goal = await ann.goal()
    first = await ann.post("/v1/goals", json=GOAL, headers=key())

    other_member = await ben.post("/v1/goals", json=GOAL, headers=key())
    other_operation = await ann.post(f"/v1/goals/{goal['id']}/checkins", json={"completed": True}, headers=key())

    assert (other_member.status_code, other_operation.status_code) == (201, 201)
    assert other_member.json()["id"] != first.json()["id"]


@pytest.mark.parametrize("value", [b"a" * 256, b"a b", b"\xc3\xa4", b"tab\there", b"del\x7f"])
async def test_g4_a_key_is_1_to_255_visible_characters(ann: Caller, value: bytes):
    headers = {b"idempotency-key": value, b"authorization": ann.headers["authorization"].encode()}

    answer = await ann.client.post("/v1/goals", json=GOAL, headers=headers)

    assert answer.status_code == 400
    assert await count(ann) == 0


async def test_g4_two_keys_are_none(ann: Caller):
    headers = [("idempotency-key", "a"), ("idempotency-key", "b"), *ann.headers.items()]

    assert_problem(await ann.client.post("/v1/goals", json=GOAL, headers=headers), 400, "malformed-request")
    assert await count(ann) == 0


async def test_g4_the_longest_key_is_a_key(ann: Caller):
    assert (await ann.post("/v1/goals", json=GOAL, headers=key("k" * 255))).status_code == 201


async def test_g6_a_refused_request_uses_no_key_up(ann: Caller):
    refused = await ann.post("/v1/goals", json={**GOAL, "title": ""}, headers=key())
    corrected = await ann.post("/v1/goals", json=GOAL, headers=key())

    assert_problem(refused, 422, "validation-failed")
    assert corrected.status_code == 201
    assert "idempotency-replayed" not in corrected.headers


async def test_g7_of_two_changes_from_one_state_one_is_made(ann: Caller):
    goal = await ann.goal()
    seen = {"if-match": f'"{goal["etag"]}"'}

    answers = await asyncio.gather(
        *[ann.patch(f"/v1/goals/{goal['id']}", json={"title": title}, headers=seen) for title in ("A", "B")]
    )

    assert sorted(answer.status_code for answer in answers) == [200, 412]
    (made,) = [answer.json()["title"] for answer in answers if answer.status_code == 200]
    assert (await ann.get(f"/v1/goals/{goal['id']}")).json()["title"] == made
