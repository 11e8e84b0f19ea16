"""The coach's chains over the real SDKs, asked against the stand-ins, with gates and waits under the test's control."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from chassis.clock import Clock, FixedClock, SystemClock, new_id
from chassis.db import Database
from chassis.identity.principal import Principal
from chassis.resilience import Breaker
from services.coach.clients.attempts import PATIENCE, Patience
from services.coach.clients.guarded import Guarded
from services.coach.clients.members import FakeMembers
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
from services.coach.usecases import Draft, LatePlans, PlanUseCases, copilot, late_plans, reviews, slot_reading
from services.coach.usecases.chat import REPLY_S
from services.coach.usecases.copilot import Asked
from services.coach.usecases.plans import MadePlan
from tests.support.coach import TEXTS, Unasked, goal_words, intake_use_cases
from tests.unit.coach.factories import ANNA, TODAY, a_goal, a_message, an_occasion
from tests.vendors import KEY, StandIns

CLOCK = SystemClock()
A_MONDAY: Final = datetime(2026, 11, 23, 9, tzinfo=UTC)
SUNDAY: Final = date(2026, 11, 22)
# An answer to the first question in which the rules find nothing.
UNREAD: Final = "Evenings are quiet here and it is time to have company beside me when I cook."
TASK: Final = PlanTask("Run 3x per week by March", date(2027, 1, 4), pattern="milestone")


@dataclass(frozen=True)
class Waits:
    """How long is waited, in seconds: as production does, where nothing else is said.

    Attributes:
        late_s: For a plan, after its goal was answered by rules.
    """

    chain: Patience = PATIENCE
    intake_s: float = slot_reading.PATIENCE_S
    copilot_s: float = copilot.PATIENCE_S
    unasked_s: float = reviews.PATIENCE_S
    late_s: float = late_plans.PATIENCE_S

    @classmethod
    def within(cls, chain: Patience, *, late_s: float = 0.3) -> "Waits":
        """No use waits for longer than a chat."""
        most_s = chain.before_offline
        return cls(chain, min(slot_reading.PATIENCE_S, most_s), most_s, most_s, late_s)

    def times(self, factor: float) -> "Waits":
        """All of them longer or shorter, and to one another as they were."""
        chain = replace(
            self.chain,
            first_token=self.chain.first_token * factor,
            idle=self.chain.idle * factor,
            before_offline=self.chain.before_offline * factor,
            least=self.chain.least * factor,
        )
        rest = (self.intake_s, self.copilot_s, self.unasked_s, self.late_s)
        return Waits(chain, *(seconds * factor for seconds in rest))


IN_FORCE: Final = Waits()
# For faults that are a matter of waiting.
SHORT: Final = Waits.within(Patience(first_token=1.0, idle=0.5, before_offline=1.5))


@dataclass(frozen=True)
class Outcome:
    """What a member would get of one use, whichever it was.

    Attributes:
        waited_s: Until the chain began its answer, and in a form had it.
    """

    provider: str
    failed: tuple[str, ...]
    text: str
    kind: EndKind = EndKind.COMPLETE
    pieces: int = 1
    waited_s: float = 0.0


@dataclass(frozen=True)
class Stores:
    """Where the coach keeps what it says: as the login that answers members, and as its own."""

    members: Database
    system: Database


class TimedForms(StructuredChain):
    """The chain of forms, and how long each of its answers took."""

    def __init__(self, *parts: Any, **more: Any) -> None:
        super().__init__(*parts, **more)
        self.took: list[float] = []

    async def answer(self, *asked: Any, **more: Any) -> Answered[Any]:
        """The same answer."""
        loop = asyncio.get_running_loop()
        began = loop.time()
        answered = await super().answer(*asked, **more)
        self.took.append(loop.time() - began)
        return answered


@dataclass(frozen=True)
class Wired:
    """Chains that ask stand-ins; `stores` for the uses that keep what was said."""

    vendors: tuple[Vendor, ...]
    gates: Mapping[str, VendorGate]
    chain: Chain
    structured: TimedForms
    waits: Waits = IN_FORCE
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
            copilot_s=self.waits.copilot_s,
            unasked_s=self.waits.unasked_s,
        )

    @property
    def plans(self) -> PlanUseCases:
        """Planning with these chains."""
        return self.planning(FakeOffers())[0]

    def planning(self, offers: FakeOffers) -> tuple[PlanUseCases, LatePlans]:
        """The same, with what becomes of plans that come late."""
        late = LatePlans(CLOCK, offers, patience_s=self.waits.late_s)
        plans = PlanUseCases(
            CLOCK,
            chain=self.structured,
            late=late,
            texts=TEXTS,
            members=FakeMembers(),
            words=goal_words(),
            frame_key=b"f" * 32,
        )
        return plans, late


@asynccontextmanager
async def wired(
    standins: StandIns,
    models: Mapping[str, str],
    *,
    waits: Waits = IN_FORCE,
    clock: Clock = CLOCK,
    budget: Callable[[str], Budget] | None = None,
    seats: int = SEATS,
    stores: Stores | None = None,
    vendors: tuple[Vendor, ...] = (),
    gates: Mapping[str, VendorGate] | None = None,
) -> AsyncIterator[Wired]:
    """Chains over the named vendors, in that order, each with a model of the stand-in's.

    Those that are connected already can be given, and stay so; gates that stand already, too.
    """
    own = () if vendors else tuple(connect(standins, name, model) for name, model in models.items())
    vendors = vendors or own
    places = asyncio.Semaphore(seats)
    gates = gates or {
        name: VendorGate(name, Breaker(name, clock), budget(name) if budget else LocalBudget(clock), places)
        for name in models
    }
    phrases = TEXTS.phrases
    chain = Chain(
        [Guarded(vendor, phrases, TEXTS.quotations) for vendor in vendors],
        OfflineProvider(phrases),
        interrupted=phrases.interrupted,
        gates=gates,
        patience=waits.chain,
    )
    structured = TimedForms(vendors, OfflineStructured(), gates=gates, patience=waits.chain)
    try:
        yield Wired(vendors, gates, chain, structured, waits, stores)
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
    """A plan for nothing that is there yet."""
    made = await coach.plans.make_plan(TASK, member_id=ANNA)
    assert made.plan.habits
    return _outcome(coach, made.plan.source, made.plan.summary, degraded=made.degraded)


async def plan_for_goal(coach: Wired) -> Outcome:
    """A plan for a new goal, which a vendor may also come to when the goal has one by rules."""
    made, _ = await late_plan(coach)
    return _outcome(coach, made.plan.source, made.plan.summary, degraded=made.degraded)


async def late_plan(coach: Wired) -> tuple[MadePlan, FakeOffers]:
    """A goal's plan, and what was offered until nothing more is awaited."""
    offers = FakeOffers()
    plans, late = coach.planning(offers)
    made = await plans.make_plan(TASK, member_id=ANNA, goal_id=new_id(CLOCK))
    assert made.plan.habits
    await asyncio.gather(*late._waiting)
    return made, offers


async def intake(coach: Wired) -> Outcome:
    """An answer in the dating-goals conversation in which the rules find nothing."""
    use_cases = intake_use_cases(coach.kept.members, chain=coach.structured, patience_s=coach.waits.intake_s)
    dater = Principal.member(new_id(CLOCK))
    hello = await use_cases.continue_intake(dater, Draft("hi"), key=None)
    turn = await use_cases.continue_intake(dater, Draft(UNREAD), key=None)
    assert (hello.provider, hello.degraded) == ("offline", False)
    # What a vendor read is kept; without one the same question is asked in another way.
    assert turn.intake.percent == (0 if turn.provider == "offline" else 8)
    return _outcome(coach, turn.provider, turn.text, degraded=turn.degraded)


async def review(coach: Wired) -> Outcome:
    """A weekly review."""
    member_id = new_id(CLOCK)
    reviews = coach.unasked(member_id).reviews(coach.kept.members)
    stored = await reviews.write(Principal.system("jobs"), member_id, ReviewKind.WEEKLY, SUNDAY)
    assert "2 of 5" in stored.review.text
    assert stored.review.action_steps
    return _outcome(coach, stored.provider, stored.review.text, degraded=stored.degraded)


async def advice(coach: Wired) -> Outcome:
    """Advice to a mentor."""
    asked = Asked(new_id(CLOCK), new_id(CLOCK), "How is it going?", Mode.QUICK_CHECK, frozenset(Scope))
    advising = coach.unasked(asked.member_id).copilot(coach.kept.members)
    given = await advising.advise(Principal.system("mentor"), asked, key=None)
    assert given.actions
    return _outcome(coach, given.provider, given.reply, degraded=given.degraded)


async def group_post(coach: Wired) -> Outcome:
    """A group's post of a week."""
    figures = (Figure(new_id(CLOCK), "Ann", 3, 4, 5, ai_vendors=True),)
    findings = GroupFindings(new_id(CLOCK), SUNDAY - timedelta(days=6), figures)
    post = await coach.unasked(new_id(CLOCK)).group_posts(coach.kept.system).write(findings)
    assert "3 of 4" in post.text
    return _outcome(coach, post.provider, post.text, degraded=post.degraded)


# What members use a model for; whoever adds a use adds it here, and it is held to every fault.
USES: Final[Mapping[str, Callable[[Wired], Awaitable[Outcome]]]] = {
    "chat_stream": chat_stream,
    "chat_plain": chat_plain,
    "plan": plan,
    "plan_for_goal": plan_for_goal,
    "intake": intake,
    "review": review,
    "copilot": advice,
    "group_post": group_post,
}
CHATS: Final = tuple(name for name in USES if name.startswith("chat"))
FORMS: Final = tuple(name for name in USES if name not in CHATS)


def _outcome(coach: Wired, provider: str, text: str, *, degraded: bool) -> Outcome:
    """Of a use that tells whether somebody failed, and not who."""
    return Outcome(provider, ("?",) if degraded else (), text, waited_s=coach.structured.took[-1])


async def _chat(write: Callable[..., AsyncIterator[Delta | End]]) -> Outcome:
    loop = asyncio.get_running_loop()
    request, began, waited_s, events = a_request(), loop.time(), 0.0, list[Delta | End]()
    async for event in write(request, deadline=began + REPLY_S):
        waited_s = waited_s or loop.time() - began
        events.append(event)
    ends = [event for event in events if isinstance(event, End)]
    assert len(ends) == 1
    assert events[-1] is ends[0]
    texts = [event.text for event in events if isinstance(event, Delta)]
    return Outcome(ends[0].provider, ends[0].fallback_chain, "".join(texts), ends[0].kind, len(texts), waited_s)


__all__ = [
    "CHATS",
    "FORMS",
    "IN_FORCE",
    "SHORT",
    "UNREAD",
    "USES",
    "Answered",
    "Outcome",
    "Stores",
    "Waits",
    "Wired",
    "a_report",
    "a_request",
    "connect",
    "late_plan",
    "wired",
]
