"""Lists asked for more than they give, and what they cost (rows B8, B11, B15, C21, E14)."""

import statistics
import time
from collections.abc import AsyncIterator
from itertools import product
from typing import Any
from uuid import uuid4

import httpx
import psutil
import pytest

from gateway.app.operation import Access, Operation
from gateway.routes.fields import PageQuery
from gateway.routes.table import all_operations
from tests.support.api import Caller, assert_problem, register
from tests.support.whole import Insider

pytestmark = pytest.mark.xdist_group("system")
LISTS = [
    operation
    for operation in all_operations()
    if operation.is_built and operation.query_model is not None and issubclass(operation.query_model, PageQuery)
]
PAGED = [
    "/v1/goals",
    "/v1/goals/{goal_id}/activities",
    "/v1/goals/{goal_id}/vacations",
    "/v1/members/me/vacations",
    "/v1/challenges",
    "/v1/goal-templates",
    "/v1/chat/history",
    "/v1/chat/threads",
]
CANARY = "canary of somebody else"


@pytest.fixture(scope="module")
async def ann(base_url: str) -> AsyncIterator[Caller]:
    """Somebody with more than one of everything that is listed."""
    async with httpx.AsyncClient(base_url=base_url, trust_env=False, timeout=20) as client:
        yield await settled(client, "mine")


@pytest.fixture(scope="module")
async def ben(base_url: str) -> AsyncIterator[Caller]:
    """Somebody else, of whom nobody else may see anything."""
    async with httpx.AsyncClient(base_url=base_url, trust_env=False, timeout=20) as client:
        yield await settled(client, CANARY)


async def settled(client: httpx.AsyncClient, words: str) -> Caller:
    """Somebody new, with three goals, entries, vacations and conversations."""
    person = await register(client, name=f"Somebody {words}", birth_year=1990)
    for month in (1, 2, 3):
        days = {"from": f"2026-0{month}-01", "to": f"2026-0{month}-02", "reason": words}
        goal = await person.goal(title=words, category=words)
        await person.post("/v1/members/me/vacations", json=days)
        await person.post("/v1/chat", json={"message": words})
    for month in (1, 2, 3):
        days = {"from": f"2026-0{month}-01", "to": f"2026-0{month}-02", "reason": words}
        await person.post(f"/v1/goals/{goal['id']}/vacations", json=days)
        await person.post(f"/v1/goals/{goal['id']}/activities", json={"type": "note", "note": words})
    return person


async def address_of(person: Caller, path: str) -> str:
    """The path of a list, with the goal of the person's that has something on it."""
    if "{" not in path:
        return path
    goals = (await person.get("/v1/goals")).json()["items"]
    return path.replace("{goal_id}", goals[0]["id"])


def named(operation: Operation) -> str:
    return operation.operation_id


@pytest.mark.parametrize("operation", LISTS, ids=named)
async def test_b8_a_list_is_asked_for_nobody_else(ann: Caller, ben: Caller, admin: Caller, operation: Operation):
    person = admin if operation.access is Access.ADMIN else ann
    path = await address_of(ann, operation.path)
    asked = ("user_id", "mentor_id", "owner", "filter%5Buser%5D", "filter", "member_id%5B%5D")
    others = ("include=owner.journal", "expand=member", "fields=email", "order_by=user.email", "all=true")
    for query in (*(f"{name}={ben.id}" for name in asked), *others):
        problem = assert_problem(await person.get(f"{path}?{query}"), 422, "validation-failed")
        assert len(problem["errors"]) == 1


@pytest.mark.parametrize(
    "sort", ["user.email", "member_id", "title;x", "title,member_id", "-", "TITLE", "create_time desc"]
)
async def test_b8_goals_are_sorted_by_what_they_have(ann: Caller, sort: str):
    problem = assert_problem(await ann.get("/v1/goals", params={"sort": sort}), 422, "validation-failed")

    assert [error["field"] for error in problem["errors"]] == ["sort"]


async def test_b8_lists_show_one_s_own(ann: Caller, ben: Caller):
    for path in (
        *PAGED, "/v1/goals?sort=title", "/v1/goals?status=active", "/v1/goals?member_id=me",
        f"/v1/goals?member_id={ann.id}", "/v1/dashboard", "/v1/goals/export", "/v1/goals/export?format=csv",
        "/v1/members/me",
    ):  # fmt: skip
        answer = await ann.get(await address_of(ann, path))
        assert answer.status_code == 200, (path, answer.text)
        assert CANARY not in answer.text
        assert ben.id not in answer.text
    for member_id in (ben.id, ben.id.upper(), str(uuid4())):
        assert_problem(await ann.get(f"/v1/goals?member_id={member_id}"), 404, "not-found")
    by_category = await ann.get("/v1/goals", params={"category": CANARY})
    assert by_category.json() == {"items": [], "next_page_token": None}
    assert CANARY in (await ben.get("/v1/goals")).text


@pytest.mark.parametrize("path", PAGED)
async def test_b11_a_page_token_is_its_reader_s_list_s_and_unchanged(ann: Caller, ben: Caller, path: str):
    mine, theirs = await address_of(ann, path), await address_of(ben, path)
    first = (await ann.get(mine, params={"page_size": 1})).json()
    token = first["next_page_token"]
    foreign = (await ben.get(theirs, params={"page_size": 1})).json()["next_page_token"]
    other_list = "/v1/chat/history" if path == "/v1/goals" else "/v1/goals"
    other = (await ann.get(other_list, params={"page_size": 1})).json()["next_page_token"]

    for given in (foreign, other, *tampered(token)):
        answer = await ann.get(mine, params={"page_size": 1, "page_token": given})
        assert_problem(answer, 400, "malformed-request")
    # Whoever may read the list may read the page again: a token is no ticket.
    pages = [(await ann.get(mine, params={"page_size": 1, "page_token": token})).json() for _ in range(2)]
    assert pages[0] == pages[1]
    assert pages[0]["items"]
    assert pages[0]["items"] != first["items"]


def tampered(token: str) -> list[str]:
    """The token with one letter of each part of it changed, cut, and lengthened."""
    places = (0, len(token) // 3, len(token) // 2, len(token) - 3)
    changed = [token[:place] + ("A" if token[place] != "A" else "B") + token[place + 1 :] for place in places]
    return [*changed, token[:-4], token[4:], token + "AAAA", token[::-1], token.upper(), "A" * len(token), "0", "1"]


@pytest.mark.parametrize(
    "change",
    ["sort=title", "sort=-title", "status=active", "pattern=recurring", "category=mine"],
)
async def test_b11_a_page_token_is_for_its_filters(ann: Caller, change: str):
    token = (await ann.get("/v1/goals?page_size=1")).json()["next_page_token"]

    assert_problem(await ann.get(f"/v1/goals?page_size=1&page_token={token}&{change}"), 400, "malformed-request")


async def test_b15_what_is_another_s_takes_as_long_as_what_is_not(ann: Caller, ben: Caller):
    """Of up to 500 pairs, each one after the other, as whoever wants to know would time them."""
    goal = await ben.goal()
    foreign, missing = f"/v1/goals/{goal['id']}", f"/v1/goals/{uuid4()}"
    differences: list[float] = []
    for pair in range(500):
        # First the one, then the other, so that what comes first is no advantage.
        order = (foreign, missing) if pair % 2 else (missing, foreign)
        took = {path: await seconds_to_miss(ann, path) for path in order}
        differences.append(took[foreign] - took[missing])
        # A busy machine spoils single pairs and not the middle one; a difference that is there stays.
        if pair >= 150 and abs(statistics.median(differences)) < 0.0005:
            return
    assert abs(statistics.median(differences)) < 0.001


async def seconds_to_miss(person: Caller, path: str) -> float:
    begun = time.perf_counter()
    answer = await person.get(path)
    took = time.perf_counter() - begun
    assert_problem(answer, 404, "not-found")
    return took


@pytest.mark.parametrize(
    "words",
    [
        "%",
        "_",
        "%%",
        "m_ne",
        "mine%",
        "*",
        "*:*",
        "mi*",
        "mine | x",
        "mine & !x",
        "mine:*",
        "'mine' <-> 'x'",
        "\\",
        "^m",
    ],
)
@pytest.mark.parametrize("path", ["/v1/goals", "/v1/goal-templates"])
async def test_c21_a_filter_is_a_word_and_no_pattern(ann: Caller, path: str, words: str):
    answer = await ann.get(path, params={"category": words})

    assert answer.status_code == 200
    assert answer.json() == {"items": [], "next_page_token": None}


@pytest.mark.parametrize("path", ["/v1/goals", "/v1/goal-templates"])
async def test_c21_a_filter_has_an_end(ann: Caller, path: str):
    assert_problem(await ann.get(path, params={"category": "a " * 26}), 422, "validation-failed")
    assert_problem(await ann.get(path, params={"category": "a " * 10_000}), 414, "uri-too-long")
    assert_problem(await ann.get(path, params={"q": "mine"}), 422, "validation-failed")


@pytest.fixture(scope="module")
async def crowded(base_url: str) -> AsyncIterator[Caller]:
    """Somebody with as many goals as one may have, each with entries of a quarter."""
    async with httpx.AsyncClient(base_url=base_url, trust_env=False, timeout=20) as client:
        person = await register(client)
        goals = [await person.goal(start_date="2026-01-01", with_plan=False) for _ in range(50)]
        days = [f"2026-{month:02}-{day:02}" for month, day in product((1, 2, 3), range(1, 28, 3))]
        entries = [
            {"goal_id": goal["id"], "type": "check_in", "completed": True, "local_date": day}
            for goal, day in product(goals, days)
        ]
        for first in range(0, len(entries), 500):
            answer = await person.post("/v1/activities/batch", json={"activities": entries[first : first + 500]})
            assert answer.status_code == 201, answer.text
        yield person


@pytest.mark.parametrize(
    "path",
    [
        "/v1/goals?page_size=200&sort=-title&status=active&pattern=recurring&category=",
        "/v1/goals?page_size=200&sort=deadline",
        "/v1/dashboard",
    ],
)
async def test_e14_the_dearest_list_is_bounded(crowded: Caller, insider: Insider, path: str):
    """By processor time of those who work on it, which other work on the machine does not lengthen."""
    processes = [psutil.Process(insider.system.pid(name)) for name in ("gateway", "goals")]
    await crowded.get(path)

    spent_s, took_s = [], []
    for _ in range(5):
        before, begun = sum(computed(each) for each in processes), time.perf_counter()
        answer = await crowded.get(path)
        took_s.append(time.perf_counter() - begun)
        spent_s.append(sum(computed(each) for each in processes) - before)
        assert answer.status_code == 200
        assert len(shown(answer.json())) == 50

    assert statistics.median(spent_s) < 0.3
    assert min(took_s) < 0.3


def shown(content: dict[str, Any]) -> list[Any]:
    goals: list[Any] = content.get("items", content.get("goals", []))
    return goals


def computed(process: psutil.Process) -> float:
    times = process.cpu_times()
    return times.user + times.system


async def test_e14_no_page_is_larger(ann: Caller):
    for operation in LISTS:
        if operation.access is not Access.ADMIN:
            answer = await ann.get(await address_of(ann, operation.path) + "?page_size=201")
            assert_problem(answer, 422, "validation-failed")
