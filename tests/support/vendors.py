"""The coach's chains over the real SDKs, asked against the stand-ins, with gates and waits under the test's control."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final
from uuid import UUID

from chassis.clock import Clock, FixedClock, SystemClock, new_id
from chassis.db import Database
from chassis.identity.principal import Principal
from chassis.resilience import Breaker
from services.coach.clients.attempts import PATIENCE, Patience
from services.coach.clients.guarded import Guarded
from services.coach.clients.offers import FakeOffers
from services.coach.clients.providers import Chain, Delta, End, EndKind, OfflineProvider, PromptBundle
from services.coach.clients.reports import FakeReports
from services.coach.clients.structured import Answered, OfflineStructured, Size, StructuredChain
from services.coach.clients.vendors import anthropic, gemini
from services.coach.clients.vendors.budget import Budget, LocalBudget
from services.coach.clients.vendors.connected import Vendor, subject_of
from services.coach.clients.vendors.gate import VendorGate
from services.coach.config import SEATS
from services.coach.domain.context import build_context
from services.coach.domain.copilot.advice import Mode
from services.coach.domain.copilot.records import Scope
from services.coach.domain.facts import Overview
from services.coach.domain.framing import Frame
from services.coach.domain.planning.task import PlanTask
from services.coach.domain.report import GoalReport, Report, UnitFact
from services.coach.domain.report import Outcome as Kept
from services.coach.domain.reviews.group import Figure, GroupFindings
from services.coach.domain.reviews.writer import ReviewKind
from services.coach.usecases import Draft, LatePlans, PlanUseCases
from services.coach.usecases.copilot import Asked
from services.coach.usecases.slot_reading import PATIENCE_S
from tests.support.coach import TEXTS, Unasked, goal_words, intake_use_cases
from tests.unit.coach.factories import ANNA, TODAY, a_goal, a_message, an_occasion
from tests.vendors import KEY, StandIns

CLOCK = SystemClock()
# For faults that are a matter of waiting.
SHORT = Patience(first_token=1.0, idle=0.5, before_offline=1.5)
A_MONDAY: Final = datetime(2026, 11, 23, 9, tzinfo=UTC)
SUNDAY: Final = date(2026, 11, 22)
# An answer to the first question in which the rules find nothing.
UNREAD: Final = "Evenings are quiet here and it is time to have company beside me when I cook."
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
class Stores:
    """Where the coach keeps what it says: as the login that answers members, and as its own."""

    members: Database
    system: Database


@dataclass(frozen=True)
class Wired:
    """Chains that ask stand-ins; `stores` for the uses that keep what was said."""

    vendors: tuple[Vendor, ...]
    gates: Mapping[str, VendorGate]
    chain: Chain
    structured: StructuredChain
    patience: Patience = PATIENCE
    stores: Stores | None = None

    @property
    def kept(self) -> Stores:
        """The stores, for a use that cannot do without."""
        assert self.stores is not None, "this use keeps what it says"
        return self.stores

    def unasked(self, member_id: UUID) -> Unasked:
        """What is written unasked, with these chains, about a member with a week behind them."""
        return Unasked(
            reports=FakeReports(a_report(member_id)),
            clock=FixedClock(A_MONDAY),
            own_chain=self.structured,
            patience_s=self.patience.before_offline,
        )

    @property
    def plans(self) -> PlanUseCases:
        """Planning with these chains."""
        from services.coach.clients.members import FakeMembers

        late = LatePlans(CLOCK, FakeOffers())
        return PlanUseCases(
            CLOCK,
            chain=self.structured,
            late=late,
            texts=TEXTS,
            members=FakeMembers(),
            words=goal_words(),
            frame_key=b"f" * 32,
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
    stores: Stores | None = None,
    vendors: tuple[Vendor, ...] = (),
) -> AsyncIterator[Wired]:
    """Chains over the named vendors, in that order, each with a model of the stand-in's.

    Those that are connected already can be given; they stay so.
    """
    own = () if vendors else tuple(connect(standins, name, model) for name, model in models.items())
    vendors = vendors or own
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
        yield Wired(vendors, gates, chain, structured, patience, stores)
    finally:
        for vendor in own:
            await vendor.close()


def connect(standins: StandIns, name: str, model: str) -> Vendor:
    """One adapter over its SDK."""
    models = dict.fromkeys(Size, model)
    if name == gemini.NAME:
        return gemini.connect(KEY, standins.gemini_url, models=models, connections=300)
    return anthropic.connect(KEY, standins.anthropic_url, models=models, subject=subject_of(b"s" * 32), connections=300)


def a_request(text: str = "How am I doing?", *, may_ask_vendors: bool = True, week_logged: int = 2) -> PromptBundle:
    """A message of a member with one goal."""
    overview = Overview(TODAY, (a_goal(week_logged=week_logged, streak=4),))
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


def a_report(member_id: UUID) -> Report:
    """A goal kept on two of five days of the week before `A_MONDAY`."""
    days = [SUNDAY - timedelta(days=number) for number in range(6, 1, -1)]
    outcomes = (Kept.DONE, Kept.MISSED, Kept.MISSED, Kept.MISSED, Kept.DONE)
    units = tuple(UnitFact(day, day, outcome) for day, outcome in zip(days, outcomes, strict=True))
    goal = a_goal(owner=member_id, goal_id=new_id(CLOCK))
    return Report(SUNDAY - timedelta(days=13), SUNDAY, A_MONDAY.date(), (GoalReport(goal, units),))


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
    return _outcome(answered.plan.source, answered.plan.summary, degraded=answered.degraded)


async def intake(coach: Wired) -> Outcome:
    """An answer in the dating-goals conversation in which the rules find nothing."""
    patience_s = min(PATIENCE_S, coach.patience.before_offline)
    use_cases = intake_use_cases(coach.kept.members, chain=coach.structured, patience_s=patience_s)
    dater = Principal.member(new_id(CLOCK))
    hello = await use_cases.continue_intake(dater, Draft("hi"), key=None)
    turn = await use_cases.continue_intake(dater, Draft(UNREAD), key=None)
    assert (hello.provider, hello.degraded) == ("offline", False)
    # What a vendor read is kept; without one the same question is asked in another way.
    assert turn.intake.percent == (0 if turn.provider == "offline" else 8)
    return _outcome(turn.provider, turn.text, degraded=turn.degraded)


async def review(coach: Wired) -> Outcome:
    """A weekly review."""
    member_id = new_id(CLOCK)
    reviews = coach.unasked(member_id).reviews(coach.kept.members)
    stored = await reviews.write(Principal.system("jobs"), member_id, ReviewKind.WEEKLY, SUNDAY)
    assert "2 of 5" in stored.review.text
    assert stored.review.action_steps
    return _outcome(stored.provider, stored.review.text, degraded=stored.degraded)


async def copilot(coach: Wired) -> Outcome:
    """Advice to a mentor."""
    asked = Asked(new_id(CLOCK), new_id(CLOCK), "How is it going?", Mode.QUICK_CHECK, frozenset(Scope))
    advising = coach.unasked(asked.member_id).copilot(coach.kept.members)
    given = await advising.advise(Principal.system("mentor"), asked, key=None)
    assert given.actions
    return _outcome(given.provider, given.reply, degraded=given.degraded)


async def group_post(coach: Wired) -> Outcome:
    """A group's post of a week."""
    figures = (Figure(new_id(CLOCK), "Ann", 3, 4, 5, ai_vendors=True),)
    findings = GroupFindings(new_id(CLOCK), SUNDAY - timedelta(days=6), figures)
    post = await coach.unasked(new_id(CLOCK)).group_posts(coach.kept.system).write(findings)
    assert "3 of 4" in post.text
    return _outcome(post.provider, post.text, degraded=post.degraded)


# What members use a model for; whoever adds a use adds it here, and it is held to every fault.
USES: Final[Mapping[str, Callable[[Wired], Awaitable[Outcome]]]] = {
    "chat_stream": chat_stream,
    "chat_plain": chat_plain,
    "plan": plan,
    "intake": intake,
    "review": review,
    "copilot": copilot,
    "group_post": group_post,
}
CHATS: Final = tuple(name for name in USES if name.startswith("chat"))
FORMS: Final = tuple(name for name in USES if name not in CHATS)


def _outcome(provider: str, text: str, *, degraded: bool) -> Outcome:
    """Of a use that tells whether somebody failed, and not who."""
    return Outcome(provider, ("?",) if degraded else (), text)


async def _chat(write: Callable[..., AsyncIterator[Delta | End]]) -> Outcome:
    deadline = asyncio.get_running_loop().time() + 45
    events = [event async for event in write(a_request(), deadline=deadline)]
    ends = [event for event in events if isinstance(event, End)]
    assert len(ends) == 1
    assert events[-1] is ends[0]
    texts = [event.text for event in events if isinstance(event, Delta)]
    return Outcome(ends[0].provider, ends[0].fallback_chain, "".join(texts), ends[0].kind, len(texts))


__all__ = [
    "CHATS",
    "FORMS",
    "SHORT",
    "UNREAD",
    "USES",
    "Answered",
    "Outcome",
    "Stores",
    "Wired",
    "a_report",
    "a_request",
    "connect",
    "wired",
]
