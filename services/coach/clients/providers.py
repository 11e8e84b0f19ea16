"""Who writes a reply: the port that every provider stands behind, the offline one, and the chain that falls back.

The commit point is the first piece of text sent: before it the next provider is asked in silence; after it nothing is
started over, a closing sentence of ours ends the reply. The last of every chain is offline and cannot fail, so no call
fails because of a provider. Source: ADR-0051.
"""

import asyncio
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from enum import StrEnum
from types import MappingProxyType
from typing import Final, Protocol

from services.coach.clients.attempts import PATIENCE, Attempts, Patience
from services.coach.clients.vendors.failures import FailureKind, VendorFailed
from services.coach.clients.vendors.gate import Gate, NoGate
from services.coach.clients.waits import Waits
from services.coach.domain.composer import Occasion, compose, in_words
from services.coach.domain.context import ContextBundle
from services.coach.domain.phrases import Phrasebook

OFFLINE = "offline"
NO_GATE: Final = NoGate()


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
        ttft_ms: Until the first piece.
    """

    kind: EndKind
    provider: str
    action_steps: tuple[str, ...] = ()
    part_ids: tuple[str, ...] = ()
    model: str = ""
    usage: dict[str, int] = field(default_factory=dict)
    fallback_chain: tuple[str, ...] = ()
    ttft_ms: int = 0


StreamEvent = Delta | End


@dataclass(frozen=True, slots=True)
class PromptBundle:
    """What a provider gets: the laid-out context for a model, the same facts for the rules.

    Attributes:
        may_ask_vendors: The member allows it (`Consents.ai_vendors`); otherwise the offline coach answers.
    """

    context: ContextBundle
    occasion: Occasion
    may_ask_vendors: bool = False


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


class Write(Protocol):
    """How a reply is written: piece by piece, or in one."""

    def __call__(self, request: PromptBundle, *, deadline: float) -> AsyncGenerator[StreamEvent, None]:
        """Deltas, then exactly one end."""
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

    def __init__(
        self,
        vendors: Sequence[CoachProvider],
        offline: CoachProvider,
        *,
        interrupted: str,
        gates: Mapping[str, Gate] = MappingProxyType({}),
        patience: Patience = PATIENCE,
    ) -> None:
        """Takes the vendors in order of preference.

        Args:
            vendors: Those that are configured; may be none.
            offline: The last of the chain.
            interrupted: What ends a reply lost half-way, before the next small step.
            gates: What stands before each vendor, by its name.
            patience: How long is waited.
        """
        self._vendors = tuple(vendors)
        self._offline = offline
        self._interrupted = interrupted
        self._gates = gates
        self._patience = patience

    @property
    def has_vendors(self) -> bool:
        """Whether it makes sense to ask what the member allows."""
        return bool(self._vendors)

    async def stream(self, request: PromptBundle, *, deadline: float) -> AsyncGenerator[StreamEvent, None]:
        """The reply of the first provider that begins one. Never fails because of a provider.

        Args:
            request: What to answer.
            deadline: Reading of the event loop's clock at which the answer is too late.
        """
        attempts = self._attempts(request, deadline)
        for vendor in attempts:
            end: End | None = None
            try:
                async with (
                    self._gate(vendor).passing(until=attempts.until) as passage,
                    aclosing(vendor.stream(request, deadline=deadline)) as events,
                    aclosing(self._timed(events, attempts.until, deadline)) as timed,
                ):
                    async for event in timed:
                        if isinstance(event, End):
                            end = event
                        else:
                            passage.begun = True
                            attempts.begin()
                            yield event
            except Exception as problem:
                attempts.note(vendor, problem)
                if attempts.has_begun:
                    end = await self._ended(End(EndKind.INTERRUPTED_RECOVERED, vendor.name), request, attempts)
                    yield Delta(f" {' '.join((self._interrupted, *end.action_steps))}")
            if end is not None:
                yield await self._ended(end, request, attempts)
                return
        async for event in self._by_rules(request, attempts, deadline):
            yield event

    async def whole(self, request: PromptBundle, *, deadline: float) -> AsyncGenerator[StreamEvent, None]:
        """The same in one piece, for who waits for all of it: what breaks half-way leaves no trace."""
        attempts = self._attempts(request, deadline)
        for vendor in attempts:
            try:
                async with self._gate(vendor).passing(until=attempts.until), asyncio.timeout_at(attempts.turn_until):
                    made = await vendor.complete(request, deadline=attempts.turn_until)
            except Exception as problem:
                attempts.note(vendor, problem)
                continue
            attempts.begin()
            yield Delta(made.text)
            yield await self._ended(made.end, request, attempts)
            return
        async for event in self._by_rules(request, attempts, deadline):
            yield event

    def _attempts(self, request: PromptBundle, deadline: float) -> Attempts[CoachProvider]:
        vendors = self._vendors if request.may_ask_vendors else ()
        version = request.context.prompt_version
        return Attempts(vendors, self._patience, until=deadline, purpose="chat", prompt_version=version)

    def _gate(self, vendor: CoachProvider) -> Gate:
        return self._gates.get(vendor.name, NO_GATE)

    async def _by_rules(
        self, request: PromptBundle, attempts: Attempts[CoachProvider], deadline: float
    ) -> AsyncGenerator[StreamEvent, None]:
        async for event in self._offline.stream(request, deadline=deadline):
            attempts.begin()
            yield await self._ended(event, request, attempts) if isinstance(event, End) else event

    async def _ended(self, end: End, request: PromptBundle, attempts: Attempts[CoachProvider]) -> End:
        """The end with what the way to it was; where a model names no steps, the rules' own stand beside its reply."""
        steps = end.action_steps
        if not steps:
            made = await self._offline.complete(request, deadline=attempts.until)
            steps = made.end.action_steps
        return replace(end, action_steps=steps, fallback_chain=tuple(attempts.failed), ttft_ms=attempts.ttft_ms)

    async def _timed(
        self, events: AsyncGenerator[StreamEvent, None], first_by: float, last_by: float
    ) -> AsyncGenerator[StreamEvent, None]:
        """The same events; fails when the first, the next or the end is late, or when there is no end."""
        loop, waits = asyncio.get_running_loop(), Waits()
        limit = min(loop.time() + self._patience.first_token, first_by)
        try:
            while True:
                event = await waits.wait(anext(events), min(limit, last_by))
                yield event
                if isinstance(event, End):
                    return
                limit = loop.time() + self._patience.idle
        except StopAsyncIteration:
            raise VendorFailed(FailureKind.INTERRUPTED) from None
        finally:
            waits.close()
