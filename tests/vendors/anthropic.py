"""Anthropic's Messages, version 2026-10-21: plain answers, server-sent events, errors and what the API insists on."""

import itertools
import json
from collections.abc import AsyncIterator, Sequence
from typing import Any, Final

from tests.vendors.answers import REPLY, WORDS, Answers
from tests.vendors.http import Exchange
from tests.vendors.scenarios import AT_ONCE, CUT_SHORT, PACES, read_model

VERSION: Final = "2026-10-21"
FOREVER_S: Final = 3_600.0
HUGE: Final = 10 * 2**20
_GONE: Final = ("temperature", "top_p", "top_k")
_IDS = itertools.count(1)
_USAGE: Final = {
    "input_tokens": 25,
    "output_tokens": 12,
    "cache_creation_input_tokens": 900,
    "cache_read_input_tokens": 100,
    "service_tier": "standard",
}
_ERRORS: Final = {
    "429": (429, "rate_limit_error", {"retry-after": "2"}),
    "429-bare": (429, "rate_limit_error", {}),
    "spend": (429, "rate_limit_error", {"retry-after": "86400"}),
    "529": (529, "overloaded_error", {}),
    "503": (503, "api_error", {}),
    "504": (504, "timeout_error", {}),
    "401": (401, "authentication_error", {}),
    "402": (402, "billing_error", {}),
    "403": (403, "permission_error", {}),
    "404": (404, "not_found_error", {}),
    "400": (400, "invalid_request_error", {}),
    "413": (413, "request_too_large", {}),
}
# Why a message ended, where it is neither at its own end nor for a tool.
_REASONS: Final = {
    "refusal": "refusal",
    "refusal-late": "refusal",
    "prohibited": "refusal",
    "recitation": "refusal",
    "max-tokens": "max_tokens",
    "paused": "pause_turn",
    "window": "model_context_window_exceeded",
    "stop-sequence": "stop_sequence",
}


async def speak(exchange: Exchange, answers: Answers) -> None:
    """Answers one request."""
    request = exchange.request
    if not request.headers.get("authorization", "").startswith("Bearer ") and not request.headers.get("x-api-key"):
        await _fail(exchange, 401, "authentication_error", "x-api-key header is required")
        return
    if not request.headers.get("anthropic-version"):
        await _fail(exchange, 400, "invalid_request_error", "anthropic-version: header is required")
        return
    if request.path == "/v1/messages/count_tokens":
        await exchange.whole(200, {"input_tokens": 42})
        return
    if request.path != "/v1/messages":
        await _fail(exchange, 404, "not_found_error", "Not Found")
        return
    if objection := _objection(request.body):
        await _fail(exchange, 400, "invalid_request_error", objection)
        return
    await _play(exchange, answers)


def _objection(body: dict[str, Any]) -> str:
    """What the API would say against a request; empty where nothing."""
    for name in _GONE:
        if name in body:
            return f"{name}: Extra inputs are not permitted"
    for name in ("model", "max_tokens", "messages"):
        if name not in body:
            return f"{name}: Field required"
    roles = [message.get("role") for message in body["messages"]]
    if not roles or roles[0] != "user" or roles[-1] != "user" or set(roles) - {"user", "assistant"}:
        return "messages: the conversation must begin and end with a user turn"
    schema = body.get("output_config", {}).get("format", {}).get("schema")
    return _objection_to_schema(schema) if schema is not None else ""


def _objection_to_schema(schema: Any) -> str:
    """Structured output takes closed objects only, and no limits of numbers and lengths."""
    if isinstance(schema, list):
        return next(filter(None, map(_objection_to_schema, schema)), "")
    if not isinstance(schema, dict):
        return ""
    if schema.get("type") == "object" and schema.get("additionalProperties") is not False:
        return "output_config.format.schema: For 'object' type, 'additionalProperties' must be explicitly set to false"
    unknown = {"minimum", "maximum", "minLength", "maxLength", "maxItems"} & {
        name for name, value in schema.items() if isinstance(value, int)
    }
    if unknown:
        return f"output_config.format.schema: property '{min(unknown)}' is not supported"
    return next(filter(None, map(_objection_to_schema, schema.values())), "")


async def _play(exchange: Exchange, answers: Answers) -> None:
    body = exchange.request.body
    scenario, delay_s = read_model(body["model"])
    if not scenario:
        await _fail(exchange, 404, "not_found_error", f"model: {body['model']}")
        return
    scenario = answers.instead.get(exchange.request.vendor, scenario)
    await exchange.pause(delay_s)
    if scenario in _ERRORS:
        status, kind, headers = _ERRORS[scenario]
        await _fail(exchange, status, kind, "A message of the vendor", headers)
    elif scenario == "no-thinking" and "thinking" in body:
        await _fail(exchange, 400, "invalid_request_error", "thinking: disabling is not supported by this model")
    elif scenario == "500":
        await exchange.whole(500, b"<html><body>Internal error</body></html>", {"request-id": _id("req")})
    elif scenario == "html":
        await exchange.whole(200, b"<html><body>Please sign in</body></html>")
    elif scenario == "hang":
        await exchange.pause(FOREVER_S)
    elif scenario == "reset":
        exchange.reset()
    elif body.get("stream"):
        await _stream(exchange, scenario, _said(body, scenario, answers))
    else:
        await _plain(exchange, scenario, _said(body, scenario, answers))


def _said(body: dict[str, Any], scenario: str, answers: Answers) -> Sequence[str]:
    """The answer in pieces."""
    schema = body.get("output_config", {}).get("format", {}).get("schema")
    if schema is not None:
        asked = body["messages"][0]["content"]
        asked = asked if isinstance(asked, str) else "".join(block["text"] for block in asked)
        return [answers.form(scenario, schema, asked, is_repair=len(body["messages"]) > 1)]
    words = WORDS[:2] if scenario in CUT_SHORT else WORDS
    return ("word " * 10,) * (HUGE // 50) if scenario == "huge" else words


async def _plain(exchange: Exchange, scenario: str, said: Sequence[str]) -> None:
    body = json.dumps(_message(exchange.request.body["model"], scenario, "".join(said))).encode()
    match scenario:
        case "error" | "error-first":
            await _fail(exchange, 529, "overloaded_error", "Overloaded")
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
            await exchange.whole(200, body, {"request-id": _id("req")})


async def _break_off(exchange: Exchange, scenario: str, rest: bytes) -> None:
    if scenario == "midcut":
        exchange.cut()
    for number in range(len(rest) if scenario == "drip" else 0):
        await exchange.pause(1.0)
        await exchange.send(rest[number : number + 1])
    if scenario == "stall":
        await exchange.pause(FOREVER_S)


def _message(model: str, scenario: str, text: str) -> dict[str, Any]:
    content: list[dict[str, Any]] = [{"type": "text", "text": text, "citations": None}]
    reason = _REASONS.get(scenario, "end_turn")
    match scenario:
        case "empty":
            content = []
        case _ if reason == "refusal":
            content = []
        case "tool":
            content, reason = [{"type": "tool_use", "id": _id("toolu"), "name": "save_plan", "input": {}}], "tool_use"
        case "thinking":
            content.insert(0, {"type": "thinking", "thinking": "Hm.", "signature": "c2ln"})
    message = {
        "id": _id("msg"), "type": "message", "role": "assistant", "model": model, "content": content,
        "stop_reason": reason, "stop_sequence": "###" if reason == "stop_sequence" else None, "usage": _USAGE,
    }  # fmt: skip
    if scenario == "eof":
        message["stop_reason"] = None
    if reason == "refusal":
        category = "general_harms" if scenario == "prohibited" else None
        message["stop_details"] = {"type": "refusal", "category": category, "explanation": None}
    return message


async def _stream(exchange: Exchange, scenario: str, said: Sequence[str]) -> None:
    await exchange.stream_head({"content-type": "text/event-stream; charset=utf-8", "request-id": _id("req")})
    async for piece in _pieces(exchange, scenario, said):
        await exchange.chunk(piece)
    if scenario == "midcut":
        exchange.cut()
    elif scenario == "stall":
        await exchange.pause(FOREVER_S)
    else:
        await exchange.end()


async def _pieces(exchange: Exchange, scenario: str, said: Sequence[str]) -> AsyncIterator[bytes]:
    """The events of a stream, as far as the scenario goes."""
    if scenario == "hello":
        yield b'data: {"hello": "world"}\n\n'
        return
    start = {**_message(exchange.request.body["model"], "ok", ""), "content": [], "stop_reason": None}
    yield _event("message_start", {"message": {**start, "usage": {**_USAGE, "output_tokens": 1}}})
    if scenario == "error-first":
        yield _error_event()
        return
    index = 0
    if scenario == "thinking":
        for piece in _thoughts():
            yield piece
        index = 1
    yield _event("ping", {})
    if scenario not in {"refusal", "prohibited", "empty", "tool"}:
        async for piece in _text(exchange, scenario, said, index):
            yield piece
        if scenario in _BROKEN_OFF:
            return
    for piece in _closing(scenario):
        yield piece


# After two words nothing good comes any more.
_BROKEN_OFF: Final = frozenset({"midcut", "stall", "eof", "error", "broken", "bad-utf8"})


async def _text(exchange: Exchange, scenario: str, said: Sequence[str], index: int) -> AsyncIterator[bytes]:
    yield _event("content_block_start", {"index": index, "content_block": {"type": "text", "text": ""}})
    words = said[:2] if scenario in _BROKEN_OFF or scenario == "refusal-late" else said
    pace = PACES.get(scenario, AT_ONCE)
    for word in pace.pieces(words):
        piece = _event("content_block_delta", {"index": index, "delta": {"type": "text_delta", "text": word}})
        if scenario == "drip":
            for number in range(len(piece)):
                yield piece[number : number + 1]
                await exchange.pause(1.0)
        else:
            yield piece
        if pace.pause_s:
            await exchange.pause(pace.pause_s)
        if scenario == "ping":
            yield _event("ping", {})
            yield _event("weather_report", {"sun": True})
    match scenario:
        case "error":
            yield _error_event()
        case "broken":
            yield b'event: content_block_delta\ndata: {"type": "content_block_delta", "ind\n\n'
        case "bad-utf8":
            yield b'event: content_block_delta\ndata: {"type": "content_block_delta", "x": "\xff\xfe"}\n\n'
        case _ if scenario not in _BROKEN_OFF:
            yield _event("content_block_stop", {"index": index})


def _thoughts() -> list[bytes]:
    block = {"type": "thinking", "thinking": "", "signature": ""}
    return [
        _event("content_block_start", {"index": 0, "content_block": block}),
        _event("content_block_delta", {"index": 0, "delta": {"type": "thinking_delta", "thinking": "Hm, a secret."}}),
        _event("content_block_delta", {"index": 0, "delta": {"type": "signature_delta", "signature": "c2ln"}}),
        _event("content_block_stop", {"index": 0}),
    ]


def _closing(scenario: str) -> list[bytes]:
    message = _message("", scenario, REPLY)
    events = []
    if scenario == "tool":
        block = {"type": "tool_use", "id": _id("toolu"), "name": "save_plan", "input": {}}
        arguments = {"type": "input_json_delta", "partial_json": '{"go'}
        events += [
            _event("content_block_start", {"index": 0, "content_block": block}),
            _event("content_block_delta", {"index": 0, "delta": arguments}),
            _event("content_block_stop", {"index": 0}),
        ]
    delta: dict[str, Any] = {name: message[name] for name in ("stop_reason", "stop_sequence")}
    if "stop_details" in message:
        delta["stop_details"] = message["stop_details"]
    events.append(_event("message_delta", {"delta": delta, "usage": {"output_tokens": 12}}))
    return [*events, _event("message_stop", {})]


def _event(kind: str, content: dict[str, Any]) -> bytes:
    return f"event: {kind}\ndata: {json.dumps({'type': kind, **content}, ensure_ascii=False)}\n\n".encode()


def _error_event() -> bytes:
    error = {"type": "overloaded_error", "message": "Overloaded", "details": None}
    return _event("error", {"error": error, "request_id": _id("req")})


async def _fail(
    exchange: Exchange, status: int, kind: str, message: str, headers: dict[str, str] | None = None
) -> None:
    number = _id("req")
    body = {"type": "error", "error": {"type": kind, "message": message}, "request_id": number}
    await exchange.whole(status, body, {"request-id": number, **(headers or {})})


def _id(kind: str) -> str:
    return f"{kind}_{next(_IDS):024d}"
