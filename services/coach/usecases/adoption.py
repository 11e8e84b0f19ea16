"""Confirmed dating goals become goals: one for each, once, whoever asks how often.

No transaction is open while goals is asked. Each goal is made under a key of its own that names the conversation, what
was confirmed and its place in it; which ones are made is kept with the conversation, as goals keeps keys for a day.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from uuid import UUID

from chassis import idempotency
from chassis.clock import Clock
from chassis.db import Database, Transaction
from chassis.idempotency import IdempotencyKey
from chassis.identity.principal import Principal
from chassis.vault import MemberKeys
from services.coach.clients.dating import DatingGoalMaker, MadeGoal
from services.coach.clients.members import Members
from services.coach.domain.intake.adoption import DatingGoalDraft, goal_drafts
from services.coach.domain.intake.state import Adopted, Intake
from services.coach.domain.intake.topics import Slot
from services.coach.errors import AdultsOnly, DatingGoalsNotFound, NothingConfirmed
from services.coach.repository import IntakeRepository
from services.coach.usecases.history import owner


class AdoptionUseCases:
    """Making goals of dating goals."""

    def __init__(
        self, database: Database, clock: Clock, *, keys: MemberKeys, members: Members, maker: DatingGoalMaker
    ) -> None:
        self._database = database
        self._clock = clock
        self._keys = keys
        self._members = members
        self._maker = maker

    async def adopt(self, principal: Principal, member_id: UUID, *, key: IdempotencyKey | None) -> tuple[MadeGoal, ...]:
        """The goals of the confirmed dating goals, in their order; made where they are not yet.

        Raises:
            DatingGoalsNotFound: They are somebody else's.
            AdultsOnly: The member is not known to be an adult, or said to be none.
            NothingConfirmed: The member has not said yes to anything.
            TandemError: As goals says; what it made before is kept.
        """
        if owner(principal) != member_id:
            raise DatingGoalsNotFound
        intake = await self._confirmed(principal, member_id, key)
        today = await self._adults_today(member_id)
        drafts = goal_drafts(intake, today=today)
        made = await asyncio.gather(*(self._make(intake, draft) for draft in drafts), return_exceptions=True)
        adopted = _adopted(intake, drafts, made)
        failure = next((one for one in made if isinstance(one, BaseException)), None)
        if failure is not None:
            await self._keep(principal, member_id, intake, adopted)
            raise failure
        shown = await self._shown(intake, adopted, [one for one in made if isinstance(one, MadeGoal)])
        await self._keep(principal, member_id, intake, adopted, key=key, outcome=shown)
        return shown

    async def _confirmed(self, principal: Principal, member_id: UUID, key: IdempotencyKey | None) -> Intake:
        async def work(transaction: Transaction) -> Intake:
            opening = await IntakeRepository(transaction, self._keys).open(member_id, key=key)
            intake = opening.intake
            if intake is not None and intake.is_stopped:
                raise AdultsOnly
            if intake is None or not intake.is_complete:
                raise NothingConfirmed
            return intake

        return await self._database.run(principal, work, read_only=True)

    async def _adults_today(self, member_id: UUID) -> date:
        person, now = await self._members.person(member_id), self._clock.now()
        if not person.is_adult(now):
            raise AdultsOnly
        return person.today(now)

    async def _make(self, intake: Intake, draft: DatingGoalDraft) -> MadeGoal:
        return await self._maker.make(draft, key=f"intake-{intake.intake_id}-{intake.confirmed_at}-{draft.index}")

    async def _shown(
        self, intake: Intake, adopted: Sequence[Adopted], made: Sequence[MadeGoal]
    ) -> tuple[MadeGoal, ...]:
        """All goals in the order of the dating goals; one that was removed since is left out."""
        fresh = {one.goal_id: one for one in made}
        by_text = {one.text.casefold(): one.goal_id for one in adopted}
        goal_ids = [by_text[text.casefold()] for text in intake.values(Slot.GOALS) if text.casefold() in by_text]
        found = [fresh.get(goal_id) or await self._maker.find(goal_id) for goal_id in goal_ids]
        return tuple(one for one in found if one is not None)

    async def _keep(
        self,
        principal: Principal,
        member_id: UUID,
        seen: Intake,
        adopted: tuple[Adopted, ...],
        *,
        key: IdempotencyKey | None = None,
        outcome: tuple[MadeGoal, ...] | None = None,
    ) -> None:
        """Keeps which goals were made, unless the conversation was started over meanwhile."""

        async def work(transaction: Transaction) -> None:
            intakes = IntakeRepository(transaction, self._keys)
            opening = await intakes.open(member_id, key=key)
            intake = opening.intake
            if intake is not None and opening.key is not None and intake.intake_id == seen.intake_id:
                known = {one.text.casefold() for one in intake.adopted}
                more = tuple(one for one in adopted if one.text.casefold() not in known)
                if more:
                    kept = replace(intake, revision=intake.revision + 1, adopted=(*intake.adopted, *more))
                    intakes.save(member_id, kept, intake, opening.key, now=opening.updated_at or self._clock.now())
            idempotency.remember(transaction, key, member_id, outcome=outcome)

        await self._database.run(principal, work, idempotency=key)


def _adopted(
    intake: Intake, drafts: Sequence[DatingGoalDraft], made: Sequence[MadeGoal | BaseException]
) -> tuple[Adopted, ...]:
    """What goals were made of, before and now."""
    texts = intake.values(Slot.GOALS)
    fresh = tuple(
        Adopted(texts[draft.index], one.goal_id)
        for draft, one in zip(drafts, made, strict=True)
        if isinstance(one, MadeGoal)
    )
    return (*intake.adopted, *fresh)
