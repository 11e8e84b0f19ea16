"""The coach's chains over the real SDKs, asked against the stand-ins, with gates and waits under the test's control."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date
from typing import Final

from chassis.clock import Clock, SystemClock
from chassis.resilience import Breaker
from services.coach.clients.attempts import PATIENCE, Patience
from services.coach.clients.guarded import Guarded
from services.coach.clients.providers import Chain, Delta, End, EndKind, OfflineProvider, PromptBundle
from services.coach.clients.structured import Answered, OfflineStructured, Size, StructuredChain
from services.coach.clients.suggestions import FakeSuggestions
from services.coach.clients.vendors import anthropic, gemini
from services.coach.clients.vendors.budget import Budget, LocalBudget
from services.coach.clients.vendors.connected import Vendor, subject_of
from services.coach.clients.vendors.gate import VendorGate
from services.coach.config import SEATS
from services.coach.domain.context import build_context
from services.coach.domain.facts import Overview
from services.coach.domain.framing import Frame
from services.coach.domain.planning.task import PlanTask
from services.coach.usecases import LatePlans, PlanUseCases
from tests.support.coach import TEXTS
from tests.unit.coach.factories import ANNA, TODAY, a_goal, a_message, an_occasion
from tests.vendors import KEY, StandIns

CLOCK = SystemClock()
# For faults that are a matter of waiting.
SHORT = Patience(first_token=1.0, idle=0.5, before_offline=1.5)
TASK: Final = PlanTask("Run 3x per week by March", date(2027, 1, 4), pattern="milestone")


@dataclass(frozen=True)
class Outcome:
    """What a member would get of one use, whichever it was."""

    provider: str
    failed: tuple[str, ...]
    text: str
    kind: EndKind = EndKind.COMPLETE
    pieces: int = 1


@dataclass(frozen=True)
class Wired:
    """Chains that ask stand-ins."""

    vendors: tuple[Vendor, ...]
    gates: Mapping[str, VendorGate]
    chain: Chain
    structured: StructuredChain

    @property
    def plans(self) -> PlanUseCases:
        """Planning with these chains."""
        from services.coach.clients.members import FakeMembers

        late = LatePlans(CLOCK, FakeSuggestions())
        return PlanUseCases(
            CLOCK, chain=self.structured, late=late, texts=TEXTS, members=FakeMembers(), frame_key=b"f" * 32
        )


@asynccontextmanager
async def wired(
    standins: StandIns,
    models: Mapping[str, str],
    *,
    patience: Patience = PATIENCE,
    clock: Clock = CLOCK,
    budget: Callable[[str], Budget] | None = None,
    seats: int = SEATS,
) -> AsyncIterator[Wired]:
    """Chains over the named vendors, in that order, each with a model of the stand-in's."""
    vendors = tuple(connect(standins, name, model) for name, model in models.items())
    places = asyncio.Semaphore(seats)
    gates = {
        name: VendorGate(name, Breaker(name, clock), budget(name) if budget else LocalBudget(clock), places)
        for name in models
    }
    phrases = TEXTS.phrases
    chain = Chain(
        [Guarded(vendor, phrases, TEXTS.quotations) for vendor in vendors],
        OfflineProvider(phrases),
        interrupted=phrases.interrupted,
        gates=gates,
        patience=patience,
    )
    structured = StructuredChain(vendors, OfflineStructured(), gates=gates, patience=patience)
    try:
        yield Wired(vendors, gates, chain, structured)
    finally:
        for vendor in vendors:
            await vendor.close()


def connect(standins: StandIns, name: str, model: str) -> Vendor:
    """One adapter over its SDK."""
    models = dict.fromkeys(Size, model)
    if name == gemini.NAME:
        return gemini.connect(KEY, standins.gemini_url, models=models, connections=300)
    return anthropic.connect(KEY, standins.anthropic_url, models=models, subject=subject_of(b"s" * 32), connections=300)


def a_request(text: str = "How am I doing?", *, may_ask_vendors: bool = True) -> PromptBundle:
    """A message of a member with one goal."""
    overview = Overview(TODAY, (a_goal(week_logged=2, streak=4),))
    context = build_context(
        ANNA,
        a_message(text),
        overview=overview,
        turns=(),
        frame=Frame("k7f3"),
        system=TEXTS.system,
        prompt_version=TEXTS.prompt_version,
    )
    return PromptBundle(context, an_occasion(text, overview), may_ask_vendors=may_ask_vendors)


async def chat_stream(coach: Wired) -> Outcome:
    """A message whose reply is sent word by word."""
    return await _chat(coach.chain.stream)


async def chat_plain(coach: Wired) -> Outcome:
    """A message whose reply is sent as a whole."""
    return await _chat(coach.chain.whole)


async def plan(coach: Wired) -> Outcome:
    """A plan for a goal."""
    answered = await coach.plans.make_plan(TASK, member_id=ANNA)
    assert answered.plan.habits
    failed = ("?",) if answered.degraded else ()
    return Outcome(answered.plan.source, failed, answered.plan.summary)


# What members use a model for; whoever adds a use adds it here, and it is held to every fault.
USES: Final[Mapping[str, Callable[[Wired], Awaitable[Outcome]]]] = {
    "chat_stream": chat_stream,
    "chat_plain": chat_plain,
    "plan": plan,
}


async def _chat(write: Callable[..., AsyncIterator[Delta | End]]) -> Outcome:
    deadline = asyncio.get_running_loop().time() + 45
    events = [event async for event in write(a_request(), deadline=deadline)]
    ends = [event for event in events if isinstance(event, End)]
    assert len(ends) == 1
    assert events[-1] is ends[0]
    texts = [event.text for event in events if isinstance(event, Delta)]
    return Outcome(ends[0].provider, ends[0].fallback_chain, "".join(texts), ends[0].kind, len(texts))


__all__ = ["SHORT", "USES", "Answered", "Outcome", "Wired", "a_request", "connect", "wired"]
