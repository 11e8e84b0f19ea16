"""Batches: many activities over several goals, all or none."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from chassis import idempotency
from chassis.clock import Clock, new_id
from chassis.db import Database, Transaction
from chassis.idempotency import IdempotencyKey
from chassis.identity.principal import Principal
from services.goals import events
from services.goals.domain.activity import Activity, ActivityDraft, record_batch
from services.goals.repository import ActivityRepository, GoalRepository
from services.goals.usecases.goals import member_of
from services.goals.usecases.settling import COMPLETING, settle_anew


@dataclass(frozen=True, slots=True)
class AskedActivity:
    """An activity as asked for, and on which goal."""

    goal_id: UUID
    draft: ActivityDraft


class BatchUseCases:
    """The verb of batches. The trips to the database do not grow with what is in one."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def log_batch(
        self, principal: Principal, asked: Sequence[AskedActivity], *, key: IdempotencyKey | None
    ) -> list[Activity]:
        """Logs all of them or none; at least one is asked for.

        Raises:
            InvalidArgument: Fields break rules; each is named with its place, as `activities[3].value`.
            GoalNotFound, GoalClosed, MilestoneDone: As for one activity; the metadata name the `field`.
        """
        member_id = member_of(principal)
        goal_ids = {each.goal_id for each in asked}

        async def work(transaction: Transaction) -> list[Activity]:
            await idempotency.find(transaction, key)
            now = self._clock.now()
            goals = GoalRepository(transaction)
            places = await goals.find_places(goal_ids, now)
            logged = record_batch(
                [(each.draft, places.get(each.goal_id)) for each in asked], new_id=self._new_id, now=now
            )
            completing = [goal_id for goal_id, place in places.items() if place.goal.pattern in COMPLETING]
            if completing:
                await goals.lock(completing)
            ActivityRepository(transaction).add_all(logged, member_id)
            events.tell_all_logged(transaction, logged, member_id)
            if completing:
                await settle_anew(transaction, completing, now)
            idempotency.remember(transaction, key, logged[0].id, outcome=logged)
            return logged

        return await self._database.run(principal, work, idempotency=key)

    def _new_id(self) -> UUID:
        return new_id(self._clock)
