"""Two paths against others in the same run: a long list against one goal, and a batch against single posts.

Requests of both kinds take turns, so that a machine that becomes slower harms neither.
"""

import asyncio
import json
import statistics
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from uuid import UUID

import httpx

from tests.bench.engine import quantile
from tests.bench.seeding import Member
from tests.bench.stack import Stack
from tests.bench.subjects import Credentials

BATCH = 500
_LIST_TURNS = 20
_READS_A_TURN = 4
# Posts of one turn: within the burst that a member may send.
_POSTS = 8
_DONE = {"type": "check_in", "completed": True}


class PathFailed(RuntimeError):
    """An answer was no success; the message says which."""


@dataclass(frozen=True)
class ListFigures:
    """Milliseconds of the gateway's answers.

    Attributes:
        list_ms: GET /v1/goals of a member with 50 goals and a year of entries on each.
        read_ms: GET /v1/goals/{id} of such a goal.
        changed_ms: The same list, right after a batch that logs on each of the goals; shown, not judged.
        changed_read_ms: Reads in turns with these.
    """

    list_ms: list[float]
    read_ms: list[float]
    changed_ms: list[float] = field(default_factory=list)
    changed_read_ms: list[float] = field(default_factory=list)

    @property
    def ratio(self) -> float:
        """p95 by p95."""
        return quantile(self.list_ms, 0.95) / quantile(self.read_ms, 0.95)


@dataclass(frozen=True)
class BatchFigures:
    """Entries a second, turn by turn: in batches of 500, and one by one over as many connections as posts."""

    batch_rates: list[float]
    post_rates: list[float]

    @property
    def ratios(self) -> list[float]:
        """Batches by single posts, within each turn."""
        return [batch / post for batch, post in zip(self.batch_rates, self.post_rates, strict=True)]

    @property
    def ratio(self) -> float:
        """The median."""
        return statistics.median(self.ratios)


class Caller:
    """A member's client of the gateway."""

    def __init__(self, stack: Stack, member: Member, token: str) -> None:
        self._stack = stack
        self.member = member
        self._client = httpx.AsyncClient(
            base_url=f"http://127.0.0.1:{stack.ports['a']}",
            headers={"Authorization": f"Bearer {token}"},
            trust_env=False,
            timeout=30,
        )

    async def close(self) -> None:
        """Ends its connections."""
        await self._client.aclose()

    async def goal_ids(self) -> list[str]:
        """The ids of all goals."""
        answer = await self._client.get("/v1/goals?page_size=200")
        _told(answer, time.perf_counter())
        return [goal["id"] for goal in answer.json()["items"]]

    async def get(self, target: str) -> float:
        """Milliseconds until the answer is there."""
        begun = time.perf_counter()
        answer = await self._client.get(target)
        return _told(answer, begun)

    async def post(self, target: str, body: object, key: str) -> float:
        """Milliseconds until the answer is there."""
        content = json.dumps(body)
        headers = {"Idempotency-Key": key, "Content-Type": "application/json"}
        begun = time.perf_counter()
        answer = await self._client.post(target, content=content, headers=headers)
        return _told(answer, begun)


def _told(answer: httpx.Response, begun: float) -> float:
    taken_ms = 1000 * (time.perf_counter() - begun)
    if not answer.is_success:
        raise PathFailed(f"{answer.request.url.path} answers {answer.status_code}: {answer.text[:300]}")
    return taken_ms


async def measure_lists(stack: Stack, members: list[Member], tell: Callable[[str], None]) -> ListFigures:
    """Lists and reads of each busy member in turns; then lists of goals of which each has changed since the last."""
    figures = ListFigures([], [])

    async def turn(caller: Caller, number: int) -> None:
        listed = await caller.get("/v1/goals")
        reads = [await caller.get(f"/v1/goals/{caller.member.goal_id}") for _ in range(_READS_A_TURN)]
        if number:
            figures.list_ms.append(listed)
            figures.read_ms.extend(reads)

    async def changed_turn(caller: Caller, number: int) -> None:
        asked = {"activities": [{**_DONE, "goal_id": goal_id} for goal_id in await caller.goal_ids()]}
        await caller.post("/v1/activities/batch", asked, f"list-{caller.member.goal_id}-{number}")
        listed = await caller.get("/v1/goals")
        reads = [await caller.get(f"/v1/goals/{caller.member.goal_id}") for _ in range(_READS_A_TURN)]
        if number:
            figures.changed_ms.append(listed)
            figures.changed_read_ms.extend(reads)

    await _in_turns(stack, members, _LIST_TURNS, turn, tell, "list")
    await _in_turns(stack, members, _LIST_TURNS, changed_turn, tell, "list of what changed")
    return figures


async def measure_batches(stack: Stack, members: list[Member], turns: int, tell: Callable[[str], None]) -> BatchFigures:
    """A batch, then single posts at once, of each member in turns; the days of a batch are the last 90."""
    figures = BatchFigures([], [])

    async def turn(caller: Caller, number: int) -> None:
        goal_id = caller.member.goal_id
        asked = {"activities": [{**_DONE, "goal_id": str(goal_id), **_on(day % 90)} for day in range(BATCH)]}
        batch_ms = await caller.post("/v1/activities/batch", asked, f"batch-{goal_id}-{number}")
        begun = time.perf_counter()
        posts = [_post(caller, goal_id, f"post-{goal_id}-{number}-{index}") for index in range(_POSTS)]
        await asyncio.gather(*posts)
        post_ms = 1000 * (time.perf_counter() - begun)
        if number:
            figures.batch_rates.append(1000 * BATCH / batch_ms)
            figures.post_rates.append(1000 * _POSTS / post_ms)

    await _in_turns(stack, members, turns, turn, tell, "batch")
    return figures


def _on(days_back: int) -> dict[str, str]:
    return {"local_date": (datetime.now(UTC) - timedelta(days=1 + days_back)).date().isoformat()}


def _post(caller: Caller, goal_id: UUID, key: str) -> Awaitable[float]:
    return caller.post(f"/v1/goals/{goal_id}/activities", _DONE, key)


async def _in_turns(
    stack: Stack,
    members: list[Member],
    turns: int,
    turn: Callable[[Caller, int], Awaitable[None]],
    tell: Callable[[str], None],
    title: str,
) -> None:
    """The first turn warms up. Buckets are filled anew before each, as what is measured is not the limits."""
    tokens = Credentials(stack, members).tokens()
    callers = [Caller(stack, member, token) for member, token in zip(members, tokens, strict=True)]
    tell(title)
    try:
        for number in range(turns + 1):
            for caller in callers:
                await stack.empty_buckets()
                await turn(caller, number)
    finally:
        for caller in callers:
            await caller.close()
