"""What the coach remembers, and messages corrected afterwards, through the gateway."""

from typing import Any

import pytest

from gateway.routes import answers
from tests.support.api import Caller, assert_problem

MESSAGE = "/v1/chat/messages/01a1fc72-0759-72fe-905f-9d4c0c81841c"


async def test_what_is_remembered_is_seen_corrected_pinned_and_forgotten(ann: Caller):
    page = answers.MemoryPage.model_validate_json((await ann.get("/v1/coach/memory")).content)
    where = f"/v1/coach/memory/{page.items[0].id}"

    changed = await ann.patch(where, json={"text": "I work days", "pinned": True})

    assert (page.items[0].kind, page.paused) == ("fact", False)
    assert (changed.json()["text"], changed.json()["pinned"]) == ("I work days", True)
    assert_problem(await ann.patch(where, json={"text": "too much"}), 409, "conflict")
    assert (await ann.request("DELETE", where)).status_code == 204
    assert_problem(await ann.request("DELETE", where), 404, "not-found")


async def test_remembering_is_paused_and_goes_on(ann: Caller):
    assert (await ann.post("/v1/coach/memory/pause")).json() == {"paused": True}
    assert (await ann.get("/v1/coach/memory")).json()["paused"] is True
    assert (await ann.post("/v1/coach/memory/pause", json={"paused": False})).json() == {"paused": False}


async def test_a_message_is_deleted_and_a_reply_rated(ann: Caller):
    rated = await ann.post(f"{MESSAGE}/feedback", json={"helpful": False, "note": "Tuesday"})

    assert answers.ReplyRating.model_validate_json(rated.content).note == "Tuesday"
    assert rated.json()["safety"] == {"tier": "none", "resources": []}
    assert (await ann.request("DELETE", MESSAGE)).status_code == 204


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        (f"{MESSAGE}/feedback", {}, "helpful"),
        (f"{MESSAGE}/feedback", {"helpful": "yes"}, "helpful"),
        (f"{MESSAGE}/feedback", {"helpful": True, "note": "x" * 10_001}, "note"),
        ("/v1/coach/memory/pause", {"paused": None}, "paused"),
    ],
)
async def test_what_breaks_a_rule_is_named(ann: Caller, path: str, body: dict[str, Any], field: str):
    problem = assert_problem(await ann.post(path, json=body), 422, "validation-failed")

    assert problem["errors"][0]["field"] == field
