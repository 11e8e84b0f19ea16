"""The raw-body guard: one document, one reading."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

import orjson
import pytest

from gateway.app import guard
from gateway.problems import Problem

Receive = Callable[[], Awaitable[dict[str, Any]]]


def receiving(*chunks: bytes, ends: bool = True) -> Receive:
    messages = [
        {"type": "http.request", "body": chunk, "more_body": not ends or number < len(chunks) - 1}
        for number, chunk in enumerate(chunks)
    ]

    async def receive() -> dict[str, Any]:
        return messages.pop(0) if messages else {"type": "http.disconnect"}

    return receive


def endless() -> Receive:
    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"x" * 65_536, "more_body": True}

    return receive


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"nothing",
        b'{"a": NaN}',
        b'{"a": Infinity}',
        b'{"a": -Infinity}',
        b'{"a": 1e999}',
        b'{"a": ' + b"9" * 400 + b"}",
        b'{"a": ' + b"9" * 5000 + b"}",
        b'{"a": 1, "a": 2}',
        b'{"a": {"b": 1, "b": 1}}',
        b'{"a": "\\u0000"}',
        b'{"\\u0000": 1}',
        b'{"a": "\x00"}',
        b'{"a": "\\ud800"}',
        b'{"\\udfff": 1}',
        b'["\\ud83d\\ud83d"]',
        b"\xef\xbb\xbf{}",
        '{"a": "ä"}'.encode("utf-16"),
        b'{"a": "\xff"}',
        b'{"a": "\xc0\xaf"}',
        b'{"a": "\xed\xa0\x80"}',
        b"{} {}",
        b"{'a': 1}",
        b"[" * 33 + b"]" * 33,
        b"[" * 900 + b"]" * 900,
        b"[" * 100_000,
        b'{"a":' * 5000 + b"1" + b"}" * 5000,
    ],
)
def test_what_two_parsers_could_read_differently_is_refused(body: bytes):
    with pytest.raises(Problem) as refused:
        guard.check_json(body)

    assert refused.value.slug == "malformed-request"


@pytest.mark.parametrize(
    "body",
    [
        b"{}",
        b'{"a": "\\u00e4\\ud83d\\ude00", "b": [1, -0, 1.5e10, true, null]}',
        b"[" * 32 + b"]" * 32,
        b'{"a": "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[["}',
        b'{"a": "\\"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[\\\\"}',
        b'{"a": "\\\\u0000"}',
        b"[" + b"[]," * 100 + b"[]]",
    ],
)
def test_plain_documents_pass(body: bytes):
    guard.check_json(body)


@pytest.mark.parametrize(
    "body",
    [
        b'{"a": [' + b"[]," * 10_000 + b"[]]}",
        b"[" + b"{}," * 10_000 + b"{}]",
        b"{" + b", ".join(b'"%d": 1' % number for number in range(1_001)) + b"}",
    ],
)
def test_a_body_made_of_nothing_but_structure_is_refused(body: bytes):
    with pytest.raises(Problem) as refused:
        guard.check_json(body)

    assert refused.value.slug == "malformed-request"


@pytest.mark.parametrize("unclosed", [b'\\"', b'\\"\\', b'\\\\\\"', b"a\\", b'\\u0022\\"', b'\\"[', b'\n\\"'])
def test_a_string_without_an_end_is_judged_as_fast_as_one_that_ends(unclosed: bytes):
    opening = b"[" + b"[]," * 40 + b'"'
    filling = unclosed * ((guard.BODY_LIMIT_BYTES - len(opening)) // len(unclosed))
    unending = opening + filling
    plain = opening + b"\\n" * (len(filling) // 2) + b'"]'

    # A scan that begins anew at every quote takes some thousand times as long; a busy machine does not.
    assert seconds_to_judge(unending) < 50 * seconds_to_judge(plain)
    with pytest.raises(Problem):
        guard.check_json(unending)


def seconds_to_judge(body: bytes) -> float:
    """The least of three attempts."""
    seconds = []
    for _ in range(3):
        begun = time.process_time()
        with suppress(Problem):
            guard.check_json(body)
        seconds.append(time.process_time() - begun)
    return min(seconds)


def test_a_full_batch_is_far_from_the_bounds_of_structure():
    word = {"goal_id": "g", "type": "note", "note": "[{" * 400, "context": {"tags": ["a", "b"]}}

    guard.check_json(orjson.dumps({"activities": [word] * 500}))


@pytest.mark.parametrize(
    "content_type",
    [None, b"", b"text/plain", b"application/json; charset=utf-7", b"multipart/form-data", b"application/jsonx",
     b"application/x-www-form-urlencoded", b"application/json; charset=utf-8; x=1"],
)  # fmt: skip
def test_other_media_types_are_refused(content_type: bytes | None):
    with pytest.raises(Problem) as refused:
        guard.check_media_type(content_type, None)

    assert refused.value.slug == "unsupported-media-type"


@pytest.mark.parametrize("content_type", [b"application/json", b"Application/JSON; charset=UTF-8"])
def test_json_in_utf8_passes(content_type: bytes):
    guard.check_media_type(content_type, None)


@pytest.mark.parametrize("encoding", [b"gzip", b"br", b"identity, gzip"])
def test_compressed_bodies_are_refused(encoding: bytes):
    with pytest.raises(Problem) as refused:
        guard.check_media_type(b"application/json", encoding)

    assert refused.value.status == 415


async def test_a_body_comes_whole_from_its_chunks():
    body = await guard.read_body(receiving(b'{"a"', b": 1", b"}"), declared_bytes=8, limit_bytes=100)

    assert body == b'{"a": 1}'


@pytest.mark.parametrize("declared", [101, 10**18])
async def test_a_declared_length_beyond_the_limit_is_refused_unread(declared: int):
    with pytest.raises(Problem) as refused:
        await guard.read_body(receiving(), declared_bytes=declared, limit_bytes=100)

    assert refused.value.slug == "payload-too-large"


async def test_an_endless_body_is_cut_at_the_limit():
    with pytest.raises(Problem) as refused:
        await guard.read_body(endless(), declared_bytes=None, limit_bytes=1000)

    assert refused.value.slug == "payload-too-large"


@pytest.mark.parametrize("chunks", [(b"{}",), (b"{}", b"    ")])
async def test_a_length_that_is_not_kept_is_refused(chunks: tuple[bytes, ...]):
    with pytest.raises(Problem) as refused:
        await guard.read_body(receiving(*chunks), declared_bytes=5, limit_bytes=100)

    assert refused.value.slug == "malformed-request"


async def test_a_client_that_leaves_ends_the_reading():
    with pytest.raises(Problem) as refused:
        await guard.read_body(receiving(b"{", ends=False), declared_bytes=None, limit_bytes=100)

    assert refused.value.slug == "malformed-request"


async def test_a_body_that_trickles_is_given_up():
    async def never() -> dict[str, Any]:
        if not sent:
            sent.append(True)
            return {"type": "http.request", "body": b"{", "more_body": True}
        await asyncio.sleep(60)
        raise AssertionError

    sent: list[bool] = []

    with pytest.raises(TimeoutError):
        await guard.read_body(never, declared_bytes=None, limit_bytes=100, timeout_s=0.01)


@pytest.mark.parametrize("given", [b"-1", b"1e3", b"+5", b" 5", b"1_000", b"9" * 30])
def test_lengths_are_plain_numbers(given: bytes):
    with pytest.raises(Problem):
        guard.declared_length(given)
