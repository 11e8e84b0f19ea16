"""What of a question is the mentor's own: a sign of their own danger, and whether a vendor may read their words.

A mentor in danger gets the card, in their own country, before anything of the member is read, and nothing refuses it.
What was found is theirs: announced and kept as their own chat would. Source: ADR-0126.
"""

import asyncio
from typing import Final
from uuid import UUID

from chassis.clock import Clock
from chassis.db import Database, Transaction
from chassis.errors import TandemError
from chassis.identity.principal import Principal
from chassis.telemetry.logs import get_logger
from services.coach.clients.profiles import Profiles
from services.coach.clients.providers import OFFLINE
from services.coach.clients.texts import Texts
from services.coach.domain.composer import needs_only_the_card
from services.coach.domain.safety import assess, screen
from services.coach.domain.tiers import Tier
from services.coach.repository.copilot import CopilotRepository
from services.coach.usecases.watching import Watch, Watched, card

_log = get_logger(__name__)

_STORAGE_S: Final = 2.0


class MentorsOwn:
    """Looks after the one who asks."""

    def __init__(self, database: Database, clock: Clock, *, profiles: Profiles, texts: Texts, watch: Watch) -> None:
        self._database = database
        self._clock = clock
        self._profiles = profiles
        self._texts = texts
        self._watch = watch

    async def allows_vendors(self, mentor_id: UUID) -> bool:
        """Whether the mentor lets vendors read what they write; no, where nobody can say it."""
        try:
            return (await self._profiles.profile(mentor_id)).consents.ai_vendors
        except TandemError as problem:
            _log.info("mentors_consent_unknown", reason=problem.reason)
            return False

    def is_in_danger(self, text: str) -> bool:
        """Whether a question is a sign of the mentor's own danger, which no advice about somebody else answers."""
        found = assess(screen(text), None, now=self._clock.now())
        return found.tier is not Tier.THIRD_PARTY and needs_only_the_card(found)

    async def card(self, mentor_id: UUID, text: str, *, member_id: UUID, mode: str, advice_id: UUID) -> str:
        """The crisis block. What was found is kept with the mentor, that they asked with the member, if it can be."""
        watched = self._watch.look(mentor_id, text)
        country, _ = await asyncio.gather(
            self._country(mentor_id),
            self._keep(watched, member_id=member_id, mode=mode, advice_id=advice_id),
        )
        return card(watched.foreseen, self._texts, country=country, member_id=mentor_id, answers=text)

    async def _country(self, mentor_id: UUID) -> str:
        try:
            return (await self._profiles.profile(mentor_id)).person.country
        except TandemError:
            return ""

    async def _keep(self, watched: Watched, *, member_id: UUID, mode: str, advice_id: UUID) -> None:
        mentor_id, now = watched.member_id, self._clock.now()

        async def found(transaction: Transaction) -> None:
            known = await CopilotRepository(transaction).safety(mentor_id)
            self._watch.settle(transaction, watched, known, advice_id)

        used = {"card": str(watched.foreseen.tier)}

        async def asked(transaction: Transaction) -> None:
            calls = CopilotRepository(transaction)
            calls.ask(advice_id, member_id=member_id, mentor_id=mentor_id, mode=mode, context_used=used, now=now)

        async def answered(transaction: Transaction) -> None:
            calls = CopilotRepository(transaction)
            calls.finish(advice_id, state="answered", provider=OFFLINE, context_used=used, now=now)

        try:
            async with asyncio.timeout(_STORAGE_S):
                await self._database.run(Principal.member(mentor_id), found)
                # What is queued in one transaction does not see each other, so the row is finished in the next.
                await self._database.run(Principal.member(member_id), asked)
                await self._database.run(Principal.member(member_id), answered)
        except (TandemError, TimeoutError) as problem:
            reason = problem.reason if isinstance(problem, TandemError) else "DEADLINE_EXCEEDED"
            _log.error("crisis_answered_unsaved", tier=str(watched.foreseen.tier), reason=reason)
