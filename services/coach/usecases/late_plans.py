"""Plans that come after their goal was answered by rules: offered to the member instead. Source: ADR-0120."""

import asyncio
from typing import Final
from uuid import UUID

from chassis.clock import Clock
from chassis.errors import TandemError
from chassis.telemetry.logs import get_logger
from services.coach.clients.offers import Offers, PlanOffer
from services.coach.clients.structured import Answered
from services.coach.domain.planning.proposal import Plan

_log = get_logger(__name__)

# How long a provider may go on after the answer.
PATIENCE_S: Final = 60.0
# So many are waited for at once; of more, the answer by rules is all there is.
MOST_AWAITED: Final = 50


class LatePlans:
    """Waits for them beside all else. What is awaited when the process ends is lost: the goal has a plan already."""

    def __init__(self, clock: Clock, offers: Offers, *, patience_s: float = PATIENCE_S) -> None:
        self._clock = clock
        self._offers = offers
        self._patience_s = patience_s
        self._waiting: set[asyncio.Task[None]] = set()

    @property
    def patience_s(self) -> float:
        """How long a plan may be late; 0 while as many are awaited as may be."""
        return self._patience_s if len(self._waiting) < MOST_AWAITED else 0.0

    def follow(self, late: "asyncio.Task[Answered[Plan]]", *, member_id: UUID, goal_id: UUID) -> None:
        """Offers the plan when it comes."""
        waiting = asyncio.create_task(self._offer(late, member_id, goal_id))
        self._waiting.add(waiting)
        waiting.add_done_callback(self._waiting.discard)

    async def _offer(self, late: "asyncio.Task[Answered[Plan]]", member_id: UUID, goal_id: UUID) -> None:
        try:
            answered = await late
        except Exception as problem:
            _log.info("late_plan_failed", goal_id=str(goal_id), kind=type(problem).__name__)
            return
        offer = PlanOffer(member_id, goal_id, answered.value, self._clock.now())
        try:
            await self._offers.offer_plan(offer)
        except TandemError as problem:
            _log.warning("late_plan_not_taken", goal_id=str(goal_id), reason=problem.reason)
