"""What leaves the house, in which shape, and how fast it stops when nobody listens any more."""

import asyncio
import json
import subprocess
import sys
import time
from contextlib import aclosing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from services.coach.clients.members import FakeMembers
from services.coach.clients.offers import FakeOffers
from services.coach.clients.providers import Delta, End
from services.coach.clients.structured import OfflineStructured, StructuredChain
from services.coach.clients.vendors import gemini
from services.coach.domain.context import build_context
from services.coach.domain.conversation import Author
from services.coach.domain.framing import Frame
from services.coach.domain.person import Consents
from services.coach.domain.planning.planner import study
from services.coach.domain.planning.task import PlanTask
from services.coach.usecases import LatePlans, PlanUseCases
from tests.support.coach import TEXTS, goal_words
from tests.support.vendors import CLOCK, FORMS, TASK, USES, Stores, a_request, connect, wired
from tests.unit.coach.factories import ANNA, TODAY, a_message
from tests.unit.coach.goal_texts import rows
from tests.unit.coach.test_plan_properties import HOSTILE, assert_holds
from tests.vendors import StandIns
from tests.vendors.answers import WORDS

ROOT = Path(__file__).resolve().parents[3]
VENDORS = ("anthropic", "gemini")


async def bodies(standins: StandIns, stores: Stores, vendor: str, use: str) -> dict[str, Any]:
    """The request that one use sends."""
    async with wired(standins, {vendor: "stub-ok"}, stores=stores) as coach:
        await USES[use](coach)
    return standins.of(vendor)[-1].body


@pytest.mark.parametrize("use", USES)
async def test_anthropic_gets_its_cache_layout_and_no_sampling(standins: StandIns, stores: Stores, use: str):
    body = await bodies(standins, stores, "anthropic", use)
    headers = standins.of("anthropic")[-1].headers

    assert not {"temperature", "top_p", "top_k", "tools"} & set(body)
    assert headers["authorization"].startswith("Bearer ")
    assert (headers["anthropic-version"], headers["x-stainless-retry-count"]) == ("2026-10-21", "0")
    assert "traceparent" not in headers
    assert body["system"][0]["cache_control"] == {"type": "ephemeral", "ttl": "1h"}
    assert body["output_config"]["effort"] == "low"
    assert body["thinking"] == {"type": "disabled"}
    # A group is nobody in particular.
    assert len(body.get("metadata", {}).get("user_id", "")) == (0 if use == "group_post" else 32)
    assert str(ANNA) not in json.dumps(body.get("metadata", {}))
    assert body.get("stream", False) is (use == "chat_stream")
    if use in FORMS:
        assert body["output_config"]["format"]["type"] == "json_schema"
    else:
        assert body["system"][1]["cache_control"] == {"type": "ephemeral"}
        assert "Run 3x per week" in body["system"][1]["text"]


async def test_the_prefix_changes_with_the_rows_and_not_with_the_message(standins: StandIns):
    """Instructions are cached for everybody, a member's data until something is logged."""
    asked = [a_request("How am I doing?"), a_request("And what now?"), a_request("And what now?", week_logged=3)]
    async with wired(standins, {"anthropic": "stub-ok"}) as coach:
        for request in asked:
            async for _ in coach.chain.stream(request, deadline=asyncio.get_running_loop().time() + 45):
                pass

    first, second, logged = (request.body for request in standins.of("anthropic")[-3:])
    assert first["system"] == second["system"]
    assert first["messages"] != second["messages"]
    assert second["system"][0] == logged["system"][0]
    assert second["system"][1] != logged["system"][1]
    assert second["messages"] == logged["messages"]


@pytest.mark.parametrize("use", USES)
async def test_gemini_keeps_nothing_and_continues_nothing(standins: StandIns, stores: Stores, use: str):
    body = await bodies(standins, stores, "gemini", use)
    request = standins.of("gemini")[-1]

    assert body["store"] is False
    assert "temperature" not in body["generationConfig"]
    assert request.path.startswith("/v1/models/stub-ok:")
    assert request.headers["x-goog-api-key"]
    assert {each["threshold"] for each in body["safetySettings"]} == {"BLOCK_ONLY_HIGH"}
    if use in FORMS:
        assert body["generationConfig"]["responseMimeType"] == "application/json"


@pytest.mark.parametrize("vendor", VENDORS)
async def test_requests_under_way_together_all_learn_what_a_model_cannot_do(standins: StandIns, vendor: str):
    async with wired(standins, {vendor: "stub-no-thinking"}) as coach:
        outcomes = await asyncio.gather(*(USES["chat_plain"](coach) for _ in range(3)))

    assert [(outcome.provider, outcome.failed) for outcome in outcomes] == [(vendor, ())] * 3


async def test_gemini_is_reached_over_our_own_transport(standins: StandIns):
    """With aiohttp installed the SDK would take that."""
    async with wired(standins, {"gemini": "stub-ok"}) as coach:
        vendor = coach.vendors[0]

    assert isinstance(vendor, gemini.GeminiProvider)
    assert vendor._client._api_client._async_httpx_client is vendor._transport


@pytest.mark.parametrize("vendor", VENDORS)
async def test_a_talk_begins_and_ends_with_the_member(standins: StandIns, vendor: str):
    turns = [
        a_message("Welcome.", number=490, author=Author.COACH),
        a_message("I ran.", number=491),
        a_message("Twice.", number=492),
        a_message("What helped?", number=493, author=Author.COACH),
    ]
    context = build_context(
        ANNA, a_message("Music."), overview=None, turns=turns, frame=Frame("k7f3"), system="s", prompt_version="v"
    )
    async with wired(standins, {vendor: "stub-ok"}) as coach:
        await coach.vendors[0].complete(replace(a_request(), context=context), deadline=0)

    body = standins.of(vendor)[-1].body
    said = body["messages" if vendor == "anthropic" else "contents"]
    assert [turn["role"] for turn in said] == ["user", "assistant" if vendor == "anthropic" else "model", "user"]


@pytest.mark.parametrize("vendor", VENDORS)
async def test_every_word_of_a_vendor_is_a_delta_and_there_is_one_end(standins: StandIns, vendor: str):
    events = [event async for event in connect(standins, vendor, "stub-ok").stream(a_request(), deadline=0)]

    assert [event.text for event in events if isinstance(event, Delta)] == list(WORDS)
    (end,) = [event for event in events if isinstance(event, End)]
    assert end.model == "stub-ok"
    assert end.usage["out"] == 12
    assert end.usage["cache_read"] == 100


@pytest.mark.parametrize("vendor", VENDORS)
async def test_who_stops_listening_stops_the_vendor(standins: StandIns, vendor: str):
    async with wired(standins, {vendor: "stub-long"}) as coach:
        stream = coach.chain.stream(a_request(), deadline=asyncio.get_running_loop().time() + 45)
        async with aclosing(stream) as events:
            await anext(events)
            request, stopped = standins.of(vendor)[-1], time.monotonic()
        async with asyncio.timeout(5):
            await request.left.wait()

        assert coach.gates[vendor].breaker.failures == 0
    assert request.left_at - stopped <= 0.2


@pytest.mark.parametrize("use", USES)
@pytest.mark.parametrize("vendor", VENDORS)
async def test_a_request_that_is_cancelled_is_cancelled_at_the_vendor(
    standins: StandIns, stores: Stores, vendor: str, use: str
):
    count = len(standins.requests)
    async with wired(standins, {vendor: "stub-hang"}, stores=stores) as coach:
        asking = asyncio.ensure_future(USES[use](coach))
        await standins.until(count + 1)
        stopped = time.monotonic()
        asking.cancel()
        async with asyncio.timeout(5):
            await standins.requests[-1].left.wait()

        with pytest.raises(asyncio.CancelledError):
            await asking
    assert standins.requests[-1].left_at - stopped <= 0.2


async def test_members_who_allow_no_vendor_are_no_vendors_business(standins: StandIns):
    count = len(standins.requests)
    members = FakeMembers(consents=Consents(coach_reads_journal=True, ai_vendors=False))
    async with wired(standins, {"anthropic": "stub-ok", "gemini": "stub-ok"}) as coach:
        late = LatePlans(CLOCK, FakeOffers())
        plans = PlanUseCases(
            CLOCK,
            chain=coach.structured,
            late=late,
            texts=TEXTS,
            members=members,
            words=goal_words(),
            frame_key=b"f" * 32,
        )
        made = await plans.make_plan(TASK, member_id=ANNA)
        request = a_request(may_ask_vendors=False)
        events = [event async for event in coach.chain.stream(request, deadline=asyncio.get_running_loop().time() + 45)]

    assert (made.plan.source, made.degraded) == ("offline", False)
    assert isinstance(events[-1], End)
    assert events[-1].fallback_chain == ()
    assert len(standins.requests) == count


@pytest.mark.parametrize("vendor", VENDORS)
async def test_nobodys_address_or_number_leaves(standins: StandIns, vendor: str):
    said = "Call my sister: 555-123-4567, +44 7700 900123, anna@example.com"
    async with wired(standins, {vendor: "stub-ok"}) as coach:
        async for _ in coach.chain.stream(a_request(said), deadline=asyncio.get_running_loop().time() + 45):
            pass
        await coach.plans.make_plan(replace(TASK, description=said), member_id=ANNA)

    for request in standins.of(vendor)[-2:]:
        assert "sister" in request.text
        for contact in ("555-123", "900123", "anna@"):
            assert contact not in request.text


@pytest.mark.parametrize("vendor", VENDORS)
async def test_three_hundred_texts_get_plans_from_a_vendor_that_breaks_a_third_of_its_answers(
    standins: StandIns, vendor: str
):
    texts = ([row.text for name in ("plans", "plans_held_back") for row in rows(name)] * 3)[:250] + HOSTILE[:50]
    tasks = [PlanTask(text, TODAY) for text in texts]
    async with wired(standins, {vendor: "stub-third"}) as coach:
        chain = StructuredChain(coach.vendors, OfflineStructured())
        late = LatePlans(CLOCK, FakeOffers())
        plans = PlanUseCases(
            CLOCK, chain=chain, late=late, texts=TEXTS, members=FakeMembers(), words=goal_words(), frame_key=b"f" * 32
        )
        made = [
            one.plan
            for at in range(0, len(tasks), 10)
            for one in await asyncio.gather(*(plans.make_plan(task, member_id=ANNA) for task in tasks[at : at + 10]))
        ]

    assert len(made) == 300
    for task, plan in zip(tasks, made, strict=True):
        if plan.habits:
            assert_holds(task, study(task, TEXTS.plans), plan)
        else:
            # Set aside: what the coach does not do, in its own words.
            assert (plan.source, bool(plan.summary), plan.subgoals) == ("offline", True, ())
    sources = [plan.source for plan in made]
    assert sources.count(vendor) >= 150
    assert set(sources) == {vendor, "offline"}
    assert sum(not plan.habits for plan in made) < 10


@pytest.mark.parametrize(
    ("keys", "loaded"),
    [
        ({}, []),
        ({"ANTHROPIC_API_KEY": "k", "GEMINI_API_KEY": "k", "ENABLE_AI_COACHING": "false"}, []),
        ({"ANTHROPIC_API_KEY": "k"}, ["aiohttp", "anthropic", "httpx2"]),
        ({"GEMINI_API_KEY": "k"}, ["aiohttp", "google.genai", "httpx2"]),
    ],
)
def test_only_what_has_a_key_is_imported(keys: dict[str, str], loaded: list[str]):
    script = f"""
import sys
import services.coach.__main__
from chassis.clock import SystemClock
from chassis.config import load
from chassis.redis import Redis
from services.coach.clients.vendors.connected import connect_vendors
from services.coach.config import CoachSettings
from tests.unit.coach.test_config import NEEDED

connect_vendors(load(CoachSettings, NEEDED | {keys!r}), SystemClock(), Redis("redis://127.0.0.1:1/0"), subject_key=b"k")
print([name for name in ("aiohttp", "anthropic", "google.genai", "httpx2") if name in sys.modules])
genai = sys.modules.get("google.genai")
print(genai is None or genai.types.GenerateContentResponse.__pydantic_complete__)
"""
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr
    # What is imported is ready as well, so that nobody waits for it with the first request.
    assert done.stdout.split("\n")[:2] == [repr(loaded), "True"]
