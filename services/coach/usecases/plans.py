"""Plans: look whether a plan is the right thing at all, ask the chain, hold the answer to its task. Keeps nothing."""

import asyncio
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from prometheus_client import Counter

from chassis.clock import Clock
from services.coach.clients import plan_schema
from services.coach.clients.members import Members
from services.coach.clients.providers import OFFLINE
from services.coach.clients.structured import StructuredChain, StructuredRequest
from services.coach.clients.texts import Texts
from services.coach.domain.framing import Frame
from services.coach.domain.holdback import may_be_said
from services.coach.domain.intents import Boundary, read
from services.coach.domain.phrases import Seed
from services.coach.domain.planning.asking import is_delicate, plan_request
from services.coach.domain.planning.brief import Brief
from services.coach.domain.planning.planner import propose, settle, study
from services.coach.domain.planning.proposal import Plan, PlanRejected
from services.coach.domain.planning.task import PlanTask
from services.coach.domain.prompting import Prompt
from services.coach.usecases.deadlines import deadline
from services.coach.usecases.goal_words import GoalWords
from services.coach.usecases.late_plans import LatePlans

PLANS: Final = Counter("tandem_coach_plans_total", "Plans made", ["provider", "outcome"])

# As long as the method may take, where nothing else is known of the caller's patience.
PLAN_S: Final = 12.0
# Goals that are planned by nobody here; the answer is the same as in chat.
_ASIDE: Final = frozenset(
    {Boundary.CONSENT, Boundary.STALKING, Boundary.INTOXICATED, Boundary.HARASSMENT, Boundary.MINOR}
)
_READ: Final = 2_000


@dataclass(frozen=True, slots=True)
class MadePlan:
    """A plan, and whether a configured provider failed on the way to it."""

    plan: Plan
    degraded: bool
    generate_time: datetime


class PlanUseCases:
    """Planning how a goal is reached."""

    def __init__(
        self,
        clock: Clock,
        *,
        chain: StructuredChain,
        late: LatePlans,
        texts: Texts,
        members: Members,
        words: GoalWords,
        frame_key: bytes,
    ) -> None:
        """Takes its parts.

        Args:
            clock: Tells the time.
            chain: Who proposes plans.
            late: Takes care of plans that come too late.
            texts: Our own words.
            members: Where it stands whether a vendor may be asked.
            words: Screens what a goal says.
            frame_key: Derives the unguessable marks around member text.
        """
        self._clock = clock
        self._chain = chain
        self._late = late
        self._texts = texts
        self._members = members
        self._words = words
        self._frame_key = frame_key

    async def make_plan(
        self, task: PlanTask, *, member_id: UUID, goal_id: UUID | None = None, by_rules: bool = False
    ) -> MadePlan:
        """A plan for the task; always, unless the caller goes away.

        Args:
            task: What the plan has to keep to.
            member_id: Whose goal it is.
            goal_id: Where a vendor's plan that comes too late is offered, and with which a sign of crisis in the words
                is told; None for nowhere.
            by_rules: Ask no vendor.
        """
        aside = await self._set_aside(task, member_id, goal_id)
        if aside is not None:
            PLANS.labels(OFFLINE, "aside").inc()
            return MadePlan(aside, degraded=False, generate_time=self._clock.now())
        texts = self._texts.plans
        brief = await asyncio.to_thread(study, task, texts)
        request = StructuredRequest(
            "plan",
            self._prompt(brief, member_id),
            lambda: plan_schema.content(propose(brief, texts)),
            may_ask_vendors=not by_rules and await self._may_ask_vendors(brief, member_id),
        )

        def accept(made: plan_schema.Plan, provider: str) -> Plan:
            proposal = made.proposed()
            if provider != OFFLINE and not all(self._may_be_said(sentence) for sentence in proposal.sentences):
                raise PlanRejected("no diagnosis, no medical directive, no link, no markup and no instructions in it")
            return settle(proposal, brief, texts, source=provider)

        answered = await self._chain.answer(
            request,
            plan_schema.Plan,
            accept=accept,
            deadline=deadline(self._clock, PLAN_S),
            late_s=self._late.patience_s if goal_id else 0.0,
        )
        if answered.late is not None and goal_id is not None:
            self._late.follow(answered.late, member_id=member_id, goal_id=goal_id)
        PLANS.labels(answered.provider, "degraded" if answered.failed else "made").inc()
        return MadePlan(answered.value, degraded=bool(answered.failed), generate_time=self._clock.now())

    def _may_be_said(self, sentence: str) -> bool:
        return may_be_said(sentence, self._texts.quotations)

    async def _may_ask_vendors(self, brief: Brief, member_id: UUID) -> bool:
        if not self._chain.has_vendors or is_delicate(brief):
            return False
        return (await self._members.consents(member_id)).ai_vendors

    def _prompt(self, brief: Brief, member_id: UUID) -> Prompt:
        system = self._texts.plan_system
        frame = Frame.between(self._frame_key, member_id)
        return Prompt(system.version, system.text, plan_request(brief, frame), member_id=member_id)

    async def _set_aside(self, task: PlanTask, member_id: UUID, goal_id: UUID | None) -> Plan | None:
        """What is said in a plan's place: a card where the words of the goal are a sign of crisis, or a boundary."""
        words = f"{task.title}\n{task.description}"
        card = await self._words.card(member_id, goal_id, words)
        if card:
            return _nothing_but(card, self._texts.plans.say["aside"])
        boundary = (await asyncio.to_thread(read, words[:_READ])).boundary
        if boundary in _ASIDE:
            said = self._texts.phrases.pick(f"boundary.{boundary}", Seed(f"{member_id}|{task.title}", frozenset()))
            return _nothing_but(said.text, self._texts.plans.say["aside"])
        return None


def _nothing_but(said: str, warning: str) -> Plan:
    return Plan(OFFLINE, said, subgoals=(), habits=(), fits=True, warnings=(warning,))
