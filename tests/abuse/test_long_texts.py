"""Texts that are made to take long (row C20): whoever judges a text does so in a blink, whatever it says.

What a pattern takes is measured where it stands, in processor time and at its fastest, which other work on the machine
does not lengthen. A pattern that tries everything twice takes seconds for such texts.
"""

import asyncio
import json
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from datetime import date
from itertools import islice
from typing import Any

import httpx
import pytest

from gateway.accounts.addresses import normalise_email
from gateway.app import guard
from gateway.app.binding import bind_body
from gateway.app.operation import Operation
from gateway.problems import Problem
from gateway.routes.table import all_operations
from services.coach.domain import framing, intents, plain_text, safety
from services.coach.domain.planning import grammar
from services.goals.domain import cadence, recurrence
from tests.support.api import Caller, assert_problem

pytestmark = pytest.mark.xdist_group("system")
JSON = {"content-type": "application/json"}
BLINK_S = 0.05
BODIES = [operation for operation in all_operations() if operation.is_built and operation.body_model is not None]
# What patterns repeat: letters, digits, separators, and the words that the readers of goals and messages look for.
PIECES = (
    "a", "a ", "a.", "a@", "a-", "\t", " ", "\n", "a\n", "(", "[", "<|", "##", "# ", "'", '"', "\\", "1", "1 ", "9,",
    "1.", "-", "+1 ", "$1", "7:30 ", "10-20 ", "1/1/", "1x", "every ", "mon,", "mon-", "monday and ", "in 1 ",
    "by the end of ", "1 times ", "times a week ", "january 1 ", "from 7 to ", "lose 5 kg ", "30 min ", "every other ",
    "never ", "not ", "i want to ", "kill ", "die ", "system:", "ignore all ", "http:", "www.", "e\u0301", "\u200b",
    "\ufb03", "\u0130", "\u00df",
)  # fmt: skip


def baits(length: int) -> Iterator[str]:
    """Each piece over and over, with an end that fits and with one that does not."""
    for piece in PIECES:
        text = (piece * (length // len(piece) + 1))[:length]
        yield text
        yield text[:-1] + "!"


def is_slow(judge: Callable[[str], Any], text: str, bound_s: float) -> bool:
    """Whether the fastest of some tries takes that much processor time; a refusal is a judgement."""
    for _ in range(6):
        begun = time.process_time()
        with suppress(Problem, ValueError):
            judge(text)
        if time.process_time() - begun < bound_s:
            return False
    return True


def slow(judge: Callable[[str], Any], texts: Iterable[str], bound_s: float = BLINK_S) -> list[str]:
    """How those texts begin that take longer."""
    return [text[:20] for text in texts if is_slow(judge, text, bound_s)]


def named(operation: Operation) -> str:
    return operation.operation_id


@pytest.mark.parametrize("operation", BODIES, ids=named)
def test_c20_a_body_of_50_kb_of_any_bait_is_judged_in_a_blink(operation: Operation):
    """Everything between the bytes and the call: the guard, and every field's own rule."""
    model = operation.body_model
    assert model is not None
    names = [field.alias or name for name, field in model.model_fields.items()]

    def judge(bait: str) -> None:
        body = json.dumps(dict.fromkeys(names, bait)).encode()[: guard.BODY_LIMIT_BYTES]
        guard.check_json(body)
        bind_body(model, body)

    assert slow(judge, baits(50_000 // len(names))) == []


@pytest.mark.parametrize(
    ("judge", "length", "blinks"),
    [
        (normalise_email, 50_000, 1),
        (recurrence.parse, 1_000, 1),
        (cadence.find_cadence, 200, 1),
        (safety.screen, 8_000, 1),
        (intents.read, 8_000, 2),
        (plain_text.views, 8_000, 1),
        (framing.neutral, 10_000, 1),
        (framing.speakable_title, 200, 1),
    ],
    ids=["email", "rule", "title", "crisis", "intent", "views", "frame", "quoted title"],
)
def test_c20_what_is_taken_is_read_in_a_blink(judge: Callable[[str], Any], length: int, blinks: int):
    """At the greatest length that its field has; what a message is about takes half a blink, so it has two."""
    assert slow(judge, baits(length), blinks * BLINK_S) == []


def test_c20_a_goal_s_text_is_read_in_time_that_grows_as_it_does():
    """It takes longest of all and is read in a thread: a fifth of the greatest length in a blink, all in eight."""

    def read(text: str) -> object:
        return grammar.read_goal(text, today=date(2026, 3, 1))

    assert slow(read, baits(2_000)) == []
    assert slow(read, islice(baits(10_000), 0, None, 7), 8 * BLINK_S) == []


@pytest.mark.parametrize(
    "bait", ["a" * 50_000 + "!", "a@" * 25_000, "a." * 25_000 + "@x", "\t" * 30_000, "((((" * 12_500]
)
async def test_c20_at_the_door_as_well(ann: Caller, bait: str):
    goal = await ann.goal()
    path = f"/v1/goals/{goal['id']}"
    member = (await ann.get("/v1/members/me")).json()

    for answer in (
        await ann.client.post("/v1/auth/login", json={"email": bait, "password": "x" * 8}),
        await ann.client.post("/v1/auth/login", json={"email": "a@example.com", "password": bait}),
        await ann.patch("/v1/members/me", json={"locale": bait, "timezone": bait, "name": bait}),
        await ann.patch(path, json={"title": bait, "description": bait, "category": bait}),
        await ann.patch(path, json={"schedule": {"rrule": bait}}),
        await ann.post(f"{path}/activities", json={"type": "note", "note": bait, "context": {"tags": [bait]}}),
        await ann.post("/v1/chat", json={"message": bait}),
    ):
        assert_problem(answer, 422, "validation-failed")
    assert (await ann.get(path)).json() == goal
    assert (await ann.get("/v1/members/me")).json() == member


async def test_c20_a_string_without_an_end_holds_nobody_up(client: httpx.AsyncClient):
    opening = b"[" + b"[]," * 40 + b'"'
    room = 256 * 1024 - len(opening)
    endless = opening + b'\\"' * (room // 2)
    plain = opening + b"\\n" * (room // 2 - 1) + b'"]'

    bearable = await held_up_by(client, plain)

    # Judged once per quote, it would hold everybody up for minutes; the slack is for a busy machine.
    assert await held_up_by(client, endless) < 20 * bearable + 1.0


async def held_up_by(client: httpx.AsyncClient, body: bytes) -> float:
    """How long others wait for /livez, at worst, while somebody who is not signed in sends this."""
    loop = asyncio.get_running_loop()
    sending = asyncio.create_task(client.post("/v1/auth/login", content=body, headers=JSON))
    waits: list[float] = []
    while not (sending.done() and waits):
        begun = loop.time()
        assert (await client.get("/livez")).status_code == 200
        waits.append(loop.time() - begun)
    assert (await sending).status_code in {400, 422}
    return max(waits)
