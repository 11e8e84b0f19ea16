"""A model held to what no reply may say, and to a reply's length: the same port, with all it sends passing through."""

import re
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import replace
from typing import Final

from prometheus_client import Counter

from services.coach.clients.providers import CoachProvider, Delta, End, EndKind, PromptBundle, ProviderText, StreamEvent
from services.coach.domain.holdback import HoldBack, Quotations, Stop, may_be_said
from services.coach.domain.phrases import Phrasebook, Picked, Seed

STOPPED: Final = Counter("tandem_coach_replies_stopped_total", "Models' replies that ended early", ["provider", "why"])
# Of a model's own steps: as many as a person would read, each no longer than a line.
_MOST_STEPS = 3
_LONGEST_STEP = 200
# 90 are asked for, and no more than these are passed on: a coach listens. Source: COACHING 1.3.
MOST_WORDS: Final = 120
_WORDS_AND_SPACES: Final = re.compile(r"\s+|\S+")


class Guarded:
    """Passes on what may be said. Where a reply is stopped, a sentence of ours ends it, and it is a whole reply."""

    def __init__(self, inner: CoachProvider, phrases: Phrasebook, instructions: Quotations) -> None:
        self._inner = inner
        self._phrases = phrases
        self._instructions = instructions

    @property
    def name(self) -> str:
        """The model's own."""
        return self._inner.name

    async def complete(self, request: PromptBundle, *, deadline: float) -> ProviderText:
        """The whole reply at once."""
        whole = await self._inner.complete(request, deadline=deadline)
        holding, length = HoldBack(self._instructions), _Length()
        text = length.take(holding.feed(whole.text) + holding.end())
        if length.is_over:
            self._note_length()
            return ProviderText(text, replace(self._checked(whole.end), kind=EndKind.STOPPED))
        if holding.stopped is None:
            return ProviderText(text, self._checked(whole.end))
        said, end = self._ended(holding.stopped, request)
        return ProviderText(f"{text}{said}", end)

    async def stream(self, request: PromptBundle, *, deadline: float) -> AsyncGenerator[StreamEvent, None]:
        """The reply piece by piece; a stopped one is closed at its source first."""
        holding, length = HoldBack(self._instructions), _Length()
        async with aclosing(self._inner.stream(request, deadline=deadline)) as events:
            async for event in events:
                text = length.take(holding.end() if isinstance(event, End) else holding.feed(event.text))
                if text:
                    yield Delta(text)
                if holding.stopped is not None or length.is_over:
                    break
                if isinstance(event, End):
                    yield self._checked(event)
                    return
        if length.is_over:
            # What stands is said; the chain puts the rules' next step beside it.
            self._note_length()
            yield End(EndKind.STOPPED, self.name)
        elif holding.stopped is not None:
            said, end = self._ended(holding.stopped, request)
            yield Delta(said)
            yield end

    def _note_length(self) -> None:
        STOPPED.labels(self.name, "length").inc()

    def _ended(self, why: Stop, request: PromptBundle) -> tuple[str, End]:
        """The sentence that ends a stopped reply, and its end."""
        STOPPED.labels(self.name, str(why)).inc()
        said, step = self._pick("boundary", why, request), self._pick("action_boundary", why, request)
        parts = (said.part_id, step.part_id)
        steps = (step.text.format(goal="your goal"),)
        return f" … {said.text}", End(EndKind.STOPPED, self.name, steps, parts)

    def _pick(self, part: str, why: Stop, request: PromptBundle) -> Picked:
        occasion = request.occasion
        seed = Seed(f"{occasion.member_id}|{occasion.today.isoformat()}|{why}|{occasion.turn}", occasion.recent_parts)
        return self._phrases.pick(f"{part}.{why}", seed)

    def _checked(self, end: End) -> End:
        """Steps that a reply could not say are no steps."""
        return replace(end, action_steps=tuple(step for step in end.action_steps[:_MOST_STEPS] if self._may_say(step)))

    def _may_say(self, step: str) -> bool:
        return 0 < len(step) <= _LONGEST_STEP and may_be_said(step, self._instructions)


class _Length:
    """Counts the words of a reply that comes in pieces, which may break within a word."""

    def __init__(self) -> None:
        self.is_over = False
        self._words = 0
        self._is_within = False

    def take(self, text: str) -> str:
        """What of the next piece still belongs to the reply."""
        for found in _WORDS_AND_SPACES.finditer(text):
            is_space = found[0].isspace()
            self._words += not is_space and not self._is_within
            self._is_within = not is_space
            if self._words > MOST_WORDS:
                self.is_over = True
                return f"{text[: found.start()]}…"
        return text
