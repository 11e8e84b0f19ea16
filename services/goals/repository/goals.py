"""Goals with all that their figures are derived from, in one statement whatever their number."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from chassis import idempotency
from chassis.db import Record, Transaction
from chassis.idempotency import IdempotencyKey
from chassis.sql import text_statement
from services.goals.domain.activity import Place
from services.goals.domain.care import Care, Reminder
from services.goals.domain.days import Calendar
from services.goals.domain.goal import Goal, GoalId, Pattern, Status
from services.goals.errors import GoalQuotaExceeded
from services.goals.repository.documents import milestones_document, phases_document, rules_document
from services.goals.repository.folds import JOINED
from services.goals.repository.loads import (
    AWAY,
    GOAL,
    LOGGED,
    SUMMED,
    Ground,
    KnownRows,
    Loaded,
    care_of,
    folded,
    folding,
    goal_of,
    loaded,
    ranges_of,
    vacations_of,
)
from services.goals.repository.part_documents import (
    habits_document,
    plan_document,
    read_reminders,
    reminders_document,
    subgoals_document,
)

_NOTHING: Final = Care()

_ENTRIES = folding(LOGGED)
_FOLDED = folded(AWAY, "g.goal_id", "g.member_id")

_LOAD = text_statement(
    f"""SELECT {GOAL}, {_FOLDED}
    FROM goals.goals AS g {_ENTRIES}
    WHERE g.goal_id = :goal_id"""  # noqa: S608 - composed of constants
)
_LOAD_ALL = text_statement(
    f"""SELECT {GOAL}, {_FOLDED}
    FROM goals.goals AS g {_ENTRIES}
    WHERE g.goal_id = ANY(CAST(:goal_ids AS uuid[]))"""  # noqa: S608 - composed of constants
)
_LOAD_TO_WRITE = text_statement(
    f"""SELECT {GOAL}, {_FOLDED}, {idempotency.lookup("goals")}
    FROM goals.goals AS g {_ENTRIES}
    WHERE g.goal_id = :goal_id"""  # noqa: S608 - composed of constants
)
# Changes of one goal's parts and corrections of its entries wait for each other. Locked by a statement of its own, so
# that what the next one reads is what the one before left, its idempotency key included.
_LOCK = text_statement(
    """SELECT goal_id FROM goals.goals WHERE goal_id = ANY(CAST(:goal_ids AS uuid[]))
    ORDER BY goal_id FOR NO KEY UPDATE"""
)
_LOAD_BARE = text_statement(
    f"""SELECT {GOAL}, {idempotency.lookup("goals")}
    FROM goals.goals AS g
    WHERE g.goal_id = :goal_id"""  # noqa: S608 - composed of constants
)
# What has to be known to log on many goals at once: no entries, only the latest day and what is reached.
_LOAD_PLACES = text_statement(
    f"""SELECT {GOAL},
        (SELECT a.local_date FROM goals.activities AS a
            WHERE a.goal_id = g.goal_id AND (a.code IS NOT NULL OR a.milestone_id IS NOT NULL)
            ORDER BY a.local_date DESC, a.occurred_at DESC, a.activity_id DESC LIMIT 1) AS latest,
        CASE WHEN g.pattern = 'milestone' THEN ARRAY(
            SELECT a.milestone_id FROM goals.activities AS a
            WHERE a.goal_id = g.goal_id AND a.milestone_id IS NOT NULL
        ) END AS reached
    FROM goals.goals AS g
    WHERE g.goal_id = ANY(CAST(:goal_ids AS uuid[]))"""  # noqa: S608 - composed of constants
)
# The lock makes creations of one member wait for each other, so that the count in `_ADD` is true.
_LOAD_TO_CREATE = text_statement(
    f"""SELECT c.timezone, c.day_start_hour, c.week_start, {vacations_of(AWAY, "c.member_id")},
        (SELECT max(a.local_date) FROM goals.activities AS a WHERE a.member_id = c.member_id) AS latest,
        {idempotency.lookup("goals")}
    FROM goals.member_calendars AS c
    WHERE c.member_id = :member_id FOR UPDATE OF c"""  # noqa: S608 - composed of constants
)
_COUNT_ACTIVE = text_statement("SELECT count(*) FROM goals.goals WHERE member_id = :member_id AND status = 'active'")
_LATEST_DAY = text_statement("SELECT max(local_date) FROM goals.activities WHERE member_id = :member_id")
_ALL_OF_MEMBER = text_statement(
    f"""SELECT {GOAL}, NOT EXISTS (
        SELECT 1 FROM goals.activities AS a
        WHERE a.goal_id = g.goal_id AND (a.code IS NOT NULL OR a.milestone_id IS NOT NULL)
    ) AS is_empty
    FROM goals.goals AS g WHERE g.member_id = :member_id FOR UPDATE OF g"""  # noqa: S608 - composed of constants
)
_ADD = text_statement(
    """INSERT INTO goals.goals (goal_id, member_id, title, description, pattern, status, category, start_date, deadline,
        completed_on, rules, phases, milestones, habits, subgoals, plan, reminders, created_at, updated_at, revision)
    SELECT CAST(:goal_id AS uuid), CAST(:member_id AS uuid), CAST(:title AS text), CAST(:description AS text),
        CAST(:pattern AS text), CAST(:status AS text), CAST(:category AS text), CAST(:start_date AS date),
        CAST(:deadline AS date), CAST(:completed_on AS date), CAST(:rules AS jsonb), CAST(:phases AS jsonb),
        CAST(:milestones AS jsonb), CAST(:habits AS jsonb), CAST(:subgoals AS jsonb), CAST(:plan AS jsonb),
        CAST(:reminders AS jsonb), CAST(:created_at AS timestamptz), CAST(:updated_at AS timestamptz),
        CAST(:revision AS bigint)
    WHERE (SELECT count(*) FROM goals.goals AS g WHERE g.member_id = :member_id AND g.status = 'active')
        < CAST(:quota AS bigint)"""
)
_SAVE = text_statement(
    """UPDATE goals.goals
    SET title = :title, description = :description, status = :status, category = :category, start_date = :start_date,
        deadline = :deadline, completed_on = :completed_on, rules = :rules, phases = :phases,
        milestones = :milestones, updated_at = :updated_at, revision = :revision
    WHERE goal_id = :goal_id AND revision = :revision - 1"""
)
_SAVE_CARE = text_statement(
    """UPDATE goals.goals
    SET habits = :habits, subgoals = :subgoals, plan = :plan, updated_at = :updated_at, revision = :revision
    WHERE goal_id = :goal_id AND revision = :revision - 1"""
)
# Not shown with the goal, so its revision stays.
_SAVE_REMINDERS = text_statement("UPDATE goals.goals SET reminders = :reminders WHERE goal_id = :goal_id")
_IS_THERE = text_statement("SELECT 1 FROM goals.goals WHERE goal_id = :goal_id")
_REMINDERS = text_statement("SELECT reminders FROM goals.goals WHERE goal_id = :goal_id")


class GoalOrder(StrEnum):
    """What a list of goals is sorted by; ties by id, in the same direction.

    No deadline is later than any: goals without one are last, and first in the other direction.
    """

    CREATE_TIME = "create_time"
    UPDATE_TIME = "update_time"
    DEADLINE = "deadline"
    TITLE = "title"


@dataclass(frozen=True, slots=True)
class GoalFilter:
    """Which goals a list shows; None and empty mean all."""

    status: Status | None = None
    pattern: Pattern | None = None
    category: str = ""


@dataclass(frozen=True, slots=True)
class GoalPosition:
    """Where a page ended: the sort key of its last goal."""

    key: datetime | date | str
    goal_id: UUID


# Behind all dates that a deadline can have. Not the last date there is: the driver sends that one as 'infinity'.
_NO_DEADLINE: Final = date(9999, 1, 1)
_SORT_KEYS: Final = {
    GoalOrder.CREATE_TIME: ("g.created_at", "timestamptz"),
    GoalOrder.UPDATE_TIME: ("g.updated_at", "timestamptz"),
    GoalOrder.DEADLINE: (f"coalesce(g.deadline, '{_NO_DEADLINE.isoformat()}'::date)", "date"),
    GoalOrder.TITLE: ("g.title", "text"),
}


def listed(order: GoalOrder, *, descending: bool, is_first: bool) -> str:
    """The SQL of one page of a member's goals, in order, with all that `KnownRows` reads of them."""
    key, kind = _SORT_KEYS[order]
    direction, beyond = ("DESC", "<") if descending else ("ASC", ">")
    after = "" if is_first else f"AND ({key}, g.goal_id) {beyond} (CAST(:key AS {kind}), CAST(:goal_id AS uuid))"
    return f"""SELECT g.*, {SUMMED}, {vacations_of(AWAY, "g.goal_id", "g.member_id")}
        FROM (
            SELECT {GOAL}, {key} AS sort_key
            FROM goals.goals AS g
            WHERE g.member_id = :member_id
              AND (CAST(:status AS text) IS NULL OR g.status = :status)
              AND (CAST(:pattern AS text) IS NULL OR g.pattern = :pattern)
              AND (CAST(:category AS text) IS NULL OR g.category = :category) {after}
            ORDER BY {key} {direction}, g.goal_id {direction}
            LIMIT :limit
        ) AS g {JOINED}
        ORDER BY g.sort_key {direction}, g.goal_id {direction}"""  # noqa: S608 - composed of constants


_LISTS: Final = {
    (order, descending, is_first): text_statement(listed(order, descending=descending, is_first=is_first))
    for order in GoalOrder
    for descending in (False, True)
    for is_first in (False, True)
}


class GoalRepository:
    """Goals, within one transaction."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    async def find(self, goal_id: UUID) -> Loaded | None:
        """The goal, if the principal may see it."""
        row = await self._transaction.fetch_one(_LOAD, goal_id=goal_id)
        return loaded(row) if row else None

    async def find_to_write(self, goal_id: UUID, key: IdempotencyKey | None) -> Loaded | None:
        """The same, for a request that is the first with its key."""
        row = await self._transaction.fetch_one(_LOAD_TO_WRITE, goal_id=goal_id, **idempotency.parameters(key))
        idempotency.recall(row, key)
        return loaded(row) if row else None

    async def lock_to_write(self, goal_id: UUID, key: IdempotencyKey | None) -> Loaded | None:
        """The goal with its parts and without entries, for a request that is the first with its key.

        Nobody else changes it until the end of the transaction.
        """
        await self.lock([goal_id])
        return await self.find_bare(goal_id, key)

    async def find_bare(self, goal_id: UUID, key: IdempotencyKey | None) -> Loaded | None:
        """The goal with its parts and without entries, for a request that is the first with its key."""
        row = await self._transaction.fetch_one(_LOAD_BARE, goal_id=goal_id, **idempotency.parameters(key))
        idempotency.recall(row, key)
        return Loaded.without_entries(goal_of(row), care_of(row), ()) if row else None

    async def lock(self, goal_ids: Collection[UUID]) -> None:
        """Keeps others from changing these goals, their parts and corrected entries until the transaction ends."""
        await self._transaction.fetch_all(_LOCK, goal_ids=list(goal_ids))

    async def find_all(self, goal_ids: Collection[UUID]) -> list[Loaded]:
        """These goals with their entries, as far as the principal may see them."""
        rows = await self._transaction.fetch_all(_LOAD_ALL, goal_ids=list(goal_ids))
        return [loaded(row) for row in rows]

    async def find_places(self, goal_ids: Collection[UUID], now: datetime) -> dict[UUID, Place]:
        """What has to be known to log on these goals; those that the principal may not see are left out."""
        rows = await self._transaction.fetch_all(_LOAD_PLACES, goal_ids=list(goal_ids))
        return {row["goal_id"]: _place(row, now) for row in rows}

    async def list_of(
        self,
        member_id: UUID,
        wanted: GoalFilter,
        *,
        order: GoalOrder,
        descending: bool,
        after: GoalPosition | None,
        limit: int,
        known: KnownRows | None = None,
    ) -> list[Loaded]:
        """At most `limit` goals with their entries, from behind `after`; those of known rows are the known ones."""
        position = {} if after is None else {"key": after.key, "goal_id": after.goal_id}
        rows = await self._transaction.fetch_all(
            _LISTS[order, descending, after is None],
            member_id=member_id,
            status=wanted.status,
            pattern=wanted.pattern,
            category=wanted.category or None,
            limit=limit,
            **position,
        )
        known = known or KnownRows()
        return [known.loaded(row) for row in rows]

    async def prepare_creation(self, member_id: UUID, key: IdempotencyKey | None) -> Ground | None:
        """Locks the member's creations; None while the member's calendar is not known here."""
        row = await self._transaction.fetch_one(_LOAD_TO_CREATE, member_id=member_id, **idempotency.parameters(key))
        if row is None:
            return None
        idempotency.recall(row, key)
        calendar = Calendar(row["timezone"], row["day_start_hour"], row["week_start"])
        return Ground(calendar, ranges_of(row), row["latest"].toordinal() if row["latest"] else 0)

    async def is_there(self, goal_id: UUID) -> bool:
        """There is such a goal, and the principal may see it."""
        return await self._transaction.fetch_one(_IS_THERE, goal_id=goal_id) is not None

    async def reminders_of(self, goal_id: UUID) -> tuple[Reminder, ...] | None:
        """The goal's reminders; None when there is no such goal to be seen."""
        row = await self._transaction.fetch_one(_REMINDERS, goal_id=goal_id)
        return read_reminders(row["reminders"]) if row else None

    async def count_active(self, member_id: UUID) -> int:
        """How many goals are active now; true until the end of the transaction where creations are locked."""
        return int(await self._transaction.fetch_value(_COUNT_ACTIVE, member_id=member_id))

    async def lock_all(self, member_id: UUID) -> Sequence[tuple[Goal, bool]]:
        """All goals of the member, each with whether nothing that counts was logged on it.

        Nobody else changes them until the end of the transaction.
        """
        return [
            (goal_of(row), row["is_empty"])
            for row in await self._transaction.fetch_all(_ALL_OF_MEMBER, member_id=member_id)
        ]

    async def latest_day(self, member_id: UUID) -> int:
        """The latest day that the member logged anything on; 0 where nothing was logged."""
        latest: date | None = await self._transaction.fetch_value(_LATEST_DAY, member_id=member_id)
        return latest.toordinal() if latest else 0

    def add(self, goal: Goal, *, quota: int, care: Care = _NOTHING, reminders: Sequence[Reminder] = ()) -> None:
        """Queues a new goal; refused where the member has `quota` active ones already."""
        self._transaction.write(
            _ADD,
            expect=1,
            otherwise=GoalQuotaExceeded(quota),
            quota=quota,
            member_id=goal.member_id,
            pattern=goal.pattern,
            created_at=goal.create_time,
            reminders=reminders_document(reminders),
            **goal_values(goal, care),
        )

    def save(self, goal: Goal) -> None:
        """Queues a change; if somebody else was first, the whole transaction runs again."""
        self._transaction.write(_SAVE, expect=1, **_changing_values(goal))

    def save_care(self, goal: Goal, care: Care) -> None:
        """Queues a change of the goal's parts, with the goal's new revision."""
        self._transaction.write(
            _SAVE_CARE,
            expect=1,
            goal_id=goal.id,
            updated_at=goal.update_time,
            revision=goal.revision,
            **_care_values(care),
        )

    def save_reminders(self, goal_id: GoalId, reminders: Sequence[Reminder]) -> None:
        """Queues all reminders that there are to be."""
        self._transaction.write(_SAVE_REMINDERS, expect=1, goal_id=goal_id, reminders=reminders_document(reminders))


def position_of(goal: Goal, order: GoalOrder) -> GoalPosition:
    """Where a page that ends with this goal ends."""
    if order is GoalOrder.CREATE_TIME:
        return GoalPosition(goal.create_time, goal.id)
    if order is GoalOrder.UPDATE_TIME:
        return GoalPosition(goal.update_time, goal.id)
    if order is GoalOrder.DEADLINE:
        return GoalPosition(date.fromordinal(goal.deadline) if goal.deadline else _NO_DEADLINE, goal.id)
    return GoalPosition(goal.title, goal.id)


def _place(row: Record, now: datetime) -> Place:
    goal, latest = goal_of(row), row["latest"]
    today = goal.today(now, latest.toordinal() if latest else 0)
    return Place(goal, today, care_of(row).habit_ids, frozenset(row["reached"] or ()))


def goal_values(goal: Goal, care: Care) -> dict[str, Any]:
    """The columns of a goal with its parts, but for those that never change and its reminders."""
    return {**_changing_values(goal), **_care_values(care)}


def _changing_values(goal: Goal) -> dict[str, Any]:
    return {
        "goal_id": goal.id,
        "title": goal.title,
        "description": goal.description,
        "status": goal.status,
        "category": goal.category,
        "start_date": date.fromordinal(goal.start_day),
        "deadline": date.fromordinal(goal.deadline) if goal.deadline else None,
        "completed_on": date.fromordinal(goal.completed_day) if goal.completed_day else None,
        "rules": rules_document(goal.rules),
        "phases": phases_document(goal.phases),
        "milestones": milestones_document(goal.milestones, goal.past_steps),
        "updated_at": goal.update_time,
        "revision": goal.revision,
    }


def _care_values(care: Care) -> dict[str, Any]:
    return {
        "habits": habits_document(care.habits),
        "subgoals": subgoals_document(care.subgoals),
        "plan": plan_document(care.plan),
    }
