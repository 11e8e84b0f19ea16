"""Telling that a streak came to a length worth telling, whatever was logged, corrected or taken back for it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from chassis.db import Transaction
from services.goals import events
from services.goals.domain.entries import Entries
from services.goals.domain.goal import Goal
from services.goals.domain.landmarks import landmark_reached, may_reach, streak_before
from services.goals.repository import ActivityRepository


@dataclass(frozen=True, slots=True)
class Change:
    """A goal on which something was written now.

    Attributes:
        before: The goal as it was.
        entries: Those without what is written now.
        after: The goal as it is.
        streak: Its streak with what is written now.
        days: Those of what is written now; all of it counts.
    """

    before: Goal
    entries: Entries
    after: Goal
    streak: int
    days: Collection[int]

    def today(self, now: datetime) -> int:
        """The member's civil day."""
        return self.after.today(now, max(self.entries.last_day, *self.days))


async def tell_landmarks(transaction: Transaction, changes: Sequence[Change], now: datetime) -> None:
    """Queues `goals.streak_reached` for each goal whose streak came to a landmark since something was last written.

    What is queued is sent where a streak may have come to one, and only there.
    """
    concerned = [each for each in changes if _may_reach(each, now)]
    if not concerned:
        return
    written = await ActivityRepository(transaction).last_written([each.after.id for each in concerned], before=now)
    reached = [(each.after, _reached(each, written.get(each.after.id), now)) for each in concerned]
    events.tell_streaks(transaction, [(goal, length) for goal, length in reached if length is not None])


def _may_reach(change: Change, now: datetime) -> bool:
    return bool(change.days) and may_reach(
        change.after, change.streak, days=change.days, today=change.today(now), since=change.entries.last_day
    )


def _reached(change: Change, written: datetime | None, now: datetime) -> int | None:
    goal = change.before
    then = goal.today(written or goal.create_time, change.entries.last_day)
    return landmark_reached(streak_before(goal, change.entries, then=then, today=change.today(now)), change.streak)
