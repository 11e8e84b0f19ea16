"""Gemini's models through google-genai, API version v1: no retries, nothing kept there, completeness judged by us."""

from collections.abc import AsyncGenerator, AsyncIterator, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from pydantic import BaseModel

from services.coach.clients.providers import End, EndKind, PromptBundle, ProviderText, StreamEvent
from services.coach.clients.structured import Size, StructuredRequest, Written
from services.coach.clients.vendors.failures import FailureKind, VendorFailed
from services.coach.clients.vendors.replies import FORM_TOKENS, REPLY_TOKENS, Length, Thinking, checked, talk
from services.coach.clients.vendors.transport import READ_S, make_client, noting_bodies, trust
from services.coach.domain.conversation import Author
from services.coach.domain.prompting import Prompt, prompt_of

if TYPE_CHECKING:
    import httpx2
    from google import genai
    from google.genai.types import Candidate, ContentListUnionDict, GenerateContentConfig, GenerateContentResponse

NAME: Final = "gemini"
URL: Final = "https://generativelanguage.googleapis.com"
# Thoughts count as output there, also where they are few.
_THOUGHT_TOKENS: Final = 1_000
_ROLES: Final = {Author.MEMBER: "user", Author.COACH: "model"}
# Talk about dating or anger is no harm; our own screen and hold-back come before and after.
_HARMS: Final = (
    "HARM_CATEGORY_HARASSMENT",
    "HARM_CATEGORY_HATE_SPEECH",
    "HARM_CATEGORY_SEXUALLY_EXPLICIT",
    "HARM_CATEGORY_DANGEROUS_CONTENT",
)
# A filter took the answer away, also for what others wrote before; the vendor itself is well.
_REFUSALS: Final = frozenset({"SAFETY", "PROHIBITED_CONTENT", "RECITATION", "BLOCKLIST", "SPII", "MODEL_ARMOR"})
# Half an answer: without a reason, at its limit, or with the offer to go on in another request.
_INTERRUPTED: Final = frozenset({"", "MAX_TOKENS", "CONTINUATION"})


class GeminiProvider:
    """Replies and forms by Gemini's models."""

    name = NAME

    def __init__(self, client: "genai.Client", transport: "httpx2.AsyncClient", *, models: Mapping[Size, str]) -> None:
        """Takes its client.

        Args:
            client: As `connect` makes it.
            transport: What the client sends through, to be closed with it.
            models: Who is asked, by size.
        """
        self._client = client
        self._transport = transport
        self._models = models
        self._thinking = Thinking()

    async def complete(self, request: PromptBundle, *, deadline: float) -> ProviderText:
        """The whole reply at once."""
        prompt = prompt_of(request.context, member_id=request.occasion.member_id)
        written = await self._write(prompt, Size.FULL, REPLY_TOKENS, {})
        return ProviderText(written.text, End(EndKind.COMPLETE, NAME, model=written.model, usage=dict(written.usage)))

    async def structured(self, request: StructuredRequest, schema: type[BaseModel], *, deadline: float) -> Written:
        """A form filled in."""
        form = {"response_mime_type": "application/json", "response_json_schema": schema.model_json_schema()}
        return await self._write(request.prompt, request.size, FORM_TOKENS, form)

    async def stream(self, request: PromptBundle, *, deadline: float) -> AsyncGenerator[StreamEvent, None]:
        """The reply piece by piece; fails where the stream ends before its end."""
        prompt = prompt_of(request.context, member_id=request.occasion.member_id)
        model = self._models[Size.FULL]
        contents = _contents(prompt)

        async def ask() -> "_Opened":
            return await _Opened.by(
                await self._client.aio.models.generate_content_stream(
                    model=model, contents=contents, config=self._config(prompt, model, REPLY_TOKENS, {})
                )
            )

        reading, length = _Reading(model), Length()
        with noting_bodies() as bodies:
            opened = await self._thinking.asking(model, ask, is_about_thinking=_is_about_thinking)
        try:
            async for chunk in opened.chunks():
                for text in reading.take(chunk):
                    yield length.delta(text)
        finally:
            # The SDK's own generators would end the request when the garbage is collected.
            for body in bodies:
                await body.aclose()
        yield End(EndKind.COMPLETE, NAME, model=reading.model, usage=reading.finish())

    async def close(self) -> None:
        """Closes the connections."""
        await self._transport.aclose()

    async def _write(self, prompt: Prompt, size: Size, tokens: int, output: Mapping[str, Any]) -> Written:
        model = self._models[size]
        contents = _contents(prompt)

        async def ask() -> "GenerateContentResponse":
            return await self._client.aio.models.generate_content(
                model=model, contents=contents, config=self._config(prompt, model, tokens, output)
            )

        answer = await self._thinking.asking(model, ask, is_about_thinking=_is_about_thinking)
        reading = _Reading(model)
        text = "".join(reading.take(answer))
        try:
            usage = reading.finish()
        except VendorFailed as problem:
            # Nothing of a plain answer was lost on the way.
            is_broken = problem.kind is FailureKind.INTERRUPTED and not reading.reason
            raise VendorFailed(FailureKind.BAD_PAYLOAD) if is_broken else problem from None
        return Written(checked(text), reading.model, usage)

    def _config(self, prompt: Prompt, model: str, tokens: int, output: Mapping[str, Any]) -> "GenerateContentConfig":
        from google.genai import types

        return types.GenerateContentConfig(
            system_instruction="\n\n".join(filter(None, (prompt.system, prompt.data))),
            max_output_tokens=tokens + _THOUGHT_TOKENS,
            safety_settings=[
                types.SafetySetting(
                    category=types.HarmCategory(harm), threshold=types.HarmBlockThreshold.BLOCK_ONLY_HIGH
                )
                for harm in _HARMS
            ],
            thinking_config=(
                types.ThinkingConfig(thinking_level=types.ThinkingLevel.LOW)
                if self._thinking.may_be_named(model)
                else None
            ),
            automatic_function_calling=types.AutomaticFunctionCallingConfig(disable=True),
            # Each hop of a continuation would be a request of its own.
            automatic_continuation=False,
            # Whatever the project's setting is, nobody's words are kept there.
            store=False,
            **output,
        )


def connect(key: str, base_url: str, *, models: Mapping[Size, str], connections: int) -> GeminiProvider:
    """An adapter whose SDK is imported and ready. Nothing is sent yet."""
    import httpx2
    from google import genai
    from google.genai import types

    # With aiohttp installed the SDK would choose that, which fails in other ways.
    transport = make_client(connections=connections)
    options = types.HttpOptions(
        base_url=base_url or URL,
        api_version="v1",
        timeout=round(READ_S * 1_000),
        httpx_async_client=transport,
        # Never used; without one the SDK would make its own, which reads all certificates again.
        httpx_client=httpx2.Client(trust_env=False, verify=trust()),
    )
    client = genai.Client(enterprise=False, api_key=key, http_options=options)
    # The SDK makes its models when they are first used: half a second that no member, and no loop, shall wait.
    _ = client.aio.models
    for model in (types.GenerateContentResponse, types.GenerateContentConfig, types.Content):
        model.model_rebuild()
    return GeminiProvider(client, transport, models=models)


@dataclass
class _Opened:
    """A stream whose first chunk is there: the SDK sends nothing, and so fails at nothing, before that is asked for."""

    first: "GenerateContentResponse | None"
    rest: "AsyncIterator[GenerateContentResponse]"

    @classmethod
    async def by(cls, stream: "AsyncIterator[GenerateContentResponse]") -> "_Opened":
        """Waits for the first chunk."""
        return cls(await anext(stream, None), stream)

    async def chunks(self) -> "AsyncGenerator[GenerateContentResponse, None]":
        """All of them."""
        if self.first is not None:
            yield self.first
            async for chunk in self.rest:
                yield chunk


@dataclass
class _Reading:
    """An answer as far as it was read."""

    model: str
    reason: str = ""
    is_blocked: bool = False
    has_text: bool = False

    def __post_init__(self) -> None:
        self._usage: dict[str, int] = {}

    def take(self, chunk: "GenerateContentResponse") -> Iterator[str]:
        """The pieces of text in the next chunk, thoughts left out."""
        self.model = chunk.model_version or self.model
        if chunk.prompt_feedback is not None and chunk.prompt_feedback.block_reason:
            self.is_blocked = True
        if chunk.usage_metadata is not None:
            self._usage = _usage_of(chunk.usage_metadata)
        for candidate in (chunk.candidates or [])[:1]:
            if candidate.finish_reason is not None:
                self.reason = str(candidate.finish_reason.value)
            for text in _texts_of(candidate):
                self.has_text = True
                yield text

    def finish(self) -> dict[str, int]:
        """The tokens of a complete answer.

        Raises:
            VendorFailed: It is not complete.
        """
        if self.is_blocked or self.reason in _REFUSALS:
            raise VendorFailed(FailureKind.REFUSED)
        if self.reason in _INTERRUPTED:
            raise VendorFailed(FailureKind.INTERRUPTED)
        if self.reason != "STOP" or not self.has_text:
            raise VendorFailed(FailureKind.BAD_PAYLOAD)
        return self._usage


def _texts_of(candidate: "Candidate") -> Iterator[str]:
    parts = candidate.content.parts if candidate.content else None
    for part in parts or ():
        if part.text and not part.thought:
            yield part.text


def _contents(prompt: Prompt) -> "ContentListUnionDict":
    return [{"role": _ROLES[turn.author], "parts": [{"text": turn.text}]} for turn in talk(prompt)]


def _usage_of(usage: Any) -> dict[str, int]:
    """In the words of the other adapter: what was read from a cache is not counted as input again."""
    cached = usage.cached_content_token_count or 0
    return {
        "in": (usage.prompt_token_count or 0) - cached,
        "out": (usage.candidates_token_count or 0) + (usage.thoughts_token_count or 0),
        "cache_read": cached,
        "cache_write": 0,
    }


def _is_about_thinking(problem: Exception) -> bool:
    from google.genai import errors

    return (
        isinstance(problem, errors.ClientError) and problem.code == 400 and "thinking" in str(problem.message).lower()
    )
