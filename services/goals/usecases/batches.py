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
from services.goals.domain.landmarks import has_streak
from services.goals.domain.streak import current_streak
from services.goals.domain.units import Ledger
from services.goals.repository import ActivityRepository, GoalRepository, Loaded
from services.goals.usecases.goals import member_of
from services.goals.usecases.landmarks import Change, tell_landmarks
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
            if place.goal.pattern in COMPLETING or (goal_id in counted and has_streak(place.goal))
        ]
        if not concerned:
            return
        settled = await settle_anew(transaction, concerned, now)
        changes = [_change(places[after.goal.id].goal, after, logged, now) for after in settled]
        await tell_landmarks(transaction, changes, now)

    def _new_id(self) -> UUID:
        return new_id(self._clock)


def _change(before: Goal, after: Loaded, logged: Sequence[Activity], now: datetime) -> Change:
    """A goal before and after what was logged on it."""
    own = [
        (each.local_day, kind, each.value)
        for each in logged
        if each.goal_id == before.id and (kind := each.kind) is not None
    ]
    goal, entries = after.goal, after.entries
    streak = current_streak(Ledger(goal, entries, goal.today(now, entries.last_day))) if has_streak(before) else 0
    return Change(before, entries.without(own), goal, streak, [day for day, _, _ in own])
