"""What an import finds and writes, and what an export reads: sets and pages, never a statement per row."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from chassis.db import Record, Transaction
from chassis.sql import Statement, text_statement
from services.goals.domain.activity import Activity
from services.goals.domain.care import Care, Reminder, Vacation
from services.goals.domain.goal import Goal, GoalId, MemberId
from services.goals.domain.transfer import Arrival, KnownGoal
from services.goals.repository.activities import ACTIVITY, activity_of, activity_values
from services.goals.repository.folds import drop_of
from services.goals.repository.goals import goal_values
from services.goals.repository.loads import GOAL, care_of, goal_of
from services.goals.repository.part_documents import read_reminders, reminders_document
from services.goals.repository.vacations import vacation_of

# A statement may take three seconds; these stay far below on a slow machine.
GOALS_PER_WRITE: Final = 200
ACTIVITIES_PER_WRITE: Final = 2_500
_DOCUMENTS: Final = frozenset({"rules", "phases", "milestones", "habits", "subgoals", "plan", "reminders"})

_KNOWN = text_statement(
    f"""SELECT {GOAL}, g.import_key,
        (SELECT a.local_date FROM goals.activities AS a
            WHERE a.goal_id = g.goal_id AND (a.code IS NOT NULL OR a.milestone_id IS NOT NULL)
            ORDER BY a.local_date DESC, a.occurred_at DESC, a.activity_id DESC LIMIT 1) AS latest,
        ARRAY(
            SELECT a.milestone_id FROM goals.activities AS a
            WHERE a.goal_id = g.goal_id AND a.milestone_id IS NOT NULL
        ) AS reached
    FROM goals.goals AS g
    WHERE g.member_id = :member_id
      AND (g.import_key = ANY(CAST(:keys AS text[])) OR g.goal_id = ANY(CAST(:goal_ids AS uuid[])))
    ORDER BY g.goal_id FOR NO KEY UPDATE OF g"""  # noqa: S608 - composed of constants
)
_WAIT = text_statement("SELECT set_config('idle_in_transaction_session_timeout', :milliseconds, true)")
_KNOWN_KEYS = text_statement(
    """SELECT a.goal_id, a.activity_id, a.import_key FROM goals.activities AS a
    WHERE a.goal_id = ANY(CAST(:goal_ids AS uuid[]))"""
)
_MEMBER_VACATIONS = text_statement(
    """SELECT v.vacation_id, v.goal_id, v.from_date, v.to_date, v.reason, v.created_at
    FROM goals.vacations AS v
    WHERE v.holder_id = ANY(CAST(:holder_ids AS uuid[])) AND v.removed_at IS NULL
    ORDER BY v.holder_id, v.from_date, v.vacation_id"""
)
# Documents come as texts: the driver takes a list of lists for an array of two dimensions.
_ADD_GOALS = text_statement(
    """INSERT INTO goals.goals (member_id, goal_id, title, description, pattern, status, category, start_date, deadline,
        completed_on, rules, phases, milestones, habits, subgoals, plan, reminders, created_at, updated_at, revision,
        import_key)
    SELECT CAST(:member_id AS uuid), goal_id, title, description, pattern, status, category, start_date, deadline,
        completed_on, CAST(rules AS jsonb), CAST(phases AS jsonb), CAST(milestones AS jsonb), CAST(habits AS jsonb),
        CAST(subgoals AS jsonb), CAST(plan AS jsonb), CAST(reminders AS jsonb), created_at, updated_at, revision,
        import_key
    FROM unnest(CAST(:goal_id AS uuid[]), CAST(:title AS text[]), CAST(:description AS text[]),
        CAST(:pattern AS text[]), CAST(:status AS text[]), CAST(:category AS text[]), CAST(:start_date AS date[]),
        CAST(:deadline AS date[]), CAST(:completed_on AS date[]), CAST(:rules AS text[]), CAST(:phases AS text[]),
        CAST(:milestones AS text[]), CAST(:habits AS text[]), CAST(:subgoals AS text[]), CAST(:plan AS text[]),
        CAST(:reminders AS text[]), CAST(:created_at AS timestamptz[]), CAST(:updated_at AS timestamptz[]),
        CAST(:revision AS bigint[]), CAST(:import_key AS text[]))
        AS new (goal_id, title, description, pattern, status, category, start_date, deadline, completed_on, rules,
            phases, milestones, habits, subgoals, plan, reminders, created_at, updated_at, revision, import_key)
    ON CONFLICT DO NOTHING"""
)
_ADD_ACTIVITIES = text_statement(
    """INSERT INTO goals.activities (member_id, activity_id, goal_id, type, local_date, occurred_at, timezone,
        completed, value, note, mood, context, created_at, updated_at, milestone_id, habit_id, import_key)
    SELECT CAST(:member_id AS uuid), new.*
    FROM unnest(CAST(:activity_id AS uuid[]), CAST(:goal_id AS uuid[]), CAST(:type AS text[]),
        CAST(:local_date AS date[]), CAST(:occurred_at AS timestamptz[]), CAST(:timezone AS text[]),
        CAST(:completed AS boolean[]), CAST(:value AS double precision[]), CAST(:note AS text[]),
        CAST(:mood AS smallint[]), CAST(:context AS jsonb[]), CAST(:created_at AS timestamptz[]),
        CAST(:updated_at AS timestamptz[]), CAST(:milestone_id AS uuid[]), CAST(:habit_id AS uuid[]),
        CAST(:import_key AS text[])) AS new
    ON CONFLICT DO NOTHING"""
)
_ADD_VACATIONS = text_statement(
    """INSERT INTO goals.vacations (member_id, vacation_id, goal_id, from_date, to_date, reason, created_at)
    SELECT CAST(:member_id AS uuid), new.*
    FROM unnest(CAST(:vacation_id AS uuid[]), CAST(:goal_id AS uuid[]), CAST(:from_date AS date[]),
        CAST(:to_date AS date[]), CAST(:reason AS text[]), CAST(:created_at AS timestamptz[])) AS new"""
)
_GOALS = text_statement(
    f"""SELECT {GOAL}, g.reminders FROM goals.goals AS g
    WHERE g.member_id = :member_id AND g.goal_id > CAST(:after AS uuid)
    ORDER BY g.goal_id LIMIT :limit"""  # noqa: S608 - composed of constants
)


def _activities_statement(*, is_first: bool) -> Statement:
    after = "" if is_first else "AND (a.local_date, a.occurred_at, a.activity_id) > (:day, :occurred_at, :activity_id)"
    return text_statement(
        f"""SELECT {ACTIVITY} FROM goals.activities AS a
        WHERE a.goal_id = :goal_id {after}
        ORDER BY a.local_date, a.occurred_at, a.activity_id LIMIT :limit"""  # noqa: S608 - composed of constants
    )


_ACTIVITIES: Final = {is_first: _activities_statement(is_first=is_first) for is_first in (False, True)}


@dataclass(frozen=True, slots=True)
class ExportedGoal:
    """A goal with what stands in its row and its vacations."""

    goal: Goal
    care: Care
    reminders: tuple[Reminder, ...]
    vacations: Sequence[Vacation]


class TransferRepository:
    """Imports and exports, within one transaction."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    async def allow_thinking(self, seconds: int) -> None:
        """Lets this transaction wait so long between statements: deciding on a large file takes its time."""
        await self._transaction.fetch_value(_WAIT, milliseconds=str(seconds * 1000))

    async def lock_known(
        self, member_id: MemberId, keys: Mapping[str, str], goal_ids: Mapping[UUID, str], now: datetime
    ) -> dict[str, KnownGoal]:
        """The member's goals that a file names, locked, by the file's own keys.

        Args:
            member_id: Whose goals.
            keys: The file's keys by what they are stored as.
            goal_ids: The file's keys by the ids that they are, for our own exports.
            now: For the member's today.
        """
        rows = await self._transaction.fetch_all(_KNOWN, member_id=member_id, keys=list(keys), goal_ids=list(goal_ids))
        if not rows:
            return {}
        known_keys: dict[UUID, list[str]] = {row["goal_id"]: [] for row in rows}
        for row in await self._transaction.fetch_all(_KNOWN_KEYS, goal_ids=list(known_keys)):
            known_keys[row["goal_id"]] += [str(row["activity_id"]), row["import_key"] or ""]
        return {
            goal_ids.get(row["goal_id"]) or keys[row["import_key"]]: _known(row, known_keys[row["goal_id"]], now)
            for row in rows
        }

    async def vacations_of(self, holder_ids: Sequence[UUID]) -> list[Vacation]:
        """Vacations of goals and members, by holder and day."""
        rows = await self._transaction.fetch_all(_MEMBER_VACATIONS, holder_ids=list(holder_ids))
        return [vacation_of(row) for row in rows]

    async def add_goals(self, arrivals: Sequence[tuple[Arrival, str]], member_id: MemberId) -> None:
        """Writes new goals with the keys that they are stored by."""
        rows = [_goal_row(each, key) for each, key in arrivals]
        await self._add(_ADD_GOALS, rows, member_id, GOALS_PER_WRITE)

    async def add_activities(self, activities: Sequence[tuple[Activity, str]], member_id: MemberId) -> None:
        """Writes activities with the keys that they are stored by."""
        rows = [{**activity_values(each), "import_key": key} for each, key in activities]
        await self._add(_ADD_ACTIVITIES, rows, member_id, ACTIVITIES_PER_WRITE)
        drop_of(self._transaction, {each.goal_id for each, _ in activities})

    async def add_vacations(self, vacations: Sequence[Vacation], member_id: MemberId) -> None:
        """Writes vacations of goals and of the member."""
        rows = [
            {
                "vacation_id": each.id,
                "goal_id": each.goal_id,
                "from_date": date.fromordinal(each.first),
                "to_date": date.fromordinal(each.last),
                "reason": each.reason,
                "created_at": each.create_time,
            }
            for each in vacations
        ]
        await self._add(_ADD_VACATIONS, rows, member_id, ACTIVITIES_PER_WRITE)

    async def list_goals(self, member_id: MemberId, *, after: UUID, limit: int) -> list[ExportedGoal]:
        """At most `limit` goals from behind `after`, by id."""
        rows = await self._transaction.fetch_all(_GOALS, member_id=member_id, after=after, limit=limit)
        vacations: dict[UUID | None, list[Vacation]] = {}
        for each in await self.vacations_of([row["goal_id"] for row in rows]) if rows else []:
            vacations.setdefault(each.goal_id, []).append(each)
        return [
            ExportedGoal(
                goal_of(row), care_of(row), read_reminders(row["reminders"]), vacations.get(row["goal_id"], [])
            )
            for row in rows
        ]

    async def list_activities(self, goal_id: GoalId, *, after: Activity | None, limit: int) -> list[Activity]:
        """At most `limit` activities of a goal from behind `after`, the oldest first."""
        position: dict[str, Any] = {}
        if after is not None:
            day = date.fromordinal(after.local_day)
            position = {"day": day, "occurred_at": after.occur_time, "activity_id": after.id}
        rows = await self._transaction.fetch_all(_ACTIVITIES[after is None], goal_id=goal_id, limit=limit, **position)
        return [activity_of(row) for row in rows]

    async def _add(self, statement: Statement, rows: Sequence[dict[str, Any]], member_id: MemberId, size: int) -> None:
        """Writes rows, so many in a statement; where one is there already, the whole transaction runs again."""
        for first in range(0, len(rows), size):
            some = rows[first : first + size]
            columns: dict[str, Any] = {name: [row[name] for row in some] for name in some[0]}
            self._transaction.write(statement, expect=len(some), member_id=member_id, **columns)
            await self._transaction.flush()


def _goal_row(arrival: Arrival, key: str) -> dict[str, Any]:
    goal = arrival.goal
    row = {**goal_values(goal, arrival.care), "reminders": reminders_document(arrival.reminders)}
    texts = {name: json.dumps(value) for name, value in row.items() if name in _DOCUMENTS and value is not None}
    return {**row, **texts, "pattern": goal.pattern, "created_at": goal.create_time, "import_key": key}


def _known(row: Record, keys: Sequence[str], now: datetime) -> KnownGoal:
    goal, latest = goal_of(row), row["latest"]
    today = goal.today(now, latest.toordinal() if latest else 0)
    return KnownGoal(goal, today, frozenset(row["reached"]), frozenset(keys) - {""})
