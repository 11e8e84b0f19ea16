"""The words of a goal that is to be planned: a sign of crisis in them is answered in the plan's place, held and told.

Nothing of it fails the plan, or lets it wait longer than `WAIT_S`. Source: ADR-0147.
"""

import asyncio
from typing import Final
from uuid import UUID

from chassis.clock import Clock, new_id
from chassis.errors import TandemError
from chassis.identity.principal import Principal
from chassis.telemetry.logs import get_logger
from services.coach.clients.profiles import Profiles
from services.coach.clients.texts import Texts
from services.coach.domain.composer import needs_only_the_card
from services.coach.domain.safety import Assessment, Screening, assess, screen, worst_of
from services.coach.usecases.findings import Findings
from services.coach.usecases.safety_memory import SafetyMemory
from services.coach.usecases.watching import SAFETY_SHOWN, card

_log = get_logger(__name__)

# For the country and for storage, beside each other: of the two seconds that goals waits for a plan by rules.
WAIT_S: Final = 0.5


class GoalWords:
    """Screens the words of goals."""

    def __init__(
        self, clock: Clock, *, texts: Texts, profiles: Profiles, memory: SafetyMemory, findings: Findings
    ) -> None:
        """Takes its parts.

        Args:
            clock: Tells the time.
            texts: Our own words.
            profiles: Where the country for helplines comes from: plans are asked for by goals, for nobody.
            memory: What the screen found lately.
            findings: Where a sign that was found is told of.
        """
        self._clock = clock
        self._texts = texts
        self._profiles = profiles
        self._memory = memory
        self._findings = findings

    async def card(self, member_id: UUID, goal_id: UUID | None, words: str) -> str:
        """The crisis block where a plan would be out of place; else empty.

        Args:
            member_id: Who wrote the words.
            goal_id: Whose they are, so that they are told of once; None where there is no goal yet.
            words: Title and description.
        """
        # As of a note: that a goal says otherwise takes back nothing that was said in a chat.
        found = worst_of([await asyncio.to_thread(screen, words)])
        foreseen = assess(found, self._memory.of(member_id), now=self._clock.now())
        if not foreseen.flagged:
            return ""
        country, _ = await asyncio.gather(self._country(member_id), self._tell(member_id, goal_id, found, foreseen))
        if not needs_only_the_card(foreseen):
            return ""
        SAFETY_SHOWN.labels(str(foreseen.tier)).inc()
        return card(foreseen, self._texts, country=country, member_id=member_id, answers=words)

    async def _country(self, member_id: UUID) -> str:
        """Without one the card names international lines."""
        try:
            async with asyncio.timeout(WAIT_S):
                return (await self._profiles.profile(member_id)).person.country
        except (TandemError, TimeoutError):
            return ""

    async def _tell(self, member_id: UUID, goal_id: UUID | None, found: Screening, foreseen: Assessment) -> None:
        """Holds the tier, in this process also where nothing can be stored; not again for what was told before."""
        held: Assessment | None = foreseen
        findings = {goal_id or new_id(self._clock): found}
        try:
            async with asyncio.timeout(WAIT_S):
                held = await self._findings.announce(Principal.member(member_id), member_id, findings)
        except (TandemError, TimeoutError) as problem:
            reason = problem.reason if isinstance(problem, TandemError) else "DEADLINE_EXCEEDED"
            _log.error("crisis_in_a_goal_unsaved", tier=str(foreseen.tier), reason=reason)
        if held is not None:
            self._memory.keep(member_id, held.state)
