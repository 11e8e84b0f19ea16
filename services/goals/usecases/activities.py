"""Activities: logging, correcting, taking back and listing them."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from chassis import idempotency
from chassis.clock import Clock, new_id
from chassis.db import Database, Transaction
from chassis.idempotency import IdempotencyKey
from chassis.identity.principal import Principal
from services.goals import events
from services.goals.domain.activity import (
    Activity,
    ActivityDraft,
    ActivityId,
    ActivityType,
    Place,
    check_takes_corrections,
    correct_activity,
    record_activity,
    superseded_at,
)
from services.goals.domain.goal import Goal, Pattern
from services.goals.domain.progress import Progress, progress_of
from services.goals.domain.streak import current_streak
from services.goals.domain.units import Ledger
from services.goals.errors import ActivityNotFound, GoalNotFound
from services.goals.repository import ActivityPosition, ActivityRepository, GoalRepository, Loaded
from services.goals.usecases.landmarks import Change, tell_landmarks
from services.goals.usecases.settling import COMPLETING, settle_anew


@dataclass(frozen=True, slots=True)
class LoggedActivity:
    """An activity and how the goal is going with it, over the week that holds today."""

    activity: Activity
    progress: Progress


class ActivityUseCases:
    """The verbs of activities."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def log_activity(
        self, principal: Principal, goal_id: UUID, draft: ActivityDraft, *, key: IdempotencyKey | None
    ) -> LoggedActivity:
        """Something done, skipped or noted on a goal.

        Raises:
            GoalNotFound: None, or none that the caller may know of.
            InvalidArgument: A field breaks a rule, or the goal's pattern cannot take it.
            GoalClosed: The goal takes no activities any more.
            MilestoneDone: The milestone was reached before.
        """

        async def work(transaction: Transaction) -> LoggedActivity:
            loaded = await GoalRepository(transaction).find_to_write(goal_id, key)
            if loaded is None:
                raise GoalNotFound
            logged = await self.log_on(transaction, loaded, draft)
            idempotency.remember(transaction, key, logged.activity.id, outcome=logged)
            return logged

        return await self._database.run(principal, work, idempotency=key)

    async def log_on(self, transaction: Transaction, loaded: Loaded, draft: ActivityDraft) -> LoggedActivity:
        """Queues an activity on a goal with all that follows from it, within somebody's transaction.

        Raises:
            InvalidArgument, GoalClosed, MilestoneDone: As for `log_activity`.
        """
        goal = loaded.goal
        place = Place(goal, self._today(loaded), loaded.care.habit_ids, loaded.entries.milestones)
        activity = record_activity(draft, place, activity_id=ActivityId(new_id(self._clock)), now=self._clock.now())
        is_completing = goal.pattern in COMPLETING
        if is_completing:
            await GoalRepository(transaction).lock([goal.id])
        ActivityRepository(transaction).add(activity, goal.member_id)
        events.tell_logged(transaction, activity, goal.member_id)
        after = await self._anew(transaction, goal.id) if is_completing else _with(activity, loaded)
        logged = LoggedActivity(activity, self._progress(after))
        if activity.kind is not None:
            change = Change(goal, loaded.entries, after.goal, _streak(logged.progress), [activity.local_day])
            await tell_landmarks(transaction, [change], self._clock.now())
        return logged

    async def correct_activity(
        self,
        principal: Principal,
        goal_id: UUID,
        activity_id: UUID,
        draft: ActivityDraft,
        *,
        fields: Collection[str],
        key: IdempotencyKey | None,
    ) -> LoggedActivity:
        """Changes `fields` of an activity. A change to what is there already is no change and tells nobody.

        Raises:
            GoalNotFound, ActivityNotFound: None, or none that the caller may know of.
            InvalidArgument: A field breaks a rule, or cannot be corrected.
            GoalClosed: The goal is archived.
        """

        async def work(transaction: Transaction) -> LoggedActivity:
            goal, activity = await _get_to_change(transaction, goal_id, activity_id, key)
            corrected = correct_activity(activity, draft, fields, goal=goal, now=self._clock.now())
            if corrected is not activity:
                ActivityRepository(transaction).correct(corrected)
                events.tell_corrected(transaction, corrected, goal.member_id)
            after = await self._anew(transaction, goal_id)
            if corrected is not activity:
                await self._tell_change(transaction, goal, after, was=activity, now_is=corrected)
            shown = LoggedActivity(corrected, self._progress(after))
            idempotency.remember(transaction, key, corrected.id, outcome=shown)
            return shown

        return await self._database.run(principal, work, idempotency=key)

    async def remove_activity(
        self, principal: Principal, goal_id: UUID, activity_id: UUID, *, key: IdempotencyKey | None
    ) -> Activity:
        """Takes an activity back; what follows from it follows no more.

        Raises:
            GoalNotFound, ActivityNotFound: None, or none that the caller may know of.
            GoalClosed: The goal is archived.
        """

        async def work(transaction: Transaction) -> Activity:
            goal, activity = await _get_to_change(transaction, goal_id, activity_id, key)
            check_takes_corrections(goal)
            ActivityRepository(transaction).remove(activity, at=superseded_at(activity, self._clock.now()))
            events.tell_removed(transaction, activity, goal.member_id)
            if goal.pattern in COMPLETING or goal.pattern is Pattern.LIMIT:
                await self._tell_change(transaction, goal, await self._anew(transaction, goal_id), was=activity)
            idempotency.remember(transaction, key, activity.id, outcome=activity)
            return activity

        return await self._database.run(principal, work, idempotency=key)

    async def list_activities(
        self,
        principal: Principal,
        goal_id: UUID,
        *,
        days: tuple[date, date],
        kind: ActivityType | None,
        after: ActivityPosition | None,
        limit: int,
    ) -> list[Activity]:
        """At most `limit` activities from behind `after`, newest first.

        Raises:
            GoalNotFound: None, or none that the caller may know of.
        """

        async def work(transaction: Transaction) -> list[Activity] | None:
            return await ActivityRepository(transaction).list_of_goal(
                goal_id, days=days, kind=kind, after=after, limit=limit
            )

        found = await self._database.run(principal, work, read_only=True)
        if found is None:
            raise GoalNotFound
        return found

    async def _tell_change(
        self, transaction: Transaction, goal: Goal, after: Loaded, *, was: Activity, now_is: Activity | None = None
    ) -> None:
        """Tells what an entry that was corrected or taken back made of a streak."""
        if was.kind is None:
            return
        present = [now_is] if now_is is not None else []
        entries = after.entries.without(
            [(each.local_day, kind, each.value) for each in present if (kind := each.kind) is not None]
        ).with_entry(was.local_day, was.kind, was.value)
        now = self._clock.now()
        streak = current_streak(Ledger(after.goal, after.entries, self._today(after)))
        await tell_landmarks(transaction, [Change(goal, entries, after.goal, streak, [was.local_day])], now)

    async def _anew(self, transaction: Transaction, goal_id: UUID) -> Loaded:
        """The goal as what is stored now has it."""
        [settled] = await settle_anew(transaction, [goal_id], self._clock.now())
        return settled

    def _progress(self, loaded: Loaded) -> Progress:
        return progress_of(loaded.goal, loaded.entries, self._today(loaded), moods=loaded.moods)

    def _today(self, loaded: Loaded) -> int:
        return loaded.goal.today(self._clock.now(), loaded.entries.last_day)


async def _get_to_change(
    transaction: Transaction, goal_id: UUID, activity_id: UUID, key: IdempotencyKey | None
) -> tuple[Goal, Activity]:
    loaded = await GoalRepository(transaction).lock_to_write(goal_id, key)
    if loaded is None:
        raise GoalNotFound
    activity = await ActivityRepository(transaction).find(goal_id, activity_id)
    if activity is None:
        raise ActivityNotFound
    return loaded.goal, activity


def _streak(progress: Progress) -> int:
    return progress.streak.current.length if progress.streak.current else 0


def _with(activity: Activity, loaded: Loaded) -> Loaded:
    """The goal once the activity counts."""
    if activity.mood:
        loaded.moods.note(activity.local_day, activity.mood)
    if activity.kind is None:
        return loaded
    return replace(loaded, entries=loaded.entries.with_entry(activity.local_day, activity.kind, activity.value))
