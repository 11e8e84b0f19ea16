"""Activities: logging and listing them."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from chassis import idempotency
from chassis.clock import Clock, new_id
from chassis.db import Database, Transaction
from chassis.idempotency import IdempotencyKey
from chassis.identity.principal import Principal
from services.goals import events
from services.goals.domain.activity import Activity, ActivityDraft, ActivityId, ActivityType, Place, record_activity
from services.goals.domain.entries import Entries
from services.goals.domain.insights import Moods
from services.goals.domain.progress import Progress, progress_of
from services.goals.errors import GoalNotFound
from services.goals.repository import ActivityPosition, ActivityRepository, GoalRepository, Loaded


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
        """

        async def work(transaction: Transaction) -> LoggedActivity:
            loaded = await GoalRepository(transaction).find_to_write(goal_id, key)
            if loaded is None:
                raise GoalNotFound
            now = self._clock.now()
            today = loaded.goal.today(now, loaded.entries.last_day)
            place = Place(loaded.goal, today, loaded.care.habit_ids, loaded.entries.milestones)
            activity = record_activity(draft, place, activity_id=ActivityId(new_id(self._clock)), now=now)
            ActivityRepository(transaction).add(activity, loaded.goal.member_id)
            events.tell_logged(transaction, activity, loaded.goal)
            logged = LoggedActivity(activity, _progress_with(activity, loaded, today))
            idempotency.remember(transaction, key, activity.id, outcome=logged)
            return logged

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


def _progress_with(activity: Activity, loaded: Loaded, today: int) -> Progress:
    """How the goal is going once the activity counts."""
    entries: Entries = loaded.entries
    if activity.kind is not None:
        entries = entries.with_entry(activity.local_day, activity.kind, activity.value)
    moods: Moods = loaded.moods
    if activity.mood:
        moods.note(activity.local_day, activity.mood)
    return progress_of(loaded.goal, entries, today, moods=moods)
