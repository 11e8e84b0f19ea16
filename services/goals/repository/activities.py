"""Activities: added one by one, listed newest first."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from uuid import UUID

from chassis.db import Record, Transaction
from chassis.sql import Statement, text_statement
from services.goals.domain.activity import Activity, ActivityId, ActivityType
from services.goals.domain.goal import GoalId, MemberId
from services.goals.errors import MilestoneDone
from services.goals.repository.documents import context_document, read_context

_ACTIVITY = """a.activity_id, a.goal_id, a.type, a.local_date, a.occurred_at, a.timezone, a.completed, a.value, a.note,
    a.mood, a.context, a.created_at, a.updated_at, a.milestone_id, a.habit_id"""
_NEWEST_FIRST = "ORDER BY a.local_date DESC, a.occurred_at DESC, a.activity_id DESC LIMIT :limit"

_GET = text_statement(
    f"SELECT {_ACTIVITY} FROM goals.activities AS a WHERE a.activity_id = :activity_id"  # noqa: S608 - constants
)
_HAS_GOAL = text_statement("SELECT 1 FROM goals.goals WHERE goal_id = :goal_id")
_LATEST_OF_MEMBER = text_statement(
    f"SELECT {_ACTIVITY} FROM goals.activities AS a WHERE a.member_id = :member_id {_NEWEST_FIRST}"  # noqa: S608
)
_INSERT = """INSERT INTO goals.activities (activity_id, goal_id, member_id, type, local_date, occurred_at, timezone,
        completed, value, note, mood, context, created_at, updated_at, milestone_id, habit_id)
    VALUES (:activity_id, :goal_id, :member_id, :type, :local_date, :occurred_at, :timezone, :completed, :value, :note,
        :mood, :context, :created_at, :updated_at, :milestone_id, :habit_id)"""
_UNLESS_DONE = "ON CONFLICT (goal_id, milestone_id) WHERE milestone_id IS NOT NULL DO NOTHING"
_ADD = text_statement(_INSERT)
_ADD_MILESTONE = text_statement(f"{_INSERT} {_UNLESS_DONE}")


def _list_statement(*, is_first: bool) -> Statement:
    after = "" if is_first else "AND (a.local_date, a.occurred_at, a.activity_id) < (:day, :occurred_at, :activity_id)"
    return text_statement(
        f"""SELECT {_ACTIVITY} FROM goals.activities AS a
        WHERE a.goal_id = :goal_id
          AND a.local_date BETWEEN :from_date AND :to_date
          AND (CAST(:type AS text) IS NULL OR a.type = :type) {after}
        {_NEWEST_FIRST}"""  # noqa: S608 - composed of constants
    )


_LISTS: Final = {is_first: _list_statement(is_first=is_first) for is_first in (False, True)}


@dataclass(frozen=True, slots=True)
class ActivityPosition:
    """Where a page ended."""

    day: date
    occurred_at: datetime
    activity_id: UUID


class ActivityRepository:
    """Activities, within one transaction."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    async def find(self, activity_id: UUID) -> Activity | None:
        """The activity, if the principal may see it."""
        row = await self._transaction.fetch_one(_GET, activity_id=activity_id)
        return _activity(row) if row else None

    async def list_of_goal(
        self,
        goal_id: UUID,
        *,
        days: tuple[date, date],
        kind: ActivityType | None,
        after: ActivityPosition | None,
        limit: int,
    ) -> list[Activity] | None:
        """At most `limit` activities from behind `after`, newest first; None when there is no such goal to be seen."""
        position = (
            {}
            if after is None
            else {"day": after.day, "occurred_at": after.occurred_at, "activity_id": after.activity_id}
        )
        rows = await self._transaction.fetch_all(
            _LISTS[after is None],
            goal_id=goal_id,
            from_date=days[0],
            to_date=days[1],
            type=kind,
            limit=limit,
            **position,
        )
        if not rows and await self._transaction.fetch_one(_HAS_GOAL, goal_id=goal_id) is None:
            return None
        return [_activity(row) for row in rows]

    async def latest_of(self, member_id: UUID, *, limit: int) -> list[Activity]:
        """The member's latest activities over all goals, newest first."""
        rows = await self._transaction.fetch_all(_LATEST_OF_MEMBER, member_id=member_id, limit=limit)
        return [_activity(row) for row in rows]

    def add(self, activity: Activity, member_id: MemberId) -> None:
        """Queues a new activity; refused where its milestone was reached meanwhile."""
        is_milestone = activity.milestone_id is not None
        self._transaction.write(
            _ADD_MILESTONE if is_milestone else _ADD,
            expect=1,
            otherwise=MilestoneDone() if is_milestone else None,
            activity_id=activity.id,
            goal_id=activity.goal_id,
            member_id=member_id,
            type=activity.type,
            local_date=date.fromordinal(activity.local_day),
            occurred_at=activity.occur_time,
            timezone=activity.timezone,
            completed=activity.completed,
            value=activity.value,
            note=activity.note,
            mood=activity.mood or None,
            context=context_document(activity.context),
            created_at=activity.create_time,
            updated_at=activity.update_time,
            milestone_id=activity.milestone_id,
            habit_id=activity.habit_id,
        )


def position_of(activity: Activity) -> ActivityPosition:
    """Where a page that ends with this activity ends."""
    return ActivityPosition(date.fromordinal(activity.local_day), activity.occur_time, activity.id)


def _activity(row: Record) -> Activity:
    return Activity(
        ActivityId(row["activity_id"]),
        GoalId(row["goal_id"]),
        ActivityType(row["type"]),
        row["local_date"].toordinal(),
        row["occurred_at"],
        row["timezone"],
        row["completed"],
        row["value"],
        row["note"],
        row["mood"] or 0,
        read_context(row["context"]),
        row["created_at"],
        row["updated_at"],
        row["milestone_id"],
        row["habit_id"],
    )
