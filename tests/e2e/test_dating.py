"""Dating goals, end to end: a conversation is confirmed and becomes goals, through coach, mentor and goals."""

import httpx
import pytest

from tests.support.api import Caller, register
from tests.support.system import System, stored_files_with

pytestmark = [pytest.mark.xdist_group("system"), pytest.mark.timeout(300)]

CANARY = "zebracanary7719"
ANSWERS = (
    "I want to ask out somebody from my class and feel calm on dates",
    *("two dates a month", "in three months", f"a {CANARY} club", "going with a friend", "overthinking", "4"),
    *("silence", "coffee shops and parks", "my sister", "weekly", "gently"),
)


async def _say(person: Caller, message: str) -> dict[str, object]:
    answer = await person.post("/v1/dating-goals", json={"message": message})
    assert answer.status_code == 200, answer.text
    turn: dict[str, object] = answer.json()
    return turn


async def test_a_conversation_becomes_goals_once(client: httpx.AsyncClient, system: System):
    ada = await register(client, birth_year=1990)
    turns = [await _say(ada, message) for message in ("hi", *ANSWERS)]
    too_soon = await ada.post("/v1/dating-goals/me/goals")
    last = await _say(ada, "yes")

    first = await ada.post("/v1/dating-goals/me/goals")
    again = await ada.post("/v1/dating-goals/me/goals")
    known = (await ada.get("/v1/dating-goals/me")).json()

    assert [turn["completion_percentage"] for turn in turns][-1] == 100
    assert too_soon.status_code == 409
    assert last["is_complete"] is True
    assert first.status_code == 201, first.text
    goals = first.json()["items"]
    assert [goal["title"] for goal in goals] == ["Ask out somebody from my class", "Feel calm on dates"]
    for goal in goals:
        assert (goal["category"], goal["pattern"], goal["status"]) == ("dating", "recurring", "active")
        assert (goal["schedule"]["period"], goal["schedule"]["times"]) == ("month", 2)
        assert goal["deadline"] is not None
        assert goal["plan"]["source"] == "offline"
    assert [goal["id"] for goal in again.json()["items"]] == [goal["id"] for goal in goals]
    assert len((await ada.get("/v1/goals")).json()["items"]) == 2
    assert (known["comfort_level"], known["preferred_venues"]) == ("moderate", ["coffee_shop", "park"])
    assert known["goals_data"]["support_people"] == ["sister"]
    assert known["goals_data"]["tried"] == [f"a {CANARY} club"]
    # The titles of goals are kept as they are; nothing else of what was said is.
    assert stored_files_with(system.home, CANARY) == []


async def test_dating_is_for_adults_whose_birth_year_is_known(client: httpx.AsyncClient):
    for profile in ({}, {"birth_year": 2015}):
        ada = await register(client, **profile)

        refused = await ada.post("/v1/dating-goals", json={"message": "I want to go on dates"})
        card = await ada.post("/v1/dating-goals", json={"message": "I want to kill myself"})

        assert (refused.status_code, refused.json()["type"]) == (403, "/problems/adults-only")
        assert card.status_code == 200
        assert card.json()["safety"]["tier"] == "risk"
        assert (await ada.get("/v1/dating-goals/me")).json()["goals"] == []
