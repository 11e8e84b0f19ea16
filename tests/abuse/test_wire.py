"""Requests as bytes that no client sends: lengths that lie, huge heads, requests in requests (rows C1, C16, C17).

What is no HTTP never reaches the application: the server answers it by itself, without a body, and hangs up
(docs/adr/0072). Everything else is answered as a problem.
"""

import asyncio
import json
from collections.abc import AsyncIterator

import httpx
import pytest

from tests.support.api import Caller, assert_problem, register
from tests.support.raw import Answer, Conversation, speak

pytestmark = pytest.mark.xdist_group("system")
GOAL = {"title": "Run", "pattern": "recurring"}
BODY = json.dumps(GOAL).encode()
HIDDEN = b"GET /livez HTTP/1.1\r\nhost: x\r\n\r\n"
# One that asks who is calling, to show that it has nothing of the request around it.
HIDDEN_AND_OURS = b"GET /v1/members/me HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n"


@pytest.fixture(scope="module")
async def ann(base_url: str) -> AsyncIterator[Caller]:
    """One person for all of these tests, who never gets a goal."""
    async with httpx.AsyncClient(base_url=base_url, trust_env=False, timeout=20) as client:
        yield await register(client)


@pytest.fixture(autouse=True)
async def nothing_is_made(ann: Caller) -> AsyncIterator[None]:
    """Whatever is answered, no goal is there afterwards."""
    yield
    assert (await ann.get("/v1/goals")).json()["items"] == []


async def said(person: Caller, rest: bytes, *, path: str = "/v1/goals", patience_s: float = 1.0) -> Conversation:
    """What follows on a POST of this person's with these very bytes after its first headers."""
    head = (
        f"POST {path} HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\nauthorization: Bearer {person.token}\r\n"
    )
    return await speak(str(person.client.base_url), head.encode() + rest, patience_s=patience_s)


def assert_malformed(answer: Answer) -> None:
    """A request that can be told apart and not be read."""
    assert answer.status == 400
    assert answer.problem["type"] == "/problems/malformed-request"
    assert answer.problem["request_id"] == answer.headers["x-request-id"]


def assert_no_http(conversation: Conversation, status: int = 400) -> None:
    """The server's own answer, the only one, and the end of the connection."""
    assert [(answer.status, answer.body) for answer in conversation.answers] == [(status, b"")]
    assert "content-type" not in conversation.answers[0].headers
    assert conversation.is_ended


async def test_c1_a_length_that_is_too_large_is_believed(ann: Caller):
    """Nobody waits for a body that would be refused, nor reads it."""
    lengths = (256 * 1024 + 1, 10**9, 2**40, 10**17)

    for heard in await asyncio.gather(
        *(said(ann, b"content-length: %d\r\n\r\n{}" % length, patience_s=5) for length in lengths)
    ):
        (answer,) = heard.answers
        assert answer.status == 413
        assert answer.problem["type"] == "/problems/payload-too-large"
        assert heard.is_ended


async def test_c1_a_length_that_says_less_ends_the_body_and_the_conversation(ann: Caller):
    """What comes after the declared length is no part of the body, and no request either."""
    for length in (1, len(BODY) - 1):
        first, *others = (await said(ann, b"content-length: %d\r\n\r\n" % length + BODY)).answers

        assert_malformed(first)
        assert [(other.status, other.body) for other in others] == [(400, b"")]


async def test_c1_a_length_that_says_more_is_not_waited_for_for_ever(ann: Caller):
    path = "/v1/members/me/vacations"
    begun = asyncio.get_running_loop().time()

    heard = await said(ann, b"content-length: 100\r\n\r\n{}", path=path, patience_s=11)

    (answer,) = heard.answers
    assert answer.status == 504
    assert answer.problem["type"] == "/problems/deadline-exceeded"
    assert heard.is_ended
    assert asyncio.get_running_loop().time() - begun < 10
    assert (await ann.get(path)).json()["items"] == []


@pytest.mark.parametrize("length", [b"-4", b"+4", b"4, 4", b"4,5", b"0x4", b"4.0", b"1e1", b"", b"9" * 30, b"\xd9\xa4"])
async def test_c1_a_length_is_a_number(ann: Caller, length: bytes):
    heard = await said(ann, b"content-length: " + length + b"\r\n\r\n{}  ")

    assert_no_http(heard)


async def test_c16_a_large_header_is_refused(ann: Caller):
    for size in (17_000, 60_000):
        large = await ann.get("/v1/goals", headers={"x-filler": "a" * size})
        assert_problem(large, 431, "headers-too-large")


@pytest.mark.parametrize("count", [101, 200, 1000])
async def test_c16_many_headers_are_refused(ann: Caller, count: int):
    many = b"".join(b"x-filler-%d: a\r\n" % number for number in range(count))

    assert_no_http(await said(ann, many + b"\r\n"), 431)


async def test_c16_headers_without_an_end_are_refused(ann: Caller):
    assert_no_http(await said(ann, b"x-filler: " + b"a" * 1_000_000 + b"\r\n\r\n"), 431)


async def test_c16_an_address_has_an_end(ann: Caller):
    for path in ("/v1/goals?category=" + "a" * 9_000, "/v1/" + "a" * 9_000):
        assert_problem(await ann.get(path), 414, "uri-too-long")


async def test_c16_a_line_end_in_a_value_begins_a_header_and_no_request(ann: Caller):
    """As in a value that somebody copied into a header without looking."""
    injected = b"x-note: a\r\nx-user-id: 1\r\ncontent-length: 2\r\n\r\n{}"

    (answer,) = (await said(ann, injected)).answers

    assert answer.status == 422
    assert answer.problem["type"] == "/problems/validation-failed"
    assert "x-user-id" not in answer.headers


@pytest.mark.parametrize(
    "name", ["authorization", "content-type", "idempotency-key", "if-match", "x-request-id", "host"]
)
async def test_c16_what_counts_comes_once(ann: Caller, name: str):
    values = {"authorization": f"Bearer {ann.token}", "content-type": "application/json", "host": "x"}
    once = b"" if name in values else f"{name}: a\r\n".encode()
    twice = once + f"{name}: {values.get(name, 'a')}\r\n".encode()

    (answer,) = (await said(ann, twice + b"content-length: %d\r\n\r\n" % len(BODY) + BODY)).answers

    assert_malformed(answer)


NO_HTTP = {
    "unknown coding": b"transfer-encoding: xchunked\r\n\r\n0\r\n\r\n",
    "two codings": b"transfer-encoding: chunked\r\ntransfer-encoding: identity\r\n\r\n0\r\n\r\n",
    "coding after chunks": b"transfer-encoding: chunked, identity\r\n\r\n0\r\n\r\n",
    "odd blank after chunked": b"transfer-encoding: chunked\x0b\r\n\r\n0\r\n\r\n",
    "two lengths": b"content-length: 4\r\ncontent-length: 5\r\n\r\nabcd",
    "negative length": b"content-length: -4\r\n\r\n",
    "length with a sign": b"content-length: +4\r\n\r\nabcd",
    "folded header": b"x-a: b\r\n c\r\n\r\n",
    "folded length": b"content-length:\r\n 4\r\n\r\nabcd",
    "bare carriage return": b"x-a: b\rx-c: d\r\n\r\n",
    "null in a value": b"x-a: b\x00c\r\n\r\n",
    "null in a name": b"x\x00a: b\r\n\r\n",
    "blank before the colon": b"x-a : b\r\n\r\n",
    "no colon": b"x-a\r\n\r\n",
    "no name": b": b\r\n\r\n",
}


@pytest.mark.parametrize("rest", NO_HTTP.values(), ids=NO_HTTP.keys())
async def test_c17_what_is_no_http_ends_the_conversation(ann: Caller, rest: bytes):
    assert_no_http(await said(ann, rest + HIDDEN))


UNREADABLE = {
    "length and coding": b"content-length: 4\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
    "coding and length": b"transfer-encoding: chunked\r\ncontent-length: 4\r\n\r\n0\r\n\r\n",
    "no chunk size": b"transfer-encoding: chunked\r\n\r\nZZ\r\n",
    "huge chunk": b"transfer-encoding: chunked\r\n\r\nffffffffffffffffff\r\nx",
    "chunk with a sign": b"transfer-encoding: chunked\r\n\r\n-1\r\nx\r\n0\r\n\r\n",
    "chunk that says less": b"transfer-encoding: chunked\r\n\r\n1\r\nxx\r\n0\r\n\r\n",
}


@pytest.mark.parametrize("rest", UNREADABLE.values(), ids=UNREADABLE.keys())
async def test_c17_a_body_of_two_minds_ends_the_conversation(ann: Caller, rest: bytes):
    heard = await said(ann, rest + HIDDEN)

    (answer,) = heard.answers
    assert_malformed(answer)
    assert heard.is_ended


async def test_c17_a_bare_line_feed_ends_a_line_and_what_follows_stands_alone(ann: Caller):
    """Which RFC 9112 lets a server do (2.2): what follows is a request, with nothing of the one before it."""
    first, second = (await said(ann, b"x-a: b\nx-c: d\n\n" + HIDDEN_AND_OURS)).answers

    assert_malformed(first)
    assert second.status == 401
    assert second.problem["type"] == "/problems/authentication-required"
    assert ann.id.encode() not in second.body


async def test_c17_a_body_is_no_request(ann: Caller):
    """A request in a body whose length is kept stays a body."""
    (answer,) = (await said(ann, b"content-length: %d\r\n\r\n" % len(HIDDEN) + HIDDEN)).answers

    assert_malformed(answer)
