"""What the stand-ins insist on, as the vendors do, and what they notice. Asked without any SDK."""

import asyncio
import json
import os
import signal
import sys
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tests.vendors import KEY, StandIns
from tests.vendors.answers import REPLY, example
from tests.vendors.scenarios import SCENARIOS

ROOT = Path(__file__).resolve().parents[3]
CLAUDE = {"authorization": f"Bearer {KEY}", "anthropic-version": "2026-10-21"}
GOOGLE = {"x-goog-api-key": KEY}
ASKED: dict[str, Any] = {"model": "stub-ok", "max_tokens": 64, "messages": [{"role": "user", "content": "hi"}]}
CONTENTS: dict[str, Any] = {"contents": [{"role": "user", "parts": [{"text": "hi"}]}]}


async def post(url: str, body: dict[str, Any], headers: dict[str, str]) -> httpx2.Response:
    async with httpx2.AsyncClient(trust_env=False) as client:
        return await client.post(url, json=body, headers=headers)


async def ask_claude(standins: StandIns, headers: dict[str, str] = CLAUDE, **changes: Any) -> httpx2.Response:
    return await post(f"{standins.anthropic_url}/v1/messages", ASKED | changes, headers)


async def ask_gemini(
    standins: StandIns, method: str = "generateContent", model: str = "stub-ok", **changes: Any
) -> httpx2.Response:
    url = f"{standins.gemini_url}/v1/models/{model}:{method}"
    return await post(url, CONTENTS | changes, GOOGLE)


async def test_a_plain_answer_has_the_vendors_shape(standins: StandIns):
    claude, gemini = (await ask_claude(standins)).json(), (await ask_gemini(standins)).json()

    assert claude["content"] == [{"type": "text", "text": REPLY, "citations": None}]
    assert claude["stop_reason"] == "end_turn"
    assert gemini["candidates"][0]["content"] == {"parts": [{"text": REPLY}], "role": "model"}
    assert gemini["candidates"][0]["finishReason"] == "STOP"


async def test_streams_are_events_in_order(standins: StandIns):
    claude = await ask_claude(standins, stream=True)
    gemini = await ask_gemini(standins, "streamGenerateContent?alt=sse")

    kinds = [line.removeprefix("event: ") for line in claude.text.splitlines() if line.startswith("event: ")]
    assert kinds[:3] == ["message_start", "ping", "content_block_start"]
    assert kinds[-3:] == ["content_block_stop", "message_delta", "message_stop"]
    chunks = [json.loads(line.removeprefix("data: ")) for line in gemini.text.splitlines() if line]
    assert ["finishReason" in chunk["candidates"][0] for chunk in chunks] == [False] * (len(chunks) - 1) + [True]


@pytest.mark.parametrize("key", ["temperature", "top_p", "top_k"])
async def test_sampling_is_refused(standins: StandIns, key: str):
    changes: dict[str, Any] = {key: 0.5}

    refused = await ask_claude(standins, CLAUDE, **changes)

    assert refused.status_code == 400
    assert refused.json()["error"]["type"] == "invalid_request_error"
    assert refused.headers["request-id"] == refused.json()["request_id"]


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"anthropic-version": "2026-10-21"}, 401),
        ({"authorization": "Bearer x"}, 400),
        ({"x-api-key": "x", "anthropic-version": "2023-06-01"}, 200),
    ],
)
async def test_key_and_version_are_needed(standins: StandIns, headers: dict[str, str], status: int):
    assert (await ask_claude(standins, headers)).status_code == status


async def test_gemini_needs_its_key_its_version_and_its_way_to_stream(standins: StandIns):
    url = f"{standins.gemini_url}/v1/models/stub-ok:generateContent"

    assert (await post(url, CONTENTS, {})).status_code == 403
    assert (await post(url.replace("/v1/", "/v1beta/"), CONTENTS, GOOGLE)).status_code == 404
    assert (await ask_gemini(standins, "streamGenerateContent")).status_code == 400
    assert (await ask_gemini(standins, contents=[])).status_code == 400


async def test_forms_are_closed_and_without_limits(standins: StandIns):
    def asking(schema: dict[str, Any]) -> dict[str, Any]:
        return {"output_config": {"format": {"type": "json_schema", "schema": schema}}}

    closed = {"type": "object", "properties": {"n": {"type": "integer"}}, "additionalProperties": False}

    assert (await ask_claude(standins, **asking({"type": "object", "properties": {}}))).status_code == 400
    assert (await ask_claude(standins, **asking(closed | {"properties": {"n": {"minimum": 1}}}))).status_code == 400
    assert json.loads((await ask_claude(standins, **asking(closed))).json()["content"][0]["text"]) == {"n": 0}


async def test_tokens_are_counted(standins: StandIns):
    counted = await post(f"{standins.anthropic_url}/v1/messages/count_tokens", ASKED, CLAUDE)

    assert counted.json() == {"input_tokens": 42}
    assert (await ask_gemini(standins, "countTokens")).json() == {"totalTokens": 42}


async def test_unknown_models_are_not_found(standins: StandIns):
    assert (await ask_claude(standins, model="claude-unknown")).status_code == 404
    assert (await ask_gemini(standins, model="gemini-unknown")).status_code == 404


@pytest.mark.parametrize("model", ["stub-hang", "stub-long", "stub-stall"])
async def test_a_client_that_goes_away_is_seen_to_go(standins: StandIns, model: str):
    async def ask() -> None:
        async with httpx2.AsyncClient(trust_env=False) as client:
            await client.post(
                f"{standins.anthropic_url}/v1/messages", json=ASKED | {"model": model, "stream": True}, headers=CLAUDE
            )

    before = len(standins.requests)
    asking = asyncio.create_task(ask())
    await standins.until(before + 1)

    asking.cancel()

    async with asyncio.timeout(1):
        await standins.requests[-1].left.wait()


async def test_one_connection_serves_many_requests(standins: StandIns):
    async with httpx2.AsyncClient(trust_env=False, limits=httpx2.Limits(max_connections=1)) as client:
        for _ in range(20):
            answer = await client.post(f"{standins.anthropic_url}/v1/messages", json=ASKED, headers=CLAUDE)
            assert answer.status_code == 200

    assert not any(request.left.is_set() for request in standins.requests[-20:])


def test_an_example_is_the_smallest_that_a_form_allows():
    schema = {
        "type": "object",
        "properties": {
            "mood": {"enum": ["calm", "sad"]},
            "note": {"anyOf": [{"type": "string"}, {"type": "null"}]},
            "parts": {"type": "array", "items": {"$ref": "#/$defs/Part"}, "minItems": 1},
        },
    }

    assert example(schema, {"Part": {"type": "integer", "minimum": 3}}) == {"mood": "calm", "note": None, "parts": [3]}


async def test_a_person_is_told_what_to_set():
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-u",
        "-m",
        "tests.vendors",
        "0",
        "0",
        cwd=ROOT,
        env={"PATH": os.defpath},
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None

    async with asyncio.timeout(60):
        told = [await process.stdout.readline() for _ in range(8 + len(SCENARIOS))]
    process.send_signal(signal.SIGINT)
    rest, _ = await process.communicate()

    assert (process.returncode, b"Stopped." in rest) == (0, True)
    assert b"ANTHROPIC_BASE_URL=http://127.0.0.1:" in told[2]
    assert b"COACH_ANTHROPIC_FAST_MODEL=stub-ok" in told[3]
    assert b"GEMINI_BASE_URL=http://127.0.0.1:" in told[4]
    assert all(any(f"stub-{name}".encode() in line for line in told) for name in SCENARIOS)
