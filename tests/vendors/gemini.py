"""Gemini's API, version v1: plain answers, server-sent events without an end marker, errors, and what it insists on."""

import itertools
import json
import re
from collections.abc import AsyncIterator, Sequence
from typing import Any, Final

from tests.vendors.answers import WORDS, Answers
from tests.vendors.http import Exchange
from tests.vendors.scenarios import AT_ONCE, CUT_SHORT, PACES, read_model

FOREVER_S: Final = 3_600.0
HUGE: Final = 10 * 2**20
_PATH = re.compile(r"/v1/models/([^:/]+):(generateContent|streamGenerateContent|countTokens)(?:\?(.*))?$")
_IDS = itertools.count(1)
_USAGE: Final = {
    "promptTokenCount": 1_025, "candidatesTokenCount": 12, "totalTokenCount": 1_037, "cachedContentTokenCount": 100,
}  # fmt: skip
_RETRY: Final = "type.googleapis.com/google.rpc.RetryInfo"
_ERROR_INFO: Final = "type.googleapis.com/google.rpc.ErrorInfo"
_ERRORS: Final = {
    "429": (429, "RESOURCE_EXHAUSTED", [{"@type": _RETRY, "retryDelay": "2s"}]),
    "429-bare": (429, "RESOURCE_EXHAUSTED", []),
    "spend": (429, "RESOURCE_EXHAUSTED", [{"@type": _RETRY, "retryDelay": "86400s"}]),
    "529": (503, "UNAVAILABLE", []),
    "503": (503, "UNAVAILABLE", []),
    "504": (504, "DEADLINE_EXCEEDED", []),
    "401": (400, "INVALID_ARGUMENT", [{"@type": _ERROR_INFO, "reason": "API_KEY_INVALID", "domain": "googleapis.com"}]),
    "402": (403, "PERMISSION_DENIED", []),
    "403": (403, "PERMISSION_DENIED", []),
    "404": (404, "NOT_FOUND", []),
    "400": (400, "INVALID_ARGUMENT", []),
    "413": (413, "INVALID_ARGUMENT", []),
}
# Why a candidate ended, where it is not at its own end; a sequence counts as one.
_REASONS: Final = {
    "refusal-late": "SAFETY",
    "prohibited": "PROHIBITED_CONTENT",
    "recitation": "RECITATION",
    "max-tokens": "MAX_TOKENS",
    "window": "MAX_TOKENS",
    "paused": "CONTINUATION",
    "tool": "MALFORMED_FUNCTION_CALL",
}
_WORDLESS: Final = frozenset({"empty", "tool", "refusal-late", "prohibited", "recitation"})


async def speak(exchange: Exchange, answers: Answers) -> None:
    """Answers one request."""
    request = exchange.request
    if not request.headers.get("x-goog-api-key"):
        await _fail(exchange, 403, "PERMISSION_DENIED", "Method doesn't allow unregistered callers")
        return
    found = _PATH.fullmatch(request.path)
    if found is None:
        await _fail(exchange, 404, "NOT_FOUND", "Not found")
        return
    model, method, query = found.groups()
    if method == "countTokens":
        await exchange.whole(200, {"totalTokens": 42})
        return
    if objection := _objection(request.body):
        await _fail(exchange, 400, "INVALID_ARGUMENT", objection)
        return
    if method == "streamGenerateContent" and query != "alt=sse":
        await _fail(exchange, 400, "INVALID_ARGUMENT", "this stand-in streams with alt=sse only")
        return
    await _play(exchange, answers, model, is_stream=method == "streamGenerateContent")


def _objection(body: dict[str, Any]) -> str:
    """What the API would say against a request; empty where nothing."""
    contents = body.get("contents")
    if not contents:
        return "* GenerateContentRequest.contents: contents is not specified"
    roles = [content.get("role") for content in contents]
    if set(roles) - {"user", "model"}:
        return "Please use a valid role: user, model."
    if roles[-1] != "user":
        return "Please ensure that single turn requests end with a user role"
    if any(not part.get("text") for content in contents for part in content.get("parts", [{}])):
        return "* GenerateContentRequest.contents.parts: part must not be empty"
    return ""


async def _play(exchange: Exchange, answers: Answers, model: str, *, is_stream: bool) -> None:
    scenario, delay_s = read_model(model)
    if not scenario:
        await _fail(exchange, 404, "NOT_FOUND", f"models/{model} is not found for API version v1")
        return
    scenario = answers.instead.get(exchange.request.vendor, scenario)
    await exchange.pause(delay_s)
    config = exchange.request.body.get("generationConfig", {})
    if scenario in _ERRORS:
        status, kind, details = _ERRORS[scenario]
        await _fail(exchange, status, kind, "A message of the vendor", details)
    elif scenario == "no-thinking" and ("thinkingConfig" in config or "thinking_config" in config):
        await _fail(exchange, 400, "INVALID_ARGUMENT", "Thinking level is not supported for this model.")
    elif scenario == "500":
        await exchange.whole(500, b"<html><body>Internal error</body></html>")
    elif scenario == "html":
        await exchange.whole(200, b"<html><body>Please sign in</body></html>")
    elif scenario == "hang":
        await exchange.pause(FOREVER_S)
    elif scenario == "reset":
        exchange.reset()
    else:
        said = _said(exchange.request.body, scenario, answers)
        await (_stream if is_stream else _plain)(exchange, scenario, said, model)


def _said(body: dict[str, Any], scenario: str, answers: Answers) -> Sequence[str]:
    config = body.get("generationConfig", {})
    schema = config.get("responseJsonSchema") or config.get("response_json_schema")
    if schema is not None:
        asked = "".join(part["text"] for part in body["contents"][0]["parts"])
        return [answers.form(scenario, schema, asked, is_repair=len(body["contents"]) > 1)]
    words = WORDS[:2] if scenario in CUT_SHORT else WORDS
    return ("word " * 10,) * (HUGE // 50) if scenario == "huge" else words


async def _plain(exchange: Exchange, scenario: str, said: Sequence[str], model: str) -> None:
    body = json.dumps(_whole(model, scenario, "".join(said))).encode()
    match scenario:
        case "error" | "error-first":
            await _fail(exchange, 503, "UNAVAILABLE", "The model is overloaded.")
        case "hello":
            await exchange.whole(200, {"hello": "world"})
        case "broken":
            await exchange.whole(200, body[: len(body) // 2])
        case "bad-utf8":
            await exchange.whole(200, body.replace(said[0][:2].encode(), b"\xff\xfe"))
        case "midcut" | "stall" | "drip":
            await exchange.head(200, {"content-type": "application/json", "content-length": str(len(body))})
            await exchange.send(body[:20])
            await _break_off(exchange, scenario, body[20:])
        case _:
            await exchange.whole(200, body)


async def _break_off(exchange: Exchange, scenario: str, rest: bytes) -> None:
    if scenario == "midcut":
        exchange.cut()
    for number in range(len(rest) if scenario == "drip" else 0):
        await exchange.pause(1.0)
        await exchange.send(rest[number : number + 1])
    if scenario == "stall":
        await exchange.pause(FOREVER_S)


def _whole(model: str, scenario: str, text: str) -> dict[str, Any]:
    if scenario == "refusal":
        return _blocked(model)
    reason = None if scenario == "eof" else _REASONS.get(scenario, "STOP")
    parts: list[dict[str, Any]] = [] if scenario in _WORDLESS else [{"text": text}]
    if scenario == "thinking":
        parts.insert(0, {"text": "Hm, a secret.", "thought": True})
    whole = _chunk(model, parts, reason)
    if scenario == "prohibited":
        del whole["candidates"][0]["content"]
    if scenario == "paused":
        whole["candidates"][0]["continuationToken"] = "Z28gb24="
    return whole


def _blocked(model: str) -> dict[str, Any]:
    whole = {**_chunk(model, [], None), "promptFeedback": {"blockReason": "SAFETY", "safetyRatings": []}}
    del whole["candidates"]
    return whole


def _chunk(model: str, parts: list[dict[str, Any]], reason: str | None) -> dict[str, Any]:
    candidate: dict[str, Any] = {"content": {"parts": parts, "role": "model"}, "index": 0}
    if reason:
        candidate["finishReason"] = reason
    return {
        "candidates": [candidate],
        "usageMetadata": _USAGE,
        "modelVersion": model,
        "responseId": f"response{next(_IDS)}",
    }


async def _stream(exchange: Exchange, scenario: str, said: Sequence[str], model: str) -> None:
    await exchange.stream_head({"content-type": "text/event-stream"})
    async for piece in _pieces(exchange, scenario, said, model):
        await exchange.chunk(piece)
    if scenario == "midcut":
        exchange.cut()
    elif scenario == "stall":
        await exchange.pause(FOREVER_S)
    else:
        await exchange.end()


# After two words nothing good comes any more.
_BROKEN_OFF: Final = frozenset({"midcut", "stall", "eof", "error", "broken", "bad-utf8"})


async def _pieces(exchange: Exchange, scenario: str, said: Sequence[str], model: str) -> AsyncIterator[bytes]:
    """The events of a stream, as far as the scenario goes."""
    before = _before(scenario, model)
    for piece in before:
        yield piece
    if before and scenario in _NOTHING_MORE:
        return
    words = said[:2] if scenario in _BROKEN_OFF or scenario == "refusal-late" else said
    pieces = PACES.get(scenario, AT_ONCE).pieces(words)
    for word in pieces if scenario not in {"empty", "tool", "prohibited"} else ():
        async for piece in _paced(exchange, scenario, _event(_chunk(model, [{"text": word}], None))):
            yield piece
    for piece in _after(scenario, model):
        yield piece


_NOTHING_MORE: Final = frozenset({"hello", "error-first", "refusal"})


def _before(scenario: str, model: str) -> list[bytes]:
    match scenario:
        case "hello":
            return [b'data: {"hello": "world"}\r\n\r\n']
        case "error-first":
            return [_error_event()]
        case "refusal":
            return [_event(_blocked(model))]
        case "thinking":
            return [_event(_chunk(model, [{"text": "Hm, a secret.", "thought": True}], None))]
        case "ping":
            unknown = {**_chunk(model, [{"text": ""}], None), "weatherReport": {"sun": True}}
            return [_event(unknown)]
    return []


def _after(scenario: str, model: str) -> list[bytes]:
    match scenario:
        case "error":
            return [_error_event()]
        case "broken":
            return [b'data: {"candidates": [{"content": {"par\r\n\r\n']
        case "bad-utf8":
            return [b'data: {"candidates": [{"content": {"parts": [{"text": "\xff\xfe"}]}}]}\r\n\r\n']
        case _ if scenario in _BROKEN_OFF:
            return []
    last = _whole(model, scenario, "")
    if scenario != "prohibited":
        last["candidates"][0]["content"] = {"role": "model"}
    return [_event(last)]


async def _paced(exchange: Exchange, scenario: str, event: bytes) -> AsyncIterator[bytes]:
    if scenario != "drip":
        yield event
        await exchange.pause(PACES.get(scenario, AT_ONCE).pause_s)
        return
    for number in range(len(event)):
        yield event[number : number + 1]
        await exchange.pause(1.0)


def _event(content: dict[str, Any]) -> bytes:
    return f"data: {json.dumps(content, ensure_ascii=False)}\r\n\r\n".encode()


def _error_event() -> bytes:
    error = {"code": 503, "message": "The model is overloaded.", "status": "UNAVAILABLE"}
    return _event({"error": error})


async def _fail(exchange: Exchange, status: int, kind: str, message: str, details: Sequence[Any] = ()) -> None:
    error: dict[str, Any] = {"code": status, "message": message, "status": kind}
    if details:
        error["details"] = list(details)
    await exchange.whole(status, {"error": error})
