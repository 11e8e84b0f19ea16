"""Habits, subgoals and reminders of a goal, by hand."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from typing import TypeVar
from uuid import UUID

from chassis import idempotency
from chassis.clock import Clock, new_id
from chassis.db import Database, Transaction
from chassis.idempotency import IdempotencyKey
from chassis.identity.principal import Principal
from services.goals import events
from services.goals.domain import care as parts
from services.goals.domain.care import Care, Habit, HabitDraft, Reminder, Subgoal, SubgoalDraft
from services.goals.domain.goal import Goal
from services.goals.errors import GoalNotFound
from services.goals.repository import GoalRepository, Loaded

_Shown = TypeVar("_Shown")


class CareUseCases:
    """The verbs of a goal's parts.

    All of them raise `GoalNotFound` where there is no goal that the caller may know of, `GoalClosed` where it is
    completed or archived, `PartNotFound`, `InvalidArgument`, and `TooMany` where there are as many parts as may be.
    """

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def add_habit(
        self, principal: Principal, goal_id: UUID, draft: HabitDraft, *, key: IdempotencyKey | None
    ) -> Habit:
        """One habit more."""
        habit_id = new_id(self._clock)
        return await self._change(
            principal,
            goal_id,
            lambda _, care: parts.add_habit(care, draft, habit_id=habit_id),
            lambda care: care.habit(habit_id),
            key=key,
        )

    async def change_habit(
        self,
        principal: Principal,
        goal_id: UUID,
        habit_id: UUID,
        draft: HabitDraft,
        *,
        fields: Collection[str],
        key: IdempotencyKey | None,
    ) -> Habit:
        """Changes `fields` of a habit."""
        return await self._change(
            principal,
            goal_id,
            lambda _, care: parts.change_habit(care, habit_id, draft, fields),
            lambda care: care.habit(habit_id),
            key=key,
        )

    async def remove_habit(
        self, principal: Principal, goal_id: UUID, habit_id: UUID, *, key: IdempotencyKey | None
    ) -> Care:
        """One habit less; what was logged on it stays."""
        return await self._change(
            principal, goal_id, lambda _, care: parts.remove_habit(care, habit_id), lambda care: care, key=key
        )

    async def add_subgoal(
        self, principal: Principal, goal_id: UUID, draft: SubgoalDraft, *, key: IdempotencyKey | None
    ) -> Subgoal:
        """One subgoal more."""
        subgoal_id = new_id(self._clock)
        return await self._change(
            principal,
            goal_id,
            lambda goal, care: parts.add_subgoal(care, draft, subgoal_id=subgoal_id, goal=goal),
            lambda care: care.subgoal(subgoal_id),
            key=key,
        )

    async def change_subgoal(
        self,
        principal: Principal,
        goal_id: UUID,
        subgoal_id: UUID,
        draft: SubgoalDraft,
        *,
        fields: Collection[str],
        key: IdempotencyKey | None,
    ) -> Subgoal:
        """Changes `fields` of a subgoal."""
        return await self._change(
            principal,
            goal_id,
            lambda goal, care: parts.change_subgoal(care, subgoal_id, draft, fields, goal=goal),
            lambda care: care.subgoal(subgoal_id),
            key=key,
        )

    async def remove_subgoal(
        self, principal: Principal, goal_id: UUID, subgoal_id: UUID, *, key: IdempotencyKey | None
    ) -> Care:
        """One subgoal less."""
        return await self._change(
            principal, goal_id, lambda _, care: parts.remove_subgoal(care, subgoal_id), lambda care: care, key=key
        )

    async def get_reminders(self, principal: Principal, goal_id: UUID) -> Sequence[Reminder]:
        """All reminders of a goal."""

        async def work(transaction: Transaction) -> Sequence[Reminder]:
            found = await GoalRepository(transaction).reminders_of(goal_id)
            if found is None:
                raise GoalNotFound
            return found

        return await self._database.run(principal, work, read_only=True)

    async def set_reminders(
        self, principal: Principal, goal_id: UUID, asked: Sequence[Reminder], *, key: IdempotencyKey | None
    ) -> Sequence[Reminder]:
        """Replaces all reminders of a goal."""

        async def work(transaction: Transaction) -> Sequence[Reminder]:
            loaded = await _lock(transaction, goal_id, key)
            reminders = parts.plan_reminders(asked)
            parts.check_open(loaded.goal)
            GoalRepository(transaction).save_reminders(loaded.goal.id, reminders)
            idempotency.remember(transaction, key, goal_id, outcome=reminders)
            return reminders

        return await self._database.run(principal, work, idempotency=key)

    async def _change(
        self,
        principal: Principal,
        goal_id: UUID,
        change: Callable[[Goal, Care], Care],
        shown: Callable[[Care], _Shown],
        *,
        key: IdempotencyKey | None,
    ) -> _Shown:
        """Takes over what `change` makes of the goal's parts and returns what `shown` picks of them."""

        async def work(transaction: Transaction) -> _Shown:
            loaded = await _lock(transaction, goal_id, key)
            parts.check_open(loaded.goal)
            care = change(loaded.goal, loaded.care)
            if care != loaded.care:
                self._save(transaction, loaded.goal, care)
            outcome = shown(care)
            idempotency.remember(transaction, key, goal_id, outcome=outcome)
            return outcome

        return await self._database.run(principal, work, idempotency=key)

    def _save(self, transaction: Transaction, goal: Goal, care: Care) -> None:
        """Parts are shown with the goal, so its etag changes with them."""
        changed = replace(goal, update_time=self._clock.now(), revision=goal.revision + 1)
        GoalRepository(transaction).save_care(changed, care)
        events.tell_changed(transaction, goal, changed)


async def _lock(transaction: Transaction, goal_id: UUID, key: IdempotencyKey | None) -> Loaded:
    loaded = await GoalRepository(transaction).lock_to_write(goal_id, key)
    if loaded is None:
        raise GoalNotFound
    return loaded
