"""Batches: many activities over several goals, all or none."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from chassis import idempotency
from chassis.clock import Clock, new_id
from chassis.db import Database, Transaction
from chassis.idempotency import IdempotencyKey
from chassis.identity.principal import Principal
from services.goals import events
from services.goals.domain.activity import Activity, ActivityDraft, Place, record_batch
from services.goals.domain.goal import Goal
from services.goals.domain.landmarks import LANDMARKS, STREAKING, landmark_reached
from services.goals.domain.streak import current_streak
from services.goals.domain.units import Ledger
from services.goals.repository import ActivityRepository, GoalRepository, HindsightRepository, Loaded
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
            await self._follow_up(transaction, places, logged, now)
            idempotency.remember(transaction, key, logged[0].id, outcome=logged)
            return logged

        return await self._database.run(principal, work, idempotency=key)

    async def _follow_up(
        self, transaction: Transaction, places: Mapping[UUID, Place], logged: Sequence[Activity], now: datetime
    ) -> None:
        """Settles what may complete, and tells of streaks that came to a length worth telling."""
        counted = {activity.goal_id for activity in logged if activity.kind is not None}
        concerned = [
            goal_id
            for goal_id, place in places.items()
            if place.goal.pattern in COMPLETING or (goal_id in counted and place.goal.pattern in STREAKING)
        ]
        if not concerned:
            return
        settled = await settle_anew(transaction, concerned, now)
        long = {each.goal.id: _streak(each.goal, each, now) for each in settled if each.goal.pattern in STREAKING}
        long = {goal_id: length for goal_id, length in long.items() if length >= LANDMARKS[0]}
        if long:
            without = await HindsightRepository(transaction).without(long, [activity.id for activity in logged])
            before = {each.goal.id: _streak(places[each.goal.id].goal, each, now) for each in without}
            reached = [(goal_id, landmark_reached(before[goal_id], length)) for goal_id, length in long.items()]
            goals = {each.goal.id: each.goal for each in settled}
            events.tell_streaks(transaction, [(goals[goal_id], length) for goal_id, length in reached if length])

    def _new_id(self) -> UUID:
        return new_id(self._clock)


def _streak(goal: Goal, loaded: Loaded, now: datetime) -> int:
    return current_streak(Ledger(goal, loaded.entries, goal.today(now, loaded.entries.last_day)))
