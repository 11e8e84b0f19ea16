"""Words that other languages would obey (rows D1, D5, H12)."""

import asyncio
from uuid import uuid4

import asyncpg
import httpx
import orjson
import pytest

from tests.support.api import Caller, assert_problem, new_email
from tests.support.whole import Insider

pytestmark = pytest.mark.xdist_group("system")
SQL = [
    "'; DROP TABLE gateway.accounts; --",
    "' OR '1'='1",
    "x'); SELECT set_config('app.claims', 'x', false); --",
    "1; SELECT pg_sleep(5)",
    "\\'; --",
    "$1",
    ":name",
]


@pytest.mark.parametrize("words", SQL)
async def test_d1_sql_is_text(ann: Caller, insider: Insider, words: str):
    goal = await ann.goal(title=words, description=words, category=words[:50])
    listed = await ann.get("/v1/goals", params={"category": words[:50]})
    sorted_by = await ann.get("/v1/goals", params={"sort": words})
    login = await ann.client.post("/v1/auth/login", json={"email": f"{words}@example.com", "password": words + "x" * 8})
    keyed = await ann.post(
        "/v1/goals", json={"title": "x", "pattern": "recurring"}, headers={"idempotency-key": "';--"}
    )

    assert goal["title"] == words
    assert listed.status_code == 200
    assert_problem(sorted_by, 422, "validation-failed")
    assert login.status_code in (401, 422)
    assert keyed.status_code == 201
    connection = await asyncpg.connect(insider.dsn())
    assert await connection.fetchval("SELECT count(*) > 0 FROM gateway.accounts")
    await connection.close()


async def test_d1_a_name_with_sql_is_a_name(client: httpx.AsyncClient):
    answer = await client.post(
        "/v1/auth/register", json={"email": new_email(), "password": SQL[0], "name": "Robert'); DROP TABLE members;--"}
    )

    assert answer.json()["member"]["name"] == "Robert'); DROP TABLE members;--"


WRITERS = {"goals", "coach", "mentor", "analytics", "notify", "gateway", "worker", "beat"}


@pytest.mark.parametrize(
    "words", ["a\nb", 'a\r\n{"event": "forged"}', "\u001b[2Jcleared", 'quote" and \\ back', "x" * 9_000, "\u2028line"]
)
async def test_d5_a_log_line_is_one_line_without_words_of_people(ann: Caller, insider: Insider, words: str):
    await ann.post("/v1/chat", json={"message": words[:8000] or "x"})
    await ann.client.get("/v1/goals", headers={"user-agent": "agent", "x-request-id": ascii(words)[:50]})

    logs = await asyncio.to_thread(insider.logs)
    ours = {file.stem: text for file, text in logs.items() if file.suffix == ".log" and file.stem in WRITERS}
    assert ours.keys() == WRITERS
    for line in b"".join(ours.values()).splitlines():
        assert line.startswith(b"{"), line[:200]
        orjson.loads(line)
    for file, text in logs.items():
        for canary in (b"forged", b"xxxxxxxxxxxx", b"cleared", b"and \\", words[:8000].encode()):
            assert canary not in text, (file, canary)


async def test_h12_no_failure_tells_how_we_are_built(ann: Caller, base_url: str):
    answers = [
        await ann.get("/v1/nothing"),
        await ann.get("/v1/goals/1"),
        await ann.post("/v1/goals", content=b"{", headers={"content-type": "application/json"}),
        await ann.post("/v1/goals", json={"title": 1}),
        await ann.get("/v1/goals?page_token=x"),
        await ann.get("/v1/mentors"),
        await ann.get("/v1/chat/history?page_token=x"),
        await ann.get(f"/v1/goals/{uuid4()}/progress"),
        await ann.post("/v1/goals", json={"title": "x", "pattern": "recurring", "schedule": {"rrule": "FREQ=NEVER"}}),
        await ann.request("BREW", "/v1/goals"),
        await ann.client.get("/v1/goals"),
        await ann.client.get("/v1/goals", headers={"authorization": "Bearer x"}),
    ]

    for answer in answers:
        assert 400 <= answer.status_code < 504
        assert answer.status_code != 500
        text = answer.text.lower()
        for word in (
            "traceback",
            "python",
            "grpc",
            "asyncpg",
            "pydantic",
            "sqlalchemy",
            "unix:",
            ".sock",
            ".py",
            "line ",
        ):
            assert word not in text, (word, answer.text)
