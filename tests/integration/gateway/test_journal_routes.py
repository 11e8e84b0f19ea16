"""The journal through the gateway."""

from typing import Any

import pytest

from gateway.routes import answers
from tests.support.api import Caller, assert_problem


async def test_an_entry_is_written_read_changed_and_taken_back(ann: Caller):
    made = await ann.post("/v1/journal", json={"text": "Ran.", "mood_tags": ["proud"], "local_date": "2026-03-01"})

    entry = answers.JournalEntry.model_validate_json(made.content)
    assert made.status_code == 201
    assert made.headers["location"] == f"/v1/journal/{entry.id}"
    assert (entry.text, entry.mood_tags, entry.mood_tags_origin) == ("Ran.", ["proud"], "member")
    assert entry.safety is not None
    assert entry.safety.tier == "none"
    where = f"/v1/journal/{entry.id}"
    assert (await ann.get(where)).json()["safety"] is None
    changed = await ann.patch(where, json={"sentiment_score": -0.25, "mood_tags": []})
    assert (changed.json()["sentiment_score"], changed.json()["mood_tags"]) == (-0.25, [])
    assert (await ann.request("DELETE", where)).status_code == 204
    assert_problem(await ann.get(where), 404, "not-found")


async def test_entries_come_in_pages(ann: Caller):
    for text in ("one", "two"):
        await ann.post("/v1/journal", json={"text": text})

    first = (await ann.get("/v1/journal?page_size=1")).json()
    second = (await ann.get(f"/v1/journal?page_size=1&page_token={first['next_page_token']}")).json()

    assert [each["text"] for page in (first, second) for each in page["items"]] == ["two", "one"]
    assert (await ann.get("/v1/journal?from=2026-03-01&to=2026-03-02")).status_code == 200
    refused = await ann.get("/v1/journal?from=2026-03-02&to=2026-03-01")
    assert assert_problem(refused, 422, "validation-failed")["errors"][0]["field"] == "to"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "text"),
        ({"text": " "}, "text"),
        ({"text": "x" * 10_001}, "text"),
        ({"text": "x", "mood_tags": ["bored"]}, "mood_tags"),
        ({"text": "x", "mood_tags": ["sad"] * 11}, "mood_tags"),
        ({"text": "x", "local_date": "tomorrow"}, "local_date"),
        ({"text": "x", "sentiment_score": 0.1}, "sentiment_score"),
    ],
)
async def test_what_breaks_a_rule_is_named_with_places_to_get_help(ann: Caller, body: dict[str, Any], field: str):
    problem = assert_problem(await ann.post("/v1/journal", json=body), 422, "validation-failed")

    assert problem["errors"][0]["field"].startswith(field)
    assert problem["resources"]


async def test_with_coach_away_a_refused_entry_names_places_to_get_help(ann: Caller):
    problem = assert_problem(await ann.post("/v1/journal", json={"text": "be away"}), 503, "dependency-unavailable")

    assert problem["resources"]
