"""The raw-body guard: what reaches a model is one JSON document that every parser reads alike.

Size, media type, encoding, depth, numbers, duplicate keys and unpaired surrogates are judged here, before pydantic,
because a permissive parser and a strict one behind it could otherwise disagree about the same bytes.
"""

import asyncio
import json
import math
import re
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any, Final, NoReturn

from gateway.problems import Problem, malformed

BODY_LIMIT_BYTES: Final = 256 * 1024
BATCH_LIMIT_BYTES: Final = 1024 * 1024
DEPTH_LIMIT: Final = 32
# A full batch has some 1,500 lists and objects with a dozen members each at most. Judging a body that is made of
# nothing else would hold up every other request: a MiB of `[],` takes 0.8 s.
CONTAINER_LIMIT: Final = 10_000
MEMBER_LIMIT: Final = 1_000
# How much of a body that is too large is read and thrown away, so that the client hears the answer.
DISCARD_LIMIT_BYTES: Final = 24 * 1024 * 1024
DISCARD_TIMEOUT_S: Final = 2.0
# A body that trickles in is given up: RELIABILITY 6.1.
BODY_TIMEOUT_S: Final = 10.0
# 64-bit integers have at most 19 digits; anything longer is no number of ours.
_INTEGER_CHARACTERS: Final = 20

_JSON_TYPE: Final = re.compile(rb'application/json(?:\s*;\s*charset="?utf-8"?)?', re.IGNORECASE)
# Strings are skipped as a whole, so that brackets inside them do not count. One that is never closed reaches to the
# end, and nothing is tried twice: else each escaped quote of such a body would begin a string of its own.
_NESTING: Final = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"?|[\[\]{}]', re.DOTALL)

Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]


async def read_json(receive: Receive, headers: Mapping[bytes, bytes], *, limit_bytes: int) -> bytes:
    """The whole body, judged in full.

    Raises:
        Problem: 415 for another media type, 413 beyond the limit, 400 for what is not one JSON document.
    """
    check_media_type(headers.get(b"content-type"), headers.get(b"content-encoding"))
    declared_bytes = declared_length(headers.get(b"content-length"))
    body = await read_body(receive, declared_bytes=declared_bytes, limit_bytes=limit_bytes)
    check_json(body)
    return body


def announces_body(headers: Mapping[bytes, bytes]) -> bool:
    """True where something follows the headers, or may."""
    return headers.get(b"content-length", b"0") != b"0" or b"transfer-encoding" in headers


def check_media_type(content_type: bytes | None, content_encoding: bytes | None) -> None:
    """Refuses anything but plain JSON in UTF-8.

    Raises:
        Problem: 415.
    """
    if content_encoding is not None and content_encoding.strip().lower() != b"identity":
        raise Problem("unsupported-media-type", "Compressed bodies are not accepted.")
    # Nearly every client sends exactly this; the pattern is for the rest.
    if content_type != b"application/json" and not _JSON_TYPE.fullmatch((content_type or b"").strip()):
        raise Problem("unsupported-media-type", "Send application/json in UTF-8.")


def declared_length(content_length: bytes | None) -> int | None:
    """The length that the client declares, or None.

    Raises:
        Problem: 400 for a length that is no plain number.
    """
    if content_length is None:
        return None
    if not content_length.isdigit() or len(content_length) > 18:
        raise malformed("Content-Length is not a number.")
    return int(content_length)


async def read_body(
    receive: Receive, *, declared_bytes: int | None, limit_bytes: int, timeout_s: float = BODY_TIMEOUT_S
) -> bytes:
    """Reads the whole body, and never more than the limit of it.

    Raises:
        Problem: 413 beyond the limit, 400 for a client that left or a length that was not kept.
        TimeoutError: The body did not come in time.
    """
    if declared_bytes is not None and declared_bytes > limit_bytes:
        await discard(receive)
        raise too_large(limit_bytes)
    message = await receive()
    if not message.get("more_body"):
        body: bytes = message.get("body", b"")
    else:
        async with asyncio.timeout(timeout_s):
            body = await _read_rest(receive, message, limit_bytes)
    if len(body) > limit_bytes:
        raise too_large(limit_bytes)
    if declared_bytes is not None and len(body) != declared_bytes:
        raise malformed("The body is not as long as Content-Length says.")
    return body


async def _read_rest(receive: Receive, message: MutableMapping[str, Any], limit_bytes: int) -> bytes:
    chunks: list[bytes] = []
    size = 0
    while True:
        if message["type"] == "http.disconnect":
            raise malformed("The connection ended before the body did.")
        chunk: bytes = message.get("body", b"")
        chunks.append(chunk)
        size += len(chunk)
        if size > limit_bytes:
            await discard(receive)
            raise too_large(limit_bytes)
        if not message.get("more_body"):
            return b"".join(chunks)
        message = await receive()


async def discard(receive: Receive) -> None:
    """Takes what is still coming, within bounds: most clients read the answer only after they have sent everything."""
    size = 0
    try:
        async with asyncio.timeout(DISCARD_TIMEOUT_S):
            while size < DISCARD_LIMIT_BYTES:
                message = await receive()
                size += len(message.get("body", b""))
                if message["type"] == "http.disconnect" or not message.get("more_body"):
                    return
    except TimeoutError:
        return


def check_json(body: bytes) -> None:
    """Refuses a document that two parsers could read in two ways, or that a column could not hold.

    Raises:
        Problem: 400.
    """
    if body.count(b"[") + body.count(b"{") > DEPTH_LIMIT:
        _check_nesting(body)
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        raise malformed("The body is not UTF-8.") from None
    if text.startswith("\ufeff"):
        raise malformed("The body begins with a byte order mark.")
    try:
        document = _DECODER.decode(text)
    except (ValueError, RecursionError):
        raise malformed("The body is not valid JSON.") from None
    if "\\u" in text:
        _check_escapes(document)


def too_large(limit_bytes: int) -> Problem:
    """413, saying the limit."""
    return Problem("payload-too-large", f"A request body here may have at most {limit_bytes // 1024} KiB.")


def _check_nesting(body: bytes) -> None:
    depth = containers = 0
    for token in _NESTING.finditer(body):
        opening = token.group()[0]
        if opening in b"[{":
            depth += 1
            containers += 1
            if depth > DEPTH_LIMIT:
                raise malformed(f"The body is nested deeper than {DEPTH_LIMIT} levels.")
            if containers > CONTAINER_LIMIT:
                raise malformed(f"The body holds more than {CONTAINER_LIMIT} lists and objects.")
        elif opening in b"]}":
            depth -= 1


def _check_escapes(document: object) -> None:
    """Escapes can spell what UTF-8 cannot carry: unpaired surrogates, and the NUL that PostgreSQL refuses."""
    pending = [document]
    while pending:
        item = pending.pop()
        if isinstance(item, str):
            _check_string(item)
        elif isinstance(item, list):
            pending.extend(item)
        elif isinstance(item, dict):
            pending.extend(item)
            pending.extend(item.values())


def _check_string(text: str) -> None:
    if "\x00" in text:
        raise malformed("Text may not contain NUL.")
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        raise malformed("Text may not contain unpaired surrogates.") from None


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    if len(pairs) > MEMBER_LIMIT:
        raise ValueError("too many members")
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("duplicate member")
    return members


def _refuse_constant(_name: str) -> NoReturn:
    raise ValueError("not a JSON number")


def _integer(text: str) -> int:
    if len(text) > _INTEGER_CHARACTERS:
        raise ValueError("integer out of range")
    return int(text)


def _number(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError("number out of range")
    return number


_DECODER: Final = json.JSONDecoder(
    object_pairs_hook=_unique, parse_constant=_refuse_constant, parse_int=_integer, parse_float=_number
)
