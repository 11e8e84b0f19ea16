"""Who writes a reply: the port that every provider stands behind, the offline one, and the chain that falls back.

The commit point is the first piece of text sent: before it the next provider is asked in silence; after it nothing is
started over, a closing sentence of ours ends the reply. The last of every chain is offline and cannot fail, so no call
fails because of a provider. Source: ADR-0051.
"""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from chassis.telemetry.logs import get_logger
from services.coach.domain.composer import Occasion, compose, in_words
from services.coach.domain.context import ContextBundle
from services.coach.domain.phrases import Phrasebook

_log = get_logger(__name__)

OFFLINE = "offline"
FIRST_TOKEN_S = 6.0
IDLE_S = 10.0
# After this much waiting in all, the offline coach answers.
BEFORE_OFFLINE_S = 8.0


class EndKind(StrEnum):
    """How a reply ended."""

    COMPLETE = "complete"
    INTERRUPTED_RECOVERED = "interrupted_recovered"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class Delta:
    """The next piece of a reply."""

    text: str


@dataclass(frozen=True, slots=True)
class End:
    """The end of a reply; exactly one, last.

    Attributes:
        provider: Who wrote it.
        action_steps: Small things to do next.
        part_ids: The offline coach's variants; empty from a model.
        model: Empty where there is none.
        usage: Tokens by kind; empty where there are none.
        fallback_chain: Providers that failed before.
    """

    kind: EndKind
    provider: str
    action_steps: tuple[str, ...] = ()
    part_ids: tuple[str, ...] = ()
    model: str = ""
    usage: dict[str, int] = field(default_factory=dict)
    fallback_chain: tuple[str, ...] = ()


StreamEvent = Delta | End


@dataclass(frozen=True, slots=True)
class PromptBundle:
    """What a provider gets: the laid-out context for a model, the same facts for the rules."""

    context: ContextBundle
    occasion: Occasion


@dataclass(frozen=True, slots=True)
class ProviderText:
    """A whole reply."""

    text: str
    end: End


class CoachProvider(Protocol):
    """Someone who writes replies. An answer that ends without `End` was lost on the way."""

    @property
    def name(self) -> str:
        """The word stored and shown: `offline`, `anthropic`, `gemini`."""
        ...

    async def complete(self, request: PromptBundle, *, deadline: float) -> ProviderText:
        """The whole reply at once."""
        ...

    def stream(self, request: PromptBundle, *, deadline: float) -> AsyncGenerator[StreamEvent, None]:
        """The reply piece by piece: deltas, then exactly one end."""
        ...


class OfflineProvider:
    """The coach without a model: rules over the member's own numbers. Waits for nothing and does not fail."""

    name = OFFLINE

    def __init__(self, phrases: Phrasebook) -> None:
        self._phrases = phrases

    async def complete(self, request: PromptBundle, *, deadline: float) -> ProviderText:
        """The whole reply at once."""
        composed = compose(request.occasion, self._phrases)
        return ProviderText(
            composed.text,
            End(EndKind.COMPLETE, OFFLINE, composed.action_steps, composed.part_ids, model=self._phrases.version),
        )

    async def stream(self, request: PromptBundle, *, deadline: float) -> AsyncGenerator[StreamEvent, None]:
        """The same reply word by word, with no artificial delay."""
        whole = await self.complete(request, deadline=deadline)
        for word in in_words(whole.text):
            yield Delta(word)
        yield whole.end


class FakeProvider:
    """Says the given pieces, then ends, or raises after them."""

    def __init__(self, name: str, pieces: Sequence[str] = (), *, failure: Exception | None = None) -> None:
        self.name = name
        self.calls = 0
        self._pieces = pieces
        self._failure = failure

    async def complete(self, request: PromptBundle, *, deadline: float) -> ProviderText:
        """All pieces at once."""
        self.calls += 1
        if self._failure is not None:
            raise self._failure
        return ProviderText("".join(self._pieces), End(EndKind.COMPLETE, self.name))

    async def stream(self, request: PromptBundle, *, deadline: float) -> AsyncGenerator[StreamEvent, None]:
        """Piece by piece."""
        self.calls += 1
        for piece in self._pieces:
            yield Delta(piece)
        if self._failure is not None:
            raise self._failure
        yield End(EndKind.COMPLETE, self.name)


class Chain:
    """Providers in order, the offline one last."""

    def __init__(self, vendors: Sequence[CoachProvider], offline: CoachProvider, *, interrupted: str) -> None:
        """Takes the vendors in order of preference.

        Args:
            vendors: Those that are configured; may be none.
            offline: The last of the chain.
            interrupted: The sentence that ends a reply lost half-way.
        """
        self._vendors = tuple(vendors)
        self._offline = offline
        self._interrupted = interrupted

    async def stream(self, request: PromptBundle, *, deadline: float) -> AsyncGenerator[StreamEvent, None]:
        """The reply of the first provider that begins one. Never fails because of a provider.

        Args:
            request: What to answer.
            deadline: Reading of the event loop's clock at which the answer is too late.
        """
        loop = asyncio.get_running_loop()
        vendors_until = min(loop.time() + BEFORE_OFFLINE_S, deadline)
        failed: list[str] = []
        for provider in self._vendors:
            begun = False
            try:
                async with aclosing(provider.stream(request, deadline=deadline)) as events:
                    async for event in _timed(events, vendors_until, deadline):
                        begun = True
                        yield event if isinstance(event, Delta) else _with_chain(event, failed)
            except Exception as problem:
                _log.warning("provider_failed", provider=provider.name, kind=type(problem).__name__, begun=begun)
                failed.append(provider.name)
                if begun:
                    yield Delta(f" {self._interrupted}")
                    yield End(EndKind.INTERRUPTED_RECOVERED, provider.name, fallback_chain=tuple(failed))
                    return
            else:
                return
        async for event in self._offline.stream(request, deadline=deadline):
            yield event if isinstance(event, Delta) else _with_chain(event, failed)


class AnswerLost(RuntimeError):
    """A provider's stream ended without its end, or fell silent."""


async def _timed(
    events: AsyncGenerator[StreamEvent, None], first_by: float, last_by: float
) -> AsyncGenerator[StreamEvent, None]:
    """The same events; fails when the first, the next or the end is late, or when there is no end."""
    loop = asyncio.get_running_loop()
    limit = min(loop.time() + FIRST_TOKEN_S, first_by)
    while True:
        try:
            async with asyncio.timeout_at(min(limit, last_by)):
                event = await anext(events)
        except StopAsyncIteration:
            raise AnswerLost("no end") from None
        yield event
        if isinstance(event, End):
            return
        limit = loop.time() + IDLE_S


def _with_chain(end: End, failed: Sequence[str]) -> End:
    return End(
        end.kind,
        end.provider,
        end.action_steps,
        end.part_ids,
        model=end.model,
        usage=end.usage,
        fallback_chain=tuple(failed),
    )
