"""Goals with all that their figures are derived from, in one statement whatever their number."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from chassis import idempotency
from chassis.db import Record, Transaction
from chassis.idempotency import IdempotencyKey
from chassis.sql import Statement, text_statement
from services.goals.domain.days import Calendar
from services.goals.domain.entries import Entries
from services.goals.domain.goal import Goal, GoalId, MemberId, Pattern, Status
from services.goals.domain.insights import Moods
from services.goals.errors import GoalQuotaExceeded
from services.goals.repository.documents import phases_document, read_phases, read_rules, rules_document

# Text of rules and phases, because the cache of read documents is keyed by it.
_GOAL = """g.goal_id, g.member_id, g.title, g.description, g.pattern, g.status, g.category, g.start_date, g.deadline,
    g.completed_on, g.rules::text AS rules, g.phases::text AS phases, g.created_at, g.updated_at, g.revision"""
# Two arrays that keep step (one value per code of progress), and moods in the form of codes.
_ENTRIES = """LEFT JOIN LATERAL (
        SELECT array_agg(a.code) FILTER (WHERE a.code IS NOT NULL) AS codes,
            array_agg(a.value) FILTER (WHERE a.value IS NOT NULL) AS values,
            array_agg((a.local_date - '0001-01-01'::date + 1) * 8 + a.mood) FILTER (WHERE a.mood IS NOT NULL) AS moods
        FROM goals.activities AS a WHERE a.goal_id = g.goal_id
    ) AS e ON true"""

_LOAD = text_statement(
    f"""SELECT {_GOAL}, e.codes, e.values, e.moods
    FROM goals.goals AS g {_ENTRIES}
    WHERE g.goal_id = :goal_id"""  # noqa: S608 - composed of constants
)
_LOAD_TO_WRITE = text_statement(
    f"""SELECT {_GOAL}, e.codes, e.values, e.moods, {idempotency.lookup("goals")}
    FROM goals.goals AS g {_ENTRIES}
    WHERE g.goal_id = :goal_id"""  # noqa: S608 - composed of constants
)
# The lock makes creations of one member wait for each other, so that the count in `_ADD` is true.
_LOAD_TO_CREATE = text_statement(
    f"""SELECT c.timezone, c.day_start_hour, c.week_start, {idempotency.lookup("goals")}
    FROM goals.member_calendars AS c
    WHERE c.member_id = :member_id FOR UPDATE OF c"""  # noqa: S608 - composed of constants
)
_COUNT_ACTIVE = text_statement("SELECT count(*) FROM goals.goals WHERE member_id = :member_id AND status = 'active'")
_LATEST_DAY = text_statement("SELECT max(local_date) FROM goals.activities WHERE member_id = :member_id")
_ALL_OF_MEMBER = text_statement(
    f"""SELECT {_GOAL}, NOT EXISTS (
        SELECT 1 FROM goals.activities AS a WHERE a.goal_id = g.goal_id AND a.code IS NOT NULL
    ) AS is_empty
    FROM goals.goals AS g WHERE g.member_id = :member_id FOR UPDATE OF g"""  # noqa: S608 - composed of constants
)
_ADD = text_statement(
    """INSERT INTO goals.goals (goal_id, member_id, title, description, pattern, status, category, start_date, deadline,
        completed_on, rules, phases, created_at, updated_at, revision)
    SELECT CAST(:goal_id AS uuid), CAST(:member_id AS uuid), CAST(:title AS text), CAST(:description AS text),
        CAST(:pattern AS text), CAST(:status AS text), CAST(:category AS text), CAST(:start_date AS date),
        CAST(:deadline AS date), CAST(:completed_on AS date), CAST(:rules AS jsonb), CAST(:phases AS jsonb),
        CAST(:created_at AS timestamptz), CAST(:updated_at AS timestamptz), CAST(:revision AS bigint)
    WHERE (SELECT count(*) FROM goals.goals AS g WHERE g.member_id = :member_id AND g.status = 'active')
        < CAST(:quota AS bigint)"""
)
_SAVE = text_statement(
    """UPDATE goals.goals
    SET title = :title, description = :description, status = :status, category = :category, start_date = :start_date,
        deadline = :deadline, completed_on = :completed_on, rules = :rules, phases = :phases,
        updated_at = :updated_at, revision = :revision
    WHERE goal_id = :goal_id AND revision = :revision - 1"""
)


class GoalOrder(StrEnum):
    """What a list of goals is sorted by; ties by id, in the same direction. Goals without a deadline are last."""

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


def _list_statement(order: GoalOrder, *, descending: bool, is_first: bool) -> Statement:
    key, kind = _SORT_KEYS[order]
    direction, beyond = ("DESC", "<") if descending else ("ASC", ">")
    after = "" if is_first else f"AND ({key}, g.goal_id) {beyond} (CAST(:key AS {kind}), CAST(:goal_id AS uuid))"
    return text_statement(
        f"""SELECT g.*, e.codes, e.values, e.moods
        FROM (
            SELECT {_GOAL}, {key} AS sort_key
            FROM goals.goals AS g
            WHERE g.member_id = :member_id
              AND (CAST(:status AS text) IS NULL OR g.status = :status)
              AND (CAST(:pattern AS text) IS NULL OR g.pattern = :pattern)
              AND (CAST(:category AS text) IS NULL OR g.category = :category) {after}
            ORDER BY {key} {direction}, g.goal_id {direction}
            LIMIT :limit
        ) AS g {_ENTRIES}
        ORDER BY g.sort_key {direction}, g.goal_id {direction}"""  # noqa: S608 - composed of constants
    )


_LISTS: Final = {
    (order, descending, is_first): _list_statement(order, descending=descending, is_first=is_first)
    for order in GoalOrder
    for descending in (False, True)
    for is_first in (False, True)
}


@dataclass(frozen=True, slots=True)
class Loaded:
    """A goal with what was logged on it."""

    goal: Goal
    entries: Entries
    moods: Moods

    @classmethod
    def without_entries(cls, goal: Goal) -> "Loaded":
        """A goal on which nothing was logged yet."""
        return cls(goal, Entries(), Moods())


class GoalRepository:
    """Goals, within one transaction."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    async def find(self, goal_id: UUID) -> Loaded | None:
        """The goal, if the principal may see it."""
        row = await self._transaction.fetch_one(_LOAD, goal_id=goal_id)
        return _loaded(row) if row else None

    async def find_to_write(self, goal_id: UUID, key: IdempotencyKey | None) -> Loaded | None:
        """The same, for a request that is the first with its key."""
        row = await self._transaction.fetch_one(_LOAD_TO_WRITE, goal_id=goal_id, **idempotency.parameters(key))
        idempotency.recall(row, key)
        return _loaded(row) if row else None

    async def list_of(
        self,
        member_id: UUID,
        wanted: GoalFilter,
        *,
        order: GoalOrder,
        descending: bool,
        after: GoalPosition | None,
        limit: int,
    ) -> list[Loaded]:
        """At most `limit` goals with their entries, from behind `after`."""
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
        return [_loaded(row) for row in rows]

    async def prepare_creation(self, member_id: UUID, key: IdempotencyKey | None) -> Calendar | None:
        """Locks the member's creations; None while the member's calendar is not known here."""
        row = await self._transaction.fetch_one(_LOAD_TO_CREATE, member_id=member_id, **idempotency.parameters(key))
        if row is None:
            return None
        idempotency.recall(row, key)
        return Calendar(row["timezone"], row["day_start_hour"], row["week_start"])

    async def count_active(self, member_id: UUID) -> int:
        """How many goals are active now; true until the end of the transaction where creations are locked."""
        return int(await self._transaction.fetch_value(_COUNT_ACTIVE, member_id=member_id))

    async def lock_all(self, member_id: UUID) -> Sequence[tuple[Goal, bool]]:
        """All goals of the member, each with whether nothing that counts was logged on it.

        Nobody else changes them until the end of the transaction.
        """
        return [
            (_goal(row), row["is_empty"])
            for row in await self._transaction.fetch_all(_ALL_OF_MEMBER, member_id=member_id)
        ]

    async def latest_day(self, member_id: UUID) -> int:
        """The latest day that the member logged anything on; 0 where nothing was logged."""
        latest: date | None = await self._transaction.fetch_value(_LATEST_DAY, member_id=member_id)
        return latest.toordinal() if latest else 0

    def add(self, goal: Goal, *, quota: int) -> None:
        """Queues a new goal; refused where the member has `quota` active ones already."""
        self._transaction.write(
            _ADD,
            expect=1,
            otherwise=GoalQuotaExceeded(quota),
            quota=quota,
            member_id=goal.member_id,
            pattern=goal.pattern,
            created_at=goal.create_time,
            **_changing_values(goal),
        )

    def save(self, goal: Goal) -> None:
        """Queues a change; if somebody else was first, the whole transaction runs again."""
        self._transaction.write(_SAVE, expect=1, **_changing_values(goal))


def position_of(goal: Goal, order: GoalOrder) -> GoalPosition:
    """Where a page that ends with this goal ends."""
    if order is GoalOrder.CREATE_TIME:
        return GoalPosition(goal.create_time, goal.id)
    if order is GoalOrder.UPDATE_TIME:
        return GoalPosition(goal.update_time, goal.id)
    if order is GoalOrder.DEADLINE:
        return GoalPosition(date.fromordinal(goal.deadline) if goal.deadline else _NO_DEADLINE, goal.id)
    return GoalPosition(goal.title, goal.id)


def _loaded(row: Record) -> Loaded:
    moods = Moods()
    for code in row["moods"] or ():
        moods.note(code >> 3, code & 7)
    return Loaded(_goal(row), Entries(row["codes"] or (), row["values"] or ()), moods)


def _goal(row: Record) -> Goal:
    deadline, completed_on = row["deadline"], row["completed_on"]
    return Goal(
        GoalId(row["goal_id"]),
        MemberId(row["member_id"]),
        row["title"],
        row["description"],
        Pattern(row["pattern"]),
        Status(row["status"]),
        row["category"],
        row["start_date"].toordinal(),
        deadline.toordinal() if deadline else None,
        completed_on.toordinal() if completed_on else None,
        read_rules(row["rules"]),
        read_phases(row["phases"]),
        row["created_at"],
        row["updated_at"],
        row["revision"],
    )


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
        "updated_at": goal.update_time,
        "revision": goal.revision,
    }
