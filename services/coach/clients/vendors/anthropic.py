"""Anthropic's models through their SDK: the layout that its cache wants, and what it takes for a complete answer."""

import json
from collections.abc import AsyncGenerator, Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from pydantic import BaseModel

from services.coach.clients.providers import Delta, End, EndKind, PromptBundle, ProviderText, StreamEvent
from services.coach.clients.structured import Size, StructuredRequest, Written
from services.coach.clients.vendors.failures import FailureKind, VendorFailed, kind_of_error
from services.coach.clients.vendors.replies import FORM_TOKENS, REPLY_TOKENS, Length, Thinking, checked, talk
from services.coach.clients.vendors.transport import make_client
from services.coach.domain.conversation import Author
from services.coach.domain.prompting import Prompt, prompt_of

if TYPE_CHECKING:
    import anthropic
    from anthropic.types import Message, RawMessageStreamEvent

NAME: Final = "anthropic"
URL: Final = "https://api.anthropic.com"
_ROLES: Final = {Author.MEMBER: "user", Author.COACH: "assistant"}
# Of a stream; all others, pings among them, say nothing to us.
_KINDS: Final = frozenset({"error", "message_start", "content_block_delta", "message_delta", "message_stop"})
# We name no sequence, so one at which an answer ends is the vendor's own way of saying that it is over.
_COMPLETE: Final = frozenset({"end_turn", "stop_sequence"})
# Half an answer, whichever bound it met; nobody sends it back to have it continued.
_REASONS: Final = {
    "refusal": FailureKind.REFUSED,
    "max_tokens": FailureKind.INTERRUPTED,
    "model_context_window_exceeded": FailureKind.INTERRUPTED,
    "pause_turn": FailureKind.INTERRUPTED,
}


class AnthropicProvider:
    """Replies and forms by Anthropic's models."""

    name = NAME

    def __init__(
        self,
        client: "anthropic.AsyncAnthropic",
        *,
        models: Mapping[Size, str],
        subject: Callable[[UUID], str],
    ) -> None:
        """Takes its client.

        Args:
            client: As `connect` makes it.
            models: Who is asked, by size.
            subject: What the vendor may know a member as.
        """
        self._client = client
        self._models = models
        self._subject = subject
        self._thinking = Thinking()

    async def complete(self, request: PromptBundle, *, deadline: float) -> ProviderText:
        """The whole reply at once."""
        prompt = prompt_of(request.context, member_id=request.occasion.member_id)
        message = await self._ask(prompt, Size.FULL, REPLY_TOKENS, {})
        text = _text_of(message)
        return ProviderText(text, End(EndKind.COMPLETE, NAME, model=message.model, usage=_usage_of(_counted(message))))

    async def structured(self, request: StructuredRequest, schema: type[BaseModel], *, deadline: float) -> Written:
        """A form filled in."""
        import anthropic

        form = {"format": {"type": "json_schema", "schema": anthropic.transform_schema(schema)}}
        message = await self._ask(request.prompt, request.size, FORM_TOKENS, form)
        return Written(_text_of(message), message.model, _usage_of(_counted(message)))

    async def stream(self, request: PromptBundle, *, deadline: float) -> AsyncGenerator[StreamEvent, None]:
        """The reply piece by piece; fails where the stream ends before its end."""
        prompt = prompt_of(request.context, member_id=request.occasion.member_id)
        model = self._models[Size.FULL]

        async def ask() -> "anthropic.AsyncStream[RawMessageStreamEvent]":
            made: anthropic.AsyncStream[RawMessageStreamEvent] = await self._client.messages.create(
                **self._arguments(prompt, model, REPLY_TOKENS, {}), stream=True
            )
            return made

        opened = await self._thinking.asking(model, ask, is_about_thinking=_is_about_thinking)
        reading = _Reading(model, opened.response.headers.get("request-id", ""))
        async with opened:
            # The events as they came: making models of them, which nothing here needs, would double their cost.
            async for event in opened.raw_events(opened.response):
                delta = reading.take(event.event or "", event.data)
                if delta is not None:
                    yield delta
        yield reading.end()

    async def close(self) -> None:
        """Closes the connections."""
        await self._client.close()

    async def _ask(self, prompt: Prompt, size: Size, tokens: int, output: Mapping[str, Any]) -> "Message":
        model = self._models[size]

        async def ask() -> "Message":
            made: Message = await self._client.messages.create(**self._arguments(prompt, model, tokens, output))
            return made

        return await self._thinking.asking(model, ask, is_about_thinking=_is_about_thinking)

    def _arguments(self, prompt: Prompt, model: str, tokens: int, output: Mapping[str, Any]) -> dict[str, Any]:
        """A request: what is the same for everybody, what changes seldom, the talk, the question; in that order."""
        arguments: dict[str, Any] = {
            "model": model,
            "max_tokens": tokens,
            "system": _system(prompt),
            "messages": [{"role": _ROLES[turn.author], "content": turn.text} for turn in talk(prompt)],
            "output_config": {"effort": "low", **output},
        }
        if self._thinking.may_be_named(model):
            # The first token is then one of the reply.
            arguments["thinking"] = {"type": "disabled"}
        if prompt.member_id is not None:
            arguments["metadata"] = {"user_id": self._subject(prompt.member_id)}
        return arguments


def connect(
    key: str, base_url: str, *, models: Mapping[Size, str], subject: Callable[[UUID], str], connections: int
) -> AnthropicProvider:
    """An adapter whose SDK is imported and ready. Nothing is sent yet, and nothing is taken from the environment."""
    import anthropic

    client = anthropic.AsyncAnthropic(
        api_key=key,
        base_url=base_url or URL,
        max_retries=0,
        http_client=make_client(connections=connections),
        # Spans of the SDK would know no text, whatever the environment says.
        open_telemetry={"traces": {"content_mode": "metadata_only"}, "propagation": False},
    )
    # Importing the rest takes a second, which no member shall wait.
    _ = client.messages
    return AnthropicProvider(client, models=models, subject=subject)


@dataclass
class _Reading:
    """A stream as far as it was read.

    Attributes:
        request_id: The vendor's own, for asking there about an error in mid-reply.
    """

    model: str
    request_id: str = ""
    reason: str = ""
    is_over: bool = False
    has_text: bool = False

    def __post_init__(self) -> None:
        self._usage: dict[str, int] = {}
        self._length = Length()

    def take(self, kind: str, data: str) -> Delta | None:
        """The next event; a piece of text where it has one. Kinds that nobody knows are passed over.

        Raises:
            VendorFailed: It is an error, or not what such an event holds, or there was too much text.
        """
        if kind not in _KINDS:
            return None
        try:
            return self._take(kind, json.loads(data))
        except (ValueError, LookupError, TypeError, AttributeError):
            raise VendorFailed(FailureKind.BAD_PAYLOAD) from None

    def _take(self, kind: str, body: Mapping[str, Any]) -> Delta | None:
        match kind:
            case "error":
                raise VendorFailed(kind_of_error(body["error"]["type"]), request_id=self.request_id)
            case "message_start":
                message = body["message"]
                self.model, self._usage = str(message["model"]), _usage_of(message.get("usage"))
            case "content_block_delta":
                delta = body["delta"]
                if delta["type"] == "text_delta" and delta["text"]:
                    self.has_text = True
                    return self._length.delta(_text(delta["text"]))
            case "message_delta":
                self.reason = str(body["delta"].get("stop_reason") or "")
                self._usage |= {name: count for name, count in _usage_of(body.get("usage")).items() if count}
            case "message_stop":
                self.is_over = True
        return None

    def end(self) -> End:
        """The end of a complete answer.

        Raises:
            VendorFailed: It is not complete.
        """
        if not self.is_over:
            raise VendorFailed(FailureKind.INTERRUPTED)
        _check_reason(self.reason)
        if not self.has_text:
            raise VendorFailed(FailureKind.BAD_PAYLOAD)
        return End(EndKind.COMPLETE, NAME, model=self.model, usage=self._usage)


def _system(prompt: Prompt) -> list[dict[str, Any]]:
    # What is kept longer has to come first.
    parts = [{"type": "text", "text": prompt.system, "cache_control": {"type": "ephemeral", "ttl": "1h"}}]
    if prompt.data:
        parts.append({"type": "text", "text": prompt.data, "cache_control": {"type": "ephemeral"}})
    return parts


def _text_of(message: "Message") -> str:
    """The text of a plain answer.

    Raises:
        VendorFailed: It is none, or not complete. The SDK does not look.
    """
    from anthropic.types import Message

    if not isinstance(message, Message) or not message.stop_reason:
        raise VendorFailed(FailureKind.BAD_PAYLOAD)
    _check_reason(message.stop_reason)
    return checked("".join(block.text for block in message.content if block.type == "text"))


def _check_reason(reason: str) -> None:
    if reason not in _COMPLETE:
        raise VendorFailed(_REASONS.get(reason, FailureKind.BAD_PAYLOAD))


def _counted(message: "Message") -> Mapping[str, Any] | None:
    """What an answer says that it took; what speaks for the vendor may leave it out, whatever the type says."""
    usage: object = message.usage
    return message.usage.to_dict() if usage is not None else None


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value


def _usage_of(usage: Mapping[str, Any] | None) -> dict[str, int]:
    names = {
        "in": "input_tokens",
        "out": "output_tokens",
        "cache_read": "cache_read_input_tokens",
        "cache_write": "cache_creation_input_tokens",
    }
    counted = usage or {}
    return {ours: counted.get(theirs) or 0 for ours, theirs in names.items()}


def _is_about_thinking(problem: Exception) -> bool:
    import anthropic

    return isinstance(problem, anthropic.BadRequestError) and "thinking" in (problem.api_message or "").lower()
