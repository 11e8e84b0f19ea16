"""Activities: added, listed newest first, corrected and taken back with a history of what they were."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from chassis.db import Record, Transaction
from chassis.sql import Statement, text_statement
from services.goals.domain.activity import Activity, ActivityId, ActivityType
from services.goals.domain.goal import GoalId, MemberId
from services.goals.errors import MilestoneDone
from services.goals.repository.documents import context_document, read_context
from services.goals.repository.folds import drop_late

ACTIVITY: Final = """a.activity_id, a.goal_id, a.type, a.local_date, a.occurred_at, a.timezone, a.completed, a.value,
    a.note, a.mood, a.context, a.created_at, a.updated_at, a.milestone_id, a.habit_id"""
# A check-in that counts for its habit alone has a type of its own here, so that it has no code.
_HABIT: Final = "habit"
_NEWEST_FIRST = "ORDER BY a.local_date DESC, a.occurred_at DESC, a.activity_id DESC LIMIT :limit"

_GET = text_statement(
    f"SELECT {ACTIVITY} FROM goals.activities AS a WHERE a.activity_id = :activity_id AND a.goal_id = :goal_id"  # noqa: S608
)
_HAS_GOAL = text_statement("SELECT 1 FROM goals.goals WHERE goal_id = :goal_id")
_LATEST_OF_MEMBER = text_statement(
    f"SELECT {ACTIVITY} FROM goals.activities AS a WHERE a.member_id = :member_id {_NEWEST_FIRST}"  # noqa: S608
)
_INSERT = """INSERT INTO goals.activities (activity_id, goal_id, member_id, type, local_date, occurred_at, timezone,
        completed, value, note, mood, context, created_at, updated_at, milestone_id, habit_id)
    VALUES (:activity_id, :goal_id, :member_id, :type, :local_date, :occurred_at, :timezone, :completed, :value, :note,
        :mood, :context, :created_at, :updated_at, :milestone_id, :habit_id)"""
_UNLESS_DONE = "ON CONFLICT (goal_id, milestone_id) WHERE milestone_id IS NOT NULL DO NOTHING"
_ADD = text_statement(_INSERT)
_LAST_WRITTEN = text_statement(
    """SELECT written.goal_id, max(written.at) AS at FROM (
        SELECT a.goal_id, a.updated_at AS at FROM goals.activities AS a
        WHERE a.goal_id = ANY(CAST(:goal_ids AS uuid[])) AND a.code IS NOT NULL
        UNION ALL
        SELECT h.goal_id, h.valid_to FROM goals.activity_history AS h
        WHERE h.goal_id = ANY(CAST(:goal_ids AS uuid[])) AND h.code IS NOT NULL
    ) AS written WHERE written.at < :before GROUP BY written.goal_id"""
)
_ADD_MILESTONE = text_statement(f"{_INSERT} {_UNLESS_DONE}")
_ADD_ALL = text_statement(
    f"""INSERT INTO goals.activities (member_id, activity_id, goal_id, type, local_date, occurred_at, timezone,
        completed, value, note, mood, context, created_at, updated_at, milestone_id, habit_id)
    SELECT CAST(:member_id AS uuid), new.activity_id, new.goal_id, new.type, new.local_date, new.occurred_at,
        new.timezone, new.completed, new.value, new.note, new.mood, new.context, CAST(:written_at AS timestamptz),
        CAST(:written_at AS timestamptz), new.milestone_id, new.habit_id
    FROM unnest(CAST(:activity_id AS uuid[]), CAST(:goal_id AS uuid[]), CAST(:type AS text[]),
        CAST(:local_date AS date[]), CAST(:occurred_at AS timestamptz[]), CAST(:timezone AS text[]),
        CAST(:completed AS boolean[]), CAST(:value AS double precision[]), CAST(:note AS text[]),
        CAST(:mood AS smallint[]), CAST(:context AS jsonb[]),
        CAST(:milestone_id AS uuid[]), CAST(:habit_id AS uuid[])) AS new (activity_id, goal_id, type, local_date,
        occurred_at, timezone, completed, value, note, mood, context, milestone_id, habit_id)
    {_UNLESS_DONE}"""  # noqa: S608 - composed of constants
)
_CORRECT = text_statement(
    """UPDATE goals.activities
    SET completed = :completed, value = :value, note = :note, mood = :mood, context = :context,
        occurred_at = :occurred_at, updated_at = :updated_at
    WHERE activity_id = :activity_id"""
)
_REMOVE = text_statement("DELETE FROM goals.activities WHERE activity_id = :activity_id")
# Written with the change, on the snapshot before it, so that it keeps what the change ends.
_KEEP = text_statement(
    """INSERT INTO goals.activity_history (activity_id, valid_from, valid_to, goal_id, member_id, type, local_date,
        occurred_at, timezone, completed, value, milestone_id, habit_id, note, mood, context, created_at, code)
    SELECT activity_id, updated_at, CAST(:valid_to AS timestamptz), goal_id, member_id, type, local_date, occurred_at,
        timezone, completed, value, milestone_id, habit_id, note, mood, context, created_at, code
    FROM goals.activities WHERE activity_id = :activity_id"""
)


def _list_statement(*, is_first: bool) -> Statement:
    after = "" if is_first else "AND (a.local_date, a.occurred_at, a.activity_id) < (:day, :occurred_at, :activity_id)"
    return text_statement(
        f"""SELECT {ACTIVITY} FROM goals.activities AS a
        WHERE a.goal_id = :goal_id
          AND a.local_date BETWEEN :from_date AND :to_date
          AND (CAST(:type AS text) IS NULL OR a.type = :type OR (:type = 'check_in' AND a.type = 'habit')) {after}
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

    async def find(self, goal_id: UUID, activity_id: UUID) -> Activity | None:
        """The activity on this goal, if the principal may see it."""
        row = await self._transaction.fetch_one(_GET, goal_id=goal_id, activity_id=activity_id)
        return activity_of(row) if row else None

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
        return [activity_of(row) for row in rows]

    async def latest_of(self, member_id: UUID, *, limit: int) -> list[Activity]:
        """The member's latest activities over all goals, newest first."""
        rows = await self._transaction.fetch_all(_LATEST_OF_MEMBER, member_id=member_id, limit=limit)
        return [activity_of(row) for row in rows]

    async def last_written(self, goal_ids: Collection[UUID], *, before: datetime) -> dict[UUID, datetime]:
        """When something that counts was last logged, corrected or taken back; goals without any are left out."""
        rows = await self._transaction.fetch_all(_LAST_WRITTEN, goal_ids=list(goal_ids), before=before)
        return {row["goal_id"]: row["at"] for row in rows}

    def add(self, activity: Activity, member_id: MemberId) -> None:
        """Queues a new activity; refused where its milestone was reached meanwhile."""
        is_milestone = activity.milestone_id is not None
        self._transaction.write(
            _ADD_MILESTONE if is_milestone else _ADD,
            expect=1,
            otherwise=MilestoneDone() if is_milestone else None,
            member_id=member_id,
            **activity_values(activity),
        )
        drop_late(self._transaction, [activity], at=activity.create_time)

    def add_all(self, activities: Sequence[Activity], member_id: MemberId) -> None:
        """Queues new activities of one writing; where a milestone was reached meanwhile, the whole runs again."""
        rows = [activity_values(activity) for activity in activities]
        names = rows[0].keys() - {"created_at", "updated_at"}
        columns: dict[str, Any] = {name: [row[name] for row in rows] for name in names}
        written_at = activities[0].create_time
        self._transaction.write(_ADD_ALL, expect=len(rows), member_id=member_id, written_at=written_at, **columns)
        drop_late(self._transaction, activities, at=written_at)

    def correct(self, activity: Activity) -> None:
        """Queues what was corrected; the version before goes to the history."""
        self._keep(activity.id, until=activity.update_time)
        values = activity_values(activity)
        changing = ("activity_id", "completed", "value", "note", "mood", "context", "occurred_at", "updated_at")
        self._transaction.write(_CORRECT, expect=1, **{name: values[name] for name in changing})
        drop_late(self._transaction, [activity], at=activity.update_time)

    def remove(self, activity: Activity, *, at: datetime) -> None:
        """Queues that the activity is taken back; what it was goes to the history."""
        self._keep(activity.id, until=at)
        self._transaction.write(_REMOVE, expect=1, activity_id=activity.id)
        drop_late(self._transaction, [activity], at=at)

    def _keep(self, activity_id: ActivityId, *, until: datetime) -> None:
        self._transaction.write(_KEEP, expect=1, activity_id=activity_id, valid_to=until)


def position_of(activity: Activity) -> ActivityPosition:
    """Where a page that ends with this activity ends."""
    return ActivityPosition(date.fromordinal(activity.local_day), activity.occur_time, activity.id)


def activity_of(row: Record) -> Activity:
    """The activity in a row of `ACTIVITY`."""
    return Activity(
        ActivityId(row["activity_id"]),
        GoalId(row["goal_id"]),
        ActivityType.CHECK_IN if row["type"] == _HABIT else ActivityType(row["type"]),
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
        counts=row["type"] != _HABIT,
    )


def activity_values(activity: Activity) -> dict[str, Any]:
    """The columns of an activity, but for its owner."""
    return {
        "activity_id": activity.id,
        "goal_id": activity.goal_id,
        "type": activity.type if activity.counts else _HABIT,
        "local_date": date.fromordinal(activity.local_day),
        "occurred_at": activity.occur_time,
        "timezone": activity.timezone,
        "completed": activity.completed,
        "value": activity.value,
        "note": activity.note,
        "mood": activity.mood or None,
        "context": context_document(activity.context),
        "created_at": activity.create_time,
        "updated_at": activity.update_time,
        "milestone_id": activity.milestone_id,
        "habit_id": activity.habit_id,
    }
